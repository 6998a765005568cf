//! The words of a step, token by token: phrases are looked for among them, and what was found is taken out as whole tokens.

use super::super::{
    normalise::lowered,
    phrases::{List, Marks},
    tag::{Is, Token},
};
use compact_str::CompactString;
use foldhash::fast::RandomState;
use std::collections::HashSet;

/// The first words of lists of phrases.
pub fn firsts<'a>(lists: impl IntoIterator<Item = &'a List>) -> HashSet<&'static str, RandomState> {
    lists.into_iter().flat_map(List::phrases).filter_map(|phrase| phrase.split(' ').next()).collect()
}

/// One word.
struct One<'a> {
    said: &'a str,
    low: CompactString,
    /// What it was mended to, where it was misspelt.
    mended: Option<&'static str>,
    /// What lists of phrases tell it apart by.
    marks: Marks,
    /// In quotes: a name or a value, and no word of the language.
    quoted: bool,
    /// Of which token.
    token: usize,
}

/// All words of a step.
pub struct Phrases<'a> {
    tokens: &'a [Token],
    words: Vec<One<'a>>,
}

impl<'a> Phrases<'a> {
    pub fn of(tokens: &'a [Token]) -> Phrases<'a> {
        let mut words = Vec::new();
        for (n, token) in tokens.iter().enumerate() {
            let quoted = token.is == Is::Quoted;
            let whole = quoted || token.is == Is::Aside;
            let mended = token.mended.filter(|_| whole || !token.said.contains(' '));
            words.extend(token.said.split(|c| c == ' ' && !whole).map(|said| {
                let low = lowered(said);
                One { said, marks: Marks::of(&low, mended), low, mended, quoted, token: n }
            }));
        }
        Phrases { tokens, words }
    }

    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether the word is that one.
    pub fn is(&self, at: usize, word: &str) -> bool {
        self.words.get(at).is_some_and(|one| !one.quoted && (one.low == word || one.mended == Some(word)))
    }

    /// How many words a phrase takes here; none where it does not stand here.
    pub fn phrase(&self, at: usize, phrase: &str) -> Option<usize> {
        let mut n = 0;
        for word in phrase.split(' ') {
            if !self.is(at + n, word) {
                return None;
            }
            n += 1;
        }
        Some(n)
    }

    /// How many words the longest of these phrases takes here.
    pub fn any(&self, at: usize, phrases: &List) -> Option<usize> {
        let first = self.words.get(at).filter(|one| !one.quoted)?;
        phrases.longest(first.marks, |n, word| self.is(at + n, word))
    }

    /// Whether the word is one of those that phrases begin with.
    pub fn begins(&self, at: usize, firsts: &HashSet<&'static str, RandomState>) -> bool {
        let one = self.words.get(at).filter(|one| !one.quoted);
        one.is_some_and(|one| firsts.contains(one.low.as_str()) || one.mended.is_some_and(|mended| firsts.contains(mended)))
    }

    /// The same, or nothing: where to go on.
    pub fn past(&self, at: usize, phrases: &List) -> usize {
        at + self.any(at, phrases).unwrap_or(0)
    }

    /// A word as it was said.
    pub fn said(&self, at: usize) -> Option<&'a str> {
        self.words.get(at).map(|one| one.said)
    }

    /// A word in lower case.
    pub fn low(&self, at: usize) -> Option<&str> {
        self.words.get(at).map(|one| one.low.as_str())
    }

    /// What the word's token is.
    pub fn token(&self, at: usize) -> Option<&'a Token> {
        self.tokens.get(self.words.get(at)?.token)
    }

    /// Whether these words are whole tokens.
    pub fn whole(&self, at: usize, words: usize) -> bool {
        let begins = at == 0 || self.words.get(at).is_some_and(|one| self.words[at - 1].token != one.token);
        let ends = match (self.words.get(at + words), at + words) {
            (None, end) => end == self.words.len(),
            (Some(next), end) => end > 0 && self.words[end - 1].token != next.token,
        };
        begins && ends
    }

    /// The tokens without those of these stretches of words. What only joined them goes as well.
    pub fn without(&self, gone: &[(usize, usize)]) -> Vec<Token> {
        let taken = |token: usize| {
            let mut words = self.words.iter().enumerate().filter(|(_, one)| one.token == token);
            words.any(|(n, _)| gone.iter().any(|(at, many)| (*at..at + many).contains(&n)))
        };
        let mut left: Vec<Token> = Vec::new();
        let mut after_gap = false;
        for (n, token) in self.tokens.iter().enumerate() {
            if taken(n) {
                after_gap = true;
                continue;
            }
            let joins = matches!(token.is, Is::Comma | Is::Sense(super::Sense::And));
            if joins && (after_gap || taken_next(self.tokens, n, &taken)) {
                continue;
            }
            after_gap = false;
            left.push(token.clone());
        }
        left
    }
}

fn taken_next(tokens: &[Token], n: usize, taken: &impl Fn(usize) -> bool) -> bool {
    tokens.get(n + 1).is_some() && taken(n + 1)
}
