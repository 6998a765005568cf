//! `kubectl cordon`: no new pods on a node.

use super::*;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

/// Marks nodes unschedulable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cordon {
    /// the nodes
    pub nodes: Vec<Name>,
}

impl Verb for Cordon {
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

impl Spec for Cordon {
    const NAME: &'static str = "cordon";
    const VERB: &'static [&'static str] = &["cordon"];
    const ABOUT: &'static str = "Keep new pods off a node.";
    const FLAGS: &'static [Flag] = &[];
    const READS: bool = false;

    fn parse(_argv: &Argv) -> Result<Self, Misuse> {
        Err(Misuse::says("being written"))
    }
}
