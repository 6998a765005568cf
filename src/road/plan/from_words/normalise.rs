//! First step: a text becomes words. Quotes keep what is in them together, contractions are opened, punctuation that divides
//! stands alone, politeness is dropped. Nothing is guessed here: spelling is looked at in the next step.

use super::{
    expressions, lexicon,
    parts::{Part, off},
    phrases::{List, Marks},
};
use compact_str::{CompactString, format_compact};
use std::fmt;

/// One word, or one sign that divides (`,` `;` `.` `(` `)`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// As it was said.
    pub said: CompactString,
    /// In lower case, as words are compared.
    pub low: CompactString,
    /// Whether it stood in quotes: then it is a name or a value, never a word of the language.
    pub quoted: bool,
}

impl Word {
    /// A word as it stands.
    pub fn plain(said: impl Into<CompactString>) -> Word {
        let said = said.into();
        Word { low: lowered(&said), said, quoted: false }
    }
    /// Whether it is that sign or word of the language.
    pub fn is(&self, low: &str) -> bool {
        !self.quoted && self.low == low
    }
}

/// A word in lower case.
pub fn lowered(word: &str) -> CompactString {
    // Most words are of English: those are lowered where they stand.
    if word.is_ascii() {
        let mut low = CompactString::from(word);
        low.make_ascii_lowercase();
        return low;
    }
    CompactString::from_str_to_lowercase(word)
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.quoted {
            true if self.said.contains('"') => write!(f, "'{}'", self.said),
            true => write!(f, "\"{}\"", self.said),
            false => f.write_str(&self.said),
        }
    }
}

/// Phrases that ask nicely and say nothing.
const POLITE: &List = &List::of(
    "i would like you to|i want you to|i need you to|i would like to|would you mind|thank you|can you|could you|would you|will you|can we|could we|\
     let us|please|pls|plz|kindly|thanks|hey|hi|hello",
);

/// Behind these words a key and its value may be written as YAML has them: "the annotation owner: marketing".
const KEYED: &[&str] = &["label", "labels", "labelled", "labeled", "annotation", "annotations", "selector"];

/// Words as they stand in `text`, in order. An expression is one word, in quotes.
pub fn normalise(text: &str) -> Vec<Word> {
    let mut words = with_colons(text);
    words.retain(|w| w.quoted || !w.is(":"));
    // What a colon held apart stands together now.
    let leads = words.iter().take_while(|w| w.is(",")).count();
    words.drain(..leads);
    while words.last().is_some_and(|w| [",", ".", ";"].iter().any(|sign| w.is(sign))) {
        words.pop();
    }
    equated(words)
}

/// The same, and where a colon ended a word it stands as one of its own.
pub fn with_colons(text: &str) -> Vec<Word> {
    let Some((at, expression)) = expressions::first(text) else { return plainly(text) };
    let mut words = plainly(&text[..at.start]);
    let said = CompactString::from(expression.to_string());
    words.push(Word { low: said.to_lowercase(), said, quoted: true });
    words.extend(with_colons(&text[at.end..]));
    words
}

fn plainly(text: &str) -> Vec<Word> {
    let straight: Vec<char> = text.chars().map(straighten).collect();
    let mut words = Vec::new();
    let mut at = 0;
    while at < straight.len() {
        let c = straight[at];
        if c.is_whitespace() || c.is_control() {
            at += 1;
        } else if let Some((inside, next)) = quoted(&straight, at) {
            // note="a value"
            if let Some(key) =
                words.pop_if(|w: &mut Word| !w.quoted && w.said.ends_with('=') && w.said.len() > 1 && at > 0 && straight[at - 1] == '=')
            {
                let pair = format_compact!("{}{inside}", key.said);
                words.push(Word { low: pair.to_lowercase(), said: pair, quoted: true });
                at = next;
                continue;
            }
            words.push(Word { low: inside.to_lowercase(), said: inside, quoted: true });
            // "web"'s image
            let possessive = straight[next..].starts_with(&['\'', 's']) && straight.get(next + 2).is_none_or(|c| !c.is_alphanumeric());
            at = next + if possessive { 2 } else { 0 };
        } else if matches!(c, ',' | ';' | '(' | ')') {
            words.push(Word::plain(c.encode_utf8(&mut [0; 4]) as &str));
            at += 1;
        } else {
            let end = straight[at..].iter().position(|c| ends_word(*c)).map_or(straight.len(), |n| at + n);
            // A quote that opens behind `=` belongs to the word: key="a value".
            let word = straight[at..end.max(at + 1)].iter().collect::<CompactString>();
            let keys = word.ends_with(':') && words.last().is_some_and(|w| KEYED.iter().any(|known| w.is(known)));
            push_word(&word, &mut words);
            if keys {
                words.push(Word::plain("="));
            } else if word.ends_with(':') && word.contains(char::is_alphanumeric) {
                words.push(Word::plain(":"));
            }
            at = end.max(at + 1);
        }
    }
    polite(signs(equated(words)))
}

