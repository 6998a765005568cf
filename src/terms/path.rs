//! A place inside an object, said so that it survives a list being reordered.
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// One step into an object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Segment {
    Field(String),
    /// The list element whose field `key` prints as `value`.
    Key {
        key: String,
        value: String,
    },
    Index(usize),
}

/// Steps from an object's root. Prints like `spec.containers[backend].image`, `metadata.labels["app.kubernetes.io/name"]`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Path(pub Vec<Segment>);

impl Path {
    /// A path of fields only: `Path::fields(["spec", "replicas"])`.
    pub fn fields<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Path(names.into_iter().map(|name| Segment::Field(name.to_owned())).collect())
    }

    /// This path and one step more.
    #[must_use]
    pub fn then(&self, segment: Segment) -> Self {
        let mut segments = self.0.clone();
        segments.push(segment);
        Path(segments)
    }

    /// The path without its last step; None at the root.
    pub fn parent(&self) -> Option<Path> {
        let (_, front) = self.0.split_last()?;
        Some(Path(front.to_vec()))
    }

    /// Whether `other` is this place or lies inside it.
    pub fn contains(&self, other: &Path) -> bool {
        other.0.starts_with(&self.0)
    }

    /// The value at this place of `object`.
    pub fn get<'a>(&self, object: &'a Value) -> Option<&'a Value> {
        self.0.iter().try_fold(object, |at, segment| match segment {
            Segment::Field(name) => at.as_object()?.get(name),
            _ => at.get(position(segment, at)?),
        })
    }

    /// The JSON pointer (RFC 6901) of this place in `object`. The last step may be absent there: a field as it is named, a list element as `-`.
    pub fn to_pointer(&self, object: &Value) -> Option<String> {
        let mut pointer = String::new();
        let mut at = Some(object);
        for (step, segment) in self.0.iter().enumerate() {
            let here = at?;
            match segment {
                Segment::Field(name) => {
                    pointer.push('/');
                    pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
                    at = here.as_object()?.get(name);
                }
                Segment::Key { .. } | Segment::Index(_) => match position(segment, here) {
                    Some(index) => {
                        pointer.push_str(&format!("/{index}"));
                        at = here.get(index);
                    }
                    None if here.is_array() && step + 1 == self.0.len() => pointer.push_str("/-"),
                    None => return None,
                },
            }
        }
        Some(pointer)
    }
}

fn position(segment: &Segment, list: &Value) -> Option<usize> {
    let list = list.as_array()?;
    match segment {
        Segment::Field(_) => None,
        Segment::Index(index) => (*index < list.len()).then_some(*index),
        Segment::Key { key, value } => list.iter().position(|item| item.get(key).and_then(scalar_text).is_some_and(|text| text == *value)),
    }
}

/// A scalar as it prints in a path: strings bare, numbers and booleans as JSON; None for null, lists and maps.
pub fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Field(name) if !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b)) => {
                    write!(f, "{}{name}", if at == 0 { "" } else { "." })?;
                }
                Segment::Field(name) => write!(f, "[{name:?}]")?,
                Segment::Key { value, .. } => write!(f, "[{value}]")?,
                Segment::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Path, Segment};
    use serde_json::json;

    #[test]
    fn finds_by_key_whatever_the_order() {
        let path = Path::fields(["spec", "containers"])
            .then(Segment::Key { key: "name".into(), value: "b".into() })
            .then(Segment::Field("image".into()));
        let object = json!({"spec": {"containers": [{"name": "a"}, {"name": "b", "image": "x"}]}});
        assert_eq!(path.to_string(), "spec.containers[b].image");
        assert_eq!(path.get(&object).unwrap(), "x");
        assert_eq!(path.to_pointer(&object).unwrap(), "/spec/containers/1/image");
        assert_eq!(path.parent().unwrap().to_string(), "spec.containers[b]");
        assert_eq!(path.to_pointer(&json!({"spec": {"containers": []}})), None);
        assert_eq!(path.parent().unwrap().to_pointer(&json!({"spec": {"containers": []}})).unwrap(), "/spec/containers/-");
        assert!(Path::fields(["spec"]).contains(&path));
    }

    #[test]
    fn names_with_dots_are_quoted_and_escaped() {
        let path = Path::fields(["metadata", "labels", "app.kubernetes.io/name"]);
        assert_eq!(path.to_string(), r#"metadata.labels["app.kubernetes.io/name"]"#);
        assert_eq!(path.to_pointer(&json!({"metadata": {"labels": {}}})).unwrap(), "/metadata/labels/app.kubernetes.io~1name");
        assert_eq!(Path::default().to_pointer(&json!(1)).unwrap(), "");
        assert_eq!(Path::default().parent(), None);
    }
}
