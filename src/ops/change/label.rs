//! `kubectl label`: labels set or taken away.

use super::marks::{self, Marks, Sort};
use crate::ops::{
    Argv, Call, CannotDo, Flag, Images, Impact, LabelKey, LabelValue, Lookup, Misuse, Namespace, PatchKind, Spec, Target, Verb, Way,
    verb::refuse,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Sets labels; a null value removes one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// the object
    #[serde(flatten)]
    pub target: Target,
    /// key to value; null removes it
    pub labels: BTreeMap<LabelKey, Option<LabelValue>>,
    /// replace values that are already there
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub overwrite: bool,
}

const LABELS: Sort = Sort { field: "labels", one: "label" };

impl Verb for Label {
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
        format!("label {} {}", self.target.slashed(), marks::words(&self.labels).collect::<Vec<_>>().join(" "))
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        if seen.is_empty() && marks::may_clash(&self.labels, self.overwrite) { vec![Call::get(&self.target)] } else { Vec::new() }
    }
    fn calls(&self, seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        LABELS.check(&self.labels, self.overwrite, seen, &self.target)?;
        Ok(vec![Call::patch(&self.target, PatchKind::Merge, json!({"metadata": {"labels": self.labels}}))])
    }
    fn print(&self) -> Argv {
        let argv = marks::words(&self.labels).fold(Argv::of(Self::VERB).place(self.target.slashed()), Argv::place);
        argv.switch("overwrite", self.overwrite).namespace(self.target.namespace())
    }
    fn inverse(&self, images: &[Images<'_>]) -> Way {
        match LABELS.former(&self.labels, images) {
            Ok(labels) => Way::Back(vec![Label { target: self.target.clone(), labels, overwrite: true }.into()]),
            Err(none) => none,
        }
    }
}

impl Spec for Label {
    const NAME: &'static str = "label";
    const VERB: &'static [&'static str] = &["label"];
    const ABOUT: &'static str = "Set or remove labels of an object.";
    const EXAMPLE: &'static str = "kubectl label pod/web tier=db";
    const BACK: &'static str = "sets the former values, takes new labels away";
    const FLAGS: &'static [Flag] = &[Flag::switch("overwrite"), Flag::switch("list")];
    const READS: bool = false;
    const EACH: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        refuse(argv, &[("list", "kubectl get … --show-labels shows them")])?;
        let (target, labels): (_, Marks<LabelValue>) = LABELS.on_line(argv)?;
        Ok(Label { target, labels, overwrite: argv.on("overwrite") })
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::*;
    use serde_json::json;

    #[test]
    fn a_value_is_replaced_only_when_asked() {
        let seen = [Lookup::Known(json!({"metadata": {"labels": {"tier": "web"}}}))];
        let op = Op::from_line("kubectl label pod web tier=db a.b/c-").unwrap();
        let e = op.verb().calls(&seen, Default::default()).unwrap_err();
        assert_eq!(e.sentence, "'tier' already has a value (web) on pod/web, and --overwrite is false");
        let op = Op::from_line("kubectl label pod/web a.b/c- tier=db --overwrite").unwrap();
        assert!(op.verb().looks(&[]).is_empty());
        let body = op.verb().calls(&[], Default::default()).unwrap()[0].body(None).unwrap();
        assert_eq!(body, json!({"metadata": {"labels": {"tier": "db", "a.b/c": null}}}));
    }

    #[test]
    fn the_way_back_restores_values_and_absence() {
        let before = json!({"metadata": {"labels": {"tier": "web", "same": "1"}}});
        let op = Op::from_line("kubectl label pod/web tier=db new=1 same=1 gone- --overwrite").unwrap();
        let Way::Back(ops) = op.verb().inverse(&[Images { before: Some(&before), after: None }]) else { panic!() };
        assert_eq!(ops[0].line(), "kubectl label pod/web new- tier=web --overwrite");
    }
}
