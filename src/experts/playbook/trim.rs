//! Answers as expressions see them: without what no playbook asks for, and no more of it than can be gone through.

use crate::ops::Answer;
use serde_json::{Map, Value, json};

/// Objects beyond this are left out, and said to be.
const OBJECTS: usize = 12_000;
/// Log lines beyond this are left out at the front.
const LINES: usize = 2_000;
/// Longer texts are cut.
const TEXT: usize = 4_000;

/// The value of an answer, and how many objects were left out of it.
pub fn value(answer: Answer) -> (Value, usize) {
    match answer {
        Answer::Objects { items, .. } => {
            let left_out = items.len().saturating_sub(OBJECTS);
            let trimmed = items.iter().take(OBJECTS).map(|mut item| {
                object(&mut item);
                item
            });
            (Value::Array(trimmed.collect()), left_out)
        }
        Answer::Log { mut lines, .. } => {
            lines.drain(..lines.len().saturating_sub(LINES));
            (Value::Array(lines.into_iter().map(|l| Value::String(short(l.text))).collect()), 0)
        }
        Answer::Text { text } => (Value::String(short(text)), 0),
        other @ (Answer::Tables { .. } | Answer::Found(_) | Answer::Description(_) | Answer::Rollout(_) | Answer::Differences { .. }) => {
            (serde_json::to_value(other).unwrap_or(Value::Null), 0)
        }
    }
}

fn short(mut text: String) -> String {
    if text.len() > TEXT {
        let mut end = TEXT;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
    }
    text
}

fn object(item: &mut Value) {
    let Some(map) = item.as_object_mut() else { return };
    if let Some(meta) = map.get_mut("metadata").and_then(Value::as_object_mut) {
        meta.remove("managedFields");
        let revision = meta.get("annotations").and_then(|a| a.get("deployment.kubernetes.io/revision")).cloned();
        meta.remove("annotations");
        if let Some(revision) = revision {
            meta.insert("annotations".into(), json!({"deployment.kubernetes.io/revision": revision}));
        }
    }
    if map.get("kind").is_some_and(|k| k == "Pod")
        && let Some(spec) = map.get_mut("spec").and_then(Value::as_object_mut)
    {
        for field in ["volumes", "tolerations", "affinity", "topologySpreadConstraints", "imagePullSecrets"] {
            spec.remove(field);
        }
        for list in ["containers", "initContainers"] {
            let containers = spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten();
            containers.filter_map(Value::as_object_mut).for_each(container);
        }
    }
    strings(item, 0);
}

fn container(container: &mut Map<String, Value>) {
    for field in ["env", "envFrom", "volumeMounts", "terminationMessagePath", "terminationMessagePolicy", "securityContext"] {
        container.remove(field);
    }
}

fn strings(value: &mut Value, depth: usize) {
    match value {
        Value::String(text) if text.len() > TEXT => *text = short(std::mem::take(text)),
        // Deeper than any Kubernetes object: whatever it is, no expression follows it.
        Value::Array(_) | Value::Object(_) if depth > 40 => *value = Value::Null,
        Value::Array(list) => list.iter_mut().for_each(|v| strings(v, depth + 1)),
        Value::Object(map) => map.values_mut().for_each(|v| strings(v, depth + 1)),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
