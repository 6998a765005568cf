//! Measures in words: `older than 7 days`, `with fewer than 2 replicas`, `using more than 500MB of memory`, `restarts most`.

use super::super::phrases::{List, list};
use super::{
    super::tag::Is,
    conditions::{DET, Found, THAT_ARE},
    phrase::Phrases,
};
use crate::ops::{
    Kind,
    find::{Compare, Condition, Measure, Unit},
};

const MORE: &List =
    &List::of("more than|greater than|over|above|bigger than|higher than|larger than|>|of more than|exceeding|that exceed|of over");
const LESS: &List = &List::of("less than|fewer than|under|below|smaller than|lower than|<|of less than|of under|of fewer than");
const AT_LEAST: &List = &List::of("at least|no less than|not less than|no fewer than|>=|a minimum of|minimum|of at least");
const AT_MOST: &List = &List::of("at most|no more than|not more than|up to|<=|a maximum of|of at most");
const EXACTLY: &List = &List::of("exactly|equal to|=|of exactly");
const OLDER: &List = &List::of("older than|created before|created more than|running for more than|up for more than|started more than");
const YOUNGER: &List = &List::of(
    "younger than|newer than|not older than|no older than|created less than|created within the last|created in the last|created in the past|created within|started in the last|running for less than|started less than",
);
const IMAGE_CHANGED: &List = &List::of(
    "whose image changed|whose image was changed|whose image has changed|whose images changed|whose image was updated|whose image got updated|\
    with an image changed|with an image that changed|that changed their image|that changed the image|that got a new image|with a new image|whose image is new|whose image is",
);
const LATELY: &List =
    &List::of("in the last|within the last|in the past|within the past|within|less than|younger than|newer than|during the last");
const LONG_AGO: &List = &List::of("more than|over|longer than|older than|before");
const RESTARTED: &List = &List::of(
    "restarted|that restarted|which restarted|that have restarted|that has restarted|have restarted|has restarted|that were restarted|were restarted|being restarted|restarting|that restart",
);
const HAVING: &List = &List::of(
    "with|that have|which have|that has|having|have|has|using|that use|which use|use|uses|that are using|are using|consuming|that consume|which consume|consume|running|that run|requesting|of",
);
const IN_USE: &List = &List::of("using|that use|which use|use|uses|that are using|are using|consuming|that consume|which consume|consume");
const WHOSE: &List = &List::of("with|that have|which have|having|whose|where the|where");

/// Everything a measure may begin with, beside its nouns.
pub(super) const PHRASES: &[&List] = &[
    MORE,
    LESS,
    AT_LEAST,
    AT_MOST,
    EXACTLY,
    OLDER,
    YOUNGER,
    RESTARTED,
    IMAGE_CHANGED,
    HAVING,
    IN_USE,
    WHOSE,
    RESTARTS_MOST,
    MOST_REPLICAS,
    &List::of("most"),
];

/// The nouns of measures, the longer ones of a measure first.
pub(super) const MEASURED: &[(Measure, List)] = &[
    (Measure::Restarts, List::of("restarts|restart|restart count|restart counts|number of restarts")),
    (Measure::Replicas, List::of("replicas|replica|replica count|number of replicas|instances|copies")),
    (Measure::LimitOfCpu, List::of("cpu limit|cpu limits")),
    (Measure::LimitOfMemory, List::of("memory limit|memory limits")),
    (Measure::RequestOfCpu, List::of("cpu request|cpu requests")),
    (Measure::RequestOfMemory, List::of("memory request|memory requests")),
    (Measure::Age, List::of("age")),
    (Measure::ImageAge, List::of("image age")),
    (Measure::Cpus, List::of("cpus|cpu|cores|core|cpu cores|vcpus")),
    (Measure::Memory, List::of("memory|ram|mem")),
    (Measure::CpuUse, List::of("cpu|cpus|cores|core|cpu in use|cpu usage|cpu use")),
    (Measure::MemoryUse, List::of("memory|ram|mem|memory in use|memory usage|memory use")),
];

fn compare(words: &Phrases<'_>, at: usize) -> Option<(Compare, usize)> {
    let all =
        [(Compare::More, MORE), (Compare::Less, LESS), (Compare::AtLeast, AT_LEAST), (Compare::AtMost, AT_MOST), (Compare::Equal, EXACTLY)];
    all.into_iter().filter_map(|(compare, said)| Some((compare, words.any(at, said)?))).max_by_key(|(_, n)| *n)
}

/// A measure and what it is held against, in any of the orders people say it in.
pub(super) fn measured(words: &Phrases<'_>, at: usize, kinds: &[Kind]) -> Found {
    let not = usize::from(words.is(at, "not"));
    let (condition, n) = [
        age(words, at + not),
        image_changed(words, at + not),
        restarted(words, at + not),
        amount_first(words, at + not, kinds),
        noun_first(words, at + not),
    ]
    .into_iter()
    .flatten()
    .max_by_key(|(_, n)| *n)?;
    Some((Some(Condition { not: not == 1, ..condition }), n + not))
}

