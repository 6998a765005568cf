//! A walk over the words of a step, from the left to the right: what is read is passed, what is not is left where it is.

use super::super::{
    fill,
    normalise::{Word, lowered, normalise},
    phrases::{List, Marks, list},
    tag::{self, Is, Token},
};
use crate::{
    ops::{Kind, parts::Port},
    terms::duration::GoDuration,
};
use compact_str::CompactString;
use std::rc::Rc;

/// One word.
#[derive(Clone)]
struct One {
    said: CompactString,
    low: CompactString,
    /// What it was mended to, where it was misspelt.
    mended: Option<&'static str>,
    quoted: bool,
    /// What lists of phrases tell it apart by.
    marks: Marks,
    /// The kind it begins to say: whether in the plural, and in how many words.
    kind: Option<(Kind, bool, usize)>,
    /// `kind/name`.
    slashed: Option<(Kind, CompactString)>,
}

/// Where the reading stands.
#[derive(Clone)]
pub struct Walk {
    words: Rc<[One]>,
    at: usize,
}

/// Small words that are no names.
const SMALL: &List = &List::of(
    "a|an|the|to|of|in|on|at|for|from|with|and|or|by|as|that|which|is|are|be|it|its|into|onto|only|all|any|every|each|not|no|if|when|then|via|using|\
     named|called|under|has|having|have|so|but|without|between|through|mounted|mount|mounts|mounting|uses|contains|add|attach|this|these|both",
);

/// What stands behind a name, and behind no article.
const BEHIND_A_NAME: &[&str] = &["of", "in", "to", "with", "(", ",", "and", "for", "using", "running", "on", "at"];

