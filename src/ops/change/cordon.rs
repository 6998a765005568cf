//! `kubectl cordon`: no new pods on a node.

use crate::ops::{
    Argv, BadName, Call, CannotDo, Flag, Images, Impact, Kind, Lookup, Misuse, Name, Namespace, PatchKind, Spec, Target, Uncordon, Verb,
    Way,
    verb::{kind_named, refuse},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Marks nodes unschedulable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cordon {
    /// the nodes
    pub nodes: Vec<Name>,
}

impl Verb for Cordon {
    fn impact(&self) -> Impact {
        Impact::Changes
    }
    fn place(&mut self, _namespace: &Namespace) {}
    fn targets(&self) -> Vec<Target> {
        targets(&self.nodes)
    }
    fn title(&self) -> String {
        titled("cordon", &self.nodes)
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        marked(&self.nodes, &json!(true))
    }
    fn print(&self) -> Argv {
        self.nodes.iter().fold(Argv::of(Self::VERB), Argv::place)
    }
    fn inverse(&self, images: &[Images<'_>]) -> Way {
        match moved(&self.nodes, images, false) {
            nodes if nodes.is_empty() => Way::None("it changed nothing"),
            nodes => Way::Back(vec![Uncordon { nodes }.into()]),
        }
    }
}

/// The nodes as targets.
fn nodes(names: &[Name]) -> Result<Vec<Target>, BadName> {
    names.iter().map(|name| Target::new(Kind::built_in("nodes"), name.clone())).collect()
}

pub(in crate::ops) fn targets(names: &[Name]) -> Vec<Target> {
    nodes(names).unwrap_or_default()
}

pub(in crate::ops) fn titled(verb: &str, names: &[Name]) -> String {
    format!("{verb} {}", names.iter().map(|n| format!("node/{n}")).collect::<Vec<_>>().join(", "))
}

/// One merge patch per node; null takes the field away, as kubectl's does.
pub(in crate::ops) fn marked(names: &[Name], unschedulable: &Value) -> Result<Vec<Call>, CannotDo> {
    if names.is_empty() {
        return Err(CannotDo::new("which node? none is named", "kubectl get nodes lists them"));
    }
    let targets = nodes(names).map_err(|e| CannotDo::new(e.to_string(), ""))?;
    let patch = json!({"spec": {"unschedulable": unschedulable}});
    Ok(targets.iter().map(|t| Call::patch(t, PatchKind::Merge, patch.clone())).collect())
}

/// The nodes that were in that state before.
pub(in crate::ops) fn moved(names: &[Name], images: &[Images<'_>], was: bool) -> Vec<Name> {
    let state = |object: &Value| object.pointer("/spec/unschedulable").and_then(Value::as_bool).unwrap_or(false);
    let before = names.iter().zip(images).filter(|(_, i)| i.before.is_some_and(|object| state(object) == was));
    before.map(|(name, _)| name.clone()).collect()
}

/// The nodes on a line: `NODE`, `node/NODE`.
pub(in crate::ops) fn on_line(argv: &Argv) -> Result<Vec<Name>, Misuse> {
    let verb = argv.verb.join(" ");
    refuse(argv, &[("selector", "by name only: say which nodes")])?;
    let mut names = Vec::new();
    for word in &argv.places {
        let name = match word.split_once('/') {
            Some((kind, name)) if kind_named(kind)? == Kind::built_in("nodes") => name,
            Some((kind, _)) => return Err(Misuse::Says(format!("kubectl {verb}: nodes only, not {kind}"))),
            None => word,
        };
        let target = Target::new(Kind::built_in("nodes"), Name::new(name)?)?;
        names.push(target.name().clone());
    }
    if names.is_empty() {
        return Err(Misuse::Says(format!("kubectl {verb}: which node? its name is missing")));
    }
    Ok(names)
}

impl Spec for Cordon {
    const NAME: &'static str = "cordon";
    const VERB: &'static [&'static str] = &["cordon"];
    const ABOUT: &'static str = "Keep new pods off a node.";
    const EXAMPLE: &'static str = "kubectl cordon node-1";
    const BACK: &'static str = "uncordons the nodes that were not";
    const FLAGS: &'static [Flag] = &[Flag::value("selector").short('l')];
    const READS: bool = false;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        Ok(Cordon { nodes: on_line(argv)? })
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::*;
    use serde_json::json;

    #[test]
    fn each_undoes_the_other_only_where_it_moved_something() {
        let op = Op::from_line("kubectl cordon n1 node/n2").unwrap();
        let calls = op.verb().calls(&[], Default::default()).unwrap();
        assert_eq!(calls[1].path(), "/api/v1/nodes/n2");
        assert_eq!(calls[1].body(None).unwrap(), json!({"spec": {"unschedulable": true}}));
        let (free, closed) = (json!({"spec": {}}), json!({"spec": {"unschedulable": true}}));
        let images = [Images { before: Some(&free), after: None }, Images { before: Some(&closed), after: None }];
        let Way::Back(back) = op.verb().inverse(&images) else { panic!() };
        assert_eq!(back[0].line(), "kubectl uncordon n1");
        assert_eq!(back[0].verb().calls(&[], Default::default()).unwrap()[0].body(None).unwrap(), json!({"spec": {"unschedulable": null}}));
        assert!(matches!(back[0].verb().inverse(&images[..1]), Way::None(_)));
        assert!(Op::from_line("kubectl cordon pod/x").is_err());
    }
}
