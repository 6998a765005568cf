//! How a request is put: "how do I …", "what is the command to …", "this command lists …", "… using kubectl". What is asked for
//! is left, and whether the person asked how. A heading is a request as well: "Getting the logs of web".
//!
//! Invariant: only what leads to a verb of the language is taken away, so that "how does web work" stays a question.

use super::{
    lexicon::{self, Sense},
    normalise::Word,
    parts::{Part, off},
    wording,
};

/// Words as they are left, and whether it was asked how something is done.
#[derive(Debug, PartialEq, Eq)]
pub struct Put {
    pub words: Vec<Word>,
    pub asks_how: bool,
}

/// Ways to ask how; `*` stands for any one word.
const HOW: &[&str] = &[
    "how do *",
    "how can *",
    "how can i best",
    "looking for a way to",
    "i am looking for a way to",
    "can you tell me how to",
    "could you tell me how to",
    "what is the best way to",
    "is there some way to",
    "how could *",
    "how would *",
    "how should *",
    "how to",
    "how does one",
    "how might *",
    "what is the command to",
    "what is the * command to",
    "what is the command for",
    "what is the * command for",
    "what command do i use to",
    "which command do i use to",
    "what is the way to",
    "what is the * way to",
    "what is a good way to",
    "is there a way to",
    "is there any way to",
    "is there a command to",
    "is it possible to",
    "is there an easy way to",
    "show me how to",
    "tell me how to",
    "show how to",
    "explain how to",
    "where can *",
    "command to",
    "the command to",
    "a command to",
    "kubectl command to",
    "the kubectl command to",
];

/// What leads to a request and says nothing of it.
const LEADS: &[&str] = &[
    "you can also",
    "you can",
    "you may",
    "you should",
    "one may",
    "one can",
    "we can",
    "we need to",
    "we want to",
    "we have to",
    "i need to",
    "i have to",
    "i want to",
    "i wanna",
    "i would like to",
    "we would like to",
    "i would want to",
    "i like to",
    "i got to",
    "i gotta",
    "we must",
    "you need to",
    "you have to",
    "can you help me",
    "let us now",
    "let us",
    "next up",
    "so",
    "ok",
    "okay",
    "ok so",
    "alright",
    "well",
    "hmm",
    "hey",
    "yo",
    "pls",
    "first of all",
    "second",
    "third",
    "lastly",
    "after that",
    "we now",
    "we then",
    "we",
    "it is time to",
    "i am trying to",
    "i try to",
    "trying to",
    "need to",
    "want to",
    "help me to",
    "help me",
    "go ahead and",
    "remember to",
    "do not forget to",
    "make sure to",
    "be sure to",
    "use kubectl to",
    "use the kubectl command to",
    "use a command to",
    "time to",
    "please",
    "now",
    "next",
    "first",
    "finally",
    "afterwards",
    "then",
    "again",
    "once more",
    "here we",
    "here you",
    "kubectl",
    "kubernetes",
    "k8s",
    "in kubernetes",
    "quickly",
    "just",
    "manually",
    "temporarily",
    "simply",
    "also",
];

/// Behind these a verb stands in the third person: "this command lists the pods".
const COMMANDS: &[&str] = &[
    "this kubectl command",
    "this command",
    "the following command",
    "the command below",
    "the following",
    "a command that",
    "command that",
];

/// What may stand anywhere and says only with what.
const MEANS: &[&str] = &[
    "by using kubectl",
    "by means of kubectl",
    "using kubectl",
    "with kubectl",
    "via kubectl",
    "through kubectl",
    "using the kubectl command",
    "using a kubectl command",
    "with a kubectl command",
    "with one kubectl command",
    "with a single kubectl command",
    "with a single command",
    "with one command",
    "in a single command",
    "in one command",
    "in kubernetes",
    "on kubernetes",
    "in k8s",
    "from the command line",
    "on the command line",
    "from the terminal",
    "using the command line",
    "from the cli",
    "in one go",
    "in a single step",
];

/// Before a colon these lead to a value: "command: get pods".
const VALUED: &[&str] = &[
    "label",
    "labels",
    "annotation",
    "annotations",
    "name",
    "image",
    "command",
    "port",
    "ports",
    "namespace",
    "verbs",
    "verb",
    "resources",
    "key",
    "keys",
    "value",
    "values",
    "env",
    "schedule",
    "error",
    "message",
    "args",
    "arguments",
];

/// Before a colon these lead to what somebody else said, and that is no request.
const SPEECH: &[&str] = &[
    "say",
    "says",
    "said",
    "tell",
    "tells",
    "told",
    "write",
    "writes",
    "wrote",
    "read",
    "reads",
    "log",
    "logs",
    "message",
    "error",
    "output",
    "text",
    "comment",
    "note",
    "prompt",
    "instruction",
    "instructions",
    "approved",
    "approves",
    "orders",
    "ordered",
    "wants",
    "asks",
    "asked",
    "quote",
    "reply",
    "answer",
    "echo",
    "print",
    "prints",
];

