//! CronJob: Jobs at their times. Source: `pkg/controller/cronjob/cronjob_controllerv2.go`.
use super::{conditions, events, schedule::Schedule};
use crate::simulator::{
    admit::{DeleteOptions, Propagation},
    agenda::Controller,
    cluster::Cluster,
    json::{list, list_mut, number, remove, set, stamp, text, time, yes},
    store::{Key, Tree},
};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

/// More missed times than this, and the controller says so instead of counting on.
const MANY: usize = 100;

pub(super) fn look(cluster: &mut Cluster, key: &Key) {
    let Some(cron) = cluster.get(key) else { return };
    if cron.pointer("/metadata/deletionTimestamp").is_some() {
        return;
    }
    let jobs = jobs(cluster, &cron);
    clean_up(cluster, key, &cron, &jobs);
    account(cluster, key, &cron, &jobs);
    let zone = match text(&cron, "/spec/timeZone") {
        "" => TimeZone::UTC,
        name => match TimeZone::get(name) {
            Ok(zone) => zone,
            Err(_) => {
                say(
                    cluster,
                    key,
                    &cron,
                    events::warning("UnknownTimeZone", &format!("invalid timeZone: {name:?}: unknown time zone {name}")),
                );
                return;
            }
        },
    };
    let Ok(schedule) = Schedule::read(text(&cron, "/spec/schedule"), zone.clone()) else { return };
    if !yes(&cron, "/spec/suspend") {
        start(cluster, key, &schedule, &zone);
    }
    if let Some(next) = schedule.next(cluster.now) {
        cluster.agenda.push_at(next, Controller::CronJob, key.clone());
    }
}

fn say(cluster: &mut Cluster, key: &Key, cron: &Value, said: events::Said) {
    events::record(cluster, key, cron, events::from("cronjob-controller"), said);
}

fn jobs(cluster: &Cluster, cron: &Value) -> Vec<(Key, Tree)> {
    let mut keys = cluster.store.owned_by(text(cron, "/metadata/uid"));
    keys.retain(|k| k.kind == cluster.kinds.job);
    keys.sort();
    keys.into_iter().filter_map(|k| Some((k.clone(), cluster.get(&k)?))).collect()
}

fn ended(job: &Value) -> Option<&'static str> {
    ["Complete", "Failed"].into_iter().find(|kind| conditions::is_true(job, kind))
}

/// Keeps as many finished Jobs as the history may hold.
fn clean_up(cluster: &mut Cluster, key: &Key, cron: &Value, jobs: &[(Key, Tree)]) {
    for (kind, field, usual) in [("Complete", "successfulJobsHistoryLimit", 3), ("Failed", "failedJobsHistoryLimit", 1)] {
        let of_kind: Vec<&(Key, Tree)> = jobs.iter().filter(|(_, j)| ended(j) == Some(kind)).collect();
        let limit = usize::try_from(number(cron, &format!("/spec/{field}"), usual)).unwrap_or_default();
        let surplus = of_kind.len().saturating_sub(limit);
        // Their names end with their time, so that they come in its order.
        for (job, _) in of_kind.into_iter().take(surplus) {
            delete(cluster, key, cron, job);
        }
    }
}

fn delete(cluster: &mut Cluster, key: &Key, cron: &Value, job: &Key) {
    let options = DeleteOptions { propagation: Some(Propagation::Background), ..DeleteOptions::default() };
    if cluster.delete(job, &options).is_ok() {
        say(cluster, key, cron, events::normal("SuccessfulDelete", &format!("Deleted job {}", job.name)));
    }
}

