use super::*;
use crate::terms::schema::Table;
use proptest::prelude::*;
use serde_json::json;

fn deployment() -> Type<'static> {
    Type::Of(Table::kubernetes().kind("apps", "v1", "Deployment").unwrap())
}

fn web() -> Value {
    json!({"metadata": {"name": "web"}, "spec": {
        "replicas": 0, "selector": {"matchLabels": {"a": "b"}},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},
        "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"dnsPolicy": "ClusterFirst", "containers": [
            {"name": "c", "image": "x", "resources": {}, "ports": [{"containerPort": 80, "protocol": "TCP"}], "env": [{"name": "A", "value": "1"}]}]}}}, "status": {}})
}

/// As the real server recorded it for `kubectl create` of the same object.
#[test]
fn a_new_object_is_all_its_writer_set() {
    let found = Comparison::of(deployment(), &json!({}), &web()).unwrap();
    let set = found.added.union(found.modified).difference(&FieldSet::of_fields(&[&["metadata"], &["metadata", "name"]]));
    let recorded = json!({"f:spec": {
        "f:replicas": {}, "f:selector": {}, "f:strategy": {"f:rollingUpdate": {".": {}, "f:maxSurge": {}, "f:maxUnavailable": {}}, "f:type": {}},
        "f:template": {"f:metadata": {"f:labels": {".": {}, "f:a": {}}}, "f:spec": {"f:containers": {"k:{\"name\":\"c\"}": {".": {},
            "f:env": {".": {}, "k:{\"name\":\"A\"}": {".": {}, "f:name": {}, "f:value": {}}}, "f:image": {}, "f:name": {},
            "f:ports": {".": {}, "k:{\"containerPort\":80,\"protocol\":\"TCP\"}": {".": {}, "f:containerPort": {}, "f:protocol": {}}}, "f:resources": {}}}, "f:dnsPolicy": {}}}}});
    assert_eq!(set.write(), recorded);
    assert!(found.removed.is_empty());
}

/// As the real server recorded it for `kubectl apply --server-side` of the same object.
#[test]
fn a_configuration_owns_what_it_says() {
    let config = json!({"spec": {"replicas": 0, "selector": {"matchLabels": {"a": "b"}}, "template": {"metadata": {"labels": {"a": "b"}}, "spec": {
        "containers": [{"name": "c", "image": "x", "ports": [{"containerPort": 80}], "env": [{"name": "A", "value": "1"}]}]}}}});
    let recorded = json!({"f:spec": {"f:replicas": {}, "f:selector": {}, "f:template": {"f:metadata": {"f:labels": {"f:a": {}}}, "f:spec": {
        "f:containers": {"k:{\"name\":\"c\"}": {".": {}, "f:env": {"k:{\"name\":\"A\"}": {".": {}, "f:name": {}, "f:value": {}}}, "f:image": {}, "f:name": {},
            "f:ports": {"k:{\"containerPort\":80,\"protocol\":\"TCP\"}": {".": {}, "f:containerPort": {}}}}}}}}});
    assert_eq!(set_of(deployment(), &config).unwrap().write(), recorded);
}

#[test]
fn merging_keeps_what_only_the_live_object_has() {
    let config = json!({"spec": {"replicas": 3, "selector": {"matchLabels": {"x": "y"}}, "template": {"spec": {"containers": [
        {"name": "new"}, {"name": "c", "ports": [{"containerPort": 80, "name": "http"}, {"containerPort": 80, "protocol": "UDP"}]}]}}}});
    let merged = merge(deployment(), &web(), &config).unwrap();
    assert_eq!(merged["spec"]["selector"], json!({"matchLabels": {"x": "y"}}));
    let containers = &merged["spec"]["template"]["spec"]["containers"];
    assert_eq!((&containers[0]["name"], &containers[1]["image"]), (&json!("new"), &json!("x")));
    assert_eq!(
        containers[1]["ports"],
        json!([{"containerPort": 80, "protocol": "TCP", "name": "http"}, {"containerPort": 80, "protocol": "UDP"}])
    );
}

#[test]
fn order_follows_the_configuration_and_keeps_strangers() {
    let env = |names: &str| json!({"spec": {"template": {"spec": {"containers": [{"name": "c", "env": names.chars().map(|n| json!({"name": n.to_string()})).collect::<Vec<_>>()}]}}}});
    let order = |live, config| {
        let merged = merge(deployment(), &env(live), &env(config)).unwrap();
        let names = merged["spec"]["template"]["spec"]["containers"][0]["env"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| e["name"].as_str().unwrap().to_owned());
        names.collect::<String>()
    };
    // Recorded from structured-merge-diff's own rules, run by hand.
    for (live, config, both) in [("abc", "cb", "acb"), ("abc", "xb", "axbc"), ("axb", "ba", "xba"), ("", "ab", "ab"), ("ab", "", "ab")] {
        assert_eq!(order(live, config), both, "{live} {config}");
    }
}

