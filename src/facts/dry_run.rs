//! What the server said it would do: the answer to one call sent with `dryRun=All`, next to the object as it is.

use crate::ops::{Lookup, Pin};
use serde_json::Value;

/// One call, rehearsed.
#[derive(Debug, Clone, PartialEq)]
pub struct DryRun {
    /// The object itself as it is now (never a subresource); `Missing` where the call makes it.
    pub before: Lookup<Value>,
    /// Its state, to be sent along; `None` where there is nothing yet.
    pub pin: Option<Pin>,
    /// Where the call addresses a subresource with a document of its own (`scale`): that document as it is now.
    pub part: Option<Value>,
    /// What the server says would be there afterwards: the object, or the subresource's document; `None` after a deletion.
    pub after: Result<Option<Value>, Rejection>,
    /// Of an apply: the fields that somebody else has set, and what would come of it if they were taken.
    pub contested: Option<Contested>,
    /// What the server says beside it: an API version that is going away, a field that does nothing, a Pod Security level.
    pub warnings: Vec<String>,
}

/// Fields that an apply would take from others.
#[derive(Debug, Clone, PartialEq)]
pub struct Contested {
    /// Which, and whose they are.
    pub conflicts: Vec<Conflict>,
    /// The object with them taken.
    pub taken: Value,
}

/// One field that somebody else has set.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Conflict {
    /// `.spec.replicas`.
    pub field: String,
    /// The manager's name: `kubectl-scale`.
    pub owner: String,
}

impl Conflict {
    /// From a cause of the server's: `.spec.replicas: conflict with "kubectl-scale" using apps/v1`; `None` where it is another one.
    pub fn of_cause(cause: &str) -> Option<Conflict> {
        let (field, rest) = cause.split_once(": conflict with ")?;
        let owner = rest.strip_prefix('"')?.split('"').next()?;
        Some(Conflict { field: field.to_string(), owner: owner.to_string() })
    }
}

/// Why the server would not do it, or did not. The server's own words are kept.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Rejection {
    /// What sort it is.
    pub sort: RejectionSort,
    /// The server's message.
    pub message: String,
    /// Field and message of each cause, where the server gave them.
    pub causes: Vec<String>,
}

/// What sort of rejection it is; HTTP codes and `Status.reason` by `apimachinery/pkg/apis/meta/v1/types.go`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RejectionSort {
    /// 404: the object, its namespace or its kind.
    NotFound,
    /// 409 `AlreadyExists`.
    AlreadyExists,
    /// 409 `Conflict`: the object moved, or another manager owns a field.
    Conflict,
    /// 401: not logged in, or no more.
    Unauthorized,
    /// 403: RBAC, quota, admission.
    Forbidden,
    /// 400 and 422: the object is not legal.
    Invalid,
    /// 429: too many requests, or a disruption budget.
    TooManyRequests,
    /// 410: a list or watch is too old.
    Gone,
    /// 405 and 415: no such verb here.
    NotAllowed,
    /// 5xx.
    ServerTrouble,
    /// It never reached the server: nothing was done.
    Unreachable,
    /// No answer in time to a read, or to a write before it was sent.
    TimedOut,
    /// A write was sent and no answer came back: it may or may not have been done.
    AnswerLost,
}

impl std::fmt::Display for Rejection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}
