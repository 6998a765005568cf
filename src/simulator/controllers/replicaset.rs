//! ReplicaSet: as many pods as asked for. Source: `pkg/controller/replicaset`.
use super::{
    conditions::{self, Condition},
    pods,
};
use crate::simulator::{
    agenda::Controller,
    cluster::Cluster,
    json::{number, set, text},
    store::{Key, Tree},
};
use crate::terms::selector::LabelSelector;

const WHO: &str = "replicaset-controller";

pub(super) fn look(cluster: &mut Cluster, key: &Key) {
    let Some(set_) = cluster.get(key) else { return };
    let uid = text(&set_, "/metadata/uid").to_owned();
    let Ok(selector) = LabelSelector::from_json(&set_["spec"]["selector"]) else { return };
    adopt(cluster, key, &uid, &selector);
    let owned: Vec<(Key, Tree)> = pods::of(cluster, &uid).into_iter().filter(|(_, pod)| pods::active(pod)).collect();
    let wanted = number(&set_, "/spec/replicas", 1);
    let have = i64::try_from(owned.len()).unwrap_or(i64::MAX);
    let mut failure = None;
    if set_.pointer("/metadata/deletionTimestamp").is_none() {
        if have < wanted && !pods::may_try(cluster, key) {
            failure = conditions::get(&set_, "ReplicaFailure").map(|c| text(c, "/message").to_owned());
        } else if have < wanted {
            let mut made = (have..wanted).map(|_| pods::spawn(cluster, key, &set_, WHO, &set_["spec"]["template"], |_| {}));
            failure = made.find_map(Result::err).map(|refusal| refusal.message);
        } else if have > wanted {
            let surplus = usize::try_from(have - wanted).unwrap_or_default();
            let mut owned = owned;
            owned.sort_by_cached_key(|(_, pod)| pods::removal_order(pod));
            owned.iter().take(surplus).for_each(|(pod, _)| pods::end(cluster, key, &set_, WHO, pod));
        }
    }
    let (owned, rest): (Vec<Tree>, Vec<Tree>) = pods::of(cluster, &uid).into_iter().map(|(_, pod)| pod).partition(|pod| pods::active(pod));
    let leaving = rest.iter().filter(|pod| pods::leaving(pod)).count();
    status(cluster, key, &owned, leaving, failure.as_deref());
}

/// Takes over pods that match and belong to nobody, as the real controller does.
fn adopt(cluster: &mut Cluster, key: &Key, uid: &str, selector: &LabelSelector) {
    let orphans: Vec<Key> = cluster
        .store
        .of_kind(cluster.kinds.pod, Some(&key.namespace))
        .filter(|(_, s)| s.owners.is_empty() && !s.deleting && selector.matches(|k| s.label(k)))
        .map(|(k, _)| k.clone())
        .collect();
    let owner = cluster.owner(key, uid);
    for pod in orphans {
        cluster.modify(&pod, |pod| set(pod, "/metadata/ownerReferences", vec![owner.clone()]));
    }
}

fn status(cluster: &mut Cluster, key: &Key, owned: &[Tree], leaving: usize, failure: Option<&str>) {
    let Some(set_) = cluster.get(key) else { return };
    let ready: Vec<&Tree> = owned.iter().filter(|pod| pods::ready(pod)).collect();
    let available = ready.iter().filter(|pod| pods::available(cluster, pod, &set_)).count();
    if available < ready.len() {
        cluster.later(1, Controller::ReplicaSet, key);
    }
    let now = cluster.stamp();
    cluster.modify(key, |s| {
        set(s, "/status/replicas", owned.len());
        set(s, "/status/terminatingReplicas", leaving);
        set(s, "/status/observedGeneration", number(s, "/metadata/generation", 1));
        let counts = [("fullyLabeledReplicas", owned.len()), ("readyReplicas", ready.len()), ("availableReplicas", available)];
        pods::counts(s, &counts);
        if let Some(message) = failure {
            // Its first message stays: the name of the pod in it is another one each time.
            if conditions::get(s, "ReplicaFailure").is_none() {
                conditions::put(s, &now, &Condition { kind: "ReplicaFailure", status: "True", reason: "FailedCreate", message }, false);
            }
        } else if conditions::get(s, "ReplicaFailure").is_some() {
            crate::simulator::json::remove(s, "/status/conditions");
        }
    });
}
