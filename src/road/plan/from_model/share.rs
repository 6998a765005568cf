//! What of the cluster a model is shown: answers as text, by level of sharing, without values that are nobody's business.

use super::mask::{HIDDEN, is_secret_name, masked};
use crate::{
    ops::{
        Answer, Entry,
        answer::{Block, Table},
        helm::compare::{Difference, What},
    },
    problem::Problem,
    terms::{diff::Change, path::Segment},
};
use serde_json::{Value, json};

/// How much one result may have.
const MOST: usize = 16 * 1024;
/// What stands for a result that gave way to newer ones.
pub(super) const GONE: &str = "(left out: it was long ago; ask again if it is needed)";

/// How much of the cluster a model is shown. Ordered; each level shows what the ones before it show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Sharing {
    /// Names of objects and namespaces.
    Names,
    /// Also what state they are in, their settings, their events.
    #[default]
    Status,
    /// Also log lines.
    Logs,
}

impl std::str::FromStr for Sharing {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "names" => Ok(Sharing::Names),
            "status" => Ok(Sharing::Status),
            "logs" => Ok(Sharing::Logs),
            other => Err(format!("{other:?} is no level of sharing; there are names, status and logs")),
        }
    }
}

impl Sharing {
    /// What is sent at that level, for the person to know.
    pub fn kinds(self) -> Vec<&'static str> {
        let mut kinds = vec!["your words", "names of objects and namespaces"];
        if self >= Sharing::Status {
            kinds.push("state, settings and events of objects (no Secret values, no literal environment values)");
        }
        if self >= Sharing::Logs {
            kinds.push("log lines (what looks like a password or a key is taken out)");
        }
        kinds
    }

    /// Whether a model is offered an operation.
    pub(super) fn offers(self, entry: &Entry) -> bool {
        if entry.personal {
            return false;
        }
        match (entry.reads, self) {
            (false, _) | (true, Sharing::Logs) => true,
            (true, Sharing::Status) => entry.name != "logs",
            (true, Sharing::Names) => entry.name == "get",
        }
    }
}

/// What a read gave.
pub(super) fn answer(answer: &Answer, sharing: Sharing) -> String {
    let text = match answer {
        Answer::Tables { tables } => tables.iter().map(|t| table(t, sharing)).collect::<Vec<_>>().join("\n"),
        Answer::Found(found) => {
            let rows = format!("{}: {} of {}", found.asked, found.table.rows.len(), found.of);
            [vec![rows, table(&found.table, sharing)], found.notes.clone()].concat().join("\n")
        }
        Answer::Objects { items, .. } if sharing == Sharing::Names => {
            items.iter().map(|item| slashed(&item)).collect::<Vec<_>>().join("\n")
        }
        Answer::Objects { items, .. } => items.iter().map(|item| scrubbed(&item).to_string()).collect::<Vec<_>>().join("\n"),
        Answer::Log { lines, truncated } if sharing == Sharing::Logs => {
            let lines = lines.iter().map(|l| if l.source.is_empty() { l.text.clone() } else { format!("{}: {}", l.source, l.text) });
            let more = if *truncated { "(older lines were not read)\n" } else { "" };
            // The newest lines say most.
            return tail(&format!("{more}{}", masked(&lines.collect::<Vec<_>>().join("\n"))));
        }
        Answer::Description(told) if sharing >= Sharing::Status => {
            let blocks = told.blocks.iter().map(block).collect::<Vec<_>>().join("\n");
            format!("{}\n{}", told.target, masked(&blocks))
        }
        Answer::Rollout(rollout) if sharing >= Sharing::Status => {
            let state = serde_json::to_value(rollout.state).unwrap_or_default();
            let state = state.as_str().unwrap_or("unknown");
            let (updated, available, desired) = (rollout.updated, rollout.available, rollout.desired);
            let counts = format!("{updated} of {desired} updated, {available} of {desired} available");
            format!("{}: {state}, {counts}. {}", rollout.target, masked(&rollout.message))
        }
        Answer::Text { text } if sharing >= Sharing::Status => written(text),
        Answer::Differences { objects } if sharing >= Sharing::Status => objects.iter().map(differs).collect::<Vec<_>>().join("\n"),
        Answer::Text { .. } | Answer::Log { .. } | Answer::Description(_) | Answer::Rollout(_) | Answer::Differences { .. } => {
            HIDDEN.to_string()
        }
    };
    if text.trim().is_empty() { "(nothing found)".into() } else { head(&text) }
}

/// A text as it is, unless it is objects written out: those are scrubbed as objects are, so that no literal value of a variable goes.
fn written(text: &str) -> String {
    match serde_saphyr::from_multiple::<Value>(text) {
        Ok(documents) if documents.iter().any(Value::is_object) => {
            documents.iter().filter(|d| !d.is_null()).map(|d| scrubbed(d).to_string()).collect::<Vec<_>>().join("\n")
        }
        Err(_) if text.lines().any(|line| line.trim_start().starts_with("kind:")) => HIDDEN.to_string(),
        Ok(_) | Err(_) => masked(text),
    }
}

