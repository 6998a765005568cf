//! Objects as JSON, YAML or names. Many are said a few at a time: ten thousand pods are two million lines.

use super::{Line, value::yaml};
use crate::ops::answer::ObjectForm;
use serde_json::Value;

/// So many objects become lines at once.
const AT_ONCE: usize = 32;

/// Hands the lines of one object or of a `List` of them to `sink`, in order.
pub(super) fn objects(form: ObjectForm, items: &[Value], sink: &mut dyn FnMut(Vec<Line>)) {
    let mut say = |text: String| sink(text.lines().map(Line::plain).collect());
    match (form, items) {
        (ObjectForm::Name, items) => items.chunks(AT_ONCE).for_each(|some| say(some.iter().map(|item| name(item) + "\n").collect())),
        (ObjectForm::Json, [one]) => say(json(one)),
        (ObjectForm::Yaml, [one]) => say(yaml(one)),
        (ObjectForm::Json, []) => say(json(&list())),
        (ObjectForm::Yaml, []) => say(yaml(&list())),
        (ObjectForm::Json, items) => {
            say("{\n  \"apiVersion\": \"v1\",\n  \"items\": [".into());
            let mut left = items.len();
            for some in items.chunks(AT_ONCE) {
                let mut text = String::new();
                for item in some {
                    left -= 1;
                    json(item).lines().for_each(|line| text.extend(["    ", line, "\n"]));
                    if left > 0 {
                        text.truncate(text.len() - 1);
                        text.push_str(",\n");
                    }
                }
                say(text);
            }
            say("  ],\n  \"kind\": \"List\"\n}".into());
        }
        (ObjectForm::Yaml, items) => {
            say("apiVersion: v1\nitems:".into());
            for some in items.chunks(AT_ONCE) {
                let mut text = String::new();
                for item in some {
                    for (n, line) in yaml(item).lines().enumerate() {
                        let before = if n == 0 { "- " } else { "  " };
                        text.extend([if line.is_empty() { "" } else { before }, line, "\n"]);
                    }
                }
                say(text);
            }
            say("kind: List".into());
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
        objects(form, items, &mut |lines| lines.iter().for_each(|line| text.push_str(&format!("{}\n", line.text()))));
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
