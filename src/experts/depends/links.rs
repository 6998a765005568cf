//! Every link that the objects of a snapshot tell of.

use super::{Link, Without, pods};
use crate::facts::snapshot::{
    Ref, Snapshot,
    meta::{Meta, Selector},
    pod::Pod,
};
use std::collections::{BTreeMap, BTreeSet};

/// So many ways in which one link is known are kept.
const SEEN: usize = 4;

/// All of them, one for each pair of objects, in order.
pub(super) fn all(s: &Snapshot) -> Vec<Link> {
    let mut found = Vec::new();
    of_pods(s, &mut found);
    of_traffic(s, &mut found);
    of_guards(s, &mut found);
    of_storage(s, &mut found);
    of_control_plane(s, &mut found);
    one_each(found)
}

/// Two objects have one link, known by all that tells of it, as hard as the hardest of it.
fn one_each(found: Vec<Link>) -> Vec<Link> {
    let mut all: BTreeMap<(Ref, Ref), (Link, BTreeSet<String>)> = BTreeMap::new();
    for mut link in found {
        if link.from == link.to {
            continue;
        }
        let seen = std::mem::take(&mut link.seen);
        let (known, lines) =
            all.entry((link.from.clone(), link.to.clone())).or_insert_with(|| (Link { pods: 0, ..link.clone() }, BTreeSet::new()));
        // What runs is what is at stake; where nothing does, that it would not start.
        known.without = match (known.without, link.without) {
            (Without::Restart, Without::NoStart) | (Without::NoStart, Without::Restart) => Without::Restart,
            (a, b) => a.min(b),
        };
        known.pods += link.pods;
        lines.extend(seen);
    }
    let told = |(mut link, lines): (Link, BTreeSet<String>)| {
        let more = lines.len().saturating_sub(SEEN);
        link.seen = lines.into_iter().take(SEEN).collect();
        if more > 0 {
            link.seen.push(format!("{more} more"));
        }
        link
    };
    all.into_values().map(told).collect()
}

fn link(from: Ref, to: Ref, seen: impl Into<String>, without: Without) -> Link {
    Link { from, to, seen: vec![seen.into()], without, pods: 0 }
}

/// What stands at the top of a pod, as far as it was read.
fn unit(s: &Snapshot, kind: &str, meta: &Meta) -> Ref {
    let top = s.top(kind, meta);
    // A static pod's owner is its node.
    if &*top.kind == "Node" { Ref::of(kind, meta) } else { top }
}

/// What pods stand on: those that run, and those that a template would make.
fn of_pods(s: &Snapshot, into: &mut Vec<Link>) {
    let mut alive: BTreeSet<Ref> = BTreeSet::new();
    for pod in s.pods.iter().filter(|p| !p.over()) {
        let from = unit(s, "Pod", &pod.meta);
        let mut own = Vec::new();
        pods::of_spec(&from, &pod.spec, runs(pod), &mut own);
        pods::of_pod(s, &from, pod, &mut own);
        one_pod(own, into);
        alive.insert(from);
    }
    let templates = s.workloads.iter().filter(|w| w.meta.controller().is_none()).map(|w| (Ref::of(&w.kind, &w.meta), &w.spec.template));
    let cron = s.cron_jobs.iter().map(|c| (Ref::of("CronJob", &c.meta), &c.spec.job.spec.template));
    for (from, template) in templates.chain(cron) {
        let mut own = Vec::new();
        pods::of_spec(&from, &template.spec, false, &mut own);
        if !alive.contains(&from) {
            pods::of_hosts(s, &from, &template.spec, &mut own);
        }
        into.extend(own);
    }
    for w in s.workloads.iter().filter(|w| &*w.kind == "StatefulSet" && !w.spec.service.is_empty()) {
        let to = Ref::new("Service", &w.meta.namespace, &w.spec.service);
        into.push(link(Ref::of(&w.kind, &w.meta), to, "spec.serviceName: its pods have their names by it", Without::Calls));
    }
}

/// Of one pod a link counts once, however often the pod names its object.
fn one_pod(own: Vec<Link>, into: &mut Vec<Link>) {
    let mut counted: BTreeSet<Ref> = BTreeSet::new();
    for mut link in own {
        if link.pods > 0 && !counted.insert(link.to.clone()) {
            link.pods = 0;
        }
        into.push(link);
    }
}

fn runs(pod: &Pod) -> bool {
    pod.status.containers.iter().any(|c| c.state.running.is_some() || c.restarts > 0)
}

