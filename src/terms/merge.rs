//! JSON merge patch and strategic merge patch.
//!
//! How a list merges, the structure of the kind says ([`super::schema`]).
use super::schema::{Field, Form, PatchRule, Shape};
use serde_json::{Map, Value};

/// Why a patch cannot be applied, in the API server's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPatch {
    #[error("invalid patch format of primitive list")]
    PrimitiveList,
    #[error("invalid patch format of retainKeys")]
    RetainKeys,
    #[error("invalid patch format of setElementOrder list")]
    ElementOrder,
    #[error("lists of lists are not supported")]
    ListOfLists,
    #[error("{0}")]
    Other(String),
}

/// JSON merge patch (RFC 7386).
pub fn merge_patch(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    for (key, value) in patch {
        let map = as_map(target);
        if value.is_null() {
            map.remove(key);
        } else {
            merge_patch(map.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
    as_map(target);
}

/// Makes the value a map (an empty one where it is anything else) and gives it.
fn as_map(value: &mut Value) -> &mut Map<String, Value> {
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    match value {
        Value::Object(map) => map,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => unreachable!("it was made a map above"),
    }
}

const PATCH: &str = "$patch";
const RETAIN: &str = "$retainKeys";
const ORDER: &str = "$setElementOrder";
const DELETE_FROM: &str = "$deleteFromPrimitiveList";

/// Strategic merge patch of an object of this shape. Source: "Strategic Merge Patch" in the Kubernetes community's API machinery notes,
/// and the behaviour of `strategicpatch` in apimachinery.
///
/// # Errors
/// What the API server says of such a patch. The target is then half patched: patch a copy.
pub fn strategic(target: &mut Value, patch: &Value, shape: Shape) -> Result<(), BadPatch> {
    let Value::Object(patch) = patch else { return Err(BadPatch::Other("a strategic merge patch must be an object".to_owned())) };
    patch_map(as_map(target), patch.clone(), shape)
}

fn patch_map(target: &mut Map<String, Value>, mut patch: Map<String, Value>, shape: Shape) -> Result<(), BadPatch> {
    if let Some(directive) = patch.get(PATCH) {
        match directive.as_str() {
            Some("replace") => {
                patch.remove(PATCH);
                *target = patch;
            }
            Some("delete") => target.clear(),
            _ => return Err(unknown_directive(directive, &patch)),
        }
        return Ok(());
    }
    if let Some(keep) = patch.remove(RETAIN) {
        retain(target, &patch, &keep)?;
    }
    let orders: Vec<String> = patch.keys().filter(|key| key.starts_with(ORDER)).cloned().collect();
    for key in orders {
        let order = patch.remove(&key).unwrap_or_default();
        patch_in_order(target, &mut patch, key.strip_prefix(ORDER).unwrap_or_default(), &order, shape)?;
    }
    for (key, value) in patch {
        let (key, deletes) = match key.strip_prefix(DELETE_FROM) {
            Some(rest) => (rest.strip_prefix('/').ok_or(BadPatch::PrimitiveList)?.to_owned(), true),
            None => (key, false),
        };
        match (target.get_mut(&key), value) {
            (_, Value::Null) => drop(target.remove(&key)),
            (Some(Value::Object(old)), Value::Object(new)) => {
                let field = field(shape, &key)?;
                if field.patch.replace { *old = new } else { patch_map(old, new, field.shape)? }
            }
            (Some(Value::Array(old)), Value::Array(unwanted)) if deletes => old.retain(|item| !unwanted.contains(item)),
            (Some(Value::Array(old)), Value::Array(new)) => {
                let (element, rule) = list(shape, &key)?;
                *old = if rule.merge { patch_list(std::mem::take(old), new, element, rule.merge_key)? } else { new };
            }
            (_, _) if deletes => {}
            (_, value) => match plain(value) {
                Some(value) => drop(target.insert(key, value)),
                None => drop(target.remove(&key)),
            },
        }
    }
    Ok(())
}

/// Keeps only the keys that a patch names in its list of what stays; it may set no other.
fn retain(target: &mut Map<String, Value>, patch: &Map<String, Value>, keep: &Value) -> Result<(), BadPatch> {
    let keep = keep.as_array().ok_or(BadPatch::RetainKeys)?;
    let kept = |key: &String| keep.iter().any(|k| k == key);
    let sets = |key: &str, value: &Value| !value.is_null() && !key.starts_with(DELETE_FROM) && !key.starts_with(ORDER);
    if patch.iter().any(|(key, value)| sets(key, value) && !kept(key)) {
        return Err(BadPatch::RetainKeys);
    }
    target.retain(|key, _| kept(key));
    Ok(())
}

/// Merges a list for which the patch gives the order of its elements. The list leaves the patch.
fn patch_in_order(
    target: &mut Map<String, Value>,
    patch: &mut Map<String, Value>,
    key: &str,
    order: &Value,
    shape: Shape,
) -> Result<(), BadPatch> {
    let order = elements(order)?;
    let key = key.strip_prefix('/').ok_or(BadPatch::ElementOrder)?;
    let old = target.get(key).map(elements).transpose()?.cloned();
    let new = patch.get(key).map(elements).transpose()?.cloned();
    let (element, rule) = list(shape, key)?;
    check_order(new.as_deref().unwrap_or_default(), order, rule.merge_key)?;
    let before = old.clone().unwrap_or_default();
    let merged = match (old, new) {
        (None, None) => return Ok(()),
        (Some(old), None) => old,
        (None, Some(new)) => new.into_iter().filter_map(plain).collect(),
        (Some(old), Some(new)) if rule.merge => patch_list(old, new, element, rule.merge_key)?,
        (Some(_), Some(new)) => new,
    };
    target.insert(key.to_owned(), Value::Array(ordered(merged, order, &before, rule.merge_key)?));
    patch.remove(key);
    Ok(())
}

/// The patch's elements must come in the order it gives itself.
fn check_order(patch: &[Value], order: &[Value], merge_key: Option<&str>) -> Result<(), BadPatch> {
    if patch.is_empty() || order.is_empty() {
        return Ok(());
    }
    let mut rest = order.iter();
    for item in patch.iter().filter(|item| item.get(PATCH).is_none()) {
        let name = identity(item, merge_key)?;
        let found = rest.by_ref().map(|o| identity(o, merge_key)).find(|o| o.as_ref().is_ok_and(|o| *o == name) || o.is_err());
        if found.transpose()?.is_none() {
            let shown = |list: &[Value]| go_value(&Value::Array(list.to_vec()));
            return Err(BadPatch::Other(format!(
                "The order in patch list:\n{}\n doesn't match {ORDER} list:\n{}\n",
                shown(patch),
                shown(order)
            )));
        }
    }
    Ok(())
}

fn patch_list(mut list: Vec<Value>, patch: Vec<Value>, element: Shape, merge_key: Option<&str>) -> Result<Vec<Value>, BadPatch> {
    let kind = |v: &Value| std::mem::discriminant(v);
    match list.iter().chain(&patch).next() {
        None => return Ok(list),
        Some(Value::Array(_)) => return Err(BadPatch::ListOfLists),
        Some(first) if list.iter().chain(&patch).any(|item| kind(item) != kind(first)) => {
            let shown = |list: &[Value]| go_value(&Value::Array(list.to_vec()));
            return Err(BadPatch::Other(format!("list element types are not identical: [{} {}]", shown(&list), shown(&patch))));
        }
        Some(Value::Object(_)) => {}
        Some(_) => {
            let before = list.clone();
            list.extend(patch.iter().filter(|item| !before.contains(item)).cloned());
            return ordered(list, &patch, &before, None);
        }
    }
    let Some(key) = merge_key else { return Err(BadPatch::Other("cannot merge lists without merge key for struct".to_owned())) };
    let (directives, patch): (Vec<Value>, Vec<Value>) = patch.into_iter().partition(|item| item.get(PATCH).is_some());
    let mut replaces = false;
    for item in directives {
        match item.get(PATCH).and_then(Value::as_str) {
            Some("delete") => {
                let name = identity(&item, merge_key)?;
                list.retain(|old| old.get(key) != Some(&name));
            }
            Some("replace") => replaces = true,
            Some("merge") => return Err(BadPatch::Other("merging lists cannot yet be specified in the patch".to_owned())),
            _ => return Err(unknown_directive(&item[PATCH], item.as_object().unwrap_or(&Map::new()))),
        }
    }
    if replaces {
        return Ok(patch);
    }
    let before = list.clone();
    for item in &patch {
        let name = identity(item, merge_key)?;
        match (list.iter_mut().find(|old| old.get(key) == Some(&name)), item) {
            (Some(Value::Object(old)), Value::Object(new)) => patch_map(old, new.clone(), element)?,
            _ => list.push(item.clone()),
        }
    }
    ordered(list, &patch, &before, merge_key)
}

/// Puts the elements that `order` names into its order, and each of the others before the first of those it stood before.
fn ordered(list: Vec<Value>, order: &[Value], before: &[Value], merge_key: Option<&str>) -> Result<Vec<Value>, BadPatch> {
    for item in list.iter().chain(order) {
        identity(item, merge_key)?;
    }
    let rank = |among: &[Value], item: &Value| among.iter().position(|other| same(other, item, merge_key));
    let (mut named, mut others): (Vec<Value>, Vec<Value>) = list.into_iter().partition(|item| rank(order, item).is_some());
    named.sort_by_key(|item| rank(order, item));
    others.sort_by_key(|item| rank(before, item));
    let mut all = Vec::with_capacity(named.len() + others.len());
    let mut others = others.into_iter().peekable();
    for item in named {
        let place = rank(before, &item);
        while let Some(other) = others.next_if(|other| matches!((rank(before, other), place), (Some(other), Some(place)) if other < place))
        {
            all.push(other);
        }
        all.push(item);
    }
    all.extend(others);
    Ok(all)
}

/// What tells an element from others: the value of its merge key, or itself.
fn identity(item: &Value, merge_key: Option<&str>) -> Result<Value, BadPatch> {
    let Some(key) = merge_key else { return Ok(item.clone()) };
    match item {
        Value::Object(map) => map
            .get(key)
            .cloned()
            .ok_or_else(|| BadPatch::Other(format!("map: {} does not contain declared merge key: {key}", go_value(item)))),
        other => Err(BadPatch::Other(format!("expected a map[string]interface {{}}, but received a {}", go_type(other)))),
    }
}

fn same(a: &Value, b: &Value, merge_key: Option<&str>) -> bool {
    merge_key.map_or_else(|| a == b, |key| a.get(key) == b.get(key))
}

/// What a patch adds where nothing was: without nulls, and without the parts that only direct a merge.
fn plain(value: Value) -> Option<Value> {
    match value {
        Value::Object(map) if map.contains_key(PATCH) => None,
        Value::Object(map) => {
            Some(map.into_iter().filter(|(_, v)| !v.is_null()).filter_map(|(k, v)| Some((k, plain(v)?))).collect::<Map<_, _>>().into())
        }
        Value::Array(items) => Some(items.into_iter().filter_map(plain).collect()),
        other => Some(other),
    }
}

fn field<'t>(shape: Shape<'t>, name: &str) -> Result<Field<'t>, BadPatch> {
    let no_struct = |kind: &str| BadPatch::Other(format!("merging an object in json but data type is not struct, instead is: {kind}"));
    match shape.form() {
        Form::Struct | Form::Any => shape
            .field(name)
            .ok_or_else(|| BadPatch::Other(format!("unable to find api field in struct {} for the json field {name:?}", shape.go_name()))),
        Form::Map(_) => Err(no_struct("map")),
        Form::List(_) => Err(no_struct("slice")),
        Form::Scalar(_) => Err(no_struct(&shape.go_type())),
    }
}

fn list<'t>(shape: Shape<'t>, name: &str) -> Result<(Shape<'t>, PatchRule<'t>), BadPatch> {
    let field = field(shape, name)?;
    match field.shape.form() {
        Form::List(element) if matches!(element.form(), Form::List(_)) => Err(BadPatch::Other("unexpected slice of slice".to_owned())),
        Form::List(element) => Ok((element, field.patch)),
        Form::Struct | Form::Map(_) | Form::Scalar(_) | Form::Any => {
            Err(BadPatch::Other("expected slice or array type, but got: struct".to_owned()))
        }
    }
}

