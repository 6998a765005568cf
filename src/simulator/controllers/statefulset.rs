//! StatefulSet: numbered pods, one after the other. Source: `pkg/controller/statefulset`.
use super::{events, pods};
use crate::simulator::{
    admit::DeleteOptions,
    agenda::Controller,
    cluster::Cluster,
    entropy::template_hash,
    json::{default, list, list_mut, number, set, text},
    store::{Key, Tree},
};
use serde_json::{Value, json};

pub(super) fn look(cluster: &mut Cluster, key: &Key) {
    let Some(set_) = cluster.get(key) else { return };
    let uid = text(&set_, "/metadata/uid").to_owned();
    let hash = template_hash(&set_["spec"]["template"], 0);
    let revision = format!("{}-{hash}", key.name);
    if set_.pointer("/metadata/deletionTimestamp").is_none() {
        super::history::remember(cluster, key, &set_, &hash, json!({"spec": {"template": set_["spec"]["template"]}}));
        step(cluster, key, &set_, &uid, &revision);
    }
    status(cluster, key, &uid, &revision);
}

fn ordinal(key: &Key) -> i64 {
    key.name.rsplit_once('-').and_then(|(_, n)| n.parse().ok()).unwrap_or(-1)
}

fn first_ordinal(set_: &Value) -> i64 {
    number(set_, "/spec/ordinals/start", 0)
}

/// The one thing to do next: create a missing pod, remove a surplus one, replace an old one. Parallel management does all at once.
fn step(cluster: &mut Cluster, key: &Key, set_: &Value, uid: &str, revision: &str) {
    let owned = pods::of(cluster, uid);
    let wanted = number(set_, "/spec/replicas", 1);
    let first = first_ordinal(set_);
    let in_order = text(set_, "/spec/podManagementPolicy") != "Parallel";
    for n in first..first + wanted {
        match owned.iter().find(|(k, _)| ordinal(k) == n) {
            None if !pods::may_try(cluster, key) => return,
            None => {
                create(cluster, key, set_, n, revision);
                if in_order {
                    return;
                }
            }
            Some((_, pod)) if in_order && (!pods::ready(pod) || pod.pointer("/metadata/deletionTimestamp").is_some()) => return,
            Some(_) => {}
        }
    }
    let mut surplus: Vec<&(Key, Tree)> = owned.iter().filter(|(k, _)| ordinal(k) >= first + wanted || ordinal(k) < first).collect();
    surplus.sort_by_key(|(k, _)| -ordinal(k));
    if in_order && surplus.iter().any(|(_, pod)| pod.pointer("/metadata/deletionTimestamp").is_some()) {
        return;
    }
    for (pod, _) in surplus {
        delete(cluster, key, set_, pod);
        if in_order {
            return;
        }
    }
    if text(set_, "/spec/updateStrategy/type") == "OnDelete" {
        return;
    }
    let partition = number(set_, "/spec/updateStrategy/rollingUpdate/partition", 0);
    let mut outdated: Vec<&(Key, Tree)> = owned
        .iter()
        .filter(|(k, pod)| {
            ordinal(k) >= partition && pods::revision(pod) != revision && pod.pointer("/metadata/deletionTimestamp").is_none()
        })
        .collect();
    outdated.sort_by_key(|(k, _)| -ordinal(k));
    let all_up = owned.iter().all(|(_, pod)| pods::ready(pod) && pods::active(pod) || pods::revision(pod) != revision);
    if let Some((pod, _)) =
        outdated.first().filter(|_| all_up && !owned.iter().any(|(_, p)| p.pointer("/metadata/deletionTimestamp").is_some()))
    {
        delete(cluster, key, set_, pod);
    }
}

