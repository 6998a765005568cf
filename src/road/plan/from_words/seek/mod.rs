//! Questions that single objects out ("deployments without limits", "what restarts most") and those for a part of some ("liveness probe of
//! web"): what says so is taken out of a step, and the rest has to be a plain look at objects. Where it is not, nothing was taken.

mod conditions;
mod parts;
mod phrase;
mod who;

use super::{
    Scope, Step, build, fill, frames,
    lexicon::{Act, Sense},
    slots::Slots,
    tag::{Is, Token},
};
use crate::{
    facts::Facts,
    ops::{
        Kind,
        find::{Condition, Measure, Show},
    },
};
use phrase::Phrases;

/// What was taken out of a step.
#[derive(Debug, Default)]
pub struct Sought {
    pub conditions: Vec<Condition>,
    pub show: Vec<Show>,
    pub order: Option<Measure>,
    /// Kinds that are meant where none was said: containers are in pods.
    pub kinds: Vec<Kind>,
    /// A registry that was spoken of and not named.
    pub unnamed_registry: bool,
    /// Who can do what: verbs, each with the part of the object.
    pub who_can: Vec<(String, Option<&'static str>)>,
}

/// Reads one step as such a question; `None` where it is none.
pub fn read(tokens: &[Token], scope: &Scope, facts: &Facts) -> Option<Step> {
    let (sought, rest) = taken(tokens)?;
    let slots = fill::fill(&rest);
    if !looks_plainly(&slots) {
        return None;
    }
    build::sought(&sought, &slots, scope, facts)
}

/// What is taken out, and the tokens that are left.
fn taken(tokens: &[Token]) -> Option<(Sought, Vec<Token>)> {
    let mut sought = Sought::default();
    let phrases = Phrases::of(tokens);
    if let Some((verbs, words)) = who::verbs(&phrases) {
        sought.who_can = verbs;
        return Some((sought, phrases.without(&[(0, words)])));
    }
    let said = kinds_said(tokens);
    let mut gone: Vec<(usize, usize)> = Vec::new();
    let containers = parts::containers(&phrases).filter(|_| said.is_empty());
    let mut kinds = said;
    if let Some((at, words)) = containers {
        gone.push((at, words));
    }
    if let Some((at, words)) = parts::workloads(&phrases).filter(|_| kinds.is_empty()) {
        gone.push((at, words));
        kinds = ["deployment", "statefulset", "daemonset"].into_iter().filter_map(Kind::find).collect();
        sought.kinds.clone_from(&kinds);
    }
    if kinds.is_empty() && (containers.is_some() || parts::opens_with_images(&phrases)) {
        kinds.extend(Kind::find("pod"));
        sought.kinds.clone_from(&kinds);
    }
    if let Some((show, at, words)) = parts::asked_for(&phrases) {
        sought.show = show;
        gone.push((at, words));
        gone.extend(parts::trailing_use(&phrases));
    }
    let mut at = 0;
    while at < phrases.len() {
        if gone.iter().any(|(from, words)| (*from..from + words).contains(&at)) {
            at += 1;
            continue;
        }
        if let Some((measure, words)) = conditions::most(&phrases, at).filter(|_| sought.order.is_none()) {
            if kinds.is_empty() && measure == Measure::Restarts {
                kinds.extend(Kind::find("pod"));
                sought.kinds.clone_from(&kinds);
                // "what restarts": what never did is none of it.
                sought.conditions.extend("restarts>0".parse());
            }
            sought.order = Some(measure);
            gone.push((at, words));
            at += words;
        } else if let Some((condition, words)) = conditions::at(&phrases, at, &kinds) {
            match condition {
                Some(condition) => sought.conditions.push(condition),
                None => sought.unnamed_registry = true,
            }
            gone.push((at, words));
            at += words;
        } else {
            at += 1;
        }
    }
    if containers.is_some() && !sought.conditions.iter().any(|c| c.test.of_a_container()) {
        sought.show.push(Show::Image);
    }
    let nothing = sought.conditions.is_empty() && sought.order.is_none() && !sought.unnamed_registry;
    // Images of no object in particular are asked for by where they run.
    if nothing && (sought.show.is_empty() || sought.show == [Show::Image] && containers.is_some()) {
        return None;
    }
    Some((sought, phrases.without(&gone)))
}

/// The kinds a step speaks of, but for namespaces and nodes that say where.
fn kinds_said(tokens: &[Token]) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = Vec::new();
    for (n, token) in tokens.iter().enumerate() {
        let Is::Kind(kind, _) = token.is else { continue };
        let led = n > 0 && matches!(tokens[n - 1].is, Is::Sense(Sense::In | Sense::On | Sense::Of)) && !kinds.is_empty();
        let place = kind.is("namespaces", "") || kind.is("nodes", "") && led;
        if !(place && !tokens.iter().all(|t| !matches!(t.is, Is::Kind(other, _) if other != kind))) && !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds
}

/// Whether what is left only says of which objects: nothing in it changes, denies, or is left over.
fn looks_plainly(s: &Slots) -> bool {
    let acts = s.acts.iter().all(|act| !act.changes()) && s.acts.is_empty();
    let held = s.lesson || s.not || s.condition || s.or || s.mark || s.alter.is_some() || s.new || s.replicas || s.everything;
    let other = !s.foreign.is_empty() || !s.topics.is_empty() || s.ask == Some(super::slots::Ask::Why) || s.asides;
    acts && !held && !other && frames::left_over(s, Act::Find).is_empty()
}
