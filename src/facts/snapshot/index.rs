//! Finding objects: by name, by owner, by label, by node; the events of one; the owner at the top.

use super::{
    Ref, Snapshot,
    event::Event,
    meta::{Map, Meta, Owner, Selector},
    pod::Pod,
    workload::{Job, Workload},
};
use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
};

/// Positions in a snapshot's vectors.
#[derive(Debug, Clone, Default)]
pub struct Index {
    pub(super) count: usize,
    named: HashMap<Ref, usize>,
    pods_of: HashMap<Ref, Vec<usize>>,
    sets_of: HashMap<Ref, Vec<usize>>,
    jobs_of: HashMap<Ref, Vec<usize>>,
    pods_on: HashMap<Box<str>, Vec<usize>>,
    labelled: HashMap<u64, Vec<u32>>,
    hasher: RandomState,
    events_of: HashMap<Ref, Vec<usize>>,
    events_with: HashMap<Box<str>, Vec<usize>>,
    slices_of: HashMap<Ref, Vec<usize>>,
}

/// How many owners above each other are followed: a circle of them ends there.
const HIGHEST: usize = 8;

impl Index {
    pub(super) fn of(s: &Snapshot) -> Index {
        let mut index = Index::default();
        macro_rules! each {
            ($($field:ident: $kind:literal),*) => { $( for (at, item) in s.$field.iter().enumerate() { index.add(Ref::of($kind, &item.meta), at); } )* };
        }
        each!(pods: "Pod", jobs: "Job", cron_jobs: "CronJob", autoscalers: "HorizontalPodAutoscaler", budgets: "PodDisruptionBudget", quotas: "ResourceQuota",
            services: "Service", slices: "EndpointSlice", endpoints: "Endpoints", ingresses: "Ingress", policies: "NetworkPolicy",
            claims: "PersistentVolumeClaim", volumes: "PersistentVolume", classes: "StorageClass", attachments: "VolumeAttachment",
            config_maps: "ConfigMap", secrets: "Secret", accounts: "ServiceAccount", nodes: "Node", namespaces: "Namespace",
            api_services: "APIService", definitions: "CustomResourceDefinition", requests: "CertificateSigningRequest", leases: "Lease");
        for (at, w) in s.workloads.iter().enumerate() {
            index.add(Ref::of(&w.kind, &w.meta), at);
            for owner in &w.meta.owners {
                index.sets_of.entry(owner_ref(owner, &w.meta)).or_default().push(at);
            }
        }
        for (at, w) in s.others.iter().enumerate() {
            index.add(Ref::of(&w.kind, &w.meta), at);
        }
        for (at, w) in s.roles.iter().enumerate() {
            index.add(Ref::of(&w.kind, &w.meta), at);
        }
        for (at, w) in s.bindings.iter().enumerate() {
            index.add(Ref::of(&w.kind, &w.meta), at);
        }
        for (at, w) in s.taken.iter().enumerate() {
            index.add(Ref::of(&w.kind, &w.meta), at);
        }
        for (at, w) in s.webhooks.iter().enumerate() {
            index.add(Ref::of(&w.kind, &w.meta), at);
        }
        for (at, job) in s.jobs.iter().enumerate() {
            for owner in &job.meta.owners {
                index.jobs_of.entry(owner_ref(owner, &job.meta)).or_default().push(at);
            }
        }
        for (at, pod) in s.pods.iter().enumerate() {
            for owner in &pod.meta.owners {
                index.pods_of.entry(owner_ref(owner, &pod.meta)).or_default().push(at);
            }
            if !pod.spec.node.is_empty() {
                index.pods_on.entry(pod.spec.node.clone()).or_default().push(at);
            }
            for (key, value) in &pod.meta.labels {
                let hash = index.hasher.hash_one((&*pod.meta.namespace, &**key, &**value));
                index.labelled.entry(hash).or_default().push(u32::try_from(at).unwrap_or(u32::MAX));
            }
        }
        for (at, slice) in s.slices.iter().enumerate() {
            if let Some(service) = slice.meta.label("kubernetes.io/service-name") {
                index.slices_of.entry(Ref::new("Service", &slice.meta.namespace, service)).or_default().push(at);
            }
        }
        for (at, event) in s.events.iter().enumerate() {
            let about = Ref::new(&event.about.kind, &event.about.namespace, &event.about.name);
            index.events_of.entry(about).or_default().push(at);
            index.events_with.entry(event.reason.clone()).or_default().push(at);
        }
        index
    }

