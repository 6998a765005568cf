//! Conditions in a status, kept as the real controllers keep them.
use crate::simulator::json::{list_mut, set, text};
use serde_json::{Value, json};

/// One condition to be true (or not) now.
pub(in crate::simulator) struct Condition<'a> {
    pub(in crate::simulator) kind: &'a str,
    pub(in crate::simulator) status: &'a str,
    pub(in crate::simulator) reason: &'a str,
    pub(in crate::simulator) message: &'a str,
}

/// Writes a condition into `status.conditions`. The transition time moves only when the status does. True when something changed.
///
/// `updates`: Deployments also keep the time of the last change of reason or message.
pub(in crate::simulator) fn put(object: &mut Value, now: &str, condition: &Condition, updates: bool) -> bool {
    let conditions = list_mut(object, "/status/conditions");
    let at = conditions.iter().position(|c| c["type"] == condition.kind);
    let old = at.map(|at| conditions[at].clone());
    let same = |field: &str, want: &str| old.as_ref().is_some_and(|o| text(o, field) == want);
    if same("/status", condition.status) && same("/reason", condition.reason) && same("/message", condition.message) {
        return false;
    }
    let since = if same("/status", condition.status) { old.as_ref().map_or("", |o| text(o, "/lastTransitionTime")) } else { now };
    let mut new = json!({"type": condition.kind, "status": condition.status, "lastTransitionTime": since});
    if updates {
        set(&mut new, "/lastUpdateTime", now);
    }
    for (field, value) in [("/reason", condition.reason), ("/message", condition.message)] {
        if !value.is_empty() {
            set(&mut new, field, value);
        }
    }
    match at {
        // Deployments take the old one out and put the new one last. Source: `SetDeploymentCondition`.
        Some(at) if updates => {
            conditions.remove(at);
            conditions.push(new);
        }
        Some(at) => conditions[at] = new,
        None => conditions.push(new),
    }
    true
}

/// The condition of a type.
pub(in crate::simulator) fn get<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    crate::simulator::json::list(object, "/status/conditions").iter().find(|c| c["type"] == kind)
}

/// Whether the condition of a type is `True`.
pub(in crate::simulator) fn is_true(object: &Value, kind: &str) -> bool {
    get(object, kind).is_some_and(|c| c["status"] == "True")
}
