//! `kubectl rollout history`: the revisions of a workload and what changed between them.

use super::*;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

/// Lists revisions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RolloutHistory {
    /// the workload
    #[serde(flatten)]
    pub target: Target,
    /// only this revision, in full
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<u64>,
}

impl Verb for RolloutHistory {
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

impl Spec for RolloutHistory {
    const NAME: &'static str = "rollout_history";
    const VERB: &'static [&'static str] = &["rollout", "history"];
    const ABOUT: &'static str = "List a workload's revisions with what changed in each.";
    const FLAGS: &'static [Flag] = &[];
    const READS: bool = true;

    fn parse(_argv: &Argv) -> Result<Self, Misuse> {
        Err(Misuse::says("being written"))
    }
}
