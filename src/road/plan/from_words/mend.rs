//! Whether a text asks for what a diagnosis found to be mended.
//!
//! Invariants: a question how something is mended is no order to; what is meant by "it" is for whoever knows what was found.

use super::{
    follow_up::{bare, ordinal},
    normalise::normalise,
};

/// What of that which was found is to be mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mend {
    /// What there is: "fix it".
    It,
    /// The same, in words that say nothing of mending: "do it", "go ahead". Only what was said just before can be meant.
    That,
    /// One of several, from 0: "fix 2", "apply the second fix".
    Nth(usize),
    /// All: "fix them all".
    All,
}

/// Verbs that ask for something to be put right.
const VERBS: &[&str] = &["fix", "repair", "mend", "resolve", "solve", "remedy", "heal", "correct"];

/// What can stand for all that was found.
const IT: &[&str] =
    &["", "it", "that", "this", "the problem", "the issue", "the cause", "this problem", "this issue", "that problem", "that issue"];
const ALL: &[&str] = &[
    "all",
    "them",
    "them all",
    "all of them",
    "everything",
    "all of it",
    "both",
    "these",
    "those",
    "the problems",
    "the issues",
    "all problems",
    "all issues",
];

/// Orders to do what was proposed.
const PROPOSED: &[&str] = &["apply", "run", "do", "use", "take", "execute", "try", "go with"];
const FIX: &[&str] = &[
    "the fix",
    "that fix",
    "this fix",
    "your fix",
    "the suggested fix",
    "the proposed fix",
    "fix",
    "the remedy",
    "the suggestion",
    "your suggestion",
    "the proposal",
    "what you propose",
    "what you suggest",
    "as proposed",
    "as suggested",
];

/// Assent in other words.
const THAT: &[&str] = &[
    "do it",
    "do that",
    "do so",
    "go ahead",
    "yes",
    "yes please",
    "yes do it",
    "yes do that",
    "please do",
    "apply it",
    "run it",
    "ok do it",
    "okay do it",
    "sure",
    "sounds good",
];

/// Words around an order that say nothing.
const AROUND: &[&str] = &[
    "please",
    "now",
    "then",
    "for me",
    "can you",
    "could you",
    "would you",
    "yes",
    "ok",
    "okay",
    "so",
    "just",
    "and",
    "thanks",
    "let us",
    "let's",
    "for us",
];

/// Words of a sentence that asks, or forbids, what comes later in it.
const ASKS: &[&str] = &[
    "how",
    "what",
    "which",
    "should",
    "not",
    "don't",
    "dont",
    "do not",
    "without",
    "suggest",
    "recommend",
    "steps",
    "way",
    "ways",
    "never",
];

/// What of that which was found a text asks to be mended; `None` where it is anything else.
pub fn mend(text: &str) -> Option<Mend> {
    let words = normalise(text);
    let whole = bare(&words);
    if THAT.contains(&whole.as_str()) {
        return Some(Mend::That);
    }
    let said = stripped(&whole);
    let (verb, rest) = VERBS.iter().chain(PROPOSED).find_map(|verb| {
        let rest = said.strip_prefix(verb)?;
        (rest.is_empty() || rest.starts_with(' ')).then(|| (*verb, rest.trim_start()))
    })?;
    if PROPOSED.contains(&verb) {
        if FIX.contains(&rest) {
            return Some(Mend::It);
        }
        return numbered(rest.strip_prefix("the ").unwrap_or(rest)).map(Mend::Nth);
    }
    if IT.contains(&rest) {
        return Some(Mend::It);
    }
    if ALL.contains(&rest) {
        return Some(Mend::All);
    }
    counted(rest).map(Mend::Nth)
}

/// "2", "number 2", "the second", "the second one".
fn counted(text: &str) -> Option<usize> {
    let text = [" problem", " issue"].iter().find_map(|noun| text.strip_suffix(noun)).unwrap_or(text);
    ordinal(&normalise(text), usize::MAX)
}

/// "fix 2", "second fix".
fn numbered(text: &str) -> Option<usize> {
    text.strip_prefix("fix ").or_else(|| text.strip_suffix(" fix")).and_then(counted)
}

fn stripped(text: &str) -> &str {
    let mut text = text.trim();
    loop {
        let before = AROUND.iter().find_map(|w| text.strip_prefix(w)?.strip_prefix(' '));
        let behind = AROUND.iter().find_map(|w| text.strip_suffix(w)?.strip_suffix(' '));
        match before.or(behind) {
            Some(less) => text = less.trim(),
            None => return text,
        }
    }
}

/// Whether a request wants what is wrong to be put right, and not only told: "fix the backend", "why is worker failing? fix it".
pub fn wants_mending(text: &str) -> bool {
    text.to_lowercase().split(['.', '?', '!', ';', '\n']).any(|sentence| {
        let mut before = String::new();
        sentence.replace(" and ", ",").replace(" then ", ",").split(',').any(|clause| {
            let words = normalise(clause);
            let said = bare(&words);
            let asks = before.split_whitespace().any(|word| ASKS.contains(&word));
            before.push_str(&said);
            before.push(' ');
            !asks
                && VERBS.iter().any(|verb| stripped(&said).strip_prefix(verb).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_asks_for_what_was_found_to_be_mended() {
        for (text, meant) in [
            ("fix it", Some(Mend::It)),
            ("Please fix it.", Some(Mend::It)),
            ("ok fix that now", Some(Mend::It)),
            ("can you fix this for me?", Some(Mend::It)),
            ("fix the problem", Some(Mend::It)),
            ("apply the fix", Some(Mend::It)),
            ("use the suggested fix", Some(Mend::It)),
            ("do it", Some(Mend::That)),
            ("go ahead", Some(Mend::That)),
            ("yes", Some(Mend::That)),
            ("fix 2", Some(Mend::Nth(1))),
            ("fix number 3", Some(Mend::Nth(2))),
            ("fix the first one", Some(Mend::Nth(0))),
            ("apply fix 2", Some(Mend::Nth(1))),
            ("apply the second fix", Some(Mend::Nth(1))),
            ("fix them all", Some(Mend::All)),
            ("fix everything", Some(Mend::All)),
            ("fix both", Some(Mend::All)),
            ("fix 0", None),
            ("fix the backend", None),
            ("how do i fix it", None),
            ("don't fix it", None),
            ("apply web.yaml", None),
            ("run nginx", None),
            ("no", None),
            ("", None),
        ] {
            assert_eq!(mend(text), meant, "{text:?}");
        }
    }

    #[test]
    fn who_wants_it_mended_and_who_wants_to_know() {
        for text in [
            "fix the backend",
            "please fix worker",
            "why is worker failing? fix it",
            "find out why backend crashes and fix it",
            "can you fix the backend",
            "repair web",
        ] {
            assert!(wants_mending(text), "{text:?}");
        }
        for text in [
            "how do i fix the backend",
            "what should I do to fix it",
            "why is the backend crashing",
            "do not fix the backend",
            "suggest a fix for backend",
            "steps to fix web",
            "look into web without fixing it",
        ] {
            assert!(!wants_mending(text), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC{0,60}") {
            let _ = (mend(&text), wants_mending(&text));
        }
    }
}
