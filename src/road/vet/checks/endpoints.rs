//! Whether a service would lose its last ready endpoint.
//! Source: <https://kubernetes.io/docs/concepts/services-networking/service/> (a service's pods are those its selector matches).

use super::{Findings, Sight, ends, is_ready, list, text};
use crate::{
    facts::Facts,
    ops::{Action, Call, Kind, Lookup},
    terms::selector::LabelSelector,
};
use serde_json::{Value, json};

fn services(call: &Call) -> Call {
    Call::list(Kind::built_in("services"), call.namespace())
}

fn pods(call: &Call, selector: &LabelSelector) -> Call {
    Call::list(Kind::built_in("pods"), call.namespace()).with("labelSelector", selector.to_string())
}

/// Whether pods may stop being ready endpoints by it.
fn takes_pods(call: &Call) -> bool {
    let Some(kind) = call.kind() else { return false };
    let workload = kind.rolls_out() || kind.is("replicasets", "apps") || kind.is("replicationcontrollers", "");
    match &call.action {
        Action::Delete { .. } | Action::Evict { .. } => workload || kind.is("pods", ""),
        Action::Patch(_, body) | Action::Replace(body) => {
            (workload && body.pointer("/spec/replicas") == Some(&json!(0)))
                || (kind.is("pods", "") && body.pointer("/metadata/labels").is_some())
        }
        Action::Get | Action::List | Action::Create(_) | Action::Talk | Action::Program(_) | Action::Carried(_) => false,
    }
}

/// The labels of the pods that an object is, or makes.
fn labels(object: &Value) -> &Value {
    let place = if object.pointer("/spec/template").is_some() { "/spec/template/metadata/labels" } else { "/metadata/labels" };
    object.pointer(place).unwrap_or(&Value::Null)
}

/// The services that those pods stand behind, with their selectors.
fn behind(services: &Value, object: &Value) -> Vec<(String, LabelSelector)> {
    let selecting = list(services, "/items").iter().filter_map(|service| {
        let pairs = service.pointer("/spec/selector")?.as_object().filter(|pairs| !pairs.is_empty())?;
        let selector = LabelSelector::equal(pairs.iter().filter_map(|(key, value)| Some((key.as_str(), value.as_str()?))));
        Some((text(service, "/metadata/name").to_string(), selector))
    });
    selecting.filter(|(_, selector)| selector.matches_json(labels(object))).collect()
}

pub(super) fn looks(call: &Call, facts: &Facts) -> Vec<Call> {
    let Some(target) = call.target().filter(|_| takes_pods(call)) else { return Vec::new() };
    let mut looks = vec![Call::get(&target), services(call)];
    if let (Lookup::Known(object), Lookup::Known(services)) = (facts.object(&target), facts.look(&looks[1])) {
        looks.extend(behind(&services, &object).iter().map(|(_, selector)| pods(call, selector)));
    }
    looks
}

pub(super) fn says(sight: &Sight<'_>, findings: &mut Findings) {
    let Some(object) = sight.before.filter(|_| takes_pods(sight.call)) else { return };
    let what = "whether a service loses its last endpoint";
    let Some(services) = findings.known(sight.facts.look(&services(sight.call)), what) else { return };
    let own = object.pointer("/spec/selector").map(LabelSelector::from_json);
    let name = text(object, "/metadata/name");
    for (service, selector) in behind(&services, object) {
        let Some(all) = findings.known(sight.facts.look(&pods(sight.call, &selector)), what) else { continue };
        let goes = |pod: &&Value| match &own {
            Some(Ok(own)) => own.matches_json(labels(pod)),
            Some(Err(_)) => false,
            None if ends(sight, pod) => true,
            None => text(pod, "/metadata/name") == name && sight.after.is_none_or(|after| !selector.matches_json(labels(after))),
        };
        let ready: Vec<&Value> = list(&all, "/items").iter().filter(|pod| is_ready(pod)).collect();
        if !ready.is_empty() && ready.iter().all(goes) {
            findings.warn(
                "last-endpoint",
                format!("service/{service} loses its last ready endpoint: nothing answers there until there is another"),
            );
        }
    }
}
