//! `helm get hooks`: what runs before and after a change of the release, Secret values masked.

use super::{release::Hook, which::Which};
use crate::ops::{Answer, Argv, Call, CannotDo, Flag, Impact, Lookup, Misuse, Namespace, Program, Reply, Spec, Target, Verb};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Shows the hooks of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HelmGetHooks {
    /// the release
    #[serde(flatten)]
    pub release: Which,
}

impl Verb for HelmGetHooks {
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
        format!("hooks of release {}", self.release.said())
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
        let one = |hook: &Hook| format!("---\n# Source: {}\n{}\n", hook.path, hook.manifest.trim_end());
        let text: String = release.hooks.iter().map(one).collect();
        Ok(Answer::Text { text: if text.is_empty() { "this release has no hooks".into() } else { text } })
    }
}

impl Spec for HelmGetHooks {
    const NAME: &'static str = "helm_get_hooks";
    const PROGRAM: Program = Program::Helm;
    const VERB: &'static [&'static str] = &["get", "hooks"];
    const ABOUT: &'static str = "Show the hooks of a Helm release, Secret values masked.";
    const EXAMPLE: &'static str = "helm get hooks shop";
    const BACK: &'static str = "";
    const FLAGS: &'static [Flag] = &[Flag::value("revision")];
    const READS: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        Ok(HelmGetHooks { release: Which::parse(argv)? })
    }
}
