//! What came of a run, as values.

use super::{super::journal::End, super::run::RunId, follow::Followed, waiting::Held};
use crate::{
    ops::{Answer, Op, Piece},
    problem::{Problem, Sort},
};
use serde::Serialize;

/// The exit code of a read that found what was looked for: a difference.
const FOUND: u8 = 6;

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// Which run.
    pub run: RunId,
    /// The words it came from.
    pub words: String,
    /// Whether it changed anything, and so can be looked at for a way back.
    pub changed: bool,
    /// How it ended.
    pub done: Done,
    /// Step by step, as far as it came.
    pub steps: Vec<StepOutcome>,
    /// Steps that were not begun.
    pub not_begun: usize,
    /// Whether every change in it has a way back.
    pub way_back: bool,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "how", content = "what", rename_all = "snake_case")]
pub enum Done {
    /// Everything was done, and holds.
    Holds,
    /// Everything was sent; within the time it did not come to hold.
    NotHolding(String),
    /// The person stopped watching; what was sent goes on.
    Stopped,
    /// A step did not work.
    Failed(Problem),
    /// An object had moved since the approval: these operations are to be previewed and asked about anew.
    Moved {
        /// What was not done.
        again: Vec<Op>,
    },
    /// A write's answer was lost and reading back did not settle it.
    Unknown(Problem),
}

/// What came of one operation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepOutcome {
    /// `scale deployment/backend to 3`.
    pub title: String,
    /// The operation.
    pub op: Op,
    /// A read's answer.
    pub answer: Option<Answer>,
    /// Whether it was a read that went on, whose answer was told piece by piece.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub followed: bool,
    /// Where the wait ended: `3 of 3 available`.
    pub state: String,
    /// How long it took to hold, in seconds.
    pub seconds: Option<f64>,
    /// What did not work.
    pub problem: Option<Problem>,
}

/// Something to show while it runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "progress", rename_all = "snake_case")]
pub enum Progress {
    /// An operation begins.
    Begins {
        /// From 0.
        step: usize,
        /// How many there are.
        of: usize,
        /// Its title.
        title: String,
    },
    /// Its calls are answered; it is waited for.
    Sent {
        /// From 0.
        step: usize,
        /// Its title.
        title: String,
    },
    /// Where the wait stands.
    Waits {
        /// From 0.
        step: usize,
        /// `2 of 3 available`.
        state: String,
    },
    /// A read that goes on has more.
    Came {
        /// From 0.
        step: usize,
        /// What came.
        piece: Piece,
    },
}

impl StepOutcome {
    fn plain(title: String, op: Op) -> Self {
        StepOutcome { title, op, answer: None, followed: false, state: String::new(), seconds: None, problem: None }
    }
    pub(super) fn answered(title: String, op: Op, answer: Answer) -> Self {
        StepOutcome { answer: Some(answer), ..Self::plain(title, op) }
    }
    pub(super) fn failed(title: String, op: Op, problem: Problem) -> Self {
        StepOutcome { problem: Some(problem), ..Self::plain(title, op) }
    }
    pub(super) fn stopped(title: String, op: Op, done: &Done) -> Self {
        let problem = match done {
            Done::Failed(problem) | Done::Unknown(problem) => Some(problem.clone()),
            Done::Moved { .. } => Some(Problem::failed(format!("{title}: the object has changed since you said yes; nothing was sent"))),
            Done::Holds | Done::NotHolding(_) | Done::Stopped => None,
        };
        StepOutcome { problem, ..Self::plain(title, op) }
    }
}

impl Outcome {
    pub(super) fn new(run: RunId, words: String, changed: bool) -> Self {
        Outcome { run, words, changed, done: Done::Holds, steps: Vec::new(), not_begun: 0, way_back: true }
    }
    pub(super) fn ends(&mut self, done: Done) {
        self.done = done;
    }
    pub(super) fn some_failed(&mut self, problem: Problem) {
        if self.done == Done::Holds {
            self.done = Done::Failed(problem);
        }
    }
    pub(super) fn settle(&mut self, total: usize) {
        self.not_begun = total.saturating_sub(self.steps.len());
    }
    /// Takes the end of a wait; what it returns ends the run.
    pub(super) fn waited(&mut self, title: String, op: Op, held: Held) -> Option<Done> {
        let mut step = StepOutcome::plain(title, op);
        let done = match held {
            Held::Yes { state, seconds } => {
                step.state = state;
                step.seconds = seconds;
                None
            }
            Held::Never { state } => {
                let problem = Problem::failed(format!("{}: it was sent, and it will not come to hold: {state}", step.title))
                    .hint("aiops undo takes it back");
                step.state = state;
                step.problem = Some(problem.clone());
                Some(Done::Failed(problem))
            }
            Held::TimedOut { state } => {
                step.state.clone_from(&state);
                Some(Done::NotHolding(state))
            }
            Held::Stopped { state } => {
                step.state = state;
                Some(Done::Stopped)
            }
        };
        self.steps.push(step);
        done
    }
    /// Takes the end of a read that went on; what it returns ends the run.
    pub(super) fn flowed(&mut self, title: String, op: Op, followed: Followed) -> Option<Done> {
        let Followed { answer, state, done } = followed;
        let problem = match &done {
            Some(Done::Failed(problem)) => Some(problem.clone()),
            Some(_) | None => None,
        };
        self.steps.push(StepOutcome { answer, followed: true, state, problem, ..StepOutcome::plain(title, op) });
        done
    }
    /// Adds what is known of how the last step ended.
    pub(super) fn adds(&mut self, state: &str) {
        if let Some(step) = self.steps.last_mut().filter(|step| step.state.is_empty()) {
            step.state = state.to_string();
        }
    }
    pub(super) fn record(&self) -> End {
        End::of(&self.done)
    }

    /// Whether it was a read that went on, whose answer was told while it came.
    pub fn followed(&self) -> bool {
        self.steps.iter().any(|step| step.followed && step.answer.is_none())
    }

    /// The program's exit code for it.
    pub fn exit_code(&self) -> u8 {
        match &self.done {
            Done::Holds if self.steps.iter().any(|step| step.answer.as_ref().is_some_and(|answer| step.op.verb().finds(answer))) => FOUND,
            Done::Holds => 0,
            Done::NotHolding(_) | Done::Moved { .. } => 1,
            Done::Stopped => Sort::Interrupted.exit_code(),
            Done::Failed(problem) | Done::Unknown(problem) => problem.sort.exit_code(),
        }
    }
}
