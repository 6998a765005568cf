//! Rehearsing changes: each call is sent with `dryRun=All`, pinned to the state that it was read against.

use super::{Cluster, Sending, rejection};
use crate::{
    facts::{DryRun, Rejection, RejectionSort},
    ops::{Action, Call, Lookup, Pin},
};
use futures::{StreamExt as _, stream};
use serde_json::Value;

/// How often an object that moves between reading and rehearsing is read again.
const RACES: u32 = 3;
/// Rehearsals under way at once; each is up to three requests.
const AT_ONCE: usize = 8;

impl Cluster {
    /// Rehearses each call on its own, against the cluster as it is now; in the order of the calls. Nothing is changed.
    pub async fn dry_run(&self, calls: &[Call]) -> Vec<DryRun> {
        let rehearsals: Vec<_> = calls.iter().map(|call| self.rehearse(call)).collect();
        stream::iter(rehearsals).buffered(AT_ONCE).collect().await
    }

    async fn rehearse(&self, call: &Call) -> DryRun {
        if !call.mutates() {
            let why = "a call that only reads has nothing to rehearse";
            return DryRun {
                before: Lookup::NotChecked(why.into()),
                pin: None,
                part: None,
                after: Err(rejection::own(RejectionSort::NotAllowed, why)),
                warnings: Vec::new(),
            };
        }
        let mut races = 0;
        let mut run = self.rehearse_once(call).await;
        while races < RACES && raced(&run) {
            races += 1;
            let again = self.rehearse_once(call).await;
            // Another manager owns a field, or the body itself names an old version: reading again does not help.
            let moved = again.pin != run.pin;
            run = again;
            if !moved {
                break;
            }
        }
        run
    }

    async fn rehearse_once(&self, call: &Call) -> DryRun {
        let before = match call.target() {
            Some(target) => self.object(&Call::get(&target)).await,
            None => Lookup::Missing,
        };
        let pin = before.known().and_then(Pin::of);
        let part = match (&call.action, call.target()) {
            (Action::Patch(..), Some(target)) if !call.subresource().is_empty() => {
                self.object(&Call::get(&target).on(call.subresource())).await.into_known()
            }
            (Action::Get | Action::List | Action::Create(_) | Action::Patch(..) | Action::Delete { .. } | Action::Evict { .. }, _) => None,
        };
        let (answer, warnings) = match self.send_warned(call, Sending::DryRun(pin.as_ref())).await {
            Ok((body, warnings)) => (Ok(body), warnings),
            Err(refused) => (Err(refused), Vec::new()),
        };
        let after = match answer {
            Ok(_) if call.action.ends() => Ok(None),
            Ok(body) => object_of(&body),
            Err(refused) => Err(refused),
        };
        DryRun { before, pin, part, after, warnings }
    }
}

/// Whether the refusal may be for a write of somebody else's between our reading and our rehearsing.
fn raced(run: &DryRun) -> bool {
    match &run.after {
        Err(refused) => refused.sort == RejectionSort::Conflict && run.pin.is_some(),
        Ok(_) => false,
    }
}

fn object_of(body: &[u8]) -> Result<Option<Value>, Rejection> {
    match serde_json::from_slice::<Value>(body) {
        // An eviction or a binding answers with a Status instead of an object.
        Ok(answer) if answer.get("kind").and_then(Value::as_str) == Some("Status") => Ok(None),
        Ok(answer @ Value::Object(_)) => Ok(Some(answer)),
        Ok(_) | Err(_) => Err(rejection::own(RejectionSort::ServerTrouble, "the server's answer to the dry run is no object")),
    }
}
