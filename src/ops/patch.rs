//! `kubectl patch`: some fields of one object.

use super::*;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

/// Patches one object; the way back from changes that have no verb of their own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Patch {
    /// the object
    #[serde(flatten)]
    pub target: Target,
    /// json, merge or strategic
    #[serde(rename = "type")]
    pub how: PatchType,
    /// the patch itself
    pub patch: Value,
}

/// The three kinds of patch kubectl sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PatchType {
    /// RFC 6902.
    Json,
    /// RFC 7386.
    Merge,
    /// Kubernetes' own.
    #[default]
    Strategic,
}

impl Verb for Patch {
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

impl Spec for Patch {
    const NAME: &'static str = "patch";
    const VERB: &'static [&'static str] = &["patch"];
    const ABOUT: &'static str = "Patch fields of one object.";
    const FLAGS: &'static [Flag] = &[];
    const READS: bool = false;

    fn parse(_argv: &Argv) -> Result<Self, Misuse> {
        Err(Misuse::says("being written"))
    }
}
