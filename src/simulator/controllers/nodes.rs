//! Nodes: the signs of life of their kubelets, taints that follow from conditions, and what becomes of the pods there.
//! Source: `pkg/controller/nodelifecycle`, `pkg/controller/tainteviction`.
use super::{
    conditions::{self, Condition},
    events, pods,
};
use crate::simulator::{
    admit::DeleteOptions,
    agenda::Controller,
    cluster::Cluster,
    json::{list, list_mut, remove, set, stamp, text, time, yes},
    owners::Writer,
    store::Key,
};
use serde_json::{Value, json};

/// The conditions that a kubelet renews.
const RENEWED: &[&str] = &["MemoryPressure", "DiskPressure", "PIDPressure", "Ready"];

/// A condition, the status that is trouble, and the taint it brings.
const TAINTS: &[(&str, &str, &str, bool)] = &[
    ("Ready", "False", "node.kubernetes.io/not-ready", true),
    ("Ready", "Unknown", "node.kubernetes.io/unreachable", true),
    ("MemoryPressure", "True", "node.kubernetes.io/memory-pressure", false),
    ("DiskPressure", "True", "node.kubernetes.io/disk-pressure", false),
    ("PIDPressure", "True", "node.kubernetes.io/pid-pressure", false),
    ("NetworkUnavailable", "True", "node.kubernetes.io/network-unavailable", false),
];
const CORDONED: &str = "node.kubernetes.io/unschedulable";

pub(super) fn look(cluster: &mut Cluster, key: &Key) {
    if cluster.store.stored(&lease_of(cluster, key)).is_none() {
        renew(cluster);
    }
    let Some(node) = cluster.get(key) else { return };
    let now = cluster.stamp();
    let status = |kind: &str| conditions::get(&node, kind).map_or("", |c| text(c, "/status"));
    let mut wanted: Vec<(&str, &str)> = Vec::new();
    for (kind, bad, taint, ends_pods) in TAINTS {
        if status(kind) == *bad {
            wanted.push((taint, "NoSchedule"));
            if *ends_pods {
                wanted.push((taint, "NoExecute"));
            }
        }
    }
    if yes(&node, "/spec/unschedulable") {
        wanted.push((CORDONED, "NoSchedule"));
    }
    let cordoned = |node: &Value| list(node, "/spec/taints").iter().any(|t| t["key"] == CORDONED);
    let before = cordoned(&node);
    let after = cluster.modify(key, |n| taint(n, &wanted, &now)).filter(|after| cordoned(after) != before);
    if let Some(after) = after {
        let said = if before { "NodeSchedulable" } else { "NodeNotSchedulable" };
        let message = format!("Node {} status is now: {said}", key.name);
        let from = events::Source { component: "kubelet", host: &key.name, action: "" };
        events::record(cluster, key, &after, from, events::normal(said, &message));
    }
    for pod in cluster.room.on(&key.name) {
        evict(cluster, key, &pod);
    }
}

/// Seconds between two signs of life of a kubelet: its node's lease, and the times in the conditions. Source: `nodeLeaseRenewIntervalFraction`,
/// `nodeStatusReportFrequency` in `pkg/kubelet`.
const LEASE_RENEWED: i64 = 10;
const STATUS_RENEWED: i64 = 300;

fn lease_of(cluster: &Cluster, node: &Key) -> Key {
    Key::new(cluster.kinds.lease, "kube-node-lease", &node.name)
}

