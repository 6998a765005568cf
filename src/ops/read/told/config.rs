//! ConfigMaps, Secrets, claims, and kinds that nothing special is known of.

use super::{Block, Told, fields, pods, table};
use crate::ops::look::{list, pairs, plain, text};
use serde_json::Value;

/// Keys and sizes. A Secret's values never show; a ConfigMap's are a `get -o yaml` away.
pub(super) fn keys(told: &Told<'_>) -> Vec<Block> {
    let object = told.object;
    let secret = told.target.kind().is("secrets", "");
    let mut rows = Vec::new();
    for field in ["data", "binaryData", "stringData"] {
        for (key, value) in object.get(field).and_then(Value::as_object).into_iter().flatten() {
            rows.push(vec![key.clone(), size(value, secret || field == "binaryData")]);
        }
    }
    let mut blocks = vec![fields(
        "State",
        vec![
            ("Type", text(object, "/type").to_string()),
            ("Immutable", if object["immutable"] == true { "yes".into() } else { String::new() }),
            ("Keys", rows.len().to_string()),
        ],
    )];
    blocks.extend(table("Data", &["Key", "Size"], rows));
    blocks
}

/// The size of a value. One that arrived redacted says itself how large it was; of one that did not, only the size is told.
fn size(value: &Value, base64: bool) -> String {
    // The door leaves `<redacted 24 bytes, DIGEST…>` in the place of a value.
    if let Some(left) = value.as_str().and_then(|text| text.strip_prefix("<redacted ")) {
        return left.split(',').next().unwrap_or_default().trim_end_matches('>').to_string();
    }
    match value {
        Value::String(text) if base64 && is_base64(text) => {
            let padding = text.bytes().rev().take_while(|b| *b == b'=').count();
            format!("{} bytes", (text.len() / 4 * 3).saturating_sub(padding))
        }
        Value::String(_) if base64 => "not read".into(),
        Value::String(text) => format!("{} bytes", text.len()),
        Value::Object(map) => {
            map.get("size").or_else(|| map.get("bytes")).map_or_else(|| "not read".into(), |n| format!("{} bytes", plain(n)))
        }
        Value::Null => "0 bytes".into(),
        Value::Number(n) => format!("{n} bytes"),
        Value::Bool(_) | Value::Array(_) => "not read".into(),
    }
}

fn is_base64(text: &str) -> bool {
    text.len().is_multiple_of(4) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b))
}

/// A claim, its volume, and the pods that use it.
pub(super) fn claim(told: &Told<'_>) -> Vec<Block> {
    let object = told.object;
    let modes = list(object, "/spec/accessModes").iter().map(plain).collect::<Vec<_>>().join(", ");
    let mut blocks = vec![fields(
        "State",
        vec![
            ("Status", text(object, "/status/phase").to_string()),
            ("Volume", text(object, "/spec/volumeName").to_string()),
            ("Storage class", text(object, "/spec/storageClassName").to_string()),
            ("Requested", pairs(object, "/spec/resources/requests").join(", ")),
            ("Capacity", pairs(object, "/status/capacity").join(", ")),
            ("Access modes", modes),
        ],
    )];
    match told.listed("pods") {
        Ok(all) => {
            let name = told.target.name().as_str();
            let uses = |p: &&Value| list(p, "/spec/volumes").iter().any(|v| text(v, "/persistentVolumeClaim/claimName") == name);
            blocks.extend(pods::pod_table(told, "Used by", &all.iter().filter(uses).collect::<Vec<_>>()));
        }
        Err(why) => blocks.push(why),
    }
    blocks
}

/// The scalars of spec and status, two levels deep, and what else stands at the top.
pub(super) fn generic(told: &Told<'_>) -> Vec<Block> {
    let mut blocks = Vec::new();
    let Some(map) = told.object.as_object() else { return blocks };
    let mut top: Vec<(String, String)> = Vec::new();
    for (name, value) in map {
        match (name.as_str(), value) {
            ("apiVersion" | "kind" | "metadata", _) => {}
            (_, Value::Object(inner)) => {
                let mut found = Vec::new();
                scalars(inner, "", 2, &mut found);
                if !found.is_empty() {
                    blocks.push(Block::Fields { title: capital(name), fields: found });
                }
            }
            (_, Value::Array(list)) => top.push((name.clone(), summary(list))),
            (_, scalar) => top.push((name.clone(), plain(scalar))),
        }
    }
    if !top.is_empty() {
        blocks.insert(0, Block::Fields { title: "State".into(), fields: top });
    }
    match told.listed("resourcequotas") {
        Ok(quotas) => blocks.extend(quota_table(quotas)),
        Err(why) => blocks.push(why),
    }
    blocks
}

fn quota_table(quotas: &[Value]) -> Option<Block> {
    let mut rows = Vec::new();
    for quota in quotas {
        for (resource, hard) in quota.pointer("/status/hard").and_then(Value::as_object).into_iter().flatten() {
            let used = quota["status"]["used"].get(resource).map(plain).unwrap_or_default();
            rows.push(vec![text(quota, "/metadata/name").to_string(), resource.clone(), used, plain(hard)]);
        }
    }
    table("Quotas", &["Quota", "Resource", "Used", "Hard"], rows)
}

fn scalars(map: &serde_json::Map<String, Value>, before: &str, depth: usize, into: &mut Vec<(String, String)>) {
    for (name, value) in map {
        let path = if before.is_empty() { name.clone() } else { format!("{before}.{name}") };
        match value {
            Value::Object(inner) if depth > 1 => scalars(inner, &path, depth - 1, into),
            Value::Object(inner) => into.push((path, format!("{} fields", inner.len()))),
            // They have a table of their own.
            Value::Array(_) if name == "conditions" => {}
            Value::Array(list) => into.push((path, summary(list))),
            Value::Null => {}
            Value::Bool(_) | Value::Number(_) | Value::String(_) => into.push((path, plain(value))),
        }
    }
}

fn summary(list: &[Value]) -> String {
    if list.iter().all(|v| !v.is_object() && !v.is_array()) && list.len() <= 10 {
        list.iter().map(plain).collect::<Vec<_>>().join(", ")
    } else {
        format!("{} items", list.len())
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
