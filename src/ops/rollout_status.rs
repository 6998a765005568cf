//! `kubectl rollout status`: where a rollout stands, now.

use super::*;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

/// Tells how far a rollout is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RolloutStatus {
    /// the workload
    #[serde(flatten)]
    pub target: Target,
}

impl Verb for RolloutStatus {
    fn impact(&self) -> Impact {
        Impact::Reads
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

impl Spec for RolloutStatus {
    const NAME: &'static str = "rollout_status";
    const VERB: &'static [&'static str] = &["rollout", "status"];
    const ABOUT: &'static str = "Tell how far a workload's rollout is.";
    const FLAGS: &'static [Flag] = &[];
    const READS: bool = true;

    fn parse(_argv: &Argv) -> Result<Self, Misuse> {
        Err(Misuse::says("being written"))
    }
}
