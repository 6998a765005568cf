//! References to what was listed or spoken of before: "the second", "the other one", "all of them", "that pod", "there". Each becomes
//! the exact objects it means, in words, and is spelled out where something is changed.

use super::{
    follow_up::ordinal_word,
    lexicon::Sense,
    normalise::Word,
    tag::{self, Is},
    thread::placed,
};
use crate::{
    ops::{Kind, Namespace, Target},
    road::plan::{
        Assumed, Question, Scope,
        talk::{Earlier, MOST, Talk},
    },
};
use std::{cell::LazyCell, ops::Deref};

/// Words with their references put in.
#[derive(Debug)]
pub struct Referred {
    /// The words.
    pub words: Vec<Word>,
    /// What each reference was taken for.
    pub taken: Vec<Assumed>,
}

/// A reference to nothing that is known, or to too much.
#[derive(Debug)]
pub struct Unclear {
    /// What is asked.
    pub question: Question,
    /// The request, with "it" for what is asked about.
    pub words: Vec<Word>,
}

/// What a phrase refers to.
enum Meant {
    Objects(Vec<Target>),
    Place(Namespace),
    /// Nothing is known that it could be: the question.
    Nothing(String),
}

/// The most references that one request may make; what is longer is no request any more.
const REFERENCES: usize = 4;

/// Where a request begins to name things itself: from there on "them" and "there" are its own, as in "create namespace dev, then run
/// nginx there".
struct Own {
    /// The first word of an object.
    named: usize,
    /// The first word of a place.
    placed: usize,
}

impl Own {
    fn of(words: &[Word]) -> Own {
        let mut own = Own { named: words.len(), placed: words.len() };
        let mut at = 0;
        for token in tag::tag(words) {
            if matches!(token.is, Is::Kind(..) | Is::Word | Is::Quoted | Is::Slashed(..) | Is::Number(_) | Is::Image) {
                own.named = own.named.min(at);
            }
            if matches!(token.is, Is::Kind(k, _) if k.is("namespaces", "")) || token.means(Sense::In) {
                own.placed = own.placed.min(at);
            }
            // A token that says less than its words did ends too early here, and so is on the side of caution.
            at += if token.is == Is::Quoted { 1 } else { token.said.split(' ').count() };
        }
        own
    }
}

/// Puts the references of a request in.
///
/// # Errors
/// The question, where there is nothing to refer to, or it lies in several namespaces.
pub fn refer(words: &[Word], talk: &Talk, scope: &Scope) -> Result<Referred, Box<Unclear>> {
    let mut out = Referred { words: Vec::with_capacity(words.len()), taken: Vec::new() };
    let placed_by_words = words.iter().enumerate().any(|(n, w)| {
        w.low == "-n" || w.low.starts_with("--namespace") || ["in", "from"].iter().any(|p| w.is(p)) && a_place(&words[n + 1..])
    });
    // Most requests refer to nothing.
    let own = LazyCell::new(|| Own::of(words));
    let mut places: Vec<Namespace> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let Some((took, meant)) = (out.taken.len() < REFERENCES).then(|| reference(words, at, &own, talk, scope)).flatten() else {
            out.words.push(words[at].clone());
            at += 1;
            continue;
        };
        let said = words[at..at + took].iter().map(|w| w.said.as_str()).collect::<Vec<_>>().join(" ");
        at += took;
        match meant {
            Meant::Nothing(why) => {
                let text = format!("I understood that \"{said}\" refers to something, but {why}; please name it.");
                let question = Question { missing: "name".into(), text, choices: Vec::new() };
                // What is named in answer stands where the reference stood.
                out.words.push(Word::plain("it"));
                out.words.extend(words[at..].iter().cloned());
                return Err(Box::new(Unclear { question, words: out.words }));
            }
            Meant::Place(namespace) => {
                out.taken.push(Assumed { said, taken: format!("namespace {namespace}"), why: "where the request before looked".into() });
                places.push(namespace);
            }
            Meant::Objects(targets) => {
                let names = targets.iter().map(|t| placed(t, scope)).collect::<Vec<_>>().join(", ");
                out.taken.push(Assumed { said, taken: names, why: "as it was listed or spoken of last".into() });
                places.extend(targets.iter().filter_map(|t| t.namespace().cloned()));
                // One name in two namespaces is asked about below, and said once.
                let mut said: Vec<String> = Vec::new();
                for target in targets.iter().map(Target::slashed) {
                    if said.contains(&target) {
                        continue;
                    }
                    if !said.is_empty() {
                        out.words.push(Word::plain("and"));
                    }
                    out.words.push(Word::plain(target.clone()));
                    said.push(target);
                }
            }
        }
    }
    places.sort();
    places.dedup();
    match places.as_slice() {
        [] => {}
        _ if placed_by_words => {}
        [one] if *one == scope.namespace => {}
        [one] => {
            out.words.push(Word::plain("--namespace"));
            out.words.push(Word::plain(one.as_str()));
        }
        many => {
            let named = many.iter().map(Namespace::as_str).collect::<Vec<_>>().join(", ");
            let text = format!("What that refers to lies in several namespaces ({named}); please say which.");
            let question = Question { missing: "namespace".into(), text, choices: Vec::new() };
            return Err(Box::new(Unclear { question, words: out.words }));
        }
    }
    Ok(out)
}

