//! The way back from a run, as an ordinary plan: from the journal's images, held against what is there now.
//!
//! Owns: finding the run, comparing the fields it touched (and no others) with the present, asking each operation for its
//! inverse. Does not own: carrying it out: the plan takes the whole road like any other.
//! Invariants: a touched field that has moved since refuses the undo with both values; another cluster refuses it; undoing a
//! creation looks at what has been put inside since.

mod list;

pub use list::{Standing, Undoable, list};

use super::{
    journal::{Body, End, Record, StepEnd, Who},
    plan::{Plan, Scope, Source},
    run::RunId,
};
use crate::{
    facts::{Facts, Need},
    ops::{Call, Images, Kind, Lookup, Op, Target, Way, without_noise},
    problem::{Problem, Sort},
    terms::diff::{Change, diff},
};
use serde_json::Value;

/// One run out of the journal, as far as undoing it needs.
#[derive(Debug, Clone, PartialEq)]
pub struct PastRun {
    /// Its id.
    pub run: RunId,
    /// Its words.
    pub words: String,
    context: String,
    server: String,
    cluster: Option<String>,
    steps: Vec<PastStep>,
}

#[derive(Debug, Clone, PartialEq)]
struct PastStep {
    op: Value,
    line: String,
    calls: Vec<PastCall>,
}

#[derive(Debug, Clone, PartialEq)]
struct PastCall {
    target: Option<Target>,
    deletes: bool,
    before: Option<Value>,
    after: Option<Value>,
    changes: Vec<Change>,
    done: bool,
    settled: bool,
}

/// Kinds that are looked through before a namespace that a run made is deleted again.
const INSIDE: &[&str] = &[
    "pods",
    "deployments",
    "statefulsets",
    "daemonsets",
    "jobs",
    "cronjobs",
    "services",
    "configmaps",
    "secrets",
    "persistentvolumeclaims",
    "ingresses",
];

/// Finds the run that `said` means, or the last one that changed something and was not undone.
///
/// # Errors
/// [`Problem`] where there is none, or several fit.
pub fn find(records: &[Record], said: Option<&str>) -> Result<PastRun, Problem> {
    let undone: Vec<String> = records.iter().filter_map(|r| undone_by(r, records)).collect();
    let mut opened = records.iter().filter(|r| matches!(r.body, Body::Opened { .. }));
    let found: Vec<&Record> = match said {
        Some(said) => {
            let fitting: Vec<&Record> = opened.filter(|r| r.run.is_meant_by(said)).collect();
            // A whole id is that run, though the id of one that was asked anew begins with it.
            let exact: Vec<&Record> = fitting.iter().copied().filter(|r| r.run.as_str() == said.trim()).collect();
            if exact.is_empty() { fitting } else { exact }
        }
        None => {
            let is_undo = |r: &Record| matches!(&r.body, Body::Opened { source: Source::Undo { .. }, .. });
            let did_something =
                |r: &Record| records.iter().any(|s| s.run == r.run && matches!(s.body, Body::Sent { end: StepEnd::Done { .. }, .. }));
            opened.rfind(|r| !is_undo(r) && did_something(r) && !undone.iter().any(|u| u == r.run.as_str())).into_iter().collect()
        }
    };
    match (found.as_slice(), said) {
        ([one], _) => Ok(past(one, records)),
        ([], Some(said)) => Err(Problem::failed(format!("no run in the journal is called {said:?}")).hint("aiops journal list shows them")),
        ([], None) => Err(Problem::failed("there is nothing to undo: no run that changed something is on record")
            .hint("aiops journal list shows all runs")),
        ([_, _, ..], _) => Err(Problem::new(Sort::Question, "several runs fit").hint("give more of the id: aiops journal list shows them")),
    }
}

/// The run that this record's run took back, if it came to its end.
fn undone_by(record: &Record, records: &[Record]) -> Option<String> {
    match &record.body {
        Body::Opened { source: Source::Undo { run }, .. } => {
            let done =
                records.iter().any(|r| r.run == record.run && matches!(r.body, Body::Ended { end: End::Done | End::NotHolding { .. } }));
            done.then(|| run.clone())
        }
        Body::Opened { .. } | Body::Sent { .. } | Body::Ended { .. } | Body::Read { .. } => None,
    }
}

