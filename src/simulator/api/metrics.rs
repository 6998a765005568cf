//! metrics.k8s.io: plausible figures, worked out from what pods ask for.
use super::{Answer, Ask, Target, selection::Selection};
use crate::simulator::{
    cluster::{Cluster, typed},
    controllers::requests,
    json::{list, text},
    refusal::Refusal,
    store::Key,
};
use crate::terms::quantity::Quantity;
use serde_json::{Value, json};

pub(super) fn answer(cluster: &Cluster, ask: &Ask, target: &Target) -> Result<Answer, Refusal> {
    if !cluster.controllers {
        return Err(Refusal::new(503, "ServiceUnavailable", "no figures were dumped"));
    }
    let resource = cluster.registry.get(target.kind);
    let source = match resource.kind.as_str() {
        "PodMetrics" => cluster.kinds.pod,
        "NodeMetrics" => cluster.kinds.node,
        other => return Err(Refusal::beyond_us(other)),
    };
    let figures = |object: &Value| if source == cluster.kinds.pod { pod(cluster, object) } else { Some(node(cluster, object)) };
    if let Some(name) = &target.name {
        let key = Key::new(source, target.namespace.as_deref().unwrap_or_default(), name);
        let mut found = cluster
            .get(&key)
            .and_then(|o| figures(&o))
            .ok_or_else(|| Refusal::not_found(&crate::simulator::cluster::named(resource, name)))?;
        typed(resource, &mut found);
        return Ok(Answer::Json(200, found));
    }
    let selection = Selection::of(cluster, ask, &Target { kind: source, ..target.clone() })?;
    let chosen = cluster.store.of_kind(source, target.namespace.as_deref()).filter(|(k, s)| selection.holds(k, s));
    let items: Vec<Value> = chosen.filter_map(|(_, s)| figures(&s.tree())).collect();
    Ok(Answer::Json(
        200,
        json!({"kind": format!("{}List", resource.kind), "apiVersion": resource.api_version(), "metadata": {}, "items": items}),
    ))
}

/// A container uses some third of the CPU and half of the memory it asks for; one that asks for nothing, a little.
fn usage(container: &Value, uid: &str) -> (Quantity, Quantity) {
    let spread = i64::from(uid.bytes().fold(0_u8, u8::wrapping_add)) % 20;
    let (cpu, memory) = requests(&json!({"spec": {"containers": [container]}}));
    let cpu = if cpu.is_zero() { 4 } else { cpu.as_milli() * (25 + spread) / 100 };
    let memory = if memory.is_zero() { 24 << 20 } else { memory.as_whole() / 100 * (45 + spread) };
    (Quantity::milli(cpu.max(1)), Quantity::bytes(memory >> 10 << 10))
}

fn pod(cluster: &Cluster, pod: &Value) -> Option<Value> {
    let running = |name: &str| {
        list(pod, "/status/containerStatuses").iter().any(|s| text(s, "/name") == name && s.pointer("/state/running").is_some())
    };
    let containers: Vec<Value> = list(pod, "/spec/containers")
        .iter()
        .filter(|c| running(text(c, "/name")))
        .map(|c| {
            let (cpu, memory) = usage(c, text(pod, "/metadata/uid"));
            json!({"name": text(c, "/name"), "usage": {"cpu": cpu.to_string(), "memory": memory.to_string()}})
        })
        .collect();
    if containers.is_empty() {
        return None;
    }
    let mut metadata =
        json!({"name": text(pod, "/metadata/name"), "namespace": text(pod, "/metadata/namespace"), "creationTimestamp": cluster.stamp()});
    if let Some(labels) = pod.pointer("/metadata/labels") {
        metadata["labels"] = labels.clone();
    }
    Some(json!({"metadata": metadata, "timestamp": cluster.stamp(), "window": "15s", "containers": containers}))
}

fn node(cluster: &Cluster, node: &Value) -> Value {
    let name = text(node, "/metadata/name");
    let mut sum = (Quantity::milli(90), Quantity::bytes(700 << 20));
    for (_, stored) in cluster.store.of_kind(cluster.kinds.pod, None) {
        let pod = stored.tree();
        if text(&pod, "/spec/nodeName") == name && text(&pod, "/status/phase") == "Running" {
            for container in list(&pod, "/spec/containers") {
                let (cpu, memory) = usage(container, text(&pod, "/metadata/uid"));
                sum = (sum.0.plus(cpu), sum.1.plus(memory));
            }
        }
    }
    let metadata = json!({"name": name, "creationTimestamp": cluster.stamp(), "labels": node["metadata"]["labels"]});
    json!({"metadata": metadata, "timestamp": cluster.stamp(), "window": "15s", "usage": {"cpu": sum.0.to_string(), "memory": sum.1.to_string()}})
}
