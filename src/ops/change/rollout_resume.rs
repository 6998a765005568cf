//! `kubectl rollout resume`: a paused deployment's pods follow its template again.

use crate::ops::{
    Argv, Call, CannotDo, Flag, Images, Impact, Lookup, Misuse, Namespace, PatchKind, RolloutPause, Spec, Target, Verb, Wait, Way, look,
    verb::workload_place, wait::is_paused,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Resumes a paused deployment's rollouts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RolloutResume {
    /// the deployment
    #[serde(flatten)]
    pub target: Target,
}

pub(super) fn title(verb: &str, target: &Target) -> String {
    format!("{verb} the rollouts of {}", target.slashed())
}

/// The patch that pauses (`true`) or resumes (`null`), where that changes something.
pub(super) fn switched(target: &Target, seen: &[Lookup<Value>], paused: &Value) -> Result<Vec<Call>, CannotDo> {
    let slashed = target.slashed();
    if !target.kind().is("deployments", "apps") {
        return Err(CannotDo::new(format!("only deployments can be paused and resumed, and {slashed} is none"), ""));
    }
    match (is_paused(look::object(seen, target)?), paused.is_null()) {
        (true, false) => Err(CannotDo::new(format!("{slashed} is already paused"), "nothing to change")),
        (false, true) => Err(CannotDo::new(format!("{slashed} is not paused"), "nothing to change")),
        (_, _) => Ok(vec![Call::patch(target, PatchKind::Strategic, json!({"spec": {"paused": paused}}))]),
    }
}

impl Verb for RolloutResume {
    fn impact(&self) -> Impact {
        Impact::Changes
    }
    fn place(&mut self, namespace: &Namespace) {
        self.target.place(namespace);
    }
    fn targets(&self) -> Vec<Target> {
        vec![self.target.clone()]
    }
    fn title(&self) -> String {
        title("resume", &self.target)
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        if seen.is_empty() { vec![Call::get(&self.target)] } else { Vec::new() }
    }
    /// Source: `kubectl/pkg/polymorphichelpers/objectresumer.go`.
    fn calls(&self, seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        switched(&self.target, seen, &Value::Null)
    }
    fn print(&self) -> Argv {
        Argv::of(Self::VERB).place(self.target.slashed()).namespace(self.target.namespace())
    }
    fn wait(&self) -> Wait {
        Wait::RolledOut(self.target.clone())
    }
    fn inverse(&self, _images: &[Images<'_>]) -> Way {
        Way::Back(vec![RolloutPause { target: self.target.clone() }.into()])
    }
}

impl Spec for RolloutResume {
    const NAME: &'static str = "rollout_resume";
    const VERB: &'static [&'static str] = &["rollout", "resume"];
    const ABOUT: &'static str = "Resume a paused deployment's rollouts.";
    const EXAMPLE: &'static str = "kubectl rollout resume deployment/web";
    const BACK: &'static str = "pauses it again; pods made meanwhile stay";
    const FLAGS: &'static [Flag] = &[];
    const READS: bool = false;
    const EACH: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        Ok(RolloutResume { target: workload_place(argv)? })
    }
}
