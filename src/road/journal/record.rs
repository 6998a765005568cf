//! What stands in the journal.

use crate::{
    facts::Rejection,
    ops::{Call, Op, Pin, redacted},
    problem::Problem,
    road::{
        approve::ApprovedBy,
        plan::{Assumed, Source},
        preview::{Basis, PreviewId},
        run::RunId,
        vet::Verdict,
    },
    terms::diff::Change,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// When it was written.
    pub at: Timestamp,
    /// Which run it belongs to.
    pub run: RunId,
    /// What happened.
    #[serde(flatten)]
    pub body: Body,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum Body {
    /// A change was approved and is about to be sent. On disk before the first call.
    Opened {
        /// Who is at the keyboard.
        person: String,
        /// kubeconfig context.
        context: String,
        /// API server address.
        server: String,
        /// The user the server sees.
        user: String,
        /// kube-system's uid: which cluster it is, whatever it is called. `None` where it may not be read.
        cluster: Option<String>,
        /// The words.
        words: String,
        /// Why it was wanted (`--reason`).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Box<str>>,
        /// Where the plan came from.
        source: Source,
        /// What was taken for granted.
        assumed: Vec<Assumed>,
        /// The preview that was approved.
        preview: PreviewId,
        /// What the policy asked for.
        verdict: Verdict,
        /// How it was approved.
        by: ApprovedBy,
        /// The operations.
        steps: Vec<StepRecord>,
    },
    /// A call was answered, or was not.
    Sent {
        /// Which operation, from 0.
        step: usize,
        /// Which of its calls, from 0.
        call: usize,
        /// What came of it.
        end: StepEnd,
    },
    /// The run is over.
    Ended {
        /// How.
        end: End,
    },
    /// A read: one record, at its end.
    Read {
        /// kubeconfig context.
        context: String,
        /// The words.
        words: String,
        /// The operations, as kubectl lines.
        lines: Vec<String>,
        /// How it ended.
        end: End,
    },
}

/// One operation of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// The operation as JSON (read back by [`Op::from_json`]), sensitive values taken out.
    pub op: Value,
    /// The kubectl line that does the same.
    pub line: String,
    /// Its calls.
    pub calls: Vec<CallRecord>,
}

/// One call of an operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallRecord {
    /// What is sent, sensitive values taken out.
    pub call: Call,
    /// The state it is pinned to.
    pub pin: Option<Pin>,
    /// The object before it.
    pub before: Option<Value>,
    /// What the preview said would change.
    pub changes: Vec<Change>,
    /// What the preview rested on.
    pub basis: Basis,
}

/// What came of one call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "came", rename_all = "snake_case")]
pub enum StepEnd {
    /// The server did it; the object as it answered, `None` after a deletion.
    Done {
        /// The object afterwards.
        after: Option<Value>,
    },
    /// The server would not.
    Rejected {
        /// Its words.
        rejection: Rejection,
    },
    /// It was not sent: the object had moved since it was approved.
    Moved,
    /// No answer came and reading back did not settle it.
    Unknown {
        /// What is known.
        rejection: Rejection,
    },
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum End {
    /// Done, and it holds.
    Done,
    /// Done, and nobody waited until it held, or it did not within the time.
    NotHolding {
        /// Where it stood.
        state: String,
    },
    /// Something did not work; what was done before stays done.
    Failed {
        /// What.
        sentence: String,
    },
    /// An object had moved: asked anew under another run's id.
    Moved,
    /// Nobody knows.
    Unknown {
        /// What is known.
        sentence: String,
    },
    /// It was found open at a later start and read back.
    FoundOpen {
        /// What reading back gave.
        sentence: String,
    },
}

impl StepRecord {
    /// The record of one operation.
    pub(super) fn of(op: &Op, calls: Vec<CallRecord>) -> StepRecord {
        let line = op.line();
        let op = redacted(serde_json::to_value(op).unwrap_or(Value::Null));
        StepRecord { op, line, calls }
    }
}

impl End {
    /// A problem as an end.
    pub fn failed(problem: &Problem) -> End {
        End::Failed { sentence: problem.sentence.clone() }
    }
}
