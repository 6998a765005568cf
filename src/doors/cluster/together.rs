//! Many objects of one kind in one namespace, read as one list instead of one by one; and so the events of many objects.

use super::{Cluster, Sending};
use crate::ops::{Action, Address, Call, Form, Kind, Lookup, Namespace};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

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

/// So many events of a namespace are searched for those of many objects; where there are more, they are left out, and it is said.
const MOST_EVENTS: usize = 2_000;

/// The events that are wanted of a namespace: the calls' places, and what each asks of an event's object.
type Asked<'a> = BTreeMap<&'a Namespace, Vec<(usize, Vec<(&'a str, &'a str)>)>>;

impl Cluster {
    /// The events of many objects, by the places of the calls that ask for them. The API server reads all events of a namespace for
    /// each such call (events are not kept in its watch cache), so that one list of them costs as much as one call. Of a namespace with
    /// more than 2,000 none are told.
    pub(super) async fn events_together(&self, calls: &[Call]) -> BTreeMap<usize, Lookup<Vec<u8>>> {
        let mut asked: Asked<'_> = BTreeMap::new();
        for (at, call) in calls.iter().enumerate() {
            if let Some((namespace, of)) = events_of(call) {
                asked.entry(namespace).or_default().push((at, of));
            }
        }
        let mut found = BTreeMap::new();
        for (namespace, wanted) in asked.into_iter().filter(|(_, wanted)| wanted.len() >= MANY) {
            let call = |limit: usize| Call::list(Kind::built_in("events"), Some(namespace)).with("limit", limit.to_string());
            // How many there are is asked first: all of them, to be left out, would be megabytes.
            let Ok(one) = self.send(&call(1), Sending::Read).await else { continue };
            let Ok(one) = serde_json::from_slice::<Value>(&one) else { continue };
            let more = one.pointer("/metadata/remainingItemCount").and_then(Value::as_u64).unwrap_or_default();
            let list = if more < MOST_EVENTS as u64 {
                let Ok(list) = self.send(&call(MOST_EVENTS), Sending::Read).await else { continue };
                let Ok(list) = serde_json::from_slice::<Value>(&list) else { continue };
                list
            } else {
                one
            };
            if list.pointer("/metadata/continue").and_then(Value::as_str).is_some_and(|token| !token.is_empty()) {
                let why = format!(
                    "there are more than {MOST_EVENTS} events in {namespace}, too many to be searched for {} objects",
                    wanted.len()
                );
                found.extend(wanted.iter().map(|(at, _)| (*at, Lookup::NotChecked(why.clone()))));
                continue;
            }
            let mut by_name: HashMap<&str, Vec<&Value>> = HashMap::new();
            for event in list["items"].as_array().into_iter().flatten() {
                by_name.entry(event["involvedObject"]["name"].as_str().unwrap_or_default()).or_default().push(event);
            }
            for (at, of) in wanted {
                let name = of.iter().find(|(field, _)| *field == "name").map_or("", |(_, name)| name);
                let fits = |event: &&&Value| of.iter().all(|(field, value)| event["involvedObject"][*field].as_str() == Some(value));
                let items: Vec<&Value> = by_name.get(name).into_iter().flatten().copied().filter(|event| fits(&event)).collect();
                let list = serde_json::json!({"kind": "EventList", "apiVersion": "v1", "metadata": {}, "items": items});
                found.insert(at, Lookup::Known(list.to_string().into_bytes()));
            }
        }
        found
    }
}

/// The namespace of a call that lists the events of one object, and what its field selector says of that object, its name among it.
fn events_of(call: &Call) -> Option<(&Namespace, Vec<(&str, &str)>)> {
    let (Action::List, Address::Objects { kind, namespace: Some(namespace), name: None, .. }, Form::Json) =
        (&call.action, &call.at, call.form)
    else {
        return None;
    };
    let [(query, selector)] = call.query.as_slice() else { return None };
    if !kind.is("events", "") || query != "fieldSelector" {
        return None;
    }
    let of: Option<Vec<(&str, &str)>> = selector
        .split(',')
        .map(|term| term.strip_prefix("involvedObject.")?.split_once('=').filter(|(field, _)| !field.ends_with('!')))
        .collect();
    of.filter(|of| of.iter().any(|(field, _)| *field == "name")).map(|of| (namespace, of))
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
