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

/// The two lists in which a container can stand, in the order in which kubectl goes through them.
pub(super) const LISTS: [&str; 2] = ["containers", "initContainers"];

/// The containers whose name fits a pattern (`*` stands for any letters; none means all), each with the list it stands in.
///
/// # Errors
/// [`CannotDo`] where the object has no pod template, or no container fits.
pub(super) fn chosen<'a>(
    target: &Target,
    object: &'a Value,
    pattern: Option<&str>,
) -> Result<Vec<(&'static str, &'a str, &'a Value)>, CannotDo> {
    let slashed = target.slashed();
    let spec = pod_spec(target.kind(), object)
        .ok_or_else(|| CannotDo::new(format!("{slashed} has no pod template, so it has no containers"), "name a workload or a pod"))?;
    let mut known = Vec::new();
    let mut chosen = Vec::new();
    for list in LISTS {
        for container in spec.get(list).and_then(Value::as_array).into_iter().flatten() {
            let Some(name) = container["name"].as_str() else { continue };
            known.push(name);
            if pattern.is_none_or(|pattern| fits(name, pattern)) {
                chosen.push((list, name, container));
            }
        }
    }
    match (chosen.is_empty(), pattern) {
        (false, _) => Ok(chosen),
        (true, Some(pattern)) => {
            Err(CannotDo::new(format!("{slashed} has no container {pattern:?}"), format!("it has: {}", known.join(", "))))
        }
        (true, None) => Err(CannotDo::new(format!("{slashed} has no container"), "")),
    }
}

fn fits(name: &str, pattern: &str) -> bool {
    match pattern.split_once('*') {
        None => name == pattern,
        Some((before, rest)) => name
            .strip_prefix(before)
            .is_some_and(|name| rest.is_empty() || name.char_indices().map(|(at, _)| &name[at..]).chain([""]).any(|left| fits(left, rest))),
    }
}

/// A strategic patch that sets fields of containers.
pub(super) fn patch_containers(target: &Target, fields: Vec<(&'static str, Value)>) -> super::Call {
    let mut lists = Map::new();
    for (list, container) in fields {
        if let Some(list) = lists.entry(list).or_insert_with(|| json!([])).as_array_mut() {
            list.push(container);
        }
    }
    let path = path(target.kind()).unwrap_or_default();
    super::Call::patch(target, super::PatchKind::Strategic, wrap(path, Value::Object(lists)))
}

/// What has to hold after a change of the template: the rollout, where the kind has one.
pub(super) fn settled(target: &Target) -> super::Wait {
    if target.kind().rolls_out() { super::Wait::RolledOut(target.clone()) } else { super::Wait::Nothing }
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
