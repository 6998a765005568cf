//! A misspelt word of the trade, one edit away from a known one: what it was meant to be. Names are never mended.

use super::{
    lexicon,
    parts::{Part, off},
};
use crate::terms::kinds::KINDS;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

/// The words of kinds that are said in several words: `service account`.
const OF_KINDS: &[&str] = &[
    "account", "accounts", "cluster", "binding", "bindings", "volume", "volumes", "claim", "claims", "network", "policy", "policies",
    "storage", "class", "budget",
];

static KNOWN: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let kinds = KINDS.iter().flat_map(|k| [k.singular(), k.plural.to_string()]).filter(|w| w.len() >= 5);
    let kinds = kinds.chain(OF_KINDS.iter().map(|w| (*w).to_string()));
    lexicon::mendable().map(|(w, _)| w.to_string()).chain(kinds).collect()
});

/// The same by first letter and length: what is one edit away is in one of a few of these.
static SHELVES: LazyLock<BTreeMap<(u8, usize), Vec<&'static String>>> = LazyLock::new(|| {
    let mut shelves: BTreeMap<(u8, usize), Vec<&'static String>> = BTreeMap::new();
    for word in KNOWN.iter() {
        shelves.entry((word.as_bytes()[0], word.len())).or_default().push(word);
    }
    shelves
});

/// The known words that may be one edit away from `word`.
fn nearby(word: &[u8]) -> impl Iterator<Item = &'static String> {
    // The second letter leads where the first two are swapped.
    let second = if word[1] == word[0] { None } else { Some((word[1], word.len())) };
    let lengths = [(word[0], word.len() - 1), (word[0], word.len()), (word[0], word.len() + 1)];
    lengths.into_iter().chain(second).filter_map(|key| SHELVES.get(&key)).flatten().copied()
}

/// The word of the trade that `word` is one edit away from, if there is exactly one, or all of them mean the same.
pub fn mend(word: &str) -> Option<&'static str> {
    if off(Part::Typos) || word.len() < 4 || word.len() > 30 || !word.bytes().all(|b| b.is_ascii_lowercase()) || KNOWN.contains(word) {
        return None;
    }
    let near = |known: &&String| begins_alike(known.as_bytes(), word.as_bytes()) && one_edit(known.as_bytes(), word.as_bytes());
    let mut found: Vec<&'static String> = nearby(word.as_bytes()).filter(near).collect();
    found.sort_unstable();
    match found.as_slice() {
        [] => None,
        [one] => Some(one.as_str()),
        [first, rest @ ..] if rest.iter().all(|other| one_number(first, other) || same_sense(first, other)) => {
            found.iter().find(|known| known.len() == word.len()).or(found.first()).map(|known| known.as_str())
        }
        [..] => None,
    }
}

/// Whether two words mean the same.
fn same_sense(a: &str, b: &str) -> bool {
    let sense = |word: &str| lexicon::phrase(|i| (i == 0).then_some(word)).filter(|(n, _)| *n == 1).map(|(_, sense)| sense);
    sense(a).is_some() && sense(a) == sense(b)
}

/// Whether both begin with the same letter, or with the same two swapped: people rarely miss the first one, and English is full of
/// words that differ in it alone ("sing", "using").
fn begins_alike(a: &[u8], b: &[u8]) -> bool {
    a[0] == b[0] || a.len() == b.len() && a[0] == b[1] && a[1] == b[0]
}

/// Whether one is the plural of the other.
fn one_number(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    long.strip_prefix(short).is_some_and(|end| end.is_empty() || end == "s" || end == "es")
}

/// Whether one insertion, deletion, substitution or transposition of neighbours turns one into the other (Damerau).
pub fn one_edit(a: &[u8], b: &[u8]) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let same = short.iter().zip(long).take_while(|(x, y)| x == y).count();
    match long.len() - short.len() {
        0 => {
            let (x, y) = (&short[same..], &long[same..]);
            let swapped = x.len() >= 2 && x[0] == y[1] && x[1] == y[0] && x[2..] == y[2..];
            !x.is_empty() && (swapped || x[1..] == y[1..])
        }
        1 => short[same..] == long[same + 1..],
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_edit_and_no_more() {
        for (a, b) in [("scale", "sclae"), ("scale", "scal"), ("scale", "scalle"), ("scale", "scare")] {
            assert!(one_edit(a.as_bytes(), b.as_bytes()) && one_edit(b.as_bytes(), a.as_bytes()), "{a} {b}");
        }
        for (a, b) in [("scale", "scale"), ("scale", "sc"), ("scale", "slcea"), ("label", "table")] {
            assert!(!one_edit(a.as_bytes(), b.as_bytes()), "{a} {b}");
        }
    }

    #[test]
    fn words_of_the_trade_are_mended_and_short_ones_and_names_are_not() {
        assert_eq!(mend("deploymnet"), Some("deployment"));
        assert_eq!(mend("deploymnets"), Some("deployments"));
        assert_eq!(mend("namepsace"), Some("namespace"));
        assert_eq!(mend("restrat"), Some("restart"));
        assert_eq!(mend("noeds"), Some("nodes"));
        for name in ["nginx", "backend", "frontend", "worker", "redis", "web", "pvv", "sto", "postgres", "grafana", "gets", "tops", "sing"]
        {
            assert_eq!(mend(name), None, "{name}");
        }
    }
}
