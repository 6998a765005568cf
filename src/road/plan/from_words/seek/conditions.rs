//! Conditions in words, each where it begins: `without a memory limit`, `older than 7 days`, `not from ghcr.io`.

use super::{super::tag::Is, phrase::Phrases};
use crate::ops::{
    Kind,
    find::{Compare, Condition, Fact, Field, Measure, Unit},
};

const DET: &str = "a|an|any|the|its|their|some|all|a set|proper";
/// What a thing that is lacking follows.
const WITHOUT: &str = "without|with no|with missing|missing|lacking|that lack|which lack|lack|that have no|which have no|that has no|having no|have no|has no|\
    that do not have|which do not have|do not have|does not have|that does not have|not having|that are missing|that are without|that miss|no|\
    that do not set|which do not set|do not set|do not define|that do not define|that have not|that did not set|not with";
/// What a thing that is there follows.
const WITH: &str = "with|that have|which have|that has|having|have|has|that set|that define|which set|which define";
const THAT_ARE: &str = "that are|which are|that is|which is|are|is|that were|being|that have been|have been|has been";

/// Things a container has, as nouns.
const NOUNS: &[(Fact, &str)] = &[
    (
        Fact::Limits,
        "limits|limit|resource limits|resource limit|limits set|resource limits set|cpu and memory limits|cpu or memory limit|cpu or memory limits|memory and cpu limits|memory or cpu limits",
    ),
    (Fact::CpuLimit, "cpu limit|cpu limits"),
    (Fact::MemoryLimit, "memory limit|memory limits|mem limit|mem limits"),
    (
        Fact::Requests,
        "requests|resource requests|requests set|resource requests set|cpu and memory requests|cpu or memory request|cpu or memory requests|memory and cpu requests",
    ),
    (Fact::CpuRequest, "cpu request|cpu requests"),
    (Fact::MemoryRequest, "memory request|memory requests"),
    (Fact::Liveness, "liveness probe|liveness probes|liveness check|liveness checks|livenessprobe|liveness"),
    (Fact::Readiness, "readiness probe|readiness probes|readiness check|readiness checks|readinessprobe|readiness"),
    (Fact::Startup, "startup probe|startup probes|startupprobe"),
    (Fact::Digest, "digest|digests|image pinned by digest|images pinned by digest|image digest"),
    (Fact::HostNetwork, "host network|hostnetwork|host networking"),
];

/// What is said of an object whole: where it is so, and where it is not. A plain `not` or a lead before the first does as well.
const SAID: &[(Fact, &str, &str)] = &[
    (
        Fact::Privileged,
        "running as privileged|running privileged|run as privileged|that run as privileged|that run privileged|in privileged mode|running in privileged mode|privileged|with privileged mode",
        "unprivileged|non-privileged",
    ),
    (
        Fact::Root,
        "running as root|run as root|runs as root|that run as root|which run as root|that may run as root|may run as root|that can run as root|as root|as the root user|running as the root user|running as user 0|that run as user 0|as user 0|as uid 0",
        "that can not run as root|can not run as root|that do not run as root|running as non-root|as non-root",
    ),
    (
        Fact::Writable,
        "with a writable root file system|with a writable root filesystem|with writable root filesystem|with a writable filesystem|without a read-only root file system|without a read-only root filesystem|without a read only root filesystem|without readonlyrootfilesystem",
        "with a read-only root file system|with a read-only root filesystem|with a read only root filesystem|with readonlyrootfilesystem",
    ),
    (
        Fact::Latest,
        "using latest|using the latest|using the latest tag|using tag latest|using the tag latest|using image tag latest|using latest images|using the latest image|using latest tag|with tag latest|with the tag latest|with the latest tag|with latest tag|with image tag latest|with the latest image tag|with latest image tag|with latest images|on latest|on the latest tag|tagged latest|tagged as latest|that use latest|that use the latest tag|that use tag latest|which use latest|running latest|running the latest tag|running latest images|with latest",
        "",
    ),
    (
        Fact::Digest,
        "pinned by digest|pinned to a digest|pinned with a digest|using digests|using a digest|by digest",
        "not pinned|unpinned",
    ),
    (
        Fact::HostNetwork,
        "in the host network|using the host network|using host network|on the host network|in host network|using hostnetwork|that use the host network|that use host network|with host networking",
        "",
    ),
    (Fact::Ready, "that are ready|which are ready", "not ready|unready|that are not ready|which are not ready|not yet ready"),
    (
        Fact::Failed,
        "failed|that failed|which failed|that have failed|that has failed|failing|that are failed",
        "that did not fail|did not fail|that have not failed",
    ),
    (
        Fact::Completed,
        "completed|finished|that completed|which completed|that finished|that have completed|that have finished|successful|succeeded|that succeeded|done",
        "that did not complete|did not complete|that did not finish|unfinished|incomplete|that have not completed|that have not finished|that have not succeeded",
    ),
    (Fact::Suspended, "suspended|that are suspended", "unsuspended"),
    (
        Fact::Used,
        "used|in use|that are used|that are in use|mounted|referenced",
        "unused|nobody uses|no one uses|noone uses|that nobody uses|that no one uses|nothing uses|that nothing uses|no pod uses|that no pod uses|not used by anything|not used by anyone|not used by any pod|not used by a pod|not used anywhere|not referenced by anything|not referenced by any pod|not mounted by any pod|not mounted by anything|not mounted anywhere|unmounted|unreferenced|orphaned|orphan|dangling|with no users|without users|without pods|with no pods|without any pods|without endpoints|with no endpoints|that have no endpoints|that have no pods|selecting no pods|that select no pods|without a pod|without backends|with no backends|left over|leftover",
    ),
];

