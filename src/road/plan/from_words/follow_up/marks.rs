//! What a follow-up begins and ends with, as data: "and", "no, I meant", "instead"; and what says all by itself: "again", "why".

use super::super::{
    normalise::Word,
    phrases::{List, Marks},
};
use compact_str::format_compact;

/// How a follow-up hangs on to the request before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It goes on: "and", "what about".
    Goes,
    /// It puts right: "no", "I meant".
    Rights,
    /// It only narrows: "only", "just".
    Only,
}

use Mark as M;

const BEGINS: &[(Mark, List)] = &[
    (
        M::Goes,
        List::of(
            "and what about|and how about|what about|how about|and also for|and also|and for|and now|and then|and|also for|\
         also|the same thing for|same thing for|do the same for|do the same to|do the same with|do the same|the same for|\
         the same with|the same to|same for|same with|same to|the same but|same but|the same|same|do that for|do it for|\
         do this for|do that to|do it to|do that|do it|do this|ditto for|likewise for|likewise|now for|now|then|but|for|\
         again for|again|this time|make it|make that|make them|set it to|change it to|change that to|let it be|try|use|\
         which of them are|which of those are|which of these are|which ones are|which are",
        ),
    ),
    (M::Only, List::of("show me|give me|only|just|with")),
    (
        M::Rights,
        List::of(
            "no wait|no i meant|no i mean|no|nope|wait|oops|sorry|i meant to say|i meant|i mean|i said|meant|actually|rather|\
         not that one|not that|wrong|correction|better",
        ),
    ),
];

const ENDS: &[(Option<Mark>, &str)] = &[
    (Some(M::Goes), "too|as well|also|likewise|then|again"),
    (Some(M::Rights), "instead|rather"),
    (None, "now|this time|only|ones|though|i think"),
];

/// The request before once more.
pub const AGAIN: &str = "again|once again|once more|one more time|repeat|repeat that|repeat it|do it again|do that again|do this again|\
    do so again|do the same again|same again|the same again|run it again|run that again|rerun|rerun it|rerun that|\
    try again|try it again|try that again|retry|refresh|and again|show me again|show it again|show that again|\
    check again|now again|again now|same thing again|do it once more";
/// The last change is to be taken back.
pub const BACK: &str = "undo that|undo it|undo this|undo that again|take that back|take it back|put it back|put that back|\
    change it back|change that back|set it back|switch it back|back to what it was|back to how it was|\
    back to where it was|put it back to what it was|set it back to what it was|as it was|like before|as before|\
    back to before|scale it back|undo the change|undo that change|undo the last change|go back|\
    put it back as it was|make it what it was|back";
/// Why it is so.
pub const WHY: &str = "why|but why|and why|why is that|why is it|why is this|how come|why so|why that|why though|what is wrong|\
    what is the reason|why does it|what is the cause|what is wrong there|and what is wrong|why not|why is it so|\
    why is that so";
/// More of a log.
pub const MORE: &str = "more|more lines|show more|some more|even more|more logs|more of it|more of them|and more|give more|a bit more|\
    further back";

/// Whether a text is one of those.
pub fn is_one_of(phrases: &str, low: &str) -> bool {
    phrases.split('|').any(|phrase| phrase == low)
}

/// The words in one line, lower case, without signs.
pub fn bare(words: &[Word]) -> String {
    let said = words.iter().filter(|w| ![",", ".", ";"].iter().any(|s| w.is(s)));
    said.map(|w| if w.quoted { format_compact!("\"{}\"", w.low) } else { w.low.clone() }).collect::<Vec<_>>().join(" ")
}

/// Which one of so many a few words say: from 0. The last where they say so.
pub fn ordinal(words: &[Word], of: usize) -> Option<usize> {
    let low: Vec<&str> = words
        .iter()
        .filter(|w| !w.quoted)
        .map(|w| w.low.as_str())
        .filter(|w| !["the", "one", "choice", "option", "number"].contains(w))
        .collect();
    let [one] = low.as_slice() else { return None };
    if *one == "last" {
        return of.checked_sub(1);
    }
    let n = ordinal_word(one).or_else(|| one.trim_start_matches('#').trim_end_matches(')').parse::<usize>().ok())?;
    n.checked_sub(1)
}

/// `second`, `2nd`: 2.
pub fn ordinal_word(low: &str) -> Option<usize> {
    const WORDS: &[&str] = &["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];
    let spelt = WORDS.iter().position(|w| *w == low).map(|n| n + 1);
    let figure = || ["st", "nd", "rd", "th"].iter().find_map(|end| low.strip_suffix(end)?.parse::<usize>().ok());
    spelt.or_else(figure)
}

/// The words without what a follow-up begins and ends with.
pub fn strip(words: &[Word]) -> (Vec<Mark>, Vec<Word>) {
    let mut rest = words.to_vec();
    let mut marks = Vec::new();
    let fits = |phrase: &str, rest: &[Word]| {
        if !rest.first().is_some_and(|w| phrase.starts_with(w.low.as_str())) {
            return None;
        }
        let parts: Vec<&str> = phrase.split(' ').collect();
        (rest.len() >= parts.len() && parts.iter().zip(rest).all(|(p, w)| w.is(p))).then_some(parts.len())
    };
    loop {
        while rest.first().is_some_and(|w| {
            [",", ".", "ok", "okay", "well", "so", "hmm", "ah", "oh", "great", "good", "fine", "yes", "right", "thanks", "alright"]
                .iter()
                .any(|s| w.is(s))
        }) {
            rest.remove(0);
        }
        let Some(first) = rest.first().map(|w| Marks::of(&w.low, None)) else { break };
        let takes = |phrases: &List| phrases.longest(first, |n, part| rest.get(n).is_some_and(|w| w.is(part)));
        let longest = BEGINS.iter().filter_map(|(mark, phrases)| Some((takes(phrases)?, *mark))).max_by_key(|(n, _)| *n);
        let Some((n, mark)) = longest else { break };
        rest.drain(..n);
        marks.push(mark);
    }
    loop {
        while rest.last().is_some_and(|w| [",", "."].iter().any(|s| w.is(s))) {
            rest.pop();
        }
        let phrases = ENDS.iter().flat_map(|(mark, phrases)| phrases.split('|').map(move |phrase| (phrase, *mark)));
        let found = phrases.filter(|(phrase, _)| {
            let n = phrase.split(' ').count();
            rest.len() > n && fits(phrase, &rest[rest.len() - n..]).is_some()
        });
        let Some((phrase, mark)) = found.into_iter().next() else { break };
        rest.truncate(rest.len() - phrase.split(' ').count());
        marks.extend(mark);
    }
    (marks, rest)
}
