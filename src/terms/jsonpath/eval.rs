//! What a template finds in a value.

use super::{BadPath, Comparison, Filter, Piece, Slice, Step};
use serde_json::Value;
use std::{borrow::Cow, cmp::Ordering};

type Found<'v> = Vec<Cow<'v, Value>>;

pub(super) fn pieces<'v>(pieces: &[Piece], value: Cow<'v, Value>, out: &mut Vec<Found<'v>>) -> Result<(), BadPath> {
    for piece in pieces {
        match piece {
            Piece::Text(text) => out.push(vec![Cow::Owned(Value::String(text.clone()))]),
            Piece::Values(steps) => out.push(walk(steps, vec![value.clone()])?),
            Piece::Range { over, body } => {
                for one in walk(over, vec![value.clone()])? {
                    self::pieces(body, one, out)?;
                }
            }
        }
    }
    Ok(())
}

fn walk<'v>(steps: &[Step], mut found: Found<'v>) -> Result<Found<'v>, BadPath> {
    for step in steps {
        found = match step {
            Step::Text(text) => vec![Cow::Owned(Value::String(text.clone()))],
            Step::Literal(value) => found.iter().map(|_| Cow::Owned(value.clone())).collect(),
            Step::Field(name) => found.into_iter().filter_map(|value| field(value, name)).collect(),
            Step::Wildcard => found.into_iter().flat_map(children).collect(),
            Step::Recursive => {
                let mut all = Vec::new();
                found.into_iter().for_each(|value| below(value, &mut all));
                all
            }
            Step::Union(parts) => {
                let mut all = Vec::new();
                for part in parts {
                    all.extend(walk(part, found.clone())?);
                }
                all
            }
            Step::Slice(slice) => {
                let mut all = Vec::new();
                for value in found.into_iter().filter(|value| !value.is_null()) {
                    let list = elements(value).map_err(|value| BadPath(format!("{} is not array or slice", type_of(&value))))?;
                    match cut(slice, list.len())? {
                        Some((from, to, step)) => all.extend(list.into_iter().take(to).skip(from).step_by(step)),
                        // kubectl looks no further once nothing is asked for.
                        None => break,
                    }
                }
                all
            }
            Step::Filter(filter) => {
                let mut all = Vec::new();
                for value in found {
                    let list = elements(value)
                        .map_err(|value| BadPath(format!("{} is not array or slice and cannot be filtered", super::go_value(&value))))?;
                    for one in list {
                        if passes(filter, &one)? {
                            all.push(one);
                        }
                    }
                }
                all
            }
        };
    }
    Ok(found)
}

fn field<'v>(value: Cow<'v, Value>, name: &str) -> Option<Cow<'v, Value>> {
    match value {
        Cow::Borrowed(value) => value.as_object()?.get(name).map(Cow::Borrowed),
        Cow::Owned(mut value) => value.as_object_mut()?.remove(name).map(Cow::Owned),
    }
}

fn elements(value: Cow<'_, Value>) -> Result<Found<'_>, Cow<'_, Value>> {
    match value {
        Cow::Borrowed(Value::Array(list)) => Ok(list.iter().map(Cow::Borrowed).collect()),
        Cow::Owned(Value::Array(list)) => Ok(list.into_iter().map(Cow::Owned).collect()),
        other => Err(other),
    }
}

fn children(value: Cow<'_, Value>) -> Found<'_> {
    match value {
        Cow::Borrowed(Value::Object(map)) => map.values().map(Cow::Borrowed).collect(),
        Cow::Owned(Value::Object(map)) => map.into_iter().map(|(_, value)| Cow::Owned(value)).collect(),
        other => elements(other).unwrap_or_default(),
    }
}

/// A value that holds others, and all below it that do.
fn below<'v>(value: Cow<'v, Value>, out: &mut Found<'v>) {
    let inside = children(value.clone());
    if !inside.is_empty() {
        out.push(value);
        inside.into_iter().for_each(|one| below(one, out));
    }
}

