//! Sentences that say the same as an order the grammar knows: "X needs the label a=b", "a service x that routes h/p to port 80 of y",
//! "listen on port 80 locally, forwarding to 8080 in the pod p". Data: `reworded.txt`, one rule a line.
//!
//! A rule is a pattern and what stands there instead. In a pattern a word stands for itself, `a|b` for either, `a|b?` for either or
//! nothing; `<x>` is one word, `<x#>` one that begins with a digit, `<x=>` a `key=value`, `<x/>` a path or a file, `<x@>` a field of a cron schedule,
//! `<x+>` some words up to
//! a sign or the next word of the pattern, `<x*>` the same across commas. `^` and `$` are a sentence's ends. Instead stand words and
//! what was caught; `<x!>` is caught and may only be a name or a value, `<x~>` is
//! one text, as `<x>~<y>` are.
//!
//! Invariant: what a rule catches stands in what it makes of it, so that nothing said is lost.

use super::super::{
    normalise::Word,
    parts::{Part, off},
    phrases::List,
};
use foldhash::fast::RandomState;
use std::{collections::HashMap, sync::LazyLock};

const TEXT: &str = include_str!("reworded.txt");

/// How often a sentence is gone over: one rule may make way for another.
const ROUNDS: usize = 6;

/// What no subject begins with.
const NO_SUBJECT: &List =
    &List::of("so|which|i|we|you|that|and|but|then|because|since|as|if|when|until|unless|while|after|before|to|not|no|,");

/// A kind longer than this may be said in several words.
const LONG: usize = 8;

/// So many words are caught at most.
const MOST: usize = 40;

#[derive(Debug, PartialEq)]
enum Piece {
    /// One of these words; whether it may be left out.
    Words(Vec<String>, bool),
    /// Something that is caught.
    Caught(String, Sort),
    Begin,
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    One,
    Number,
    Pair,
    Path,
    Cron,
    Some,
    Across,
}

#[derive(Debug)]
struct Rule {
    pattern: Vec<Piece>,
    instead: Vec<String>,
    /// Whether it looks at the whole request and not at one sentence.
    whole: bool,
    /// Whether it stands where a sentence begins.
    anchored: bool,
    /// Whether who is spoken of stands there first, and no order.
    spoken_of: bool,
}

/// Rules, in their order, and by which of their words each is found: most requests hold the words of none.
#[derive(Debug)]
struct Rules {
    rules: Vec<Rule>,
    /// By a word, or the beginning of one that may be said in several words, the rules that may be looked for where it stands.
    found_by: HashMap<String, Vec<usize>, RandomState>,
    /// Rules that have no word that must stand there.
    always: Vec<usize>,
}

/// Those for one sentence, and those for a whole request.
static RULES: LazyLock<[Rules; 2]> = LazyLock::new(|| [false, true].map(|whole| Rules::of(TEXT, whole)));

impl Rules {
    fn of(text: &str, whole: bool) -> Rules {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let rules: Vec<Rule> = lines.filter_map(Rule::of).filter(|rule| rule.whole == whole).collect();
        let mut all: Vec<&String> = rules.iter().flat_map(Rule::needs).flatten().collect();
        all.sort_unstable();
        let often = |word: &String| all.partition_point(|w| *w <= word) - all.partition_point(|w| *w < word);
        // Of the words that must stand there those are looked for that the fewest rules have; a long one may be misspelt.
        let may_differ = |word: &String| word.len() > LONG && !word.contains('/');
        let (mut found_by, mut always) = (HashMap::<String, Vec<usize>, RandomState>::default(), Vec::new());
        for (n, rule) in rules.iter().enumerate() {
            let Some(words) = rule.needs().min_by_key(|words| (words.iter().any(may_differ), words.iter().map(often).sum::<usize>()))
            else {
                always.push(n);
                continue;
            };
            for word in words {
                let from = if word.len() > LONG { 1 } else { word.len() };
                let parts = (from..=word.len()).filter_map(|end| word.get(..end));
                parts.for_each(|part| found_by.entry(part.into()).or_default().push(n));
            }
        }
        Rules { found_by, always, rules }
    }

