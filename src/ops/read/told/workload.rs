//! Workloads: what they want, what they have, what they are made of.

use super::{Block, Told, fields, pods, table};
use crate::ops::{
    look::{controlled_by, list, number, plain, pod_selector, since, text},
    template,
};
use serde_json::Value;

/// Replicas, strategy, template, and the ReplicaSets, jobs or pods below.
pub(super) fn blocks(told: &Told<'_>) -> Vec<Block> {
    let (kind, object) = (told.target.kind(), told.object);
    let mut blocks = vec![fields(
        "State",
        vec![
            ("Replicas", replicas(told)),
            ("Selector", pod_selector(kind, object).unwrap_or_default()),
            ("Strategy", strategy(object)),
            ("Paused", if object.pointer("/spec/paused") == Some(&Value::Bool(true)) { "yes".into() } else { String::new() }),
            ("Revision", template::revision(object).map(|n| n.to_string()).unwrap_or_default()),
            ("Schedule", text(object, "/spec/schedule").to_string()),
            ("Suspended", if object.pointer("/spec/suspend") == Some(&Value::Bool(true)) { "yes".into() } else { String::new() }),
            ("Last schedule", ago(told, "/status/lastScheduleTime")),
            ("Last success", ago(told, "/status/lastSuccessfulTime")),
            ("Completions", completions(object)),
            ("Service", text(object, "/spec/serviceName").to_string()),
        ],
    )];
    blocks.extend(template::pod_spec(kind, object).map(pods::template_blocks).unwrap_or_default());
    if kind.is("deployments", "apps") {
        blocks.extend(replica_sets(told));
    }
    if kind.is("cronjobs", "batch") {
        blocks.extend(jobs(told));
    }
    match told.listed("pods") {
        Ok(pods) => blocks.extend(pods::pod_table(told, "Pods", &pods.iter().collect::<Vec<_>>())),
        Err(why) => blocks.push(why),
    }
    blocks
}

fn ago(told: &Told<'_>, pointer: &str) -> String {
    let time = text(told.object, pointer);
    if time.is_empty() { String::new() } else { format!("{} ago", since(time, told.now)) }
}

fn replicas(told: &Told<'_>) -> String {
    let (kind, object) = (told.target.kind(), told.object);
    let status = |field: &str| number(&object["status"], &format!("/{field}"));
    if kind.is("daemonsets", "apps") {
        return format!(
            "{} desired, {} updated, {} ready, {} available, {} misplaced",
            status("desiredNumberScheduled"),
            status("updatedNumberScheduled"),
            status("numberReady"),
            status("numberAvailable"),
            status("numberMisscheduled")
        );
    }
    if kind.is("jobs", "batch") || kind.is("cronjobs", "batch") {
        return String::new();
    }
    let desired = object.pointer("/spec/replicas").and_then(Value::as_u64).unwrap_or(1);
    let (ready, available) = (status("readyReplicas"), status("availableReplicas"));
    if kind.is("replicasets", "apps") || kind.is("replicationcontrollers", "") {
        return format!("{desired} desired, {} current, {ready} ready, {available} available", status("replicas"));
    }
    format!("{desired} desired, {} updated, {} total, {ready} ready, {available} available", status("updatedReplicas"), status("replicas"))
}

fn strategy(object: &Value) -> String {
    let Some(strategy) = object.pointer("/spec/strategy").or_else(|| object.pointer("/spec/updateStrategy")) else {
        return String::new();
    };
    let rolling = strategy["rollingUpdate"].as_object().into_iter().flatten();
    let details: Vec<String> = rolling.map(|(name, value)| format!("{name} {}", plain(value))).collect();
    let kind = text(strategy, "/type");
    if details.is_empty() { kind.to_string() } else { format!("{kind} ({})", details.join(", ")) }
}

fn completions(object: &Value) -> String {
    if object.pointer("/spec/completions").is_none() && object.pointer("/status/succeeded").is_none() {
        return String::new();
    }
    let wanted = object.pointer("/spec/completions").map_or_else(|| "1".into(), plain);
    let status = |field: &str| number(&object["status"], &format!("/{field}"));
    format!("{} of {wanted} succeeded, {} active, {} failed", status("succeeded"), status("active"), status("failed"))
}

fn replica_sets(told: &Told<'_>) -> Option<Block> {
    let sets = match told.listed("replicasets") {
        Ok(sets) => sets,
        Err(why) => return Some(why),
    };
    let uid = text(told.object, "/metadata/uid");
    let mut own: Vec<&Value> = sets.iter().filter(|rs| controlled_by(rs, uid)).collect();
    own.sort_by_key(|rs| template::revision(rs));
    let row = |rs: &&Value| {
        let images: Vec<&str> =
            rs.pointer("/spec/template/spec").into_iter().flat_map(|s| template::containers(s, "containers")).map(|c| c.1).collect();
        vec![
            text(rs, "/metadata/name").to_string(),
            template::revision(rs).map(|n| n.to_string()).unwrap_or_default(),
            format!("{}/{}", number(rs, "/status/readyReplicas"), number(rs, "/spec/replicas")),
            images.join(", "),
            since(text(rs, "/metadata/creationTimestamp"), told.now),
        ]
    };
    table("ReplicaSets", &["Name", "Revision", "Ready", "Images", "Age"], own.iter().map(row).collect())
}

fn jobs(told: &Told<'_>) -> Option<Block> {
    let jobs = match told.listed("jobs") {
        Ok(jobs) => jobs,
        Err(why) => return Some(why),
    };
    let uid = text(told.object, "/metadata/uid");
    let row = |job: &Value| {
        let ended = list(job, "/status/conditions").iter().find(|c| c["status"] == "True");
        vec![
            text(job, "/metadata/name").to_string(),
            ended.map_or("Running", |c| text(c, "/type")).to_string(),
            completions(job),
            since(text(job, "/metadata/creationTimestamp"), told.now),
        ]
    };
    let own = jobs.iter().filter(|job| controlled_by(job, uid)).map(row).collect();
    table("Jobs", &["Name", "Status", "Completions", "Age"], own)
}
