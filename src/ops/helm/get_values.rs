//! `helm get values`: what a person gave, over the chart's own values with `--all`; secret values are masked.

use super::{
    output::{ReleaseOutput, yaml},
    which::Which,
};
use crate::ops::{Answer, Argv, Call, CannotDo, Flag, Impact, Lookup, Misuse, Namespace, Program, Reply, Spec, Target, Verb};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Shows the values of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HelmGetValues {
    /// the release
    #[serde(flatten)]
    pub release: Which,
    /// also the chart's own values
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub all: bool,
    /// in which form
    #[serde(default, skip_serializing_if = "ReleaseOutput::is_table")]
    pub output: ReleaseOutput,
}

impl Verb for HelmGetValues {
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
        format!("values of release {}", self.release.said())
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        self.release.looks(seen)
    }
    fn calls(&self, seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        self.release.calls(seen)
    }
    fn print(&self) -> Argv {
        self.output.print(self.release.print(Self::VERB).switch("all", self.all))
    }
    fn answer(&self, calls: &[Call], replies: &[Reply], _now: Timestamp) -> Result<Answer, CannotDo> {
        let release = self.release.release(calls, replies)?;
        let values = if self.all { &release.computed } else { &release.values };
        Ok(self.output.written(values).unwrap_or_else(|| Answer::Text { text: yaml(values) }))
    }
}

impl Spec for HelmGetValues {
    const NAME: &'static str = "helm_get_values";
    const PROGRAM: Program = Program::Helm;
    const VERB: &'static [&'static str] = &["get", "values"];
    const ABOUT: &'static str = "Show the values a Helm release was installed with, secret ones masked.";
    const EXAMPLE: &'static str = "helm get values shop";
    const BACK: &'static str = "";
    const FLAGS: &'static [Flag] = &[Flag::value("revision"), Flag::switch("all").short('a'), Flag::value("output").short('o')];
    const READS: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        Ok(HelmGetValues { release: Which::parse(argv)?, all: argv.on("all"), output: ReleaseOutput::parse(argv)? })
    }
}
