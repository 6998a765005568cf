//! Pods and their containers in short.

use super::*;
use serde_json::json;

/// The top owner as far as a pod's own fields tell: kind (as kubectl's word) and name. A ReplicaSet made by a Deployment
/// bears its name and the template's hash.
pub fn owner(pod: &Value) -> (String, String) {
    let owners = items(pod, "metadata.ownerReferences");
    let Some(owner) = owners.iter().find(|o| yes(o, "controller")).or_else(|| owners.first()) else {
        return ("pod".into(), text(pod, "metadata.name").into());
    };
    let (kind, name) = (text(owner, "kind"), text(owner, "name"));
    let labels = at(pod, "metadata.labels");
    let hash = labels.get("pod-template-hash").and_then(Value::as_str).unwrap_or_default();
    match name.strip_suffix(hash).and_then(|n| n.strip_suffix('-')) {
        Some(deployment) if kind == "ReplicaSet" && !hash.is_empty() => ("deployment".into(), deployment.into()),
        Some(_) | None => (kind.to_lowercase(), name.into()),
    }
}

/// Whether it has ended well, or is about to go.
pub fn over(pod: &Value) -> bool {
    text(pod, "status.phase") == "Succeeded" || going(pod)
}

/// Whether it is being deleted.
pub fn going(pod: &Value) -> bool {
    !at(pod, "metadata.deletionTimestamp").is_null()
}

/// Whether its Ready condition holds.
pub fn ready(pod: &Value) -> bool {
    text(condition(pod, "Ready"), "status") == "True"
}

/// One container: its spec, its status, whether it is an init container that has to end before the others start.
pub struct Container<'a> {
    /// From the pod's spec; null where it is not there.
    pub spec: &'a Value,
    /// From its status.
    pub status: &'a Value,
    /// An init container that is no sidecar.
    pub init: bool,
}

/// The containers that have a status, init containers first.
pub fn containers(pod: &Value) -> Vec<Container<'_>> {
    let of = |statuses: &str, specs: &str, init: bool| {
        let specs = items(pod, specs);
        let each = items(pod, statuses).iter().map(move |status| {
            let spec = specs.iter().find(|s| text(s, "name") == text(status, "name")).unwrap_or(&NULL);
            Container { spec, status, init: init && text(spec, "restartPolicy") != "Always" }
        });
        each.collect::<Vec<_>>()
    };
    let mut all = of("status.initContainerStatuses", "spec.initContainers", true);
    all.extend(of("status.containerStatuses", "spec.containers", false));
    all
}

/// What every view of a pod begins with.
pub fn head(pod: &Value) -> serde_json::Map<String, Value> {
    let (kind, workload) = owner(pod);
    let head = json!({
        "pod": text(pod, "metadata.name"), "namespace": text(pod, "metadata.namespace"),
        "kind": kind, "workload": workload, "node": text(pod, "spec.nodeName"),
    });
    match head {
        Value::Object(map) => map,
        _ => serde_json::Map::new(),
    }
}

/// A view: its head and more fields.
pub fn view(pod: &Value, more: Value) -> Value {
    let mut map = head(pod);
    if let Value::Object(more) = more {
        map.extend(more);
    }
    Value::Object(map)
}

/// Pods in short.
pub fn table(pods: &Value) -> Value {
    let row = |pod: &Value| {
        let statuses = items(pod, "status.containerStatuses");
        view(
            pod,
            json!({
                "ready": ready(pod), "phase": text(pod, "status.phase"), "going": going(pod),
                "ready_containers": statuses.iter().filter(|s| yes(s, "ready")).count(),
                "containers": items(pod, "spec.containers").len().max(statuses.len()),
                "labels": at(pod, "metadata.labels"),
            }),
        )
    };
    Value::Array(all(pods).iter().map(row).collect())
}