    /// The rules that may fit, in their order.
    fn fitting(&self, words: &[Word]) -> Vec<usize> {
        let known = words.iter().filter(|w| !w.quoted || w.low.contains('/')).filter_map(|w| self.found_by.get(w.low.as_str()));
        let mut found: Vec<usize> = known.flatten().chain(&self.always).copied().collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

impl Rule {
    fn of(line: &str) -> Option<Rule> {
        let (pattern, instead) = line.split_once(" => ")?;
        let pattern: Vec<Piece> = pattern.split_whitespace().map(Piece::of).collect();
        let stops = |piece: &Piece| matches!(piece, Piece::Words(words, _) if words.iter().any(|word| word == "." || word == ":"));
        let instead: Vec<String> = instead.split_whitespace().map(String::from).collect();
        let anchored = pattern.first() == Some(&Piece::Begin);
        let first = pattern.iter().skip(1).find(|piece| !matches!(piece, Piece::Words(_, true)));
        let spoken_of = anchored && matches!(first, Some(Piece::Caught(..)));
        Some(Rule { whole: pattern.iter().any(stops), anchored, spoken_of, pattern, instead })
    }

    /// For each place of the pattern that may not be left out the words of which one has to be there.
    fn needs(&self) -> impl Iterator<Item = &[String]> {
        self.pattern.iter().filter_map(|piece| match piece {
            Piece::Words(words, false) => Some(words.as_slice()),
            Piece::Words(..) | Piece::Caught(..) | Piece::Begin | Piece::End => None,
        })
    }
}

impl Piece {
    fn of(said: &str) -> Piece {
        let caught = said.strip_prefix('<').and_then(|inner| inner.strip_suffix('>'));
        match (said, caught) {
            ("^", _) => Piece::Begin,
            ("$", _) => Piece::End,
            (_, Some(inner)) => {
                let sorts =
                    [('#', Sort::Number), ('=', Sort::Pair), ('/', Sort::Path), ('@', Sort::Cron), ('+', Sort::Some), ('*', Sort::Across)];
                match sorts.iter().find_map(|(sign, sort)| inner.strip_suffix(*sign).map(|name| (name, *sort))) {
                    Some((name, sort)) => Piece::Caught(name.into(), sort),
                    None => Piece::Caught(inner.into(), Sort::One),
                }
            }
            (_, None) => {
                let (words, may) = said.strip_suffix('?').map_or((said, false), |words| (words, true));
                Piece::Words(words.split('|').map(String::from).collect(), may)
            }
        }
    }
}

/// One sentence in the words of an order, where a rule knows it.
pub fn sentence(words: &mut Vec<Word>) {
    put(words, false);
}

/// The same with what is said over several sentences.
pub fn whole(words: &mut Vec<Word>) {
    put(words, true);
}

fn put(words: &mut Vec<Word>, whole: bool) {
    if off(Part::Wording) {
        return;
    }
    let rules = &RULES[usize::from(whole)];
    for _ in 0..ROUNDS {
        let found = rules.fitting(words).into_iter().find_map(|rule| {
            let rule = &rules.rules[rule];
            let may = |at: &usize| {
                (!rule.anchored || begins(words, *at)) && !(rule.spoken_of && (super::verb(&words[*at..]) || NO_SUBJECT.has(&words[*at])))
            };
            (0..words.len()).filter(may).find_map(|at| {
                let mut caught = Vec::new();
                let end = matches(&rule.pattern, words, at, &mut caught)?;
                Some((at, end, instead(rule, words, &caught)))
            })
        });
        let Some((from, to, new)) = found else { return };
        words.splice(from..to, new);
    }
}

/// Whether a sentence begins there, or a clause that an order may stand in: "…, then let it resume".
fn begins(words: &[Word], at: usize) -> bool {
    let before = |n: usize, low: &str| at.checked_sub(n).is_some_and(|at| words[at].is(low));
    at == 0 || sign(&words[at - 1]) || before(1, ",") || before(1, "then") || before(1, "so") || before(1, "and") && before(2, ",")
}

/// Whether a sentence ends there, or a clause behind which another begins.
fn ends(words: &[Word], at: usize) -> bool {
    let goes_on = |next: &Word| ["then", "and", "since", "because", "so"].iter().any(|w| next.is(w));
    words.get(at).is_none_or(|w| sign(w) || w.is(",") && words.get(at + 1).is_some_and(goes_on))
}

/// How many words one of these takes there: a kind may be said in several ("role binding").
fn told(known: &[String], words: &[Word], at: usize) -> Option<usize> {
    // A key with a path is what it is with quotes and without.
    let word = words.get(at).filter(|w| !w.quoted || w.low.contains('/'))?;
    if known.iter().any(|k| word.low == *k || k.len() > LONG && swapped(k, &word.low)) {
        return Some(1);
    }
    if known.iter().all(|k| k.len() <= LONG) {
        return None;
    }
    (2..=3).find(|n| {
        let parts = words.get(at..at + n).filter(|parts| parts.iter().all(|w| !w.quoted));
        let joined = |k: &&String| parts.is_some_and(|parts| k.len() > LONG && parts.iter().map(|w| w.low.as_str()).eq_joined(k));
        known.iter().any(|k| joined(&k))
    })
}

/// Whether two letters side by side changed places, as they do under quick fingers: a long word is known all the same.
fn swapped(known: &str, word: &str) -> bool {
    let (a, b) = (known.as_bytes(), word.as_bytes());
    let Some(at) = a.iter().zip(b).position(|(a, b)| a != b).filter(|at| a.len() == b.len() && at + 1 < a.len()) else { return false };
    a[at] == b[at + 1] && a[at + 1] == b[at] && a[at + 2..] == b[at + 2..]
}

/// Whether parts make up a word.
trait Joined<'a>: Iterator<Item = &'a str> + Sized {
    fn eq_joined(self, whole: &str) -> bool {
        let mut rest = whole;
        for part in self {
            match rest.strip_prefix(part) {
                Some(behind) => rest = behind,
                None => return false,
            }
        }
        rest.is_empty()
    }
}

impl<'a, I: Iterator<Item = &'a str>> Joined<'a> for I {}

fn sign(word: &Word) -> bool {
    [".", ";", ":"].iter().any(|sign| word.is(sign))
}

/// What was caught: by name the words from a place up to another.
type Caught<'r> = Vec<(&'r str, (usize, usize))>;

/// The words that were caught by that name.
fn caught_as(name: &str, caught: &Caught<'_>) -> (usize, usize) {
    caught.iter().rfind(|(known, _)| *known == name).map(|(_, words)| *words).unwrap_or_default()
}

/// Where the pattern ends, if it fits from there on; of several ways the shortest.
fn matches<'r>(pattern: &'r [Piece], words: &[Word], at: usize, caught: &mut Caught<'r>) -> Option<usize> {
    let Some((piece, rest)) = pattern.split_first() else { return Some(at) };
    match piece {
        Piece::Begin => begins(words, at).then(|| matches(rest, words, at, caught))?,
        Piece::End => ends(words, at).then(|| matches(rest, words, at, caught))?,
        Piece::Words(known, may) => {
            let taken = told(known, words, at).and_then(|took| matches(rest, words, at + took, caught));
            taken.or_else(|| if *may { matches(rest, words, at, caught) } else { None })
        }
        Piece::Caught(name, sort) => {
            let fits = |word: &Word| match sort {
                Sort::One => !sign(word) && !word.is(","),
                Sort::Number => word.said.starts_with(|c: char| c.is_ascii_digit()),
                Sort::Pair => word.said.contains('=') && !word.said.starts_with('='),
                Sort::Path => word.said.contains(['/', '.']) && word.said.len() > 1,
                Sort::Cron => word.said.bytes().all(|b| b.is_ascii_digit() || b"*/-,".contains(&b)),
                Sort::Some => !sign(word) && !word.is(","),
                Sort::Across => !sign(word),
            };
            let most = if matches!(sort, Sort::Some | Sort::Across) { MOST } else { 1 };
            let (mut end, before) = (at, caught.len());
            while end - at < most && words.get(end).is_some_and(fits) {
                end += 1;
                caught.truncate(before);
                caught.push((name, (at, end)));
                if let Some(all) = matches(rest, words, end, caught) {
                    return Some(all);
                }
            }
            caught.truncate(before);
            None
        }
    }
}

