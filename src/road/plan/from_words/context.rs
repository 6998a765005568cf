//! What is told beside a request: "Node n1 has noisy disks, so cordon it", "OPS-311: restart web", "…, we're seeing load". Such
//! clauses say why, and ask for nothing; without them the rest may be understood.
//!
//! Invariants: a clause that orders, forbids, limits or sets a condition is never left out; what was left out is on a change as an
//! [`Assumed`](super::Assumed), so that a person sees it and no flag says yes to it.

use super::{
    lexicon::{Act, Sense},
    manner::fits,
    narrated,
    normalise::Word,
    tag::{Is, Token, tag},
};
use std::cell::OnceCell;

/// A request without what is told beside it.
#[derive(Debug, PartialEq)]
pub struct Apart {
    /// The request.
    pub words: Vec<Word>,
    /// What was left out, clause by clause.
    pub told: Vec<String>,
}

/// Words that tell how things are, when somebody says them of something.
const TELLS: &[&str] = &[
    "is",
    "are",
    "was",
    "were",
    "am",
    "has",
    "have",
    "had",
    "been",
    "will",
    "keeps",
    "keep",
    "kept",
    "got",
    "gets",
    "goes",
    "went",
    "stays",
    "seems",
    "looks",
    "feels",
    "reports",
    "report",
    "says",
    "said",
    "fails",
    "failed",
    "finished",
    "done",
    "crashed",
    "crashes",
    "hangs",
    "hung",
    "moved",
    "changed",
    "pushed",
    "swapped",
    "replaced",
    "chokes",
    "started",
    "stopped",
    "broke",
    "breaks",
    "died",
    "dies",
    "happened",
    "came",
    "comes",
    "come",
    "costs",
    "launches",
    "leaks",
    "runs",
    "does",
    "did",
    "became",
    "becomes",
    "complains",
    "arrived",
];

/// Who tells something.
const TELLERS: &[&str] = &[
    "i",
    "we",
    "it",
    "they",
    "he",
    "she",
    "this",
    "that",
    "these",
    "those",
    "there",
    "somebody",
    "someone",
    "people",
    "everybody",
    "customer",
    "customers",
    "users",
    "marketing",
    "management",
];

/// What wishes, limits or forbids: a clause that says so is a part of the request.
const BINDS: &[&str] = &[
    // Whoever says that somebody else wishes it, or allows it, says nothing that is left out.
    "approved",
    "approves",
    "authorised",
    "authorized",
    "confirmed",
    "permission",
    "permitted",
    "says",
    "said",
    "say",
    "told",
    "tells",
    "wrote",
    "writes",
    "skip",
    "trust",
    "instructed",
    "instructs",
    "ordered",
    "orders",
    "must",
    "should",
    "shall",
    "may",
    "might",
    "can",
    "could",
    "would",
    "want",
    "wants",
    "wanted",
    "need",
    "needs",
    "needed",
    "let",
    "please",
    "required",
    "requires",
    "only",
    "except",
    "but",
    "instead",
    "unless",
    "until",
    "never",
    "without",
    "no",
    "nothing",
    "none",
    "nobody",
    "otherwise",
    "if",
    "make",
    "ensure",
    "keep",
    "leave",
    "allowed",
];

/// The request without the clauses that only tell. `None` where there is nothing to leave out, or nothing would be left.
///
/// For a look at objects more is passed over: see [`narrated::without`].
pub fn apart(words: &[Word], a_look: bool) -> Option<Apart> {
    let Some(narrated::Divided { left, told: sentences }) = narrated::without(words, a_look) else { return apart_by_clauses(words) };
    let Apart { words: mut rest, told } = apart_by_clauses(&left).unwrap_or(Apart { words: left, told: Vec::new() });
    let clauses: Vec<Clause> = sentences.iter().map(|words| Clause::of(words, None, false)).collect();
    let all: Vec<&Clause> = clauses.iter().collect();
    stand_in(&mut rest, &all);
    said_there(&mut rest, &all);
    Some(Apart { words: rest, told: all.into_iter().map(Clause::said).chain(told).collect() })
}