/// Services, Ingresses.
fn of_traffic(s: &Snapshot, into: &mut Vec<Link>) {
    for service in &s.services {
        let from = Ref::of("Service", &service.meta);
        if service.spec.selector.is_empty() {
            continue;
        }
        for pod in s.selected(&service.meta.namespace, &service.spec.selector) {
            let seen = "spec.selector selects its pods";
            into.push(Link { pods: usize::from(!pod.over()), ..link(from.clone(), unit(s, "Pod", &pod.meta), seen, Without::Traffic) });
        }
        // One that is scaled to nothing is meant all the same.
        for w in s.workloads.iter().filter(|w| w.meta.namespace == service.meta.namespace && w.meta.controller().is_none()) {
            let labels = &w.spec.template.meta.labels;
            if service.spec.selector.iter().all(|(k, v)| labels.get(k) == Some(v)) {
                into.push(link(from.clone(), Ref::of(&w.kind, &w.meta), "spec.selector selects its pods", Without::Traffic));
            }
        }
    }
    for ingress in &s.ingresses {
        let (from, namespace) = (Ref::of("Ingress", &ingress.meta), &*ingress.meta.namespace);
        for (place, service, _) in ingress.backends() {
            into.push(link(from.clone(), Ref::new("Service", namespace, service), format!("the backend for {place}"), Without::Traffic));
        }
        for tls in ingress.spec.tls.iter().filter(|t| !t.secret.is_empty()) {
            let hosts = if tls.hosts.is_empty() { "all hosts".to_string() } else { tls.hosts.join(", ") };
            let seen = format!("spec.tls: the certificate for {hosts}");
            into.push(link(from.clone(), Ref::new("Secret", namespace, &tls.secret), seen, Without::Unguarded));
        }
        if let Some(class) = ingress.class() {
            into.push(link(from.clone(), Ref::new("IngressClass", "", class), "ingressClassName", Without::Traffic));
        }
    }
}

/// Those that act on workloads: who scales, who protects, who cuts off; each needs its workload, and the workload what it does.
fn of_guards(s: &Snapshot, into: &mut Vec<Link>) {
    for a in &s.autoscalers {
        let at = Ref::of("HorizontalPodAutoscaler", &a.meta);
        let target = Ref::new(&a.spec.target.kind, &a.meta.namespace, &a.spec.target.name);
        into.push(link(at.clone(), target.clone(), "spec.scaleTargetRef", Without::Idle));
        into.push(link(target, at, "it is scaled by it (spec.scaleTargetRef)", Without::Unguarded));
    }
    let mut selected = |kind: &str, meta: &Meta, selector: &Selector, what: &str| {
        let at = Ref::of(kind, meta);
        let units: BTreeSet<Ref> = s.matching(&meta.namespace, selector).into_iter().map(|p| unit(s, "Pod", &p.meta)).collect();
        // One that selects the whole namespace is no matter of one workload.
        let broad = selector.is_empty();
        for unit in units {
            if !broad {
                into.push(link(at.clone(), unit.clone(), "its selector selects its pods", Without::Idle));
            }
            into.push(link(unit, at.clone(), what.to_string(), Without::Unguarded));
        }
    };
    for b in &s.budgets {
        selected("PodDisruptionBudget", &b.meta, &b.spec.selector, "it protects its pods from evictions (spec.selector)");
    }
    for p in &s.policies {
        selected("NetworkPolicy", &p.meta, &p.spec.pods, "it decides what reaches its pods, and what they reach (spec.podSelector)");
    }
}

/// Claims, volumes, classes.
fn of_storage(s: &Snapshot, into: &mut Vec<Link>) {
    for c in &s.claims {
        let at = Ref::of("PersistentVolumeClaim", &c.meta);
        if !c.spec.volume.is_empty() {
            into.push(link(at.clone(), Ref::new("PersistentVolume", "", &c.spec.volume), "spec.volumeName", Without::NoStart));
        }
        if let Some(class) = c.spec.class.as_ref().filter(|c| !c.is_empty()) {
            // A volume that is bound needs its class no more.
            let without = if c.spec.volume.is_empty() { Without::NoStart } else { Without::Unguarded };
            into.push(link(at, Ref::new("StorageClass", "", class), "spec.storageClassName", without));
        }
    }
}

