//! Values of objects: one difference as a line, bigger ones as YAML below it.

use super::{Line, Role, words::compared, wrap::wrapped};
use crate::terms::diff::Change;
use serde_json::Value;

/// One difference: `spec.replicas   2 → 3`, or the path with what is new or gone below it. Never cut.
pub fn difference(change: &Change, column: usize, width: usize) -> Vec<Line> {
    let path = change.path.to_string();
    let pad = " ".repeat(column.saturating_sub(Line::plain(&path).width()) + 3);
    let short = |v: &Option<Value>| match v {
        None => Some("(nothing)".to_string()),
        Some(v) => one_line(v).filter(|t| t.chars().count() <= 120),
    };
    if let (Some(before), Some(after)) = (short(&change.before), short(&change.after)) {
        let line = match (&change.before, &change.after) {
            (None, _) => Line::plain(format!("    {path}{pad}")).and(format!("+ {after}"), Role::Added),
            (_, None) => Line::plain(format!("    {path}{pad}")).and(format!("- {before}"), Role::Removed),
            (Some(_), Some(_)) => Line::plain(format!("    {path}{pad}"))
                .and(before.clone(), Role::Removed)
                .and(" → ", Role::Dim)
                .and(after.clone(), Role::Added),
        };
        if line.width() <= width {
            return vec![line];
        }
    }
    let mut lines = wrapped(&path, Role::Plain, width.saturating_sub(4), "", 0).into_iter().map(|l| l.indented(4)).collect::<Vec<_>>();
    if let (Some(Value::String(before)), Some(Value::String(after))) = (&change.before, &change.after)
        && let Some(compared) = compared(before, after, width.saturating_sub(6))
    {
        lines.extend(compared.into_iter().map(|line| line.indented(6)));
        return lines;
    }
    let mut block = |value: &Option<Value>, mark: &str, role: Role| {
        if let Some(value) = value {
            for text in yaml(value).lines() {
                lines.extend(wrapped(text, role, width.saturating_sub(6), &format!("{mark} "), 2).into_iter().map(|l| l.indented(6)));
            }
        }
    };
    block(&change.before, "-", Role::Removed);
    block(&change.after, "+", Role::Added);
    lines
}

/// A value that fits on a line: texts as they are, numbers, booleans, short lists.
pub fn one_line(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.is_empty() => Some("\"\"".into()),
        Value::String(text) => (!text.contains('\n')).then(|| text.clone()),
        Value::Null => Some("null".into()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Array(list) => {
            let parts: Option<Vec<String>> = list.iter().map(|v| if v.is_object() { None } else { one_line(v) }).collect();
            parts.map(|parts| format!("[{}]", parts.join(", ")))
        }
        Value::Object(map) if map.is_empty() => Some("{}".into()),
        Value::Object(_) => None,
    }
}

/// A value as YAML.
pub fn yaml(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => serde_saphyr::to_string(other).unwrap_or_else(|_| other.to_string()),
    }
}