fn apart_by_clauses(words: &[Word]) -> Option<Apart> {
    let clauses = clauses(words);
    if clauses.len() < 2 {
        return None;
    }
    let kept: Vec<bool> = clauses.iter().map(|clause| !(clause.labels() || clause.tells())).collect();
    if kept.iter().all(|kept| *kept) || !clauses.iter().zip(&kept).any(|(clause, kept)| *kept && clause.asks()) {
        return None;
    }
    let told: Vec<&Clause> = clauses.iter().zip(&kept).filter(|(_, kept)| !**kept).map(|(clause, _)| clause).collect();
    let mut rest: Vec<Word> = Vec::new();
    for (clause, _) in clauses.iter().zip(&kept).filter(|(_, kept)| **kept) {
        rest.extend_from_slice(clause.words);
        rest.extend(clause.end.cloned());
    }
    while rest.last().is_some_and(|w| [",", ":"].iter().any(|sign| w.is(sign))) {
        rest.pop();
    }
    stand_in(&mut rest, &told);
    said_there(&mut rest, &told);
    Some(Apart { words: rest, told: told.into_iter().map(Clause::said).collect() })
}

/// One clause, and the sign that ends it.
struct Clause<'a> {
    words: &'a [Word],
    end: Option<&'a Word>,
    /// The tokens they make: most clauses are told apart without.
    tokens: OnceCell<Vec<Token>>,
    /// Whether a reason's word led to it: "because", "since".
    reason: bool,
}

fn clauses(words: &[Word]) -> Vec<Clause<'_>> {
    let mut out: Vec<Clause> = Vec::new();
    let (mut from, mut reason) = (0, false);
    let mut push = |from: usize, to: usize, end: Option<usize>, reason: bool| {
        if from < to {
            let words_of = &words[from..to];
            out.push(Clause::of(words_of, end.map(|at| &words[at]), reason));
        }
    };
    for at in 0..words.len() {
        let next = words.get(at + 1);
        let ends = [",", ".", ";", ":"].iter().any(|sign| words[at].is(sign));
        // "so cordon it"; "so that" tells what for.
        let so = words[at].is("so") && next.is_some_and(|w| !w.is("that"));
        let why = ["because", "since", "as"].iter().any(|w| words[at].is(w)) && next.is_some_and(tells_who);
        if ends {
            // "Because of the outage, …"
            let owing = words[from..at].first().is_some_and(|w| ["because", "due", "owing"].iter().any(|o| w.is(o)));
            push(from, at, Some(at), reason || owing);
            (from, reason) = (at + 1, false);
        } else if so || why {
            push(from, at, None, reason);
            (from, reason) = (at + 1, why);
        }
    }
    push(from, words.len(), None, reason);
    out
}

/// Whether somebody begins to tell there: "since we moved", against "since 10 minutes".
fn tells_who(word: &Word) -> bool {
    TELLERS.iter().chain(&["the", "its", "our", "my", "his", "their"]).any(|who| word.is(who))
}

