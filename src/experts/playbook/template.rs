//! Text and JSON with `${expression}` in it.

use super::expr::{Expr, Scope};
use serde_json::Value;

/// Text with expressions in it.
#[derive(Debug)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    Text(String),
    Expr(Expr),
}

impl Template {
    /// Reads `pod ${it.name} restarts`.
    ///
    /// # Errors
    /// A sentence where a `${` has no end.
    pub fn parse(text: &str, line: u64, column: u64) -> Result<Template, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            if at > 0 {
                parts.push(Part::Text(rest[..at].to_string()));
            }
            let inside = &rest[at + 2..];
            let end =
                closing(inside).ok_or_else(|| format!("`${{` without its `}}` in {:?}", text.chars().take(80).collect::<String>()))?;
            parts.push(Part::Expr(Expr::new(&inside[..end], line, column)));
            rest = &inside[end + 1..];
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_string()));
        }
        Ok(Template { parts })
    }

    /// Its expressions.
    pub fn exprs(&self) -> impl Iterator<Item = &Expr> {
        self.parts.iter().filter_map(|part| match part {
            Part::Expr(expr) => Some(expr),
            Part::Text(_) => None,
        })
    }

    /// The text. What is null in it is left out.
    ///
    /// # Errors
    /// As [`Expr::eval`].
    pub fn text(&self, scope: &Scope<'_>) -> Result<String, String> {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Expr(expr) => out.push_str(&plain(&expr.eval(scope)?)),
            }
        }
        Ok(out)
    }

    /// The value: where it is one expression and nothing else, that expression's own; else the text.
    ///
    /// # Errors
    /// As [`Expr::eval`].
    pub fn value(&self, scope: &Scope<'_>) -> Result<Value, String> {
        match &self.parts[..] {
            [Part::Expr(expr)] => expr.eval(scope),
            _ => self.text(scope).map(Value::String),
        }
    }

    /// The lines: a list gives one each, an empty text none.
    ///
    /// # Errors
    /// As [`Expr::eval`].
    pub fn lines(&self, scope: &Scope<'_>) -> Result<Vec<String>, String> {
        let lines = match self.value(scope)? {
            Value::Array(list) => list.iter().map(plain).collect(),
            one => vec![plain(&one)],
        };
        Ok(lines.into_iter().filter(|line| !line.trim().is_empty()).collect())
    }
}

/// A value as it stands in a sentence.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

/// Where the brace ends that was opened before `text`, strings and inner braces aside.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(_), '\\') if !escaped => {
                escaped = true;
                continue;
            }
            (Some(q), c) if c == q && !escaped => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '{') => depth += 1,
            (None, '}') if depth == 0 => return Some(at),
            (None, '}') => depth -= 1,
            (Some(_) | None, _) => {}
        }
        escaped = false;
    }
    None
}

/// JSON in which any string may be a template.
#[derive(Debug)]
pub enum Mold {
    /// As it is.
    Fixed(Value),
    /// A string with expressions.
    Text(Template),
    /// A list.
    List(Vec<Mold>),
    /// An object; a field whose expression is null or empty is left out.
    Map(Vec<(String, Mold)>),
}

impl Mold {
    /// Reads it.
    ///
    /// # Errors
    /// As [`Template::parse`].
    pub fn parse(value: &Value, line: u64, column: u64) -> Result<Mold, String> {
        Ok(match value {
            Value::String(text) if text.contains("${") => Mold::Text(Template::parse(text, line, column)?),
            Value::Array(list) => Mold::List(list.iter().map(|v| Mold::parse(v, line, column)).collect::<Result<_, _>>()?),
            Value::Object(map) => {
                let fields = map.iter().map(|(k, v)| Ok((k.clone(), Mold::parse(v, line, column)?)));
                Mold::Map(fields.collect::<Result<_, String>>()?)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Mold::Fixed(value.clone()),
        })
    }

    /// Its expressions.
    pub fn exprs(&self) -> Vec<&Expr> {
        match self {
            Mold::Fixed(_) => Vec::new(),
            Mold::Text(template) => template.exprs().collect(),
            Mold::List(list) => list.iter().flat_map(Mold::exprs).collect(),
            Mold::Map(map) => map.iter().flat_map(|(_, v)| v.exprs()).collect(),
        }
    }

    /// Filled in.
    ///
    /// # Errors
    /// As [`Expr::eval`].
    pub fn fill(&self, scope: &Scope<'_>) -> Result<Value, String> {
        Ok(match self {
            Mold::Fixed(value) => value.clone(),
            Mold::Text(template) => template.value(scope)?,
            Mold::List(list) => Value::Array(list.iter().map(|m| m.fill(scope)).collect::<Result<_, _>>()?),
            Mold::Map(map) => {
                let mut out = serde_json::Map::new();
                for (key, mold) in map {
                    let value = mold.fill(scope)?;
                    let given = matches!(mold, Mold::Text(_)) && (value.is_null() || value == "");
                    if !given {
                        out.insert(key.clone(), value);
                    }
                }
                Value::Object(out)
            }
        })
    }

    /// With a stand-in for every template: what can be checked before anything is known. `key` is the field it stands in.
    pub fn with_stand_ins(&self, key: &str) -> Value {
        match self {
            Mold::Fixed(value) => value.clone(),
            Mold::Text(template) if template.parts.len() > 1 => "pod".into(),
            Mold::Text(_) => stand_in(key),
            Mold::List(list) => Value::Array(list.iter().map(|m| m.with_stand_ins(key)).collect()),
            Mold::Map(map) => Value::Object(map.iter().map(|(k, m)| (k.clone(), m.with_stand_ins(k))).collect()),
        }
    }
}

/// What a field of that name would take.
fn stand_in(key: &str) -> Value {
    match key {
        "previous" | "all_containers" | "all_namespaces" | "timestamps" | "show_labels" => true.into(),
        "tail" | "replicas" | "to_revision" => 1.into(),
        "patch" => Value::Object(serde_json::Map::new()),
        "since" => "1h".into(),
        _ => "pod".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::collections::BTreeMap;

    #[test]
    fn braces_and_strings_inside_do_not_end_it() {
        let values = BTreeMap::from([("a".to_string(), json!({"b": [1, 2]}))]);
        let scope = Scope { values: &values, it: None, now: jiff::Timestamp::UNIX_EPOCH };
        let text = |t: &str| Template::parse(t, 1, 1).unwrap().text(&scope).unwrap();
        assert_eq!(text("n=${size(a.b)} ${'}'} ${{'x': 1}.x}!"), "n=2 } 1!");
        assert_eq!(text("${a.b}"), "1, 2");
        assert!(Template::parse("x ${a", 1, 1).is_err());
        let mold = Mold::parse(&json!({"k": "${a.b}", "gone": "${null}", "n": 1}), 1, 1).unwrap();
        assert_eq!(mold.fill(&scope).unwrap(), json!({"k": [1, 2], "n": 1}));
    }
}
