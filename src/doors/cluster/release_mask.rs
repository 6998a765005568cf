//! Which of a release's values are secret: those that stand in a Secret of its manifest, and those whose name says so.

use super::redact::marker;
use crate::ops::helm::is_secret;
use base64::Engine as _;
use serde_json::Value;
use std::collections::BTreeSet;

/// A value shorter than this is masked where it stands alone, and not looked for inside other texts.
const LONG: usize = 6;

/// What is known to be secret.
#[derive(Default)]
pub(super) struct Mask {
    known: BTreeSet<String>,
}

impl Mask {
    /// Remembers the values of every Secret in an object, as text and as base64.
    pub fn learn(&mut self, object: &Value) {
        match object {
            Value::Object(map) => {
                if map.get("kind").and_then(Value::as_str) == Some("Secret") {
                    for field in ["data", "stringData"] {
                        map.get(field).into_iter().for_each(|held| self.leaves(held));
                    }
                }
                map.values().for_each(|held| self.learn(held));
            }
            Value::Array(list) => list.iter().for_each(|held| self.learn(held)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn leaves(&mut self, value: &Value) {
        match value {
            Value::Object(map) => map.values().for_each(|held| self.leaves(held)),
            Value::Array(list) => list.iter().for_each(|held| self.leaves(held)),
            Value::String(text) => self.know(text),
            Value::Number(number) => self.know(&number.to_string()),
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn know(&mut self, text: &str) {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return;
        }
        let engine = base64::engine::general_purpose::STANDARD;
        if let Ok(plain) = engine.decode(trimmed)
            && let Ok(plain) = String::from_utf8(plain)
            && !plain.trim().is_empty()
        {
            self.known.insert(plain.trim().to_string());
        }
        self.known.insert(engine.encode(trimmed));
        self.known.insert(trimmed.to_string());
    }

    /// The values of a release, masked.
    pub fn values(&mut self, mut values: Value) -> Value {
        self.note(&values, false);
        self.walk(&mut values, false);
        values
    }

    /// Remembers what stands under names that look secret: the notes may repeat it.
    fn note(&mut self, value: &Value, secret: bool) {
        match value {
            Value::Object(map) => {
                let named = named_secret(map);
                map.iter().for_each(|(key, held)| self.note(held, secret || is_secret(key) || named && key == "value"));
            }
            Value::Array(list) => list.iter().for_each(|held| self.note(held, secret)),
            Value::String(text) if secret && text.trim().len() >= LONG => self.know(text),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn walk(&mut self, value: &mut Value, secret: bool) {
        match value {
            Value::Object(map) => {
                let named = named_secret(map);
                map.iter_mut().for_each(|(key, held)| self.walk(held, secret || is_secret(key) || named && key == "value"));
            }
            Value::Array(list) => list.iter_mut().for_each(|held| self.walk(held, secret)),
            Value::String(text) if text.is_empty() => {}
            Value::String(text) if secret || self.known.contains(text.trim()) => *text = marker(text.as_bytes()),
            Value::String(text) => *text = self.text(text),
            Value::Number(number) => {
                let text = number.to_string();
                if secret || text.len() >= LONG && self.known.contains(&text) {
                    *value = Value::String(marker(text.as_bytes()));
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// A text without the values that are known to be secret, without passwords in addresses and without private keys.
    pub fn text(&mut self, text: &str) -> String {
        if text.contains("PRIVATE KEY") {
            return marker(text.as_bytes());
        }
        let mut text = without_logins(text);
        // The longest first: one value may begin another.
        let mut known: Vec<&String> = self.known.iter().filter(|known| known.len() >= LONG).collect();
        known.sort_by_key(|known| std::cmp::Reverse(known.len()));
        for known in known {
            if text.contains(known.as_str()) {
                text = text.replace(known.as_str(), &marker(known.as_bytes()));
            }
        }
        text
    }
}

/// `https://user:password@host` without what stands between the scheme and the `@`.
fn without_logins(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, behind) = rest.split_at(at + 3);
        out.push_str(before);
        let end = behind.find(|c: char| c.is_whitespace() || "\"'/".contains(c)).unwrap_or(behind.len());
        match behind[..end].rfind('@') {
            Some(login) if behind[..login].contains(':') => {
                out.push_str(&marker(&behind.as_bytes()[..login]));
                rest = &behind[login..];
            }
            Some(_) | None => rest = behind,
        }
    }
    out.push_str(rest);
    out
}

/// `{name: DB_PASSWORD, value: …}`: an environment variable.
fn named_secret(map: &serde_json::Map<String, Value>) -> bool {
    ["name", "key"].iter().any(|field| map.get(*field).and_then(Value::as_str).is_some_and(is_secret))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_stands_in_a_secret_is_masked_wherever_it_stands() {
        let mut mask = Mask::default();
        mask.learn(&json!({"kind": "List", "items": [{"kind": "Secret", "stringData": {"a": "swordfish"}, "data": {"b": "aHVudGVyMmh1bnRlcjI="}}]}));
        let masked = mask.values(json!({
            "one": "swordfish", "two": {"deep": ["hunter2hunter2", "c3dvcmRmaXNo", "say swordfish twice"]}, "colour": "blue", "replicas": 2,
            "url": "postgres://joe:opensesame@db/x", "env": [{"name": "DB_PASSWORD", "value": "abc"}, {"name": "COLOUR", "value": "red"}],
            "auth": {"username": "joe", "enabled": true, "pin": 1234}, "empty": {"password": ""},
        }));
        let text = masked.to_string();
        for gone in ["swordfish", "hunter2", "c3dvcmRmaXNo", "opensesame", "abc", "joe", "1234"] {
            assert!(!text.contains(&format!("{gone}\"")) && !text.contains(&format!(" {gone} ")), "{gone}: {text}");
        }
        for kept in ["blue", "red", "\"replicas\":2", "\"enabled\":true", "\"password\":\"\""] {
            assert!(text.contains(kept), "{kept}: {text}");
        }
    }
}
