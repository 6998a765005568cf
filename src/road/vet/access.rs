//! May the person do this? Asked of the server's own authorizer before anything is shown or sent.

use super::checks::role_for;
use crate::{
    facts::{Facts, Need, Review},
    ops::{Call, Impact, Lookup, Op},
    problem::{Problem, Sort},
};
use std::collections::BTreeMap;

/// The reviews these calls raise that nobody has answered yet.
pub(super) fn needs(calls: &[Call], facts: &Facts) -> Vec<Need> {
    let reviews: Vec<Review> = calls.iter().filter(|c| c.mutates()).filter_map(Review::of).collect();
    let mut of_any: BTreeMap<Review, usize> = BTreeMap::new();
    for review in &reviews {
        *of_any.entry(any(review)).or_default() += 1;
    }
    let mut needs: Vec<Review> = Vec::new();
    for review in reviews {
        // Of many objects it is asked once whether any may be; one by one only where not.
        let many = of_any.get(&any(&review)).is_some_and(|count| *count >= MANY);
        let ask = if many && !facts.asked(&any(&review)) { any(&review) } else { review };
        let known = facts.asked(&ask) || matches!(facts.may(&any(&ask)), Lookup::Known(true));
        if !known && !needs.contains(&ask) {
            needs.push(ask);
        }
    }
    needs.into_iter().map(Need::Access).collect()
}

/// As many objects of a kind in one place are asked about together.
const MANY: usize = 3;

/// The question about any object of that kind, there.
fn any(review: &Review) -> Review {
    Review { name: None, ..review.clone() }
}

/// The answer for one object: that for any of them, where any may be.
fn may(review: &Review, facts: &Facts) -> Lookup<bool> {
    match facts.may(&any(review)) {
        Lookup::Known(true) => Lookup::Known(true),
        Lookup::Known(false) | Lookup::Missing | Lookup::NotChecked(_) => facts.may(review),
    }
}

/// Refuses what the server would refuse, all of it at once, with the roles that would allow it.
pub(super) fn check(lowered: &[(Op, Vec<Call>)], facts: &Facts) -> Result<(), Problem> {
    let changing = lowered.iter().filter(|(op, _)| op.verb().impact() > Impact::Reads).flat_map(|(_, calls)| calls);
    let mut refused: Vec<Review> = Vec::new();
    for review in changing.filter(|c| c.mutates()).filter_map(Review::of) {
        if matches!(may(&review, facts), Lookup::Known(false) | Lookup::Missing) && !refused.contains(&review) {
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
        if let Lookup::NotChecked(why) = may(&review, facts) {
            unchecked.push(format!("whether you may {} {}: {why}", review.verb, review.kind.plural()));
        }
    }
    unchecked.dedup();
    unchecked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::{Kind, Name, PatchKind, Target};
    use serde_json::json;

    #[test]
    fn many_of_a_kind_are_asked_about_once_and_one_by_one_where_not_all_may_be() {
        let call = |name: &str| {
            let target = Target::new(Kind::built_in("configmaps"), Name::new(name).unwrap()).unwrap();
            Call::patch(&target.in_namespace(Some("dev".parse().unwrap())), PatchKind::Merge, json!({}))
        };
        let of = |call: &Call| Review::of(call).unwrap();
        let calls: Vec<Call> = ["a", "b", "c"].map(call).to_vec();
        let mut facts = Facts::default();
        let review = any(&of(&calls[0]));
        assert_eq!(needs(&calls, &facts), [Need::Access(review.clone())]);
        assert!(matches!(needs(&calls[..1], &facts).as_slice(), [Need::Access(Review { name: Some(_), .. })]));
        facts.add_access(review.clone(), Lookup::Known(true));
        assert_eq!((needs(&calls, &facts), may(&of(&calls[2]), &facts)), (Vec::new(), Lookup::Known(true)));
        facts.add_access(review, Lookup::Known(false));
        assert_eq!(needs(&calls, &facts).len(), 3);
        facts.add_access(of(&calls[1]), Lookup::Known(true));
        assert_eq!((needs(&calls, &facts).len(), may(&of(&calls[1]), &facts)), (2, Lookup::Known(true)));
    }
}
