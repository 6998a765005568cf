//! DaemonSet: one pod on each node that takes it. Source: `pkg/controller/daemon`.
use super::{pods, scheduler};
use crate::simulator::{
    agenda::Controller,
    cluster::Cluster,
    entropy::template_hash,
    json::{list_mut, number, set, text},
    store::{Key, Tree},
};
use serde_json::{Value, json};

const WHO: &str = "daemonset-controller";

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
        super::history::remember(cluster, key, &set_, &hash, json!({"spec": {"template": set_["spec"]["template"]}}));
        let owned = pods::of(cluster, &uid);
        for name in &wanted {
            let here: Vec<&(Key, Tree)> = owned.iter().filter(|(_, p)| node(p) == *name).collect();
            if here.is_empty() && pods::may_try(cluster, key) {
                create(cluster, key, &set_, &template, name, &hash);
            }
        }
        if text(&set_, "/spec/updateStrategy/type") == "RollingUpdate" {
            let most = super::deployment::share(set_.pointer("/spec/updateStrategy/rollingUpdate/maxUnavailable"), len(wanted.len()), true);
            let up = owned.iter().filter(|(_, p)| pods::active(p) && pods::available(cluster, p, &set_)).count();
            let (broken, serving): (Vec<_>, Vec<_>) = owned
                .iter()
                .filter(|(_, p)| pods::revision(p) != hash && pods::active(p) && wanted.contains(&node(p)))
                .partition(|(_, p)| !pods::available(cluster, p, &set_));
            let may_go = most.max(1) - (len(wanted.len()) - len(up));
            let serving = serving.into_iter().take(usize::try_from(may_go).unwrap_or_default());
            for (pod, _) in broken.into_iter().chain(serving) {
                pods::end(cluster, key, &set_, WHO, pod);
            }
        }
        for (pod, object) in &owned {
            if !wanted.contains(&node(object)) && pods::active(object) {
                pods::end(cluster, key, &set_, WHO, pod);
            }
        }
    }
    status(cluster, key, &uid, &hash, wanted.len());
}

fn len(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
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

/// The node that a pod is made for. It gets there by way of the scheduler.
fn node(pod: &Value) -> &str {
    let field = "/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms/0/matchFields/0/values/0";
    text(pod, field)
}

fn create(cluster: &mut Cluster, key: &Key, set_: &Value, template: &Value, node: &str, hash: &str) {
    // What was refused is told, and tried again later.
    drop(pods::spawn(cluster, key, set_, WHO, template, |pod| {
        pods::label(pod, pods::REVISION, hash);
        pods::label(pod, "pod-template-generation", &number(set_, "/metadata/generation", 1).to_string());
        let field = json!({"key": "metadata.name", "operator": "In", "values": [node]});
        let affinity = json!({"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchFields": [field]}]}});
        set(pod, "/spec/affinity/nodeAffinity", affinity);
    }));
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
        for (field, n) in
            [("currentNumberScheduled", owned.len()), ("desiredNumberScheduled", wanted), ("numberMisscheduled", 0), ("numberReady", ready)]
        {
            set(s, &format!("/status/{field}"), n);
        }
        let updated = owned.iter().filter(|p| pods::revision(p) == hash).count();
        let unavailable = wanted.saturating_sub(available);
        pods::counts(s, &[("numberAvailable", available), ("numberUnavailable", unavailable), ("updatedNumberScheduled", updated)]);
        set(s, "/status/observedGeneration", number(s, "/metadata/generation", 1));
    });
}
