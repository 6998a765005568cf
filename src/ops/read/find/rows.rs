//! One object, or one container of it, held against the conditions: yes, no, not known, or no question for it.

use super::{
    Compare, Condition, Fact, Field, Measure, Test,
    changed::Images,
    image::Parts,
    used::{Use, Users},
};
use crate::ops::{
    Kind,
    expression::{self, Budget},
    look::{controller, list, number, text, time},
    template,
};
use crate::terms::quantity::Quantity;
use jiff::Timestamp;
use serde_json::Value;
use std::{borrow::Cow, collections::BTreeMap};

/// What came of one condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Holds {
    /// So it is.
    Yes,
    /// It is not so.
    No,
    /// Nobody can tell, and why.
    Unknown(Cow<'static, str>),
    /// The question does not arise: a pod that ended is neither ready nor not ready.
    Apart,
}

impl Holds {
    /// Why nobody can tell, where nobody can.
    pub fn why(self) -> Option<Cow<'static, str>> {
        match self {
            Holds::Unknown(why) => Some(why),
            Holds::Yes | Holds::No | Holds::Apart => None,
        }
    }
}

impl From<bool> for Holds {
    fn from(yes: bool) -> Holds {
        if yes { Holds::Yes } else { Holds::No }
    }
}

/// What is known beside the objects.
pub(super) struct Beside {
    /// Of which kind they are.
    pub kind: Kind,
    /// What ages are counted from.
    pub now: Timestamp,
    /// Who uses them.
    pub users: Users,
    /// What they use, by namespace and name: billionths of a core, of a byte.
    pub figures: BTreeMap<(String, String), [i128; 2]>,
    /// Owners of owners: what a replica set or a job belongs to, by namespace, kind and name.
    pub owners: BTreeMap<(String, String, String), String>,
    /// When images were changed.
    pub images: Images,
    /// What expressions may still cost.
    pub budget: Budget,
}

/// What a row is about.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    /// The object.
    pub object: &'a Value,
    /// One of its containers, where the question is about containers.
    pub container: Option<&'a Value>,
}

/// Every row of an object: itself, or its containers.
pub(super) fn rows<'a>(kind: Kind, object: &'a Value, containers: bool, probes: bool) -> Vec<Row<'a>> {
    if !containers {
        return vec![Row { object, container: None }];
    }
    let Some(spec) = template::pod_spec(kind, object) else { return Vec::new() };
    let lists: &[&str] = &["/containers", "/initContainers"];
    let all = lists.iter().flat_map(|at| list(spec, at).iter().map(move |one| (*at, one)));
    // An init container that runs to its end takes no probes.
    let takes = |(at, one): &(&str, &Value)| !probes || *at == "/containers" || text(one, "/restartPolicy") == "Always";
    all.filter(takes).map(|(_, container)| Row { object, container: Some(container) }).collect()
}

impl Beside {
    fn key(object: &Value) -> (String, String) {
        (text(object, "/metadata/namespace").to_string(), text(object, "/metadata/name").to_string())
    }

    /// Whether a condition holds of a row.
    pub fn holds(&self, condition: &Condition, row: Row<'_>) -> Holds {
        let plain = match &condition.test {
            Test::Is(fact) => self.is(*fact, row),
            Test::Measures(measure, compare, amount) => self.measured(*measure, *compare, amount.value, row),
            Test::Reads(field, value) => self.reads(*field, value, row),
            Test::Meets(expression) => {
                let held = expression::held(expression, row.object, self.kind.is("secrets", ""), self.now, &self.budget);
                held.map_or_else(|why| Holds::Unknown(why.into()), Holds::from)
            }
        };
        match (plain, condition.not) {
            (Holds::Yes, true) => Holds::No,
            (Holds::No, true) => Holds::Yes,
            (other, _) => other,
        }
    }