fn create(cluster: &mut Cluster, key: &Key, set_: &Value, n: i64, revision: &str) {
    let name = format!("{}-{n}", key.name);
    claims(cluster, key, set_, &name);
    let made = pods::create(cluster, key, set_, &set_["spec"]["template"], |pod| {
        set(pod, "/metadata/name", name.as_str());
        pods::label(pod, pods::REVISION, revision);
        pods::label(pod, "statefulset.kubernetes.io/pod-name", &name);
        pods::label(pod, "apps.kubernetes.io/pod-index", &n.to_string());
        set(pod, "/spec/hostname", name.as_str());
        if !text(set_, "/spec/serviceName").is_empty() {
            set(pod, "/spec/subdomain", text(set_, "/spec/serviceName"));
        }
        for template in list(set_, "/spec/volumeClaimTemplates") {
            let volume = text(template, "/metadata/name");
            let claim = json!({"name": volume, "persistentVolumeClaim": {"claimName": format!("{volume}-{name}")}});
            list_mut(pod, "/spec/volumes").retain(|v| v["name"] != volume);
            list_mut(pod, "/spec/volumes").push(claim);
        }
    });
    let (warning, reason, message) = match &made {
        Ok(_) => (false, "SuccessfulCreate", format!("Create Pod {name} in StatefulSet {} successful", key.name)),
        Err(why) => (true, "FailedCreate", format!("Create Pod {name} in StatefulSet {} failed error: {}", key.name, why.message)),
    };
    events::record(
        cluster,
        key,
        set_,
        events::from("statefulset-controller"),
        events::Said { warning, reason, message: &message, field: "" },
    );
}

fn claims(cluster: &mut Cluster, key: &Key, set_: &Value, pod: &str) {
    for template in list(set_, "/spec/volumeClaimTemplates") {
        let name = format!("{}-{pod}", text(template, "/metadata/name"));
        let mut claim = template.clone();
        set(&mut claim, "/metadata/name", name.as_str());
        if let Some(labels) = set_.pointer("/spec/selector/matchLabels") {
            default(&mut claim, "/metadata/labels", labels.clone());
        }
        // It usually is there already: claims outlive the pods.
        if cluster.create(cluster.kinds.claim, &key.namespace, claim, false).is_ok() {
            let message = format!("Create Claim {name} Pod {pod} in StatefulSet {} success", key.name);
            events::record(cluster, key, set_, events::from("statefulset-controller"), events::normal("SuccessfulCreate", &message));
        }
    }
}

fn delete(cluster: &mut Cluster, key: &Key, set_: &Value, pod: &Key) {
    if cluster.delete(pod, &DeleteOptions::default()).is_ok() {
        let message = format!("Delete Pod {} in StatefulSet {} successful", pod.name, key.name);
        events::record(cluster, key, set_, events::from("statefulset-controller"), events::normal("SuccessfulDelete", &message));
    }
}

fn status(cluster: &mut Cluster, key: &Key, uid: &str, revision: &str) {
    let Some(set_) = cluster.get(key) else { return };
    let owned: Vec<Tree> = pods::of(cluster, uid).into_iter().map(|(_, p)| p).collect();
    let count = |test: &dyn Fn(&Value) -> bool| owned.iter().filter(|p| test(p)).count();
    let updated = count(&|p| pods::revision(p) == revision && pods::active(p));
    let ready = count(&|p| pods::ready(p));
    let available = count(&|p| pods::available(cluster, p, &set_));
    if available < ready {
        cluster.later(1, Controller::StatefulSet, key);
    }
    let done = i64::try_from(updated).unwrap_or(0) == number(&set_, "/spec/replicas", 1);
    cluster.modify(key, |s| {
        set(s, "/status/observedGeneration", number(s, "/metadata/generation", 1));
        set(s, "/status/replicas", owned.len());
        set(s, "/status/availableReplicas", available);
        set(s, "/status/collisionCount", 0);
        set(s, "/status/updateRevision", revision);
        if done || text(s, "/status/currentRevision").is_empty() {
            set(s, "/status/currentRevision", revision);
        }
        let current = text(s, "/status/currentRevision").to_owned();
        let old = owned.iter().filter(|p| pods::revision(p) == current).count();
        pods::counts(s, &[("readyReplicas", ready), ("updatedReplicas", updated), ("currentReplicas", old)]);
    });
}
