//! When a change holds: conditions on one object, asked again until they are true, false for good, or time is up.
//!
//! Rollout rules: `kubectl/pkg/polymorphichelpers/rollout_status.go`.

use super::{Kind, Lookup, Target};
use crate::terms::jsonpath::Template;
use schemars::JsonSchema;
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
    /// A container of a pod runs, or has run.
    Started(Target, String),
    /// All of these hold of each object.
    Until(Vec<Target>, Vec<Until>),
}

/// What somebody waits for, as `kubectl wait --for` has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub enum Until {
    /// The object is there.
    Create,
    /// The object that is there now is gone.
    Delete,
    /// A condition in its status has a value; neither minds capitals.
    Condition(String, String),
    /// A field, by its path, has a value; `None` is any.
    Field(String, Option<String>),
}

impl Until {
    /// In words.
    pub fn said(&self) -> String {
        match self {
            Until::Create => "there".into(),
            Until::Delete => "gone".into(),
            Until::Condition(name, value) if value == TRUE => name.clone(),
            Until::Condition(name, value) => format!("{name} is {value}"),
            Until::Field(path, Some(value)) => format!("{path} is {value}"),
            Until::Field(path, None) => format!("{path} is there"),
        }
    }

    fn judge(&self, target: &Target, seen: Option<&Value>, uid: Option<&str>) -> WaitState {
        match (self, seen) {
            (Until::Create, None) => WaitState::NotYet(format!("{} is not there yet", target.slashed())),
            (Until::Create, Some(_)) => WaitState::Holds(String::new()),
            (Until::Delete, seen) => gone(target, seen, uid),
            (Until::Condition(..) | Until::Field(..), None) => WaitState::Never(format!("{} is not there", target.slashed())),
            (Until::Condition(name, value), Some(object)) => condition(target, object, name, value),
            (Until::Field(path, value), Some(object)) => field(target, object, path, value.as_deref()),
        }
    }
}

/// The value a condition is waited for where none is said.
const TRUE: &str = "true";

impl std::str::FromStr for Until {
    type Err = &'static str;
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let (what, rest) = word.split_once('=').map_or((word, None), |(what, rest)| (what, Some(rest)));
        match (what.to_ascii_lowercase().as_str(), rest) {
            ("create", None) => Ok(Until::Create),
            ("delete", None) => Ok(Until::Delete),
            ("condition", Some(rest)) => {
                let (name, value) = rest.split_once('=').unwrap_or((rest, TRUE));
                if name.is_empty() || value.is_empty() {
                    return Err("condition=NAME or condition=NAME=VALUE");
                }
                Ok(Until::Condition(name.into(), value.into()))
            }
            ("jsonpath", Some(rest)) => {
                // The value begins behind the brace that closes the path; a path without braces has no `=` in it.
                let (path, value) = match (rest.split_once("}="), rest.contains('{')) {
                    (Some((path, value)), _) => (format!("{path}}}"), Some(value)),
                    (None, true) => (rest.to_string(), None),
                    (None, false) => rest.split_once('=').map_or((rest.into(), None), |(path, value)| (path.into(), Some(value))),
                };
                let value = value.map(|text| text.trim_matches(['\'', '"']).to_string());
                if path.is_empty() || Template::relaxed(&path).is_err() || value.as_deref() == Some("") {
                    return Err("jsonpath={.PATH} or jsonpath={.PATH}=VALUE");
                }
                Ok(Until::Field(path, value))
            }
            (_, _) => Err("create, delete, condition=NAME, condition=NAME=VALUE or jsonpath={.PATH}=VALUE"),
        }
    }
}

impl std::fmt::Display for Until {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Until::Create => f.write_str("create"),
            Until::Delete => f.write_str("delete"),
            Until::Condition(name, value) if value == TRUE => write!(f, "condition={name}"),
            Until::Condition(name, value) => write!(f, "condition={name}={value}"),
            Until::Field(path, None) => write!(f, "jsonpath={path}"),
            Until::Field(path, Some(value)) => write!(f, "jsonpath={path}={value}"),
        }
    }
}

impl TryFrom<String> for Until {
    type Error = &'static str;
    fn try_from(word: String) -> Result<Self, Self::Error> {
        word.parse()
    }
}

