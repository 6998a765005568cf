//! What a step takes over from the steps before it in the same request: the namespace that was said once ("apply x.yaml in namespace earth
//! and check on the claims"), and the object that "the deployment", "the rollout" or "its image" is.
//!
//! Invariant: a namespace is taken over only where the whole request names one; an object only where a word points back to it.

use super::{
    lexicon::{Act, Sense},
    normalise::Word,
    slots::{Place, Slots},
    tag::{self, Is, Token},
};
use crate::ops::Target;

/// The one namespace that is named, and the step that names it first. `None` where there is none, or several.
pub fn namespace(steps: &[Slots]) -> Option<(usize, String)> {
    if steps.len() < 2 {
        return None;
    }
    let mut found: Option<(usize, &str)> = None;
    for (n, slots) in steps.iter().enumerate() {
        match &slots.place {
            Some(Place::Named(name)) => match &found {
                Some((_, known)) if known != name => return None,
                Some(_) => {}
                None => found = Some((n, name)),
            },
            Some(Place::All | Place::Here) => return None,
            None => {}
        }
    }
    found.map(|(n, name)| (n, name.to_string()))
}

/// The step with the namespace said behind it, where it says none and is about what lives in one.
pub fn placed(tokens: &[Token], slots: &Slots, namespace: &str) -> Option<Vec<Token>> {
    let elsewhere = |t: &Token| match &t.is {
        Is::Kind(kind, _) | Is::Slashed(kind, _) => !kind.namespaced(),
        Is::Sense(
            Sense::Topic(Act::Line(_)) | Sense::Act(Act::Cordon | Act::Uncordon | Act::Drain | Act::Taint | Act::Undo | Act::Help),
        ) => true,
        _ => false,
    };
    if slots.place.is_some() || slots.cluster || tokens.iter().any(elsewhere) {
        return None;
    }
    let behind = [Word::plain("in"), Word::plain("namespace"), Word { quoted: true, ..Word::plain(namespace) }];
    Some(tokens.iter().cloned().chain(tag::tag(&behind)).collect())
}

/// "scale deployment web to 3 and show the deployment", "pause the rollout of web, then resume the rollout": the object of the step before.
pub fn points_back(tokens: &[Token], slots: &mut Slots, last: &Target) {
    let the = |at: usize| {
        at.checked_sub(1).is_some_and(|before| ["the", "its", "that", "this"].contains(&tokens[before].said.to_lowercase().as_str()))
    };
    if let [object] = slots.objects.as_mut_slice() {
        let said = tokens.iter().position(|t| matches!(t.is, Is::Kind(..))).is_some_and(the);
        let makes = slots.acts.iter().any(|act| matches!(act, Act::Create | Act::Run | Act::Deploy | Act::Apply));
        if said
            && !makes
            && object.names.is_empty()
            && !object.plural
            && object.kinds == [last.kind()]
            && !slots.all
            && slots.pairs.is_empty()
        {
            object.this = true;
        }
        return;
    }
    let of_a_workload =
        matches!(slots.acts.as_slice(), [Act::Pause | Act::Resume | Act::SetImage | Act::Set | Act::Restart | Act::RollBack])
            || slots.acts.is_empty() && slots.alter.is_some()
            || matches!(slots.topics.as_slice(), [Act::Status | Act::History]);
    let said = (1..tokens.len()).any(|at| {
        the(at)
            && matches!(
                tokens[at].is,
                Is::Sense(Sense::Topic(_) | Sense::Cpu | Sense::Memory | Sense::Image | Sense::Replicas | Sense::Role(_))
            )
    }) || tokens.iter().any(|t| matches!(t.is, Is::Sense(Sense::Act(_))) && t.said.to_lowercase().ends_with(" of"));
    if said && of_a_workload && last.kind().rolls_out() && slots.objects.is_empty() && slots.files.is_empty() && !slots.cluster {
        slots.it = true;
    }
}
