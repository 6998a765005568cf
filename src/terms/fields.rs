//! Which fields of an object: sets of places, as `metadata.managedFields` writes them (FieldsV1).
//!
//! Source of the form and its order: `sigs.k8s.io/structured-merge-diff/v6/fieldpath`.
use serde_json::{Map, Value};
use std::{cmp::Ordering, collections::BTreeMap, fmt};

/// One step into an object. Field names come before keyed elements, those before set elements, those before indices.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Element {
    Field(String),
    /// The list element whose fields have these values; ordered by name.
    Key(Vec<(String, Scalar)>),
    /// The element of a set with this value.
    Value(Scalar),
    Index(i64),
}

/// A value inside an [`Element`], with the order that elements have: numbers, strings, booleans, and whatever else a client wrote.
#[derive(Debug, Clone)]
pub struct Scalar(pub Value);

impl PartialEq for Scalar {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Scalar {}

impl PartialOrd for Scalar {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Scalar {
    fn cmp(&self, other: &Self) -> Ordering {
        compare(&self.0, &other.0)
    }
}

fn compare(a: &Value, b: &Value) -> Ordering {
    let rank = |value: &Value| match value {
        Value::Number(_) => 0,
        Value::String(_) => 1,
        Value::Bool(_) => 2,
        Value::Array(_) => 3,
        Value::Object(_) => 4,
        Value::Null => 5,
    };
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => a.as_f64().unwrap_or_default().total_cmp(&b.as_f64().unwrap_or_default()),
        },
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Array(a), Value::Array(b)) => {
            let differs = a.iter().zip(b).map(|(a, b)| compare(a, b)).find(|o| o.is_ne());
            differs.unwrap_or_else(|| a.len().cmp(&b.len()))
        }
        (Value::Object(a), Value::Object(b)) => {
            let differs = a.iter().zip(b).map(|(a, b)| a.0.cmp(b.0).then_with(|| compare(a.1, b.1))).find(|o| o.is_ne());
            differs.unwrap_or_else(|| a.len().cmp(&b.len()))
        }
        _ => rank(a).cmp(&rank(b)),
    }
}

/// What is wrong with a FieldsV1 document, in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadFields(String);

impl Element {
    pub fn field(name: &str) -> Self {
        Element::Field(name.to_owned())
    }

    /// Reads `f:name`, `k:{...}`, `v:value`, `i:0`; None for a form that later versions may know.
    fn read(text: &str) -> Result<Option<Self>, BadFields> {
        let Some((form, rest)) = text.split_at_checked(2).filter(|(form, _)| form.ends_with(':')) else {
            return Err(BadFields(format!("{text:?} is no path element: missing colon")));
        };
        let json = |rest: &str| serde_json::from_str::<Value>(rest).map_err(|why| BadFields(format!("{text:?}: {why}")));
        Ok(Some(match form {
            "f:" => Element::field(rest),
            "v:" => Element::Value(Scalar(json(rest)?)),
            "k:" => match json(rest)? {
                Value::Object(keys) => Element::Key(keys.into_iter().map(|(name, value)| (name, Scalar(value))).collect()),
                _ => return Err(BadFields(format!("{text:?}: expected an object"))),
            },
            "i:" => Element::Index(rest.parse().map_err(|why| BadFields(format!("{text:?}: {why}")))?),
            _ => return Ok(None),
        }))
    }

    fn write(&self) -> String {
        match self {
            Element::Field(name) => format!("f:{name}"),
            Element::Key(keys) => {
                let pairs: Vec<String> =
                    keys.iter().map(|(name, value)| format!("{}:{}", go_json(&name.as_str().into()), go_json(&value.0))).collect();
                format!("k:{{{}}}", pairs.join(","))
            }
            Element::Value(value) => format!("v:{}", go_json(&value.0)),
            Element::Index(at) => format!("i:{at}"),
        }
    }
}

