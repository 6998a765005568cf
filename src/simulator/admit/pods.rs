//! Defaults of pods and of the templates pods are made from. Source: `pkg/apis/core/v1/defaults.go`.
use crate::simulator::json::{default, list, map_mut, text};
use serde_json::{Value, json};

/// Fills in a pod template inside another object.
pub(super) fn template(object: &mut Value, pointer: &str) {
    let Some(template) = object.pointer_mut(pointer).filter(|t| t.is_object()) else { return };
    default(template, "/metadata", json!({}));
    // A template that an earlier decoder wrote out in full carries this null.
    map_mut(&mut template["metadata"]).remove("creationTimestamp");
    spec(template);
}

/// Fills in a pod. What admission adds (tolerations, the service account, its token) comes with `creating`.
pub(super) fn pod(object: &mut Value, creating: bool) {
    spec(object);
    if !creating {
        return;
    }
    default(object, "/status/phase", "Pending");
    let qos = quality(object);
    default(object, "/status/qosClass", qos);
    default(object, "/spec/serviceAccountName", "default");
    let account = object["spec"]["serviceAccountName"].clone();
    default(object, "/spec/serviceAccount", account);
    default(object, "/spec/enableServiceLinks", true);
    default(object, "/spec/preemptionPolicy", "PreemptLowerPriority");
    default(object, "/spec/priority", 0);
    let tolerations = crate::simulator::json::list_mut(object, "/spec/tolerations");
    for condition in ["not-ready", "unreachable"] {
        let key = format!("node.kubernetes.io/{condition}");
        if !tolerations.iter().any(|t| t["key"] == key.as_str() || t.get("key").is_none() && t["operator"] == "Exists") {
            tolerations.push(json!({"effect": "NoExecute", "key": key, "operator": "Exists", "tolerationSeconds": 300}));
        }
    }
}

fn spec(holder: &mut Value) {
    default(holder, "/spec/restartPolicy", "Always");
    default(holder, "/spec/dnsPolicy", "ClusterFirst");
    default(holder, "/spec/schedulerName", "default-scheduler");
    default(holder, "/spec/terminationGracePeriodSeconds", 30);
    default(holder, "/spec/securityContext", json!({}));
    for list in ["/spec/containers", "/spec/initContainers"] {
        for container in holder.pointer_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            self::container(container);
        }
    }
    for volume in holder.pointer_mut("/spec/volumes").and_then(Value::as_array_mut).into_iter().flatten() {
        for (source, mode) in [("configMap", 420), ("secret", 420), ("projected", 420), ("downwardAPI", 420)] {
            if volume.get(source).is_some_and(Value::is_object) {
                default(volume, &format!("/{source}/defaultMode"), mode);
            }
        }
        if volume.get("hostPath").is_some_and(Value::is_object) {
            default(volume, "/hostPath/type", "");
        }
    }
}

fn container(container: &mut Value) {
    let policy = if latest(text(container, "/image")) { "Always" } else { "IfNotPresent" };
    default(container, "/imagePullPolicy", policy);
    default(container, "/resources", json!({}));
    default(container, "/terminationMessagePath", "/dev/termination-log");
    default(container, "/terminationMessagePolicy", "File");
    // A limit nobody asked for less than is also what is asked for.
    if let Some(limits) = container.pointer("/resources/limits").and_then(Value::as_object).cloned() {
        for (name, limit) in limits {
            default(container, "/resources/requests", json!({}));
            map_mut(&mut container["resources"]["requests"]).entry(name).or_insert(limit);
        }
    }
    for port in container.pointer_mut("/ports").and_then(Value::as_array_mut).into_iter().flatten() {
        default(port, "/protocol", "TCP");
    }
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        let Some(probe) = container.get_mut(probe).filter(|p| p.is_object()) else { continue };
        for (field, value) in [("timeoutSeconds", 1), ("periodSeconds", 10), ("successThreshold", 1), ("failureThreshold", 3)] {
            default(probe, &format!("/{field}"), value);
        }
        if probe.get("httpGet").is_some() {
            default(probe, "/httpGet/path", "/");
            default(probe, "/httpGet/scheme", "HTTP");
        }
    }
    for reference in container.pointer_mut("/env").and_then(Value::as_array_mut).into_iter().flatten() {
        if reference.pointer("/valueFrom/fieldRef").is_some() {
            default(reference, "/valueFrom/fieldRef/apiVersion", "v1");
        }
    }
}

/// Whether an image is named without a tag or digest, or with the tag `latest`.
fn latest(image: &str) -> bool {
    let name = image.rsplit('/').next().unwrap_or_default();
    !image.contains('@') && name.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}

/// The QoS class. Source: `ComputePodQOS` in `pkg/apis/core/v1/helper/qos`.
fn quality(pod: &Value) -> &'static str {
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