/// "older than 7 days", "created more than 2 hours ago", "at least a week old".
fn age(words: &Phrases<'_>, at: usize) -> Option<(Condition, usize)> {
    let from = words.past(at, THAT_ARE);
    let by = |compare: Compare, lead: usize, behind: &List, must: bool| {
        let (value, n) = value(words, from + lead, Unit::Time)?;
        let end = from + lead + n;
        let tail = words.any(end, behind);
        let condition = Condition::measures(Measure::Age, compare, &value).ok()?;
        (tail.is_some() || !must).then(|| (condition, end + tail.unwrap_or(0) - at))
    };
    if let Some(n) = words.any(from, OLDER) {
        return by(Compare::More, n, list!("ago"), false);
    }
    if let Some(n) = words.any(from, YOUNGER) {
        return by(Compare::Less, n, list!("ago"), false);
    }
    let (compare, n) = compare(words, from)?;
    by(compare, n, list!("old"), true)
}

/// "whose image changed in the last day".
fn image_changed(words: &Phrases<'_>, at: usize) -> Option<(Condition, usize)> {
    let n = words.any(at, IMAGE_CHANGED)?;
    let (compare, lead) = match (words.any(at + n, LATELY), words.any(at + n, LONG_AGO)) {
        (Some(lead), _) => (Compare::Less, lead),
        (None, Some(lead)) => (Compare::More, lead),
        (None, None) => return None,
    };
    let (value, took) = value(words, at + n + lead, Unit::Time)?;
    let end = words.past(at + n + lead + took, list!("ago|old"));
    Some((Condition::measures(Measure::ImageAge, compare, &value).ok()?, end - at))
}

/// "that restarted more than twice".
fn restarted(words: &Phrases<'_>, at: usize) -> Option<(Condition, usize)> {
    let n = words.any(at, RESTARTED)?;
    let (compare, took) = compare(words, at + n)?;
    let (value, many) = value(words, at + n + took, Unit::Count)?;
    let end = words.past(at + n + took + many, list!("times|time"));
    Some((Condition::measures(Measure::Restarts, compare, &value).ok()?, end - at))
}

/// "with fewer than 2 replicas", "using more than 500MB of memory".
fn amount_first(words: &Phrases<'_>, at: usize, kinds: &[Kind]) -> Option<(Condition, usize)> {
    let from = words.past(at, HAVING);
    // "with 3 replicas": exactly so many.
    let (compare, n) = compare(words, from).or_else(|| (from > at).then_some((Compare::Equal, 0)))?;
    let fits = |measure: Measure| kinds.iter().all(|kind| measure.of().fits(*kind));
    let read = |measure: &Measure, nouns: &List| {
        let (value, took) = value(words, from + n, measure.unit())?;
        let noun = words.past(from + n + took, list!("of"));
        let end = noun + words.any(noun, nouns)?;
        Some((Condition::measures(*measure, compare, &value).ok()?, end - at))
    };
    let uses = words.any(at, IN_USE).is_some();
    let of_use = |measure: Measure| matches!(measure, Measure::CpuUse | Measure::MemoryUse);
    let has = |measure: Measure| matches!(measure, Measure::Cpus | Measure::Memory);
    // A node has memory and uses some of it: the verb says which is meant.
    let meant =
        |measure: Measure| fits(measure) && if uses { !has(measure) } else { !of_use(measure) || !kinds.iter().any(|k| k.is("nodes", "")) };
    MEASURED.iter().filter(|(measure, _)| meant(*measure)).filter_map(|(measure, nouns)| read(measure, nouns)).max_by_key(|(_, n)| *n)
}

/// "with a memory limit above 1Gi", "restart count > 5".
fn noun_first(words: &Phrases<'_>, at: usize) -> Option<(Condition, usize)> {
    let lead = words.past(at, WHOSE);
    let from = words.past(lead, DET);
    let read = |measure: Measure, nouns: &List| {
        let behind = words.past(from + words.any(from, nouns)?, list!("of|is|are"));
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
            // "in the last hour"
            if let Some(unit) = short(low) {
                return Some((format!("1{unit}"), 1));
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

const RESTARTS_MOST: &List = &List::of(
    "restart most|restarts most|restarted most|restart the most|restarts the most|restarted the most|that restart most|that restarted most|that restart the most|\
        that restarted the most|restart most often|restarts most often|restarted most often|restarting most|restarting the most|is restarting most|is restarting the most|are restarting most|\
        are restarting the most|restarting most often|keeps restarting the most|have restarted the most|have restarted most|has restarted the most|has restarted most|with the most restarts|with most restarts|\
        has the most restarts|have the most restarts|that have the most restarts|the most restarts|most restarts|with the highest restart count",
);
const MOST_REPLICAS: &List = &List::of("with the most replicas|with most replicas|that have the most replicas");

/// What there shall be most of: "restarts most", "with the most replicas".
pub fn most(words: &Phrases<'_>, at: usize) -> Option<(Measure, usize)> {
    if !words.low(at).is_some_and(super::conditions::may_begin) {
        return None;
    }
    let found = [(Measure::Restarts, RESTARTS_MOST), (Measure::Replicas, MOST_REPLICAS)];
    let found = found.into_iter().filter_map(|(measure, said)| Some((measure, words.any(at, said)?)));
    // As a question is printed.
    let printed = Measure::ALL.iter().filter_map(|measure| {
        let n = words.phrase(at, "most").and_then(|n| Some(n + words.phrase(at + n, measure.said())?))?;
        Some((*measure, n + words.phrase(at + n, "first")?))
    });
    let found = found.chain(printed);
    found.filter(|(_, n)| words.whole(at, *n)).max_by_key(|(_, n)| *n)
}