/// What of an object differs. A whole object is scrubbed as one; a part of one is said only where it is no literal value of a variable.
fn differs(one: &Difference) -> String {
    let value = |change: &Change, value: &Option<Value>| match value {
        None => "(nothing)".to_string(),
        // Scrubbed by the fields above it too.
        Some(value) => {
            let around = change.path.0.iter().rev().fold(value.clone(), |inner, segment| match segment {
                Segment::Field(name) => json!({name: inner}),
                Segment::Key { .. } | Segment::Index(_) => json!([inner]),
            });
            scrubbed(&around).to_string()
        }
    };
    match &one.what {
        What::Added { object } => format!("+ {}: {}", one.object, scrubbed(object)),
        What::Removed => format!("- {}", one.object),
        What::Changed { changes } => {
            let line = |c: &Change| format!("  {}: {} -> {}", c.path, value(c, &c.before), value(c, &c.after));
            format!("{}\n{}", one.object, changes.iter().map(line).collect::<Vec<_>>().join("\n"))
        }
    }
}

/// What went wrong with a read.
pub(super) fn problem(problem: &Problem) -> String {
    let mut text = format!("error: {}", problem.sentence);
    for hint in &problem.hints {
        text.push_str(&format!(" ({hint})"));
    }
    cut(&masked(&text), 1000)
}

fn table(table: &Table, sharing: Sharing) -> String {
    let named = |column: &String| ["name", "namespace"].contains(&column.to_lowercase().as_str());
    let shown: Vec<usize> = (0..table.columns.len()).filter(|n| sharing > Sharing::Names || named(&table.columns[*n])).collect();
    let line = |cells: &[String]| shown.iter().map(|n| cells.get(*n).map_or("", String::as_str)).collect::<Vec<_>>().join("\t");
    let mut text = format!("{} ({} rows)\n{}\n", table.title, table.rows.len(), line(&table.columns));
    for row in &table.rows {
        text.push_str(&masked(&line(row)));
        text.push('\n');
        if text.len() > 2 * MOST {
            break;
        }
    }
    text
}

fn block(block: &Block) -> String {
    match block {
        Block::Fields { title, fields } => {
            let fields = fields.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name}: {value}\n"));
            format!("{title}\n{}", fields.collect::<String>())
        }
        Block::Table { title, table: rows } => format!("{title}\n{}", table(rows, Sharing::Status)),
    }
}

fn slashed(object: &Value) -> String {
    let text = |place: &str| object.pointer(place).and_then(Value::as_str).unwrap_or_default();
    let place = if text("/metadata/namespace").is_empty() { String::new() } else { format!(" in {}", text("/metadata/namespace")) };
    format!("{}/{}{place}", text("/kind").to_lowercase(), text("/metadata/name"))
}

/// An object without what is noise or nobody's business.
fn scrubbed(object: &Value) -> Value {
    let mut object = object.clone();
    scrub(&mut object);
    object
}