/// Go writes JSON safe for HTML, and this JSON is part of a name that clients compare.
fn go_json(value: &Value) -> String {
    let mut text = value.to_string();
    for (plain, escaped) in [('<', "\\u003c"), ('>', "\\u003e"), ('&', "\\u0026"), ('\u{2028}', "\\u2028"), ('\u{2029}', "\\u2029")] {
        if text.contains(plain) {
            text = text.replace(plain, escaped);
        }
    }
    text
}

/// As conflicts name it: `.replicas`, `[name="web"]`, `[="finalizer"]`, `[0]`.
impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Element::Field(name) => write!(f, ".{name}"),
            Element::Key(keys) => {
                let pairs: Vec<String> = keys.iter().map(|(name, value)| format!("{name}={}", value.0)).collect();
                write!(f, "[{}]", pairs.join(","))
            }
            Element::Value(value) => write!(f, "[={}]", value.0),
            Element::Index(at) => write!(f, "[{at}]"),
        }
    }
}

/// A set of places in an object. A place and the places inside it are members each for itself.
///
/// No node is without a member at or below it, so two sets with the same members are equal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldSet {
    steps: BTreeMap<Element, Node>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Node {
    member: bool,
    below: FieldSet,
}

impl FieldSet {
    /// The set of these paths of field names.
    pub fn of_fields(paths: &[&[&str]]) -> Self {
        let mut set = FieldSet::default();
        for path in paths {
            set.insert(&path.iter().map(|name| Element::field(name)).collect::<Vec<_>>());
        }
        set
    }

    /// Adds a place. The root is no place of its own: nothing happens for an empty path.
    pub fn insert(&mut self, path: &[Element]) {
        let Some((first, rest)) = path.split_first() else { return };
        let node = self.steps.entry(first.clone()).or_default();
        if rest.is_empty() { node.member = true } else { node.below.insert(rest) }
    }

    /// Adds, at one step, the step itself (or not) and a set below it.
    pub(crate) fn graft(&mut self, step: Element, member: bool, below: FieldSet) {
        if !member && below.is_empty() {
            return;
        }
        let node = self.steps.entry(step).or_default();
        node.member |= member;
        node.below = std::mem::take(&mut node.below).union(below);
    }

    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Whether this very place is a member.
    pub fn has(&self, path: &[Element]) -> bool {
        let Some((first, rest)) = path.split_first() else { return false };
        self.steps.get(first).is_some_and(|node| if rest.is_empty() { node.member } else { node.below.has(rest) })
    }

    /// Whether the place one step in is a member.
    pub fn has_step(&self, step: &Element) -> bool {
        self.steps.get(step).is_some_and(|node| node.member)
    }

    /// The places inside a step, as paths from there.
    pub fn below(&self, step: &Element) -> Option<&FieldSet> {
        self.steps.get(step).map(|node| &node.below).filter(|below| !below.is_empty())
    }

    /// Every first step with whether it is a member itself and what lies below it.
    pub fn steps(&self) -> impl Iterator<Item = (&Element, bool, &FieldSet)> {
        self.steps.iter().map(|(step, node)| (step, node.member, &node.below))
    }

    /// The members of either.
    #[must_use]
    pub fn union(mut self, other: FieldSet) -> FieldSet {
        if self.is_empty() {
            return other;
        }
        for (step, node) in other.steps {
            self.graft(step, node.member, node.below);
        }
        self
    }

    #[must_use]
    pub fn intersection(&self, other: &FieldSet) -> FieldSet {
        self.filtered(|step, node| match other.steps.get(step) {
            Some(theirs) => Node { member: node.member && theirs.member, below: node.below.intersection(&theirs.below) },
            None => Node::default(),
        })
    }

    /// The members that the other set lacks.
    #[must_use]
    pub fn difference(self, other: &FieldSet) -> FieldSet {
        self.less(other, |node, theirs| Node { member: node.member && !theirs.member, below: node.below.difference(&theirs.below) })
    }

    /// The members that are neither in the other set nor inside one of its members.
    #[must_use]
    pub fn recursive_difference(self, other: &FieldSet) -> FieldSet {
        self.less(other, |node, theirs| match theirs.member {
            true => Node::default(),
            false => Node { member: node.member, below: node.below.recursive_difference(&theirs.below) },
        })
    }

