//! Random edits, and each way to ask for one.
use super::cases::Dice;
use serde_json::{Map, Value, json};

/// A place in an object, and what is to be there (None: nothing).
pub struct Edit {
    place: Vec<Step>,
    new: Option<Value>,
}

#[derive(Clone)]
enum Step {
    Field(String),
    At(usize),
}

/// The fields by which lists of the API are merged, the likeliest first.
const KEYS: &[&str] = &["name", "containerPort", "port", "mountPath", "key", "ip", "type", "topologyKey", "uid"];

fn places(value: &Value, at: &mut Vec<Step>, all: &mut Vec<Vec<Step>>) {
    if !at.is_empty() {
        all.push(at.clone());
    }
    let inner: Vec<(Step, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(name, value)| (Step::Field(name.clone()), value)).collect(),
        Value::Array(list) => list.iter().enumerate().map(|(n, value)| (Step::At(n), value)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    for (step, value) in inner {
        at.push(step);
        places(value, at, all);
        at.pop();
    }
}

fn get<'a>(value: &'a Value, place: &[Step]) -> &'a Value {
    place.iter().fold(value, |at, step| match step {
        Step::Field(name) => &at[name],
        Step::At(n) => &at[n],
    })
}

/// An edit somewhere in the object, but not of what names it or keeps its controllers still.
pub fn random(dice: &mut Dice, object: &Value) -> Edit {
    let mut all = Vec::new();
    places(object, &mut Vec::new(), &mut all);
    let still = ["replicas", "paused", "suspend", "apiVersion", "kind"];
    all.retain(|place| match &place[..] {
        [Step::Field(top)] => !["apiVersion", "kind", "metadata", "spec"].contains(&top.as_str()),
        [Step::Field(top), Step::Field(name), ..] => {
            (top != "metadata" || ["labels", "annotations"].contains(&name.as_str())) && !still.contains(&name.as_str())
        }
        _ => true,
    });
    if all.is_empty() || dice.roll(5) == 0 {
        return added(dice, object);
    }
    let place = dice.of(&all).clone();
    let old = get(object, &place);
    let new = match (dice.roll(10), old) {
        (0..=2, _) => None,
        (3, _) => Some(Value::Null),
        (4, Value::Array(list)) => Some(list.iter().rev().cloned().collect()),
        (5, Value::Array(list)) => Some(list.iter().chain(list.first()).cloned().collect()),
        (6, Value::Array(_)) => Some(json!([])),
        (6, Value::Object(_)) => Some(json!({})),
        (_, Value::String(text)) => Some(format!("{text}x").into()),
        (_, Value::Number(n)) => Some((n.as_i64().unwrap_or_default() + 1).into()),
        (_, Value::Bool(yes)) => Some((!yes).into()),
        (_, Value::Array(list)) => Some(list.iter().skip(1).cloned().collect()),
        (_, Value::Object(map)) => Some(Value::Object(map.iter().skip(1).map(|(k, v)| (k.clone(), v.clone())).collect())),
        (_, Value::Null) => Some("x".into()),
    };
    Edit { place, new }
}

/// Something that was not there.
fn added(dice: &mut Dice, object: &Value) -> Edit {
    let field = |name: &str| Step::Field(name.to_owned());
    let pod = match object["kind"].as_str() {
        Some("Deployment" | "StatefulSet" | "Job") => Some(vec![field("spec"), field("template"), field("spec")]),
        Some("CronJob") => Some(["spec", "jobTemplate", "spec", "template", "spec"].map(field).to_vec()),
        _ => None,
    };
    let word = *dice.of(&["alpha", "beta", "gamma"]);
    if let Some(mut place) = pod.filter(|_| dice.roll(3) > 0) {
        let container = [field("containers"), Step::At(0)];
        let (below, new): (Vec<Step>, Value) = match dice.roll(8) {
            0 => (vec![field("env")], json!([{"name": word, "value": "1"}, {"name": "B", "value": "$(A)"}])),
            1 => (vec![field("ports")], json!([{"containerPort": 80}, {"containerPort": 80, "protocol": "UDP"}])),
            2 => (vec![field("resources")], json!({"limits": {"cpu": "0.5", "memory": "1024Mi"}})),
            3 => (vec![field("args")], json!([word, "b"])),
            4 => (vec![field("volumeMounts")], json!([{"name": "v", "mountPath": format!("/{word}")}])),
            5 => (vec![field("securityContext")], json!({"runAsUser": 1000, "capabilities": {"drop": ["ALL"]}})),
            6 => (vec![field("readinessProbe")], json!({"httpGet": {"port": 80}})),
            _ => {
                place.push(field("tolerations"));
                return Edit { place, new: Some(json!([{"key": word, "operator": "Exists"}])) };
            }
        };
        place.extend(container);
        place.extend(below);
        return Edit { place, new: Some(new) };
    }
    match dice.roll(4) {
        0 => Edit { place: vec![field("metadata"), field("labels")], new: Some(json!({"tier": word, "a": "b"})) },
        1 => Edit { place: vec![field("metadata"), field("annotations")], new: Some(json!({"example.com/note": word})) },
        2 => Edit { place: vec![field("metadata"), field("finalizers")], new: Some(json!([])) },
        _ => Edit { place: vec![field("metadata"), field("labels"), field("extra")], new: Some(word.into()) },
    }
}

