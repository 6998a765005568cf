//! Lists of resources (`{"cpu": "1", "memory": "1Gi"}`) to reckon with, and what a pod asks for in all.
//!
//! Source: `PodRequests` and `PodLimits` in `component-helpers/resource`.
use crate::{
    simulator::json::{list, text},
    terms::{path::scalar_text, quantity::Quantity},
};
use serde_json::Value;
use std::collections::BTreeMap;

/// Resource names and how much of each.
pub(super) type Amounts = BTreeMap<String, Quantity>;

/// The amounts at a pointer; what is no quantity is left out.
pub(super) fn at(object: &Value, pointer: &str) -> Amounts {
    let map = object.pointer(pointer).and_then(Value::as_object).into_iter().flatten();
    map.filter_map(|(name, value)| Some((name.clone(), scalar_text(value)?.parse().ok()?))).collect()
}

/// Adds `more` to `sum`, name by name.
pub(super) fn add(sum: &mut Amounts, more: &Amounts) {
    for (name, amount) in more {
        let sum = sum.entry(name.clone()).or_insert(Quantity::ZERO);
        *sum = sum.plus(*amount);
    }
}

fn at_least(sum: &mut Amounts, least: &Amounts) {
    for (name, amount) in least {
        let sum = sum.entry(name.clone()).or_insert(*amount);
        *sum = (*sum).max(*amount);
    }
}

/// What a pod has in all of one side, `requests` or `limits`: its containers together, or what its init containers need before them if that is more.
pub(super) fn of_pod(pod: &Value, side: &str) -> Amounts {
    let pointer = format!("/resources/{side}");
    let mut sum = Amounts::new();
    list(pod, "/spec/containers").iter().for_each(|c| add(&mut sum, &at(c, &pointer)));
    let (mut sidecars, mut before) = (Amounts::new(), Amounts::new());
    for init in list(pod, "/spec/initContainers") {
        let own = at(init, &pointer);
        if text(init, "/restartPolicy") == "Always" {
            add(&mut sum, &own);
            add(&mut sidecars, &own);
            at_least(&mut before, &sidecars);
        } else {
            let mut with_sidecars = own;
            add(&mut with_sidecars, &sidecars);
            at_least(&mut before, &with_sidecars);
        }
    }
    at_least(&mut sum, &before);
    sum.extend(at(pod, &format!("/spec/resources/{side}")));
    sum
}

/// `cpu=1,memory=1Gi`.
pub(super) fn told(amounts: &Amounts) -> String {
    amounts.iter().map(|(name, amount)| format!("{name}={amount}")).collect::<Vec<_>>().join(",")
}

/// As JSON.
pub(super) fn json(amounts: &Amounts) -> Value {
    amounts.iter().map(|(name, amount)| (name.clone(), Value::from(amount.to_string()))).collect::<serde_json::Map<_, _>>().into()
}
