//! What the API server fills in where nobody said anything.
//!
//! Plain defaults are rows of a table; the rest (addresses, selectors copied from templates) is code. Source: `pkg/apis/*/v1/defaults.go`.
use super::pods;
use crate::simulator::{
    cluster::Cluster,
    json::{default, list, list_mut, remove, set, text, yes},
    registry::KindId,
};
use serde_json::{Value, json};

/// A default of one kind: where, and the value as JSON.
type Row = (&'static str, &'static str);

const DEPLOYMENT: &[Row] = &[
    ("/spec/replicas", "1"),
    ("/spec/strategy/type", "\"RollingUpdate\""),
    ("/spec/revisionHistoryLimit", "10"),
    ("/spec/progressDeadlineSeconds", "600"),
];
const STATEFUL_SET: &[Row] = &[
    ("/spec/replicas", "1"),
    ("/spec/podManagementPolicy", "\"OrderedReady\""),
    ("/spec/updateStrategy/type", "\"RollingUpdate\""),
    ("/spec/revisionHistoryLimit", "10"),
    ("/spec/persistentVolumeClaimRetentionPolicy", r#"{"whenDeleted":"Retain","whenScaled":"Retain"}"#),
];
const DAEMON_SET: &[Row] = &[
    ("/spec/updateStrategy/type", "\"RollingUpdate\""),
    ("/spec/updateStrategy/rollingUpdate/maxSurge", "0"),
    ("/spec/updateStrategy/rollingUpdate/maxUnavailable", "1"),
    ("/spec/revisionHistoryLimit", "10"),
];
const JOB: &[Row] = &[
    ("/spec/backoffLimit", "6"),
    ("/spec/completionMode", "\"NonIndexed\""),
    ("/spec/suspend", "false"),
    ("/spec/podReplacementPolicy", "\"TerminatingOrFailed\""),
];
const CRON_JOB: &[Row] = &[
    ("/spec/concurrencyPolicy", "\"Allow\""),
    ("/spec/suspend", "false"),
    ("/spec/successfulJobsHistoryLimit", "3"),
    ("/spec/failedJobsHistoryLimit", "1"),
];
const SERVICE: &[Row] = &[("/spec/type", "\"ClusterIP\""), ("/spec/sessionAffinity", "\"None\"")];
const CLAIM: &[Row] = &[("/spec/volumeMode", "\"Filesystem\""), ("/status/phase", "\"Pending\"")];
const VOLUME: &[Row] =
    &[("/spec/volumeMode", "\"Filesystem\""), ("/spec/persistentVolumeReclaimPolicy", "\"Retain\""), ("/status/phase", "\"Available\"")];
const HPA: &[Row] = &[("/spec/minReplicas", "1")];
const STORAGE_CLASS: &[Row] = &[("/reclaimPolicy", "\"Delete\""), ("/volumeBindingMode", "\"Immediate\"")];
const NETWORK_POLICY: &[Row] = &[("/spec/podSelector", "{}")];

/// What the server itself decides about a new state: addresses, ports, selectors, finalizers. Nobody has set these fields. On an update, what it
/// once chose is carried over from `old`.
pub(super) fn choose(cluster: &mut Cluster, kind: KindId, object: &mut Value, old: Option<&Value>) {
    let resource = cluster.registry.get(kind);
    match resource.plural.as_str() {
        _ if resource.custom => {}
        "services" => addresses(cluster, object, old),
        "jobs" if old.is_none() && !yes(object, "/spec/manualSelector") => selector(cluster, object),
        "namespaces" => {
            let finalizers =
                old.map_or_else(|| json!(["kubernetes"]), |o| o.pointer("/spec/finalizers").cloned().unwrap_or_else(|| json!([])));
            set(object, "/spec/finalizers", finalizers);
        }
        "customresourcedefinitions" if old.is_none() => established(cluster, object),
        _ => {}
    }
}

/// Fills in what `object` lacks.
pub(super) fn fill(cluster: &mut Cluster, kind: KindId, object: &mut Value, old: Option<&Value>) {
    let resource = cluster.registry.get(kind);
    if resource.custom {
        return resource.shape().into_iter().for_each(|shape| super::custom::fill(shape, object));
    }
    let plural = resource.plural.clone();
    let rows = match plural.as_str() {
        "deployments" => DEPLOYMENT,
        "replicasets" | "replicationcontrollers" => &[("/spec/replicas", "1")],
        "statefulsets" => STATEFUL_SET,
        "daemonsets" => DAEMON_SET,
        "jobs" => JOB,
        "cronjobs" => CRON_JOB,
        "services" => SERVICE,
        "persistentvolumeclaims" => CLAIM,
        "persistentvolumes" => VOLUME,
        "horizontalpodautoscalers" => HPA,
        "storageclasses" => STORAGE_CLASS,
        "networkpolicies" => NETWORK_POLICY,
        _ => &[],
    };
    for (place, value) in rows {
        default(object, place, serde_json::from_str::<Value>(value).unwrap_or_default());
    }
    match plural.as_str() {
        "deployments" => deployment(object),
        "replicasets" | "statefulsets" | "daemonsets" => pods::template(object, "/spec/template"),
        "jobs" => job(object),
        "cronjobs" => pods::template(object, "/spec/jobTemplate/spec/template"),
        "pods" => pods::pod(object, old.is_none()),
        "services" => service(object),
        "namespaces" => namespace(object),
        "nodes" => default(object, "/spec/podCIDR", old.map_or("", |o| text(o, "/spec/podCIDR"))),
        "secrets" => secret(object),
        "ingresses" => ingress(object),
        "networkpolicies" => network_policy(object),
        "customresourcedefinitions" if old.is_none() => definition(object),
        _ => {}
    }
    if plural == "nodes" && text(object, "/spec/podCIDR").is_empty() {
        remove(object, "/spec/podCIDR");
    }
}

fn deployment(object: &mut Value) {
    if text(object, "/spec/strategy/type") == "RollingUpdate" {
        default(object, "/spec/strategy/rollingUpdate/maxSurge", "25%");
        default(object, "/spec/strategy/rollingUpdate/maxUnavailable", "25%");
    }
    pods::template(object, "/spec/template");
}

fn job(object: &mut Value) {
    if object.pointer("/spec/completions").is_none() && object.pointer("/spec/parallelism").is_none() {
        default(object, "/spec/completions", 1);
    }
    default(object, "/spec/parallelism", 1);
    pods::template(object, "/spec/template");
}

fn selector(cluster: &mut Cluster, object: &mut Value) {
    let (uid, name) = (text(object, "/metadata/uid").to_owned(), text(object, "/metadata/name").to_owned());
    let uid = if uid.is_empty() { cluster.entropy.uid() } else { uid };
    set(object, "/spec/selector/matchLabels", json!({"batch.kubernetes.io/controller-uid": uid}));
    let labels = super::map_mut(super::map_mut(&mut object["spec"]["template"]["metadata"]).entry("labels").or_insert_with(|| json!({})));
    for (key, value) in [("controller-uid", &uid), ("job-name", &name)] {
        labels.insert(format!("batch.kubernetes.io/{key}"), value.clone().into());
        labels.insert(key.to_owned(), value.clone().into());
    }
}

fn service(object: &mut Value) {
    for port in list_mut_if(object, "/spec/ports") {
        default(port, "/protocol", "TCP");
        let number = port["port"].clone();
        default(port, "/targetPort", number);
    }
    default(object, "/status/loadBalancer", json!({}));
    let form = text(object, "/spec/type").to_owned();
    if form == "ExternalName" {
        return;
    }
    default(object, "/spec/internalTrafficPolicy", "Cluster");
    if form == "LoadBalancer" || form == "NodePort" {
        default(object, "/spec/externalTrafficPolicy", "Cluster");
    }
    if form == "LoadBalancer" {
        default(object, "/spec/allocateLoadBalancerNodePorts", true);
    }
}

fn addresses(cluster: &mut Cluster, object: &mut Value, old: Option<&Value>) {
    let form = text(object, "/spec/type").to_owned();
    if form == "ExternalName" {
        return;
    }
    if let Some(old) = old {
        for field in ["/spec/clusterIP", "/spec/clusterIPs", "/spec/ipFamilies", "/spec/ipFamilyPolicy"] {
            if let Some(value) = old.pointer(field) {
                default(object, field, value.clone());
            }
        }
    }
    if text(object, "/spec/clusterIP").is_empty() {
        let address = cluster.next_address();
        set(object, "/spec/clusterIP", format!("10.96.{}.{}", (address >> 8) & 255, address & 255));
    }
    let address = text(object, "/spec/clusterIP").to_owned();
    default(object, "/spec/clusterIPs", json!([address]));
    default(object, "/spec/ipFamilies", json!(["IPv4"]));
    default(object, "/spec/ipFamilyPolicy", "SingleStack");
    if form == "LoadBalancer" || form == "NodePort" {
        let old_ports = old.map(|o| list(o, "/spec/ports").to_vec()).unwrap_or_default();
        let mut next = || 30_000 + (cluster.next_address().wrapping_mul(7919) % 2768);
        for port in list_mut_if(object, "/spec/ports") {
            let kept = old_ports
                .iter()
                .find(|p| p["port"] == port["port"] && p["protocol"] == port["protocol"])
                .and_then(|p| p.get("nodePort").cloned());
            default(port, "/nodePort", kept.unwrap_or_else(|| next().into()));
        }
    }
}

/// The elements of a list, if there is one.
fn list_mut_if<'a>(object: &'a mut Value, pointer: &str) -> impl Iterator<Item = &'a mut Value> {
    object.pointer_mut(pointer).and_then(Value::as_array_mut).into_iter().flatten()
}