    /// Looks only at what both have: the other set is often much smaller.
    fn less(mut self, other: &FieldSet, rule: impl Fn(Node, &Node) -> Node) -> FieldSet {
        for (step, theirs) in &other.steps {
            if let Some((step, node)) = self.steps.remove_entry(step) {
                let left = rule(node, theirs);
                if left.member || !left.below.is_empty() {
                    self.steps.insert(step, left);
                }
            }
        }
        self
    }

    /// Whether a `fieldsV1` may have members in common with the set: whether both name the same first step.
    pub fn may_meet(&self, fields: &Value) -> bool {
        fields.as_object().is_some_and(|map| self.steps.keys().any(|step| map.contains_key(&step.write())))
    }

    /// The members with nothing below them.
    #[must_use]
    pub fn leaves(&self) -> FieldSet {
        self.filtered(|_, node| Node { member: node.member && node.below.is_empty(), below: node.below.leaves() })
    }

    fn filtered(&self, mut rule: impl FnMut(&Element, &Node) -> Node) -> FieldSet {
        let steps = self.steps.iter().map(|(step, node)| (step.clone(), rule(step, node)));
        FieldSet { steps: steps.filter(|(_, node)| node.member || !node.below.is_empty()).collect() }
    }

    /// The members as paths: at each level first the places there, then those inside.
    pub fn paths(&self) -> Vec<Vec<Element>> {
        let mut all = Vec::new();
        self.walk(&mut Vec::new(), &mut all);
        all
    }

    fn walk(&self, at: &mut Vec<Element>, all: &mut Vec<Vec<Element>>) {
        for (step, _) in self.steps.iter().filter(|(_, node)| node.member) {
            all.push(at.iter().chain([step]).cloned().collect());
        }
        for (step, node) in &self.steps {
            at.push(step.clone());
            node.below.walk(at, all);
            at.pop();
        }
    }

    /// Reads a `fieldsV1`. A null is the empty set.
    ///
    /// # Errors
    /// A step that is none, or something that is no map where a map is expected.
    pub fn read(fields: &Value) -> Result<FieldSet, BadFields> {
        let mut set = FieldSet::default();
        let Value::Object(map) = fields else {
            return if fields.is_null() { Ok(set) } else { Err(BadFields(format!("expected a map of fields, got {fields}"))) };
        };
        for (text, inner) in map.iter().filter(|(text, _)| *text != ".") {
            let Some(step) = Element::read(text)? else { continue };
            let below = FieldSet::read(inner)?;
            // A step with nothing below it is a member without saying so.
            let member = below.is_empty() || inner.get(".").is_some();
            set.graft(step, member, below);
        }
        Ok(set)
    }

    /// The set as a `fieldsV1`.
    pub fn write(&self) -> Value {
        let mut map = Map::new();
        for (step, node) in &self.steps {
            let mut below = node.below.write();
            if let (true, false, Some(inner)) = (node.member, node.below.is_empty(), below.as_object_mut()) {
                inner.insert(".".to_owned(), Value::Object(Map::new()));
            }
            map.insert(step.write(), below);
        }
        Value::Object(map)
    }
}

