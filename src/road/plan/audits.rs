//! Requests for an audit in plain words: what should be better, what is not secure, what nothing uses. Each is one of a closed set of sentences, with a
//! place in it at most, so that every word is accounted for; it only looks.

use super::{Aside, Scope};
use crate::ops::{Kind, Namespace};
use std::sync::LazyLock;

/// What of an audit is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// All of it.
    Everything,
    /// What an intruder could use.
    Security,
    /// What is asked for and not used.
    Capacity,
    /// What nothing refers to.
    Unused(Unused),
}

/// Of which kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unused {
    /// All that are looked at.
    Any,
    /// ConfigMaps.
    ConfigMaps,
    /// Secrets.
    Secrets,
    /// PersistentVolumeClaims.
    Claims,
}

impl Topic {
    /// For a sentence.
    pub fn told(self) -> &'static str {
        match self {
            Topic::Everything => "audit configuration, security, reliability and capacity",
            Topic::Security => "audit security",
            Topic::Capacity => "audit what is asked for against what is used",
            Topic::Unused(Unused::Any) => "look for objects that nothing refers to",
            Topic::Unused(Unused::ConfigMaps) => "look for ConfigMaps that nothing refers to",
            Topic::Unused(Unused::Secrets) => "look for Secrets that nothing refers to",
            Topic::Unused(Unused::Claims) => "look for claims that nothing mounts",
        }
    }
}

/// What may stand before it without changing it.
const LEAD: &[&str] = &["please", "can you", "could you", "hey", "ok", "now"];
/// The whole cluster, said in other words; what stands before them may stand for them as well.
const CLUSTER: &[&str] = &[
    "in the whole cluster",
    "in the cluster",
    "in my cluster",
    "in our cluster",
    "in this cluster",
    "on the cluster",
    "on my cluster",
    "in all namespaces",
    "across all namespaces",
    "cluster-wide",
];

/// A thing that is looked for, in every wording: what stands in parentheses may be left out, `/` parts alternatives, `_` joins the words of one.
const SENTENCES: &[(&str, Topic)] = &[
    ("audit", Topic::Everything),
    ("(run/do/start/make) (an/the) audit (of) (the/my/our/this) (whole) (cluster/everything)", Topic::Everything),
    (
        "(are_there/is_there/do_we_have/do_i_have/find/show/list/show_me) (any/all) (the) misconfigurations/misconfiguration/misconfigured_objects/misconfigured_workloads",
        Topic::Everything,
    ),
    (
        "check/scan/look (the/my/our/this) (cluster/everything) for (any/all) misconfigurations/misconfiguration/best_practices/bad_practices",
        Topic::Everything,
    ),
    ("what is misconfigured", Topic::Everything),
    ("which/what best practices are violated/not_followed/broken", Topic::Everything),
    ("are (the/all) best practices violated/followed", Topic::Everything),
    ("check (the/all) best practices", Topic::Everything),
    ("lint (the/my/our/this) cluster", Topic::Everything),
    ("what could/can/should i/we improve", Topic::Everything),
    ("what could/can/should be better/improved", Topic::Everything),
    (
        "check/scan/audit (the/my/our/this) (cluster) for (any/all) security problems/issues/risks/holes/weaknesses/misconfigurations",
        Topic::Security,
    ),
    (
        "(are_there/do_we_have/do_i_have/find/show/list/show_me) (any/all) (the) security problems/issues/risks/holes/weaknesses/misconfigurations",
        Topic::Security,
    ),
    ("what are (the/my/our) security problems/issues/risks/weaknesses", Topic::Security),
    ("(run/do/make) (a/the) security audit/scan/check (of) (the/my/our/this) (cluster)", Topic::Security),
    ("check/audit (the) security (of) (the/my/our/this) (cluster)", Topic::Security),
    ("is the/my/our/this cluster secure", Topic::Security),
    ("how secure is the/my/our/this cluster", Topic::Security),
    ("what can/could/should i/we optimise/optimize", Topic::Capacity),
    ("what can/could/should be optimised/optimized", Topic::Capacity),
    ("where can/could i/we save resources/costs/money", Topic::Capacity),
    ("where are resources wasted", Topic::Capacity),
    ("where do i/we waste resources", Topic::Capacity),
    (
        "(find/show/list/show_me/which/are_there/what) (any/all) (workloads/deployments/pods) (are/is) overprovisioned/over-provisioned (workloads/deployments/pods)",
        Topic::Capacity,
    ),
    ("find/are_there (any/all) (the) unused/orphaned configmaps/config_maps/configmap/cm", Topic::Unused(Unused::ConfigMaps)),
    ("find/are_there (any/all) (the) unused/orphaned secrets", Topic::Unused(Unused::Secrets)),
    (
        "find/are_there (any/all) (the) unused/orphaned pvcs/claims/persistentvolumeclaims/persistent_volume_claims/volumes",
        Topic::Unused(Unused::Claims),
    ),
    ("(find/show/list/show_me/are_there) (any/all) (the) unused/orphaned objects/resources", Topic::Unused(Unused::Any)),
    ("which objects/resources are unused/orphaned/not_used", Topic::Unused(Unused::Any)),
    ("what is unused/not_used", Topic::Unused(Unused::Any)),
];

