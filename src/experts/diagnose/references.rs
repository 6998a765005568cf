//! What pods take their configuration from, and what of it is not there: ConfigMaps, Secrets, their keys, ServiceAccounts, classes.

use super::{
    finding::{Finding, rules},
    told,
};
use crate::experts::signals::{
    alike::alike,
    missing::{self, Missing},
};
use crate::facts::snapshot::{
    Ref, Snapshot,
    pod::{Pod, PodSpec},
};
use std::collections::BTreeSet;

rules! {
    CONFIG_MAP = "config-map-missing" Error 96 Supply "A pod refers to a ConfigMap that does not exist." reads ["Pod.spec", "ConfigMap", "events"] like "pod web-1 cannot start: the referenced ConfigMap app-config does not exist (is missing)";
    SECRET = "secret-missing" Error 96 Supply "A pod refers to a Secret that does not exist." reads ["Pod.spec", "Secret", "events"] like "pod web-1 cannot start: the referenced Secret db does not exist (is missing)";
    KEY = "config-key-missing" Error 96 Supply "A pod wants a key that its ConfigMap or Secret does not have." reads ["Pod.spec", "ConfigMap", "Secret", "events"] like "pod web-1 cannot start: container app wants key password of Secret db, which is missing that key (it has: user, pass)";
    CONFIG = "container-config-error" Error 85 Pod "The kubelet cannot put a container's configuration together (CreateContainerConfigError)." reads ["Pod.status", "events"] like "pod web-1 cannot start: container app fails with CreateContainerConfigError";
    ROOT = "image-runs-as-root" Error 94 Pod "An image wants to run as root, and the pod forbids it." reads ["Pod.status", "events"] like "pod web-1 cannot start: image a:1 runs as root, and runAsNonRoot forbids it";
    INVALID_ENV = "env-names-invalid" Warning 92 Supply "Keys taken in by envFrom are no names of variables, and are left out." reads ["events"] like "pod web-1 lacks variables: keys of its envFrom source are not valid environment variable names";
}

/// One reference of a pod to a ConfigMap or Secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reference<'a> {
    pub(super) kind: &'static str,
    pub(super) name: &'a str,
    /// Empty: all of it.
    pub(super) key: &'a str,
    /// Empty: a volume, which concerns all.
    pub(super) container: &'a str,
    /// In which field it stands.
    pub(super) field: &'static str,
}

/// All references that have to be met; optional ones are left out.
pub(super) fn of(spec: &PodSpec) -> Vec<Reference<'_>> {
    let mut all = Vec::new();
    for c in spec.all() {
        for v in &c.env {
            for (kind, from) in [("Secret", &v.from.secret), ("ConfigMap", &v.from.config_map)] {
                if let Some(from) = from.as_ref().filter(|f| !f.optional) {
                    all.push(Reference { kind, name: &from.name, key: &from.key, container: &c.name, field: "env.valueFrom" });
                }
            }
        }
        for v in &c.env_from {
            for (kind, from) in [("Secret", &v.secret), ("ConfigMap", &v.config_map)] {
                if let Some(from) = from.as_ref().filter(|f| !f.optional) {
                    all.push(Reference { kind, name: &from.name, key: "", container: &c.name, field: "envFrom" });
                }
            }
        }
    }
    for v in &spec.volumes {
        let projected = v
            .projected
            .iter()
            .flat_map(|p| &p.sources)
            .flat_map(|src| [("Secret", src.secret.as_ref()), ("ConfigMap", src.config_map.as_ref())]);
        let own = [("Secret", v.secret.as_ref()), ("ConfigMap", v.config_map.as_ref())];
        for (kind, source) in own.into_iter().chain(projected) {
            let Some(source) = source.filter(|x| !x.optional) else { continue };
            let name = if source.secret.is_empty() { &source.name } else { &source.secret };
            all.push(Reference { kind, name, key: "", container: "", field: "volumes" });
            all.extend(source.items.iter().map(|item| Reference { kind, name, key: &item.key, container: "", field: "volumes" }));
        }
    }
    all.retain(|r| !r.name.is_empty());
    all.sort();
    all.dedup();
    all
}

/// The ConfigMap that every namespace is given, and the tokens of accounts: both come by themselves.
fn given(name: &str) -> bool {
    ["kube-root-ca.crt", "openshift-service-ca.crt"].contains(&name)
}

/// What a kind's object holds: its keys; `None` where there is no such object.
fn keys<'a>(s: &'a Snapshot, kind: &str, namespace: &str, name: &str) -> Option<Vec<&'a str>> {
    if kind == "Secret" {
        return s.secret(namespace, name).map(|x| x.data.keys.names().chain(x.text.names()).collect());
    }
    s.config_map(namespace, name).map(|x| x.data.names().chain(x.binary.names()).collect())
}

fn nearest<'a>(name: &str, all: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    all.filter(|other| *other != name && (other.eq_ignore_ascii_case(name) || alike(other, name)))
        .min_by_key(|other| (other.len().abs_diff(name.len()), *other))
}

/// More missing objects of a kind than this are one finding.
const MANY: usize = 3;