const MORE: &str = "more than|greater than|over|above|bigger than|higher than|larger than|>|of more than|exceeding|that exceed|of over";
const LESS: &str = "less than|fewer than|under|below|smaller than|lower than|<|of less than|of under|of fewer than";
const AT_LEAST: &str = "at least|no less than|not less than|no fewer than|>=|a minimum of|minimum|of at least";
const AT_MOST: &str = "at most|no more than|not more than|up to|<=|a maximum of|of at most";
const EXACTLY: &str = "exactly|equal to|=|of exactly";

/// The nouns of measures, the longer ones of a measure first.
const MEASURED: &[(Measure, &str)] = &[
    (Measure::Restarts, "restarts|restart|restart count|restart counts|number of restarts"),
    (Measure::Replicas, "replicas|replica|replica count|number of replicas|instances|copies"),
    (Measure::LimitOfCpu, "cpu limit|cpu limits"),
    (Measure::LimitOfMemory, "memory limit|memory limits"),
    (Measure::RequestOfCpu, "cpu request|cpu requests"),
    (Measure::RequestOfMemory, "memory request|memory requests"),
    (Measure::Age, "age"),
    (Measure::Cpus, "cpus|cpu|cores|core|cpu cores|vcpus"),
    (Measure::Memory, "memory|ram|mem"),
    (Measure::CpuUse, "cpu|cpus|cores|core|cpu in use|cpu usage|cpu use"),
    (Measure::MemoryUse, "memory|ram|mem|memory in use|memory usage|memory use"),
];

/// The condition that begins at a word, and how many words say it. `None` inside: a registry that was not named.
pub fn at(words: &Phrases<'_>, at: usize, kinds: &[Kind]) -> Option<(Option<Condition>, usize)> {
    let fits = |condition: &Condition| !kinds.is_empty() && kinds.iter().all(|kind| condition.test.of().fits(*kind));
    let found = [signs(words, at), lacks(words, at), is(words, at), measured(words, at, kinds), text(words, at)];
    let whole = found.into_iter().flatten().filter(|(condition, n)| words.whole(at, *n) && condition.as_ref().is_none_or(fits));
    whole.max_by_key(|(_, n)| *n)
}

type Found = Option<(Option<Condition>, usize)>;

/// `restarts>2`, as it stands on a line.
fn signs(words: &Phrases<'_>, at: usize) -> Found {
    let said = words.said(at).filter(|said| said.contains(['<', '>']))?;
    Some((Some(said.parse().ok()?), 1))
}

/// A noun behind `with` or `without`.
fn lacks(words: &Phrases<'_>, at: usize) -> Found {
    let read = |lead: &str| {
        let n = words.any(at, lead)?;
        let from = words.past(at + n, DET);
        let (fact, took) = noun(words, from)?;
        let end = words.past(from + took, "set|defined|configured|specified");
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
        if let Some(n) = words.any(at, "that do not|which do not|do not|does not").and_then(|lead| Some(lead + words.any(at + lead, so)?)) {
            keep(Condition::is_not(*fact), n);
        }
    }
    best.map(|(condition, n)| (Some(condition), n))
}

