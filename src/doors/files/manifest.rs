//! One manifest's text as values: YAML of several documents, or JSON.

use crate::{
    ops::Documents,
    problem::{Problem, Sort},
    terms::written::Written,
};
use serde_json::Value;

/// The documents of one text that came from `place`.
pub(super) fn documents(place: &str, bytes: &[u8]) -> Result<Documents, Problem> {
    let text = std::str::from_utf8(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes))
        .map_err(|e| broken(place, format!("it is no text (byte {})", e.valid_up_to())))?;
    let documents =
        if text.trim_start().starts_with(['{', '[']) && place.ends_with(".json") { json(place, text) } else { yaml(place, text) }?;
    let mut kept = Vec::with_capacity(documents.len());
    for (i, document) in documents.into_iter().enumerate() {
        match document {
            Value::Null => {}
            Value::Object(_) => kept.push(document),
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                return Err(broken(place, format!("document {} is no Kubernetes object", i + 1)));
            }
        }
    }
    Ok(Documents { values: kept, texts: vec![Written::new(place, text)] })
}

fn broken(place: &str, why: String) -> Problem {
    Problem::new(Sort::Usage, format!("{place}: {why}"))
}

fn json(place: &str, text: &str) -> Result<Vec<Value>, Problem> {
    serde_json::Deserializer::from_str(text)
        .into_iter::<Value>()
        .enumerate()
        .map(|(i, document)| {
            document.map_err(|e| broken(place, format!("document {} is broken at line {}, column {}", i + 1, e.line(), e.column())))
        })
        .collect()
}

fn yaml(place: &str, text: &str) -> Result<Vec<Value>, Problem> {
    // `defaultMode: 0644` is octal, as kubectl reads it.
    let options = serde_saphyr::options! { legacy_octal_numbers: true };
    serde_saphyr::from_multiple_with_options(text, options).map_err(|e| {
        let Some(at) = e.location() else { return broken(place, "it is broken".into()) };
        let before = text.lines().take(usize::try_from(at.line()).unwrap_or(usize::MAX).saturating_sub(1));
        // A separator before the first content opens the first document, it does not end one.
        let mut number = 0;
        let mut filled = false;
        for line in before {
            let line = line.trim_end();
            if line == "---" || line.starts_with("--- ") {
                number += usize::from(filled);
                filled = false;
            } else {
                filled |= !line.is_empty() && !line.trim_start().starts_with('#');
            }
        }
        broken(place, format!("document {} is broken at line {}, column {}: {}", number + 1, at.line(), at.column(), why(&e)))
    })
}

/// What sort of mistake it is, in words that quote nothing.
fn why(e: &serde_saphyr::Error) -> &'static str {
    match e {
        serde_saphyr::Error::WithSnippet { error, .. } | serde_saphyr::Error::AliasError { error, .. } => why(error),
        serde_saphyr::Error::DuplicateMappingKey { .. } => "a key stands there twice",
        _ => "this is no YAML",
    }
}
