//! The revisions of a workload: when each was rolled out, and in what its template differs from the one before. Never the value of a variable.

use super::{Moment, Sort};
use crate::facts::snapshot::{
    Ref, Snapshot,
    meta::Map,
    pod::{Container, PodSpec, Resources},
    workload::{Template, Workload},
};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Writes of one action lie at most so many seconds apart.
const TOGETHER: i64 = 5;

/// So many differences are told.
const TOLD: usize = 4;

/// Where a ReplicaSet keeps the numbers that it had before, once it was taken back to.
/// Source: `RevisionHistoryAnnotation` in `pkg/controller/deployment/util/deployment_util.go`.
const HISTORY: &str = "deployment.kubernetes.io/revision-history";

/// The rollouts of a workload, as far as their time is known.
pub(super) fn of(s: &Snapshot, w: &Workload, into: &mut Vec<Moment>) {
    let at = Ref::of(&w.kind, &w.meta);
    match &*w.kind {
        "Deployment" => by_sets(s, w, &at, into),
        "StatefulSet" | "DaemonSet" => by_pods(s, w, &at, into),
        _ => {}
    }
}

/// A Deployment's: each of its ReplicaSets is a revision.
fn by_sets(s: &Snapshot, w: &Workload, at: &Ref, into: &mut Vec<Moment>) {
    let mut sets: Vec<&Workload> = s.sets_of(at).filter(|set| &*set.kind == "ReplicaSet").collect();
    sets.sort_by(|a, b| (a.revision(), a.meta.created, a.meta.name()).cmp(&(b.revision(), b.meta.created, b.meta.name())));
    for (n, set) in sets.iter().enumerate() {
        let before = n.checked_sub(1).and_then(|n| sets.get(n));
        let again = set.meta.annotation(HISTORY).is_some();
        let Some(time) = (if again { scaled_up(s, w, set) } else { set.meta.created.0 }) else { continue };
        // The first one comes with the Deployment itself.
        if before.is_none() && near(Some(time), w.meta.created.0) {
            continue;
        }
        let by = if near(w.meta.changed.0.0, Some(time)) && !w.meta.changed.1.is_empty() {
            format!(" by {}", w.meta.changed.1)
        } else {
            String::new()
        };
        let number = match set.revision() {
            0 => set.meta.name().to_string(),
            n => n.to_string(),
        };
        let word = if again { "was rolled back to" } else { "was rolled out" };
        let differs = before.map_or_else(String::new, |before| format!(": {}", told(&before.spec.template, &set.spec.template)));
        into.push(Moment::new(time, at.clone(), Sort::Rollout, format!("{word}{by} (revision {number}){differs}")));
    }
}

/// When a ReplicaSet that was there before was last given pods again, by the Deployment's own events.
fn scaled_up(s: &Snapshot, w: &Workload, set: &Workload) -> Option<Timestamp> {
    let up = |message: &str| message.starts_with("Scaled up") && message.split_whitespace().any(|word| word == set.meta.name());
    s.events_of("Deployment", &w.meta)
        .into_iter()
        .filter(|e| &*e.reason == "ScalingReplicaSet" && up(&e.message))
        .filter_map(|e| e.first)
        .max()
}

/// Of the other two kinds the revisions themselves are not read: the first pod of the newest one tells when it began.
fn by_pods(s: &Snapshot, w: &Workload, at: &Ref, into: &mut Vec<Moment>) {
    let mut first: BTreeMap<&str, (Timestamp, &PodSpec)> = BTreeMap::new();
    for pod in s.pods_of(at) {
        let (Some(hash), Some(made)) = (pod.meta.label("controller-revision-hash"), pod.meta.created.0) else { continue };
        let known = first.entry(hash).or_insert((made, &pod.spec));
        if made < known.0 {
            *known = (made, &pod.spec);
        }
    }
    let newest = match &*w.status.update_revision {
        "" => first.iter().max_by_key(|(hash, (made, _))| (*made, **hash)).map(|(hash, _)| *hash),
        revision => Some(revision),
    };
    let Some((hash, (made, spec))) = newest.and_then(|n| Some((n, *first.get(n)?))) else { return };
    let before = first.iter().filter(|(other, (then, _))| **other != hash && *then < made).max_by_key(|(_, (then, _))| *then);
    let Some((_, (_, old))) = before else { return };
    let differs = spoken(&spec_differences(old, spec));
    into.push(Moment::new(made, at.clone(), Sort::Rollout, format!("was rolled out (the first pod of revision {hash}): {differs}")));
}

/// Whether both are known and lie together.
pub(super) fn near(a: Option<Timestamp>, b: Option<Timestamp>) -> bool {
    a.zip(b).is_some_and(|(a, b)| (a.as_second() - b.as_second()).abs() <= TOGETHER)
}

/// In what a template differs from the one before, in a sentence.
pub(super) fn told(before: &Template, after: &Template) -> String {
    let mut all = spec_differences(&before.spec, &after.spec);
    let restarted = "kubectl.kubernetes.io/restartedAt";
    let notes = names_that_differ(&before.meta.annotations.0, &after.meta.annotations.0);
    all.extend(notes.iter().map(|key| if key == restarted { "a restart".to_string() } else { format!("annotation {key}") }));
    // The hash is made from all the rest.
    let labels = names_that_differ(&before.meta.labels, &after.meta.labels);
    all.extend(labels.iter().filter(|key| *key != "pod-template-hash").map(|key| format!("label {key}")));
    spoken(&all)
}

