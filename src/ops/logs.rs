//! `kubectl logs`: what a container said, by pod or by the workload that owns it.

use super::*;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

/// Reads logs. A target that is no pod means its pods (kubectl's `deployment/x` form).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Logs {
    /// a pod, or a workload that has pods
    #[serde(flatten)]
    pub target: Target,
    /// container; left out: the only one, or the default one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<ContainerName>,
    /// the container's former run
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub previous: bool,
    /// the last so many lines
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tail: Option<u32>,
    /// only what is younger: 10m, 1h
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// every container of the pod
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub all_containers: bool,
    /// a time stamp before each line
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub timestamps: bool,
}

impl Verb for Logs {
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

impl Spec for Logs {
    const NAME: &'static str = "logs";
    const VERB: &'static [&'static str] = &["logs"];
    const ABOUT: &'static str = "Read the log of a pod, or of the pods of a workload.";
    const FLAGS: &'static [Flag] = &[];
    const READS: bool = true;

    fn parse(_argv: &Argv) -> Result<Self, Misuse> {
        Err(Misuse::says("being written"))
    }
}
