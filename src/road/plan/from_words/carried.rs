//! What a step takes over from the steps before it in the same request: the namespace that was said once ("apply x.yaml in namespace earth
//! and check on the claims") or that it makes ("create namespace dev, then run nginx there"), and the object that "the deployment", "the
//! rollout" or "its image" is.
//!
//! Invariant: a namespace is taken over only where the whole request names one, or words point to the one it makes; an object only where
//! a word points back to it.

use super::{
    fill,
    lexicon::{Act, Sense},
    normalise::Word,
    slots::{Place, Slots},
    tag::{self, Is, Token},
};
use crate::ops::Target;

/// The steps with the namespace that one of them makes in place of what points to it in those behind: "there", "in that namespace".
pub fn pointed(mut steps: Vec<Vec<Token>>) -> Vec<Vec<Token>> {
    let made = |tokens: &Vec<Token>| {
        let makes = tokens.iter().any(|t| t.means(Sense::Act(Act::Create)));
        let of_one = tokens.iter().any(|t| matches!(t.is, Is::Kind(kind, false) if kind.is("namespaces", "")));
        let slots = (makes && of_one).then(|| fill::fill(tokens))?;
        let [Act::Create] = slots.acts.as_slice() else { return None };
        let [object] = slots.objects.as_slice() else { return None };
        let [name] = object.names.as_slice() else { return None };
        object.kinds.iter().any(|kind| kind.is("namespaces", "")).then(|| name.clone())
    };
    let mut last: Option<String> = None;
    for step in &mut steps {
        if let (Some(name), Some((from, to))) = (&last, pointer(step)) {
            step.splice(from..to, within(name));
        }
        last = made(step).or(last);
    }
    steps
}

/// Whether a step points to a namespace that no step before it makes, so that nobody knows which is meant.
pub fn points_nowhere(tokens: &[Token]) -> bool {
    pointer(tokens).is_some_and(|(from, to)| {
        let there = tokens[from].means(Sense::Filler);
        let ends = tokens.get(to).is_none_or(|t| matches!(t.is, Is::Comma | Is::Stop | Is::Sense(Sense::And | Sense::Then | Sense::With)));
        ends && (there || tokens[from].means(Sense::In) && tokens[from..to].iter().any(|t| t.means(Sense::This)))
    })
}

/// Where a step points to a namespace that was spoken of.
fn pointer(tokens: &[Token]) -> Option<(usize, usize)> {
    let low = |at: usize| tokens.get(at).map(|t| t.said.to_lowercase());
    let namespace = |at: usize| {
        let kind = matches!(tokens.get(at).map(|t| &t.is), Some(Is::Kind(kind, false)) if kind.is("namespaces", ""));
        kind && !tokens.get(at + 1).is_some_and(Token::nameable)
    };
    (0..tokens.len()).find_map(|at| match &tokens[at].is {
        Is::Sense(Sense::Filler) if low(at).is_some_and(|w| w == "there") => Some((at, at + 1)),
        Is::Sense(Sense::HereNamespace)
            if low(at).is_some_and(|w| ["in this namespace", "in the namespace"].contains(&w.as_str()))
                && !tokens.get(at + 1).is_some_and(Token::nameable) =>
        {
            Some((at, at + 1))
        }
        Is::Sense(Sense::In | Sense::On | Sense::Of | Sense::To) => {
            let it = tokens.get(at + 1).is_some_and(|t| t.means(Sense::It)) && tokens[at].means(Sense::In);
            let mut end = at + 1;
            let mut points = false;
            while let Some(Is::Sense(Sense::This | Sense::Det | Sense::New)) = tokens.get(end).map(|t| &t.is) {
                points |= !tokens[end].means(Sense::Det) || low(end).is_some_and(|w| w == "the");
                end += 1;
            }
            // "in the newly created namespace"
            while tokens.get(end).is_some_and(|t| t.means(Sense::Filler)) {
                end += 1;
            }
            match (it, points && namespace(end)) {
                (true, _) => Some((at, at + 2)),
                (false, true) => Some((at, end + 1)),
                (false, false) => None,
            }
        }
        _ => None,
    })
}

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
    Some(tokens.iter().cloned().chain(within(namespace)).collect())
}

/// "in namespace dev", the name as a name.
fn within(namespace: &str) -> Vec<Token> {
    tag::tag(&[Word::plain("in"), Word::plain("namespace"), Word { quoted: true, ..Word::plain(namespace) }])
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
    // "deploy nginx with 5 replicas and expose port 80"
    let exposed = matches!(slots.acts.as_slice(), [Act::Expose]) && slots.says("port");
    let said = exposed
        || (1..tokens.len()).any(|at| {
            the(at)
                && matches!(
                    tokens[at].is,
                    Is::Sense(Sense::Topic(_) | Sense::Cpu | Sense::Memory | Sense::Image | Sense::Replicas | Sense::Role(_))
                )
        })
        || tokens.iter().any(|t| matches!(t.is, Is::Sense(Sense::Act(_))) && t.said.to_lowercase().ends_with(" of"));
    if said && (of_a_workload || exposed) && last.kind().rolls_out() && slots.objects.is_empty() && slots.files.is_empty() && !slots.cluster
    {
        slots.it = true;
    }
}
