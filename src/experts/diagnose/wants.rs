//! What the rules would like to know beside the objects: the logs of containers that fail.

use super::crashes;
use crate::facts::snapshot::{LogKey, Ref, Snapshot, pod::Part};
use std::collections::BTreeMap;

/// One log that a rule wants.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Want {
    /// The pod's namespace.
    pub namespace: Box<str>,
    /// The pod.
    pub pod: Box<str>,
    /// The container.
    pub container: Box<str>,
    /// Of the run before.
    pub previous: bool,
}

impl Want {
    /// As snapshots and doors name a log.
    pub fn key(self) -> LogKey {
        (self.namespace, self.pod, self.container, self.previous)
    }
}

/// So many of one workload tell as much as all.
const OF_ONE: usize = 2;
/// And so many in all.
const MOST: usize = 48;

/// The logs of containers that end with an error, run without being ready, run again after they ended often, or ended for good: of two pods
/// of a workload at most.
pub fn wants(s: &Snapshot) -> Vec<Want> {
    let mut all: Vec<Want> = Vec::new();
    let mut of: BTreeMap<(Ref, Box<str>), usize> = BTreeMap::new();
    for pod in s.pods.iter().filter(|p| &*p.status.phase != "Succeeded") {
        let ready = pod.ready();
        for c in pod.containers().into_iter().filter(|c| c.part != Part::Ephemeral) {
            let st = &c.status.state;
            let crashed = c.status.last.ended.as_ref().is_some_and(|e| e.exit != Some(0));
            let ended = st.ended.as_ref().is_some_and(|e| e.exit != Some(0));
            let unready = st.running.is_some() && !c.status.ready && c.part != Part::Init;
            // What runs again after it ended often says why in the log of the run before.
            let again = crashed && c.status.restarts >= 3 && crashes::lately(s, c.status.last.ended.as_ref());
            let tells = if ready { again } else { crashed || ended || unready };
            if !tells {
                continue;
            }
            let told = of.entry((s.top("Pod", &pod.meta), c.status.name.clone())).or_default();
            *told += 1;
            if *told > OF_ONE || all.len() >= MOST {
                continue;
            }
            // What ended is the run before only where another has begun or is waited for.
            let previous = crashed && st.ended.is_none();
            all.push(Want {
                namespace: pod.meta.namespace.clone(),
                pod: pod.meta.name.clone(),
                container: c.status.name.clone(),
                previous,
            });
        }
    }
    all
}