    fn add(&mut self, at: Ref, position: usize) {
        self.count += 1;
        self.named.insert(at, position);
    }
}

fn owner_ref(owner: &Owner, meta: &Meta) -> Ref {
    let namespace = if &*owner.kind == "Node" { "" } else { &meta.namespace };
    Ref::new(&owner.kind, namespace, &owner.name)
}

macro_rules! by_name {
    ($($(#[$doc:meta])* $name:ident: $field:ident $kind:literal $Type:ty;)*) => {$(
        $(#[$doc])*
        pub fn $name(&self, namespace: &str, name: &str) -> Option<&$Type> {
            self.index.named.get(&Ref::new($kind, namespace, name)).and_then(|at| self.$field.get(*at))
        }
    )*};
}

impl Snapshot {
    by_name! {
        /// A pod by name.
        pod: pods "Pod" Pod;
        /// A Service by name.
        service: services "Service" super::Service;
        /// A ConfigMap by name.
        config_map: config_maps "ConfigMap" super::ConfigMap;
        /// A Secret by name.
        secret: secrets "Secret" super::Secret;
        /// A ServiceAccount by name.
        account: accounts "ServiceAccount" super::Account;
        /// A claim by name.
        claim: claims "PersistentVolumeClaim" super::Claim;
        /// An Endpoints object by name.
        endpoints_of: endpoints "Endpoints" super::Endpoints;
        /// A Job by name.
        job: jobs "Job" Job;
    }

    /// The metadata of an object of any kind.
    pub fn meta(&self, at: &Ref) -> Option<&Meta> {
        let position = *self.index.named.get(at)?;
        macro_rules! of {
            ($($($kind:literal)|+ => $field:ident,)*) => {
                match &*at.kind { $($($kind)|+ => self.$field.get(position).map(|item| &item.meta),)* _ => None }
            };
        }
        let own = of! {
            "Pod" => pods, "Job" => jobs, "CronJob" => cron_jobs, "HorizontalPodAutoscaler" => autoscalers, "PodDisruptionBudget" => budgets,
            "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" | "ReplicationController" => workloads, "ResourceQuota" => quotas,
            "Service" => services, "Ingress" => ingresses, "NetworkPolicy" => policies, "PersistentVolumeClaim" => claims,
            "PersistentVolume" => volumes, "StorageClass" => classes, "ConfigMap" => config_maps, "Secret" => secrets,
            "ServiceAccount" => accounts, "Node" => nodes, "Namespace" => namespaces, "APIService" => api_services,
            "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration" => webhooks, "CustomResourceDefinition" => definitions,
        };
        // Somebody else's kind may be called as a built-in one is.
        let called = |meta: &&Meta| meta.name() == &*at.name && meta.namespace == at.namespace;
        own.filter(called).or_else(|| self.other(at).map(|o| &o.meta))
    }
    /// An object of a kind that has no struct of its own.
    pub fn other(&self, at: &Ref) -> Option<&super::Other> {
        let position = *self.index.named.get(at)?;
        self.others.get(position).filter(|o| o.kind == at.kind && o.meta.name() == &*at.name && o.meta.namespace == at.namespace)
    }

    /// A node by name.
    pub fn node(&self, name: &str) -> Option<&super::Node> {
        self.index.named.get(&Ref::new("Node", "", name)).and_then(|at| self.nodes.get(*at))
    }
    /// A StorageClass by name.
    pub fn class(&self, name: &str) -> Option<&super::Class> {
        self.index.named.get(&Ref::new("StorageClass", "", name)).and_then(|at| self.classes.get(*at))
    }
    /// A volume by name.
    pub fn volume(&self, name: &str) -> Option<&super::Volume> {
        self.index.named.get(&Ref::new("PersistentVolume", "", name)).and_then(|at| self.volumes.get(*at))
    }
    /// A workload by kind and name.
    pub fn workload(&self, at: &Ref) -> Option<&Workload> {
        self.index.named.get(at).and_then(|i| self.workloads.get(*i)).filter(|w| w.kind == at.kind && w.meta.name() == &*at.name)
    }
    /// Whether there is such an object.
    pub fn has(&self, at: &Ref) -> bool {
        self.index.named.contains_key(at)
    }
    /// Every object of a kind, in order.
    pub fn names<'a>(&'a self, kind: &'a str) -> Vec<&'a Ref> {
        let mut all: Vec<&Ref> = self.index.named.keys().filter(|r| *r.kind == *kind).collect();
        all.sort();
        all
    }
    /// Every object, in no order that matters.
    pub fn refs(&self) -> impl Iterator<Item = &Ref> {
        self.index.named.keys()
    }
    /// The objects of a kind and name, whatever their namespace.
    pub fn named(&self, kind: &str, name: &str) -> Vec<Ref> {
        let mut all: Vec<Ref> = self.index.named.keys().filter(|r| *r.kind == *kind && *r.name == *name).cloned().collect();
        all.sort();
        all
    }
    /// The pods that an object owns directly.
    pub fn pods_of(&self, owner: &Ref) -> impl Iterator<Item = &Pod> {
        self.index.pods_of.get(owner).into_iter().flatten().map(|at| &self.pods[*at])
    }
    /// The ReplicaSets (or other workloads) that an object owns directly.
    pub fn sets_of(&self, owner: &Ref) -> impl Iterator<Item = &Workload> {
        self.index.sets_of.get(owner).into_iter().flatten().map(|at| &self.workloads[*at])
    }
    /// The Jobs that an object owns directly.
    pub fn jobs_of(&self, owner: &Ref) -> impl Iterator<Item = &Job> {
        self.index.jobs_of.get(owner).into_iter().flatten().map(|at| &self.jobs[*at])
    }
    /// The pods on a node.
    pub fn pods_on(&self, node: &str) -> impl Iterator<Item = &Pod> {
        self.index.pods_on.get(node).into_iter().flatten().map(|at| &self.pods[*at])
    }

    /// All pods below an object, through ReplicaSets and Jobs.
    pub fn pods_below(&self, owner: &Ref) -> Vec<&Pod> {
        let mut all: Vec<&Pod> = self.pods_of(owner).collect();
        all.extend(self.sets_of(owner).flat_map(|set| self.pods_of(&Ref::of(&set.kind, &set.meta)).collect::<Vec<_>>()));
        all.extend(self.jobs_of(owner).flat_map(|job| self.pods_of(&Ref::of("Job", &job.meta)).collect::<Vec<_>>()));
        all
    }

    /// The pods of a namespace whose labels hold all of these; none for an empty selector.
    pub fn selected(&self, namespace: &str, wanted: &Map) -> Vec<&Pod> {
        let lists = wanted.iter().map(|(k, v)| self.index.labelled.get(&self.index.hasher.hash_one((namespace, &**k, &**v))));
        let Some(shortest) = lists.min_by_key(|list| list.map_or(0, Vec::len)).flatten() else { return Vec::new() };
        let fits = |pod: &&Pod| &*pod.meta.namespace == namespace && wanted.iter().all(|(k, v)| pod.meta.labels.get(k) == Some(v));
        shortest.iter().filter_map(|at| self.pods.get(*at as usize)).filter(fits).collect()
    }

    /// The same by a selector of the newer form; an empty one means every pod of the namespace.
    pub fn matching(&self, namespace: &str, selector: &Selector) -> Vec<&Pod> {
        if selector.labels.is_empty() {
            return self.pods_in(namespace).filter(|pod| selector.fits(&pod.meta.labels)).collect();
        }
        self.selected(namespace, &selector.labels).into_iter().filter(|pod| selector.fits(&pod.meta.labels)).collect()
    }

    /// The pods of a namespace.
    pub fn pods_in(&self, namespace: &str) -> impl Iterator<Item = &Pod> {
        let from = self.pods.partition_point(|pod| &*pod.meta.namespace < namespace);
        self.pods[from..].iter().take_while(move |pod| &*pod.meta.namespace == namespace)
    }

    /// The events about an object, oldest first. One that names a uid is about no other object of that name.
    pub fn events_of(&self, kind: &str, meta: &Meta) -> Vec<&Event> {
        let all = self.index.events_of.get(&Ref::of(kind, meta)).into_iter().flatten().map(|at| &self.events[*at]);
        let mut all: Vec<&Event> =
            all.filter(|e| e.about.uid.is_empty() || meta.uid.is_empty() || e.about.uid == meta.uid || kind == "Node").collect();
        all.sort_by_key(|e| e.last);
        all
    }

    /// The events with one of these reasons, whatever they are about.
    pub fn events_with<'a>(&'a self, reasons: &'a [&'a str]) -> impl Iterator<Item = &'a Event> {
        reasons.iter().filter_map(|reason| self.index.events_with.get(*reason)).flatten().map(|at| &self.events[*at])
    }

    /// The EndpointSlices of a Service.
    pub fn slices_of(&self, namespace: &str, service: &str) -> impl Iterator<Item = &super::Slice> {
        self.index.slices_of.get(&Ref::new("Service", namespace, service)).into_iter().flatten().map(|at| &self.slices[*at])
    }

    /// The newest event about an object with one of these reasons.
    pub fn event(&self, kind: &str, meta: &Meta, reasons: &[&str]) -> Option<&Event> {
        self.events_of(kind, meta).into_iter().rfind(|e| reasons.contains(&&*e.reason))
    }

    /// The owner at the top: of a pod its Deployment, not its ReplicaSet; the object itself where nobody owns it. An owner that was not read is told by
    /// name; a ReplicaSet made by a Deployment bears its name and the template's hash.
    pub fn top(&self, kind: &str, meta: &Meta) -> Ref {
        let mut at = Ref::of(kind, meta);
        let mut meta = meta;
        for _ in 0..HIGHEST {
            let Some(owner) = meta.controller() else { return at };
            let above = owner_ref(owner, meta);
            let hash = meta.label("pod-template-hash").unwrap_or_default();
            at = above;
            match &*at.kind {
                "ReplicaSet" | "StatefulSet" | "DaemonSet" | "Deployment" | "ReplicationController" => match self.workload(&at) {
                    Some(w) => meta = &w.meta,
                    None => {
                        let deployment = at.name.strip_suffix(hash).and_then(|n| n.strip_suffix('-')).filter(|_| !hash.is_empty());
                        return match deployment {
                            Some(name) if &*at.kind == "ReplicaSet" => Ref::new("Deployment", &at.namespace, name),
                            Some(_) | None => at,
                        };
                    }
                },
                "Job" => match self.job(&at.namespace, &at.name) {
                    Some(job) => meta = &job.meta,
                    None => return at,
                },
                _ => return at,
            }
        }
        at
    }

    /// The log of a container: of the run before, else of this one; by names alone where no namespace is said.
    pub fn log_of(&self, pod: &Meta, container: &str) -> Option<(&[Box<str>], bool)> {
        let get = |container: &str, previous| self.logs.get(&(pod.namespace.clone(), pod.name.clone(), container.into(), previous));
        let named = get(container, true).map(|l| (l, true)).or_else(|| get(container, false).map(|l| (l, false)));
        named
            .or_else(|| get("", false).map(|l| (l, false)))
            .map(|(lines, previous)| (&lines[..], previous))
            .filter(|(lines, _)| !lines.is_empty())
    }
}