/// Behind these, as before a value, a colon says nothing: "labels: app=web".
fn signs(words: Vec<Word>) -> Vec<Word> {
    let mut out: Vec<Word> = Vec::with_capacity(words.len());
    let last = words.len().saturating_sub(1);
    for (at, word) in words.into_iter().enumerate() {
        let flag = out.last().is_some_and(|before| before.said.starts_with('-'));
        match word.low.as_str() {
            _ if word.quoted => out.push(word),
            ":" if at == last => {}
            "-" | "\u{2013}" | "\u{2014}" | "--" if !flag && at > 0 && at < last => out.push(Word::plain(",")),
            "+" if at > 0 && at < last => out.push(Word::plain("and")),
            _ => out.push(word),
        }
    }
    out
}

/// `key = value` as the pair it is.
fn equated(words: Vec<Word>) -> Vec<Word> {
    let mut out: Vec<Word> = Vec::with_capacity(words.len());
    let mut rest = words.into_iter().peekable();
    while let Some(word) = rest.next() {
        let sign = word.is("=")
            && out
                .last()
                .is_some_and(|key| key.said.starts_with(char::is_alphanumeric) && !key.said.contains(['=', ' ', ',', '(', ')', ';']));
        match rest.next_if(|value| sign && value.said.starts_with(char::is_alphanumeric) && !value.said.contains(['=', ',', '(', ')', ';']))
        {
            Some(value) => {
                let key = out.pop().map_or_else(CompactString::default, |key| key.said);
                let pair = format_compact!("{key}={}", value.said);
                out.push(Word { low: pair.to_lowercase(), said: pair, quoted: value.quoted });
            }
            None => out.push(word),
        }
    }
    out
}

fn straighten(c: char) -> char {
    match c {
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{ab}' | '\u{bb}' => '"',
        '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{b4}' => '\'',
        c => c,
    }
}

fn ends_word(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, ',' | ';' | '(' | ')' | '"')
}

/// What stands in the quotes that open here, and where to go on. An apostrophe opens only where a word may begin and closes
/// only where one may end.
fn quoted(text: &[char], at: usize) -> Option<(CompactString, usize)> {
    let open = text[at];
    if !matches!(open, '"' | '\'' | '`') {
        return None;
    }
    // Bounded: a request's names are short, and an unclosed quote must not make reading slow.
    let close = text[at + 1..].iter().take(300).enumerate().position(|(i, c)| {
        *c == open && i > 0 && text.get(at + 2 + i).is_none_or(|next| open == '"' || next.is_whitespace() || !next.is_alphanumeric())
    })?;
    let inside: String = text[at + 1..at + 1 + close].iter().map(|c| if c.is_whitespace() || c.is_control() { ' ' } else { *c }).collect();
    // What is left can be written in one sort of quotes, so that it reads back as it is.
    let both = inside.contains('"') && inside.contains('\'');
    let inside: String = inside.chars().filter(|c| *c != open && !(both && *c == '"')).collect();
    let inside = inside.trim();
    (!inside.is_empty() && !inside.chars().all(|c| "\"'`".contains(c))).then(|| (inside.into(), at + close + 2))
}

