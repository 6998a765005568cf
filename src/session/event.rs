//! What can happen to the brain.

use super::recounting::Recounted;
use crate::{
    doors::model::{ModelTrouble, Reply},
    experts::{audit::Audit, diagnose::Diagnosis},
    facts::Facts,
    problem::Problem,
    road::{
        RunId,
        approve::Answer,
        execute::{Outcome, Progress},
        journal::Who,
        preview::Previewed,
        undo::PastRun,
    },
};

/// One thing that happened.
#[derive(Debug)]
pub enum Event {
    /// The program has begun.
    Started,
    /// The person asked for something; the face made the run's id.
    Asked {
        /// Its id.
        run: RunId,
        /// The words.
        text: String,
    },
    /// Needs were answered.
    Gathered {
        /// For which run.
        run: RunId,
        /// The answers.
        facts: Facts,
    },
    /// The run to undo was found in the journal.
    PastFound {
        /// The run that undoes.
        run: RunId,
        /// The run that is undone.
        past: PastRun,
        /// Who and where we are now.
        who: Who,
    },
    /// A vetted plan was rehearsed.
    Previewed(Previewed),
    /// The rules were asked.
    Diagnosed {
        /// For which run.
        run: RunId,
        /// What they found.
        found: Box<Diagnosis>,
    },
    /// An account was given.
    Recounted {
        /// For which run.
        run: RunId,
        /// What it says.
        told: Box<Recounted>,
    },
    /// The checks were asked.
    Audited {
        /// For which run.
        run: RunId,
        /// What they found.
        found: Box<Audit>,
    },
    /// It was rehearsed, and it changes nothing.
    NothingToDo {
        /// Which run.
        run: RunId,
        /// `… it is so already`.
        sentence: String,
    },
    /// The person answered.
    Answered(Answer),
    /// Something moved while a run is carried out.
    Progressed {
        /// Which run.
        run: RunId,
        /// What.
        progress: Progress,
    },
    /// A run was carried out.
    Ended(Outcome),
    /// A stage of a run did not work; nothing was sent.
    Failed {
        /// Which run.
        run: RunId,
        /// What.
        problem: Problem,
    },
    /// The person wants a run to stop: thinking and previewing are dropped, a question is declined, watching ends.
    Cancelled {
        /// Which run; `None`: the one in front.
        run: Option<RunId>,
    },
    /// A piece of a model's reply.
    ThinkingDelta {
        /// For which run.
        run: RunId,
        /// More text.
        text: String,
    },
    /// A model replied, or did not.
    Thought {
        /// For which run.
        run: RunId,
        /// Which of the run's requests it answers.
        turn: u8,
        /// The whole reply, or why there is none.
        thought: Result<Reply, ModelTrouble>,
    },
    /// A run that an earlier start left open was read back and closed.
    FoundOpen {
        /// Which run.
        run: RunId,
        /// What was found, in words.
        sentence: String,
    },
}
