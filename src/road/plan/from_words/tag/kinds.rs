//! Which kind of object words name: Kubernetes' names, short names and plurals, and what people say beside them.

use super::super::{
    normalise::Word,
    parts::{Part, off},
};
use crate::ops::Kind;
use compact_str::CompactString;
use std::sync::LazyLock;

/// Kinds as people say them beside their Kubernetes names.
const KIND_WORDS: &[(&str, &str)] = &[
    ("autoscaler", "hpa"),
    ("autoscalers", "hpa"),
    ("claim", "pvc"),
    ("claims", "pvc"),
    ("cronjobs", "cronjobs"),
    ("endpoint", "endpoints"),
    ("volumeclaims", "pvc"),
    ("volumeclaim", "pvc"),
    ("microservice", "deployment"),
    ("ps", "pods"),
    ("microservices", "deployments"),
    ("workload", "deployment"),
    ("workloads", "deployments"),
    ("application", "deployment"),
    ("applications", "deployments"),
    ("component", "deployment"),
    ("components", "deployments"),
    ("autoscalingstatus", "hpa"),
    ("tlssecret", "secret"),
    ("disruptionbudgets", "pdb"),
    ("disruptionbudget", "pdb"),
    ("customresources", "crd"),
    ("quotas", "quota"),
    ("machine", "node"),
    ("machines", "nodes"),
    ("endpointsslices", "endpointslices"),
    ("csrs", "csr"),
    ("certificaterequest", "csr"),
    ("certificaterequests", "csr"),
];

/// The same in the order of their letters.
static BY_LETTERS: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    let mut words = KIND_WORDS.to_vec();
    words.sort_unstable();
    words
});

/// The first of those that is not before this one.
fn from(low: &str) -> Option<(&'static str, &'static str)> {
    BY_LETTERS.get(BY_LETTERS.partition_point(|(said, _)| *said < low)).copied()
}

/// The kind that people call so beside its Kubernetes name.
pub(super) fn said_of_a_kind(low: &str) -> Option<&'static str> {
    from(low).filter(|(said, _)| *said == low).map(|(_, kind)| kind)
}

/// Short names of kinds that are also words of the language.
const NO_KINDS: &[&str] = &["no", "limits", "ip", "pc", "cs"];

/// The kind that up to four words name together: `persistent volume claims`. The longest wins.
pub(super) fn kind_phrase(words: &[Word], at: usize) -> Option<(Kind, bool, usize)> {
    let first = words.get(at).filter(|w| !w.quoted)?;
    if !first.low.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-') || NO_KINDS.contains(&first.low.as_str()) {
        return None;
    }
    let mut joined = CompactString::default();
    let mut best = None;
    for (n, word) in words[at..].iter().take(4).enumerate() {
        if word.quoted || !word.low.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-') {
            break;
        }
        joined.push_str(&word.low);
        if !may_begin(&joined) {
            break;
        }
        if let Some((kind, plural)) = kind_of(&joined) {
            best = Some((kind, plural, n + 1));
        }
    }
    best
}

/// Whether what [`kind_of`] knows may begin so.
fn may_begin(low: &str) -> bool {
    // `pvcs`: a short name's plural is no name of the table.
    let short = low.strip_suffix('s').is_some_and(|short| Kind::find(short).is_some());
    short || low.contains('.') || Kind::may_begin(low) || from(low).is_some_and(|(said, _)| said.starts_with(low))
}

/// A word as a kind, and whether it is a plural.
pub fn kind_of(low: &str) -> Option<(Kind, bool)> {
    let known = said_of_a_kind(low).filter(|_| !off(Part::KindWords)).unwrap_or(low);
    if known.contains('-') {
        return None;
    }
    if let Some(kind) = Kind::find(known) {
        let info = kind.info();
        let plural = low == info.plural
            || low.split('.').next() == Some(info.plural)
            || (low.ends_with('s') && !info.short_names.contains(&low) && low != info.singular())
            || low == "crds";
        return Some((kind, plural));
    }
    // `pvcs`, `svcs`, `hpas`: a short name's plural.
    let short = known.strip_suffix('s')?;
    let kind = Kind::find(short).filter(|k| k.info().short_names.contains(&short) && !NO_KINDS.contains(&short))?;
    Some((kind, true))
}