fn compare(words: &Phrases<'_>, at: usize) -> Option<(Compare, usize)> {
    let all =
        [(Compare::More, MORE), (Compare::Less, LESS), (Compare::AtLeast, AT_LEAST), (Compare::AtMost, AT_MOST), (Compare::Equal, EXACTLY)];
    all.into_iter().filter_map(|(compare, said)| Some((compare, words.any(at, said)?))).max_by_key(|(_, n)| *n)
}

/// A measure and what it is held against, in any of the orders people say it in.
fn measured(words: &Phrases<'_>, at: usize, kinds: &[Kind]) -> Found {
    let not = usize::from(words.is(at, "not"));
    let (condition, n) =
        [age(words, at + not), restarted(words, at + not), amount_first(words, at + not, kinds), noun_first(words, at + not)]
            .into_iter()
            .flatten()
            .max_by_key(|(_, n)| *n)?;
    Some((Some(Condition { not: not == 1, ..condition }), n + not))
}

/// "older than 7 days", "created more than 2 hours ago", "at least a week old".
fn age(words: &Phrases<'_>, at: usize) -> Option<(Condition, usize)> {
    let from = words.past(at, THAT_ARE);
    let by = |compare: Compare, lead: usize, behind: &str, must: bool| {
        let (value, n) = value(words, from + lead, Unit::Time)?;
        let end = from + lead + n;
        let tail = words.any(end, behind);
        let condition = Condition::measures(Measure::Age, compare, &value).ok()?;
        (tail.is_some() || !must).then(|| (condition, end + tail.unwrap_or(0) - at))
    };
    if let Some(n) = words.any(from, "older than|created before|created more than|running for more than|up for more than|started more than")
    {
        return by(Compare::More, n, "ago", false);
    }
    if let Some(n) = words.any(from, "younger than|newer than|not older than|no older than|created less than|created within the last|created in the last|created in the past|created within|started in the last|running for less than|started less than") {
        return by(Compare::Less, n, "ago", false);
    }
    let (compare, n) = compare(words, from)?;
    by(compare, n, "old", true)
}

/// "that restarted more than twice".
fn restarted(words: &Phrases<'_>, at: usize) -> Option<(Condition, usize)> {
    let n = words.any(at, "restarted|that restarted|which restarted|that have restarted|that has restarted|have restarted|has restarted|that were restarted|were restarted|being restarted|restarting|that restart")?;
    let (compare, took) = compare(words, at + n)?;
    let (value, many) = value(words, at + n + took, Unit::Count)?;
    let end = words.past(at + n + took + many, "times|time");
    Some((Condition::measures(Measure::Restarts, compare, &value).ok()?, end - at))
}

/// "with fewer than 2 replicas", "using more than 500MB of memory".
fn amount_first(words: &Phrases<'_>, at: usize, kinds: &[Kind]) -> Option<(Condition, usize)> {
    let from = words.past(at, "with|that have|which have|that has|having|have|has|using|that use|which use|use|uses|that are using|are using|consuming|that consume|which consume|consume|running|that run|requesting|of");
    let (compare, n) = compare(words, from)?;
    let fits = |measure: Measure| kinds.iter().all(|kind| measure.of().fits(*kind));
    let read = |measure: &Measure, nouns: &str| {
        let (value, took) = value(words, from + n, measure.unit())?;
        let noun = words.past(from + n + took, "of");
        let end = noun + words.any(noun, nouns)?;
        Some((Condition::measures(*measure, compare, &value).ok()?, end - at))
    };
    let uses =
        words.any(at, "using|that use|which use|use|uses|that are using|are using|consuming|that consume|which consume|consume").is_some();
    let of_use = |measure: Measure| matches!(measure, Measure::CpuUse | Measure::MemoryUse);
    let has = |measure: Measure| matches!(measure, Measure::Cpus | Measure::Memory);
    // A node has memory and uses some of it: the verb says which is meant.
    let meant =
        |measure: Measure| fits(measure) && if uses { !has(measure) } else { !of_use(measure) || !kinds.iter().any(|k| k.is("nodes", "")) };
    MEASURED.iter().filter(|(measure, _)| meant(*measure)).filter_map(|(measure, nouns)| read(measure, nouns)).max_by_key(|(_, n)| *n)
}

