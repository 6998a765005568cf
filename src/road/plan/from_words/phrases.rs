//! Lists of phrases that are looked for at a word: which words one of them may begin with is worked out when the program is built, so that
//! most words are told apart from a list by two bits.

use super::normalise::Word;

/// Phrases, parted by `|`; the words of one by a space.
#[derive(Debug)]
pub struct List {
    text: &'static str,
    /// The marks of the words that a phrase begins with.
    begins: u128,
}

/// A list that stands in the program's text.
macro_rules! list {
    ($text:expr) => {
        const { &$crate::road::plan::from_words::phrases::List::of($text) }
    };
}
pub(super) use list;

/// Two bits for a word: two words may share them, so it only tells which words are *not* the same.
pub(super) const fn mark(word: &str) -> u128 {
    mark_of(word.as_bytes(), 0).0
}

/// The marks of a word: of the word itself, and of what it was mended to, where it was misspelt.
#[derive(Debug, Clone, Copy)]
pub struct Marks([u128; 2]);

impl Marks {
    /// Of a word.
    pub fn of(word: &str, mended: Option<&str>) -> Marks {
        let itself = mark(word);
        Marks([itself, mended.map_or(itself, mark)])
    }
}

/// The mark of the word that begins at `at`, and where it ends: at `|`, a space, or the end.
const fn mark_of(text: &[u8], at: usize) -> (u128, usize) {
    let mut end = at;
    while end < text.len() && text[end] != b'|' && text[end] != b' ' {
        end += 1;
    }
    if end == at {
        return (1, end);
    }
    // A few letters tell most words apart; a hash over all of them costs more than it saves. The factor is 2^32 over the golden ratio.
    let letters = [text[at], text[at + (end - at) / 2], text[end - 1], (end - at) as u8];
    let hash = u32::from_le_bytes(letters).wrapping_mul(0x9E37_79B1);
    ((1 << (hash >> 25)) | (1 << ((hash >> 18) & 127)), end)
}

impl List {
    /// Of a text.
    pub const fn of(text: &'static str) -> List {
        let bytes = text.as_bytes();
        let (mut begins, mut at) = (0, 0);
        while at <= bytes.len() {
            let (mark, mut end) = mark_of(bytes, at);
            begins |= mark;
            while end < bytes.len() && bytes[end] != b'|' {
                end += 1;
            }
            at = end + 1;
        }
        List { text, begins }
    }

    /// Each phrase.
    pub fn phrases(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.text.split('|')
    }

    /// Whether a word that is not quoted is one of them.
    pub fn has(&self, word: &Word) -> bool {
        !word.quoted && self.longest(Marks::of(&word.low, None), |n, one| n == 0 && word.low == one).is_some()
    }

    /// How many words the longest phrase takes whose words all stand where `is` looks. `marks` are those of the first word.
    pub fn longest(&self, Marks(marks): Marks, is: impl Fn(usize, &str) -> bool) -> Option<usize> {
        if marks.iter().all(|mark| self.begins & mark != *mark) {
            return None;
        }
        let bytes = self.text.as_bytes();
        let (mut best, mut at) = (None, 0);
        while at <= bytes.len() {
            let (mark, mut end) = mark_of(bytes, at);
            let mut all = marks.contains(&mark) && is(0, &self.text[at..end]);
            let mut n = 1;
            while end < bytes.len() && bytes[end] == b' ' {
                let from = end + 1;
                end = from;
                while end < bytes.len() && bytes[end] != b'|' && bytes[end] != b' ' {
                    end += 1;
                }
                all = all && is(n, &self.text[from..end]);
                n += 1;
            }
            if all {
                best = best.max(Some(n));
            }
            at = end + 1;
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_longest_phrase_is_taken() {
        let list = List::of("a|a b|c d");
        let looked = |words: &'static [&'static str]| list.longest(Marks::of(words[0], None), move |n, word| words.get(n) == Some(&word));
        assert_eq!(looked(&["a", "b"]), Some(2));
        assert_eq!(looked(&["a", "c"]), Some(1));
        assert_eq!(looked(&["c"]), None);
        assert_eq!(looked(&["b"]), None);
    }

    proptest! {
        /// What a list is told apart by never hides a phrase of it.
        #[test]
        fn no_phrase_is_hidden(phrases in prop::collection::vec("[a-z-]{1,8}( [a-z]{1,4}){0,2}", 1..20)) {
            let text: &'static str = Box::leak(phrases.join("|").into_boxed_str());
            let list = List::of(text);
            for phrase in &phrases {
                let words: Vec<&str> = phrase.split(' ').collect();
                prop_assert!(list.longest(Marks::of(words[0], None), |n, word| words.get(n) == Some(&word)) >= Some(words.len()), "{phrase}");
            }
        }
    }
}