/// Brings the kubelets' signs of life up to date. It is done when someone looks, so that a cluster at which nobody looks has nothing to do.
pub(in crate::simulator) fn renew(cluster: &mut Cluster) {
    let writer = cluster.writer.replace(Writer::new("kubelet", ""));
    let nodes: Vec<Key> = cluster.store.of_kind(cluster.kinds.node, None).map(|(key, _)| key.clone()).collect();
    for key in nodes {
        let Some(node) = cluster.get(&key).filter(|_| cluster.controllers) else { continue };
        let Some(heard) = conditions::get(&node, "Ready").map(|c| time(c, "/lastHeartbeatTime")) else { continue };
        let lives = !cluster.kubelet.is_mute(&key.name) || conditions::is_true(&node, "Ready");
        let at = lease_of(cluster, &key);
        let now = cluster.now;
        let due = |last: Option<jiff::Timestamp>, period: i64| {
            let passed = last.map_or(period, |last| now.as_second() - last.as_second());
            let last = jiff::Timestamp::from_second(now.as_second() - passed.rem_euclid(period)).unwrap_or(now);
            (passed >= period && lives).then_some(last)
        };
        let lease = cluster.get(&at);
        let due_lease = due(lease.as_ref().and_then(|lease| time(lease, "/spec/renewTime")), LEASE_RENEWED);
        let due_status = due(heard, STATUS_RENEWED);
        if let Some(renewed) = due_lease.map(|last| last.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()) {
            if lease.is_none() {
                let owner = json!({"apiVersion": "v1", "kind": "Node", "name": *key.name, "uid": node["metadata"]["uid"]});
                let spec = json!({"holderIdentity": *key.name, "leaseDurationSeconds": 40, "renewTime": renewed});
                let lease = json!({"metadata": {"name": *key.name, "ownerReferences": [owner]}, "spec": spec});
                // Refused only where the namespace is gone; then nobody finds it missing.
                drop(cluster.create(at.kind, &at.namespace, lease, false));
            } else {
                cluster.modify(&at, |lease| set(lease, "/spec/renewTime", renewed));
            }
        }
        if let Some(heard) = due_status.map(stamp) {
            cluster.modify(&key, |n| {
                let renewed = |c: &&mut Value| RENEWED.iter().any(|kind| c["type"] == *kind);
                list_mut(n, "/status/conditions").iter_mut().filter(renewed).for_each(|c| set(c, "/lastHeartbeatTime", heard.as_str()));
            });
        }
    }
    cluster.writer = writer;
}

/// Puts on the taints that follow from conditions, and takes off those that no longer do.
fn taint(node: &mut Value, wanted: &[(&str, &str)], now: &str) {
    let ours = |t: &Value| TAINTS.iter().any(|(_, _, key, _)| t["key"] == *key) || t["key"] == CORDONED;
    let same = |t: &Value, (key, effect): &(&str, &str)| t["key"] == *key && t["effect"] == *effect;
    let taints = list_mut(node, "/spec/taints");
    taints.retain(|t| !ours(t) || wanted.iter().any(|w| same(t, w)));
    for want in wanted {
        if !taints.iter().any(|t| same(t, want)) {
            taints.push(json!({"key": want.0, "effect": want.1, "timeAdded": now}));
        }
    }
    if taints.is_empty() {
        remove(node, "/spec/taints");
    }
}

/// Ends a pod that does not put up with its node's taints, or no longer does.
fn evict(cluster: &mut Cluster, node: &Key, pod: &Key) {
    let (Some(object), Some(on)) = (cluster.get(pod), cluster.get(node)) else { return };
    if !pods::active(&object) {
        return;
    }
    let mut end: Option<i64> = None;
    for taint in list(&on, "/spec/taints").iter().filter(|t| t["effect"] == "NoExecute") {
        let since = time(taint, "/timeAdded").unwrap_or(cluster.now).as_second();
        let patience = list(&object, "/spec/tolerations")
            .iter()
            .filter(|t| super::scheduler::puts_up(t, taint))
            .map(|t| t["tolerationSeconds"].as_i64());
        // Of several that fit, the shortest counts; one without an end only where no other has one.
        let left = match patience.clone().flatten().min() {
            Some(seconds) => since + seconds,
            None if patience.count() > 0 => continue,
            None => since,
        };
        end = Some(end.map_or(left, |end| end.min(left)));
    }
    let Some(end) = end else { return };
    let left = end - cluster.now.as_second();
    if left > 0 {
        cluster.later(left, Controller::Node, node);
        return;
    }
    let now = cluster.stamp();
    let message = "Taint manager: deleting due to NoExecute taint";
    cluster.modify(pod, |p| {
        let condition = Condition { kind: "DisruptionTarget", status: "True", reason: "DeletionByTaintManager", message };
        conditions::put(p, &now, &condition, false);
        let generation = p["metadata"]["generation"].clone();
        for condition in list_mut(p, "/status/conditions").iter_mut().filter(|c| c["type"] == "DisruptionTarget") {
            set(condition, "/lastProbeTime", Value::Null);
            set(condition, "/observedGeneration", generation.clone());
        }
    });
    let message = format!("Marking for deletion Pod {}/{}", pod.namespace, pod.name);
    events::record(cluster, pod, &object, events::from("taint-eviction-controller"), events::normal("TaintManagerEviction", &message));
    // Gone in the meantime is what is wanted.
    drop(cluster.delete(pod, &DeleteOptions::default()));
}