pub(super) fn find(s: &Snapshot, found: &mut Vec<Finding>) {
    for pod in s.pods.iter().filter(|p| !p.over() && !p.meta.going()) {
        if !pod.ready() && !started(pod) {
            let from = found.len();
            of_pod(s, pod, found);
            together(s, pod, from, found);
        }
        if let Some(e) = s.event("Pod", &pod.meta, &["InvalidEnvironmentVariableNames", "InvalidVariableNames"]) {
            let source = pod
                .spec
                .all()
                .flat_map(|c| &c.env_from)
                .filter_map(|f| f.config_map.as_ref().map(|r| ("ConfigMap", r)).or(f.secret.as_ref().map(|r| ("Secret", r))))
                .find(|(_, r)| e.message.contains(&*r.name));
            let named =
                source.map_or_else(|| "its envFrom source".to_string(), |(kind, r)| format!("its envFrom source {kind} {}", r.name));
            found.push(
                Finding::new(
                    &INVALID_ENV,
                    told::pod(pod),
                    format!("lack(s) variables: {named} contains keys that are not valid environment variable names"),
                )
                .saw(told::event(e, &s.clock))
                .by_hand(told::describe(&told::pod(pod))),
            );
        }
    }
}

/// Whether every container runs: what it refers to was there when it started, and is not what it lacks.
fn started(pod: &Pod) -> bool {
    let all = &pod.status.containers;
    !all.is_empty() && all.iter().all(|c| c.state.running.is_some())
}

/// Of a pod that lacks many objects of a kind one finding is made: whoever left them out left out all.
fn together(s: &Snapshot, pod: &Pod, from: usize, found: &mut Vec<Finding>) {
    for rule in [&SECRET, &CONFIG_MAP] {
        let (mine, others): (Vec<Finding>, Vec<Finding>) = found.drain(from..).partition(|f| f.rule == rule);
        found.extend(others);
        let missing: Vec<Ref> = mine.iter().flat_map(|f| f.explains.clone()).collect();
        if missing.len() <= MANY {
            found.extend(mine);
            continue;
        }
        let quotes: Vec<String> = mine.iter().flat_map(|f| f.evidence.clone()).take(MANY).collect();
        let by_hand = mine.first().and_then(|f| f.by_hand.first().cloned()).unwrap_or_default();
        let kind = &missing[0].kind;
        let names = told::names(missing.iter().map(|r| &*r.name), MANY);
        found.push(
            Finding::new(
                rule,
                told::pod(pod),
                format!("cannot start: {} {kind}s that it refers to do not exist (are missing): {names}", missing.len()),
            )
            .saw_all(quotes)
            .one_for(format!("{}/{kind}s", s.top("Pod", &pod.meta).told()))
            .by_hand(by_hand)
            .explains(missing),
        );
    }
}

