//! Dumped documents of any shape: objects, Lists, lists of lists, and mappings that sort objects under their kinds.

use super::{Clock, Collector, Ref, Snapshot, newest::Newest};
use crate::ops::Kind;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How deep lists within lists are gone into.
const DEEPEST: usize = 12;

/// Who is shown each whole object before it is trimmed: its version, its kind, itself.
pub type Watcher<'a> = &'a mut dyn FnMut(&str, &str, &Value);

/// Puts a snapshot together from documents.
pub struct Documents<'a> {
    into: Collector,
    newest: Newest,
    today: Timestamp,
    seen: BTreeSet<(Box<str>, Box<str>)>,
    logs: Vec<(String, String)>,
    root: String,
    places: BTreeMap<Ref, Box<str>>,
    watcher: Option<Watcher<'a>>,
}

impl<'a> Documents<'a> {
    /// Empty; `today` is the wall clock's.
    pub fn new(today: Timestamp) -> Documents<'a> {
        let clock = Clock { now: today, loose: true, today };
        Documents {
            into: Collector::new(clock, false),
            newest: Newest::default(),
            today,
            seen: BTreeSet::new(),
            logs: Vec::new(),
            root: String::new(),
            places: BTreeMap::new(),
            watcher: None,
        }
    }

    /// The same, with each object shown whole.
    #[must_use]
    pub fn shown_to(self, watcher: Watcher<'a>) -> Documents<'a> {
        Documents { watcher: Some(watcher), ..self }
    }

    /// From here on places are below this folder; empty: they stand for themselves.
    pub fn below(&mut self, root: &str) {
        self.root = root.to_string();
    }

    /// Takes one document; `place` is the file it came from.
    pub fn take(&mut self, place: &str, document: Value) {
        self.newest.look(&document, self.today);
        self.any(place, document, DEEPEST);
    }

    /// Takes one file of a dump: YAML or JSON documents parted by `parse`, or a log by its path.
    pub fn log(&mut self, place: &str, text: &str) {
        self.logs.push((place.to_string(), text.to_string()));
    }

    /// Notes a file that could not be read.
    pub fn leave_out(&mut self, place: &str, why: &str) {
        self.into.not_read(place, why);
    }

    fn any(&mut self, place: &str, value: Value, depth: usize) {
        if depth == 0 {
            return self.into.not_read(place, "lists in lists, too deep");
        }
        match value {
            Value::Array(list) => list.into_iter().for_each(|v| self.any(place, v, depth - 1)),
            Value::Object(map) => self.object(place, map, depth),
            Value::Null => {}
            Value::Bool(_) | Value::Number(_) | Value::String(_) => self.into.not_read(place, "a document that is no Kubernetes object"),
        }
    }

    fn object(&mut self, place: &str, mut map: Map<String, Value>, depth: usize) {
        let text = |key: &str| map.get(key).and_then(Value::as_str).unwrap_or_default().to_string();
        let (api, kind) = (text("apiVersion"), text("kind"));
        if let Some(Value::Array(_)) = map.get("items").filter(|_| kind.is_empty() || kind.ends_with("List")) {
            let of = kind.strip_suffix("List").unwrap_or_default().to_string();
            if !of.is_empty() {
                self.seen.insert((of.clone().into(), "".into()));
            }
            let Some(Value::Array(items)) = map.remove("items") else { return };
            for mut item in items {
                // The items of a typed list leave out what the list says for all of them.
                if let Some(fields) = item.as_object_mut().filter(|_| !of.is_empty()) {
                    fields.entry("kind").or_insert_with(|| of.clone().into());
                    fields.entry("apiVersion").or_insert_with(|| api.clone().into());
                }
                self.any(place, item, depth - 1);
            }
            return;
        }
        if !kind.is_empty() {
            return self.one(place, &api, &kind, map);
        }
        self.sorted(place, map, depth);
    }

    /// `{"pod": {…}, "events": […], "secrets": {"name": {…}}}`: keys that are kinds. Events that name no object are about the pod beside them.
    fn sorted(&mut self, place: &str, mut map: Map<String, Value>, depth: usize) {
        if map.contains_key("metadata") && (map.contains_key("status") || map.contains_key("spec")) {
            // What says neither kind nor version, and has containers or a pod's phase, is a pod.
            let beside: Vec<(String, Value)> = ["events", "objects"].iter().filter_map(|k| map.remove_entry(*k)).collect();
            let pod = Value::Object(map);
            let mut bundle = Map::from_iter(beside);
            bundle.insert("pod".into(), pod);
            return self.sorted(place, bundle, depth - 1);
        }
        let subject = map.get("pod").and_then(|p| p.get("metadata")).cloned().unwrap_or(Value::Null);
        let mut known = false;
        for (key, value) in map {
            if key == "objects" {
                known = true;
                if let Value::Object(inner) = value {
                    self.sorted(place, inner, depth.saturating_sub(1).max(1));
                } else {
                    self.any(place, value, depth - 1);
                }
                continue;
            }
            let Some(kind) = kind_of_key(&key) else { continue };
            known = true;
            let info = kind.info();
            let each: Vec<Value> = match value {
                Value::Array(list) => list,
                Value::Object(map) if map.contains_key("metadata") || map.contains_key("spec") || map.contains_key("status") => {
                    vec![Value::Object(map)]
                }
                Value::Object(map) => map.into_iter().map(|(name, value)| named(name, value)).collect(),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => continue,
            };
            // An empty list says that there is none.
            self.seen.insert((info.kind.into(), "".into()));
            for mut one in each {
                let Some(fields) = one.as_object_mut() else { continue };
                if info.kind == "Event" {
                    about(fields, &subject);
                }
                let api = fields.get("apiVersion").and_then(Value::as_str).map_or_else(|| info.api_version(), str::to_string);
                let fields = std::mem::take(fields);
                self.one(place, &api, info.kind, fields);
            }
        }
        if !known {
            self.into.not_read(place, "a document that is no Kubernetes object");
        }
    }

    fn one(&mut self, place: &str, api: &str, kind: &str, mut map: Map<String, Value>) {
        let beside = map.remove("events").filter(|_| kind != "Event");
        let meta = map.get("metadata").cloned().unwrap_or(Value::Null);
        let namespace = meta.get("namespace").and_then(Value::as_str).unwrap_or_default().to_string();
        self.seen.insert((kind.into(), namespace.into()));
        let name = meta.get("name").and_then(Value::as_str).unwrap_or_default();
        let file = if self.root.is_empty() { place.to_string() } else { format!("{}/{place}", self.root.trim_end_matches('/')) };
        self.places.entry(Ref::new(kind, meta.get("namespace").and_then(Value::as_str).unwrap_or_default(), name)).or_insert(file.into());
        let object = Value::Object(map);
        if let Some(watcher) = &mut self.watcher {
            watcher(api, kind, &object);
        }
        if self.into.take(api, kind, &object).is_err() {
            self.into.not_read(place, &format!("one object of kind {kind} cannot be decoded"));
        }
        if let Some(Value::Array(events)) = beside {
            for mut event in events {
                if let Some(fields) = event.as_object_mut() {
                    about_kind(fields, kind, &meta);
                    let fields = std::mem::take(fields);
                    self.one(place, "v1", "Event", fields);
                }
            }
        }
    }

    /// The snapshot of all of them.
    pub fn finish(mut self) -> Snapshot {
        for (kind, namespace) in std::mem::take(&mut self.seen) {
            self.into.whole(&kind, &namespace);
        }
        let clock = self.newest.clock(self.today);
        self.into.set_clock(clock);
        let mut made = self.into.finish();
        made.places = self.places;
        for (place, text) in self.logs {
            made.log_at(&place, &text);
        }
        made
    }
}

