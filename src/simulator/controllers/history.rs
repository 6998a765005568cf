//! ControllerRevisions: the templates that StatefulSets and DaemonSets had. Source: `pkg/controller/history`.
use crate::simulator::{
    admit::DeleteOptions,
    cluster::Cluster,
    json::{map_mut, number, set, text},
    store::{Key, Tree},
};
use serde_json::{Value, json};

/// Keeps the present template under its hash, as the newest revision. Of the old ones only as many stay as the history may hold and pods still have.
pub(super) fn remember(cluster: &mut Cluster, key: &Key, owner: &Value, hash: &str, data: Value) {
    let kind = cluster.kinds.revision;
    let owned = |cluster: &Cluster| -> Vec<(Key, Tree)> {
        let keys = cluster.store.owned_by(text(owner, "/metadata/uid")).into_iter().filter(|k| k.kind == kind);
        let mut revisions: Vec<(Key, Tree)> = keys.filter_map(|k| Some((k.clone(), cluster.get(&k)?))).collect();
        revisions.sort_by_key(|(_, r)| number(r, "/revision", 0));
        revisions
    };
    let revisions = owned(cluster);
    let newest = revisions.last().map_or(0, |(_, r)| number(r, "/revision", 0));
    let own = Key::new(kind, &key.namespace, &format!("{}-{hash}", key.name));
    match revisions.iter().find(|(at, _)| *at == own) {
        Some((_, r)) if number(r, "/revision", 0) == newest => return,
        // Back to an old template.
        Some(_) => drop(cluster.modify(&own, |r| set(r, "/revision", newest + 1))),
        None => {
            let mut labels = owner.pointer("/spec/template/metadata/labels").cloned().unwrap_or_else(|| json!({}));
            map_mut(&mut labels).insert("controller-revision-hash".to_owned(), hash.into());
            let object = json!({
                "metadata": {"name": *own.name, "labels": labels, "ownerReferences": [cluster.owner(key, text(owner, "/metadata/uid"))]},
                "data": data, "revision": newest + 1,
            });
            // A refusal means the namespace goes away; the owner goes with it.
            drop(cluster.create(kind, &key.namespace, object, false));
        }
    }
    let limit = usize::try_from(number(owner, "/spec/revisionHistoryLimit", 10)).unwrap_or(10);
    let old: Vec<Key> = owned(cluster).into_iter().map(|(at, _)| at).filter(|at| *at != own).collect();
    for surplus in old.iter().take(old.len().saturating_sub(limit)) {
        // Gone in the meantime is what is wanted.
        drop(cluster.delete(surplus, &DeleteOptions::default()));
    }
}
