//! What was said so far, as far as the next request may lean on it: the request before, the objects listed or named last, the
//! question that stands open.
//!
//! Owns: what "the second", "them", "again" and an answer refer to. Does not own: how they are read (`from_words/`).
//! Invariants: only what a person asked for, and what the cluster listed under legal names, is ever referred to; a question stands
//! open until the next request, which answers it, drops it, or is something else.

use super::{
    Question, Reading, Scope,
    from_words::{self, Thread},
};
use crate::ops::{Answer, Get, Kind, Name, Namespace, Op, Output, Target};

/// The most objects that can be meant together: more are named by what they have in common.
pub const MOST: usize = 20;

/// How many objects spoken of one after the other are remembered.
const SPOKEN: usize = 9;

/// The request before, as it was understood.
#[derive(Debug, Clone)]
pub struct Earlier {
    /// Its words and what was made of them.
    pub thread: Thread,
    /// What it came to; empty where it was no operation.
    pub ops: Vec<Op>,
}

impl Earlier {
    /// Whether it was to change something.
    pub fn changes(&self) -> bool {
        self.ops.iter().any(|op| !op.entry().reads)
    }
}

/// A question that waits for its answer.
#[derive(Debug, Clone)]
pub struct Open {
    /// The request so far.
    pub thread: Thread,
    /// Which of its steps asks.
    pub step: usize,
    /// What was asked.
    pub question: Question,
    /// Whether it was asked a second time, in other words.
    pub again: bool,
}

/// The memory of a talk.
#[derive(Debug, Clone, Default)]
pub struct Talk {
    earlier: Option<Earlier>,
    /// Whether something was said since that leaves nothing to go on from.
    stale: bool,
    group: Vec<Target>,
    more: bool,
    listed_since: bool,
    spoken: Vec<Target>,
    open: Option<Open>,
}

/// What a text is, beside what was said before.
#[derive(Debug)]
pub enum Heard {
    /// A request, by itself or together with what was said before; to be read with the facts.
    Request(Thread),
    /// A request of which this is asked at once.
    Asks(Thread, Question),
    /// What it comes to is known at once.
    Settled(Reading),
}

impl Talk {
    /// Takes a text as what it is in this talk. A question that stood open is answered by it, or dropped.
    pub fn hear(&mut self, text: &str, scope: &Scope) -> Heard {
        let open = self.open.take();
        if from_words::too_long(text).is_some() {
            return Heard::Request(Thread::whole(text, scope));
        }
        match from_words::answered(text, open.as_ref()) {
            from_words::Answered::Request(thread) => Heard::Request(thread),
            from_words::Answered::Dropped => Heard::Settled(Reading::Aside(super::Aside::Drop)),
            from_words::Answered::AskAgain(again) => {
                let question = again.question.clone();
                self.open = Some(again);
                Heard::Settled(Reading::Question(question))
            }
            from_words::Answered::No => match from_words::heard(text, self, scope) {
                Heard::Asks(thread, question) => {
                    self.open = Some(Open { thread, step: 0, question: question.clone(), again: false });
                    Heard::Settled(Reading::Question(question))
                }
                heard => heard,
            },
        }
    }

    /// Whether a question stands open.
    pub fn asks(&self) -> bool {
        self.open.is_some()
    }

    /// Whether a text answers the question that stands open.
    fn answers(&self, text: &str) -> bool {
        let answered = self.open.as_ref().map(|open| from_words::answered(text, Some(open)));
        matches!(answered, Some(from_words::Answered::Request(_) | from_words::Answered::Dropped))
    }

    /// Whether a text goes on from what was said: it answers, leaves or puts right.
    pub fn goes_on(&self, text: &str, scope: &Scope) -> bool {
        match self.clone().hear(text, scope) {
            Heard::Request(thread) => self.answers(text) || thread.corrects(),
            Heard::Settled(Reading::Aside(aside)) => aside == super::Aside::Drop,
            Heard::Settled(_) | Heard::Asks(..) => false,
        }
    }

    /// Something was said that leaves nothing to go on from.
    pub fn forget(&mut self) {
        self.stale = true;
    }

    /// What a request was read as; the number is the step that asks, where one does.
    pub fn took(&mut self, thread: Thread, reading: &Reading, step: usize) {
        match reading {
            Reading::Plan(plan) => self.understood(thread, plan.ops()),
            Reading::Question(question) => self.asked(thread, step, question.clone()),
            Reading::Aside(super::Aside::Investigate { subject, .. }) => self.looks_into(thread, subject.as_ref()),
            // Neither can be gone on from, and what was before is not what is meant any more.
            Reading::Refused(_) => self.forget(),
            // "thanks" says nothing, and changes nothing.
            Reading::Unknown if !thread.is_empty() => self.forget(),
            Reading::Unknown | Reading::Needs(_) | Reading::Aside(_) => {}
        }
    }

    /// A request asks back.
    fn asked(&mut self, thread: Thread, step: usize, question: Question) {
        self.goes_from(Earlier { thread: thread.clone(), ops: Vec::new() });
        self.open = Some(Open { thread, step, question, again: false });
    }

    /// A request was understood as these operations.
    fn understood(&mut self, mut thread: Thread, ops: &[Op]) {
        // Words that hold a value of a Secret are not said again.
        if ops.iter().any(|op| !op.verb().sensitive().is_empty()) {
            thread.text = ops.iter().map(Op::line).collect::<Vec<_>>().join(", ");
        }
        let targets: Vec<Target> = ops.iter().flat_map(named).collect();
        self.names(targets);
        self.goes_from(Earlier { thread, ops: ops.to_vec() });
    }