impl From<Until> for String {
    fn from(until: Until) -> String {
        until.to_string()
    }
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
            Wait::RolledOut(target) | Wait::Started(target, _) => std::slice::from_ref(target),
            Wait::Gone(targets) | Wait::There(targets) | Wait::Until(targets, _) => targets,
        }
    }

    /// Judges one object's present state. `uid` is that of the object the change was made to: after a deletion another object
    /// of the same name counts as gone.
    pub fn judge(&self, target: &Target, seen: &Lookup<Value>, uid: Option<&str>) -> WaitState {
        match (self, seen) {
            (Wait::Nothing, _) => WaitState::Holds(String::new()),
            (_, Lookup::NotChecked(why)) => WaitState::NotYet(format!("{} could not be read: {why}", target.slashed())),
            (Wait::Gone(_), seen) => gone(target, seen.known(), uid),
            (Wait::Until(_, untils), seen) => {
                let mut said = Vec::new();
                for until in untils {
                    match until.judge(target, seen.known(), uid) {
                        WaitState::Holds(word) => said.push(word),
                        other => return other,
                    }
                }
                said.retain(|word| !word.is_empty());
                WaitState::Holds(said.join(", "))
            }
            (Wait::Started(_, container), Lookup::Known(pod)) => started(pod, container),
            (Wait::RolledOut(_) | Wait::There(_) | Wait::Started(..), Lookup::Missing) => {
                WaitState::Never(format!("{} is not there", target.slashed()))
            }
            (Wait::RolledOut(_), Lookup::Known(object)) => rollout(target.kind(), object),
            (Wait::There(_), Lookup::Known(object)) if target.kind().rolls_out() => rollout(target.kind(), object),
            (Wait::There(_), Lookup::Known(_)) => WaitState::Holds(String::new()),
        }
    }
}

/// Source: `DebugOptions.waitForContainer` in `kubectl/pkg/cmd/debug/debug.go`.
fn started(pod: &Value, container: &str) -> WaitState {
    let lists = ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"];
    let mut all = lists.into_iter().flat_map(|list| pod["status"][list].as_array().into_iter().flatten());
    let state = all.find(|status| status["name"] == container).map(|status| &status["state"]);
    match state {
        Some(state) if !state["running"].is_null() || !state["terminated"].is_null() => WaitState::Holds(String::new()),
        Some(state) => {
            let text = |field: &str| state["waiting"][field].as_str().unwrap_or_default();
            let why = [text("reason"), text("message")].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(": ");
            WaitState::NotYet(format!("container {container} waits: {why}"))
        }
        None if matches!(pod["status"]["phase"].as_str(), Some("Succeeded" | "Failed")) => {
            WaitState::Never(format!("the pod has ended before container {container} ran"))
        }
        None => WaitState::NotYet(format!("container {container} is not there yet")),
    }
}

fn gone(target: &Target, seen: Option<&Value>, uid: Option<&str>) -> WaitState {
    let Some(object) = seen else { return WaitState::Holds(format!("{} is gone", target.slashed())) };
    let now = object.pointer("/metadata/uid").and_then(Value::as_str);
    if uid.is_some() && now != uid {
        return WaitState::Holds(format!("{} is gone; a new one has its name", target.slashed()));
    }
    if object.pointer("/metadata/deletionTimestamp").is_none_or(Value::is_null) {
        return WaitState::NotYet(format!("{} is there", target.slashed()));
    }
    let finalizers = object.pointer("/metadata/finalizers").and_then(Value::as_array).map_or(0, Vec::len);
    match finalizers {
        0 => WaitState::NotYet("ending".into()),
        n => WaitState::NotYet(format!("ending; {n} finalizer{} to go", if n == 1 { "" } else { "s" })),
    }
}

/// Source: `ConditionalWait.checkCondition` in `kubectl/pkg/cmd/wait/condition.go`: the first condition of that name counts, and not
/// while it was written for an older generation of the object.
fn condition(target: &Target, object: &Value, name: &str, value: &str) -> WaitState {
    let text = |condition: &Value, field: &str| condition[field].as_str().unwrap_or_default().to_string();
    let conditions = object.pointer("/status/conditions").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let Some(condition) = conditions.iter().find(|c| text(c, "type").to_lowercase() == name.to_lowercase()) else {
        return WaitState::NotYet(format!("{} has no condition {name} yet", target.slashed()));
    };
    let seen = condition.get("observedGeneration").or_else(|| object.pointer("/status/observedGeneration")).and_then(Value::as_i64);
    let now = object.pointer("/metadata/generation").and_then(Value::as_i64);
    if let (Some(seen), Some(now)) = (seen, now)
        && seen < now
    {
        return WaitState::NotYet(format!("{}: the controller has not seen the change yet", target.slashed()));
    }
    let status = text(condition, "status");
    if status.to_lowercase() == value.to_lowercase() {
        return WaitState::Holds(format!("{}: {name} is {status}", target.slashed()));
    }
    let why = [text(condition, "reason"), text(condition, "message")].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(": ");
    let why = if why.is_empty() { why } else { format!(" ({why})") };
    WaitState::NotYet(format!("{}: {name} is {status}{why}", target.slashed()))
}

