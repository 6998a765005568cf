//! What makes pods, whichever kind it is: the pod's spec with the object that a person would change.

use crate::experts::diagnose::{Finding, Rule};
use crate::facts::snapshot::{
    Ref, Snapshot,
    meta::{Map, Meta},
    pod::{Container, PodSpec},
    workload::Template,
};

/// One of them.
pub(super) struct Unit<'a> {
    /// The object to change.
    pub(super) at: Ref,
    /// Its metadata.
    pub(super) meta: &'a Meta,
    /// The metadata of the pods it makes; a pod's own.
    pub(super) pod: &'a Meta,
    /// What the pods are like.
    pub(super) spec: &'a PodSpec,
    /// How many, where that is said.
    pub(super) replicas: Option<i64>,
}

/// Every one that no other object that was read owns.
pub(super) fn all(s: &Snapshot) -> Vec<Unit<'_>> {
    let mut all: Vec<Unit<'_>> = Vec::new();
    for w in &s.workloads {
        all.push(made(&w.kind, &w.meta, &w.spec.template, w.spec.replicas));
    }
    for j in &s.jobs {
        all.push(made("Job", &j.meta, &j.spec.template, None));
    }
    for c in &s.cron_jobs {
        all.push(made("CronJob", &c.meta, &c.spec.job.spec.template, None));
    }
    for o in &s.others {
        // OpenShift's DeploymentConfig, Argo's Rollout, Knative's Service: pods are made from their template, too.
        let makes = [("apps.openshift.io/", "DeploymentConfig"), ("argoproj.io/", "Rollout"), ("serving.knative.dev/", "Service")];
        if let Some(template) =
            o.spec.template.as_ref().filter(|_| makes.iter().any(|(group, kind)| o.api.starts_with(group) && &*o.kind == *kind))
        {
            all.push(made(&o.kind, &o.meta, template, o.spec.replicas));
        }
    }
    for p in &s.pods {
        all.push(Unit { at: Ref::of("Pod", &p.meta), meta: &p.meta, pod: &p.meta, spec: &p.spec, replicas: None });
    }
    all.retain(|u| {
        !u.meta.owners.iter().any(|o| s.has(&Ref::new(&o.kind, if &*o.kind == "Node" { "" } else { &u.meta.namespace }, &o.name)))
    });
    all
}

fn made<'a>(kind: &str, meta: &'a Meta, template: &'a Template, replicas: Option<i64>) -> Unit<'a> {
    Unit { at: Ref::of(kind, meta), meta, pod: &template.meta, spec: &template.spec, replicas }
}

/// A namespace as it is where none is written: what stands in no namespace goes to `default`.
pub(super) fn home(namespace: &str) -> &str {
    if namespace.is_empty() { "default" } else { namespace }
}

impl Unit<'_> {
    /// Whether its pods are meant to run on, rather than to end.
    pub(super) fn stays(&self) -> bool {
        !["Job", "CronJob"].contains(&&*self.at.kind)
    }
    /// Whether it is one of these kinds.
    pub(super) fn is(&self, kinds: &[&str]) -> bool {
        kinds.contains(&&*self.at.kind)
    }
    /// Whether it keeps a number of pods that may be replaced by each other.
    pub(super) fn replicated(&self) -> bool {
        self.is(&["Deployment", "StatefulSet", "ReplicaSet", "ReplicationController", "DeploymentConfig", "Rollout"])
    }
    /// The labels of its pods.
    pub(super) fn labels(&self) -> &Map {
        &self.pod.labels
    }
    /// A finding about it.
    pub(super) fn found(&self, rule: &'static Rule, what: impl Into<String>) -> Finding {
        Finding::new(rule, self.at.clone(), what)
    }
    /// One finding for all containers of which something is to be said: `said` gives the field and what stands there.
    pub(super) fn each<'c>(
        &'c self,
        rule: &'static Rule,
        what: &str,
        containers: impl Iterator<Item = &'c Container>,
        said: impl Fn(&Container) -> Option<String>,
    ) -> Option<Finding> {
        let seen: Vec<(&str, String)> = containers.filter_map(|c| Some((&*c.name, said(c)?))).collect();
        let names: Vec<&str> = seen.iter().take(4).map(|(name, _)| if name.is_empty() { "without a name" } else { name }).collect();
        let (first, more) = (names.first()?, seen.len().saturating_sub(names.len()));
        let who = match names.len() {
            1 => format!("container {first}"),
            _ if more > 0 => format!("containers {} and {more} more", names.join(", ")),
            _ => format!("containers {}", names.join(", ")),
        };
        let lines = seen.iter().map(|(name, line)| format!("container {name}: {line}"));
        Some(self.found(rule, format!("{what}: {who}")).saw_all(lines))
    }
}
