//! Vetted + the server's dry runs -> [`Previewed`]: exactly what would change, and how far it reaches. Pure.
//!
//! Owns: what of a difference is worth showing, the blast radius in pods and requests, the way back as it can be told now, and
//! the id that an answer has to name.
//! Does not own: sending the dry runs (drive and doors), asking (approve, faces).
//! Invariants: the verdict only rises; the calls that were rehearsed are the calls that will be sent; nothing here has side effects.

mod blast;
mod card;
mod changes;
mod manifests;
mod order;
mod refused;

pub use super::vet::checks::Gone;
pub use blast::Blast;
pub use card::{Card, CardStep, Line, card};
pub use changes::shown;
pub use manifests::Manifest;
pub(in crate::road) use refused::refused;

use super::{
    plan::{Assumed, Source},
    run::RunId,
    vet::{
        ASKED_TO_LOOK, Deed, Policy, Reason, Step, Verdict, Vetted,
        checks::{self, Findings, Sight},
        forbidden,
    },
};
use crate::{
    facts::{Conflict, DryRun, Rejection, RejectionSort},
    ops::{
        Action, Answer, Call, Images, Impact, Lookup, Op, Pin, Target, Way,
        helm::compare::{Difference, What, named},
        taken_over, without_noise,
    },
    problem::Problem,
    terms::diff::{Change, diff},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// Names one preview: a digest over the calls, the states they are pinned to and what would change. An answer to another
/// preview is no answer to this one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PreviewId(String);

impl PreviewId {
    /// The digest in hex.
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// A made-up id, to ask whether an answer that names nothing real is refused.
    pub fn made_up(text: &str) -> PreviewId {
        PreviewId(text.to_string())
    }
}

/// How much a preview is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "basis", content = "step")]
pub enum Basis {
    /// The server rehearsed it.
    ServerDryRun,
    /// The helm program rendered it against the cluster.
    Rendered,
    /// Worked out here: the verb has no dry run.
    Computed,
    /// It needs what step n (from 1) makes first; it is rehearsed when its turn comes.
    AfterStep(usize),
}

/// A vetted plan with its dry runs. Made only by [`assemble`].
#[derive(Debug)]
pub struct Previewed {
    run: RunId,
    id: PreviewId,
    words: String,
    source: Source,
    assumed: Vec<Assumed>,
    steps: Vec<PreviewedStep>,
    only_rehearsed: bool,
}

/// One operation with its rehearsed calls.
#[derive(Debug)]
pub(in crate::road) struct PreviewedStep {
    pub(in crate::road) op: Op,
    pub(in crate::road) sends: Vec<Send>,
    pub(in crate::road) verdict: Verdict,
    pub(in crate::road) reasons: Vec<Reason>,
    pub(in crate::road) unchecked: Vec<String>,
    pub(in crate::road) named: Option<crate::ops::Target>,
}

/// One call, with the state it is pinned to and what it would do.
#[derive(Debug)]
pub(in crate::road) struct Send {
    pub(in crate::road) call: Call,
    pub(in crate::road) pin: Option<Pin>,
    pub(in crate::road) before: Option<Value>,
    pub(in crate::road) after: Option<Value>,
    pub(in crate::road) changes: Vec<Change>,
    pub(in crate::road) basis: Basis,
    /// The fields that it takes from others.
    pub(in crate::road) takes: Vec<Conflict>,
    /// What ends with the object.
    pub(in crate::road) gone: Vec<Gone>,
}

impl Send {
    /// Whether everything is as it is asked to be already.
    fn idle(&self) -> bool {
        self.basis == Basis::ServerDryRun
            && self.changes.is_empty()
            && self.before.is_some()
            && self.after.is_some()
            && self.before.as_ref().map(crate::ops::without_noise) == self.after.as_ref().map(crate::ops::without_noise)
    }
}

/// What assembling gave.
#[derive(Debug)]
pub enum Assembled {
    /// There is something to ask, or a read to carry out.
    Previewed(Previewed),
    /// Everything is as it is asked to be already; the sentence says so.
    NothingToDo(String),
}

impl Previewed {
    /// Which run.
    pub fn run(&self) -> &RunId {
        &self.run
    }
    /// Which preview.
    pub fn id(&self) -> &PreviewId {
        &self.id
    }
    /// Whether this was all that was asked for: it is shown, and nobody is asked.
    pub fn only_rehearsed(&self) -> bool {
        self.only_rehearsed
    }
    /// Whether something would change.
    pub fn changes(&self) -> bool {
        self.steps.iter().any(|s| s.op.verb().impact() > Impact::Reads)
    }
    /// The strictest verdict.
    pub fn verdict(&self) -> Verdict {
        self.steps.iter().map(|s| s.verdict).max().unwrap_or(Verdict::Allow)
    }
    /// Whether something was taken for granted that only a person may confirm: never answered by `--yes`.
    pub fn needs_person(&self) -> bool {
        // A model chose what stands in its plan, whatever the person said: a flag given before it was shown answers none of it.
        let chosen = !self.assumed.is_empty() || matches!(self.source, Source::Model { .. });
        chosen && self.verdict() > Verdict::Allow
    }
    /// The name that has to be typed where the verdict asks for it: that of the object it is about.
    pub fn name_to_type(&self) -> Option<String> {
        let strictest = self.steps.iter().find(|s| s.verdict == Verdict::ConfirmTyped)?;
        Some(strictest.named.as_ref().map_or_else(|| "yes, all of it".into(), |target| target.name().to_string()))
    }
    pub(in crate::road) fn into_parts(self) -> (RunId, PreviewId, String, Source, Vec<Assumed>, Vec<PreviewedStep>) {
        (self.run, self.id, self.words, self.source, self.assumed, self.steps)
    }
    pub(in crate::road) fn steps(&self) -> &[PreviewedStep] {
        &self.steps
    }
    pub(in crate::road) fn assumed(&self) -> &[Assumed] {
        &self.assumed
    }
    pub(in crate::road) fn words(&self) -> &str {
        &self.words
    }
}

/// Joins a vetted plan with the dry runs of [`Vetted::rehearsals`], one each and in that order.
///
/// # Errors
/// [`Problem`] where the server would not do it (its own words are in it), or where the dry runs are not as many as the calls.
pub fn assemble(vetted: Vetted, dry_runs: Vec<DryRun>, policy: &Policy) -> Result<Assembled, Problem> {
    let now = vetted.at();
    let only_rehearsed = vetted.only_rehearsed();
    let (run, words, source, assumed, vetted_steps) = vetted.into_parts();
    let mut dry_runs = dry_runs;
    let changes = vetted_steps.iter().flat_map(|step| &step.calls).filter(|call| call.rehearses()).count();
    let mut probed = dry_runs.split_off(changes.min(dry_runs.len())).into_iter();
    let mut dry_runs = dry_runs.into_iter();
    let ending = vetted_steps.iter().flat_map(|step| &step.calls).filter(|call| call.action.ends()).filter_map(Call::target);
    let ends: Vec<Target> = ending.collect();
    let mut steps: Vec<PreviewedStep> = Vec::with_capacity(vetted_steps.len());
    for step in vetted_steps {
        let Step { op, calls, mut verdict, mut reasons, mut unchecked, objects, read, probes } = step;
        let mut findings = Findings::default();
        let deed = Deed { op: &op, source: &source, calls: &[], objects, now };
        let mut sends = Vec::with_capacity(calls.len());
        for call in calls {
            if !call.rehearses() {
                let send = worked_out(call);
                if let Action::Program(errand) = &send.call.action {
                    reasons.extend(errand.shown.told.iter().map(|(id, sentence)| Reason::own(*id, Verdict::Confirm, sentence.clone())));
                }
                if let Some(after) = &send.after {
                    reasons.extend(policy.judge_image(&deed, &send.call, send.before.as_ref(), after));
                }
                sends.push(send);
                continue;
            }
            let mut dry = dry_runs.next().ok_or_else(|| Problem::failed("a call came back without its dry run; nothing was changed"))?;
            for warning in std::mem::take(&mut dry.warnings) {
                reasons.push(Reason::own("server-warns", Verdict::Confirm, format!("the server warns: {warning}")));
            }
            let mut send = rehearsed(&op, call, dry, &steps, &sends)?;
            if let Some(after) = &send.after {
                reasons.extend(policy.judge_image(&deed, &send.call, send.before.as_ref(), after));
            }
            let sight = Sight { call: &send.call, before: send.before.as_ref(), after: send.after.as_ref(), facts: &read, ends: &ends };
            checks::all(&sight, &mut findings);
            let gone = checks::gone(&sight);
            send.gone = gone;
            sends.push(send);
        }
        for _ in probes {
            let dry = probed.next().ok_or_else(|| Problem::failed("a pod came back without its dry run; nothing was changed"))?;
            checks::refusals(&dry, &mut findings);
        }
        reasons.extend(findings.reasons);
        unchecked.extend(findings.unchecked);
        let mut told = std::collections::HashSet::new();
        reasons.retain(|reason| told.insert((reason.id.clone(), reason.sentence.clone())));
        unchecked.dedup();
        reasons.sort_by_key(|r| (r.id != ASKED_TO_LOOK, std::cmp::Reverse(r.verdict)));
        verdict = reasons.iter().map(|r| r.verdict).fold(verdict, Verdict::max);
        if verdict == Verdict::Forbid {
            return Err(forbidden(&op, &reasons));
        }
        let named = policy.named(&deed);
        steps.push(PreviewedStep { op, sends, verdict, reasons, unchecked, named });
    }
    if dry_runs.next().is_some() || probed.next().is_some() {
        return Err(Problem::failed("a dry run came back that no call asked for; nothing was changed"));
    }
    if let Some(sentence) = nothing_to_do(&steps) {
        return Ok(Assembled::NothingToDo(sentence));
    }
    let id = identify(&run, &steps);
    Ok(Assembled::Previewed(Previewed { run, id, words, source, assumed, steps, only_rehearsed }))
}

/// A call that no server rehearses, with what it says itself of before and after.
fn worked_out(call: Call) -> Send {
    let (before, after) = call.images();
    let mut changes = after.map_or_else(Vec::new, |after| shown(&call, before.unwrap_or(&Value::Null), after));
    let basis = match &call.action {
        Action::Program(errand) => {
            // That it is a release, and where, stands above it.
            changes.retain(|change| {
                let place = change.path.to_string();
                before.is_some() || !(place.starts_with("metadata") || place == "apiVersion" || place == "kind")
            });
            if errand.recipe().is_some() { Basis::Rendered } else { Basis::Computed }
        }
        _ => Basis::Computed,
    };
    let (pin, before, after) = (before.and_then(Pin::of), before.cloned(), after.cloned());
    Send { call, pin, before, after, changes, basis, takes: Vec::new(), gone: Vec::new() }
}

/// What these calls would change, object by object, where nothing is to be sent.
///
/// # Errors
/// [`Problem`] where the server would not do it.
pub(in crate::road) fn would(op: &Op, calls: Vec<Call>, dry_runs: Vec<DryRun>) -> Result<Answer, Problem> {
    let mut sends: Vec<Send> = Vec::with_capacity(calls.len());
    for (call, dry) in calls.into_iter().zip(dry_runs) {
        let send = rehearsed(op, call, dry, &[], &sends)?;
        sends.push(send);
    }
    let mut objects: Vec<Difference> = Vec::new();
    for send in sends {
        let object = send.before.as_ref().or(send.after.as_ref()).map_or_else(|| send.call.said(), named);
        match (send.before, send.after) {
            (None, Some(after)) => objects.push(Difference { object, what: What::Added { object: without_noise(&after) } }),
            _ if send.changes.is_empty() => {}
            (_, _) => match objects.last_mut() {
                // Taking over and applying are two calls about one object.
                Some(Difference { object: known, what: What::Changed { changes } }) if *known == object => changes.extend(send.changes),
                Some(_) | None => objects.push(Difference { object, what: What::Changed { changes: send.changes } }),
            },
        }
    }
    Ok(Answer::Differences { objects })
}

fn rehearsed(op: &Op, call: Call, mut dry: DryRun, earlier: &[PreviewedStep], same_step: &[Send]) -> Result<Send, Problem> {
    if call.subresource() == "scale" {
        [dry.part.as_mut(), dry.after.as_mut().ok().and_then(Option::as_mut)].into_iter().flatten().for_each(zero_replicas);
    }
    let before = match dry.before {
        Lookup::Known(object) => Some(object),
        Lookup::Missing => None,
        Lookup::NotChecked(why) => {
            let what = call.said();
            return Err(Problem::failed(format!("{what} could not be read before the change: {why}")).hint("nothing was changed"));
        }
    };
    let mut takes = dry.contested.as_ref().map_or_else(Vec::new, |contested| contested.conflicts.clone());
    let after = match dry.contested {
        // An earlier call of the same step makes ours what client-side apply has set: then it is no conflict any more.
        Some(contested) if dry.after.is_err() && contested.conflicts.iter().all(|c| made_ours(&call, same_step, &c.owner)) => {
            takes.clear();
            Ok(Some(contested.taken))
        }
        Some(_) | None => dry.after,
    };
    match after {
        // A budget that allows nothing now may allow it when its turn comes: the eviction waits for it.
        Err(rejection) if rejection.sort == RejectionSort::TooManyRequests && matches!(call.action, Action::Evict { .. }) => Ok(Send {
            call,
            pin: dry.pin,
            before,
            after: None,
            changes: Vec::new(),
            basis: Basis::Computed,
            takes: Vec::new(),
            gone: Vec::new(),
        }),
        Ok(after) => {
            let changes = match (&dry.part, &before, &after) {
                (Some(part), _, Some(after)) => shown(&call, part, after),
                (None, Some(before), Some(after)) => shown(&call, before, after),
                (None, None, Some(after)) => shown(&call, &Value::Null, after),
                (_, _, None) => Vec::new(),
            };
            // A subresource answers with a document of its own: what it changes is laid over the object, so that everyone
            // downstream reads one image.
            let after = match (dry.part, &before, after) {
                (Some(part), Some(before), Some(after)) => Some(laid_over(before, &diff(&part, &after))),
                (_, _, after) => after,
            };
            Ok(Send { call, pin: dry.pin, before, after, changes, basis: Basis::ServerDryRun, takes, gone: Vec::new() })
        }
        Err(rejection) => match made_earlier(&call, &rejection, earlier, same_step) {
            Some(n) => {
                let after = match &call.action {
                    // No server has seen it, so nothing has taken the values of its Secrets out.
                    Action::Create(body) | Action::Patch(_, body) | Action::Replace(body) => Some(crate::ops::redacted(body.clone())),
                    Action::Get
                    | Action::List
                    | Action::Delete { .. }
                    | Action::Evict { .. }
                    | Action::Talk
                    | Action::Program(_)
                    | Action::Carried(_) => None,
                };
                let changes = after.as_ref().map_or_else(Vec::new, |after| shown(&call, &Value::Null, after));
                Ok(Send { call, pin: None, before: None, after, changes, basis: Basis::AfterStep(n), takes: Vec::new(), gone: Vec::new() })
            }
            None => Err(refused(op, &call, &rejection)),
        },
    }
}

/// Whether an earlier call of this step makes ours what that manager has set in the same object.
fn made_ours(call: &Call, same_step: &[Send], manager: &str) -> bool {
    let same = same_step.iter().filter(|send| send.call.target() == call.target());
    same.flat_map(|send| taken_over(&send.call, send.before.as_ref())).any(|name| name == manager)
}

/// The earlier step (from 1) that makes the namespace or the object this call did not find.
fn made_earlier(call: &Call, rejection: &Rejection, earlier: &[PreviewedStep], same_step: &[Send]) -> Option<usize> {
    if rejection.sort != RejectionSort::NotFound {
        return None;
    }
    let makes = |send: &Send| {
        let made = match &send.call.action {
            Action::Create(_) | Action::Patch(crate::ops::PatchKind::Apply { .. }, _) if send.before.is_none() => send.call.target(),
            Action::Create(_)
            | Action::Patch(..)
            | Action::Replace(_)
            | Action::Get
            | Action::List
            | Action::Delete { .. }
            | Action::Evict { .. }
            | Action::Talk
            | Action::Program(_)
            | Action::Carried(_) => None,
        };
        made.is_some_and(|made| {
            let is_namespace = made.kind().is("namespaces", "") && call.namespace().is_some_and(|ns| ns.as_str() == made.name().as_str());
            let is_kind = made.kind().is("customresourcedefinitions", "apiextensions.k8s.io")
                && call.kind().is_some_and(|kind| made.name().as_str() == format!("{}.{}", kind.info().plural, kind.info().group));
            is_namespace || is_kind || call.target().is_some_and(|wanted| wanted == made)
        })
    };
    if same_step.iter().any(makes) {
        return Some(earlier.len() + 1);
    }
    earlier.iter().position(|step| step.sends.iter().any(makes)).map(|n| n + 1)
}

/// A scale document leaves its replicas out where they are 0 (`omitempty` in `autoscaling/v1` ScaleSpec).
fn zero_replicas(scale: &mut Value) {
    if let Some(spec) = scale.as_object_mut().map(|scale| scale.entry("spec").or_insert_with(|| serde_json::json!({})))
        && let Some(spec) = spec.as_object_mut()
    {
        spec.entry("replicas").or_insert(serde_json::json!(0));
    }
}

fn laid_over(object: &Value, changes: &[Change]) -> Value {
    let mut object = object.clone();
    for change in changes {
        if change.path.0.first() == Some(&crate::terms::path::Segment::Field("spec".into()))
            && let Some(pointer) = change.path.to_pointer(&object)
            && let Some(place) = object.pointer_mut(&pointer)
            && let Some(value) = &change.after
        {
            *place = value.clone();
        }
    }
    object
}

fn nothing_to_do(steps: &[PreviewedStep]) -> Option<String> {
    let changing: Vec<&PreviewedStep> = steps.iter().filter(|s| s.op.verb().impact() > Impact::Reads).collect();
    let idle = |s: &&PreviewedStep| s.sends.iter().all(Send::idle);
    if changing.is_empty() || changing.len() < steps.len() || !changing.iter().all(idle) {
        return None;
    }
    let what: Vec<String> = changing.iter().map(|s| s.op.verb().title()).collect();
    Some(format!("{}: it is so already, nothing to change", what.join(", ")))
}

/// The way back, as far as it can be told before the change is made.
pub(in crate::road) fn way_back(step: &PreviewedStep) -> Way {
    let images: Vec<Images<'_>> = step.sends.iter().map(|s| Images { before: s.before.as_ref(), after: s.after.as_ref() }).collect();
    step.op.verb().inverse(&images)
}

fn identify(run: &RunId, steps: &[PreviewedStep]) -> PreviewId {
    let mut hash = Sha256::new();
    hash.update(run.as_str());
    for step in steps {
        hash.update(step.verdict.word());
        for send in &step.sends {
            // Calls and pins are plain data; a value of theirs that could not be written would still leave the path in.
            hash.update(send.call.path());
            hash.update(serde_json::to_vec(&send.call).unwrap_or_default());
            hash.update(serde_json::to_vec(&send.pin).unwrap_or_default());
            hash.update(serde_json::to_vec(&send.changes).unwrap_or_default());
            hash.update(serde_json::to_vec(&send.takes).unwrap_or_default());
        }
    }
    PreviewId(hex::encode(hash.finalize()))
}