/// From, to and step within a list of that length; `None` where no element is asked for.
fn cut(slice: &Slice, length: usize) -> Result<Option<(usize, usize, usize)>, BadPath> {
    let count = i64::try_from(length).unwrap_or(i64::MAX);
    let from_end = |n: i64| if n < 0 { n.saturating_add(count) } else { n };
    let from = from_end(slice.start.unwrap_or(0));
    let to = match slice.end {
        None => count,
        // The element behind the last but none: `[-1]`.
        Some(0) if slice.one => count,
        Some(end) => from_end(end),
    };
    if from == to {
        return Ok(None);
    }
    let outside = |index: i64| BadPath(format!("array index out of bounds: index {index}, length {length}"));
    let (Ok(start), true) = (usize::try_from(from), from < count) else { return Err(outside(from)) };
    let (Ok(end), true) = (usize::try_from(to), to <= count) else { return Err(outside(to.saturating_sub(1))) };
    if start > end {
        return Err(BadPath(format!("starting index {from} is greater than ending index {to}")));
    }
    match slice.step {
        None => Ok(Some((start, end, 1))),
        Some(step) => match usize::try_from(step) {
            Ok(step) if step > 0 => Ok(Some((start, end, step))),
            Ok(_) | Err(_) => Err(BadPath("step must be > 0".into())),
        },
    }
}

fn passes(filter: &Filter, one: &Value) -> Result<bool, BadPath> {
    let side = |steps: &[Step]| -> Result<Option<Value>, BadPath> {
        let mut found = walk(steps, vec![Cow::Borrowed(one)])?;
        if found.len() > 1 {
            return Err(BadPath("can only compare one element at a time".into()));
        }
        Ok(found.pop().map(Cow::into_owned))
    };
    let Some((comparison, right)) = &filter.compared else {
        // kubectl takes a path that does not fit for one that is there.
        return Ok(walk(&filter.left, vec![Cow::Borrowed(one)]).map_or(true, |found| !found.is_empty()));
    };
    let (Some(left), Some(right)) = (side(&filter.left)?, side(right)?) else { return Ok(false) };
    compared(*comparison, &left, &right)
}

/// As Go's templates compare: only values of one sort, and order only where there is one.
fn compared(comparison: Comparison, left: &Value, right: &Value) -> Result<bool, BadPath> {
    let whole = |value: &Value| value.as_i64().or_else(|| value.as_u64().map(|n| i64::try_from(n).unwrap_or(i64::MAX)));
    let order = match (left, right) {
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        (Value::Number(a), Value::Number(b)) => match (whole(left), whole(right)) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            (None, None) => a.as_f64().zip(b.as_f64()).and_then(|(a, b)| a.partial_cmp(&b)),
            (_, _) => return Err(BadPath("incompatible types for comparison".into())),
        },
        (Value::Bool(left), Value::Bool(right)) => match comparison {
            Comparison::Equal => return Ok(left == right),
            Comparison::NotEqual => return Ok(left != right),
            Comparison::Less | Comparison::LessEqual | Comparison::Greater | Comparison::GreaterEqual => {
                return Err(BadPath("invalid type for comparison".into()));
            }
        },
        (Value::Null | Value::Array(_) | Value::Object(_), _) | (_, Value::Null | Value::Array(_) | Value::Object(_)) => {
            return Err(BadPath("invalid type for comparison".into()));
        }
        (_, _) => return Err(BadPath("incompatible types for comparison".into())),
    };
    Ok(match comparison {
        Comparison::Less => order == Some(Ordering::Less),
        Comparison::LessEqual => order.is_some_and(Ordering::is_le),
        Comparison::Equal => order == Some(Ordering::Equal),
        Comparison::NotEqual => order != Some(Ordering::Equal),
        Comparison::GreaterEqual => order.is_some_and(Ordering::is_ge),
        Comparison::Greater => order == Some(Ordering::Greater),
    })
}

/// Go's name for a JSON value's type.
fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "nil",
        Value::Bool(_) => "bool",
        Value::Number(n) if n.is_f64() => "float64",
        Value::Number(_) => "int64",
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    }
}
