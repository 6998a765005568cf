//! The cluster behind the lock: objects, time, and the controllers' agenda. One request or one step of time works on it at a time.
use super::{
    agenda::{Agenda, Controller},
    api::access::Deny,
    controllers,
    entropy::Entropy,
    json::{map_mut, stamp},
    kubelet::Kubelet,
    owners::Writer,
    rbac::Actor,
    refusal::{Named, Refusal},
    registry::{KindId, Registry, Resource},
    store::{Key, Store, Tree},
};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;

/// The kinds that controllers work with, found once.
macro_rules! kinds {
    ($($field:ident: $kind:literal),* $(,)?) => {
        /// Where the kinds that rules name stand in the registry.
        #[derive(Debug, Clone, Copy)]
        pub(super) struct Kinds { $(pub(super) $field: KindId),* }
        impl Kinds {
            fn of(registry: &Registry) -> Self {
                Kinds { $($field: registry.builtin($kind)),* }
            }
        }
    };
}
kinds! {
    config_map: "ConfigMap", endpoints: "Endpoints", event: "Event", namespace: "Namespace", node: "Node", claim: "PersistentVolumeClaim",
    volume: "PersistentVolume", pod: "Pod", secret: "Secret", account: "ServiceAccount", service: "Service", deployment: "Deployment",
    replica_set: "ReplicaSet", stateful_set: "StatefulSet", daemon_set: "DaemonSet", job: "Job", cron_job: "CronJob", autoscaler: "HorizontalPodAutoscaler", slice: "EndpointSlice",
    budget: "PodDisruptionBudget", crd: "CustomResourceDefinition", storage_class: "StorageClass", revision: "ControllerRevision",
    limit_range: "LimitRange", quota: "ResourceQuota", priority: "PriorityClass", ingress_class: "IngressClass",
    mutating: "MutatingWebhookConfiguration", validating: "ValidatingWebhookConfiguration", role: "Role", cluster_role: "ClusterRole",
    role_binding: "RoleBinding", cluster_role_binding: "ClusterRoleBinding",
}

/// Everything a built-in cluster is.
#[derive(Debug)]
pub(super) struct Cluster {
    pub(super) store: Store,
    pub(super) registry: Registry,
    pub(super) kinds: Kinds,
    pub(super) now: Timestamp,
    pub(super) agenda: Agenda,
    pub(super) entropy: Entropy,
    pub(super) kubelet: Kubelet,
    pub(super) room: controllers::Room,
    pub(super) recorders: controllers::events::Recorders,
    pub(super) denied: Vec<Deny>,
    /// Off: objects stay as they are loaded (dumps).
    pub(super) controllers: bool,
    pub(super) addresses: u32,
    /// Who makes the writes of this moment; None: they are nobody's.
    pub(super) writer: Option<Writer>,
    /// Who writes, while somebody does; controllers act for themselves.
    pub(super) actor: Option<Actor>,
    /// What the writer of the current request is to be told besides the answer.
    pub(super) warnings: Vec<String>,
}

/// More looks than this at one moment mean two controllers that undo each other's work; the rest waits for the next moment.
const LOOKS_AT_ONCE: usize = 1_000_000;

impl Cluster {
    pub(super) fn new(now: Timestamp, seed: u64) -> Self {
        let registry = Registry::new();
        let kinds = Kinds::of(&registry);
        Cluster {
            store: Store::new(),
            registry,
            kinds,
            now,
            agenda: Agenda::default(),
            entropy: Entropy(seed),
            kubelet: Kubelet::default(),
            room: controllers::Room::default(),
            recorders: controllers::events::Recorders::default(),
            denied: Vec::new(),
            controllers: true,
            addresses: 10,
            writer: None,
            actor: None,
            warnings: Vec::new(),
        }
    }

    /// Lets time pass up to `to`, doing on the way what is due.
    pub(super) fn advance(&mut self, to: Timestamp) {
        self.settle();
        while let Some(next) = self.agenda.next_time().filter(|next| *next <= to) {
            self.now = self.now.max(next);
            self.agenda.ripen(self.now);
            self.settle();
        }
        self.now = self.now.max(to);
    }

    /// Lets the controllers work until none has anything to do at this moment.
    pub(super) fn settle(&mut self) {
        for _ in 0..LOOKS_AT_ONCE {
            for change in self.store.take_fresh() {
                if change.key.kind == self.kinds.crd {
                    let (tree, present) = match (&change.after, &change.before) {
                        (Some(after), _) => (after.tree(), true),
                        (None, Some(before)) => (before.tree(), false),
                        (None, None) => continue,
                    };
                    self.registry.define(&tree, present);
                }
                if self.controllers {
                    controllers::wake(self, &change);
                }
            }
            let Some(task) = self.agenda.pop() else { return };
            controllers::look(self, &task);
        }
    }

    pub(super) fn later(&mut self, seconds: i64, who: Controller, key: &Key) {
        let time = self.now.saturating_add(jiff::SignedDuration::from_secs(seconds)).unwrap_or(self.now);
        self.agenda.push_at(time, who, key.clone());
    }

    pub(super) fn stamp(&self) -> String {
        stamp(self.now)
    }

    /// An object as a tree, with nothing said when it is not there.
    pub(super) fn get(&self, key: &Key) -> Option<Arc<Value>> {
        self.store.get(key)
    }

    /// Changes an object as controllers do: no admission, straight into the store. Nothing happens where it is gone.
    pub(super) fn modify(&mut self, key: &Key, change: impl FnOnce(&mut Value)) -> Option<Tree> {
        let old = self.store.get(key)?;
        let mut object = Value::clone(&old);
        change(&mut object);
        if *old == object {
            return Some(old);
        }
        self.note_work(key, &old, &mut object);
        Some(self.store.put(key.clone(), object))
    }

    /// An object as it is handed out: with `apiVersion` and `kind`.
    pub(super) fn named<'a>(&'a self, key: &'a Key) -> Named<'a> {
        named(self.registry.get(key.kind), &key.name)
    }

    pub(super) fn fetch(&self, key: &Key) -> Result<Value, Refusal> {
        self.store.get(key).map(|tree| Value::clone(&tree)).ok_or_else(|| Refusal::not_found(&self.named(key)))
    }

    /// An owner reference to an object, as its controller writes it.
    pub(super) fn owner(&self, key: &Key, uid: &str) -> Value {
        let resource = self.registry.get(key.kind);
        json!({"apiVersion": resource.api_version(), "kind": resource.kind, "name": *key.name, "uid": uid, "controller": true, "blockOwnerDeletion": true})
    }

    /// The next free address inside a service or pod range.
    pub(super) fn next_address(&mut self) -> u32 {
        self.addresses += 1;
        self.addresses
    }
}

/// How messages name an object of a resource.
pub(super) fn named<'a>(resource: &'a Resource, name: &'a str) -> Named<'a> {
    Named { group: &resource.group, plural: &resource.plural, kind: &resource.kind, name }
}

/// Puts `apiVersion` and `kind` on an object that lacks them.
pub(super) fn typed(resource: &Resource, object: &mut Value) {
    let map = map_mut(object);
    map.insert("apiVersion".to_owned(), resource.api_version().into());
    map.insert("kind".to_owned(), resource.kind.clone().into());
}
