//! What goes with an object that is deleted: each counted and named.
//! Source: <https://kubernetes.io/docs/concepts/architecture/garbage-collection/> (owners and dependents).

use super::{Findings, Sight, list, said, text};
use crate::{
    facts::Facts,
    ops::{Action, Call, Cascade, Form, Kind, Lookup, Name, Namespace},
    terms::selector::LabelSelector,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Objects of one kind that end because another is deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gone {
    /// `replicaset`.
    pub kind: String,
    /// All of them.
    pub names: Vec<String>,
}

/// The kinds that are counted in a namespace: what people put there. What controllers keep for themselves (events, endpoints, leases)
/// is left out, and custom resources are told of in words.
const IN_A_NAMESPACE: &[&str] = &[
    "deployments",
    "statefulsets",
    "daemonsets",
    "jobs",
    "cronjobs",
    "pods",
    "services",
    "ingresses",
    "configmaps",
    "secrets",
    "persistentvolumeclaims",
    "serviceaccounts",
    "roles",
    "rolebindings",
    "horizontalpodautoscalers",
    "poddisruptionbudgets",
    "networkpolicies",
    "resourcequotas",
    "limitranges",
];
/// What every namespace has of its own.
const ITS_OWN: &[(&str, &str)] = &[("configmaps", "kube-root-ca.crt"), ("serviceaccounts", "default")];

fn ends_what_it_owns(call: &Call) -> bool {
    matches!(call.action, Action::Delete { cascade: Cascade::Background | Cascade::Foreground, .. })
}

/// The lists in which an object's dependents stand; nothing about the object but its name needs to be known.
fn lists(call: &Call) -> Vec<Call> {
    let of = |plural: &'static str| Call::list(Kind::built_in(plural), call.namespace());
    let Some(kind) = call.kind() else { return Vec::new() };
    if !ends_what_it_owns(call) {
        return Vec::new();
    }
    if kind.is("namespaces", "") {
        let Some(within) = call.name().and_then(|name| Namespace::new(name.as_str()).ok()) else { return Vec::new() };
        return IN_A_NAMESPACE.iter().map(|plural| Call::list(Kind::built_in(plural), Some(&within)).shaped(Form::Table)).collect();
    }
    if kind.is("nodes", "") {
        let on_it = call.name().map_or_else(String::new, |name| format!("spec.nodeName={name}"));
        return vec![Call::list(Kind::built_in("pods"), None).with("fieldSelector", on_it).shaped(Form::Table)];
    }
    if kind.is("cronjobs", "batch") {
        return vec![of("jobs")];
    }
    if kind.is("persistentvolumeclaims", "") {
        return vec![of("pods")];
    }
    Vec::new()
}

fn is_workload(kind: Kind) -> bool {
    kind.rolls_out() || kind.is("replicasets", "apps") || kind.is("replicationcontrollers", "") || kind.is("jobs", "batch")
}

/// The lists that the object's own selector leads to.
fn by_selector(call: &Call, object: &Value) -> Vec<Call> {
    if !ends_what_it_owns(call) || !call.kind().is_some_and(is_workload) {
        return Vec::new();
    }
    let selector = match object.pointer("/spec/selector") {
        Some(Value::Object(pairs)) if call.is_about("replicationcontrollers", "") => {
            Some(LabelSelector::equal(pairs.iter().filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)))))
        }
        Some(selector) => LabelSelector::from_json(selector).ok(),
        None => None,
    };
    let Some(selector) = selector.filter(|selector| !selector.is_empty()) else { return Vec::new() };
    let of = |plural: &'static str| Call::list(Kind::built_in(plural), call.namespace()).with("labelSelector", selector.to_string());
    if call.is_about("deployments", "apps") { vec![of("replicasets"), of("pods")] } else { vec![of("pods")] }
}

pub(super) fn looks(call: &Call, facts: &Facts) -> Vec<Call> {
    let mut looks = lists(call);
    if let Some(target) = call.target().filter(|_| ends_what_it_owns(call) && call.kind().is_some_and(is_workload)) {
        looks.push(Call::get(&target));
        if let Lookup::Known(object) = facts.object(&target) {
            looks.extend(by_selector(call, &object));
        }
    }
    looks
}

pub(super) fn says(sight: &Sight<'_>, findings: &mut Findings) {
    let Some(before) = sight.before else { return };
    for look in lists(sight.call).into_iter().chain(by_selector(sight.call, before)) {
        if let Lookup::NotChecked(why) = sight.facts.look(&look) {
            findings.unchecked.push(format!("which {} go with it: {why}", look.said()));
        }
    }
    if sight.call.is_about("persistentvolumeclaims", "") && sight.call.action.ends() {
        let users: Vec<String> = users(sight).into_iter().map(|name| format!("pod/{name}")).collect();
        if !users.is_empty() {
            let (s, them) = if users.len() == 1 { ("s", "that ends") } else { ("", "those end") };
            findings.warn("in-use", format!("{} use{s} {}: it stays, as if deleted, until {them}", users.join(", "), said(sight.call)));
        }
    }
}

/// The pods that mount a claim.
fn users(sight: &Sight<'_>) -> Vec<String> {
    let claim = sight.call.name().map_or("", Name::as_str);
    let mounts = |pod: &&Value| list(pod, "/spec/volumes").iter().any(|v| text(v, "/persistentVolumeClaim/claimName") == claim);
    let all: Vec<Value> = lists(sight.call).iter().filter_map(|look| sight.facts.look(look).into_known()).collect();
    all.iter().flat_map(|all| list(all, "/items")).filter(mounts).map(|pod| text(pod, "/metadata/name").to_string()).collect()
}

/// What goes with the object that the call deletes, as far as it could be read.
pub(in crate::road) fn gone(sight: &Sight<'_>) -> Vec<Gone> {
    let Some(before) = sight.before.filter(|_| ends_what_it_owns(sight.call) && !sight.call.is_about("persistentvolumeclaims", "")) else {
        return Vec::new();
    };
    let mut all: Vec<Gone> = Vec::new();
    let mut owners = vec![text(before, "/metadata/uid").to_string()];
    for look in lists(sight.call).into_iter().chain(by_selector(sight.call, before)) {
        let Lookup::Known(found) = sight.facts.look(&look) else { continue };
        let names: Vec<String> = if look.form == Form::Table {
            let names = list(&found, "/rows").iter().map(|row| text(row, "/object/metadata/name"));
            names
                .filter(|name| !look.kind().is_some_and(|kind| ITS_OWN.contains(&(kind.info().plural, name))))
                .map(str::to_string)
                .collect()
        } else {
            let owned = |object: &&Value| {
                list(object, "/metadata/ownerReferences")
                    .iter()
                    .any(|o| o["controller"] == true && owners.iter().any(|uid| o["uid"] == uid.as_str()))
            };
            let owned: Vec<&Value> = list(&found, "/items").iter().filter(owned).collect();
            let names = owned.iter().map(|object| text(object, "/metadata/name").to_string()).collect();
            // A deployment's pods belong to its ReplicaSets.
            let more: Vec<String> = owned.iter().map(|object| text(object, "/metadata/uid").to_string()).collect();
            owners.extend(more);
            names
        };
        if !names.is_empty() {
            all.push(Gone { kind: look.kind().map_or_else(String::new, |kind| kind.word().into_owned()), names });
        }
    }
    all
}
