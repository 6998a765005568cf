//! Jobs and CronJobs.

use super::{
    finding::{Finding, Severity, rules},
    told,
};
use crate::experts::signals::words::cut;
use crate::facts::snapshot::{
    Ref, Snapshot,
    meta::condition,
    workload::{CronJob, Job},
};

rules! {
    FAILED = "job-failed" Error 95 Workload "A Job failed: its back-off limit, its deadline or its failure policy ended it." reads ["Job.status.conditions", "Pod"] like "Job import failed: it reached its backoff limit (BackoffLimitExceeded) after 3 failed pods" same_as ["k8sgpt/Job"];
    RETRIES = "job-retrying" Warning 85 Workload "Pods of a Job fail, and it still tries." reads ["Job.status"] like "Job import: 4 of its pods failed, it is still retrying (backoff)";
    INDEXES = "job-indexes-failed" Warning 92 Workload "Some indexes of an Indexed Job failed for good." reads ["Job.status.failedIndexes"] like "Job import: its indexes 0,2 failed";
    SUSPENDED = "job-suspended" Info 95 Workload "A Job is suspended." reads ["Job.spec.suspend"] like "Job import is suspended";
    CRON_SUSPENDED = "cron-job-suspended" Warning 90 Workload "A CronJob is suspended: it starts no Job." reads ["CronJob.spec.suspend"] like "CronJob backup is suspended: no Job is started";
    CRON_BLOCKED = "cron-job-blocked" Warning 80 Workload "A CronJob that allows no two Jobs at a time waits for one that does not end." reads ["CronJob.spec.concurrencyPolicy", "CronJob.status.active", "Job"] like "CronJob backup is blocked by its active Job backup-1 (concurrencyPolicy Forbid)";
    CRON_MISSED = "cron-job-missed" Error 92 Workload "A CronJob missed its start times." reads ["events"] like "CronJob backup missed its start times: too many missed start times";
}

pub(super) fn find(s: &Snapshot, found: &mut Vec<Finding>) {
    for job in s.jobs.iter().filter(|j| !j.meta.going()) {
        found.extend(of_job(s, job));
    }
    for cron in &s.cron_jobs {
        found.extend(of_cron(s, cron));
    }
}

