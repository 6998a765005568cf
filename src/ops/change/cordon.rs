//! `kubectl cordon`: no new pods on a node.

use crate::ops::{
    Argv, BadName, Call, CannotDo, Flag, Images, Impact, Kind, Lookup, Misuse, Name, Namespace, Op, PatchKind, Spec, Target, Uncordon,
    Verb, Way, look, verb::kind_named,
};
use crate::terms::selector::LabelSelector;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Marks nodes unschedulable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cordon {
    /// the nodes
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<Name>,
    /// instead of names: the nodes with these labels
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selector: Option<String>,
}

impl Cordon {
    /// Those nodes.
    pub fn of(nodes: Vec<Name>) -> Cordon {
        Cordon { nodes, selector: None }
    }
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
        titled("cordon", &self.nodes, self.selector.as_deref())
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        chosen(self.selector.as_deref(), seen)
    }
    fn expand(&self, seen: &[Lookup<Value>]) -> Result<Option<Vec<Op>>, CannotDo> {
        let Some(selector) = &self.selector else { return Ok(None) };
        Ok(Some(vec![Cordon::of(found(selector, &self.nodes, seen)?).into()]))
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        marked(&self.nodes, &json!(true))
    }
    fn print(&self) -> Argv {
        printed(Argv::of(Self::VERB), &self.nodes, self.selector.as_deref())
    }
    fn inverse(&self, images: &[Images<'_>]) -> Way {
        match moved(&self.nodes, images, false) {
            nodes if nodes.is_empty() => Way::None("it changed nothing"),
            nodes => Way::Back(vec![Uncordon::of(nodes).into()]),
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

pub(in crate::ops) fn titled(verb: &str, names: &[Name], selector: Option<&str>) -> String {
    match selector {
        Some(selector) => format!("{verb} the nodes with {selector}"),
        None => format!("{verb} {}", names.iter().map(|n| format!("node/{n}")).collect::<Vec<_>>().join(", ")),
    }
}

/// The look at the nodes that a selector means.
pub(in crate::ops) fn chosen(selector: Option<&str>, seen: &[Lookup<Value>]) -> Vec<Call> {
    let list = |selector: &str| Call::list(Kind::built_in("nodes"), None).with("labelSelector", selector);
    if seen.is_empty() { selector.map(list).into_iter().collect() } else { Vec::new() }
}

/// The nodes that a selector means.
pub(in crate::ops) fn found(selector: &str, named: &[Name], seen: &[Lookup<Value>]) -> Result<Vec<Name>, CannotDo> {
    let kind = Kind::built_in("nodes");
    let nodes: Vec<Name> = look::listed(seen, 0, kind)?.iter().filter_map(|o| Some(look::target_of(kind, o)?.name().clone())).collect();
    match (named.is_empty(), nodes.is_empty()) {
        (false, _) => Err(CannotDo::new("names and a selector cannot stand together", "say one of the two")),
        (true, true) => Err(CannotDo::new(format!("there are no nodes with {selector}"), "kubectl get nodes --show-labels lists them")),
        (true, false) => Ok(nodes),
    }
}

/// As it stands on a line.
pub(in crate::ops) fn printed(argv: Argv, names: &[Name], selector: Option<&str>) -> Argv {
    let argv = names.iter().fold(argv, Argv::place);
    match selector {
        Some(selector) => argv.flag("selector", selector),
        None => argv,
    }
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

/// The nodes on a line: `NODE`, `node/NODE`, or a selector.
pub(in crate::ops) fn on_line(argv: &Argv) -> Result<(Vec<Name>, Option<String>), Misuse> {
    let verb = argv.verb.join(" ");
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
    match (argv.get("selector"), names.is_empty()) {
        (Some(_), false) => Err(Misuse::Says(format!("kubectl {verb}: a name and a selector cannot stand together"))),
        (Some(selector), true) => {
            let read = selector.parse::<LabelSelector>().map_err(|e| Misuse::Says(format!("kubectl {verb}: -l {selector:?}: {e}")))?;
            if read.is_empty() {
                Err(Misuse::Says(format!("kubectl {verb}: -l is empty")))
            } else {
                Ok((names, Some(selector.to_string())))
            }
        }
        (None, true) => Err(Misuse::Says(format!("kubectl {verb}: which node? its name is missing"))),
        (None, false) => Ok((names, None)),
    }
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
        let (nodes, selector) = on_line(argv)?;
        Ok(Cordon { nodes, selector })
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

    #[test]
    fn a_selector_becomes_the_nodes_there_are() {
        let op = Op::from_line("kubectl uncordon -l zone=a").unwrap();
        assert_eq!(op.line(), "kubectl uncordon --selector=zone=a");
        assert_eq!(op.verb().looks(&[])[0].query, [("labelSelector".to_string(), "zone=a".to_string())]);
        let list = Lookup::Known(json!({"items": [{"metadata": {"name": "n1"}}, {"metadata": {"name": "n2"}}]}));
        assert_eq!(op.verb().expand(&[list]).unwrap().unwrap()[0].line(), "kubectl uncordon n1 n2");
        assert!(op.verb().expand(&[Lookup::Known(json!({}))]).unwrap_err().sentence.contains("zone=a"));
        assert!(Op::from_line("kubectl cordon n1 -l a=b").is_err() && Op::from_line("kubectl cordon -l 'a in ('").is_err());
    }
}
