//! Many objects of one kind in one namespace, read as one list instead of one by one.

use super::{Cluster, Sending};
use crate::ops::{Action, Address, Call, Form, Kind, Lookup, Namespace};
use serde_json::Value;
use std::collections::BTreeMap;

/// From so many on a list is asked for.
const MANY: usize = 12;
/// The longest list that is taken instead: what is much longer than what is wanted of it costs more than it saves.
const LONGEST: usize = 500;

/// The objects that are wanted of one kind and namespace: their places among the calls, and their names.
type Group<'a> = (Kind, Option<&'a Namespace>, Vec<(usize, &'a str)>);

impl Cluster {
    /// What stands at those of the calls that a list could answer, by their places; nothing for the others: they are to be read one by
    /// one. A list that is refused or longer than 500 objects answers none.
    pub(super) async fn together(&self, calls: &[&Call]) -> BTreeMap<usize, Lookup<Value>> {
        let mut groups: Vec<Group<'_>> = Vec::new();
        for (at, call) in calls.iter().enumerate() {
            let Some((kind, namespace, name)) = whole_object(call) else { continue };
            match groups.iter_mut().find(|(k, ns, _)| *k == kind && *ns == namespace) {
                Some((.., wanted)) => wanted.push((at, name)),
                None => groups.push((kind, namespace, vec![(at, name)])),
            }
        }
        let mut found = BTreeMap::new();
        for (kind, namespace, wanted) in groups.into_iter().filter(|(.., wanted)| wanted.len() >= MANY) {
            let Some(mut there) = self.listed(kind, namespace).await else { continue };
            for (at, name) in wanted {
                found.insert(at, there.get_mut(name).map_or(Lookup::Missing, |object| Lookup::Known(object.clone())));
            }
        }
        found
    }

    async fn listed(&self, kind: Kind, namespace: Option<&Namespace>) -> Option<BTreeMap<String, Value>> {
        let call = Call::list(kind, namespace).with("limit", LONGEST.to_string());
        let mut list: Value = serde_json::from_slice(&self.send(&call, Sending::Read).await.ok()?).ok()?;
        let more = list.pointer("/metadata/continue").and_then(Value::as_str).is_some_and(|token| !token.is_empty());
        if more {
            return None;
        }
        let of = list["kind"].as_str()?.strip_suffix("List")?.to_string();
        let version = list["apiVersion"].take();
        let items = list["items"].as_array_mut().map(std::mem::take)?;
        let named = items.into_iter().filter_map(|mut object| {
            // The items of a list leave out what the list says for all of them.
            let fields = object.as_object_mut()?;
            fields.entry("apiVersion").or_insert_with(|| version.clone());
            fields.entry("kind").or_insert_with(|| of.clone().into());
            Some((object.pointer("/metadata/name")?.as_str()?.to_string(), object))
        });
        Some(named.collect())
    }
}

/// The kind, namespace and name of a call that reads one object whole.
fn whole_object(call: &Call) -> Option<(Kind, Option<&Namespace>, &str)> {
    match (&call.action, &call.at, call.form) {
        (Action::Get, Address::Objects { kind, namespace, name: Some(name), subresource }, Form::Json)
            if subresource.is_empty() && call.query.is_empty() && namespace.is_some() == kind.namespaced() =>
        {
            Some((*kind, namespace.as_ref(), name.as_str()))
        }
        _ => None,
    }
}
