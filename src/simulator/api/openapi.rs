//! OpenAPI v3: for each group and version, the paths that take patches and the structure of the types, without prose. From it kubectl knows that the
//! server checks fields itself, how lists merge, and what `kubectl explain` shows.
use super::{Answer, Ask};
use crate::simulator::{cluster::Cluster, refusal::Refusal, registry::Resource};
use crate::terms::schema::{Field, Form, Scalar, Shape, Table};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha512};
use std::collections::BTreeMap;

const OBJECT_META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
const LIST_META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta";

/// What the document in the old form says of itself. It names no type: a client that would check objects by it (kubectl, those of a List) leaves that to
/// the server.
const OLD_VERSION: &str = "1.36";
/// The same as a message `openapi.v2.Document`: `swagger`, and `info` with `title` and `version`.
const OLD_IN_PROTOBUF: &[u8] = b"\x0a\x032.0\x12\x12\x0a\x0aKubernetes\x12\x041.36";

/// Answers below `/openapi`.
pub(super) fn answer(cluster: &Cluster, ask: &Ask, rest: &[&str]) -> Result<Answer, Refusal> {
    match *rest {
        ["v2"] if ask.accept.contains("openapi.spec.v2") && ask.accept.contains("protobuf") => {
            Ok(Answer::Stream(OLD_IN_PROTOBUF.into(), "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"))
        }
        ["v2"] => {
            let info = json!({"title": "Kubernetes", "version": OLD_VERSION});
            Ok(Answer::Json(200, json!({"swagger": "2.0", "info": info, "paths": {}, "definitions": {}})))
        }
        ["v3"] => {
            let mut digests: BTreeMap<String, Sha512> = BTreeMap::new();
            for resource in cluster.registry.all() {
                let digest = digests.entry(root(&resource.group, &resource.version)).or_default();
                digest.update(&resource.plural);
                digest.update(resource.schema.as_ref().map(ToString::to_string).unwrap_or_default());
            }
            let entry = |(root, digest): (String, Sha512)| {
                let url = format!("/openapi/v3/{root}?hash={}", hex::encode_upper(digest.finalize()));
                (root, json!({"serverRelativeURL": url}))
            };
            Ok(Answer::Json(200, json!({"paths": digests.into_iter().map(entry).collect::<Map<_, _>>()})))
        }
        ["v3", "api", version] => document(cluster, "", version),
        ["v3", "apis", group, version] => document(cluster, group, version),
        _ => Err(Refusal::no_such_page()),
    }
}

fn root(group: &str, version: &str) -> String {
    if group.is_empty() { format!("api/{version}") } else { format!("apis/{group}/{version}") }
}

fn document(cluster: &Cluster, group: &str, version: &str) -> Result<Answer, Refusal> {
    let mut paths = Map::new();
    let mut schemas = Map::new();
    for resource in cluster.registry.all().filter(|r| r.group == group && r.version == version) {
        let scope = if resource.namespaced { "/namespaces/{namespace}" } else { "" };
        paths.insert(format!("/{}{scope}/{}/{{name}}", root(group, version), resource.plural), path(resource));
        if resource.custom {
            custom(resource, &mut schemas);
        }
        let list = format!("{}List", resource.kind);
        for kind in [resource.kind.as_str(), &list] {
            Table::kubernetes().kind(group, version, kind).into_iter().for_each(|shape| define(shape, &mut schemas));
        }
    }
    if paths.is_empty() {
        return Err(Refusal::no_such_page());
    }
    let info = json!({"title": "Kubernetes", "version": "1.36"});
    Ok(Answer::Json(200, json!({"openapi": "3.0.0", "info": info, "paths": paths, "components": {"schemas": schemas}})))
}

fn kind(resource: &Resource, suffix: &str) -> Value {
    json!({"group": resource.group, "version": resource.version, "kind": format!("{}{suffix}", resource.kind)})
}

fn path(resource: &Resource) -> Value {
    let parameter = |name: &str| json!({"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": true}});
    let parameters = ["dryRun", "fieldManager", "fieldValidation", "force"].map(parameter);
    json!({"patch": {
        "parameters": parameters,
        "responses": {"200": {"description": "OK"}},
        "x-kubernetes-action": "patch",
        "x-kubernetes-group-version-kind": kind(resource, ""),
    }})
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// The types of a custom resource and of lists of it.
fn custom(resource: &Resource, schemas: &mut Map<String, Value>) {
    let labels: Vec<&str> = resource.group.rsplit('.').collect();
    let name = format!("{}.{}.{}", labels.join("."), resource.version, resource.kind);
    let text = json!({"type": "string"});
    let mut schema = resource.schema.as_deref().cloned().unwrap_or_else(|| json!({"type": "object"}));
    schema["x-kubernetes-group-version-kind"] = json!([kind(resource, "")]);
    if !schema["properties"].is_object() {
        schema["properties"] = json!({});
    }
    schema["properties"]["apiVersion"] = text.clone();
    schema["properties"]["kind"] = text.clone();
    schema["properties"]["metadata"] = json!({"allOf": [reference(OBJECT_META)]});
    let items = json!({"type": "array", "items": reference(&name)});
    let list = json!({
        "type": "object", "required": ["items"], "x-kubernetes-group-version-kind": [kind(resource, "List")],
        "properties": {"apiVersion": text, "kind": text, "metadata": {"allOf": [reference(LIST_META)]}, "items": items},
    });
    schemas.insert(format!("{name}List"), list);
    schemas.insert(name, schema);
    for name in ["ObjectMeta", "ListMeta"] {
        Table::kubernetes().named("meta.v1", name).into_iter().for_each(|shape| define(shape, schemas));
    }
}

