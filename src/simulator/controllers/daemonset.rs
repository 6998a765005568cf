//! DaemonSet: one pod on each node that takes it. Source: `pkg/controller/daemon`.
use super::{events, pods, scheduler};
use crate::simulator::{
    admit::DeleteOptions,
    agenda::Controller,
    cluster::Cluster,
    entropy::template_hash,
    json::{list_mut, number, set, text},
    store::{Key, Tree},
};
use serde_json::{Value, json};

const HASH: &str = "controller-revision-hash";

pub(super) fn look(cluster: &mut Cluster, key: &Key) {
    let Some(set_) = cluster.get(key) else { return };
    let uid = text(&set_, "/metadata/uid").to_owned();
    let hash = template_hash(&set_["spec"]["template"], 0);
    let nodes: Vec<Tree> = cluster.store.of_kind(cluster.kinds.node, None).map(|(k, s)| cluster.store.tree(k, s)).collect();
    let mut template = set_["spec"]["template"].clone();
    tolerate(&mut template);
    let wanted: Vec<&str> = nodes
        .iter()
        .filter(|n| scheduler::tolerated(&template, n) && scheduler::selected(&template, n))
        .map(|n| text(n, "/metadata/name"))
        .collect();
    if set_.pointer("/metadata/deletionTimestamp").is_none() {
        let owned = pods::of(cluster, &uid);
        let unready_new = owned.iter().any(|(_, p)| label(p) == hash && !pods::ready(p));
        for name in &wanted {
            let here: Vec<&(Key, Tree)> = owned.iter().filter(|(_, p)| text(p, "/spec/nodeName") == *name).collect();
            if here.is_empty() {
                create(cluster, key, &set_, &template, name, &hash);
            }
        }
        let outdated = owned.iter().find(|(_, p)| label(p) != hash && pods::active(p));
        let leaving = owned.iter().any(|(_, p)| !pods::active(p));
        if let Some((pod, _)) = outdated.filter(|_| !unready_new && !leaving && text(&set_, "/spec/updateStrategy/type") == "RollingUpdate")
        {
            delete(cluster, key, &set_, pod);
        }
        for (pod, object) in &owned {
            if !wanted.contains(&text(object, "/spec/nodeName")) && pods::active(object) {
                delete(cluster, key, &set_, pod);
            }
        }
    }
    status(cluster, key, &uid, &hash, wanted.len());
}

/// Daemons stay on nodes in trouble and on cordoned ones.
fn tolerate(template: &mut Value) {
    let tolerations = list_mut(template, "/spec/tolerations");
    for (key, effect) in [
        ("not-ready", "NoExecute"),
        ("unreachable", "NoExecute"),
        ("disk-pressure", "NoSchedule"),
        ("memory-pressure", "NoSchedule"),
        ("pid-pressure", "NoSchedule"),
        ("unschedulable", "NoSchedule"),
    ] {
        tolerations.push(json!({"key": format!("node.kubernetes.io/{key}"), "operator": "Exists", "effect": effect}));
    }
}

fn label(pod: &Value) -> &str {
    pod.pointer("/metadata/labels").and_then(|l| l.get(HASH)).and_then(Value::as_str).unwrap_or_default()
}

fn create(cluster: &mut Cluster, key: &Key, set_: &Value, template: &Value, node: &str, hash: &str) {
    let made = pods::create(cluster, key, set_, template, |pod| {
        pods::label(pod, HASH, hash);
        pods::label(pod, "pod-template-generation", &number(set_, "/metadata/generation", 1).to_string());
        let field = json!({"key": "metadata.name", "operator": "In", "values": [node]});
        let affinity = json!({"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchFields": [field]}]}});
        set(pod, "/spec/affinity/nodeAffinity", affinity);
        // The node is known from the start; the scheduler has nothing to choose.
        set(pod, "/spec/nodeName", node);
    });
    if let Ok(pod) = made {
        let message = format!("Created pod: {}", text(&pod, "/metadata/name"));
        events::record(cluster, key, set_, events::from("daemonset-controller"), events::normal("SuccessfulCreate", &message));
    }
}

fn delete(cluster: &mut Cluster, key: &Key, set_: &Value, pod: &Key) {
    if cluster.delete(pod, &DeleteOptions::default()).is_ok() {
        let message = format!("Deleted pod: {}", pod.name);
        events::record(cluster, key, set_, events::from("daemonset-controller"), events::normal("SuccessfulDelete", &message));
    }
}

fn status(cluster: &mut Cluster, key: &Key, uid: &str, hash: &str, wanted: usize) {
    let Some(set_) = cluster.get(key) else { return };
    let owned: Vec<Tree> = pods::of(cluster, uid).into_iter().map(|(_, p)| p).filter(|p| pods::active(p)).collect();
    let ready = owned.iter().filter(|p| pods::ready(p)).count();
    let available = owned.iter().filter(|p| pods::available(cluster, p, &set_)).count();
    if available < ready {
        cluster.later(1, Controller::DaemonSet, key);
    }
    cluster.modify(key, |s| {
        for (field, n) in [
            ("currentNumberScheduled", owned.len()),
            ("desiredNumberScheduled", wanted),
            ("numberMisscheduled", 0),
            ("numberReady", ready),
            ("numberAvailable", available),
            ("numberUnavailable", wanted.saturating_sub(available)),
            ("updatedNumberScheduled", owned.iter().filter(|p| label(p) == hash).count()),
        ] {
            set(s, &format!("/status/{field}"), n);
        }
        set(s, "/status/observedGeneration", number(s, "/metadata/generation", 1));
    });
}
