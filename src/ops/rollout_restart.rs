//! `kubectl rollout restart`: new pods of the same template.

use super::*;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

/// Restarts a workload by stamping its pod template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RolloutRestart {
    /// the workload
    #[serde(flatten)]
    pub target: Target,
}

impl Verb for RolloutRestart {
    fn impact(&self) -> Impact {
        Impact::Changes
    }
    fn place(&mut self, _namespace: &Namespace) {}
    fn targets(&self) -> Vec<Target> {
        Vec::new()
    }
    fn title(&self) -> String {
        Self::NAME.into()
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        Err(CannotDo::new("being written", ""))
    }
    fn print(&self) -> Argv {
        Argv::of(Self::VERB)
    }
}

impl Spec for RolloutRestart {
    const NAME: &'static str = "rollout_restart";
    const VERB: &'static [&'static str] = &["rollout", "restart"];
    const ABOUT: &'static str = "Restart a workload's pods, one after the other.";
    const FLAGS: &'static [Flag] = &[];
    const READS: bool = false;

    fn parse(_argv: &Argv) -> Result<Self, Misuse> {
        Err(Misuse::says("being written"))
    }
}
