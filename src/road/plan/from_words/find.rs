//! Fifth step: a name as it was said becomes an exact object, by what is known of the cluster; or a need, or a question.

use super::{Scope, Step};
use crate::{
    facts::{Brief, Facts, Need},
    ops::{Kind, Lookup, Name, Namespace, Op, Target},
    road::plan::{Assumed, Question},
};
use std::cmp::Reverse;

/// What a name is looked for with.
pub struct Finder<'a> {
    pub scope: &'a Scope,
    pub facts: &'a Facts,
    /// What was taken for granted so far.
    pub assumed: Vec<Assumed>,
}

/// One name to be found.
pub struct Wanted<'a> {
    /// As it was said.
    pub said: &'a str,
    /// Of which kinds it may be, likeliest first.
    pub kinds: &'a [Kind],
    /// How many of those, from the front, are workloads and go before all others.
    pub workloads: usize,
    /// In which namespace; `None` is every one.
    pub namespace: Option<&'a Namespace>,
    /// Whether something shall be changed.
    pub changes: bool,
    /// The request with this object in it, for choices.
    pub choice: &'a dyn Fn(&Target) -> Option<Op>,
    /// The verb, for sentences.
    pub verb: &'a str,
}

/// A kind of the built-in table.
pub fn kind(word: &str) -> Option<Kind> {
    Kind::find(word)
}

/// The kinds of these words.
pub fn kinds(words: &[&str]) -> Vec<Kind> {
    words.iter().filter_map(|w| Kind::find(w)).collect()
}

impl Finder<'_> {
    /// The exact object that is meant.
    ///
    /// # Errors
    /// The step's end: needs, a question.
    pub fn find(&mut self, wanted: &Wanted<'_>) -> Result<Target, Box<Step>> {
        let name = self.legal(wanted)?;
        let first = *wanted.kinds.first().ok_or_else(|| Box::new(Step::Unknown))?;
        if !self.scope.cluster {
            return target(first, &name, wanted.namespace);
        }
        let needs: Vec<Need> = wanted
            .kinds
            .iter()
            .map(|k| (*k, place(*k, wanted.namespace)))
            .filter(|(k, ns)| self.facts.names(*k, ns.as_ref()).is_none())
            .map(|(k, ns)| Need::Names(k, ns))
            .collect();
        if !needs.is_empty() {
            return Err(Box::new(Step::Needs(needs)));
        }
        let exact = self.candidates(wanted, |b| b.name.as_str() == name);
        let front = exact.iter().filter(|t| wanted.kinds[..wanted.workloads].contains(&t.kind())).count();
        match (exact.as_slice(), front) {
            ([], _) => {}
            ([one, ..], n) if n == 1 || exact.len() == 1 || (n == 0 && !wanted.changes && same_namespace(&exact)) => return Ok(one.clone()),
            (many, _) => return Err(which(wanted, many)),
        }
        let unchecked =
            wanted.kinds.iter().any(|k| matches!(self.facts.names(*k, place(*k, wanted.namespace).as_ref()), Some(Lookup::NotChecked(_))));
        for (by_label, why) in [(true, "the only one with that app label"), (false, "the only one whose name holds it")] {
            let close = if by_label { self.by_label(wanted, &name) } else { self.by_part(wanted, &name) };
            let ahead: Vec<Target> = close.iter().filter(|t| wanted.kinds[..wanted.workloads].contains(&t.kind())).cloned().collect();
            match if ahead.is_empty() { close } else { ahead }.as_slice() {
                [] => {}
                [one] => {
                    if wanted.changes {
                        self.assumed.push(Assumed { said: wanted.said.into(), taken: one.slashed(), why: why.into() });
                    }
                    return Ok(one.clone());
                }
                many => return Err(which(wanted, many)),
            }
        }
        if unchecked {
            // Nobody could look: the word is taken as the exact name of the likeliest kind that was not looked at.
            let kind = wanted
                .kinds
                .iter()
                .find(|k| matches!(self.facts.names(**k, place(**k, wanted.namespace).as_ref()), Some(Lookup::NotChecked(_))));
            return target(*kind.unwrap_or(&first), &name, wanted.namespace);
        }
        Err(self.nothing_like_it(wanted, &name))
    }

    /// All objects of a kind whose name begins with or holds the word, or whose app label is it.
    pub fn all_like(&self, kind: Kind, namespace: Option<&Namespace>, said: &str) -> Vec<Brief> {
        let name = said.to_lowercase();
        let Some(Lookup::Known(briefs)) = self.facts.names(kind, place(kind, namespace).as_ref()) else { return Vec::new() };
        briefs.iter().filter(|b| is_app(b, &name) || holds(b.name.as_str(), &name)).cloned().collect()
    }

    /// Asks for names that are not known yet.
    ///
    /// # Errors
    /// The needs.
    pub fn need(&self, kind: Kind, namespace: Option<&Namespace>) -> Result<&Lookup<Vec<Brief>>, Box<Step>> {
        let ns = place(kind, namespace);
        self.facts.names(kind, ns.as_ref()).ok_or_else(|| Box::new(Step::Needs(vec![Need::Names(kind, ns)])))
    }

    /// The name in a legal form: names are in lower case, and a change says so when it had to lower one.
    fn legal(&mut self, wanted: &Wanted<'_>) -> Result<String, Box<Step>> {
        let low = wanted.said.to_lowercase();
        if let Err(e) = Name::new(low.as_str()) {
            return Err(Step::ask("name", format!("To {} something I need its name, and {e}.", wanted.verb), Vec::new()));
        }
        if low != wanted.said && wanted.changes {
            self.assumed.push(Assumed { said: wanted.said.into(), taken: low.clone(), why: "names are in lower case".into() });
        }
        Ok(low)
    }

    fn candidates(&self, wanted: &Wanted<'_>, is: impl Fn(&Brief) -> bool) -> Vec<Target> {
        self.known(wanted).filter(|(_, b)| is(b)).filter_map(|(kind, b)| as_target(kind, b, wanted)).collect()
    }

    /// All that is known where the name is looked for, likeliest kinds first.
    fn known<'w>(&'w self, wanted: &'w Wanted<'_>) -> impl Iterator<Item = (Kind, &'w Brief)> {
        wanted.kinds.iter().flat_map(|kind| {
            let known = self.facts.names(*kind, place(*kind, wanted.namespace).as_ref()).and_then(Lookup::known);
            known.into_iter().flatten().map(|brief| (*kind, brief))
        })
    }

    fn by_label(&self, wanted: &Wanted<'_>, name: &str) -> Vec<Target> {
        self.candidates(wanted, |b| is_app(b, name))
    }
    fn by_part(&self, wanted: &Wanted<'_>, name: &str) -> Vec<Target> {
        self.candidates(wanted, |b| holds(b.name.as_str(), name))
    }

    fn nothing_like_it(&self, wanted: &Wanted<'_>, name: &str) -> Box<Step> {
        let all: Vec<(Kind, &Brief)> = self.known(wanted).collect();
        let total = all.len();
        let there: Vec<Target> = nearest(&all, name, 6).filter_map(|(kind, brief)| as_target(kind, brief, wanted)).collect();
        let sorts = wanted.kinds.iter().map(|k| k.word().into_owned()).collect::<Vec<_>>();
        let sorts = if sorts.len() > 3 { "object".to_string() } else { sorts.join(", ") };
        let place = wanted.namespace.map_or("any namespace".to_string(), |ns| format!("namespace {ns}"));
        let named = there.iter().map(Target::slashed).collect::<Vec<_>>().join(", ");
        let tail = match total {
            0 => "there is none at all".to_string(),
            n if n > there.len() => format!("the nearest of {n} are {named}"),
            _ => format!("there is {named}"),
        };
        let choices = there.iter().filter_map(|t| (wanted.choice)(t)).map(|op| op.line()).collect();
        Step::ask("name", format!("I know of no {sorts} like {:?} to {} in {place}; {tail}.", wanted.said, wanted.verb), choices)
    }
}

