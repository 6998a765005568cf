//! The controllers: each looks at one object and brings the cluster one step nearer to what that object asks for.
//!
//! Owns: which change makes who look at what ([`wake`]), and the controllers themselves.
//! Does not own: admission (`admit`), what runs inside pods (`kubelet`), time (`cluster`).
//!
//! Invariants: a look reads only the store, so that it may happen at any time and any number of times; where nothing is to do it writes nothing.
mod autoscaler;
mod claim;
mod company;
pub(super) mod conditions;
mod cronjob;
mod daemonset;
mod deployment;
pub(super) mod disruption;
mod endpoints;
pub(super) mod events;
mod garbage;
mod history;
mod job;
mod namespace;
mod nodes;
mod pods;
mod replicaset;
pub(super) mod schedule;
mod scheduler;
mod statefulset;

pub(super) use scheduler::{Room, requests};

use super::{
    admit,
    agenda::{Controller, Task},
    cluster::{Cluster, Kinds},
    kubelet,
    owners::Writer,
    rbac,
    registry::KindId,
    store::{Change, Key},
};

/// The kinds that a controller looks at of its own, and as what owns something.
fn own(kinds: Kinds) -> [(KindId, Controller); 12] {
    [
        (kinds.deployment, Controller::Deployment),
        (kinds.replica_set, Controller::ReplicaSet),
        (kinds.stateful_set, Controller::StatefulSet),
        (kinds.daemon_set, Controller::DaemonSet),
        (kinds.job, Controller::Job),
        (kinds.cron_job, Controller::CronJob),
        (kinds.node, Controller::Node),
        (kinds.service, Controller::Endpoints),
        (kinds.budget, Controller::Disruption),
        (kinds.claim, Controller::Claim),
        (kinds.volume, Controller::Claim),
        (kinds.namespace, Controller::Namespace),
    ]
}

fn controller_of(kinds: Kinds, kind: KindId) -> Option<Controller> {
    own(kinds).iter().find(|(k, _)| *k == kind).map(|(_, who)| *who)
}

/// Queues a look for every controller that a change may concern.
pub(super) fn wake(cluster: &mut Cluster, change: &Change) {
    let (kinds, key) = (cluster.kinds, &change.key);
    let own = own(kinds);
    for (kind, who) in own {
        if kind == key.kind {
            cluster.agenda.push(who, key.clone());
        }
    }
    for state in [&change.before, &change.after].into_iter().flatten() {
        for owner in &state.owners {
            if let Some(owner) = cluster.store.with_uid(owner).cloned()
                && let Some((_, who)) = own.iter().find(|(kind, _)| *kind == owner.kind)
            {
                cluster.agenda.push(*who, owner);
            }
        }
    }
    let ends = change.after.as_ref().is_none_or(|after| after.deleting);
    if ends || change.before.is_none() && change.after.as_ref().is_some_and(|after| !after.owners.is_empty()) {
        cluster.agenda.push(Controller::Garbage, key.clone());
    }
    if let (None, Some(gone)) = (&change.after, &change.before) {
        for dependent in cluster.store.owned_by(&gone.uid) {
            cluster.agenda.push(Controller::Garbage, dependent);
        }
        for owner in &gone.owners {
            if let Some(owner) = cluster.store.with_uid(owner).cloned() {
                cluster.agenda.push(Controller::Garbage, owner);
            }
        }
        if !key.namespace.is_empty() {
            cluster.agenda.push(Controller::Namespace, Key::new(kinds.namespace, "", &key.namespace));
        }
    }
    if key.kind == kinds.cluster_role {
        let roles: Vec<Key> = cluster.store.of_kind(kinds.cluster_role, None).map(|(k, _)| k.clone()).collect();
        roles.into_iter().for_each(|role| cluster.agenda.push(Controller::Roles, role));
    }
    // What is created was charged when it was admitted.
    if change.after.is_none() || key.kind == kinds.pod || key.kind == kinds.quota {
        let quotas: Vec<Key> = cluster.store.of_kind(kinds.quota, Some(&key.namespace)).map(|(k, _)| k.clone()).collect();
        quotas.into_iter().for_each(|quota| cluster.agenda.push(Controller::Quota, quota));
    }
    if key.kind == kinds.pod {
        wake_for_pod(cluster, change);
    } else if key.kind == kinds.node {
        let sets: Vec<Key> = cluster.store.of_kind(kinds.daemon_set, None).map(|(k, _)| k.clone()).collect();
        queue(cluster, Controller::DaemonSet, sets);
        queue(cluster, Controller::Scheduler, cluster.room.waiting());
    } else if key.kind == kinds.config_map || key.kind == kinds.secret {
        queue(cluster, Controller::Kubelet, cluster.kubelet.waiting_for_config(&key.namespace));
    } else if key.kind == kinds.claim {
        queue(cluster, Controller::Scheduler, cluster.room.waiting());
        if let (None, Some(gone)) = (&change.after, &change.before) {
            queue(cluster, Controller::Claim, claim::released(cluster, &gone.tree()));
        }
    } else if key.kind == kinds.autoscaler && change.before.is_none() {
        // It keeps its own time from then on.
        cluster.agenda.push(Controller::Autoscaler, key.clone());
    } else if key.kind == kinds.storage_class {
        queue(cluster, Controller::Claim, claim::unbound(cluster));
    }
}

