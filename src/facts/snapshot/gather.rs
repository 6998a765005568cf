//! Putting a snapshot together: item by item, whatever comes first.

use super::{
    Clock, LogKey, NotRead, Snapshot,
    event::{Event, Key, RawEvent},
    index::Index,
    lenient,
    meta::Meta,
};
use serde::{
    Deserialize,
    de::{Deserializer, SeqAccess, Visitor},
};
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};

/// Of one log so many last lines are kept, and so many bytes of each.
const LINES: usize = 400;
const BYTES: usize = 2_000;

/// A snapshot in the making.
#[derive(Debug)]
pub struct Collector {
    made: Snapshot,
    events: BTreeMap<Key, Event>,
}

/// One kind's vector: by the kind's name and, where other groups have such a kind too, its groups.
macro_rules! kinds {
    ($self:ident, $api:ident, $kind:ident, $from:ident; $($name:literal in [$($group:literal),*] => $field:ident $(, $set:ident)?;)*) => {
        match $kind {
            $($name if [$($group),*].contains(&group($api)) || $api.is_empty() => {
                #[allow(unused_mut, reason = "only some of them are told their kind")]
                let mut item = lenient::read($from)?;
                $( let told: &mut super::$set = &mut item; told.kind = $kind.into(); )?
                $self.push(|s| &mut s.$field, item);
            })*
            "Event" => {
                let event = Event::from(lenient::read::<RawEvent, _>($from)?);
                match $self.events.entry(event.key()) {
                    std::collections::btree_map::Entry::Occupied(mut known) => known.get_mut().fold(event),
                    std::collections::btree_map::Entry::Vacant(free) => { free.insert(event); }
                }
            }
            _ => {
                let mut item: super::Other = lenient::read($from)?;
                item.api = $api.into();
                item.kind = $kind.into();
                $self.push(|s| &mut s.others, item);
            }
        }
    };
}

fn group(api: &str) -> &str {
    api.rsplit_once('/').map_or("", |(group, _)| group)
}

impl Collector {
    /// An empty one; `live` where it is read from a living cluster.
    pub fn new(clock: Clock, live: bool) -> Collector {
        Collector { made: Snapshot::empty(clock, live), events: BTreeMap::new() }
    }

    fn push<T>(&mut self, into: impl Fn(&mut Snapshot) -> &mut Vec<T>, item: T) {
        into(&mut self.made).push(item);
    }

    /// Takes one object.
    ///
    /// # Errors
    /// Only where the text itself is broken or too deep.
    pub fn take<'de, D: Deserializer<'de>>(&mut self, api: &str, kind: &str, from: D) -> Result<(), D::Error> {
        kinds! { self, api, kind, from;
            "Pod" in [""] => pods;
            // A manifest that says `v1` of them is a slip: the core group has no such kind, and what is meant is plain.
            "Deployment" in ["apps", "extensions", ""] => workloads, Workload;
            "ReplicaSet" in ["apps", "extensions", ""] => workloads, Workload;
            "StatefulSet" in ["apps", ""] => workloads, Workload;
            "DaemonSet" in ["apps", "extensions", ""] => workloads, Workload;
            "ReplicationController" in [""] => workloads, Workload;
            "Job" in ["batch"] => jobs;
            "CronJob" in ["batch"] => cron_jobs;
            "HorizontalPodAutoscaler" in ["autoscaling"] => autoscalers;
            "PodDisruptionBudget" in ["policy"] => budgets;
            "ResourceQuota" in [""] => quotas;
            "Service" in [""] => services;
            "EndpointSlice" in ["discovery.k8s.io"] => slices;
            "Endpoints" in [""] => endpoints;
            "Ingress" in ["networking.k8s.io", "extensions"] => ingresses;
            "NetworkPolicy" in ["networking.k8s.io"] => policies;
            "PersistentVolumeClaim" in [""] => claims;
            "PersistentVolume" in [""] => volumes;
            "StorageClass" in ["storage.k8s.io"] => classes;
            "VolumeAttachment" in ["storage.k8s.io"] => attachments;
            "VolumeSnapshot" in ["snapshot.storage.k8s.io"] => taken, Taken;
            "VolumeSnapshotContent" in ["snapshot.storage.k8s.io"] => taken, Taken;
            "ConfigMap" in [""] => config_maps;
            "Secret" in [""] => secrets;
            "ServiceAccount" in [""] => accounts;
            "Node" in [""] => nodes;
            "Namespace" in [""] => namespaces;
            "MutatingWebhookConfiguration" in ["admissionregistration.k8s.io"] => webhooks, Webhooks;
            "ValidatingWebhookConfiguration" in ["admissionregistration.k8s.io"] => webhooks, Webhooks;
            "APIService" in ["apiregistration.k8s.io"] => api_services;
            "CustomResourceDefinition" in ["apiextensions.k8s.io"] => definitions;
            "CertificateSigningRequest" in ["certificates.k8s.io"] => requests;
            "Lease" in ["coordination.k8s.io"] => leases;
            "PodMetrics" in ["metrics.k8s.io"] => usages;
            "Role" in ["rbac.authorization.k8s.io"] => roles, Role;
            "ClusterRole" in ["rbac.authorization.k8s.io"] => roles, Role;
            "RoleBinding" in ["rbac.authorization.k8s.io"] => bindings, Binding;
            "ClusterRoleBinding" in ["rbac.authorization.k8s.io"] => bindings, Binding;
        }
        Ok(())
    }

