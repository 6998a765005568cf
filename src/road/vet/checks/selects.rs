//! Whether a service's new selector finds pods, and those of one workload.

use super::{Findings, Sight, body, list, text};
use crate::{
    facts::Facts,
    ops::{Call, Kind},
    terms::selector::LabelSelector,
};
use serde_json::Value;
use std::collections::BTreeSet;

fn selector(call: &Call) -> Option<LabelSelector> {
    let pairs = body(call)?.pointer("/spec/selector").filter(|_| call.kind.is("services", ""))?.as_object()?;
    let selector = LabelSelector::equal(pairs.iter().filter_map(|(key, value)| Some((key.as_str(), value.as_str()?))));
    (!selector.is_empty()).then_some(selector)
}

fn pods(call: &Call, selector: &LabelSelector) -> Call {
    Call::list(Kind::built_in("pods"), call.namespace.as_ref()).with("labelSelector", selector.to_string())
}

pub(super) fn looks(call: &Call, _: &Facts) -> Vec<Call> {
    selector(call).map(|selector| pods(call, &selector)).into_iter().collect()
}

pub(super) fn says(sight: &Sight<'_>, findings: &mut Findings) {
    let Some(selector) = selector(sight.call) else { return };
    let has = |object: Option<&Value>| object.and_then(|o| o.pointer("/spec/selector")).cloned();
    if has(sight.before).is_some() && has(sight.before) == has(sight.after) {
        return;
    }
    let Some(all) = findings.known(sight.facts.look(&pods(sight.call, &selector)), "which pods it selects") else { return };
    let pods = list(&all, "/items");
    let workloads: BTreeSet<String> = pods.iter().map(workload).collect();
    match workloads.len() {
        0 => findings.warn("selects-nothing", format!("no pod has {selector} yet: the service has no endpoint until one has")),
        1 => {}
        n => {
            let some: Vec<String> = workloads.into_iter().take(4).collect();
            findings.warn("selects-much", format!("{selector} selects the pods of {n} workloads: {}", some.join(", ")));
        }
    }
}

/// What a pod belongs to: its controller, without the hash that a deployment puts behind its ReplicaSets' names.
fn workload(pod: &Value) -> String {
    let owner = list(pod, "/metadata/ownerReferences").iter().find(|o| o["controller"] == true);
    let Some(owner) = owner else { return format!("pod/{}", text(pod, "/metadata/name")) };
    let name = text(owner, "/name");
    match name.strip_suffix(text(pod, "/metadata/labels/pod-template-hash")).and_then(|n| n.strip_suffix('-')) {
        Some(deployment) => format!("deployment/{deployment}"),
        None => format!("{}/{name}", text(owner, "/kind").to_lowercase()),
    }
}