/// A colon ends a heading where a request begins behind it ("OPS-311: restart web"); elsewhere it says nothing.
fn colons(words: Vec<Word>) -> Vec<Word> {
    let divides = |at: usize| {
        let valued = at > 0 && VALUED.iter().any(|noun| words[at - 1].is(noun));
        let rest = &words[at + 1..];
        let begins = words[..at].iter().rposition(|w| [".", ";"].iter().any(|sign| w.is(sign))).map_or(0, |n| n + 1);
        let speech = words[begins..at].iter().any(|w| SPEECH.iter().any(|says| w.is(says)));
        !(valued || speech)
            && (verb(rest)
                || lead(rest, LEADS).is_some_and(|n| verb(&rest[n..]))
                || lead(rest, HOW).is_some()
                || third_person(rest, 0).is_some())
    };
    let kept: Vec<bool> = (0..words.len()).map(|at| !words[at].is(":") || divides(at)).collect();
    words.into_iter().zip(kept).filter(|(_, kept)| *kept).map(|(word, _)| word).collect()
}

/// Takes the way of asking away, sentence by sentence.
pub fn put(words: Vec<Word>) -> Put {
    let mut words = colons(words);
    if off(Part::Manner) {
        return Put { words, asks_how: false };
    }
    let before = words.clone();
    let mut asks_how = ends_with_how(&mut words);
    let ends = |w: &Word| [".", ":", ";"].iter().any(|sign| w.is(sign));
    let mut out: Vec<Word> = Vec::with_capacity(words.len());
    for sentence in words.split_inclusive(ends) {
        let (body, end) = match sentence.split_last() {
            Some((end, body)) if ends(end) => (body, Some(end)),
            _ => (sentence, None),
        };
        let (body, how) = sentence_put(body.to_vec());
        asks_how |= how;
        out.extend(body);
        out.extend(end.cloned());
    }
    // Nothing left is nothing asked.
    if out.iter().all(ends) { Put { words: before, asks_how: false } } else { Put { words: out, asks_how } }
}

fn sentence_put(mut words: Vec<Word>) -> (Vec<Word>, bool) {
    let mut asks_how = false;
    for phrase in MEANS {
        while let Some((at, n)) = (1..words.len()).find_map(|at| fits(&words[at..], phrase).map(|n| (at, n))) {
            words.drain(at..at + n);
        }
    }
    to_do_so(&mut words);
    loop {
        if let Some((n, true)) = lead(&words, HOW).map(|n| (n, verb(&words[n..]))) {
            words.drain(..n);
            asks_how = true;
        } else if let Some(n) = lead(&words, COMMANDS).filter(|n| third_person(&words, *n).is_some()) {
            words[n].low = third_person(&words, n).unwrap_or_default().to_string();
            words.drain(..n);
        } else if let Some(n) = lead(&words, LEADS).filter(|n| {
            let rest = &words[*n + usize::from(words.get(*n).is_some_and(|w| w.is(",")))..];
            verb(rest) || lead(rest, HOW).is_some()
        }) {
            words.drain(..n);
        } else {
            break;
        }
        while words.first().is_some_and(|w| w.is(",")) {
            words.remove(0);
        }
    }
    supposed(&mut words);
    by_doing(&mut words);
    what_does_it_say(&mut words);
    heading(&mut words);
    tells_what_it_does(&mut words);
    wording::plainly(&mut words);
    (words, asks_how)
}

/// "Lists all pods of a namespace": documentation says what a command does.
fn tells_what_it_does(words: &mut [Word]) {
    let Some(stem) = third_person(words, 0).map(String::from) else { return };
    // "restarts of web", "logs": nouns.
    let noun =
        words.get(1).is_none_or(|w| ["of", "per", "in", "by", "from", "for", "and", "or", "count", "on", ","].iter().any(|n| w.is(n)));
    let means = lexicon::phrase(|i| (i == 0).then_some(words[0].low.as_str())).is_some();
    if !(noun || means) {
        words[0].low = stem;
    }
}

