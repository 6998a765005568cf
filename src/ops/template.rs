//! Where the pods' own spec stands inside each kind.

use super::{CannotDo, Kind, Target};
use serde_json::{Map, Value, json};

/// The fields that lead to the pod spec: `spec.template.spec` for workloads.
///
/// Source: `UpdatePodSpecForObject` in `kubectl/pkg/polymorphichelpers/updatepodspec.go`.
pub(super) fn path(kind: Kind) -> Option<&'static [&'static str]> {
    if kind.is("pods", "") {
        Some(&["spec"])
    } else if kind.is("cronjobs", "batch") {
        Some(&["spec", "jobTemplate", "spec", "template", "spec"])
    } else if kind.rolls_out() || kind.is("replicasets", "apps") || kind.is("jobs", "batch") || kind.is("replicationcontrollers", "") {
        Some(&["spec", "template", "spec"])
    } else {
        None
    }
}

/// The pod spec inside an object.
pub(super) fn pod_spec(kind: Kind, object: &Value) -> Option<&Value> {
    path(kind)?.iter().try_fold(object, |at, field| at.get(field))
}

/// A patch that puts `inner` at those fields.
pub(super) fn wrap(path: &[&str], inner: Value) -> Value {
    path.iter().rev().fold(inner, |inner, field| Value::Object(Map::from_iter([((*field).to_string(), inner)])))
}

/// The names and images of one list of containers.
pub(super) fn containers<'a>(pod_spec: &'a Value, list: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let containers = pod_spec.get(list).and_then(Value::as_array);
    containers.into_iter().flatten().filter_map(|c| Some((c["name"].as_str()?, c["image"].as_str().unwrap_or_default())))
}

/// The pod template of a workload without the label its controller puts on.
pub(super) fn without_hash(template: &Value) -> Value {
    let mut template = template.clone();
    if let Some(labels) = template.pointer_mut("/metadata/labels").and_then(Value::as_object_mut) {
        labels.remove("pod-template-hash");
    }
    template
}

/// The kind must be one whose rollouts kubectl knows.
///
/// # Errors
/// [`CannotDo`] naming the object and the verb.
pub(super) fn must_roll_out(target: &Target, verb: &str) -> Result<(), CannotDo> {
    if target.kind().rolls_out() {
        return Ok(());
    }
    Err(CannotDo::new(
        format!("kubectl {verb} is for deployments, statefulsets and daemonsets, and {} is none", target.slashed()),
        "name the workload that owns it",
    ))
}

/// A deployment's own history annotation.
pub(super) const REVISION: &str = "deployment.kubernetes.io/revision";

/// The revision a Deployment or ReplicaSet says it is.
pub(super) fn revision(object: &Value) -> Option<u64> {
    object.get("metadata")?.get("annotations")?.get(REVISION)?.as_str()?.parse().ok()
}

/// An annotation for a template, as a merge patch.
pub(super) fn annotate(key: &str, value: &str) -> Value {
    json!({"spec": {"template": {"metadata": {"annotations": {key: value}}}}})
}
