//! What a word is by its form alone: a number, a pair, a file, an image, a duration, a flag; else it may be a name.

use super::{
    super::{lexicon::Sense, normalise::Word},
    Is, Token,
    kinds::kind_of,
};
use compact_str::CompactString;

/// Numbers in words; each stands at its value.
pub(super) const NUMBERS: &[&str] = &[
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
];

/// What stands in quotes, by its form: a pair, a file, or a name or value.
pub(super) fn quoted(said: &str) -> Is {
    let path = said.len() > 2 && ["./", "../", "~/"].iter().any(|start| said.starts_with(start));
    let file = !said.contains([' ', '=']) && (path || [".yaml", ".yml", ".json"].iter().any(|end| said.to_lowercase().ends_with(end)));
    match said.split_once(": ") {
        _ if file => Is::File,
        _ if said.contains('=') && !said.contains(' ') => Is::Pair(said.into()),
        // note="a value"
        _ if said.split_once('=').is_some_and(|(key, _)| !key.is_empty() && legal_shape(&key.to_lowercase().replace('/', "-"))) => {
            Is::Pair(said.into())
        }
        // "owner: marketing", as YAML has it.
        Some((key, value)) if legal_shape(&key.to_lowercase()) && !value.contains([' ', ':']) => {
            Is::Pair(compact_str::format_compact!("{key}={value}"))
        }
        // No name holds a colon.
        None if said.contains(':') && crate::ops::Image::new(said).is_ok() => Is::Image,
        Some(_) | None => Is::Quoted,
    }
}

pub(super) fn legal_shape(low: &str) -> bool {
    low.starts_with(|c: char| c.is_ascii_alphanumeric())
        && low.ends_with(|c: char| c.is_ascii_alphanumeric())
        && low.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
}

/// What a word is by its shape alone.
pub(super) fn shape(said: &str, low: &str) -> Is {
    if let Ok(n) = low.parse::<u64>() {
        return Is::Number(n);
    }
    if let Some(n) = NUMBERS.iter().position(|w| *w == low) {
        return Is::Number(n as u64);
    }
    if let Some(n) = low.strip_suffix('x').and_then(|n| n.parse::<u64>().ok()) {
        return if n == 2 { Is::Sense(Sense::Times(2)) } else { Is::Strange };
    }
    // Nothing is called so unless it is quoted or said to be.
    if ["should", "must", "shall", "ought", "might"].contains(&low) {
        return Is::Strange;
    }
    if low.starts_with("http://") || low.starts_with("https://") {
        return Is::Address;
    }
    let digits = low.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
    if digits.len() < low.len()
        && digits.parse::<f64>().is_ok()
        && ["%", "ki", "mi", "gi", "ti", "k", "g", "t", "kb", "mb", "gb", "tb", "kib", "mib", "gib", "tib"].contains(&&low[digits.len()..])
    {
        return Is::Amount;
    }
    if let Some((key, _)) = said.split_once('=') {
        return if key.is_empty() || said.ends_with('=') { Is::Strange } else { Is::Pair(said.into()) };
    }
    if [".yaml", ".yml", ".json"].iter().any(|end| low.ends_with(end))
        || low.starts_with("./")
        || low.starts_with('/')
        || low.starts_with("../")
    {
        return Is::File;
    }
    if let Some((kind, name)) = said.split_once('/')
        && let Some((kind, _)) =
            kind_of(&CompactString::from_str_to_lowercase(kind)).filter(|_| legal_shape(&CompactString::from_str_to_lowercase(name)))
    {
        return Is::Slashed(kind, name.into());
    }
    if low.starts_with(|c: char| c.is_ascii_digit()) && low.parse::<crate::terms::duration::GoDuration>().is_ok() || day(low).is_some() {
        return Is::Duration;
    }
    if (low.contains(':') || low.contains('/')) && crate::ops::Image::new(said).is_ok() {
        return Is::Image;
    }
    if let Some(key) = low.strip_suffix('-').filter(|k| legal_shape(k)) {
        return Is::Minus(key.into());
    }
    if legal_shape(low) { Is::Word } else { Is::Strange }
}

/// `2d` in hours: Go's durations know no days.
pub fn day(low: &str) -> Option<u64> {
    low.strip_suffix('d')?.parse::<u64>().ok()?.checked_mul(24)
}

pub(super) fn flag(words: &[Word], at: usize) -> (Token, usize) {
    const VALUED: &[(&str, &str)] = &[
        ("-n", "namespace"),
        ("--namespace", "namespace"),
        ("-l", "selector"),
        ("--selector", "selector"),
        ("-c", "container"),
        ("--container", "container"),
        ("-o", "output"),
        ("--output", "output"),
        ("--tail", "tail"),
        ("--since", "since"),
        ("--replicas", "replicas"),
        ("-f", "filename"),
        ("--filename", "filename"),
        ("-k", "kustomize"),
        ("--kustomize", "kustomize"),
        ("--to-revision", "to-revision"),
    ];
    const SWITCHES: &[(&str, &str)] = &[
        ("-a", "all-namespaces"),
        ("--all-namespaces", "all-namespaces"),
        ("-p", "previous"),
        ("--previous", "previous"),
        ("--all-containers", "all-containers"),
        ("--timestamps", "timestamps"),
        ("--show-labels", "show-labels"),
        ("--overwrite", "overwrite"),
        ("--force", "force"),
        ("--ignore-daemonsets", "ignore-daemonsets"),
        ("--delete-emptydir-data", "delete-emptydir-data"),
        ("--server-side", "server-side"),
        ("--now", "now"),
    ];
    let word = &words[at];
    let (name, value) = match word.low.split_once('=') {
        Some((name, _)) => (name, word.said.split_once('=').map(|(_, v)| CompactString::from(v))),
        None => (word.low.as_str(), None),
    };
    let token = |is: Is, n: usize| (Token { said: super::said(&words[at..at + n]), is, mended: None }, n);
    if let Some((_, long)) = SWITCHES.iter().find(|(f, _)| *f == name).filter(|_| value.is_none()) {
        return token(Is::Flag(long, None), 1);
    }
    match (VALUED.iter().find(|(f, _)| *f == name), value, words.get(at + 1)) {
        (Some((_, long)), Some(value), _) => token(Is::Flag(long, Some(value)), 1),
        // "run psql -l in pod db": no value begins so.
        (Some(_), None, Some(next)) if ["in", "inside", "on", "of"].iter().any(|prep| next.is(prep)) => token(Is::Strange, 1),
        (Some((_, long)), None, Some(next)) => token(Is::Flag(long, Some(next.said.clone())), 2),
        _ => token(Is::Strange, 1),
    }
}
