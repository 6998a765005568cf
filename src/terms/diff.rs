//! What differs between two objects, place by place.
//!
//! Lists of objects are matched by the key that the kind's structure gives ([`super::schema`]), so that one inserted container is one change;
//! where the structure is not known (a custom resource, a part of an object), by `name` where every element has one of its own; else by place.
use super::{
    path::{Path, Segment, scalar_text},
    schema::{Field, ListType, Shape, Table},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One place that differs: absent before, absent after, or another value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    pub path: Path,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// Every difference between `before` and `after`, in the order of the objects' keys. Empty exactly when they are equal.
///
/// The kind is what `apiVersion` and `kind` of `after`, or else of `before`, say. Lists of scalars, and keyed lists whose common elements changed their order, count as one value.
pub fn diff(before: &Value, after: &Value) -> Vec<Change> {
    let mut walk = Walk { changes: Vec::new(), path: Path::default() };
    let shape = |object: &Value| Table::kubernetes().object(object.get("apiVersion")?.as_str()?, object.get("kind")?.as_str()?);
    walk.value(before, after, &Known { shape: shape(after).or_else(|| shape(before)), key: None });
    walk.changes
}

/// What is known of the place that is compared.
struct Known {
    shape: Option<Shape<'static>>,
    /// The field by which a list's elements are told apart.
    key: Option<&'static str>,
}

impl Known {
    fn of(field: Field<'static>) -> Known {
        let sole = match field.shape.list_type() {
            ListType::Map([key]) => Some(key.as_str()),
            ListType::Map(_) | ListType::Set | ListType::Atomic => None,
        };
        let element = || field.shape.element().map(Shape::go_name);
        Known { shape: Some(field.shape), key: field.patch.merge_key.or(sole).or_else(|| element().and_then(told_apart)) }
    }

    fn inside(&self, name: &str) -> Known {
        match self.shape.map(|shape| (shape.field(name), shape.step(name))) {
            Some((Some(field), _)) => Known::of(field),
            Some((None, shape)) => Known { shape, key: None },
            None => Known { shape: None, key: None },
        }
    }
}

/// The field by which a person tells the elements of a list apart though the server takes the list as one value (where two share it,
/// their place tells): the controllers of a node write taints of their own beside one's own.
fn told_apart(element: &str) -> Option<&'static str> {
    match element {
        "Taint" => Some("key"),
        "Subject" => Some("name"),
        "IngressRule" => Some("host"),
        "HTTPIngressPath" => Some("path"),
        _ => None,
    }
}

struct Walk {
    changes: Vec<Change>,
    path: Path,
}

impl Walk {
    fn value(&mut self, before: &Value, after: &Value, known: &Known) {
        match (before, after) {
            (Value::Object(before), Value::Object(after)) => self.map(before, after, known),
            (Value::Array(b), Value::Array(a)) if b != a && b.iter().chain(a).all(Value::is_object) => self.list(b, a, known),
            _ if before != after => self.changed(Some(before), Some(after)),
            _ => {}
        }
    }

    fn changed(&mut self, before: Option<&Value>, after: Option<&Value>) {
        self.changes.push(Change { path: self.path.clone(), before: before.cloned(), after: after.cloned() });
    }

    fn inside(&mut self, segment: Segment, before: Option<&Value>, after: Option<&Value>, known: &Known) {
        self.path.0.push(segment);
        match (before, after) {
            (Some(before), Some(after)) => self.value(before, after, known),
            (before, after) => self.changed(before, after),
        }
        self.path.0.pop();
    }

    fn map(&mut self, before: &Map<String, Value>, after: &Map<String, Value>, known: &Known) {
        let added = after.keys().filter(|key| !before.contains_key(*key));
        let mut keys: Vec<&String> = before.keys().chain(added).collect();
        keys.sort();
        for key in keys {
            self.inside(Segment::Field(key.clone()), before.get(key), after.get(key), &known.inside(key));
        }
    }

    fn list(&mut self, before: &[Value], after: &[Value], known: &Known) {
        let element = Known { shape: known.shape.and_then(Shape::element), key: None };
        let key = if element.shape.is_some() { known.key } else { Some("name") };
        let Some((key, names_before, names_after)) = key.and_then(|key| Some((key, names(before, key)?, names(after, key)?))) else {
            for at in 0..before.len().max(after.len()) {
                self.inside(Segment::Index(at), before.get(at), after.get(at), &element);
            }
            return;
        };
        let kept = |names: &[String], others: &[String]| names.iter().filter(|n| others.contains(n)).cloned().collect::<Vec<_>>();
        if kept(&names_before, &names_after) != kept(&names_after, &names_before) {
            self.changed(Some(&Value::Array(before.to_vec())), Some(&Value::Array(after.to_vec())));
            return;
        }
        let added = names_after.iter().filter(|name| !names_before.contains(name));
        for name in names_before.iter().chain(added) {
            let find = |names: &[String], list: &[Value]| names.iter().position(|n| n == name).and_then(|at| list.get(at).cloned());
            let segment = Segment::Key { key: key.to_owned(), value: name.clone() };
            self.inside(segment, find(&names_before, before).as_ref(), find(&names_after, after).as_ref(), &element);
        }
    }
}

