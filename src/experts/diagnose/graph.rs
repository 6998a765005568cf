//! Which finding explains which: one for each cause, with everything that suffers from it.

use super::finding::{Finding, Layer, title};
use crate::facts::snapshot::{Ref, Snapshot};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
};

/// So many names stand in a title.
const NAMED: usize = 3;

/// With so many lines of evidence a finding borrows none from what it explains.
const SHOWN: usize = 5;

/// Findings of one rule with one key are one; a finding that another one explains goes into it; what is left stands in order of weight.
pub(super) fn roots(found: Vec<Finding>, s: &Snapshot) -> Vec<Finding> {
    let merged = merged(found, s);
    let mut kept = folded(merged);
    kept.sort_by(weigh);
    kept
}

/// The worst first, then what is nearer to the root of things, surer, explains more; names decide last, so that the order is always the same.
fn weigh(a: &Finding, b: &Finding) -> std::cmp::Ordering {
    let key = |f: &Finding| (Reverse(f.severity), f.rule.layer, Reverse(f.confidence), Reverse(f.explains.len()));
    key(a).cmp(&key(b)).then_with(|| (&a.subject, a.rule.id, &a.title).cmp(&(&b.subject, b.rule.id, &b.title)))
}

fn merged(mut found: Vec<Finding>, s: &Snapshot) -> Vec<Finding> {
    // Whatever the order in which rules and objects came: the first by name speaks for all.
    found.sort_by(|a, b| {
        (a.rule.id, &a.key, Reverse(a.severity), &a.subject, &a.title).cmp(&(b.rule.id, &b.key, Reverse(b.severity), &b.subject, &b.title))
    });
    let mut all: Vec<Finding> = Vec::new();
    for one in found {
        match all.last_mut().filter(|last| last.rule == one.rule && last.key == one.key) {
            Some(last) => {
                last.explains.push(one.subject);
                last.explains.extend(one.explains);
                last.after.extend(one.after);
                last.since = [last.since, one.since].into_iter().flatten().min();
            }
            None => all.push(one),
        }
    }
    for finding in &mut all {
        settle(finding);
        let alike: Vec<&Ref> = finding.explains.iter().filter(|r| r.kind == finding.subject.kind).collect();
        if !alike.is_empty() {
            let who = several(&finding.subject, &alike, s);
            finding.title = title(&who, &finding.what, false);
        }
    }
    all
}

/// `3 pods of Deployment web`, `40 pods (of web, api and 3 more)`.
fn several(first: &Ref, more: &[&Ref], s: &Snapshot) -> String {
    let each: BTreeSet<&Ref> = std::iter::once(first).chain(more.iter().copied()).collect();
    let noun = if &*first.kind == "Pod" { "pods".to_string() } else { format!("{}s", first.kind) };
    let tops: BTreeSet<Ref> = each.iter().filter_map(|r| s.pod(&r.namespace, &r.name).map(|p| s.top("Pod", &p.meta))).collect();
    let count = each.len();
    if let (Some(top), 1) = (tops.first(), tops.len()) {
        return format!("{count} {noun} of {}", top.told());
    }
    let names: Vec<&str> = if tops.is_empty() { each.iter().map(|r| &*r.name).collect() } else { tops.iter().map(|r| &*r.name).collect() };
    let shown = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    let rest = names.len().saturating_sub(NAMED);
    if rest > 0 { format!("{count} {noun} ({shown} and {rest} more)") } else { format!("{count} {noun} ({shown})") }
}

/// No object twice, and none that the finding is about.
fn settle(finding: &mut Finding) {
    let all: BTreeSet<Ref> = std::mem::take(&mut finding.explains).into_iter().filter(|r| *r != finding.subject).collect();
    finding.explains = all.into_iter().collect();
}

