//! Nodes in short.

use super::*;
use jiff::Timestamp;
use serde_json::json;

/// Nodes in short: ready, under pressure, cordoned. Condition types that Kubernetes itself does not know are left alone.
pub fn nodes(nodes: &Value, now: Timestamp) -> Value {
    Value::Array(all(nodes).iter().map(|n| one(n, now)).collect())
}

fn one(node: &Value, now: Timestamp) -> Value {
    let ready = condition(node, "Ready");
    let since = times::seconds(at(ready, "lastTransitionTime"), now);
    let pressure: Vec<&str> = [
        ("MemoryPressure", "memory is short"),
        ("DiskPressure", "disk is full"),
        ("PIDPressure", "process ids are short"),
        ("NetworkUnavailable", "its network is not set up"),
    ]
    .iter()
    .filter(|(name, _)| text(condition(node, name), "status") == "True")
    .map(|(_, words)| *words)
    .collect();
    let status = text(ready, "status");
    let why = match (status, text(ready, "reason")) {
        ("True", _) => String::new(),
        ("Unknown", _) => "its kubelet has stopped reporting".into(),
        ("", _) => "it has reported nothing yet".into(),
        (_, _) => cut(one_line(text(ready, "message")), 160),
    };
    json!({
        "name": text(node, "metadata.name"), "ready": status == "True", "why": why, "since": if since < 0 { String::new() } else { times::span(since) },
        "pressure": pressure, "cordoned": yes(node, "spec.unschedulable"),
    })
}