/// Requests longer than this are no sentence of the table.
const LONGEST: usize = 200;

/// A request as sentences of a table are written: in small letters, without commas and the sign at its end. `None` where it is too long for one.
pub(super) fn plain(text: &str) -> Option<String> {
    (text.len() <= LONGEST).then(|| text.to_lowercase().trim().trim_end_matches(['?', '!', '.']).replace(',', " "))
}

/// The words without what only leads to them and the "please" behind them.
pub(super) fn led<'a, 'b>(words: &'a [&'b str]) -> &'a [&'b str] {
    let led = words_after(words, LEAD);
    before(led, "please").unwrap_or(led)
}

/// The audit that a request asks for, if it is one of the sentences, whole.
pub(super) fn read(text: &str, scope: &Scope) -> Option<Aside> {
    let plain = plain(text)?;
    let words: Vec<&str> = plain.split_whitespace().collect();
    let (rest, place) = placed(led(&words))?;
    let topic = TABLE.iter().find(|(sentence, _)| fits(sentence, rest)).map(|(_, topic)| *topic)?;
    let namespace = match place {
        Place::Named(name) => Some(Namespace::new(name).ok()?),
        Place::Here => Some(scope.namespace.clone()),
        Place::Everywhere | Place::Unsaid => None,
    };
    Some(Aside::Audit { topic, namespace })
}

/// Where it is to be looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Named(String),
    Here,
    Everywhere,
    Unsaid,
}

/// The words behind these, where they begin with them.
fn behind<'a, 'b>(words: &'a [&'b str], lead: &str) -> Option<&'a [&'b str]> {
    let many = lead.split(' ').count();
    (words.len() >= many && lead.split(' ').zip(words).all(|(wanted, word)| wanted == *word)).then(|| &words[many..])
}

/// The words before these, where they end with them.
fn before<'a, 'b>(words: &'a [&'b str], tail: &str) -> Option<&'a [&'b str]> {
    let at = words.len().checked_sub(tail.split(' ').count())?;
    behind(&words[at..], tail).map(|_| &words[..at])
}

fn words_after<'a, 'b>(words: &'a [&'b str], leads: &[&str]) -> &'a [&'b str] {
    let mut rest = words;
    while let Some(after) = leads.iter().find_map(|lead| behind(rest, lead)) {
        rest = after;
    }
    rest
}

/// The words without the place at their end; nothing where a place is begun and not named.
pub(super) fn placed<'a, 'b>(words: &'a [&'b str]) -> Option<(&'a [&'b str], Place)> {
    for said in CLUSTER {
        if let Some(rest) = before(words, said) {
            return Some((rest, Place::Everywhere));
        }
    }
    Some(match words {
        [rest @ .., "here"] | [rest @ .., "in", "this" | "the" | "my", "namespace"] => (rest, Place::Here),
        [rest @ .., "in" | "of" | "for", "the", "namespace", name] | [rest @ .., "in" | "of" | "for", "the", name, "namespace"] => {
            (rest, Place::Named((*name).to_string()))
        }
        [rest @ .., "in" | "of" | "for", "namespace" | "ns", name] | [rest @ .., "in" | "of" | "for", name, "namespace" | "ns"] => {
            (rest, Place::Named((*name).to_string()))
        }
        // "audit namespace shop": the place is what is looked at.
        [rest @ .., "namespace" | "ns" | "-n", name] => (rest, Place::Named((*name).to_string())),
        [rest @ .., "in", name] if !["cluster", "everything", "namespace"].contains(name) && Kind::find(name).is_none() => {
            (rest, Place::Named((*name).to_string()))
        }
        all => (all, Place::Unsaid),
    })
}

