//! create, update, patch, delete, deletecollection, eviction.
use super::{
    Answer, Ask, Target, apply, body, parse,
    patch::{PatchKind, patched},
    selection::Selection,
};
use crate::simulator::{
    admit::{DeleteOptions, Part, Propagation},
    cluster::{Cluster, typed},
    json::{list, remove, set, text},
    refusal::Refusal,
    store::Key,
};
use crate::terms::schema::Table;
use serde_json::{Value, json};

/// A written object as it is handed back.
fn answered(cluster: &Cluster, target: &Target, code: u16, mut object: Value) -> Answer {
    typed(cluster.registry.get(target.kind), &mut object);
    Answer::Json(code, object)
}

pub(super) fn create(cluster: &mut Cluster, ask: &Ask, target: &Target) -> Result<Answer, Refusal> {
    let object = body(ask)?;
    let resource = cluster.registry.get(target.kind);
    let expected = resource.api_version();
    let (given, kind) = (text(&object, "/apiVersion"), text(&object, "/kind"));
    if !given.is_empty() && (given != expected || kind != resource.kind) {
        let message = if kind == resource.kind {
            format!("the API version in the data ({given}) does not match the expected API version ({expected})")
        } else {
            format!(
                "{kind} in version {given:?} cannot be handled as a {}: converting ({given}.{kind}) to ({expected}.{}): unknown conversion",
                resource.kind, resource.kind
            )
        };
        return Err(Refusal::bad_request(message));
    }
    if !object.is_object() {
        return Err(Refusal::bad_request("couldn't get version/kind; json parse error: the body is not an object"));
    }
    let namespace = target.namespace.as_deref().unwrap_or_default();
    check_namespace(&object, namespace, resource.namespaced)?;
    let object = cluster.create(target.kind, namespace, object, ask.dry()?)?;
    Ok(answered(cluster, target, 201, object))
}

fn check_namespace(object: &Value, namespace: &str, namespaced: bool) -> Result<(), Refusal> {
    let own = text(object, "/metadata/namespace");
    if namespaced && !own.is_empty() && own != namespace {
        return Err(Refusal::bad_request("the namespace of the provided object does not match the namespace sent on the request"));
    }
    Ok(())
}

pub(super) fn replace(cluster: &mut Cluster, ask: &Ask, target: &Target, name: &str) -> Result<Answer, Refusal> {
    let object = body(ask)?;
    let own = text(&object, "/metadata/name");
    if own != name {
        return Err(Refusal::bad_request(format!("the name of the object ({own}) does not match the name on the URL ({name})")));
    }
    check_namespace(&object, target.namespace.as_deref().unwrap_or_default(), cluster.registry.get(target.kind).namespaced)?;
    let key = target.key(name);
    if target.part.as_deref() == Some("finalize") {
        return finalize(cluster, ask, target, &key, &object);
    }
    let object = cluster.update(&key, object, part(target), ask.dry()?)?;
    Ok(answered(cluster, target, 200, object))
}

fn part(target: &Target) -> Part {
    if target.part.as_deref() == Some("status") { Part::Status } else { Part::Main }
}

/// The one way past a namespace's own finalizer.
fn finalize(cluster: &mut Cluster, ask: &Ask, target: &Target, key: &Key, wanted: &Value) -> Result<Answer, Refusal> {
    let mut object = cluster.fetch(key)?;
    set(&mut object, "/spec/finalizers", list(wanted, "/spec/finalizers").to_vec());
    if !ask.dry()? {
        object = cluster.store.put(key.clone(), object);
        if list(&object, "/spec/finalizers").is_empty() && object.pointer("/metadata/deletionTimestamp").is_some() {
            cluster.store.remove(key);
        }
    }
    Ok(answered(cluster, target, 200, object))
}

pub(super) fn patch(cluster: &mut Cluster, ask: &Ask, target: &Target, name: &str) -> Result<Answer, Refusal> {
    let kind = PatchKind::of(ask, cluster.registry.get(target.kind))?;
    let patch = parse(&ask.body, if kind == PatchKind::Apply { "application/yaml" } else { "application/json" })?;
    let key = target.key(name);
    if kind == PatchKind::Apply {
        return applied(cluster, ask, target, &key, &patch);
    }
    let mut old = cluster.fetch(&key)?;
    typed(cluster.registry.get(key.kind), &mut old);
    let resource = cluster.registry.get(key.kind);
    let shape = Table::kubernetes().kind(&resource.group, &resource.version, &resource.kind);
    let new = patched(kind, &old, &patch, shape)?;
    if text(&new, "/metadata/name") != name {
        return Err(Refusal::bad_request(format!(
            "the name of the object ({}) does not match the name on the URL ({name})",
            text(&new, "/metadata/name")
        )));
    }
    let object = cluster.update(&key, new, part(target), ask.dry()?)?;
    Ok(answered(cluster, target, 200, object))
}

