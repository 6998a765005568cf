//! The state of an object that an approval was given for.
//!
//! The digest is over what people and controllers of *other* objects decide: everything but `status`, `managedFields`,
//! `resourceVersion`, `generation`, and the annotations and taints that a controller writes on its own object.

use crate::terms::path::{Path, Segment};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// The state of an object that an approval was given for; sent along so that the server refuses when it has moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// The object's uid.
    pub uid: String,
    /// Its resourceVersion.
    pub resource_version: String,
    /// SHA-256 over the object without its noise, in hex.
    pub digest: String,
}

/// Annotations that controllers write on their own objects while nobody changes anything.
const CONTROLLER_ANNOTATIONS: &[&str] = &[
    "deployment.kubernetes.io/revision",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deprecated.daemonset.template.generation",
    "autoscaling.alpha.kubernetes.io/conditions",
    "autoscaling.alpha.kubernetes.io/current-metrics",
    "control-plane.alpha.kubernetes.io/leader",
    "pv.kubernetes.io/bind-completed",
    "pv.kubernetes.io/bound-by-controller",
    "volume.kubernetes.io/selected-node",
    "node.alpha.kubernetes.io/ttl",
];

/// Taints that the node's own controllers set and lift as its condition moves.
///
/// Source: <https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions>.
const CONTROLLER_TAINTS: &str = "node.kubernetes.io/";

/// Fields of `metadata` that only the server writes.
pub(super) const SERVER_WRITTEN: &[&str] = &[
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "managedFields",
    "selfLink",
];

impl Pin {
    /// The pin of an object as the server gave it. `None` where it has no uid: it is no stored object.
    pub fn of(object: &Value) -> Option<Pin> {
        Some(Pin {
            uid: object.pointer("/metadata/uid")?.as_str()?.to_string(),
            resource_version: object.pointer("/metadata/resourceVersion")?.as_str()?.to_string(),
            digest: digest(object),
        })
    }
}

/// The object without what moves while nobody changes it.
pub fn without_noise(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(map) = object.as_object_mut() {
        map.remove("status");
    }
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("managedFields");
        metadata.remove("resourceVersion");
        metadata.remove("generation");
        let empty = metadata.get_mut("annotations").and_then(Value::as_object_mut).is_some_and(|annotations| {
            annotations.retain(|key, _| !CONTROLLER_ANNOTATIONS.contains(&key.as_str()));
            annotations.is_empty()
        });
        if empty {
            metadata.remove("annotations");
        }
    }
    if let Some(taints) = object.pointer_mut("/spec/taints").and_then(Value::as_array_mut) {
        taints.retain(|taint| !taint["key"].as_str().is_some_and(|key| key.starts_with(CONTROLLER_TAINTS)));
        if taints.is_empty() {
            object["spec"].as_object_mut().and_then(|spec| spec.remove("taints"));
        }
    }
    object
}

/// Whether a place in an object moves while nobody changes it, or cannot be set by anybody.
pub(super) fn is_noise(path: &Path) -> bool {
    if let [Segment::Field(spec), Segment::Field(taints), Segment::Key { value, .. }, ..] = path.0.as_slice()
        && spec == "spec"
        && taints == "taints"
    {
        return value.starts_with(CONTROLLER_TAINTS);
    }
    let fields: Vec<&str> = path
        .0
        .iter()
        .map_while(|s| match s {
            Segment::Field(name) => Some(name.as_str()),
            Segment::Key { .. } | Segment::Index(_) => None,
        })
        .collect();
    match fields.as_slice() {
        ["status", ..] | ["apiVersion" | "kind"] => true,
        ["metadata", "annotations", key] => CONTROLLER_ANNOTATIONS.contains(key),
        ["metadata", field, ..] => SERVER_WRITTEN.contains(field),
        [..] => false,
    }
}

fn digest(object: &Value) -> String {
    // serde_json keeps maps sorted, so equal objects print equally.
    hex::encode(Sha256::digest(without_noise(object).to_string().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn status_and_versions_do_not_move_the_digest_and_a_field_does() {
        let object =
            json!({"metadata": {"uid": "u", "resourceVersion": "1", "generation": 1}, "spec": {"replicas": 2}, "status": {"replicas": 1}});
        let mut later = object.clone();
        later["status"]["replicas"] = json!(2);
        later["metadata"]["resourceVersion"] = json!("2");
        later["metadata"]["annotations"] = json!({"deployment.kubernetes.io/revision": "1"});
        assert_eq!(Pin::of(&object).unwrap().digest, Pin::of(&later).unwrap().digest);
        later["spec"]["replicas"] = json!(3);
        assert_ne!(Pin::of(&object).unwrap().digest, Pin::of(&later).unwrap().digest);
    }
}
