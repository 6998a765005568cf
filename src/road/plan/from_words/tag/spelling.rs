//! Words of the trade that are misspelt, as they were meant; names are left alone.

use super::{
    super::{
        lexicon::{self, Sense},
        normalise::Word,
        typos,
    },
    Is,
    kinds::{kind_of, kind_phrase, said_of_a_kind},
    shape::shape,
};
use crate::ops::Kind;

/// The words as they were meant, where one of the trade is misspelt, and which was mended to what. A name's place is left alone, and a
/// verb is mended only where a verb may stand, or where it is a part of a phrase ("sorted by resatrt count").
pub(super) fn spelt(mut words: Vec<Word>) -> (Vec<Word>, Vec<Option<&'static str>>) {
    let mut mended = vec![None; words.len()];
    for at in 0..words.len() {
        let before_kind = || {
            at > 0
                && ["the", "my", "our"].iter().any(|det| words[at - 1].is(det))
                && kind_phrase(&words, at + 1).is_some_and(|(_, plural, _)| !plural)
        };
        if words[at].quoted || known(&words[at].low) || names_place(&words, at) || before_kind() {
            continue;
        }
        // "deplomyents.v1.apps"
        if let Some((kind, rest)) = words[at].low.split_once('.')
            && let Some(word) = typos::mend(kind)
            && Kind::find(word).is_some()
        {
            let whole = compact_str::format_compact!("{word}.{rest}");
            if Kind::find(&whole).is_some() {
                words[at].low = whole;
                mended[at] = Some(word);
            }
            continue;
        }
        let Some(word) = typos::mend(&words[at].low) else { continue };
        let verb = |sense: &Sense| matches!(sense, Sense::Act(_) | Sense::Alter(_) | Sense::Show | Sense::Foreign);
        let alone = lexicon::phrase(|i| (i == 0).then_some(word)).is_some_and(|(_, sense)| verb(&sense));
        let said = std::mem::replace(&mut words[at].low, word.into());
        if alone && !verb_place(&words[..at]) && !within_a_phrase(&words, at) {
            words[at].low = said;
        } else {
            mended[at] = Some(word);
        }
    }
    (words, mended)
}

/// Whether a word means something as it stands.
fn known(low: &str) -> bool {
    lexicon::has(low) || Kind::find(low).is_some() || said_of_a_kind(low).is_some() || shape(low, low) != Is::Word
}

/// Whether a phrase of several words holds the one at that place.
fn within_a_phrase(words: &[Word], at: usize) -> bool {
    (at.saturating_sub(3)..=at).any(|from| {
        lexicon::phrase(|i| words.get(from + i).filter(|w| !w.quoted).map(|w| w.low.as_str())).is_some_and(|(n, _)| n > 1 && from + n > at)
    })
}

/// Whether a step may begin there.
fn verb_place(before: &[Word]) -> bool {
    let small = |w: &Word| {
        [",", ".", ";"].iter().any(|sign| w.is(sign))
            || lexicon::phrase(|i| (i == 0).then_some(w.low.as_str()))
                .is_some_and(|(_, sense)| matches!(sense, Sense::Then | Sense::And | Sense::Filler | Sense::Det))
    };
    let parts = |w: &Word| !matches!(w.low.as_str(), "a" | "an" | "the") && small(w);
    before.last().is_none_or(parts) || before.iter().all(small)
}

/// Behind a kind in the singular, `named` or `container` stands a name, and behind `in` a namespace; names are never mended.
fn names_place(words: &[Word], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).map(|i| &words[i]).filter(|w| !w.quoted) else { return false };
    let followed =
        words.get(at + 1).is_some_and(|next| next.quoted || shape(&next.said, &next.low) == Is::Word && !lexicon::has(&next.low));
    match before.low.as_str() {
        "named" | "called" | "container" => true,
        "in" => !followed,
        low => kind_of(low).is_some_and(|(_, plural)| !plural) && kind_phrase(words, at - 1).is_some_and(|(_, _, n)| n == 1),
    }
}
