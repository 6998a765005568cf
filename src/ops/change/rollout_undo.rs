//! `kubectl rollout undo`: back to an earlier revision of the pod template.
//!
//! Source: `kubectl/pkg/polymorphichelpers/rollback.go`.

use crate::ops::{
    Argv, Call, CannotDo, Flag, Images, Impact, Kind, Lookup, Misuse, Namespace, PatchKind, Spec, Target, Verb, Wait, Way, look, template,
    verb::workload_place, wait::is_paused,
};
use crate::terms::selector::LabelSelector;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Rolls back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RolloutUndo {
    /// the workload
    #[serde(flatten)]
    pub target: Target,
    /// revision; left out: the one before
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_revision: Option<u64>,
}

/// Annotations that a deployment keeps when it is rolled back; all others come from the revision.
const KEPT: &[&str] = &[
    "kubectl.kubernetes.io/last-applied-configuration",
    template::REVISION,
    "deployment.kubernetes.io/revision-history",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deprecated.deployment.rollback.to",
];

/// The kind in which a workload's revisions are kept.
pub(in crate::ops) fn history_kind(kind: Kind) -> Kind {
    Kind::built_in(if kind.is("deployments", "apps") { "replicasets.apps" } else { "controllerrevisions.apps" })
}

/// The list of a workload's revisions, by its selector.
pub(in crate::ops) fn history_call(target: &Target, object: &Value) -> Call {
    let selector = object.pointer("/spec/selector").and_then(|s| LabelSelector::from_json(s).ok()).unwrap_or_default();
    Call::list(history_kind(target.kind()), target.namespace()).with("labelSelector", selector.to_string())
}

/// The revisions that belong to a workload, oldest first, each with its number.
pub(in crate::ops) fn history<'a>(target: &Target, object: &Value, kept: &'a [Value]) -> Vec<(u64, &'a Value)> {
    let uid = look::text(object, "/metadata/uid");
    let number = |item: &Value| {
        if target.kind().is("deployments", "apps") { template::revision(item) } else { item["revision"].as_u64() }
    };
    let mut history: Vec<(u64, &Value)> =
        kept.iter().filter(|item| look::controlled_by(item, uid)).filter_map(|item| Some((number(item)?, item))).collect();
    history.sort_by_key(|(number, _)| *number);
    history
}

impl RolloutUndo {
    fn chosen<'a>(&self, history: &[(u64, &'a Value)]) -> Result<(u64, &'a Value), CannotDo> {
        let numbers = || history.iter().map(|(n, _)| n.to_string()).collect::<Vec<_>>().join(", ");
        match (self.to_revision.filter(|n| *n > 0), history) {
            (Some(wanted), _) => history.iter().find(|(n, _)| *n == wanted).copied().ok_or_else(|| {
                let hint = if history.is_empty() { String::new() } else { format!("there are: {}", numbers()) };
                CannotDo::new(format!("unable to find specified revision {wanted} in the history of {}", self.target.slashed()), hint)
            }),
            (None, [.., before, _]) => Ok(*before),
            (None, _) => Err(CannotDo::new(
                format!("no rollout history found for {}: there is no earlier revision", self.target.slashed()),
                format!("kubectl rollout history {}", self.target.slashed()),
            )),
        }
    }

    fn already(&self, revision: u64) -> CannotDo {
        CannotDo::new(format!("the template of {} already is that of revision {revision}", self.target.slashed()), "nothing to roll back")
    }
}