fn past(opened: &Record, records: &[Record]) -> PastRun {
    let Body::Opened { context, server, cluster, words, steps, .. } = &opened.body else {
        // Only openings are handed in; anything else is a run in which nothing was done.
        return PastRun::nothing(opened.run.clone());
    };
    let end_of = |step: usize, call: usize| {
        records.iter().find_map(|r| match &r.body {
            Body::Sent { step: s, call: c, end } if r.run == opened.run && *s == step && *c == call => Some(end),
            Body::Sent { .. } | Body::Opened { .. } | Body::Ended { .. } | Body::Read { .. } => None,
        })
    };
    let steps = steps.iter().enumerate().map(|(s, step)| PastStep {
        op: step.op.clone(),
        line: step.line.clone(),
        calls: step
            .calls
            .iter()
            .enumerate()
            .map(|(c, call)| {
                let (after, done, settled) = match end_of(s, c) {
                    Some(StepEnd::Done { after }) => (after.clone(), true, true),
                    Some(StepEnd::Unknown { .. }) => (None, false, false),
                    Some(StepEnd::Rejected { .. } | StepEnd::Moved) => (None, false, true),
                    // Nothing on record: it was not reached, unless it was the very call the program died in.
                    None => {
                        (None, false, c == 0 && s == 0 || end_of(if c == 0 { s.wrapping_sub(1) } else { s }, c.wrapping_sub(1)).is_none())
                    }
                };
                PastCall {
                    target: call.call.target(),
                    deletes: call.call.action.ends(),
                    before: call.before.clone(),
                    after,
                    changes: call.changes.clone(),
                    done,
                    settled,
                }
            })
            .collect(),
    });
    PastRun {
        run: opened.run.clone(),
        words: words.clone(),
        context: context.clone(),
        server: server.clone(),
        cluster: cluster.clone(),
        steps: steps.collect(),
    }
}

/// One call of a past run, with what was meant to come of it.
#[derive(Debug, Clone, Copy)]
pub struct Meant<'a>(&'a PastStep, &'a PastCall);

impl<'a> Meant<'a> {
    /// The object.
    pub fn target(self) -> Option<&'a Target> {
        self.1.target.as_ref()
    }
    /// The kubectl line of its operation.
    pub fn line(self) -> &'a str {
        &self.0.line
    }
    /// Whether what is there now is what was meant; `None` where it is neither that nor what was before.
    pub fn judge(self, now: &Lookup<Value>) -> Option<bool> {
        let call = self.1;
        if call.done {
            return Some(true);
        }
        match (now, call.deletes) {
            (Lookup::NotChecked(_), _) => None,
            // A release whose change broke off in the middle is neither what it was nor what was meant.
            (Lookup::Known(now), _)
                if now["state"].as_str().is_some_and(|state| state.starts_with("pending-") || state == "uninstalling") =>
            {
                None
            }
            (Lookup::Missing, deletes) => Some(deletes),
            (Lookup::Known(now), true) => {
                let same = call.before.as_ref().and_then(|b| b.pointer("/metadata/uid")) == now.pointer("/metadata/uid");
                if !same || now.pointer("/metadata/deletionTimestamp").is_some() { Some(true) } else { Some(false) }
            }
            (Lookup::Known(now), false) => match &call.before {
                None => Some(true),
                Some(_) if !call.changes.is_empty() && call.changes.iter().all(|c| c.path.get(now) == c.after.as_ref()) => Some(true),
                Some(before) => (without_noise(before) == without_noise(now)).then_some(false),
            },
        }
    }
}

/// Every object the run was to touch, to be read.
pub fn needs_of_all(past: &PastRun) -> Vec<Need> {
    past.calls().filter_map(|c| c.target()).map(|t| Need::Look(Call::get(t))).collect()
}

impl PastRun {
    /// A run in which nothing was done.
    pub fn nothing(run: RunId) -> PastRun {
        PastRun { run, words: String::new(), context: String::new(), server: String::new(), cluster: None, steps: Vec::new() }
    }
    /// Its calls, in order.
    pub fn calls(&self) -> impl Iterator<Item = Meant<'_>> {
        self.steps.iter().flat_map(|s| s.calls.iter().map(move |c| Meant(s, c)))
    }
    /// Whether it was made on this cluster.
    pub fn is_on(&self, uid: Option<&str>, context: &str, server: &str) -> bool {
        match (self.cluster.as_deref(), uid) {
            (Some(then), Some(now)) => then == now,
            (_, _) => self.server == server && self.context == context,
        }
    }
    /// The calls that were done, last first.
    fn done(&self) -> impl Iterator<Item = &PastCall> {
        self.steps.iter().rev().flat_map(|s| s.calls.iter().rev()).filter(|c| c.done)
    }
}

