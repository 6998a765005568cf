//! Whether a text answers the question that stands open, and what becomes of the request then.
//!
//! Invariants: a yes never says which; a text with a verb of its own is a request, and no answer; what does not fit is asked about
//! once more, in other words.

use super::{
    decide::{self, Decision},
    fill,
    follow_up::{bare, has_a_verb, ordinal},
    lexicon::Sense,
    normalise::{Word, normalise},
    slots::{Amount, Given, Object, Slots, looks_like_tag},
    tag::{self, Is, Token},
    thread::{Edit, Lean, Said, Thread},
};
use crate::{
    ops::{Program, WITHHELD, argv},
    road::plan::{Question, talk::Open},
};

/// What a text is to an open question.
#[derive(Debug)]
pub enum Answered {
    /// An answer: the request goes on so.
    Request(Thread),
    /// The question is left.
    Dropped,
    /// It does not fit; this is asked once more.
    AskAgain(Open),
    /// No answer: a request of its own.
    No,
}

const DROPS: &[&str] = &[
    "never mind",
    "nevermind",
    "nvm",
    "cancel",
    "cancel that",
    "cancel it",
    "forget it",
    "forget that",
    "forget about it",
    "stop",
    "no",
    "nope",
    "none",
    "none of them",
    "none of those",
    "neither",
    "abort",
    "skip it",
    "skip",
    "nothing",
    "leave it",
    "leave that",
    "drop it",
    "not now",
    "do nothing",
    "stop it",
    "no never mind",
    "no forget it",
    "ok never mind",
    "oh never mind",
    "actually never mind",
    "quit",
    "n",
    "let it be",
];
const YES: &[&str] = &[
    "yes",
    "y",
    "yeah",
    "yep",
    "yup",
    "sure",
    "ok",
    "okay",
    "do it",
    "go",
    "go ahead",
    "yes do it",
    "of course",
    "right",
    "correct",
    "fine",
    "true",
    "confirm",
    "apply",
    "proceed",
    "yes go ahead",
    "yes yes",
    "please do",
];

/// Small words before an answer that say nothing.
const BEFORE: &[&str] = &[
    "to",
    "the",
    "a",
    "an",
    "it is",
    "it's",
    "that is",
    "i meant",
    "i mean",
    "make it",
    "set it to",
    "use",
    "take",
    "with",
    "of",
    "for",
    "in",
    "called",
    "named",
    "name is",
    "the name is",
    "call it",
    "number",
    "no.",
    "option",
    "choice",
    "just",
    "only",
    "say",
    "let us say",
    "well",
    "oh",
    "then",
    "on",
    "from",
    "by",
];
const BEHIND: &[&str] = &["then", "thanks", "one", "please", "of course", "i think", "i guess"];

/// Whether a text leaves what is being asked.
pub fn drops(text: &str) -> bool {
    DROPS.contains(&bare(&normalise(text)).as_str())
}

/// Takes a text as an answer.
pub fn answered(text: &str, open: Option<&Open>) -> Answered {
    // Without a question only these leave anything.
    if open.is_none() && !["never", "forget"].iter().any(|word| text.to_ascii_lowercase().contains(word)) {
        return Answered::No;
    }
    let words = normalise(text);
    let low = bare(&words);
    if DROPS.contains(&low.as_str()) && (open.is_some() || low.contains("never") || low.contains("forget")) {
        return Answered::Dropped;
    }
    let Some(open) = open else { return Answered::No };
    if text.split_whitespace().next().is_some_and(|first| Program::named(first).is_some()) {
        return Answered::No;
    }
    let choices = &open.question.choices;
    if let Some(choice) = choices.iter().find(|c| c.eq_ignore_ascii_case(text.trim())) {
        return chosen(open, choice);
    }
    let words = trimmed(&words);
    let tokens = tag::tag(&words);
    if YES.contains(&low.as_str()) {
        return again(open, text);
    }
    let counts = ["replicas", "revision", "lines", "value", "port"].contains(&open.question.missing.as_str());
    if let Some(at) = ordinal(&words, choices.len()).filter(|_| !counts && !choices.is_empty()) {
        return match choices.get(at) {
            Some(choice) => chosen(open, choice),
            None => again(open, text),
        };
    }
    if asks_itself(&tokens) {
        return Answered::No;
    }
    if let Some(choice) = the_only(choices, &words) {
        return chosen(open, choice);
    }
    match edit(open, &tokens) {
        Some(slots) => {
            let edit = Edit { step: Some(open.step), slots: Box::new(slots) };
            let lean = open.thread.lean;
            Answered::Request(Thread { lean, ..open.thread.edited(text.trim(), edit) })
        }
        None if a_request(text) => Answered::No,
        None => again(open, text),
    }
}

