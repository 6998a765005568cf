//! Which object or key a sentence of the kubelet misses.

use regex::Regex;
use std::sync::LazyLock;

static NOT_FOUND: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"(?i)(configmap|secret)s? "([^"]+)" not found"#).ok());
static NO_KEY: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?i)couldn't find key (\S+) in (configmap|secret) (?:[^/\s]+/)?([^\s,]+)"#).ok());
static NO_MOUNT_KEY: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?i)references non-existent (config|secret) key: (\S+)").ok());

/// What is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// `ConfigMap` or `Secret`.
    pub kind: &'static str,
    /// Its name; empty where the sentence does not say it.
    pub name: String,
    /// The key it lacks; empty where the whole object is missing.
    pub key: String,
}

/// What a sentence of the kubelet misses (`pkg/kubelet/kubelet_pods.go`, `pkg/volume/{configmap,secret}`).
pub fn of(message: &str) -> Option<Missing> {
    let kind = |word: &str| if word.to_lowercase().starts_with("config") { "ConfigMap" } else { "Secret" };
    if let Some(found) = NOT_FOUND.as_ref().and_then(|r| r.captures(message)) {
        return Some(Missing { kind: kind(&found[1]), name: found[2].to_string(), key: String::new() });
    }
    if let Some(found) = NO_KEY.as_ref().and_then(|r| r.captures(message)) {
        return Some(Missing { kind: kind(&found[2]), name: found[3].to_string(), key: found[1].to_string() });
    }
    let found = NO_MOUNT_KEY.as_ref().and_then(|r| r.captures(message))?;
    Some(Missing { kind: kind(&found[1]), name: String::new(), key: found[2].to_string() })
}

impl Missing {
    /// In words.
    pub fn sentence(&self) -> String {
        let kind = self.kind.to_lowercase();
        match (&*self.name, &*self.key) {
            (name, "") => format!("{kind} {name} does not exist"),
            ("", key) => format!("key {key} is not in its {kind}"),
            (name, key) => format!("{kind} {name} has no key {key}"),
        }
    }
}
