//! Plain words to operations, with no model: normalise → manner → tag (typos) → steps → fill (slots) → decide → find → build.
//!
//! What decides is data: `frames.rs` (intents of their own), `lines.rs` (operations that words fill in as a line), `goals.rs` (what is
//! wanted without an operation); `room.rs` says whether all that was said has a place. `seek/` takes a question over objects out of a
//! step, `making/` reads what is built. A request that goes on from the one before passes `thread.rs`: `refer.rs`, `follow_up/`, `answered.rs`.
//! Phrases that are looked for at a word are lists of `phrases.rs`.
//!
//! Owns: what English of the trade means, word by word; what has to be asked. `lexicon/rows.rs` is the data, one table.
//! Does not own: kubectl lines (`from_line.rs`), whether something may be done (vet).
//! Invariants: every word of a request is accounted for, or it is not understood; a change is made only from a verb that says so,
//! on objects that are named; what was mended, lowered or matched inexactly for a change is on the plan as an [`Assumed`]; a
//! request of several steps is understood whole or not at all.

mod answered;
mod build;
mod carried;
mod context;
mod decide;
mod dialects;
mod everyday;
mod expressions;
mod fill;
mod find;
mod follow_up;
mod frames;
mod glance;
mod goals;
mod lexicon;
mod lines;
mod making;
mod manner;
mod mend;
mod narrated;
mod normalise;
mod parts;
mod phrases;
mod placed;
mod quantities;
mod refer;
mod relined;
mod room;
mod seek;
mod slots;
mod stems;
mod steps;
mod tag;
mod themes;
mod thread;
mod typos;
mod wording;

pub use answered::{Answered, answered, drops};
pub use follow_up::heard;
pub use mend::{Mend, mend, wants_mending};
pub use themes::read as vaguely;
pub use thread::Thread;

use super::{Aside, Assumed, Plan, Question, Reading, Refusal, Scope, Source};
use crate::{
    facts::{Facts, Need},
    ops::{Impact, Op, Target},
};
use decide::Decision;
use parts::{Part, off};

/// Longer requests are not read as words: they are material somebody pasted.
pub const LONGEST: usize = 4_000;

/// What one step came to.
#[derive(Debug)]
pub(super) enum Step {
    Ops(Vec<Op>, Vec<Assumed>),
    Aside(Aside),
    Needs(Vec<Need>),
    Question(Question),
    Refused(Refusal),
    Unknown,
}

impl Step {
    fn ask(missing: &str, text: String, choices: Vec<String>) -> Box<Step> {
        Box::new(Step::Question(Question { missing: missing.into(), text, choices }))
    }
}

/// Reads a request in plain words.
pub fn read(text: &str, scope: &Scope, facts: &Facts) -> Reading {
    read_thread(&Thread::whole(text, scope), scope, facts).0
}

/// Reads a request as it stands after all that was said about it. The number is the step that asks, where one does.
pub fn read_thread(thread: &Thread, scope: &Scope, facts: &Facts) -> (Reading, usize) {
    let (reading, asks) = read_words(thread, scope, facts);
    if let Reading::Plan(_) | Reading::Aside(_) | Reading::Needs(_) = reading {
        return (reading, asks);
    }
    if too_long(&thread.text).is_some() {
        return (reading, asks);
    }
    // Without what is only told beside the request it may be understood.
    let orders = orders(thread.tokens());
    let answers = |read: &Reading| match read {
        Reading::Aside(Aside::Investigate { .. }) => !orders,
        read => matches!(read, Reading::Plan(_) | Reading::Needs(_)),
    };
    let apart = thread.apart(false);
    let mut asks_of_it = None;
    if let Some(better) = apart.as_ref().map(|rest| read_words(rest, scope, facts)) {
        if answers(&better.0) {
            return better;
        }
        asks_of_it = Some(better);
    }
    // Where a look leaves out no more, that was read already.
    let for_a_look = thread.apart(true).filter(|rest| apart.as_ref().is_none_or(|apart| *apart.words != *rest.words));
    if let Some((Reading::Plan(plan), n)) = for_a_look.map(|rest| read_words(&rest, scope, facts))
        && plan.ops().iter().all(|op| op.entry().reads)
    {
        return (Reading::Plan(plan), n);
    }
    // A look at objects that is understood but for words that narrow nothing is what was asked for.
    let loose = apart.as_ref().unwrap_or(thread).loosely().map(|rest| read_words(&rest, scope, facts));
    match loose {
        Some((Reading::Plan(plan), n)) if plan.ops().iter().all(|op| op.entry().reads) => (Reading::Plan(plan), n),
        Some((better @ (Reading::Aside(Aside::Investigate { .. }) | Reading::Needs(_)), n)) => (better, n),
        // What is missing of the request is asked, and not what is told beside it.
        Some(_) | None => match (reading, asks_of_it) {
            (Reading::Question(Question { missing, .. }), Some((better @ Reading::Question(_), n))) if missing == "meaning" => (better, n),
            (reading, _) => (reading, asks),
        },
    }
}

