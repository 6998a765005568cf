//! What the brain wants done.

use super::recounting::{Recounted, Teller};
use crate::{
    doors::model::Request,
    experts::{audit::Audit, diagnose::Diagnosis, playbook::Report},
    facts::{Need, snapshot::Ref},
    ops::Namespace,
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
use std::time::Duration;

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
    /// Read what rules read, and ask them.
    Diagnose {
        /// For which run.
        run: RunId,
        /// What is asked about: an object, or a namespace by its name; `None`: everything.
        about: Option<Ref>,
        /// What is read beside that which all namespaces share; `None`: all of them.
        within: Option<Namespace>,
        /// How long before.
        after: Duration,
    },
    /// Read what checks read, and ask them.
    Audit {
        /// For which run.
        run: RunId,
        /// The checks; empty: all of them.
        checks: Vec<String>,
        /// What lives there; `None`: everywhere.
        within: Option<Namespace>,
    },
    /// Read what tells of it, and give an account.
    Recount {
        /// For which run.
        run: RunId,
        /// What is asked.
        teller: Teller,
        /// The object, as a person names it; `None`: all that is in the namespace.
        of: Option<String>,
        /// Where it is looked for; `None`: everywhere.
        namespace: Option<Namespace>,
        /// What is read beside that which all namespaces share; `None`: all of them.
        within: Option<Namespace>,
    },
    /// Look for runs that an earlier start left open, read them back, close them.
    CloseLeftOpen,
    /// Ask the model.
    Think {
        /// For which run.
        run: RunId,
        /// Which of the run's requests this is; the answer names it.
        turn: u8,
        /// What is sent.
        request: Request,
    },
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

/// What was found of a cause after what was to mend it was carried out.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Mended {
    /// What was found before, in one sentence each; and whether it is gone.
    pub causes: Vec<(String, bool)>,
    /// What else is wrong around it.
    pub left: Vec<String>,
}

/// Something for the person to see, as data.
#[derive(Debug, Clone, PartialEq)]
pub enum Tell {
    /// A question back; the next request answers it.
    Question(RunId, Question),
    /// Understood and not done.
    Refused(RunId, Refusal),
    /// Not understood without a model.
    NotUnderstood(RunId),
    /// What can be said here.
    Help(RunId),
    /// Before the first request to a model: where data will go, and which.
    Sharing {
        /// The run that is the first.
        run: RunId,
        /// The model's host.
        host: String,
        /// What kinds of data are sent there, in words.
        kinds: Vec<String>,
    },
    /// More of what a model is saying. It may come to nothing: what counts is [`Tell::Said`], a question or an outcome.
    Saying(RunId, String),
    /// A model's answer, whole: Markdown, and data like anything from outside.
    Said(RunId, String),
    /// There is no answer from the model, and why, in one line; it goes on without.
    WithoutModel(RunId, String),
    /// Something did not work.
    Problem(RunId, Problem),
    /// Everything is so already.
    NothingToDo(RunId, String),
    /// From here on this namespace is meant where none is said.
    Here(RunId, Namespace),
    /// What would change, where that was all that was asked for.
    Rehearsed(Box<Card>),
    /// The question that stood open is left.
    Dropped(RunId),
    /// The person said no.
    Declined(RunId),
    /// The answer was not enough; the question still stands.
    Lacking(RunId, Lacking),
    /// It moves.
    Progress(RunId, Progress),
    /// What came of it.
    Outcome(Outcome),
    /// What is wrong, and why.
    Diagnosis(RunId, Box<Diagnosis>),
    /// What happened, or what stands on what.
    Recounted(RunId, Box<Recounted>),
    /// Whether what was mended is gone.
    Mended(RunId, Mended),
    /// What should be better; whether all of it is told.
    Audit(RunId, Box<Audit>, bool),
    /// What a playbook found.
    Report(RunId, Report),
    /// A run left open by an earlier start was read back.
    FoundOpen(RunId, String),
    /// It was stopped before anything was sent.
    Stopped(RunId),
    /// The objects had moved since the yes: it is asked about anew under the second id.
    AskedAnew(RunId, RunId),
}