/// Puts a type of the table and all that it needs among the schemas.
pub(super) fn define(shape: Shape, schemas: &mut Map<String, Value>) {
    let Some(name) = shape.type_name() else {
        return match shape.form() {
            Form::List(inner) | Form::Map(inner) => define(inner, schemas),
            Form::Scalar(_) | Form::Struct | Form::Any => {}
        };
    };
    if schemas.contains_key(&name) {
        return;
    }
    let shape = shape.type_itself();
    let mut schema = match shape.form() {
        Form::Scalar(Scalar::Quantity) => json!({"oneOf": [{"type": "string"}, {"type": "number"}]}),
        Form::Scalar(Scalar::IntOrString) => json!({"format": "int-or-string", "oneOf": [{"type": "integer"}, {"type": "string"}]}),
        Form::Any if shape.go_name().starts_with("JSON") => json!({}),
        Form::Scalar(_) | Form::Any | Form::List(_) | Form::Map(_) => plain(shape),
        Form::Struct => json!({"type": "object"}),
    };
    if shape.atomic() {
        schema["x-kubernetes-map-type"] = "atomic".into();
    }
    let kinds: Vec<Value> = shape.kinds().map(|(group, version, kind)| json!({"group": group, "version": version, "kind": kind})).collect();
    if !kinds.is_empty() {
        schema["x-kubernetes-group-version-kind"] = kinds.into();
    }
    // Before its fields, since they may name it.
    schemas.insert(name.clone(), Value::Null);
    if matches!(shape.form(), Form::Struct) {
        let properties: Map<String, Value> = shape.fields().map(|field| (field.name.to_owned(), property(&field))).collect();
        let required: Vec<&str> = shape.fields().filter(|field| field.required).map(|field| field.name).collect();
        schema["properties"] = properties.into();
        if !required.is_empty() {
            schema["required"] = required.into();
        }
        shape.fields().for_each(|field| define(field.shape, schemas));
    }
    schemas.insert(name, schema);
}

fn property(field: &Field) -> Value {
    let mut schema = used(field.shape, field.values);
    if let Some(default) = field.default {
        schema["default"] = default.clone();
    }
    if let Some((mark, keys)) = field.shape.mark() {
        let of = if matches!(field.shape.form(), Form::List(_) | Form::Scalar(_)) { "list" } else { "map" };
        schema[format!("x-kubernetes-{of}-type")] = mark.into();
        if !keys.is_empty() {
            schema["x-kubernetes-list-map-keys"] = keys.into();
        }
    }
    let strategies = [(field.patch.merge, "merge"), (field.patch.replace, "replace"), (field.patch.retain_keys, "retainKeys")];
    let strategies: Vec<&str> = strategies.into_iter().filter(|(has, _)| *has).map(|(_, name)| name).collect();
    if !strategies.is_empty() {
        schema["x-kubernetes-patch-strategy"] = strategies.join(",").into();
    }
    if let Some(key) = field.patch.merge_key {
        schema["x-kubernetes-patch-merge-key"] = key.into();
    }
    schema
}

/// A type where it is used: by its name if it has one.
fn used(shape: Shape, values: &[&str]) -> Value {
    if let Some(name) = shape.type_name() {
        return json!({"allOf": [reference(&name)]});
    }
    let mut schema = plain(shape);
    match shape.form() {
        Form::List(inner) => schema["items"] = element(inner, values),
        Form::Map(inner) => schema["additionalProperties"] = element(inner, values),
        Form::Scalar(_) if !values.is_empty() => schema["enum"] = values.into(),
        Form::Scalar(_) | Form::Struct | Form::Any => {}
    }
    schema
}

/// A type as that of a list's elements or a map's values, with the default that comes from Go.
fn element(shape: Shape, values: &[&str]) -> Value {
    let mut schema = used(shape, values);
    match (shape.form(), shape.type_name()) {
        (Form::Struct, _) | (Form::Scalar(Scalar::String | Scalar::Int32 | Scalar::Int64 | Scalar::Number | Scalar::Bool), None) => {
            schema["default"] = if matches!(shape.form(), Form::Struct) { json!({}) } else { shape.zero() };
        }
        (Form::Scalar(_) | Form::Any, Some(name)) => schema = reference(&name),
        (Form::Scalar(_) | Form::Any | Form::List(_) | Form::Map(_), _) => {}
    }
    schema
}

fn plain(shape: Shape) -> Value {
    let (kind, format) = match shape.form() {
        Form::Scalar(Scalar::Bytes) => ("string", "byte"),
        Form::Scalar(Scalar::Time | Scalar::MicroTime) => ("string", "date-time"),
        Form::Scalar(Scalar::String | Scalar::Duration | Scalar::Quantity | Scalar::IntOrString) => ("string", ""),
        Form::Scalar(Scalar::Int32) => ("integer", "int32"),
        Form::Scalar(Scalar::Int64) => ("integer", "int64"),
        Form::Scalar(Scalar::Number) => ("number", "double"),
        Form::Scalar(Scalar::Bool) => ("boolean", ""),
        Form::List(_) => ("array", ""),
        Form::Struct | Form::Map(_) | Form::Any => ("object", ""),
    };
    if format.is_empty() { json!({"type": kind}) } else { json!({"type": kind, "format": format}) }
}
