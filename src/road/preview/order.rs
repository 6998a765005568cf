//! In which order pods are replaced or ended, and how long that may take.
//! Sources: the update strategies of <https://kubernetes.io/docs/concepts/workloads/controllers/>; which pods go first when there are
//! to be fewer: `ActivePodsWithRanks` in `pkg/controller/controller_utils.go`, the ordinals of a StatefulSet.

use super::super::vet::checks::{self, Rolling};
use crate::ops::{Action, Call, Kind};
use serde_json::Value;

/// What is said of the order, and of the time; each may be empty.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Course {
    pub(super) order: String,
    pub(super) time: String,
}

fn number(object: &Value, pointer: &str) -> Option<i64> {
    object.pointer(pointer).and_then(Value::as_i64)
}

fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// How many of the pods a new template reaches.
pub(super) fn reached(kind: Kind, after: &Value, pods: u64) -> u64 {
    if after.pointer("/spec/paused") == Some(&Value::Bool(true)) || text(after, "/spec/updateStrategy/type") == "OnDelete" {
        return 0;
    }
    match number(after, "/spec/updateStrategy/rollingUpdate/partition") {
        Some(from) if kind.is("statefulsets", "apps") => pods.saturating_sub(u64::try_from(from).unwrap_or(0)),
        Some(_) | None => pods,
    }
}

/// How pods are replaced by a new template.
pub(super) fn of_a_rollout(kind: Kind, before: &Value, after: &Value) -> Course {
    let order = if kind.is("daemonsets", "apps") {
        let rule = |field: &str| after.pointer(&format!("/spec/updateStrategy/rollingUpdate/{field}")).map(shown);
        match (rule("maxSurge").filter(|surge| surge != "0"), rule("maxUnavailable")) {
            (Some(surge), _) => format!("on {surge} at a time, the new one before the old one ends"),
            (None, Some(down)) => format!("on {down} at a time, the old one first"),
            (None, None) => "on 1 at a time, the old one first".to_string(),
        }
        .replacen("on 1 at", "on one node at", 1)
    } else if kind.is("statefulsets", "apps") {
        let at_once = after.pointer("/spec/updateStrategy/rollingUpdate/maxUnavailable").map(shown).filter(|n| n != "1");
        format!("{} at a time, the highest number first", at_once.unwrap_or_else(|| "one".into()))
    } else {
        match checks::rolling(kind, before, after) {
            Some(Rolling { surge, fewer }) => {
                let least = (number(after, "/spec/replicas").unwrap_or(1) - fewer).max(0);
                let more = if surge == 0 { "none before an old one ends".to_string() } else { format!("at most {surge} more at a time") };
                format!("{more}, and at least {least} stay{} ready", if least == 1 { "s" } else { "" })
            }
            None => "all of them end before a new one begins".to_string(),
        }
    };
    let deadline = number(after, "/spec/progressDeadlineSeconds").filter(|_| kind.is("deployments", "apps"));
    let gives_up = deadline.map(|seconds| format!("the rollout counts as failed after {} without progress", span(seconds)));
    let ends = ending(before.pointer("/spec/template/spec"));
    Course { order, time: ends.into_iter().chain(gives_up).collect::<Vec<_>>().join("; ") }
}

/// Which pods end, and how long each may take.
pub(super) fn of_an_end(call: &Call, before: &Value, fewer_only: bool) -> Course {
    let order = match fewer_only {
        true if call.is_about("statefulsets", "apps") => "the highest numbers end first",
        true if call.is_about("deployments", "apps") || call.is_about("replicasets", "apps") => {
            "those not ready end first, then the youngest"
        }
        true | false => "",
    };
    let spec = if call.is_about("pods", "") { before.pointer("/spec") } else { before.pointer("/spec/template/spec") };
    let time = match &call.action {
        Action::Delete { grace: Some(seconds), .. } | Action::Evict { grace: Some(seconds) } if call.is_about("pods", "") => {
            match seconds {
                0 => Some("it ends at once, and is not waited for".to_string()),
                n => Some(format!("each has {} to end", span(i64::from(*n)))),
            }
        }
        Action::Delete { .. }
        | Action::Evict { .. }
        | Action::Patch(..)
        | Action::Replace(_)
        | Action::Create(_)
        | Action::Get
        | Action::Talk
        | Action::Program(_)
        | Action::Carried(_)
        | Action::List => ending(spec),
    };
    Course { order: order.into(), time: time.unwrap_or_default() }
}

fn ending(spec: Option<&Value>) -> Option<String> {
    let seconds = number(spec?, "/terminationGracePeriodSeconds").unwrap_or(30);
    Some(format!("each has {} to end", span(seconds)))
}

/// `30 s`, `10 min`.
fn span(seconds: i64) -> String {
    if seconds >= 60 && seconds % 60 == 0 { format!("{} min", seconds / 60) } else { format!("{seconds} s") }
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(kind: &'static str, spec: Value) -> Course {
        let before = json!({"spec": {"replicas": 4, "template": {"spec": {}}}});
        let mut after = before.clone();
        json_patch::merge(&mut after, &json!({"spec": spec}));
        json_patch::merge(&mut after, &json!({"spec": {"template": {"metadata": {}}}}));
        of_a_rollout(Kind::built_in(kind), &before, &after)
    }

    #[test]
    fn every_strategy_has_its_order() {
        assert_eq!(of("deployments", json!({})).order, "at most 1 more at a time, and at least 3 stay ready");
        let slow = json!({"strategy": {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 3}}, "progressDeadlineSeconds": 600});
        let slow = of("deployments", slow);
        assert_eq!(slow.order, "none before an old one ends, and at least 1 stays ready");
        assert_eq!(slow.time, "each has 30 s to end; the rollout counts as failed after 10 min without progress");
        assert_eq!(of("deployments", json!({"strategy": {"type": "Recreate"}})).order, "all of them end before a new one begins");
        assert_eq!(of("statefulsets", json!({})).order, "one at a time, the highest number first");
        assert_eq!(
            of("daemonsets", json!({"updateStrategy": {"rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}}})).order,
            "on one node at a time, the old one first"
        );
        assert_eq!(
            of("daemonsets", json!({"updateStrategy": {"rollingUpdate": {"maxUnavailable": "10%"}}})).order,
            "on 10% at a time, the old one first"
        );
    }

    #[test]
    fn a_partition_and_a_pause_hold_pods_back() {
        let parted = json!({"spec": {"updateStrategy": {"rollingUpdate": {"partition": 3}}}});
        assert_eq!(reached(Kind::built_in("statefulsets"), &parted, 4), 1);
        assert_eq!(reached(Kind::built_in("deployments"), &json!({"spec": {"paused": true}}), 4), 0);
        assert_eq!(reached(Kind::built_in("deployments"), &json!({"spec": {}}), 4), 4);
    }
}
