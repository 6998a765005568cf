//! EndpointSlice and Endpoints: which pods stand behind a Service. Source: `pkg/controller/endpointslice`.
use super::pods;
use crate::simulator::{
    admit::DeleteOptions,
    cluster::Cluster,
    json::{default, list, map_mut, remove, set, text, yes},
    store::{Key, Tree},
};
use crate::terms::selector::LabelSelector;
use serde_json::{Value, json};

/// When something behind the Service last changed.
const CHANGED: &str = "endpoints.kubernetes.io/last-change-trigger-time";
/// Source: `--max-endpoints-per-slice`.
const PER_SLICE: usize = 100;

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

/// The ports as the first pod that has them all resolves them; none where there is no pod.
fn ports(service: &Value, behind: &[Tree]) -> Vec<Value> {
    let resolved = list(service, "/spec/ports").iter().filter_map(|port| {
        let number = behind.iter().find_map(|pod| target(pod, port))?;
        Some(json!({"name": text(port, "/name"), "protocol": text(port, "/protocol"), "port": number}))
    });
    resolved.collect()
}

fn reference(pod: &Value) -> Value {
    json!({"kind": "Pod", "namespace": text(pod, "/metadata/namespace"), "name": text(pod, "/metadata/name"), "uid": text(pod, "/metadata/uid")})
}

/// The Service's own labels, and those of whoever keeps the object.
fn labels(service: &Value, own: &[(&str, &str)]) -> Value {
    let mut labels = service.pointer("/metadata/labels").cloned().unwrap_or_else(|| json!({}));
    let headless = text(service, "/spec/clusterIP") == "None";
    for (name, value) in own.iter().copied().chain(headless.then_some(("service.kubernetes.io/headless", ""))) {
        map_mut(&mut labels).insert(name.to_owned(), value.into());
    }
    labels
}

/// A list, or null in the place of an empty one.
fn some(items: &[Value]) -> Value {
    if items.is_empty() { Value::Null } else { items.to_vec().into() }
}

/// Writes what an object says of the Service where that is new, with the time of the change.
fn renew(cluster: &mut Cluster, key: &Key, fields: &[(&str, Value)]) -> bool {
    let now = cluster.stamp();
    let Some(object) = cluster.get(key) else { return false };
    if fields.iter().any(|(name, value)| object.pointer(name).unwrap_or(&Value::Null) != value) {
        cluster.modify(key, |o| {
            for (name, value) in fields {
                match value {
                    // Endpoints leave out what is empty; slices have a null.
                    Value::Null if *name == "/subsets" => drop(remove(o, name)),
                    value => set(o, name, value.clone()),
                }
            }
            default(o, "/metadata/annotations", json!({}));
            map_mut(&mut o["metadata"]["annotations"]).insert(CHANGED.to_owned(), now.into());
        });
    }
    true
}

fn slice(cluster: &mut Cluster, key: &Key, service: &Value, behind: &[Tree]) {
    let kind = cluster.kinds.slice;
    let early = yes(service, "/spec/publishNotReadyAddresses");
    let labels = labels(
        service,
        &[("kubernetes.io/service-name", &key.name), ("endpointslice.kubernetes.io/managed-by", "endpointslice-controller.k8s.io")],
    );
    let endpoint = |pod: &Tree| {
        let (ready, leaving) = (pods::ready(pod), pod.pointer("/metadata/deletionTimestamp").is_some());
        let mut endpoint = json!({
            "addresses": [text(pod, "/status/podIP")],
            "conditions": {"ready": (ready && !leaving) || early, "serving": ready, "terminating": leaving},
            "nodeName": text(pod, "/spec/nodeName"),
            "targetRef": reference(pod),
        });
        let node = cluster.get(&Key::new(cluster.kinds.node, "", text(pod, "/spec/nodeName"))).unwrap_or_default();
        if let Some(zone) = node.pointer("/metadata/labels").and_then(|l| l.get("topology.kubernetes.io/zone")) {
            endpoint["zone"] = zone.clone();
        }
        endpoint
    };
    let endpoints: Vec<Value> = behind.iter().map(endpoint).collect();
    let ports = some(&ports(service, behind));
    let mut existing = cluster.store.owned_by(text(service, "/metadata/uid"));
    existing.retain(|k| k.kind == kind);
    let mut existing = existing.into_iter();
    let mut parts: Vec<&[Value]> = endpoints.chunks(PER_SLICE).collect();
    if parts.is_empty() {
        parts.push(&[]);
    }
    for part in parts {
        let fields = [("/endpoints", some(part)), ("/ports", ports.clone()), ("/metadata/labels", labels.clone())];
        if existing.next().is_some_and(|slice| renew(cluster, &slice, &fields)) {
            continue;
        }
        let object = json!({
            "metadata": {
                "generateName": format!("{}-", key.name), "labels": labels, "annotations": {CHANGED: cluster.stamp()},
                "ownerReferences": [cluster.owner(key, text(service, "/metadata/uid"))],
            },
            "addressType": "IPv4", "endpoints": some(part), "ports": ports,
        });
        // A refusal means the namespace goes away.
        drop(cluster.create(kind, &key.namespace, object, false));
    }
    for surplus in existing {
        // Gone in the meantime is what is wanted.
        drop(cluster.delete(&surplus, &DeleteOptions::default()));
    }
}

fn endpoints(cluster: &mut Cluster, key: &Key, service: &Value, behind: &[Tree]) {
    let early = yes(service, "/spec/publishNotReadyAddresses");
    let labels = labels(service, &[("endpoints.kubernetes.io/managed-by", "endpoint-controller")]);
    let address =
        |pod: &Value| json!({"ip": text(pod, "/status/podIP"), "nodeName": text(pod, "/spec/nodeName"), "targetRef": reference(pod)});
    let (ready, unready): (Vec<&Tree>, Vec<&Tree>) =
        behind.iter().filter(|p| p.pointer("/metadata/deletionTimestamp").is_none()).partition(|p| pods::ready(p) || early);
    let mut subset = json!({});
    for (field, pods) in [("addresses", &ready), ("notReadyAddresses", &unready)] {
        if !pods.is_empty() {
            subset[field] = pods.iter().map(|p| address(p)).collect();
        }
    }
    let ports = ports(service, behind);
    if !ports.is_empty() {
        subset["ports"] = ports.into();
    }
    let subsets = if ready.is_empty() && unready.is_empty() { Value::Null } else { json!([subset]) };
    let at = Key::new(cluster.kinds.endpoints, &key.namespace, &key.name);
    if !renew(cluster, &at, &[("/subsets", subsets.clone()), ("/metadata/labels", labels.clone())]) {
        let mut object = json!({"metadata": {"name": *key.name, "labels": labels, "annotations": {CHANGED: cluster.stamp()}}});
        if !subsets.is_null() {
            object["subsets"] = subsets;
        }
        // A refusal means the namespace goes away.
        drop(cluster.create(cluster.kinds.endpoints, &key.namespace, object, false));
    }
}

/// Whether an Endpoints object belongs to a Service that is there.
pub(super) fn wanted(cluster: &Cluster, key: &Key) -> bool {
    cluster.store.stored(&Key::new(cluster.kinds.service, &key.namespace, &key.name)).is_some()
}
