//! A misspelt word of the trade, one edit away from a known one: what it was meant to be. Names are never mended.

use super::lexicon::{self, Sense};
use crate::terms::kinds::KINDS;
use std::sync::LazyLock;

static KNOWN: LazyLock<Vec<(String, Option<Sense>)>> = LazyLock::new(|| {
    let kinds = KINDS.iter().flat_map(|k| [k.singular(), k.plural.to_string()]).filter(|w| w.len() >= 5).map(|w| (w, None));
    lexicon::mendable().map(|(w, s)| (w.to_string(), Some(s))).chain(kinds).collect()
});

/// The word of the trade that `word` is one edit away from, if there is exactly one, or all of them mean the same.
pub fn mend(word: &str) -> Option<&'static str> {
    if word.len() < 4 || word.len() > 30 || !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return None;
    }
    let mut found: Option<&(String, Option<Sense>)> = None;
    for known in KNOWN.iter().filter(|(k, _)| one_edit(k.as_bytes(), word.as_bytes())) {
        match found {
            None => found = Some(known),
            Some((_, Some(sense))) if known.1 == Some(*sense) => {}
            // `deployment` and `deployments`: the one as long as what was said.
            Some((first, None)) if known.1.is_none() && one_number(first, &known.0) => {
                if known.0.len() == word.len() {
                    found = Some(known);
                }
            }
            Some(_) => return None,
        }
    }
    found.map(|(w, _)| w.as_str())
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
        for name in ["nginx", "backend", "frontend", "worker", "redis", "web", "pvv", "sto", "postgres", "grafana", "gets", "tops"] {
            assert_eq!(mend(name), None, "{name}");
        }
    }
}