fn elements(value: &Value) -> Result<&Vec<Value>, BadPatch> {
    value.as_array().ok_or_else(|| BadPatch::Other(format!("expected a []interface {{}}, but received a {}", go_type(value))))
}

fn unknown_directive(directive: &Value, map: &Map<String, Value>) -> BadPatch {
    BadPatch::Other(format!("unknown patch type: {} in map: {}", go_value(directive), go_value(&Value::Object(map.clone()))))
}

fn go_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "%!s(<nil>)",
        Value::Bool(_) => "bool",
        Value::Number(n) if n.is_f64() => "float64",
        Value::Number(_) => "int64",
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    }
}

/// A value as Go prints it (`%v`), which is how it stands in the API server's messages.
pub fn go_value(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(items) => format!("[{}]", items.iter().map(go_value).collect::<Vec<_>>().join(" ")),
        Value::Object(map) => {
            format!("map[{}]", map.iter().map(|(k, v)| format!("{k}:{}", go_value(v))).collect::<Vec<_>>().join(" "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::schema::Table;
    use proptest::prelude::*;
    use serde_json::json;

    fn deployment() -> Shape<'static> {
        Table::kubernetes().object("apps/v1", "Deployment").unwrap()
    }

    fn patched(mut target: Value, patch: Value) -> Value {
        strategic(&mut target, &patch, deployment()).unwrap();
        target
    }

    fn refused(patch: Value) -> String {
        strategic(&mut three(), &patch, deployment()).unwrap_err().to_string()
    }

    /// Containers a, b and c.
    fn three() -> Value {
        let container = |name: &str| json!({"name": name, "image": "1", "args": ["x"]});
        let strategy = json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}});
        json!({"metadata": {"name": "web", "labels": {"app": "web"}, "finalizers": ["x", "y"]},
               "spec": {"replicas": 1, "strategy": strategy, "template": {"spec": {"containers": [container("a"), container("b"), container("c")]}}}})
    }

    fn pod_spec(inner: Value) -> Value {
        json!({"spec": {"template": {"spec": inner}}})
    }

    fn names(patch: Value) -> String {
        let patched = patched(three(), pod_spec(patch));
        let containers = patched["spec"]["template"]["spec"]["containers"].as_array().unwrap();
        containers.iter().map(|c| c["name"].as_str().unwrap()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn containers_merge_by_name() {
        let env = json!([{"name": "E", "value": "1"}]);
        let got = patched(three(), pod_spec(json!({"containers": [{"name": "a", "image": "2", "env": env}]})));
        assert_eq!(got["spec"]["template"]["spec"]["containers"][0], json!({"name": "a", "image": "2", "args": ["x"], "env": env}));
    }

    /// Each as a real API server answered it.
    #[test]
    fn lists_come_in_the_real_order() {
        assert_eq!(names(json!({"containers": [{"name": "x"}]})), "x a b c");
        assert_eq!(
            names(json!({"$setElementOrder/containers": [{"name": "c"}, {"name": "a"}], "containers": [{"name": "c", "image": "i"}]})),
            "b c a"
        );
        let order = json!([{"name": "c"}, {"name": "x"}, {"name": "a"}]);
        assert_eq!(names(json!({"$setElementOrder/containers": order, "containers": [{"name": "x"}]})), "b c x a");
        assert_eq!(names(json!({"$setElementOrder/containers": order})), "b c a");
        assert_eq!(names(json!({"containers": [{"name": "c", "$patch": "delete"}, {"name": "y"}]})), "y a b");
        assert_eq!(names(json!({"containers": [{"$patch": "replace"}, {"name": "y"}]})), "y");
        assert_eq!(names(json!({"containers": [{"name": "b", "image": "z"}, {"name": "a"}]})), "b a c");
    }

    #[test]
    fn directives_on_maps_and_plain_lists() {
        let strategy = |patch| patched(three(), json!({"spec": {"strategy": patch}}))["spec"]["strategy"].clone();
        assert_eq!(strategy(json!({"$retainKeys": ["type"], "type": "Recreate"})), json!({"type": "Recreate"}));
        assert_eq!(strategy(json!({"$patch": "replace", "type": "Recreate"})), json!({"type": "Recreate"}));
        assert_eq!(strategy(json!({"$patch": "delete"})), json!({}));
        assert_eq!(strategy(Value::Null), Value::Null);
        let finalizers = |patch| patched(three(), json!({"metadata": patch}))["metadata"]["finalizers"].clone();
        assert_eq!(finalizers(json!({"finalizers": ["z", "x"]})), json!(["z", "x", "y"]));
        assert_eq!(finalizers(json!({"$deleteFromPrimitiveList/finalizers": ["x"], "$setElementOrder/finalizers": ["y"]})), json!(["y"]));
        let fresh = patched(json!({}), pod_spec(json!({"volumes": [{"name": "v", "emptyDir": null}, {"$patch": "delete", "name": "w"}]})));
        assert_eq!(fresh, pod_spec(json!({"volumes": [{"name": "v"}]})));
        let budget = Table::kubernetes().object("policy/v1", "PodDisruptionBudget").unwrap();
        let mut target = json!({"spec": {"selector": {"matchLabels": {"a": "1"}}}});
        strategic(&mut target, &json!({"spec": {"selector": {"matchLabels": {"b": "2"}}}}), budget).unwrap();
        assert_eq!(target["spec"]["selector"], json!({"matchLabels": {"b": "2"}}), "replaced as a whole");
    }

    /// Each as a real API server said it.
    #[test]
    fn refusals_read_like_the_real_ones() {
        let containers = |list: Value| refused(pod_spec(json!({"containers": list})));
        assert_eq!(containers(json!([{"image": "x"}])), "map: map[image:x] does not contain declared merge key: name");
        assert_eq!(containers(json!([{"name": "a", "$patch": "merge"}])), "merging lists cannot yet be specified in the patch");
        assert!(containers(json!(["x"])).starts_with("list element types are not identical: [[map[args:[x] image:1 name:a]"));
        assert_eq!(refused(json!({"spec": {"$patch": "explode"}})), "unknown patch type: explode in map: map[$patch:explode]");
        assert_eq!(refused(json!({"spec": {"strategy": {"$patch": "merge"}}})), "unknown patch type: merge in map: map[$patch:merge]");
        let strategy = json!({"$retainKeys": ["type"], "type": "Recreate", "rollingUpdate": {"maxSurge": 1}});
        assert_eq!(refused(json!({"spec": {"strategy": strategy}})), "invalid patch format of retainKeys");
        let order = json!({"$setElementOrder/containers": [{"name": "b"}], "containers": [{"name": "a", "image": "q"}]});
        let said = "The order in patch list:\n[map[image:q name:a]]\n doesn't match $setElementOrder list:\n[map[name:b]]\n";
        assert_eq!(refused(pod_spec(order)), said);
        assert_eq!(refused(json!({"spec": {"$setElementOrder": [1]}})), "invalid patch format of setElementOrder list");
        assert_eq!(refused(json!({"spec": {"$setElementOrder/replicas": [1]}})), "expected a []interface {}, but received a int64");
        assert_eq!(refused(json!({"metadata": {"$deleteFromPrimitiveList": ["x"]}})), "invalid patch format of primitive list");
        assert_eq!(
            refused(json!({"$setElementOrder/foo": [1]})),
            "unable to find api field in struct Deployment for the json field \"foo\""
        );
    }

    fn pod() -> impl Strategy<Value = Value> {
        let container = ("[ab]", "[xy]", prop::collection::btree_map("[EF]", "[12]", 0..3));
        prop::collection::vec(container, 0..3).prop_map(|containers| {
            let mut seen = Vec::new();
            let containers: Vec<Value> = containers
                .into_iter()
                .filter(|(name, ..)| !seen.contains(name) && { seen.push(name.clone()); true })
                .map(|(name, image, env)| json!({"name": name, "image": image, "env": env.iter().map(|(k, v)| json!({"name": k, "value": v})).collect::<Vec<_>>()}))
                .collect();
            pod_spec(json!({"containers": containers}))
        })
    }

    proptest! {
        #[test]
        fn patching_with_itself_changes_nothing(pod in pod()) {
            prop_assert_eq!(patched(pod.clone(), pod.clone()), pod);
        }

        #[test]
        fn a_patch_twice_is_a_patch_once(target in pod(), patch in pod()) {
            let once = patched(target, patch.clone());
            prop_assert_eq!(patched(once.clone(), patch), once);
        }

        #[test]
        fn merge_patch_makes_what_it_says(a in pod(), b in pod()) {
            let mut target = a;
            merge_patch(&mut target, &b);
            prop_assert_eq!(target, b);
        }
    }
}
