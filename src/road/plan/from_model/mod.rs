//! A model's replies to plans: the conversation with a model about one request, as a pure value.
//!
//! Owns: what a model is sent ([`share`]), which of its tool calls are operations, when the conversation is over.
//! Does not own: sending it (`doors/model`), whether an operation may be done (vet) or is (the person).
//! Invariants: a reply is data: it ends as a plan of reads, or as one plan of changes that has the whole road before it, never as
//! both; what the model chose and the person did not name is spelled out ([`super::Assumed`]); nothing of a Secret, no literal
//! environment value and nothing beyond the level of sharing is in a request; rounds, bytes and repetitions are bounded.

mod intent;
mod mask;
mod share;
mod tools;

pub use share::Sharing;

use super::{Assumed, Plan, Scope, Source};
use crate::{
    doors::model::{Message, Reply, Request, ToolCall},
    ops::{Answer, Entry, Impact, Op, Sensitive, Target},
    problem::Problem,
};
use intent::Words;
use serde_json::Value;
use std::collections::BTreeMap;

/// How often a model may ask for more before it is given up.
const ROUNDS: u8 = 12;
/// How often it may ask for the very same thing; the next time it is given up.
const SAME: u8 = 2;
/// How many bytes the conversation may have in one request, tools aside.
const BUDGET: usize = 160 * 1024;
/// How much of the person's words goes along.
const MOST_WORDS: usize = 16 * 1024;

const SYSTEM: &str = include_str!("../../../../prompts/system.md");

/// An earlier request of this session, and what was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// The person's words.
    pub asked: String,
    /// What was said or proposed.
    pub said: String,
}

/// What a reply comes to.
#[derive(Debug)]
pub enum Turn {
    /// Operations that only read. They run, and [`Conversation::results`] takes what they give.
    Reads(Plan),
    /// Operations that change something, all of them in one plan. The conversation is over.
    Change(Plan),
    /// An answer in words, Markdown. The conversation is over.
    Say(String),
    /// Nothing that can be done: what was wrong has been put to the model, which is to be asked again.
    Again,
    /// It leads nowhere, and why.
    GiveUp(String),
}

/// A conversation with a model about one request.
#[derive(Debug)]
pub struct Conversation {
    words: Words,
    scope: Scope,
    sharing: Sharing,
    /// The system prompt, what was said before, and the person's words: sent unchanged every time.
    prefix: Vec<Message>,
    /// What came since.
    tail: Vec<Message>,
    /// The last reply's calls that still have no answer.
    waiting: Vec<Waiting>,
    turn: u8,
    seen: BTreeMap<(String, String), u8>,
}

/// One tool call, and where its answer comes from.
#[derive(Debug)]
struct Waiting {
    id: String,
    answer: Slot,
}

#[derive(Debug)]
enum Slot {
    /// It is there already.
    Told(String),
    /// The next result of the reads.
    Read,
}

impl Conversation {
    /// Begins with a person's words. Nothing is sent yet.
    pub fn begin(words: &str, scope: &Scope, sharing: Sharing) -> Conversation {
        Conversation::after(&[], words, scope, sharing)
    }

    /// The same after earlier exchanges, so that an answer to the model's own question makes sense.
    pub fn after(before: &[Exchange], words: &str, scope: &Scope, sharing: Sharing) -> Conversation {
        let mut prefix = vec![Message::System(format!("{SYSTEM}\n{}", facts(scope, sharing)))];
        for exchange in before {
            prefix.push(Message::User(share::cut(&exchange.asked, 2048)));
            prefix.push(Message::Assistant { text: share::cut(&exchange.said, 2048), calls: Vec::new() });
        }
        prefix.push(Message::User(share::cut(words, MOST_WORDS)));
        Conversation {
            words: Words::new(words),
            scope: scope.clone(),
            sharing,
            prefix,
            tail: Vec::new(),
            waiting: Vec::new(),
            turn: 0,
            seen: BTreeMap::new(),
        }
    }

    /// How many replies have been taken: the number of the request that is under way.
    pub fn turn(&self) -> u8 {
        self.turn
    }

