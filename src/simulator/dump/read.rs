//! The text of one file as objects: documents of YAML or JSON, Lists taken apart, what is broken named by its place.
use crate::simulator::json::text;
use serde_json::Value;

/// Nodes, depth and text of one YAML document, and what aliases may make of it. A List of ten thousand pods is large; a bomb is larger.
fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        legacy_octal_numbers: true,
        // As kubectl reads it.
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::LastWins,
        with_snippet: false,
        budget: serde_saphyr::budget! {
            max_nodes: 20_000_000,
            max_events: 60_000_000,
            max_total_scalar_bytes: 64 << 20,
            max_depth: 120,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 100_000,
        },
    }
}

/// Every object in a text with the place it stands at; a sentence for what cannot be read.
pub(super) fn objects(place: &str, content: &str) -> Vec<Result<(String, Value), String>> {
    let mut found = Vec::new();
    let json = content.trim_start().starts_with(['{', '[']);
    for document in if json { json_documents(place, content) } else { yaml_documents(place, content) } {
        match document {
            Ok((place, value)) => open(place, value, None, 0, &mut found),
            Err(why) => found.push(Err(why)),
        }
    }
    found
}

fn json_documents(place: &str, content: &str) -> Vec<Result<(String, Value), String>> {
    let documents = serde_json::Deserializer::from_str(content).into_iter::<Value>().zip(1..);
    let mut read = Vec::new();
    for (document, n) in documents {
        let broken = document.is_err();
        read.push(match document {
            Ok(value) => Ok((format!("{place}, document {n}"), value)),
            Err(e) => Err(format!("{place}: document {n} is broken at line {}, column {}: no JSON", e.line(), e.column())),
        });
        // Where the next one would begin is not known.
        if broken {
            break;
        }
    }
    read
}

/// Each document on its own, so that one that is broken takes no other with it.
fn yaml_documents(place: &str, content: &str) -> Vec<Result<(String, Value), String>> {
    let (mut read, mut from, mut first_line, mut number) = (Vec::new(), 0, 1, 0);
    let separators = content.match_indices('\n').map(|(at, _)| at + 1).filter(|at| {
        let line = content[*at..].lines().next().unwrap_or_default();
        line.trim_end() == "---" || line.starts_with("--- ")
    });
    for to in separators.chain([content.len()]).collect::<Vec<_>>() {
        let document = &content[from..to];
        let lines = document.matches('\n').count();
        let filled = document.lines().any(|l| !l.is_empty() && !l.starts_with('#') && l.trim_end() != "---");
        if filled {
            number += 1;
            read.push(match serde_saphyr::from_str_with_options::<Value>(document, options()) {
                Ok(value) => Ok((format!("{place}, document {number}"), value)),
                Err(e) => {
                    let line = e.location().map_or(first_line, |at| first_line + usize::try_from(at.line()).unwrap_or(1) - 1);
                    Err(format!("{place}: document {number} is broken at line {line}: no YAML, or too much of it"))
                }
            });
        }
        (from, first_line) = (to, first_line + lines);
    }
    read
}

/// How deep Lists may lie in Lists.
const LISTS: usize = 3;

/// Takes a List apart; its items often lack the `apiVersion` and `kind` that the List's own name says.
fn open(place: String, mut value: Value, of_list: Option<(&str, &str)>, depth: usize, found: &mut Vec<Result<(String, Value), String>>) {
    if value.is_null() {
        return;
    }
    let Some(map) = value.as_object_mut() else {
        found.push(Err(format!("{place}: no object, but {}", sort(&value))));
        return;
    };
    let kind = map.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned();
    let api_version = map.get("apiVersion").and_then(Value::as_str).unwrap_or_default().to_owned();
    if kind.ends_with("List") && map.contains_key("items") {
        let of_items = kind.strip_suffix("List").filter(|k| !k.is_empty()).map(|k| (api_version.as_str(), k));
        let items = match map.remove("items") {
            Some(Value::Array(items)) if depth < LISTS => items,
            Some(Value::Null) | None => Vec::new(),
            Some(_) => {
                found.push(Err(format!("{place}: the items of its {kind} are no list, or lie too deep")));
                return;
            }
        };
        for (item, n) in items.into_iter().zip(1..) {
            open(format!("{place}, item {n}"), item, of_items, depth + 1, found);
        }
        return;
    }
    if let Some((api_version, kind)) = of_list {
        map.entry("apiVersion").or_insert_with(|| api_version.into());
        map.entry("kind").or_insert_with(|| kind.into());
    }
    if text(&value, "/kind").is_empty() || text(&value, "/apiVersion").is_empty() || !value["metadata"].is_object() {
        found.push(Err(format!("{place}: no Kubernetes object (apiVersion, kind and metadata)")));
    } else {
        found.push(Ok((place, value)));
    }
}

fn sort(value: &Value) -> &'static str {
    match value {
        Value::Array(_) => "a list",
        Value::String(_) => "text",
        Value::Number(_) => "a number",
        Value::Bool(_) => "a yes or no",
        Value::Null => "nothing",
        Value::Object(_) => "a map",
    }
}
