//! Namespace: furnished when it is new, emptied before it goes. Source: `pkg/controller/namespace`, `pkg/controller/serviceaccount`.
use super::conditions::{self, Condition};
use crate::simulator::{
    admit::{DeleteOptions, Propagation},
    cluster::Cluster,
    json::{list, set},
    store::Key,
};
use crate::terms::kinds::Usage;
use serde_json::{Value, json};

pub(super) fn look(cluster: &mut Cluster, key: &Key) {
    let Some(namespace) = cluster.get(key) else { return };
    if namespace.pointer("/metadata/deletionTimestamp").is_some() {
        empty(cluster, key);
        return;
    }
    let account = Key::new(cluster.kinds.account, &key.name, "default");
    if cluster.store.stored(&account).is_none() {
        // Both can only be there already.
        drop(cluster.create(cluster.kinds.account, &key.name, json!({"metadata": {"name": "default"}}), false));
    }
    let root = Key::new(cluster.kinds.config_map, &key.name, "kube-root-ca.crt");
    if cluster.store.stored(&root).is_none() {
        let note = json!({"kubernetes.io/description": "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters."});
        let object = json!({"metadata": {"name": "kube-root-ca.crt", "annotations": note}, "data": {"ca.crt": "(the built-in cluster has no certificates)\n"}});
        drop(cluster.create(cluster.kinds.config_map, &key.name, object, false));
    }
}

fn empty(cluster: &mut Cluster, key: &Key) {
    let kinds: Vec<_> = cluster.registry.all().filter(|r| r.namespaced && r.usage == Usage::Stored).map(|r| r.id).collect();
    let mut stuck: Vec<String> = Vec::new();
    for kind in kinds {
        let inside: Vec<(Key, bool)> = cluster.store.of_kind(kind, Some(&key.name)).map(|(k, s)| (k.clone(), s.deleting)).collect();
        for (object, deleting) in inside {
            if !deleting {
                // Gone in the meantime is what is wanted.
                drop(cluster.delete(&object, &DeleteOptions { propagation: Some(Propagation::Background), ..DeleteOptions::default() }));
            }
            if let Some(left) = cluster.get(&object) {
                stuck.extend(list(&left, "/metadata/finalizers").iter().filter_map(Value::as_str).map(str::to_owned));
            }
        }
    }
    let mut left: Vec<String> = Vec::new();
    for resource in cluster.registry.all().filter(|r| r.namespaced && r.usage == Usage::Stored) {
        let count = cluster.store.of_kind(resource.id, Some(&key.name)).count();
        if count > 0 {
            left.push(format!("{}.{} has {count} resource instances", resource.plural, resource.group));
        }
    }
    if left.is_empty() {
        let done = cluster.modify(key, |n| set(n, "/spec/finalizers", json!([])));
        if done.is_some_and(|n| list(&n, "/metadata/finalizers").is_empty()) {
            cluster.store.remove(key);
        }
        return;
    }
    let now = cluster.stamp();
    stuck.sort();
    left.sort();
    let left = format!("Some resources are remaining: {}", left.join(", "));
    let message = match stuck.len() {
        0 => "All content-preserving finalizers finished".to_owned(),
        _ => {
            let mut said: Vec<String> = Vec::new();
            for name in &stuck {
                let count = stuck.iter().filter(|s| *s == name).count();
                let one = format!("{name} in {count} resource instances");
                if !said.contains(&one) {
                    said.push(one);
                }
            }
            format!("Some content in the namespace has finalizers remaining: {}", said.join(", "))
        }
    };
    cluster.modify(key, |n| {
        for (kind, status, reason, message) in [
            ("NamespaceDeletionDiscoveryFailure", "False", "ResourcesDiscovered", "All resources successfully discovered"),
            ("NamespaceDeletionGroupVersionParsingFailure", "False", "ParsedGroupVersions", "All legacy kube types successfully parsed"),
            (
                "NamespaceDeletionContentFailure",
                "False",
                "ContentDeleted",
                "All content successfully deleted, may be waiting on finalization",
            ),
            ("NamespaceContentRemaining", "True", "SomeResourcesRemain", &left),
            (
                "NamespaceFinalizersRemaining",
                if stuck.is_empty() { "False" } else { "True" },
                if stuck.is_empty() { "ContentHasNoFinalizers" } else { "SomeFinalizersRemain" },
                &message,
            ),
        ] {
            conditions::put(n, &now, &Condition { kind, status, reason, message }, false);
        }
    });
}
