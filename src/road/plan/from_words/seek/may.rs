//! "can user ann delete pods in dev", "is service account ci of namespace build allowed to list secrets there", "what may it do": whether
//! somebody else may. kubectl asks that by impersonating them (`auth can-i --as`); who asks is fixed when aiops starts, so the answer is how
//! to start it.

use super::{
    super::{
        Scope, Step,
        phrases::{List, list},
        tag::Is,
    },
    phrase::Phrases,
    who,
};
use crate::{
    ops::{Namespace, Op, Program, argv},
    road::plan::Refusal,
};

const CHECK: &List = &List::of(
    "check|check whether|check if|check that|check to see if|check to see whether|verify|verify whether|verify that|verify if|see if|see whether|\
    tell me if|tell me whether|show me whether|find out if|find out whether|test if|test whether|determine if|determine whether|confirm that|\
    confirm whether|make sure whether|ask whether|i want to know if|i want to know whether|list whether|show whether",
);
const ASKS: &List = &List::of("can|could|may|is|does|do|whether|if|that");
const ALL: &List = &List::of("what can|what may|what could|what all can|what all may|what is|everything|list what|show what|what");
const SORTS: &[(List, &str)] = &[
    (List::of("the user|user|user account"), ""),
    (List::of("the service account|service account|the serviceaccount|serviceaccount|the sa|sa"), "account"),
    (List::of("the group|group|members of the group|members of group"), "group"),
];
const MAY: &List = &List::of(
    "can|could|may|be able to|is able to|able to|is allowed to|allowed to|be allowed to|is permitted to|permitted to|is authorized to|\
    authorized to|is authorised to|have permission to|has permission to|have the right to|has the right to|have the permission to|have access to",
);
const DO: &List = &List::of("do|do there|do here|permitted to do|allowed to do|able to do|may do|can do");
const THERE: &List = &List::of(
    "there|in that namespace|in that same namespace|in the same namespace|in its namespace|in its own namespace|in this namespace|in the namespace|here",
);
const EVERYWHERE: &List = &List::of("in all namespaces|across all namespaces|everywhere|in any namespace|cluster-wide|in every namespace");

/// Reads such a question; `None` where it is none, or a word of it has no place.
pub(super) fn read(words: &Phrases<'_>, scope: &Scope) -> Option<Step> {
    let (who, line) = asked(words, scope)?;
    let op = Op::from_words(Program::Kubectl, &line).ok()?;
    let reason = "it asks for somebody else, and who asks is fixed when aiops starts and shown with every question".to_string();
    Some(Step::Refused(Refusal { reason, instead: format!("aiops {} {}", who.join(" "), argv::quoted(&op.line())) }))
}

/// Whom to be, as flags, and what to ask.
fn asked(words: &Phrases<'_>, scope: &Scope) -> Option<(Vec<String>, Vec<String>)> {
    let mut at = words.past(0, list!("please"));
    at = words.past(at, CHECK);
    let all = words.any(at, ALL);
    at += all.unwrap_or(0);
    let asks = words.any(at, ASKS);
    at += asks.unwrap_or(0);
    if at == 0 {
        return None;
    }
    let (sort, took) = SORTS.iter().find_map(|(said, sort)| Some((*sort, words.any(at, said)?)))?;
    let name = word(words, at + took)?;
    at += took + 1;
    let mut home = None;
    if let Some((namespace, took)) = place(words, at) {
        home = Some(namespace);
        at += took;
    }
    let may = words.any(at, MAY);
    at += may.unwrap_or(0);
    let modal = ["can", "could", "may"].iter().any(|modal| (0..at).any(|n| words.is(n, modal)));
    if !modal && may.is_none() && all.is_none() {
        return None;
    }
    let mut line: Vec<String> = ["auth", "can-i"].map(String::from).to_vec();
    if all.is_some() && words.any(at, DO).is_some() {
        at = words.past(at, DO);
        line.push("--list".into());
    } else if all.is_some() {
        return None;
    } else {
        let (verbs, part, took) = who::doing(words, at)?;
        let [verb] = verbs else { return None };
        at += took;
        at = words.past(at, list!("the|any|all|new|all the"));
        let Is::Kind(kind, _) = words.token(at)?.is else { return None };
        let said = words.token(at)?.said.split(' ').count();
        at += said;
        let plural = match kind.info().group {
            "" => kind.plural().into_owned(),
            group => format!("{}.{group}", kind.plural()),
        };
        line.extend([verb.to_string(), plural]);
        if let Some(part) = part {
            line.push(format!("--subresource={part}"));
        }
        if let Some(name) = words.any(at, list!("named|called")).and_then(|n| word(words, at + n)) {
            let last = line.last_mut()?;
            *last = format!("{last}/{name}");
            at += 2;
        }
    }
    let mut namespace = home.clone();
    let mut everywhere = false;
    if let Some(n) = words.any(at, THERE) {
        at += n;
    } else if let Some(n) = words.any(at, EVERYWHERE) {
        at += n;
        everywhere = true;
    } else if let Some((other, took)) = place(words, at) {
        at += took;
        namespace = Some(other);
    }
    if at != words.len() {
        return None;
    }
    let home = home.or_else(|| namespace.clone()).unwrap_or_else(|| scope.namespace.clone());
    let who = match sort {
        "account" => vec![format!("--as=system:serviceaccount:{home}:{name}")],
        // Whoever is impersonated as a group needs a user's name beside it (`Impersonate-User`).
        "group" => vec![format!("--as={name}"), format!("--as-group={name}")],
        _a_user => vec![format!("--as={name}")],
    };
    if everywhere {
        line.push("-A".into());
    } else if let Some(namespace) = namespace {
        line.extend(["-n".to_string(), namespace.to_string()]);
    }
    Some((who, line))
}

