//! What stands between a request and the store: metadata, defaults, validation, what may be changed, how things end.
//!
//! Every write of a client, and every object a controller creates, goes through [`Cluster::create`], [`Cluster::update`] or [`Cluster::delete`].
mod amounts;
mod checks;
mod custom;
mod defaults;
mod ending;
mod eviction;
mod limits;
mod names;
mod plugins;
mod pod_security;
mod pods;
pub(super) mod quota;
mod rules;
mod validate;
mod webhooks;

pub(super) use ending::{DeleteOptions, Propagation};

use super::{
    cluster::{Cluster, named, typed},
    json::{list, map_mut, remove, set, text},
    owners::keep_times,
    refusal::Refusal,
    registry::{KindId, Resource},
    store::Key,
};
use serde_json::{Value, json};
use webhooks::Write;

/// Which part of an object a write may touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Main,
    Status,
}

/// Kinds whose `metadata.generation` counts changes of the spec. Source: the `PrepareForUpdate` of each registry strategy.
const COUNTED: &[&str] = &[
    "deployments",
    "replicasets",
    "statefulsets",
    "daemonsets",
    "pods",
    "jobs",
    "cronjobs",
    "ingresses",
    "ingressclasses",
    "networkpolicies",
    "poddisruptionbudgets",
    "customresourcedefinitions",
    "replicationcontrollers",
    "priorityclasses",
    "mutatingwebhookconfigurations",
    "validatingwebhookconfigurations",
    "endpointslices",
    "podtemplates",
];

fn counted(resource: &Resource) -> bool {
    resource.custom || COUNTED.contains(&resource.plural.as_str())
}

impl Cluster {
    /// Creates an object. With `dry`, answers what would be and stores nothing.
    pub(super) fn create(&mut self, kind: KindId, namespace: &str, mut object: Value, dry: bool) -> Result<Value, Refusal> {
        let resource = self.registry.get(kind);
        typed(resource, &mut object);
        let given = !text(&object, "/metadata/name").is_empty();
        if !given {
            let prefix = text(&object, "/metadata/generateName").to_owned();
            if !prefix.is_empty() {
                // Source: maxNameLength in apiserver/pkg/storage/names: 63 characters in all.
                let kept: String = prefix.chars().take(58).collect();
                let name = format!("{kept}{}", self.entropy.suffix());
                set(&mut object, "/metadata/name", name);
            }
        }
        let resource = self.registry.get(kind);
        let (namespaced, counted) = (resource.namespaced, counted(resource));
        let name = text(&object, "/metadata/name").to_owned();
        if namespaced {
            self.check_namespace(resource, namespace, &name)?;
            set(&mut object, "/metadata/namespace", namespace);
        } else {
            remove(&mut object, "/metadata/namespace");
        }
        let key = Key::new(kind, if namespaced { namespace } else { "" }, &name);
        let metadata = map_mut(map_mut(&mut object).entry("metadata").or_insert_with(|| json!({})));
        for field in ["resourceVersion", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds", "generation"] {
            metadata.remove(field);
        }
        metadata.insert("uid".to_owned(), self.entropy.uid().into());
        metadata.insert("creationTimestamp".to_owned(), self.stamp().into());
        if counted {
            metadata.insert("generation".to_owned(), 1.into());
        }
        if self.registry.get(kind).has("status") && self.controllers {
            map_mut(&mut object).remove("status");
        }
        defaults::fill(self, kind, &mut object, None);
        self.note(kind, None, &mut object);
        if self.controllers {
            // What mutates comes before the name is generated, and speaks of its beginning.
            let known = if given { &*key.name } else { text(&object, "/metadata/generateName") };
            let spoken = Key::new(kind, &key.namespace, known);
            plugins::complete(self, &spoken, &mut object)?;
        }
        defaults::choose(self, kind, &mut object, None);
        let causes = validate::check(self.registry.get(kind), &object, None);
        if !causes.is_empty() {
            return Err(Refusal::invalid(&named(self.registry.get(kind), &name), &causes));
        }
        if self.controllers {
            let charge = !dry && self.store.stored(&key).is_none();
            plugins::judge(self, &Write { operation: "CREATE", key: &key, object: &object, part: "" }, None, charge)?;
        }
        if self.store.stored(&key).is_some() {
            return Err(Refusal::already_exists(&self.named(&key)));
        }
        if dry {
            return Ok(object);
        }
        self.store.put_if_room(key, object).map_err(Refusal::of_the_store)
    }

    fn check_namespace(&self, resource: &Resource, namespace: &str, name: &str) -> Result<(), Refusal> {
        let key = Key::new(self.kinds.namespace, "", namespace);
        let Some(stored) = self.store.stored(&key) else { return Err(Refusal::not_found(&self.named(&key))) };
        if stored.deleting {
            let why = format!("unable to create new content in namespace {namespace} because it is being terminated");
            let mut refusal = Refusal::forbidden(&named(resource, name), &why);
            refusal.details["causes"] = json!([{"reason": "NamespaceTerminating", "message": format!("namespace {namespace} is being terminated"), "field": "metadata.namespace"}]);
            return Err(refusal);
        }
        Ok(())
    }

