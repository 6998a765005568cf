//! What the API server fills in where nobody said anything.
//!
//! Plain defaults are rows of `defaults.txt`; the rest (addresses, selectors that hold a uid, what depends on an image's tag) is code.
use super::{
    pods,
    rules::{self, Row, Rules, Step},
};
use crate::simulator::{
    cluster::Cluster,
    json::{default, list, list_mut, map_mut, remove, set, text, yes},
    registry::KindId,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use std::sync::LazyLock;

static TABLE: LazyLock<Rules> = LazyLock::new(|| rules::read(include_str!("defaults.txt")));

/// What the server itself decides about a new state: addresses, ports, selectors, finalizers. Nobody has set these fields. On an update, what it
/// once chose is carried over from `old`.
pub(super) fn choose(cluster: &mut Cluster, kind: KindId, object: &mut Value, old: Option<&Value>) {
    let resource = cluster.registry.get(kind);
    match resource.plural.as_str() {
        _ if resource.custom => {}
        "services" => addresses(cluster, object, old),
        "jobs" if old.is_none() && !yes(object, "/spec/manualSelector") => selector(cluster, object),
        "namespaces" => match old {
            Some(old) => set(object, "/spec/finalizers", old.pointer("/spec/finalizers").cloned().unwrap_or_else(|| json!([]))),
            None if list(object, "/spec/finalizers").iter().any(|f| f == "kubernetes") => {}
            None => list_mut(object, "/spec/finalizers").push("kubernetes".into()),
        },
        "daemonsets" => template_generation(object, old),
        "persistentvolumeclaims" | "persistentvolumes" if old.is_none() => {
            let plural = resource.plural.clone();
            protect(object, &plural);
        }
        "customresourcedefinitions" if old.is_none() => established(cluster, object),
        _ => {}
    }
}

/// Fills in what `object` lacks.
pub(super) fn fill(cluster: &Cluster, kind: KindId, object: &mut Value, old: Option<&Value>) {
    let resource = cluster.registry.get(kind);
    if resource.custom {
        return resource.shape().into_iter().for_each(|shape| super::custom::fill(shape, object));
    }
    let plural = resource.plural.clone();
    let template = super::validate::TEMPLATES.iter().find(|(p, _)| *p == plural).map(|(_, at)| *at);
    if let Some(at) = template.or((plural == "pods").then_some("")) {
        // The old name of the field is only ever a copy of the new one.
        let name = object.pointer(&format!("{at}/spec/serviceAccountName")).filter(|name| *name != "").cloned();
        name.into_iter().for_each(|name| set(object, &format!("{at}/spec/serviceAccount"), name));
    }
    rows(&plural, object);
    match plural.as_str() {
        "jobs" => job(object),
        "replicationcontrollers" => copy_labels(object),
        "pods" => pods::pod(object),
        "namespaces" => namespace(object),
        "secrets" => secret(object),
        "limitranges" => list_mut_if(object, "/spec/limits").for_each(limit),
        "customresourcedefinitions" if old.is_none() => definition(object),
        _ => {}
    }
    if let Some(template) = template {
        object.pointer_mut(template).filter(|t| t.is_object()).into_iter().for_each(pods::template);
    }
}

fn rows(group: &str, object: &mut Value) {
    for row in TABLE.get(group).into_iter().flatten() {
        put(row, &row.path, object);
    }
}

/// Follows a row's path, making maps on the way, and writes its value where nothing is.
fn put(row: &Row, path: &[Step], at: &mut Value) {
    let (name, rest) = match path {
        [] => return row.said.strip_prefix('@').into_iter().for_each(|_| rows(row.said, at)),
        [Step::EachElement, rest @ ..] => return at.as_array_mut().into_iter().flatten().for_each(|element| put(row, rest, element)),
        [Step::EachValue, rest @ ..] => return map_mut(at).values_mut().for_each(|value| put(row, rest, value)),
        [Step::Present(name), rest @ ..] if at.get(name).is_some_and(|v| !v.is_null()) => (*name, rest),
        [Step::Present(_), ..] => return,
        [Step::Field(name), rest @ ..] => (*name, rest),
    };
    let last = !rest.iter().any(|step| matches!(step, Step::Field(_) | Step::Present(_)));
    if last && !row.holds(at) {
        return;
    }
    match rest {
        [] if !row.said.starts_with('@') => {
            let neighbour = row.said.strip_prefix('=');
            let value = match neighbour {
                Some(neighbour) => at[neighbour].clone(),
                None => serde_json::from_str(row.said).unwrap_or_default(),
            };
            // An empty word is nothing said, and so is a 0 where a port is copied.
            let unsaid = |have: &Value| have.is_null() || value.is_string() && *have == "" || neighbour.is_some() && *have == 0;
            if at.get(name).is_none_or(unsaid) {
                map_mut(at).insert(name.to_owned(), value);
            }
        }
        [Step::EachElement | Step::EachValue, ..] if at.get(name).is_none() => {}
        _ => put(row, rest, map_mut(at).entry(name).or_insert_with(|| json!({}))),
    }
}

/// What containers get by a limit that says only part of it. Source: `SetDefaults_LimitRangeItem`.
fn limit(limit: &mut Value) {
    if text(limit, "/type") == "Container" {
        for (from, to) in [("max", "default"), ("default", "defaultRequest"), ("min", "defaultRequest")] {
            for (name, amount) in limit.get(from).and_then(Value::as_object).cloned().into_iter().flatten() {
                map_mut(map_mut(limit).entry(to).or_insert_with(|| json!({}))).entry(name).or_insert(amount);
            }
        }
    }
}

/// An old kind takes its labels and its selector from its template. Source: `SetDefaults_ReplicationController`.
fn copy_labels(object: &mut Value) {
    if let Some(labels) = object.pointer("/spec/template/metadata/labels").cloned() {
        default(object, "/spec/selector", labels.clone());
        default(object, "/metadata/labels", labels);
    }
}

/// Counts the changes of a DaemonSet's template in the annotation the real server still keeps. Source: `pkg/registry/apps/daemonset/strategy.go`.
fn template_generation(object: &mut Value, old: Option<&Value>) {
    const COUNT: &str = "deprecated.daemonset.template.generation";
    let changed = old.is_some_and(|old| old.pointer("/spec/template") != object.pointer("/spec/template"));
    let count = old.and_then(|o| o.pointer("/metadata/annotations")?.get(COUNT)?.as_str()?.parse::<i64>().ok());
    let count = old.map_or(1, |_| count.unwrap_or(0) + i64::from(changed));
    map_mut(map_mut(&mut object["metadata"]).entry("annotations").or_insert_with(|| json!({})))
        .insert(COUNT.to_owned(), count.to_string().into());
}

/// Storage that is used is not taken away. Source: `plugin/pkg/admission/storage/storageobjectinuseprotection`.
fn protect(object: &mut Value, plural: &str) {
    let finalizer = if plural == "persistentvolumes" { "kubernetes.io/pv-protection" } else { "kubernetes.io/pvc-protection" };
    let finalizers = list_mut(object, "/metadata/finalizers");
    if !finalizers.iter().any(|f| f == finalizer) {
        finalizers.push(finalizer.into());
    }
}

fn job(object: &mut Value) {
    if object.pointer("/spec/completions").is_none() && object.pointer("/spec/parallelism").is_none() {
        default(object, "/spec/completions", 1);
    }
    default(object, "/spec/parallelism", 1);
}

fn selector(cluster: &mut Cluster, object: &mut Value) {
    let (uid, name) = (text(object, "/metadata/uid").to_owned(), text(object, "/metadata/name").to_owned());
    let uid = if uid.is_empty() { cluster.entropy.uid() } else { uid };
    default(object, "/spec/selector/matchLabels", json!({}));
    if let Some(Value::Object(chosen)) = object.pointer_mut("/spec/selector/matchLabels") {
        chosen.insert("batch.kubernetes.io/controller-uid".to_owned(), uid.clone().into());
    }
    default(object, "/spec/template/metadata/labels", json!({}));
    let Some(Value::Object(labels)) = object.pointer_mut("/spec/template/metadata/labels") else { return };
    for (key, value) in [("controller-uid", &uid), ("job-name", &name)] {
        labels.insert(format!("batch.kubernetes.io/{key}"), value.clone().into());
        labels.insert(key.to_owned(), value.clone().into());
    }
    let labels = Value::Object(labels.clone());
    default(object, "/metadata/labels", labels);
}

fn addresses(cluster: &mut Cluster, object: &mut Value, old: Option<&Value>) {
    let form = text(object, "/spec/type").to_owned();
    if let Some(old) = old {
        leave_behind(object, old, &form);
    }
    if form == "ExternalName" {
        if let Some(address) = object.pointer("/spec/clusterIP").cloned() {
            default(object, "/spec/clusterIPs", json!([address]));
        }
        return;
    }
    if let Some(old) = old {
        // Whoever changes the one address means the list too.
        if old.pointer("/spec/clusterIP") != object.pointer("/spec/clusterIP")
            && old.pointer("/spec/clusterIPs") == object.pointer("/spec/clusterIPs")
        {
            remove(object, "/spec/clusterIPs");
        }
        for field in ["/spec/clusterIP", "/spec/clusterIPs", "/spec/ipFamilies", "/spec/ipFamilyPolicy"] {
            if let Some(value) = old.pointer(field) {
                default(object, field, value.clone());
            }
        }
    }
    if text(object, "/spec/clusterIP").is_empty() {
        let address = cluster.next_address();
        set(object, "/spec/clusterIP", format!("10.96.{}.{}", (address >> 8) & 255, address & 255));
    }
    let address = text(object, "/spec/clusterIP").to_owned();
    if address == "None" && object.pointer("/spec/selector").is_none() {
        // Whoever serves it is known only to who made it, so it may be reached in both families.
        default(object, "/spec/ipFamilies", json!(["IPv4", "IPv6"]));
        default(object, "/spec/ipFamilyPolicy", "RequireDualStack");
    }
    default(object, "/spec/clusterIPs", json!([address]));
    default(object, "/spec/ipFamilies", json!(["IPv4"]));
    default(object, "/spec/ipFamilyPolicy", "SingleStack");
    let unwanted = object.pointer("/spec/allocateLoadBalancerNodePorts") == Some(&Value::Bool(false));
    if form == "NodePort" || form == "LoadBalancer" && !unwanted {
        let old_ports = old.map(|o| list(o, "/spec/ports").to_vec()).unwrap_or_default();
        let mut next = || 30_000 + (cluster.next_address().wrapping_mul(7919) % 2768);
        for port in list_mut_if(object, "/spec/ports") {
            let kept = old_ports
                .iter()
                .find(|p| p["port"] == port["port"] && p["protocol"] == port["protocol"])
                .and_then(|p| p.get("nodePort").cloned());
            default(port, "/nodePort", kept.unwrap_or_else(|| next().into()));
        }
    }
}

/// Takes away what a Service had for its old type and nobody changed. Source: `dropTypeDependentFields` in `pkg/registry/core/service`.
fn leave_behind(object: &mut Value, old: &Value, form: &str) {
    let was = text(old, "/spec/type");
    let external = |form: &str| matches!(form, "NodePort" | "LoadBalancer");
    let mut gone: Vec<&str> = Vec::new();
    if form == "ExternalName" && was != form {
        gone.extend(["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"]);
    }
    if external(was) && !external(form) {
        gone.push("externalTrafficPolicy");
        for (port, old) in list_mut_if(object, "/spec/ports").zip(list(old, "/spec/ports")) {
            if port["nodePort"] == old["nodePort"] {
                map_mut(port).remove("nodePort");
            }
        }
    }
    if was == "LoadBalancer" && form != was {
        gone.extend(["allocateLoadBalancerNodePorts", "loadBalancerClass"]);
    }
    for field in gone {
        let place = format!("/spec/{field}");
        if object.pointer(&place) == old.pointer(&place) {
            remove(object, &place);
        }
    }
}

/// The elements of a list, if there is one.
fn list_mut_if<'a>(object: &'a mut Value, pointer: &str) -> impl Iterator<Item = &'a mut Value> {
    object.pointer_mut(pointer).and_then(Value::as_array_mut).into_iter().flatten()
}

