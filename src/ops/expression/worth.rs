//! What a part of an expression is worth: a value of the object, lent and never copied, or one that was worked out.

use super::eval::{Stop, wrong};
use serde_json::{Map, Value};
use std::{borrow::Cow, cmp::Ordering, rc::Rc};

/// Whether the values of a map may be looked at, or only its keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values {
    Open,
    /// Those of a Secret.
    Sealed,
}

/// A list: of the object, or one that was made.
#[derive(Debug, Clone)]
pub enum List<'a> {
    Lent(&'a [Value]),
    Made(Rc<Vec<Worth<'a>>>),
}

/// A value.
#[derive(Debug, Clone)]
pub enum Worth<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    Text(Cow<'a, str>),
    List(List<'a>),
    Map(&'a Map<String, Value>, Values),
}

impl<'a> From<&'a Value> for Worth<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Worth::Null,
            Value::Bool(so) => Worth::Bool(*so),
            Value::Number(n) => n.as_i64().map_or_else(|| Worth::Double(n.as_f64().unwrap_or(f64::NAN)), Worth::Int),
            Value::String(text) => Worth::Text(Cow::Borrowed(text)),
            Value::Array(items) => Worth::List(List::Lent(items)),
            Value::Object(map) => Worth::Map(map, Values::Open),
        }
    }
}

impl<'a> List<'a> {
    pub fn len(&self) -> usize {
        match self {
            List::Lent(items) => items.len(),
            List::Made(items) => items.len(),
        }
    }
    pub fn get(&self, at: usize) -> Option<Worth<'a>> {
        match self {
            List::Lent(items) => items.get(at).map(Worth::from),
            List::Made(items) => items.get(at).cloned(),
        }
    }
}

impl<'a> Worth<'a> {
    /// Its sort, for a person.
    pub fn sort(&self) -> &'static str {
        match self {
            Worth::Null => "null",
            Worth::Bool(_) => "true or false",
            Worth::Int(_) | Worth::Double(_) => "a number",
            Worth::Text(_) => "a text",
            Worth::List(_) => "a list",
            Worth::Map(..) => "an object",
        }
    }

    /// How much of it there is to look at: what looking at the whole of it costs at least.
    pub fn weight(&self) -> u64 {
        let many = match self {
            Worth::Null | Worth::Bool(_) | Worth::Int(_) | Worth::Double(_) => 0,
            Worth::Text(text) => text.len() / 16,
            Worth::List(list) => list.len(),
            Worth::Map(map, _) => map.len(),
        };
        u64::try_from(many).unwrap_or(u64::MAX)
    }

    /// Which goes before the other; an error where they cannot be put in an order.
    pub fn order(&self, other: &Worth<'a>) -> Result<Option<Ordering>, Stop> {
        match (self, other) {
            (Worth::Int(a), Worth::Int(b)) => Ok(Some(a.cmp(b))),
            (Worth::Text(a), Worth::Text(b)) => Ok(Some(a.cmp(b))),
            (Worth::Bool(a), Worth::Bool(b)) => Ok(Some(a.cmp(b))),
            (Worth::Int(_) | Worth::Double(_), Worth::Int(_) | Worth::Double(_)) => Ok(self.number().partial_cmp(&other.number())),
            (a, b) => Err(wrong(format!("{} cannot be held against {}", a.sort(), b.sort()))),
        }
    }

    /// It as a number with a fraction; NaN where it is none.
    #[allow(clippy::cast_precision_loss, reason = "CEL holds whole numbers against others so")]
    pub fn number(&self) -> f64 {
        match self {
            Worth::Int(n) => *n as f64,
            Worth::Double(n) => *n,
            Worth::Null | Worth::Bool(_) | Worth::Text(_) | Worth::List(_) | Worth::Map(..) => f64::NAN,
        }
    }
}