/// Whether behind "in" stands a namespace that the request names itself.
fn a_place(behind: &[Word]) -> bool {
    let the = behind.iter().take_while(|w| w.is("the")).count();
    let (Some(word), next) = (behind.get(the), behind.get(the + 1)) else { return false };
    let small = ["this", "that", "these", "a", "all", "it", "them", "there", "same", "namespace", "ns"].iter().any(|p| word.is(p));
    let named = |w: &Word| Namespace::new(w.low.as_str()).is_ok() && Kind::find(&w.low).is_none();
    if word.is("namespace") || word.is("ns") {
        return next.is_some_and(named);
    }
    !small && named(word) && (the == 0 || next.is_some_and(|n| n.is("namespace") || n.is("ns")))
}

/// The reference that begins at a word, and how many words it takes.
fn reference(words: &[Word], at: usize, own: &impl Deref<Target = Own>, talk: &Talk, scope: &Scope) -> Option<(usize, Meant)> {
    let is = |n: usize, low: &str| words.get(at + n).is_some_and(|w| w.is(low));
    let kind = |n: usize| words.get(at + n).filter(|w| !w.quoted).and_then(|w| Kind::find(&w.low).map(|k| (k, plural(&w.low, k))));
    // Behind it stands no name of its own: "the same pod web-1" names one.
    let ends = |n: usize| {
        words.get(at + n).is_none_or(|w| {
            !w.quoted
                && [
                    "to", "in", "and", "then", "on", "with", "as", "from", "by", "for", "of", ",", ".", ";", "too", "again", "now",
                    "please", "instead", "is", "are", "down", "up", "so", "not", "logs", "or", "since", "has", "have",
                ]
                .contains(&w.low.as_str())
                || w.low.starts_with('-')
        })
    };
    let the = usize::from(is(0, "the"));
    let named = || own.named < at;
    let placed = || own.placed < at;
    let long = words.len() > 7;
    if talk.group().is_empty() && talk.spoken().is_empty() && talk.before().is_none() && long {
        return None;
    }
    // "in the same namespace", "in that namespace", "there".
    for phrase in [
        &["in", "the", "same", "namespace"][..],
        &["in", "that", "namespace"],
        &["in", "the", "same", "place"],
        &["over", "there"],
        &["in", "there"],
    ] {
        if talk.before().is_some() && phrase.iter().enumerate().all(|(n, p)| is(n, p)) && !placed() {
            return Some((phrase.len(), same_place(talk)));
        }
    }
    let asks = at > 0 && ["is", "are", "was", "were"].iter().any(|p| words[at - 1].is(p)) || at == 0;
    if is(0, "there") && !asks && ends(1) && talk.before().is_some() && !placed() {
        return Some((1, same_place(talk)));
    }
    // "all of them", "both of them", "them", "those", "these pods".
    for phrase in [
        &["all", "of", "them"][..],
        &["all", "of", "those"],
        &["all", "of", "these"],
        &["both", "of", "them"],
        &["each", "of", "them"],
        &["every", "one", "of", "them"],
        &["them", "all"],
        &["all", "those"],
        &["all", "these"],
        &["both"],
        &["them"],
        &["those"],
        &["these"],
        &["those", "ones"],
        &["these", "ones"],
    ] {
        // "which of them" chooses among them, and goes on from the listing.
        let chooses = at > 1 && words[at - 1].is("of") && words[at - 2].is("which");
        if !chooses && phrase.iter().enumerate().all(|(n, p)| is(n, p)) && !named() {
            let n = phrase.len();
            if let Some((kind, true)) = kind(n)
                && ends(n + 1)
            {
                return Some((n + 1, together(talk, Some(kind), scope)));
            }
            if ends(n) {
                let meant = if phrase[0] == "both" { both(talk) } else { together(talk, None, scope) };
                return Some((n, meant));
            }
        }
    }
    // "the other one", "the other pod".
    if is(the, "other") {
        if let Some((kind, false)) = kind(the + 1)
            && ends(the + 2)
        {
            return Some((the + 2, other(talk, Some(kind))));
        }
        if is(the + 1, "one") && ends(the + 2) {
            return Some((the + 2, other(talk, None)));
        }
        if the == 1 && ends(the + 1) {
            return Some((the + 1, other(talk, None)));
        }
    }
    // "the second", "the last one", "the first pod", "number 2", "#2".
    if let Some(found) = numbered(words, at, the, talk, &ends, &kind) {
        return Some(found);
    }
    // "that pod", "this deployment", "the same pod".
    let this = if is(0, "that") || is(0, "this") || is(0, "same") {
        1
    } else if is(0, "the") && is(1, "same") {
        2
    } else {
        0
    };
    if this > 0
        && let Some((kind, false)) = kind(this)
        && !kind.is("namespaces", "")
        && ends(this + 1)
        && !named()
    {
        return that(talk, kind, scope).map(|meant| (this + 1, meant));
    }
    None
}

