//! `kubectl rollout history`: the revisions of a workload and what changed between them.

use crate::ops::{
    Answer, Argv, Call, CannotDo, Flag, Impact, Kind, Lookup, Misuse, Namespace, Reply, Spec, Target, Verb,
    answer::{Block, Description, Table},
    change::rollout_undo::{history, history_call, history_kind},
    look::{self, gathered, pairs, since, text},
    template,
    verb::workload_place,
};
use crate::terms::{
    diff::{Change, diff},
    path::Segment,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Lists revisions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RolloutHistory {
    /// the workload
    #[serde(flatten)]
    pub target: Target,
    /// only this revision, in full
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<u64>,
}

/// More changes than these are counted, not named.
const MOST_NAMED: usize = 4;

impl RolloutHistory {
    fn told(&self, item: &Value) -> Description {
        let template = template_of(self.target.kind(), item);
        let cause = text(item, "/metadata/annotations/kubernetes.io~1change-cause");
        let mut fields = vec![("Revision".to_string(), self.revision.unwrap_or_default().to_string())];
        if !cause.is_empty() {
            fields.push(("Change-Cause".into(), cause.into()));
        }
        fields.push(("Labels".into(), pairs(&template, "/metadata/labels").join(", ")));
        let mut blocks = vec![Block::Fields { title: String::new(), fields }];
        blocks.extend(super::told::pods::template_blocks(&template["spec"]));
        Description { target: self.target.clone(), blocks }
    }
}

/// The pod template that a revision holds.
fn template_of(kind: Kind, item: &Value) -> Value {
    let template = if kind.is("deployments", "apps") { item.pointer("/spec/template") } else { item.pointer("/data/spec/template") };
    let mut template = template::without_hash(template.unwrap_or(&Value::Null));
    if let Some(map) = template.as_object_mut() {
        map.remove("$patch");
    }
    template
}

/// What changed between two templates, in few words. Values of environment variables are not said.
fn in_short(before: &Value, after: &Value) -> String {
    // Under its usual fields, so that lists are matched by their keys.
    let wrapped = |t: &Value| json!({"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": t}});
    let mut said: Vec<String> = Vec::new();
    for change in diff(&wrapped(before), &wrapped(after)) {
        let words = one_in_short(&change);
        if !said.contains(&words) {
            said.push(words);
        }
    }
    let more = said.len().saturating_sub(MOST_NAMED);
    said.truncate(MOST_NAMED);
    if more > 0 {
        said.push(format!("{more} more"));
    }
    if said.is_empty() { "nothing".into() } else { said.join("; ") }
}

/// Whether a template's first or last annotation is that of a restart.
fn is_restart(change: &Change) -> bool {
    let only = |v: &Value| v.as_object().is_some_and(|map| map.keys().eq(["kubectl.kubernetes.io/restartedAt"]));
    change.before.iter().chain(&change.after).all(only)
}

fn one_in_short(change: &Change) -> String {
    let steps: Vec<&str> = change
        .path
        .0
        .iter()
        .skip(2)
        .map(|s| match s {
            Segment::Field(name) => name.as_str(),
            Segment::Key { value, .. } => value.as_str(),
            Segment::Index(_) => "",
        })
        .collect();
    let sign = match (&change.before, &change.after) {
        (None, _) => "+",
        (_, None) => "-",
        (Some(_), Some(_)) => "",
    };
    let values = || match (&change.before, &change.after) {
        (Some(b), Some(a)) if !b.is_object() && !b.is_array() && !a.is_object() && !a.is_array() => {
            format!(" {} → {}", look::plain(b), look::plain(a))
        }
        (None, Some(a)) if a.is_string() || a.is_number() => format!(" {}", look::plain(a)),
        (_, _) => String::new(),
    };
    match steps.as_slice() {
        ["metadata"] if change.before.is_none() || change.after.is_none() => format!("{sign}metadata"),
        ["metadata", "annotations", "kubectl.kubernetes.io/restartedAt"] => "restarted".into(),
        ["metadata", "annotations"] if is_restart(change) => "restarted".into(),
        ["spec", "containers" | "initContainers", container, "env", name, ..] => format!("{container}: {sign}env {name}"),
        ["spec", "containers" | "initContainers", container, "env"] => format!("{container}: {sign}env"),
        ["spec", "containers" | "initContainers", container] => format!("{sign}container {container}"),
        ["spec", "containers" | "initContainers", container, rest @ ..] => format!("{container}: {sign}{}{}", rest.join("."), values()),
        ["spec", rest @ ..] => format!("{sign}{}{}", rest.join("."), values()),
        ["metadata", "annotations", name, ..] => format!("{sign}annotation {name}"),
        ["metadata", "labels", name, ..] => format!("{sign}label {name}{}", values()),
        other => format!("{sign}{}", other.join(".")),
    }
}

