//! Deployment: a ReplicaSet per template, rolled over with surge and unavailability. Source: `pkg/controller/deployment`.
use super::{
    conditions::{self, Condition},
    events, pods,
};
use crate::simulator::{
    admit::DeleteOptions,
    agenda::Controller,
    cluster::Cluster,
    entropy::template_hash,
    json::{map_mut, number, set, text, time, yes},
    store::{Key, Tree},
};
use serde_json::{Value, json};

const REVISION: &str = "deployment.kubernetes.io/revision";
const DESIRED: &str = "deployment.kubernetes.io/desired-replicas";
const MAXIMUM: &str = "deployment.kubernetes.io/max-replicas";
const HISTORY: &str = "deployment.kubernetes.io/revision-history";
const HASH: &str = "pod-template-hash";

/// One ReplicaSet of the Deployment.
#[derive(Debug, Clone)]
struct Generation {
    key: Key,
    object: Tree,
}

impl Generation {
    fn wanted(&self) -> i64 {
        number(&self.object, "/spec/replicas", 0)
    }

    fn available(&self) -> i64 {
        number(&self.object, "/status/availableReplicas", 0)
    }

    fn revision(&self) -> i64 {
        annotation(&self.object, REVISION).and_then(|r| r.parse().ok()).unwrap_or_default()
    }
}

fn annotation<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.pointer("/metadata/annotations")?.get(name)?.as_str()
}

fn annotate(object: &mut Value, name: &str, value: impl Into<Value>) {
    let metadata = map_mut(&mut object["metadata"]);
    map_mut(metadata.entry("annotations").or_insert_with(|| json!({}))).insert(name.to_owned(), value.into());
}

pub(super) fn look(cluster: &mut Cluster, key: &Key) {
    let Some(deployment) = cluster.get(key) else { return };
    if deployment.pointer("/metadata/deletionTimestamp").is_some() {
        return;
    }
    let sets = generations(cluster, &deployment);
    let current = sets.iter().find(|s| same_template(&s.object, &deployment)).cloned();
    let paused = yes(&deployment, "/spec/paused");
    let (current, old): (Option<Generation>, Vec<Generation>) = match current {
        Some(current) => {
            let old = sets.into_iter().filter(|s| s.key != current.key).collect();
            (Some(current), old)
        }
        None if paused || recreates(&deployment) && has_pods(cluster, &sets) => (None, sets),
        None => (create(cluster, key, &deployment, &sets), sets),
    };
    if let Some(current) = &current {
        mark_revision(cluster, key, current, &old);
    }
    if is_scaling(&deployment, current.iter().chain(&old)) {
        scale_in_proportion(cluster, key, &deployment, current.as_ref(), &old);
    } else if !paused {
        match &current {
            Some(current) => roll(cluster, key, &deployment, current, &old),
            None => retire(cluster, key, &deployment, &old),
        }
    }
    status(cluster, key);
    clean_up(cluster, key);
}

fn generations(cluster: &Cluster, deployment: &Value) -> Vec<Generation> {
    let mut keys = cluster.store.owned_by(text(deployment, "/metadata/uid"));
    keys.retain(|k| k.kind == cluster.kinds.replica_set);
    let mut sets: Vec<Generation> = keys.into_iter().filter_map(|key| Some(Generation { object: cluster.get(&key)?, key })).collect();
    sets.sort_by_cached_key(|s| (text(&s.object, "/metadata/creationTimestamp").to_owned(), s.key.clone()));
    sets
}

/// Equal but for the hash label, which the controller itself puts on.
fn same_template(replica_set: &Value, deployment: &Value) -> bool {
    let (ours, theirs) = (&replica_set["spec"]["template"], &deployment["spec"]["template"]);
    let same_but = |a: &Value, b: &Value, except: &str| {
        let fields = |v: &'_ Value| v.as_object().into_iter().flatten().filter(|(k, _)| *k != except).count();
        let shared = |v: &Value| v.as_object().into_iter().flatten().filter(|(k, _)| *k != except).all(|(k, v)| b.get(k) == Some(v));
        fields(a) == fields(b) && shared(a)
    };
    let (our_meta, their_meta) = (&ours["metadata"], &theirs["metadata"]);
    ours["spec"] == theirs["spec"] && same_but(our_meta, their_meta, "labels") && same_but(&our_meta["labels"], &their_meta["labels"], HASH)
}

