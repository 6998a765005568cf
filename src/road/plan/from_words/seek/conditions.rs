//! Conditions in words, each where it begins: `without a memory limit`, `older than 7 days`, `not from ghcr.io`.

use super::super::phrases::{List, list};
use super::{
    amounts::{self, measured},
    belongs,
    expressions::{self, expression},
    phrase::{Phrases, firsts},
    texts::{self, text},
};
use crate::ops::{
    Kind,
    find::{Condition, Fact, Test},
};
use foldhash::fast::RandomState;
use std::{collections::HashSet, sync::LazyLock};

const DO_NOT: &List = &List::of("that do not|which do not|do not|does not");
pub(super) const DET: &List = &List::of("a|an|any|the|its|their|some|all|a set|proper");
/// What a thing that is lacking follows.
const WITHOUT: &List = &List::of(
    "without|with no|with missing|missing|lacking|that lack|which lack|lack|that have no|which have no|that has no|having no|have no|has no|\
    that do not have|which do not have|do not have|does not have|that does not have|not having|that are missing|that are without|that miss|no|\
    that do not set|which do not set|do not set|do not define|that do not define|that have not|that did not set|not with",
);
/// What a thing that is there follows.
const WITH: &List = &List::of("with|that have|which have|that has|having|have|has|that set|that define|which set|which define");
pub(super) const THAT_ARE: &List =
    &List::of("that are|which are|that is|which is|are|is|that were|being|that have been|have been|has been");

/// Things a container has, as nouns.
const NOUNS: &[(Fact, List)] = &[
    (
        Fact::Limits,
        List::of(
            "limits|limit|resource limits|resource limit|limits set|resource limits set|cpu and memory limits|cpu or memory limit|cpu or memory limits|memory and cpu limits|memory or cpu limits",
        ),
    ),
    (Fact::CpuLimit, List::of("cpu limit|cpu limits")),
    (Fact::MemoryLimit, List::of("memory limit|memory limits|mem limit|mem limits")),
    (
        Fact::Requests,
        List::of(
            "requests|resource requests|requests set|resource requests set|cpu and memory requests|cpu or memory request|cpu or memory requests|memory and cpu requests",
        ),
    ),
    (Fact::CpuRequest, List::of("cpu request|cpu requests")),
    (Fact::MemoryRequest, List::of("memory request|memory requests")),
    (Fact::Liveness, List::of("liveness probe|liveness probes|liveness check|liveness checks|livenessprobe|liveness")),
    (Fact::Readiness, List::of("readiness probe|readiness probes|readiness check|readiness checks|readinessprobe|readiness")),
    (Fact::Startup, List::of("startup probe|startup probes|startupprobe")),
    (Fact::Digest, List::of("digest|digests|image pinned by digest|images pinned by digest|image digest")),
    (Fact::HostNetwork, List::of("host network|hostnetwork|host networking")),
];