fn namespace(object: &mut Value) {
    let name = text(object, "/metadata/name").to_owned();
    default(object, "/metadata/labels", json!({}));
    super::map_mut(&mut object["metadata"]["labels"]).insert("kubernetes.io/metadata.name".to_owned(), name.into());
    default(object, "/status/phase", "Active");
}

fn secret(object: &mut Value) {
    default(object, "/type", "Opaque");
    // stringData is write-only: it ends in data.
    if let Some(Value::Object(plain)) = remove(object, "/stringData") {
        for (key, value) in plain {
            default(object, "/data", json!({}));
            super::map_mut(&mut object["data"]).insert(key, base64(value.as_str().unwrap_or_default().as_bytes()).into());
        }
    }
}

/// Standard base64 with padding (RFC 4648).
pub(super) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0_u32, |word, b| (word << 8) | u32::from(*b)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = DIGITS[((word >> (18 - 6 * place)) & 63) as usize];
            out.push(if place <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

fn ingress(object: &mut Value) {
    for rule in list_mut_if(object, "/spec/rules") {
        for path in list_mut_if(rule, "/http/paths") {
            default(path, "/pathType", "ImplementationSpecific");
        }
    }
    default(object, "/status/loadBalancer", json!({}));
}

fn network_policy(object: &mut Value) {
    if object.pointer("/spec/policyTypes").is_none() {
        let egress = object.pointer("/spec/egress").is_some();
        set(object, "/spec/policyTypes", if egress { json!(["Ingress", "Egress"]) } else { json!(["Ingress"]) });
    }
    for direction in ["/spec/ingress", "/spec/egress"] {
        for rule in list_mut_if(object, direction) {
            list_mut_if(rule, "/ports").for_each(|port| default(port, "/protocol", "TCP"));
        }
    }
}

fn definition(object: &mut Value) {
    let kind = text(object, "/spec/names/kind").to_owned();
    default(object, "/spec/names/singular", kind.to_ascii_lowercase());
    default(object, "/spec/names/listKind", format!("{kind}List"));
    default(object, "/spec/conversion/strategy", "None");
}

fn established(cluster: &Cluster, object: &mut Value) {
    let names = object.pointer("/spec/names").cloned().unwrap_or_default();
    set(object, "/status/acceptedNames", names);
    let stored: Vec<Value> = list(object, "/spec/versions").iter().filter(|v| yes(v, "/storage")).map(|v| v["name"].clone()).collect();
    set(object, "/status/storedVersions", stored);
    let condition = |kind: &str, reason: &str, message: &str| json!({"type": kind, "status": "True", "lastTransitionTime": cluster.stamp(), "reason": reason, "message": message});
    let conditions = [
        condition("NamesAccepted", "NoConflicts", "no conflicts found"),
        condition("Established", "InitialNamesAccepted", "the initial names have been accepted"),
    ];
    list_mut(object, "/status/conditions").extend(conditions);
}

#[cfg(test)]
mod tests {
    #[test]
    fn base64_is_the_standard_one() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(super::base64(plain.as_bytes()), coded);
        }
    }
}