fn instead(rule: &Rule, words: &[Word], caught: &Caught<'_>) -> Vec<Word> {
    let mut out = Vec::new();
    for said in &rule.instead {
        match said.strip_prefix('<').and_then(|inner| inner.strip_suffix('>')).filter(|inner| !inner.contains('<')) {
            Some(inner) if inner.ends_with('~') => {
                let (from, to) = caught_as(inner.trim_end_matches('~'), caught);
                out.push(as_text(&words[from..to]));
            }
            Some(inner) => {
                let (name, value) = inner.strip_suffix('!').map_or((inner, false), |name| (name, true));
                let (from, to) = caught_as(name, caught);
                out.extend(words[from..to].iter().map(|w| Word { quoted: w.quoted || value, ..w.clone() }));
            }
            // What is put together of two: `<a>:<b>`.
            None if said.contains('<') => {
                let mut text = said.clone();
                for (name, (from, to)) in caught {
                    let value = words[*from..*to].iter().map(|w| w.said.as_str()).collect::<Vec<_>>().join(" ");
                    text = text.replace(&format!("<{name}>"), &value);
                }
                let several = text.contains('~');
                out.push(Word { quoted: several, ..Word::plain(text.replace('~', " ")) });
            }
            None => out.push(Word::plain(said.as_str())),
        }
    }
    out
}

