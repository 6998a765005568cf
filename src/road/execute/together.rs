//! The reads of a plan that only reads: asked for all at once, and what several steps ask for asked once.

use super::{Stop, program};
use crate::{
    doors::{cluster::Cluster, helm::Helm},
    ops::{Action, Call, Reply},
    road::preview::PreviewedStep,
};
use std::collections::HashMap;

/// Every reply, and where those of each step are among them.
pub(super) struct Together {
    replies: Vec<Vec<Reply>>,
    of: Vec<Vec<usize>>,
}

/// Reads what all steps ask for; `None` where there is one step only, or one that goes on or waits, or it was stopped meanwhile.
pub(super) async fn reads(cluster: &Cluster, steps: &[PreviewedStep], stop: &mut Stop) -> Option<Together> {
    let plain = |step: &PreviewedStep| {
        step.op.verb().follows().is_none()
            && step.op.verb().wait().targets().is_empty()
            && !step.sends.iter().any(|send| matches!(send.call.action, Action::Program(..)))
    };
    if steps.len() < 2 || !steps.iter().all(plain) {
        return None;
    }
    let mut calls: Vec<Call> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    let mut of: Vec<Vec<usize>> = Vec::with_capacity(steps.len());
    for step in steps {
        let places = step.sends.iter().map(|send| {
            let asked = format!("{} {:?} {:?}", send.call.path(), send.call.query, send.call.form);
            *known.entry(asked).or_insert_with(|| {
                calls.push(send.call.clone());
                calls.len() - 1
            })
        });
        of.push(places.collect());
    }
    let answered = tokio::select! {
        answered = cluster.replies(&calls) => answered,
        () = stop.set() => return None,
    };
    let mut replies: Vec<Vec<Reply>> = calls.iter().map(|_| Vec::new()).collect();
    for reply in answered {
        replies[reply.call].push(reply);
    }
    Some(Together { replies, of })
}

/// The replies to one step's calls: those that were read already, else read now.
pub(super) async fn of(together: &mut Option<Together>, step: usize, cluster: &Cluster, helm: &Helm, calls: &[Call]) -> Vec<Reply> {
    let Some(all) = together else { return program::replies(cluster, helm, calls).await };
    let places = all.of.get(step).into_iter().flatten();
    places.enumerate().flat_map(|(call, at)| all.replies[*at].iter().map(move |reply| Reply { call, body: reply.body.clone() })).collect()
}
