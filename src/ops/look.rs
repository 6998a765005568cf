//! What the verbs share in reading: the answers to looks, the pages of replies, fields of objects, owners, ages.

use super::{Call, CannotDo, Kind, Lookup, Name, Namespace, Reply, Target};
use crate::terms::{age, selector::LabelSelector};
use jiff::Timestamp;
use serde_json::{Value, json};

/// The object that the first look asked for.
///
/// # Errors
/// [`CannotDo`] where it is missing or could not be read.
pub(super) fn object<'a>(seen: &'a [Lookup<Value>], target: &Target) -> Result<&'a Value, CannotDo> {
    match seen.first() {
        Some(Lookup::Known(object)) => Ok(object),
        Some(Lookup::Missing) => Err(CannotDo::missing(target)),
        Some(Lookup::NotChecked(why)) => Err(CannotDo::new(format!("{target} could not be read: {why}"), "")),
        None => Err(CannotDo::new(format!("{target} has not been looked at"), "")),
    }
}

/// The objects that a later look listed.
///
/// # Errors
/// [`CannotDo`] where they could not be read.
pub(super) fn listed(seen: &[Lookup<Value>], at: usize, kind: Kind) -> Result<&[Value], CannotDo> {
    match seen.get(at) {
        Some(Lookup::Known(list)) => Ok(items(list)),
        Some(Lookup::Missing) => Ok(&[]),
        Some(Lookup::NotChecked(why)) => Err(CannotDo::new(format!("{} could not be listed: {why}", kind.plural()), "")),
        None => Err(CannotDo::new(format!("{} have not been listed", kind.plural()), "")),
    }
}

/// The object itself, of a kind that was asked for.
pub(super) fn target_of(kind: Kind, object: &Value) -> Option<Target> {
    let namespace = object.pointer("/metadata/namespace").and_then(Value::as_str).and_then(|ns| Namespace::new(ns).ok());
    Some(Target::new(kind, Name::new(text(object, "/metadata/name")).ok()?).ok()?.in_namespace(namespace))
}

/// The `items` of a list; none where it is no list.
pub(super) fn items(list: &Value) -> &[Value] {
    list.get("items").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// An object without its `managedFields`.
pub(super) fn without_owners(object: &mut Value) {
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("managedFields");
    }
}

/// One value per call: the object, or a list's pages joined into one `{"items": […]}`. A page that could not be read makes the
/// whole answer `NotChecked`.
pub(super) fn gathered(calls: &[Call], replies: &[Reply]) -> Vec<Lookup<Value>> {
    let mut answers: Vec<Lookup<Value>> = calls.iter().map(|_| Lookup::NotChecked("no answer came".into())).collect();
    let mut joined = vec![false; calls.len()];
    for reply in replies {
        let Some(answer) = answers.get_mut(reply.call) else { continue };
        let page = match &reply.body {
            Lookup::Known(bytes) => match serde_json::from_slice::<Value>(bytes) {
                Ok(mut value) => {
                    // Who owns which field no answer tells, and it is half of what a list takes.
                    for item in value.get_mut("items").and_then(Value::as_array_mut).into_iter().flatten() {
                        without_owners(item);
                    }
                    Lookup::Known(value)
                }
                Err(e) => Lookup::NotChecked(format!("the answer could not be understood: {e}")),
            },
            Lookup::Missing => Lookup::Missing,
            Lookup::NotChecked(why) => Lookup::NotChecked(why.clone()),
        };
        match (answer, page) {
            (Lookup::Known(so_far), Lookup::Known(mut page)) if joined[reply.call] => {
                if let (Some(Value::Array(all)), Some(Value::Array(more))) =
                    (so_far.get_mut("items"), page.get_mut("items").map(Value::take))
                {
                    all.extend(more);
                }
            }
            (answer @ (Lookup::Known(_) | Lookup::Missing | Lookup::NotChecked(_)), page) => *answer = page,
        }
        joined[reply.call] = true;
    }
    answers
}

/// The one object that a read's first call asked for, decoded.
///
/// # Errors
/// [`CannotDo`] where it is missing, could not be read or understood.
pub(super) fn first_object(calls: &[Call], replies: &[Reply]) -> Result<Value, CannotDo> {
    let (Some(call), Some(reply)) = (calls.first(), replies.iter().find(|r| r.call == 0)) else {
        return Err(CannotDo::new("the server gave no answer", ""));
    };
    let bytes = read(call, &reply.body)?;
    serde_json::from_slice(bytes).map_err(|e| CannotDo::new(format!("the server's answer could not be understood: {e}"), ""))
}

/// A text field, empty where there is none.
pub(super) fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// A whole number, 0 where there is none.
pub(super) fn number(object: &Value, pointer: &str) -> u64 {
    object.pointer(pointer).and_then(Value::as_u64).unwrap_or_default()
}

/// A list, empty where there is none.
pub(super) fn list<'a>(object: &'a Value, pointer: &str) -> &'a [Value] {
    object.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// `key=value` pairs of a map of texts, in the order of their keys.
pub(super) fn pairs(object: &Value, pointer: &str) -> Vec<String> {
    let map = object.pointer(pointer).and_then(Value::as_object);
    map.into_iter().flatten().map(|(k, v)| format!("{k}={}", plain(v))).collect()
}

/// A value on one line: texts bare, all else as JSON.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

/// A point in time, where the text is one.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// How long ago a point in time is, as kubectl writes it; `<unknown>` where it is none.
pub(super) fn since(text: &str, now: Timestamp) -> String {
    time(text).map_or_else(|| "<unknown>".into(), |then| age::human(now.as_second() - then.as_second()))
}

/// The owner that controls an object: kind as written (`ReplicaSet`), its apiVersion, and name.
pub(super) fn controller(object: &Value) -> Option<&Value> {
    list(object, "/metadata/ownerReferences").iter().find(|o| o["controller"] == json!(true))
}

/// Whether `object` is controlled by the object of that uid.
pub(super) fn controlled_by(object: &Value, uid: &str) -> bool {
    controller(object).is_some_and(|owner| !uid.is_empty() && text(owner, "/uid") == uid)
}

/// The selector by which an object finds its pods, printed; `None` for kinds that have none, or an empty one.
///
/// Source: `SelectorsForObject` in `kubectl/pkg/polymorphichelpers/helpers.go`.
pub(super) fn pod_selector(kind: Kind, object: &Value) -> Option<String> {
    let has_pods = kind.rolls_out()
        || kind.is("replicasets", "apps")
        || kind.is("replicationcontrollers", "")
        || kind.is("jobs", "batch")
        || kind.is("services", "")
        || kind.is("poddisruptionbudgets", "policy");
    if !has_pods {
        return None;
    }
    let selector = LabelSelector::from_json(object.pointer("/spec/selector")?).ok()?;
    (!selector.is_empty()).then(|| selector.to_string())
}

/// The bytes of a reply, or why there are none, in words that name the object.
pub(super) fn read<'a>(call: &Call, body: &'a Lookup<Vec<u8>>) -> Result<&'a [u8], CannotDo> {
    match (body, call.target()) {
        (Lookup::Known(bytes), _) => Ok(bytes),
        (Lookup::Missing, Some(target)) => Err(CannotDo::missing(&target)),
        (Lookup::Missing, None) => Err(CannotDo::new(format!("this cluster has no {}", call.said()), "")),
        (Lookup::NotChecked(why), Some(target)) => Err(CannotDo::new(format!("{target} could not be read: {why}"), "")),
        (Lookup::NotChecked(why), None) => Err(CannotDo::new(format!("{} could not be read: {why}", call.said()), "")),
    }
}
