//! Which differences a person is shown: what the operation asked for and what follows from it, not what nobody set.

use crate::{
    ops::{Action, Call, PatchKind, without_noise},
    terms::{
        diff::{Change, diff},
        path::Segment,
    },
};
use serde_json::{Value, json};

/// The differences worth showing between an object before (`Null` where there was none) and after a call.
///
/// Left out: `status`, `managedFields`, versions and generations, controllers' own annotations, times the server sets, and,
/// where the call says what it wants as a document (create, apply, merge), fields that it does not mention and that were not
/// there before: the server's defaults. An element that is new in a list is no default and stays: nothing but a webhook adds a
/// container nobody mentioned.
pub fn shown(call: &Call, before: &Value, after: &Value) -> Vec<Change> {
    let changes = match STATUS.contains(&call.subresource()) {
        true => diff(&status_of(before), &status_of(after)),
        false => diff(&without_noise(before), &without_noise(after)),
    };
    let asked = match &call.action {
        Action::Create(body) => Some(body),
        Action::Patch(PatchKind::Apply { .. } | PatchKind::Merge | PatchKind::Strategic, body) => Some(body),
        // What a replacement does not mention goes: nothing of it is the server's own.
        Action::Patch(PatchKind::Json, _)
        | Action::Replace(_)
        | Action::Get
        | Action::List
        | Action::Delete { .. }
        | Action::Evict { .. }
        | Action::Talk => None,
        // No server has filled in anything: all of it was asked for.
        Action::Program(_) | Action::Carried(_) => Some(after),
    };
    if before.is_null()
        && let Some(body) = asked
    {
        return created(&as_made(body, after));
    }
    changes
        .into_iter()
        .filter(|c| !is_server_made(c) && !is_last_applied(c))
        .filter(|c| c.before.is_some() || is_element(c) || asked.is_none_or(|body| mentions(body, c)))
        .collect()
}

/// Subresources by which nothing but the status is written.
const STATUS: [&str; 2] = ["status", "approval"];

fn status_of(object: &Value) -> Value {
    json!({"status": object.get("status")})
}

/// A new object is shown as it was asked for, field by field of its top two levels' contents.
fn created(body: &Value) -> Vec<Change> {
    let mut changes = diff(&Value::Object(serde_json::Map::new()), &without_noise(body));
    // One entry per top-level section says little: open them one level, so that `spec` reads as its fields.
    let mut opened = Vec::new();
    for change in changes.drain(..) {
        match (&change.after, change.path.0.len()) {
            (Some(Value::Object(map)), 1) if !map.is_empty() => {
                for (key, value) in map {
                    opened.push(Change { path: change.path.then(Segment::Field(key.clone())), before: None, after: Some(value.clone()) });
                }
            }
            (_, _) => opened.push(change),
        }
    }
    opened
}

/// What the server makes of a document: its fields with the values that the server gives them. A list that grew or shrank on
/// the way is shown as the server has it.
fn as_made(asked: &Value, made: &Value) -> Value {
    match (asked, made) {
        (Value::Object(asked), Value::Object(made)) => {
            let fields = asked.iter().map(|(key, value)| (key.clone(), made.get(key).map_or(Value::Null, |made| as_made(value, made))));
            Value::Object(fields.filter(|(_, value)| !value.is_null()).collect())
        }
        (Value::Array(asked), Value::Array(made)) if asked.len() == made.len() => {
            Value::Array(asked.iter().zip(made).map(|(asked, made)| as_made(asked, made)).collect())
        }
        (_, made) => made.clone(),
    }
}

/// Whether it is a new element of a list.
fn is_element(change: &Change) -> bool {
    change.before.is_none() && matches!(change.path.0.last(), Some(Segment::Key { .. } | Segment::Index(_)))
}

/// What client-side apply applied last, when it goes: a whole manifest in one value. That it goes is told in words.
fn is_last_applied(change: &Change) -> bool {
    const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
    change.after.is_none() && change.path.0.last() == Some(&Segment::Field(LAST_APPLIED.into()))
}

fn is_server_made(change: &Change) -> bool {
    let text = change.path.to_string();
    ["metadata.creationTimestamp", "metadata.uid", "metadata.selfLink", "metadata.deletionTimestamp"].contains(&text.as_str())
}

/// Whether the document says anything at or below that place.
fn mentions(body: &Value, change: &Change) -> bool {
    let mut here = body;
    for segment in &change.path.0 {
        let next = match segment {
            Segment::Field(name) => here.get(name),
            Segment::Key { key, value } => here.as_array().and_then(|list| {
                list.iter().find(|item| crate::terms::path::scalar_text(&item[key.as_str()]).as_deref() == Some(value.as_str()))
            }),
            Segment::Index(n) => here.get(n),
        };
        match next {
            Some(next) => here = next,
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::{Kind, Name, Target};
    use serde_json::json;

    fn target() -> Target {
        Target::new(Kind::find("deployment").unwrap(), Name::new("web").unwrap()).unwrap()
    }

    #[test]
    fn defaults_that_nobody_set_are_left_out() {
        let body = json!({"spec": {"template": {"spec": {"containers": [{"name": "a", "image": "x:2"}]}}}});
        let call = Call::patch(&target(), PatchKind::Strategic, body);
        let before = json!({"metadata": {"uid": "u", "resourceVersion": "1"}, "spec": {"template": {"spec": {"containers": [{"name": "a", "image": "x:1"}]}}}});
        let mut after = before.clone();
        after["metadata"]["resourceVersion"] = json!("2");
        after["metadata"]["generation"] = json!(2);
        after["spec"]["template"]["spec"]["containers"][0]["image"] = json!("x:2");
        after["spec"]["template"]["spec"]["containers"][0]["imagePullPolicy"] = json!("IfNotPresent");
        let changes = shown(&call, &before, &after);
        assert_eq!(changes.len(), 1, "{changes:?}");
        assert_eq!(changes[0].path.to_string(), "spec.template.spec.containers[a].image");
    }

    #[test]
    fn what_a_change_takes_away_is_always_shown() {
        let call = Call::patch(&target(), PatchKind::Apply { force: false }, json!({"spec": {"replicas": 2}}));
        let changes = shown(&call, &json!({"spec": {"replicas": 2, "paused": true}}), &json!({"spec": {"replicas": 2}}));
        assert_eq!(changes[0].path.to_string(), "spec.paused");
    }
}
