//! How lists merge, and the patches that depend on it.
//!
//! One table says for each list of the built-in kinds whether it is atomic, a set, or a map with keys. Strategic merge patch, apply and the structural
//! diff all read it. Source: the `patchMergeKey`, `patchStrategy`, `listType` and `listMapKey` marks in `k8s.io/api`.
use super::path::scalar_text;
use serde_json::{Map, Value};

/// How one list merges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListRule {
    /// The key by which a strategic merge patch matches elements; None: the list is replaced (or, a set, united).
    pub patch_key: Option<&'static str>,
    pub apply: ListType,
}

/// How server-side apply merges a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListType {
    /// Replaced as a whole.
    Atomic,
    /// United.
    Set,
    /// Elements matched by these fields.
    Map(&'static [&'static str]),
}

struct Row {
    /// The field that holds the list's owner: its name, or for an owner in a list, that list's name. Empty for the root. `ANYWHERE` for every owner.
    under: &'static [&'static str],
    list: &'static str,
    rule: ListRule,
}

const ANYWHERE: &[&str] = &["*"];
const ROOT: &[&str] = &[""];
const SPEC: &[&str] = &["spec"];
const STATUS: &[&str] = &["status"];
const METADATA: &[&str] = &["metadata"];
const CONTAINERS: &[&str] = &["containers", "initContainers", "ephemeralContainers"];
const ATOMIC: ListRule = ListRule { patch_key: None, apply: ListType::Atomic };
const SET: ListRule = ListRule { patch_key: None, apply: ListType::Set };

const fn keyed(under: &'static [&'static str], list: &'static str, key: &'static str, apply: &'static [&'static str]) -> Row {
    Row { under, list, rule: ListRule { patch_key: Some(key), apply: ListType::Map(apply) } }
}

/// Lists that are not here are atomic.
static ROWS: &[Row] = &[
    keyed(SPEC, "containers", "name", &["name"]),
    keyed(SPEC, "initContainers", "name", &["name"]),
    keyed(SPEC, "ephemeralContainers", "name", &["name"]),
    keyed(CONTAINERS, "env", "name", &["name"]),
    keyed(CONTAINERS, "ports", "containerPort", &["containerPort", "protocol"]),
    keyed(CONTAINERS, "volumeMounts", "mountPath", &["mountPath"]),
    keyed(CONTAINERS, "volumeDevices", "devicePath", &["devicePath"]),
    Row { under: &["resources"], list: "claims", rule: ListRule { patch_key: None, apply: ListType::Map(&["name"]) } },
    keyed(SPEC, "volumes", "name", &["name"]),
    keyed(SPEC, "imagePullSecrets", "name", &["name"]),
    keyed(SPEC, "hostAliases", "ip", &["ip"]),
    keyed(SPEC, "topologySpreadConstraints", "topologyKey", &["topologyKey", "whenUnsatisfiable"]),
    keyed(SPEC, "resourceClaims", "name", &["name"]),
    keyed(SPEC, "schedulingGates", "name", &["name"]),
    keyed(SPEC, "ports", "port", &["port", "protocol"]),
    Row { under: SPEC, list: "podCIDRs", rule: SET },
    keyed(STATUS, "conditions", "type", &["type"]),
    keyed(STATUS, "addresses", "type", &["type"]),
    keyed(STATUS, "podIPs", "ip", &["ip"]),
    keyed(METADATA, "ownerReferences", "uid", &["uid"]),
    Row { under: METADATA, list: "finalizers", rule: SET },
    keyed(ROOT, "imagePullSecrets", "name", &["name"]),
    keyed(ROOT, "secrets", "name", &["name"]),
    keyed(ROOT, "webhooks", "name", &["name"]),
    keyed(ANYWHERE, "matchConditions", "name", &["name"]),
];

/// The rule of the list at these field names from the root (list positions left out): `["spec", "template", "spec", "containers", "env"]`.
pub fn list_rule<S: AsRef<str>>(fields: &[S]) -> ListRule {
    let Some((list, owners)) = fields.split_last() else { return ATOMIC };
    let owner = owners.last().map_or("", AsRef::as_ref);
    let fits = |row: &&Row| row.list == list.as_ref() && (row.under == ANYWHERE || row.under.contains(&owner));
    ROWS.iter().find(fits).map_or(ATOMIC, |row| row.rule)
}

