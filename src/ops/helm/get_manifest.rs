//! `helm get manifest`: the objects of a release as helm sent them, Secret values masked.

use super::which::Which;
use crate::ops::{Answer, Argv, Call, CannotDo, Flag, Impact, Lookup, Misuse, Namespace, Program, Reply, Spec, Target, Verb};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Shows the manifest of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HelmGetManifest {
    /// the release
    #[serde(flatten)]
    pub release: Which,
}

impl Verb for HelmGetManifest {
    fn impact(&self) -> Impact {
        Impact::Reads
    }
    fn place(&mut self, namespace: &Namespace) {
        self.release.place(namespace);
    }
    fn targets(&self) -> Vec<Target> {
        Vec::new()
    }
    fn title(&self) -> String {
        format!("manifest of release {}", self.release.said())
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        self.release.looks(seen)
    }
    fn calls(&self, seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        self.release.calls(seen)
    }
    fn print(&self) -> Argv {
        self.release.print(Self::VERB)
    }
    fn answer(&self, calls: &[Call], replies: &[Reply], _now: Timestamp) -> Result<Answer, CannotDo> {
        let release = self.release.release(calls, replies)?;
        Ok(Answer::Text { text: release.manifest })
    }
}

impl Spec for HelmGetManifest {
    const NAME: &'static str = "helm_get_manifest";
    const PROGRAM: Program = Program::Helm;
    const VERB: &'static [&'static str] = &["get", "manifest"];
    const ABOUT: &'static str = "Show the manifest of a Helm release, Secret values masked.";
    const EXAMPLE: &'static str = "helm get manifest shop";
    const BACK: &'static str = "";
    const FLAGS: &'static [Flag] = &[Flag::value("revision")];
    const READS: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        Ok(HelmGetManifest { release: Which::parse(argv)? })
    }
}
