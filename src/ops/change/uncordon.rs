//! `kubectl uncordon`: new pods on a node again.

use super::cordon;
use crate::ops::{Argv, Call, CannotDo, Cordon, Flag, Images, Impact, Lookup, Misuse, Name, Namespace, Spec, Target, Verb, Way};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Marks nodes schedulable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Uncordon {
    /// the nodes
    pub nodes: Vec<Name>,
}

impl Verb for Uncordon {
    fn impact(&self) -> Impact {
        Impact::Changes
    }
    fn place(&mut self, _namespace: &Namespace) {}
    fn targets(&self) -> Vec<Target> {
        cordon::targets(&self.nodes)
    }
    fn title(&self) -> String {
        cordon::titled("uncordon", &self.nodes)
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        cordon::marked(&self.nodes, &Value::Null)
    }
    fn print(&self) -> Argv {
        self.nodes.iter().fold(Argv::of(Self::VERB), Argv::place)
    }
    fn inverse(&self, images: &[Images<'_>]) -> Way {
        match cordon::moved(&self.nodes, images, true) {
            nodes if nodes.is_empty() => Way::None("it changed nothing"),
            nodes => Way::Back(vec![Cordon { nodes }.into()]),
        }
    }
}

impl Spec for Uncordon {
    const NAME: &'static str = "uncordon";
    const VERB: &'static [&'static str] = &["uncordon"];
    const ABOUT: &'static str = "Let new pods onto a node again.";
    const EXAMPLE: &'static str = "kubectl uncordon node-1";
    const BACK: &'static str = "cordons the nodes that were";
    const FLAGS: &'static [Flag] = &[Flag::value("selector").short('l')];
    const READS: bool = false;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        Ok(Uncordon { nodes: cordon::on_line(argv)? })
    }
}
