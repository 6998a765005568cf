//! Parts of objects in words: `resource limits of`, `which images run`, `who owns`, and the nouns that are no kinds: containers, workloads.

use super::super::phrases::{List, list};
use super::{
    super::{lexicon::Sense, tag::Is},
    phrase::{Phrases, firsts},
};
use crate::ops::find::Show;
use foldhash::fast::RandomState;
use std::{collections::HashSet, sync::LazyLock};

/// What may stand before what is asked for.
const BEFORE: &List = &List::of(
    "show|show me|list|get|get me|give me|find|display|print|check|tell me|see|view|what is|what are|what|which|which are|what were|is there|are there|\
    the|all|all the|me|my|an|a|any|i want to see|how are|fetch|return|find all|list all|show all|get all|just|only|just the|only the",
);

/// The nouns, and what they show.
const PARTS: &[(List, &[Show])] = &[
    (
        List::of(
            "pod image|pod images|image|images|container image|container images|docker image|docker images|image version|image versions|image tag|image tags",
        ),
        &[Show::Image],
    ),
    (
        List::of(
            "resource limits|limits|resource limit|limit|cpu and memory limits|memory and cpu limits|memory limit|memory limits|cpu limit|cpu limits",
        ),
        &[Show::Limits],
    ),
    (
        List::of(
            "resource requests|requests|resource request|cpu and memory requests|memory request|memory requests|cpu request|cpu requests",
        ),
        &[Show::Requests],
    ),
    (
        List::of(
            "limits and requests|requests and limits|resource limits and requests|resource requests and limits|resource settings|requests and limits set",
        ),
        &[Show::Limits, Show::Requests],
    ),
    (List::of("liveness probe|liveness probes|liveness check|liveness|livenessprobe"), &[Show::Liveness]),
    (List::of("readiness probe|readiness probes|readiness check|readiness|readinessprobe"), &[Show::Readiness]),
    (List::of("startup probe|startup probes|startupprobe"), &[Show::Startup]),
    (
        List::of("probe|probes|health probes|liveness and readiness probes|readiness and liveness probes|liveness and readiness probe"),
        &[Show::Liveness, Show::Readiness, Show::Startup],
    ),
    (
        List::of(
            "pod restart count|pod restart counts|pod restarts|restart count|restart counts|restarts|number of restarts|restart counter",
        ),
        &[Show::Restarts],
    ),
    (List::of("env|envs|environment variable|environment variables|environment|env var|env vars|env variables|env variable"), &[Show::Env]),
    (
        List::of(
            "external ip|external ips|external address|external ip address|load balancer ip|loadbalancer ip|public ip|public ip address|external-ip|external addresses|external ip addresses",
        ),
        &[Show::ExternalIp],
    ),
    (List::of("ports|port|exposed ports|open ports|container ports|container port"), &[Show::Ports]),
    (List::of("owner|owners|controller|owner reference|owner references"), &[Show::Owner]),
    (List::of("service account|serviceaccount|service account name"), &[Show::ServiceAccount]),
    (List::of("replicas|replica count|number of replicas"), &[Show::Replicas, Show::Ready]),
    (List::of("type|service type"), &[Show::Type]),
    (List::of("age|ages"), &[Show::Age]),
    (List::of("image age|image ages"), &[Show::ImageAge]),
    (List::of("users"), &[Show::UsedBy]),
];

/// Whole questions whose object stands behind them.
const ASKED: &[(List, &[Show])] = &[
    (
        List::of(
            "who owns|what owns|who controls|what controls|who manages|what manages|which deployment owns|which workload owns|which controller owns|which replicaset owns|what created|which deployment created|which workload created",
        ),
        &[Show::Owner],
    ),
    (
        List::of(
            "who uses|what uses|what is using|who is using|which pods use|which pods are using|what pods use|which workloads use|which deployments use|who mounts|what mounts|which pods mount|what references",
        ),
        &[Show::UsedBy],
    ),
    (List::of("how old is|how old are"), &[Show::Age]),
    (List::of("how often did|how often has|how many times did|how many times has"), &[Show::Restarts]),
];

/// Where there may be nothing between the part and where it runs: "which images run in dev".
const RUNS: &List = &List::of(
    "run|running|are running|are used|in use|used|are in use|is running|are deployed|deployed|do we use|do we run|are we running|are we using|we use|we run|are there",
);

/// The part that is asked for at the beginning: what is shown, where its words begin, and how many there are.
pub fn asked_for(words: &Phrases<'_>) -> Option<(Vec<Show>, usize, usize)> {
    let start = behind_place(words);
    for (said, show) in ASKED {
        let found = (start..words.len().min(start + 4)).find_map(|at| Some((at, words.any(at, said)?)));
        if let Some((at, n)) = found.filter(|(at, n)| words.whole(*at, *n) && only_before(words, *at)) {
            // "how often did web restart"
            if *show == [Show::Restarts] {
                let last = words.len() - 1;
                if !words.is(last, "restart") && !words.is(last, "restarted") {
                    return None;
                }
                continue;
            }
            return Some((show.to_vec(), at, n));
        }
    }
    if let Some(found) = used_image(words) {
        return Some(found);
    }
    let mut at = start;
    while let Some(n) = words.any(at, BEFORE).filter(|n| *n > 0) {
        at += n;
        if at > start + 8 {
            break;
        }
    }
    // `BEFORE` may have eaten a word that begins a part ("all"): the longest part that begins anywhere up to here.
    let (from, shows, n) = (start..=at).rev().find_map(|from| {
        let (shows, n) = several(words, from)?;
        (words.whole(from, n) && only_before(words, from)).then_some((from, shows, n))
    })?;
    let end = from + n;
    let of = words.token(end).is_some_and(|t| matches!(t.is, Is::Sense(Sense::Of | Sense::In | Sense::On)))
        || words.any(end, list!("set on|configured for|configured on|defined in|used by|used in|set for")).is_some();
    if let Some(extra) = words.any(end, list!("set on|configured for|configured on|defined in|used by|used in|set for|of|for")) {
        // An image can be in a place; so can what is not named further.
        return Some((shows, from, n + if words.whole(end, extra) { extra } else { 0 }));
    }
    if let Some(runs) = words.any(end, RUNS).filter(|runs| words.whole(end, *runs)) {
        return (shows == [Show::Image]).then_some((shows, from, n + runs));
    }
    let alone = end == words.len() || of;
    (alone && [vec![Show::Image], vec![Show::Restarts], vec![Show::ExternalIp]].contains(&shows)).then_some((shows, from, n))
}

