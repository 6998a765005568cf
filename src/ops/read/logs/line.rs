//! How `kubectl logs` stands on a line.

use super::{LogSource, Logs, seconds};
use crate::ops::{
    Argv, ContainerName, Misuse, Spec, Target,
    verb::{objects_on, refuse},
};
use std::num::NonZeroU32;

fn says(why: impl std::fmt::Display) -> Misuse {
    Misuse::Says(format!("kubectl logs: {why}"))
}

/// The object and the container that stand as plain words: `POD [CONTAINER]`, `KIND/NAME [CONTAINER]`.
fn named(argv: &Argv) -> Result<(Option<Target>, Option<String>), Misuse> {
    let mut places = argv.places.clone();
    let behind = if places.len() > 1 { Some(places.remove(1)) } else { None };
    // A bare word is a pod, never a kind.
    if let Some(first) = places.first_mut().filter(|p| !p.contains('/')) {
        *first = format!("pod/{first}");
    }
    let (mut targets, rest) = objects_on(&Argv { places, ..argv.clone() })?;
    match rest.first() {
        Some(extra) => Err(says(format!("{extra:?} was not expected"))),
        None => Ok((targets.pop(), behind)),
    }
}

/// A number above 0; kubectl's 0 is no bound.
fn above_zero(argv: &Argv, flag: &'static str) -> Result<Option<NonZeroU32>, Misuse> {
    Ok(argv.parsed::<u32>(flag)?.and_then(NonZeroU32::new))
}

pub(super) fn parse(argv: &Argv) -> Result<Logs, Misuse> {
    refuse(argv, &[("insecure-skip-tls-verify-backend", "a log whose node is not who it says is no evidence")])?;
    let (target, behind) = named(argv)?;
    let of = match (target, argv.get("selector")) {
        (Some(target), None) => LogSource::Object(target),
        (None, Some(selector)) => {
            LogSource::chosen(selector, argv.named_namespace()?).map_err(|e| Misuse::Says(format!("--selector: {e}")))?
        }
        (Some(_), Some(_)) => return Err(says("a name and a selector exclude each other")),
        (None, None) => return Err(says("of which pod? its name is missing")),
    };
    let container = match (argv.parsed::<ContainerName>("container")?, behind) {
        (Some(_), Some(extra)) => return Err(says(format!("{extra:?} was not expected"))),
        (Some(container), None) => Some(container),
        (None, Some(container)) => Some(ContainerName::new(container)?),
        (None, None) => None,
    };
    if let Some(since) = argv.get("since") {
        seconds(since).map_err(|e| Misuse::Says(format!("--since: {e}")))?;
    }
    if let Some(timeout) = argv.get("pod-running-timeout") {
        seconds(timeout).map_err(|e| Misuse::Says(format!("--pod-running-timeout: {e}")))?;
    }
    let since_time = argv.get("since-time").filter(|t| !t.is_empty()).map(str::parse).transpose();
    let logs = Logs {
        of,
        all_pods: argv.on("all-pods"),
        container,
        previous: argv.on("previous"),
        // kubectl takes -1 for all of it.
        tail: argv.parsed::<i64>("tail")?.and_then(|n| u32::try_from(n).ok()),
        since: argv.get("since").map(str::to_string),
        since_time: since_time
            .map_err(|_| Misuse::Says(format!("--since-time: {:?} is no time like 2026-01-31T08:00:00Z", argv.get("since-time"))))?,
        limit_bytes: above_zero(argv, "limit-bytes")?,
        max_log_requests: above_zero(argv, "max-log-requests")?,
        all_containers: argv.on("all-containers"),
        timestamps: argv.on("timestamps"),
        prefix: argv.parsed("prefix")?,
        follow: argv.on("follow"),
        pod_running_timeout: argv.get("pod-running-timeout").map(str::to_string),
    };
    logs.fits().map_err(says)?;
    Ok(logs)
}

pub(super) fn print(logs: &Logs) -> Argv {
    let mut argv = Argv::of(Logs::VERB);
    argv = match &logs.of {
        LogSource::Object(target) if logs.one_pod().is_some() => argv.place(target.name()),
        LogSource::Object(target) => argv.place(target.slashed()),
        LogSource::Chosen { selector, .. } => argv.flag("selector", selector),
    };
    if let Some(container) = &logs.container {
        argv = argv.flag("container", container);
    }
    argv = argv.switch("all-pods", logs.all_pods).switch("all-containers", logs.all_containers).switch("previous", logs.previous);
    if let Some(tail) = logs.tail {
        argv = argv.flag("tail", tail);
    }
    if let Some(since) = &logs.since {
        argv = argv.flag("since", since);
    }
    if let Some(time) = &logs.since_time {
        argv = argv.flag("since-time", time);
    }
    for (flag, value) in [("limit-bytes", logs.limit_bytes), ("max-log-requests", logs.max_log_requests)] {
        if let Some(value) = value {
            argv = argv.flag(flag, value);
        }
    }
    argv = argv.switch("timestamps", logs.timestamps).switch("follow", logs.follow);
    if let Some(timeout) = &logs.pod_running_timeout {
        argv = argv.flag("pod-running-timeout", timeout);
    }
    if let Some(prefix) = logs.prefix {
        argv = argv.flag("prefix", prefix);
    }
    argv.namespace(logs.of.namespace())
}