    /// Whether reads that the model asked for are under way.
    pub fn waits(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// What is to be sent now. The oldest results give way where it gets too long.
    pub fn request(&self) -> Request {
        let mut messages: Vec<Message> = self.prefix.iter().chain(&self.tail).cloned().collect();
        let mut total: usize = messages.iter().map(size).sum();
        // The newest round is what the model is to go on from; it stays.
        let newest = messages.iter().rposition(|m| matches!(m, Message::Assistant { .. })).unwrap_or(messages.len());
        for message in &mut messages[..newest] {
            if total <= BUDGET {
                break;
            }
            if let Message::Tool { text, .. } = message
                && text.len() > share::GONE.len()
            {
                total -= text.len() - share::GONE.len();
                *text = share::GONE.to_string();
            }
        }
        Request { messages, tools: tools::offered(self.sharing) }
    }

    /// Takes a reply.
    pub fn take(&mut self, reply: Reply) -> Turn {
        if self.waits() {
            return Turn::GiveUp("a second reply came before the first was dealt with".into());
        }
        self.turn = self.turn.saturating_add(1);
        if reply.calls.is_empty() {
            let text = reply.text.trim();
            return if text.is_empty() { Turn::GiveUp("the model said nothing".into()) } else { Turn::Say(text.to_string()) };
        }
        if self.turn > ROUNDS {
            return Turn::GiveUp(format!("the model came to no end in {ROUNDS} rounds"));
        }
        let calls = self.named(reply.calls);
        for call in &calls {
            let times = self.seen.entry((call.name.clone(), call.arguments.clone())).or_insert(0);
            *times = times.saturating_add(1);
            if *times > SAME {
                let name = share::cut(&call.name, 80);
                return Turn::GiveUp(format!("the model asked for the same thing {times} times ({name})"));
            }
        }
        let read: Vec<Result<Op, String>> = calls.iter().map(|call| self.understood(call)).collect();
        let wrong = read.iter().any(Result::is_err);
        let (mut reads, mut changes) = (Vec::new(), Vec::new());
        for op in read.iter().flatten() {
            if op.verb().impact() == Impact::Reads { reads.push(op.clone()) } else { changes.push(op.clone()) }
        }
        if reads.is_empty() && !changes.is_empty() && !wrong {
            return self.change(changes);
        }
        let why_not = if reads.is_empty() { tools::WITH_A_WRONG_ONE } else { tools::WITH_READS };
        self.waiting = calls
            .iter()
            .zip(&read)
            .map(|(call, read)| {
                let answer = match read {
                    Err(wrong) => Slot::Told(wrong.clone()),
                    Ok(op) if op.verb().impact() == Impact::Reads => Slot::Read,
                    Ok(_) => Slot::Told(why_not.to_string()),
                };
                Waiting { id: call.id.clone(), answer }
            })
            .collect();
        self.tail.push(Message::Assistant { text: reply.text, calls: calls.into_iter().map(tools::readable).collect() });
        match Plan::new(self.words.text(), self.source(), reads, Vec::new(), &self.scope) {
            Some(plan) => Turn::Reads(plan),
            None => {
                self.results(Vec::new());
                Turn::Again
            }
        }
    }

    /// Takes what the reads gave, in their order; what is missing gave nothing.
    pub fn results(&mut self, results: Vec<Result<Answer, Problem>>) {
        let mut results = results.into_iter();
        for Waiting { id, answer } in std::mem::take(&mut self.waiting) {
            let text = match answer {
                Slot::Told(text) => text,
                Slot::Read => match results.next() {
                    Some(Ok(answer)) => share::answer(&answer, self.sharing),
                    Some(Err(problem)) => share::problem(&problem),
                    None => "it gave no answer".into(),
                },
            };
            self.tail.push(Message::Tool { call: id, text });
        }
    }

    /// The reads did not work, none of them.
    pub fn fail(&mut self, problem: &Problem) {
        let reads = self.waiting.iter().filter(|w| matches!(w.answer, Slot::Read)).count();
        self.results(vec![Err(problem.clone()); reads]);
    }

    fn source(&self) -> Source {
        Source::Model { asked_to_look: self.words.ask_to_look() }
    }

    fn change(&self, ops: Vec<Op>) -> Turn {
        let assumed = ops.iter().flat_map(|op| self.assumed(op)).collect();
        match Plan::new(self.words.text(), self.source(), ops, assumed, &self.scope) {
            Some(plan) => Turn::Change(plan),
            None => Turn::GiveUp("the model proposed nothing".into()),
        }
    }

    /// What the model chose in an operation and the person did not say.
    fn assumed(&self, op: &Op) -> Vec<Assumed> {
        let mut placed = op.clone();
        placed.verb_mut().place(&self.scope.namespace);
        let mut assumed = Vec::new();
        let mut add = |taken: String, why: &str| {
            let one = Assumed { said: "what you said".into(), taken, why: why.into() };
            if !assumed.contains(&one) {
                assumed.push(one);
            }
        };
        if !self.words.speak_of(op) {
            add(op.verb().title(), "the model chose to do that, your words do not say it");
        }
        for target in placed.verb().targets() {
            if !self.words.name(target.name().as_str()) && !self.talked_about(&target) {
                add(target.slashed(), "the model chose it, your words do not name it");
            }
            if let Some(namespace) = target.namespace()
                && *namespace != self.scope.namespace
                && !self.words.name(namespace.as_str())
            {
                add(format!("namespace {namespace}"), "the model chose it, your words do not name it");
            }
        }
        assumed
    }

    fn talked_about(&self, target: &Target) -> bool {
        self.scope.last.as_ref().is_some_and(|last| last == target) && self.words.point_back()
    }

    /// The calls with ids that are there and differ.
    fn named(&self, calls: Vec<ToolCall>) -> Vec<ToolCall> {
        let mut taken: Vec<String> = Vec::new();
        let mut named = Vec::with_capacity(calls.len());
        for (n, mut call) in calls.into_iter().enumerate() {
            if call.id.is_empty() || taken.contains(&call.id) {
                call.id = format!("call_{}_{n}", self.turn);
            }
            taken.push(call.id.clone());
            named.push(call);
        }
        named
    }

    /// The operation a call asks for, or what is wrong with it, for the model.
    fn understood(&self, call: &ToolCall) -> Result<Op, String> {
        let entry: &Entry = tools::find(&call.name, self.sharing)?;
        let text = if call.arguments.trim().is_empty() { "{}" } else { call.arguments.as_str() };
        let wrong = |what: String| share::cut(&format!("error: {}: {what}", entry.name), 500);
        let arguments: Value = serde_json::from_str(text).map_err(|e| wrong(format!("the arguments are no JSON: {e}")))?;
        if !arguments.is_object() {
            return Err(wrong("the arguments are no JSON object".into()));
        }
        let op = (entry.from_json)(arguments.clone()).map_err(|e| wrong(tools::with_field(entry, &arguments, e)))?;
        // A template, or a document by its path, would show fields that are kept from a model everywhere else.
        if let Op::Get(get) = &op
            && (get.raw.is_some() || get.output.picks_fields())
        {
            return Err(wrong("output: table, wide, json, yaml, name or count; templates and raw paths are for the person".into()));
        }
        // A model may not choose what is read from the person's disk.
        if let Some(file) = op.verb().files().iter().find(|file| !self.words.hold(file)) {
            return Err(wrong(format!("files: the person did not name {file:?}; give the objects themselves")));
        }
        if let Some(file) = op.verb().contents().iter().find(|file| !self.words.hold(file)) {
            return Err(wrong(format!("files: the person did not name {file:?}; give the values themselves")));
        }
        // Nor which secret somebody is to live with: it is never shown, so nobody would see what was chosen.
        let said =
            |value: &Sensitive| value.reveal().and_then(|v| std::str::from_utf8(v).ok()).is_some_and(|v| self.words.text().contains(v));
        if op.verb().sensitive().into_iter().any(|value| !said(value)) {
            return Err(wrong("the person did not say that secret value: ask for it, or say which kubectl line to type".into()));
        }
        Ok(op)
    }
}

fn size(message: &Message) -> usize {
    match message {
        Message::System(text) | Message::User(text) | Message::Tool { text, .. } => text.len(),
        Message::Assistant { text, calls } => text.len() + calls.iter().map(|c| c.name.len() + c.arguments.len()).sum::<usize>(),
    }
}

/// Where one stands.
fn facts(scope: &Scope, sharing: Sharing) -> String {
    let mut facts = format!("Where the person stands:\n\n- current namespace: {}\n", scope.namespace);
    if let Some(last) = &scope.last {
        facts.push_str(&format!("- last talked about: {last}\n"));
    }
    facts.push_str(&format!("- of the cluster you are shown: {}\n", sharing.kinds().join("; ")));
    facts
}

#[cfg(test)]
mod tests;
