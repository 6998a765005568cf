//! Words of everyday English that name no object and narrow nothing. A look at objects that is understood but for them is what was
//! asked for; for a change they count as not understood, like any other word.

use super::{normalise::Word, tag::kind_of};
use foldhash::fast::RandomState;
use std::{collections::HashSet, sync::LazyLock};

/// The words. None that chooses among objects (`old`, `unused`, `other`, `big`) or says when.
const WORDS: &str = "about|app|application|actually|additional|again|already|also|altogether|anyway|basically|bit|briefly|bunch|case|come|comes|contents|correctly|\
    currently|deployed|does|doing|else|etc|exactly|exist|existing|exists|find|following|friendly|full|glance|go|going|good|got|\
    great|happen|happening|hello|here|hey|hi|idea|including|information|info|interested|involved|itself|jump|kind|kinds|kindly|\
    know|lately|learn|let|like|listing|live|living|look|looking|looks|made|matter|maybe|mean|meanwhile|moment|names|near|nice|\
    nicely|now|obtain|once|only|order|out|overview|particular|perhaps|picture|please|present|presently|probably|properly|quick|\
    quickly|quite|rather|really|regarding|relevant|report|reside|respective|right|running|see|seen|several|simply|situation|sort|\
    such|sure|take|telling|thank|thanks|their|thing|things|think|together|try|trying|understand|up|use|used|useful|user-friendly|\
    various|very|view|want|wanted|way|well|wonder|wondering|work|works|would|yet|defined|configured|set|available|visible|known|\
    inside|contain|contains|contained|hold|holds|show|shown|sitting|sits|stuff|list|given|quickest|possible|able|me|us|guys|team|\
    everyone|folks|just|some|support|supports|served|serve|hosted|hosts|lives|resides|located|hang|hanging|around|over|there";

static KNOWN: LazyLock<HashSet<&'static str, RandomState>> = LazyLock::new(|| WORDS.split('|').collect());

/// Whether a word is one of them.
pub fn is(word: &str) -> bool {
    KNOWN.contains(word.to_lowercase().as_str())
}

/// The words without those, where there are any that may be left out. What is quoted or stands where a name stands is kept.
pub fn without(words: &[Word]) -> Option<(Vec<Word>, Vec<String>)> {
    let names = |at: usize| {
        at.checked_sub(1).map(|before| &words[before]).is_some_and(|before| {
            ["named", "called", "namespace", "ns", "container"].iter().any(|w| before.is(w))
                || kind_of(&before.low).is_some_and(|(_, plural)| !plural)
        }) || words.get(at + 1).is_some_and(|next| {
            // "in hello namespace", and not "in the existing namespace dev"
            ["namespace", "ns"].iter().any(|w| next.is(w)) && words.get(at + 2).is_none_or(|w| !w.said.starts_with(char::is_alphanumeric))
        })
    };
    let passes = |at: usize| !words[at].quoted && KNOWN.contains(words[at].low.as_str()) && !names(at);
    let (left, kept): (Vec<usize>, Vec<usize>) = (0..words.len()).partition(|at| passes(*at));
    (!left.is_empty() && !kept.is_empty())
        .then(|| (kept.into_iter().map(|at| words[at].clone()).collect(), left.into_iter().map(|at| words[at].to_string()).collect()))
}