/// Numbers in words.
const NUMBERS: &[&str] = &["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

impl Walk {
    /// Of the tokens of a step; what stands in brackets is read as well.
    pub fn of(tokens: &[Token]) -> Walk {
        let mut words = Vec::with_capacity(tokens.len() * 2);
        for token in tokens {
            if token.is == Is::Aside {
                let inside = token.said.trim_start_matches('(').trim_end_matches(')');
                words.push(One::plain("("));
                for inner in tag::tag(&normalise(inside)) {
                    push(&mut words, &inner);
                }
                words.push(One::plain(")"));
            } else {
                push(&mut words, token);
            }
        }
        Walk { words: words.into(), at: 0 }
    }

    pub fn done(&self) -> bool {
        self.at >= self.words.len()
    }
    pub fn at(&self) -> usize {
        self.at
    }
    /// Passes a word, whatever it is.
    pub fn skip(&mut self) -> Option<&str> {
        let word = self.words.get(self.at)?;
        self.at += 1;
        Some(&word.said)
    }
    fn is(&self, at: usize, word: &str) -> bool {
        self.words.get(at).is_some_and(|one| !one.quoted && (one.low == word || one.mended == Some(word)))
    }
    /// How many words the longest of these phrases takes here.
    pub fn sees(&self, phrases: &List) -> Option<usize> {
        self.sees_at(self.at, phrases)
    }
    /// The same behind the word that stands here.
    pub fn sees_next(&self, phrases: &List) -> Option<usize> {
        self.sees_at(self.at + 1, phrases)
    }
    fn sees_at(&self, at: usize, phrases: &List) -> Option<usize> {
        let first = self.words.get(at).filter(|one| !one.quoted)?;
        phrases.longest(first.marks, |n, word| self.is(at + n, word))
    }
    /// Passes a word.
    pub fn eat_word(&mut self, word: &str) -> bool {
        let there = self.is(self.at, word);
        self.at += usize::from(there);
        there
    }
    /// Passes the longest of these phrases.
    pub fn eat(&mut self, phrases: &List) -> bool {
        let n = self.sees(phrases);
        self.at += n.unwrap_or(0);
        n.is_some()
    }
    /// Reads a whole phrase, or stands where it stood.
    pub fn attempt<T>(&mut self, read: impl FnOnce(&mut Walk) -> Option<T>) -> Option<T> {
        let at = self.at;
        let read = read(self);
        if read.is_none() {
            self.at = at;
        }
        read
    }
    /// One of the lead-ins, and what has to stand behind it.
    pub fn led<T>(&mut self, leads: &List, read: impl FnOnce(&mut Walk) -> Option<T>) -> Option<T> {
        self.attempt(|w| if w.eat(leads) { read(w) } else { None })
    }

    fn word(&self) -> Option<&One> {
        self.words.get(self.at)
    }
    /// A word that `read` understands.
    pub fn one<T>(&mut self, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let read = read(&self.word()?.said)?;
        self.at += 1;
        Some(read)
    }
    /// A name: a word of their form that is no small word and no sign.
    pub fn name(&mut self) -> Option<String> {
        let word = self.word()?;
        // "container a of web"
        let letter = word.low == "a" && self.words.get(self.at + 1).is_none_or(|next| BEHIND_A_NAME.contains(&next.low.as_str()));
        let small = || !word.quoted && !letter && SMALL.holds(&word.low);
        let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let legal = edge(word.said.chars().next())
            && edge(word.said.chars().next_back())
            && word.said.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
        if !legal || small() {
            return None;
        }
        let said = word.said.to_string();
        self.at += 1;
        Some(said)
    }
    /// What stands in quotes.
    pub fn quoted(&mut self) -> Option<String> {
        let said = self.word().filter(|word| word.quoted)?.said.to_string();
        self.at += 1;
        Some(said)
    }
    /// A whole number.
    pub fn number(&mut self) -> Option<u32> {
        let low = &self.word()?.low;
        let n = low.parse().ok().or_else(|| NUMBERS.iter().position(|n| n == low).and_then(|n| u32::try_from(n).ok()))?;
        self.at += 1;
        Some(n)
    }
    /// A path.
    pub fn path(&mut self) -> Option<String> {
        self.one(|said| (said.starts_with('/') && !said.contains(char::is_whitespace)).then(|| said.to_string()))
    }
    /// `key=value`.
    pub fn pair(&mut self) -> Option<(String, String)> {
        self.one(|said| {
            let (key, value) = said.split_once('=')?;
            (!key.is_empty() && !key.ends_with('!')).then(|| (key.to_string(), value.to_string()))
        })
    }
    /// A port's number; its name only where `port` was said.
    pub fn port(&mut self, by_name: bool) -> Option<Port> {
        if let Some(n) = self.one(|said| said.trim_start_matches(':').parse::<u16>().ok().filter(|n| *n > 0)) {
            return Some(Port::Number(n));
        }
        if !by_name {
            return None;
        }
        self.attempt(Walk::name).filter(|name| name.len() <= 15 && name.bytes().any(|b| b.is_ascii_alphabetic())).map(Port::Named)
    }
    /// So many seconds: `10`, `10s`, `10 seconds`, `1m`.
    pub fn seconds(&mut self) -> Option<u32> {
        if let Some(n) = self.number() {
            if self.eat(list!("minutes|minute|min|mins")) {
                return n.checked_mul(60);
            }
            self.eat(list!("seconds|second|secs|sec|s"));
            return Some(n);
        }
        self.one(|said| {
            let whole = said.parse::<GoDuration>().ok()?.to_std()?;
            (whole.subsec_nanos() == 0).then(|| u32::try_from(whole.as_secs()).ok())?
        })
    }
    /// A kind of object, and whether it was said in the plural.
    pub fn kind(&mut self) -> Option<(Kind, bool)> {
        let (kind, plural, words) = self.word()?.kind?;
        self.at += words;
        Some((kind, plural))
    }
    /// A schedule in words: `every 5 minutes`, `daily at 14:30`.
    pub fn schedule(&mut self) -> Option<String> {
        let behind: Vec<Word> = self.words[self.at..].iter().take(5).map(|one| Word::plain(one.said.as_str())).collect();
        let tokens = tag::tag(&behind);
        let (cron, took) = fill::schedule(&tokens)?;
        self.at += tokens[..took].iter().map(|token| token.said.split(' ').count()).sum::<usize>();
        Some(cron)
    }
    /// Whether an image is said next.
    pub fn says_image(&self) -> bool {
        self.sees(list!("with image|using image|image|running|using|from image|with the image|runs")).is_some()
    }
    /// `kind/name`.
    pub fn slashed(&mut self) -> Option<(Kind, String)> {
        let (kind, name) = self.word()?.slashed.clone()?;
        self.at += 1;
        Some((kind, name.into()))
    }
}

impl One {
    fn plain(said: &str) -> One {
        let low = lowered(said);
        One { said: said.into(), marks: Marks::of(&low, None), low, mended: None, quoted: false, kind: None, slashed: None }
    }
}

/// Fields of Kubernetes' that people write as `field=5`; the sign is opened.
const FIELDS: &[&str] = &[
    "initialdelayseconds",
    "periodseconds",
    "timeoutseconds",
    "failurethreshold",
    "successthreshold",
    "runasuser",
    "runasgroup",
    "fsgroup",
    "runasnonroot",
    "readonlyrootfilesystem",
    "allowprivilegeescalation",
    "privileged",
    "image",
    "port",
    "path",
    "maxskew",
    "replicas",
    "mountpath",
    "subpath",
    "name",
    "storage",
    "storageclass",
    "storageclassname",
    "hostpath",
    "restartpolicy",
    "serviceaccountname",
    "priorityclassname",
    "effect",
    "topologykey",
    "command",
];

fn push(words: &mut Vec<One>, token: &Token) {
    let quoted = token.is == Is::Quoted;
    if quoted {
        words.push(One { quoted, ..One::plain(&token.said) });
        return;
    }
    if let (Is::Pair(_), Some((key, value))) = (&token.is, token.said.split_once('='))
        && FIELDS.contains(&key.to_lowercase().as_str())
    {
        words.extend([One::plain(key), One::plain(value)]);
        return;
    }
    let parts = || token.said.split(' ').filter(|part| !part.is_empty());
    let many = parts().count();
    for (n, part) in parts().enumerate() {
        let mut one = One::plain(part);
        one.mended = token.mended.filter(|_| many == 1);
        if one.mended.is_some() {
            one.marks = Marks::of(&one.low, one.mended);
        }
        if n == 0 {
            one.kind = match &token.is {
                Is::Kind(kind, plural) => Some((*kind, *plural, many)),
                _ => None,
            };
            one.slashed = match &token.is {
                Is::Slashed(kind, name) => Some((*kind, name.clone())),
                _ => None,
            };
        }
        words.push(one);
    }
}