/// The key of every element, or None where one has none or two share one (then position is all there is).
fn names(list: &[Value], key: &str) -> Option<Vec<String>> {
    let mut names: Vec<String> = Vec::with_capacity(list.len());
    for item in list {
        let name = scalar_text(item.get(key)?)?;
        if names.contains(&name) {
            return None;
        }
        names.push(name);
    }
    Some(names)
}

#[cfg(test)]
mod tests {
    use super::{Change, diff};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn shown(before: Value, after: Value) -> Vec<String> {
        let show = |v: &Option<Value>| v.as_ref().map_or("-".to_owned(), Value::to_string);
        diff(&before, &after).iter().map(|Change { path, before, after }| format!("{path} {} -> {}", show(before), show(after))).collect()
    }

    fn pod(containers: Value) -> Value {
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": {"spec": {"containers": containers}}}})
    }

    #[test]
    fn what_the_server_takes_as_one_value_is_told_apart_too() {
        let node = |taints: Value| json!({"apiVersion": "v1", "kind": "Node", "spec": {"taints": taints}});
        let own = json!({"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"});
        let after = node(json!([{"key": "team", "value": "x", "effect": "NoSchedule"}, own]));
        assert_eq!(shown(node(json!([own])), after), [r#"spec.taints[team] - -> {"effect":"NoSchedule","key":"team","value":"x"}"#]);
    }

    #[test]
    fn containers_are_matched_by_name() {
        let before = pod(json!([{"name": "a", "image": "x:1"}]));
        let after = pod(json!([{"name": "b", "image": "y"}, {"name": "a", "image": "x:2", "args": ["-v"]}]));
        assert_eq!(
            shown(before, after),
            [
                r#"spec.template.spec.containers[a].args - -> ["-v"]"#,
                r#"spec.template.spec.containers[a].image "x:1" -> "x:2""#,
                r#"spec.template.spec.containers[b] - -> {"image":"y","name":"b"}"#,
            ]
        );
    }

    #[test]
    fn order_alone_is_a_change_of_the_list() {
        let of = |names: [&str; 2]| pod(json!([{"name": names[0]}, {"name": names[1]}]));
        assert_eq!(diff(&of(["a", "b"]), &of(["b", "a"])).len(), 1);
    }

    #[test]
    fn names_tell_elements_apart_where_the_kind_is_not_known() {
        let of = |first: Value| json!({"kind": "Rollout", "spec": {"containers": [first, {"name": "b", "ports": [{"port": 1}]}]}});
        assert_eq!(shown(of(json!({"name": "a"})), of(json!({"name": "a", "image": "x"}))), [r#"spec.containers[a].image - -> "x""#]);
        assert_eq!(
            shown(of(json!({"name": "a"})), of(json!({"port": 2}))),
            ["spec.containers[0].name \"a\" -> -", "spec.containers[0].port - -> 2"]
        );
    }

    #[test]
    fn labels_ports_and_scalars() {
        assert_eq!(
            shown(json!({"metadata": {"labels": {"a.b/c": "1"}}}), json!({"metadata": {"labels": {"a.b/c": "2"}}})),
            [r#"metadata.labels["a.b/c"] "1" -> "2""#]
        );
        let ports = |n: u32| json!({"apiVersion": "v1", "kind": "Service", "spec": {"ports": [{"port": 80, "targetPort": n}]}});
        assert_eq!(shown(ports(1), ports(2)), ["spec.ports[80].targetPort 1 -> 2"]);
        assert_eq!(shown(json!({"args": ["a", "b"]}), json!({"args": ["a"]})), [r#"args ["a","b"] -> ["a"]"#]);
        assert_eq!(shown(json!({"rules": [{"host": "a"}]}), json!({"rules": [{"host": "b"}]})), [r#"rules[0].host "a" -> "b""#]);
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            (0..4).prop_map(Value::from),
            "[a-c]{0,2}".prop_map(Value::from),
            Just(Value::Null)
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(
                    prop::sample::select(vec!["name", "containers", "env", "spec", "ports", "port", "a.b"]).prop_map(str::to_owned),
                    inner,
                    0..4
                )
                .prop_map(|m| Value::Object(m.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn empty_exactly_when_equal(a in value(), b in value()) {
            prop_assert!(diff(&a, &a).is_empty());
            prop_assert_eq!(diff(&a, &b).is_empty(), a == b);
        }

        #[test]
        fn each_change_says_what_stands_there(a in value(), b in value()) {
            for change in diff(&a, &b) {
                prop_assert_eq!(change.path.get(&a), change.before.as_ref());
                prop_assert_eq!(change.path.get(&b), change.after.as_ref());
                if change.before.is_some() {
                    let pointer = change.path.to_pointer(&a).unwrap();
                    prop_assert_eq!(a.pointer(&pointer), change.before.as_ref());
                }
            }
        }
    }
}
