//! Events: the newest word on an object, and warnings grouped.

use super::*;
use jiff::Timestamp;
use serde_json::json;
use std::collections::BTreeMap;

/// When it was seen last.
pub fn seen(event: &Value) -> &Value {
    let stamps = ["series.lastObservedTime", "lastTimestamp", "eventTime", "metadata.creationTimestamp"];
    stamps.iter().map(|path| at(event, path)).filter(|v| v.is_string()).max_by_key(|v| v.as_str()).unwrap_or(&NULL)
}

fn about(event: &Value, object: &Value, kind: &str) -> bool {
    let (uid, other) = (text(event, "involvedObject.uid"), text(object, "metadata.uid"));
    if !uid.is_empty() && !other.is_empty() {
        return uid == other;
    }
    text(event, "involvedObject.kind") == kind
        && text(event, "involvedObject.name") == text(object, "metadata.name")
        && text(event, "involvedObject.namespace") == text(object, "metadata.namespace")
}

/// The newest event about an object that fits, or null.
pub fn newest<'a>(events: &'a Value, object: &Value, kind: &str, fits: impl Fn(&Value) -> bool) -> &'a Value {
    all(events).iter().filter(|e| about(e, object, kind) && fits(e)).max_by_key(|e| seen(e).as_str()).unwrap_or(&NULL)
}

/// How often it was seen.
pub fn times(event: &Value) -> i64 {
    int(event, "series.count").max(int(event, "count")).max(1)
}

/// Warnings of the last hour by object and reason, newest first; several pods of one workload are told apart by their names only.
pub fn warnings(events: &Value, now: Timestamp) -> Value {
    let mut groups: BTreeMap<(String, String, String), (i64, i64, &Value)> = BTreeMap::new();
    for event in all(events) {
        let ago = super::times::seconds(seen(event), now);
        if text(event, "type") != "Warning" || !(0..3_600).contains(&ago) {
            continue;
        }
        let object = format!("{}/{}", text(event, "involvedObject.kind").to_lowercase(), text(event, "involvedObject.name"));
        let key = (text(event, "involvedObject.namespace").to_string(), object, text(event, "reason").to_string());
        let group = groups.entry(key).or_insert((0, i64::MAX, event));
        group.0 += times(event);
        if ago < group.1 {
            (group.1, group.2) = (ago, event);
        }
    }
    let mut rows: Vec<_> = groups.into_iter().collect();
    rows.sort_by_key(|(_, (_, ago, _))| *ago);
    let row = |((namespace, object, reason), (count, ago, event)): ((String, String, String), (i64, i64, &Value))| {
        let message = cut(one_line(text(event, "message")), 160);
        let age = crate::terms::age::human(ago);
        let times = if count > 1 { format!(" ×{count}") } else { String::new() };
        json!({
            "namespace": namespace, "object": object, "reason": reason, "count": count, "age": age, "message": message,
            "line": format!("{age} ago  {reason}{times}  {object}  {message}"),
        })
    };
    Value::Array(rows.into_iter().map(row).collect())
}
