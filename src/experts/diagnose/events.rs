//! Events that no rule understands: said of objects that are not well and of which nothing else was said.

use super::{
    finding::{Finding, Severity, rules},
    told,
};
use crate::experts::signals::words::cut;
use crate::facts::snapshot::{Ref, Snapshot, event::Event, workload::Workload};
use std::collections::BTreeMap;

rules! {
    WARNING = "warning-event" Warning 55 Symptom "An object is not well, and a warning event says something that no rule knows." reads ["events"] like "pod web-1: FailedSomething: the words of the event";
    PENDING = "pod-pending" Warning 50 Symptom "A pod is pending or not ready, and nothing tells why." reads ["Pod.status"] like "pod web-1 is pending, and nothing tells why";
}

/// Later than this an event is history.
const LATELY: i64 = 3_600;

pub(super) fn find(s: &Snapshot, found: &mut Vec<Finding>) {
    let told_of: std::collections::BTreeSet<Ref> = found
        .iter()
        .filter(|f| f.severity > Severity::Info)
        .flat_map(|f| std::iter::once(&f.subject).chain(&f.explains))
        .cloned()
        .collect();
    let mut about: BTreeMap<Ref, Vec<&Event>> = BTreeMap::new();
    for e in s.events.iter().filter(|e| e.warning && s.clock.within(e.last, LATELY)) {
        about.entry(Ref::new(&e.about.kind, &e.about.namespace, &e.about.name)).or_default().push(e);
    }
    for (at, mut events) in about {
        events.sort_by_key(|e| (e.last, e.count));
        let Some(e) = events.last() else { continue };
        if told_of.contains(&at) || well(s, &at, e) {
            continue;
        }
        found.push(
            Finding::new(&WARNING, at.clone(), format!("has trouble: {}: {}", e.reason, cut(&e.message, 200)))
                .severity(if events.iter().map(|e| e.count).sum::<i64>() > 1 || !s.live { Severity::Warning } else { Severity::Info })
                .saw_all(events.iter().rev().take(3).map(|e| told::event(e, &s.clock)))
                .one_for(if &*at.kind == "Pod" { format!("{}: {}", e.reason, e.message) } else { format!("{at:?}") })
                .by_hand(told::describe(&at)),
        );
    }
    for pod in s.pods.iter().filter(|p| &*p.status.phase == "Pending" && !p.meta.going() && s.clock.older(p.meta.created, 300)) {
        let at = told::pod(pod);
        if !told_of.contains(&at) && !found.iter().any(|f| f.subject == at) {
            found.push(
                Finding::new(&PENDING, at.clone(), "is pending, and nothing tells why")
                    .saw("status.phase Pending")
                    .saw_all(pod.status.conditions.iter().filter(|c| c.fails()).take(2).map(|c| c.quoted()))
                    .one_for(s.top("Pod", &pod.meta).told())
                    .by_hand(told::describe(&at)),
            );
        }
    }
}

/// Whether what an event complained of is over.
fn well(s: &Snapshot, at: &Ref, e: &Event) -> bool {
    match &*at.kind {
        "Pod" => match s.pod(&at.namespace, &at.name) {
            // A probe that fails now and then, or a mount that was tried twice, is the way of things.
            Some(pod) => pod.ready() || &*pod.status.phase == "Succeeded" || pod.meta.going(),
            None => s.live || e.about.name.is_empty(),
        },
        "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" => {
            // What could not be made and is there by now was made at a later attempt.
            let made = |w: &Workload| &*e.reason == "FailedCreate" && w.numbers().made >= w.numbers().wanted;
            s.workload(at).is_none_or(|w| w.numbers().available >= w.numbers().wanted || made(w))
        }
        "Node" => s.node(&at.name).is_none_or(|n| n.status.conditions.iter().all(|c| (&*c.kind == "Ready") == c.holds())),
        // Controllers of everything else try again; only what repeats is worth a word.
        _ => e.count < 3 || !s.clock.within(e.last, 900),
    }
}
