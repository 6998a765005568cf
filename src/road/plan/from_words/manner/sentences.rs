//! Sentences that are no orders by their form, and order something: headings, questions for what logs say, purposes.

use super::{
    super::{lexicon, normalise::Word, stems},
    fits, one_verb, third_person, verb,
};

/// "Lists all pods of a namespace": documentation says what a command does.
pub fn tells_what_it_does(words: &mut [Word]) {
    let Some(stem) = third_person(words, 0).map(String::from) else { return };
    // "restarts of web", "logs": nouns.
    let noun =
        words.get(1).is_none_or(|w| ["of", "per", "in", "by", "from", "for", "and", "or", "count", "on", ","].iter().any(|n| w.is(n)));
    let means = lexicon::phrase(|i| (i == 0).then_some(words[0].low.as_str())).is_some();
    if !(noun || means) {
        words[0].low = stem.into();
    }
}

/// "What do the logs of web say?" is "show the logs of web".
pub fn what_does_it_say(words: &mut Vec<Word>) {
    const ENDS: &[&str] = &["look like", "say", "contain", "print", "show", "hold"];
    let asks = fits(words, "what does").or_else(|| fits(words, "what do"));
    let end = ENDS.iter().find_map(|end| {
        let at = words.len().checked_sub(end.split_whitespace().count())?;
        fits(&words[at..], end).map(|_| at)
    });
    // "what does the field x of a pod mean"
    if asks.is_some() && words.len() > 4 && words.last().is_some_and(|w| w.is("mean")) && words.iter().any(|w| w.is("field")) {
        words.pop();
        words.remove(1);
        words[0].low = "explain".into();
        return;
    }
    if let (Some(2), Some(end)) = (asks, end.filter(|end| *end > 3)) {
        words.truncate(end);
        words.remove(1);
        words[0].low = "show".into();
    }
}

/// "Clean up by deleting service web": how it is done is what is asked for.
pub fn by_doing(words: &mut Vec<Word>) {
    const PURPOSES: &[&str] = &["clean", "check", "verify", "test", "enable", "confirm", "ensure", "finish", "find", "mark"];
    if !words.first().is_some_and(|w| PURPOSES.iter().any(|p| w.is(p))) {
        return;
    }
    let Some(by) = (1..words.len().saturating_sub(2)).find(|at| words[*at].is("by") && words[at + 1].low.ends_with("ing")) else { return };
    let mut rest = words[by + 1..].to_vec();
    heading(&mut rest);
    // "by listing them": who they are was said before.
    if verb(&rest) && !["it", "them"].iter().any(|it| rest[1].is(it)) {
        *words = rest;
    }
}

/// "Assuming that metrics are there, autoscale web": what is supposed is no part of the request, where a verb stands behind the comma.
pub fn supposed(words: &mut Vec<Word>) {
    if !words.first().is_some_and(|w| ["assuming", "given", "supposing"].iter().any(|s| w.is(s))) {
        return;
    }
    if let Some(comma) = words.iter().position(|w| w.is(",")).filter(|comma| verb(&words[comma + 1..])) {
        words.drain(..=comma);
    }
}

/// "Getting the logs of web" is "get the logs of web". A word that means something itself is left: "running pods".
pub fn heading(words: &mut [Word]) {
    let Some(first) = words.first().filter(|w| !w.quoted) else { return };
    let article = words.get(1).is_some_and(|w| ["a", "an", "the"].iter().any(|article| w.is(article)));
    let (Some(stem), false) = (first.low.strip_suffix("ing"), one_verb(&first.low)) else { return };
    let means = lexicon::phrase(|i| (i == 0).then_some(first.low.as_str())).is_some();
    if means && !article {
        return;
    }
    let found = stems::of(stem).find(|stem| one_verb(stem));
    if let Some(verb) = found {
        words[0].low = verb.into();
    }
}

/// "… What is the command?" at the end.
pub fn ends_with_how(words: &mut Vec<Word>) -> bool {
    const ENDS: &[&str] =
        &["what is the command", "what is the kubectl command", "what command do i use", "how", "how do i do that", "how do i do this"];
    let ends = |end: &&str| {
        let at = words.len().checked_sub(end.split_whitespace().count())?;
        let parted = at > 1 && [".", ","].iter().any(|sign| words[at - 1].is(sign));
        fits(&words[at..], end).filter(|_| parted).map(|_| at)
    };
    let Some(at) = ENDS.iter().find_map(ends) else { return false };
    words.truncate(at - 1);
    true
}

/// "To see the status of web, run the following": what is behind the comma says only that it is run.
pub fn to_do_so(words: &mut Vec<Word>) {
    if !words.first().is_some_and(|w| w.is("to")) || words.len() < 3 {
        return;
    }
    match words.iter().position(|w| w.is(",")) {
        Some(comma) if small_rest(&words[comma + 1..]) => {
            words.truncate(comma);
            words.remove(0);
        }
        // "To tidy up, delete web": what it is for.
        Some(comma) if verb(&words[comma + 1..]) => drop(words.drain(..=comma)),
        None if verb(&words[1..]) => drop(words.remove(0)),
        Some(_) | None => {}
    }
}

/// "run the following", "you can use this command".
fn small_rest(rest: &[Word]) -> bool {
    const SMALL: &[&str] = &[
        "run",
        "use",
        "execute",
        "type",
        "enter",
        "you",
        "can",
        "the",
        "following",
        "this",
        "command",
        "kubectl",
        "do",
        "these",
        "issue",
        "below",
        "we",
        "it",
    ];
    rest.iter().all(|w| SMALL.iter().any(|s| w.is(s)))
}
