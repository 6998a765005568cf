//! Makes answers of two clusters equal where only chance, time and place differ.
use regex::{Captures, Regex};
use serde_json::Value;
use std::sync::LazyLock;

/// What stands for what in one topic.
pub struct Known {
    words: Vec<(String, String)>,
}

impl Known {
    pub fn new(ns: &str, node: &str) -> Self {
        Known { words: vec![("ns".to_owned(), ns.to_owned()), ("node".to_owned(), node.to_owned())] }
    }

    pub fn keep(&mut self, word: &str, value: &str) {
        self.words.retain(|(w, _)| w != word);
        self.words.push((word.to_owned(), value.to_owned()));
    }

    /// `{word}` becomes what it stands for.
    pub fn fill(&self, text: &str) -> String {
        self.words.iter().fold(text.to_owned(), |text, (word, value)| text.replace(&format!("{{{word}}}"), value))
    }

    fn hide(&self, text: &str) -> String {
        // Longest first, so that a name within a name does not spoil it; very short ones would spoil too much.
        let mut words: Vec<_> = self.words.iter().filter(|(word, value)| value.len() > 4 && word != "node").collect();
        words.sort_by_key(|(_, value)| std::cmp::Reverse(value.len()));
        words.into_iter().fold(text.to_owned(), |text, (word, value)| text.replace(value, &format!("<{word}>")))
    }
}

/// Generated names use these letters only.
const LETTERS: &str = "[bcdfghjklmnpqrstvwxz2456789]";

static RULES: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let rule = |pattern: &str, with| (Regex::new(&pattern.replace("LETTERS", LETTERS)).unwrap(), with);
    vec![
        rule(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UID"),
        rule(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", "MICROTIME"),
        rule(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?Z|[+ -]+\d\d:?\d\d)( UTC)?", "TIME"),
        rule(r"\b(10|127|172|192)\.\d+\.\d+\.\d+\b", "ADDRESS"),
        rule(r"^(\d+[smhdy])+$", "AGE"),
        rule(r"\((\d+[smhd])+ ago\)", "(AGE ago)"),
        rule(r"\b(fake-\d+|demo-node-\d+|real-0)\b", "NODE"),
        rule(r"resource version: \d+(, current: \d+)?( \(\d+\))?", "resource version: N"),
        rule(r"in record \((\d+|<rv>)\)", "in record (N)"),
        rule(r"pod-template-hash([=:] ?)LETTERS{6,10}\b", "pod-template-hash=HASH"),
        rule(r#""?resourceVersion"?: "\d+""#, "resourceVersion: VERSION"),
        rule(r"-LETTERS{8,10}(-LETTERS{5})?\b", "-HASH"),
        rule(r"-LETTERS{5}\b", "-RANDOM"),
    ]
});

/// The answer without what chance decides.
pub fn normal(value: &Value, known: &Known) -> Value {
    match value {
        Value::String(s) => Value::String(text(s, known)),
        Value::Array(list) => list.iter().map(|v| normal(v, known)).collect(),
        Value::Object(map) => map.iter().map(|(key, value)| (text(key, known), field(key, value, known))).collect(),
        other => other.clone(),
    }
}

fn field(key: &str, value: &Value, known: &Known) -> Value {
    let hidden = match (key, value) {
        ("resourceVersion", Value::String(version)) if version.parse::<u64>().is_ok_and(|v| v > 9) => "VERSION",
        ("continue", Value::String(token)) if !token.is_empty() => "TOKEN",
        ("pod-template-hash" | "controller-revision-hash" | "rollouts-pod-template-hash", Value::String(_)) => "HASH",
        // What a column is for is prose.
        ("columnDefinitions", Value::Array(columns)) => {
            let mut columns = columns.clone();
            columns.iter_mut().filter_map(Value::as_object_mut).for_each(|c| drop(c.remove("description")));
            return columns.into();
        }
        // Their order is that of their times.
        ("managedFields", Value::Array(entries)) => {
            let mut entries: Vec<Value> = entries.iter().map(|entry| normal(entry, known)).collect();
            entries.sort_by_key(Value::to_string);
            return entries.into();
        }
        _ => return normal(value, known),
    };
    hidden.into()
}

fn text(text: &str, known: &Known) -> String {
    let hidden = known.hide(text);
    RULES.iter().fold(hidden, |text, (pattern, with)| pattern.replace_all(&text, |_: &Captures| *with).into_owned())
}
