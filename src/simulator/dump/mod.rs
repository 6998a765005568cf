//! A cluster as somebody wrote it down: objects and logs out of files, served as they were.
//!
//! Owns: what the files of a dump mean (manifests, Lists, `kubectl cluster-info dump`, must-gather trees), and the cluster made of them: statuses, uids
//! and managedFields are kept, controllers are off, time goes on from the newest moment in the dump. Does not own: reading files; bytes are handed in.
//! Invariants: nothing that stands in a dump names another file or an address that would be read; what cannot be used is said, and the rest is loaded.
mod logs;
mod read;

use super::{
    Clock, Now, Simulator,
    cluster::Cluster,
    json::{default, list, set, text},
    registry::KindId,
    store::Key,
};
use crate::terms::kinds::Usage;
use jiff::Timestamp;
use logs::Log;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A dump while its files are read.
#[derive(Debug)]
pub struct Dump {
    simulator: Simulator,
    /// What is stored already, with the resourceVersion it had in the dump.
    stored: HashMap<Key, u64>,
    /// Objects of kinds that nothing has defined yet.
    waiting: Vec<(String, Value)>,
    logs: Vec<Log>,
    newest: Timestamp,
    left_out: Vec<String>,
}

/// A dump that was read.
#[derive(Debug)]
pub struct Loaded {
    pub simulator: Simulator,
    /// How many objects there are.
    pub objects: usize,
    /// The namespace with the most pods, or else with the most objects: where a person would look first.
    pub namespace: String,
    /// The newest moment that any of them names: when the dump was taken, as far as one can tell.
    pub taken: Timestamp,
    /// What was left out, a sentence each with file and place.
    pub left_out: Vec<String>,
}

impl Default for Dump {
    fn default() -> Self {
        let begin = Timestamp::UNIX_EPOCH;
        let simulator = Simulator::of(Cluster::new(begin, 1), Clock::Virtual(begin));
        simulator.set_controllers(false);
        Dump { simulator, stored: HashMap::new(), waiting: Vec::new(), logs: Vec::new(), newest: begin, left_out: Vec::new() }
    }
}

impl Dump {
    /// Takes in one file. `place` is its path below the dump's root, with `/`; it says whose a log is.
    pub fn add(&mut self, place: &str, bytes: &[u8]) {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        if let Some(whose) = logs::whose(place) {
            // A container may write any bytes.
            self.logs.extend(logs::read(whose, &String::from_utf8_lossy(bytes)));
            return;
        }
        let Ok(content) = std::str::from_utf8(bytes) else {
            self.left_out.push(format!("{place}: it is no UTF-8 text"));
            return;
        };
        let (content, sections) = logs::cut_out(content);
        self.logs.extend(sections);
        for found in read::objects(place, &content) {
            match found {
                Ok((place, object)) => self.take(place, object),
                Err(why) => self.left_out.push(why),
            }
        }
    }

    fn take(&mut self, place: String, object: Value) {
        let known = self.simulator.with(|cluster| cluster.registry.of_object(&object).map(|r| (r.id, r.usage, r.namespaced)));
        match known {
            Some((kind, Usage::Stored, namespaced)) => self.keep(&place, kind, namespaced, object),
            Some((_, Usage::Computed | Usage::Asked, _)) => {
                self.left_out.push(format!("{place}: {} is an answer of the server's, no object", text(&object, "/kind")));
            }
            None => self.waiting.push((place, object)),
        }
    }

    /// Stores an object as it is, unless a newer state of it is there.
    fn keep(&mut self, place: &str, kind: KindId, namespaced: bool, mut object: Value) {
        if namespaced {
            default(&mut object, "/metadata/namespace", "default");
        }
        let key = Key::new(kind, if namespaced { text(&object, "/metadata/namespace") } else { "" }, text(&object, "/metadata/name"));
        if key.name.is_empty() {
            self.left_out.push(format!("{place}: {} without a name", text(&object, "/kind")));
            return;
        }
        let version: u64 = text(&object, "/metadata/resourceVersion").parse().unwrap_or_default();
        if self.stored.get(&key).is_some_and(|known| *known >= version) {
            return;
        }
        newest(&object, &mut self.newest);
        self.stored.insert(key.clone(), version);
        self.simulator.with(|cluster| {
            if text(&object, "/metadata/uid").is_empty() {
                set(&mut object, "/metadata/uid", cluster.entropy.uid());
            }
            cluster.store.put(key, object);
        });
    }

    /// Says of a file that it was not read, and why.
    pub fn leave_out(&mut self, place: &str, why: &str) {
        self.left_out.push(format!("{place}: {why}"));
    }