impl<'a> Clause<'a> {
    fn of(words: &'a [Word], end: Option<&'a Word>, reason: bool) -> Clause<'a> {
        Clause { words, end, tokens: OnceCell::new(), reason }
    }

    fn tokens(&self) -> &[Token] {
        self.tokens.get_or_init(|| tag(self.words))
    }

    fn said(&self) -> String {
        self.words.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }

    /// The words that carry something.
    fn carries(&self) -> impl Iterator<Item = &Token> {
        self.tokens().iter().filter(|t| !matches!(t.is, Is::Sense(Sense::Filler | Sense::And | Sense::Then | Sense::Det)))
    }

    fn any_word(&self, list: &[&str]) -> bool {
        self.words.iter().any(|w| !w.quoted && list.iter().any(|known| w.is(known)))
    }

    /// Whether something is ordered or asked there.
    fn asks(&self) -> bool {
        self.carries().any(|t| {
            matches!(
                t.is,
                Is::Sense(
                    Sense::Act(_)
                        | Sense::Topic(_)
                        | Sense::Show
                        | Sense::Alter(_)
                        | Sense::Mark
                        | Sense::Halt
                        | Sense::Start
                        | Sense::Probe
                        | Sense::Why
                        | Sense::HowMany
                        | Sense::Which
                        | Sense::Want
                        | Sense::Label
                        | Sense::Lesson
                ) | Is::Kind(..)
                    | Is::Slashed(..)
            )
        })
    }

    /// "OPS-311:", "Audit follow-up:", "ok next:", "Firmware upgrade of rack green:": a heading, whose first word orders nothing.
    fn labels(&self) -> bool {
        let heads = self.end.is_some_and(|end| end.is(":")) && self.words.len() <= 6;
        let orders = self.carries().next().is_some_and(|t| orders(t) || matches!(t.is, Is::Kind(..) | Is::Slashed(..) | Is::Pair(_)));
        let holds = self
            .tokens()
            .iter()
            .any(|t| matches!(t.is, Is::Sense(Sense::In | Sense::Not | Sense::Condition | Sense::Role(_)) | Is::Flag(..)));
        heads && !orders && !holds && !self.any_word(BINDS)
    }

    /// Whether the clause only tells how things are.
    fn tells(&self) -> bool {
        if self.any_word(BINDS) || self.is_question() {
            return false;
        }
        let Some(first) = self.words.iter().find(|w| !["and", "so", "as", "since", "because", "ok", "well"].iter().any(|s| w.is(s))) else {
            return false;
        };
        let by_somebody = !first.quoted && TELLERS.iter().any(|who| first.is(who));
        // "don't touch prod" forbids; "pods don't pick it up" tells.
        let forbids = self.tokens().iter().any(|t| t.means(Sense::Not)) && ["i", "we", "you", "do", "not"].iter().any(|who| first.is(who));
        if forbids {
            return false;
        }
        let starts = self.carries().next().is_some_and(orders);
        let conditions = self.tokens().iter().position(|t| t.means(Sense::Condition));
        if starts || conditions == Some(0) {
            return false;
        }
        // What could be done stands there as it is done ("moved") or is somebody else's doing ("it hangs").
        let hidden = self.tokens().iter().enumerate().any(|(at, t)| at > 0 && orders(t) && !self.told(at));
        let tells = self.words.iter().skip(1).any(|w| !w.quoted && TELLS.iter().any(|known| w.is(known))) || by_somebody || self.reason;
        // A value belongs to a request, unless somebody tells of it.
        let values =
            self.tokens().iter().any(|t| matches!(t.is, Is::Pair(_) | Is::Image | Is::File | Is::Flag(..) | Is::Address | Is::Minus(_)));
        tells && !hidden && !values && self.words.len() > 1
    }

    /// Whether the order's word at that place is told of: "we moved it", "the rollout is broken".
    fn told(&self, at: usize) -> bool {
        let token = &self.tokens()[at];
        let low = token.said.to_lowercase();
        let past = low.ends_with("ed") || low.ends_with("ing");
        let noun = at > 0 && self.tokens()[at - 1].means(Sense::Det);
        past || noun || matches!(token.is, Is::Sense(Sense::Topic(_) | Sense::Show | Sense::Label))
    }

    fn is_question(&self) -> bool {
        self.tokens()
            .first()
            .is_some_and(|t| matches!(t.is, Is::Sense(Sense::Why | Sense::Which | Sense::HowMany | Sense::Be | Sense::Lesson | Sense::Not)))
    }
}

/// Whether a token orders something.
pub(super) fn orders(token: &Token) -> bool {
    matches!(
        token.is,
        Is::Sense(
            Sense::Act(_)
                | Sense::Alter(_)
                | Sense::Show
                | Sense::Mark
                | Sense::Halt
                | Sense::Start
                | Sense::Probe
                | Sense::Want
                | Sense::Label
                | Sense::Topic(Act::Logs | Act::Events | Act::Usage)
        )
    )
}

/// What speaks of the one object that was told of.
const REFERS: &[&str] =
    &["that request", "this request", "the request", "that one", "this one", "that object", "this object", "that thing", "them", "it"];