fn create(cluster: &mut Cluster, key: &Key, deployment: &Value, others: &[Generation]) -> Option<Generation> {
    let hash = template_hash(&deployment["spec"]["template"], number(deployment, "/status/collisionCount", 0));
    let mut template = deployment["spec"]["template"].clone();
    pods::label(&mut template, HASH, &hash);
    let mut selector = deployment["spec"]["selector"].clone();
    map_mut(map_mut(&mut selector).entry("matchLabels").or_insert_with(|| json!({}))).insert(HASH.to_owned(), hash.clone().into());
    let (surge, _) = slack(deployment);
    let total: i64 = others.iter().map(Generation::wanted).sum();
    let wanted = number(deployment, "/spec/replicas", 1);
    let first = if recreates(deployment) { wanted } else { (wanted + surge - total).clamp(0, wanted) };
    let mut object = json!({
        "metadata": {
            "name": format!("{}-{hash}", key.name),
            "labels": template["metadata"]["labels"].clone(),
            "ownerReferences": [cluster.owner(key, text(deployment, "/metadata/uid"))],
        },
        "spec": {"replicas": first, "selector": selector, "template": template},
    });
    if let Some(seconds) = deployment.pointer("/spec/minReadySeconds") {
        set(&mut object, "/spec/minReadySeconds", seconds.clone());
    }
    copy_annotations(deployment, &mut object);
    annotate_size(&mut object, deployment);
    match cluster.create(cluster.kinds.replica_set, &key.namespace, object, false) {
        Ok(object) => {
            let name = text(&object, "/metadata/name").to_owned();
            let new = Generation { key: Key::new(cluster.kinds.replica_set, &key.namespace, &name), object: object.into() };
            if first > 0 {
                let message = format!("Scaled up replica set {name} from 0 to {first}");
                events::record(
                    cluster,
                    key,
                    deployment,
                    events::from("deployment-controller"),
                    events::normal("ScalingReplicaSet", &message),
                );
            }
            let now = cluster.stamp();
            let message = format!("Created new replica set {name:?}");
            cluster.modify(key, |d| {
                conditions::put(
                    d,
                    &now,
                    &Condition { kind: "Progressing", status: "True", reason: "NewReplicaSetCreated", message: &message },
                    true,
                );
            });
            Some(new)
        }
        Err(refusal) => {
            // Two templates with one hash: the next look tries another.
            if refusal.reason == "AlreadyExists" {
                cluster.modify(key, |d| set(d, "/status/collisionCount", number(d, "/status/collisionCount", 0) + 1));
                cluster.agenda.push(Controller::Deployment, key.clone());
            }
            None
        }
    }
}

fn copy_annotations(from: &Value, to: &mut Value) {
    for (name, value) in from.pointer("/metadata/annotations").and_then(Value::as_object).into_iter().flatten() {
        let own =
            [REVISION, DESIRED, MAXIMUM, HISTORY, "kubectl.kubernetes.io/last-applied-configuration", "deprecated.deployment.rollback.to"];
        if !own.contains(&name.as_str()) {
            annotate(to, name, value.clone());
        }
    }
}

fn annotate_size(replica_set: &mut Value, deployment: &Value) {
    let wanted = number(deployment, "/spec/replicas", 1);
    annotate(replica_set, DESIRED, wanted.to_string());
    annotate(replica_set, MAXIMUM, (wanted + slack(deployment).0).to_string());
}

fn recreates(deployment: &Value) -> bool {
    text(deployment, "/spec/strategy/type") == "Recreate"
}

/// How many pods may be over and under the wanted number. Percentages round up and down; both zero becomes one unavailable.
pub(super) fn slack(deployment: &Value) -> (i64, i64) {
    if recreates(deployment) {
        return (0, 0);
    }
    let wanted = number(deployment, "/spec/replicas", 1);
    let of = |field: &str, up: bool| share(deployment.pointer(&format!("/spec/strategy/rollingUpdate/{field}")), wanted, up);
    match (of("maxSurge", true), of("maxUnavailable", false)) {
        (0, 0) => (0, 1),
        (surge, unavailable) => (surge, unavailable.min(wanted)),
    }
}