fn read_words(thread: &Thread, scope: &Scope, facts: &Facts) -> (Reading, usize) {
    let text = thread.text.as_str();
    if let Some(refusal) = too_long(text) {
        return (Reading::Refused(refusal), 0);
    }
    if let Some(sign) = shell_sign(text) {
        let refusal =
            Refusal { reason: crate::ops::Misuse::Shell(sign).to_string(), instead: "say each step as a request of its own".into() };
        return (Reading::Refused(refusal), 0);
    }
    if thread.edits.is_empty()
        && !off(Part::Dialects)
        && let Some(reading) = dialects::colon(text, scope)
    {
        return (reading, 0);
    }
    let tokens = thread.tokens();
    if let Some(namespace) = dialects::stands(tokens) {
        return (Reading::Aside(Aside::Here(namespace)), 0);
    }
    if let Some(refusal) = dialects::another_context(tokens) {
        return (Reading::Refused(refusal), 0);
    }
    let rehearsed = fill::only_shown(tokens);
    let parted = steps::split(tokens);
    let untouched = matches!(parted.as_slice(), [one] if one.len() == tokens.len());
    let steps = if !untouched && making::whole(tokens) { vec![tokens.to_vec()] } else { parted };
    let steps = if steps.len() > 1 { carried::pointed(steps) } else { steps };
    let mut filled: Vec<slots::Slots> = steps.iter().map(|tokens| fill::fill(tokens)).collect();
    let carried = carried::namespace(&filled);
    let mut last = thread.it.clone();
    let (mut named, mut leans) = (false, None);
    let mut particular = false;
    let mut read: Vec<(String, Step)> = Vec::new();
    for (n, tokens) in steps.iter().enumerate() {
        // Of several steps one is spoken of by its words.
        let said = if filled.len() > 1 { tokens.iter().map(|t| t.said.as_str()).collect::<Vec<_>>().join(" ") } else { String::new() };
        let taken_over =
            carried.as_ref().filter(|(first, _)| n > *first).and_then(|(_, name)| Some((carried::placed(tokens, &filled[n], name)?, name)));
        let tokens = taken_over.as_ref().map_or(tokens, |(tokens, _)| tokens);
        let mut slots = if taken_over.is_some() { fill::fill(tokens) } else { std::mem::take(&mut filled[n]) };
        if let Some(last) = last.as_ref().filter(|_| n > 0 && named) {
            carried::points_back(tokens, &mut slots, last);
        }
        thread.put(n, &mut slots);
        particular |= slots.objects.iter().any(|o| !o.names.is_empty());
        if !named && slots.leans() {
            leans = thread.it.clone();
        }
        let mut later = slots::Slots::default();
        thread.put(n, &mut later);
        let placed = slots.place.is_some();
        let step = match one_step(tokens, slots, &later, &Scope { last: last.clone(), ..scope.clone() }, facts) {
            Step::Unknown => time_of_day(tokens).unwrap_or(Step::Unknown),
            step => step,
        };
        let step = match step {
            Step::Ops(ops, _) if n > 0 && !placed && ops.iter().any(|op| !op.entry().reads) && carried::points_nowhere(tokens) => {
                *Step::ask(
                    "namespace",
                    format!("I understood \"{said}\", but not which namespace is meant; in which shall it be?"),
                    Vec::new(),
                )
            }
            step => step,
        };
        let step = match (step, &taken_over) {
            (Step::Ops(ops, mut assumed), Some((_, name))) if ops.iter().any(|op| !op.entry().reads) => {
                let why = "it was named once in the request".to_string();
                assumed.push(Assumed { said: said.clone(), taken: format!("namespace {name}"), why });
                Step::Ops(ops, assumed)
            }
            (step, _) => step,
        };
        if let Some(target) = named_last(&step) {
            named = true;
            last = Some(target);
        }
        read.push((said, step));
    }
    let asks = read.iter().position(|(_, step)| matches!(step, Step::Question(_))).unwrap_or(0);
    let reading = match read.len() {
        0 => Reading::Unknown,
        1 => read.pop().map_or(Reading::Unknown, |(_, step)| alone(text, step, scope)),
        _ => together(text, read, scope),
    };
    let reading = match reading {
        // Who asks how, and of nothing in particular, wants to know it.
        Reading::Question(_) if thread.asks_how && thread.edits.is_empty() && !particular => Reading::Unknown,
        Reading::Plan(plan) if rehearsed && plan.ops().iter().any(|op| op.verb().impact() > Impact::Reads) => {
            Reading::Plan(plan.rehearsed())
        }
        reading => reading,
    };
    if let Some(thread) = thread.in_that_namespace(&reading) {
        match namespaces(scope, facts) {
            Some(Err(needs)) => return (Reading::Needs(needs), 0),
            Some(Ok(names)) if names.contains(&thread.1) => return read_thread(&thread.0, scope, facts),
            Some(Ok(_)) | None => {}
        }
    }
    (thread.leaning(reading, leans.as_ref(), scope), asks)
}