/// A choice is a whole request, or a word that is given back.
fn chosen(open: &Open, choice: &str) -> Answered {
    // A value that is shown to nobody is not in the choice: the line says less than was asked for.
    if choice.contains(WITHHELD) {
        return again(open, choice);
    }
    let whole = choice.split_whitespace().next().is_some_and(|first| Program::named(first).is_some());
    let mut thread = open.thread.clone();
    thread.text = choice.to_string();
    thread.rather.clear();
    if whole {
        thread.line = Some(choice.to_string());
        thread.words = Said::default();
        thread.edits.clear();
        thread.lean = Lean::Whole;
        thread.taken.clear();
        return Answered::Request(thread);
    }
    let tokens = tag::tag(&normalise(choice));
    if !asks_itself(&tokens)
        && let Some(slots) = edit(open, &tokens)
    {
        return Answered::Request(open.thread.edited(choice, Edit { step: Some(open.step), slots: Box::new(slots) }));
    }
    thread.words = normalise(choice).into();
    thread.edits.clear();
    Answered::Request(thread)
}

/// The one choice that holds every word of the answer, as a word or as a part of `kind/name`.
fn the_only<'a>(choices: &'a [String], words: &[Word]) -> Option<&'a String> {
    let said: Vec<&str> =
        words.iter().map(|w| w.low.as_str()).filter(|w| !["the", "one", "a", ",", "of", "in", "with", "namespace"].contains(w)).collect();
    if said.is_empty() {
        return None;
    }
    let holds = |choice: &str, word: &str| {
        let kind = crate::ops::Kind::find(word).map(|k| k.word().into_owned());
        argv::split(choice).unwrap_or_default().iter().any(|w| {
            let w = w.to_lowercase();
            w == word
                || w.split_once('/').is_some_and(|(k, name)| name == word || k == word || Some(k) == kind.as_deref())
                || w.split_once('=').is_some_and(|(_, value)| value == word)
                || Some(&w) == kind.as_ref()
        })
    };
    let mut fit = choices.iter().filter(|c| said.iter().all(|word| holds(c, word)));
    let first = fit.next()?;
    fit.next().is_none().then_some(first)
}

fn trimmed(words: &[Word]) -> Vec<Word> {
    let mut rest = words.to_vec();
    loop {
        let before = rest.len();
        while rest.first().is_some_and(|w| [",", "."].iter().any(|s| w.is(s))) {
            rest.remove(0);
        }
        for phrase in BEFORE {
            let parts: Vec<&str> = phrase.split(' ').collect();
            if rest.len() > parts.len() && parts.iter().zip(&rest).all(|(p, w)| w.is(p)) {
                rest.drain(..parts.len());
            }
        }
        for phrase in BEHIND {
            let parts: Vec<&str> = phrase.split(' ').collect();
            if rest.len() > parts.len() && parts.iter().rev().zip(rest.iter().rev()).all(|(p, w)| w.is(p)) {
                rest.truncate(rest.len() - parts.len());
            }
        }
        while rest.last().is_some_and(|w| [",", "."].iter().any(|s| w.is(s))) {
            rest.pop();
        }
        if rest.len() == before {
            return rest;
        }
    }
}

/// Whether it asks or orders by itself, and is no answer.
fn asks_itself(tokens: &[Token]) -> bool {
    let asks = |t: &Token| matches!(t.is, Is::Sense(Sense::Topic(_) | Sense::HowMany | Sense::Not | Sense::Or | Sense::Condition));
    has_a_verb(tokens) || tokens.iter().any(asks)
}

/// Whether the text is read as something by itself.
fn a_request(text: &str) -> bool {
    let slots = fill::fill(&tag::tag(&normalise(text)));
    !matches!(decide::decide(&slots), Decision::Unknown) || text.split_whitespace().count() > 6
}

