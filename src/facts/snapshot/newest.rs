//! When a dump was taken, by what stands in it.

use super::Clock;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// Times that lie ahead of the moment at which they were written.
const AHEAD: &[&str] = &["deletionTimestamp", "notAfter", "renewalTime", "expirationTimestamp", "nextScheduleTime"];
/// Times that are written again and again while the cluster lives.
const BEATS: &[&str] = &["lastHeartbeatTime", "renewTime"];
/// What people wrote rather than the cluster.
const WRITTEN: &[&str] = &["spec", "data", "stringData", "annotations", "labels"];

/// The newest moment seen, and whether a heart beat among them.
#[derive(Debug, Default)]
pub(super) struct Newest {
    at: Option<Timestamp>,
    beats: bool,
}

impl Newest {
    /// Looks at one document. `today` bounds what is believed: nobody dumps tomorrow.
    pub(super) fn look(&mut self, value: &Value, today: Timestamp) {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    match value {
                        Value::String(text) if !AHEAD.contains(&&**key) => self.text(key, text, today),
                        // A Lease keeps its time in the spec.
                        Value::Object(_) if WRITTEN.contains(&&**key) => {
                            if let Some(Value::String(text)) = value.get("renewTime") {
                                self.text("renewTime", text, today);
                            }
                        }
                        Value::Object(_) | Value::Array(_) => self.look(value, today),
                        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
                    }
                }
            }
            Value::Array(list) => list.iter().for_each(|v| self.look(v, today)),
            Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn text(&mut self, key: &str, text: &str, today: Timestamp) {
        if !(20..=35).contains(&text.len()) || text.as_bytes().get(10) != Some(&b'T') {
            return;
        }
        let Ok(time) = text.parse::<Timestamp>() else { return };
        if time <= today.saturating_add(SignedDuration::from_hours(24)).unwrap_or(today) {
            self.at = self.at.max(Some(time));
            self.beats |= BEATS.contains(&key);
        }
    }

    /// The clock by which the dump's ages are judged.
    pub(super) fn clock(&self, today: Timestamp) -> Clock {
        Clock { now: self.at.unwrap_or(today), loose: !self.beats, today }
    }
}