fn of_pod(s: &Snapshot, pod: &Pod, found: &mut Vec<Finding>) {
    let namespace = &*pod.meta.namespace;
    let subject = told::pod(pod);
    let all = of(&pod.spec);
    let mut seen: Vec<(String, Missing)> = Vec::new();
    for c in pod.containers() {
        let config = |reason: &str| ["CreateContainerConfigError", "CreateContainerError"].contains(&reason);
        if let Some(w) = c.status.state.waiting.as_ref().filter(|w| config(&w.reason)) {
            seen.extend(missing::of(&w.message).map(|m| (told::container(&c), m)));
        }
    }
    for e in s.events_of("Pod", &pod.meta).iter().rev() {
        if ["Failed", "FailedMount", "CreateContainerConfigError", "FailedToRetrieveImagePullSecret"].contains(&&*e.reason) {
            seen.extend(missing::of(&e.message).map(|m| (told::event(e, &s.clock), m)));
        }
    }
    let mut told_of: BTreeSet<(&str, String, String)> = BTreeSet::new();
    // What the objects themselves show, before any status does.
    for r in &all {
        if given(r.name) || !s.knows(r.kind, namespace) {
            continue;
        }
        match keys(s, r.kind, namespace, r.name) {
            None if told_of.insert((r.kind, r.name.into(), String::new())) => {
                found.push(
                    missing_object(s, pod, r.kind, r.name, r.container, &format!("{} names {} {:?}", place(r), r.kind, r.name))
                        .saw_all(quotes(&seen, r.kind, r.name, "")),
                );
            }
            Some(has) if !r.key.is_empty() && !has.contains(&r.key) && told_of.insert((r.kind, r.name.into(), r.key.into())) => {
                found.push(
                    missing_key(pod, r.kind, r.name, r.key, r.container, Some(&has))
                        .saw(format!("{} wants key {:?}", place(r), r.key))
                        .saw_all(quotes(&seen, r.kind, r.name, r.key)),
                );
            }
            None | Some(_) => {}
        }
    }
    // What the kubelet says of objects that were not read.
    for (quote, m) in &seen {
        let by_key: Vec<&Reference<'_>> = all.iter().filter(|r| r.kind == m.kind && r.key == m.key && !m.key.is_empty()).collect();
        let by_volume = || {
            all.iter()
                .find(|r| r.kind == m.kind && r.field == "volumes" && quote.contains(r.name))
                .or_else(|| all.iter().find(|r| r.kind == m.kind && r.field == "volumes"))
        };
        let name = match (&*m.name, by_key.first()) {
            ("", Some(r)) => r.name.to_string(),
            ("", None) => by_volume().map_or_else(String::new, |r| r.name.to_string()),
            (name, _) => name.rsplit('/').next().unwrap_or(name).to_string(),
        };
        // There by now: the next attempt will find it.
        let there = keys(s, m.kind, namespace, &name).is_some_and(|has| m.key.is_empty() || has.contains(&&*m.key));
        if there || !told_of.insert((m.kind, name.clone(), m.key.clone())) {
            continue;
        }
        let container = all.iter().find(|r| r.kind == m.kind && r.name == name).map_or("", |r| r.container);
        found.push(if m.key.is_empty() {
            missing_object(s, pod, m.kind, &name, container, quote)
        } else {
            missing_key(pod, m.kind, &name, &m.key, container, keys(s, m.kind, namespace, &name).as_deref()).saw(quote.clone())
        });
    }
    if told_of.is_empty() {
        let stuck = pod.containers().into_iter().find_map(|c| {
            let w = c.status.state.waiting.as_ref().filter(|w| &*w.reason == "CreateContainerConfigError")?;
            Some((
                c.status.name.to_string(),
                w.message.to_string(),
                told::container(&c),
                c.spec.map_or_else(String::new, |x| x.image.to_string()),
            ))
        });
        if let Some((name, message, quote, image)) = stuck {
            let events = told::events(s, "Pod", &pod.meta, &["Failed"]);
            let finding = if message.contains("runAsNonRoot") || message.contains("run as root") {
                Finding::new(
                    &ROOT,
                    subject.clone(),
                    format!("cannot start: image {image} of container {name} runs as root, and runAsNonRoot forbids it"),
                )
            } else {
                let said = if message.is_empty() { String::new() } else { format!(": {message}") };
                Finding::new(
                    &CONFIG,
                    subject.clone(),
                    format!("cannot start: container {name} failed with CreateContainerConfigError{said}"),
                )
            };
            found.push(
                finding
                    .saw(quote)
                    .saw_all(events)
                    .one_for(format!("{}/{name}", s.top("Pod", &pod.meta).told()))
                    .by_hand(told::describe(&subject)),
            );
        }
    }
}

fn place(r: &Reference<'_>) -> String {
    if r.container.is_empty() { format!("spec.{}", r.field) } else { format!("container {}: {}", r.container, r.field) }
}

fn quotes(seen: &[(String, Missing)], kind: &str, name: &str, key: &str) -> Vec<String> {
    let fits = |m: &Missing| m.kind == kind && m.key == key && (m.name.is_empty() || m.name.ends_with(name));
    seen.iter().filter(|(_, m)| fits(m)).map(|(quote, _)| quote.clone()).take(2).collect()
}

fn missing_object(s: &Snapshot, pod: &Pod, kind: &'static str, name: &str, container: &str, quote: &str) -> Finding {
    let namespace = &*pod.meta.namespace;
    let rule = if kind == "Secret" { &SECRET } else { &CONFIG_MAP };
    let near = match kind {
        "Secret" => nearest(name, s.secrets.iter().filter(|x| &*x.meta.namespace == namespace).map(|x| &*x.meta.name)),
        _ => nearest(name, s.config_maps.iter().filter(|x| &*x.meta.namespace == namespace).map(|x| &*x.meta.name)),
    };
    let hint = near.map_or_else(String::new, |n| format!("; there is {n}"));
    let of = if container.is_empty() { String::new() } else { format!(" by container {container}") };
    let missing = Ref::new(kind, namespace, name);
    Finding::new(rule, told::pod(pod), format!("cannot start: {kind} {name:?}, referenced{of}, does not exist (is missing){hint}"))
        .saw(quote)
        .one_for(format!("{missing:?}"))
        .by_hand(format!("kubectl get {}s{}", kind.to_lowercase(), told::flag(namespace)))
        .explains([missing])
}

fn missing_key(pod: &Pod, kind: &'static str, name: &str, key: &str, container: &str, has: Option<&[&str]>) -> Finding {
    let namespace = &*pod.meta.namespace;
    let it_has = match has {
        Some([]) => " (it is empty)".to_string(),
        Some(has) => format!(" (it has: {})", told::names(has.iter().copied(), 6)),
        None => String::new(),
    };
    let who = if container.is_empty() { "a volume".to_string() } else { format!("container {container:?}") };
    let object = Ref::new(kind, namespace, name);
    let near = has.and_then(|has| nearest(key, has.iter().copied()));
    let finding = Finding::new(
        &KEY,
        told::pod(pod),
        format!("cannot start: {who} wants key {key:?} of {kind} {name:?}, which has no such key: the required key is missing{it_has}"),
    );
    let finding = match near {
        Some(near) => finding.saw(format!("key {near:?} of {kind} {name} comes near to it")),
        None => finding,
    };
    finding.one_for(format!("{object:?}#{key}")).by_hand(told::get(&object)).explains([object])
}