/// [`SENTENCES`], taken apart once.
static TABLE: LazyLock<Vec<(Vec<SentencePart>, Topic)>> =
    LazyLock::new(|| SENTENCES.iter().map(|(sentence, topic)| (parts(sentence), *topic)).collect());

/// Whether the words are a sentence, from the first to the last.
fn fits(sentence: &[SentencePart], words: &[&str]) -> bool {
    let Some((part, rest)) = sentence.split_first() else { return words.is_empty() };
    part.optional && fits(rest, words) || part.any.iter().any(|one| words.starts_with(one) && fits(rest, &words[one.len()..]))
}

/// One place in a sentence: what may stand there, and whether it may be left out.
struct SentencePart {
    any: Vec<Vec<&'static str>>,
    optional: bool,
}

fn parts(sentence: &'static str) -> Vec<SentencePart> {
    let one = |word: &'static str| {
        let inside = word.strip_prefix('(').and_then(|word| word.strip_suffix(')'));
        SentencePart { any: inside.unwrap_or(word).split('/').map(|way| way.split('_').collect()).collect(), optional: inside.is_some() }
    };
    sentence.split_whitespace().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Option<(Topic, Option<String>)> {
        let scope = Scope { namespace: Namespace::new("here").unwrap(), last: None, everywhere: false, cluster: true };
        match read(text, &scope)? {
            Aside::Audit { topic, namespace } => Some((topic, namespace.map(|n| n.to_string()))),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn sentences_that_ask_for_an_audit() {
        let shop = || Some("shop".to_string());
        for (text, topic, namespace) in [
            ("audit", Topic::Everything, None),
            ("audit the cluster", Topic::Everything, None),
            ("Please run an audit of my cluster.", Topic::Everything, None),
            ("audit namespace shop", Topic::Everything, shop()),
            ("are there misconfigurations?", Topic::Everything, None),
            ("are there any misconfigurations in the shop namespace", Topic::Everything, shop()),
            ("check my cluster for security problems", Topic::Security, None),
            ("is my cluster secure?", Topic::Security, None),
            ("what can I optimise", Topic::Capacity, None),
            ("what can we optimize in shop?", Topic::Capacity, shop()),
            ("which best practices are violated in namespace shop", Topic::Everything, shop()),
            ("which best practices are violated here", Topic::Everything, Some("here".into())),
            ("find unused configmaps", Topic::Unused(Unused::ConfigMaps), None),
            ("are there unused config maps in namespace shop?", Topic::Unused(Unused::ConfigMaps), shop()),
            ("find all unused secrets in all namespaces", Topic::Unused(Unused::Secrets), None),
            ("are there orphaned persistent volume claims", Topic::Unused(Unused::Claims), None),
            ("what is unused", Topic::Unused(Unused::Any), None),
        ] {
            assert_eq!(said(text), Some((topic, namespace)), "{text}");
        }
    }

    #[test]
    fn what_says_more_or_something_else_is_left_to_others() {
        for text in [
            "delete unused configmaps",
            "find unused configmaps and delete them",
            "audit the logs of web",
            "audit=yes",
            "label all pods without limits audit=yes",
            "find unused configmaps older than 3 days",
            "audit my cluster except kube-system",
            "is web secure",
            "what can i do",
            "check my cluster",
            "",
            "in shop",
            "the the",
            "find configmaps",
            // A question over one kind is `aiops find`'s.
            "which secrets are unused",
            "unused configmaps in dev",
        ] {
            assert_eq!(said(text), None, "{text}");
        }
        // A place that is no name is not skipped.
        assert_eq!(said("audit namespace Shop_1!x"), None);
    }

    #[test]
    fn every_alternative_of_the_table_is_reached() {
        for (sentence, topic) in SENTENCES {
            for part in parts(sentence) {
                assert!(part.any.iter().flatten().all(|word| !word.is_empty() && !word.contains(['(', ')'])), "{sentence}");
            }
            let first = parts(sentence).into_iter().filter(|p| !p.optional).flat_map(|p| p.any[0].clone()).collect::<Vec<_>>();
            let last = parts(sentence).into_iter().flat_map(|mut p| p.any.remove(p.any.len() - 1)).collect::<Vec<_>>();
            for words in [first, last] {
                let words = words.join(" ");
                assert_eq!(said(&words).map(|(topic, _)| topic), Some(*topic), "{words}");
            }
        }
    }
}
