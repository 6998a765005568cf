//! PodDisruptionBudget: how many pods may go now, and whether one may. Source: `pkg/controller/disruption`.
use super::{
    conditions::{self, Condition},
    deployment::share,
    pods,
};
use crate::simulator::{
    cluster::Cluster,
    json::{list_mut, number, set, text},
    store::{Key, Tree},
};
use crate::terms::selector::LabelSelector;

pub(super) fn look(cluster: &mut Cluster, key: &Key) {
    let Some(budget) = cluster.get(key) else { return };
    let Ok(selector) = LabelSelector::from_json(&budget["spec"]["selector"]) else { return };
    let chosen: Vec<Tree> = cluster
        .store
        .of_kind(cluster.kinds.pod, Some(&key.namespace))
        .filter(|(_, s)| selector.matches(|k| s.label(k)))
        .map(|(k, s)| cluster.store.tree(k, s))
        .filter(|p| pods::active(p))
        .collect();
    let expected = expected(cluster, &chosen);
    let healthy = i64::try_from(chosen.iter().filter(|p| pods::ready(p)).count()).unwrap_or(i64::MAX);
    let desired = match budget.pointer("/spec/maxUnavailable") {
        Some(most) => expected - share(Some(most), expected, true),
        None => share(budget.pointer("/spec/minAvailable"), expected, true),
    }
    .max(0);
    let allowed = if expected > 0 { (healthy - desired).max(0) } else { 0 };
    let now = cluster.stamp();
    cluster.modify(key, |b| {
        for (field, n) in
            [("currentHealthy", healthy), ("desiredHealthy", desired), ("disruptionsAllowed", allowed), ("expectedPods", expected)]
        {
            set(b, &format!("/status/{field}"), n);
        }
        set(b, "/status/observedGeneration", number(b, "/metadata/generation", 1));
        let (status, reason) = if allowed > 0 { ("True", "SufficientPods") } else { ("False", "InsufficientPods") };
        conditions::put(b, &now, &Condition { kind: "DisruptionAllowed", status, reason, message: "" }, false);
        let generation = b["metadata"]["generation"].clone();
        for condition in list_mut(b, "/status/conditions") {
            set(condition, "/message", "");
            set(condition, "/observedGeneration", generation.clone());
        }
    });
}

/// How many pods there should be: what the owners ask for, each owner once.
fn expected(cluster: &Cluster, chosen: &[Tree]) -> i64 {
    let mut owners: Vec<&str> = chosen.iter().map(|p| text(p, "/metadata/ownerReferences/0/uid")).collect();
    owners.sort_unstable();
    owners.dedup();
    owners
        .into_iter()
        .map(|uid| match cluster.store.with_uid(uid).and_then(|key| cluster.get(key)) {
            Some(owner) => number(&owner, "/spec/replicas", 1),
            None => i64::try_from(chosen.iter().filter(|p| text(p, "/metadata/ownerReferences/0/uid") == uid).count()).unwrap_or(0),
        })
        .sum()
}
