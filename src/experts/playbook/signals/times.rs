//! Ages, counted from a given now.

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

/// A span in words: `40 s`, `4 min`, `3 h`, `2 d`.
pub fn span(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{} s", seconds.max(0)),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        172_800.. => format!("{} d", seconds / 86_400),
    }
}
