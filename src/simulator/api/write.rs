//! create, update, patch, delete, deletecollection, eviction.
use super::{
    Answer, Ask, Target, apply, body, parse,
    patch::{PatchKind, patched},
    read,
    selection::Selection,
};
use crate::simulator::{
    admit::{DeleteOptions, Part, Propagation},
    cluster::{Cluster, typed},
    json::{list, set, text},
    refusal::{Cause, Named, Refusal},
    store::Key,
};
use serde_json::{Value, json};

/// A written object as it is handed back.
pub(super) fn answered(cluster: &Cluster, ask: &Ask, target: &Target, code: u16, mut object: Value) -> Result<Answer, Refusal> {
    let resource = cluster.registry.get(target.kind);
    if let Some(formed) = read::formed(cluster, ask, resource, &object)? {
        return Ok(Answer::Json(code, formed));
    }
    typed(resource, &mut object);
    Ok(Answer::Json(code, object))
}

pub(super) fn create(cluster: &mut Cluster, ask: &Ask, target: &Target) -> Result<Answer, Refusal> {
    let resource = cluster.registry.get(target.kind);
    let object = body::object(ask, &cluster.registry, resource, "CreateOptions")?;
    let namespace = target.namespace.as_deref().unwrap_or_default();
    check_namespace(&object, namespace, resource.namespaced)?;
    if !text(&object, "/metadata/resourceVersion").is_empty() {
        return Err(Refusal::new(500, "", "resourceVersion should not be set on objects to be created"));
    }
    cluster.writer = Some(ask.writer("CreateOptions", "")?);
    let object = cluster.create(target.kind, namespace, object, ask.dry()?)?;
    answered(cluster, ask, target, 201, object)
}

/// Checks that a patched object is still the one that was asked for.
pub(super) fn check_place(cluster: &Cluster, target: &Target, object: &Value, name: &str) -> Result<(), Refusal> {
    check_namespace(object, target.namespace.as_deref().unwrap_or_default(), cluster.registry.get(target.kind).namespaced)?;
    match text(object, "/metadata/name") {
        own if own == name => Ok(()),
        "" => Err(Refusal::bad_request(format!("the name of the object ({name} based on URL) was undeterminable: name must be provided"))),
        own => Err(Refusal::bad_request(format!("the name of the object ({own}) does not match the name on the URL ({name})"))),
    }
}

fn check_namespace(object: &Value, namespace: &str, namespaced: bool) -> Result<(), Refusal> {
    let own = text(object, "/metadata/namespace");
    if namespaced && !own.is_empty() && own != namespace {
        return Err(Refusal::bad_request("the namespace of the provided object does not match the namespace sent on the request"));
    }
    Ok(())
}

pub(super) fn replace(cluster: &mut Cluster, ask: &Ask, target: &Target, name: &str) -> Result<Answer, Refusal> {
    let object = body::object(ask, &cluster.registry, cluster.registry.get(target.kind), "UpdateOptions")?;
    check_place(cluster, target, &object, name)?;
    let key = target.key(name);
    let resource = cluster.registry.get(target.kind);
    if resource.custom && text(&object, "/metadata/resourceVersion").is_empty() {
        let named = Named { group: &resource.group, plural: &resource.plural, kind: &resource.plural, name };
        let unsaid = Cause::invalid("metadata.resourceVersion", &0.into(), "must be specified for an update");
        return Err(Refusal::invalid(&named, &[unsaid]));
    }
    if target.part.as_deref() == Some("finalize") {
        return finalize(cluster, ask, target, &key, &object);
    }
    cluster.writer = Some(ask.writer("UpdateOptions", part_name(target))?);
    let object = cluster.update(&key, object, part(target), ask.dry()?)?;
    answered(cluster, ask, target, 200, object)
}