/// Why a patch cannot be applied, in the API server's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadPatch(pub String);

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

/// Lays an apply configuration over an object: maps merge, lists by their [`ListType`]. Nothing is removed.
pub fn lay_over(target: &mut Value, config: &Value) {
    lay(target, config, &mut Vec::new());
}

fn lay(target: &mut Value, config: &Value, fields: &mut Vec<String>) {
    match config {
        Value::Object(config) if target.is_object() => {
            let map = as_map(target);
            for (key, value) in config {
                fields.push(key.clone());
                match map.get_mut(key) {
                    Some(old) => lay(old, value, fields),
                    None => {
                        map.insert(key.clone(), value.clone());
                    }
                }
                fields.pop();
            }
        }
        Value::Array(config) => {
            let rule = list_rule(fields);
            let Value::Array(old) = target else {
                *target = Value::Array(config.clone());
                return;
            };
            match rule.apply {
                ListType::Atomic => *old = config.clone(),
                ListType::Set => old.extend(config.iter().filter(|v| !old.contains(v)).cloned().collect::<Vec<_>>()),
                ListType::Map(keys) => {
                    for item in config {
                        match old.iter_mut().find(|o| same_keys(o, item, keys)) {
                            Some(o) => lay(o, item, fields),
                            None => old.push(item.clone()),
                        }
                    }
                }
            }
        }
        other => *target = other.clone(),
    }
}

/// Whether two elements of a keyed list are the same one. A `protocol` nobody wrote is TCP.
pub fn same_keys(a: &Value, b: &Value, keys: &[&str]) -> bool {
    let part = |v: &Value, key: &str| v.get(key).and_then(scalar_text).or_else(|| (key == "protocol").then(|| "TCP".to_owned()));
    keys.iter().all(|key| part(a, key) == part(b, key))
}

const PATCH: &str = "$patch";
const RETAIN: &str = "$retainKeys";
const ORDER: &str = "$setElementOrder/";
const DELETE_FROM: &str = "$deleteFromPrimitiveList/";

/// Strategic merge patch. Source: "Strategic Merge Patch" in the Kubernetes community's API machinery notes, and `strategicpatch` in apimachinery.
///
/// # Errors
/// An unknown directive, or a keyed list's element without its key. The target is then half patched: patch a copy.
pub fn strategic(target: &mut Value, patch: &Value) -> Result<(), BadPatch> {
    let Value::Object(patch) = patch else { return Err(BadPatch("a strategic merge patch must be an object".to_owned())) };
    patch_map(as_map(target), patch, &mut Vec::new())
}

fn patch_map(target: &mut Map<String, Value>, patch: &Map<String, Value>, fields: &mut Vec<String>) -> Result<(), BadPatch> {
    match patch.get(PATCH).map(Value::as_str) {
        None | Some(Some("merge")) => {}
        Some(Some("replace")) => {
            *target = patch.iter().filter(|(key, _)| *key != PATCH).map(|(k, v)| (k.clone(), v.clone())).collect();
            return Ok(());
        }
        Some(Some("delete")) => {
            target.clear();
            return Ok(());
        }
        Some(other) => return Err(BadPatch(format!("unrecognized patch directive: {other:?}"))),
    }
    if let Some(keep) = patch.get(RETAIN).and_then(Value::as_array) {
        target.retain(|key, _| keep.iter().any(|k| k == key));
    }
    for (key, value) in patch {
        if let Some(list) = key.strip_prefix(DELETE_FROM) {
            let unwanted = value.as_array().map(Vec::as_slice).unwrap_or_default();
            if let Some(Value::Array(items)) = target.get_mut(list) {
                items.retain(|item| !unwanted.contains(item));
            }
        }
    }
    for (key, value) in patch.iter().filter(|(key, _)| !key.starts_with('$')) {
        fields.push(key.clone());
        patch_field(target, key, value, patch, fields)?;
        fields.pop();
    }
    for (key, value) in patch {
        let Some(list) = key.strip_prefix(ORDER).filter(|list| !patch.contains_key(*list)) else { continue };
        fields.push(list.to_owned());
        let patch_key = list_rule(fields).patch_key;
        fields.pop();
        if let (Some(Value::Array(items)), Some(order)) = (target.get_mut(list), value.as_array()) {
            let before = items.clone();
            reorder(items, order, &before, patch_key);
        }
    }
    Ok(())
}