/// Source: `JSONPathWait.checkCondition` in `kubectl/pkg/cmd/wait/json.go`: one value that is neither a list nor a map, as it is printed.
fn field(target: &Target, object: &Value, path: &str, value: Option<&str>) -> WaitState {
    let of = target.slashed();
    let found = match Template::relaxed(path).and_then(|path| path.results(object)) {
        Ok(lists) => lists,
        // A field that is not there yet may come.
        Err(_) => return WaitState::NotYet(format!("{of} has no {path} yet")),
    };
    let all: Vec<&Value> = found.iter().flatten().collect();
    match (all.as_slice(), value) {
        ([], _) => WaitState::NotYet(format!("{of} has no {path} yet")),
        (_, None) => WaitState::Holds(format!("{of}: {path} is there")),
        ([Value::Array(_) | Value::Object(_)], _) => WaitState::Never(format!("{path} of {of} is a list or a map, and no value")),
        ([one], Some(value)) => {
            let said = one.as_str().map_or_else(|| one.to_string(), str::to_string);
            match said == value.trim() {
                true => WaitState::Holds(format!("{of}: {path} is {said}")),
                false => WaitState::NotYet(format!("{of}: {path} is {said}")),
            }
        }
        (_, Some(_)) => WaitState::Never(format!("{path} of {of} names several values")),
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
        let there =
            |uid: &str| Lookup::Known(json!({"metadata": {"uid": uid, "finalizers": ["a"], "deletionTimestamp": "2026-01-01T00:00:00Z"}}));
        assert_eq!(wait.judge(pod, &there("u"), Some("u")), WaitState::NotYet("ending; 1 finalizer to go".into()));
        assert!(matches!(wait.judge(pod, &there("other"), Some("u")), WaitState::Holds(_)));
        assert!(matches!(wait.judge(pod, &Lookup::NotChecked("no".into()), None), WaitState::NotYet(_)));
    }

    #[test]
    fn a_field_counts_once_it_has_the_value() {
        let pod = &target("pods");
        let seen = Lookup::Known(json!({"status": {"phase": "Running", "list": [1, 2], "n": 3}}));
        let judged = |word: &str| Wait::Until(vec![pod.clone()], vec![word.parse().unwrap()]).judge(pod, &seen, None);
        for word in
            ["jsonpath={.status.phase}=Running", "jsonpath={.status.phase}='Running'", "jsonpath=.status.n=3", "jsonpath={.status.phase}"]
        {
            assert!(matches!(judged(word), WaitState::Holds(_)), "{word}");
        }
        for word in ["jsonpath={.status.phase}=Pending", "jsonpath={.status.none}=x", "jsonpath={.status.none}"] {
            assert!(matches!(judged(word), WaitState::NotYet(_)), "{word}");
        }
        for word in ["jsonpath={.status}=x", "jsonpath={.status.list[*]}=1"] {
            assert!(matches!(judged(word), WaitState::Never(_)), "{word}");
        }
        for word in ["jsonpath=", "jsonpath={.a}=", "jsonpath={.a"] {
            assert!(word.parse::<Until>().is_err(), "{word}");
        }
        let printed = "jsonpath={.status.phase}='Running'".parse::<Until>().unwrap().to_string();
        assert_eq!(printed, "jsonpath={.status.phase}=Running");
    }

    #[test]
    fn a_condition_counts_once_the_controller_has_seen_the_object() {
        let until = |word: &str| Wait::Until(vec![target("deployments")], vec![word.parse().unwrap()]);
        let object = |status: &str, seen: u32| {
            Lookup::Known(json!({"metadata": {"generation": 2}, "status": {"observedGeneration": seen,
                "conditions": [{"type": "Available", "status": status, "reason": "Because"}]}}))
        };
        let target = &target("deployments");
        assert!(matches!(until("condition=available").judge(target, &object("True", 2), None), WaitState::Holds(_)));
        assert!(matches!(until("condition=Available").judge(target, &object("True", 1), None), WaitState::NotYet(_)));
        let WaitState::NotYet(said) = until("condition=Available").judge(target, &object("False", 2), None) else { panic!() };
        assert!(said.contains("is False (Because)"), "{said}");
        assert!(matches!(until("condition=Available=false").judge(target, &object("False", 2), None), WaitState::Holds(_)));
        assert!(matches!(until("condition=Other").judge(target, &object("False", 2), None), WaitState::NotYet(_)));
        assert!(matches!(until("condition=Other").judge(target, &Lookup::Missing, None), WaitState::Never(_)));
        assert!(matches!(until("create").judge(target, &Lookup::Missing, None), WaitState::NotYet(_)));
        assert!(matches!(until("delete").judge(target, &Lookup::Missing, None), WaitState::Holds(_)));
        assert!(matches!(until("delete").judge(target, &object("True", 1), None), WaitState::NotYet(_)));
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
