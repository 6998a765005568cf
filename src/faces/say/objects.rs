//! Objects as JSON, YAML or names. Many are said a few at a time: ten thousand pods are two million lines.

use super::{Line, value::yaml};
use crate::ops::{Items, answer::ObjectForm};
use serde_json::Value;

/// So many objects become lines at once.
const AT_ONCE: usize = 32;

/// Hands the lines of one object or of a `List` of them to `sink`, in order.
pub(super) fn objects(form: ObjectForm, items: &Items, sink: &mut dyn FnMut(Vec<Line>)) {
    let mut say = |text: &str| sink(text.lines().map(Line::plain).collect());
    match (form, items.len()) {
        (ObjectForm::Name, _) => many(items, &mut say, |text, item, _| text.extend([&name(item), "\n"])),
        (ObjectForm::Json, 0) => say(&json(&list())),
        (ObjectForm::Yaml, 0) => say(&yaml(&list())),
        (ObjectForm::Json, 1) => items.iter().for_each(|one| say(&json(&one))),
        (ObjectForm::Yaml, 1) => items.iter().for_each(|one| say(&yaml(&one))),
        (ObjectForm::Json, _) => {
            say("{\n  \"apiVersion\": \"v1\",\n  \"items\": [");
            many(items, &mut say, |text, item, last| {
                json(item).lines().for_each(|line| text.extend(["    ", line, "\n"]));
                if !last {
                    text.truncate(text.len() - 1);
                    text.push_str(",\n");
                }
            });
            say("  ],\n  \"kind\": \"List\"\n}");
        }
        (ObjectForm::Yaml, _) => {
            say("apiVersion: v1\nitems:");
            many(items, &mut say, |text, item, _| {
                for (n, line) in yaml(item).lines().enumerate() {
                    let before = if n == 0 { "- " } else { "  " };
                    text.extend([if line.is_empty() { "" } else { before }, line, "\n"]);
                }
            });
            say("kind: List");
        }
    }
}

/// What `write` makes of each, a few at a time; it is told which is the last.
fn many(items: &Items, say: &mut dyn FnMut(&str), write: impl Fn(&mut String, &Value, bool)) {
    let mut text = String::new();
    let mut left = items.len();
    for item in items.iter() {
        left -= 1;
        write(&mut text, &item, left == 0);
        if left == 0 || left.is_multiple_of(AT_ONCE) {
            say(&text);
            text.clear();
        }
    }
}

fn list() -> Value {
    serde_json::json!({"apiVersion": "v1", "kind": "List", "items": []})
}

fn json(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn name(item: &Value) -> String {
    let kind = item["kind"].as_str().unwrap_or("object").to_ascii_lowercase();
    let group = item["apiVersion"].as_str().and_then(|v| v.split_once('/')).map_or_else(String::new, |(g, _)| format!(".{g}"));
    format!("{kind}{group}/{}", item.pointer("/metadata/name").and_then(Value::as_str).unwrap_or("?"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn said(form: ObjectForm, items: &[Value]) -> String {
        let mut text = String::new();
        objects(form, &items.to_vec().into(), &mut |lines| lines.iter().for_each(|line| text.push_str(&format!("{}\n", line.text()))));
        text
    }

    #[test]
    fn a_list_is_whole_however_many_are_in_it() {
        for many in [0, 2, AT_ONCE, AT_ONCE + 1, 3 * AT_ONCE + 5] {
            let items: Vec<Value> = (0..many)
                .map(|n| json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": format!("d{n}")}, "spec": {"a": [{"b": []}], "text": "one\n\n two\n"}}))
                .collect();
            let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
            assert_eq!(said(ObjectForm::Json, &items), format!("{}\n", serde_json::to_string_pretty(&list).unwrap()), "{many}");
            let read: Value = serde_saphyr::from_str(&said(ObjectForm::Yaml, &items)).unwrap();
            assert_eq!(read, list, "{many}");
            assert_eq!(said(ObjectForm::Name, &items).lines().count(), many);
        }
        assert_eq!(
            said(ObjectForm::Name, &[json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"}})]),
            "deployment.apps/x\n"
        );
    }

    proptest! {
        /// Texts of any shape come back from the YAML of a list as they went in; control characters are the face's to escape.
        #[test]
        fn texts_stay_what_they_are(texts in proptest::collection::vec("([a-z :#|>&*!%@`'\"{}\\[\\],?.0-9-]|\n){0,120}", 2..5)) {
            let items: Vec<Value> = texts.iter().map(|text| json!({"data": {"key": text, text: 1}})).collect();
            let read: Value = serde_saphyr::from_str(&said(ObjectForm::Yaml, &items)).unwrap();
            prop_assert_eq!(&read["items"], &Value::Array(items));
        }
    }
}