fn applied(cluster: &mut Cluster, ask: &Ask, target: &Target, key: &Key, config: &Value) -> Result<Answer, Refusal> {
    let manager = ask.query("fieldManager");
    apply::check(config, manager)?;
    let manager = manager.unwrap_or_default();
    let version = cluster.registry.get(key.kind).api_version();
    let now = cluster.stamp();
    let dry = ask.dry()?;
    let wanted_version = text(config, "/metadata/resourceVersion").to_owned();
    if let Ok(mut object) = cluster.fetch(key) {
        apply::lay(&mut object, config, manager, &version, &now);
        if !wanted_version.is_empty() {
            set(&mut object, "/metadata/resourceVersion", wanted_version);
        }
        keep_time_if_unchanged(cluster, key, &mut object, manager);
        let object = cluster.update(key, object, part(target), dry)?;
        return Ok(answered(cluster, target, 200, object));
    }
    if !wanted_version.is_empty() {
        return Err(Refusal::not_found(&cluster.named(key)));
    }
    let mut object = json!({"metadata": {"name": *key.name}});
    apply::lay(&mut object, config, manager, &version, &now);
    let namespace = target.namespace.as_deref().unwrap_or_default();
    let object = cluster.create(key.kind, namespace, object, dry)?;
    Ok(answered(cluster, target, 201, object))
}

/// Applying what is there already writes nothing, so the time of the last apply stays too.
fn keep_time_if_unchanged(cluster: &Cluster, key: &Key, object: &mut Value, manager: &str) {
    let Ok(old) = cluster.fetch(key) else { return };
    let mine = |m: &&Value| m["manager"] == manager && m["operation"] == "Apply";
    let time = list(&old, "/metadata/managedFields").iter().find(mine).map(|m| m["time"].clone());
    let mut bare = (old, object.clone());
    let fields = |v: &Value| list(v, "/metadata/managedFields").iter().find(mine).map(|m| m["fieldsV1"].clone());
    let same_fields = fields(&bare.0) == fields(&bare.1);
    remove(&mut bare.0, "/metadata/managedFields");
    remove(&mut bare.1, "/metadata/managedFields");
    if let (Some(time), true, true) = (time, same_fields, bare.0 == bare.1)
        && let Some(entry) = crate::simulator::json::list_mut(object, "/metadata/managedFields")
            .iter_mut()
            .find(|m| m["manager"] == manager && m["operation"] == "Apply")
    {
        entry["time"] = time;
    }
}

fn options(ask: &Ask, given: &Value) -> Result<DeleteOptions, Refusal> {
    let word = ask.query("propagationPolicy").unwrap_or_else(|| text(given, "/propagationPolicy"));
    let propagation = match word {
        "" => None,
        "Background" => Some(Propagation::Background),
        "Foreground" => Some(Propagation::Foreground),
        "Orphan" => Some(Propagation::Orphan),
        other => {
            let message = format!(
                "DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Unsupported value: {other:?}: supported values: \"Background\", \"Foreground\", \"Orphan\", \"nil\""
            );
            return Err(Refusal::new(422, "Invalid", message));
        }
    };
    let precondition = |field: &str| Some(text(given, &format!("/preconditions/{field}")).to_owned()).filter(|s| !s.is_empty());
    let grace = ask.number("gracePeriodSeconds")?.or_else(|| given["gracePeriodSeconds"].as_i64());
    let dry = ask.dry()? || list(given, "/dryRun").iter().any(|d| d == "All");
    Ok(DeleteOptions { propagation, grace, uid: precondition("uid"), version: precondition("resourceVersion"), dry })
}

fn given_options(ask: &Ask) -> Result<Value, Refusal> {
    if ask.body.is_empty() { Ok(Value::Null) } else { body(ask) }
}

pub(super) fn delete(cluster: &mut Cluster, ask: &Ask, key: &Key) -> Result<Answer, Refusal> {
    let options = options(ask, &given_options(ask)?)?;
    let uid = cluster.store.stored(key).map_or_else(String::new, |s| s.uid.to_string());
    let resource = cluster.registry.get(key.kind);
    let mut details = json!({"name": *key.name, "kind": resource.plural, "uid": uid});
    if !resource.group.is_empty() {
        details["group"] = resource.group.clone().into();
    }
    Ok(match cluster.delete(key, &options)? {
        Some(mut object) => {
            typed(cluster.registry.get(key.kind), &mut object);
            Answer::Json(200, object)
        }
        None => Answer::Json(200, json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details})),
    })
}

pub(super) fn delete_many(cluster: &mut Cluster, ask: &Ask, target: &Target) -> Result<Answer, Refusal> {
    let resource = cluster.registry.get(target.kind);
    if !resource.verbs.contains(&"deletecollection") || resource.namespaced && target.namespace.is_none() {
        return Err(Refusal::method_not_allowed());
    }
    let options = options(ask, &given_options(ask)?)?;
    let selection = Selection::of(cluster, ask, target)?;
    let keys: Vec<Key> = cluster
        .store
        .of_kind(target.kind, target.namespace.as_deref())
        .filter(|(k, s)| selection.holds(k, s))
        .map(|(k, _)| k.clone())
        .collect();
    let mut items = Vec::new();
    for key in keys {
        let before = cluster.fetch(&key).ok();
        let after = cluster.delete(&key, &options)?;
        items.extend(after.or(before));
    }
    let resource = cluster.registry.get(target.kind);
    let meta = json!({"resourceVersion": cluster.store.version().to_string()});
    Ok(Answer::Json(
        200,
        json!({"kind": format!("{}List", resource.kind), "apiVersion": resource.api_version(), "metadata": meta, "items": items}),
    ))
}

pub(super) fn evict(cluster: &mut Cluster, ask: &Ask, key: &Key) -> Result<Answer, Refusal> {
    let eviction = body(ask)?;
    let mut options = options(ask, &eviction["deleteOptions"])?;
    options.dry |= ask.dry()?;
    cluster.evict(key, &options)?;
    Ok(Answer::Json(201, json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201})))
}
