//! Taking over what client-side apply has set: its entry in `managedFields` becomes one of our own applies, its annotation goes.
//!
//! Without it a field that `kubectl apply` set is a conflict, and one that is no longer in the manifest stays for ever. The rules are those by which
//! kubectl itself moves to server-side apply: `client-go/util/csaupgrade/upgrade.go`, `migrateToSSAIfNecessary` in `kubectl/pkg/cmd/apply/apply.go`.

use super::{Call, PatchKind, Target, call::FIELD_MANAGER, look, restore};
use crate::terms::{
    fields::{Element, FieldSet},
    schema::Table,
    typed::{self, Type},
};
use serde_json::{Value, json};

/// The annotation in which client-side apply keeps what it applied last.
pub(super) const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The call that makes ours what client-side apply has set in `live`, and takes away what `config` does not have of it any more. `None` where nobody
/// has applied the object so, or where the kind's shape is not known here: its fields are then a conflict like any other's.
pub(super) fn takeover(target: &Target, live: &Value, config: &Value) -> Option<Call> {
    let managers = appliers(live);
    let of = Type::Of(Table::kubernetes().object(look::text(config, "/apiVersion"), look::text(config, "/kind"))?);
    if managers.is_empty() {
        return None;
    }
    let before = look::list(live, "/metadata/managedFields");
    let mut entries = before.to_vec();
    for manager in &managers {
        entries = upgraded(entries, manager)?;
    }
    let ours = entries.iter().position(|entry| is(entry, FIELD_MANAGER, "Apply"))?;
    let mut had = fields(&entries[ours]);
    let annotation = [Element::field("metadata"), Element::field("annotations"), Element::field(LAST_APPLIED)];
    let mut gone = FieldSet::default();
    gone.insert(&annotation);
    had = had.difference(&gone);
    let mut owned = typed::set_of(of, &bare(config)).ok()?;
    for (at, entry) in entries.iter().enumerate() {
        if at != ours && entry["subresource"].as_str().is_none_or(str::is_empty) {
            owned = owned.union(fields(entry));
        }
    }
    entries[ours]["fieldsV1"] = had.write();
    let mut left = without_nulls(typed::pruned(of, bare(live), &had, &owned).ok()?, &bare(live));
    if let Some(annotations) = left.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut) {
        annotations.remove(LAST_APPLIED);
    }
    let mut steps = restore::steps_back(&left, &bare(live))?;
    steps.push(json!({"op": "replace", "path": FIELDS, "value": entries}));
    Some(Call::patch(target, PatchKind::Json, Value::Array(steps)))
}

const FIELDS: &str = "/metadata/managedFields";

/// Which managers' entries a call makes ours, given the object that it changes; none where it is no such call.
pub fn taken_over(call: &Call, before: Option<&Value>) -> Vec<String> {
    let super::Action::Patch(PatchKind::Json, Value::Array(steps)) = &call.action else { return Vec::new() };
    if !steps.iter().any(|step| step["path"] == FIELDS) {
        return Vec::new();
    }
    before.map(appliers).unwrap_or_default()
}

/// The managers that have set the annotation by an update, each once: who applied client-side.
fn appliers(object: &Value) -> Vec<String> {
    let annotation = [Element::field("metadata"), Element::field("annotations"), Element::field(LAST_APPLIED)];
    let mut names: Vec<String> = Vec::new();
    for entry in look::list(object, FIELDS) {
        let name = entry["manager"].as_str().unwrap_or_default();
        if entry["operation"] == "Update" && fields(entry).has(&annotation) && !names.iter().any(|known| known == name) {
            names.push(name.to_string());
        }
    }
    names
}

fn is(entry: &Value, manager: &str, operation: &str) -> bool {
    entry["manager"] == manager && entry["operation"] == operation && entry["subresource"].as_str().is_none_or(str::is_empty)
}

fn fields(entry: &Value) -> FieldSet {
    FieldSet::read(&entry["fieldsV1"]).unwrap_or_default()
}