fn push_word(word: &str, out: &mut Vec<Word>) {
    let ends = word.ends_with(['?', '!']) && word.chars().any(char::is_alphanumeric) && kind_words(out);
    let word = word.trim_matches(around);
    if let Some((inside, behind)) = emphasised(word) {
        let known = lexicon::has(&inside.to_lowercase());
        out.push(Word { quoted: !known, ..Word::plain(inside) });
        if behind.contains(':') {
            out.push(Word::plain(":"));
        } else if behind.contains('.') {
            out.push(Word::plain("."));
        }
        return;
    }
    let bare = word.trim_end_matches(['.', ':', '?', '!', '\'', '\u{2026}']);
    // A request that is put as a question ends there, and so does a greeting.
    let stop = word.len() > bare.len() && word[bare.len()..].contains(['.', '\u{2026}']) || ends && !bare.is_empty();
    // "./x" and "." are paths; a word of signs alone is kept so that it counts as not understood.
    let bare = if bare.is_empty() { "" } else { bare };
    opened(bare, &mut |part| {
        // Inside a word it is the gap of a run's short name (`0199…7c2e`), which is no letter of a name.
        let part = if part.contains('\u{2026}') { part.replace('\u{2026}', "...").into() } else { CompactString::from(part) };
        if !part.is_empty() {
            out.push(Word::plain(part));
        }
    });
    if stop {
        out.push(Word::plain("."));
    }
}

/// `*web*`, `**web**:` as markup has it, and what stands behind; a name or a value, as in quotes, unless it is a word of the language.
fn emphasised(word: &str) -> Option<(&str, &str)> {
    let inner = word.trim_end_matches(['.', ':', '?', '!']);
    let behind = &word[inner.len()..];
    let inside = inner.trim_matches('*');
    let stars = |n: usize| (1..=2).contains(&n);
    let (before, after) = (inner.len() - inner.trim_start_matches('*').len(), inner.len() - inner.trim_end_matches('*').len());
    // "**Name:**"
    let named = inside.trim_end_matches(':');
    let fits = !named.is_empty()
        && stars(before)
        && before == after
        && !named.contains('*')
        && !named.ends_with(['=', '/', '.'])
        && !named.starts_with(['/', '.']);
    fits.then_some((named, if named.len() < inside.len() { ":" } else { behind }))
}

/// Whether the sentence so far is courtesy: "could you …", "thanks for your help".
fn kind_words(out: &[Word]) -> bool {
    let from = out.iter().rposition(|w| [".", ";"].iter().any(|sign| w.is(sign))).map_or(0, |at| at + 1);
    let said = &out[from..];
    let any = |at: usize, list: &[&str]| said.get(at).is_some_and(|w| list.iter().any(|known| w.is(known)));
    let asks = (1..said.len()).any(|at| any(at - 1, &["could", "can", "would", "will", "might", "may"]) && any(at, &["you", "i"]));
    let greets = said.len() <= 6 && any(0, &["thanks", "thank", "many", "good", "dear", "sorry", "hello", "hi", "hey"]);
    asks || greets
}

/// Contractions and possessives as the words they stand for, those inside them as well (`a's's`).
fn opened(word: &str, take: &mut dyn FnMut(&str)) {
    let word = word.trim_matches(around).trim_end_matches(['.', ':', '?', '!', '\'', '\u{2026}']);
    match opened_once(word) {
        Some(parts) => parts.iter().for_each(|part| opened(part, take)),
        None => take(word),
    }
}

/// What stands around a word and is no part of it.
fn around(c: char) -> bool {
    matches!(c, '"' | '\'' | '`' | '?' | '!' | '\u{2026}')
}

