//! `kubectl set selector`: which pods a service sends to.

use crate::ops::{
    Argv, Call, CannotDo, Flag, Images, Impact, LabelKey, LabelValue, Lookup, Misuse, Namespace, PatchKind, Spec, Target, Verb, Way, look,
    restore, verb::target_and_rest,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Gives a service another selector; the former one is gone as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetSelector {
    /// the service
    #[serde(flatten)]
    pub target: Target,
    /// key to value: the labels its pods have
    pub selector: BTreeMap<LabelKey, LabelValue>,
}

impl SetSelector {
    fn said(&self) -> String {
        self.selector.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(",")
    }
}

impl Verb for SetSelector {
    fn impact(&self) -> Impact {
        Impact::Changes
    }
    fn place(&mut self, namespace: &Namespace) {
        self.target.place(namespace);
    }
    fn targets(&self) -> Vec<Target> {
        vec![self.target.clone()]
    }
    fn title(&self) -> String {
        format!("set selector {} {}", self.target.slashed(), self.said())
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        if seen.is_empty() { vec![Call::get(&self.target)] } else { Vec::new() }
    }
    /// Source: `kubectl/pkg/cmd/set/set_selector.go`: services only, and the whole selector is replaced.
    fn calls(&self, seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        if !self.target.kind().is("services", "") {
            return Err(CannotDo::new(format!("only a service's selector can be set, and {} is none", self.target.slashed()), ""));
        }
        if self.selector.is_empty() {
            return Err(CannotDo::new("which selector? no label is named", "say key=value,key=value"));
        }
        let service = look::object(seen, &self.target)?;
        let had = service.pointer("/spec/selector").and_then(Value::as_object);
        let mut selector: Map<String, Value> = had.into_iter().flatten().map(|(key, _)| (key.clone(), Value::Null)).collect();
        selector.extend(self.selector.iter().map(|(key, value)| (key.to_string(), json!(value))));
        Ok(vec![Call::patch(&self.target, PatchKind::Merge, json!({"spec": {"selector": selector}}))])
    }
    fn print(&self) -> Argv {
        Argv::of(Self::VERB).place(self.target.slashed()).place(self.said()).namespace(self.target.namespace())
    }
    fn inverse(&self, images: &[Images<'_>]) -> Way {
        restore::way_back(&self.target, images)
    }
}

impl Spec for SetSelector {
    const NAME: &'static str = "set_selector";
    const VERB: &'static [&'static str] = &["set", "selector"];
    const ABOUT: &'static str = "Set which pods a service sends to.";
    const EXAMPLE: &'static str = "kubectl set selector service/web app=web";
    const BACK: &'static str = "puts the former selector back";
    const FLAGS: &'static [Flag] = &[];
    const READS: bool = false;
    const EACH: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        let (target, rest) = target_and_rest(argv)?;
        let mut selector = BTreeMap::new();
        for pair in rest.iter().flat_map(|word| word.split(',')) {
            let (key, value) = pair.split_once('=').ok_or_else(|| Misuse::Says(format!("{pair:?}: key=value was expected")))?;
            if selector.insert(LabelKey::new(key)?, LabelValue::new(value)?).is_some() {
                return Err(Misuse::Says(format!("{key} is named twice")));
            }
        }
        if selector.is_empty() {
            return Err(Misuse::says("kubectl set selector: which one? key=value is missing"));
        }
        Ok(SetSelector { target, selector })
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::*;
    use serde_json::json;

    #[test]
    fn the_former_selector_is_gone_as_a_whole() {
        let op = Op::from_line("kubectl set selector svc web app=x,tier=y").unwrap();
        let seen = [Lookup::Known(json!({"spec": {"selector": {"app": "web", "old": "1"}}}))];
        let body = op.verb().calls(&seen, Default::default()).unwrap()[0].body(None).unwrap();
        assert_eq!(body, json!({"spec": {"selector": {"app": "x", "old": null, "tier": "y"}}}));
        assert!(Op::from_line("kubectl set selector deploy/web a=b").unwrap().verb().calls(&seen, Default::default()).is_err());
        assert!(Op::from_line("kubectl set selector svc/web 'a in (b)'").is_err());
    }
}
