//! `kubectl describe`: one object, told: identity, state, conditions, relatives up and down the owner chain, events.

use crate::ops::{
    Answer, Argv, Call, CannotDo, Flag, Impact, Kind, Lookup, Misuse, Name, Namespace, Reply, Spec, Target, Verb,
    answer::Description,
    look::{self, controller, gathered, pod_selector, text},
    read::{events, told},
    verb::workload_place,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Tells one object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Describe {
    /// the object
    #[serde(flatten)]
    pub target: Target,
    /// leave the events out
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub without_events: bool,
}

/// The owner of an object, where it is of a built-in kind.
fn owner(target: &Target, object: &Value) -> Option<Target> {
    let owner = controller(object)?;
    let kind = Kind::of_object(text(owner, "/apiVersion"), text(owner, "/kind"))?;
    Some(Target::new(kind, Name::new(text(owner, "/name")).ok()?).ok()?.in_namespace(target.namespace().cloned()))
}

/// The reads that show what belongs to an object: its owner, its pods, what it is made of.
fn relatives(target: &Target, object: &Value) -> Vec<Call> {
    let kind = target.kind();
    let list = |word: &'static str| Call::list(Kind::built_in(word), target.namespace());
    let mut calls: Vec<Call> = owner(target, object).iter().map(Call::get).collect();
    let selector = pod_selector(kind, object);
    if let Some(selector) = &selector {
        if kind.is("deployments", "apps") {
            calls.push(list("replicasets").with("labelSelector", selector.as_str()));
        }
        calls.push(list("pods").with("labelSelector", selector.as_str()));
    }
    if kind.is("services", "") {
        calls.push(list("endpointslices").with("labelSelector", format!("kubernetes.io/service-name={}", target.name())));
    } else if kind.is("nodes", "") {
        calls.push(Call::list(Kind::built_in("pods"), None).with("fieldSelector", format!("spec.nodeName={}", target.name())));
    } else if kind.is("cronjobs", "batch") {
        calls.push(list("jobs"));
    } else if kind.is("persistentvolumeclaims", "") {
        calls.push(list("pods"));
    } else if kind.is("namespaces", "")
        && let Ok(namespace) = Namespace::new(target.name().as_str())
    {
        calls.push(Call::list(Kind::built_in("resourcequotas"), Some(&namespace)));
    }
    calls.extend(told::around(target).iter().map(|word| list(word)));
    calls
}

impl Verb for Describe {
    fn impact(&self) -> Impact {
        Impact::Reads
    }
    fn place(&mut self, namespace: &Namespace) {
        self.target.place(namespace);
    }
    fn targets(&self) -> Vec<Target> {
        vec![self.target.clone()]
    }
    fn title(&self) -> String {
        format!("describe {}", self.target.slashed())
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        if seen.is_empty() { vec![Call::get(&self.target)] } else { Vec::new() }
    }
    fn calls(&self, seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        let object = look::object(seen, &self.target)?;
        let uid = Some(text(object, "/metadata/uid")).filter(|uid| !uid.is_empty());
        let mut calls = vec![Call::get(&self.target)];
        if !self.without_events {
            calls.push(events::call_for(&self.target, uid));
        }
        calls.extend(relatives(&self.target, object));
        Ok(calls)
    }
    fn print(&self) -> Argv {
        let argv = Argv::of(Self::VERB).place(self.target.slashed());
        let argv = if self.without_events { argv.flag("show-events", false) } else { argv };
        argv.namespace(self.target.namespace())
    }
    fn answer(&self, calls: &[Call], replies: &[Reply], now: Timestamp) -> Result<Answer, CannotDo> {
        let gathered = gathered(calls, replies);
        let object = look::object(&gathered, &self.target)?;
        let related: Vec<(Kind, &Lookup<Value>)> =
            calls.iter().filter_map(Call::kind).zip(&gathered).skip(1 + usize::from(!self.without_events)).collect();
        let told = told::Told { target: &self.target, object, related: &related, now };
        let mut blocks = told.blocks();
        if !self.without_events {
            blocks.extend(told::events(gathered.get(1), now));
        }
        Ok(Answer::Description(Description { target: self.target.clone(), blocks }))
    }
}

impl Spec for Describe {
    const NAME: &'static str = "describe";
    const VERB: &'static [&'static str] = &["describe"];
    const ABOUT: &'static str = "Tell everything about one object: state, conditions, related objects, events.";
    const EXAMPLE: &'static str = "kubectl describe deployment/web";
    const BACK: &'static str = "";
    const FLAGS: &'static [Flag] = &[Flag::switch("show-events"), Flag::value("chunk-size")];
    const READS: bool = true;
    const EACH: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        // Pages are read one after the other whatever their size.
        argv.parsed::<u32>("chunk-size")?;
        Ok(Describe { target: workload_place(argv)?, without_events: argv.get("show-events") == Some("false") })
    }
}
