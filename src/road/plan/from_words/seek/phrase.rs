//! The words of a step, token by token: phrases are looked for among them, and what was found is taken out as whole tokens.

use super::super::tag::{Is, Token};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{LazyLock, PoisonError, RwLock},
};

/// The phrases of one list by their first words.
#[derive(Default)]
struct List {
    by_first: HashMap<&'static str, Vec<&'static str>>,
    /// The letters that phrases begin with, a bit each: most words are told by that.
    letters: [u64; 4],
}

impl List {
    fn get(&self, first: &str) -> &[&'static str] {
        let letter = first.bytes().next().unwrap_or_default();
        let may = self.letters[usize::from(letter / 64)] & (1 << (letter % 64)) != 0;
        if may { self.by_first.get(first).map_or(&[], Vec::as_slice) } else { &[] }
    }
}

/// The first words of lists of phrases.
pub fn firsts(lists: impl IntoIterator<Item = &'static str>) -> HashSet<&'static str> {
    lists.into_iter().flat_map(|phrases| phrases.split('|')).filter_map(|phrase| phrase.split(' ').next()).collect()
}

/// Every list that was looked into, by where it stands in the program and how long it is: each is taken apart once.
static LISTS: LazyLock<RwLock<BTreeMap<(usize, usize), &'static List>>> = LazyLock::new(RwLock::default);

fn list(phrases: &'static str) -> &'static List {
    let at = (phrases.as_ptr() as usize, phrases.len());
    // Nothing panics under the lock, so a poisoned one still holds whole lists.
    if let Some(known) = LISTS.read().unwrap_or_else(PoisonError::into_inner).get(&at) {
        return known;
    }
    let mut list = List::default();
    for phrase in phrases.split('|') {
        let first = phrase.split(' ').next().unwrap_or_default();
        let letter = first.bytes().next().unwrap_or_default();
        list.letters[usize::from(letter / 64)] |= 1 << (letter % 64);
        list.by_first.entry(first).or_default().push(phrase);
    }
    // As many as this program's text has lists, and no more.
    LISTS.write().unwrap_or_else(PoisonError::into_inner).entry(at).or_insert_with(|| Box::leak(Box::new(list)))
}

/// One word.
struct One<'a> {
    said: &'a str,
    low: String,
    /// What it was mended to, where it was misspelt.
    mended: Option<&'static str>,
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
            let parts: Vec<&str> =
                if quoted || token.is == Is::Aside { vec![token.said.as_str()] } else { token.said.split(' ').collect() };
            let mended = token.mended.filter(|_| parts.len() == 1);
            words.extend(parts.into_iter().map(|said| One { said, low: said.to_lowercase(), mended, quoted, token: n }));
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

    /// The longest of these phrases (parted by `|`) that stands here.
    pub fn any(&self, at: usize, phrases: &'static str) -> Option<usize> {
        let one = self.words.get(at).filter(|one| !one.quoted)?;
        let list = list(phrases);
        let begun = [Some(one.low.as_str()), one.mended].into_iter().flatten().flat_map(|first| list.get(first));
        begun.filter_map(|phrase| self.phrase(at, phrase)).max()
    }

    /// Whether the word is one of those that phrases begin with.
    pub fn begins(&self, at: usize, firsts: &HashSet<&'static str>) -> bool {
        let one = self.words.get(at).filter(|one| !one.quoted);
        one.is_some_and(|one| firsts.contains(one.low.as_str()) || one.mended.is_some_and(|mended| firsts.contains(mended)))
    }

    /// The same, or nothing: where to go on.
    pub fn past(&self, at: usize, phrases: &'static str) -> usize {
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