impl Verb for RolloutHistory {
    fn impact(&self) -> Impact {
        Impact::Reads
    }
    fn place(&mut self, namespace: &Namespace) {
        self.target.place(namespace);
    }
    fn targets(&self) -> Vec<Target> {
        vec![self.target.clone()]
    }
    fn title(&self) -> String {
        format!("rollout history of {}", self.target.slashed())
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        if seen.is_empty() && self.target.kind().rolls_out() { vec![Call::get(&self.target)] } else { Vec::new() }
    }
    fn calls(&self, seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        template::must_roll_out(&self.target, "rollout history")?;
        let object = look::object(seen, &self.target)?;
        Ok(vec![Call::get(&self.target), history_call(&self.target, object)])
    }
    fn print(&self) -> Argv {
        let argv = Argv::of(Self::VERB).place(self.target.slashed());
        let argv = match self.revision {
            Some(revision) => argv.flag("revision", revision),
            None => argv,
        };
        argv.namespace(self.target.namespace())
    }
    fn answer(&self, calls: &[Call], replies: &[Reply], now: Timestamp) -> Result<Answer, CannotDo> {
        let gathered = gathered(calls, replies);
        let object = look::object(&gathered, &self.target)?;
        let kept = look::listed(&gathered, 1, history_kind(self.target.kind()))?;
        let history = history(&self.target, object, kept);
        if let Some(wanted) = self.revision {
            let found = history.iter().find(|(n, _)| *n == wanted);
            let known = history.iter().map(|(n, _)| n.to_string()).collect::<Vec<_>>().join(", ");
            return match found {
                Some((_, item)) => Ok(Answer::Description(self.told(item))),
                None => Err(CannotDo::new(
                    format!("unable to find the specified revision {wanted} of {}", self.target.slashed()),
                    if known.is_empty() { String::new() } else { format!("there are: {known}") },
                )),
            };
        }
        let mut rows = Vec::with_capacity(history.len());
        let mut before: Option<Value> = None;
        for (number, item) in &history {
            let template = template_of(self.target.kind(), item);
            let changed = before.as_ref().map_or_else(|| "first kept".into(), |before| in_short(before, &template));
            let cause = text(item, "/metadata/annotations/kubernetes.io~1change-cause");
            let cause = if cause.is_empty() { "<none>" } else { cause };
            rows.push(vec![number.to_string(), cause.to_string(), changed, since(text(item, "/metadata/creationTimestamp"), now)]);
            before = Some(template);
        }
        let columns = ["Revision", "Change-Cause", "What Changed", "Age"].map(String::from).to_vec();
        Ok(Answer::Tables { tables: vec![Table { title: self.target.slashed(), columns, rows }] })
    }
}

impl Spec for RolloutHistory {
    const NAME: &'static str = "rollout_history";
    const VERB: &'static [&'static str] = &["rollout", "history"];
    const ABOUT: &'static str = "List a workload's revisions with what changed in each.";
    const EXAMPLE: &'static str = "kubectl rollout history deployment/web";
    const BACK: &'static str = "";
    const FLAGS: &'static [Flag] = &[Flag::value("revision")];
    const READS: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        // kubectl takes 0 for all of them.
        let revision = argv.parsed::<u64>("revision")?.filter(|n| *n > 0);
        Ok(RolloutHistory { target: workload_place(argv)?, revision })
    }
}

#[cfg(test)]
mod tests;
