//! Job: pods until enough have succeeded, or too many have failed. Source: `pkg/controller/job`, `pkg/controller/ttlafterfinished`.
//!
//! A pod is counted once, when the Job's finalizer is taken off it; what was counted stays counted when the pod is gone.
use super::{
    conditions::{self, Condition},
    events, pods,
};
use crate::simulator::{
    admit::{DeleteOptions, Propagation},
    agenda::Controller,
    cluster::Cluster,
    json::{default, list, list_mut, map_mut, number, remove, set, text, time, yes},
    store::{Key, Tree},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const COUNTED: &str = "batch.kubernetes.io/job-tracking";
const INDEX: &str = "batch.kubernetes.io/job-completion-index";
const WHO: &str = "job-controller";
const FIRST_BACKOFF: i64 = 10;
const LONGEST_BACKOFF: i64 = 600;

pub(super) fn look(cluster: &mut Cluster, key: &Key) {
    let Some(job) = cluster.get(key) else { return };
    let owned = pods::of(cluster, text(&job, "/metadata/uid"));
    let (succeeded, failed) = count(cluster, key, &job, &owned);
    if finished(&job) {
        forget(cluster, key, &job);
        return;
    }
    if job.pointer("/metadata/deletionTimestamp").is_some() {
        return;
    }
    let Some(job) = cluster.get(key) else { return };
    let owned = pods::of(cluster, text(&job, "/metadata/uid"));
    let active: Vec<&(Key, Tree)> = owned.iter().filter(|(_, p)| pods::active(p)).collect();
    let suspended = yes(&job, "/spec/suspend");
    let now = cluster.stamp();
    if !suspended {
        cluster.modify(key, |j| default(j, "/status/startTime", now.as_str()));
    }
    let verdict = settled(&job).or_else(|| verdict(cluster, key, &job, &active, (succeeded, failed)));
    let wanted = if verdict.is_some() || suspended { Some(0) } else { wanted(&job, succeeded) };
    let running = i64::try_from(active.len()).unwrap_or(i64::MAX);
    let wanted = wanted.unwrap_or(running);
    if running > wanted {
        let surplus = usize::try_from(running - wanted).unwrap_or_default();
        for (pod, _) in active.iter().take(surplus) {
            pods::end(cluster, key, &job, WHO, pod);
        }
    } else if running < wanted && pods::may_try(cluster, key) && !backs_off(cluster, key, &owned) {
        create(cluster, key, &job, &owned, wanted - running);
    }
    if verdict.is_none() {
        suspend(cluster, key, suspended);
    }
    status(cluster, key);
    if let Some((reason, message)) = verdict {
        end(cluster, key, reason, message);
    }
}

fn finished(job: &Value) -> bool {
    conditions::is_true(job, "Complete") || conditions::is_true(job, "Failed")
}

fn say(cluster: &mut Cluster, key: &Key, job: &Value, said: events::Said) {
    events::record(cluster, key, job, events::from(WHO), said);
}

fn indexed(job: &Value) -> bool {
    text(job, "/spec/completionMode") == "Indexed"
}

fn index(pod: &Value) -> Option<i64> {
    pod.pointer("/metadata/annotations")?.get(INDEX)?.as_str()?.parse().ok()
}

/// Counts the pods that have ended since the last look, and lets go of them. Gives how many have succeeded and failed in all.
fn count(cluster: &mut Cluster, key: &Key, job: &Value, owned: &[(Key, Tree)]) -> (i64, i64) {
    let (mut succeeded, mut failed) = (number(job, "/status/succeeded", 0), number(job, "/status/failed", 0));
    let mut done = indexes(text(job, "/status/completedIndexes"));
    for (pod, object) in owned.iter().filter(|(_, p)| !pods::active(p) && list(p, "/metadata/finalizers").iter().any(|f| f == COUNTED)) {
        if text(object, "/status/phase") == "Succeeded" {
            succeeded += 1;
            done.extend(index(object));
        } else {
            failed += 1;
        }
        cluster.finalize(pod, COUNTED);
    }
    if indexed(job) {
        succeeded = i64::try_from(done.len()).unwrap_or(i64::MAX);
    }
    cluster.modify(key, |j| {
        for (field, n) in [("/status/succeeded", succeeded), ("/status/failed", failed)] {
            if n > 0 {
                set(j, field, n);
            }
        }
        if !done.is_empty() {
            set(j, "/status/completedIndexes", spans(&done));
        }
    });
    (succeeded, failed)
}

/// `0-2,5` as numbers.
fn indexes(text: &str) -> BTreeSet<i64> {
    let span = |part: &str| {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        Some(from.parse::<i64>().ok()?..=to.parse::<i64>().ok()?)
    };
    text.split(',').filter_map(span).flatten().collect()
}

fn spans(numbers: &BTreeSet<i64>) -> String {
    let mut spans: Vec<(i64, i64)> = Vec::new();
    for n in numbers {
        match spans.last_mut() {
            Some((_, to)) if *to + 1 == *n => *to = *n,
            _ => spans.push((*n, *n)),
        }
    }
    let said = |(from, to): &(i64, i64)| match to - from {
        0 => from.to_string(),
        1 => format!("{from},{to}"),
        _ => format!("{from}-{to}"),
    };
    spans.iter().map(said).collect::<Vec<_>>().join(",")
}

/// An end that was decided at an earlier look.
fn settled(job: &Value) -> Option<(&'static str, &'static str)> {
    let target = conditions::get(job, "FailureTarget").or_else(|| conditions::get(job, "SuccessCriteriaMet"))?;
    ENDS.iter().find(|(reason, _)| target["reason"] == *reason).copied()
}

const ENDS: &[(&str, &str)] = &[
    ("BackoffLimitExceeded", "Job has reached the specified backoff limit"),
    ("DeadlineExceeded", "Job was active longer than specified deadline"),
    ("CompletionsReached", "Reached expected number of succeeded pods"),
];

fn verdict(
    cluster: &mut Cluster,
    key: &Key,
    job: &Value,
    active: &[&(Key, Tree)],
    (succeeded, failed): (i64, i64),
) -> Option<(&'static str, &'static str)> {
    let limit = number(job, "/spec/backoffLimit", 6);
    let statuses =
        |p: &'_ Value| ["containerStatuses", "initContainerStatuses"].map(|f| list(p, &format!("/status/{f}")).to_vec()).concat();
    let restarts: i64 = active.iter().flat_map(|(_, p)| statuses(p)).map(|c| number(&c, "/restartCount", 0)).sum();
    let in_place = text(job, "/spec/template/spec/restartPolicy") == "OnFailure";
    if failed > limit || in_place && restarts > 0 && restarts >= limit {
        return Some(ENDS[0]);
    }
    if let (Some(deadline), Some(started)) =
        (job.pointer("/spec/activeDeadlineSeconds").and_then(Value::as_i64), time(job, "/status/startTime"))
        && !yes(job, "/spec/suspend")
    {
        let left = started.as_second() + deadline - cluster.now.as_second();
        if left <= 0 {
            return Some(ENDS[1]);
        }
        cluster.later(left, Controller::Job, key);
    }
    let complete = match job.pointer("/spec/completions").and_then(Value::as_i64) {
        Some(completions) => succeeded >= completions,
        None => succeeded > 0,
    };
    (complete && active.is_empty()).then_some(ENDS[2])
}

/// How many pods should run; None: as many as do.
fn wanted(job: &Value, succeeded: i64) -> Option<i64> {
    let parallelism = number(job, "/spec/parallelism", 1);
    match job.pointer("/spec/completions").and_then(Value::as_i64) {
        Some(completions) => Some((completions - succeeded).min(parallelism).max(0)),
        None if succeeded > 0 => None,
        None => Some(parallelism),
    }
}

/// Whether a failure is too fresh to try again. Source: `pkg/controller/job/backoff_utils.go`.
fn backs_off(cluster: &mut Cluster, key: &Key, owned: &[(Key, Tree)]) -> bool {
    let ended = |p: &Value| {
        let ends = list(p, "/status/containerStatuses").iter().filter_map(|c| time(c, "/state/terminated/finishedAt"));
        ends.max().or_else(|| time(p, "/metadata/deletionTimestamp"))
    };
    let mut ends: Vec<(jiff::Timestamp, bool)> = owned
        .iter()
        .filter(|(_, p)| !pods::active(p))
        .filter_map(|(_, p)| Some((ended(p)?, text(p, "/status/phase") == "Succeeded")))
        .collect();
    ends.sort_unstable();
    let in_a_row = ends.iter().rev().take_while(|(_, good)| !good).count();
    let Some((last, _)) = ends.last().filter(|_| in_a_row > 0) else { return false };
    let wait = FIRST_BACKOFF
        .checked_shl(u32::try_from(in_a_row - 1).unwrap_or(u32::MAX))
        .filter(|w| *w > 0)
        .map_or(LONGEST_BACKOFF, |w| w.min(LONGEST_BACKOFF));
    let left = last.as_second() + wait - cluster.now.as_second();
    if left > 0 {
        cluster.later(left, Controller::Job, key);
    }
    left > 0
}

fn create(cluster: &mut Cluster, key: &Key, job: &Value, owned: &[(Key, Tree)], missing: i64) {
    let mut taken = indexes(text(job, "/status/completedIndexes"));
    taken.extend(owned.iter().filter(|(_, p)| pods::active(p)).filter_map(|(_, p)| index(p)));
    for _ in 0..missing {
        let free = (0..).find(|n| !taken.contains(n)).filter(|_| indexed(job));
        let made = pods::spawn(cluster, key, job, WHO, &job["spec"]["template"], |pod| {
            list_mut(pod, "/metadata/finalizers").push(COUNTED.into());
            if let Some(n) = free {
                number_pod(pod, &key.name, n);
            }
        });
        taken.extend(free);
        if made.is_err() {
            return;
        }
    }
}

fn number_pod(pod: &mut Value, job: &str, n: i64) {
    let index = n.to_string();
    pods::label(pod, INDEX, &index);
    default(pod, "/metadata/annotations", json!({}));
    map_mut(&mut pod["metadata"]["annotations"]).insert(INDEX.to_owned(), index.into());
    set(pod, "/metadata/generateName", format!("{job}-{n}-"));
    set(pod, "/spec/hostname", format!("{job}-{n}"));
    let source = json!({"fieldRef": {"apiVersion": "v1", "fieldPath": format!("metadata.labels['{INDEX}']")}});
    for container in pod.pointer_mut("/spec/containers").and_then(Value::as_array_mut).into_iter().flatten() {
        if !list(container, "/env").iter().any(|v| v["name"] == "JOB_COMPLETION_INDEX") {
            list_mut(container, "/env").push(json!({"name": "JOB_COMPLETION_INDEX", "valueFrom": source}));
        }
    }
}

/// A condition as Jobs have them: with the time of a probe that nobody made.
fn put(job: &mut Value, now: &str, condition: &Condition) -> bool {
    let new = conditions::put(job, now, condition, false);
    for have in list_mut(job, "/status/conditions").iter_mut().filter(|c| new && c["type"] == condition.kind) {
        set(have, "/lastProbeTime", now);
    }
    new
}

fn suspend(cluster: &mut Cluster, key: &Key, suspended: bool) {
    let now = cluster.stamp();
    let (status, reason, message, said) = if suspended {
        ("True", "JobSuspended", "Job suspended", events::normal("Suspended", "Job suspended"))
    } else {
        ("False", "JobResumed", "Job resumed", events::normal("Resumed", "Job resumed"))
    };
    let mut new = false;
    let job = cluster.modify(key, |job| {
        // A Job that never was suspended says nothing of it.
        if suspended || conditions::get(job, "Suspended").is_some() {
            new = put(job, &now, &Condition { kind: "Suspended", status, reason, message });
        }
        if new && suspended {
            remove(job, "/status/startTime");
        } else if new {
            set(job, "/status/startTime", now.as_str());
        }
    });
    if let Some(job) = job.filter(|_| new) {
        say(cluster, key, &job, said);
    }
}

fn status(cluster: &mut Cluster, key: &Key) {
    let Some(job) = cluster.get(key) else { return };
    let owned = pods::of(cluster, text(&job, "/metadata/uid"));
    let running = owned.iter().filter(|(_, p)| pods::active(p));
    let (active, ready) = running.fold((0, 0), |(n, ready), (_, p)| (n + 1, ready + i64::from(pods::ready(p))));
    let leaving = owned.iter().filter(|(_, p)| pods::leaving(p)).count();
    cluster.modify(key, |j| {
        pods::counts(j, &[("active", active)]);
        set(j, "/status/ready", ready);
        set(j, "/status/terminating", leaving);
        set(j, "/status/uncountedTerminatedPods", json!({}));
    });
}

/// First what the Job comes to; when the last pod has stopped, that it has come to it.
fn end(cluster: &mut Cluster, key: &Key, reason: &'static str, message: &'static str) {
    let now = cluster.stamp();
    let good = reason == "CompletionsReached";
    let (target, kind) = if good { ("SuccessCriteriaMet", "Complete") } else { ("FailureTarget", "Failed") };
    let job = cluster.modify(key, |j| {
        put(j, &now, &Condition { kind: target, status: "True", reason, message });
    });
    let Some(job) = job.filter(|job| number(job, "/status/terminating", 0) == 0) else { return };
    cluster.modify(key, |j| {
        put(j, &now, &Condition { kind, status: "True", reason, message });
        if good {
            set(j, "/status/completionTime", now.as_str());
        }
    });
    say(cluster, key, &job, if good { events::normal("Completed", "Job completed") } else { events::warning(reason, message) });
}

/// Removes a finished Job when its time is over.
fn forget(cluster: &mut Cluster, key: &Key, job: &Value) {
    let Some(kept) = job.pointer("/spec/ttlSecondsAfterFinished").and_then(Value::as_i64) else { return };
    let ended = ["Complete", "Failed"].iter().find_map(|kind| time(conditions::get(job, kind)?, "/lastTransitionTime"));
    let left = ended.map_or(0, |at| at.as_second() + kept - cluster.now.as_second());
    if left > 0 {
        cluster.later(left, Controller::Job, key);
    } else if job.pointer("/metadata/deletionTimestamp").is_none() {
        // Gone in the meantime is what is wanted.
        drop(cluster.delete(key, &DeleteOptions { propagation: Some(Propagation::Foreground), ..DeleteOptions::default() }));
    }
}

#[cfg(test)]
mod tests {
    use super::{indexes, spans};

    #[test]
    fn indexes_are_written_as_spans() {
        for text in ["", "0", "0,1", "0-2", "0,2-4,7,8"] {
            assert_eq!(spans(&indexes(text)), text);
        }
    }
}
