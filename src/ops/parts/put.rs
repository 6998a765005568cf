//! Parts into a pod spec: of something new, or as a patch of something that is there.

use super::{Bound, Guard, Part, place::push};
use crate::ops::{Kind, Op, Patch, PatchType, Target, template};
use serde_json::{Value, json};

/// Writes parts into a new pod spec. `container` is the one that container parts belong to; `own` the selector of the pods themselves.
pub fn write(parts: &[Part], spec: &mut Value, container: &str, own: &Value) {
    for part in parts {
        one(part, spec, container, false, None, own);
    }
}

/// The names of the containers in the pod template of a live object, without those that run first.
pub fn containers(kind: Kind, object: &Value) -> Vec<String> {
    template::pod_spec(kind, object)
        .map_or_else(Vec::new, |spec| template::containers(spec, "containers").map(|(n, _)| n.to_string()).collect())
}

/// The pod spec inside a live object.
pub fn pod_spec(kind: Kind, object: &Value) -> Option<&Value> {
    template::pod_spec(kind, object)
}

/// Every container of a pod spec: the list it stands in, and its name.
pub(super) fn names_of(spec: &Value) -> impl Iterator<Item = (&'static str, &str)> {
    template::LISTS.into_iter().flat_map(|list| template::containers(spec, list).map(move |(name, _)| (list, name)))
}

/// The pod template of a live workload, as another one can have it: without what its controller and the server put on.
pub fn template(live: &Value) -> Value {
    let mut template = template::without_hash(live.pointer("/spec/template").unwrap_or(&Value::Null));
    if let Some(metadata) = template.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.retain(|_, value| !value.is_null());
        if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
            // When the other one was restarted is nothing of this one's.
            annotations.remove("kubectl.kubernetes.io/restartedAt");
        }
    }
    template
}

/// The patch that adds parts to an object. `live` is the object as it is, where it could be read: lists that a patch replaces whole are
/// repeated from it. `named` says that the container was named, so that what a pod and a container can both have is the container's.
/// `None` for a kind without a pod template.
pub fn patch(target: &Target, parts: &[Part], container: Option<&str>, named: bool, live: Option<&Value>, own: &Value) -> Option<Op> {
    let path = template::path(target.kind())?;
    let before = live.and_then(|live| template::pod_spec(target.kind(), live));
    let mut spec = json!({});
    for field in parts.iter().flat_map(Part::replaces) {
        if let Some(there) = before.and_then(|before| before.get(*field)).filter(|there| !there.is_null()) {
            spec[*field] = there.clone();
        }
    }
    let name = container.unwrap_or_default();
    let there = before.and_then(|before| before["containers"].as_array()?.iter().find(|c| c["name"] == name));
    if let Some(capabilities) = there.and_then(|there| there.pointer("/securityContext/capabilities"))
        && parts.iter().any(|part| matches!(part, Part::Guard(Guard::Add(_) | Guard::Drop(_))))
    {
        spec["containers"] = json!([{"name": name, "securityContext": {"capabilities": capabilities}}]);
    }
    for part in parts {
        one(part, &mut spec, name, named, there, own);
    }
    let patch =
        Patch { target: target.clone(), how: PatchType::Strategic, patch: template::wrap(path, spec), patch_file: None, subresource: None };
    Some(patch.into())
}

fn one(part: &Part, spec: &mut Value, name: &str, named: bool, live: Option<&Value>, own: &Value) {
    match part {
        Part::Placing(placing) => placing.put(spec, own),
        Part::Guard(guard) if !guard.of_a_container() && (!named || matches!(guard, Guard::FsGroup(_))) => guard.put(spec),
        Part::PullSecret(name) => push(&mut spec["imagePullSecrets"], json!({"name": name})),
        Part::Priority(name) => spec["priorityClassName"] = json!(name),
        Part::Account(name) => spec["serviceAccountName"] = json!(name),
        Part::Restart(policy) => spec["restartPolicy"] = json!(policy.word()),
        Part::Grace(seconds) => spec["terminationGracePeriodSeconds"] = json!(seconds),
        Part::Mount(mount) => {
            if let Some(volume) = mount.volume() {
                push(&mut spec["volumes"], volume);
            }
            push(&mut container(spec, name)["volumeMounts"], mount.mount());
        }
        Part::Guard(guard) => guard.put(container(spec, name)),
        Part::Probe(probe) => probe.put(container(spec, name), live),
        Part::Env(key, value) => push(&mut container(spec, name)["env"], json!({"name": key, "value": value})),
        Part::Amount(bound, resource, amount) => {
            let side = match bound {
                Bound::Request => "requests",
                Bound::Limit => "limits",
            };
            container(spec, name)["resources"][side][resource.word()] = json!(amount);
        }
        Part::Listens(port) => push(&mut container(spec, name)["ports"], json!({"containerPort": port})),
        Part::Command(words) => container(spec, name)["command"] = json!(words),
        Part::Args(words) => container(spec, name)["args"] = json!(words),
    }
}

/// The container of that name, wherever it stands; made where there is none.
pub(super) fn container<'a>(spec: &'a mut Value, name: &str) -> &'a mut Value {
    let at = |list: &Value| list.as_array().and_then(|list| list.iter().position(|c| c["name"] == name));
    let (list, at) = match (at(&spec["containers"]), at(&spec["initContainers"])) {
        (Some(at), _) => ("containers", at),
        (None, Some(at)) => ("initContainers", at),
        (None, None) => {
            push(&mut spec["containers"], json!({"name": name}));
            let end = spec["containers"].as_array().map_or(0, |all| all.len().saturating_sub(1));
            ("containers", end)
        }
    };
    &mut spec[list][at]
}
