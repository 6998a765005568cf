//! Selectors against labels, and what comes near.

use super::*;
use crate::experts::signals::alike::alike;
use crate::terms::selector::LabelSelector;
use serde_json::{Map, json};

fn read(selector: &Value) -> Option<LabelSelector> {
    match selector {
        Value::String(text) => text.parse().ok(),
        Value::Object(_) => LabelSelector::from_json(selector).ok(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
    }
}

/// As kubectl writes it; empty where there is none.
pub fn selector(selector: &Value) -> Value {
    read(selector).map(|s| s.to_string()).unwrap_or_default().into()
}

/// Whether it matches; an empty selector matches nothing here, since no Service or workload means everything by it.
pub fn selects(selector: &Value, labels: &Value) -> bool {
    read(selector).is_some_and(|s| !s.is_empty() && s.matches_json(labels))
}

/// The pods that come closest to a Service's plain selector: at least one label agrees, or one value is nearly the same.
/// Tells what differs in words.
pub fn near_miss(selector: &Value, pods: &Value) -> Value {
    let Some(wanted) = selector.as_object() else { return Value::Null };
    let none = Map::new();
    let mut best: Option<(usize, usize, Vec<String>, &Value)> = None;
    for pod in all(pods) {
        let labels = at(pod, "metadata.labels").as_object().unwrap_or(&none);
        let mut agree = 0;
        let mut near = 0;
        let mut differ = Vec::new();
        for (key, value) in wanted {
            let value = value.as_str().unwrap_or_default();
            match labels.get(key).and_then(Value::as_str) {
                Some(has) if has == value => agree += 1,
                Some(has) => {
                    near += usize::from(alike(has, value));
                    differ.push(format!("{key} is {has}, not {value}"));
                }
                None => {
                    let other = labels.iter().find(|(_, v)| v.as_str() == Some(value));
                    near += usize::from(other.is_some());
                    differ.push(match other {
                        Some((k, _)) => format!("{key} is missing ({k} is {value})"),
                        None => format!("{key} is missing"),
                    });
                }
            }
        }
        if agree + near > 0 && best.as_ref().is_none_or(|(a, n, ..)| (agree, near) > (*a, *n)) {
            best = Some((agree, near, differ, pod));
        }
    }
    let Some((_, _, differ, pod)) = best else { return Value::Null };
    let (kind, workload) = pods::owner(pod);
    // The selector that would match: the wanted keys with the values that pod has. Keys it lacks are not invented.
    let labels = at(pod, "metadata.labels").as_object().unwrap_or(&none);
    let mut patch = Map::new();
    for (key, value) in wanted {
        match labels.get(key) {
            Some(has) if has != value => patch.insert(key.clone(), has.clone()),
            Some(_) => None,
            None => patch.insert(key.clone(), Value::Null),
        };
    }
    let whole = wanted.keys().all(|key| labels.contains_key(key));
    json!({"kind": kind, "workload": workload, "pod": text(pod, "metadata.name"), "differs": differ.join(", "), "whole": whole, "patch": patch})
}
