//! What a person should know before they answer, beyond what a dry run says: one file per question.
//!
//! Owns: which reads each check needs, and what it says of one call with the object before and after it. Does not own: rules (policy),
//! what would change (preview). Invariants: what could not be read is "not checked", never yes; a check only adds reasons or doubts;
//! a check asks for lists at most once a namespace, in the round in which access is reviewed.

mod autoscaled;
mod budget;
mod cascade;
mod ending;
mod endpoints;
mod hints;
mod last_ready;
mod missing_image;
mod own_access;
mod owned;
mod paused;
mod pods;
mod progress;
mod room;
mod selects;

pub use cascade::Gone;
pub(in crate::road) use cascade::gone;
pub(in crate::road) use hints::{hint, role_for};
pub(in crate::road) use pods::{probe, refusals};
pub(in crate::road) use progress::{Rolling, rolling};

use super::{Reason, Verdict};
use crate::{
    facts::{Facts, Need},
    ops::{Action, Call, Kind, Lookup, PatchKind, Target},
};
use serde_json::Value;

/// One call, with what is known of it.
#[derive(Debug, Clone, Copy)]
pub(in crate::road) struct Sight<'a> {
    pub(in crate::road) call: &'a Call,
    /// The object before it; `None` where there is none.
    pub(in crate::road) before: Option<&'a Value>,
    /// What the dry run says it will be; `None` after its end.
    pub(in crate::road) after: Option<&'a Value>,
    /// What the checks' reads gave.
    pub(in crate::road) facts: &'a Facts,
    /// Everything that the whole run ends.
    pub(in crate::road) ends: &'a [Target],
}

/// What checks say.
#[derive(Debug, Default)]
pub(in crate::road) struct Findings {
    pub(in crate::road) reasons: Vec<Reason>,
    pub(in crate::road) unchecked: Vec<String>,
}

impl Findings {
    /// Something to know before a yes.
    fn warn(&mut self, id: &str, sentence: impl Into<String>) {
        self.reasons.push(Reason::own(id, Verdict::Confirm, sentence));
    }

    /// Something for which the name has to be typed.
    fn typed(&mut self, id: &str, sentence: impl Into<String>) {
        self.reasons.push(Reason::own(id, Verdict::ConfirmTyped, sentence));
    }

    /// The value of a look; where it is not known, `what` was not checked.
    fn known(&mut self, look: Lookup<Value>, what: &str) -> Option<Value> {
        match look {
            Lookup::Known(value) => Some(value),
            Lookup::Missing => None,
            Lookup::NotChecked(why) => {
                self.unchecked.push(format!("{what}: {why}"));
                None
            }
        }
    }
}

