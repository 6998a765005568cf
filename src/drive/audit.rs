//! What an audit reads of a living cluster: the objects that checks read, and whole ones for rules of one's own.

use super::{Shared, diagnose::came};
use crate::{
    doors::cluster::Cluster,
    experts::{
        audit::{self, Asked, Judge, Judged},
        subject,
    },
    facts::snapshot::{Clock, Collector, Ref, Snapshot},
    ops::Namespace,
    road::RunId,
    session::Event,
};
use jiff::Timestamp;
use std::sync::Arc;

/// The objects of everything or of a namespace, roles and their bindings among them. With `only_rules` nothing but what the rules look at.
pub async fn read(cluster: &Cluster, within: Option<&Namespace>, mut judge: Judge, only_rules: bool, now: Timestamp) -> (Snapshot, Judged) {
    let mut snapshot =
        if only_rules { Collector::new(Clock::live(now), true).finish() } else { cluster.snapshot_with_access(within, now).await };
    if !judge.is_idle() {
        let kinds = judge.kinds();
        let not_read = cluster.objects(&kinds, within, &mut |api, kind, object| judge.look(api, kind, object)).await;
        snapshot.not_read.extend(not_read);
        snapshot.not_read.sort();
        snapshot.not_read.dedup();
    }
    (snapshot, judge.finish())
}

pub(super) async fn look(shared: Arc<Shared>, run: RunId, checks: Vec<String>, within: Option<Namespace>) -> Event {
    let cluster = match shared.link.cluster().await {
        Ok(cluster) => cluster,
        Err(problem) => return Event::Failed { run, problem },
    };
    let now = shared.world.now();
    // Who asks for some of the checks by their subject means the built-in ones.
    let own = if checks.is_empty() { shared.policy.object_rules().to_vec() } else { Vec::new() };
    let (snapshot, judged) = read(&cluster, within.as_ref(), Judge::new(own, now), false, now).await;
    if let Some(problem) = within.as_ref().and_then(|namespace| subject::place(namespace.as_str(), &snapshot).err()) {
        return Event::Failed { run, problem };
    }
    let asked = tokio::task::spawn_blocking(move || {
        let target = within.map(|namespace| Ref::new("Namespace", "", namespace.as_str()));
        audit::audit(&snapshot, Asked { target: target.as_ref(), checks: &checks, judged: Some(judged), only_judged: false })
    });
    came(asked.await, run, |run, found| Event::Audited { run, found: Box::new(found) })
}
