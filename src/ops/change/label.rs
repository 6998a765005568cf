//! `kubectl label`: labels set or taken away.

use crate::ops::{
    Argv, Call, CannotDo, Flag, Images, Impact, LabelKey, LabelValue, Lookup, Misuse, Namespace, PatchKind, Spec, Target, Verb, Way, look,
    verb::objects_on,
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

impl Label {
    fn words(&self) -> impl Iterator<Item = String> {
        self.labels.iter().map(|(key, value)| match value {
            Some(value) => format!("{key}={value}"),
            None => format!("{key}-"),
        })
    }
}

fn label_of<'a>(object: &'a Value, key: &LabelKey) -> Option<&'a str> {
    object.get("metadata")?.get("labels")?.get(key.as_str())?.as_str()
}

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
        format!("label {} {}", self.target.slashed(), self.words().collect::<Vec<_>>().join(" "))
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        let may_clash = !self.overwrite && self.labels.values().any(Option::is_some);
        if seen.is_empty() && may_clash { vec![Call::get(&self.target)] } else { Vec::new() }
    }
    /// A label that has another value is not replaced unasked: `validateNoOverwrites` in `kubectl/pkg/cmd/label`.
    fn calls(&self, seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        if self.labels.is_empty() {
            return Err(CannotDo::new("which label? at least one is needed", "say key=value, or key- to remove one"));
        }
        if !self.overwrite && self.labels.values().any(Option::is_some) {
            let object = look::object(seen, &self.target)?;
            for (key, wanted) in &self.labels {
                if let (Some(wanted), Some(have)) = (wanted, label_of(object, key))
                    && have != wanted.as_str()
                {
                    return Err(CannotDo::new(
                        format!("'{key}' already has a value ({have}) on {}, and --overwrite is false", self.target.slashed()),
                        "add --overwrite to replace it",
                    ));
                }
            }
        }
        Ok(vec![Call::patch(&self.target, PatchKind::Merge, json!({"metadata": {"labels": self.labels}}))])
    }
    fn print(&self) -> Argv {
        let argv = self.words().fold(Argv::of(Self::VERB).place(self.target.slashed()), Argv::place);
        argv.switch("overwrite", self.overwrite).namespace(self.target.namespace())
    }
    fn inverse(&self, images: &[Images<'_>]) -> Way {
        let Some(before) = images.first().and_then(|i| i.before) else { return Way::None("which labels there were is not known") };
        let moved = self.labels.iter().filter(|(key, value)| label_of(before, key) != value.as_ref().map(LabelValue::as_str));
        let former = moved.map(|(key, _)| match label_of(before, key) {
            None => Some((key.clone(), None)),
            Some(have) => Some((key.clone(), Some(LabelValue::new(have).ok()?))),
        });
        match former.collect::<Option<BTreeMap<_, _>>>() {
            Some(labels) if labels.is_empty() => Way::None("it changed nothing"),
            Some(labels) => Way::Back(vec![Label { target: self.target.clone(), labels, overwrite: true }.into()]),
            None => Way::None("a former value is no legal label value"),
        }
    }
}

impl Spec for Label {
    const NAME: &'static str = "label";
    const VERB: &'static [&'static str] = &["label"];
    const ABOUT: &'static str = "Set or remove labels of an object.";
    const EXAMPLE: &'static str = "kubectl label pod/web tier=db";
    const BACK: &'static str = "sets the former values, takes new labels away";
    const FLAGS: &'static [Flag] = &[Flag::switch("overwrite")];
    const READS: bool = false;
    const EACH: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        let (mut targets, rest) = objects_on(argv)?;
        let target = match (targets.pop(), targets.is_empty()) {
            (Some(one), true) => one,
            (Some(_), false) => return Err(Misuse::says("kubectl label: one object at a time")),
            (None, _) => return Err(Misuse::says("kubectl label: which object? kind/name is missing")),
        };
        let mut labels = BTreeMap::new();
        for word in rest {
            let (key, value) = match (word.split_once('='), word.strip_suffix('-')) {
                (Some((key, value)), _) => (LabelKey::new(key)?, Some(LabelValue::new(value)?)),
                (None, Some(key)) => (LabelKey::new(key)?, None),
                (None, None) => return Err(Misuse::Says(format!("{word:?}: key=value or key- was expected"))),
            };
            if labels.insert(key, value).is_some() {
                return Err(Misuse::Says(format!("{word:?}: that label is named twice")));
            }
        }
        if labels.is_empty() {
            return Err(Misuse::says("kubectl label: which label? key=value or key- is missing"));
        }
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
