//! Sorting by a path, as `kubectl get --sort-by` does (`isLess` in `kubectl/pkg/cmd/get/sorter.go`).

use super::{BadPath, Template};
use crate::terms::quantity::Quantity;
use serde_json::Value;
use std::cmp::Ordering;

/// Why things could not be sorted by a path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsortable {
    /// The path does not fit one of them.
    #[error(transparent)]
    BadPath(#[from] BadPath),
    /// None of them has the field.
    #[error("none of the objects has that field")]
    NoField,
    /// Two values have no order: maps, truths, values of two sorts.
    #[error("its values have no order: {0}")]
    NoOrder(&'static str),
}

/// What an object is sorted by: the first result of the path in it, if it has one.
///
/// # Errors
/// [`Unsortable`] where the path does not fit the object.
pub fn sort_key(path: &Template, object: &Value) -> Result<Option<Value>, Unsortable> {
    Ok(path.results(object)?.into_iter().next().and_then(|part| part.into_iter().next()))
}

/// Sorts things by their keys, so that the objects need not be kept. Those without one come first, equal ones keep their order.
///
/// # Errors
/// [`Unsortable`] where no thing has a key, or keys cannot be compared.
pub fn sorted<T>(keyed: Vec<(Option<Value>, T)>) -> Result<Vec<T>, Unsortable> {
    if !keyed.is_empty() && keyed.iter().all(|(key, _)| key.is_none()) {
        return Err(Unsortable::NoField);
    }
    let keys: Vec<&Value> = keyed.iter().filter_map(|(key, _)| key.as_ref()).filter(|key| !key.is_null()).collect();
    let by = By::of(&keys).map_err(Unsortable::NoOrder)?;
    // No key comes before null, and null before every value.
    let rank = |key: &Option<Value>| key.as_ref().map(|key| (!key.is_null()).then(|| by.key(key)));
    let mut ranked: Vec<_> = keyed.into_iter().map(|(key, thing)| (rank(&key), thing)).collect();
    ranked.sort_by(|(a, _), (b, _)| a.partial_cmp(b).unwrap_or(Ordering::Equal));
    Ok(ranked.into_iter().map(|(_, thing)| thing).collect())
}

/// What all values are compared as. kubectl decides it anew for each pair, which gives no order where only some texts are quantities.
#[derive(Clone, Copy)]
enum By {
    Worth,
    Text,
    Number,
}

#[derive(PartialEq, PartialOrd)]
enum Key {
    Worth(i128),
    Text(String),
    Number(f64),
}

impl By {
    fn of(values: &[&Value]) -> Result<By, &'static str> {
        let all = |is: fn(&Value) -> bool| values.iter().all(|value| is(value));
        if all(|value| value.as_str().is_some_and(|text| text.parse::<Quantity>().is_ok())) {
            Ok(By::Worth)
        } else if all(Value::is_string) {
            Ok(By::Text)
        } else if all(Value::is_number) {
            Ok(By::Number)
        } else if values.iter().any(|value| value.is_object() || value.is_array()) {
            Err("they are maps or lists")
        } else if all(Value::is_boolean) {
            Err("they are true or false")
        } else {
            Err("they are of several sorts")
        }
    }

    fn key(self, value: &Value) -> Key {
        let text = || value.as_str().unwrap_or_default();
        match self {
            By::Worth => Key::Worth(text().parse::<Quantity>().map_or(0, |q| q.nanos())),
            By::Text => Key::Text(text().to_string()),
            By::Number => Key::Number(value.as_f64().unwrap_or_default()),
        }
    }
}