fn of_job(s: &Snapshot, job: &Job) -> Option<Finding> {
    let at = Ref::of("Job", &job.meta);
    let st = &job.status;
    if let Some(c) = condition(&st.conditions, "Failed").or_else(|| condition(&st.conditions, "FailureTarget")).filter(|c| c.holds()) {
        // A later Job of the same CronJob that went well makes this one history.
        let cron = job.meta.controller().filter(|o| &*o.kind == "CronJob").map(|o| Ref::new("CronJob", &job.meta.namespace, &o.name));
        let better = cron.is_some_and(|c| {
            s.jobs_of(&c)
                .any(|o| o.meta.created > job.meta.created && condition(&o.status.conditions, "Complete").is_some_and(|c| c.holds()))
        });
        let why = match &*c.reason {
            "BackoffLimitExceeded" => format!("it reached its backoff limit (BackoffLimitExceeded) after {} failed pods", st.failed),
            "DeadlineExceeded" => {
                format!("it ran longer than its deadline of {} s (DeadlineExceeded)", job.spec.deadline.unwrap_or_default())
            }
            reason => format!("{reason}: {}", cut(&c.message, 140)),
        };
        let pods: Vec<Ref> = s.pods_of(&at).filter(|p| &*p.status.phase != "Succeeded").map(told::pod).collect();
        let hook = job.meta.annotation("helm.sh/hook").map(|h| format!("it is a Helm hook ({h})")).unwrap_or_default();
        let line = s
            .pods_of(&at)
            .flat_map(|p| {
                p.status
                    .containers
                    .iter()
                    .filter_map(|c| super::crashes::words(s, p, &c.name, c.state.ended.as_ref().or(c.last.ended.as_ref())))
                    .collect::<Vec<_>>()
            })
            .next();
        let said = line.as_ref().map_or_else(String::new, |(w, _)| format!(": {}", w.cause));
        let severity = if better { Severity::Info } else { Severity::Error };
        return Some(
            Finding::new(&FAILED, at.clone(), format!("failed: {why}{said}"))
                .severity(severity)
                .saw(format!("status.conditions {}", c.quoted()))
                .saw_all(line.map(|(_, q)| q))
                .saw(hook)
                .by_hand(format!("kubectl logs job/{}{}", job.meta.name, told::flag(&job.meta.namespace)))
                .since(c.since.0)
                .after(pods.clone())
                .explains(pods),
        );
    }
    let over = ["Complete", "SuccessCriteriaMet"].iter().any(|k| condition(&st.conditions, k).is_some_and(|c| c.holds()));
    if over || st.completed.0.is_some() {
        return None;
    }
    if !st.failed_indexes.is_empty() {
        return Some(
            Finding::new(
                &INDEXES,
                at.clone(),
                format!(
                    ": its indexes {} failed for good ({} failed pods, backoff limit per index reached), the job goes on",
                    st.failed_indexes, st.failed
                ),
            )
            .saw(format!("status.failedIndexes {}", st.failed_indexes))
            .by_hand(told::describe(&at)),
        );
    }
    if job.spec.suspended {
        return Some(Finding::new(&SUSPENDED, at.clone(), "is suspended").saw("spec.suspend true").by_hand(told::describe(&at)));
    }
    if st.failed > 0 {
        let pods: Vec<Ref> = s.pods_of(&at).map(told::pod).collect();
        return Some(
            Finding::new(
                &RETRIES,
                at.clone(),
                format!(
                    ": {} of its pods failed, and it is still retrying (backoffLimit {})",
                    st.failed,
                    job.spec.backoff_limit.unwrap_or(6)
                ),
            )
            .saw(format!("status.failed {}, active {}", st.failed, st.active))
            .by_hand(told::describe(&at))
            .after(pods),
        );
    }
    None
}

fn of_cron(s: &Snapshot, cron: &CronJob) -> Option<Finding> {
    let at = Ref::of("CronJob", &cron.meta);
    let flag = told::flag(&cron.meta.namespace);
    if cron.spec.suspended {
        let last = told::ago(cron.status.last, &s.clock).map(|a| format!("its last run was {a}")).unwrap_or_default();
        return Some(
            Finding::new(&CRON_SUSPENDED, at.clone(), format!("is suspended: its schedule {} starts no Job", cron.spec.schedule))
                .saw("spec.suspend true")
                .saw(last)
                .by_hand(told::describe(&at))
                .fix(super::fix::on(&["patch"], &at, &["-p", r#"{"spec":{"suspend":false}}"#])),
        );
    }
    if let Some(e) = s.event("CronJob", &cron.meta, &["TooManyMissedTimes", "FailedNeedsStart", "MissSchedule"]) {
        return Some(
            Finding::new(&CRON_MISSED, at.clone(), format!("missed its start times: {}", cut(&e.message, 160)))
                .saw(told::event(e, &s.clock))
                .by_hand(told::describe(&at)),
        );
    }
    if &*cron.spec.policy == "Forbid" && !cron.status.active.is_empty() {
        let e = s.event("CronJob", &cron.meta, &["JobAlreadyActive"])?;
        let active: Vec<Ref> = cron.status.active.iter().map(|a| Ref::new("Job", &cron.meta.namespace, &a.name)).collect();
        return Some(
            Finding::new(
                &CRON_BLOCKED,
                at.clone(),
                format!("is blocked by its active Job {} (concurrencyPolicy Forbid)", told::names(active.iter().map(|a| &*a.name), 2)),
            )
            .saw(told::event(e, &s.clock))
            .by_hand(format!("kubectl get jobs{flag}"))
            .after(active),
        );
    }
    None
}
