//! Job: pods until enough have succeeded, or too many have failed. Source: `pkg/controller/job`.
use super::{
    conditions::{self, Condition},
    events, pods,
};
use crate::simulator::{
    admit::DeleteOptions,
    cluster::Cluster,
    json::{default, number, remove, set, text, yes},
    store::{Key, Tree},
};

pub(super) fn look(cluster: &mut Cluster, key: &Key) {
    let Some(job) = cluster.get(key) else { return };
    let finished = conditions::is_true(&job, "Complete") || conditions::is_true(&job, "Failed");
    if finished || job.pointer("/metadata/deletionTimestamp").is_some() {
        return;
    }
    let owned = pods::of(cluster, text(&job, "/metadata/uid"));
    let in_phase = |phase: &str| i64::try_from(owned.iter().filter(|(_, p)| text(p, "/status/phase") == phase).count()).unwrap_or(i64::MAX);
    let (succeeded, failed) = (in_phase("Succeeded"), in_phase("Failed"));
    let restarts: i64 = owned
        .iter()
        .flat_map(|(_, p)| crate::simulator::json::list(p, "/status/containerStatuses"))
        .map(|c| number(c, "/restartCount", 0))
        .sum();
    let active: Vec<&(Key, Tree)> = owned.iter().filter(|(_, p)| pods::active(p)).collect();
    let limit = number(&job, "/spec/backoffLimit", 6);
    let wanted = number(&job, "/spec/completions", 1);
    let now = cluster.stamp();
    let ending = if failed + restarts > limit {
        Some(("Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit"))
    } else if succeeded >= wanted {
        Some(("Complete", "CompletionsReached", "Reached expected number of succeeded pods"))
    } else {
        None
    };
    let mut running = i64::try_from(active.len()).unwrap_or(i64::MAX);
    if let Some((kind, reason, message)) = ending {
        for (pod, _) in &active {
            // Gone already is as good.
            drop(cluster.delete(pod, &DeleteOptions::default()));
        }
        running = 0;
        let warning = kind == "Failed";
        let said = if warning { events::warning(reason, message) } else { events::normal("Completed", "Job completed") };
        events::record(cluster, key, &job, events::from("job-controller"), said);
        cluster.modify(key, |j| {
            conditions::put(j, &now, &Condition { kind, status: "True", reason, message }, false);
            if !warning {
                set(j, "/status/completionTime", now.as_str());
            }
        });
    } else if yes(&job, "/spec/suspend") {
        cluster.modify(key, |j| {
            conditions::put(
                j,
                &now,
                &Condition { kind: "Suspended", status: "True", reason: "JobSuspended", message: "Job suspended" },
                false,
            );
        });
    } else {
        let room = number(&job, "/spec/parallelism", 1).min(wanted - succeeded) - running;
        for _ in 0..room.max(0) {
            let made = pods::create(cluster, key, &job, &job["spec"]["template"], |_| {});
            let (said_ok, message) = match &made {
                Ok(pod) => (true, format!("Created pod: {}", text(pod, "/metadata/name"))),
                Err(why) => (false, format!("Error creating: {}", why.message)),
            };
            let said = if said_ok { events::normal("SuccessfulCreate", &message) } else { events::warning("FailedCreate", &message) };
            events::record(cluster, key, &job, events::from("job-controller"), said);
            running += i64::from(said_ok);
        }
    }
    cluster.modify(key, |j| {
        default(j, "/status/startTime", now.as_str());
        for (field, n) in [("active", running), ("succeeded", succeeded), ("failed", failed)] {
            if n > 0 {
                set(j, &format!("/status/{field}"), n);
            } else {
                remove(j, &format!("/status/{field}"));
            }
        }
        set(j, "/status/ready", owned.iter().filter(|(_, p)| pods::ready(p)).count());
        set(j, "/status/terminating", 0);
        set(j, "/status/uncountedTerminatedPods", serde_json::json!({}));
    });
}
