//! Lists of phrases that are looked for at a word: which words one of them may begin with is worked out when the program is built, so that
//! most words are told apart from a list by two bits.

use super::normalise::Word;

/// Phrases, parted by `|`; the words of one by a space.
#[derive(Debug)]
pub struct List {
    text: &'static str,
    /// The marks of the words that a phrase begins with, shelf by shelf.
    begins: [u32; SHELVES],
    /// Between which places of the text the phrases of a shelf stand.
    stands: [(u16, u16); SHELVES],
}

/// A list that stands in the program's text.
macro_rules! list {
    ($text:expr) => {
        const { &$crate::road::plan::from_words::phrases::List::of($text) }
    };
}
pub(super) use list;

/// Words are told apart by the shelf they stand on first.
const SHELVES: usize = 16;

/// What tells a word from most others: its shelf, and two bits there. Two words may share them, so they only tell which words are *not* the same.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Mark {
    shelf: u8,
    letter: u8,
    bits: u32,
}

/// The marks of a word: of the word itself, and of what it was mended to, where it was misspelt.
#[derive(Debug, Clone, Copy)]
pub struct Marks([Mark; 2]);

impl Marks {
    /// Of a word.
    pub fn of(word: &str, mended: Option<&str>) -> Marks {
        let mark = |word: &str| mark_of(word.as_bytes(), 0, word.len());
        let itself = mark(word);
        Marks([itself, mended.map_or(itself, mark)])
    }
}

/// The mark of the word between these places of a text.
const fn mark_of(text: &[u8], at: usize, end: usize) -> Mark {
    if end == at {
        return Mark { shelf: 0, letter: 0, bits: u32::MAX };
    }
    // A few letters tell most words apart; a hash over all of them costs more than it saves. The factor is 2^32 over the golden ratio.
    let letters = [text[at], text[at + (end - at) / 2], text[end - 1], (end - at) as u8];
    let hash = u32::from_le_bytes(letters).wrapping_mul(0x9E37_79B1);
    Mark { shelf: (hash >> 28) as u8, letter: text[at], bits: (1 << ((hash >> 23) & 31)) | (1 << ((hash >> 18) & 31)) }
}

/// Where a word ends that begins at `at`: at `|`, a space, or the end.
const fn end_of(text: &[u8], at: usize) -> usize {
    let mut end = at;
    while end < text.len() && text[end] != b'|' && text[end] != b' ' {
        end += 1;
    }
    end
}

/// Where a phrase ends of which a letter stands at `at`.
const fn end_of_phrase(text: &[u8], at: usize) -> usize {
    let mut end = at;
    while end < text.len() && text[end] != b'|' {
        end += 1;
    }
    end
}

impl List {
    /// Of a text.
    pub const fn of(text: &'static str) -> List {
        let bytes = text.as_bytes();
        assert!(bytes.len() < u16::MAX as usize, "places are counted in 16 bits");
        let (mut begins, mut stands, mut at) = ([0; SHELVES], [(0, 0); SHELVES], 0);
        while at < bytes.len() {
            let end = end_of(bytes, at);
            let mark = mark_of(bytes, at, end);
            let shelf = mark.shelf as usize;
            let phrase_ends = end_of_phrase(bytes, end);
            if begins[shelf] == 0 {
                stands[shelf].0 = at as u16;
            }
            begins[shelf] |= mark.bits;
            stands[shelf].1 = phrase_ends as u16;
            at = phrase_ends + 1;
        }
        List { text, begins, stands }
    }

    /// Each phrase.
    pub fn phrases(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.text.split('|')
    }

    /// Whether a word that is not quoted is one of them.
    pub fn has(&self, word: &Word) -> bool {
        !word.quoted && self.holds(&word.low)
    }

    /// The same of a word in lower case, in quotes or not.
    pub fn holds(&self, low: &str) -> bool {
        self.longest(Marks::of(low, None), |n, one| n == 0 && low == one).is_some()
    }

    /// How many words the longest phrase takes whose words all stand where `is` looks. `marks` are those of the first word.
    #[inline]
    pub fn longest(&self, Marks([itself, mended]): Marks, is: impl Fn(usize, &str) -> bool) -> Option<usize> {
        let found = self.longest_of(itself, &is);
        if mended == itself { found } else { found.max(self.longest_of(mended, &is)) }
    }

    #[inline]
    fn longest_of(&self, mark: Mark, is: &impl Fn(usize, &str) -> bool) -> Option<usize> {
        let shelf = usize::from(mark.shelf);
        // Most words begin no phrase of a list.
        if self.begins[shelf] & mark.bits == mark.bits { self.longest_on(shelf, mark.letter, is) } else { None }
    }

    #[inline(never)]
    fn longest_on(&self, shelf: usize, letter: u8, is: &impl Fn(usize, &str) -> bool) -> Option<usize> {
        let (from, to) = self.stands[shelf];
        let text = &self.text[usize::from(from)..usize::from(to)];
        let bytes = text.as_bytes();
        let (mut best, mut at) = (None, 0);
        while at < bytes.len() {
            let end = end_of_phrase(bytes, at);
            if bytes[at] == letter {
                let mut many = 0;
                let stands = text[at..end].split(' ').all(|word| {
                    many += 1;
                    is(many - 1, word)
                });
                if stands {
                    best = best.max(Some(many));
                }
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
