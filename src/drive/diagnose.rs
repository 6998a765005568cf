//! A diagnosis of the living cluster: everything that rules read, then the rules, beside the event loop.

use super::{Shared, panicked};
use crate::{
    doors::cluster::Cluster,
    experts::{
        diagnose::{self, Want},
        subject,
    },
    facts::snapshot::{Ref, Snapshot},
    ops::Namespace,
    road::RunId,
    session::Event,
};
use jiff::Timestamp;
use std::sync::Arc;

/// The objects that rules read, of everything or of a namespace, and the last logs of containers that fail.
pub async fn snapshot(cluster: &Cluster, within: Option<&Namespace>, now: Timestamp) -> Snapshot {
    let mut snapshot = cluster.snapshot(within, now).await;
    let wanted: Vec<_> = diagnose::wants(&snapshot).into_iter().map(Want::key).collect();
    for (key, text) in cluster.last_logs(&wanted).await {
        snapshot.log(key, &text);
    }
    snapshot
}

pub(super) async fn look(shared: Arc<Shared>, run: RunId, about: Option<Ref>, within: Option<Namespace>) -> Event {
    let cluster = match shared.link.cluster().await {
        Ok(cluster) => cluster,
        Err(problem) => return Event::Failed { run, problem },
    };
    let snapshot = snapshot(&cluster, within.as_ref(), shared.world.now()).await;
    if let Some(problem) = within.as_ref().and_then(|namespace| subject::place(namespace.as_str(), &snapshot).err()) {
        return Event::Failed { run, problem };
    }
    // The rules compute for as long as the cluster is large, and the loop has keys to hear.
    let judged = tokio::task::spawn_blocking(move || diagnose::diagnose(&snapshot, about.as_ref())).await;
    came(judged, run, |run, found| Event::Diagnosed { run, found: Box::new(found) })
}

/// What came of rules that were asked beside the loop.
pub(super) fn came<T>(judged: Result<T, tokio::task::JoinError>, run: RunId, event: impl FnOnce(RunId, T) -> Event) -> Event {
    match judged {
        Ok(found) => event(run, found),
        Err(ended) => match ended.try_into_panic() {
            Ok(panic) => Event::Failed { run, problem: panicked(&*panic) },
            Err(cancelled) => Event::Failed { run, problem: crate::problem::Problem::failed(cancelled.to_string()) },
        },
    }
}
