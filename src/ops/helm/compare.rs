//! What differs between two sets of objects, object by object.

use crate::terms::diff::{Change, diff};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// One object that is not the same in both.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// `Deployment/web`, with the namespace where it names one.
    pub object: String,
    /// New, gone, or changed in these places.
    #[serde(flatten)]
    pub what: What,
}

/// In what an object differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum What {
    /// It is only in the second.
    Added {
        /// All of it.
        object: Value,
    },
    /// It is only in the first.
    Removed,
    /// It is in both.
    Changed {
        /// Where they differ.
        changes: Vec<Change>,
    },
}

/// An object in few words: `Deployment/web`, `ConfigMap/settings in dev`.
pub fn named(object: &Value) -> String {
    let text = |at: &str| object.pointer(at).and_then(Value::as_str).unwrap_or("?");
    let place = object.pointer("/metadata/namespace").and_then(Value::as_str).map_or_else(String::new, |ns| format!(" in {ns}"));
    format!("{}/{}{place}", text("/kind"), text("/metadata/name"))
}

/// By what an object is known again: its group without the version, kind, namespace and name.
fn key(object: &Value) -> (String, String) {
    let group = object["apiVersion"].as_str().and_then(|v| v.split_once('/')).map_or("", |(group, _)| group);
    (named(object), group.to_string())
}

/// One object in both sets, in one, or in the other.
#[derive(Default)]
struct Pair<'a> {
    before: Option<&'a Value>,
    after: Option<&'a Value>,
}

impl Pair<'_> {
    /// In what they differ; `None` where they do not.
    fn what(&self) -> Option<What> {
        match (self.before, self.after) {
            (Some(before), Some(after)) => {
                let changes = diff(before, after);
                (!changes.is_empty()).then_some(What::Changed { changes })
            }
            (None, Some(after)) => Some(What::Added { object: after.clone() }),
            (Some(_), None) => Some(What::Removed),
            (None, None) => None,
        }
    }
}

/// What differs from `before` to `after`, in the order of the objects' names.
pub fn compare(before: &[Value], after: &[Value]) -> Vec<Difference> {
    let mut pairs: BTreeMap<(String, String), Pair<'_>> = BTreeMap::new();
    before.iter().for_each(|object| pairs.entry(key(object)).or_default().before = Some(object));
    after.iter().for_each(|object| pairs.entry(key(object)).or_default().after = Some(object));
    pairs.into_iter().filter_map(|((object, _), pair)| Some(Difference { object, what: pair.what()? })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn web(replicas: u32) -> Value {
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {"replicas": replicas}})
    }

    #[test]
    fn each_object_is_told_once() {
        let settings = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "s", "namespace": "dev"}});
        let front = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "front"}});
        let differences = compare(&[web(1), settings], &[front.clone(), web(2)]);
        let told: Vec<&str> = differences.iter().map(|d| d.object.as_str()).collect();
        assert_eq!(told, ["ConfigMap/s in dev", "Deployment/web", "Service/front"]);
        assert_eq!(differences[0].what, What::Removed);
        let What::Changed { changes } = &differences[1].what else { panic!("{differences:?}") };
        assert_eq!(changes[0].path.to_string(), "spec.replicas");
        assert_eq!(differences[2].what, What::Added { object: front });
    }

    #[test]
    fn another_version_of_a_group_is_the_same_object() {
        let of = |version: &str| json!({"apiVersion": format!("batch/{version}"), "kind": "CronJob", "metadata": {"name": "a"}});
        assert!(matches!(&compare(&[of("v1beta1")], &[of("v1")])[..], [Difference { what: What::Changed { .. }, .. }]));
    }

    proptest! {
        #[test]
        fn nothing_differs_from_itself(numbers in prop::collection::vec(0u32..4, 0..5)) {
            let objects: Vec<Value> = numbers.into_iter().map(web).collect();
            prop_assert!(compare(&objects, &objects).is_empty());
        }
    }
}
