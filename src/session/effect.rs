//! What the brain wants done.

use crate::{
    experts::playbook::Report,
    facts::Need,
    problem::Problem,
    road::{
        RunId,
        approve::{Approved, Lacking},
        execute::{Outcome, Progress},
        plan::{Question, Refusal},
        preview::Card,
        vet::Vetted,
    },
};

/// One thing to do. The drive carries out all but [`Effect::Ask`], [`Effect::Tell`] and [`Effect::Over`], which are the face's.
#[derive(Debug)]
pub enum Effect {
    /// Answer these needs.
    Gather {
        /// For which run.
        run: RunId,
        /// What has to be known.
        needs: Vec<Need>,
    },
    /// Find a run in the journal.
    FindRun {
        /// The run that asks.
        run: RunId,
        /// What the person called it; `None`: the last one.
        said: Option<String>,
    },
    /// Look for runs that an earlier start left open, read them back, close them.
    CloseLeftOpen,
    /// Rehearse a vetted plan.
    Preview(Vetted),
    /// Carry out what was approved.
    CarryOut(Approved),
    /// Drop whatever is under way for a run: nothing of it was sent.
    Drop {
        /// Which run.
        run: RunId,
    },
    /// Stop watching a run; what was sent goes on and is reported.
    StopWatching {
        /// Which run.
        run: RunId,
    },
    /// Ask the person. Drawn whole, never cut.
    Ask(Card),
    /// Tell the person.
    Tell(Tell),
    /// A run is over, with this exit code.
    Over {
        /// Which run.
        run: RunId,
        /// DESIGN's exit codes: 0 done, 1 failed, 3 declined, …
        code: u8,
    },
    /// For the log: an event that made no sense.
    Note(String),
}

/// Something for the person to see, as data.
#[derive(Debug, Clone, PartialEq)]
pub enum Tell {
    /// A question back; the next request answers it.
    Question(RunId, Question),
    /// Understood and not done.
    Refused(RunId, Refusal),
    /// Not understood, and no model to ask.
    NotUnderstood(RunId),
    /// What can be said here.
    Help(RunId),
    /// Something did not work.
    Problem(RunId, Problem),
    /// Everything is so already.
    NothingToDo(RunId, String),
    /// The person said no.
    Declined(RunId),
    /// The answer was not enough; the question still stands.
    Lacking(RunId, Lacking),
    /// It moves.
    Progress(RunId, Progress),
    /// What came of it.
    Outcome(Outcome),
    /// What a playbook found.
    Report(RunId, Report),
    /// A run left open by an earlier start was read back.
    FoundOpen(RunId, String),
    /// It was stopped before anything was sent.
    Stopped(RunId),
    /// The objects had moved since the yes: it is asked about anew under the second id.
    AskedAnew(RunId, RunId),
}
