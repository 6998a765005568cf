//! What went wrong, for a person: what happened, to which object, what to do next.

use serde::Serialize;
use std::fmt;

/// Which sort of problem it is. Decides the exit code, never the wording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// It was tried and did not work.
    Failed,
    /// The command line was wrong.
    Usage,
    /// The person said no, or nobody was there to say yes.
    Declined,
    /// Policy forbids it.
    Refused,
    /// A question has to be answered first.
    Question,
    /// It was sent and nobody knows whether it was done.
    OutcomeUnknown,
    /// The cluster cannot be reached or will not let us in.
    Unreachable,
    /// The person stopped it.
    Interrupted,
}

impl Sort {
    /// The program's exit code for it.
    pub fn exit_code(self) -> u8 {
        match self {
            Sort::Failed | Sort::Unreachable => 1,
            Sort::Usage => 2,
            Sort::Declined => 3,
            Sort::Refused => 4,
            Sort::Question => 5,
            Sort::OutcomeUnknown => 7,
            Sort::Interrupted => 130,
        }
    }
}

/// One problem: its sort, one sentence, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Its sort.
    pub sort: Sort,
    /// What happened, to which object.
    pub sentence: String,
    /// What to do next, each a sentence or a command.
    pub hints: Vec<String>,
}

impl Problem {
    /// A problem without hints.
    pub fn new(sort: Sort, sentence: impl Into<String>) -> Self {
        Problem { sort, sentence: sentence.into(), hints: Vec::new() }
    }
    /// Something was tried and did not work.
    pub fn failed(sentence: impl Into<String>) -> Self {
        Self::new(Sort::Failed, sentence)
    }
    /// The same with one more hint; an empty one is left out.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        let hint = hint.into();
        if !hint.is_empty() {
            self.hints.push(hint);
        }
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}
impl std::error::Error for Problem {}