/// "with a memory limit above 1Gi", "restart count > 5".
fn noun_first(words: &Phrases<'_>, at: usize) -> Option<(Condition, usize)> {
    let lead = words.past(at, "with|that have|which have|having|whose|where the|where");
    let from = words.past(lead, DET);
    let read = |measure: Measure, nouns: &str| {
        let behind = words.past(from + words.any(from, nouns)?, "of|is|are");
        let (compare, n) = compare(words, behind)?;
        let (value, took) = value(words, behind + n, measure.unit())?;
        Some((Condition::measures(measure, compare, &value).ok()?, behind + n + took - at))
    };
    let own = |measure: Measure| !matches!(measure, Measure::Cpus | Measure::Memory);
    let named = MEASURED.iter().filter(|(measure, _)| own(*measure));
    named.filter_map(|(measure, nouns)| read(*measure, nouns)).max_by_key(|(_, n)| *n)
}

/// A value of that unit as a condition has it, and how many words it takes.
fn value(words: &Phrases<'_>, at: usize, unit: Unit) -> Option<(String, usize)> {
    let low = words.low(at)?;
    let number = |low: &str| match low {
        "twice" => Some(2),
        "once" => Some(1),
        "a" | "an" => Some(1),
        _ => match words.token(at)?.is {
            Is::Number(n) => Some(n),
            _ => low.parse::<u64>().ok(),
        },
    };
    match unit {
        Unit::Count => number(low).filter(|_| !["a", "an"].contains(&low)).map(|n| (n.to_string(), 1)),
        Unit::Time => {
            let short = |word: &str| {
                let units = [
                    ("s", "second|seconds|sec|secs"),
                    ("m", "minute|minutes|min|mins"),
                    ("h", "hour|hours|hr|hrs"),
                    ("d", "day|days"),
                    ("w", "week|weeks"),
                ];
                units.into_iter().find(|(_, said)| said.split('|').any(|one| one == word)).map(|(short, _)| short)
            };
            if let Some(days) = words.low(at + 1).and_then(|unit| Some((number(low)?, month(unit)?))) {
                return Some((format!("{}d", days.0.checked_mul(days.1)?), 2));
            }
            if let Some(unit) = words.low(at + 1).and_then(short) {
                return Some((format!("{}{unit}", number(low)?), 2));
            }
            Condition::measures(Measure::Age, Compare::More, low).ok().map(|_| (low.to_string(), 1))
        }
        Unit::Quantity => quantity(words.said(at)?, words.low(at + 1)),
    }
}

/// Months and years in days, as people mean them who ask for what is old.
fn month(unit: &str) -> Option<u64> {
    match unit {
        "month" | "months" => Some(30),
        "year" | "years" => Some(365),
        _other_units => None,
    }
}

/// `500MB`, `500 MB`, `1.5Gi`, `250m`, `2` as Kubernetes writes them: MB is M.
fn quantity(said: &str, next: Option<&str>) -> Option<(String, usize)> {
    let digits = said.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    if digits.is_empty() || digits.parse::<f64>().is_err() {
        return None;
    }
    let suffix = |unit: &str| {
        Some(match unit.to_ascii_lowercase().as_str() {
            "kb" => "k",
            "mb" | "megabyte" | "megabytes" | "meg" => "M",
            "gb" | "gigabyte" | "gigabytes" | "gig" | "gigs" => "G",
            "tb" => "T",
            "kib" | "ki" => "Ki",
            "mib" | "mi" => "Mi",
            "gib" | "gi" => "Gi",
            "tib" | "ti" => "Ti",
            "g" => "G",
            "millicores" | "millicore" => "m",
            _other_units => return None,
        })
    };
    let own = &said[digits.len()..];
    if own.is_empty() {
        return match next.and_then(suffix) {
            Some(unit) => Some((format!("{digits}{unit}"), 2)),
            None => Some((digits.to_string(), 1)),
        };
    }
    // As Kubernetes has it already, its case included.
    if ["m", "k", "M", "G", "T", "Ki", "Mi", "Gi", "Ti"].contains(&own) {
        return Some((said.to_string(), 1));
    }
    suffix(own).map(|unit| (format!("{digits}{unit}"), 1))
}

