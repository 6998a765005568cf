//! Which playbook answers a request.

use super::{load::Playbook, runner::Inputs};

/// Only so much of a request is looked at.
const WORDS: usize = 200;

/// How well a playbook fits these words and inputs; `None` where it does not. More words said and met is better; of two that
/// fit alike the first one wins.
pub fn score(playbook: &Playbook, text: &str, inputs: &Inputs) -> Option<usize> {
    let fits_subject = match &inputs.subject {
        None => playbook.subject.is_empty(),
        Some(subject) => playbook.subject.contains(&subject.kind()),
    };
    if !fits_subject || (playbook.namespace && inputs.namespace.is_none() && inputs.subject.is_none()) {
        return None;
    }
    let name = inputs.subject.as_ref().map(|s| s.name().as_str().to_lowercase()).unwrap_or_default();
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| c.is_whitespace() || "?!,;:\"()".contains(c))
        .map(|w| w.trim_end_matches('.'))
        // The object's own name says nothing about what is asked of it.
        .filter(|w| !w.is_empty() && *w != name)
        .take(WORDS)
        .collect();
    playbook.matches.iter().filter_map(|pattern| met(pattern, &words)).max()
}

/// How many words of a pattern occur, all of them in order; `None` where one does not.
fn met(pattern: &str, words: &[&str]) -> Option<usize> {
    let mut rest = words.iter();
    let mut count = 0;
    for wanted in pattern.split_whitespace() {
        rest.find(|word| wanted.split('|').any(|w| same(w, word)))?;
        count += 1;
    }
    (count > 0).then_some(count)
}

fn same(wanted: &str, word: &str) -> bool {
    let word = word.replace('’', "'");
    match wanted.strip_suffix('*') {
        Some(start) => word.starts_with(start),
        None => word == wanted,
    }
}
