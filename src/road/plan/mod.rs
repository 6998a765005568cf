//! From words, kubectl lines, playbooks or a model's reply to a [`Plan`]: exact, typed operations and where they came from.
//!
//! Owns: what was understood, what has to be asked, what is refused in words. Pure: what it must know it says as [`Need`]s.
//! Does not own: whether it may be done (vet), what it would change (preview).
//! Invariants: a change names its object exactly; what was taken for an inexact match is on the plan as an [`Assumed`].

mod accounts;
mod audits;
pub mod batch;
pub mod from_line;
pub mod from_model;
pub mod from_words;
pub mod talk;

pub use accounts::{Inquiry, Side};
pub use audits::{Topic, Unused};

use crate::{
    facts::{Facts, Need},
    ops::{Namespace, Op, Target},
};
use serde::Serialize;

/// Where a plan came from. Only policy and journal read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case", tag = "from")]
pub enum Source {
    /// Plain words, read by the grammar.
    Words,
    /// A kubectl line typed by hand.
    Line,
    /// A model's tool call.
    Model {
        /// Whether the person's own words ask only to look.
        asked_to_look: bool,
    },
    /// A playbook's step.
    Playbook {
        /// Its name.
        name: String,
    },
    /// What a rule of the diagnosis proposed to mend what it found.
    Diagnosis {
        /// The rules' ids, in order.
        rules: Vec<String>,
    },
    /// The way back from a run.
    Undo {
        /// That run's id.
        run: String,
    },
}

/// Something taken for granted that the person did not say exactly; spelled out in the question, never taken under `--yes`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Assumed {
    /// What was said: `api`.
    pub said: String,
    /// What it was taken for: `deployment/todo-api`.
    pub taken: String,
    /// Why: `the only one whose name holds it`.
    pub why: String,
}

/// Typed operations in order. Made only by [`Plan::new`], consumed by vet.
#[derive(Debug)]
pub struct Plan {
    words: String,
    source: Source,
    ops: Vec<Op>,
    assumed: Vec<Assumed>,
    only_rehearsed: bool,
}

impl Plan {
    /// A plan of these operations in the current scope: namespaces that nobody named are filled in. `None` where there are none.
    pub fn new(words: impl Into<String>, source: Source, mut ops: Vec<Op>, assumed: Vec<Assumed>, scope: &Scope) -> Option<Plan> {
        if ops.is_empty() {
            return None;
        }
        for op in &mut ops {
            if scope.everywhere {
                look_everywhere(op);
            }
            op.verb_mut().place(&scope.namespace);
        }
        // Words that hold a value of a Secret go no further than here: what is kept are the lines, which leave it out.
        let words = match ops.iter().any(|op| !op.verb().sensitive().is_empty()) {
            true => ops.iter().map(Op::line).collect::<Vec<_>>().join("; "),
            false => words.into(),
        };
        Some(Plan { words, source, ops, assumed, only_rehearsed: false })
    }

    /// The same plan, to be shown as far as its preview and no further (`--dry-run` on its line).
    #[must_use]
    pub fn rehearsed(self) -> Plan {
        Plan { only_rehearsed: true, ..self }
    }

    /// The operations, in order.
    pub fn ops(&self) -> &[Op] {
        &self.ops
    }
    /// What was taken for granted.
    pub fn assumed(&self) -> &[Assumed] {
        &self.assumed
    }
    /// Whether it ends with its preview.
    pub fn only_rehearsed(&self) -> bool {
        self.only_rehearsed
    }
    /// The words it was made from.
    pub fn words(&self) -> &str {
        &self.words
    }
    /// Where it came from.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The same plan, with more that was taken for granted.
    pub(in crate::road::plan) fn taking(mut self, assumed: impl IntoIterator<Item = Assumed>) -> Plan {
        self.assumed.extend(assumed);
        self
    }

    pub(in crate::road) fn into_parts(self) -> (String, Source, Vec<Op>, Vec<Assumed>) {
        (self.words, self.source, self.ops, self.assumed)
    }
}

/// Reads of many that name no namespace look at all of them; what names an object stays where it is.
fn look_everywhere(op: &mut Op) {
    if let Op::Get(get) = op {
        get.all_namespaces |= get.namespace.is_none() && get.names.is_empty();
    } else if let Op::Events(events) = op {
        events.all_namespaces |= events.namespace.is_none() && events.target.is_none();
    } else if let Op::Find(find) = op {
        find.all_namespaces |= find.kind.namespaced() && find.namespace.is_none() && find.names.is_empty();
    } else if let Op::WhoCan(who) = op {
        who.all_namespaces |= who.kind.namespaced() && who.namespace.is_none() && who.name.is_none();
    } else if let Op::Top(top) = op {
        top.all_namespaces |= top.namespace.is_none() && top.name.is_none();
    }
}