fn queue(cluster: &mut Cluster, who: Controller, keys: impl IntoIterator<Item = Key>) {
    keys.into_iter().for_each(|key| cluster.agenda.push(who, key));
}

fn wake_for_pod(cluster: &mut Cluster, change: &Change) {
    let key = &change.key;
    let now = cluster.get(key);
    let lonely = cluster.room.note(key, now.as_deref());
    queue(cluster, Controller::Scheduler, lonely);
    cluster.agenda.push(Controller::Scheduler, key.clone());
    cluster.agenda.push(Controller::Kubelet, key.clone());
    if let (None, Some(gone)) = (&change.after, &change.before) {
        kubelet::forget(cluster, &gone.uid);
        // Room that came free may be what another pod waits for, and a claim may have waited for this one.
        queue(cluster, Controller::Scheduler, cluster.room.waiting());
        queue(cluster, Controller::Claim, claim::of_pod(cluster, &gone.tree()));
    }
    for (kind, who) in [(cluster.kinds.service, Controller::Endpoints), (cluster.kinds.budget, Controller::Disruption)] {
        let keys: Vec<Key> = cluster.store.of_kind(kind, Some(&key.namespace)).map(|(k, _)| k.clone()).collect();
        queue(cluster, who, keys);
    }
}

/// Lets one controller look at one object.
pub(super) fn look(cluster: &mut Cluster, task: &Task) {
    let key = &task.key;
    let name = match task.who {
        Controller::Scheduler => "kube-scheduler",
        Controller::Kubelet => "kubelet",
        _ => "kube-controller-manager",
    };
    cluster.writer = Some(Writer::new(name, ""));
    match task.who {
        Controller::Deployment => deployment::look(cluster, key),
        Controller::ReplicaSet => replicaset::look(cluster, key),
        Controller::StatefulSet => statefulset::look(cluster, key),
        Controller::DaemonSet => daemonset::look(cluster, key),
        Controller::Job => job::look(cluster, key),
        Controller::CronJob => cronjob::look(cluster, key),
        Controller::Autoscaler => autoscaler::look(cluster, key),
        Controller::Node => nodes::look(cluster, key),
        Controller::Scheduler => scheduler::look(cluster, key),
        Controller::Kubelet => kubelet::look(cluster, key),
        Controller::Endpoints => endpoints::look(cluster, key),
        Controller::Disruption => disruption::look(cluster, key),
        Controller::Claim => claim::look(cluster, key),
        Controller::Roles => rbac::aggregate(cluster, key),
        Controller::Quota => admit::quota::recount(cluster, key),
        Controller::Namespace => namespace::look(cluster, key),
        Controller::Garbage => garbage::look(cluster, key),
    }
}