/// What has to be known before the way back can be planned.
pub fn needs(past: &PastRun) -> Vec<Need> {
    let mut needs = Vec::new();
    for target in past.done().filter_map(|c| c.target.as_ref()) {
        needs.push(Need::Look(Call::get(target)));
        if let Some(inside) = namespace_made(past, target) {
            needs.extend(inside_of(&inside).map(|(kind, ns)| Need::Names(kind, Some(ns))));
        }
    }
    needs
}

fn inside_of(namespace: &crate::ops::Namespace) -> impl Iterator<Item = (Kind, crate::ops::Namespace)> {
    INSIDE.iter().filter_map(|word| Kind::find(word)).map({
        let namespace = namespace.clone();
        move |kind| (kind, namespace.clone())
    })
}

/// The namespace this run made, if that is what the target is.
fn namespace_made(past: &PastRun, target: &Target) -> Option<crate::ops::Namespace> {
    let made = past.done().any(|c| c.target.as_ref() == Some(target) && c.before.is_none() && !c.deletes);
    (made && target.kind().is("namespaces", "")).then(|| crate::ops::Namespace::new(target.name().as_str()).ok()).flatten()
}

/// Plans the way back.
///
/// # Errors
/// [`Problem`] with sort `Refused` where the cluster is another one or a touched field has moved (both values are in it),
/// `Failed` where an operation of the run has no way back.
pub fn plan(past: &PastRun, facts: &Facts, who: &Who, scope: &Scope) -> Result<Plan, Problem> {
    same_cluster(past, who)?;
    settled(past)?;
    for call in past.done() {
        let Some(target) = &call.target else { continue };
        unmoved(call, target, &facts.object(target))?;
        if let Some(namespace) = namespace_made(past, target) {
            nothing_inside(&namespace, past, facts)?;
        }
    }
    let ops = way(past)?;
    let words = format!("undo {}", past.run.short());
    Plan::new(words, Source::Undo { run: past.run.to_string() }, ops, Vec::new(), scope)
        .ok_or_else(|| Problem::failed(format!("run {} did nothing that could be undone", past.run.short())))
}

fn settled(past: &PastRun) -> Result<(), Problem> {
    if past.steps.iter().flat_map(|s| &s.calls).all(|c| c.settled) {
        return Ok(());
    }
    Err(Problem::new(Sort::Refused, format!("run {} has a step of which nobody knows whether it was done", past.run.short()))
        .hint("look at the object and change it by a request of its own"))
}

/// The operations that lead back, the last step's first, whatever stands there now.
fn way(past: &PastRun) -> Result<Vec<Op>, Problem> {
    settled(past)?;
    let mut ops: Vec<Op> = Vec::new();
    for step in past.steps.iter().rev().filter(|s| s.calls.iter().any(|c| c.done)) {
        let op = Op::from_json(step.op.clone())
            .map_err(|e| Problem::failed(format!("the record of {:?} cannot be read back: {e}", step.line)))?;
        let images: Vec<Images<'_>> = step.calls.iter().map(|c| image(c)).collect();
        match op.verb().inverse(&images) {
            Way::Back(back) => ops.extend(back),
            Way::None(why) => {
                return Err(
                    Problem::failed(format!("{} cannot be undone: {why}", op.verb().title())).hint(format!("it was: {}", step.line))
                );
            }
        }
    }
    Ok(ops)
}

fn image(call: &PastCall) -> Images<'_> {
    if call.done { Images { before: call.before.as_ref(), after: call.after.as_ref() } } else { Images { before: None, after: None } }
}

fn same_cluster(past: &PastRun, who: &Who) -> Result<(), Problem> {
    if past.is_on(who.cluster.as_deref(), &who.context, &who.server) {
        return Ok(());
    }
    Err(Problem::new(
        Sort::Refused,
        format!(
            "run {} was made on another cluster: {} at {}; this is {} at {}",
            past.run.short(),
            past.context,
            past.server,
            who.context,
            who.server
        ),
    )
    .hint(format!("aiops --context {} undo {}", past.context, past.run.short())))
}