/// A count or a percentage of `total`.
pub(super) fn share(value: Option<&Value>, total: i64, up: bool) -> i64 {
    match value {
        Some(Value::String(text)) => {
            let percent: i64 = text.trim_end_matches('%').parse().unwrap_or_default();
            let product = total.saturating_mul(percent);
            if up { (product + 99) / 100 } else { product / 100 }
        }
        Some(value) => value.as_i64().unwrap_or_default(),
        None => 0,
    }
}

/// The newest template carries the highest revision; going back to an old one gives it a new number.
fn mark_revision(cluster: &mut Cluster, key: &Key, current: &Generation, old: &[Generation]) {
    let highest = old.iter().map(Generation::revision).max().unwrap_or_default();
    let revision = if current.revision() > highest { current.revision() } else { highest + 1 };
    let Some(deployment) = cluster.get(key) else { return };
    cluster.modify(&current.key, |s| {
        copy_annotations(&deployment, s);
        let before = current.revision();
        if before != 0 && before != revision {
            // The numbers it had before, oldest first.
            let history = annotation(s, HISTORY).map_or_else(|| before.to_string(), |history| format!("{history},{before}"));
            annotate(s, HISTORY, history);
        }
        annotate(s, REVISION, revision.to_string());
    });
    cluster.modify(key, |d| annotate(d, REVISION, revision.to_string()));
}

/// Whether the wanted number changed since the ReplicaSets were last sized.
fn is_scaling<'a>(deployment: &Value, sets: impl Iterator<Item = &'a Generation>) -> bool {
    let wanted = number(deployment, "/spec/replicas", 1).to_string();
    sets.into_iter().any(|s| s.wanted() > 0 && annotation(&s.object, DESIRED).is_some_and(|d| d != wanted))
}

fn resize(cluster: &mut Cluster, key: &Key, deployment: &Value, generation: &Generation, to: i64) {
    let from = generation.wanted();
    cluster.modify(&generation.key, |s| {
        annotate_size(s, deployment);
        if from != to {
            set(s, "/spec/replicas", to);
            set(s, "/metadata/generation", number(s, "/metadata/generation", 1) + 1);
        }
    });
    if from != to {
        let way = if to > from { "up" } else { "down" };
        let message = format!("Scaled {way} replica set {} from {from} to {to}", generation.key.name);
        events::record(cluster, key, deployment, events::from("deployment-controller"), events::normal("ScalingReplicaSet", &message));
    }
}

/// A change of the number alone: the one active ReplicaSet takes it all; in the middle of a rollout each gets its share.
fn scale_in_proportion(cluster: &mut Cluster, key: &Key, deployment: &Value, current: Option<&Generation>, old: &[Generation]) {
    let wanted = number(deployment, "/spec/replicas", 1);
    let active: Vec<&Generation> = old.iter().chain(current).filter(|s| s.wanted() > 0).collect();
    if let [only] = active[..] {
        resize(cluster, key, deployment, only, wanted);
        return;
    }
    let allowed = if wanted > 0 { wanted + slack(deployment).0 } else { 0 };
    let total: i64 = active.iter().map(|s| s.wanted()).sum();
    let mut left = allowed - total;
    for generation in active.iter().rev() {
        let before = annotation(&generation.object, MAXIMUM).and_then(|m| m.parse::<i64>().ok()).unwrap_or(total).max(1);
        let target = (generation.wanted() * allowed + before / 2) / before;
        let change = (target - generation.wanted()).clamp(left.min(0), left.max(0));
        left -= change;
        resize(cluster, key, deployment, generation, (generation.wanted() + change).max(0));
    }
    if let Some(largest) = active.first().filter(|_| left != 0) {
        let now = cluster.get(&largest.key).map_or(0, |s| number(&s, "/spec/replicas", 0));
        let largest = Generation { key: largest.key.clone(), object: cluster.get(&largest.key).unwrap_or_default() };
        resize(cluster, key, deployment, &largest, (now + left).max(0));
    }
}

fn retire(cluster: &mut Cluster, key: &Key, deployment: &Value, old: &[Generation]) {
    for generation in old.iter().filter(|s| s.wanted() > 0) {
        resize(cluster, key, deployment, generation, 0);
    }
}

/// Whether a pod of these is still there.
fn has_pods(cluster: &Cluster, sets: &[Generation]) -> bool {
    let there = |p: &Value| !matches!(text(p, "/status/phase"), "Succeeded" | "Failed");
    sets.iter().any(|s| pods::of(cluster, text(&s.object, "/metadata/uid")).iter().any(|(_, p)| there(p)))
}

