//! LimitRange: what containers get that say nothing, and how much is too much or too little. Source: `plugin/pkg/admission/limitranger`.
use super::amounts::{self, Amounts};
use crate::{
    simulator::{
        cluster::Cluster,
        json::{list, map_mut, set, text},
    },
    terms::quantity::Quantity,
};
use serde_json::Value;

/// The real server says here what it filled in.
const NOTE: &str = "kubernetes.io/limit-ranger";

/// The rules of a namespace, one LimitRange after the other.
fn rules(cluster: &Cluster, namespace: &str) -> Vec<Value> {
    let ranges = cluster.store.of_kind(cluster.kinds.limit_range, Some(namespace));
    ranges.flat_map(|(key, stored)| list(&cluster.store.tree(key, stored), "/spec/limits").to_vec()).collect()
}

/// Gives a new pod's containers the requests and limits they lack, and notes it in an annotation.
pub(super) fn fill(cluster: &Cluster, namespace: &str, pod: &mut Value) {
    let (mut limits, mut requests) = (Amounts::new(), Amounts::new());
    for rule in rules(cluster, namespace).iter().filter(|rule| text(rule, "/type") == "Container") {
        limits.extend(amounts::at(rule, "/default"));
        requests.extend(amounts::at(rule, "/defaultRequest"));
    }
    let mut notes = Vec::new();
    for (place, called) in [("containers", "container"), ("initContainers", "init container")] {
        for container in pod["spec"].get_mut(place).and_then(Value::as_array_mut).into_iter().flatten() {
            for (side, defaults) in [("requests", &requests), ("limits", &limits)] {
                let given = amounts::at(container, &format!("/resources/{side}"));
                let lacking: Amounts = defaults.iter().filter(|(n, _)| !given.contains_key(*n)).map(|(n, a)| (n.clone(), *a)).collect();
                if lacking.is_empty() {
                    continue;
                }
                let names: Vec<&str> = lacking.keys().map(String::as_str).collect();
                notes.push(format!("{} {} for {called} {}", names.join(", "), side.trim_end_matches('s'), text(container, "/name")));
                map_mut(&mut container["resources"]).entry(side).or_insert_with(|| Value::Object(serde_json::Map::new()));
                map_mut(&mut container["resources"][side]).extend(map_mut(&mut amounts::json(&lacking)).clone());
            }
        }
    }
    if !notes.is_empty() {
        if !pod["metadata"]["annotations"].is_object() {
            set(pod, "/metadata/annotations", Value::Object(serde_json::Map::new()));
        }
        map_mut(&mut pod["metadata"]["annotations"])
            .insert(NOTE.to_owned(), format!("LimitRanger plugin set: {}", notes.join("; ")).into());
    }
}

/// Why a new pod or claim may not be, or None.
pub(super) fn refusal(cluster: &Cluster, plural: &str, namespace: &str, object: &Value) -> Option<String> {
    let mut wrong = Vec::new();
    for rule in rules(cluster, namespace) {
        let kind = text(&rule, "/type").to_owned();
        let sides = |of: &Value| (amounts::at(of, "/resources/requests"), Some(amounts::at(of, "/resources/limits")));
        let held = match (kind.as_str(), plural) {
            ("Container", "pods") => ["/spec/containers", "/spec/initContainers"].iter().flat_map(|l| list(object, l)).map(sides).collect(),
            ("Pod", "pods") => vec![(amounts::of_pod(object, "requests"), Some(amounts::of_pod(object, "limits")))],
            ("PersistentVolumeClaim", "persistentvolumeclaims") => vec![(amounts::at(object, "/spec/resources/requests"), None)],
            _ => Vec::new(),
        };
        for (requests, limits) in held {
            exceeded(&rule, &kind, &requests, limits.as_ref(), &mut wrong);
        }
    }
    match &wrong[..] {
        [] => None,
        [one] => Some(one.clone()),
        many => Some(format!("[{}]", many.join(", "))),
    }
}

/// What is wrong by one rule. Without limits (claims have none) the largest amount is held against what is requested.
fn exceeded(rule: &Value, kind: &str, requests: &Amounts, limits: Option<&Amounts>, wrong: &mut Vec<String>) {
    let limit_of = |name: &str| limits.and_then(|l| l.get(name).copied());
    for (name, least) in amounts::at(rule, "/min") {
        let said = format!("minimum {name} usage per {kind} is {least}");
        match (requests.get(&name), limit_of(&name)) {
            (None, _) => wrong.push(format!("{said}.  No request is specified")),
            (Some(request), _) if *request < least => wrong.push(format!("{said}, but request is {request}")),
            (_, Some(limit)) if limit < least => wrong.push(format!("{said}, but limit is {limit}")),
            _ => {}
        }
    }
    for (name, most) in amounts::at(rule, "/max") {
        let said = format!("maximum {name} usage per {kind} is {most}");
        match (requests.get(&name), limit_of(&name)) {
            (None, _) if limits.is_none() => wrong.push(format!("{said}.  No request is specified")),
            (_, None) if limits.is_some() => wrong.push(format!("{said}.  No limit is specified")),
            (_, Some(limit)) if limit > most => wrong.push(format!("{said}, but limit is {limit}")),
            (Some(request), _) if *request > most => wrong.push(format!("{said}, but request is {request}")),
            _ => {}
        }
    }
    for (name, most) in amounts::at(rule, "/maxLimitRequestRatio") {
        let said = format!("{name} max limit to request ratio per {kind} is {most}");
        let given = |amount: Option<Quantity>| amount.filter(|a| !a.is_zero());
        match (given(requests.get(&name).copied()), given(limit_of(&name))) {
            (None, _) => wrong.push(format!("{said}, but no request is specified or request is 0")),
            (_, None) => wrong.push(format!("{said}, but no limit is specified or limit is 0")),
            (Some(request), Some(limit)) => {
                let ratio = limit.nanos() as f64 / request.nanos() as f64;
                if ratio * 1000.0 > most.as_milli() as f64 {
                    wrong.push(format!("{said}, but provided ratio is {ratio:.6}"));
                }
            }
        }
    }
}
