//! `kubectl scale`: how many replicas.
//!
//! So many more or so many times as many is our own; once it is known how many there are it becomes a number, and only that is asked for.

use crate::ops::{
    Argv, Call, CannotDo, Flag, Images, Impact, Kind, Lookup, Misuse, Namespace, Op, PatchKind, Spec, Target, Verb, Wait, Way, look,
    verb::workload_place,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Sets the number of replicas of a workload, or of anything that has a `scale` subresource, through it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Loose", into = "Loose")]
#[schemars(with = "Loose")]
pub struct Scale {
    /// The workload.
    pub target: Target,
    /// How many.
    pub amount: Amount,
    /// Only if it has that many now.
    pub current_replicas: Option<u32>,
    /// Only if the object is at that version.
    pub resource_version: Option<String>,
}

/// How many replicas.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Amount {
    /// So many.
    To(u32),
    /// So many more, or fewer.
    By(i32),
    /// So many times as many; never below zero.
    Times(f64),
}

/// The same, before it is known that exactly one amount is given.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Loose {
    /// the workload
    #[serde(flatten)]
    target: Target,
    /// how many pods it shall have; this or `by` or `times`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32")]
    replicas: Option<u32>,
    /// so many more than now (below zero: fewer), instead of `replicas`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "i32")]
    by: Option<i32>,
    /// so many times as many as now (2 doubles, 0.5 halves), instead of `replicas`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "f64")]
    times: Option<f64>,
    /// only if it has that many now
    #[serde(default, skip_serializing_if = "Option::is_none")]
    current_replicas: Option<u32>,
    /// only if the object is at that version
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resource_version: Option<String>,
}

impl Amount {
    fn of(replicas: Option<u32>, by: Option<i32>, times: Option<f64>) -> Result<Amount, &'static str> {
        match (replicas, by, times) {
            (Some(n), None, None) => Ok(Amount::To(n)),
            (None, Some(n), None) => Ok(Amount::By(n)),
            (None, None, Some(f)) if f.is_finite() && f >= 0.0 => Ok(Amount::Times(f)),
            (None, None, Some(_)) => Err("times is a number that is not below zero"),
            (None, None, None) => Err("how many? replicas is missing"),
            (_, _, _) => Err("replicas, by and times exclude each other"),
        }
    }

    /// The number itself, from how many there are.
    fn from(self, now: u32) -> Option<u32> {
        match self {
            Amount::To(n) => Some(n),
            Amount::By(n) => now.checked_add_signed(n),
            Amount::Times(factor) => {
                let then = f64::from(now) * factor;
                // A factor is written in decimals: half of 7 is no number of pods, and is not rounded to one.
                let whole = (then - then.round()).abs() < 1e-9 && then.round() <= f64::from(u32::MAX);
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                whole.then(|| then.round() as u32)
            }
        }
    }
}

impl TryFrom<Loose> for Scale {
    type Error = &'static str;
    fn try_from(loose: Loose) -> Result<Self, Self::Error> {
        let amount = Amount::of(loose.replicas, loose.by, loose.times)?;
        Ok(Scale { target: loose.target, amount, current_replicas: loose.current_replicas, resource_version: loose.resource_version })
    }
}

impl From<Scale> for Loose {
    fn from(scale: Scale) -> Loose {
        let (replicas, by, times) = match scale.amount {
            Amount::To(n) => (Some(n), None, None),
            Amount::By(n) => (None, Some(n), None),
            Amount::Times(f) => (None, None, Some(f)),
        };
        let Scale { target, current_replicas, resource_version, .. } = scale;
        Loose { target, replicas, by, times, current_replicas, resource_version }
    }
}

/// Asks for an object's own number of replicas.
pub(super) fn look_at(target: &Target) -> Call {
    Call::get(target).on("scale")
}

/// What that look saw.
///
/// # Errors
/// [`CannotDo`] where there is no such object, its kind has no replicas, or it could not be read.
pub(super) fn seen_at<'a>(seen: &'a [Lookup<Value>], target: &Target) -> Result<&'a Value, CannotDo> {
    match seen.first() {
        Some(Lookup::Missing) if !may_scale(target.kind()) => {
            Err(CannotDo::new(format!("a {} has no number of replicas", target.kind().word()), "name the workload"))
        }
        Some(_) | None => look::object(seen, target),
    }
}

/// Whether a kind has replicas, as far as that is known: a kind of the cluster's own may have.
fn may_scale(kind: Kind) -> bool {
    let info = kind.info();
    let with = ["deployments", "statefulsets", "replicasets", "replicationcontrollers"];
    with.contains(&info.plural) || info.group.contains('.') && !info.group.ends_with(".k8s.io")
}

impl Scale {
    /// To a number.
    pub fn to(target: Target, replicas: u32) -> Scale {
        Scale { target, amount: Amount::To(replicas), current_replicas: None, resource_version: None }
    }