    /// Takes one page of a list, item by item; the items of a list leave out their kind, so it is said here. An item that cannot be read is noted, and the
    /// others are taken. Whether all of it was read: of a list that was not, nobody can say that something is not in it.
    pub fn page(&mut self, api: &str, kind: &str, page: &[u8]) -> bool {
        let before = self.made.not_read.len();
        struct Page<'a, 'b>(&'a mut Collector, &'b str, &'b str);
        impl<'de> serde::de::DeserializeSeed<'de> for Page<'_, '_> {
            type Value = ();
            fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
                from.deserialize_any(self)
            }
        }
        impl<'de> Visitor<'de> for Page<'_, '_> {
            type Value = ();
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("items")
            }
            fn visit_unit<E>(self) -> Result<(), E> {
                Ok(())
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
                while let Some(item) = items.next_element::<&RawValue>()? {
                    // Read as leniently as its fields it would be an object without a name.
                    if !item.get().trim_start().starts_with('{') {
                        self.0.not_read(&format!("one of the objects of kind {}", self.2), "it is no object");
                        continue;
                    }
                    if let Err(e) = self.0.take(self.1, self.2, &mut serde_json::Deserializer::from_str(item.get())) {
                        self.0
                            .not_read(&format!("one of the objects of kind {}", self.2), &format!("it is broken at column {}", e.column()));
                    }
                }
                Ok(())
            }
        }
        #[derive(Deserialize)]
        struct List<'a> {
            #[serde(borrow)]
            items: Option<&'a RawValue>,
        }
        let read = serde_json::from_slice::<List<'_>>(page).and_then(|list| match list.items {
            None => Ok(()),
            Some(items) => {
                serde::de::DeserializeSeed::deserialize(Page(self, api, kind), &mut serde_json::Deserializer::from_str(items.get()))
            }
        });
        if let Err(e) = read {
            self.not_read(&format!("a part of the list of {kind}"), &format!("the answer is broken at column {}", e.column()));
        }
        self.made.not_read.len() == before
    }

    /// Says that every object of that kind in that namespace (empty: all) was given.
    pub fn whole(&mut self, kind: &str, namespace: &str) {
        self.made.whole.insert((kind.into(), namespace.into()));
    }

    /// Notes what could not be read.
    pub fn not_read(&mut self, what: &str, why: &str) {
        self.made.not_read.push(NotRead { what: what.into(), why: why.into() });
    }

    /// Takes a container's log: its last lines.
    pub fn log(&mut self, key: LogKey, text: &str) {
        self.made.log(key, text);
    }

    /// Sets the clock, where only what was read says what it is.
    pub fn set_clock(&mut self, clock: Clock) {
        self.made.clock = clock;
    }

    /// The snapshot, in order and indexed.
    pub fn finish(self) -> Snapshot {
        let mut made = self.made;
        made.events = self.events.into_values().collect();
        made.put_in_order();
        made.index = Index::of(&made);
        made
    }
}

