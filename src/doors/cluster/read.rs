//! A snapshot: all kinds that rules read, at once, page by page into trimmed structs.

use super::{
    Cluster, Sending,
    pages::AT_ONCE,
    proxy,
    wire::{METADATA, Outgoing},
};
use crate::{
    facts::{
        RejectionSort,
        snapshot::{Clock, Collector, LogKey, Snapshot},
    },
    ops::{Call, Form, Kind, Name, Namespace, Target},
    terms::kinds::Usage,
};
use futures::{StreamExt as _, stream};
use jiff::Timestamp;
use std::sync::{Mutex, PoisonError};

/// The kinds that rules read, the long ones first so that none of them is what everything waits for.
const KINDS: &[&str] = &[
    "pods",
    "events",
    "secrets",
    "replicasets.apps",
    "configmaps",
    "deployments.apps",
    "endpointslices.discovery.k8s.io",
    "services",
    "jobs.batch",
    "statefulsets.apps",
    "daemonsets.apps",
    "nodes",
    "persistentvolumeclaims",
    "persistentvolumes",
    "serviceaccounts",
    "cronjobs.batch",
    "ingresses.networking.k8s.io",
    "networkpolicies.networking.k8s.io",
    "horizontalpodautoscalers.autoscaling",
    "poddisruptionbudgets.policy",
    "resourcequotas",
    "namespaces",
    "storageclasses.storage.k8s.io",
    "volumeattachments.storage.k8s.io",
    "ingressclasses.networking.k8s.io",
    "runtimeclasses.node.k8s.io",
    "priorityclasses.scheduling.k8s.io",
    "validatingwebhookconfigurations.admissionregistration.k8s.io",
    "mutatingwebhookconfigurations.admissionregistration.k8s.io",
    "validatingadmissionpolicies.admissionregistration.k8s.io",
    "validatingadmissionpolicybindings.admissionregistration.k8s.io",
    "apiservices.apiregistration.k8s.io",
    "customresourcedefinitions.apiextensions.k8s.io",
    "certificatesigningrequests.certificates.k8s.io",
    "resourceclaims.resource.k8s.io",
];

/// What only an audit reads: who may do what, and what is used now. Many may not list it, and a diagnosis does not need it.
const ACCESS: &[&str] = &[
    "roles.rbac.authorization.k8s.io",
    "clusterroles.rbac.authorization.k8s.io",
    "rolebindings.rbac.authorization.k8s.io",
    "clusterrolebindings.rbac.authorization.k8s.io",
    "pods.metrics.k8s.io",
];

/// Requests under way at once to a server on this machine: each has a connection of its own, and there a handshake costs more than waiting.
const AT_ONCE_HERE: usize = 4;
/// So many kinds beside the built-in ones are read; a cluster with more of them says so.
const MOST_CUSTOM: usize = 120;
/// Of a log so many last lines, and so many bytes at most.
const LINES: &str = "60";
const BYTES: &str = "32768";
/// Helm's releases hold whole charts: their labels say all that is read of them.
const HELM: &str = "owner=helm";
const NOT_HELM: &str = "type!=helm.sh/release.v1";

/// The logs of containers, each with whose it is.
pub type Logs = Vec<(LogKey, String)>;

impl Cluster {
    /// Reads everything that rules read: of the whole cluster, or of a namespace with what all namespaces share. Who may not list pods everywhere
    /// gets the namespace where they stand. What could not be read is noted.
    pub async fn snapshot(&self, namespace: Option<&Namespace>, now: Timestamp) -> Snapshot {
        self.snapshot_of(KINDS.iter(), namespace, now).await
    }

    /// The same, with roles and their bindings, and what the metrics say of pods.
    pub async fn snapshot_with_access(&self, namespace: Option<&Namespace>, now: Timestamp) -> Snapshot {
        self.snapshot_of(KINDS.iter().chain(ACCESS), namespace, now).await
    }

    async fn snapshot_of(&self, words: impl Iterator<Item = &&'static str>, namespace: Option<&Namespace>, now: Timestamp) -> Snapshot {
        let into = Mutex::new(Collector::new(Clock::live(now), true));
        let mut namespace = namespace.cloned();
        if namespace.is_none() {
            let look = Call::list(Kind::built_in("pods"), None).with("limit", "1");
            if self.send(&look, Sending::Read).await.is_err_and(|e| e.sort == RejectionSort::Forbidden) {
                namespace = Some(self.identity().namespace.clone());
                let note = format!("you may not list them; only {} was looked at", self.identity().namespace);
                lock(&into).not_read("the pods of all namespaces", &note);
            }
        }
        let built_in = words.filter_map(|word| Kind::find(word));
        let (custom, ()) = tokio::join!(self.custom(&into), self.read(built_in.collect(), namespace.as_ref(), &into));
        self.read(custom, namespace.as_ref(), &into).await;
        into.into_inner().unwrap_or_else(PoisonError::into_inner).finish()
    }

