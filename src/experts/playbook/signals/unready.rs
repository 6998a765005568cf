//! Pods that run and are not ready, and pods that are lost.

use super::*;
use crate::experts::signals::probes;
use jiff::Timestamp;
use serde_json::json;

/// Pods whose containers run and which are not ready, crashes aside. `starting` where that is no wonder yet.
pub fn unready(pods: &Value, events: &Value, now: Timestamp) -> Value {
    Value::Array(all(pods).iter().filter_map(|pod| one(pod, events, now)).collect())
}

fn one(pod: &Value, events: &Value, now: Timestamp) -> Option<Value> {
    if text(pod, "status.phase") != "Running" || pods::ready(pod) || pods::going(pod) {
        return None;
    }
    let containers = pods::containers(pod);
    let c = containers.iter().find(|c| !c.init && !at(c.status, "state.running").is_null() && !yes(c.status, "ready"));
    let event = events::newest(events, pod, "Pod", |e| text(e, "reason") == "Unhealthy" && text(e, "message").starts_with("Readiness"));
    let gates = items(pod, "spec.readinessGates");
    let gate = gates.iter().map(|g| text(g, "conditionType")).find(|t| text(condition(pod, t), "status") != "True");
    let (container, cause) = match (c, gate) {
        (Some(c), _) if !event.is_null() => (c, format!("its readiness probe fails: {}", probes::said(one_line(text(event, "message"))))),
        (Some(c), _) if !at(c.spec, "readinessProbe").is_null() => {
            (c, format!("its readiness probe ({}) has not passed", describe(at(c.spec, "readinessProbe"))))
        }
        (Some(c), _) => (c, "its container runs and is not ready".into()),
        (None, Some(gate)) => {
            return Some(pods::view(
                pod,
                json!({"container": "", "cause": format!("its readiness gate {gate} is not met"), "starting": false, "message": ""}),
            ));
        }
        (None, None) => return None,
    };
    let since = times::seconds(at(container.status, "state.running.startedAt"), now);
    let readiness = at(container.spec, "readinessProbe");
    let period = at(readiness, "periodSeconds").as_i64().unwrap_or(10);
    let patience = int(readiness, "initialDelaySeconds")
        .saturating_add(period.saturating_mul(at(readiness, "failureThreshold").as_i64().unwrap_or(3)));
    let starting = (0..patience.saturating_add(period)).contains(&since);
    Some(pods::view(
        pod,
        json!({
            "container": text(container.status, "name"), "cause": cause, "starting": starting,
            "message": cut(one_line(text(event, "message")), 280), "count": if event.is_null() { 0 } else { events::times(event) },
            "since": since,
        }),
    ))
}

fn describe(probe: &Value) -> String {
    let port = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_string);
    for (field, word) in [("httpGet", "HTTP"), ("tcpSocket", "TCP"), ("grpc", "gRPC")] {
        let how = at(probe, field);
        if !how.is_null() {
            return format!("{word} {} on port {}", text(how, "path"), port(at(how, "port"))).replace("  ", " ");
        }
    }
    "a command".into()
}

/// Pods that are evicted, failed, on a lost node, or stuck while being deleted.
pub fn lost(pods: &Value, _events: &Value, now: Timestamp) -> Value {
    let each = all(pods).iter().filter_map(|pod| {
        let (phase, reason) = (text(pod, "status.phase"), text(pod, "status.reason"));
        let asked = times::seconds(at(pod, "metadata.deletionTimestamp"), now);
        let grace = at(pod, "metadata.deletionGracePeriodSeconds").as_i64().unwrap_or(30);
        // The time stamp already holds the grace period.
        if pods::going(pod) {
            let finalizers = items(pod, "metadata.finalizers").len();
            let cause = if finalizers > 0 { "a finalizer holds it" } else { "its node does not confirm the end" };
            let stuck = asked > 60.max(grace);
            return stuck.then(|| pods::view(pod, json!({"class": "terminating", "cause": format!("it should be gone for {}: {cause}", times::span(asked)), "message": ""})));
        }
        let message = cut(one_line(text(pod, "status.message")), 200);
        match (phase, reason) {
            ("Failed", "Evicted") => Some(pods::view(pod, json!({"class": "evicted", "cause": format!("it was evicted: {message}"), "message": message}))),
            ("Unknown", _) | (_, "NodeLost") => {
                Some(pods::view(pod, json!({"class": "node", "cause": format!("its node {} is lost", text(pod, "spec.nodeName")), "message": message})))
            }
            _ => None,
        }
    });
    Value::Array(each.collect())
}