impl Verb for RolloutUndo {
    fn impact(&self) -> Impact {
        Impact::Disrupts
    }
    fn place(&mut self, namespace: &Namespace) {
        self.target.place(namespace);
    }
    fn targets(&self) -> Vec<Target> {
        vec![self.target.clone()]
    }
    fn title(&self) -> String {
        match self.to_revision {
            Some(n) => format!("roll {} back to revision {n}", self.target.slashed()),
            None => format!("roll {} back", self.target.slashed()),
        }
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        match seen {
            [] => vec![Call::get(&self.target)],
            [Lookup::Known(object)] if self.target.kind().rolls_out() => vec![history_call(&self.target, object)],
            [..] => Vec::new(),
        }
    }
    fn calls(&self, seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        template::must_roll_out(&self.target, "rollout undo")?;
        let object = look::object(seen, &self.target)?;
        let kept = look::listed(seen, 1, history_kind(self.target.kind()))?;
        let (revision, item) = self.chosen(&history(&self.target, object, kept))?;
        if !self.target.kind().is("deployments", "apps") {
            let data = item["data"].clone();
            let wanted = data.pointer("/spec/template").map(without_directive);
            if wanted.as_ref() == object.pointer("/spec/template") {
                return Err(self.already(revision));
            }
            return Ok(vec![Call::patch(&self.target, PatchKind::Strategic, data)]);
        }
        if is_paused(object) {
            return Err(CannotDo::new(
                format!("{} is paused, and a paused deployment cannot be rolled back", self.target.slashed()),
                format!("kubectl rollout resume {}", self.target.slashed()),
            ));
        }
        let wanted = template::without_hash(&item["spec"]["template"]);
        if object.pointer("/spec/template").map(template::without_hash).as_ref() == Some(&wanted) {
            return Err(self.already(revision));
        }
        let annotations = |object: &Value, kept: bool| -> Map<String, Value> {
            let map = object.pointer("/metadata/annotations").and_then(Value::as_object);
            let chosen = map.into_iter().flatten().filter(|(key, _)| KEPT.contains(&key.as_str()) == kept);
            chosen.map(|(k, v)| (k.clone(), v.clone())).collect()
        };
        let mut both = annotations(object, true);
        both.extend(annotations(item, false));
        // "add" puts the map in place whether or not there is one; kubectl's "replace" fails where there is none.
        let body = json!([
            {"op": "replace", "path": "/spec/template", "value": wanted},
            {"op": "add", "path": "/metadata/annotations", "value": both},
        ]);
        Ok(vec![Call::patch(&self.target, PatchKind::Json, body)])
    }
    fn print(&self) -> Argv {
        let argv = Argv::of(Self::VERB).place(self.target.slashed());
        let argv = match self.to_revision {
            Some(n) => argv.flag("to-revision", n),
            None => argv,
        };
        argv.namespace(self.target.namespace())
    }
    fn wait(&self) -> Wait {
        Wait::RolledOut(self.target.clone())
    }
    /// A deployment's former ReplicaSet keeps its number until it is rolled back to. A ControllerRevision's number is not in the
    /// image, but what was current is the one before now.
    fn inverse(&self, images: &[Images<'_>]) -> Way {
        let Some(before) = images.first().and_then(|i| i.before) else {
            return Way::None("which revision there was before is not known");
        };
        let to_revision = if self.target.kind().is("deployments", "apps") {
            match template::revision(before) {
                Some(revision) => Some(revision),
                None => return Way::None("which revision there was before is not known"),
            }
        } else {
            None
        };
        Way::Back(vec![RolloutUndo { target: self.target.clone(), to_revision }.into()])
    }
}

fn without_directive(template: &Value) -> Value {
    let mut template = template.clone();
    if let Some(map) = template.as_object_mut() {
        map.remove("$patch");
    }
    template
}

impl Spec for RolloutUndo {
    const NAME: &'static str = "rollout_undo";
    const VERB: &'static [&'static str] = &["rollout", "undo"];
    const ABOUT: &'static str = "Roll a workload back to its former, or to a given, revision.";
    const EXAMPLE: &'static str = "kubectl rollout undo deployment/web --to-revision=2";
    const BACK: &'static str = "rolls back to the revision it was at";
    const FLAGS: &'static [Flag] = &[Flag::value("to-revision")];
    const READS: bool = false;
    const EACH: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        // kubectl takes 0 for the one before.
        let to_revision = argv.parsed::<u64>("to-revision")?.filter(|n| *n > 0);
        Ok(RolloutUndo { target: workload_place(argv)?, to_revision })
    }
}

#[cfg(test)]
mod tests;
