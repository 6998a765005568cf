//! `kubectl scale`: how many replicas.

use crate::ops::{
    Argv, Call, CannotDo, Flag, Images, Impact, Lookup, Misuse, Namespace, PatchKind, Spec, Target, Verb, Wait, Way, verb::workload_place,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Sets the number of replicas of a workload, through its `scale` subresource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    /// the workload
    #[serde(flatten)]
    pub target: Target,
    /// how many pods it shall have
    pub replicas: u32,
}

impl Verb for Scale {
    fn impact(&self) -> Impact {
        if self.replicas == 0 { Impact::Disrupts } else { Impact::Changes }
    }
    fn place(&mut self, namespace: &Namespace) {
        self.target.place(namespace);
    }
    fn targets(&self) -> Vec<Target> {
        vec![self.target.clone()]
    }
    fn title(&self) -> String {
        format!("scale {} to {}", self.target.slashed(), self.replicas)
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        Ok(vec![Call::patch(&self.target, PatchKind::Merge, json!({"spec": {"replicas": self.replicas}})).on("scale")])
    }
    fn print(&self) -> Argv {
        Argv::of(Self::VERB).place(self.target.slashed()).flag("replicas", self.replicas).namespace(self.target.namespace())
    }
    fn wait(&self) -> Wait {
        Wait::RolledOut(self.target.clone())
    }
    fn inverse(&self, images: &[Images<'_>]) -> Way {
        match images.first().and_then(|i| i.before?.pointer("/spec/replicas")?.as_u64()).map(u32::try_from) {
            Some(Ok(replicas)) => Way::Back(vec![Scale { target: self.target.clone(), replicas }.into()]),
            Some(Err(_)) | None => Way::None("how many there were before is not known"),
        }
    }
}

impl Spec for Scale {
    const NAME: &'static str = "scale";
    const VERB: &'static [&'static str] = &["scale"];
    const ABOUT: &'static str = "Set how many replicas a workload has.";
    const EXAMPLE: &'static str = "kubectl scale deployment/web --replicas=3";
    const BACK: &'static str = "scales to the former number";
    const FLAGS: &'static [Flag] = &[Flag::value("replicas")];
    const READS: bool = false;
    const EACH: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        let target = workload_place(argv)?;
        let replicas = argv.parsed("replicas")?.ok_or_else(|| Misuse::says("how many? --replicas=N is missing"))?;
        Ok(Scale { target, replicas })
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::*;
    use serde_json::json;

    #[test]
    fn one_definition_many_readers() {
        let op = Op::from_line("kubectl scale deployment/backend --replicas=3 -n todo-chatbot").unwrap();
        assert_eq!(op.line(), "kubectl scale deployment/backend --replicas=3 -n todo-chatbot");
        assert_eq!(Op::from_json(serde_json::to_value(&op).unwrap()).unwrap(), op);
        assert_eq!(op.entry().name, "scale");
        let extra = Op::from_json(json!({"op": "scale", "kind": "deployment", "name": "b", "replicas": 3, "x": 1}));
        assert!(extra.unwrap_err().contains('x'));
        let bad = Op::from_json(json!({"op": "scale", "kind": "deployment", "name": "Back End", "replicas": 3}));
        assert!(bad.unwrap_err().contains("Back End"));
        let schema = (op.entry().schema)();
        assert_eq!(schema["properties"]["replicas"]["type"], "integer", "{schema}");
        assert!(schema["properties"]["name"].is_object(), "{schema}");
        assert!(!schema.to_string().contains("$ref"), "{schema}");
    }
}
