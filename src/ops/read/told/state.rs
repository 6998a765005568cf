//! How an object is, in one sentence.

use super::{Told, pods};
use crate::ops::look::{list, number, since, text};
use serde_json::Value;

/// Conditions that say it is well when they are true, the most telling first.
const GOOD: &[&str] =
    &["Ready", "Available", "Complete", "Succeeded", "Established", "Healthy", "Programmed", "Accepted", "Synced", "Reconciled"];

/// One sentence; empty where the object says nothing of how it is.
pub(super) fn sentence(told: &Told<'_>) -> String {
    let (kind, object) = (told.target.kind(), told.object);
    let deleted = text(object, "/metadata/deletionTimestamp");
    if !deleted.is_empty() {
        let held: Vec<&str> = list(object, "/metadata/finalizers").iter().filter_map(Value::as_str).collect();
        let by = if held.is_empty() { String::new() } else { format!(", held by {}", held.join(", ")) };
        return format!("being deleted for {}{by}", since(deleted, told.now));
    }
    if kind.is("pods", "") {
        pod(object)
    } else if kind.rolls_out() || kind.is("replicasets", "apps") || kind.is("replicationcontrollers", "") {
        workload(told)
    } else if kind.is("cronjobs", "batch") {
        let schedule = text(object, "/spec/schedule");
        if object["spec"]["suspend"] == true { "suspended: no new jobs".into() } else { format!("makes a job at {schedule}") }
    } else if kind.is("services", "") {
        service(told)
    } else if kind.is("nodes", "") {
        let closed = if object["spec"]["unschedulable"] == true { ", takes no new pods" } else { "" };
        format!("{}{closed}", by_conditions(object))
    } else {
        by_conditions(object)
    }
}

fn pod(pod: &Value) -> String {
    let (status, ready) = (pods::status(pod), pods::ready(pod));
    let message = [text(pod, "/status/message").to_string(), waiting(pod), unscheduled(pod)].into_iter().find(|m| !m.is_empty());
    let why = message.map_or_else(String::new, |message| format!(": {message}"));
    match status.as_str() {
        "Running" => format!("running, {ready} containers ready"),
        "Succeeded" => "has ended well".into(),
        _ => format!("{status}{why}"),
    }
}

fn waiting(pod: &Value) -> String {
    let states = list(pod, "/status/initContainerStatuses").iter().chain(list(pod, "/status/containerStatuses"));
    states.map(|s| text(s, "/state/waiting/message")).find(|m| !m.is_empty()).unwrap_or_default().to_string()
}

fn unscheduled(pod: &Value) -> String {
    let condition = list(pod, "/status/conditions").iter().find(|c| c["type"] == "PodScheduled" && c["status"] == "False");
    condition.map_or_else(String::new, |c| text(c, "/message").to_string())
}

fn workload(told: &Told<'_>) -> String {
    let (kind, object) = (told.target.kind(), told.object);
    let daemons = kind.is("daemonsets", "apps");
    let (desired, available) = match daemons {
        true => (number(object, "/status/desiredNumberScheduled"), number(object, "/status/numberAvailable")),
        false => (object.pointer("/spec/replicas").and_then(Value::as_u64).unwrap_or(1), number(object, "/status/availableReplicas")),
    };
    let state = match (desired, available) {
        (0, _) if daemons => "no node is to run it".to_string(),
        (0, _) => "scaled to zero".to_string(),
        (desired, available) if available >= desired => format!("all {desired} pods are available"),
        (desired, available) => format!("{available} of {desired} pods are available"),
    };
    let paused = if object["spec"]["paused"] == true { ", its rollout is paused" } else { "" };
    let sick = told.listed("pods").unwrap_or_default().iter().map(|pod| (text(pod, "/metadata/name"), pods::status(pod)));
    let sick = sick.filter(|_| available < desired).find(|(_, status)| !["Running", "Succeeded", "Terminating"].contains(&status.as_str()));
    let trouble = sick.map_or_else(String::new, |(name, status)| format!("; pod/{name} is in {status}"));
    format!("{state}{paused}{trouble}")
}

fn service(told: &Told<'_>) -> String {
    let object = told.object;
    if text(object, "/spec/type") == "ExternalName" {
        return format!("another name for {}", text(object, "/spec/externalName"));
    }
    let Ok(slices) = told.listed("endpointslices") else { return String::new() };
    let endpoints = slices.iter().flat_map(|slice| list(slice, "/endpoints"));
    // An endpoint that says nothing of itself counts as ready.
    let ready = endpoints.filter(|e| e.pointer("/conditions/ready") != Some(&Value::Bool(false))).count();
    match ready {
        0 => "leads nowhere: no endpoint is ready".into(),
        1 => "leads to 1 ready endpoint".into(),
        n => format!("leads to {n} ready endpoints"),
    }
}

/// `Ready`, or which condition says it is not, and why; the phase where there are no conditions.
fn by_conditions(object: &Value) -> String {
    let conditions = list(object, "/status/conditions");
    let of = |name: &str| conditions.iter().find(|c| c["type"] == name);
    let because = |c: &Value| {
        let said: Vec<&str> = ["/reason", "/message"].map(|at| text(c, at)).into_iter().filter(|t| !t.is_empty()).collect();
        if said.is_empty() { String::new() } else { format!(": {}", said.join(", ")) }
    };
    if let Some(failed) = of("Failed").filter(|c| c["status"] == "True") {
        return format!("failed{}", because(failed));
    }
    match GOOD.iter().find_map(|name| of(name)) {
        Some(c) if c["status"] == "True" => text(c, "/type").to_string(),
        Some(c) => format!("not {}{}", text(c, "/type"), because(c)),
        None => text(object, "/status/phase").to_string(),
    }
}
