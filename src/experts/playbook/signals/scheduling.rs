//! Pods that no node takes: the scheduler's sentence, clause by clause.

use super::*;
use crate::experts::signals::scheduling::clauses;
use jiff::Timestamp;
use serde_json::json;

/// Pods without a node, and why.
pub fn pending(pods: &Value, events: &Value, now: Timestamp) -> Value {
    Value::Array(all(pods).iter().filter_map(|pod| one(pod, events, now)).collect())
}

fn one(pod: &Value, events: &Value, now: Timestamp) -> Option<Value> {
    if text(pod, "status.phase") != "Pending" || !text(pod, "spec.nodeName").is_empty() || pods::going(pod) {
        return None;
    }
    let condition = condition(pod, "PodScheduled");
    let event = events::newest(events, pod, "Pod", |e| text(e, "reason") == "FailedScheduling");
    let message = [text(condition, "message"), text(event, "message")].into_iter().find(|m| !m.is_empty()).unwrap_or_default();
    let age = times::seconds(at(pod, "metadata.creationTimestamp"), now);
    let (cause, clauses) = match (text(condition, "reason"), message) {
        ("SchedulingGated", _) => ("a scheduling gate holds it back".to_string(), Vec::new()),
        // The scheduler needs a moment.
        (_, "") if (0..30).contains(&age) => return None,
        (_, "") => ("no scheduler has looked at it".into(), Vec::new()),
        (_, message) => {
            let clauses = clauses(message);
            let cause = if clauses.is_empty() { cut(one_line(message), 160) } else { clauses.join("; ") };
            (cause, clauses)
        }
    };
    Some(pods::view(pod, json!({"cause": cause, "clauses": clauses, "message": cut(one_line(message), 290)})))
}
