//! When a change holds: conditions on one object, asked again until they are true, false for good, or time is up.
//!
//! Rollout rules: `kubectl/pkg/polymorphichelpers/rollout_status.go`.

use super::{Kind, Lookup, Target};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What has to hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wait {
    /// Nothing: the answer of the server is the end of it.
    Nothing,
    /// Every pod of the workload is of the newest template and available.
    RolledOut(Target),
    /// The objects are gone.
    Gone(Vec<Target>),
    /// The object is there and, if it is a workload, rolled out.
    There(Vec<Target>),
}

/// Where the condition stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WaitState {
    /// It holds: `3 of 3 available`.
    Holds(String),
    /// Not yet: `2 of 3 available`.
    NotYet(String),
    /// It will not hold: `ReplicaSet "x" has timed out progressing`.
    Never(String),
}

impl Wait {
    /// The objects to read.
    pub fn targets(&self) -> &[Target] {
        match self {
            Wait::Nothing => &[],
            Wait::RolledOut(target) => std::slice::from_ref(target),
            Wait::Gone(targets) | Wait::There(targets) => targets,
        }
    }

    /// Judges one object's present state. `uid` is that of the object the change was made to: after a deletion another object
    /// of the same name counts as gone.
    pub fn judge(&self, target: &Target, seen: &Lookup<Value>, uid: Option<&str>) -> WaitState {
        match (self, seen) {
            (Wait::Nothing, _) => WaitState::Holds(String::new()),
            (_, Lookup::NotChecked(why)) => WaitState::NotYet(format!("{} could not be read: {why}", target.slashed())),
            (Wait::Gone(_), Lookup::Missing) => WaitState::Holds(format!("{} is gone", target.slashed())),
            (Wait::Gone(_), Lookup::Known(object)) => {
                let now = object.pointer("/metadata/uid").and_then(Value::as_str);
                if uid.is_some() && now != uid {
                    return WaitState::Holds(format!("{} is gone; a new one has its name", target.slashed()));
                }
                let finalizers = object.pointer("/metadata/finalizers").and_then(Value::as_array).map_or(0, Vec::len);
                match finalizers {
                    0 => WaitState::NotYet("ending".into()),
                    n => WaitState::NotYet(format!("ending; {n} finalizer{} to go", if n == 1 { "" } else { "s" })),
                }
            }
            (Wait::RolledOut(_) | Wait::There(_), Lookup::Missing) => WaitState::Never(format!("{} is not there", target.slashed())),
            (Wait::RolledOut(_), Lookup::Known(object)) => rollout(target.kind(), object),
            (Wait::There(_), Lookup::Known(object)) if target.kind().rolls_out() => rollout(target.kind(), object),
            (Wait::There(_), Lookup::Known(_)) => WaitState::Holds(String::new()),
        }
    }
}

/// How far a workload's rollout is, by its kind's own rule. Kinds without one hold at once when their `spec.replicas` and
/// `status.replicas` agree.
pub fn rollout(kind: Kind, object: &Value) -> WaitState {
    let number = |path: &str| object.pointer(path).and_then(Value::as_u64);
    let desired = number("/spec/replicas").unwrap_or(1);
    if number("/status/observedGeneration").unwrap_or(0) < number("/metadata/generation").unwrap_or(0) {
        return WaitState::NotYet("the controller has not seen the change yet".into());
    }
    if object.pointer("/spec/updateStrategy/type").is_some_and(|how| how == "OnDelete") {
        return WaitState::Holds("its pods change only when they are deleted (OnDelete)".into());
    }
    if kind.is("daemonsets", "apps") {
        let wanted = number("/status/desiredNumberScheduled").unwrap_or(0);
        let updated = number("/status/updatedNumberScheduled").unwrap_or(0);
        let available = number("/status/numberAvailable").unwrap_or(0);
        return done(wanted, updated, available, 0);
    }
    if kind.is("statefulsets", "apps") {
        let partition = number("/spec/updateStrategy/rollingUpdate/partition").unwrap_or(0);
        let updated = number("/status/updatedReplicas").unwrap_or(0);
        let ready = number("/status/readyReplicas").unwrap_or(0);
        let settled = object.pointer("/status/updateRevision") == object.pointer("/status/currentRevision");
        let updated = if settled { desired } else { (updated + partition).min(desired) };
        let total = number("/status/replicas").unwrap_or(0);
        return done(desired, updated, ready, total.saturating_sub(desired));
    }
    if kind.is("deployments", "apps") {
        if let Some(stuck) = progress_failure(object) {
            return WaitState::Never(stuck);
        }
        if is_paused(object) {
            return WaitState::Holds("it is paused: its pods change when it is resumed".into());
        }
        let updated = number("/status/updatedReplicas").unwrap_or(0);
        let available = number("/status/availableReplicas").unwrap_or(0);
        let total = number("/status/replicas").unwrap_or(0);
        return done(desired, updated, available.min(updated), total.saturating_sub(updated));
    }
    let have = number("/status/readyReplicas").or_else(|| number("/status/replicas")).unwrap_or(0);
    done(desired, have, have, 0)
}

