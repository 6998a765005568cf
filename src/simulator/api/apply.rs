//! Server-side apply, as far as it is a request: what it must say, and which object it makes.
use super::{Answer, Ask, Target, write};
use crate::simulator::{
    cluster::{Cluster, typed},
    decode::{self, Decoded, Reading},
    json::text,
    owners::{Application, Writer},
    refusal::{Cause, Named, Refusal},
    registry::Resource,
    store::Key,
};
use serde_json::Value;

/// Applies a configuration to the object at `key`, or creates that.
pub(super) fn answer(cluster: &mut Cluster, ask: &Ask, target: &Target, key: &Key, config: &Value) -> Result<Answer, Refusal> {
    let writer = writer(ask, write::part_name(target))?;
    check(cluster.registry.get(key.kind), config)?;
    let dry = ask.dry()?;
    let mut live = cluster.fetch(key).ok();
    if let Some(live) = &mut live {
        typed(cluster.registry.get(key.kind), live);
    }
    if live.is_none() && !writer.part.is_empty() {
        return Err(Refusal::not_found(&cluster.named(key)));
    }
    let object = cluster.applied(key.kind, live.as_ref(), &Application { config, writer: &writer, force: force(ask) })?;
    let object = read(cluster.registry.get(key.kind), &object, text(config, "/metadata/namespace"))?;
    write::check_place(cluster, target, &object, &key.name)?;
    // The managers are in the object already.
    cluster.writer = None;
    let (code, object) = if live.is_some() {
        (200, cluster.update(key, object, write::part(target), dry)?)
    } else {
        (201, cluster.create(key.kind, target.namespace.as_deref().unwrap_or_default(), object, dry)?)
    };
    write::answered(cluster, ask, target, code, object)
}

/// Who applies: that must be said. Source: `ValidatePatchOptions`.
pub(super) fn writer(ask: &Ask, part: &'static str) -> Result<Writer, Refusal> {
    if ask.query("fieldManager").is_none() {
        let named = Named { group: "meta.k8s.io", plural: "PatchOptions", kind: "PatchOptions", name: "" };
        return Err(Refusal::invalid(&named, &[Cause::required("fieldManager", "is required for apply patch")]));
    }
    ask.writer("PatchOptions", part)
}

/// Any value but a plain no asks for force.
pub(super) fn force(ask: &Ask) -> bool {
    ask.query("force").is_some_and(|value| !matches!(value, "false" | "0"))
}

/// Checks that a configuration is of the resource it was sent to.
fn check(resource: &Resource, config: &Value) -> Result<(), Refusal> {
    if !config.is_object() && !config.is_null() {
        let kind = if config.is_array() { "array" } else { "string" };
        let message = format!(
            "error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {kind} into Go value of type map[string]interface {{}}"
        );
        return Err(Refusal::bad_request(message));
    }
    let (version, kind) = (text(config, "/apiVersion"), text(config, "/kind"));
    if version != resource.api_version() || kind != resource.kind {
        let slash = if version.contains('/') { "" } else { "/" };
        return Err(Refusal::bad_request(format!("invalid object type: {slash}{version}, Kind={kind}")));
    }
    if config.pointer("/metadata/managedFields").is_some_and(|list| !list.is_null()) {
        return Err(Refusal::bad_request("metadata.managedFields must be nil"));
    }
    Ok(())
}

/// What was merged, as an object of its kind.
fn read(resource: &Resource, merged: &Value, namespace: &str) -> Result<Value, Refusal> {
    let Some(shape) = resource.shape() else { return Ok(merged.clone()) };
    let reading = if resource.custom { Reading::Custom } else { Reading::Converted };
    let cannot = |why: &str| {
        let kind = format!("{}/{}, Kind={}", resource.group, resource.version, resource.kind);
        let name = text(merged, "/metadata/name");
        let why = format!("unable to convert unstructured object to {kind}: {why}");
        Refusal::new(500, "", format!("failed to convert new object ({namespace}/{name}; {kind}) to proper version: {why}"))
    };
    let Decoded { value, wrong, .. } = decode::value(merged, shape, reading).map_err(|why| cannot(&why.to_string()))?;
    wrong.map_or(Ok(value), |wrong| Err(cannot(&wrong.converted)))
}
