//! Defaults of pods and of the templates pods are made from. Source: `pkg/apis/core/v1/defaults.go`.
use crate::simulator::json::{default, list, map_mut, text, yes};
use serde_json::{Value, json};

/// What a template needs besides the rows of the table.
pub(super) fn template(template: &mut Value) {
    // A template that an earlier decoder wrote out in full carries this null.
    map_mut(&mut template["metadata"]).remove("creationTimestamp");
    spec(&mut template["spec"]);
}

/// What a pod needs besides the rows of the table.
pub(super) fn pod(object: &mut Value) {
    spec(&mut object["spec"]);
    for container in containers(&mut object["spec"]) {
        // A limit nobody asked for less than is also what is asked for.
        for (name, limit) in container.pointer("/resources/limits").and_then(Value::as_object).cloned().into_iter().flatten() {
            default(container, "/resources/requests", json!({}));
            map_mut(&mut container["resources"]["requests"]).entry(name).or_insert(limit);
        }
    }
}

fn containers(spec: &mut Value) -> impl Iterator<Item = &mut Value> {
    let lists = spec.as_object_mut().into_iter().flat_map(|spec| spec.iter_mut());
    let lists = lists.filter(|(name, _)| matches!(name.as_str(), "containers" | "initContainers" | "ephemeralContainers"));
    lists.filter_map(|(_, list)| list.as_array_mut()).flatten()
}

fn spec(spec: &mut Value) {
    let on_host = yes(spec, "/hostNetwork");
    for container in containers(spec) {
        let policy = if latest(text(container, "/image")) { "Always" } else { "IfNotPresent" };
        default(container, "/imagePullPolicy", policy);
        for port in container.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten().filter(|_| on_host) {
            let number = port["containerPort"].clone();
            default(port, "/hostPort", number);
        }
    }
    for volume in spec.get_mut("volumes").and_then(Value::as_array_mut).into_iter().flatten() {
        if volume.as_object().is_some_and(|v| v.keys().all(|key| key == "name")) {
            volume["emptyDir"] = json!({});
        }
        if volume.get("image").is_some() {
            let policy = if latest(text(volume, "/image/reference")) { "Always" } else { "IfNotPresent" };
            default(volume, "/image/pullPolicy", policy);
        }
    }
}

/// Whether an image is named without a tag or digest, or with the tag `latest`.
fn latest(image: &str) -> bool {
    let name = image.rsplit('/').next().unwrap_or_default();
    !image.contains('@') && name.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}

/// The QoS class. Source: `ComputePodQOS` in `pkg/apis/core/v1/helper/qos`.
pub(super) fn quality(pod: &Value) -> &'static str {
    let containers = || list(pod, "/spec/containers").iter().chain(list(pod, "/spec/initContainers"));
    let has = |c: &Value, side: &str, name: &str| c.pointer(&format!("/resources/{side}/{name}")).cloned();
    let any =
        containers().any(|c| ["requests", "limits"].iter().any(|side| ["cpu", "memory"].iter().any(|name| has(c, side, name).is_some())));
    let all = containers().all(|c| {
        ["cpu", "memory"].iter().all(|name| has(c, "limits", name).is_some() && has(c, "limits", name) == has(c, "requests", name))
    });
    match (any, all) {
        (false, _) => "BestEffort",
        (true, true) => "Guaranteed",
        (true, false) => "Burstable",
    }
}