fn unmoved(call: &PastCall, target: &Target, now: &Lookup<Value>) -> Result<(), Problem> {
    let moved = |what: String| {
        Err(Problem::new(Sort::Refused, format!("{target} has been changed since: {what}"))
            .hint("undo takes back only what is still as the run left it; change it by a request of its own"))
    };
    match (now, call.deletes, &call.after) {
        (Lookup::NotChecked(why), _, _) => Err(Problem::failed(format!("{target} could not be read: {why}"))),
        (Lookup::Missing, true, _) => Ok(()),
        (Lookup::Known(_), true, _) => moved("there is one of that name again".into()),
        (Lookup::Missing, false, _) => moved("it is not there any more".into()),
        // The object as the run left it is not on record (its answer could not be read): what was approved stands for it.
        (Lookup::Known(now), false, None) => match call.changes.iter().find(|c| c.path.get(now) != c.after.as_ref()) {
            Some(touch) => {
                moved(told(&Change { path: touch.path.clone(), before: touch.after.clone(), after: touch.path.get(now).cloned() }))
            }
            None => Ok(()),
        },
        (Lookup::Known(now), false, Some(after)) => {
            let (now, after) = (without_noise(now), without_noise(after));
            if now.pointer("/metadata/uid") != after.pointer("/metadata/uid") {
                return moved("it was deleted and made anew".into());
            }
            let touched: Vec<Change> = match &call.before {
                Some(before) => diff(&without_noise(before), &after),
                // A new object is touched all over.
                None => return diff(&after, &now).iter().find(|c| !placed_since(target, c)).map_or(Ok(()), |c| moved(told(c))),
            };
            for touch in touched {
                let is = touch.path.get(&now);
                if is != touch.after.as_ref() {
                    return moved(told(&Change { path: touch.path.clone(), before: touch.after.clone(), after: is.cloned() }));
                }
            }
            Ok(())
        }
    }
}

/// A new pod gets its node after it was made, from the scheduler, and with it the labels of where that stands: nobody has changed it
/// by that. Source: admission plugin `PodTopologyLabels`.
fn placed_since(target: &Target, change: &Change) -> bool {
    let path = change.path.to_string();
    let placing = path == "spec.nodeName" || path.starts_with("metadata.labels[\"topology.kubernetes.io/");
    target.kind().is("pods", "") && change.before.is_none() && placing
}

fn told(change: &Change) -> String {
    let said = |v: &Option<Value>| match v {
        None => "nothing".to_string(),
        Some(Value::String(s)) => s.clone(),
        Some(v) => v.to_string().chars().take(80).collect(),
    };
    format!("{} was left at {} and is {} now", change.path, said(&change.before), said(&change.after))
}

fn nothing_inside(namespace: &crate::ops::Namespace, past: &PastRun, facts: &Facts) -> Result<(), Problem> {
    let mut inside = Vec::new();
    for (kind, ns) in inside_of(namespace) {
        match facts.names(kind, Some(&ns)) {
            Some(Lookup::Known(briefs)) => inside.extend(
                briefs
                    .iter()
                    .filter(|b| b.owner.is_none() && !is_furniture(kind, b.name.as_str()) && !made_by(past, kind, b.name.as_str(), &ns))
                    .map(|b| format!("{}/{}", kind.word(), b.name)),
            ),
            Some(Lookup::NotChecked(why)) => {
                return Err(Problem::failed(format!("whether namespace {namespace} is empty could not be checked: {why}")));
            }
            Some(Lookup::Missing) | None => {}
        }
    }
    if inside.is_empty() {
        return Ok(());
    }
    let shown = inside.iter().take(6).cloned().collect::<Vec<_>>().join(", ");
    Err(Problem::new(
        Sort::Refused,
        format!("namespace {namespace} is not empty any more: {} object(s) were put in since: {shown}", inside.len()),
    )
    .hint(format!("to delete it with all that is in it, say so: delete namespace {namespace}")))
}

/// What Kubernetes itself puts into every namespace.
fn is_furniture(kind: Kind, name: &str) -> bool {
    kind.is("configmaps", "") && (name == "kube-root-ca.crt" || name == "openshift-service-ca.crt")
        || kind.is("secrets", "") && (name.starts_with("default-token-") || name.starts_with("builder-") || name.starts_with("deployer-"))
}

fn made_by(past: &PastRun, kind: Kind, name: &str, namespace: &crate::ops::Namespace) -> bool {
    past.done()
        .filter(|c| c.before.is_none())
        .filter_map(|c| c.target.as_ref())
        .any(|t| t.kind() == kind && t.name().as_str() == name && t.namespace() == Some(namespace))
}