/// A label.
pub fn label(name: &str, value: &str) -> Edit {
    let place = ["metadata", "labels", name].map(|name| Step::Field(name.to_owned())).to_vec();
    Edit { place, new: Some(value.into()) }
}

/// Makes an edit in a manifest; an element that is not there becomes one.
pub fn make(object: &mut Value, edit: &Edit) {
    let Some((last, front)) = edit.place.split_last() else { return };
    let at = front.iter().fold(object, |at, step| slot(at, step));
    match (last, &edit.new) {
        (_, Some(new)) => *slot(at, last) = new.clone(),
        (Step::Field(name), None) => drop(at.as_object_mut().map(|map| map.remove(name))),
        (Step::At(n), None) => drop(at.as_array_mut().filter(|list| *n < list.len()).map(|list| list.remove(*n))),
    }
}

fn slot<'a>(at: &'a mut Value, step: &Step) -> &'a mut Value {
    match step {
        Step::Field(name) => {
            if !at.is_object() {
                *at = json!({});
            }
            &mut at[name]
        }
        Step::At(n) => {
            if !at.is_array() {
                *at = json!([]);
            }
            let list = at.as_array_mut().unwrap();
            if list.len() <= *n {
                list.push(json!({}));
            }
            let last = list.len() - 1;
            &mut list[(*n).min(last)]
        }
    }
}

pub fn json_patch(object: &Value, edit: &Edit) -> Value {
    let mut pointer = String::new();
    let mut at = Some(object);
    let mut missing = Vec::new();
    for (n, step) in edit.place.iter().enumerate() {
        let word = match step {
            Step::Field(name) => name.replace('~', "~0").replace('/', "~1"),
            Step::At(n) => n.to_string(),
        };
        pointer.push('/');
        pointer.push_str(&word);
        at = at.and_then(|at| match step {
            Step::Field(name) => at.get(name),
            Step::At(n) => at.get(n),
        });
        if at.is_none() && n + 1 < edit.place.len() {
            missing.push(json!({"op": "add", "path": pointer, "value": {}}));
        }
    }
    missing.push(match (&edit.new, at) {
        (None, _) => json!({"op": "remove", "path": pointer}),
        (Some(new), None) => json!({"op": "add", "path": pointer, "value": new}),
        (Some(new), Some(_)) => json!({"op": "replace", "path": pointer, "value": new}),
    });
    missing.into()
}

/// RFC 7386: what makes the one of the other.
pub fn merge_patch(before: &Value, after: &Value) -> Value {
    let (Value::Object(a), Value::Object(b)) = (before, after) else { return after.clone() };
    let mut patch = Map::new();
    for name in a.keys().filter(|name| !b.contains_key(*name)) {
        patch.insert(name.clone(), Value::Null);
    }
    for (name, new) in b.iter().filter(|(name, new)| a.get(*name) != Some(new)) {
        patch.insert(name.clone(), a.get(name).map_or_else(|| new.clone(), |old| merge_patch(old, new)));
    }
    patch.into()
}

/// The edit alone, with its list elements named by their keys.
pub fn strategic_patch(object: &Value, edit: &Edit) -> Value {
    fn inside(value: &Value, place: &[Step], new: &Option<Value>) -> Value {
        match place {
            [] => new.clone().unwrap_or_default(),
            [Step::Field(name), rest @ ..] => json!({name: inside(value.get(name).unwrap_or(&Value::Null), rest, new)}),
            [Step::At(n), rest @ ..] => {
                let item = &value[n];
                let key = KEYS.iter().find(|key| item.get(**key).is_some());
                match (key, rest, new) {
                    (Some(key), [], None) => json!([{"$patch": "delete", *key: item[*key]}]),
                    (Some(key), [_, ..], _) => {
                        let mut patch = inside(item, rest, new);
                        if patch.is_object() && patch.get(*key).is_none() {
                            patch[*key] = item[*key].clone();
                        }
                        json!([patch])
                    }
                    (_, _, _) => json!([inside(item, rest, new)]),
                }
            }
        }
    }
    inside(object, &edit.place, &edit.new)
}

/// Takes a good part of a configuration away.
pub fn thin(dice: &mut Dice, value: &mut Value) {
    fn below(dice: &mut Dice, value: &mut Value, depth: usize) {
        match value {
            Value::Object(map) => {
                map.retain(|name, _| depth == 0 || KEYS.contains(&name.as_str()) || dice.roll(3) > 0);
                map.iter_mut().filter(|(name, _)| depth > 0 || *name != "metadata").for_each(|(_, value)| below(dice, value, depth + 1));
            }
            Value::Array(list) => list.iter_mut().for_each(|value| below(dice, value, depth + 1)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    below(dice, value, 0);
}
