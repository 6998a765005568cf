//! DaemonSet: one pod on each node that takes it. Source: `pkg/controller/daemon`.
use super::{events, pods, scheduler};
use crate::simulator::{
    admit::DeleteOptions,
    agenda::Controller,
    cluster::Cluster,
    entropy::template_hash,
    json::{list_mut, number, remove, set, text},
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
                .filter(|(_, p)| label(p) != hash && pods::active(p) && wanted.contains(&node(p)))
                .partition(|(_, p)| !pods::available(cluster, p, &set_));
            let may_go = most.max(1) - (len(wanted.len()) - len(up));
            let serving = serving.into_iter().take(usize::try_from(may_go).unwrap_or_default());
            for (pod, _) in broken.into_iter().chain(serving) {
                delete(cluster, key, &set_, pod);
            }
        }
        for (pod, object) in &owned {
            if !wanted.contains(&node(object)) && pods::active(object) {
                delete(cluster, key, &set_, pod);
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
    });
    let (message, said): (String, fn(&str) -> events::Said<'_>) = match made {
        Ok(pod) => (format!("Created pod: {}", text(&pod, "/metadata/name")), |m| events::normal("SuccessfulCreate", m)),
        Err(why) => (format!("Error creating: {}", why.message), |m| events::warning("FailedCreate", m)),
    };
    events::record(cluster, key, set_, events::from("daemonset-controller"), said(&message));
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
            let optional = matches!(field, "numberAvailable" | "numberUnavailable" | "updatedNumberScheduled");
            if n > 0 || !optional {
                set(s, &format!("/status/{field}"), n);
            } else {
                remove(s, &format!("/status/{field}"));
            }
        }
        set(s, "/status/observedGeneration", number(s, "/metadata/generation", 1));
    });
}
