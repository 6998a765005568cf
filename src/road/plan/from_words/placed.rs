//! Namespaces that are called like a word of the language: "restart shop in release", "the pods in the live namespace". Where a word
//! stands that only a namespace's name can be, it is a name, whatever it means elsewhere.
//!
//! Invariant: a word is only ever made a name, never taken away: what is not read as a place is not lost with it.

use super::{
    lexicon::{self, Act, Sense},
    normalise::Word,
    phrases::list,
};

/// Makes names of the words that stand where a namespace is named.
pub fn named(words: &mut [Word]) {
    for at in 0..words.len() {
        if before_the_noun(words, at) || behind_in(words, at) {
            words[at].quoted = true;
        }
    }
}

/// "in the live namespace": between an article and the noun, which leads on to nothing that could be a name.
fn before_the_noun(words: &[Word], at: usize) -> bool {
    let noun = words.get(at + 1).is_some_and(|w| list!("namespace|ns").has(w));
    let led = at.checked_sub(1).is_some_and(|n| list!("the|my|our|in|from|inside|within|into|of|to|for").has(&words[n]));
    let ends = words.get(at + 2).is_none_or(|w| sign(w) || leads_on(w));
    noun && led && ends && content(&words[at]).is_some()
}

/// "in live", where the place ends there.
fn behind_in(words: &[Word], at: usize) -> bool {
    let led = at.checked_sub(1).is_some_and(|n| list!("in|inside|within").has(&words[n]));
    if !led || !words.get(at + 1).is_none_or(|w| sign(w) || leads_on(w)) {
        return false;
    }
    // "in use", "in order": a phrase of its own.
    let whole = lexicon::phrase(|i| words.get(at - 1 + i).filter(|w| !w.quoted).map(|w| w.low.as_str()));
    if whole.is_some_and(|(n, _)| n > 1) {
        return false;
    }
    match content(&words[at]) {
        Some(Sense::Topic(Act::Logs | Act::Events | Act::Status | Act::History)) => false,
        Some(Sense::Role("env" | "command" | "files" | "port" | "path")) => false,
        Some(
            Sense::Tag
            | Sense::Last
            | Sense::First
            | Sense::Previous
            | Sense::Given(..)
            | Sense::Role(_)
            | Sense::Topic(_)
            | Sense::Replicas
            | Sense::Goal(_)
            | Sense::Act(_)
            | Sense::Alter(_)
            | Sense::Foreign
            | Sense::Docker
            | Sense::Advise
            | Sense::Probe
            | Sense::Value
            | Sense::Type
            | Sense::Revision,
        ) => true,
        Some(_) => list!("remote|local|today|now|us|shared|public|internal|external").has(&words[at]),
        None => false,
    }
}

/// What a single word means, if it may be a namespace's name besides.
fn content(word: &Word) -> Option<Sense> {
    let name = !word.quoted && word.low.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') && !small(word);
    let (_, sense) = lexicon::phrase(|i| (i == 0 && name).then_some(word.low.as_str()))?;
    Some(sense)
}

fn small(word: &Word) -> bool {
    list!(
        "a|an|the|this|that|these|those|same|new|all|every|each|any|some|its|his|her|their|my|our|your|own|whole|entire|current|other|\
         another|one|two|three|both|single|right|existing|given|named|called|which|what|whose|of|in|on|for|to|from|and|or|not|no|my|it|them|\
         active|present|specific|specified|last|previous"
    )
    .has(word)
}

fn sign(word: &Word) -> bool {
    [",", ".", ";", ":", "(", ")", "?"].iter().any(|sign| word.is(sign))
}

/// What stands behind a place: the sentence goes on, and not with a name.
fn leads_on(word: &Word) -> bool {
    list!(
        "and|or|then|with|without|by|that|which|who|is|are|was|were|has|have|does|do|did|to|for|from|on|at|as|since|where|whose|sorted|ordered|\
         using|use|uses|because|so|if|but|please|now|again|crashing|failing|crashes|fails|broken|down|up|slow|not|keeps|keep|need|needs|should|must|can|\
         will|consume|consumes|restart|restarts|running|pending|ready|healthy"
    )
    .has(word)
}

#[cfg(test)]
mod tests {
    use super::{super::normalise::normalise, *};

    #[test]
    fn words_that_are_names_there() {
        for (text, want) in [
            ("restart shop in release", "restart shop in \"release\""),
            ("scale shop to 4 in the release namespace", "scale shop to 4 in the \"release\" namespace"),
            ("which pod in live uses the most memory", "which pod in \"live\" uses the most memory"),
            ("show pods in metrics", "show pods in \"metrics\""),
            ("show the pods in json", "show the pods in json"),
            ("errors in logs of web", "errors in logs of web"),
            ("images in use", "images in use"),
            ("pods in pending", "pods in pending"),
            ("pods in the same namespace", "pods in the same namespace"),
            ("create a new namespace", "create a new namespace"),
            ("set image in the namespace dev", "set image in the namespace dev"),
        ] {
            let mut words = normalise(text);
            named(&mut words);
            assert_eq!(words.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "), want, "{text}");
        }
    }
}
