//! What a person edits: an object as text, and that text read back as the change it means. Pure; the editor itself is a door's.
//!
//! How kubectl goes about it: `kubectl/pkg/cmd/util/editor/editoptions.go`.

use super::{Op, Patch, PatchType, Subresource, Target, restore};
use crate::terms::path::{Path, Segment};
use serde_json::{Value, json};

/// One object, to be edited by a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    target: Target,
    part: Option<Subresource>,
    live: Value,
    json: bool,
}

/// What stands above the text.
const HEAD: &str = "\
# What you change below is shown as a difference before it is sent. Lines that begin with '#' are not read;
# an empty file, or one that says the same, changes nothing.
";

/// What stands there for a Secret as well.
const WITHHELD: &str = "\
# The values of a Secret stay in the cluster: <redacted …> stands in their place. Leave them as they are;
# a key whose line goes is removed.
";

/// Of a reason no more is told than this: the server may quote the whole object.
const LONGEST: usize = 400;

/// How a value of a Secret is set.
const SETS_A_VALUE: &str = "the values of a Secret are not edited, for they would stand in a file: \
    kubectl create secret generic NAME --from-file=KEY=FILE --dry-run=client -o yaml | kubectl apply -f - sets one";

impl Draft {
    /// Of the object as it is, or of a part of it; in YAML, or in JSON.
    pub(super) fn of(target: Target, part: Option<Subresource>, mut live: Value, json: bool) -> Draft {
        if let Some(metadata) = live.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.remove("managedFields");
        }
        // A scale document leaves its replicas out where they are 0 (`omitempty` in `autoscaling/v1` ScaleSpec).
        if part == Some(Subresource::Scale) && live.pointer("/spec/replicas").is_none() {
            live["spec"] = json!({"replicas": 0});
        }
        Draft { target, part, live, json }
    }

    /// Which object.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// What the file is called: editors go by its end.
    pub fn file_name(&self) -> String {
        let name: String =
            self.target.name().as_str().chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect();
        format!("{}-{name}.{}", self.target.kind().word(), if self.json { "json" } else { "yaml" })
    }

    /// The text that is given to the editor first.
    pub fn text(&self) -> String {
        let body = match self.json {
            true => serde_json::to_string_pretty(&self.live).map(|text| text + "\n").map_err(|e| e.to_string()),
            false => serde_saphyr::to_string(&self.live).map_err(|e| e.to_string()),
        };
        let withheld = if self.secret() { WITHHELD } else { "" };
        // What came as JSON can be written as such.
        format!("{HEAD}{withheld}#\n{}", body.unwrap_or_default())
    }

    /// The text that was left, with the reason why it cannot be taken above it.
    pub fn again(&self, left: &str, why: &[String]) -> String {
        let told: String = why
            .iter()
            .flat_map(|why| why.lines())
            .map(|line| format!("# * {}\n", line.chars().take(LONGEST).collect::<String>()))
            .collect();
        let withheld = if self.secret() { WITHHELD } else { "" };
        format!("{HEAD}{withheld}#\n# It was not taken:\n{told}#\n{}", below_the_head(left))
    }

    /// What of a text is the object's: without the lines above it. JSON has no comments, so these have to go.
    pub fn body(text: &str) -> &str {
        below_the_head(text)
    }

    /// Whether nothing is left in it but comments.
    pub fn is_empty(text: &str) -> bool {
        text.lines().map(str::trim).all(|line| line.is_empty() || line.starts_with('#'))
    }

    /// The change that the edited documents mean; `None` where they mean none.
    ///
    /// # Errors
    /// A sentence for the head of the file: it is another object now, or none.
    pub fn read(&self, mut documents: Vec<Value>) -> Result<Option<Op>, String> {
        let (Some(edited), true) = (documents.pop(), documents.is_empty()) else {
            return Err("one object was expected".into());
        };
        for field in ["/apiVersion", "/kind", "/metadata/name", "/metadata/namespace"] {
            if edited.pointer(field) != self.live.pointer(field) {
                let named = field[1..].replace('/', ".");
                return Err(format!("{named} says which object it is and cannot be edited; kubectl create -f makes another one"));
            }
        }
        if self.secret() && self.sets_a_value(&edited) {
            return Err(SETS_A_VALUE.into());
        }
        if self.part == Some(Subresource::Scale) {
            let wanted = edited.pointer("/spec/replicas").cloned().unwrap_or_else(|| json!(0));
            let patch = json!({"spec": {"replicas": wanted}});
            let moves = self.live.pointer("/spec/replicas") != Some(&wanted);
            return Ok(moves.then(|| self.patch(PatchType::Merge, patch)));
        }
        let steps = match self.part {
            None => restore::steps_back(&edited, &self.live),
            Some(Subresource::Status) => restore::steps_where(&edited, &self.live, |path| !begins(path, "status")),
            Some(Subresource::Resize | Subresource::Scale) => restore::steps_where(&edited, &self.live, |path| !begins(path, "spec")),
        };
        let steps = steps.ok_or("the lists in it cannot be held against those that are there; change less at once")?;
        Ok((!steps.is_empty()).then(|| self.patch(PatchType::Json, Value::Array(steps))))
    }

    fn patch(&self, how: PatchType, patch: Value) -> Op {
        Patch { target: self.target.clone(), how, patch, patch_file: None, subresource: self.part }.into()
    }

    fn secret(&self) -> bool {
        self.target.kind().is("secrets", "")
    }

    /// Whether a value stands there that was not given out.
    fn sets_a_value(&self, edited: &Value) -> bool {
        ["data", "stringData"].iter().any(|field| match edited.get(field) {
            None | Some(Value::Null) => false,
            Some(Value::Object(values)) => values.iter().any(|(key, value)| self.live[field].get(key) != Some(value)),
            Some(_) => true,
        })
    }
}