/// What is said of an object whole: where it is so, and where it is not. A plain `not` or a lead before the first does as well.
const SAID: &[(Fact, List, List)] = &[
    (
        Fact::Privileged,
        List::of(
            "running as privileged|running privileged|run as privileged|that run as privileged|that run privileged|in privileged mode|running in privileged mode|privileged|with privileged mode",
        ),
        List::of("unprivileged|non-privileged"),
    ),
    (
        Fact::Root,
        List::of(
            "running as root|run as root|runs as root|that run as root|which run as root|that may run as root|may run as root|that can run as root|as root|as the root user|running as the root user|running as user 0|that run as user 0|as user 0|as uid 0",
        ),
        List::of("that can not run as root|can not run as root|that do not run as root|running as non-root|as non-root"),
    ),
    (
        Fact::Writable,
        List::of(
            "with a writable root file system|with a writable root filesystem|with writable root filesystem|with a writable filesystem|without a read-only root file system|without a read-only root filesystem|without a read only root filesystem|without readonlyrootfilesystem",
        ),
        List::of(
            "with a read-only root file system|with a read-only root filesystem|with a read only root filesystem|with readonlyrootfilesystem",
        ),
    ),
    (
        Fact::Latest,
        List::of(
            "using latest|using the latest|using the latest tag|using tag latest|using the tag latest|using image tag latest|using latest images|using the latest image|using latest tag|with tag latest|with the tag latest|with the latest tag|with latest tag|with image tag latest|with the latest image tag|with latest image tag|with latest images|on latest|on the latest tag|tagged latest|tagged as latest|that use latest|that use the latest tag|that use tag latest|which use latest|running latest|running the latest tag|running latest images|with latest",
        ),
        List::of(""),
    ),
    (
        Fact::Digest,
        List::of("pinned by digest|pinned to a digest|pinned with a digest|using digests|using a digest|by digest"),
        List::of("not pinned|unpinned"),
    ),
    (
        Fact::HostNetwork,
        List::of(
            "in the host network|using the host network|using host network|on the host network|in host network|using hostnetwork|that use the host network|that use host network|with host networking",
        ),
        List::of(""),
    ),
    (
        Fact::Ready,
        List::of("that are ready|which are ready|are ready"),
        List::of(
            "that failed to roll out|which failed to roll out|failed to roll out|that did not roll out|that are not rolled out|not rolled out|not ready|unready|that are not ready|which are not ready|not yet ready",
        ),
    ),
    (
        Fact::Failed,
        List::of("failed|that failed|which failed|that have failed|that has failed|failing|that are failed"),
        List::of("that did not fail|did not fail|that have not failed"),
    ),
    (
        Fact::Completed,
        List::of(
            "completed|finished|that completed|which completed|that finished|that have completed|that have finished|successful|succeeded|that succeeded|done",
        ),
        List::of(
            "that did not complete|did not complete|that did not finish|unfinished|incomplete|that have not completed|that have not finished|that have not succeeded",
        ),
    ),
    (Fact::Suspended, List::of("suspended|that are suspended"), List::of("unsuspended")),
    (
        Fact::Used,
        List::of("used|in use|that are used|that are in use|mounted|referenced"),
        List::of(
            "unused|nobody uses|no one uses|noone uses|that nobody uses|that no one uses|nothing uses|that nothing uses|no pod uses|that no pod uses|not used by anything|not used by anyone|not used by any pod|not used by a pod|not used anywhere|not referenced by anything|not referenced by any pod|not mounted by any pod|not mounted by anything|not mounted anywhere|unmounted|unreferenced|orphaned|orphan|dangling|with no users|without users|without pods|with no pods|without any pods|without endpoints|with no endpoints|that have no endpoints|that have no pods|selecting no pods|that select no pods|without a pod|without backends|with no backends|left over|leftover",
        ),
    ),
];

/// The condition that begins at a word, and how many words say it. `None` inside: a registry that was not named.
pub fn at(words: &Phrases<'_>, at: usize, kinds: &[Kind]) -> Option<(Option<Condition>, usize)> {
    // Pods that ended have a field selector of kubectl's.
    let ended = |condition: &Condition| matches!(condition.test, Test::Is(Fact::Failed | Fact::Completed));
    let apt = |condition: &Condition, kind: &Kind| condition.test.of().fits(*kind) && !(kind.is("pods", "") && ended(condition));
    let fits = |condition: &Condition| !kinds.is_empty() && kinds.iter().all(|kind| apt(condition, kind));
    if !words.low(at).is_some_and(may_begin) {
        return None;
    }
    let found = [
        signs(words, at),
        lacks(words, at),
        is(words, at),
        measured(words, at, kinds),
        text(words, at),
        expression(words, at),
        belongs::owner(words, at),
        belongs::bound(words, at, kinds),
    ];
    let whole = found.into_iter().flatten().filter(|(condition, n)| words.whole(at, *n) && condition.as_ref().is_none_or(fits));
    whole.max_by_key(|(_, n)| *n)
}