type Ends<'a> = dyn Fn(usize) -> bool + 'a;
type KindAt<'a> = dyn Fn(usize) -> Option<(Kind, bool)> + 'a;

fn numbered(words: &[Word], at: usize, the: usize, talk: &Talk, ends: &Ends<'_>, kind: &KindAt<'_>) -> Option<(usize, Meant)> {
    let is = |n: usize, low: &str| words.get(at + n).is_some_and(|w| w.is(low));
    let word = words.get(at + the).filter(|w| !w.quoted)?;
    let number = word.low.strip_prefix('#').and_then(|n| n.parse::<usize>().ok());
    if let Some(n) = number.filter(|_| ends(the + 1)) {
        return Some((the + 1, nth(talk, None, Some(n))));
    }
    if word.is("number")
        && let Some(n) = words.get(at + the + 1).and_then(|w| w.low.parse::<usize>().ok())
        && ends(the + 2)
        && !talk.group().is_empty()
    {
        return Some((the + 2, nth(talk, None, Some(n))));
    }
    let n = match word.low.as_str() {
        "last" => None,
        low => Some(ordinal_word(low)?),
    };
    if is(the + 1, "one") && ends(the + 2) {
        return Some((the + 2, nth(talk, None, n)));
    }
    if let Some((kind, false)) = kind(the + 1)
        && ends(the + 2)
        && talk.group().iter().any(|t| t.kind() == kind)
    {
        return Some((the + 2, nth(talk, Some(kind), n)));
    }
    // "undo the last" is another one, and "the first" at the beginning tells the order.
    let over = at + the + 1 == words.len() && !talk.group().is_empty() && !words[0].is("undo");
    (the == 1 && (n.is_some() && ends(2) || over)).then(|| (2, nth(talk, None, n)))
}

fn plural(word: &str, kind: Kind) -> bool {
    word.ends_with('s') && !word.ends_with("ss") && *kind.word() != *word
}

fn of_kind(talk: &Talk, kind: Option<Kind>) -> Vec<Target> {
    talk.group().iter().filter(|t| kind.is_none_or(|k| k == t.kind())).cloned().collect()
}

