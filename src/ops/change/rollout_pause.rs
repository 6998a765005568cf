//! `kubectl rollout pause`: the template of a deployment may change, its pods wait.

use super::rollout_resume::{switched, title};
use crate::ops::{
    Argv, Call, CannotDo, Flag, Images, Impact, Lookup, Misuse, Namespace, RolloutResume, Spec, Target, Verb, Way, verb::workload_place,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Pauses a deployment's rollouts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RolloutPause {
    /// the deployment
    #[serde(flatten)]
    pub target: Target,
}

impl Verb for RolloutPause {
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
        title("pause", &self.target)
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        if seen.is_empty() { vec![Call::get(&self.target)] } else { Vec::new() }
    }
    /// Source: `kubectl/pkg/polymorphichelpers/objectpauser.go`.
    fn calls(&self, seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        switched(&self.target, seen, &json!(true))
    }
    fn print(&self) -> Argv {
        Argv::of(Self::VERB).place(self.target.slashed()).namespace(self.target.namespace())
    }
    fn inverse(&self, _images: &[Images<'_>]) -> Way {
        Way::Back(vec![RolloutResume { target: self.target.clone() }.into()])
    }
}

impl Spec for RolloutPause {
    const NAME: &'static str = "rollout_pause";
    const VERB: &'static [&'static str] = &["rollout", "pause"];
    const ABOUT: &'static str = "Pause a deployment's rollouts: its pods stay as they are until it is resumed.";
    const EXAMPLE: &'static str = "kubectl rollout pause deployment/web";
    const BACK: &'static str = "resumes it";
    const FLAGS: &'static [Flag] = &[];
    const READS: bool = false;
    const EACH: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        Ok(RolloutPause { target: workload_place(argv)? })
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::*;
    use serde_json::{Value, json};

    fn sent(line: &str, paused: bool) -> Result<Value, CannotDo> {
        let seen = [Lookup::Known(json!({"spec": {"paused": paused}}))];
        let calls = Op::from_line(line).unwrap().verb().calls(&seen, Default::default())?;
        Ok(calls[0].body(None).unwrap())
    }

    #[test]
    fn each_is_the_others_way_back_and_neither_is_done_twice() {
        let (pause, resume) = ("kubectl rollout pause deploy web -n dev", "kubectl rollout resume deployment/web -n dev");
        assert_eq!(sent(pause, false).unwrap(), json!({"spec": {"paused": true}}));
        assert_eq!(sent(resume, true).unwrap(), json!({"spec": {"paused": null}}));
        assert_eq!(sent(pause, true).unwrap_err().sentence, "deployment/web is already paused");
        assert_eq!(sent(resume, false).unwrap_err().sentence, "deployment/web is not paused");
        assert!(sent("kubectl rollout pause sts/db", false).unwrap_err().sentence.contains("only deployments"));
        let Way::Back(back) = Op::from_line(pause).unwrap().verb().inverse(&[]) else { panic!() };
        assert_eq!(back[0].line(), resume);
    }
}
