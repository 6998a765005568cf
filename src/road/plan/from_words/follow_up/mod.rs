//! Requests that say only what is different from the one before: "and frontend?", "no, the backend", "make it 5", "and the logs?",
//! "again", "as yaml", "why?". Each is the request before with something changed in it, or a question.
//!
//! Invariants: a text with a verb of its own is a request by itself; every word of a follow-up is accounted for; where there is
//! nothing it can go on from, it is asked about.

mod marks;

pub use marks::{bare, ordinal, ordinal_word};

use marks::{AGAIN, BACK, MORE, Mark, Mark as M, WHY, is_one_of, strip};

use super::{
    decide::{self, Decision},
    dialects, fill,
    lexicon::{Act, Sense},
    normalise::{Word, normalise},
    parts::{Part, off},
    refer::refer,
    relined, shell_sign,
    slots::{Amount, Place, Slots, looks_like_tag},
    steps,
    tag::{self, Is, Token},
    thread::{Edit, Lean, Said, Thread},
};
use crate::{
    facts::Facts,
    ops::Op,
    road::plan::{
        Aside, Question, Reading, Refusal, Scope, from_line,
        talk::{Earlier, Heard, Talk},
    },
};

/// Takes a text as a request of its own, or as one that goes on from the request before.
pub fn heard(text: &str, talk: &Talk, scope: &Scope) -> Heard {
    if from_line::read(text, scope, &Facts::default()).is_some() {
        return Heard::Request(Thread::of_line(text, text.to_string(), scope));
    }
    let whole = Thread::whole(text, scope);
    let stands = || dialects::may_stand(&whole.words) && dialects::stands(whole.tokens()).is_some();
    if shell_sign(text).is_some() || stands() || dialects::colon(text, scope).is_some() {
        return Heard::Request(whole);
    }
    match follows(text, &whole.words, talk, scope).filter(|_| !off(Part::FollowUp)) {
        Some(Ok(thread)) => return Heard::Request(thread),
        Some(Err(reading)) => return Heard::Settled(*reading),
        None => {}
    }
    match refer(&whole.words, talk, scope) {
        Ok(referred) => {
            let words = if referred.taken.is_empty() { whole.words } else { referred.words.into() };
            Heard::Request(Thread { words, taken: referred.taken, rather: rather(talk), ..whole })
        }
        Err(unclear) => Heard::Asks(Thread { words: unclear.words.into(), it: None, ..whole }, unclear.question),
    }
}

/// What "it" may be beside what was spoken of last.
fn rather(talk: &Talk) -> Vec<crate::ops::Target> {
    if talk.listed_since() { talk.group().to_vec() } else { Vec::new() }
}

type Follows = Result<Thread, Box<Reading>>;

fn ask(missing: &str, text: String, choices: Vec<String>) -> Follows {
    Err(Box::new(Reading::Question(Question { missing: missing.into(), text, choices })))
}

fn nothing_before(said: &str) -> Follows {
    ask(
        "what",
        format!("I understood that {said:?} goes on from a request, and there is none that it could go on from; please say it whole."),
        Vec::new(),
    )
}

