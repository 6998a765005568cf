//! May the person do this? Asked of the server's own authorizer before anything is shown or sent.

use super::checks::role_for;
use crate::{
    facts::{Facts, Need, Review},
    ops::{Call, Impact, Lookup, Op},
    problem::{Problem, Sort},
};

/// The reviews these calls raise that nobody has answered yet.
pub(super) fn needs(calls: &[Call], facts: &Facts) -> Vec<Need> {
    let reviews = calls.iter().filter(|c| c.mutates()).filter_map(Review::of);
    reviews.filter(|r| matches!(facts.may(r), Lookup::NotChecked(_)) && !facts.asked(r)).map(Need::Access).collect()
}

/// Refuses what the server would refuse, all of it at once, with the roles that would allow it.
pub(super) fn check(lowered: &[(Op, Vec<Call>)], facts: &Facts) -> Result<(), Problem> {
    let changing = lowered.iter().filter(|(op, _)| op.verb().impact() > Impact::Reads).flat_map(|(_, calls)| calls);
    let mut refused: Vec<Review> = Vec::new();
    for review in changing.filter(|c| c.mutates()).filter_map(Review::of) {
        if matches!(facts.may(&review), Lookup::Known(false) | Lookup::Missing) && !refused.contains(&review) {
            refused.push(review);
        }
    }
    if refused.is_empty() {
        return Ok(());
    }
    let mut said: Vec<String> = refused.iter().map(|review| format!("{} {}", review.verb, what(review))).collect();
    said.dedup();
    let mut roles: Vec<String> = refused.iter().map(role_for).collect();
    roles.dedup();
    let place = refused[0].namespace.as_ref();
    let by_hand = place.map_or_else(String::new, |ns| format!(" -n {ns}"));
    let (this, them) = if roles.len() == 1 { ("this role", "it") } else { ("these roles", "it together") };
    Err(Problem::new(Sort::Refused, format!("you may not {}: the cluster's access rules (RBAC) do not allow it", said.join(", nor ")))
        .hint(format!("ask whoever runs the cluster; {this}, bound to you, would allow {them}: {}", roles.join("; ")))
        .hint(format!("to see what you may do: kubectl auth can-i --list{by_hand}")))
}

/// `deployments/scale in namespace shop`.
fn what(review: &Review) -> String {
    let sub = if review.subresource.is_empty() { String::new() } else { format!("/{}", review.subresource) };
    let place = review.namespace.as_ref().map_or_else(String::new, |ns| format!(" in namespace {ns}"));
    format!("{}{sub}{place}", review.kind.plural())
}

/// What could not be checked, in words.
pub(super) fn unchecked(op: &Op, calls: &[Call], facts: &Facts) -> Vec<String> {
    if op.verb().impact() == Impact::Reads {
        return Vec::new();
    }
    let mut unchecked = Vec::new();
    for review in calls.iter().filter(|c| c.mutates()).filter_map(Review::of) {
        if let Lookup::NotChecked(why) = facts.may(&review) {
            unchecked.push(format!("whether you may {} {}: {why}", review.verb, review.kind.plural()));
        }
    }
    unchecked.dedup();
    unchecked
}
