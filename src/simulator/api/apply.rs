//! Server-side apply, in its plain form: create or lay over, remember who applied which fields, take away what that manager applied before and
//! no longer does. Conflicts between managers are not looked at. Source: KEP 555, `sigs.k8s.io/structured-merge-diff`.
use crate::simulator::{
    json::{list, list_mut, map_mut, text},
    refusal::Refusal,
};
use crate::terms::{
    merge,
    path::scalar_text,
    schema::{ListType, Shape, Table},
};
use serde_json::{Map, Value, json};

/// Checks an apply configuration against the address it was sent to.
pub(super) fn check(config: &Value, manager: Option<&str>) -> Result<(), Refusal> {
    if manager.is_none() {
        return Err(Refusal::new(
            422,
            "Invalid",
            "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch",
        ));
    }
    if !list(config, "/metadata/managedFields").is_empty() {
        return Err(Refusal::bad_request("metadata.managedFields must be nil"));
    }
    if text(config, "/apiVersion").is_empty() || text(config, "/kind").is_empty() {
        return Err(Refusal::bad_request("error decoding patch: Object 'Kind' is missing in the request"));
    }
    Ok(())
}

/// Lays a configuration over an object (or over nothing) for a manager.
pub(super) fn lay(object: &mut Value, config: &Value, manager: &str, api_version: &str, now: &str) {
    let shape = Table::kubernetes().object(api_version, text(config, "/kind"));
    let fields = owned(config, shape);
    let managers = list(object, "/metadata/managedFields").to_vec();
    let is_mine = |m: &Value| m["manager"] == manager && m["operation"] == "Apply";
    if let Some(mine) = managers.iter().find(|m| is_mine(m)) {
        let others: Vec<&Value> = managers.iter().filter(|m| !is_mine(m)).map(|m| &m["fieldsV1"]).collect();
        take_away(object, &mine["fieldsV1"], &fields, &others);
    }
    let mut config = config.clone();
    for fixed in ["/metadata/creationTimestamp", "/metadata/uid", "/metadata/resourceVersion", "/metadata/generation", "/status"] {
        crate::simulator::json::remove(&mut config, fixed);
    }
    drop_nulls(&mut config);
    merge::lay_over(object, &config, shape);
    let entries = list_mut(object, "/metadata/managedFields");
    entries.retain(|m| !is_mine(m));
    entries.push(json!({"manager": manager, "operation": "Apply", "apiVersion": api_version, "time": now, "fieldsType": "FieldsV1", "fieldsV1": fields}));
}

fn drop_nulls(value: &mut Value) {
    if let Value::Object(map) = value {
        map.retain(|_, v| !v.is_null());
        map.values_mut().for_each(drop_nulls);
    }
}

/// The fields that a configuration sets, in the `FieldsV1` form.
fn owned(config: &Value, shape: Option<Shape>) -> Value {
    let mut top = config.clone();
    let map = map_mut(&mut top);
    for unowned in ["apiVersion", "kind", "status"] {
        map.remove(unowned);
    }
    if let Some(metadata) = map.get_mut("metadata").and_then(Value::as_object_mut) {
        for identity in ["name", "namespace", "creationTimestamp", "uid", "resourceVersion", "generation", "managedFields"] {
            metadata.remove(identity);
        }
        if metadata.is_empty() {
            map.remove("metadata");
        }
    }
    fields(&top, shape)
}