/// One check: the reads it needs, given the answers to former ones, and what it says.
struct Check {
    looks: fn(&Call, &Facts) -> Vec<Call>,
    says: fn(&Sight<'_>, &mut Findings),
}

fn nothing(_: &Call, _: &Facts) -> Vec<Call> {
    Vec::new()
}

const CHECKS: &[Check] = &[
    Check { looks: own_access::looks, says: own_access::says },
    Check { looks: ending::looks, says: ending::says },
    Check { looks: nothing, says: owned::says },
    Check { looks: autoscaled::looks, says: autoscaled::says },
    Check { looks: nothing, says: paused::says },
    Check { looks: budget::looks, says: budget::says },
    Check { looks: endpoints::looks, says: endpoints::says },
    Check { looks: cascade::looks, says: cascade::says },
    Check { looks: last_ready::looks, says: last_ready::says },
    Check { looks: selects::looks, says: selects::says },
    Check { looks: missing_image::looks, says: missing_image::says },
    Check { looks: room::looks, says: room::says },
    Check { looks: progress::looks, says: progress::says },
];

/// The reads that the checks of these calls still want.
pub(super) fn needs(calls: &[Call], facts: &Facts) -> Vec<Need> {
    let mut wanted: Vec<Call> = Vec::new();
    for call in calls.iter().filter(|call| call.rehearses()) {
        let looks = CHECKS.iter().flat_map(|check| (check.looks)(call, facts)).chain(pods::looks(call));
        for look in looks {
            if !facts.looked(&look) && !wanted.contains(&look) {
                wanted.push(look);
            }
        }
    }
    wanted.into_iter().map(Need::Look).collect()
}

/// What was read for the checks of these calls, and nothing else.
pub(super) fn read_for(calls: &[Call], facts: &Facts) -> Facts {
    let mut read = Facts::default();
    for call in calls.iter().filter(|call| call.rehearses()) {
        for look in CHECKS.iter().flat_map(|check| (check.looks)(call, facts)).chain(pods::looks(call)) {
            if !read.looked(&look) {
                let answer = facts.look(&look);
                read.add_look(look, answer);
            }
        }
    }
    read
}

/// What every check says of one call.
pub(in crate::road) fn all(sight: &Sight<'_>, findings: &mut Findings) {
    CHECKS.iter().for_each(|check| (check.says)(sight, findings));
}

/// A text field, empty where there is none.
fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// A list, empty where there is none.
fn list<'a>(object: &'a Value, pointer: &str) -> &'a [Value] {
    object.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// `pod/web`.
fn said(call: &Call) -> String {
    call.target().map_or_else(|| call.said(), |target| target.slashed())
}

/// A whole number, where there is one.
fn number(object: &Value, pointer: &str) -> Option<i64> {
    object.pointer(pointer).and_then(Value::as_i64)
}

/// Where the template of a kind's pods stands.
fn template_of(kind: Kind) -> Option<&'static str> {
    let batch = kind.is("jobs", "batch");
    match kind {
        kind if kind.is("cronjobs", "batch") => Some("/spec/jobTemplate/spec/template"),
        kind if batch || kind.rolls_out() || kind.is("replicasets", "apps") || kind.is("replicationcontrollers", "") => {
            Some("/spec/template")
        }
        _ => None,
    }
}

/// Whether the call may set something inside that field.
fn touches(call: &Call, pointer: &str) -> bool {
    match &call.action {
        Action::Patch(PatchKind::Json, ops) => list(ops, "").iter().any(|op| {
            let path = text(op, "/path");
            path.starts_with(pointer) || pointer.starts_with(path)
        }),
        Action::Create(body) | Action::Patch(_, body) => body.pointer(pointer).is_some(),
        // What it does not name goes.
        Action::Replace(_) => true,
        Action::Get
        | Action::List
        | Action::Delete { .. }
        | Action::Evict { .. }
        | Action::Talk
        | Action::Program(_)
        | Action::Carried(_) => false,
    }
}

/// Whether a pod is ready, and meant to stay.
fn is_ready(pod: &Value) -> bool {
    list(pod, "/status/conditions").iter().any(|c| c["type"] == "Ready" && c["status"] == "True")
        && pod.pointer("/metadata/deletionTimestamp").is_none()
}

/// Whether the run ends that pod.
fn ends(sight: &Sight<'_>, pod: &Value) -> bool {
    let is = |target: &Target| {
        target.kind().is("pods", "")
            && target.name().as_str() == text(pod, "/metadata/name")
            && target.namespace().is_some_and(|ns| ns.as_str() == text(pod, "/metadata/namespace"))
    };
    sight.ends.iter().any(is)
}

/// The body of a call that says what an object shall be.
fn body(call: &Call) -> Option<&Value> {
    match &call.action {
        Action::Create(body) | Action::Patch(_, body) | Action::Replace(body) => Some(body),
        Action::Get
        | Action::List
        | Action::Delete { .. }
        | Action::Evict { .. }
        | Action::Talk
        | Action::Program(_)
        | Action::Carried(_) => None,
    }
}

#[cfg(test)]
mod tests;
