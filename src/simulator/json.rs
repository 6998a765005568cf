//! Small helpers over JSON trees, so that the rules elsewhere read as rules.
use jiff::Timestamp;
use serde_json::{Map, Value};

/// What is at a pointer, without a copy of each of its names (`Value::pointer` unescapes them one by one).
pub(super) fn at<'a>(value: &'a Value, pointer: &str) -> Option<&'a Value> {
    if pointer.contains('~') {
        return value.pointer(pointer);
    }
    pointer.split('/').skip(1).try_fold(value, |value, name| match value {
        Value::Object(map) => map.get(name),
        Value::Array(list) => list.get(name.parse::<usize>().ok()?),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    })
}

/// The string at a pointer, or the empty string.
pub(super) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    at(value, pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The whole number at a pointer, or the default.
pub(super) fn number(value: &Value, pointer: &str, default: i64) -> i64 {
    at(value, pointer).and_then(Value::as_i64).unwrap_or(default)
}

/// Whether the boolean at a pointer is true.
pub(super) fn yes(value: &Value, pointer: &str) -> bool {
    at(value, pointer).and_then(Value::as_bool).unwrap_or_default()
}

/// The list at a pointer, or an empty one.
pub(super) fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    at(value, pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The map inside a value, which becomes an empty map if it is anything else.
pub(super) fn map_mut(value: &mut Value) -> &mut Map<String, Value> {
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    match value {
        Value::Object(map) => map,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => unreachable!("it was made a map above"),
    }
}

/// Writes at a pointer made of field names, making the maps on the way. A name holds no `/`; labels go through [`map_mut`].
pub(super) fn set(value: &mut Value, pointer: &str, new: impl Into<Value>) {
    let mut at = value;
    for name in pointer.split('/').skip(1) {
        at = map_mut(at).entry(name.to_owned()).or_insert(Value::Null);
    }
    *at = new.into();
}

/// Writes at a pointer unless something is there already.
pub(super) fn default(value: &mut Value, pointer: &str, new: impl Into<Value>) {
    if value.pointer(pointer).is_none_or(Value::is_null) {
        set(value, pointer, new);
    }
}

/// Takes away what is at a pointer made of field names.
pub(super) fn remove(value: &mut Value, pointer: &str) -> Option<Value> {
    let (parent, name) = pointer.rsplit_once('/')?;
    value.pointer_mut(parent)?.as_object_mut()?.remove(name)
}

/// The list at a pointer, made if it is not there.
pub(super) fn list_mut<'a>(value: &'a mut Value, pointer: &str) -> &'a mut Vec<Value> {
    default(value, pointer, Value::Array(Vec::new()));
    if !value.pointer(pointer).is_some_and(Value::is_array) {
        set(value, pointer, Value::Array(Vec::new()));
    }
    match value.pointer_mut(pointer) {
        Some(Value::Array(list)) => list,
        Some(_) | None => unreachable!("the list was written above"),
    }
}

/// A time as Kubernetes writes it: whole seconds, UTC.
pub(super) fn stamp(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The time at a pointer.
pub(super) fn time(value: &Value, pointer: &str) -> Option<Timestamp> {
    text(value, pointer).parse().ok()
}