pub(super) type Found = Option<(Option<Condition>, usize)>;

/// `restarts>2`, as it stands on a line.
fn signs(words: &Phrases<'_>, at: usize) -> Found {
    let said = words.said(at).filter(|said| said.contains(['<', '>']))?;
    Some((Some(said.parse().ok()?), 1))
}

/// A noun behind `with` or `without`.
fn lacks(words: &Phrases<'_>, at: usize) -> Found {
    let read = |lead: &List| {
        let n = words.any(at, lead)?;
        let from = words.past(at + n, DET);
        let (fact, took) = noun(words, from)?;
        let end = words.past(from + took, list!("set|defined|configured|specified"));
        Some((fact, end - at))
    };
    if let Some((fact, n)) = read(WITHOUT) {
        return Some((Some(Condition::is_not(fact)), n));
    }
    read(WITH).map(|(fact, n)| (Some(Condition::is(fact)), n))
}

fn noun(words: &Phrases<'_>, at: usize) -> Option<(Fact, usize)> {
    NOUNS.iter().filter_map(|(fact, nouns)| Some((*fact, words.any(at, nouns)?))).max_by_key(|(_, n)| *n)
}

/// The words that what is said of the whole begins with.
static SAID_FIRST: LazyLock<HashSet<&'static str, RandomState>> =
    LazyLock::new(|| firsts(SAID.iter().flat_map(|(_, so, not_so)| [so, not_so])));

/// What is said of the whole.
fn is(words: &Phrases<'_>, at: usize) -> Found {
    let mut best: Option<(Condition, usize)> = None;
    let mut keep = |condition: Condition, n: usize| {
        if best.as_ref().is_none_or(|(_, known)| n > *known) {
            best = Some((condition, n));
        }
    };
    // "that are not mounted", "not used", "that are privileged".
    let led = words.past(at, THAT_ARE);
    let said = |at: usize| words.begins(at, &SAID_FIRST);
    let begins = |from: usize| said(from) || words.is(from, "not") && said(from + 1);
    let denied = words.any(at, DO_NOT).is_some();
    if !(begins(at) || begins(led) || denied) {
        return None;
    }
    for (fact, so, not_so) in SAID {
        for from in [at, led] {
            if let Some(n) = words.any(from, so) {
                keep(Condition::is(*fact), from + n - at);
            }
            if let Some(n) = words.any(from, not_so) {
                keep(Condition::is_not(*fact), from + n - at);
            }
            if let Some(n) = words.is(from, "not").then(|| words.any(from + 1, so)).flatten() {
                keep(Condition::is_not(*fact), from + 1 + n - at);
            }
        }
        if let Some(n) = words.any(at, DO_NOT).and_then(|lead| Some(lead + words.any(at + lead, so)?)) {
            keep(Condition::is_not(*fact), n);
        }
    }
    best.map(|(condition, n)| (Some(condition), n))
}

/// The words that a condition may begin with: most words of a request are none of them.
static FIRST: LazyLock<HashSet<&'static str, RandomState>> = LazyLock::new(|| {
    let said = SAID.iter().flat_map(|(_, so, not_so)| [so, not_so]);
    let lists = [DO_NOT, WITHOUT, WITH, THAT_ARE, list!("not")]
        .into_iter()
        .chain(said)
        .chain(amounts::PHRASES.iter().copied())
        .chain(texts::PHRASES.iter().copied())
        .chain(belongs::PHRASES.iter().copied())
        .chain([expressions::WHERE]);
    firsts(lists.chain(amounts::MEASURED.iter().map(|(_, nouns)| nouns)))
});

/// Whether a condition may begin with that word.
pub(super) fn may_begin(word: &str) -> bool {
    FIRST.contains(word) || word.contains(['<', '>'])
}