fn patch_field(
    target: &mut Map<String, Value>,
    key: &str,
    value: &Value,
    patch: &Map<String, Value>,
    fields: &mut Vec<String>,
) -> Result<(), BadPatch> {
    match value {
        Value::Null => {
            target.remove(key);
        }
        Value::Object(inner) => {
            let existed = target.contains_key(key);
            patch_map(as_map(target.entry(key.to_owned()).or_insert(Value::Null)), inner, fields)?;
            // `{$patch: delete}` takes the field away rather than leaving it empty.
            if inner.get(PATCH).is_some_and(|d| d == "delete") && existed {
                target.remove(key);
            }
        }
        Value::Array(items) => {
            let rule = list_rule(fields);
            let order = patch.get(&format!("{ORDER}{key}")).and_then(Value::as_array);
            let entry = target.entry(key.to_owned()).or_insert(Value::Array(Vec::new()));
            let mut list = entry.as_array().cloned().unwrap_or_default();
            let before = list.clone();
            match (rule.patch_key, rule.apply) {
                (Some(merge_key), _) => {
                    patch_list(&mut list, items, merge_key, fields)?;
                    reorder(&mut list, order.unwrap_or(items), &before, Some(merge_key));
                }
                (None, ListType::Set) => {
                    list.extend(items.iter().filter(|v| !before.contains(v)).cloned());
                    reorder(&mut list, order.unwrap_or(items), &before, None);
                }
                (None, ListType::Atomic | ListType::Map(_)) => list = items.clone(),
            }
            *entry = Value::Array(list);
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            target.insert(key.to_owned(), value.clone());
        }
    }
    Ok(())
}

fn patch_list(list: &mut Vec<Value>, items: &[Value], merge_key: &str, fields: &mut Vec<String>) -> Result<(), BadPatch> {
    let directive = |item: &Value| item.get(PATCH).and_then(Value::as_str).map(str::to_owned);
    if items.iter().any(|item| directive(item).as_deref() == Some("replace")) {
        *list = items.iter().filter(|item| directive(item).is_none()).cloned().collect();
        return Ok(());
    }
    for item in items {
        let Value::Object(fields_of_item) = item else { return Err(BadPatch(format!("expected an object in list {}", fields.join(".")))) };
        let Some(name) = item.get(merge_key).and_then(scalar_text) else {
            return Err(BadPatch(format!("map: {item} does not contain declared merge key: {merge_key}")));
        };
        let at = list.iter().position(|old| old.get(merge_key).and_then(scalar_text).as_ref() == Some(&name));
        match (directive(item).as_deref(), at) {
            (Some("delete"), Some(at)) => {
                list.remove(at);
            }
            (Some("delete"), None) => {}
            (None | Some("merge"), Some(at)) => patch_map(as_map(&mut list[at]), fields_of_item, fields)?,
            (None | Some("merge"), None) => {
                let mut new = Map::new();
                patch_map(&mut new, fields_of_item, fields)?;
                list.push(Value::Object(new));
            }
            (Some(other), _) => return Err(BadPatch(format!("unrecognized patch directive: {other:?}"))),
        }
    }
    Ok(())
}

