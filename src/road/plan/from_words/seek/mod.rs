//! Questions that single objects out ("deployments without limits", "what restarts most") and those for a part of some ("liveness probe of
//! web"): what says so is taken out of a step, and the rest has to be a plain look at objects. Where it is not, nothing was taken.

mod amounts;
mod belongs;
mod conditions;
mod expressions;
mod may;
mod parts;
mod phrase;
#[cfg(test)]
mod tests;
mod texts;
mod who;

use super::phrases::list;
use super::{
    Scope, Step, build, fill, frames,
    lexicon::{Act, Sense},
    parts::{Part, off},
    slots::{Place, Slots},
    tag::{Is, Token},
};
use crate::{
    facts::Facts,
    ops::{
        Find, Kind,
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
    pub who_can: Vec<who::Doing>,
}

/// Reads one step as such a question; `None` where it is none.
pub fn read(tokens: &[Token], scope: &Scope, facts: &Facts) -> Option<Step> {
    // Who begins with what shall be done asks for a change.
    let small = |t: &&Token| !matches!(t.is, Is::Sense(Sense::Filler | Sense::Det | Sense::And | Sense::Then) | Is::Comma);
    let phrases = Phrases::of(tokens);
    let counts = phrases.any(0, list!("restarts|restart count|restart counts|restart counter")).is_some();
    if let (false, Some(Is::Sense(Sense::Act(_) | Sense::Alter(_) | Sense::Mark))) = (counts, tokens.iter().find(small).map(|t| &t.is)) {
        return None;
    }
    if off(Part::Seek) {
        return None;
    }
    if let Some(step) = may::read(&phrases, scope) {
        return Some(step);
    }
    let (sought, rest) = taken(tokens, &phrases)?;
    let slots = fill::fill(&rest);
    if !looks_plainly(&slots) {
        return None;
    }
    build::sought(&sought, &slots, scope, facts)
}

/// What narrows the objects of a change, as a question that finds them: a change says its objects by name, by label or by a field, and
/// what it cannot say must not be left out of it. `None` where nothing does.
pub fn narrowed(tokens: &[Token], act: Act, namespace: &crate::ops::Namespace) -> Option<Step> {
    let there = !matches!(act, Act::Create | Act::Run | Act::Set | Act::Apply | Act::Undo | Act::Expose | Act::Approve | Act::Deny);
    if !(there && act.changes()) {
        return None;
    }
    let (sought, rest) = taken(tokens, &Phrases::of(tokens))?;
    // "pods older than": behind a kind the first word would be a name.
    let slots = fill::fill(&rest);
    if slots.objects.is_empty() || slots.objects.iter().any(|o| !o.names.is_empty() || o.this) {
        return None;
    }
    let kinds: Vec<Kind> = kinds_said(tokens);
    let [kind] = kinds.as_slice() else { return None };
    if sought.conditions.is_empty() && sought.order.is_none() {
        return None;
    }
    let place = match &slots.place {
        Some(Place::Named(name)) => crate::ops::Namespace::new(name.to_lowercase()).ok()?,
        Some(Place::All | Place::Here) | None => namespace.clone(),
    };
    let find =
        Find { namespace: kind.namespaced().then_some(place), conditions: sought.conditions, order: sought.order, ..Find::all(*kind) };
    let (verb, op) = (frames::verb(act), crate::ops::Op::from(find));
    let said = op.verb().title();
    let text = format!(
        "I understood that you want to {verb} {}; which those are has to be looked at first, and each is named then.",
        said.trim_start_matches("find ")
    );
    Some(*Step::ask("which", text, vec![op.line()]))
}

/// What is taken out, and the tokens that are left.
fn taken(tokens: &[Token], phrases: &Phrases<'_>) -> Option<(Sought, Vec<Token>)> {
    let mut sought = Sought::default();
    if let Some((verbs, at, words)) = who::verbs(phrases) {
        sought.who_can = verbs;
        return Some((sought, phrases.without(&[(at, words)])));
    }
    let said = kinds_said(tokens);
    let mut gone: Vec<(usize, usize)> = Vec::new();
    let containers = parts::containers(phrases).filter(|_| said.is_empty());
    let mut kinds = said;
    if let Some((at, words)) = containers {
        gone.push((at, words));
    }
    if let Some((at, words)) = parts::workloads(phrases).filter(|_| kinds.is_empty()) {
        gone.push((at, words));
        kinds = ["deployment", "statefulset", "daemonset"].into_iter().filter_map(Kind::find).collect();
        sought.kinds.clone_from(&kinds);
    }
    let images = parts::opens_with_images(phrases).filter(|_| kinds.is_empty());
    if containers.is_some() || images.is_some() {
        kinds.extend(Kind::find("pod"));
        sought.kinds.clone_from(&kinds);
    }
    gone.extend(images);
    if let Some((show, at, words)) = parts::asked_for(phrases) {
        sought.show = show;
        gone.push((at, words));
        gone.extend(parts::trailing_use(phrases));
    }
    let mut at = 0;
    while at < phrases.len() {
        if gone.iter().any(|(from, words)| (*from..from + words).contains(&at)) {
            at += 1;
            continue;
        }
        if let Some((measure, words)) = amounts::most(phrases, at).filter(|_| sought.order.is_none()) {
            if kinds.is_empty() && measure == Measure::Restarts {
                kinds.extend(Kind::find("pod"));
                sought.kinds.clone_from(&kinds);
                // "what restarts": what never did is none of it.
                sought.conditions.extend("restarts>0".parse());
            }
            sought.order = Some(measure);
            gone.push((at, words));
            at += words;
        } else if let Some((condition, words)) = conditions::at(phrases, at, &kinds) {
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
    if nothing && (sought.show.is_empty() || sought.show == [Show::Image] && containers.is_some() && images.is_none()) {
        return None;
    }
    Some((sought, phrases.without(&gone)))
}

/// The kinds a step is about: the first that stand in it, joined; not the namespace that says where.
fn kinds_said(tokens: &[Token]) -> Vec<Kind> {
    let is_place = |kind: &Kind| kind.is("namespaces", "");
    let others = tokens.iter().any(|t| matches!(&t.is, Is::Kind(kind, _) if !is_place(kind)));
    let mut kinds: Vec<Kind> = Vec::new();
    for token in tokens {
        match &token.is {
            // "workloads" are of more kinds than one.
            Is::Kind(..) if token.said.to_lowercase().starts_with("workload") => {}
            Is::Kind(kind, _) if !(others && is_place(kind)) => kinds.push(*kind),
            Is::Comma | Is::Sense(Sense::And | Sense::Det | Sense::All) => {}
            _ if kinds.is_empty() => {}
            _ => break,
        }
    }
    kinds
}

/// Whether what is left only says of which objects: nothing in it changes, denies, or is left over.
fn looks_plainly(s: &Slots) -> bool {
    let acts = s.acts.iter().all(|act| !act.changes()) && s.acts.is_empty();
    let held = s.lesson || s.not || s.condition || s.or || s.mark || s.alter.is_some() || s.new || s.replicas || s.everything;
    let other = !s.foreign.is_empty() || !s.topics.is_empty() || s.ask == Some(super::slots::Ask::Why) || s.asides;
    acts && !held && !other && super::room::left_over(s, Act::Find).is_empty()
}
