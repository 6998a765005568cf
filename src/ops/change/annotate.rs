//! `kubectl annotate`: annotations set or taken away.

use super::marks::{self, Marks, Sort};
use crate::ops::{
    Argv, Call, CannotDo, Flag, Images, Impact, LabelKey, Lookup, Misuse, Namespace, PatchKind, Spec, Target, Verb, Way, verb::refuse,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Sets annotations; a null value removes one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Annotate {
    /// the object
    #[serde(flatten)]
    pub target: Target,
    /// key to value; null removes it
    pub annotations: BTreeMap<LabelKey, Option<String>>,
    /// replace values that are already there
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub overwrite: bool,
}

const ANNOTATIONS: Sort = Sort { field: "annotations", one: "annotation" };

impl Verb for Annotate {
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
        format!("annotate {} {}", self.target.slashed(), marks::words(&self.annotations).collect::<Vec<_>>().join(" "))
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        if seen.is_empty() && marks::may_clash(&self.annotations, self.overwrite) { vec![Call::get(&self.target)] } else { Vec::new() }
    }
    fn calls(&self, seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        ANNOTATIONS.check(&self.annotations, self.overwrite, seen, &self.target)?;
        Ok(vec![Call::patch(&self.target, PatchKind::Merge, json!({"metadata": {"annotations": self.annotations}}))])
    }
    fn print(&self) -> Argv {
        let argv = marks::words(&self.annotations).fold(Argv::of(Self::VERB).place(self.target.slashed()), Argv::place);
        argv.switch("overwrite", self.overwrite).namespace(self.target.namespace())
    }
    fn inverse(&self, images: &[Images<'_>]) -> Way {
        match ANNOTATIONS.former(&self.annotations, images) {
            Ok(annotations) => Way::Back(vec![Annotate { target: self.target.clone(), annotations, overwrite: true }.into()]),
            Err(none) => none,
        }
    }
}

impl Spec for Annotate {
    const NAME: &'static str = "annotate";
    const VERB: &'static [&'static str] = &["annotate"];
    const ABOUT: &'static str = "Set or remove annotations of an object.";
    const EXAMPLE: &'static str = "kubectl annotate deployment/web note=reviewed";
    const BACK: &'static str = "sets the former values, takes new annotations away";
    const FLAGS: &'static [Flag] = &[Flag::switch("overwrite"), Flag::switch("list")];
    const READS: bool = false;
    const EACH: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        refuse(argv, &[("list", "kubectl describe shows them")])?;
        let (target, annotations): (_, Marks<String>) = ANNOTATIONS.on_line(argv)?;
        Ok(Annotate { target, annotations, overwrite: argv.on("overwrite") })
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::*;
    use serde_json::json;

    #[test]
    fn a_value_is_any_text_and_is_replaced_only_when_asked() {
        let op = Op::from_line("kubectl annotate deploy web 'note=two words = 3' a.b/c-").unwrap();
        let seen = [Lookup::Known(json!({"metadata": {"annotations": {"a.b/c": "x"}}}))];
        let body = op.verb().calls(&seen, Default::default()).unwrap()[0].body(None).unwrap();
        assert_eq!(body, json!({"metadata": {"annotations": {"note": "two words = 3", "a.b/c": null}}}));
        let seen = [Lookup::Known(json!({"metadata": {"annotations": {"note": "x"}}}))];
        let e = op.verb().calls(&seen, Default::default()).unwrap_err();
        assert_eq!(e.sentence, "'note' already has a value (x) on deployment/web, and --overwrite is false");
        let before = json!({"metadata": {"annotations": {"a.b/c": "a b"}}});
        let Way::Back(ops) = op.verb().inverse(&[Images { before: Some(&before), after: None }]) else { panic!() };
        assert_eq!(ops[0].line(), "kubectl annotate deployment/web 'a.b/c=a b' note- --overwrite");
        assert!(Op::from_line("kubectl annotate deploy web --list").is_err());
    }
}
