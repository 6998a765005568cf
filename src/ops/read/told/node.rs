//! Nodes: what they have, what is asked of them, who may run on them.

use super::{Block, Told, fields, pods, table};
use crate::ops::look::{list, pairs, text};
use crate::terms::quantity::Quantity;
use serde_json::Value;

/// State, capacity against requests, and the pods on it.
pub(super) fn blocks(told: &Told<'_>) -> Vec<Block> {
    let object = told.object;
    let address = |sort: &str| {
        let found = list(object, "/status/addresses").iter().find(|a| a["type"] == sort);
        found.map(|a| text(a, "/address").to_string()).unwrap_or_default()
    };
    let labels = object.pointer("/metadata/labels").and_then(Value::as_object);
    let roles = labels.into_iter().flatten().filter_map(|(key, _)| key.strip_prefix("node-role.kubernetes.io/"));
    let closed = object.pointer("/spec/unschedulable") == Some(&Value::Bool(true));
    let taints = list(object, "/spec/taints").iter().map(|t| {
        let value = text(t, "/value");
        format!("{}{}{value}:{}", text(t, "/key"), if value.is_empty() { "" } else { "=" }, text(t, "/effect"))
    });
    let info = |field: &str| text(object, &format!("/status/nodeInfo/{field}")).to_string();
    let mut blocks = vec![fields(
        "State",
        vec![
            ("Roles", roles.collect::<Vec<_>>().join(", ")),
            ("Scheduling", if closed { "closed (cordoned)".into() } else { "open".into() }),
            ("Taints", taints.collect::<Vec<_>>().join(", ")),
            ("Internal IP", address("InternalIP")),
            ("Kubelet", info("kubeletVersion")),
            ("Runtime", info("containerRuntimeVersion")),
            ("System", [info("osImage"), info("architecture")].into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join(", ")),
            ("Capacity", pairs(object, "/status/capacity").join(", ")),
        ],
    )];
    match told.listed("pods") {
        Ok(all) => {
            let running: Vec<&Value> = all.iter().filter(|p| !["Succeeded", "Failed"].contains(&text(p, "/status/phase"))).collect();
            blocks.extend(resources(object, &running));
            blocks.extend(pods::pod_table(told, "Pods", &running));
        }
        Err(why) => blocks.push(why),
    }
    blocks
}

fn resources(node: &Value, pods: &[&Value]) -> Option<Block> {
    let allocatable = node.pointer("/status/allocatable").and_then(Value::as_object);
    let sum = |resource: &str, of: &str| {
        let containers = pods.iter().flat_map(|p| list(p, "/spec/containers"));
        let amounts = containers.filter_map(|c| c["resources"][of][resource].as_str()?.parse::<Quantity>().ok());
        amounts.fold(Quantity::ZERO, Quantity::plus)
    };
    let share = |part: Quantity, whole: Quantity| if whole.nanos() <= 0 { 0 } else { part.nanos().saturating_mul(100) / whole.nanos() };
    let rows = allocatable.into_iter().flatten().filter_map(|(resource, amount)| {
        let there_is: Quantity = amount.as_str()?.parse().ok()?;
        if resource == "pods" {
            let count = Quantity::whole(i64::try_from(pods.len()).unwrap_or(i64::MAX));
            return Some(vec![resource.clone(), there_is.to_string(), format!("{count} ({}%)", share(count, there_is)), String::new()]);
        }
        let (requested, limited) = (sum(resource, "requests"), sum(resource, "limits"));
        let told = |q: Quantity| format!("{q} ({}%)", share(q, there_is));
        Some(vec![resource.clone(), there_is.to_string(), told(requested), told(limited)])
    });
    table("Resources", &["Resource", "Allocatable", "Requests", "Limits"], rows.collect())
}
