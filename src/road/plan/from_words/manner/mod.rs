//! How a request is put: "how do I …", "what is the command to …", "this command lists …", "… using kubectl". What is asked for
//! is left, and whether the person asked how. A heading is a request as well: "Getting the logs of web".
//!
//! Invariant: only what leads to a verb of the language is taken away, so that "how does web work" stays a question.

mod colons;
mod courtesy;
mod lists;
mod reworded;
mod sentences;

use super::{
    lexicon::{self, Sense},
    normalise::Word,
    parts::{Part, off},
    phrases::{List, Marks},
    wording,
};
use colons::colons;
use lists::{COMMANDS, HOW, LEADS, MEANS};
use sentences::{by_doing, ends_with_how, heading, supposed, tells_what_it_does, to_do_so, what_does_it_say};

/// Words as they are left, and whether it was asked how something is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Put {
    pub words: Vec<Word>,
    pub asks_how: bool,
}

/// Takes the way of asking away, sentence by sentence.
pub fn put(words: Vec<Word>) -> Put {
    let mut words = colons(words);
    // More words than a request has letters: it is not read as one, however it is put.
    if off(Part::Manner) || words.len() > super::LONGEST {
        return Put { words, asks_how: false };
    }
    courtesy::without(&mut words);
    reworded::whole(&mut words);
    let before = words.clone();
    let mut asks_how = ends_with_how(&mut words);
    let ends = |w: &Word| [".", ":", ";"].iter().any(|sign| w.is(sign));
    let mut out: Vec<Word> = Vec::with_capacity(words.len());
    for sentence in words.split_inclusive(ends) {
        let (body, end) = match sentence.split_last() {
            Some((end, body)) if ends(end) => (body, Some(end)),
            _ => (sentence, None),
        };
        let (body, how) = sentence_put(body.to_vec());
        asks_how |= how;
        out.extend(body);
        out.extend(end.cloned());
    }
    // Nothing left is nothing asked.
    if out.iter().all(ends) { Put { words: before, asks_how: false } } else { Put { words: out, asks_how } }
}

fn sentence_put(mut words: Vec<Word>) -> (Vec<Word>, bool) {
    let mut asks_how = false;
    while let Some((at, n)) = (1..words.len()).find_map(|at| lead(&words[at..], MEANS).map(|n| (at, n))) {
        words.drain(at..at + n);
    }
    to_do_so(&mut words);
    loop {
        if let Some((n, true)) = lead(&words, HOW).map(|n| (n, verb(&words[n..]))) {
            words.drain(..n);
            asks_how = true;
        } else if let Some(n) = lead(&words, COMMANDS).filter(|n| third_person(&words, *n).is_some()) {
            words[n].low = third_person(&words, n).unwrap_or_default().into();
            words.drain(..n);
        } else if let Some(n) = lead(&words, LEADS).filter(|n| {
            let rest = &words[*n + usize::from(words.get(*n).is_some_and(|w| w.is(",")))..];
            verb(rest) || lead(rest, HOW).is_some()
        }) {
            words.drain(..n);
        } else {
            break;
        }
        while words.first().is_some_and(|w| w.is(",")) {
            words.remove(0);
        }
    }
    supposed(&mut words);
    by_doing(&mut words);
    what_does_it_say(&mut words);
    heading(&mut words);
    reworded::sentence(&mut words);
    tells_what_it_does(&mut words);
    wording::plainly(&mut words);
    (words, asks_how)
}

/// How many words a phrase takes at the beginning; of several the longest.
fn lead(words: &[Word], phrases: &List) -> Option<usize> {
    let first = words.first().filter(|w| !w.quoted)?;
    phrases.longest(Marks::of(&first.low, None), |n, part| words.get(n).is_some_and(|w| !w.quoted && (part == "*" || w.low == part)))
}

/// Whether a word is a verb of the language.
pub(super) fn is_order(word: &Word) -> bool {
    !word.quoted && one_verb(&word.low)
}

/// The same for the words of another part.
pub(super) fn lead_of(words: &[Word], phrases: &List) -> Option<usize> {
    lead(words, phrases)
}

/// How many words a phrase takes, if it stands where the words begin.
pub(super) fn fits(words: &[Word], phrase: &str) -> Option<usize> {
    let mut n = 0;
    for part in phrase.split_whitespace() {
        let word = words.get(n).filter(|w| !w.quoted)?;
        if part != "*" && word.low != part {
            return None;
        }
        n += 1;
    }
    Some(n)
}

/// Whether a verb begins there.
fn verb(words: &[Word]) -> bool {
    let word = |i: usize| words.get(i).filter(|w| !w.quoted).map(|w| w.low.as_str());
    let known = |at: usize| lexicon::phrase(|i| word(at + i)).is_some_and(|(_, sense)| is_verb(&sense));
    // "how do I quickly list …"
    known(0) || words.len() > 2 && word(0).is_some_and(|w| w.ends_with("ly")) && known(1)
}

fn is_verb(sense: &Sense) -> bool {
    matches!(
        sense,
        Sense::Act(_)
            | Sense::Alter(_)
            | Sense::Show
            | Sense::Want
            | Sense::Label
            | Sense::Mark
            | Sense::Halt
            | Sense::Start
            | Sense::Probe
            | Sense::Given("follow", _)
    )
}

fn one_verb(word: &str) -> bool {
    lexicon::phrase(|i| (i == 0).then_some(word)).is_some_and(|(_, sense)| is_verb(&sense))
}

/// "lists" of "list", where it is a verb of the language.
fn third_person(words: &[Word], at: usize) -> Option<&str> {
    let low = words.get(at).filter(|w| !w.quoted)?.low.as_str();
    let regular = [low.strip_suffix('s'), low.strip_suffix("es")].into_iter().flatten().find(|stem| one_verb(stem));
    // "copies", "applies"
    let in_y = || {
        low.strip_suffix("ies")
            .and_then(|stem| ["apply", "copy", "verify", "modify", "deny"].into_iter().find(|v| v.strip_suffix('y') == Some(stem)))
    };
    regular.or_else(in_y)
}

#[cfg(test)]
mod tests {
    use super::{super::normalise::normalise, *};

    fn show(text: &str) -> (String, bool) {
        let put = put(normalise(text));
        (put.words.iter().map(|w| if w.quoted { w.to_string() } else { w.low.to_string() }).collect::<Vec<_>>().join(" "), put.asks_how)
    }

    #[test]
    fn what_is_asked_for() {
        for (text, want, how) in [
            ("How do I list the pods?", "list the pods", true),
            ("how to restart web in Kubernetes", "restart web", true),
            ("kubectl: how do I delete pod web-1?", "delete pod web-1", true),
            ("I want to expose web on port 80. What's the command?", "expose web on port 80", true),
            ("To see the rollout status of web, run the following.", "see the rollout status of web", false),
            ("This kubectl command lists all pods", "list all pods", false),
            ("Getting the logs of web", "get the logs of web", false),
            ("Approving the csr x", "approve the csr x", false),
            ("running pods in dev", "running pods in dev", false),
            ("Running an nginx pod", "run an nginx pod", false),
            ("how does web work", "how does web work", false),
            ("how do services work", "how do services work", false),
            ("scale \"how to\" to 3", "scale \"how to\" to 3", false),
            ("list pods using kubectl", "list pods", false),
        ] {
            assert_eq!(show(text), (want.to_string(), how), "{text}");
        }
    }
}
