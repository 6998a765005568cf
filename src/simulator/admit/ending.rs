//! How things end: preconditions, grace, finalizers, and what happens to what they own.
use super::{Cluster, Key, webhooks::Write};
use crate::simulator::{
    json::{list, list_mut, number, set, text},
    refusal::{Named, Refusal},
};
use serde_json::Value;

/// What happens to an object's dependents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::simulator) enum Propagation {
    Background,
    Foreground,
    Orphan,
}

/// How a client wants something deleted.
#[derive(Debug, Clone, Default)]
pub(in crate::simulator) struct DeleteOptions {
    pub(in crate::simulator) propagation: Option<Propagation>,
    pub(in crate::simulator) grace: Option<i64>,
    pub(in crate::simulator) uid: Option<String>,
    pub(in crate::simulator) version: Option<String>,
    pub(in crate::simulator) dry: bool,
}

impl Cluster {
    /// Deletes an object. The answer is the object as it is now, being deleted. None: it is gone, and was never
    /// marked (a pod is, though it be given no time).
    pub(in crate::simulator) fn delete(&mut self, key: &Key, options: &DeleteOptions) -> Result<Option<Value>, Refusal> {
        let mut object = self.fetch(key)?;
        self.check_preconditions(key, &object, options)?;
        if self.controllers {
            super::plugins::judge(self, &Write { operation: "DELETE", key, object: &object, part: "" }, None, false)?;
        }
        let finalizer = match options.propagation {
            Some(Propagation::Foreground) => Some("foregroundDeletion"),
            Some(Propagation::Orphan) => Some("orphan"),
            Some(Propagation::Background) | None => None,
        };
        if let Some(finalizer) = finalizer.filter(|f| !list(&object, "/metadata/finalizers").iter().any(|have| have == f)) {
            list_mut(&mut object, "/metadata/finalizers").push(finalizer.into());
        }
        let grace = self.grace(key, &object, options.grace);
        let ends_now = list(&object, "/metadata/finalizers").is_empty() && grace == 0 && key.kind != self.kinds.namespace;
        if ends_now && key.kind != self.kinds.pod {
            if !options.dry {
                self.store.remove(key);
            }
            return Ok(None);
        }
        let marked = object.pointer("/metadata/deletionTimestamp").is_some();
        if !marked || grace < number(&object, "/metadata/deletionGracePeriodSeconds", 0) {
            let end = self.now.saturating_add(jiff::SignedDuration::from_secs(grace)).unwrap_or(self.now);
            set(&mut object, "/metadata/deletionTimestamp", crate::simulator::json::stamp(end));
            if key.kind == self.kinds.namespace {
                set(&mut object, "/status/phase", "Terminating");
            } else {
                set(&mut object, "/metadata/deletionGracePeriodSeconds", grace);
            }
            if let Some(generation) = object.pointer("/metadata/generation").and_then(Value::as_i64).filter(|_| !marked) {
                set(&mut object, "/metadata/generation", generation + 1);
            }
        }
        if options.dry {
            return Ok(Some(object));
        }
        // Whoever watches sees the mark before the end.
        let stored = Value::clone(&self.store.put(key.clone(), object));
        if ends_now {
            self.store.remove(key);
        }
        Ok(Some(stored))
    }

    pub(super) fn check_preconditions(&self, key: &Key, object: &Value, options: &DeleteOptions) -> Result<(), Refusal> {
        let uid = ("UID", &options.uid, "/metadata/uid", "deleted and then recreated");
        let version = ("ResourceVersion", &options.version, "/metadata/resourceVersion", "modified");
        for (name, asked, field, meanwhile) in [uid, version] {
            let have = text(object, field);
            if let Some(asked) = asked.as_deref().filter(|asked| *asked != have) {
                let why = format!(
                    "the {name} in the precondition ({asked}) does not match the {name} in record ({have}). The object might have been {meanwhile}"
                );
                // These two name the kind where all others name the resource.
                let kind = &self.registry.get(key.kind).kind;
                return Err(Refusal::conflict(&Named { group: "", plural: kind, kind, name: &key.name }, &why));
            }
        }
        Ok(())
    }

    /// Only pods on a node are given time; anything else, and a pod that never ran or is done, goes at once.
    fn grace(&self, key: &Key, object: &Value, asked: Option<i64>) -> i64 {
        if key.kind != self.kinds.pod
            || text(object, "/spec/nodeName").is_empty()
            || matches!(text(object, "/status/phase"), "Succeeded" | "Failed")
        {
            return 0;
        }
        asked.unwrap_or_else(|| number(object, "/spec/terminationGracePeriodSeconds", 30)).max(0)
    }

    /// Whether an object without finalizers, on its way out, is gone: a namespace must be empty, a pod stopped.
    pub(super) fn may_vanish(&self, key: &Key, object: &Value) -> bool {
        if key.kind == self.kinds.namespace {
            return list(object, "/spec/finalizers").is_empty();
        }
        key.kind != self.kinds.pod || number(object, "/metadata/deletionGracePeriodSeconds", 0) == 0
    }

    /// Takes one finalizer off; the object goes with its last one.
    pub(in crate::simulator) fn finalize(&mut self, key: &Key, finalizer: &str) {
        let Ok(mut object) = self.fetch(key) else { return };
        list_mut(&mut object, "/metadata/finalizers").retain(|f| f != finalizer);
        let done = list(&object, "/metadata/finalizers").is_empty();
        if done {
            super::remove(&mut object, "/metadata/finalizers");
        }
        let deleting = object.pointer("/metadata/deletionTimestamp").is_some();
        if done && deleting && self.may_vanish(key, &object) {
            self.store.remove(key);
        } else {
            self.store.put(key.clone(), object);
        }
    }
}