/// Whether it begins with the verb of a change.
pub(super) fn orders(tokens: &[tag::Token]) -> bool {
    matches!(tokens.first().map(|t| &t.is), Some(tag::Is::Sense(lexicon::Sense::Act(act))) if act.changes())
}

/// The namespaces there are; `None` where nobody can look.
fn namespaces(scope: &Scope, facts: &Facts) -> Option<Result<Vec<String>, Vec<Need>>> {
    let kind = find::kind("namespace").filter(|_| scope.cluster)?;
    match facts.names(kind, None) {
        None => Some(Err(vec![Need::Names(kind, None)])),
        Some(known) => known.known().map(|all| Ok(all.iter().map(|b| b.name.to_string()).collect())),
    }
}

/// Why so long a text is not read as a request, if it is too long.
pub(super) fn too_long(text: &str) -> Option<Refusal> {
    text.chars().nth(LONGEST)?;
    Some(Refusal {
        reason: format!("the request is longer than {LONGEST} characters, and so long a text is not read as a request"),
        instead: "say in a sentence what shall be done; long text goes into a file".into(),
    })
}

/// Which words were taken for what, for `plan --explain`.
pub fn explain(text: &str) -> Vec<(String, String)> {
    let head: String = text.chars().take(LONGEST).collect();
    let tokens = tag::tag(&manner::put(normalise::with_colons(&head)).words);
    let mut rows = tag::explain(&tokens);
    for step in steps::split(&tokens) {
        let slots = fill::fill(&step);
        let said = step.iter().map(|t| t.said.as_str()).collect::<Vec<_>>().join(" ");
        let left = slots.leftover.join(", ");
        let left = if left.is_empty() { String::new() } else { format!("; no place for: {left}") };
        rows.push((said, format!("{:?}{left}", decide::decide(&slots))));
    }
    rows
}

/// A sign that only a shell could follow. `;` is left out: it ends a sentence as well.
fn shell_sign(text: &str) -> Option<&'static str> {
    let text = expressions::left_out(text);
    [("&&", "&&"), ("||", "||"), ("|", "a pipe (|)"), ("$(", "$(…)"), (">>", "a redirection (< or >)")]
        .into_iter()
        .find(|(sign, _)| text.contains(sign))
        .map(|(_, words)| words)
}

/// `<pod>`, `[namespace]`: what stands for a name in a text that somebody copied.
fn placeholder(tokens: &[tag::Token]) -> Option<Step> {
    let stands = |t: &&tag::Token| {
        !off(Part::Placeholders) && t.is == tag::Is::Strange && (t.said.starts_with(['[', '<']) || t.said.starts_with("{{"))
    };
    let said = &tokens.iter().find(stands)?.said;
    let asks = tokens.iter().any(|t| {
        matches!(t.is, tag::Is::Kind(..) | tag::Is::Sense(lexicon::Sense::Act(_) | lexicon::Sense::Topic(_) | lexicon::Sense::Why))
    });
    let text = format!("{said} stands for a name in the text this comes from; which name shall it be?");
    asks.then(|| *Step::ask("name", text, Vec::new()))
}