    fn is(&self, fact: Fact, row: Row<'_>) -> Holds {
        let object = row.object;
        let nothing = Value::Null;
        let container = row.container.unwrap_or(&nothing);
        let has = |pointer: &str| container.pointer(pointer).is_some();
        let both = |of: &str| has(&format!("/resources/{of}/cpu")) && has(&format!("/resources/{of}/memory"));
        match fact {
            Fact::Limits => both("limits").into(),
            Fact::Requests => both("requests").into(),
            Fact::CpuLimit => has("/resources/limits/cpu").into(),
            Fact::MemoryLimit => has("/resources/limits/memory").into(),
            Fact::CpuRequest => has("/resources/requests/cpu").into(),
            Fact::MemoryRequest => has("/resources/requests/memory").into(),
            Fact::Liveness => has("/livenessProbe").into(),
            Fact::Readiness => has("/readinessProbe").into(),
            Fact::Startup => has("/startupProbe").into(),
            Fact::Privileged => (container.pointer("/securityContext/privileged") == Some(&Value::Bool(true))).into(),
            Fact::Root => (runs_as(self.kind, row) != RunsAs::SomebodyElse).into(),
            Fact::Writable => (container.pointer("/securityContext/readOnlyRootFilesystem") != Some(&Value::Bool(true))).into(),
            Fact::Latest => (Parts::of(text(container, "/image")).pulled() == Some("latest")).into(),
            Fact::Digest => Parts::of(text(container, "/image")).digest.is_some().into(),
            Fact::HostNetwork => {
                let spec = template::pod_spec(self.kind, object);
                (spec.is_some_and(|spec| spec["hostNetwork"] == true)).into()
            }
            Fact::Ready => ready(self.kind, object),
            Fact::Failed => ended(self.kind, object, "Failed"),
            Fact::Completed => ended(self.kind, object, if self.kind.is("pods", "") { "Succeeded" } else { "Complete" }),
            Fact::Suspended => (object["spec"]["suspend"] == true).into(),
            Fact::Used => match self.users.using(self.kind, object) {
                Use::By(_) => Holds::Yes,
                Use::Nothing => Holds::No,
                Use::Apart(_) => Holds::Apart,
            },
        }
    }

    /// How much of a measure there is, in billionths of a quantity, seconds or pieces.
    pub fn amount(&self, measure: Measure, row: Row<'_>) -> Option<i128> {
        let object = row.object;
        let quantity = |value: Option<&Value>| quantity(value?);
        let of_container = |at: &str| quantity(row.container?.pointer(at));
        match measure {
            Measure::Restarts => Some(i128::from(restarts(row))),
            Measure::Age => {
                let made = time(text(object, "/metadata/creationTimestamp"))?;
                Some(i128::from(self.now.as_second() - made.as_second()))
            }
            Measure::Replicas => Some(object.pointer("/spec/replicas").and_then(Value::as_i64).map_or(1, i128::from)),
            Measure::Cpus => quantity(object.pointer("/status/capacity/cpu")),
            Measure::Memory => quantity(object.pointer("/status/capacity/memory")),
            Measure::CpuUse => self.figures.get(&Self::key(object)).map(|figures| figures[0]),
            Measure::MemoryUse => self.figures.get(&Self::key(object)).map(|figures| figures[1]),
            Measure::ImageAge => Some(i128::from(self.now.as_second() - self.images.changed(object)?.as_second())),
            Measure::LimitOfCpu => of_container("/resources/limits/cpu"),
            Measure::LimitOfMemory => of_container("/resources/limits/memory"),
            Measure::RequestOfCpu => of_container("/resources/requests/cpu"),
            Measure::RequestOfMemory => of_container("/resources/requests/memory"),
        }
    }

    fn measured(&self, measure: Measure, compare: Compare, value: i128, row: Row<'_>) -> Holds {
        match self.amount(measure, row) {
            Some(there_is) => compare.holds(&there_is, &value).into(),
            // Where no limit is set, or an image was never changed, there is nothing to hold against a value.
            None if row.container.is_some() || measure == Measure::ImageAge => Holds::Apart,
            None => Holds::Unknown("there are no figures for them".into()),
        }
    }

