//! What all controllers of pods share: making one from a template, telling whether it is ready, choosing which to remove first.
use super::{conditions, events};
use crate::simulator::{
    admit::DeleteOptions,
    cluster::Cluster,
    json::{list, map_mut, number, remove, set, text, time},
    refusal::Refusal,
    store::{Key, Tree},
};
use serde_json::{Value, json};

/// Creates a pod from `template` for the owner at `owner_key`. Empty `name`: one is generated from the owner's.
pub(super) fn create(
    cluster: &mut Cluster,
    owner_key: &Key,
    owner: &Value,
    template: &Value,
    adjust: impl FnOnce(&mut Value),
) -> Result<Value, Refusal> {
    let mut pod = json!({"metadata": {}, "spec": template["spec"].clone()});
    for field in ["labels", "annotations", "finalizers"] {
        if let Some(value) = template.pointer(&format!("/metadata/{field}")) {
            pod["metadata"][field] = value.clone();
        }
    }
    pod["metadata"]["generateName"] = format!("{}-", owner_key.name).into();
    pod["metadata"]["ownerReferences"] = json!([cluster.owner(owner_key, text(owner, "/metadata/uid"))]);
    adjust(&mut pod);
    let made = cluster.create(cluster.kinds.pod, &owner_key.namespace, pod, false);
    if made.is_ok() {
        cluster.room.held.remove(owner_key);
    } else {
        let wait = cluster.room.held.get(owner_key).map_or(1, |(_, waited)| (waited * 2).min(LONGEST_WAIT));
        let next = cluster.now.saturating_add(jiff::SignedDuration::from_secs(wait)).unwrap_or(cluster.now);
        cluster.room.held.insert(owner_key.clone(), (next, wait));
        if let Some(who) = super::controller_of(cluster.kinds, owner_key.kind) {
            cluster.agenda.push_at(next, who, owner_key.clone());
        }
    }
    made
}

/// Creates a pod, and says as `who` that it did or why it could not.
pub(super) fn spawn(
    cluster: &mut Cluster,
    key: &Key,
    owner: &Value,
    who: &str,
    template: &Value,
    adjust: impl FnOnce(&mut Value),
) -> Result<Value, Refusal> {
    let made = create(cluster, key, owner, template, adjust);
    let (warning, reason, message) = match &made {
        Ok(pod) => (false, "SuccessfulCreate", format!("Created pod: {}", text(pod, "/metadata/name"))),
        Err(why) => (true, "FailedCreate", format!("Error creating: {}", why.message)),
    };
    events::record(cluster, key, owner, events::from(who), events::Said { warning, reason, message: &message, field: "" });
    made
}

/// Deletes a pod, and says so as `who`.
pub(super) fn end(cluster: &mut Cluster, key: &Key, owner: &Value, who: &str, pod: &Key) {
    if cluster.delete(pod, &DeleteOptions::default()).is_ok() {
        let message = format!("Deleted pod: {}", pod.name);
        events::record(cluster, key, owner, events::from(who), events::normal("SuccessfulDelete", &message));
    }
}

/// Writes counts into a status; none is not written.
pub(super) fn counts<N: Copy + Default + PartialEq + Into<Value>>(object: &mut Value, counts: &[(&str, N)]) {
    for (field, count) in counts {
        let at = format!("/status/{field}");
        if *count == N::default() {
            remove(object, &at);
        } else {
            set(object, &at, *count);
        }
    }
}

/// Which revision of its owner's template a pod was made from.
pub(super) fn revision(pod: &Value) -> &str {
    pod.pointer("/metadata/labels").and_then(|l| l.get(REVISION)).and_then(Value::as_str).unwrap_or_default()
}

/// The label that says it.
pub(super) const REVISION: &str = "controller-revision-hash";

/// Seconds between two tries at most. Source: `DefaultTypedControllerRateLimiter` in `client-go/util/workqueue`.
const LONGEST_WAIT: i64 = 1000;

/// Whether a pod may be created for an owner now, or one was refused too short a while ago.
pub(super) fn may_try(cluster: &Cluster, owner: &Key) -> bool {
    cluster.room.held.get(owner).is_none_or(|(next, _)| *next <= cluster.now)
}

/// The pods that an object controls, with their keys, oldest name first. Pods that are done do not count.
pub(super) fn of(cluster: &Cluster, uid: &str) -> Vec<(Key, Tree)> {
    let mut keys = cluster.store.owned_by(uid);
    keys.retain(|key| key.kind == cluster.kinds.pod);
    keys.sort();
    keys.into_iter().filter_map(|key| Some((key.clone(), cluster.get(&key)?))).collect()
}

/// Neither done nor on the way out.
pub(super) fn active(pod: &Value) -> bool {
    !matches!(text(pod, "/status/phase"), "Succeeded" | "Failed") && pod.pointer("/metadata/deletionTimestamp").is_none()
}

/// On the way out, and not there yet.
pub(super) fn leaving(pod: &Value) -> bool {
    pod.pointer("/metadata/deletionTimestamp").is_some() && !matches!(text(pod, "/status/phase"), "Succeeded" | "Failed")
}

pub(in crate::simulator) fn ready(pod: &Value) -> bool {
    conditions::is_true(pod, "Ready")
}

/// Seconds a pod has been ready.
pub(super) fn ready_for(cluster: &Cluster, pod: &Value) -> Option<i64> {
    let condition = conditions::get(pod, "Ready").filter(|c| c["status"] == "True")?;
    Some(cluster.now.as_second() - time(condition, "/lastTransitionTime")?.as_second())
}

/// Ready for at least `minReadySeconds`. When not yet, the owner gets a look at the moment it will be.
pub(super) fn available(cluster: &Cluster, pod: &Value, owner: &Value) -> bool {
    ready_for(cluster, pod).is_some_and(|seconds| seconds >= number(owner, "/spec/minReadySeconds", 0))
}

/// Which pod goes first when there are too many: unassigned, then not running, then not ready, then crashing more, then younger.
/// Source: `ActivePods` sorting in `pkg/controller/controller_utils.go`.
pub(super) fn removal_order(pod: &Value) -> impl Ord + use<> {
    let restarts: i64 = list(pod, "/status/containerStatuses").iter().map(|c| number(c, "/restartCount", 0)).sum();
    let cost =
        pod.pointer("/metadata/annotations").and_then(|a| a.get("controller.kubernetes.io/pod-deletion-cost")).and_then(Value::as_str);
    (
        !text(pod, "/spec/nodeName").is_empty(),
        match text(pod, "/status/phase") {
            "Pending" => 0,
            "Running" => 2,
            _ => 1,
        },
        ready(pod),
        cost.and_then(|c| c.parse::<i64>().ok()).unwrap_or_default(),
        std::cmp::Reverse(restarts),
        std::cmp::Reverse(text(pod, "/metadata/creationTimestamp").to_owned()),
    )
}

/// Adds one label to an object's metadata.
pub(super) fn label(object: &mut Value, key: &str, value: &str) {
    let metadata = map_mut(map_mut(object).entry("metadata").or_insert_with(|| json!({})));
    map_mut(metadata.entry("labels").or_insert_with(|| json!({}))).insert(key.to_owned(), value.into());
}