/// A path as conflicts name it.
pub fn path_text(path: &[Element]) -> String {
    path.iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn element() -> impl Strategy<Value = Element> {
        prop_oneof![
            "[a-c]".prop_map(Element::Field),
            ("[a-b<]", 1..3_i64)
                .prop_map(|(name, port)| Element::Key(vec![("name".into(), Scalar(name.into())), ("port".into(), Scalar(port.into()))])),
            prop_oneof![Just(json!(1)), Just(json!("1")), Just(json!(true))].prop_map(|v| Element::Value(Scalar(v))),
            (0..2_i64).prop_map(Element::Index),
        ]
    }

    fn set() -> impl Strategy<Value = FieldSet> {
        prop::collection::vec(prop::collection::vec(element(), 1..4), 0..8).prop_map(|paths| {
            let mut set = FieldSet::default();
            paths.iter().for_each(|path| set.insert(path));
            set
        })
    }

    fn json_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::from),
            ".{0,4}".prop_map(Value::from)
        ];
        let name = prop_oneof![".{0,6}", "[fkvi.]:[{\"a-c:}0-9]{0,8}", Just("k:{\"a\":1}".to_owned())];
        leaf.prop_recursive(4, 24, 4, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map(name.clone(), inner, 0..4).prop_map(|m| Value::Object(m.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn read_after_write_is_the_same(a in set()) {
            prop_assert_eq!(FieldSet::read(&a.write()).unwrap(), a);
        }

        #[test]
        fn the_algebra_holds(a in set(), b in set(), c in set()) {
            let union = |a: &FieldSet, b: &FieldSet| a.clone().union(b.clone());
            let less = |a: &FieldSet, b: &FieldSet| a.clone().difference(b);
            let without = |a: &FieldSet, b: &FieldSet| a.clone().recursive_difference(b);
            prop_assert_eq!(union(&a, &b), union(&b, &a));
            prop_assert_eq!(union(&union(&a, &b), &c), union(&a, &union(&b, &c)));
            prop_assert_eq!(a.intersection(&b), b.intersection(&a));
            prop_assert_eq!(a.intersection(&union(&b, &c)), union(&a.intersection(&b), &a.intersection(&c)));
            prop_assert_eq!(union(&less(&a, &b), &a.intersection(&b)), a.clone());
            prop_assert!(less(&a, &b).intersection(&b).is_empty());
            prop_assert_eq!(union(&a, &a), a.clone());
            prop_assert!(less(&a, &a).is_empty() && without(&a, &a).is_empty());
            prop_assert_eq!(less(&without(&a, &b), &b), without(&a, &b));
            prop_assert_eq!(a.leaves().leaves(), a.leaves());
            prop_assert!(a.may_meet(&b.write()) || a.intersection(&b).is_empty());
        }

        #[test]
        fn members_are_what_was_inserted(a in set(), b in set()) {
            for path in a.paths() {
                prop_assert!(a.has(&path));
                prop_assert_eq!(a.clone().difference(&b).has(&path), !b.has(&path));
                prop_assert_eq!(a.clone().recursive_difference(&b).has(&path), !(1..=path.len()).any(|n| b.has(&path[..n])));
            }
        }

        #[test]
        fn hostile_documents_are_read_or_refused(value in json_value()) {
            if let Ok(set) = FieldSet::read(&value) {
                prop_assert_eq!(FieldSet::read(&set.write()).unwrap(), set);
            }
        }
    }

    #[test]
    fn reads_and_writes_as_the_server_does() {
        let fields = json!({"f:metadata": {"f:labels": {".": {}, "f:app": {}}}, "f:spec": {"f:ports": {"k:{\"port\":80,\"protocol\":\"TCP\"}": {".": {}, "f:port": {}}}, "f:finalizers": {"v:\"x\"": {}}}});
        let set = FieldSet::read(&fields).unwrap();
        assert_eq!(set.write(), fields);
        let said: Vec<String> = set.paths().iter().map(|p| path_text(p)).collect();
        assert_eq!(
            said,
            [
                ".metadata.labels",
                ".metadata.labels.app",
                ".spec.finalizers[=\"x\"]",
                ".spec.ports[port=80,protocol=\"TCP\"]",
                ".spec.ports[port=80,protocol=\"TCP\"].port",
            ]
        );
        assert_eq!(set.leaves().paths().len(), 3);
        assert!(FieldSet::read(&json!({"x:later": {}})).unwrap().is_empty());
        for bad in [
            json!({"f": {}}),
            json!({"fa:x": {}}),
            json!({"k:[]": {}}),
            json!({"v:": {}}),
            json!({"i:x": {}}),
            json!({"f:x": 1}),
            json!([]),
        ] {
            assert!(FieldSet::read(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn ports_stand_in_the_order_of_numbers() {
        let port = |n: i64| Element::Key(vec![("port".into(), Scalar(n.into()))]);
        assert!(port(80) < port(443) && Element::field("z") < port(1) && Element::Value(Scalar("a".into())) > port(9));
    }
}