    fn reads(&self, field: Field, value: &str, row: Row<'_>) -> Holds {
        let image = || Parts::of(row.container.map_or("", |one| text(one, "/image")));
        match field {
            Field::Image => image().is_meant(value).into(),
            Field::Registry => image().is_from(value).into(),
            Field::Tag => (image().pulled() == Some(value)).into(),
            Field::Node => (text(row.object, "/spec/nodeName") == value).into(),
            Field::Phase => text(row.object, "/status/phase").eq_ignore_ascii_case(value).into(),
            Field::Owner => self.belongs_to(row.object, value).into(),
        }
    }
}

impl Beside {
    /// Whether an object belongs to one of that kind: directly, or what it belongs to does.
    fn belongs_to(&self, object: &Value, kind: &str) -> bool {
        let Some(owner) = controller(object) else { return false };
        let direct = text(owner, "/kind");
        let key = (text(object, "/metadata/namespace").to_string(), direct.to_string(), text(owner, "/name").to_string());
        let above = self.owners.get(&key).and_then(|above| above.split(' ').next());
        [Some(direct), above].into_iter().flatten().any(|one| one.eq_ignore_ascii_case(kind))
    }
}

/// A quantity in billionths.
pub(super) fn quantity(value: &Value) -> Option<i128> {
    let written = value.as_str().map_or_else(|| value.as_number().map(ToString::to_string), |text| Some(text.to_string()))?;
    written.parse::<Quantity>().ok().map(Quantity::nanos)
}

/// As whom a container runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RunsAs {
    /// User 0, and it says so.
    Root,
    /// As its image says, which the cluster does not know.
    Whoever,
    /// Not as root.
    SomebodyElse,
}

/// As whom: the container's word goes before the pod's.
///
/// Source: `SecurityContext` and `PodSecurityContext` of the API reference (`runAsUser`, `runAsNonRoot`).
pub(super) fn runs_as(kind: Kind, row: Row<'_>) -> RunsAs {
    let pod = template::pod_spec(kind, row.object).map(|spec| &spec["securityContext"]);
    let own = row.container.map(|one| &one["securityContext"]);
    let said = |field: &str| own.and_then(|c| c.get(field)).or_else(|| pod.and_then(|c| c.get(field)));
    match (said("runAsUser").and_then(Value::as_i64), said("runAsNonRoot").and_then(Value::as_bool)) {
        (Some(0), _) => RunsAs::Root,
        (Some(_), _) | (None, Some(true)) => RunsAs::SomebodyElse,
        (None, Some(false) | None) => RunsAs::Whoever,
    }
}

/// How often a pod's containers, or one of them, were started anew.
pub(super) fn restarts(row: Row<'_>) -> u64 {
    let statuses = ["/status/containerStatuses", "/status/initContainerStatuses"].iter().flat_map(|at| list(row.object, at));
    let own = |status: &&Value| row.container.is_none_or(|one| one["name"] == status["name"]);
    statuses.filter(own).map(|status| number(status, "/restartCount")).sum()
}

/// The status of a condition, where there is one.
pub(super) fn condition<'a>(object: &'a Value, sort: &str) -> Option<&'a Value> {
    list(object, "/status/conditions").iter().find(|c| c["type"] == sort)
}

fn ready(kind: Kind, object: &Value) -> Holds {
    let is = |sort: &str| condition(object, sort).is_some_and(|c| c["status"] == "True");
    if kind.is("pods", "") {
        return if text(object, "/status/phase") == "Succeeded" { Holds::Apart } else { is("Ready").into() };
    }
    if kind.is("nodes", "") {
        return is("Ready").into();
    }
    let (there, wanted) = counts(kind, object);
    (there >= wanted).into()
}

/// How many pods of a workload are ready, and how many there should be.
pub(super) fn counts(kind: Kind, object: &Value) -> (u64, u64) {
    if kind.is("daemonsets", "apps") {
        return (number(object, "/status/numberReady"), number(object, "/status/desiredNumberScheduled"));
    }
    (number(object, "/status/readyReplicas"), object.pointer("/spec/replicas").and_then(Value::as_u64).unwrap_or(1))
}

fn ended(kind: Kind, object: &Value, how: &str) -> Holds {
    match kind.is("pods", "") {
        true => (text(object, "/status/phase") == how).into(),
        false => condition(object, how).is_some_and(|c| c["status"] == "True").into(),
    }
}