/// Takes Jobs that have ended off the list of active ones.
fn account(cluster: &mut Cluster, key: &Key, cron: &Value, jobs: &[(Key, Tree)]) {
    for active in list(cron, "/status/active") {
        let uid = text(active, "/uid").to_owned();
        let job = jobs.iter().find(|(_, j)| text(j, "/metadata/uid") == uid);
        let condition = job.and_then(|(_, j)| ended(j));
        match (job, condition) {
            (Some((job, object)), Some(condition)) => {
                let message = format!("Saw completed job: {}, condition: {condition}", job.name);
                say(cluster, key, cron, events::normal("SawCompletedJob", &message));
                let completed = text(object, "/status/completionTime").to_owned();
                if condition == "Complete" {
                    cluster.modify(key, |c| set(c, "/status/lastSuccessfulTime", completed));
                }
            }
            (Some(_), None) => continue,
            (None, _) => {
                say(cluster, key, cron, events::normal("MissingJob", &format!("Active job went missing: {}", text(active, "/name"))))
            }
        }
        cluster.modify(key, |c| {
            list_mut(c, "/status/active").retain(|a| a["uid"] != uid.as_str());
            if list(c, "/status/active").is_empty() {
                remove(c, "/status/active");
            }
        });
    }
}

/// Starts the Job whose time has come, if one has.
fn start(cluster: &mut Cluster, key: &Key, schedule: &Schedule, zone: &TimeZone) {
    let Some(cron) = cluster.get(key) else { return };
    let deadline = cron.pointer("/spec/startingDeadlineSeconds").and_then(Value::as_i64);
    let since = time(&cron, "/status/lastScheduleTime").or_else(|| time(&cron, "/metadata/creationTimestamp")).unwrap_or(cluster.now);
    let earliest = deadline.and_then(|d| Timestamp::from_second(cluster.now.as_second() - d).ok());
    let from = earliest.map_or(since, |earliest| since.max(earliest));
    let (mut due, mut missed) = (None, 0);
    let mut next = schedule.next(from);
    while let Some(at) = next.filter(|at| *at <= cluster.now) {
        (due, missed) = (Some(at), missed + 1);
        next = schedule.next(at);
    }
    let Some(due) = due else { return };
    if missed > MANY {
        let message = "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew";
        say(cluster, key, &cron, events::warning("TooManyMissedTimes", message));
    }
    let active = list(&cron, "/status/active");
    match text(&cron, "/spec/concurrencyPolicy") {
        "Forbid" if !active.is_empty() => {
            let message = "Not starting job because prior execution is running and concurrency policy is Forbid";
            say(cluster, key, &cron, events::normal("JobAlreadyActive", message));
            return;
        }
        "Replace" => {
            for job in active {
                delete(cluster, key, &cron, &Key::new(cluster.kinds.job, &key.namespace, text(job, "/name")));
            }
            cluster.modify(key, |c| drop(remove(c, "/status/active")));
        }
        _ => {}
    }
    let name = format!("{}-{}", key.name, due.as_second() / 60);
    match cluster.create(cluster.kinds.job, &key.namespace, job(cluster, key, &cron, &name, due, zone), false) {
        Ok(job) => {
            say(cluster, key, &cron, events::normal("SuccessfulCreate", &format!("Created job {name}")));
            let reference = json!({
                "apiVersion": "batch/v1", "kind": "Job", "name": name, "namespace": *key.namespace, "uid": job["metadata"]["uid"],
                "resourceVersion": job["metadata"]["resourceVersion"],
            });
            cluster.modify(key, |c| {
                list_mut(c, "/status/active").push(reference);
                set(c, "/status/lastScheduleTime", stamp(due));
            });
        }
        // It was made at an earlier look.
        Err(why) if why.reason == "AlreadyExists" => {}
        Err(why) => say(cluster, key, &cron, events::warning("FailedCreate", &format!("Error creating job: {}", why.message))),
    }
}

fn job(cluster: &Cluster, key: &Key, cron: &Value, name: &str, due: Timestamp, zone: &TimeZone) -> Value {
    let mut job = json!({"metadata": {"name": name}, "spec": cron["spec"]["jobTemplate"]["spec"]});
    for field in ["labels", "annotations"] {
        if let Some(given) = cron.pointer(&format!("/spec/jobTemplate/metadata/{field}")) {
            job["metadata"][field] = given.clone();
        }
    }
    let at = if text(cron, "/spec/timeZone").is_empty() {
        stamp(due)
    } else {
        due.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    };
    job["metadata"]["annotations"]["batch.kubernetes.io/cronjob-scheduled-timestamp"] = at.into();
    job["metadata"]["ownerReferences"] = json!([cluster.owner(key, text(cron, "/metadata/uid"))]);
    job
}
