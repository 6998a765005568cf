//! EndpointSlice and Endpoints: which pods stand behind a Service. Source: `pkg/controller/endpointslice`.
use super::pods;
use crate::simulator::{
    cluster::Cluster,
    json::{list, text, yes},
    store::{Key, Tree},
};
use crate::terms::selector::LabelSelector;
use serde_json::{Value, json};

pub(super) fn look(cluster: &mut Cluster, key: &Key) {
    let Some(service) = cluster.get(key) else { return };
    let Some(selector) = service.pointer("/spec/selector").filter(|s| s.as_object().is_some_and(|m| !m.is_empty())) else { return };
    if service.pointer("/metadata/deletionTimestamp").is_some() || text(&service, "/spec/type") == "ExternalName" {
        return;
    }
    let Ok(selector) = LabelSelector::from_json(selector) else { return };
    let behind: Vec<Tree> = cluster
        .store
        .of_kind(cluster.kinds.pod, Some(&key.namespace))
        .filter(|(_, s)| selector.matches(|k| s.label(k)))
        .map(|(k, s)| cluster.store.tree(k, s))
        .filter(|pod| !text(pod, "/status/podIP").is_empty() && !matches!(text(pod, "/status/phase"), "Succeeded" | "Failed"))
        .collect();
    slice(cluster, key, &service, &behind);
    endpoints(cluster, key, &service, &behind);
}

/// The number a Service port leads to in this pod; a named one is looked up in its containers.
fn target(pod: &Value, port: &Value) -> Option<i64> {
    match &port["targetPort"] {
        Value::String(name) => {
            let ports = list(pod, "/spec/containers").iter().flat_map(|c| list(c, "/ports"));
            ports.into_iter().find(|p| text(p, "/name") == name).and_then(|p| p["containerPort"].as_i64())
        }
        number => number.as_i64().or_else(|| port["port"].as_i64()),
    }
}

/// The ports as the first pod that has them all resolves them.
fn ports(service: &Value, behind: &[Tree]) -> Vec<Value> {
    let resolved = list(service, "/spec/ports").iter().filter_map(|port| {
        let number = behind.iter().find_map(|pod| target(pod, port)).or_else(|| port["targetPort"].as_i64())?;
        Some(json!({"name": text(port, "/name"), "protocol": text(port, "/protocol"), "port": number}))
    });
    resolved.collect()
}

fn reference(pod: &Value) -> Value {
    json!({"kind": "Pod", "namespace": text(pod, "/metadata/namespace"), "name": text(pod, "/metadata/name"), "uid": text(pod, "/metadata/uid")})
}

fn slice(cluster: &mut Cluster, key: &Key, service: &Value, behind: &[Tree]) {
    let kind = cluster.kinds.slice;
    let early = yes(service, "/spec/publishNotReadyAddresses");
    let endpoints: Vec<Value> = behind
        .iter()
        .map(|pod| {
            let (ready, leaving) = (pods::ready(pod), pod.pointer("/metadata/deletionTimestamp").is_some());
            json!({
                "addresses": [text(pod, "/status/podIP")],
                "conditions": {"ready": (ready && !leaving) || early, "serving": ready, "terminating": leaving},
                "nodeName": text(pod, "/spec/nodeName"),
                "targetRef": reference(pod),
            })
        })
        .collect();
    let ports = ports(service, behind);
    let existing = cluster.store.owned_by(text(service, "/metadata/uid")).into_iter().find(|k| k.kind == kind);
    if let Some(existing) = existing {
        cluster.modify(&existing, |s| {
            s["endpoints"] = endpoints.into();
            s["ports"] = ports.into();
        });
        return;
    }
    let mut object = json!({
        "metadata": {"generateName": format!("{}-", key.name), "ownerReferences": [cluster.owner(key, text(service, "/metadata/uid"))]},
        "addressType": "IPv4", "endpoints": endpoints, "ports": ports,
    });
    pods::label(&mut object, "kubernetes.io/service-name", &key.name);
    pods::label(&mut object, "endpointslice.kubernetes.io/managed-by", "endpointslice-controller.k8s.io");
    // A refusal means the namespace goes away.
    drop(cluster.create(kind, &key.namespace, object, false));
}

fn endpoints(cluster: &mut Cluster, key: &Key, service: &Value, behind: &[Tree]) {
    let early = yes(service, "/spec/publishNotReadyAddresses");
    let address =
        |pod: &Value| json!({"ip": text(pod, "/status/podIP"), "nodeName": text(pod, "/spec/nodeName"), "targetRef": reference(pod)});
    let staying = || behind.iter().filter(|p| p.pointer("/metadata/deletionTimestamp").is_none());
    let ready: Vec<Value> = staying().filter(|p| pods::ready(p) || early).map(|p| address(p)).collect();
    let unready: Vec<Value> = staying().filter(|p| !pods::ready(p) && !early).map(|p| address(p)).collect();
    let mut subset = json!({"ports": ports(service, behind)});
    if !ready.is_empty() {
        subset["addresses"] = ready.clone().into();
    }
    if !unready.is_empty() {
        subset["notReadyAddresses"] = unready.clone().into();
    }
    let subsets = if ready.is_empty() && unready.is_empty() { json!([]) } else { json!([subset]) };
    let at = Key::new(cluster.kinds.endpoints, &key.namespace, &key.name);
    if cluster.modify(&at, |e| e["subsets"] = subsets.clone()).is_none() {
        let mut object = json!({"metadata": {"name": *key.name, "labels": service["metadata"]["labels"].clone()}, "subsets": subsets});
        pods::label(&mut object, "endpoints.kubernetes.io/managed-by", "endpoint-controller");
        // A refusal means the namespace goes away.
        drop(cluster.create(cluster.kinds.endpoints, &key.namespace, object, false));
    }
}

/// Whether an Endpoints object belongs to a Service that is there.
pub(super) fn wanted(cluster: &Cluster, key: &Key) -> bool {
    cluster.store.stored(&Key::new(cluster.kinds.service, &key.namespace, &key.name)).is_some()
}