fn kind_of_key(key: &str) -> Option<Kind> {
    match key {
        "pvc" | "pvcs" | "blocking_pvc" => Kind::find("persistentvolumeclaims"),
        "pv" | "pvs" => Kind::find("persistentvolumes"),
        word => Kind::find(word).or_else(|| Kind::find(word.strip_suffix('s')?)),
    }
}

fn named(name: String, mut value: Value) -> Value {
    if let Some(fields) = value.as_object_mut() {
        let meta = fields.entry("metadata").or_insert_with(|| json!({}));
        if let Some(meta) = meta.as_object_mut() {
            meta.entry("name").or_insert(Value::String(name));
        }
    }
    value
}

fn about(event: &mut Map<String, Value>, subject: &Value) {
    about_kind(event, "Pod", subject);
}

/// An event that says of no object that it is about it is about that one; one that names an object of the subject's name lacks only the namespace.
fn about_kind(event: &mut Map<String, Value>, kind: &str, subject: &Value) {
    let field = |key: &str| subject.get(key).cloned().unwrap_or(Value::Null);
    let known = event.get("involvedObject").or_else(|| event.get("regarding")).and_then(|o| o.get("name")).is_some();
    if !known && !subject.is_null() {
        event.insert("involvedObject".into(), json!({"kind": kind, "name": field("name"), "namespace": field("namespace")}));
        // Written by hand without a type: what is told of at all is told of as trouble, unless it is among what always happens.
        let ordinary = ["Scheduled", "Pulled", "Created", "Started", "Pulling", "SuccessfulCreate", "ScalingReplicaSet", "Ready"];
        let reason = event.get("reason").and_then(Value::as_str).unwrap_or_default();
        let word = if ordinary.contains(&reason) || reason.starts_with("Successful") { "Normal" } else { "Warning" };
        event.entry("type").or_insert(word.into());
    }
}

impl Snapshot {
    /// Takes a file of a dump that is a log: whose it is stands in its path, as `kubectl cluster-info dump` (`NAMESPACE/POD/logs.txt`), must-gather
    /// (`…/pods/POD/CONTAINER/CONTAINER/logs/current.log`) and people (`POD/CONTAINER.log`, `POD.log`) write it.
    fn log_at(&mut self, place: &str, text: &str) {
        let parts: Vec<&str> = place.trim_end_matches(".log").trim_end_matches(".txt").split('/').collect();
        let previous = parts.iter().any(|p| p.ends_with("previous"));
        let Some(pod) =
            self.pods.iter().find(|pod| parts.iter().any(|p| *p == &*pod.meta.name || *p == format!("{}-previous", pod.meta.name)))
        else {
            return;
        };
        let container = pod.spec.all().map(|c| &c.name).find(|name| parts.contains(&&***name)).cloned().unwrap_or_default();
        let key = (pod.meta.namespace.clone(), pod.meta.name.clone(), container, previous);
        self.log(key, text);
    }
}