fn follows(text: &str, words: &Said, talk: &Talk, scope: &Scope) -> Option<Follows> {
    let low = bare(words);
    let said = text.trim();
    let nothing = || nothing_before(said);
    if is_one_of(AGAIN, &low) {
        let Some(earlier) = talk.earlier() else { return Some(nothing()) };
        return Some(Ok(Thread {
            text: format!("{}, {said}", earlier.thread.text),
            said: said.to_string(),
            lean: Lean::Follows,
            ..earlier.thread.clone()
        }));
    }
    if is_one_of(BACK, &low) {
        return Some(match talk.earlier() {
            // Only what was changed can be taken back, and that may be longer ago than the last request.
            _ if low.starts_with("undo") => Err(Box::new(Reading::Aside(Aside::Undo(None)))),
            Some(earlier) if earlier.changes() => Err(Box::new(Reading::Aside(Aside::Undo(None)))),
            Some(_) => ask(
                "what",
                format!(
                    "I understood that {said:?} takes something back, and the request before changed nothing; \"undo\" takes back the last change."
                ),
                vec!["undo".into()],
            ),
            None => nothing(),
        });
    }
    if is_one_of(WHY, &low) && (low.split(' ').next() != Some("what") || scope.last.is_some()) {
        return Some(match &scope.last {
            Some(_) => {
                Ok(Thread { text: "why is it failing".into(), words: normalise("why is it failing").into(), ..Thread::whole(text, scope) })
            }
            None => ask("name", "I understood that you want to know why, but not of what; please name it.".into(), Vec::new()),
        });
    }
    if is_one_of(MORE, &low) {
        return more(said, talk);
    }
    let (marks, mut rest) = strip(words);
    if let Some(thread) = context(&rest, said, talk) {
        return Some(thread);
    }
    if let Some(right) = put_right(words, talk) {
        let referred = refer(&right, talk, scope);
        return match referred {
            Ok(referred) => goes_on(said, &referred.words, &[M::Rights], talk, scope),
            Err(unclear) => Some(Err(Box::new(Reading::Question(unclear.question)))),
        };
    }
    // "the one in staging"
    if rest.len() > 2 && rest[0].is("the") && rest[1].is("one") && ["in", "from", "on", "with"].iter().any(|p| rest[2].is(p)) {
        rest.drain(..2);
    }
    let named = || if rest.len() == words.len() { has_a_name(words.tokens()) } else { has_a_name(&tag::tag(&rest)) };
    if rest.is_empty() || marks.is_empty() && !starts_with_a_preposition(&rest) && named() {
        return None;
    }
    match refer(&rest, talk, scope) {
        Ok(referred) => {
            let mut followed = goes_on(said, &referred.words, &marks, talk, scope)?;
            if let Ok(thread) = &mut followed {
                thread.taken.extend(referred.taken);
            }
            Some(followed)
        }
        // Without a mark it may be a request all the same, which asks for itself.
        Err(unclear) if !marks.is_empty() && !has_a_verb(&tag::tag(&rest)) => Some(Err(Box::new(Reading::Question(unclear.question)))),
        Err(_) => None,
    }
}

fn has_a_name(tokens: &[Token]) -> bool {
    tokens.iter().any(|t| t.nameable() && !looks_like_tag(&t.said) || matches!(t.is, Is::Slashed(..)))
}

fn starts_with_a_preposition(words: &[Word]) -> bool {
    words.first().is_some_and(|w| ["in", "on", "-n", "--namespace", "of", "for"].iter().any(|p| w.is(p)) || w.low.starts_with('-'))
}

/// A log of which more is wanted.
fn more(said: &str, talk: &Talk) -> Option<Follows> {
    let earlier = talk.earlier()?;
    let [Op::Logs(logs)] = earlier.ops.as_slice() else { return None };
    let Some(tail) = logs.tail else {
        return Some(ask("lines", "The whole log was read already; of which other container, or of the previous one?".into(), Vec::new()));
    };
    let slots = Slots { tail: Some(u64::from(tail).saturating_mul(2).max(1)), ..Slots::default() };
    Some(changed(earlier, said, slots, Lean::Follows))
}

/// "and in context prod", "on the staging cluster": the context is fixed when the program starts.
fn context(rest: &[Word], said: &str, talk: &Talk) -> Option<Follows> {
    let rest: Vec<&Word> = rest.iter().filter(|w| !w.is("the") && !w.is("my") && !w.is("our")).collect();
    let word = |w: &Word| w.is("context") || w.is("cluster");
    let name = match rest.as_slice() {
        [prep, what, name] | [prep, name, what] if (prep.is("in") || prep.is("on") || prep.is("for")) && word(what) && !word(name) => name,
        _ => return None,
    };
    if ["this", "that", "whole", "same", "entire", "all"].contains(&name.low.as_str()) {
        return None;
    }
    let words = talk.earlier().map_or("…", |earlier| earlier.thread.text.as_str());
    let quoted = crate::ops::argv::quoted(words);
    Some(Err(Box::new(Reading::Refused(Refusal {
        reason: format!("{said:?} is about another context, and the context is fixed when aiops starts"),
        instead: format!("aiops --context {} {quoted}", crate::ops::argv::quoted(&name.said)),
    }))))
}