    /// The number, where it is one already.
    pub fn replicas(&self) -> Option<u32> {
        match self.amount {
            Amount::To(n) => Some(n),
            Amount::By(_) | Amount::Times(_) => None,
        }
    }

    /// Source: `ScalePrecondition` in `kubectl/pkg/scale/scale.go`.
    fn check(&self, scale: &Value) -> Result<(), CannotDo> {
        let slashed = self.target.slashed();
        let now = look::number(scale, "/spec/replicas");
        if let Some(expected) = self.current_replicas.filter(|n| u64::from(*n) != now) {
            return Err(CannotDo::new(format!("{slashed} was expected to have {expected} replicas, and has {now}"), "nothing was changed"));
        }
        let version = look::text(scale, "/metadata/resourceVersion");
        if let Some(expected) = self.resource_version.as_ref().filter(|expected| *expected != version) {
            return Err(CannotDo::new(format!("{slashed} was expected at version {expected}, and is at {version}"), "nothing was changed"));
        }
        Ok(())
    }
}

impl Verb for Scale {
    fn impact(&self) -> Impact {
        match self.amount {
            Amount::To(0) => Impact::Disrupts,
            Amount::Times(0.0) => Impact::Disrupts,
            Amount::To(_) | Amount::By(_) | Amount::Times(_) => Impact::Changes,
        }
    }
    fn place(&mut self, namespace: &Namespace) {
        self.target.place(namespace);
    }
    fn targets(&self) -> Vec<Target> {
        vec![self.target.clone()]
    }
    fn title(&self) -> String {
        let slashed = self.target.slashed();
        match self.amount {
            Amount::To(n) => format!("scale {slashed} to {n}"),
            Amount::By(n) if n < 0 => format!("scale {slashed} down by {}", n.unsigned_abs()),
            Amount::By(n) => format!("scale {slashed} up by {n}"),
            Amount::Times(factor) => format!("scale {slashed} to {factor} times as many"),
        }
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        let asks = self.replicas().is_none() || self.current_replicas.is_some() || self.resource_version.is_some();
        if seen.is_empty() && asks { vec![look_at(&self.target)] } else { Vec::new() }
    }
    fn expand(&self, seen: &[Lookup<Value>]) -> Result<Option<Vec<Op>>, CannotDo> {
        if self.replicas().is_some() {
            return Ok(None);
        }
        let now = u32::try_from(look::number(seen_at(seen, &self.target)?, "/spec/replicas")).unwrap_or(u32::MAX);
        let then = self.amount.from(now).ok_or_else(|| {
            CannotDo::new(format!("{}: it has {now} now, and there is no such number of replicas", self.title()), "say to how many")
        })?;
        Ok(Some(vec![Scale { amount: Amount::To(then), current_replicas: Some(now), ..self.clone() }.into()]))
    }
    fn calls(&self, seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        let Some(replicas) = self.replicas() else {
            return Err(CannotDo::new("it is not known yet how many replicas there are now", ""));
        };
        if !self.looks(&[]).is_empty() {
            self.check(seen_at(seen, &self.target)?)?;
        }
        Ok(vec![Call::patch(&self.target, PatchKind::Merge, json!({"spec": {"replicas": replicas}})).on("scale")])
    }
    fn print(&self) -> Argv {
        let argv = Argv::of(Self::VERB).place(self.target.slashed());
        let mut argv = match self.amount {
            Amount::To(n) => argv.flag("replicas", n),
            Amount::By(n) => argv.flag("by", n),
            Amount::Times(factor) => argv.flag("times", factor),
        };
        if let Some(n) = self.current_replicas {
            argv = argv.flag("current-replicas", n);
        }
        if let Some(version) = &self.resource_version {
            argv = argv.flag("resource-version", version);
        }
        argv.namespace(self.target.namespace())
    }
    fn wait(&self) -> Wait {
        Wait::RolledOut(self.target.clone())
    }
    fn inverse(&self, images: &[Images<'_>]) -> Way {
        match images.first().and_then(|i| i.before?.pointer("/spec/replicas")?.as_u64()).map(u32::try_from) {
            Some(Ok(replicas)) => Way::Back(vec![Scale::to(self.target.clone(), replicas).into()]),
            Some(Err(_)) | None => Way::None("how many there were before is not known"),
        }
    }
}

impl Spec for Scale {
    const NAME: &'static str = "scale";
    const VERB: &'static [&'static str] = &["scale"];
    const ABOUT: &'static str = "Set how many replicas a workload has.";
    const EXAMPLE: &'static str = "kubectl scale deployment/web --replicas=3";
    const BACK: &'static str = "scales to the former number";
    const FLAGS: &'static [Flag] = &[
        Flag::value("replicas"),
        Flag::value("by"),
        Flag::value("times"),
        Flag::value("current-replicas"),
        Flag::value("resource-version"),
    ];
    const READS: bool = false;
    const EACH: bool = true;

    /// `--current-replicas=-1` and an empty `--resource-version` ask for nothing, as for kubectl.
    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        let target = workload_place(argv)?;
        let says =
            |why: &str| Misuse::Says(if why.starts_with("how") { "how many? --replicas=N is missing".into() } else { why.to_string() });
        let amount = Amount::of(argv.parsed("replicas")?, argv.parsed("by")?, argv.parsed("times")?).map_err(says)?;
        let current: Option<i64> = argv.parsed("current-replicas")?;
        let current_replicas =
            current.filter(|n| *n >= 0).map(u32::try_from).transpose().map_err(|_| says("--current-replicas is too many"))?;
        let resource_version = argv.get("resource-version").filter(|version| !version.is_empty()).map(str::to_string);
        Ok(Scale { target, amount, current_replicas, resource_version })
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::*;
    use serde_json::json;

    #[test]
    fn one_definition_many_readers() {
        let op = Op::from_line("kubectl scale deployment/backend --replicas=3 -n todo-chatbot").unwrap();
        assert_eq!(op.line(), "kubectl scale deployment/backend --replicas=3 -n todo-chatbot");
        assert_eq!(Op::from_json(serde_json::to_value(&op).unwrap()).unwrap(), op);
        assert_eq!(op.entry().name, "scale");
        let extra = Op::from_json(json!({"op": "scale", "kind": "deployment", "name": "b", "replicas": 3, "x": 1}));
        assert!(extra.unwrap_err().contains('x'));
        let bad = Op::from_json(json!({"op": "scale", "kind": "deployment", "name": "Back End", "replicas": 3}));
        assert!(bad.unwrap_err().contains("Back End"));
        let schema = (op.entry().schema)();
        assert_eq!(schema["properties"]["replicas"]["type"], "integer", "{schema}");
        assert!(schema["properties"]["name"].is_object(), "{schema}");
        assert!(!schema.to_string().contains("$ref"), "{schema}");
    }

    fn scale(n: u32) -> Lookup<serde_json::Value> {
        Lookup::Known(json!({"kind": "Scale", "metadata": {"resourceVersion": "7"}, "spec": {"replicas": n}}))
    }

    #[test]
    fn what_is_relative_becomes_a_number_and_only_that_is_sent() {
        for (line, now, then) in [
            ("kubectl scale deploy/web --by=-1", 3, "kubectl scale deployment/web --replicas=2 --current-replicas=3"),
            ("kubectl scale deploy/web --by=2", 3, "kubectl scale deployment/web --replicas=5 --current-replicas=3"),
            ("kubectl scale deploy/web --times=0.5", 4, "kubectl scale deployment/web --replicas=2 --current-replicas=4"),
        ] {
            let op = Op::from_line(line).unwrap();
            assert!(op.verb().calls(&[scale(now)], Default::default()).is_err(), "{line}");
            assert_eq!(op.verb().looks(&[])[0].path(), "/apis/apps/v1/deployments/web/scale");
            let ops = op.verb().expand(&[scale(now)]).unwrap().unwrap();
            assert_eq!(ops[0].line(), then);
            assert!(ops[0].verb().calls(&[scale(now)], Default::default()).is_ok());
        }
        for (line, now) in [("--by=-4", 3), ("--times=0.5", 3)] {
            let op = Op::from_line(&format!("kubectl scale deploy/web {line}")).unwrap();
            assert!(op.verb().expand(&[scale(now)]).unwrap_err().sentence.contains("it has 3 now"));
        }
        let e = Op::from_line("kubectl scale service/web --by=1").unwrap().verb().expand(&[Lookup::Missing]).unwrap_err();
        assert_eq!(e.sentence, "a service has no number of replicas");
    }

    #[test]
    fn a_condition_that_does_not_hold_stops_it() {
        let op = Op::from_line("kubectl scale deploy/web --replicas=3 --current-replicas=2 --resource-version=7").unwrap();
        assert!(op.verb().calls(&[scale(2)], Default::default()).is_ok());
        assert!(op.verb().calls(&[scale(1)], Default::default()).unwrap_err().sentence.contains("expected to have 2 replicas, and has 1"));
        let op = Op::from_line("kubectl scale deploy/web --replicas=3 --resource-version=6").unwrap();
        assert!(op.verb().calls(&[scale(2)], Default::default()).unwrap_err().sentence.contains("expected at version 6"));
        for bad in ["", "--replicas=1 --by=1", "--times=-1", "--times=NaN", "--replicas=-1"] {
            assert!(Op::from_line(&format!("kubectl scale deploy/web {bad}")).is_err(), "{bad}");
        }
    }
}