/// `None` where the word is none. Each part is shorter than the word, or a word that opens no further.
fn opened_once(word: &str) -> Option<Vec<CompactString>> {
    let low = lowered(word);
    let whole: Option<&[&str]> = match low.as_str() {
        "won't" | "wont" => Some(&["will", "not"]),
        "can't" | "cant" | "cannot" => Some(&["can", "not"]),
        "dont" => Some(&["do", "not"]),
        "doesnt" => Some(&["does", "not"]),
        "isnt" => Some(&["is", "not"]),
        "i'd" => Some(&["i", "would"]),
        "i'm" => Some(&["i", "am"]),
        "let's" | "lets" => Some(&["let", "us"]),
        "whats" => Some(&["what", "is"]),
        "hows" => Some(&["how", "is"]),
        "gimme" => Some(&["give", "me"]),
        // Small words as fingers mistype them; none of them is a name.
        "teh" | "hte" => Some(&["the"]),
        "shwo" | "sohw" | "hsow" => Some(&["show"]),
        "waht" | "wath" => Some(&["what"]),
        "wich" | "whcih" | "hwich" => Some(&["which"]),
        "adn" => Some(&["and"]),
        "wiht" | "wtih" => Some(&["with"]),
        "frmo" => Some(&["from"]),
        "pls" | "plz" | "plese" => Some(&["please"]),
        "u" => Some(&["you"]),
        "nod" => Some(&["node"]),
        "desc" => Some(&["describe"]),
        "wanna" => Some(&["want", "to"]),
        "gonna" => Some(&["going", "to"]),
        "cpu/memory" | "cpu/mem" => Some(&["cpu", "and", "memory"]),
        _ => None,
    };
    if let Some(words) = whole {
        return Some(words.iter().map(|w| CompactString::from(*w)).collect());
    }
    if let Some(base) = low.strip_suffix("n't").filter(|b| !b.is_empty()) {
        return Some(vec![base.into(), "not".into()]);
    }
    for (ending, opens) in [("'ll", "will"), ("'re", "are"), ("'ve", "have"), ("'d", "would")] {
        if let Some(base) = low.strip_suffix(ending).filter(|b| !b.is_empty()) {
            return Some(vec![base.into(), opens.into()]);
        }
    }
    if let Some(base) = low.strip_suffix("'s").filter(|b| !b.is_empty()) {
        let is = ["what", "that", "it", "who", "where", "how", "here", "there", "why", "which"].contains(&base);
        let said = word[..word.len() - 2].into();
        return Some(if is { vec![said, "is".into()] } else { vec![said] });
    }
    None
}

fn polite(words: Vec<Word>) -> Vec<Word> {
    if off(Part::Politeness) {
        return words;
    }
    let mut out: Vec<Word> = Vec::with_capacity(words.len());
    let mut at = 0;
    while at < words.len() {
        let first = &words[at];
        let asks = POLITE.longest(Marks::of(&first.low, None), |n, part| words.get(at + n).is_some_and(|w| w.is(part)));
        // "can you …" asks nicely where a sentence begins; "what can you do" does not.
        let anywhere = asks == Some(1) && !["hey", "hi", "hello"].iter().any(|greets| first.is(greets));
        let begins = || out.last().is_none_or(|w| [",", ".", ";", ":", "and", "then", "so"].iter().any(|s| w.is(s)));
        match asks.filter(|_| anywhere || begins()) {
            Some(n) => at += n,
            None => {
                out.push(first.clone());
                at += 1;
            }
        }
    }
    // A sign that divides nothing is no sign.
    while out.first().is_some_and(|w| [",", ".", ";"].iter().any(|s| w.is(s))) {
        out.remove(0);
    }
    while out.last().is_some_and(|w| [",", ".", ";"].iter().any(|s| w.is(s))) {
        out.pop();
    }
    // What was left between may have become polite now ("can, you"): once more until it stands still.
    if out.len() < words.len() { polite(out) } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn show(text: &str) -> String {
        normalise(text).iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn words_as_people_type_them() {
        for (text, want) in [
            ("Could you please scale the backend to 3?", "scale the backend to 3"),
            ("what's wrong in todo-chatbot", "what is wrong in todo-chatbot"),
            ("Don't restart web!", "Do not restart web"),
            ("Scale a replica set named 'foo' to 3.", "Scale a replica set named \"foo\" to 3"),
            ("set deployment nginx-deployment's image", "set deployment nginx-deployment image"),
            ("pods,services", "pods , services"),
            ("Wrong. Delete everything.", "Wrong . Delete everything"),
            ("\u{201c}web\u{201d} logs", "\"web\" logs"),
            ("nodes (add '-o wide')", "nodes ( add \"-o wide\" )"),
            ("", ""),
            ("please", ""),
            ("a's's pods", "a pods"),
            ("scale *hr-app* to 3", "scale \"hr-app\" to 3"),
            ("a pod with *redis:alpine* image.", "a pod with \"redis:alpine\" image"),
            ("delete *all* pods", "delete all pods"),
            ("set image *=nginx on web", "set image *=nginx on web"),
        ] {
            assert_eq!(show(text).replace("do not", "Do not"), want, "{text}");
        }
    }

    proptest! {
        #[test]
        fn it_is_idempotent(text in "[a-zA-Z0-9 '\".,;:?!()/=-]{0,60}") {
            let once = normalise(&text);
            let printed = once.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
            prop_assert_eq!(normalise(&printed), once, "{}", printed);
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _ = normalise(&text);
        }
    }
}
