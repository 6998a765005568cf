//! All objects of a cluster (or of a namespace, or of a dump) that rules read, at one moment: trimmed, indexed, with what could not be read.
//!
//! Owns: a struct for each kind that a rule reads ([`Other`] for all the rest), how it is decoded, the indexes. Does not own: where the bytes
//! come from (`doors/cluster`, `doors/files`), nor what follows from them (`experts/diagnose`).
//! Invariants: a value of a Secret or ConfigMap is never kept; a field of a wrong type never loses its object; an item that cannot be decoded and a
//! kind that could not be listed stand in [`Snapshot::not_read`]; the order in which objects came never changes a snapshot.

pub mod access;
mod bundle;
pub mod cluster;
pub mod config;
pub mod endpoint;
pub mod event;
mod gather;
mod index;
mod lenient;
pub mod meta;
pub mod network;
mod newest;
pub mod other;
pub mod pod;
pub mod storage;
pub mod workload;

pub use bundle::{Documents, Watcher};
pub use gather::Collector;
pub use lenient::When;

use access::{Binding, Role};
use cluster::{Account, ApiService, Definition, Lease, NamespaceObject, Node, SigningRequest, Webhooks};
use config::{ConfigMap, Secret};
use event::Event;
use index::Index;
use jiff::Timestamp;
use meta::Meta;
use network::{Endpoints, Ingress, NetworkPolicy, Service, Slice};
use other::Other;
use pod::{Measured, Pod};
use std::collections::{BTreeMap, BTreeSet};
use storage::{Attachment, Claim, Class, Taken, Volume};
use workload::{Autoscaler, Budget, CronJob, Job, Quota, Workload};

/// Which object: kind as it is written (`Deployment`), namespace (empty for cluster-scoped ones), name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Ref {
    /// `Deployment`.
    pub kind: Box<str>,
    /// Empty for cluster-scoped kinds, and in dumps that do not say.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub namespace: Box<str>,
    /// Its name.
    pub name: Box<str>,
}

impl Ref {
    /// A reference.
    pub fn new(kind: &str, namespace: &str, name: &str) -> Ref {
        Ref { kind: kind.into(), namespace: namespace.into(), name: name.into() }
    }
    /// To the object that this is the metadata of.
    pub fn of(kind: &str, meta: &Meta) -> Ref {
        Ref::new(kind, &meta.namespace, meta.name())
    }
    /// `pod web-1`, `Deployment web`: for a sentence.
    pub fn told(&self) -> String {
        match &*self.kind {
            "Pod" | "Node" | "Namespace" => format!("{} {}", self.kind.to_ascii_lowercase(), self.name),
            kind => format!("{kind} {}", self.name),
        }
    }
}

/// By which clock ages are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// Now; of a dump, the newest moment that stands in it.
    pub now: Timestamp,
    /// The dump may be much younger than its newest moment: nothing in it beats as a heart does. Then no age is known to be small.
    pub loose: bool,
    /// Today, by the wall clock.
    pub today: Timestamp,
}

impl Clock {
    /// The clock of a living cluster.
    pub fn live(now: Timestamp) -> Clock {
        Clock { now, loose: false, today: now }
    }
    /// Seconds since then, at least; `None` where no time is given. A moment in the future is no time ago.
    pub fn since(&self, when: When) -> Option<i64> {
        when.0.map(|then| self.now.as_second().saturating_sub(then.as_second()).max(0))
    }
    /// Whether that is longer ago than so many seconds, or may be: without a time, or by a loose clock, nothing is known to be young.
    pub fn older(&self, when: When, seconds: i64) -> bool {
        self.loose || self.since(when).is_none_or(|age| age > seconds)
    }
    /// Whether it is known to be at most so many seconds ago, or nothing speaks against it.
    pub fn within(&self, when: Option<Timestamp>, seconds: i64) -> bool {
        when.is_none_or(|then| self.now.as_second().saturating_sub(then.as_second()) <= seconds)
    }
}

/// What could not be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotRead {
    /// `secrets`, `secrets in shop`, `pods.yaml`.
    pub what: Box<str>,
    /// The server's or the decoder's words.
    pub why: Box<str>,
}

/// Which container's log, and whether of its run before.
pub type LogKey = (Box<str>, Box<str>, Box<str>, bool);

/// The objects of one moment.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "each field is named for the kind of which it holds every object")]
pub struct Snapshot {
    pub clock: Clock,
    pub pods: Vec<Pod>,
    pub workloads: Vec<Workload>,
    pub jobs: Vec<Job>,
    pub cron_jobs: Vec<CronJob>,
    pub autoscalers: Vec<Autoscaler>,
    pub budgets: Vec<Budget>,
    pub quotas: Vec<Quota>,
    pub services: Vec<Service>,
    pub slices: Vec<Slice>,
    pub endpoints: Vec<Endpoints>,
    pub ingresses: Vec<Ingress>,
    pub policies: Vec<NetworkPolicy>,
    pub claims: Vec<Claim>,
    pub volumes: Vec<Volume>,
    pub classes: Vec<Class>,
    pub attachments: Vec<Attachment>,
    pub taken: Vec<Taken>,
    pub config_maps: Vec<ConfigMap>,
    pub secrets: Vec<Secret>,
    pub accounts: Vec<Account>,
    pub nodes: Vec<Node>,
    pub namespaces: Vec<NamespaceObject>,
    pub webhooks: Vec<Webhooks>,
    pub api_services: Vec<ApiService>,
    pub definitions: Vec<Definition>,
    pub requests: Vec<SigningRequest>,
    pub leases: Vec<Lease>,
    pub roles: Vec<Role>,
    pub bindings: Vec<Binding>,
    pub usages: Vec<Measured>,
    pub others: Vec<Other>,
    pub events: Vec<Event>,
    /// The last lines of containers' logs.
    pub logs: BTreeMap<LogKey, Vec<Box<str>>>,
    pub not_read: Vec<NotRead>,
    /// Of a dump, the file that each object stands in.
    pub places: BTreeMap<Ref, Box<str>>,
    /// Whether it was read from a living cluster: then what was listed is all there is.
    pub live: bool,
    /// The kinds that were read whole, with the namespace or (empty) for all of them.
    pub(in crate::facts) whole: BTreeSet<(Box<str>, Box<str>)>,
    pub(in crate::facts) index: Index,
}

impl Snapshot {
    /// How many objects it holds, events aside.
    pub fn objects(&self) -> usize {
        self.index.count
    }
    /// Whether every object of the kind in that namespace is known, so that one that is not there does not exist. Of a dump that is taken to be so
    /// where it holds any of them: who dumps a kind dumps it whole.
    pub fn knows(&self, kind: &str, namespace: &str) -> bool {
        let has = |namespace: &str| self.whole.contains(&(kind.into(), namespace.into()));
        has("") || has(namespace)
    }
}