/// "What do the logs of web say?" is "show the logs of web".
fn what_does_it_say(words: &mut Vec<Word>) {
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
fn by_doing(words: &mut Vec<Word>) {
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
fn supposed(words: &mut Vec<Word>) {
    if !words.first().is_some_and(|w| ["assuming", "given", "supposing"].iter().any(|s| w.is(s))) {
        return;
    }
    if let Some(comma) = words.iter().position(|w| w.is(",")).filter(|comma| verb(&words[comma + 1..])) {
        words.drain(..=comma);
    }
}

/// How many words a phrase takes at the beginning; of several the longest.
fn lead(words: &[Word], phrases: &[&str]) -> Option<usize> {
    phrases.iter().filter_map(|phrase| fits(words, phrase)).max()
}

/// How many words a phrase takes, if it stands where the words begin.
pub(super) fn fits(words: &[Word], phrase: &str) -> Option<usize> {
    let mut n = 0;
    for part in phrase.split_whitespace() {
        let word = words.get(n).filter(|w| !w.quoted)?;
        if part != "*" && word.low != part {
            return None;
        }
        n += 1;
    }
    Some(n)
}

/// Whether a verb begins there.
fn verb(words: &[Word]) -> bool {
    let word = |i: usize| words.get(i).filter(|w| !w.quoted).map(|w| w.low.as_str());
    let known = |at: usize| lexicon::phrase(|i| word(at + i)).is_some_and(|(_, sense)| is_verb(&sense));
    // "how do I quickly list …"
    known(0) || words.len() > 2 && word(0).is_some_and(|w| w.ends_with("ly")) && known(1)
}

fn is_verb(sense: &Sense) -> bool {
    matches!(
        sense,
        Sense::Act(_)
            | Sense::Alter(_)
            | Sense::Show
            | Sense::Want
            | Sense::Label
            | Sense::Mark
            | Sense::Halt
            | Sense::Start
            | Sense::Probe
            | Sense::Given("follow", _)
    )
}

fn one_verb(word: &str) -> bool {
    lexicon::phrase(|i| (i == 0).then_some(word)).is_some_and(|(_, sense)| is_verb(&sense))
}

/// "lists" of "list", where it is a verb of the language.
fn third_person(words: &[Word], at: usize) -> Option<&str> {
    let low = words.get(at).filter(|w| !w.quoted)?.low.as_str();
    let regular = [low.strip_suffix('s'), low.strip_suffix("es")].into_iter().flatten().find(|stem| one_verb(stem));
    // "copies", "applies"
    let in_y = || {
        low.strip_suffix("ies")
            .and_then(|stem| ["apply", "copy", "verify", "modify", "deny"].into_iter().find(|v| v.strip_suffix('y') == Some(stem)))
    };
    regular.or_else(in_y)
}

/// "Getting the logs of web" is "get the logs of web". A word that means something itself is left: "running pods".
fn heading(words: &mut [Word]) {
    let Some(first) = words.first().filter(|w| !w.quoted) else { return };
    let article = words.get(1).is_some_and(|w| ["a", "an", "the"].iter().any(|article| w.is(article)));
    let (Some(stem), false) = (first.low.strip_suffix("ing"), one_verb(&first.low)) else { return };
    let means = lexicon::phrase(|i| (i == 0).then_some(first.low.as_str())).is_some();
    if means && !article {
        return;
    }
    let mut doubled = stem.chars().rev();
    let single = match (doubled.next(), doubled.next()) {
        (Some(last), Some(before)) if last == before => stem.strip_suffix(last),
        _ => None,
    };
    let stems = [Some(stem.to_string()), Some(format!("{stem}e")), single.map(String::from)];
    if let Some(verb) = stems.into_iter().flatten().find(|stem| one_verb(stem)) {
        words[0].low = verb;
    }
}

/// "… What is the command?" at the end.
fn ends_with_how(words: &mut Vec<Word>) -> bool {
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
fn to_do_so(words: &mut Vec<Word>) {
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

#[cfg(test)]
mod tests {
    use super::{super::normalise::normalise, *};

    fn show(text: &str) -> (String, bool) {
        let put = put(normalise(text));
        (put.words.iter().map(|w| if w.quoted { w.to_string() } else { w.low.clone() }).collect::<Vec<_>>().join(" "), put.asks_how)
    }

    #[test]
    fn what_is_asked_for() {
        for (text, want, how) in [
            ("How do I list the pods?", "list the pods", true),
            ("how to restart web in Kubernetes", "restart web", true),
            ("kubectl: how do I delete pod web-1?", "delete pod web-1", true),
            ("I want to expose web on port 80. What's the command?", "expose web on port 80", true),
            ("To see the rollout status of web, run the following.", "see the rollout status of web", false),
            ("This kubectl command lists all pods", "list all pods", false),
            ("Getting the logs of web", "get the logs of web", false),
            ("Approving the csr x", "approve the csr x", false),
            ("running pods in dev", "running pods in dev", false),
            ("Running an nginx pod", "run an nginx pod", false),
            ("how does web work", "how does web work", false),
            ("how do services work", "how do services work", false),
            ("scale \"how to\" to 3", "scale \"how to\" to 3", false),
            ("list pods using kubectl", "list pods", false),
        ] {
            assert_eq!(show(text), (want.to_string(), how), "{text}");
        }
    }
}