fn scrub(value: &mut Value) {
    match value {
        Value::Object(map) => {
            if map.get("kind").and_then(Value::as_str) == Some("Secret") {
                for field in ["data", "stringData"] {
                    if let Some(Value::Object(data)) = map.get_mut(field) {
                        data.values_mut().for_each(|held| *held = HIDDEN.into());
                    }
                }
            }
            map.remove("managedFields");
            if let Some(Value::Object(annotations)) = map.get_mut("annotations") {
                annotations.retain(|key, _| !key.contains("last-applied"));
            }
            if let Some(Value::Array(variables)) = map.get_mut("env") {
                for variable in variables.iter_mut().filter_map(|v| v.get_mut("value")) {
                    *variable = HIDDEN.into();
                }
            }
            for (key, held) in map.iter_mut() {
                match held {
                    Value::String(_) if is_secret_name(key) => *held = HIDDEN.into(),
                    Value::String(_) | Value::Object(_) | Value::Array(_) => scrub(held),
                    Value::Null | Value::Bool(_) | Value::Number(_) => {}
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(scrub),
        Value::String(text) => *text = masked(text),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The beginning of a text, at most `most` bytes, with a note where something is missing.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_string();
    }
    let end = (0..=most).rev().find(|n| text.is_char_boundary(*n)).unwrap_or(0);
    format!("{} … ({} bytes more)", &text[..end], text.len() - end)
}

fn head(text: &str) -> String {
    if text.len() <= MOST { text.to_string() } else { format!("{}\n(cut: ask for one object, a selector or less)", cut(text, MOST)) }
}

fn tail(text: &str) -> String {
    if text.trim().is_empty() {
        return "(no lines)".into();
    }
    if text.len() <= MOST {
        return text.to_string();
    }
    let from = (text.len() - MOST..text.len()).find(|n| text.is_char_boundary(*n)).unwrap_or(text.len());
    format!("(cut: {from} bytes before this)\n{}", &text[from..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::{ObjectForm, answer::LogLine};
    use serde_json::json;

    fn objects(items: Vec<Value>) -> Answer {
        Answer::Objects { output: ObjectForm::Json, items: items.into() }
    }

    #[test]
    fn secrets_and_literal_values_never_go() {
        let secret = json!({"kind": "Secret", "metadata": {"name": "s", "managedFields": [{"x": "hunter2"}],
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{\"data\":{\"p\":\"hunter2\"}}"}},
            "data": {"p": "hunter2"}, "stringData": {"q": "hunter2"}});
        let pod = json!({"kind": "Deployment", "spec": {"template": {"spec": {"containers": [{"name": "a",
            "args": ["--db-password=hunter2"], "env": [{"name": "A", "value": "hunter2"},
            {"name": "B", "valueFrom": {"secretKeyRef": {"name": "todo-secrets", "key": "password"}}}]}]}}}});
        let config = json!({"kind": "ConfigMap", "data": {"app.ini": "password = hunter2\nport = 80", "API_KEY": "hunter2", "URL": "http://a:hunter2@b"}});
        let list = json!({"kind": "List", "items": [secret.clone(), pod.clone()]});
        for object in [secret, pod, config, list] {
            for sharing in [Sharing::Names, Sharing::Status, Sharing::Logs] {
                let text = answer(&objects(vec![object.clone()]), sharing);
                assert!(!text.contains("hunter2"), "{text}");
                assert!(!text.contains("last-applied"), "{text}");
            }
        }
    }

    #[test]
    fn objects_written_out_are_objects() {
        let manifest = "---\n# Source: a\nkind: Deployment\nspec:\n  containers:\n  - env:\n    - name: A\n      value: |\n        hunter2\n---\nkind: Secret\nstringData: {a: hunter2}\n";
        for text in [manifest.to_string(), format!("{manifest}---\n{{{{ broken\n"), "kind: X\nenv: [{name: A, value: hunter2}]".into()] {
            let told = answer(&Answer::Text { text }, Sharing::Logs);
            assert!(!told.contains("hunter2"), "{told}");
        }
        assert_eq!(answer(&Answer::Text { text: "Open http://shop.example".into() }, Sharing::Logs), "Open http://shop.example");
        let path = crate::terms::path::Path(vec![
            Segment::Field("env".into()),
            Segment::Key { key: "name".into(), value: "A".into() },
            Segment::Field("value".into()),
        ]);
        let objects = vec![Difference {
            object: "Deployment/web".into(),
            what: What::Changed { changes: vec![Change { path, before: None, after: Some(json!("hunter2")) }] },
        }];
        assert!(!answer(&Answer::Differences { objects }, Sharing::Logs).contains("hunter2"));
    }

    #[test]
    fn what_helps_to_find_a_cause_stays() {
        let pod = json!({"spec": {"containers": [{"env": [{"name": "B", "valueFrom": {"secretKeyRef": {"name": "todo-secrets", "key": "jwt"}}}]}],
            "volumes": [{"secret": {"secretName": "tls-cert"}}]}, "status": {"reason": "CreateContainerConfigError"}});
        let text = answer(&objects(vec![pod]), Sharing::Status);
        for word in ["todo-secrets", "jwt", "tls-cert", "CreateContainerConfigError"] {
            assert!(text.contains(word), "{word}: {text}");
        }
    }

    #[test]
    fn each_level_shows_what_it_says() {
        let pods = Table {
            title: "pods".into(),
            columns: vec!["Namespace".into(), "Name".into(), "Status".into()],
            rows: vec![vec!["dev".into(), "worker-1".into(), "CrashLoopBackOff".into()]],
        };
        let tables = Answer::Tables { tables: vec![pods] };
        assert!(answer(&tables, Sharing::Names).contains("worker-1") && !answer(&tables, Sharing::Names).contains("CrashLoop"));
        assert!(answer(&tables, Sharing::Status).contains("CrashLoop"));
        let log = Answer::Log { lines: vec![LogLine { source: String::new(), text: "hello password=hunter2".into() }], truncated: false };
        assert_eq!(answer(&log, Sharing::Status), HIDDEN);
        assert_eq!(answer(&log, Sharing::Logs), "hello password=(not shared)");
    }

    #[test]
    fn long_results_are_cut_where_it_hurts_least() {
        let lines = (0..9000).map(|n| LogLine { source: "p/c".into(), text: format!("line {n} é") }).collect();
        let text = answer(&Answer::Log { lines, truncated: true }, Sharing::Logs);
        assert!(text.len() < MOST + 100 && text.contains("line 8999") && !text.contains("line 10 "));
        let rows = (0..9000).map(|n| vec![format!("pod-{n}"), "é".repeat(9)]).collect();
        let table = Table { title: "pods".into(), columns: vec!["Name".into(), "X".into()], rows };
        let text = answer(&Answer::Tables { tables: vec![table] }, Sharing::Status);
        assert!(text.len() < MOST + 200 && text.contains("9000 rows") && text.contains("pod-0") && text.contains("cut"));
    }
}
