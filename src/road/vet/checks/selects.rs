//! Whether a new selector finds pods, and not those of others: of a service, a disruption budget, a network policy, a workload.

use super::{Findings, Sight, body, list, said, template_of, text};
use crate::{
    facts::Facts,
    ops::{Call, Kind},
    terms::selector::LabelSelector,
};
use serde_json::Value;
use std::collections::BTreeSet;

/// What a selector is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    /// A service sends to the pods.
    Sends,
    /// A budget or a policy holds for the pods.
    Holds,
    /// A workload makes the pods, and takes over those that are there.
    Makes,
}

fn used(kind: Kind) -> Option<(Use, &'static str)> {
    match kind {
        kind if kind.is("services", "") => Some((Use::Sends, "/spec/selector")),
        kind if kind.is("poddisruptionbudgets", "policy") => Some((Use::Holds, "/spec/selector")),
        kind if kind.is("networkpolicies", "networking.k8s.io") => Some((Use::Holds, "/spec/podSelector")),
        kind if template_of(kind).is_some() && !kind.is("jobs", "batch") => Some((Use::Makes, "/spec/selector")),
        _ => None,
    }
}

fn selector(call: &Call) -> Option<(Use, &'static str, LabelSelector)> {
    let (what_for, place) = call.kind().and_then(used)?;
    let value = body(call)?.pointer(place)?;
    let selector = match what_for {
        Use::Sends => LabelSelector::equal(value.as_object()?.iter().filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)))),
        Use::Holds | Use::Makes => LabelSelector::from_json(value).ok()?,
    };
    // An empty one means every pod, and says so.
    (!selector.is_empty()).then_some((what_for, place, selector))
}

fn pods(call: &Call, selector: &LabelSelector) -> Call {
    Call::list(Kind::built_in("pods"), call.namespace()).with("labelSelector", selector.to_string())
}

pub(super) fn looks(call: &Call, _: &Facts) -> Vec<Call> {
    selector(call).map(|(.., selector)| pods(call, &selector)).into_iter().collect()
}

pub(super) fn says(sight: &Sight<'_>, findings: &mut Findings) {
    let Some((what_for, place, selector)) = selector(sight.call) else { return };
    let has = |object: Option<&Value>| object.and_then(|o| o.pointer(place)).cloned();
    if has(sight.before).is_some() && has(sight.before) == has(sight.after) {
        return;
    }
    let Some(all) = findings.known(sight.facts.look(&pods(sight.call, &selector)), "which pods it selects") else { return };
    let workloads: BTreeSet<String> = list(&all, "/items").iter().map(workload).collect();
    let some = || workloads.iter().take(4).cloned().collect::<Vec<_>>().join(", ");
    match (what_for, workloads.len()) {
        (Use::Sends, 0) => {
            findings.warn("selects-nothing", format!("no pod has {selector} yet: the service has no endpoint until one has"))
        }
        (Use::Holds, 0) => {
            findings.warn("selects-nothing", format!("no pod has {selector} yet: {} holds for nothing until one has", said(sight.call)))
        }
        (Use::Sends, n) if n > 1 => findings.warn("selects-much", format!("{selector} selects the pods of {n} workloads: {}", some())),
        (Use::Makes, n) if n > 0 && sight.before.is_none() => {
            findings.warn("selects-others", format!("{selector} selects pods that others make: {}; they get in each other's way", some()));
        }
        (Use::Sends | Use::Holds | Use::Makes, _) => {}
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