    /// A request was understood as something to look into.
    fn looks_into(&mut self, thread: Thread, subject: Option<&Target>) {
        self.names(subject.into_iter().cloned().collect());
        self.goes_from(Earlier { thread, ops: Vec::new() });
    }

    fn goes_from(&mut self, earlier: Earlier) {
        self.stale = false;
        self.earlier = Some(earlier);
    }

    fn names(&mut self, targets: Vec<Target>) {
        if !targets.is_empty() {
            self.listed_since = false;
        }
        if targets.len() > 1 {
            self.more = false;
            self.group.clone_from(&targets);
        }
        for target in targets {
            self.spoken.retain(|known| *known != target);
            self.spoken.insert(0, target);
        }
        self.spoken.truncate(SPOKEN);
    }

    /// An operation of the last request listed these, in this order; more than [`MOST`] are not kept.
    pub fn listed(&mut self, mut targets: Vec<Target>) {
        if targets.is_empty() {
            return;
        }
        self.more = targets.len() > MOST;
        targets.truncate(MOST);
        self.listed_since = true;
        self.group = targets;
    }

    /// The request that the next one may go on from.
    pub fn earlier(&self) -> Option<&Earlier> {
        self.earlier.as_ref().filter(|_| !self.stale)
    }
    /// The request that was understood last.
    pub fn before(&self) -> Option<&Earlier> {
        self.earlier.as_ref()
    }
    /// The objects that were listed or named together last, in order.
    pub fn group(&self) -> &[Target] {
        &self.group
    }
    /// Whether more were listed than the group holds.
    pub fn more(&self) -> bool {
        self.more
    }
    /// Whether several were listed since one was named.
    pub fn listed_since(&self) -> bool {
        self.listed_since && self.group.len() > 1
    }
    /// The objects named, the latest first.
    pub fn spoken(&self) -> &[Target] {
        &self.spoken
    }
}

/// The objects an operation names, those of a listing by names among them.
fn named(op: &Op) -> Vec<Target> {
    match op {
        Op::Get(get) => match get.kinds.as_slice() {
            [kind] => get
                .names
                .iter()
                .filter_map(|name| Some(Target::new(*kind, name.clone()).ok()?.in_namespace(get.namespace.clone())))
                .collect(),
            _ => get.targets.clone(),
        },
        op => op.verb().targets(),
    }
}

/// The objects that a listing shows, in the order it shows them. Rows whose name is no legal one are left out.
pub fn rows(op: &Op, answer: &Answer) -> Vec<Target> {
    if let (Op::Find(find), Answer::Found(found)) = (op, answer) {
        let place = (find.namespace.as_ref(), find.all_namespaces);
        return rows_of(Some(find.kind), place, &found.table);
    }
    let Op::Get(get) = op else { return Vec::new() };
    if get.raw.is_some() || get.output == Output::Count {
        return Vec::new();
    }
    match answer {
        Answer::Tables { tables } => {
            tables.iter().flat_map(|table| rows_of(kind_of(get, table), (get.namespace.as_ref(), get.all_namespaces), table)).collect()
        }
        Answer::Objects { items, .. } => items.iter().filter_map(|item| object(&item)).collect(),
        Answer::Log { .. }
        | Answer::Text { .. }
        | Answer::Description(_)
        | Answer::Rollout(_)
        | Answer::Differences { .. }
        | Answer::Found(_) => Vec::new(),
    }
}

/// Of which kind a table's rows are.
fn kind_of(get: &Get, table: &crate::ops::answer::Table) -> Option<Kind> {
    match get.kinds.as_slice() {
        [kind] => Some(*kind),
        kinds => kinds.iter().copied().find(|kind| *kind.plural() == *table.title),
    }
}

/// The objects of a table's rows; the place is the namespace that was looked in, and whether all were.
fn rows_of(kind: Option<Kind>, (namespace, everywhere): (Option<&Namespace>, bool), table: &crate::ops::answer::Table) -> Vec<Target> {
    let Some(kind) = kind else { return Vec::new() };
    let at = |head: &str| table.columns.iter().position(|column| column.eq_ignore_ascii_case(head));
    let Some(name_at) = at("name") else { return Vec::new() };
    let place = at("namespace").filter(|_| everywhere);
    let row = |cells: &Vec<String>| {
        let name = cells.get(name_at)?;
        let name = Name::new(name.rsplit('/').next()?).ok()?;
        let namespace = match place {
            Some(at) => Some(Namespace::new(cells.get(at)?.as_str()).ok()?),
            None => namespace.cloned(),
        };
        Some(Target::new(kind, name).ok()?.in_namespace(namespace))
    };
    table.rows.iter().filter_map(row).collect()
}

fn object(item: &serde_json::Value) -> Option<Target> {
    let text = |path: &str| item.pointer(path)?.as_str();
    let kind = crate::ops::Kind::find(&text("/kind")?.to_lowercase())?;
    let namespace = text("/metadata/namespace").and_then(|ns| Namespace::new(ns).ok());
    Some(Target::new(kind, Name::new(text("/metadata/name")?).ok()?).ok()?.in_namespace(namespace))
}
