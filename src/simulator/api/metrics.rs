//! metrics.k8s.io: plausible figures, worked out from what pods ask for.
use super::{Answer, Ask, Target, selection::Selection};
use crate::simulator::{
    cluster::{Cluster, typed},
    json::{list, text},
    kubelet::usage,
    refusal::{Named, Refusal},
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
        let mut found = cluster.get(&key).and_then(|o| figures(&o)).ok_or_else(|| {
            // metrics-server says this of the objects that it measures, and of a single node in the singular.
            let plural = if source == cluster.kinds.pod { "pods" } else { "node" };
            Refusal::not_found(&Named { group: "", plural, kind: plural, name })
        })?;
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

fn pod(cluster: &Cluster, pod: &Value) -> Option<Value> {
    let containers: Vec<Value> = list(pod, "/spec/containers")
        .iter()
        .filter_map(|c| {
            let (cpu, memory) = usage(cluster, pod, c)?;
            Some(json!({"name": text(c, "/name"), "usage": {"cpu": cpu.to_string(), "memory": memory.to_string()}}))
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
            for (cpu, memory) in list(&pod, "/spec/containers").iter().filter_map(|c| usage(cluster, &pod, c)) {
                sum = (sum.0.plus(cpu), sum.1.plus(memory));
            }
        }
    }
    let metadata = json!({"name": name, "creationTimestamp": cluster.stamp(), "labels": node["metadata"]["labels"]});
    json!({"metadata": metadata, "timestamp": cluster.stamp(), "window": "15s", "usage": {"cpu": sum.0.to_string(), "memory": sum.1.to_string()}})
}