/// "not backend but frontend", "frontend, not backend": what stands in its place, where the first was spoken of.
fn put_right(words: &[Word], talk: &Talk) -> Option<Vec<Word>> {
    let earlier = talk.earlier()?;
    let known = |part: &[Word]| {
        let name = part.iter().rev().find(|w| !["one", "the"].iter().any(|p| w.is(p)) && crate::ops::Kind::find(&w.low).is_none());
        name.is_some_and(|name| {
            earlier.thread.words.iter().any(|w| w.low == name.low)
                || earlier.thread.line.as_ref().is_some_and(|line| line.split(['/', ' ', '=']).any(|w| w == name.low))
                || earlier.ops.iter().flat_map(|op| op.verb().targets()).any(|t| t.name().as_str().contains(name.low.as_str()))
                || name.low.parse::<u64>().is_ok()
        })
    };
    let (marks, rest) = strip(words);
    let rest = if marks.iter().all(|m| *m != M::Only) { rest } else { words.to_vec() };
    if rest.first().is_some_and(|w| w.is("not")) {
        let at = rest.iter().position(|w| w.is("but") || w.is(","))?;
        let skip = rest[at..].iter().take_while(|w| ["but", ",", "the"].iter().any(|p| w.is(p))).count();
        let (wrong, right) = (&rest[1..at], &rest[at + skip..]);
        return (known(wrong) && !right.is_empty()).then(|| right.to_vec());
    }
    let at = rest.iter().position(|w| w.is("not") || w.is("instead"))?;
    let of = usize::from(rest[at].is("instead") && rest.get(at + 1).is_some_and(|w| w.is("of")));
    if rest[at].is("instead") && of == 0 {
        return None;
    }
    let right: Vec<Word> = rest[..at].iter().filter(|w| !w.is(",")).cloned().collect();
    (!right.is_empty() && known(&rest[at + 1 + of..]) && !has_a_verb(&tag::tag(&right))).then_some(right)
}

/// Whether there is a verb in it: then it is a request, and goes on from none.
pub fn has_a_verb(tokens: &[Token]) -> bool {
    tokens.iter().any(|t| {
        matches!(
            t.is,
            Is::Sense(
                Sense::Act(_)
                    | Sense::Show
                    | Sense::Alter(_)
                    | Sense::Want
                    | Sense::Lesson
                    | Sense::Mark
                    | Sense::Foreign
                    | Sense::Halt
                    | Sense::Start
                    | Sense::Wish
                    | Sense::Advise
                    | Sense::Probe
                    | Sense::Why
            )
        )
    })
}

fn goes_on(said: &str, rest: &[Word], marks: &[Mark], talk: &Talk, scope: &Scope) -> Option<Follows> {
    let tokens = tag::tag(rest);
    if let Some(thread) = about_it(said, rest, &tokens, marks, scope) {
        return Some(thread);
    }
    if has_a_verb(&tokens) {
        return None;
    }
    if let [since, time] = tokens.as_slice()
        && since.means(Sense::Since)
        && super::quantities::time_of_day(&time.said)
    {
        return Some(ask(
            "since",
            format!("I understood that it shall begin at {}; how long ago is that, for example 2 hours?", time.said),
            Vec::new(),
        ));
    }
    let lean = if marks.contains(&M::Rights) { Lean::Corrects } else { Lean::Follows };
    let slots = fragment(&tokens)?;
    let marked = marks.iter().any(|m| *m != M::Only);
    if !marked && (!slots.objects.is_empty() || whole(said)) {
        return None;
    }
    let Some(earlier) = talk.earlier() else {
        return (rest.len() <= 4 && !whole(said)).then(|| nothing_before(said));
    };
    Some(on(earlier, said, rest, slots, lean, scope))
}

/// Whether a text says something by itself.
fn whole(text: &str) -> bool {
    let words = normalise(text);
    matches!(decide::decide(&fill::fill(&tag::tag(&words))), Decision::Do(_) | Decision::Refuse(..))
}