fn namespace(object: &mut Value) {
    let name = text(object, "/metadata/name").to_owned();
    default(object, "/metadata/labels", json!({}));
    map_mut(&mut object["metadata"]["labels"]).insert("kubernetes.io/metadata.name".to_owned(), name.into());
}

fn secret(object: &mut Value) {
    // stringData is write-only: it ends in data.
    if let Some(Value::Object(plain)) = remove(object, "/stringData") {
        for (key, value) in plain {
            default(object, "/data", json!({}));
            map_mut(&mut object["data"]).insert(key, BASE64_STANDARD.encode(value.as_str().unwrap_or_default()).into());
        }
    }
}

fn definition(object: &mut Value) {
    let kind = text(object, "/spec/names/kind").to_owned();
    default(object, "/spec/names/singular", kind.to_ascii_lowercase());
    default(object, "/spec/names/listKind", format!("{kind}List"));
    default(object, "/spec/conversion/strategy", "None");
}

fn established(cluster: &Cluster, object: &mut Value) {
    let names = object.pointer("/spec/names").cloned().unwrap_or_default();
    set(object, "/status/acceptedNames", names);
    let stored: Vec<Value> = list(object, "/spec/versions").iter().filter(|v| yes(v, "/storage")).map(|v| v["name"].clone()).collect();
    set(object, "/status/storedVersions", stored);
    let condition = |kind: &str, reason: &str, message: &str| json!({"type": kind, "status": "True", "lastTransitionTime": cluster.stamp(), "reason": reason, "message": message});
    let conditions = [
        condition("NamesAccepted", "NoConflicts", "no conflicts found"),
        condition("Established", "InitialNamesAccepted", "the initial names have been accepted"),
    ];
    list_mut(object, "/status/conditions").extend(conditions);
}
