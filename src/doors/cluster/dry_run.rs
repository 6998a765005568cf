//! Rehearsing changes: each call is sent with `dryRun=All`, pinned to the state that it was read against.

use super::{Cluster, Sending, rejection};
use crate::{
    facts::{Conflict, Contested, DryRun, Rejection, RejectionSort},
    ops::{Action, Call, Lookup, PatchKind, Pin},
};
use futures::{StreamExt as _, stream};
use serde_json::Value;
use std::collections::BTreeMap;

/// How often an object that moves between reading and rehearsing is read again.
const RACES: u32 = 3;
/// Rehearsals under way at once; each is up to three requests.
const AT_ONCE: usize = 32;

impl Cluster {
    /// Rehearses each call on its own, against the cluster as it is now; in the order of the calls. Nothing is changed.
    pub async fn dry_run(&self, calls: &[Call]) -> Vec<DryRun> {
        let targets: Vec<Option<Call>> = calls.iter().map(|call| call.target().filter(|_| call.mutates()).map(|t| Call::get(&t))).collect();
        let (at, gets): (Vec<usize>, Vec<&Call>) = targets.iter().enumerate().filter_map(|(n, get)| Some((n, get.as_ref()?))).unzip();
        let mut known: BTreeMap<usize, Lookup<Value>> = self.together(&gets).await.into_iter().map(|(n, seen)| (at[n], seen)).collect();
        let rehearsals: Vec<_> = calls.iter().enumerate().map(|(n, call)| self.rehearse(call, known.remove(&n))).collect();
        stream::iter(rehearsals).buffered(AT_ONCE).collect().await
    }

    /// `known` is the object as it was read a moment ago, where it was.
    async fn rehearse(&self, call: &Call, known: Option<Lookup<Value>>) -> DryRun {
        if !call.mutates() {
            let why = "a call that only reads has nothing to rehearse";
            return DryRun {
                before: Lookup::NotChecked(why.into()),
                pin: None,
                part: None,
                after: Err(rejection::own(RejectionSort::NotAllowed, why)),
                contested: None,
                warnings: Vec::new(),
            };
        }
        let mut races = 0;
        let mut run = self.rehearse_once(call, known).await;
        while races < RACES && raced(&run) {
            races += 1;
            let again = self.rehearse_once(call, None).await;
            // Another manager owns a field, or the body itself names an old version: reading again does not help.
            let moved = again.pin != run.pin;
            run = again;
            if !moved {
                break;
            }
        }
        run
    }

    /// What an apply would take from others, where that is all it was refused for.
    async fn contested(&self, call: &Call, refused: &Rejection, pin: Option<&Pin>) -> Option<Contested> {
        let conflicts = contest(refused)?;
        let body = self.send(&forced(call, true)?, Sending::DryRun(pin)).await.ok()?;
        Some(Contested { conflicts, taken: object_of(&body).ok()?? })
    }

    async fn rehearse_once(&self, call: &Call, known: Option<Lookup<Value>>) -> DryRun {
        let before = match (call.target(), known) {
            (Some(_), Some(known)) => known,
            (Some(target), None) => self.object(&Call::get(&target)).await,
            (None, _) => Lookup::Missing,
        };
        let pin = before.known().and_then(Pin::of);
        let part = match (&call.action, call.target()) {
            // The ephemeral containers' part answers with the pod itself.
            (Action::Patch(..), Some(target)) if !call.subresource().is_empty() && call.subresource() != "ephemeralcontainers" => {
                self.object(&Call::get(&target).on(call.subresource())).await.into_known()
            }
            (
                Action::Get
                | Action::List
                | Action::Create(_)
                | Action::Patch(..)
                | Action::Replace(_)
                | Action::Delete { .. }
                | Action::Evict { .. }
                | Action::Talk
                | Action::Program(_)
                | Action::Carried(_),
                _,
            ) => None,
        };
        // What an apply by force would take is what it is refused for without.
        let refused = match forced(call, false) {
            Some(gentle) => self.send(&gentle, Sending::DryRun(pin.as_ref())).await.err(),
            None => None,
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
        let contested = match (&refused, &after) {
            (Some(refused), Ok(Some(taken))) => contest(refused).map(|conflicts| Contested { conflicts, taken: taken.clone() }),
            (None, Err(refused)) => self.contested(call, refused, pin.as_ref()).await,
            (_, _) => None,
        };
        DryRun { before, pin, part, after, contested, warnings }
    }
}

/// The fields that somebody else has set, where that is all that an apply was refused for.
fn contest(refused: &Rejection) -> Option<Vec<Conflict>> {
    let conflicts: Vec<Conflict> = refused.causes.iter().filter_map(|cause| Conflict::of_cause(cause)).collect();
    (refused.sort == RejectionSort::Conflict && !conflicts.is_empty()).then_some(conflicts)
}

/// The same apply, with force or without; `None` where it is no apply, or so already.
fn forced(call: &Call, to: bool) -> Option<Call> {
    match &call.action {
        Action::Patch(PatchKind::Apply { force }, body) if *force != to => {
            Some(Call { action: Action::Patch(PatchKind::Apply { force: to }, body.clone()), ..call.clone() })
        }
        _ => None,
    }
}

/// Whether the refusal may be for a write of somebody else's between our reading and our rehearsing.
fn raced(run: &DryRun) -> bool {
    match &run.after {
        Err(refused) => refused.sort == RejectionSort::Conflict && run.pin.is_some() && run.contested.is_none(),
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