fn same_namespace(targets: &[Target]) -> bool {
    targets.windows(2).all(|w| w[0].namespace() == w[1].namespace() || w[0].kind() != w[1].kind())
}

fn which(wanted: &Wanted<'_>, many: &[Target]) -> Box<Step> {
    let named = many.iter().take(9).map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let choices = many.iter().take(9).filter_map(|t| (wanted.choice)(t)).map(|op| op.line()).collect();
    Box::new(Step::Question(Question {
        missing: "which".into(),
        text: format!("Which {:?} shall I {}: {named}?", wanted.said, wanted.verb),
        choices,
    }))
}

/// One object by its exact name.
///
/// # Errors
/// A question where the kind forbids the name.
pub fn target(kind: Kind, name: &str, namespace: Option<&Namespace>) -> Result<Target, Box<Step>> {
    Name::new(name)
        .and_then(|n| Target::new(kind, n))
        .map(|t| t.in_namespace(namespace.cloned()))
        .map_err(|e| Step::ask("name", format!("I need the name of a {kind}, and {e}."), Vec::new()))
}

fn place(kind: Kind, namespace: Option<&Namespace>) -> Option<Namespace> {
    namespace.filter(|_| kind.namespaced()).cloned()
}

/// Whether a label that says which application it is has that value.
fn is_app(brief: &Brief, name: &str) -> bool {
    const KEYS: [&str; 4] = ["app", "app.kubernetes.io/name", "app.kubernetes.io/component", "k8s-app"];
    brief.labels.iter().any(|(key, value)| value == name && KEYS.contains(&key.as_str()))
}

/// Whether `name` holds the word as a part between dashes; shorter words than four letters only so, longer ones anywhere.
fn holds(name: &str, word: &str) -> bool {
    let (name, word) = (name.as_bytes(), word.as_bytes());
    let dash = |at: Option<usize>| at.and_then(|at| name.get(at)).is_none_or(|b| *b == b'-');
    let parted = |at: usize| dash(at.checked_sub(1)) && dash(Some(at + word.len()));
    let mut windows = name.windows(word.len().max(1)).enumerate().filter(|(_, part)| part.first() == word.first() && *part == word);
    windows.any(|(at, _)| word.len() >= 4 || parted(at))
}

fn as_target(kind: Kind, brief: &Brief, wanted: &Wanted<'_>) -> Option<Target> {
    Some(Target::new(kind, brief.name.clone()).ok()?.in_namespace(brief.namespace.clone().or(wanted.namespace.cloned())))
}

/// The so many whose names are most like that one, the likest first; of two alike the one that stands first.
fn nearest<'a>(all: &[(Kind, &'a Brief)], name: &str, many: usize) -> impl Iterator<Item = (Kind, &'a Brief)> {
    let mut letters = [false; 256];
    name.bytes().for_each(|letter| letters[usize::from(letter)] = true);
    let likeness = |other: &str| {
        let same_start = other.bytes().zip(name.bytes()).take_while(|(x, y)| x == y).count();
        same_start * 4 + other.bytes().filter(|letter| letters[usize::from(*letter)]).count()
    };
    let mut order: Vec<(Reverse<usize>, usize)> =
        all.iter().enumerate().map(|(at, (_, brief))| (Reverse(likeness(brief.name.as_str())), at)).collect();
    if order.len() > many {
        order.select_nth_unstable(many);
        order.truncate(many);
    }
    order.sort_unstable();
    order.into_iter().map(|(_, at)| all[at])
}