    /// The kinds beside the built-in ones.
    async fn custom(&self, into: &Mutex<Collector>) -> Vec<Kind> {
        let known = match self.discover().await {
            Ok(known) => known,
            Err(why) => {
                lock(into).not_read("custom resources", &why.message);
                return Vec::new();
            }
        };
        let listed = |kind: &Kind| kind.info().usage == Usage::Stored;
        let mut kinds: Vec<Kind> = known.into_iter().filter(listed).collect();
        kinds.sort();
        if kinds.len() > MOST_CUSTOM {
            lock(into).not_read("custom resources", &format!("there are {} kinds of them; the first {MOST_CUSTOM} were read", kinds.len()));
            kinds.truncate(MOST_CUSTOM);
        }
        kinds
    }

    async fn read(&self, kinds: Vec<Kind>, namespace: Option<&Namespace>, into: &Mutex<Collector>) {
        let asked: Vec<_> = kinds.into_iter().map(|kind| self.list_into(kind, namespace, into)).collect();
        let at_once = if proxy::is_here(&self.identity().server) { AT_ONCE_HERE } else { AT_ONCE };
        stream::iter(asked).buffer_unordered(at_once).collect::<Vec<()>>().await;
    }

    async fn list_into(&self, kind: Kind, namespace: Option<&Namespace>, into: &Mutex<Collector>) {
        let namespace = namespace.filter(|_| kind.namespaced());
        let base = Call::list(kind, namespace);
        // Events are not in the server's watch cache; all else comes out of it without a quorum read.
        let base = if kind.is("events", "") { base } else { base.with("resourceVersion", "0") };
        let calls = if kind.is("secrets", "") {
            vec![(base.clone().with("fieldSelector", NOT_HELM), false), (base.with("labelSelector", HELM), true)]
        } else {
            vec![(base, false)]
        };
        let place = namespace.map_or("", Namespace::as_str);
        let mut whole = true;
        for (call, metadata) in calls {
            let read = match Outgoing::call(&call, Sending::Read) {
                Ok(outgoing) => {
                    let outgoing = if metadata { Outgoing { accept: METADATA, ..outgoing } } else { outgoing };
                    self.bare_pages_of(&outgoing, |page| whole &= lock(into).page(&kind.api_version(), kind.info().kind, &page)).await
                }
                Err(why) => Err(why),
            };
            match read {
                // A kind that is not served has no objects.
                Ok(()) => {}
                Err(why) if why.sort == RejectionSort::NotFound => {}
                Err(why) => {
                    let what = if place.is_empty() { kind.plural().into_owned() } else { format!("{} in {place}", kind.plural()) };
                    return lock(into).not_read(&what, &why.message);
                }
            }
        }
        if whole {
            lock(into).whole(kind.info().kind, place);
        }
    }

    /// The last lines of containers' logs, several at a time. One that cannot be read is left out: containers that never ran have none.
    pub async fn last_logs(&self, wanted: &[LogKey]) -> Logs {
        let asked: Vec<_> = wanted.iter().map(|key| async move { self.last_log(key).await.map(|text| (key.clone(), text)) }).collect();
        stream::iter(asked).buffered(AT_ONCE).filter_map(std::future::ready).collect().await
    }

    async fn last_log(&self, (namespace, pod, container, previous): &LogKey) -> Option<String> {
        let target = Target::new(Kind::built_in("pods"), Name::new(pod.to_string()).ok()?).ok()?;
        let target = target.in_namespace(Namespace::new(namespace.to_string()).ok());
        let call = Call::get(&target).on("log").shaped(Form::Text).with("container", container.to_string());
        let call = call.with("tailLines", LINES).with("limitBytes", BYTES);
        let this = |call: Call| async move { self.send(&call, Sending::Read).await.ok().filter(|text: &Vec<u8>| !text.is_empty()) };
        let text = match previous {
            // The run before may be gone already; this one may have said the same.
            true => match this(call.clone().with("previous", "true")).await {
                Some(text) => Some(text),
                None => this(call).await,
            },
            false => this(call).await,
        };
        text.map(|text| String::from_utf8_lossy(&text).into_owned())
    }
}

/// Nothing panics under the lock, so a poisoned one still holds whole objects.
fn lock(into: &Mutex<Collector>) -> std::sync::MutexGuard<'_, Collector> {
    into.lock().unwrap_or_else(PoisonError::into_inner)
}
