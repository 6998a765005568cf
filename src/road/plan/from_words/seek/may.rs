//! "can user ann delete pods in dev", "is service account ci of namespace build allowed to list secrets there", "can jane get nodes": whether
//! somebody else may. The server is asked about them, by whoever asks (`auth can-i --as`). All that they may do it lists to nobody but
//! themselves ("what may service account ci do"): the answer is how to start aiops as they.

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
    ops::{Name, Namespace, Op, Program, argv},
    road::plan::Refusal,
};

const CHECK: &List = &List::of(
    "check|check whether|check if|check that|check to see if|check to see whether|verify|verify whether|verify that|verify if|see if|see whether|\
    tell me if|tell me whether|show me whether|find out if|find out whether|test if|test whether|determine if|determine whether|confirm that|\
    confirm whether|make sure whether|ask whether|i want to know if|i want to know whether|list whether|show whether",
);
const ASKS: &List = &List::of("can|could|may|is|does|do|whether|if|that");
const ALL: &List = &List::of("what can|what may|what could|what all can|what all may|what is|everything|list what|show what|what");
const SORTS: &[(List, Sort)] = &[
    (List::of("the user|user|user account"), Sort::User),
    (List::of("the service account|service account|the serviceaccount|serviceaccount|the sa|sa"), Sort::Account),
    (List::of("the group|group|members of the group|members of group"), Sort::Group),
];

/// What somebody is to the server.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Sort {
    User,
    Account,
    Group,
}

/// Words in the place of a name that name nobody in particular, or what is no user.
const NOBODY: &List = &List::of(
    "i|me|you|we|us|he|she|it|they|them|one|this|that|these|those|who|which|what|anyone|anybody|someone|somebody|everyone|everybody|nobody|aiops|\
    kubectl|kubernetes|k8s|helm|pod|pods|users|groups|people|others|please|someone else|anyone else",
);
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
    let (who, mut line) = asked(words, scope)?;
    if !line.iter().any(|word| word == "--list") {
        line.extend(who);
        return Some(Step::Ops(vec![Op::from_words(Program::Kubectl, &line).ok()?], Vec::new()));
    }
    let op = Op::from_words(Program::Kubectl, &line).ok()?;
    let reason =
        "all that somebody else may do is not listed: the server lists to each what they may themselves, and who asks is fixed when \
                  aiops starts"
            .to_string();
    Some(Step::Refused(Refusal { reason, instead: format!("aiops {} {}", who.join(" "), argv::quoted(&op.line())) }))
}

/// Who is meant, from that word on: what they are, their name, and where it goes on. "the service account ci", "the ci service account",
/// and, where it is asked whether they may, a name alone.
fn somebody(words: &Phrases<'_>, at: usize) -> Option<(Sort, String, usize)> {
    let goes_on = |at: usize| words.any(at, MAY).is_some() || place(words, at).is_some() || who::doing(words, at).is_some();
    let sorted = SORTS.iter().find_map(|(said, sort)| {
        let after = at + words.any(at, said)?;
        Some((*sort, name(words, after, *sort)?, after + 1))
    });
    let behind = || {
        let first = words.past(at, list!("the"));
        SORTS.iter().find_map(|(said, sort)| {
            let named = name(words, first, *sort)?;
            let after = first + 1 + words.any(first + 1, said)?;
            goes_on(after).then_some((*sort, named, after))
        })
    };
    let alone = || {
        let named = word(words, at).filter(|_| words.any(at, NOBODY).is_none())?;
        goes_on(at + 1).then_some((Sort::User, named, at + 1))
    };
    sorted.or_else(behind).or_else(alone)
}

/// A name of that sort. That of a service account is an object's, and may read like a kind ("sa").
fn name(words: &Phrases<'_>, at: usize, sort: Sort) -> Option<String> {
    let legal = |name: &String| {
        sort != Sort::Account || Name::new(name.as_str()).is_ok_and(|name| name.as_str().chars().all(|c| !c.is_uppercase()))
    };
    let kind = || {
        let token = words.token(at).filter(|t| matches!(t.is, Is::Kind(..)) && !t.said.contains(' ') && sort == Sort::Account)?;
        Some(token.said.to_string())
    };
    word(words, at).or_else(kind).filter(legal)
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
    let (sort, name, after) = somebody(words, at)?;
    at = after;
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
    // "in the namespace" may stand alone, or before its name.
    let ends = |n: &usize| at + n == words.len();
    if let Some(n) = words.any(at, THERE).filter(ends) {
        at += n;
    } else if let Some(n) = words.any(at, EVERYWHERE).filter(ends) {
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
        Sort::Account => vec![format!("--as=system:serviceaccount:{home}:{name}")],
        // Whoever is impersonated as a group needs a user's name beside it (`Impersonate-User`).
        Sort::Group => vec![format!("--as={name}"), format!("--as-group={name}")],
        Sort::User => vec![format!("--as={name}")],
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
            ("can krishna get nodes", "--as=krishna | auth can-i get nodes"),
            ("can jane create deployments in dev", "--as=jane | auth can-i create deployments.apps -n dev"),
            ("is jane@example.com allowed to delete secrets in prod", "--as=jane@example.com | auth can-i delete secrets -n prod"),
            ("check if jane can list pods in all namespaces", "--as=jane | auth can-i list pods -A"),
            (
                "Check to see if service account \"foo\" of namespace \"dev\" can list pods in the namespace \"prod\"",
                "--as=system:serviceaccount:dev:foo | auth can-i list pods -n prod",
            ),
            (
                "Verify the sa ServiceAccount can list Pods in the Namespace test",
                "--as=system:serviceaccount:test:sa | auth can-i list pods -n test",
            ),
            ("verify the serviceaccount sa can list pods in test", "--as=system:serviceaccount:test:sa | auth can-i list pods -n test"),
            (
                "can group devs scale deployments everywhere",
                "--as=devs --as-group=devs | auth can-i update deployments.apps --subresource=scale -A",
            ),
        ] {
            assert_eq!(line(text), want, "{text}");
        }
        for text in [
            "user ann delete pods",
            "give user ann pods",
            "can user ann",
            "delete user ann",
            "can user ann delete pods if it rains",
            "can you get nodes",
            "can anybody delete pods",
            "can we delete pods",
            "can i delete pods",
            "can jane",
            "jane can delete pods",
            "can jane delete pods and services",
            "can jane delete web",
            "can you please delete pods",
            "what can jane",
        ] {
            assert_eq!(line(text), "", "{text}");
        }
    }
}
