//! The one pod that a workload's name stands for, where something is done inside a pod.
//!
//! Which one: `attachablePodForObject` in `kubectl/pkg/polymorphichelpers`, `ActivePods` in `kubectl/pkg/util/podutils`.

use super::{
    Call, CannotDo, ContainerName, Kind, Lookup, Misuse, Name, Target,
    look::{self, list, number, pod_selector, text},
    template,
    verb::kind_named,
};
use serde_json::Value;
use std::cmp::Reverse;

fn pods() -> Kind {
    Kind::built_in("pods")
}

/// `web-1` is a pod; `deploy/web` is what it says.
///
/// # Errors
/// [`Misuse`] where it is no legal name.
pub(super) fn named(word: &str, namespace: Option<super::Namespace>) -> Result<Target, Misuse> {
    let (kind, name) = match word.split_once('/') {
        Some((kind, name)) => (kind_named(kind)?, name),
        None => (pods(), word),
    };
    Ok(Target::new(kind, Name::new(name)?)?.in_namespace(namespace))
}

/// As it stands on a line: a pod by its name alone.
pub(super) fn word(target: &Target) -> String {
    if target.kind() == pods() { target.name().to_string() } else { target.slashed() }
}

/// The looks that find the pod.
pub(super) fn looks(target: &Target, seen: &[Lookup<Value>]) -> Vec<Call> {
    match seen {
        [] => vec![Call::get(target)],
        [Lookup::Known(object)] if target.kind() != pods() => match pod_selector(target.kind(), object) {
            Some(selector) => vec![Call::list(pods(), target.namespace()).with("labelSelector", selector)],
            None => Vec::new(),
        },
        [..] => Vec::new(),
    }
}

/// The pod that was found, and its target.
///
/// # Errors
/// [`CannotDo`] where there is none, or it has ended.
pub(super) fn found<'a>(target: &Target, seen: &'a [Lookup<Value>]) -> Result<(Target, &'a Value), CannotDo> {
    let object = look::object(seen, target)?;
    let slashed = target.slashed();
    let pod = if target.kind() == pods() {
        object
    } else {
        if pod_selector(target.kind(), object).is_none() {
            return Err(CannotDo::new(format!("{slashed} selects no pods"), "name a pod or a workload"));
        }
        look::listed(seen, 1, pods())?
            .iter()
            .min_by_key(|pod| rank(pod))
            .ok_or_else(|| CannotDo::new(format!("{slashed} has no pods"), format!("kubectl describe {slashed} says why")))?
    };
    let name = if target.kind() == pods() {
        target.name().clone()
    } else {
        Name::new(text(pod, "/metadata/name")).map_err(|e| CannotDo::new(e.to_string(), ""))?
    };
    let meant = Target::new(pods(), name).map_err(|e| CannotDo::new(e.to_string(), ""))?.in_namespace(target.namespace().cloned());
    let phase = text(pod, "/status/phase");
    if ["Succeeded", "Failed"].contains(&phase) {
        return Err(CannotDo::new(
            format!("{} has ended ({phase}): nothing runs in it", meant.slashed()),
            "kubectl logs tells what it said",
        ));
    }
    Ok((meant, pod))
}

/// The container that is meant: the one named, the default one, the first.
///
/// # Errors
/// [`CannotDo`] naming those there are.
pub(super) fn container(pod: &Value, named: Option<&ContainerName>) -> Result<ContainerName, CannotDo> {
    let spec = &pod["spec"];
    let of = |list: &str| template::containers(spec, list).map(|(name, _)| name.to_string()).collect::<Vec<_>>();
    let regular = of("containers");
    let all = [of("initContainers"), regular.clone(), of("ephemeralContainers")].concat();
    let by_default = text(pod, "/metadata/annotations/kubectl.kubernetes.io~1default-container");
    let wanted = match named {
        Some(name) => all.iter().find(|n| *n == name.as_str()),
        None => all.iter().find(|n| *n == by_default).or_else(|| regular.first()),
    };
    let name = wanted.ok_or_else(|| {
        let said = named.map_or("", ContainerName::as_str);
        CannotDo::new(format!("pod/{} has no container {said:?}", text(pod, "/metadata/name")), format!("it has: {}", all.join(", ")))
    })?;
    ContainerName::new(name.as_str()).map_err(|e| CannotDo::new(e.to_string(), ""))
}

/// The most active pod has the least rank: on a node, running, ready, fewest restarts, youngest.
fn rank(pod: &Value) -> impl Ord + use<> {
    let ready = list(pod, "/status/conditions").iter().any(|c| c["type"] == "Ready" && c["status"] == "True");
    let phase = match text(pod, "/status/phase") {
        "Running" => 0,
        "Unknown" => 1,
        "Pending" => 2,
        _ => 3,
    };
    let restarts = list(pod, "/status/containerStatuses").iter().map(|c| number(c, "/restartCount")).max().unwrap_or(0);
    let born = look::time(text(pod, "/metadata/creationTimestamp")).map(|t| t.as_second());
    (text(pod, "/spec/nodeName").is_empty(), phase, !ready, restarts, Reverse(born))
}