    /// Makes the cluster. `now` is the clock of the outside: from the dump's newest moment, time goes on as it does there.
    pub fn finish(mut self, now: Now) -> Loaded {
        for (place, object) in std::mem::take(&mut self.waiting) {
            self.define(&object);
            match self.simulator.with(|cluster| cluster.registry.of_object(&object).map(|r| (r.id, r.namespaced))) {
                Some((kind, namespaced)) => self.keep(&place, kind, namespaced, object),
                None => {
                    self.left_out.push(format!("{place}: {} {} is served nowhere", text(&object, "/apiVersion"), text(&object, "/kind")))
                }
            }
        }
        let (objects, namespace) = (self.stored.len(), self.fullest());
        self.add_namespaces();
        self.add_logs();
        let (taken, began) = (self.newest, now());
        let moved = move || taken.saturating_add(now().duration_since(began)).unwrap_or(taken);
        self.simulator.follow(Clock::Real(std::sync::Arc::new(moved)));
        Loaded { simulator: self.simulator, objects, namespace, taken, left_out: self.left_out }
    }

    /// A kind that neither Kubernetes nor a CustomResourceDefinition in the dump defines is served all the same, under a plural made from its name.
    fn define(&self, object: &Value) {
        let (api_version, kind) = (text(object, "/apiVersion"), text(object, "/kind"));
        let Some((group, version)) = api_version.split_once('/') else { return };
        let namespaced = !text(object, "/metadata/namespace").is_empty();
        self.simulator.with(|cluster| {
            if cluster.registry.of_object(object).is_none() {
                let definition = json!({"spec": {
                    "group": group, "scope": if namespaced { "Namespaced" } else { "Cluster" },
                    "names": {"kind": kind, "plural": plural(kind)}, "versions": [{"name": version, "storage": true}],
                }});
                cluster.registry.define(&definition, true);
            }
        });
    }

    /// Namespaces that objects are in and that the dump itself does not have, so that the copy can be changed.
    fn add_namespaces(&mut self) {
        let named: BTreeSet<Box<str>> = self.stored.keys().map(|key| key.namespace.clone()).filter(|n| !n.is_empty()).collect();
        self.simulator.with(|cluster| {
            for name in named {
                let key = Key::new(cluster.kinds.namespace, "", &name);
                if cluster.get(&key).is_none() {
                    let uid = cluster.entropy.uid();
                    cluster.store.put(key, json!({"metadata": {"name": *name, "uid": uid}, "status": {"phase": "Active"}}));
                }
            }
        });
    }

    fn fullest(&self) -> String {
        let pod = self.simulator.with(|cluster| cluster.kinds.pod);
        let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        // The system's own namespaces only where there is nothing else.
        for key in self.stored.keys().filter(|key| !key.namespace.is_empty()) {
            let count = counts.entry(&key.namespace).or_default();
            (count.0, count.1) = (count.0 + usize::from(key.kind == pod), count.1 + 1);
        }
        let best = counts.into_iter().max_by_key(|(name, count)| (!name.starts_with("kube-"), *count));
        best.map_or("default", |(name, _)| name).to_owned()
    }

    fn add_logs(&mut self) {
        for log in std::mem::take(&mut self.logs) {
            let whose = format!("{}/{}", log.namespace, log.pod);
            let done = self.simulator.with(|cluster| {
                let pod = cluster.get(&Key::new(cluster.kinds.pod, &log.namespace, &log.pod))?;
                // What `kubectl cluster-info dump` writes names the container inside the file, or there is one only.
                let container = match &log.container {
                    Some(name) => name.clone(),
                    None => text(list(&pod, "/spec/containers").first()?, "/name").to_owned(),
                };
                let (uid, lines) = (text(&pod, "/metadata/uid"), log.lines(&pod, &container));
                if !log.previous && logs::waits(&pod, &container) {
                    // It does not run: what can be read of it now is the run that ended.
                    cluster.kubelet.remember(uid, &container, true, lines.clone());
                }
                cluster.kubelet.remember(uid, &container, log.previous, lines);
                Some(())
            });
            if done.is_none() {
                self.left_out.push(format!("the log of {whose}: there is no such pod in the dump"));
            }
        }
    }
}

/// Fields that say when something was; others (the end of a certificate) may lie ahead.
const MOMENTS: &[&str] = &[
    "creationTimestamp",
    "lastTransitionTime",
    "lastUpdateTime",
    "lastHeartbeatTime",
    "lastProbeTime",
    "startTime",
    "startedAt",
    "finishedAt",
    "completionTime",
    "lastScheduleTime",
    "lastSuccessfulTime",
    "firstTimestamp",
    "lastTimestamp",
    "eventTime",
    "lastObservedTime",
    "renewTime",
    "time",
];

fn newest(value: &Value, newest_yet: &mut Timestamp) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                match value.as_str() {
                    Some(word) if MOMENTS.contains(&name.as_str()) => {
                        *newest_yet = word.parse().map_or(*newest_yet, |at: Timestamp| at.max(*newest_yet));
                    }
                    Some(_) => {}
                    None => newest(value, newest_yet),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| newest(item, newest_yet)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// How most definitions spell the plural of a kind.
fn plural(kind: &str) -> String {
    let lower = kind.to_ascii_lowercase();
    match lower.as_bytes() {
        [.., b's' | b'x' | b'z'] | [.., b'c' | b's', b'h'] => format!("{lower}es"),
        [front @ .., b'y'] if !front.ends_with(b"a") && !front.ends_with(b"e") && !front.ends_with(b"o") => {
            format!("{}ies", &lower[..lower.len() - 1])
        }
        _ => format!("{lower}s"),
    }
}