/// "and the logs?", "its events", "describe": of what was spoken of last.
fn about_it(said: &str, rest: &[Word], tokens: &[Token], marks: &[Mark], scope: &Scope) -> Option<Follows> {
    let slots = fill::fill(tokens);
    let (topics, acts) = (slots.topics.as_slice(), slots.acts.as_slice());
    let act = match (topics, acts) {
        ([one @ (Act::Logs | Act::Events | Act::Status | Act::History)], []) => *one,
        ([], [Act::Describe]) => Act::Describe,
        _ => return None,
    };
    let alone = slots.objects.is_empty() && slots.place.is_none() && slots.leftover.is_empty() && slots.foreign.is_empty();
    let plain = slots.alter.is_none()
        && !slots.not
        && !slots.lesson
        && !slots.trouble
        && !slots.health
        && !slots.cluster
        && !slots.everything
        && slots.pairs.is_empty();
    // "events" by itself asks for all of them.
    let goes = marks.iter().any(|m| *m != M::Only) || slots.its || act != Act::Events;
    if !alone || !plain || !goes || slots.it && !slots.its {
        return None;
    }
    scope.last.as_ref()?;
    let mut words = rest.to_vec();
    if !slots.it {
        words.extend(normalise(if act == Act::Describe { "it" } else { "of it" }));
    }
    Some(Ok(Thread { words: words.into(), ..Thread::whole(said, scope) }))
}

/// What a few words without a verb say; `None` where a word is left over.
fn fragment(tokens: &[Token]) -> Option<Slots> {
    let tokens: Vec<Token> = tokens.iter().filter(|t| !matches!(t.is, Is::Comma | Is::Sense(Sense::Filler))).cloned().collect();
    let small = |t: &&Token| !matches!(t.is, Is::Sense(Sense::Det | Sense::To | Sense::With | Sense::As | Sense::Up | Sense::Down));
    let heavy: Vec<&Token> = tokens.iter().filter(small).collect();
    let direction = if tokens.iter().any(|t| t.means(Sense::Down)) { -1 } else { 0 };
    let one = match heavy.as_slice() {
        [Token { is: Is::Number(n), .. }] => Some(Slots { amount: Some(Amount::To(*n)), direction, ..Slots::default() }),
        [Token { is: Is::Sense(Sense::Times(n)), .. }]
        | [Token { is: Is::Sense(Sense::Times(n)), .. }, Token { is: Is::Sense(Sense::It | Sense::This), .. }] => {
            let amount = if *n == 2 { Amount::Double } else { Amount::Half };
            Some(Slots { amount: Some(amount), ..Slots::default() })
        }
        [Token { is: Is::Image, said, .. }] => Some(Slots { image: Some(said.to_string()), ..Slots::default() }),
        [Token { is: Is::Word | Is::Amount, said, .. }] if looks_like_tag(said) => {
            Some(Slots { tag: Some(said.to_string()), ..Slots::default() })
        }
        _several_words => None,
    };
    if one.is_some() {
        return one;
    }
    let slots = fill::fill(&tokens);
    let verbs = !slots.acts.is_empty() || !slots.topics.is_empty() || slots.alter.is_some() || slots.ask.is_some() || slots.be;
    let bars = slots.lesson || slots.not || slots.or || slots.condition || slots.asides || slots.everything || slots.cluster || slots.it;
    let sorts = slots.health || slots.trouble || slots.probe || slots.resource || slots.cpu || slots.memory;
    if verbs || bars || sorts || !slots.leftover.is_empty() || !slots.foreign.is_empty() || slots.to_word.is_some() {
        return None;
    }
    let says = !slots.objects.is_empty()
        || slots.place.is_some()
        || slots.amount.is_some()
        || slots.image.is_some()
        || slots.tag.is_some()
        || slots.tail.is_some()
        || slots.since.is_some()
        || slots.previous
        || slots.timestamps
        || slots.output.is_some()
        || slots.container.is_some()
        || slots.all_containers
        || slots.labels
        || slots.sorted_by_name
        || slots.sorted_by_time
        || slots.revision.is_some()
        || !slots.states.is_empty()
        || !slots.types.is_empty()
        || !slots.pairs.is_empty();
    says.then_some(slots)
}

