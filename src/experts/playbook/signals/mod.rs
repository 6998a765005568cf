//! The signals of a cluster as views that a playbook can test and quote; what a sentence means stands in `experts/signals`.
//!
//! Owns: reading objects as the API server gives them into short views a playbook can test and quote. Does not own: which of it
//! is worth telling (the playbooks), wording beyond one cause. Pure; every function takes any JSON and never panics; a field
//! that is missing or of a wrong type reads as empty.

pub mod claims;
pub mod crashes;
pub mod events;
pub mod labels;
pub mod logs;
pub mod nodes;
pub mod pods;
pub mod scheduling;
pub mod services;
pub mod times;
pub mod told;
pub mod unready;
pub mod waiting;
pub mod workloads;

pub use crate::experts::signals::words::{counted, cut, one_line};
use serde_json::Value;

static NULL: Value = Value::Null;

/// The value at a dotted path; null where there is none. A number is an index.
pub fn at<'a>(value: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(value, |at, key| match at {
        Value::Array(list) => key.parse::<usize>().ok().and_then(|i| list.get(i)).unwrap_or(&NULL),
        Value::Object(map) => map.get(key).unwrap_or(&NULL),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => &NULL,
    })
}

/// The text at a path, or an empty one.
pub fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    at(value, path).as_str().unwrap_or_default()
}

/// The whole number at a path, or 0.
pub fn int(value: &Value, path: &str) -> i64 {
    at(value, path).as_i64().unwrap_or_default()
}

/// Whether there is `true` at a path.
pub fn yes(value: &Value, path: &str) -> bool {
    at(value, path).as_bool().unwrap_or_default()
}

/// The list at a path, or an empty one.
pub fn items<'a>(value: &'a Value, path: &str) -> &'a [Value] {
    at(value, path).as_array().map_or(&[], Vec::as_slice)
}

/// The value itself as a list, or an empty one.
pub fn all(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The same as a value.
pub fn list(value: &Value) -> Value {
    Value::Array(all(value).to_vec())
}

/// A list of lists as one list; what is no list stands for itself, null for nothing.
pub fn flat(value: &Value) -> Value {
    let each = all(value).iter().flat_map(|v| match v {
        Value::Array(list) => list.clone(),
        Value::Null => Vec::new(),
        other => vec![other.clone()],
    });
    Value::Array(each.collect())
}

/// A list without repetitions, in its order.
pub fn distinct(value: &Value) -> Value {
    let mut seen = std::collections::HashSet::new();
    Value::Array(all(value).iter().filter(|v| seen.insert(v.to_string())).cloned().collect())
}

/// `1 pod`, `3 pods`.
pub fn count(number: &Value, noun: &Value) -> Value {
    let n = number.as_i64().unwrap_or_else(|| i64::try_from(all(number).len()).unwrap_or(i64::MAX));
    counted(n, noun.as_str().unwrap_or_default()).into()
}

/// The condition of that type, or null.
pub fn condition<'a>(object: &'a Value, name: &str) -> &'a Value {
    items(object, "status.conditions").iter().find(|c| text(c, "type") == name).unwrap_or(&NULL)
}