fn one_step(tokens: &[tag::Token], mut slots: slots::Slots, later: &slots::Slots, scope: &Scope, facts: &Facts) -> Step {
    // A sign of comparison is no placeholder where the question is understood.
    if let Some(step) = seek::read(tokens, scope, facts) {
        return step;
    }
    if let Some(step) = making::read(tokens, later, scope, facts) {
        return step;
    }
    if let Some(question) = placeholder(tokens) {
        return question;
    }
    match decide::decide(&slots) {
        Decision::Do(act) | Decision::Unclear(act, _)
            if act.changes()
                && let Some(question) = seek::narrowed(tokens, act, &scope.namespace) =>
        {
            question
        }
        Decision::Do(act) => build::build(act, &slots, scope, facts),
        Decision::Goal(goal, change) => build::goal(goals::aim(goal), change, &slots, scope, facts),
        Decision::Unknown => bounds(&slots).unwrap_or(Step::Unknown),
        Decision::Refuse(reason, instead) => Step::Refused(Refusal { reason: reason.into(), instead: instead.into() }),
        Decision::Vague("limits") => {
            let of = slots.objects.iter().flat_map(|o| o.names.iter()).next().map_or("it", String::as_str);
            let what = if slots.memory { "memory" } else { "cpu" };
            *Step::ask(
                "limits",
                format!("I understood that the {what} of {of} shall change; its limit or its request, and to how much?"),
                vec![format!("set the {what} limit of {of} to …"), format!("set the {what} request of {of} to …")],
            )
        }
        Decision::Vague(way @ ("stop" | "start")) => {
            let of = slots.objects.iter().flat_map(|o| o.names.iter()).next().map_or("it", String::as_str);
            let (text, choices) = match way {
                "stop" => (
                    format!("Kubernetes has no stop. Shall {of} be scaled to none, so that it can come back, or be deleted?"),
                    vec![format!("scale {of} to 0"), format!("delete deployment {of}")],
                ),
                _ => (
                    format!("Kubernetes has no start. To how many replicas shall {of} be scaled, or shall it be restarted?"),
                    vec![format!("scale {of} to …"), format!("restart {of}")],
                ),
            };
            *Step::ask("what", text, choices)
        }
        Decision::Vague(missing) => {
            let of = slots.objects.iter().flat_map(|o| o.names.iter()).next().map_or("something", String::as_str);
            *Step::ask(missing, format!("I understood that {of} shall change; in what: its replicas, its image, its labels?"), Vec::new())
        }
        Decision::Unclear(act, words) => {
            let mut joined = true;
            slots.objects.retain(|o| std::mem::replace(&mut joined, false) || o.joined);
            unclear(act, &words, &slots, scope, facts)
        }
    }
}

/// "at least 3 replicas of backend": a number now, or a bound that holds from here on.
fn bounds(slots: &slots::Slots) -> Option<Step> {
    let bound = [("min", "at least"), ("max", "at most")].into_iter().find(|(role, _)| slots.says(role));
    let ((role, words), false) = (bound?, slots.show || slots.ask.is_some() || slots.lesson || slots.not) else { return None };
    let (n, of) = (slots.values(role).first()?.to_string(), slots.objects.iter().flat_map(|o| o.names.iter()).next()?);
    if !slots.acts.is_empty() || !slots.foreign.is_empty() {
        return None;
    }
    let text = format!("I understood {words} {n} for {of}: so many now, or a bound that an autoscaler keeps?");
    Some(*Step::ask("which", text, vec![format!("scale {of} to {n}"), format!("autoscale {of} with {role} {n}")]))
}

/// "since 10am": a time of day, where a length of time is read.
fn time_of_day(tokens: &[tag::Token]) -> Option<Step> {
    let at = tokens.iter().position(|t| t.means(lexicon::Sense::Since))?;
    let said = &tokens.get(at + 1)?.said;
    quantities::time_of_day(said).then(|| {
        *Step::ask("since", format!("I understood that it shall begin at {said}; how long ago is that, for example 2 hours?"), Vec::new())
    })
}

/// A change of which something is not understood: it is asked about whole, with what was understood as a choice.
fn unclear(act: lexicon::Act, words: &[String], slots: &slots::Slots, scope: &Scope, facts: &Facts) -> Step {
    let verb = frames::verb(act);
    let choices = match build::build(act, slots, scope, facts) {
        // What is not understood may be what is to go: "remove the taint from node n1" offers no end of the node.
        Step::Ops(..) if act == lexicon::Act::Delete => Vec::new(),
        Step::Ops(ops, assumed) if assumed.is_empty() => ops.iter().map(Op::line).collect(),
        Step::Needs(needs) => return Step::Needs(needs),
        Step::Ops(..) | Step::Aside(_) | Step::Question(_) | Step::Refused(_) | Step::Unknown => Vec::new(),
    };
    let words = words.iter().map(|w| format!("\"{w}\"")).collect::<Vec<_>>().join(", ");
    *Step::ask(
        "meaning",
        format!("I understood that you want to {verb} something, but not {words}; nothing is done. Please say it in other words."),
        choices,
    )
}

