//! Waiting until a change holds: looking again until the condition is true, false for good, time is up, or the person has
//! seen enough.

use super::{Manner, Stop};
use crate::{
    doors::cluster::Cluster,
    facts::Need,
    ops::{Call, Target, Wait, WaitState},
};
use std::{collections::BTreeMap, time::Duration};
use tokio::time::Instant;

/// How a wait ended.
pub(super) enum Held {
    /// It holds.
    Yes {
        /// `3 of 3 available`; empty where there was nothing to wait for.
        state: String,
        /// How long it took; `None` where there was nothing to wait for.
        seconds: Option<f64>,
    },
    /// It never will.
    Never {
        /// Why.
        state: String,
    },
    /// Time is up.
    TimedOut {
        /// Where it stood.
        state: String,
    },
    /// The person stopped watching.
    Stopped {
        /// Where it stood.
        state: String,
    },
}

/// Looks until it holds. `uids` are those of the objects the change was made to; where none is known, what is there at the first look
/// is meant.
pub(super) async fn wait(
    cluster: &Cluster,
    wait: &Wait,
    uids: &BTreeMap<Target, String>,
    manner: Manner,
    stop: &mut Stop,
    tell: &mut (dyn FnMut(String) + Send),
) -> Held {
    let targets = wait.targets();
    if targets.is_empty() {
        return Held::Yes { state: String::new(), seconds: None };
    }
    let began = Instant::now();
    let calls: Vec<Call> = targets.iter().map(Call::get).collect();
    let needs: Vec<Need> = calls.iter().cloned().map(Need::Look).collect();
    let mut uids = uids.clone();
    let mut said = String::new();
    // The first looks come quickly, so that what holds at once is told at once.
    let mut pause = Duration::from_millis(50).min(manner.pause);
    loop {
        let facts = cluster.gather(&needs).await;
        let mut states = Vec::new();
        let mut all_hold = true;
        for (target, call) in targets.iter().zip(&calls) {
            let seen = facts.look(call);
            if let (Wait::Until(..), Some(object), false) = (wait, seen.known(), uids.contains_key(target))
                && let Some(uid) = object.pointer("/metadata/uid").and_then(serde_json::Value::as_str)
            {
                uids.insert(target.clone(), uid.to_string());
            }
            match wait.judge(target, &seen, uids.get(target).map(String::as_str)) {
                WaitState::Holds(state) => states.push(state),
                WaitState::NotYet(state) => {
                    all_hold = false;
                    states.push(state);
                }
                WaitState::Never(state) => return Held::Never { state },
            }
        }
        states.retain(|s| !s.is_empty());
        let state = states.join("; ");
        if all_hold {
            return Held::Yes { state, seconds: Some(began.elapsed().as_secs_f64()) };
        }
        if began.elapsed() >= manner.patience {
            return Held::TimedOut { state };
        }
        if state != said {
            tell(state.clone());
            said.clone_from(&state);
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stop.set() => return Held::Stopped { state },
        }
        pause = (pause * 2).min(manner.pause);
    }
}
