//! Quantities as people say them, as Kubernetes writes them: "300 MB" is `300M`, "half a core" is `500m`.
//!
//! Source: kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity: `M` is 10^6, `Mi` is 2^20, `m` a thousandth.

use super::{
    normalise::Word,
    parts::{Part, off},
};

/// Units by what people call them.
const UNITS: &[(&str, &str)] = &[
    ("%", "%"),
    ("percent", "%"),
    ("kb", "k"),
    ("kilobyte", "k"),
    ("kilobytes", "k"),
    ("kib", "Ki"),
    ("kibibyte", "Ki"),
    ("kibibytes", "Ki"),
    ("mb", "M"),
    ("megabyte", "M"),
    ("megabytes", "M"),
    ("mib", "Mi"),
    ("mebibyte", "Mi"),
    ("mebibytes", "Mi"),
    ("gb", "G"),
    ("gigabyte", "G"),
    ("gigabytes", "G"),
    ("gib", "Gi"),
    ("gibibyte", "Gi"),
    ("gibibytes", "Gi"),
    ("tb", "T"),
    ("terabyte", "T"),
    ("terabytes", "T"),
    ("tib", "Ti"),
    ("tebibyte", "Ti"),
    ("tebibytes", "Ti"),
    ("millicore", "m"),
    ("millicores", "m"),
    ("millicpu", "m"),
    ("millicpus", "m"),
    ("core", ""),
    ("cores", ""),
];

/// Parts of a core in words.
const PARTS: &[(&[&str], &str)] = &[
    (&["half", "a", "core"], "500m"),
    (&["half", "core"], "500m"),
    (&["half", "of", "a", "core"], "500m"),
    (&["half", "a", "cpu"], "500m"),
    (&["a", "half", "core"], "500m"),
    (&["a", "quarter", "of", "a", "core"], "250m"),
    (&["quarter", "of", "a", "core"], "250m"),
    (&["a", "quarter", "core"], "250m"),
    (&["one", "and", "a", "half", "cores"], "1500m"),
    (&["a", "core"], "1"),
    (&["a", "whole", "core"], "1"),
];

/// The quantity that begins at a word, as Kubernetes writes it, and how many words it takes.
pub fn quantity(words: &[Word], at: usize) -> Option<(String, usize)> {
    if off(Part::Quantities) {
        return None;
    }
    let is = |n: usize, low: &str| words.get(at + n).is_some_and(|w| w.is(low));
    if let Some((phrase, amount)) = PARTS.iter().find(|(phrase, _)| phrase.iter().enumerate().all(|(n, part)| is(n, part))) {
        return Some(((*amount).to_string(), phrase.len()));
    }
    let first = words.get(at).filter(|w| !w.quoted && w.low.starts_with(|c: char| c.is_ascii_digit()))?;
    let unit = |word: &str| UNITS.iter().find(|(said, _)| *said == word).map(|(_, unit)| *unit);
    let digits = first.low.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(first.low.len());
    let (number, behind) = first.low.split_at(digits);
    let sound = number.parse::<f64>().is_ok() && !number.ends_with('.');
    if !sound {
        return None;
    }
    match (behind, words.get(at + 1).filter(|w| !w.quoted)) {
        // "300MB"; `300M` and `300m` are Kubernetes' own already.
        (behind, _) if behind.len() > 1 && behind.ends_with('b') => Some((format!("{number}{}", unit(behind)?), 1)),
        ("", Some(next)) => Some((format!("{number}{}", unit(&next.low)?), 2)),
        _ => None,
    }
}

/// Whether a word is a time of the day or a day, which no clock here can count back from.
pub fn time_of_day(said: &str) -> bool {
    let low = said.to_lowercase();
    let hour = |end: &str| low.strip_suffix(end).is_some_and(|n| !n.is_empty() && n.chars().all(|c| c.is_ascii_digit() || c == ':'));
    let clock = low.split_once(':').is_some_and(|(h, m)| h.parse::<u8>().is_ok() && m.parse::<u8>().is_ok());
    hour("am") || hour("pm") || clock || ["noon", "midnight", "yesterday", "today", "morning"].contains(&low.as_str())
}

#[cfg(test)]
mod tests {
    use super::{super::normalise::normalise, *};

    #[test]
    fn as_kubernetes_writes_them() {
        for (text, want) in [
            ("300 MB", Some("300M")),
            ("300MB", Some("300M")),
            ("1.5 GiB", Some("1.5Gi")),
            ("2 gigabytes", Some("2G")),
            ("half a core", Some("500m")),
            ("250 millicores", Some("250m")),
            ("2 cores", Some("2")),
            ("300M", None),
            ("1.5Gi", None),
            ("3 replicas", None),
            ("3", None),
            ("1. MB", None),
            ("half", None),
        ] {
            assert_eq!(quantity(&normalise(text), 0).map(|(said, _)| said).as_deref(), want, "{text}");
        }
    }
}
