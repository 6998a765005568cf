//! What a face draws of a preview: plain data, nothing that could be carried out.

use super::{Basis, Blast, Manifest, PreviewId, Previewed, manifests, way_back};
use crate::{
    ops::{Action, Way, taken_over},
    road::{
        plan::Assumed,
        run::RunId,
        vet::{Reason, Verdict},
    },
    terms::diff::Change,
};
use serde::Serialize;

/// A question, whole.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Card {
    /// Which run.
    pub run: RunId,
    /// Which preview; the answer has to name it.
    pub preview: PreviewId,
    /// The words it came from.
    pub words: String,
    /// The strictest verdict.
    pub verdict: Verdict,
    /// The name to type, where the verdict asks for it.
    pub name_to_type: Option<String>,
    /// Whether `--yes` may answer it.
    pub needs_person: bool,
    /// What was taken for granted.
    pub assumed: Vec<Assumed>,
    /// The operations, in order.
    pub steps: Vec<CardStep>,
}

/// One operation of a question.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CardStep {
    /// `scale deployment/backend to 3`, with what it is now where one value says it all: `scale deployment/backend 2 → 3`.
    pub title: String,
    /// In which namespace; empty for cluster-scoped objects.
    pub namespace: String,
    /// The kubectl line that does the same.
    pub kubectl: String,
    /// What would change, object by object.
    pub lines: Vec<Line>,
    /// How far it reaches, one entry per call.
    pub blasts: Vec<Blast>,
    /// The way back: the titles of the operations that would be run, or why there is none.
    pub way_back: Result<Vec<String>, String>,
    /// What the preview rests on.
    pub basis: Basis,
    /// Its own verdict.
    pub verdict: Verdict,
    /// Why.
    pub reasons: Vec<Reason>,
    /// What could not be checked.
    pub unchecked: Vec<String>,
    /// The same change as manifests, or why it cannot be one.
    #[serde(skip)]
    pub manifests: Result<Vec<Manifest>, String>,
}

/// One line of a difference.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "line", rename_all = "snake_case")]
pub enum Line {
    /// Which object the following lines are about; only where a step touches several.
    Object {
        /// `deployment/backend`.
        object: String,
    },
    /// An object that is made.
    Made {
        /// `namespace/dev`.
        object: String,
    },
    /// An object that ends.
    Ends {
        /// `pod/web`.
        object: String,
    },
    /// A field that is taken from another manager.
    Takes {
        /// `.spec.replicas`.
        field: String,
        /// Whose it is now.
        from: String,
    },
    /// One place that differs.
    Differs(Change),
}

/// Draws the question as data.
pub fn card(previewed: &Previewed) -> Card {
    let steps = previewed.steps().iter().map(|step| {
        let several = step.sends.len() > 1;
        let mut lines = Vec::new();
        for send in &step.sends {
            let object = send.call.target().map_or_else(|| send.call.said(), |t| t.slashed());
            match (&send.call.action, &send.before) {
                (Action::Get | Action::List | Action::Talk, _) => {}
                (action, _) if action.ends() => lines.push(Line::Ends { object }),
                (_, None) => lines.push(Line::Made { object }),
                (_, Some(_)) if several => lines.push(Line::Object { object }),
                (_, Some(_)) => {}
            }
            lines.extend(send.changes.iter().cloned().map(Line::Differs));
            lines.extend(send.takes.iter().map(|c| Line::Takes { field: c.field.clone(), from: c.owner.clone() }));
            lines.extend(taken_over(&send.call, send.before.as_ref()).into_iter().map(|from| Line::Takes { field: String::new(), from }));
        }
        CardStep {
            title: step.op.verb().title(),
            namespace: step.sends.iter().find_map(|s| s.call.namespace().cloned()).map_or_else(String::new, |ns| ns.to_string()),
            kubectl: step.op.line(),
            lines,
            blasts: step.sends.iter().map(|s| Blast::of(&step.op, s)).collect(),
            way_back: match way_back(step) {
                Way::Back(ops) => Ok(ops.iter().map(|op| op.verb().title()).collect()),
                Way::None(why) => Err(why.to_string()),
            },
            basis: step.sends.iter().map(|s| s.basis).find(|b| *b != Basis::ServerDryRun).unwrap_or(Basis::ServerDryRun),
            verdict: step.verdict,
            reasons: step.reasons.clone(),
            unchecked: step.unchecked.clone(),
            manifests: step.sends.iter().filter_map(|send| manifests::of(send).transpose()).collect(),
        }
    });
    Card {
        run: previewed.run().clone(),
        preview: previewed.id().clone(),
        words: previewed.words().to_string(),
        verdict: previewed.verdict(),
        name_to_type: previewed.name_to_type(),
        needs_person: previewed.needs_person(),
        assumed: previewed.assumed().to_vec(),
        steps: steps.collect(),
    }
}
