//! `kubectl events`: what happened, newest last, of one object or of a namespace.

use super::*;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

/// Lists events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Events {
    /// of this object only
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// namespace; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// every namespace
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub all_namespaces: bool,
    /// only these types: Warning, Normal
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<String>,
}

impl Verb for Events {
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

impl Spec for Events {
    const NAME: &'static str = "events";
    const VERB: &'static [&'static str] = &["events"];
    const ABOUT: &'static str = "List events, newest last, of a namespace or of one object.";
    const FLAGS: &'static [Flag] = &[];
    const READS: bool = true;

    fn parse(_argv: &Argv) -> Result<Self, Misuse> {
        Err(Misuse::says("being written"))
    }
}