/// What surrounds the words: where one stands and what was last talked about.
#[derive(Debug, Clone, PartialEq)]
pub struct Scope {
    /// The current namespace.
    pub namespace: Namespace,
    /// The object last talked about: what "it" means.
    pub last: Option<Target>,
    /// Whether reads that name no namespace look at all of them (`-A`).
    pub everywhere: bool,
    /// Whether a cluster can be asked. Without one, names are taken as they were said.
    pub cluster: bool,
}

/// What reading a request gave.
#[derive(Debug)]
pub enum Reading {
    /// It is understood whole.
    Plan(Plan),
    /// It can be read once these are known; then read it again with the facts.
    Needs(Vec<Need>),
    /// Something is missing.
    Question(Question),
    /// It is understood and not done, in words.
    Refused(Refusal),
    /// The grammar does not know it: a model may.
    Unknown,
    /// It asks for something that is no operation on the cluster.
    Aside(Aside),
}

/// A question back to the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Question {
    /// What is missing: `name`, `which`, `kind`, `replicas`, `image`, `container`, `revision`, `label`, `value`, `file`,
    /// `namespace`, `what`; `meaning` where a part of a change was not understood (a model may say more).
    pub missing: String,
    /// The question, in one sentence that says what was understood.
    pub text: String,
    /// Possible answers, each a request or a word that can be given back; may be empty.
    pub choices: Vec<String>,
}

/// Why something that was understood is not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// One sentence.
    pub reason: String,
    /// What can be done instead; may be empty.
    pub instead: String,
}

/// A request that is no operation on the cluster.
#[derive(Debug, Clone, PartialEq)]
pub enum Aside {
    /// Take back a run: the last one, or the one named.
    Undo(Option<String>),
    /// Find out why something is as it is, or whether all is well: a playbook's work. The subject is what the words name, if
    /// anything.
    Investigate {
        /// Which object, if one was named and found.
        subject: Option<Target>,
        /// In which namespace; `None` is everywhere.
        namespace: Option<Namespace>,
    },
    /// Look what should be better before it breaks.
    Audit {
        /// What of it.
        topic: Topic,
        /// In which namespace; `None` is everywhere.
        namespace: Option<Namespace>,
    },
    /// What happened, or what stands on what: an account of what is, of an object or of a namespace.
    Account {
        /// What is asked.
        asks: Inquiry,
        /// The object: `redis`, `service/redis`; `None`: all that is in the namespace.
        of: Option<String>,
        /// In which namespace; `None` is everywhere.
        namespace: Option<Namespace>,
    },
    /// From here on this namespace is meant where none is said.
    Here(Namespace),
    /// The question that stood open is left; nothing comes of it.
    Drop,
    /// What can be said here.
    Help,
    /// A sentence is the whole answer.
    Told(String),
}

/// Reads a request: a kubectl line as what it is, anything else as plain words.
pub fn read(text: &str, scope: &Scope, facts: &Facts) -> Reading {
    if let Some(refusal) = from_words::too_long(text) {
        return Reading::Refused(refusal);
    }
    if let Some(aside) = audits::read(text, scope).or_else(|| accounts::read(text, scope)) {
        return Reading::Aside(aside);
    }
    from_line::read(text, scope, facts).unwrap_or_else(|| from_words::read(text, scope, facts))
}

/// Reads what nothing else understood by what it is about: reads, a question or a sentence, and never a change. For where no model is
/// left to ask.
pub fn vaguely(thread: &from_words::Thread, scope: &Scope, facts: &Facts) -> Reading {
    if thread.line.is_some() { Reading::Unknown } else { from_words::vaguely(thread, scope, facts) }
}

/// Reads a request as it stands in a talk. The number is the step that asks, where one does.
pub fn read_thread(thread: &from_words::Thread, scope: &Scope, facts: &Facts) -> (Reading, usize) {
    if let Some(aside) = audits::read(thread.text(), scope).or_else(|| accounts::read(thread.text(), scope)) {
        return (Reading::Aside(aside), 0);
    }
    let Some(line) = &thread.line else { return from_words::read_thread(thread, scope, facts) };
    let reading = from_line::read(line, scope, facts).unwrap_or_else(|| from_words::read(line, scope, facts));
    (thread.leaning(reading, None, scope), 0)
}