/// The entries with those of one client-side applier made into one apply of ours.
fn upgraded(mut entries: Vec<Value>, manager: &str) -> Option<Vec<Value>> {
    let ours = match entries.iter().position(|entry| is(entry, FIELD_MANAGER, "Apply")) {
        Some(at) => at,
        // The newest comes first.
        None => match entries.iter().position(|entry| is(entry, manager, "Update")) {
            Some(at) => {
                entries[at]["operation"] = json!("Apply");
                entries[at]["manager"] = json!(FIELD_MANAGER);
                at
            }
            None => return Some(entries),
        },
    };
    let version = entries[ours]["apiVersion"].clone();
    if let Some(theirs) = entries.iter().find(|entry| is(entry, manager, "Update") && entry["apiVersion"] == version) {
        let both = fields(&entries[ours]).union(fields(theirs));
        entries[ours]["fieldsV1"] = both.write();
    }
    entries.retain(|entry| !is(entry, manager, "Update"));
    Some(entries)
}

/// Without what is no field that anybody sets.
fn bare(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("managedFields");
    }
    object
}

/// Without the nulls that stand where something lost all it held.
fn without_nulls(value: Value, before: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.into_iter().filter(|(key, value)| !value.is_null() || before[key.as_str()].is_null());
            Value::Object(
                kept.map(|(key, value)| {
                    let inner = without_nulls(value, &before[key.as_str()]);
                    (key, inner)
                })
                .collect(),
            )
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::{Kind, Name};

    fn live() -> Value {
        json!({"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "web", "annotations": {LAST_APPLIED: "{}", "note": "1"}, "labels": {"a": "1", "b": "2"},
                "managedFields": [
                    {"manager": "kubectl-client-side-apply", "operation": "Update", "apiVersion": "apps/v1", "fieldsType": "FieldsV1",
                     "fieldsV1": {"f:metadata": {"f:annotations": {".": {}, format!("f:{LAST_APPLIED}"): {}}, "f:labels": {".": {}, "f:a": {}, "f:b": {}}},
                        "f:spec": {"f:replicas": {}, "f:paused": {}, "f:template": {"f:spec": {"f:containers": {
                            "k:{\"name\":\"web\"}": {".": {}, "f:name": {}, "f:image": {}}, "k:{\"name\":\"side\"}": {".": {}, "f:name": {}, "f:image": {}}}}}}}},
                    {"manager": "kubectl-edit", "operation": "Update", "apiVersion": "apps/v1", "fieldsType": "FieldsV1",
                     "fieldsV1": {"f:metadata": {"f:labels": {"f:b": {}}, "f:annotations": {"f:note": {}}}}}]},
            "spec": {"replicas": 2, "paused": true, "template": {"spec": {"containers": [{"name": "web", "image": "x"}, {"name": "side", "image": "y"}]}}}})
    }

    #[test]
    fn what_was_applied_becomes_ours_and_what_is_not_meant_any_more_goes() {
        let target = Target::new(Kind::built_in("deployments"), Name::new("web").unwrap()).unwrap();
        let config = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
            "spec": {"replicas": 3, "template": {"spec": {"containers": [{"name": "web", "image": "z"}]}}}});
        let call = takeover(&target, &live(), &config).unwrap();
        let super::super::Action::Patch(PatchKind::Json, steps) = &call.action else { panic!() };
        let mut now = live();
        let patch: json_patch::Patch = serde_json::from_value(steps.clone()).unwrap();
        json_patch::patch(&mut now, &patch).unwrap();
        // Labels b and the annotation are kubectl-edit's as well.
        assert_eq!(now["metadata"]["labels"], json!({"b": "2"}));
        assert_eq!(now["metadata"]["annotations"], json!({"note": "1"}));
        assert_eq!(now["spec"], json!({"replicas": 2, "template": {"spec": {"containers": [{"name": "web", "image": "x"}]}}}));
        let entries = look::list(&now, FIELDS);
        assert_eq!((entries.len(), &entries[0]["manager"], &entries[0]["operation"]), (2, &json!("aiops"), &json!("Apply")));
        assert!(!entries[0]["fieldsV1"].to_string().contains(LAST_APPLIED));
        assert_eq!(taken_over(&call, Some(&live())), ["kubectl-client-side-apply"]);
    }

    #[test]
    fn who_never_applied_so_loses_nothing() {
        let target = Target::new(Kind::built_in("deployments"), Name::new("web").unwrap()).unwrap();
        let mut live = live();
        live["metadata"]["managedFields"][0]["manager"] = json!("aiops");
        live["metadata"]["managedFields"][0]["operation"] = json!("Apply");
        assert_eq!(takeover(&target, &live, &live), None);
        live["metadata"]["managedFields"] = json!([{"manager": 3, "operation": "Update", "fieldsV1": "none"}, 7]);
        assert_eq!(takeover(&target, &live, &live), None);
    }
}