/// Words as one text, such as a command is.
fn as_text(words: &[Word]) -> Word {
    if let [one] = words {
        return Word { quoted: true, ..one.clone() };
    }
    let text = words.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    Word { quoted: true, ..Word::plain(text) }
}

#[cfg(test)]
mod tests {
    use super::{super::super::normalise::with_colons, *};
    use proptest::prelude::*;

    /// Nothing that is caught is lost, and every line is a rule.
    #[test]
    fn what_is_caught_stands_there() {
        for line in TEXT.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let rule = Rule::of(line).unwrap_or_else(|| panic!("no rule: {line}"));
            for piece in &rule.pattern {
                if let Piece::Caught(name, _) = piece {
                    let there = |said: &String| ["", "!", "~"].iter().any(|how| said.contains(&format!("<{name}{how}>")));
                    assert!(rule.instead.iter().any(there), "{name} of: {line}");
                }
            }
        }
    }

    #[test]
    fn letters_that_changed_places() {
        assert!(swapped("container", "contianer") && swapped("container", "containre"));
        assert!(!swapped("container", "container") && !swapped("container", "containers") && !swapped("container", "contxinar"));
    }

    /// What rules are found by hides none: whichever of its words stand there, whole or in several words, it is looked for.
    #[test]
    fn no_rule_is_hidden() {
        for rules in RULES.iter() {
            for (n, rule) in rules.rules.iter().enumerate() {
                for way in 0..8 {
                    let whole: Vec<&str> = rule.needs().map(|words| words[way % words.len()].as_str()).collect();
                    let halves = whole.iter().flat_map(|word| if word.len() > LONG { vec![&word[..4], &word[4..]] } else { vec![*word] });
                    for words in [halves.collect::<Vec<_>>(), whole.clone()] {
                        let words: Vec<Word> = words.into_iter().map(Word::plain).collect();
                        assert!(rules.fitting(&words).contains(&n), "{:?} of {:?}", words, rule.pattern);
                    }
                }
            }
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[a-z0-9 ,.;:=/'\"-]{0,80}") {
            let mut words = with_colons(&text);
            whole(&mut words);
            sentence(&mut words);
        }
    }
}
