//! What objects belong to, in words: pods "that are not daemonsets", "not of a daemonset"; claims "that are not bound".

use super::super::phrases::{List, list};
use super::{super::tag::Is, conditions::Found, conditions::THAT_ARE, phrase::Phrases};
use crate::ops::{
    Kind,
    find::{Condition, Field},
};

const OF: &List = &List::of(
    "of a|of an|of any|of|owned by|owned by a|owned by an|managed by|managed by a|managed by an|controlled by|controlled by a|from a|part of a|part of",
);
const BELONGING: &List = &List::of(
    "that belong to|which belong to|belonging to|that belong to a|belonging to a|that come from a|that are part of a|made by a|made by",
);
const NOT_BELONGING: &List = &List::of(
    "that do not belong to|which do not belong to|not belonging to|that do not belong to a|that belong to no|that do not come from a",
);
const BOUND: &List = &List::of("bound|that are bound|which are bound");
const NOT_BOUND: &List = &List::of("not bound|unbound|that are not bound|which are not bound|not yet bound|that are unbound");

/// Everything these may begin with.
pub(super) const PHRASES: &[&List] = &[OF, BELONGING, NOT_BELONGING, BOUND, NOT_BOUND, &List::of("no|non|except|excluding|other")];

/// What owns pods, and the kinds whose objects own those.
const OWNERS: &[&str] = &["daemonsets", "deployments", "statefulsets", "replicasets", "jobs", "cronjobs"];

/// "that are not daemonsets", "not of a daemonset", "that belong to a job".
pub(super) fn owner(words: &Phrases<'_>, at: usize) -> Found {
    let kind = |at: usize| {
        let token = words.token(at).filter(|token| token.mended.is_none())?;
        let Is::Kind(kind, plural) = token.is else { return None };
        let known = kind.is_built_in() && OWNERS.contains(&kind.info().plural);
        known.then_some((kind, plural, token.said.split(' ').count()))
    };
    let condition = |kind: Kind, not: bool| Some(Condition { not, ..Condition::reads(Field::Owner, &kind.word()).ok()? });
    for (lead, not) in [(NOT_BELONGING, true), (BELONGING, false)] {
        if let Some(n) = words.any(at, lead) {
            let (kind, _, took) = kind(at + n)?;
            return Some((Some(condition(kind, not)?), n + took));
        }
    }
    // "that are not daemonsets", "that are not of a daemonset", "not daemonset pods".
    let led = words.past(at, THAT_ARE);
    let not = usize::from(words.is(led, "not"));
    let of = words.any(led + not, OF);
    // "pods of deployment web": whose pods those are, by name, is another question.
    if not == 0 && (of.is_none() || words.any(led, list!("of")).is_some()) && words.any(led, list!("of a|of an|of any")).is_none() {
        return None;
    }
    let from = led + not + of.unwrap_or(0);
    let (kind, _, took) = kind(from)?;
    // The pods were said already, and may be said again: "not daemonset pods".
    let end = words.past(from + took, list!("pod|pods"));
    let named = words.token(end).is_some_and(|next| matches!(next.is, Is::Word | Is::Quoted));
    (!named).then(|| Some((Some(condition(kind, not == 1)?), end - at)))?
}

/// "pvcs not bound".
pub(super) fn bound(words: &Phrases<'_>, at: usize, kinds: &[Kind]) -> Found {
    let claims = |kind: &Kind| kind.is("persistentvolumeclaims", "") || kind.is("persistentvolumes", "");
    if !kinds.iter().all(claims) {
        return None;
    }
    let bound = |not: bool| Some(Condition { not, ..Condition::reads(Field::Phase, "Bound").ok()? });
    if let Some(n) = words.any(at, NOT_BOUND) {
        return Some((Some(bound(true)?), n));
    }
    words.any(at, BOUND).and_then(|n| Some((Some(bound(false)?), n)))
}
