//! Nodes in trouble: conditions that nobody renews, taints that follow from conditions, and what becomes of the pods there.
//! Source: `pkg/controller/nodelifecycle`, `pkg/controller/tainteviction`.
use super::{
    conditions::{self, Condition},
    events, pods,
};
use crate::simulator::{
    admit::DeleteOptions,
    agenda::Controller,
    cluster::Cluster,
    json::{list, list_mut, remove, set, text, time, yes},
    store::Key,
};
use serde_json::{Value, json};

/// Seconds without a word until a node counts as lost. Source: `--node-monitor-grace-period`.
const PATIENCE: i64 = 50;

/// What is said of a node that has said nothing.
const STOPPED: &str = "Kubelet stopped posting node status.";

/// The conditions that a kubelet renews: while it does, and when it is well.
const RENEWED: &[(&str, &str, &str, &str)] = &[
    ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
];

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
    heartbeat(cluster, key);
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
    cluster.modify(key, |n| taint(n, &wanted, &now));
    for pod in cluster.room.on(&key.name) {
        evict(cluster, key, &pod);
    }
}

/// Renews what a kubelet renews, or says that nobody does.
fn heartbeat(cluster: &mut Cluster, key: &Key) {
    if cluster.kubelet.is_mute(&key.name) {
        return;
    }
    let silent = cluster.kubelet.silent_since(&key.name);
    let Some(node) = cluster.get(key) else { return };
    let lost = conditions::get(&node, "Ready").is_some_and(|c| c["status"] == "Unknown");
    let waited = silent.map_or(0, |since| cluster.now.as_second() - since.as_second());
    let now = cluster.stamp();
    let (change, said) = match silent {
        Some(_) if waited < PATIENCE => {
            cluster.later(PATIENCE - waited, Controller::Node, key);
            return;
        }
        Some(_) if !lost => (true, "NodeNotReady"),
        None if lost && conditions::get(&node, "Ready").is_some_and(|c| c["message"] == STOPPED) => (true, "NodeReady"),
        Some(_) | None => (false, ""),
    };
    if !change {
        return;
    }
    let changed = cluster.modify(key, |n| {
        for (kind, status, reason, message) in RENEWED {
            let (status, reason, message) =
                if silent.is_some() { ("Unknown", "NodeStatusUnknown", STOPPED) } else { (*status, *reason, *message) };
            let heard = conditions::get(n, kind).map(|c| c["lastHeartbeatTime"].clone());
            conditions::put(n, &now, &Condition { kind, status, reason, message }, false);
            let heard = if silent.is_some() { heard.unwrap_or_default() } else { now.as_str().into() };
            for condition in list_mut(n, "/status/conditions").iter_mut().filter(|c| c["type"] == *kind) {
                set(condition, "/lastHeartbeatTime", heard.clone());
            }
        }
    });
    if let Some(node) = changed {
        let message = format!("Node {} status is now: {said}", key.name);
        let from = if said == "NodeReady" {
            events::Source { component: "kubelet", host: &key.name, action: "" }
        } else {
            events::from("node-controller")
        };
        events::record(cluster, key, &node, from, events::normal(said, &message));
    }
    if silent.is_some() {
        for pod in cluster.room.on(&key.name) {
            unready(cluster, &pod);
        }
    }
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

/// A pod on a node that is lost is not ready either.
fn unready(cluster: &mut Cluster, pod: &Key) {
    let now = cluster.stamp();
    let mut was_ready = false;
    let changed = cluster.modify(pod, |p| {
        for condition in list_mut(p, "/status/conditions").iter_mut().filter(|c| c["type"] == "Ready" && c["status"] == "True") {
            set(condition, "/status", "False");
            set(condition, "/lastTransitionTime", now.as_str());
            was_ready = true;
        }
    });
    if let Some(object) = changed.filter(|_| was_ready) {
        events::record(cluster, pod, &object, events::from("node-controller"), events::warning("NodeNotReady", "Node is not ready"));
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