/// "Node n1 has noisy disks, so cordon it": where the one object that was told of is all that "it" can be, its name stands there.
fn stand_in(rest: &mut Vec<Word>, told: &[&Clause]) {
    let refers = |at: usize| REFERS.iter().find_map(|phrase| fits(&rest[at..], phrase));
    let Some((at, n)) = (0..rest.len()).find_map(|at| refers(at).map(|n| (at, n))) else { return };
    let mut found: Vec<Vec<Word>> = Vec::new();
    for clause in told {
        for (n, token) in clause.tokens().iter().enumerate() {
            let next = clause.tokens().get(n + 1);
            let before = n.checked_sub(1).and_then(|n| clause.tokens().get(n));
            let name = match (&token.is, next, before) {
                (Is::Kind(kind, _), _, _) if kind.is("namespaces", "") => None,
                (Is::Slashed(..), _, _) => Some(None),
                (Is::Kind(_, false), Some(next), _) if next.nameable() => Some(Some(next)),
                (Is::Kind(_, false), _, Some(before)) if before.nameable() => Some(Some(before)),
                _ => None,
            };
            if let Some(name) = name {
                let object: Vec<Word> = std::iter::once(token).chain(name).map(|t| Word::plain(t.said.clone())).collect();
                if !found.contains(&object) {
                    found.push(object);
                }
            }
        }
    }
    // "the memory of worker-21": a name that looks like one, where no kind was said.
    if found.is_empty() {
        let shaped =
            |t: &&Token| t.nameable() && t.said.len() > 3 && t.said.contains('-') && t.said.ends_with(|c: char| c.is_ascii_digit());
        found.extend(told.iter().flat_map(|clause| clause.tokens().iter()).filter(shaped).map(|t| vec![Word::plain(t.said.clone())]));
        found.dedup();
    }
    // What is spoken of before "it" is nearer.
    let nearer = tag(&rest[..at]).iter().any(|t| matches!(t.is, Is::Slashed(..) | Is::Kind(..)) || t.nameable());
    if let ([object], false) = (found.as_slice(), nearer) {
        rest.splice(at..at + n, object.iter().cloned());
    }
}

/// "There are two pods in namespace shop. Scale web to 1": where it was told of is where it is done, unless the request says where.
fn said_there(rest: &mut Vec<Word>, told: &[&Clause]) {
    let namespace = |tokens: &[Token], at: usize| match (&tokens[at].is, tokens.get(at + 1), at.checked_sub(1).map(|n| &tokens[n])) {
        (Is::Kind(kind, false), Some(next), _) if kind.is("namespaces", "") && next.nameable() => Some(next.said.to_string()),
        (Is::Kind(kind, false), _, Some(before)) if kind.is("namespaces", "") && before.nameable() => Some(before.said.to_string()),
        _ => None,
    };
    let mut names: Vec<String> =
        told.iter().flat_map(|clause| (0..clause.tokens().len()).filter_map(|at| namespace(clause.tokens(), at))).collect();
    names.dedup();
    let says = rest.iter().any(|w| ["namespace", "namespaces", "ns", "-n", "--namespace"].iter().any(|ns| w.is(ns)));
    if let ([name], false) = (names.as_slice(), says) {
        let place = [Word::plain("in"), Word::plain("namespace"), Word { quoted: true, ..Word::plain(name.clone()) }, Word::plain(",")];
        rest.splice(0..0, place);
    }
}

#[cfg(test)]
mod tests {
    use super::{super::normalise::with_colons, *};

    fn left(text: &str) -> Option<(String, usize)> {
        apart(&with_colons(text), false).map(|a| (a.words.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "), a.told.len()))
    }

    #[test]
    fn what_is_told_is_left_out() {
        for (text, want) in [
            ("bump the cart deployment to 8 replicas, we're seeing load since noon", "bump the cart deployment to 8 replicas"),
            ("OPS-311: restart web", "restart web"),
            ("since the node is flapping, cordon n7", "cordon n7"),
            ("Node blue-12 has noisy disks, so cordon it", "cordon Node blue-12"),
            ("restart the mailer deployment, it's hanging again", "restart the mailer deployment"),
            ("Release 5.1 is leaking memory, roll back web", "roll back web"),
        ] {
            assert_eq!(left(text).map(|l| l.0).as_deref(), Some(want), "{text}");
        }
    }

    #[test]
    fn what_binds_is_kept() {
        for text in [
            "restart web, but not in prod",
            "restart web, we must not touch api",
            "scale web to 3, api to 2",
            "if it fails, roll back web",
            "restart web, delete api",
            "restart web, only after dinner",
            "delete web, keep its pods",
            "do not restart web, it is fine",
            "don't scale web, we need it",
            "restart web, no downtime is wanted",
        ] {
            let told = apart(&with_colons(text), false).map(|a| a.told.join(" | "));
            assert!(told.as_deref().is_none_or(|told| told == "it is fine"), "{text}: {told:?}");
        }
    }
}
