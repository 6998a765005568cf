//! Where a run stands; each phase holds exactly the value it waits with.

use super::mending::Mending;
use crate::{
    experts::playbook::Runner,
    facts::Facts,
    ops::{Namespace, Target},
    road::{
        plan::{Assumed, Plan, Source, from_model::Conversation, from_words::Thread},
        preview::Previewed,
        undo::PastRun,
    },
};

/// One run, from its words to its outcome.
#[derive(Debug)]
pub(super) struct Run {
    /// The words.
    pub(super) text: String,
    /// The same as it stands in the talk; `None` where no person said it.
    pub(super) thread: Option<Box<Thread>>,
    /// Where it stands.
    pub(super) phase: Phase,
    /// The playbook whose step this is.
    pub(super) playbook: Option<Box<Runner>>,
    /// Where its plan came from, for asking anew.
    pub(super) source: Option<Source>,
    /// What its plan takes for granted, for asking anew.
    pub(super) assumed: Vec<Assumed>,
    /// What is being said with a model about it.
    pub(super) conversation: Option<Box<Conversation>>,
    /// What it is to mend.
    pub(super) mends: Option<Box<Mending>>,
}

/// Where a run stands.
#[derive(Debug)]
pub(super) enum Phase {
    /// Its words are read; names are being looked up.
    Reading { facts: Facts, rounds: u8 },
    /// A model is asked.
    Thinking,
    /// The run to undo is searched for.
    FindingRun,
    /// The way back is held against what is there now.
    LookingBack { past: Box<PastRun>, who: crate::road::journal::Who },
    /// What is wrong with it, or there, or anywhere, is found out.
    Diagnosing { subject: Option<Target>, namespace: Option<Namespace> },
    /// What was to be mended is looked at again.
    LookingAgain(Box<Mending>),
    /// Checks are asked; whether all that they find is told.
    Auditing { whole: bool },
    /// An account is given.
    Recounting,
    /// Its plan waits for facts.
    Vetting { plan: Plan, facts: Facts, rounds: u8 },
    /// It is rehearsed.
    Previewing,
    /// It asks.
    Asking(Box<Previewed>),
    /// It would ask, and another question is before it.
    Queued(Box<Previewed>),
    /// It is carried out.
    Doing { changes: bool },
}

impl Run {
    /// A run of these words that stands there, and of which nothing else is known yet.
    pub(super) fn at(text: String, phase: Phase) -> Run {
        Run { text, thread: None, phase, playbook: None, source: None, assumed: Vec::new(), conversation: None, mends: None }
    }
}

impl Phase {
    /// A word for the log.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Phase::Reading { .. } => "reading",
            Phase::Thinking => "thinking",
            Phase::FindingRun => "finding the run",
            Phase::LookingBack { .. } => "looking back",
            Phase::Diagnosing { .. } => "diagnosing",
            Phase::LookingAgain(_) => "looking again",
            Phase::Auditing { .. } => "auditing",
            Phase::Recounting => "recounting",
            Phase::Vetting { .. } => "vetting",
            Phase::Previewing => "previewing",
            Phase::Asking(_) => "asking",
            Phase::Queued(_) => "queued",
            Phase::Doing { .. } => "doing",
        }
    }
}
