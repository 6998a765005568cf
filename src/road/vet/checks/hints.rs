//! The way out of what the server refuses.

use crate::{
    facts::{Rejection, RejectionSort, Review},
    ops::Call,
};

/// What to do where the server would not do it; `None` where nothing better is known than its own words.
/// Source of the messages: `apimachinery/pkg/api/validation` (`field is immutable`), the StatefulSet, Pod and Service validation.
pub(in crate::road) fn hint(call: &Call, rejection: &Rejection) -> Option<String> {
    let says = |words: &str| rejection.message.contains(words) || rejection.causes.iter().any(|cause| cause.contains(words));
    let fixed = [
        "field is immutable",
        "updates to statefulset spec for fields other than",
        "pod updates may not change fields other than",
        "may not change once set",
    ];
    let target = call.target();
    match rejection.sort {
        RejectionSort::Invalid | RejectionSort::Forbidden if fixed.iter().any(|words| says(words)) => {
            let name = target.map_or_else(|| call.said(), |t| t.slashed());
            Some(format!("that cannot be changed on a live object: {name} has to be deleted and made anew"))
        }
        RejectionSort::AlreadyExists => {
            let target = target?;
            let place = target.namespace().map_or_else(String::new, |ns| format!(" -n {ns}"));
            Some(format!(
                "the name is taken: kubectl get {}{place} shows what is there; apply changes it, another name leaves it",
                target.slashed()
            ))
        }
        RejectionSort::NotFound
        | RejectionSort::Conflict
        | RejectionSort::Unauthorized
        | RejectionSort::Forbidden
        | RejectionSort::Invalid
        | RejectionSort::TooManyRequests
        | RejectionSort::Gone
        | RejectionSort::NotAllowed
        | RejectionSort::ServerTrouble
        | RejectionSort::Unreachable
        | RejectionSort::TimedOut
        | RejectionSort::AnswerLost => None,
    }
}

/// The kubectl line that makes the role which would allow it.
pub(in crate::road) fn role_for(review: &Review) -> String {
    let info = review.kind.info();
    let group = if info.group.is_empty() { String::new() } else { format!(".{}", info.group) };
    let sub = if review.subresource.is_empty() { String::new() } else { format!("/{}", review.subresource) };
    let (kind, place) = match &review.namespace {
        Some(ns) => ("role", format!(" -n {ns}")),
        None => ("clusterrole", String::new()),
    };
    format!("kubectl create {kind} NAME --verb={} --resource={}{group}{sub}{place}", review.verb, info.plural)
}
