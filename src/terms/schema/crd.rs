//! The same structure, of a CustomResourceDefinition. Source: "Extend the Kubernetes API with CustomResourceDefinitions" in the Kubernetes
//! documentation, and `apiextensions-apiserver/pkg/apiserver/schema`.
use super::{Body, FieldNode, Mark, Node, NodeKind, PatchNode, Presence, Scalar, Table, Type};
use serde_json::Value;
use std::{
    collections::{BTreeMap, HashMap},
    sync::OnceLock,
};

impl Table {
    /// The structure of every version that a CustomResourceDefinition defines. What its schema does not say is free JSON.
    pub fn of_crd(crd: &Value) -> Table {
        let word = |pointer: &str| crd.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (group, kind) = (word("/spec/group"), word("/spec/names/kind"));
        let mut table = Table { types: Vec::new(), names: HashMap::new(), kinds: HashMap::new() };
        for version in crd.pointer("/spec/versions").and_then(Value::as_array).into_iter().flatten() {
            let Some(name) = version.get("name").and_then(Value::as_str) else { continue };
            let schema = version.pointer("/schema/openAPIV3Schema").unwrap_or(&Value::Null);
            if let NodeKind::Type(at) = table.take_struct(schema, true) {
                table.kinds.insert((group.clone().into(), name.to_owned().into(), kind.clone().into()), at);
            }
        }
        table
    }

    fn take(&mut self, schema: &Value) -> Node {
        let says = |word: &str| schema.get(word).and_then(Value::as_str).unwrap_or_default();
        let yes = |word: &str| schema.get(word).and_then(Value::as_bool).unwrap_or_default();
        let kind = match says("type") {
            _ if yes("x-kubernetes-int-or-string") => NodeKind::Scalar(Scalar::IntOrString),
            "string" => NodeKind::Scalar(Scalar::String),
            "boolean" => NodeKind::Scalar(Scalar::Bool),
            "number" => NodeKind::Scalar(Scalar::Number),
            "integer" if says("format") == "int32" => NodeKind::Scalar(Scalar::Int32),
            "integer" => NodeKind::Scalar(Scalar::Int64),
            "array" => NodeKind::List(Box::new(self.take(schema.get("items").unwrap_or(&Value::Null)))),
            "object" => match schema.get("additionalProperties") {
                Some(values) if values.is_object() => NodeKind::Map(Box::new(self.take(values))),
                Some(Value::Bool(true)) => NodeKind::Map(Box::new(Node { kind: NodeKind::Any, mark: Mark::None, go: "" })),
                _ => self.take_struct(schema, yes("x-kubernetes-embedded-resource")),
            },
            _ => NodeKind::Any,
        };
        let mark = match (says("x-kubernetes-list-type"), says("x-kubernetes-map-type")) {
            ("set", _) => Mark::Set,
            ("map", _) => Mark::Keys(words(schema, "x-kubernetes-list-map-keys").map(str::to_owned).collect()),
            ("atomic", _) | (_, "atomic") => Mark::Atomic,
            (_, "granular") => Mark::Granular,
            _ => Mark::None,
        };
        Node { kind, mark, go: "" }
    }

    /// A struct; as a resource it has the fields that every object has.
    fn take_struct(&mut self, schema: &Value, resource: bool) -> NodeKind {
        let open = schema.get("x-kubernetes-preserve-unknown-fields").and_then(Value::as_bool).unwrap_or_default();
        let empty = serde_json::Map::new();
        let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&empty);
        if properties.is_empty() && !resource && open {
            return NodeKind::Any;
        }
        let required: Vec<&str> = words(schema, "required").collect();
        let mut fields: BTreeMap<&str, FieldNode> = BTreeMap::new();
        for (name, property) in properties {
            let node = self.take(property);
            let nullable = property.get("nullable").and_then(Value::as_bool).unwrap_or_default();
            fields.insert(name, field(name, node, required.contains(&name.as_str()), property.get("default").cloned(), nullable));
        }
        if resource {
            let text = || Node { kind: NodeKind::Scalar(Scalar::String), mark: Mark::None, go: "" };
            let metadata = Table::kubernetes().names.get(&("meta.v1", "ObjectMeta"));
            let metadata = Node { kind: metadata.map_or(NodeKind::Any, |at| NodeKind::BuiltIn(*at)), mark: Mark::None, go: "" };
            for (name, node) in [("apiVersion", text()), ("kind", text()), ("metadata", metadata)] {
                fields.insert(name, field(name, node, false, None, false));
            }
        }
        let at = self.types.len();
        let body = Body::Struct { fields: fields.into_values().collect(), atomic: false, open: open || schema.is_null() };
        let node = Node { kind: NodeKind::Type(at), mark: Mark::None, go: "" };
        self.types.push(Type { package: "", name: "", source: "", body: OnceLock::from(body), node });
        NodeKind::Type(at)
    }
}

fn field(name: &str, node: Node, required: bool, default: Option<Value>, nullable: bool) -> FieldNode {
    let (presence, patch) = (Presence::Given, PatchNode::default());
    FieldNode { name: name.to_owned().into(), node, required, default, presence, nullable, values: Vec::new(), patch, embedded: "" }
}

fn words<'v>(schema: &'v Value, name: &str) -> impl Iterator<Item = &'v str> {
    schema.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}