/// Whether a person has paused the workload: its template may change, its pods do not.
pub(super) fn is_paused(object: &Value) -> bool {
    object.pointer("/spec/paused").and_then(Value::as_bool).unwrap_or(false)
}

/// The controller's words if the rollout is past its deadline.
pub fn progress_failure(deployment: &Value) -> Option<String> {
    deployment.pointer("/status/conditions")?.as_array()?.iter().find_map(|c| {
        (c["type"] == "Progressing" && c["reason"] == "ProgressDeadlineExceeded")
            .then(|| c["message"].as_str().unwrap_or("the rollout is past its deadline").to_string())
    })
}

fn done(desired: u64, updated: u64, available: u64, old: u64) -> WaitState {
    let said = format!("{available} of {desired} available");
    if updated < desired {
        WaitState::NotYet(format!("{said}, {updated} of {desired} updated"))
    } else if old > 0 {
        WaitState::NotYet(format!("{said}, {old} old pod{} ending", if old == 1 { "" } else { "s" }))
    } else if available < desired {
        WaitState::NotYet(said)
    } else if updated > desired {
        // Scaled down: the controller has seen it, and the pods too many are still counted.
        let extra = updated - desired;
        WaitState::NotYet(format!("{desired} wanted, {extra} pod{} still to end", if extra == 1 { "" } else { "s" }))
    } else {
        WaitState::Holds(said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::Name;
    use serde_json::json;

    fn target(kind: &'static str) -> Target {
        Target::new(Kind::built_in(kind), Name::new("web").unwrap()).unwrap()
    }

    #[test]
    fn gone_is_judged_object_by_object() {
        let wait = Wait::Gone(vec![target("pods"), target("services")]);
        assert_eq!(wait.targets().len(), 2);
        let pod = &target("pods");
        assert!(matches!(wait.judge(pod, &Lookup::Missing, Some("u")), WaitState::Holds(_)));
        let there = |uid: &str| Lookup::Known(json!({"metadata": {"uid": uid, "finalizers": ["a"]}}));
        assert_eq!(wait.judge(pod, &there("u"), Some("u")), WaitState::NotYet("ending; 1 finalizer to go".into()));
        assert!(matches!(wait.judge(pod, &there("other"), Some("u")), WaitState::Holds(_)));
        assert!(matches!(wait.judge(pod, &Lookup::NotChecked("no".into()), None), WaitState::NotYet(_)));
    }

    #[test]
    fn what_will_not_move_by_itself_is_not_waited_for() {
        let on_delete = json!({"spec": {"replicas": 2, "updateStrategy": {"type": "OnDelete"}}});
        assert!(matches!(rollout(Kind::built_in("statefulsets"), &on_delete), WaitState::Holds(_)));
        let paused = json!({"spec": {"replicas": 2, "paused": true}});
        assert!(matches!(rollout(Kind::built_in("deployments"), &paused), WaitState::Holds(_)));
        let unseen = json!({"metadata": {"generation": 2}, "spec": {"paused": true}, "status": {"observedGeneration": 1}});
        assert!(matches!(rollout(Kind::built_in("deployments"), &unseen), WaitState::NotYet(_)));
    }

    #[test]
    fn scaled_down_holds_when_the_pods_too_many_are_gone() {
        let with = |n: u64| {
            json!({"metadata": {"generation": 2}, "spec": {"replicas": 2},
                "status": {"observedGeneration": 2, "replicas": n, "updatedReplicas": n, "availableReplicas": n}})
        };
        let kind = Kind::built_in("deployment");
        assert!(matches!(rollout(kind, &with(3)), WaitState::NotYet(_)));
        assert!(matches!(rollout(kind, &with(2)), WaitState::Holds(_)));
    }

    #[test]
    fn a_partition_counts_the_pods_it_holds_back_as_done() {
        let set = |updated: u32| {
            json!({"spec": {"replicas": 3, "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}},
                   "status": {"readyReplicas": 3, "updatedReplicas": updated, "currentRevision": "a", "updateRevision": "b"}})
        };
        assert!(matches!(rollout(Kind::built_in("statefulsets"), &set(1)), WaitState::Holds(_)));
        assert!(matches!(rollout(Kind::built_in("statefulsets"), &set(0)), WaitState::NotYet(_)));
    }
}