/// The answer to a request for a certificate: nothing but its conditions is written, and one that was given stays.
/// Source: `csrApprovalStrategy` in `pkg/registry/certificates/certificates/strategy.go`, `ValidateCertificateSigningRequestApprovalUpdate`.
pub(super) fn approve(cluster: &mut Cluster, ask: &Ask, target: &Target, name: &str) -> Result<Answer, Refusal> {
    let resource = cluster.registry.get(target.kind);
    let (group, plural, kind) = (resource.group.clone(), resource.plural.clone(), resource.kind.clone());
    let asked = body::object(ask, &cluster.registry, resource, "UpdateOptions")?;
    check_place(cluster, target, &asked, name)?;
    let key = target.key(name);
    let mut object = cluster.fetch(&key)?;
    let of =
        |object: &Value, word: &str| list(object, "/status/conditions").iter().filter(|c| c["type"] == word).cloned().collect::<Vec<_>>();
    for word in ["Approved", "Denied", "Failed"] {
        let (old, new) = (of(&object, word), of(&asked, word));
        if !old.is_empty() && old.iter().map(|c| &c["status"]).ne(new.iter().map(|c| &c["status"])) {
            let named = Named { group: &group, plural: &plural, kind: &kind, name };
            let gone = format!("updates may not remove or change a condition of type {word:?}");
            return Err(Refusal::invalid(&named, &[Cause::forbidden("status.conditions", &gone)]));
        }
    }
    if !of(&asked, "Approved").is_empty() && !of(&asked, "Denied").is_empty() {
        let named = Named { group: &group, plural: &plural, kind: &kind, name };
        let both = Cause::invalid("status.conditions", &json!("Denied"), "Approved and Denied conditions are mutually exclusive");
        return Err(Refusal::invalid(&named, &[both]));
    }
    set(&mut object, "/status/conditions", list(&asked, "/status/conditions").to_vec());
    set(&mut object, "/metadata/resourceVersion", text(&asked, "/metadata/resourceVersion").to_string());
    cluster.writer = Some(ask.writer("UpdateOptions", "approval")?);
    let object = cluster.update(&key, object, Part::Status, ask.dry()?)?;
    answered(cluster, ask, target, 200, object)
}

/// The subresource that a write goes through, as managers name it.
pub(super) fn part_name(target: &Target) -> &'static str {
    ["status", "resize", "finalize"].into_iter().find(|part| target.part.as_deref() == Some(part)).unwrap_or_default()
}

pub(super) fn part(target: &Target) -> Part {
    if target.part.as_deref() == Some("status") { Part::Status } else { Part::Main }
}

/// The one way past a namespace's own finalizer.
fn finalize(cluster: &mut Cluster, ask: &Ask, target: &Target, key: &Key, wanted: &Value) -> Result<Answer, Refusal> {
    let mut object = cluster.fetch(key)?;
    set(&mut object, "/spec/finalizers", list(wanted, "/spec/finalizers").to_vec());
    if !ask.dry()? {
        object = Value::clone(&cluster.store.put(key.clone(), object));
        if list(&object, "/spec/finalizers").is_empty() && object.pointer("/metadata/deletionTimestamp").is_some() {
            cluster.store.remove(key);
        }
    }
    answered(cluster, ask, target, 200, object)
}

pub(super) fn patch(cluster: &mut Cluster, ask: &Ask, target: &Target, name: &str) -> Result<Answer, Refusal> {
    let kind = PatchKind::of(ask, cluster.registry.get(target.kind))?;
    let key = target.key(name);
    if kind == PatchKind::Apply {
        return apply::answer(cluster, ask, target, &key, &parse(&ask.body, "application/yaml")?);
    }
    let patch = kind.read(ask)?;
    cluster.writer = Some(ask.writer("PatchOptions", part_name(target))?);
    if ask.query("force").is_some() {
        let named = Named { group: "meta.k8s.io", plural: "PatchOptions", kind: "PatchOptions", name: "" };
        return Err(Refusal::invalid(&named, &[Cause::forbidden("force", "may not be specified for non-apply patch")]));
    }
    let mut old = cluster.fetch(&key)?;
    typed(cluster.registry.get(key.kind), &mut old);
    let resource = cluster.registry.get(key.kind);
    let new = patched(kind, &old, &patch, resource.shape())?;
    let new = body::patched(ask, resource, &new, (kind == PatchKind::Strategic).then_some(&patch))?;
    check_place(cluster, target, &new, name)?;
    let object = cluster.update(&key, new, part(target), ask.dry()?)?;
    answered(cluster, ask, target, 200, object)
}

