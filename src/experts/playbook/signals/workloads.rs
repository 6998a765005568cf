//! Workloads in short, their rollouts, and why pods cannot be created.

use super::*;
use crate::experts::signals::refusals;
use jiff::Timestamp;
use serde_json::json;

/// Deployments, StatefulSets, DaemonSets and ReplicaSets that nobody owns.
pub fn workloads(list: &Value, now: Timestamp) -> Value {
    Value::Array(all(list).iter().filter_map(|w| one(w, now)).collect())
}

fn one(w: &Value, now: Timestamp) -> Option<Value> {
    let kind = text(w, "kind");
    let replicas = || at(w, "spec.replicas").as_i64().unwrap_or(1);
    let (desired, ready, updated, available) = match kind {
        "Deployment" | "StatefulSet" => {
            (replicas(), int(w, "status.readyReplicas"), int(w, "status.updatedReplicas"), int(w, "status.availableReplicas"))
        }
        "DaemonSet" => (
            int(w, "status.desiredNumberScheduled"),
            int(w, "status.numberReady"),
            int(w, "status.updatedNumberScheduled"),
            int(w, "status.numberAvailable"),
        ),
        "ReplicaSet" if items(w, "metadata.ownerReferences").is_empty() => {
            (replicas(), int(w, "status.readyReplicas"), replicas(), int(w, "status.availableReplicas"))
        }
        _ => return None,
    };
    let progressing = condition(w, "Progressing");
    let deadline = text(progressing, "reason") == "ProgressDeadlineExceeded";
    let since = times::seconds(at(progressing, "lastUpdateTime"), now);
    let age = times::seconds(at(w, "metadata.creationTimestamp"), now);
    // Within a minute of its last step a rollout is on its way, not broken.
    let moving = !deadline && (0..60).contains(&if since >= 0 { since } else { age });
    let (name, namespace) = (text(w, "metadata.name"), text(w, "metadata.namespace"));
    let images: Vec<&str> = items(w, "spec.template.spec.containers").iter().map(|c| text(c, "image")).collect();
    Some(json!({
        "kind": kind.to_lowercase(), "name": name, "namespace": namespace, "desired": desired, "ready": ready, "updated": updated,
        "available": available, "paused": yes(w, "spec.paused"), "deadline": deadline, "moving": moving, "images": images,
        "selector": at(w, "spec.selector"), "age": age, "short": desired - ready,
        "line": format!("{name} {ready}/{desired}"),
    }))
}

const REVISION: &str = "deployment.kubernetes.io/revision";

fn revision(object: &Value) -> i64 {
    at(object, "metadata.annotations").get(REVISION).and_then(Value::as_str).and_then(|r| r.parse().ok()).unwrap_or_default()
}

/// Of a Deployment and its ReplicaSets: a newest revision that does not come up while an older one serves; null otherwise.
pub fn rollout(deployment: &Value, sets: &Value) -> Value {
    if text(deployment, "kind") != "Deployment" {
        return Value::Null;
    }
    let uid = text(deployment, "metadata.uid");
    let name = text(deployment, "metadata.name");
    let owns = |set: &&Value| {
        items(set, "metadata.ownerReferences").iter().any(|o| {
            text(o, "kind") == "Deployment"
                && text(o, "name") == name
                && (uid.is_empty() || text(o, "uid").is_empty() || text(o, "uid") == uid)
        })
    };
    let mut mine: Vec<&Value> = all(sets).iter().filter(owns).collect();
    mine.sort_by_key(|s| revision(s));
    let Some((newest, older)) = mine.split_last() else { return Value::Null };
    let Some(good) = older.iter().rev().find(|s| int(s, "status.readyReplicas") > 0) else { return Value::Null };
    if at(newest, "spec.replicas").as_i64().unwrap_or(1) == 0 || int(newest, "status.readyReplicas") > 0 {
        return Value::Null;
    }
    let image = |set: &Value| items(set, "spec.template.spec.containers").iter().map(|c| text(c, "image")).collect::<Vec<_>>().join(", ");
    let (new, old) = (image(newest), image(good));
    let changed = if new == old { String::new() } else { format!("image {old} → {new}") };
    json!({
        "new": revision(newest), "old": revision(good), "old_ready": int(good, "status.readyReplicas"), "changed": changed,
        "new_set": text(newest, "metadata.name"), "old_set": text(good, "metadata.name"),
    })
}

/// Why pods of these workloads and ReplicaSets cannot be created: the API server's refusal, in words. An event speaks only for a
/// workload that still lacks pods.
pub fn refusals(objects: &Value, events: &Value, now: Timestamp) -> Value {
    let each = all(objects).iter().filter_map(|o| {
        let kind = text(o, "kind");
        let wanted = at(o, "spec.replicas").as_i64().unwrap_or_else(|| int(o, "status.desiredNumberScheduled"));
        let has = int(o, "status.replicas").max(int(o, "status.currentNumberScheduled"));
        if has >= wanted || kind == "Job" {
            return None;
        }
        let failure = condition(o, "ReplicaFailure");
        let event = events::newest(events, o, kind, |e| text(e, "reason") == "FailedCreate");
        let fresh = (0..3_600).contains(&times::seconds(events::seen(event), now));
        let message = if text(failure, "status") == "True" {
            text(failure, "message")
        } else if fresh {
            text(event, "message")
        } else {
            ""
        };
        let message = one_line(message);
        if message.is_empty() {
            return None;
        }
        let owner = items(o, "metadata.ownerReferences").first().map(|r| (text(r, "kind").to_lowercase(), text(r, "name").to_string()));
        let (kind, name) = owner.unwrap_or_else(|| (kind.to_lowercase(), text(o, "metadata.name").to_string()));
        let (class, cause) = refusals::of(message);
        Some(json!({
            "kind": kind, "workload": name, "namespace": text(o, "metadata.namespace"), "class": class, "cause": cause,
            "message": cut(message, 290), "lacks": wanted - has,
        }))
    });
    // The Deployment repeats what its ReplicaSet says.
    distinct(&Value::Array(each.collect()))
}