    /// Writes a new state of an existing object. The new state's own `metadata.resourceVersion` and `uid`, where given, are preconditions.
    pub(super) fn update(&mut self, key: &Key, mut new: Value, part: Part, dry: bool) -> Result<Value, Refusal> {
        let old = self.fetch(key)?;
        let version = text(&new, "/metadata/resourceVersion");
        if !version.is_empty() && version != text(&old, "/metadata/resourceVersion") {
            return Err(Refusal::modified(&self.named(key)));
        }
        let (uid, old_uid) = (text(&new, "/metadata/uid"), text(&old, "/metadata/uid"));
        if !uid.is_empty() && uid != old_uid {
            let why = format!("Precondition failed: UID in precondition: {uid}, UID in object meta: {old_uid}");
            return Err(Refusal::conflict(&self.named(key), &why));
        }
        let resource = self.registry.get(key.kind);
        let counted = counted(resource);
        typed(resource, &mut new);
        self.keep_parts(&old, &mut new, part, resource.has("status"));
        keep_metadata(&old, &mut new);
        defaults::fill(self, key.kind, &mut new, Some(&old));
        if self.controllers && key.kind == self.kinds.pod && part == Part::Main {
            plugins::tolerations(&mut new);
        }
        self.note(key.kind, Some(&old), &mut new);
        defaults::choose(self, key.kind, &mut new, Some(&old));
        let causes = validate::check(self.registry.get(key.kind), &new, Some(&old));
        if !causes.is_empty() {
            return Err(Refusal::invalid(&self.named(key), &causes));
        }
        if self.controllers {
            let part = if part == Part::Status { "status" } else { "" };
            plugins::judge(self, &Write { operation: "UPDATE", key, object: &new, part }, Some(&old), !dry)?;
        }
        let annotations = |object: &Value| object.pointer("/metadata/annotations").cloned();
        let noted = key.kind == self.kinds.deployment && annotations(&old) != annotations(&new);
        if counted && (noted || spec_changed(&old, &new)) {
            let generation = old.pointer("/metadata/generation").and_then(Value::as_i64).unwrap_or(1);
            set(&mut new, "/metadata/generation", generation + 1);
        }
        keep_times(&old, &mut new);
        if dry {
            return Ok(new);
        }
        if old.pointer("/metadata/deletionTimestamp").is_some()
            && list(&new, "/metadata/finalizers").is_empty()
            && self.may_vanish(key, &new)
        {
            self.store.put(key.clone(), new.clone());
            self.store.remove(key);
            return Ok(new);
        }
        self.store.put_if_room(key.clone(), new).map_err(Refusal::of_the_store)
    }

    /// A write to the main part leaves the status as it was; a write to the status leaves all else (labels and annotations too, as most strategies do).
    fn keep_parts(&self, old: &Value, new: &mut Value, part: Part, has_status: bool) {
        let keep = |new: &mut Value, field: &str| {
            let map = map_mut(new);
            match old.get(field) {
                Some(value) => map.insert(field.to_owned(), value.clone()),
                None => map.remove(field),
            };
        };
        match part {
            Part::Main if has_status => keep(new, "status"),
            Part::Main => {}
            Part::Status => {
                let status = new.get("status").cloned();
                let managers = new.pointer("/metadata/managedFields").cloned();
                *new = old.clone();
                set(new, "/metadata/managedFields", managers.unwrap_or_else(|| json!([])));
                if let Some(status) = status {
                    set(new, "/status", status);
                }
            }
        }
    }
}

/// Fields of the metadata that no client can change.
fn keep_metadata(old: &Value, new: &mut Value) {
    for field in [
        "name",
        "namespace",
        "uid",
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "generation",
        "generateName",
        "resourceVersion",
    ] {
        let pointer = format!("/metadata/{field}");
        match old.pointer(&pointer) {
            Some(value) => set(new, &pointer, value.clone()),
            None => {
                remove(new, &pointer);
            }
        }
    }
    for field in ["labels", "annotations", "finalizers", "ownerReferences"] {
        let pointer = format!("/metadata/{field}");
        if new
            .pointer(&pointer)
            .is_some_and(|v| v.as_object().is_some_and(serde_json::Map::is_empty) || v.as_array().is_some_and(Vec::is_empty) || v.is_null())
        {
            remove(new, &pointer);
        }
    }
}

fn spec_changed(old: &Value, new: &Value) -> bool {
    let rest = |v: &Value| {
        let mut fields = v.as_object().cloned().unwrap_or_default();
        for other in ["apiVersion", "kind", "metadata", "status"] {
            fields.remove(other);
        }
        fields
    };
    rest(old) != rest(new)
}
