//! `kubectl apply --server-side`: objects as a manifest has them.

use super::*;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

/// Applies the objects of manifests, server-side, as field manager `aiops`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Apply {
    /// files a person named; their contents are loaded before the plan is vetted
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// the objects
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<Value>,
    /// namespace for objects that name none
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// take fields other managers own
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub force_conflicts: bool,
}

impl Verb for Apply {
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

impl Spec for Apply {
    const NAME: &'static str = "apply";
    const VERB: &'static [&'static str] = &["apply"];
    const ABOUT: &'static str = "Apply manifests (server-side apply).";
    const FLAGS: &'static [Flag] = &[];
    const READS: bool = false;

    fn parse(_argv: &Argv) -> Result<Self, Misuse> {
        Err(Misuse::says("being written"))
    }
}