fn spoken(all: &[String]) -> String {
    match all.len() {
        0 => "what differs is not among what is read (the value of a variable, for example)".into(),
        n if n > TOLD => format!("{} and {} more", all[..TOLD].join(", "), n - TOLD),
        _ => all.join(", "),
    }
}

fn names_that_differ(before: &Map, after: &Map) -> Vec<String> {
    let keys: BTreeSet<&str> = before.keys().chain(after.keys()).map(|k| &**k).collect();
    keys.into_iter().filter(|k| before.get(*k) != after.get(*k)).map(str::to_string).collect()
}

fn spec_differences(before: &PodSpec, after: &PodSpec) -> Vec<String> {
    let mut all = Vec::new();
    for (noun, old, new) in [("container", &before.containers, &after.containers), ("init container", &before.init, &after.init)] {
        let several = old.len().max(new.len()) > 1 || noun == "init container";
        for c in new {
            match old.iter().find(|o| o.name == c.name) {
                None => all.push(format!("{noun} {} is new", c.name)),
                Some(o) => {
                    let name = if several { format!("{noun} {}: ", c.name) } else { String::new() };
                    all.extend(container(o, c).into_iter().map(|what| format!("{name}{what}")));
                }
            }
        }
        all.extend(old.iter().filter(|o| !new.iter().any(|c| c.name == o.name)).map(|o| format!("{noun} {} is gone", o.name)));
    }
    let (old, new): (BTreeSet<&str>, BTreeSet<&str>) =
        (before.volumes.iter().map(|v| &*v.name).collect(), after.volumes.iter().map(|v| &*v.name).collect());
    // Each pod is given a token of its own under a name that nobody chose.
    let mounted = |name: &&&str| !name.starts_with("kube-api-access-");
    all.extend(new.difference(&old).filter(mounted).map(|name| format!("volume {name} is new")));
    all.extend(old.difference(&new).filter(mounted).map(|name| format!("volume {name} is gone")));
    all.extend(
        after.volumes.iter().filter(|v| before.volumes.iter().any(|o| o.name == v.name && o != *v)).map(|v| format!("volume {}", v.name)),
    );
    if before.account != after.account {
        all.push(format!("service account {} → {}", or_default(&before.account), or_default(&after.account)));
    }
    for (differs, what) in [
        (before.node_selector != after.node_selector, "node selector"),
        (before.affinity != after.affinity, "affinity"),
        (before.tolerations != after.tolerations, "tolerations"),
        (before.spread != after.spread, "spread constraints"),
        (before.security != after.security, "security context"),
        (before.pull_secrets != after.pull_secrets, "pull secrets"),
        (before.priority_class != after.priority_class, "priority class"),
        (before.runtime_class != after.runtime_class, "runtime class"),
        (before.scheduler != after.scheduler, "scheduler"),
        (before.host_network != after.host_network, "host network"),
        (before.grace != after.grace, "grace period"),
        (before.dns != after.dns, "DNS options"),
    ] {
        if differs {
            all.push(what.into());
        }
    }
    all
}

fn or_default(name: &str) -> &str {
    if name.is_empty() { "default" } else { name }
}

fn container(before: &Container, after: &Container) -> Vec<String> {
    let mut all = Vec::new();
    if before.image != after.image {
        all.push(format!("image {}", images(&before.image, &after.image)));
    }
    let (old, new): (BTreeSet<&str>, BTreeSet<&str>) =
        (before.env.iter().map(|v| &*v.name).collect(), after.env.iter().map(|v| &*v.name).collect());
    all.extend(new.difference(&old).map(|name| format!("variable {name} is new")));
    all.extend(old.difference(&new).map(|name| format!("variable {name} is gone")));
    let differs = |v: &&crate::facts::snapshot::pod::Variable| before.env.iter().any(|o| o.name == v.name && o != *v);
    all.extend(after.env.iter().filter(differs).map(|v| format!("variable {}", v.name)));
    all.extend(resources(&before.resources, &after.resources));
    for (differs, what) in [
        (before.env_from != after.env_from, "where variables are taken from (envFrom)"),
        (before.command != after.command, "command"),
        (before.args != after.args, "arguments"),
        (before.readiness != after.readiness, "readiness probe"),
        (before.liveness != after.liveness, "liveness probe"),
        (before.startup != after.startup, "startup probe"),
        (before.ports != after.ports, "ports"),
        (before.pull != after.pull, "pull policy"),
        (before.security != after.security, "security context"),
        (before.mounts.iter().filter(mounted).ne(after.mounts.iter().filter(mounted)), "mounts"),
    ] {
        if differs {
            all.push(what.into());
        }
    }
    all
}

fn mounted(mount: &&crate::facts::snapshot::pod::Mount) -> bool {
    !mount.name.starts_with("kube-api-access-")
}

fn resources(before: &Resources, after: &Resources) -> Vec<String> {
    let mut all = Vec::new();
    for (word, old, new) in [("limit", &before.limits, &after.limits), ("request", &before.requests, &after.requests)] {
        let value = |map: &Map, key: &str| map.get(key).map_or_else(|| "none".to_string(), |v| v.to_string());
        all.extend(names_that_differ(old, new).into_iter().map(|key| format!("{key} {word} {} → {}", value(old, &key), value(new, &key))));
    }
    all
}

/// `web:1.4 → web:1.5`; whole where the repositories differ.
fn images(before: &str, after: &str) -> String {
    let tail = |image: &str| image.rsplit('/').next().unwrap_or_default().to_string();
    let place = |image: &str| image.rsplit_once('/').map_or(String::new(), |(place, _)| place.to_string());
    if place(before) == place(after) { format!("{} → {}", tail(before), tail(after)) } else { format!("{before} → {after}") }
}
