//! `kubectl top`: what pods or nodes use now, from the metrics API.

use super::*;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

/// Shows use of cpu and memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Top {
    /// pods or nodes
    pub what: TopWhat,
    /// one of them
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// namespace of the pods; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// every namespace
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub all_namespaces: bool,
    /// label selector
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selector: Option<String>,
    /// each container on its own
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub containers: bool,
    /// cpu or memory, greatest first
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort_by: Option<SortBy>,
}

/// Of what the use is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TopWhat {
    /// Pods.
    Pods,
    /// Nodes.
    Nodes,
}

/// By which figure rows are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SortBy {
    /// Cores.
    Cpu,
    /// Bytes.
    Memory,
}

impl Verb for Top {
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

impl Spec for Top {
    const NAME: &'static str = "top";
    const VERB: &'static [&'static str] = &["top"];
    const ABOUT: &'static str = "Show what pods or nodes use now (cpu, memory).";
    const FLAGS: &'static [Flag] = &[];
    const READS: bool = true;

    fn parse(_argv: &Argv) -> Result<Self, Misuse> {
        Err(Misuse::says("being written"))
    }
}