/// The request before with these slots in it; where it has no room for them, what was spoken of last with them, or a question.
fn on(earlier: &Earlier, said: &str, rest: &[Word], mut slots: Slots, lean: Lean, scope: &Scope) -> Follows {
    let first = earlier.ops.first();
    let of_logs = slots.tail.is_some() || slots.previous || slots.timestamps || slots.all_containers;
    let it = |words: &str, slots: Slots| {
        let thread = Thread { words: normalise(words).into(), ..Thread::whole(said, scope) };
        Ok(Thread { text: said.to_string(), ..thread.edited(said, Edit { step: Some(0), slots: Box::new(slots) }) })
    };
    let named = !slots.objects.is_empty();
    // "describe service web", "and the deployment?": of the same name, where it only looks.
    if let ([object], false, [target]) = (
        slots.objects.as_mut_slice(),
        earlier.changes(),
        earlier.ops.iter().flat_map(|op| op.verb().targets()).collect::<Vec<_>>().as_slice(),
    ) && object.names.is_empty()
        && !object.plural
        && object.kinds.len() == 1
    {
        object.names.push(target.name().to_string());
    }
    if slots.objects.is_empty() && scope.last.is_some() {
        let shown = slots.output.is_some();
        if shown && !of_logs && slots.amount.is_none() && !matches!(first, Some(Op::Get(_))) {
            return it("show it", slots);
        }
        if of_logs && !matches!(first, Some(Op::Logs(_))) && !(shown && matches!(first, Some(Op::Get(_)))) {
            return it("logs of it", slots);
        }
    }
    // "5", where nothing was counted.
    if let (Some(Amount::To(n)), false) = (slots.amount, named) {
        match first {
            Some(Op::Scale(_)) => {}
            Some(Op::RolloutUndo(_) | Op::RolloutHistory(_)) => {
                slots.amount = None;
                slots.revision = Some(n);
            }
            Some(Op::Logs(_)) => {
                slots.amount = None;
                slots.tail = Some(n);
            }
            _ => {
                let choices = scope.last.iter().filter(|t| t.kind().rolls_out()).map(|t| format!("scale {} to {n}", t.slashed())).collect();
                return ask("what", format!("I understood {n}, but not of what: the request before counted nothing."), choices);
            }
        }
    } else if slots.amount.is_some() && !named && !matches!(first, Some(Op::Scale(_))) {
        return ask(
            "what",
            format!("I understood that {said:?} is an amount, and the request before counted nothing; of what is it?"),
            Vec::new(),
        );
    }
    if (slots.image.is_some() || slots.tag.is_some()) && !named && !matches!(first, Some(Op::SetImage(_))) {
        // `web.2` may be a name as well.
        let what = rest.iter().map(|w| w.said.as_str()).collect::<Vec<_>>().join(" ");
        return ask(
            "what",
            format!("I understood the image or the version {what:?}, and the request before was about no image; what shall have it?"),
            Vec::new(),
        );
    }
    changed(earlier, said, slots, lean)
}

/// The request before, changed.
fn changed(earlier: &Earlier, said: &str, slots: Slots, lean: Lean) -> Follows {
    // What was never more than a question is still being said.
    let lean = if earlier.ops.is_empty() { Lean::Whole } else { lean };
    if let Some(line) = &earlier.thread.line {
        let [op] = earlier.ops.as_slice() else {
            return ask("what", format!("I understood that {said:?} goes on from {line:?}, but not how; please say it whole."), Vec::new());
        };
        return match relined::relined(op, &slots) {
            Some(line) => Ok(Thread {
                text: format!("{}, {said}", earlier.thread.text),
                said: said.to_string(),
                line: Some(line),
                lean,
                ..earlier.thread.clone()
            }),
            None => ask(
                "what",
                format!("I understood that {said:?} goes on from {:?}, but not how; please say it whole.", op.line()),
                Vec::new(),
            ),
        };
    }
    let steps = steps::split(earlier.thread.tokens());
    let filled: Vec<Slots> = steps
        .iter()
        .enumerate()
        .map(|(n, tokens)| {
            let mut slots = fill::fill(tokens);
            earlier.thread.put(n, &mut slots);
            slots
        })
        .collect();
    let fits: Vec<usize> = match filled.len() {
        1 => vec![0],
        _ => {
            let fit = |s: &Slots| {
                (slots.objects.is_empty() || s.objects.iter().any(|o| !o.names.is_empty()))
                    && (slots.amount.is_none() || s.amount.is_some())
            };
            filled.iter().enumerate().filter(|(_, s)| fit(s)).map(|(n, _)| n).collect()
        }
    };
    let only_place = slots.objects.is_empty() && slots.amount.is_none() && matches!(slots.place, Some(Place::Named(_)));
    let step = match fits.as_slice() {
        [one] => Some(*one),
        _ if only_place => None,
        _ => {
            let text = format!("The request before had several steps, and {said:?} may mean more than one of them; please say it whole.");
            return ask("what", text, Vec::new());
        }
    };
    Ok(Thread { lean, rather: Vec::new(), ..earlier.thread.edited(said, Edit { step, slots: Box::new(slots) }) })
}