/// How something is to be deleted: said in the body, or, without one, in the query. Source: `DeleteResource` in `apiserver/pkg/endpoints/handlers/delete.go`.
fn options(ask: &Ask) -> Result<DeleteOptions, Refusal> {
    if !ask.body.is_empty() {
        let given = body(ask)?;
        let kind = text(&given, "/kind");
        if !matches!(kind, "" | "DeleteOptions") {
            let message = format!(
                "no kind {kind:?} is registered for version {:?} in scheme \"pkg/runtime/scheme.go:111\"",
                text(&given, "/apiVersion")
            );
            return Err(Refusal::bad_request(message));
        }
        return checked(&given);
    }
    let mut given = json!({});
    let flag = |name: &str| ask.query(name).map(|_| Value::from(ask.flag(name)));
    given["propagationPolicy"] = ask.query("propagationPolicy").into();
    given["gracePeriodSeconds"] = ask.number("gracePeriodSeconds")?.into();
    given["orphanDependents"] = flag("orphanDependents").unwrap_or_default();
    given["dryRun"] = ask.query("dryRun").map_or(Value::Null, |word| json!([word]));
    checked(&given)
}

fn checked(given: &Value) -> Result<DeleteOptions, Refusal> {
    let (word, orphan) = (text(given, "/propagationPolicy"), given["orphanDependents"].as_bool());
    let mut causes = Vec::new();
    let propagation = match (word, orphan) {
        ("", None) => None,
        ("", Some(true)) | ("Orphan", None) => Some(Propagation::Orphan),
        ("", Some(false)) | ("Background", None) => Some(Propagation::Background),
        ("Foreground", None) => Some(Propagation::Foreground),
        (other, None) => {
            causes.push(Cause::unsupported("propagationPolicy", &other.into(), &["Foreground", "Background", "Orphan", "nil"]));
            None
        }
        (other, Some(_)) => {
            causes.push(Cause::invalid("propagationPolicy", &other.into(), "orphanDependents and deletionPropagation cannot be both set"));
            None
        }
    };
    let dry = list(given, "/dryRun");
    if dry.iter().any(|word| word != "All") {
        causes.push(Cause::unsupported("dryRun", &given["dryRun"], &["All"]));
    }
    if !causes.is_empty() {
        return Err(Refusal::bad_options("DeleteOptions", &causes));
    }
    let precondition = |field: &str| Some(text(given, &format!("/preconditions/{field}")).to_owned()).filter(|s| !s.is_empty());
    let (uid, version) = (precondition("uid"), precondition("resourceVersion"));
    Ok(DeleteOptions { propagation, grace: given["gracePeriodSeconds"].as_i64(), uid, version, dry: !dry.is_empty() })
}

pub(super) fn delete(cluster: &mut Cluster, ask: &Ask, key: &Key) -> Result<Answer, Refusal> {
    let options = options(ask)?;
    let uid = cluster.store.stored(key).map_or_else(String::new, |s| s.uid.to_string());
    let resource = cluster.registry.get(key.kind);
    let mut details = json!({"name": *key.name, "kind": resource.plural, "uid": uid});
    if !resource.group.is_empty() {
        details["group"] = resource.group.clone().into();
    }
    // A pod that goes at once is the answer all the same. Source: `ReturnDeletedObject` in `pkg/registry/core/pod/storage`.
    let pod = cluster.fetch(key).ok().filter(|_| key.kind == cluster.kinds.pod).map(|mut pod| {
        set(&mut pod, "/metadata/deletionGracePeriodSeconds", 0);
        pod
    });
    Ok(match cluster.delete(key, &options)?.or(pod) {
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
    let options = options(ask)?;
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
    if text(&eviction, "/metadata/name") != &*key.name {
        return Err(Refusal::bad_request("name in URL does not match name in Eviction object"));
    }
    let mut options = checked(&eviction["deleteOptions"])?;
    options.dry |= ask.dry()?;
    cluster.evict(key, &options)?;
    Ok(Answer::Json(201, json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201})))
}
