//! A colon in a request: it ends a heading, leads to a value, or says nothing.

use super::{
    super::normalise::Word,
    lead,
    lists::{HOW, LEADS, SPEECH, VALUED},
    third_person, verb,
};

/// A colon ends a heading where a request begins behind it ("OPS-311: restart web"); elsewhere it says nothing.
pub fn colons(words: Vec<Word>) -> Vec<Word> {
    if !words.iter().any(|w| w.is(":")) {
        return words;
    }
    let divides = |at: usize| {
        let valued = at > 0 && VALUED.has(&words[at - 1]);
        let rest = &words[at + 1..];
        let begins = words[..at].iter().rposition(|w| [".", ";"].iter().any(|sign| w.is(sign))).map_or(0, |n| n + 1);
        let speech = words[begins..at].iter().any(|w| SPEECH.has(w));
        !(valued || speech)
            && (verb(rest)
                || lead(rest, LEADS).is_some_and(|n| verb(&rest[n..]))
                || lead(rest, HOW).is_some()
                || third_person(rest, 0).is_some()
                || reworded(rest))
    };
    let kept: Vec<bool> = (0..words.len()).map(|at| !words[at].is(":") || divides(at)).collect();
    words.into_iter().zip(kept).filter(|(_, kept)| *kept).map(|(word, _)| word).collect()
}

/// Whether an order in other words begins there.
fn reworded(rest: &[Word]) -> bool {
    let mut words: Vec<Word> = rest.iter().take_while(|w| !w.is(".") && !w.is(";") && !w.is(":")).cloned().collect();
    let before = words.clone();
    super::reworded::sentence(&mut words);
    words != before && verb(&words)
}