fn alone(text: &str, step: Step, scope: &Scope) -> Reading {
    match step {
        Step::Ops(ops, assumed) => Plan::new(text, Source::Words, ops, assumed, scope).map_or(Reading::Unknown, Reading::Plan),
        Step::Aside(aside) => Reading::Aside(aside),
        Step::Needs(needs) => Reading::Needs(needs),
        Step::Question(question) => Reading::Question(question),
        Step::Refused(refusal) => Reading::Refused(refusal),
        Step::Unknown => Reading::Unknown,
    }
}

/// Several steps: one plan in order if every one is understood; else the whole is asked about, naming the part.
fn together(text: &str, steps: Vec<(String, Step)>, scope: &Scope) -> Reading {
    let mut needs = Vec::new();
    let (mut ops, mut assumed) = (Vec::new(), Vec::new());
    let mut asides = Vec::new();
    let (mut unknown, mut understood) = (Vec::new(), Vec::new());
    let mut question = None;
    for (said, step) in steps {
        match step {
            Step::Refused(Refusal { reason, instead }) => {
                return Reading::Refused(Refusal { reason: format!("of \"{said}\": {reason}; so none of it is done"), instead });
            }
            Step::Ops(more, taken) => {
                understood.push(said);
                ops.extend(more);
                assumed.extend(taken);
            }
            Step::Needs(more) => needs.extend(more),
            Step::Question(q) => question = question.or(Some(q)),
            Step::Aside(aside) => {
                understood.push(said);
                asides.push(aside);
            }
            Step::Unknown => unknown.push(said),
        }
    }
    if !unknown.is_empty() {
        if understood.is_empty() && question.is_none() && needs.is_empty() {
            return Reading::Unknown;
        }
        let text = format!(
            "I did not understand \"{}\", and a request is done whole or not at all; please say that part in other words.",
            unknown.join("\", \"")
        );
        return Reading::Question(Question { missing: "meaning".into(), text, choices: understood });
    }
    if !needs.is_empty() {
        return Reading::Needs(needs);
    }
    if let Some(question) = question {
        return Reading::Question(question);
    }
    // `;` after a look is how a second command is slipped in: a change behind it is asked for by itself.
    if text.contains(';') && ops.iter().any(|op| !op.entry().reads) {
        let reason = crate::ops::Misuse::Shell("a list of commands (;)").to_string();
        return Reading::Refused(Refusal { reason, instead: "say each step as a request of its own, or join them by \"then\"".into() });
    }
    match (ops.is_empty(), asides.len()) {
        (false, 0) => Plan::new(text, Source::Words, ops, assumed, scope).map_or(Reading::Unknown, Reading::Plan),
        (true, n) if n > 0 => one_aside(asides),
        _ => {
            let text = "Those are two things of different sorts; please ask for one after the other.".to_string();
            Reading::Question(Question { missing: "which".into(), text, choices: understood })
        }
    }
}

/// "analyze the cluster and find issues" is one question, not two.
fn one_aside(asides: Vec<Aside>) -> Reading {
    let all_look = asides.iter().all(|a| matches!(a, Aside::Investigate { .. }));
    let best = asides.into_iter().max_by_key(|a| match a {
        Aside::Investigate { subject, namespace } => (subject.is_some(), namespace.is_none()),
        Aside::Audit { .. } | Aside::Account { .. } | Aside::Undo(_) | Aside::Here(_) | Aside::Drop | Aside::Help | Aside::Told(_) => {
            (false, false)
        }
    });
    match best {
        Some(aside) if all_look => Reading::Aside(aside),
        _ => Reading::Unknown,
    }
}

fn named_last(step: &Step) -> Option<Target> {
    match step {
        Step::Ops(ops, _) => ops.last()?.verb().targets().pop(),
        Step::Aside(Aside::Investigate { subject, .. }) => subject.clone(),
        Step::Aside(_) | Step::Needs(_) | Step::Question(_) | Step::Refused(_) | Step::Unknown => None,
    }
}

#[cfg(test)]
mod said;
#[cfg(test)]
mod tests;
