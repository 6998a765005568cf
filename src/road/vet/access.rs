//! May the person do this? Asked of the server's own authorizer before anything is shown or sent.

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

/// Refuses what the server would refuse; what could not be checked is returned in words.
pub(super) fn check(op: &Op, calls: &[Call], facts: &Facts) -> Result<Vec<String>, Problem> {
    if op.verb().impact() == Impact::Reads {
        return Ok(Vec::new());
    }
    let mut unchecked = Vec::new();
    for review in calls.iter().filter(|c| c.mutates()).filter_map(Review::of) {
        match facts.may(&review) {
            Lookup::Known(true) => {}
            Lookup::Known(false) | Lookup::Missing => {
                let what = if review.subresource.is_empty() {
                    review.kind.plural().into_owned()
                } else {
                    format!("{}/{}", review.kind.plural(), review.subresource)
                };
                let place = review.namespace.as_ref().map_or_else(String::new, |ns| format!(" in namespace {ns}"));
                let by_hand = review.namespace.as_ref().map_or_else(String::new, |ns| format!(" -n {ns}"));
                return Err(Problem::new(
                    Sort::Refused,
                    format!("you may not {} {what}{place}: the cluster's access rules (RBAC) do not allow it", review.verb),
                )
                .hint(format!("ask whoever runs the cluster for it; to see what you may do: kubectl auth can-i --list{by_hand}")));
            }
            Lookup::NotChecked(why) => unchecked.push(format!("whether you may {} {}: {why}", review.verb, review.kind.plural())),
        }
    }
    unchecked.dedup();
    Ok(unchecked)
}
