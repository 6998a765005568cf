use super::*;
use crate::terms::kinds::{KINDS, Usage};
use proptest::prelude::*;
use serde_json::json;

fn at<'t>(shape: Shape<'t>, path: &[&str]) -> Field<'t> {
    let (last, before) = path.split_last().unwrap();
    let inside = |shape: Shape<'t>| match shape.form() {
        Form::List(of) | Form::Map(of) => of,
        Form::Scalar(_) | Form::Struct | Form::Any => shape,
    };
    before.iter().fold(shape, |shape, name| inside(shape.field(name).unwrap().shape)).field(last).unwrap()
}

#[test]
fn knows_a_deployment() {
    let deployment = Table::kubernetes().object("apps/v1", "Deployment").unwrap();
    assert_eq!(deployment.type_name().unwrap(), "io.k8s.api.apps.v1.Deployment");
    let replicas = at(deployment, &["spec", "replicas"]);
    assert!(matches!(replicas.shape.form(), Form::Scalar(Scalar::Int32)));
    assert_eq!((replicas.presence, replicas.default, replicas.required), (Presence::Given, None, false));
    let template = &["spec", "template", "spec", "containers"];
    let containers = at(deployment, template);
    assert!(containers.required && containers.presence == Presence::Always);
    assert_eq!(containers.patch, PatchRule { merge: true, merge_key: Some("name"), ..PatchRule::default() });
    assert_eq!(containers.shape.list_type(), ListType::Map(&["name".to_owned()]));
    assert_eq!(containers.shape.go_type(), "[]v1.Container");
    let container = |field| at(deployment, &[template.as_slice(), &[field]].concat());
    assert_eq!(container("ports").shape.list_type(), ListType::Map(&["containerPort".to_owned(), "protocol".to_owned()]));
    assert_eq!(container("imagePullPolicy").values, ["Always", "IfNotPresent", "Never"]);
    assert_eq!(container("imagePullPolicy").shape.go_type(), "v1.PullPolicy");
    assert!(container("image").omits_empty);
    assert_eq!(at(deployment, &["spec", "template", "spec", "containers", "ports", "protocol"]).default, Some(&json!("TCP")));
    assert_eq!(at(deployment, &["spec", "strategy"]).default, Some(&json!({})));
    assert!(at(deployment, &["spec", "strategy"]).patch.retain_keys);
    assert!(at(deployment, &["spec", "selector"]).shape.atomic());
    assert!(at(deployment, &["spec", "template", "spec", "nodeSelector"]).shape.atomic());
    let limits = at(deployment, &["spec", "template", "spec", "containers", "resources", "limits"]).shape;
    assert!(matches!(limits.form(), Form::Map(of) if matches!(of.form(), Form::Scalar(Scalar::Quantity))));
    let managed = at(deployment, &["metadata", "managedFields", "fieldsV1"]).shape;
    assert!(matches!(managed.form(), Form::Any));
    assert!(deployment.field("nope").is_none() && replicas.shape.field("x").is_none());
}

#[test]
fn values_may_hold_spaces() {
    let request = Table::kubernetes().object("certificates.k8s.io/v1", "CertificateSigningRequest").unwrap();
    let usages = at(request, &["spec", "usages"]);
    assert!(usages.values.contains(&"client auth") && !usages.patch.merge, "{:?}", usages.values);
}

#[test]
fn a_volume_may_keep_claims_apart() {
    let volume = Table::kubernetes().object("v1", "PersistentVolume").unwrap();
    let claim = at(volume, &["spec", "claimRef"]).shape;
    assert!(!claim.atomic(), "an ObjectReference is atomic, but not this one");
}

