//! Writes other than apply: whoever changes a field has it.
use super::{Kind, Manager, Operation, Owners, STRIPPED, Share, Writer, bare, put};
use crate::simulator::{
    cluster::Cluster,
    json::{list, set},
    registry::KindId,
    store::Key,
};
use crate::terms::typed::Comparison;
use serde_json::{Value, json};

impl Cluster {
    /// Notes in a new state that the current writer made it from the old one. What the new state says of managers counts only where a client may say it:
    /// on the object itself, as entries that a server could have written.
    pub(in crate::simulator) fn note(&self, kind: KindId, old: Option<&Value>, new: &mut Value) {
        if let Some(writer) = &self.writer {
            Kind::of(self.registry.get(kind), writer.part).note(writer, old, new, &self.stamp());
        }
    }
}

impl Cluster {
    /// Notes what a controller did. It writes either the status or the rest; a Deployment's it always writes through its status.
    pub(in crate::simulator) fn note_work(&mut self, key: &Key, old: &Value, new: &mut Value) {
        let status = old.get("status") != new.get("status") || key.kind == self.kinds.deployment;
        let has_status = self.registry.get(key.kind).has("status");
        // A binding sets the node of a pod, and is nobody's.
        let binds = old.pointer("/spec/nodeName") != new.pointer("/spec/nodeName");
        if let Some(writer) = self.writer.as_mut().filter(|_| !binds) {
            writer.part = if status && has_status { "status" } else { "" };
            self.note(key.kind, Some(old), new);
        }
    }
}

impl Kind<'_> {
    pub(super) fn note(&self, writer: &Writer, old: Option<&Value>, new: &mut Value, now: &str) {
        let said = take(new);
        let owners = given(self, writer, old, said).and_then(|owners| owners.updated(self, old, new, writer, now));
        put(new, owners.unwrap_or_default());
    }
}

fn take(object: &mut Value) -> Option<Value> {
    object.get_mut("metadata")?.as_object_mut()?.remove("managedFields")
}

/// The managers that a write starts from; None: nobody is to be recorded, because the object was not tracked before.
fn given(kind: &Kind, writer: &Writer, old: Option<&Value>, said: Option<Value>) -> Option<Owners> {
    let stored = || old.map(Owners::of);
    let said = match said {
        Some(Value::Array(entries)) if old.is_some_and(|old| list(old, "/metadata/managedFields") == entries) => {
            return Owners::read(entries).filter(|owners| !owners.0.is_empty());
        }
        Some(Value::Array(entries)) => Some(entries),
        Some(_) | None => None,
    };
    let owners = match said.as_deref() {
        _ if !writer.part.is_empty() => stored(),
        // An empty list, or one with an empty entry, asks for a fresh start.
        Some([]) => None,
        Some([entry]) if *entry == json!({}) => None,
        Some(entries) => Owners::said(entries).map(|owners| owners.reconciled(kind)).filter(|owners| !owners.0.is_empty()).or_else(stored),
        None => stored(),
    };
    let owners = owners.unwrap_or_default();
    (old.is_none() || !owners.0.is_empty()).then_some(owners)
}

impl Owners {
    /// The managers after `writer` made `new` from `old` (None: from nothing). None when the two cannot be compared: then nothing is recorded.
    pub(super) fn updated(mut self, kind: &Kind, old: Option<&Value>, new: &Value, writer: &Writer, now: &str) -> Option<Self> {
        let change = Comparison::of(kind.of, old.unwrap_or(&json!({})), new).ok()?.without(&kind.reset);
        self.take(None, &change);
        let mine = change.added.union(change.modified).difference(&STRIPPED);
        if !mine.is_empty() {
            let me = Manager {
                name: writer.name.clone(),
                operation: Operation::Update,
                version: kind.version.clone(),
                part: writer.part.to_owned(),
            };
            let before = self.0.remove(&me).map(|share| share.fields().clone()).unwrap_or_default();
            self.0.insert(me, Share::new(mine.union(before), &kind.version, Some(now.to_owned())));
        }
        self.gather();
        Some(self)
    }
}

/// Puts the times back where a write changed nothing but times. Source: `IgnoreManagedFieldsTimestampsTransformer`.
pub(in crate::simulator) fn keep_times(old: &Value, new: &mut Value) {
    let (before, after) = (list(old, "/metadata/managedFields"), list(new, "/metadata/managedFields"));
    if before.is_empty() || before.len() != after.len() || before == after {
        return;
    }
    let timeless = |entries: &[Value]| {
        let mut entries = entries.to_vec();
        entries.iter_mut().filter_map(Value::as_object_mut).for_each(|entry| drop(entry.remove("time")));
        entries
    };
    if timeless(before) == timeless(after) && bare(old) == bare(new) {
        let entries = before.to_vec();
        set(new, "/metadata/managedFields", entries);
    }
}
