//! What a person should know before they answer, beyond what a dry run says: one file per question.
//!
//! Owns: which reads each check needs, and what it says of one call with the object before and after it. Does not own: rules (policy),
//! what would change (preview). Invariants: what could not be read is "not checked", never yes; a check only adds reasons or doubts;
//! a check asks for lists at most once a namespace, in the round in which access is reviewed.

mod autoscaled;
mod budget;
mod ending;
mod endpoints;
mod hints;
mod own_access;
mod owned;
mod paused;
mod pods;
mod selects;

pub(in crate::road) use hints::{hint, role_for};
pub(in crate::road) use pods::{probe, refusals};

use super::{Reason, Verdict};
use crate::{
    facts::{Facts, Need},
    ops::{Action, Call, Lookup},
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
    Check { looks: selects::looks, says: selects::says },
];

/// The reads that the checks of these calls still want.
pub(super) fn needs(calls: &[Call], facts: &Facts) -> Vec<Need> {
    let mut wanted: Vec<Call> = Vec::new();
    for call in calls.iter().filter(|call| call.mutates()) {
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
    for call in calls.iter().filter(|call| call.mutates()) {
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
    call.target().map_or_else(|| call.kind.word().into_owned(), |target| target.slashed())
}

/// The body of a call that says what an object shall be.
fn body(call: &Call) -> Option<&Value> {
    match &call.action {
        Action::Create(body) | Action::Patch(_, body) => Some(body),
        Action::Get | Action::List | Action::Delete { .. } | Action::Evict { .. } => None,
    }
}

#[cfg(test)]
mod tests;