fn fields(value: &Value, shape: Option<Shape>) -> Value {
    let mut out = Map::new();
    match value {
        Value::Object(map) => {
            for (key, inner) in map.iter().filter(|(_, v)| !v.is_null()) {
                out.insert(format!("f:{key}"), fields(inner, shape.and_then(|shape| shape.step(key))));
            }
        }
        Value::Array(items) => match shape.map_or(ListType::Atomic, Shape::list_type) {
            ListType::Atomic => {}
            ListType::Set => out.extend(items.iter().map(|item| (format!("v:{item}"), json!({})))),
            ListType::Map(keys) => {
                for item in items {
                    let mut inner = map_of(fields(item, shape.and_then(Shape::element)));
                    inner.insert(".".to_owned(), json!({}));
                    out.insert(format!("k:{}", key_of(item, keys)), Value::Object(inner));
                }
            }
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    Value::Object(out)
}

fn map_of(value: Value) -> Map<String, Value> {
    if let Value::Object(map) = value { map } else { Map::new() }
}

fn key_of(item: &Value, keys: &[String]) -> String {
    let part = |key: &String| {
        let value = item.get(key).cloned().unwrap_or_else(|| if key == "protocol" { "TCP".into() } else { Value::Null });
        (key.clone(), value)
    };
    Value::Object(keys.iter().map(part).collect()).to_string()
}

/// Takes away what `before` owned, `after` does not, and nobody else does.
fn take_away(object: &mut Value, before: &Value, after: &Value, others: &[&Value]) {
    for (step, inner) in before.as_object().into_iter().flatten() {
        if step == "." {
            continue;
        }
        let elsewhere: Vec<&Value> = others.iter().filter_map(|o| o.get(step)).collect();
        let still = after.get(step);
        let leaf = inner.as_object().is_none_or(|m| m.keys().all(|k| k == "."));
        match (still, leaf, elsewhere.is_empty()) {
            (None, _, true) => remove_step(object, step),
            (None, true, false) | (Some(_), true, _) => {}
            (still, false, _) => {
                if let Some(child) = child_mut(object, step) {
                    take_away(child, inner, still.unwrap_or(&Value::Null), &elsewhere);
                }
            }
        }
    }
}

fn element(items: &[Value], step: &str) -> Option<usize> {
    if let Some(keys) = step.strip_prefix("k:") {
        let keys: Map<String, Value> = serde_json::from_str(keys).ok()?;
        let fits = |item: &Value| {
            keys.iter()
                .all(|(k, v)| item.get(k).and_then(scalar_text).or_else(|| (k == "protocol").then(|| "TCP".to_owned())) == scalar_text(v))
        };
        return items.iter().position(fits);
    }
    let value: Value = serde_json::from_str(step.strip_prefix("v:")?).ok()?;
    items.iter().position(|item| *item == value)
}

fn child_mut<'a>(object: &'a mut Value, step: &str) -> Option<&'a mut Value> {
    if let Some(field) = step.strip_prefix("f:") {
        return object.get_mut(field);
    }
    let at = element(object.as_array()?, step)?;
    object.get_mut(at)
}

fn remove_step(object: &mut Value, step: &str) {
    match (step.strip_prefix("f:"), object) {
        (Some(field), Value::Object(map)) => {
            map.remove(field);
        }
        (None, Value::Array(items)) => {
            if let Some(at) = element(items, step) {
                items.remove(at);
            }
        }
        // The object has another shape now: there is nothing of this manager's left in it.
        (Some(_) | None, _) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::lay;
    use serde_json::json;

    #[test]
    fn what_a_manager_stops_applying_goes() {
        let mut object = json!({"metadata": {"name": "x"}, "data": {"theirs": "1"}});
        let apply = |object: &mut _, config| lay(object, &config, "me", "v1", "now");
        apply(&mut object, json!({"metadata": {"name": "x"}, "data": {"a": "1", "b": "2"}}));
        apply(&mut object, json!({"metadata": {"name": "x"}, "data": {"b": "3"}}));
        assert_eq!(object["data"], json!({"b": "3", "theirs": "1"}));
        lay(&mut object, &json!({"data": {"b": "3"}}), "you", "v1", "now");
        apply(&mut object, json!({"metadata": {"name": "x"}}));
        assert_eq!(object["data"]["b"], "3");
    }

    #[test]
    fn list_elements_are_owned_by_key() {
        let mut object = json!({});
        let containers = |list| json!({"kind": "Pod", "spec": {"containers": list}});
        lay(&mut object, &containers(json!([{"name": "a", "image": "1"}, {"name": "b", "image": "1"}])), "me", "v1", "now");
        lay(&mut object, &containers(json!([{"name": "a", "image": "2"}])), "me", "v1", "now");
        assert_eq!(object["spec"]["containers"], json!([{"name": "a", "image": "2"}]));
    }
}