/// The words that parts begin with.
static PARTS_FIRST: LazyLock<HashSet<&'static str, RandomState>> = LazyLock::new(|| {
    let printed = Show::ALL.iter().filter_map(|show| show.said().split(' ').next());
    firsts(PARTS.iter().map(|(said, _)| said)).into_iter().chain(printed).collect()
});

/// One part, or several joined.
fn several(words: &Phrases<'_>, from: usize) -> Option<(Vec<Show>, usize)> {
    let one = |at: usize| {
        if !words.begins(at, &PARTS_FIRST) {
            return None;
        }
        let named = PARTS.iter().filter_map(|(said, show)| Some((show.to_vec(), words.any(at, said)?)));
        // As a question is printed.
        let printed = Show::ALL.iter().filter_map(|show| Some((vec![*show], words.phrase(at, show.said())?)));
        printed.chain(named).max_by_key(|(_, n)| *n)
    };
    let (show, n) = one(from)?;
    let mut all = show;
    let mut end = from + n;
    while words.is(end, "and") || words.is(end, ",") {
        let next = words.past(end + 1, list!("the"));
        let Some((more, n)) = one(next) else { break };
        all.extend(more);
        end = next + n;
    }
    Some((all, end - from))
}

/// "what image does web use", "which image is web running": the words around the object.
fn used_image(words: &Phrases<'_>) -> Option<(Vec<Show>, usize, usize)> {
    let lead = list!(
        "what image does|which image does|what images does|which images does|what image is|which image is|what images are|which images are|which version of the image does|what container image does|what version of|which version of|what tag of|which tag of|what release of|which release of"
    );
    let n = words.any(0, lead)?;
    // The cluster's own version is no image's.
    if words.any(n, list!("kubernetes|k8s|the cluster|my cluster|our cluster|cluster|the server|the api server|helm|kubectl")).is_some() {
        return None;
    }
    let last = words.len().checked_sub(1)?;
    let ends = ["use", "run", "using", "running", "uses", "runs", "deployed"].iter().any(|word| words.is(last, word));
    // Only the words before are taken here; the verb at the end says nothing more.
    (ends && last > n).then_some((vec![Show::Image], 0, n))
}

/// The verb that ends "what image does web use".
pub fn trailing_use(words: &Phrases<'_>) -> Option<(usize, usize)> {
    used_image(words)?;
    let last = words.len() - 1;
    // "which version of web is deployed"
    let n = if words.is(last - 1, "is") || words.is(last - 1, "are") { 2 } else { 1 };
    Some((words.len() - n, n))
}

/// Where a request goes on that begins with its place: "in namespace dev show …".
fn behind_place(words: &Phrases<'_>) -> usize {
    let Some(lead) = words.any(0, list!("in|within|inside|in the|inside the")) else { return 0 };
    let kind = list!("namespace|ns");
    let named = words.any(lead, kind).map(|n| lead + n + 1).or_else(|| words.any(lead + 1, kind).map(|n| lead + 1 + n));
    words.past(named.unwrap_or(0), list!(","))
}

/// Whether nothing but small words stands before.
fn only_before(words: &Phrases<'_>, at: usize) -> bool {
    let start = behind_place(words).min(at);
    let mut from = start;
    while from < at {
        match words.any(from, BEFORE).filter(|n| from + n <= at) {
            Some(n) => from += n,
            None => return (start..at).all(|n| BEFORE.phrases().any(|one| one.split(' ').any(|word| words.is(n, word)))),
        }
    }
    true
}

/// "containers": they are in pods.
pub fn containers(words: &Phrases<'_>) -> Option<(usize, usize)> {
    (0..words.len()).find_map(|at| {
        let n = words.any(at, list!("containers|all containers|all the containers|every container|each container"))?;
        words.whole(at, n).then_some((at, n))
    })
}

/// "workloads": deployments, stateful sets, daemon sets.
pub fn workloads(words: &Phrases<'_>) -> Option<(usize, usize)> {
    (0..words.len()).find_map(|at| {
        let n =
            words.any(at, list!("workloads|all workloads|all the workloads|every workload|apps|applications|all apps|all applications"))?;
        words.whole(at, n).then_some((at, n))
    })
}

/// "images not from ghcr.io": those of the pods.
pub fn opens_with_images(words: &Phrases<'_>) -> Option<(usize, usize)> {
    (0..words.len())
        .find_map(|at| Some((at, words.any(at, list!("image|images|container images"))?)))
        .filter(|(at, n)| words.whole(*at, *n) && only_before(words, *at))
}
