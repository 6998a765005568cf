//! Quoting what was seen: events, states, conditions, and kubectl lines to see it by hand.

use crate::experts::signals::words::{counted, cut, span};
use crate::facts::snapshot::{
    Clock, Ref, Snapshot, When,
    event::Event,
    meta::Meta,
    pod::{Ended, Pod, Seen, State},
};

/// `event FailedMount ×12, last 40 s ago: …`
pub(super) fn event(e: &Event, clock: &Clock) -> String {
    let times = if e.count > 1 { format!(" ×{}", e.count) } else { String::new() };
    let ago = ago(When(e.last), clock).map_or_else(String::new, |ago| format!(", last {ago}"));
    format!("event {}{times}{ago}: {}", e.reason, cut(&e.message, 280))
}

/// The newest events of these reasons about an object, each once.
pub(super) fn events(s: &Snapshot, kind: &str, meta: &Meta, reasons: &[&str]) -> Vec<String> {
    let mut all: Vec<&Event> = s.events_of(kind, meta).into_iter().filter(|e| reasons.contains(&&*e.reason)).collect();
    all.reverse();
    all.iter().take(3).map(|e| event(e, &s.clock)).collect()
}

/// `4 min ago`, by a clock that can be trusted.
pub(super) fn ago(when: When, clock: &Clock) -> Option<String> {
    if clock.loose {
        return None;
    }
    clock.since(when).map(|s| format!("{} ago", span(s)))
}

/// `container app: state.waiting CrashLoopBackOff (back-off 5m0s …), 7 restarts`.
pub(super) fn container(c: &Seen<'_>) -> String {
    let restarts = if c.status.restarts > 0 { format!(", {}", counted(c.status.restarts, "restart")) } else { String::new() };
    format!("container {}: {}{restarts}", c.status.name, state(&c.status.state))
}

/// A state with its words.
pub(super) fn state(state: &State) -> String {
    let words = |message: &str| if message.is_empty() { String::new() } else { format!(" ({})", cut(message.trim(), 160)) };
    match (&state.waiting, &state.ended, &state.running) {
        (Some(w), ..) => format!("state.waiting {}{}", w.reason, words(&w.message)),
        (None, Some(e), _) => format!("state.terminated {}", ended(e)),
        (None, None, Some(_)) => "state.running".into(),
        (None, None, None) => "no state yet".into(),
    }
}

/// `OOMKilled, exit code 137`.
pub(in crate::experts) fn ended(e: &Ended) -> String {
    let code = e.exit.map_or_else(|| "no exit code".into(), |c| format!("exit code {c}"));
    let message = if e.message.is_empty() { String::new() } else { format!(" ({})", cut(e.message.trim(), 160)) };
    if e.reason.is_empty() { format!("{code}{message}") } else { format!("{}, {code}{message}", e.reason) }
}

/// `lastState.terminated OOMKilled, exit code 137`.
pub(super) fn last(c: &Seen<'_>) -> Option<String> {
    c.status.last.ended.as_ref().map(|e| format!("container {}: lastState.terminated {}", c.status.name, ended(e)))
}

/// The subject of a pod's findings.
pub(super) fn pod(pod: &Pod) -> Ref {
    Ref::of("Pod", &pod.meta)
}

/// ` -n shop`, or nothing.
pub(super) fn flag(namespace: &str) -> String {
    if namespace.is_empty() { String::new() } else { format!(" -n {namespace}") }
}

/// `kubectl describe pod web-1 -n shop`.
pub(super) fn describe(at: &Ref) -> String {
    format!("kubectl describe {} {}{}", at.kind.to_lowercase(), at.name, flag(&at.namespace))
}

/// `kubectl get secret db -n shop -o yaml`.
pub(super) fn get(at: &Ref) -> String {
    format!("kubectl get {} {}{} -o yaml", at.kind.to_lowercase(), at.name, flag(&at.namespace))
}

/// The names, some of them: `a, b, c and 4 more`.
pub(super) fn names<'a>(all: impl IntoIterator<Item = &'a str>, most: usize) -> String {
    let all: Vec<&str> = all.into_iter().collect();
    let shown = all.iter().take(most).copied().collect::<Vec<_>>().join(", ");
    if all.len() > most { format!("{shown} and {} more", all.len() - most) } else { shown }
}
