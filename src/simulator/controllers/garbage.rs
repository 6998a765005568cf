//! The garbage collector: what nobody owns any more goes; foreground and orphan deletions are finished here.
//! Source: `pkg/controller/garbagecollector`.
use super::{endpoints, events};
use crate::simulator::{
    admit::{DeleteOptions, Propagation},
    agenda::Controller,
    cluster::Cluster,
    json::{list, list_mut, remove, text, yes},
    store::Key,
};
use serde_json::Value;

pub(super) fn look(cluster: &mut Cluster, key: &Key) {
    if key.kind == cluster.kinds.event {
        events::expire(cluster, key);
        return;
    }
    // Endpoints have no owner reference; the endpoints controller removes them with their Service.
    if key.kind == cluster.kinds.service && cluster.store.stored(key).is_none() {
        let twin = Key::new(cluster.kinds.endpoints, &key.namespace, &key.name);
        if !endpoints::wanted(cluster, &twin) && cluster.store.stored(&twin).is_some() {
            drop(cluster.delete(&twin, &DeleteOptions::default()));
        }
    }
    let Some(object) = cluster.get(key) else { return };
    if object.pointer("/metadata/deletionTimestamp").is_some() {
        finish(cluster, key, &object);
        return;
    }
    let owners = list(&object, "/metadata/ownerReferences");
    if owners.is_empty() {
        return;
    }
    let state = |owner: &Value| {
        let there = cluster.store.with_uid(text(owner, "/uid")).and_then(|k| cluster.get(k));
        there.map(|o| list(&o, "/metadata/finalizers").iter().any(|f| f == "foregroundDeletion"))
    };
    let states: Vec<Option<bool>> = owners.iter().map(state).collect();
    if states.contains(&Some(false)) {
        return;
    }
    // Every owner is gone, or waits in the foreground for this one to go.
    let waited_for = states.contains(&Some(true));
    let propagation = if waited_for { Propagation::Foreground } else { Propagation::Background };
    let propagation =
        Some(propagation).filter(|p| *p == Propagation::Background || !cluster.store.owned_by(text(&object, "/metadata/uid")).is_empty());
    drop(cluster.delete(key, &DeleteOptions { propagation, ..DeleteOptions::default() }));
}

fn finish(cluster: &mut Cluster, key: &Key, object: &Value) {
    let uid = text(object, "/metadata/uid");
    let dependents = cluster.store.owned_by(uid);
    let has = |name: &str| list(object, "/metadata/finalizers").iter().any(|f| f == name);
    if has("orphan") {
        for dependent in &dependents {
            cluster.modify(dependent, |d| {
                list_mut(d, "/metadata/ownerReferences").retain(|o| text(o, "/uid") != uid);
                if list(d, "/metadata/ownerReferences").is_empty() {
                    remove(d, "/metadata/ownerReferences");
                }
            });
        }
        cluster.finalize(key, "orphan");
    } else if has("foregroundDeletion") {
        let blocks = |d: &Key| {
            cluster.get(d).is_some_and(|d| {
                list(&d, "/metadata/ownerReferences").iter().any(|o| text(o, "/uid") == uid && yes(o, "/blockOwnerDeletion"))
            })
        };
        if !dependents.iter().any(blocks) {
            cluster.finalize(key, "foregroundDeletion");
        } else {
            // Each is looked at on its own, and waits in turn for what it owns.
            for dependent in dependents {
                cluster.agenda.push(Controller::Garbage, dependent);
            }
        }
    }
}