/// What the API server asks.
fn of_control_plane(s: &Snapshot, into: &mut Vec<Link>) {
    for w in &s.webhooks {
        for hook in &w.webhooks {
            let Some(service) = &hook.client.service else { continue };
            let without = if &*hook.policy == "Ignore" { Without::Unguarded } else { Without::Refused };
            let what: Vec<&str> = hook.rules.iter().flat_map(|r| &r.resources).map(|r| &**r).take(4).collect();
            let seen =
                format!("webhook {} is asked there about {}", hook.name, if what.is_empty() { "requests".into() } else { what.join(", ") });
            into.push(link(Ref::of(&w.kind, &w.meta), Ref::new("Service", &service.namespace, &service.name), seen, without));
        }
    }
    for a in &s.api_services {
        if let Some(service) = &a.spec.service {
            let to = Ref::new("Service", &service.namespace, &service.name);
            into.push(link(Ref::of("APIService", &a.meta), to, "spec.service: its API is served there", Without::Refused));
        }
    }
    for a in &s.accounts {
        for secret in a.pull_secrets.iter().filter(|x| !x.name.is_empty()) {
            let to = Ref::new("Secret", &a.meta.namespace, &secret.name);
            into.push(link(Ref::of("ServiceAccount", &a.meta), to, "imagePullSecrets: given to each of its pods", Without::NoStart));
        }
    }
}

/// What is deleted with it by the garbage collector: whatever it owns, at any depth.
pub(super) fn owned(s: &Snapshot, about: &Ref) -> Vec<(Box<str>, usize)> {
    let mut below: BTreeMap<Ref, Vec<Ref>> = BTreeMap::new();
    for at in s.refs() {
        let Some(meta) = s.meta(at) else { continue };
        for owner in &meta.owners {
            let namespace = if &*owner.kind == "Node" { "" } else { &*meta.namespace };
            below.entry(Ref::new(&owner.kind, namespace, &owner.name)).or_default().push(at.clone());
        }
    }
    let (mut known, mut front) = (BTreeSet::from([about.clone()]), vec![about.clone()]);
    let mut counts: BTreeMap<Box<str>, usize> = BTreeMap::new();
    while let Some(at) = front.pop() {
        for child in below.remove(&at).into_iter().flatten() {
            if known.insert(child.clone()) {
                *counts.entry(child.kind.clone()).or_default() += 1;
                front.push(child);
            }
        }
    }
    counts.into_iter().collect()
}

/// What else there is to know before it is deleted.
pub(super) fn notes(s: &Snapshot, about: &Ref) -> Vec<String> {
    let mut all = Vec::new();
    let claims: Vec<_> = match &*about.kind {
        "PersistentVolumeClaim" => s.claim(&about.namespace, &about.name).into_iter().collect(),
        "Namespace" => s.claims.iter().filter(|c| c.meta.namespace == about.name).collect(),
        _ => Vec::new(),
    };
    for c in claims {
        let Some(volume) = s.volume(&c.spec.volume).filter(|_| !c.spec.volume.is_empty()) else { continue };
        let fate = match &*volume.spec.reclaim {
            "Delete" => "is deleted with it, and its data",
            "Retain" => "stays, with its data (reclaim policy Retain)",
            _ => continue,
        };
        all.push(format!("the volume {} of claim {} {fate}", c.spec.volume, c.meta.name()));
    }
    if &*about.kind == "PersistentVolumeClaim" {
        all.push("a claim that a pod uses is deleted only once no pod uses it any more".into());
    }
    if let Some(meta) = s.meta(about) {
        if let Some(owner) = meta.controller() {
            all.push(format!("{} {} makes it anew by itself", owner.kind, owner.name));
        }
        // Kubernetes' own end by themselves.
        let own = |f: &&str| !f.starts_with("kubernetes.io/") && !f.starts_with("service.kubernetes.io/") && *f != "foregroundDeletion";
        let others: Vec<&str> = meta.finalizers.iter().map(|f| &**f).filter(own).collect();
        if !others.is_empty() {
            all.push(format!("it is gone only once these are done with it: {}", others.join(", ")));
        }
    }
    if ["ServiceAccount", "Role", "ClusterRole"].contains(&&*about.kind) && s.roles.is_empty() && s.bindings.is_empty() {
        all.push("roles and their bindings were not read: who may do what by it is not told here".into());
    }
    if &*about.kind == "CustomResourceDefinition" {
        all.push("every object of the kind that it defines is deleted with it".into());
    }
    all
}