/// A name as it was said.
fn word(words: &Phrases<'_>, at: usize) -> Option<String> {
    let token = words.token(at)?;
    let named = matches!(token.is, Is::Word | Is::Quoted) || words.said(at)?.contains(['@', ':']);
    (named && !token.said.contains(' ')).then(|| token.said.to_string())
}

/// "in namespace dev", "of the dev namespace", "from dev", and how many words that takes.
fn place(words: &Phrases<'_>, at: usize) -> Option<(Namespace, usize)> {
    let lead = words.any(at, list!("in|of|from|inside|within|in the|of the|from the"))?;
    let said = words.any(at + lead, list!("namespace|ns"));
    let name = at + lead + said.unwrap_or(0);
    let token = words.token(name).filter(|t| matches!(t.is, Is::Word | Is::Quoted))?;
    let namespace = Namespace::new(token.said.to_lowercase()).ok()?;
    let behind = if said.is_some() { 0 } else { words.any(name + 1, list!("namespace|ns")).unwrap_or(0) };
    Some((namespace, name + 1 + behind - at))
}

#[cfg(test)]
mod tests {
    use super::super::super::{normalise::normalise, tag::tag};
    use super::*;

    fn line(text: &str) -> String {
        let scope = super::super::super::tests::scope(false);
        let tokens = tag(&normalise(text));
        super::asked(&Phrases::of(&tokens), &scope)
            .map_or_else(String::new, |(who, line)| format!("{} | {}", who.join(" "), line.join(" ")))
    }

    #[test]
    fn whether_somebody_else_may() {
        for (text, want) in [
            ("can user ann delete pods in dev", "--as=ann | auth can-i delete pods -n dev"),
            ("could the user ann list secrets in namespace vault", "--as=ann | auth can-i list secrets -n vault"),
            (
                "is service account ci of namespace build allowed to create deployments there",
                "--as=system:serviceaccount:build:ci | auth can-i create deployments.apps -n build",
            ),
            (
                "check to see if the service account \"ci\" of namespace \"build\" can list pods in that namespace",
                "--as=system:serviceaccount:build:ci | auth can-i list pods -n build",
            ),
            (
                "verify whether sa bot from ns neon is permitted to delete secrets",
                "--as=system:serviceaccount:neon:bot | auth can-i delete secrets -n neon",
            ),
            ("can serviceaccount ci list pods in dev", "--as=system:serviceaccount:dev:ci | auth can-i list pods -n dev"),
            ("what can the service account ci do in dev", "--as=system:serviceaccount:dev:ci | auth can-i --list -n dev"),
            ("may user ann exec into pods", "--as=ann | auth can-i create pods --subresource=exec"),
            (
                "can group devs scale deployments everywhere",
                "--as=devs --as-group=devs | auth can-i update deployments.apps --subresource=scale -A",
            ),
        ] {
            assert_eq!(line(text), want, "{text}");
        }
        for text in
            ["user ann delete pods", "give user ann pods", "can user ann", "delete user ann", "can user ann delete pods if it rains"]
        {
            assert_eq!(line(text), "", "{text}");
        }
    }
}
