//! Containers that end and are started again.

use super::{pods::Container, *};
use crate::experts::signals::{exits, probes};
use jiff::Timestamp;
use serde_json::json;

/// A last run younger than this still counts as trouble.
const LATELY: i64 = 3_600;
/// Between two runs a container looks healthy for a moment; a crash this fresh is not over.
const FRESH: i64 = 600;
/// A run shorter than this ended at start.
const AT_START: i64 = 30;

/// Every container of these pods that crashes (`state: looping`) or crashed lately and runs again (`state: recovered`).
pub fn crashes(pods: &Value, events: &Value, now: Timestamp) -> Value {
    let each = all(pods).iter().filter(|p| !pods::over(p)).flat_map(|pod| {
        let containers = pods::containers(pod);
        containers.iter().filter_map(|c| one(pod, c, events, now)).collect::<Vec<_>>()
    });
    Value::Array(each.collect())
}

fn one(pod: &Value, c: &Container<'_>, events: &Value, now: Timestamp) -> Option<Value> {
    let restarts = int(c.status, "restartCount");
    let waits = text(c.status, "state.waiting.reason") == "CrashLoopBackOff";
    let ended = at(c.status, "state.terminated");
    let before = at(c.status, "lastState.terminated");
    let always = ["", "Always"].contains(&text(pod, "spec.restartPolicy"));
    // Judged by what has ended as well as by what waits: between two runs nothing waits.
    let (last, looping) = if waits {
        (if before.is_null() { ended } else { before }, true)
    } else if !ended.is_null() {
        let bad = int(ended, "exitCode") != 0 || (always && !c.init);
        if !bad {
            return None;
        }
        (ended, true)
    } else if !before.is_null() && restarts > 0 {
        let ago = times::seconds(at(before, "finishedAt"), now);
        let bad = int(before, "exitCode") != 0 || always;
        let ready = yes(c.status, "ready");
        if !bad || c.init || (ready && !(0..LATELY).contains(&ago)) {
            return None;
        }
        (before, !ready && (ago < FRESH || restarts >= 3))
    } else {
        return None;
    };
    let exit = at(last, "exitCode").as_i64();
    let reason = text(last, "reason");
    let message = one_line(text(last, "message"));
    let ran = match (times::seconds(at(last, "startedAt"), now), times::seconds(at(last, "finishedAt"), now)) {
        (-1, _) | (_, -1) => -1,
        (started, finished) => (started - finished).max(0),
    };
    let ago = times::seconds(at(last, "finishedAt"), now);
    let born = [at(pod, "status.startTime"), at(pod, "metadata.creationTimestamp")].into_iter().find(|t| t.is_string()).unwrap_or(&NULL);
    let age = times::seconds(born, now);
    let liveness = events::newest(events, pod, "Pod", |e| {
        text(e, "reason") == "Unhealthy" && ["Liveness probe", "Startup probe"].iter().any(|p| text(e, "message").starts_with(p))
    });
    // A probe's kill ends with 137 or 143, or with what the program answers to SIGTERM; out of memory says so itself.
    let probe = !liveness.is_null() && reason != "OOMKilled" && matches!(exit, Some(137 | 143 | 0) | None);
    let limit = text(at(c.spec, "resources.limits"), "memory");
    let cause = if probe {
        let message = one_line(text(liveness, "message"));
        let which = if message.starts_with("Startup") { "startup" } else { "liveness" };
        format!("its {which} probe fails: {}", cut(&probes::said(message), 120))
    } else {
        exits::meaning(exit, reason, message, limit)
    };
    let at_start = if ran >= 0 { ran < AT_START } else { looping && age >= 0 && age / (restarts + 1) < 120 };
    let line = [
        Some(format!("pod {}", text(pod, "metadata.name"))),
        Some(match (exit, reason) {
            (Some(code), "OOMKilled") => format!("exit {code} (out of memory), {}", restarted(restarts, age)),
            (Some(code), _) => format!("exit {code}, {}", restarted(restarts, age)),
            (None, _) => restarted(restarts, age),
        }),
    ];
    Some(pods::view(
        pod,
        json!({
            "container": text(c.status, "name"), "init": c.init, "state": if looping { "looping" } else { "recovered" },
            "restarts": restarts, "exit": exit, "reason": reason, "message": cut(message, 200), "cause": cause,
            "oom": reason == "OOMKilled", "probe": probe, "at_start": at_start, "ago": ago, "limit": limit,
            "only": items(pod, "spec.containers").len() < 2 && !c.init,
            "own_words": !matches!((exit, reason), (Some(126..=128), _) | (_, "OOMKilled" | "StartError" | "ContainerCannotRun")) && !probe,
            "line": line.into_iter().flatten().collect::<Vec<_>>().join("  "),
        }),
    ))
}

fn restarted(restarts: i64, age: i64) -> String {
    let n = counted(restarts, "restart");
    if age < 0 { n } else { format!("{n} in {}", times::span(age)) }
}