/// An image, a tag, a registry, a node, a phase.
fn text(words: &Phrases<'_>, at: usize) -> Found {
    let not = usize::from(words.is(at, "not"));
    let (condition, n) = field(words, at + not)?;
    Some((condition.map(|condition| Condition { not: not == 1, ..condition }), n + not))
}

const USING: &str =
    "using|that use|which use|use|uses|with|running|that run|which run|based on|that are using|are using|that are based on|which are using";

fn field(words: &Phrases<'_>, at: usize) -> Found {
    let plain = |at: usize| {
        let token = words.token(at)?;
        matches!(token.is, Is::Word | Is::Quoted | Is::Image | Is::Number(_) | Is::Amount | Is::Address | Is::Duration)
            .then(|| words.said(at))
            .flatten()
    };
    if let Some(lead) = words.any(at, USING) {
        let from = words.past(at + lead, "a|an|the");
        if let Some(n) = words.any(from, "image|images|container image|docker image") {
            let value = words.past(from + n, "named|called|name");
            return Some((Some(Condition::reads(Field::Image, plain(value)?).ok()?), value + 1 - at));
        }
        if let Some(n) = words.any(from, "tag|image tag|version|the tag") {
            let value = plain(from + n)?;
            return Some((Some(Condition::reads(Field::Tag, value).ok()?), from + n + 1 - at));
        }
        // "using the nginx image", "running nginx:1.27".
        let value = plain(from)?;
        if let Some(n) = words.any(from + 1, "image|images|container image") {
            return Some((Some(Condition::reads(Field::Image, value).ok()?), from + 1 + n - at));
        }
        let image = words.token(from).is_some_and(|token| token.is == Is::Image);
        return image.then(|| Some((Some(Condition::reads(Field::Image, value).ok()?), from + 1 - at)))?;
    }
    if let Some(lead) =
        words.any(at, "from|from registry|from the registry|coming from|pulled from|hosted on|hosted in|that come from|stored in")
    {
        let from = at + lead;
        let ours = words.any(from, "our registry|our own registry|our private registry|my registry|the company registry|our registries|the private registry|a private registry|the internal registry|our internal registry|a trusted registry|trusted registries|approved registries|an approved registry");
        if let Some(n) = ours {
            return Some((None, lead + n));
        }
        if let Some(n) = words.any(from, "docker hub|dockerhub|the docker hub") {
            return Some((Some(Condition::reads(Field::Registry, "docker.io").ok()?), lead + n));
        }
        let value = plain(from)?;
        let host = value.split('/').next().unwrap_or_default();
        let said = words.any(at, "from registry|from the registry").is_some();
        // A host's name has a dot or a port; a bare word may be a namespace.
        let named = said || host.contains(['.', ':']) || host == "localhost";
        return named.then(|| Some((Some(Condition::reads(Field::Registry, value).ok()?), lead + 1)))?;
    }
    if let Some(lead) = words.any(at, "on node|on the node|scheduled on node|running on node|that run on node") {
        return Some((Some(Condition::reads(Field::Node, plain(at + lead)?).ok()?), lead + 1));
    }
    let lead = words.any(at, "in phase|in the phase")?;
    // A phase is a word of the language as well.
    Some((Some(Condition::reads(Field::Phase, words.said(at + lead)?).ok()?), lead + 1))
}

/// What there shall be most of: "restarts most", "with the most replicas".
pub fn most(words: &Phrases<'_>, at: usize) -> Option<(Measure, usize)> {
    let verb = "restart most|restarts most|restarted most|restart the most|restarts the most|restarted the most|that restart most|that restarted most|that restart the most|\
        that restarted the most|restart most often|restarts most often|restarted most often|restarting most|restarting the most|is restarting most|is restarting the most|are restarting most|\
        are restarting the most|restarting most often|keeps restarting the most|have restarted the most|have restarted most|has restarted the most|has restarted most|with the most restarts|with most restarts|\
        has the most restarts|have the most restarts|that have the most restarts|the most restarts|most restarts|with the highest restart count|most restarts first";
    let replicas = "with the most replicas|with most replicas|that have the most replicas|most replicas first";
    let old = "most age first";
    let found = [(Measure::Restarts, verb), (Measure::Replicas, replicas), (Measure::Age, old)];
    let found = found.into_iter().filter_map(|(measure, said)| Some((measure, words.any(at, said)?)));
    found.filter(|(_, n)| words.whole(at, *n)).max_by_key(|(_, n)| *n)
}
