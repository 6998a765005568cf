//! `kubectl uncordon`: new pods on a node again.

use super::cordon;
use crate::ops::{Argv, Call, CannotDo, Cordon, Flag, Images, Impact, Lookup, Misuse, Name, Namespace, Op, Spec, Target, Verb, Way};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Marks nodes schedulable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Uncordon {
    /// the nodes
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<Name>,
    /// instead of names: the nodes with these labels
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selector: Option<String>,
}

impl Uncordon {
    /// Those nodes.
    pub fn of(nodes: Vec<Name>) -> Uncordon {
        Uncordon { nodes, selector: None }
    }
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
        cordon::titled("uncordon", &self.nodes, self.selector.as_deref())
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        cordon::chosen(self.selector.as_deref(), seen)
    }
    fn expand(&self, seen: &[Lookup<Value>]) -> Result<Option<Vec<Op>>, CannotDo> {
        let Some(selector) = &self.selector else { return Ok(None) };
        Ok(Some(vec![Uncordon::of(cordon::found(selector, &self.nodes, seen)?).into()]))
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        cordon::marked(&self.nodes, &Value::Null)
    }
    fn print(&self) -> Argv {
        cordon::printed(Argv::of(Self::VERB), &self.nodes, self.selector.as_deref())
    }
    fn inverse(&self, images: &[Images<'_>]) -> Way {
        match cordon::moved(&self.nodes, images, true) {
            nodes if nodes.is_empty() => Way::None("it changed nothing"),
            nodes => Way::Back(vec![Cordon::of(nodes).into()]),
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
        let (nodes, selector) = cordon::on_line(argv)?;
        Ok(Uncordon { nodes, selector })
    }
}