#[test]
fn every_stored_kind_is_there_and_every_line_is_understood() {
    let table = Table::kubernetes();
    for info in KINDS.iter().filter(|info| info.usage != Usage::Computed) {
        assert!(table.kind(info.group, info.version, info.kind).is_some(), "{} {}", info.api_version(), info.kind);
    }
    let understood = |node: &Node, line: &str| {
        let mut node = node;
        while let NodeKind::List(of) | NodeKind::Map(of) = &node.kind {
            node = of;
        }
        assert!(!matches!(node.kind, NodeKind::Any) || line.ends_with("= any"), "{line}");
    };
    for of in &table.types {
        match table.read_body(of) {
            Body::Alias(node) => understood(&node, of.source.lines().next().unwrap()),
            Body::Struct { fields, .. } => {
                assert_eq!(fields.len(), of.source.lines().count() - 1, "{}", of.source);
                fields.iter().for_each(|field| understood(&field.node, &format!("{} {}", of.name, field.name)));
            }
        }
    }
}

#[test]
fn a_definition_gives_the_same_structure() {
    let schema = json!({"type": "object", "properties": {"spec": {"type": "object", "required": ["size"], "properties": {
        "size": {"type": "integer", "format": "int32", "default": 1},
        "port": {"x-kubernetes-int-or-string": true},
        "note": {"type": "string", "nullable": true},
        "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
        "tags": {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"},
        "parts": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"], "items": {"type": "object", "properties": {"name": {"type": "string"}}}},
        "ref": {"type": "object", "x-kubernetes-map-type": "atomic", "properties": {"name": {"type": "string"}}},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "pod": {"type": "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true}}}}});
    let crd = json!({"spec": {"group": "example.com", "names": {"kind": "Thing"}, "versions": [
        {"name": "v1", "schema": {"openAPIV3Schema": schema}}, {"name": "v2"}]}});
    let table = Table::of_crd(&crd);
    let thing = table.kind("example.com", "v1", "Thing").unwrap();
    assert!(matches!(at(thing, &["metadata", "creationTimestamp"]).shape.form(), Form::Scalar(Scalar::Time)));
    let size = at(thing, &["spec", "size"]);
    assert_eq!((size.required, size.default), (true, Some(&json!(1))));
    assert!(matches!(at(thing, &["spec", "port"]).shape.form(), Form::Scalar(Scalar::IntOrString)));
    assert!(at(thing, &["spec", "note"]).nullable);
    assert!(matches!(at(thing, &["spec", "free"]).shape.form(), Form::Any));
    assert_eq!(at(thing, &["spec", "tags"]).shape.list_type(), ListType::Set);
    assert_eq!(at(thing, &["spec", "parts"]).shape.list_type(), ListType::Map(&["name".to_owned()]));
    assert!(at(thing, &["spec", "ref"]).shape.atomic());
    assert!(matches!(at(thing, &["spec", "labels"]).shape.form(), Form::Map(_)));
    let pod = at(thing, &["spec", "pod"]).shape;
    assert!(pod.open() && pod.field("metadata").is_some());
    assert!(table.kind("example.com", "v2", "Thing").unwrap().open(), "a version without a schema takes anything");
}

#[test]
fn an_alias_of_itself_is_anything() {
    let table = Table::read("package a.b\ntype x = x\n");
    let shape = Shape { table: &table, node: &table.types[0].node };
    assert!(matches!(shape.form(), Form::Any));
}

proptest! {
    #[test]
    fn reading_never_panics(lines in prop::collection::vec("(package |type | |\\[|\\{)?[a-z~=?!|\\[\\]{}:./ ]{0,20}", 0..12)) {
        let text: &'static str = Box::leak(lines.join("\n").into_boxed_str());
        let table = Table::read(text);
        for of in &table.types {
            let shape = Shape { table: &table, node: &of.node };
            shape.form();
            shape.fields().for_each(|field| drop(field.shape.go_type()));
        }
    }

    #[test]
    fn a_definition_never_panics(text in "[a-z]{0,4}", number in any::<i64>()) {
        for schema in [json!(text), json!(number), json!([text]), json!({"type": text, "properties": number, "items": [number]}), json!({"type": "object", "properties": {text.clone(): null}})] {
            let crd = json!({"spec": {"versions": [{"name": text, "schema": {"openAPIV3Schema": schema}}]}});
            drop(Table::of_crd(&crd));
        }
    }
}