impl Snapshot {
    fn empty(clock: Clock, live: bool) -> Snapshot {
        Snapshot {
            clock,
            live,
            pods: Vec::new(),
            workloads: Vec::new(),
            jobs: Vec::new(),
            cron_jobs: Vec::new(),
            autoscalers: Vec::new(),
            budgets: Vec::new(),
            quotas: Vec::new(),
            services: Vec::new(),
            slices: Vec::new(),
            endpoints: Vec::new(),
            ingresses: Vec::new(),
            policies: Vec::new(),
            claims: Vec::new(),
            volumes: Vec::new(),
            classes: Vec::new(),
            attachments: Vec::new(),
            taken: Vec::new(),
            config_maps: Vec::new(),
            secrets: Vec::new(),
            accounts: Vec::new(),
            nodes: Vec::new(),
            namespaces: Vec::new(),
            webhooks: Vec::new(),
            api_services: Vec::new(),
            definitions: Vec::new(),
            requests: Vec::new(),
            leases: Vec::new(),
            roles: Vec::new(),
            bindings: Vec::new(),
            usages: Vec::new(),
            others: Vec::new(),
            events: Vec::new(),
            logs: BTreeMap::new(),
            not_read: Vec::new(),
            places: BTreeMap::new(),
            whole: BTreeSet::new(),
            index: Index::default(),
        }
    }

    /// Takes a container's log: its last lines.
    pub fn log(&mut self, key: LogKey, text: &str) {
        let lines: Vec<&str> = text.lines().collect();
        let from = lines.len().saturating_sub(LINES);
        let kept = lines[from..].iter().map(|line| {
            let mut end = line.len().min(BYTES);
            while !line.is_char_boundary(end) {
                end -= 1;
            }
            Box::from(&line[..end])
        });
        self.logs.insert(key, kept.collect());
    }

    fn put_in_order(&mut self) {
        macro_rules! each {
            ($($field:ident)*) => { $( order(&mut self.$field, |item| &item.meta, |_| ""); )* };
        }
        each!(pods jobs cron_jobs autoscalers budgets quotas services slices endpoints ingresses policies claims volumes classes attachments config_maps
            secrets accounts nodes namespaces api_services definitions requests leases usages);
        order(&mut self.workloads, |w| &w.meta, |w| &w.kind);
        order(&mut self.webhooks, |w| &w.meta, |w| &w.kind);
        order(&mut self.taken, |w| &w.meta, |w| &w.kind);
        order(&mut self.roles, |w| &w.meta, |w| &w.kind);
        order(&mut self.bindings, |w| &w.meta, |w| &w.kind);
        order(&mut self.others, |w| &w.meta, |w| &w.kind);
        self.not_read.sort();
        self.not_read.dedup();
    }
}

/// By kind, namespace and name; of two that are called the same, one stays, and always the same one.
fn order<T: std::fmt::Debug>(all: &mut Vec<T>, meta: impl Fn(&T) -> &Meta, kind: impl Fn(&T) -> &str) {
    let key = |item: &T| -> (Box<str>, Box<str>, Box<str>) {
        let meta = meta(item);
        (kind(item).into(), meta.namespace.clone(), meta.name().into())
    };
    all.sort_by(|a, b| {
        let (ma, mb) = (meta(a), meta(b));
        (kind(a), &*ma.namespace, ma.name()).cmp(&(kind(b), &*mb.namespace, mb.name()))
    });
    let twice = all.windows(2).any(|two| key(&two[0]) == key(&two[1]));
    if twice {
        // Rare, so that it may cost: the whole of an object decides, not where it stood.
        all.sort_by_cached_key(|item| (key(item), std::cmp::Reverse(format!("{item:?}"))));
        all.dedup_by(|later, kept| {
            let named = !meta(kept).name().is_empty();
            named && key(later) == key(kept)
        });
    }
}