#[test]
fn removal_takes_fields_and_elements() {
    let fields = FieldSet::read(&json!({"f:spec": {"f:replicas": {}, "f:selector": {}, "f:template": {"f:spec": {"f:containers": {"k:{\"name\":\"c\"}": {"f:ports": {"k:{\"containerPort\":80,\"protocol\":\"TCP\"}": {}}, "f:env": {}}}}}}})).unwrap();
    let left = without(deployment(), &web(), &fields);
    assert_eq!((left["spec"].get("replicas"), left["spec"].get("selector")), (None, None));
    assert_eq!(left["spec"]["template"]["spec"]["containers"], json!([{"name": "c", "image": "x", "resources": {}, "ports": null}]));
}

#[test]
fn what_is_wrong_is_said_as_the_server_says_it() {
    let said = |config: Value| check(deployment(), &config).unwrap_err().to_string();
    assert_eq!(said(json!({"spec": {"foo": 1}})), ".spec.foo: field not declared in schema");
    assert_eq!(said(json!({"spec": {"replicas": "2"}})), ".spec.replicas: expected numeric (int or float), got string");
    let containers = |list: Value| json!({"spec": {"template": {"spec": {"containers": list}}}});
    assert_eq!(
        said(containers(json!([{"name": "a", "env": [{"name": "E", "value": 1}]}, {"name": "a"}]))),
        "errors:\n  .spec.template.spec.containers[name=\"a\"].env[name=\"E\"].value: expected string, got &value.valueUnstructured{Value:1}\n  .spec.template.spec.containers: duplicate entries for key [name=\"a\"]"
    );
    assert_eq!(
        said(json!({"metadata": {"finalizers": [{}]}})),
        ".metadata.finalizers: element 0: associative list without keys has an element that's a map type"
    );
    assert_eq!(said(containers(json!({"a": [1, "b"]}))), ".spec.template.spec.containers: expected list, got &{map[a:[1 b]]}");
    assert!(check(deployment(), &web()).is_ok());
}

#[test]
fn twins_are_one_member() {
    let ports = |list: Value| json!({"spec": {"template": {"spec": {"containers": [{"name": "c", "ports": list}]}}}});
    let (one, two) = (
        ports(json!([{"containerPort": 1, "name": "a"}])),
        ports(json!([{"containerPort": 1, "name": "a"}, {"containerPort": 1, "name": "b"}])),
    );
    let found = Comparison::of(deployment(), &one, &two).unwrap();
    assert_eq!(found.added.paths().len(), 1);
    assert!(found.removed.paths().len() > 1);
    assert!(merge(deployment(), &one, &two).is_err());
}

#[test]
fn members_inside_what_is_one_value_become_it() {
    let set = FieldSet::read(&json!({"f:spec": {"f:selector": {"f:matchLabels": {"f:a": {}}}, "f:replicas": {}}})).unwrap();
    assert_eq!(reconciled(deployment(), &set).write(), json!({"f:spec": {"f:selector": {}, "f:replicas": {}}}));
}

fn free() -> impl Strategy<Value = Value> {
    let leaf =
        prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::Bool), (0..3_i64).prop_map(Value::from), "[ab]".prop_map(Value::from)];
    leaf.prop_recursive(4, 20, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map(
                prop_oneof!["[abc]", Just("spec".to_owned()), Just("containers".to_owned()), Just("name".to_owned())],
                inner,
                0..4
            )
            .prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
}

proptest! {
    /// Of what nothing is declared about: merging twice is merging once, and what differs is what one has and the other not.
    #[test]
    fn free_values(a in free(), b in free()) {
        let once = merge(Type::Deduced, &a, &b).unwrap();
        prop_assert_eq!(&merge(Type::Deduced, &once, &b).unwrap(), &once);
        prop_assert_eq!(Comparison::of(Type::Deduced, &a, &a).unwrap(), Comparison::default());
        let (there, back) = (Comparison::of(Type::Deduced, &a, &b).unwrap(), Comparison::of(Type::Deduced, &b, &a).unwrap());
        prop_assert_eq!(there.added, back.removed);
        prop_assert_eq!(there.modified, back.modified);
    }

    /// No value makes any of it panic, whatever its type was to be.
    #[test]
    fn hostile_values(a in free(), b in free()) {
        for of in [deployment(), Type::Whole, Type::Deduced] {
            drop((check(of, &a), merge(of, &a, &b), Comparison::of(of, &a, &b)));
            if let Ok(set) = set_of(of, &a) {
                drop((without(of, &b, &set), with_named_fields(Some(of), &set), reconciled(of, &set)));
            }
        }
    }
}