/// The slots that the answer fills, by what is missing; `None` where it does not fit.
fn edit(open: &Open, tokens: &[Token]) -> Option<Slots> {
    let mut slots = Slots::default();
    let missing = open.question.missing.as_str();
    let one = match tokens {
        [one] => Some(one),
        _ => None,
    };
    let word = one.filter(|t| t.nameable()).map(|t| t.said.to_string());
    // "scale it": of what comes first.
    if let (Some(name), "replicas", None) = (&word, missing, &open.thread.it)
        && open.thread.slots(open.step).is_some_and(|slots| slots.leans() || slots.objects.is_empty())
    {
        slots.objects = vec![Object { names: vec![name.clone()], ..Object::default() }];
        return Some(slots);
    }
    match missing {
        "replicas" => {
            let number = match tokens {
                [one] | [one, Token { is: Is::Sense(Sense::Replicas), .. }] => one,
                [one, Token { is: Is::Kind(kind, _), .. }] if kind.is("pods", "") => one,
                _ => return None,
            };
            slots.amount = match &number.is {
                Is::Number(n) => Some(Amount::To(*n)),
                Is::Sense(Sense::Times(n)) => Some(if *n == 2 { Amount::Double } else { Amount::Half }),
                _ => return None,
            };
        }
        "image" => {
            let said = one?.said.to_string();
            match &one?.is {
                Is::Image => slots.image = Some(said),
                Is::Word | Is::Quoted | Is::Amount | Is::Number(_) if looks_like_tag(&said) => slots.tag = Some(said),
                Is::Word | Is::Quoted => slots.image = Some(said),
                _ => return None,
            }
        }
        "what" => match tokens {
            [Token { is: Is::Sense(Sense::Replicas), .. }] => slots.replicas = true,
            [Token { is: Is::Number(n), .. }, Token { is: Is::Sense(Sense::Replicas), .. }] => {
                (slots.replicas, slots.amount) = (true, Some(Amount::To(*n)));
            }
            [Token { is: Is::Sense(Sense::Image | Sense::Tag), .. }] => slots.image_said = true,
            [Token { is: Is::Image, said, .. }] => slots.image = Some(said.to_string()),
            _ => return None,
        },
        "container" => slots.container = Some(word?),
        "namespace" => slots.place = Some(super::slots::Place::Named(word?)),
        "revision" => match one?.is {
            Is::Number(n) => slots.revision = Some(n),
            _ => return None,
        },
        "lines" => match one?.is {
            Is::Number(n) => slots.tail = Some(n),
            _ => return None,
        },
        "since" => slots.since = Some(fill::fill(tokens).since?),
        "label" | "value" => match &one?.is {
            Is::Pair(pair) => slots.pairs = vec![pair.to_string()],
            Is::Minus(key) => slots.minus = vec![key.to_string()],
            Is::Word | Is::Quoted if missing == "value" => slots.label_value = word,
            Is::Word | Is::Quoted => slots.label_key = word,
            Is::Number(n) if missing == "value" => slots.label_value = Some(n.to_string()),
            _ => return None,
        },
        "file" => slots.files = vec![one.filter(|t| t.is == Is::File)?.said.to_string()],
        "name" | "which" | "kind" => {
            let filled = fill::fill(tokens);
            let only = filled.leftover.is_empty() && filled.acts.is_empty() && filled.topics.is_empty() && filled.foreign.is_empty();
            let named = filled.objects.iter().any(|o| !o.names.is_empty() || missing == "kind" && !o.kinds.is_empty());
            // A number of its own, a state, an output: no name.
            let rest =
                filled.amount.is_none() && filled.states.is_empty() && filled.output.is_none() && filled.image.is_none() && !filled.it;
            if !(only && named && rest && !filled.not && !filled.or) {
                return None;
            }
            slots.objects = filled.objects.into_iter().map(|o| Object { early: false, ..o }).collect();
            slots.place = filled.place;
        }
        role => {
            let role = frames_role(role)?;
            slots.given = vec![Given { role, values: vec![one?.said.to_string()] }];
        }
    }
    Some(slots)
}

/// A role of a line, by its name.
fn frames_role(missing: &str) -> Option<&'static str> {
    super::lines::LINES.iter().flat_map(|line| line.needs.iter()).map(|(role, _)| *role).find(|role| *role == missing)
}

/// The question once more, in other words; the second time the text is read as a request.
fn again(open: &Open, text: &str) -> Answered {
    if open.again {
        return Answered::No;
    }
    let said: String = text.trim().chars().take(60).collect();
    let how = match (open.question.missing.as_str(), open.question.choices.len()) {
        (_, 1) => "say 1 for the line below, or another one".to_string(),
        (_, n) if n > 1 => format!("say its number, 1 to {n}, or its name"),
        ("replicas", _) => "say a number, for example 3".into(),
        ("image", _) => "say an image, for example nginx:1.27".into(),
        ("name" | "which", _) => "say its name, for example backend or deployment/backend".into(),
        ("label", _) => "say a label, for example tier=web".into(),
        (missing, _) => format!("the {missing} is still missing"),
    };
    let text = format!("{said:?} does not answer that; {how}, or \"never mind\". Nothing is done. {}", open.question.text);
    let question = Question { text, ..open.question.clone() };
    Answered::AskAgain(Open { question, again: true, ..open.clone() })
}
