//! Whether a pod that ends is the last ready one of what controls it.

use super::{Findings, Sight, ends, is_ready, list, said, text};
use crate::{
    facts::Facts,
    ops::{Call, Kind, Lookup},
    terms::selector::LabelSelector,
};
use serde_json::Value;

/// Labels by which the pods of one controller differ.
const OWN: &[&str] = &[
    "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index",
    "batch.kubernetes.io/job-completion-index",
    "controller-revision-hash",
];

fn controller(pod: &Value) -> Option<&Value> {
    // A job's pods come and go; a daemon set's stand for one node each.
    list(pod, "/metadata/ownerReferences").iter().find(|o| o["controller"] == true && o["kind"] != "Job" && o["kind"] != "DaemonSet")
}

/// The pods that are labelled as this one is.
fn siblings(call: &Call, pod: &Value) -> Option<Call> {
    controller(pod)?;
    let labels = pod.pointer("/metadata/labels")?.as_object()?;
    let common = labels.iter().filter(|(key, _)| !OWN.contains(&key.as_str()));
    let selector = LabelSelector::equal(common.filter_map(|(key, value)| Some((key.as_str(), value.as_str()?))));
    (!selector.is_empty()).then(|| Call::list(Kind::built_in("pods"), call.namespace()).with("labelSelector", selector.to_string()))
}

fn ends_a_pod(call: &Call) -> bool {
    call.is_about("pods", "") && call.action.ends()
}

pub(super) fn looks(call: &Call, facts: &Facts) -> Vec<Call> {
    let Some(target) = call.target().filter(|_| ends_a_pod(call)) else { return Vec::new() };
    let mut looks = vec![Call::get(&target)];
    if let Lookup::Known(pod) = facts.object(&target) {
        looks.extend(siblings(call, &pod));
    }
    looks
}

pub(super) fn says(sight: &Sight<'_>, findings: &mut Findings) {
    let Some(pod) = sight.before.filter(|pod| ends_a_pod(sight.call) && is_ready(pod)) else { return };
    let (Some(owner), Some(look)) = (controller(pod), siblings(sight.call, pod)) else { return };
    let Some(all) = findings.known(sight.facts.look(&look), "whether another pod is ready in its place") else { return };
    let of_the_same = |other: &&Value| controller(other).is_some_and(|o| o["uid"] == owner["uid"]);
    let ready = list(&all, "/items").iter().filter(of_the_same).filter(|other| is_ready(other));
    let others = ready.filter(|other| other["metadata"]["name"] != pod["metadata"]["name"] && !ends(sight, other)).count();
    if others == 0 {
        let owner = format!("{}/{}", text(owner, "/kind").to_lowercase(), text(owner, "/name"));
        findings.warn("last-ready", format!("{} is the last ready pod of {owner}", said(sight.call)));
    }
}