/// Puts the elements that `order` names into its order, and keeps the others where they stood relative to them before.
fn reorder(list: &mut Vec<Value>, order: &[Value], before: &[Value], merge_key: Option<&str>) {
    let identity = |v: &Value| merge_key.map_or_else(|| scalar_text(v), |key| v.get(key).and_then(scalar_text).or_else(|| scalar_text(v)));
    let rank = |among: &[Value], v: &Value| among.iter().position(|o| identity(o) == identity(v));
    let (mut ordered, mut others): (Vec<Value>, Vec<Value>) = std::mem::take(list).into_iter().partition(|v| rank(order, v).is_some());
    ordered.sort_by_key(|v| rank(order, v));
    others.sort_by_key(|v| rank(before, v).unwrap_or(usize::MAX));
    let mut others = others.into_iter().peekable();
    for item in ordered {
        let place = rank(before, &item);
        // An element the server alone has goes first, unless both were there and it stood behind.
        while let Some(other) = others.next_if(|other| !matches!((place, rank(before, other)), (Some(a), Some(b)) if a < b)) {
            list.push(other);
        }
        list.push(item);
    }
    list.extend(others);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn patched(mut target: Value, patch: Value) -> Value {
        strategic(&mut target, &patch).unwrap();
        target
    }

    #[test]
    fn lists_know_their_place() {
        assert_eq!(list_rule(&["spec", "template", "spec", "containers", "ports"]).patch_key, Some("containerPort"));
        assert_eq!(list_rule(&["spec", "ports"]).patch_key, Some("port"));
        assert_eq!(list_rule(&["spec", "ingress", "ports"]), ATOMIC);
        assert_eq!(list_rule(&["metadata", "finalizers"]), SET);
        assert_eq!(list_rule::<&str>(&[]), ATOMIC);
        assert_eq!(list_rule(&["secrets"]).patch_key, Some("name"));
    }

    #[test]
    fn merges_containers_by_name() {
        let target = json!({"spec": {"containers": [{"name": "a", "image": "1", "args": ["x"]}, {"name": "b"}]}});
        let patch = json!({"spec": {"containers": [{"name": "a", "image": "2", "env": [{"name": "E", "value": "1"}]}]}});
        let got = patched(target, patch);
        assert_eq!(
            got,
            json!({"spec": {"containers": [{"name": "a", "image": "2", "args": ["x"], "env": [{"name": "E", "value": "1"}]}, {"name": "b"}]}})
        );
    }

    #[test]
    fn directives() {
        let target = || json!({"spec": {"containers": [{"name": "a"}, {"name": "b"}], "strategy": {"type": "RollingUpdate", "rollingUpdate": {"x": 1}}}});
        assert_eq!(
            patched(target(), json!({"spec": {"containers": [{"name": "a", "$patch": "delete"}]}}))["spec"]["containers"],
            json!([{"name": "b"}])
        );
        assert_eq!(
            patched(target(), json!({"spec": {"containers": [{"$patch": "replace"}, {"name": "c"}]}}))["spec"]["containers"],
            json!([{"name": "c"}])
        );
        assert_eq!(
            patched(target(), json!({"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}}))["spec"]["strategy"],
            json!({"type": "Recreate"})
        );
        assert_eq!(patched(target(), json!({"spec": {"strategy": {"$patch": "delete"}}}))["spec"].get("strategy"), None);
        assert_eq!(patched(target(), json!({"spec": {"strategy": null}}))["spec"].get("strategy"), None);
        let finalizers = json!({"metadata": {"finalizers": ["a", "b"]}});
        assert_eq!(
            patched(finalizers.clone(), json!({"metadata": {"$deleteFromPrimitiveList/finalizers": ["a"]}}))["metadata"]["finalizers"],
            json!(["b"])
        );
        assert_eq!(patched(finalizers, json!({"metadata": {"finalizers": ["c"]}}))["metadata"]["finalizers"], json!(["a", "b", "c"]));
        assert!(strategic(&mut target(), &json!({"spec": {"containers": [{"image": "x"}]}})).is_err());
        assert!(strategic(&mut target(), &json!({"spec": {"$patch": "explode"}})).is_err());
    }

    #[test]
    fn element_order_is_kept_as_asked() {
        let target = json!({"spec": {"containers": [{"name": "a"}, {"name": "s"}, {"name": "b"}]}});
        let patch =
            json!({"spec": {"$setElementOrder/containers": [{"name": "b"}, {"name": "a"}], "containers": [{"name": "b", "image": "x"}]}});
        let names: Vec<String> =
            patched(target, patch)["spec"]["containers"].as_array().unwrap().iter().map(|c| c["name"].to_string()).collect();
        assert_eq!(names, ["\"s\"", "\"b\"", "\"a\""]);
    }

    #[test]
    fn laying_over_merges_by_all_keys() {
        let mut target = json!({"spec": {"ports": [{"port": 53, "protocol": "UDP"}], "x": 1}});
        lay_over(&mut target, &json!({"spec": {"ports": [{"port": 53, "name": "tcp"}]}}));
        assert_eq!(target["spec"], json!({"x": 1, "ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "name": "tcp"}]}));
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
            json!({"spec": {"containers": containers}})
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