/// One step of a rollout: up with the new as far as surge allows, down with the old as far as availability allows.
fn roll(cluster: &mut Cluster, key: &Key, deployment: &Value, current: &Generation, old: &[Generation]) {
    let Some(object) = cluster.get(&current.key) else { return };
    let current = Generation { key: current.key.clone(), object };
    let wanted = number(deployment, "/spec/replicas", 1);
    let old_total: i64 = old.iter().map(Generation::wanted).sum();
    if recreates(deployment) {
        retire(cluster, key, deployment, old);
        if !has_pods(cluster, old) {
            resize(cluster, key, deployment, &current, wanted);
        }
        return;
    }
    let (surge, unavailable) = slack(deployment);
    let room = (wanted + surge - old_total - current.wanted()).max(0);
    let up = if current.wanted() > wanted { wanted } else { (current.wanted() + room).min(wanted) };
    if up != current.wanted() {
        resize(cluster, key, deployment, &current, up);
        return;
    }
    annotate_if_changed(cluster, deployment, &current);
    if old_total == 0 {
        return;
    }
    let unready_new = (current.wanted() - current.available()).max(0);
    let mut may_go = (old_total + current.wanted() - (wanted - unavailable) - unready_new).max(0);
    // First the old pods that do not work anyway, then as many that do as availability allows.
    for generation in old.iter().filter(|s| s.wanted() > 0) {
        let broken = (generation.wanted() - generation.available()).min(may_go).max(0);
        if broken > 0 {
            resize(cluster, key, deployment, generation, generation.wanted() - broken);
            may_go -= broken;
        }
    }
    let available: i64 = old.iter().map(Generation::available).sum::<i64>() + current.available();
    let mut may_go = (available - (wanted - unavailable)).max(0);
    for generation in old {
        let Some(object) = cluster.get(&generation.key) else { continue };
        let generation = Generation { key: generation.key.clone(), object };
        let going = generation.wanted().min(may_go);
        if going > 0 {
            resize(cluster, key, deployment, &generation, generation.wanted() - going);
            may_go -= going;
        }
    }
}

fn annotate_if_changed(cluster: &mut Cluster, deployment: &Value, generation: &Generation) {
    cluster.modify(&generation.key, |s| annotate_size(s, deployment));
}

fn status(cluster: &mut Cluster, key: &Key) {
    let Some(deployment) = cluster.get(key) else { return };
    let sets = generations(cluster, &deployment);
    let current = sets.iter().find(|s| same_template(&s.object, &deployment));
    let sum = |field: &str| sets.iter().map(|s| number(&s.object, &format!("/status/{field}"), 0)).sum::<i64>();
    let wanted = number(&deployment, "/spec/replicas", 1);
    let updated = current.map_or(0, |s| number(&s.object, "/status/replicas", 0));
    let (total, ready, available) = (sum("replicas"), sum("readyReplicas"), sum("availableReplicas"));
    let leaving = sum("terminatingReplicas");
    let (_, unavailable_allowed) = slack(&deployment);
    let counts = [
        ("replicas", total),
        ("updatedReplicas", updated),
        ("readyReplicas", ready),
        ("availableReplicas", available),
        ("unavailableReplicas", (sets.iter().map(Generation::wanted).sum::<i64>().max(total) - available).max(0)),
    ];
    let before: Vec<i64> = counts.iter().map(|(field, _)| number(&deployment, &format!("/status/{field}"), 0)).collect();
    let complete = updated == wanted && total == wanted && available == wanted;
    let advanced = updated > before[1] || total - updated < before[0] - before[1] || ready > before[2] || available > before[3];
    let now = cluster.stamp();
    let name = current.map_or(&key.name, |c| &c.key.name);
    let verdict = progress(cluster, &deployment, complete, advanced, name);
    cluster.modify(key, |d| {
        pods::counts(d, &counts);
        set(d, "/status/terminatingReplicas", leaving);
        set(d, "/status/observedGeneration", number(d, "/metadata/generation", 1));
        let enough = available >= wanted - unavailable_allowed;
        let (status, reason, message) = if enough {
            ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
        } else {
            ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
        };
        conditions::put(d, &now, &Condition { kind: "Available", status, reason, message }, true);
        if let Some((status, reason, message)) = verdict {
            conditions::put(d, &now, &Condition { kind: "Progressing", status, reason, message: &message }, true);
            if advanced && reason == "ReplicaSetUpdated" {
                touch_progress(d, &now);
            }
        }
        if let Some(failure) = current.and_then(|c| conditions::get(&c.object, "ReplicaFailure")) {
            conditions::put(
                d,
                &now,
                &Condition { kind: "ReplicaFailure", status: "True", reason: text(failure, "/reason"), message: text(failure, "/message") },
                true,
            );
        } else {
            crate::simulator::json::list_mut(d, "/status/conditions").retain(|c| c["type"] != "ReplicaFailure");
        }
    });
}

