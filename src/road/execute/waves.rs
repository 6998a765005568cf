//! Sending the calls of one apply many at a time: what others stand on first, then the rest; the calls on one object one after the other.

use super::send::{Sent, send};
use crate::{
    doors::cluster::Cluster,
    ops::{Action, Op, PatchKind, Pin, Target, taken_over},
    road::preview::Send,
};
use futures::{Stream, StreamExt as _, stream};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// Calls under way at once.
const AT_ONCE: usize = 32;

/// One call with its number in the step.
pub(super) type Numbered = (usize, Send);

/// Whether the calls of a step may go at once: all of them apply, or make ready for it.
pub(super) fn fits(sends: &[Send]) -> bool {
    let applies = |send: &Send| {
        matches!(send.call.action, Action::Patch(PatchKind::Apply { .. }, _)) || !taken_over(&send.call, send.before.as_ref()).is_empty()
    };
    sends.len() > 1 && sends.iter().all(applies)
}

/// The calls in waves of chains: a chain is the calls on one object, in their order.
pub(super) fn waves(sends: Vec<Send>) -> Vec<Vec<Vec<Numbered>>> {
    let mut first: Vec<Vec<Numbered>> = Vec::new();
    let mut rest: Vec<Vec<Numbered>> = Vec::new();
    for (number, send) in sends.into_iter().enumerate() {
        let stood_on = send.call.is_about("namespaces", "") || send.call.is_about("customresourcedefinitions", "apiextensions.k8s.io");
        let wave = if stood_on { &mut first } else { &mut rest };
        // The same object twice in one manifest is two calls on it, wherever they stand.
        match wave.iter_mut().find(|chain| chain.iter().any(|(_, known)| known.call.target() == send.call.target())) {
            Some(chain) => chain.push((number, send)),
            None => wave.push(vec![(number, send)]),
        }
    }
    [first, rest].into_iter().filter(|wave| !wave.is_empty()).collect()
}

/// Sends one wave; what came of each chain, as it comes. `left` is the state in which this run has left objects so far. Once `halt` is set no further chain is begun, and those under way are finished.
pub(super) fn sent<'a>(
    cluster: &'a Cluster,
    op: &'a Op,
    wave: Vec<Vec<Numbered>>,
    left: &BTreeMap<Target, Pin>,
    halt: &Arc<AtomicBool>,
) -> impl Stream<Item = Vec<(Numbered, Sent)>> + use<'a> {
    let chains: Vec<_> = wave
        .into_iter()
        .map(|chain| {
            let pin = chain.first().and_then(|(_, send)| left.get(&send.call.target()?).cloned());
            one_after_the_other(cluster, op, chain, pin, Arc::clone(halt))
        })
        .collect();
    stream::iter(chains).buffer_unordered(AT_ONCE)
}

async fn one_after_the_other(
    cluster: &Cluster,
    op: &Op,
    chain: Vec<Numbered>,
    mut earlier: Option<Pin>,
    halt: Arc<AtomicBool>,
) -> Vec<(Numbered, Sent)> {
    let mut came = Vec::with_capacity(chain.len());
    for (number, call) in chain {
        if halt.load(Ordering::SeqCst) {
            break;
        }
        let sent = send(cluster, op, &call, earlier.clone()).await;
        let done = match &sent {
            Sent::Done(after) => {
                earlier = after.as_ref().and_then(Pin::of);
                true
            }
            Sent::Rejected(..) | Sent::Moved | Sent::Unknown(_) => false,
        };
        came.push(((number, call), sent));
        if !done {
            halt.store(true, Ordering::SeqCst);
            break;
        }
    }
    came
}