fn begins(path: &Path, field: &str) -> bool {
    path.0.first() == Some(&Segment::Field(field.into()))
}

fn below_the_head(text: &str) -> &str {
    let mut rest = text;
    while let Some(line) = rest.split_inclusive('\n').next().filter(|line| line.starts_with('#')) {
        rest = &rest[line.len()..];
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::{Kind, Name};

    fn draft(kind: &str, live: Value, json: bool) -> Draft {
        let target = Target::new(Kind::find(kind).unwrap(), Name::new("web").unwrap()).unwrap();
        Draft::of(target, None, live, json)
    }
    fn config() -> Value {
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web", "uid": "u", "managedFields": [{"manager": "x"}]}, "data": {"run.sh": "#!/bin/sh\n# a comment\necho\n"}})
    }

    #[test]
    fn the_text_reads_back_as_the_same_object() {
        for json in [false, true] {
            let draft = draft("configmap", config(), json);
            let text = draft.text();
            assert!(text.starts_with("# ") && !text.contains("managedFields"), "{text}");
            let body = Draft::body(&text);
            let read: Value = if json { serde_json::from_str(body).unwrap() } else { serde_saphyr::from_str(&text).unwrap() };
            assert_eq!(draft.read(vec![read]), Ok(None), "{text}");
            let again = draft.again(&draft.again(&text, &["first".into()]), &["second\nreason".into()]);
            assert!(again.contains("# * second\n# * reason\n") && !again.contains("first"), "{again}");
            assert_eq!(Draft::body(&again), body);
        }
        assert!(Draft::is_empty("# a\n\n  # b\n") && !Draft::is_empty("# a\nkind: x"));
    }

    #[test]
    fn only_what_was_changed_is_sent() {
        let draft = draft("configmap", config(), false);
        let mut edited = draft.live.clone();
        edited["data"]["k"] = json!("v");
        edited["metadata"]["uid"] = json!("another");
        edited["status"] = json!({"is": "noise"});
        let Some(Op::Patch(patch)) = draft.read(vec![edited]).unwrap() else { panic!() };
        assert_eq!(patch.patch, json!([{"op": "add", "path": "/data/k", "value": "v"}]));
        assert!(draft.read(vec![]).is_err() && draft.read(vec![config(), config()]).is_err());
        for field in ["apiVersion", "kind"] {
            let mut other = draft.live.clone();
            other[field] = json!("other");
            assert!(draft.read(vec![other]).unwrap_err().contains(field));
        }
    }

    #[test]
    fn no_value_of_a_secret_is_set_and_a_key_may_go() {
        let live = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "web"}, "data": {"a": "<redacted 1 byte, 00…>", "b": "<redacted 2 bytes, 11…>"}});
        let draft = draft("secret", live.clone(), false);
        assert!(draft.text().contains("stay in the cluster"));
        for (field, key) in [("data", "a"), ("data", "new"), ("stringData", "a")] {
            let mut edited = live.clone();
            edited[field][key] = json!("aGk=");
            assert!(draft.read(vec![edited]).unwrap_err().contains("not edited"), "{field} {key}");
        }
        let mut edited = live.clone();
        edited["data"].as_object_mut().unwrap().remove("a");
        edited["metadata"]["labels"] = json!({"x": "y"});
        let Some(Op::Patch(patch)) = draft.read(vec![edited]).unwrap() else { panic!() };
        assert!(!patch.patch.to_string().contains("redacted"), "{}", patch.patch);
        assert!(patch.patch.to_string().contains("/data/a"), "{}", patch.patch);
        // Swapped marks would be written as values.
        let mut edited = live.clone();
        edited["data"]["a"] = live["data"]["b"].clone();
        assert!(draft.read(vec![edited]).is_err());
    }

    #[test]
    fn a_part_is_edited_alone() {
        let target = Target::new(Kind::find("deployment").unwrap(), Name::new("web").unwrap()).unwrap();
        let live = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {"paused": true}, "status": {"replicas": 1}});
        let draft = Draft::of(target, Some(Subresource::Status), live.clone(), false);
        let mut edited = live;
        edited["spec"]["paused"] = json!(false);
        edited["status"]["replicas"] = json!(2);
        let Some(Op::Patch(patch)) = draft.read(vec![edited]).unwrap() else { panic!() };
        assert_eq!(patch.patch, json!([{"op": "replace", "path": "/status/replicas", "value": 2}]));
        assert_eq!(patch.subresource, Some(Subresource::Status));
    }
}
