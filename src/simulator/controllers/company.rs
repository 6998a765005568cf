//! Whom a pod wants near and whom not: pod affinity and anti-affinity, as far as they are required.
//! Source: `pkg/scheduler/framework/plugins/interpodaffinity`.
use super::scheduler::{Misfit, crowded, hopeless};
use crate::simulator::{
    cluster::Cluster,
    json::{list, text},
    store::Key,
};
use crate::terms::selector::LabelSelector;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What the pods that run already mean for one that wants a place.
#[derive(Debug, Default)]
pub(super) struct Company {
    wanted: Vec<Places>,
    avoided: Vec<Places>,
    /// Places that others keep it away from.
    forbidden: Vec<Places>,
}

/// A topology key, and the values of it where such pods are.
#[derive(Debug)]
struct Places {
    key: String,
    values: BTreeMap<String, i64>,
    /// The pod itself is one of those it looks for.
    own: bool,
}

fn label<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object.pointer("/metadata/labels")?.get(key)?.as_str()
}

impl Company {
    pub(super) fn of(cluster: &Cluster, pod: &Value, nodes: &[std::sync::Arc<Value>]) -> Self {
        let namespace = text(pod, "/metadata/namespace");
        let node = |name: &str| nodes.iter().find(|n| n["metadata"]["name"] == name);
        let find = |term: &Value, own_namespace: &str| -> Option<Places> {
            let selector = LabelSelector::from_json(term.get("labelSelector")?).ok()?;
            let key = text(term, "/topologyKey").to_owned();
            let own = [own_namespace.to_owned()];
            let listed: Vec<String> = list(term, "/namespaces").iter().filter_map(Value::as_str).map(str::to_owned).collect();
            let mut values = BTreeMap::new();
            for namespace in if listed.is_empty() { &own[..] } else { &listed } {
                for (at, stored) in cluster.store.of_kind(cluster.kinds.pod, Some(namespace)).filter(|(_, s)| !s.deleting) {
                    if !selector.matches(|k| stored.label(k)) {
                        continue;
                    }
                    if let Some(value) = cluster.room.node_of(at).and_then(node).and_then(|n| label(n, &key)) {
                        *values.entry(value.to_owned()).or_default() += 1;
                    }
                }
            }
            let own = selector.matches_json(pod.pointer("/metadata/labels").unwrap_or(&json!({})));
            Some(Places { key, values, own })
        };
        let terms = |kind: &str| list(pod, &format!("/spec/affinity/{kind}/requiredDuringSchedulingIgnoredDuringExecution"));
        Company {
            wanted: terms("podAffinity").iter().filter_map(|t| find(t, namespace)).collect(),
            avoided: terms("podAntiAffinity").iter().filter_map(|t| find(t, namespace)).collect(),
            forbidden: cluster.room.shy.iter().flat_map(|shy| forbidden(cluster, shy, pod, &node)).collect(),
        }
    }

    pub(super) fn misfit(&self, node: &Value) -> Vec<Misfit> {
        let here = |places: &Places| label(node, &places.key).is_some_and(|value| places.values.contains_key(value));
        // The first of a group that wants to be together may go anywhere.
        let first = |places: &Places| places.own && places.values.is_empty() && label(node, &places.key).is_some();
        if !self.wanted.iter().all(|places| here(places) || first(places)) {
            return hopeless("node(s) didn't match pod affinity rules");
        }
        if self.avoided.iter().any(here) {
            return crowded("node(s) didn't match pod anti-affinity rules");
        }
        if self.forbidden.iter().any(here) {
            return crowded("node(s) didn't satisfy existing pods anti-affinity rules");
        }
        Vec::new()
    }
}

/// The places from which a pod that runs keeps the new one away.
fn forbidden<'a>(cluster: &Cluster, shy: &Key, pod: &Value, node: &impl Fn(&str) -> Option<&'a std::sync::Arc<Value>>) -> Vec<Places> {
    let Some(other) = cluster.get(shy) else { return Vec::new() };
    let labels = pod.pointer("/metadata/labels").cloned().unwrap_or_else(|| json!({}));
    let terms = list(&other, "/spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution");
    let reaches = |term: &Value| match list(term, "/namespaces") {
        [] => pod["metadata"]["namespace"] == *shy.namespace,
        listed => listed.contains(&pod["metadata"]["namespace"]),
    };
    let place = |term: &Value| {
        let selector = LabelSelector::from_json(term.get("labelSelector")?).ok()?;
        let key = text(term, "/topologyKey");
        let value = label(node(cluster.room.node_of(shy)?)?, key)?.to_owned();
        selector.matches_json(&labels).then(|| Places { key: key.to_owned(), values: BTreeMap::from([(value, 1)]), own: false })
    };
    terms.iter().filter(|term| reaches(term)).filter_map(place).collect()
}
