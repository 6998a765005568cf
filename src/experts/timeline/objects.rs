//! What one object tells of its own past: its rollouts, its edits, its containers' ends, its conditions.

use super::{Moment, Sort, edits, rollouts};
use crate::experts::{diagnose::ended, signals::words::cut};
use crate::facts::snapshot::{
    Ref, Snapshot,
    cluster::Node,
    meta::{Condition, Meta},
    pod::Pod,
    workload::Job,
};

/// What comes up by itself within so many seconds of being made came up, and did not recover.
const START: i64 = 120;

/// Everything that it tells.
pub(super) fn of(s: &Snapshot, at: &Ref, into: &mut Vec<Moment>) {
    let Some(meta) = s.meta(at) else { return };
    let mut own = Vec::new();
    match &*at.kind {
        "Pod" => {
            if let Some(p) = s.pod(&at.namespace, &at.name) {
                pod(p, at, &mut own);
            }
        }
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" => {
            if let Some(w) = s.workload(at) {
                rollouts::of(s, w, &mut own);
                conditions(&w.status.conditions, meta, at, &["Available", "Progressing"], &["ReplicaFailure"], &mut own);
            }
        }
        "Node" => {
            if let Some(n) = s.node(&at.name) {
                node(n, at, &mut own);
            }
        }
        "Job" => {
            if let Some(j) = s.job(&at.namespace, &at.name) {
                job(j, at, &mut own);
            }
        }
        _ => {
            if let Some(o) = s.other(at) {
                conditions(&o.status.conditions, meta, at, &["Ready", "Available", "Healthy", "Synced"], &[], &mut own);
            }
        }
    }
    let rolled_out: Vec<_> = own.iter().filter(|m| m.sort == Sort::Rollout).map(|m| m.at).collect();
    edits::of(at, meta, &mut own);
    // The write that began a rollout is told with it.
    let told_already = |m: &Moment| m.sort == Sort::Edit && rolled_out.iter().any(|r| rollouts::near(Some(*r), Some(m.at)));
    into.extend(own.into_iter().filter(|m| !told_already(m)));
}

/// Conditions that should hold and do not, or hold again; and those that should not and do.
fn conditions(all: &[Condition], meta: &Meta, at: &Ref, good: &[&str], bad: &[&str], into: &mut Vec<Moment>) {
    for c in all {
        let Some(since) = c.since.0 else { continue };
        let reason = if c.reason.is_empty() { String::new() } else { format!(" ({})", c.reason) };
        let message = if c.message.is_empty() { String::new() } else { format!(": {}", cut(c.message.trim(), 160)) };
        let (is_good, is_bad) = (good.contains(&&*c.kind), bad.contains(&&*c.kind));
        let grown = meta.created.0.is_some_and(|made| since.as_second().saturating_sub(made.as_second()) > START);
        if is_good && !c.holds() || is_bad && c.holds() {
            into.push(Moment::new(since, at.clone(), Sort::Condition, format!("{}={}{reason}{message}", c.kind, c.status)).trouble(true));
        } else if is_good && c.holds() && grown && &*c.kind != "Progressing" {
            into.push(Moment::new(since, at.clone(), Sort::Condition, format!("{}=True again", c.kind)));
        }
    }
}

fn pod(p: &Pod, at: &Ref, into: &mut Vec<Moment>) {
    if let Some(made) = p.meta.created.0 {
        into.push(Moment::new(made, at.clone(), Sort::Pod, "was made"));
    }
    for c in p.containers() {
        for e in [&c.status.last.ended, &c.status.state.ended].into_iter().flatten() {
            let Some(when) = e.at.0 else { continue };
            let bad = e.exit.is_some_and(|code| code != 0) || &*e.reason == "OOMKilled";
            into.push(
                Moment::new(when, at.clone(), Sort::Container, format!("container {} ended: {}", c.status.name, ended(e))).trouble(bad),
            );
        }
        if let Some(since) = c.status.state.running.as_ref().and_then(|r| r.since.0).filter(|_| c.status.restarts > 0) {
            into.push(Moment::new(
                since,
                at.clone(),
                Sort::Container,
                format!("container {} was started again (restart {})", c.status.name, c.status.restarts),
            ));
        }
    }
    if !p.over() {
        conditions(&p.status.conditions, &p.meta, at, &["Ready"], &["DisruptionTarget"], into);
    }
    if let Some(gone) = p.meta.asked_to_go() {
        into.push(Moment::new(gone, at.clone(), Sort::Pod, "is being deleted"));
    }
}

fn node(n: &Node, at: &Ref, into: &mut Vec<Moment>) {
    if let Some(made) = n.meta.created.0 {
        into.push(Moment::new(made, at.clone(), Sort::Node, "joined the cluster"));
    }
    let from = into.len();
    let bad = ["MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable"];
    conditions(&n.status.conditions, &n.meta, at, &["Ready"], &bad, into);
    into[from..].iter_mut().for_each(|m| m.sort = Sort::Node);
    for t in &n.spec.taints {
        let Some(since) = t.since.0 else { continue };
        let what = match &*t.key {
            "node.kubernetes.io/unschedulable" => "was cordoned".to_string(),
            // The condition tells it.
            "node.kubernetes.io/not-ready" | "node.kubernetes.io/unreachable" => continue,
            key => format!("was given the taint {key}{}{}:{}", if t.value.is_empty() { "" } else { "=" }, t.value, t.effect),
        };
        into.push(Moment::new(since, at.clone(), Sort::Node, what));
    }
    if let Some(gone) = n.meta.asked_to_go() {
        into.push(Moment::new(gone, at.clone(), Sort::Going, "is being deleted"));
    }
}

fn job(j: &Job, at: &Ref, into: &mut Vec<Moment>) {
    if let Some(done) = j.status.completed.0 {
        into.push(Moment::new(done, at.clone(), Sort::Condition, "completed"));
    }
    conditions(&j.status.conditions, &j.meta, at, &[], &["Failed"], into);
}