/// Progress without a new message still moves the time that the deadline counts from, and the condition to the end.
fn touch_progress(deployment: &mut Value, now: &str) {
    let conditions = crate::simulator::json::list_mut(deployment, "/status/conditions");
    if let Some(at) = conditions.iter().position(|c| c["type"] == "Progressing") {
        let mut condition = conditions.remove(at);
        set(&mut condition, "/lastUpdateTime", now);
        conditions.push(condition);
    }
}

/// What the Progressing condition should say; None: what it says already.
fn progress(
    cluster: &mut Cluster,
    deployment: &Value,
    complete: bool,
    advanced: bool,
    name: &str,
) -> Option<(&'static str, &'static str, String)> {
    let old = conditions::get(deployment, "Progressing");
    let reason = old.map_or("", |c| text(c, "/reason")).to_owned();
    let paused = yes(deployment, "/spec/paused");
    if paused {
        return (reason != "DeploymentPaused").then(|| ("Unknown", "DeploymentPaused", "Deployment is paused".to_owned()));
    }
    if reason == "DeploymentPaused" {
        return Some(("Unknown", "DeploymentResumed", "Deployment is resumed".to_owned()));
    }
    if complete {
        return Some(("True", "NewReplicaSetAvailable", format!("ReplicaSet {name:?} has successfully progressed.")));
    }
    if advanced && reason != "NewReplicaSetAvailable" {
        return Some(("True", "ReplicaSetUpdated", format!("ReplicaSet {name:?} is progressing.")));
    }
    let deadline = number(deployment, "/spec/progressDeadlineSeconds", 600);
    let since = old.and_then(|c| time(c, "/lastUpdateTime"));
    // A rollout that once completed does not time out later, when its pods fail.
    if reason == "NewReplicaSetAvailable" || deadline >= i64::from(i32::MAX) {
        return None;
    }
    let key = Key::new(cluster.kinds.deployment, text(deployment, "/metadata/namespace"), text(deployment, "/metadata/name"));
    let waited = since.map_or(0, |since| cluster.now.as_second() - since.as_second());
    if since.is_some() && waited >= deadline {
        return Some(("False", "ProgressDeadlineExceeded", format!("ReplicaSet {name:?} has timed out progressing.")));
    }
    cluster.later(deadline - waited, Controller::Deployment, &key);
    None
}

/// Old, empty ReplicaSets beyond the history limit go, oldest first.
fn clean_up(cluster: &mut Cluster, key: &Key) {
    let Some(deployment) = cluster.get(key) else { return };
    let mut old = generations(cluster, &deployment);
    old.retain(|s| !same_template(&s.object, &deployment) && s.wanted() == 0 && number(&s.object, "/status/replicas", 0) == 0);
    let limit = usize::try_from(number(&deployment, "/spec/revisionHistoryLimit", 10)).unwrap_or(10);
    old.sort_by_key(Generation::revision);
    let surplus = old.len().saturating_sub(limit);
    for generation in old.into_iter().take(surplus) {
        // Someone else may have removed it in the meantime; then there is nothing to do.
        drop(cluster.delete(&generation.key, &DeleteOptions::default()));
    }
}

#[cfg(test)]
mod tests {
    use super::{share, slack};
    use serde_json::json;

    #[test]
    fn percentages_round_as_kubernetes_rounds() {
        assert_eq!(share(Some(&json!("25%")), 10, true), 3);
        assert_eq!(share(Some(&json!("25%")), 10, false), 2);
        assert_eq!(share(Some(&json!(2)), 10, false), 2);
        let deployment = |surge: &str, unavailable: &str| json!({"spec": {"replicas": 2, "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable}}}});
        assert_eq!(slack(&deployment("0%", "0%")), (0, 1));
        assert_eq!(slack(&deployment("25%", "25%")), (1, 0));
    }
}
