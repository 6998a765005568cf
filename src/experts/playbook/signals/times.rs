//! Ages, counted from a given now.

pub use crate::experts::signals::words::span;
use crate::terms::age;
use jiff::Timestamp;
use serde_json::Value;

/// How many seconds ago a time stamp was; -1 where there is none.
pub fn seconds(stamp: &Value, now: Timestamp) -> i64 {
    stamp.as_str().and_then(|s| s.parse::<Timestamp>().ok()).map_or(-1, |t| now.as_second().saturating_sub(t.as_second()).max(0))
}

/// The same as kubectl writes it; empty where there is none.
pub fn age(stamp: &Value, now: Timestamp) -> Value {
    match seconds(stamp, now) {
        -1 => "".into(),
        s => age::human(s).into(),
    }
}