fn nth(talk: &Talk, kind: Option<Kind>, n: Option<usize>) -> Meant {
    let group = of_kind(talk, kind);
    if group.is_empty() {
        return Meant::Nothing("nothing was listed before".into());
    }
    if n.is_none() && talk.more() {
        return Meant::Nothing(format!("more than {MOST} were listed"));
    }
    let at = n.map_or(group.len(), |n| n);
    match at.checked_sub(1).and_then(|at| group.get(at)) {
        Some(target) => Meant::Objects(vec![target.clone()]),
        None => {
            let named = group.iter().map(Target::slashed).collect::<Vec<_>>().join(", ");
            Meant::Nothing(format!("{} were listed ({named})", group.len()))
        }
    }
}

fn together(talk: &Talk, kind: Option<Kind>, scope: &Scope) -> Meant {
    let group = of_kind(talk, kind);
    if talk.more() {
        return Meant::Nothing(format!("more than {MOST} were listed, and so many are not meant in one word"));
    }
    match (group.is_empty(), &scope.last) {
        (false, _) => Meant::Objects(group),
        (true, Some(last)) if kind.is_none_or(|k| k == last.kind()) => Meant::Objects(vec![last.clone()]),
        (true, _) => Meant::Nothing("nothing was listed or named before".into()),
    }
}

/// Two that were listed, or the two that were spoken of.
fn both(talk: &Talk) -> Meant {
    match (talk.group(), talk.spoken()) {
        (group @ [_, _], _) => Meant::Objects(group.to_vec()),
        ([] | [_], [late, early]) => Meant::Objects(vec![early.clone(), late.clone()]),
        (group, _) => Meant::Nothing(format!("not two were listed or named together, but {}", group.len())),
    }
}

/// Of two, the one that was not spoken of last.
fn other(talk: &Talk, kind: Option<Kind>) -> Meant {
    let spoken: Vec<&Target> = talk.spoken().iter().filter(|t| kind.is_none_or(|k| k == t.kind())).collect();
    let group = of_kind(talk, kind);
    if group.len() == 2
        && let Some(last) = spoken.first().copied().filter(|last| group.contains(last))
    {
        return Meant::Objects(group.iter().filter(|t| **t != *last).cloned().collect());
    }
    match spoken.as_slice() {
        [_, before] if group.len() < 2 || group.contains(before) && group.len() == 2 => Meant::Objects(vec![(*before).clone()]),
        [] | [_] if group.len() < 2 => Meant::Nothing("only one thing was spoken of, or none".into()),
        _ => Meant::Nothing("more than one may be meant".into()),
    }
}

fn that(talk: &Talk, kind: Kind, scope: &Scope) -> Option<Meant> {
    if scope.last.as_ref().is_some_and(|last| last.kind() == kind) && !talk.listed_since() {
        return None;
    }
    let group = of_kind(talk, Some(kind));
    match (group.as_slice(), talk.spoken().iter().find(|t| t.kind() == kind)) {
        ([one], None) => Some(Meant::Objects(vec![one.clone()])),
        ([] | [_], Some(spoken)) => Some(Meant::Objects(vec![spoken.clone()])),
        ([], None) => None,
        (many, _) => {
            let named = many.iter().map(Target::slashed).collect::<Vec<_>>().join(", ");
            Some(Meant::Nothing(format!("several were listed ({named})")))
        }
    }
}

/// Where the request before looked.
fn same_place(talk: &Talk) -> Meant {
    let Some(Earlier { ops, .. }) = talk.before() else { return Meant::Nothing("nothing was asked before".into()) };
    let mut places: Vec<Namespace> = ops.iter().flat_map(places_of).collect();
    places.dedup();
    match places.as_slice() {
        [one] => Meant::Place(one.clone()),
        [] => Meant::Nothing("the request before was about no one namespace".into()),
        _ => Meant::Nothing("the request before was about several namespaces".into()),
    }
}

fn places_of(op: &crate::ops::Op) -> Vec<Namespace> {
    use crate::ops::Op;
    let one = match op {
        Op::Get(get) => get.namespace.clone(),
        Op::Events(events) => events.namespace.clone(),
        Op::Top(top) => top.namespace.clone(),
        Op::CreateNamespace(made) => Some(made.name.clone()),
        _ => None,
    };
    let of_targets = op.verb().targets().into_iter().filter_map(|t| match t.kind().is("namespaces", "") {
        true => Namespace::new(t.name().as_str()).ok(),
        false => t.namespace().cloned(),
    });
    one.into_iter().chain(of_targets).collect()
}