fn folded(all: Vec<Finding>) -> Vec<Finding> {
    let mut about: HashMap<&Ref, Vec<usize>> = HashMap::new();
    for (at, finding) in all.iter().enumerate() {
        about.entry(&finding.subject).or_default().push(at);
        for object in &finding.explains {
            about.entry(object).or_default().push(at);
        }
    }
    let parent: Vec<Option<usize>> = all
        .iter()
        .enumerate()
        .map(|(at, finding)| {
            let causes = finding.after.iter().filter_map(|object| about.get(object)).flatten().copied().filter(|other| *other != at);
            // What a finding explains cannot be what explains it, unless it is nearer to the root.
            causes.min_by(|a, b| weigh(&all[*a], &all[*b]))
        })
        .collect();
    let root = |from: usize| {
        let mut seen = HashSet::from([from]);
        let mut at = from;
        while let Some(next) = parent[at] {
            if !seen.insert(next) {
                // They explain each other: of the circle the one of most weight is the cause.
                let ring: Vec<usize> = std::iter::successors(Some(next), |i| parent[*i].filter(|p| *p != next)).take(all.len()).collect();
                return ring.into_iter().min_by(|a, b| weigh(&all[*a], &all[*b])).unwrap_or(at);
            }
            at = next;
        }
        at
    };
    let mut below: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for at in 0..all.len() {
        below.entry(root(at)).or_default().push(at);
    }
    let mut kept = Vec::new();
    let mut rest: Vec<Option<Finding>> = all.into_iter().map(Some).collect();
    for (root, members) in below {
        let Some(mut finding) = rest[root].take() else { continue };
        for at in members {
            let Some(effect) = rest[at].take() else { continue };
            // What it looks like from there; the cause's own evidence comes first.
            if let Some(line) = effect.evidence.first().filter(|_| finding.evidence.len() < SHOWN) {
                finding.evidence.push(format!("{}: {line}", effect.subject.told()));
            }
            // What mends an effect mends its cause where that lies in what a workload wants, and not below it.
            if finding.fix.is_empty() && finding.rule.layer >= Layer::Supply {
                finding.fix = effect.fix;
            }
            finding.explains.push(effect.subject);
            finding.explains.extend(effect.explains);
            if effect.severity > finding.severity {
                finding.severity = effect.severity;
            }
        }
        settle(&mut finding);
        kept.push(finding);
    }
    kept
}

/// Everything that an object stands on or that stands on it, so that the same cause comes out whichever one is asked about: its owners and what they
/// own, its node, what it mounts and refers to, the Services that lead to it and those that it names.
pub(in crate::experts) fn around(target: &Ref, s: &Snapshot) -> BTreeSet<Ref> {
    let mut all = BTreeSet::from([target.clone()]);
    let mut pods: Vec<&crate::facts::snapshot::pod::Pod> = s.pods_below(target);
    match &*target.kind {
        "Pod" => pods.extend(s.pod(&target.namespace, &target.name)),
        "Service" => pods.extend(
            s.service(&target.namespace, &target.name).map(|svc| s.selected(&target.namespace, &svc.spec.selector)).unwrap_or_default(),
        ),
        "Namespace" => pods.extend(s.pods_in(&target.name)),
        "Node" => pods.extend(s.pods_on(&target.name)),
        "PersistentVolumeClaim" => {
            pods.extend(s.pods_in(&target.namespace).filter(|p| p.spec.claim_names().any(|(_, name)| *name == *target.name)));
        }
        "Secret" | "ConfigMap" => {
            let names = |p: &&crate::facts::snapshot::pod::Pod| {
                super::references::of(&p.spec).iter().any(|r| *r.kind == *target.kind && *r.name == *target.name)
            };
            pods.extend(s.pods_in(&target.namespace).filter(names));
        }
        "Ingress" => {
            for ingress in s.ingresses.iter().filter(|i| Ref::of("Ingress", &i.meta) == *target) {
                for (_, service, _) in ingress.backends() {
                    all.extend(around(&Ref::new("Service", &target.namespace, service), s));
                }
                all.extend(ingress.spec.tls.iter().map(|tls| Ref::new("Secret", &target.namespace, &tls.secret)));
            }
        }
        "HorizontalPodAutoscaler" => {
            for scaler in s.autoscalers.iter().filter(|a| Ref::of("HorizontalPodAutoscaler", &a.meta) == *target) {
                all.extend(around(&Ref::new(&scaler.spec.target.kind, &target.namespace, &scaler.spec.target.name), s));
            }
        }
        _ => {}
    }
    for pod in pods {
        let namespace = &pod.meta.namespace;
        all.insert(Ref::of("Pod", &pod.meta));
        all.insert(s.top("Pod", &pod.meta));
        all.extend(pod.meta.owners.iter().map(|o| Ref::new(&o.kind, namespace, &o.name)));
        if !pod.spec.node.is_empty() {
            all.insert(Ref::new("Node", "", &pod.spec.node));
        }
        all.extend(pod.spec.claim_names().map(|(_, name)| Ref::new("PersistentVolumeClaim", namespace, name)));
        for reference in super::references::of(&pod.spec) {
            all.insert(Ref::new(reference.kind, namespace, reference.name));
        }
        for (service, ..) in super::services::named_by(s, pod) {
            all.insert(Ref::of("Service", &service.meta));
        }
    }
    let sets: Vec<Ref> = s.sets_of(target).map(|w| Ref::of(&w.kind, &w.meta)).collect();
    all.extend(sets);
    all.extend(s.jobs_of(target).map(|j| Ref::of("Job", &j.meta)));
    all
}
