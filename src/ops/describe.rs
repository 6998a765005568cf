//! `kubectl describe`: one object, told: identity, state, conditions, relatives up and down the owner chain, events.

use super::*;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

/// Tells one object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Describe {
    /// the object
    #[serde(flatten)]
    pub target: Target,
}

impl Verb for Describe {
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

impl Spec for Describe {
    const NAME: &'static str = "describe";
    const VERB: &'static [&'static str] = &["describe"];
    const ABOUT: &'static str = "Tell everything about one object: state, conditions, related objects, events.";
    const FLAGS: &'static [Flag] = &[];
    const READS: bool = true;

    fn parse(_argv: &Argv) -> Result<Self, Misuse> {
        Err(Misuse::says("being written"))
    }
}
