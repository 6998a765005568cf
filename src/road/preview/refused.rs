//! What the server refuses, in words: which object, its own reasons, and where in the person's file they stand.

use super::super::vet::checks;
use crate::{
    facts::{Rejection, RejectionSort},
    ops::{Action, Call, Op},
    problem::{Problem, Sort},
    terms::written::Written,
};

/// The server's refusal in words that name the object and keep what the server said.
pub(in crate::road) fn refused(op: &Op, call: &Call, rejection: &Rejection) -> Problem {
    let title = op.verb().title();
    let target = call.target();
    let sort = match rejection.sort {
        RejectionSort::Forbidden | RejectionSort::Unauthorized => Sort::Refused,
        RejectionSort::Unreachable | RejectionSort::TimedOut => Sort::Unreachable,
        RejectionSort::AnswerLost => Sort::OutcomeUnknown,
        RejectionSort::NotFound
        | RejectionSort::AlreadyExists
        | RejectionSort::Conflict
        | RejectionSort::Invalid
        | RejectionSort::TooManyRequests
        | RejectionSort::Gone
        | RejectionSort::NotAllowed
        | RejectionSort::ServerTrouble => Sort::Failed,
    };
    let (head, said) = taken_apart(rejection);
    let mut problem = Problem::new(sort, format!("{title}: {head}"));
    for line in on_lines(op, call, rejection, said) {
        problem = problem.hint(line);
    }
    if let Some(hint) = checks::hint(call, rejection) {
        return problem.hint(hint);
    }
    match (rejection.sort, target) {
        (RejectionSort::NotFound, Some(target)) => {
            let place = target.namespace().map_or_else(String::new, |ns| format!(" -n {ns}"));
            problem.hint(format!("kubectl get {}{place} shows what is there", target.kind().plural()))
        }
        (RejectionSort::Conflict, _) if matches!(call.action, Action::Patch(crate::ops::PatchKind::Apply { .. }, _)) => {
            problem.hint("another manager owns those fields; say --force-conflicts to take them over")
        }
        (_, _) if !problem.hints.is_empty() => problem,
        (RejectionSort::TooManyRequests, _) => {
            problem.hint("the server is busy, or a disruption budget holds it back; try again in a minute")
        }
        (RejectionSort::ServerTrouble, _) => {
            problem.hint("the server's own trouble: kubectl get --raw /readyz?verbose tells more; then try again")
        }
        (RejectionSort::Forbidden, Some(target)) => {
            let place = target.namespace().map_or_else(String::new, |ns| format!(" -n {ns}"));
            problem.hint(format!(
                "access rules, a quota or an admission check forbid it: kubectl auth can-i --list{place}; kubectl describe quota{place}"
            ))
        }
        (RejectionSort::Conflict, _) => problem.hint("somebody else changed it at the same time; try again"),
        (RejectionSort::Unreachable | RejectionSort::TimedOut, _) => problem.hint("see whether the server is there: kubectl cluster-info"),
        (RejectionSort::Unauthorized, _) => problem.hint("see who you are to the server: kubectl auth whoami"),
        (RejectionSort::AnswerLost, _) => problem.hint("look at the object before you try again"),
        (
            RejectionSort::Forbidden
            | RejectionSort::NotFound
            | RejectionSort::AlreadyExists
            | RejectionSort::Invalid
            | RejectionSort::Gone
            | RejectionSort::NotAllowed,
            _,
        ) => problem.hint(format!("by hand: {}", op.line())),
    }
}

/// The message's head, and what it says one by one: a message that only strings its causes together repeats them.
fn taken_apart(rejection: &Rejection) -> (String, Vec<String>) {
    let message = &rejection.message;
    let strung = match rejection.causes.as_slice() {
        [] => String::new(),
        [cause] => format!(": {cause}"),
        causes => format!(": [{}]", causes.join(", ")),
    };
    if let Some(head) = message.strip_suffix(&strung).filter(|_| !strung.is_empty()) {
        return (head.to_string(), rejection.causes.clone());
    }
    // One error behind the object's name, or `errors:` and a line for each.
    let typed = message.strip_prefix("failed to create typed patch object").and_then(|rest| rest.split_once("): "));
    let Some((object, errors)) = typed else { return (message.clone(), rejection.causes.clone()) };
    let errors = errors.strip_prefix("errors:").unwrap_or(errors).lines().map(str::trim).filter(|line| !line.is_empty());
    (format!("failed to create typed patch object{object})"), errors.map(str::to_string).collect())
}

/// Each with file and line where the object came from a file. What names no place of its own is where the object begins.
fn on_lines(op: &Op, call: &Call, rejection: &Rejection, said: Vec<String>) -> Vec<String> {
    let texts = op.verb().texts();
    let (Some(target), false, RejectionSort::Invalid) = (call.target(), texts.is_empty(), rejection.sort) else {
        return said;
    };
    let kind = target.kind().info().kind;
    let at = |place: &str| {
        let line = |text: &Written| Some(format!("{}:{}", text.place(), text.line(kind, target.name().as_str(), place)?));
        texts.iter().find_map(line)
    };
    let mut lines = Vec::with_capacity(said.len());
    for text in said {
        let place = places(&text).first().and_then(|place| at(place));
        lines.push(place.map_or_else(|| text.clone(), |place| format!("{place}: {text}")));
    }
    if !lines.is_empty() {
        return lines;
    }
    let named = places(&rejection.message);
    let named = if named.is_empty() { vec![""] } else { named };
    for place in named {
        let words = if place.is_empty() { "it begins here".to_string() } else { place.trim_start_matches('.').to_string() };
        lines.extend(at(place).map(|at| format!("{at}: {words}")));
    }
    lines
}

/// The places that a server's sentence names.
/// Source: `field.Error` in `apimachinery/pkg/util/validation/field`, `typed.ValidationErrors` in `structured-merge-diff`,
/// strict decoding in `apimachinery/pkg/runtime`, `UnmarshalTypeError` of Go's `encoding/json`.
fn places(text: &str) -> Vec<&str> {
    let between = |open: &str, close: &str| -> Vec<&str> {
        text.match_indices(open).filter_map(|(at, _)| text[at + open.len()..].split_once(close).map(|(place, _)| place)).collect()
    };
    let unknown = between("unknown field \"", "\"");
    if !unknown.is_empty() {
        return unknown;
    }
    let decoded = between("Go struct field ", " of type");
    if !decoded.is_empty() {
        return decoded.into_iter().filter_map(|place| place.split_once('.').map(|(_, place)| place)).collect();
    }
    let is_place = |place: &&str| !place.is_empty() && !place.contains(' ') && place.contains(|c: char| c.is_ascii_lowercase());
    text.split_once(": ").map(|(place, _)| place).filter(is_place).into_iter().collect()
}
