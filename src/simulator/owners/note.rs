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
        let owners = given(writer, old, new).and_then(|owners| owners.updated(self, old, new, writer, now));
        put(new, &owners.unwrap_or_default());
    }
}

/// The managers that a write starts from; None: nobody is to be recorded, because the object was not tracked before.
fn given(writer: &Writer, old: Option<&Value>, new: &Value) -> Option<Owners> {
    let said = new.pointer("/metadata/managedFields").and_then(Value::as_array);
    let owners = match said.map(Vec::as_slice) {
        _ if !writer.part.is_empty() => old.map(Owners::of),
        // An empty list, or one with an empty entry, asks for a fresh start.
        Some([]) => None,
        Some([entry]) if *entry == json!({}) => None,
        Some(entries) => Owners::read(entries).filter(|owners| !owners.0.is_empty()).or_else(|| old.map(Owners::of)),
        None => old.map(Owners::of),
    };
    let owners = owners.unwrap_or_default();
    (old.is_none() || !owners.0.is_empty()).then_some(owners)
}

impl Owners {
    /// The managers after `writer` made `new` from `old` (None: from nothing). None when the two cannot be compared: then nothing is recorded.
    pub(super) fn updated(self, kind: &Kind, old: Option<&Value>, new: &Value, writer: &Writer, now: &str) -> Option<Self> {
        let mut owners = self.reconciled(kind);
        let before = old.map_or_else(|| json!({}), bare);
        let change = Comparison::of(kind.of, &before, &bare(new)).ok()?.without(&kind.reset);
        owners.take(None, &change);
        let mine = change.added.union(&change.modified).difference(&STRIPPED);
        if !mine.is_empty() {
            let me = Manager {
                name: writer.name.clone(),
                operation: Operation::Update,
                version: kind.version.clone(),
                part: writer.part.to_owned(),
            };
            let before = owners.0.remove(&me).map(|share| share.fields).unwrap_or_default();
            owners.0.insert(me, Share { fields: mine.union(&before), version: kind.version.clone(), time: Some(now.to_owned()) });
        }
        owners.gather();
        Some(owners)
    }
}

/// Puts the times back where a write changed nothing but times. Source: `IgnoreManagedFieldsTimestampsTransformer`.
pub(in crate::simulator) fn keep_times(old: &Value, new: &mut Value) {
    let timeless = |object: &Value| {
        let mut entries = list(object, "/metadata/managedFields").to_vec();
        entries.iter_mut().filter_map(Value::as_object_mut).for_each(|entry| drop(entry.remove("time")));
        entries
    };
    let entries = list(old, "/metadata/managedFields");
    if !entries.is_empty() && timeless(old) == timeless(new) && bare(old) == bare(new) {
        set(new, "/metadata/managedFields", entries.to_vec());
    }
}
