//! Manifests: YAML text to objects.
use serde_json::Value;

/// Why a manifest cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct BadManifest(String);

/// Old octal numbers (`defaultMode: 0644`) are what kubectl takes them for.
fn options() -> serde_saphyr::Options {
    serde_saphyr::options! { legacy_octal_numbers: true }
}

/// One document.
pub(super) fn one(text: &str) -> Result<Value, BadManifest> {
    serde_saphyr::from_str_with_options(text, options()).map_err(|why| BadManifest(why.to_string()))
}

/// Every object in a stream of documents; Lists are taken apart, empty documents passed over.
pub(super) fn all(text: &str) -> Result<Vec<Value>, BadManifest> {
    let documents: Vec<Value> = serde_saphyr::from_multiple_with_options(text, options()).map_err(|why| BadManifest(why.to_string()))?;
    let mut objects = Vec::new();
    for document in documents {
        match document {
            Value::Null => {}
            Value::Object(mut map)
                if map.get("kind").is_some_and(|k| k.as_str().is_some_and(|k| k.ends_with("List"))) && map.contains_key("items") =>
            {
                if let Some(Value::Array(items)) = map.remove("items") {
                    objects.extend(items);
                }
            }
            Value::Object(map) => objects.push(Value::Object(map)),
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                return Err(BadManifest("a document in the manifest is no object".to_owned()));
            }
        }
    }
    Ok(objects)
}

#[cfg(test)]
mod tests {
    #[test]
    fn streams_lists_and_octals() {
        let text = "# nothing\n---\nkind: A\nmode: 0644\n---\nkind: BList\nitems:\n- kind: B\n- kind: C\n---\n";
        let kinds: Vec<String> = super::all(text).unwrap().iter().map(|o| o["kind"].to_string()).collect();
        assert_eq!(kinds, ["\"A\"", "\"B\"", "\"C\""]);
        assert_eq!(super::one("mode: 0644").unwrap()["mode"], 420);
        assert!(super::all("- 1").is_err());
        assert!(super::all("a: [").is_err());
    }
}
