//! Which rules speak of an operation, which of them decides, and which wait for the dry run.

use super::{Deed, Policy, calls_unseen, subject::Subject};
use crate::{
    ops::{Impact, Op},
    road::{
        plan::Source,
        vet::{Reason, Verdict},
    },
};
use jiff::Timestamp;
use serde::Serialize;

/// What a policy says of one operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explained {
    /// The operation, as a kubectl line.
    pub line: String,
    /// What it needs.
    pub verdict: Verdict,
    /// Why, the deciding reason first.
    pub reasons: Vec<Reason>,
    /// Rules that look into objects: the dry run may still raise the verdict by them.
    pub waiting: Vec<String>,
}

/// What a policy says of an operation before anything of the cluster is known.
pub fn explain(policy: &Policy, op: &Op, source: &Source, now: Timestamp) -> Explained {
    let calls = calls_unseen(op, now);
    let deed = Deed { op, source, calls: &calls, objects: None, now };
    let (verdict, reasons) = policy.judge(&deed);
    let subjects = Subject::all(op, &calls);
    // A deletion leaves nothing to look into.
    let leaves = matches!(op.verb().impact(), Impact::Changes | Impact::Disrupts);
    let may = |held: &&super::Held| {
        leaves
            && held.rule.looks_inside()
            && held.rule.fits(&deed, &subjects, Some(&policy.circumstances))
            && !reasons.iter().any(|reason| reason.id == held.rule.id)
    };
    let waiting = policy.rules.iter().filter(may).map(|held| held.rule.id.clone()).collect();
    Explained { line: op.line(), verdict, reasons, waiting }
}
