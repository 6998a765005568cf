//! Each check against what it is for and what only looks like it; any JSON against all of them.

use super::{Asked, rules};
use crate::facts::snapshot::{Documents, Snapshot};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn audit(s: &Snapshot) -> crate::experts::diagnose::Diagnosis {
    super::audit(s, Asked::default()).found
}

fn snapshot(documents: impl IntoIterator<Item = Value>) -> Snapshot {
    let mut all = Documents::new("2026-06-01T00:00:00Z".parse().unwrap());
    documents.into_iter().for_each(|d| all.take("test", d));
    all.finish()
}

/// An example: a list of objects; or what stands in a Deployment's container, in its pod, or in its spec.
fn objects(example: &Value) -> Vec<Value> {
    if let Some(list) = example.as_array() {
        return list.clone();
    }
    let mut container = json!({"name": "app", "image": "r.io/a:1"});
    let mut pod = json!({});
    let mut spec = json!({"selector": {"matchLabels": {"app": "web"}}});
    for (into, from) in [(&mut container, "container"), (&mut pod, "pod"), (&mut spec, "spec")] {
        for (key, value) in example[from].as_object().into_iter().flatten() {
            into[key] = value.clone();
        }
    }
    pod["containers"] = json!([container]);
    spec["template"] = json!({"metadata": {"labels": {"app": "web"}}, "spec": pod});
    let mut meta = json!({"name": "web", "namespace": "shop"});
    for (key, value) in example["metadata"].as_object().into_iter().flatten() {
        meta[key] = value.clone();
    }
    vec![json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": spec})]
}

fn cases() -> Vec<Value> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/experts/audit/cases");
    let files = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path());
    files.flat_map(|f| serde_saphyr::from_str::<Vec<Value>>(&std::fs::read_to_string(f).unwrap()).unwrap()).collect()
}

#[test]
fn each_check_speaks_where_it_should_and_nowhere_near() {
    // What a diagnosis asks as well is tried there.
    let elsewhere = crate::experts::diagnose::rules();
    let (known, mut tried, mut wrong) = (rules(), BTreeSet::new(), Vec::new());
    for case in cases() {
        let id = case["rule"].as_str().unwrap();
        assert!(known.contains_key(id), "there is no check {id}");
        tried.insert(known[id].id);
        let speaks = |example: &Value| audit(&snapshot(objects(example))).findings.iter().any(|f| f.rule.id == id);
        if !speaks(&case["has"]) {
            wrong.push(format!("{id} does not speak of {}", case["has"]));
        }
        if speaks(&case["near"]) {
            wrong.push(format!("{id} speaks of {}", case["near"]));
        }
    }
    let untried: Vec<_> = known.keys().filter(|id| !tried.contains(*id) && !elsewhere.contains_key(*id)).collect();
    assert!(wrong.is_empty() && untried.is_empty(), "\n{}\nwithout a case: {untried:?}", wrong.join("\n"));
}

#[test]
fn what_was_not_measured_is_not_called_good() {
    let asked = |documents: Vec<Value>| super::audit(&snapshot(documents), Asked::default());
    let capacity = |found: &super::Audit| found.areas.iter().any(|area| area.checks.iter().any(|rule| rule.id == "over-provisioned"));
    let without = asked(objects(&json!({})));
    assert!(!capacity(&without) && without.notes.len() == 1 && without.found.not_checked.is_empty());
    let metrics = json!({"apiVersion": "metrics.k8s.io/v1beta1", "kind": "PodMetrics", "metadata": {"name": "p", "namespace": "shop"}});
    let with = asked(vec![metrics]);
    assert!(capacity(&with) && with.notes.is_empty());
}

#[test]
fn no_value_is_quoted() {
    let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"db_password": "swordfish"}});
    let mut all = objects(&json!({"container": {"env": [{"name": "DB_PASSWORD", "value": "sword fish"}]}}));
    all.push(map);
    let told = format!("{:?}", audit(&snapshot(all)));
    assert!(told.contains("db_password") && told.contains("DB_PASSWORD") && !told.contains("swordfish") && !told.contains("sword fish"));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop::sample::select(vec!["*", "web", "150%", "9223372036854775807%", "arn:aws:iam", "http", "-1", "é"]).prop_map(Value::from)
    ];
    let keys = prop::sample::select(vec![
        "name",
        "namespace",
        "metadata",
        "labels",
        "spec",
        "template",
        "containers",
        "securityContext",
        "capabilities",
        "add",
        "drop",
        "env",
        "ports",
        "containerPort",
        "livenessProbe",
        "tcpSocket",
        "port",
        "volumes",
        "hostPath",
        "path",
        "minAvailable",
        "replicas",
        "selector",
        "matchLabels",
        "rules",
        "verbs",
        "resources",
        "roleRef",
        "subjects",
        "kind",
        "ingress",
        "egress",
        "policyTypes",
        "podSelector",
        "data",
        "annotations",
        "minReplicas",
    ]);
    leaf.prop_recursive(6, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(keys.clone().prop_map(String::from), inner, 0..8).prop_map(|m| json!(m))
        ]
    })
}

fn any_object() -> impl Strategy<Value = Value> {
    let kinds = prop::sample::select(vec![
        ("v1", "Pod"),
        ("v1", "Service"),
        ("v1", "ConfigMap"),
        ("v1", "ServiceAccount"),
        ("apps/v1", "Deployment"),
        ("apps/v1", "StatefulSet"),
        ("batch/v1", "CronJob"),
        ("autoscaling/v2", "HorizontalPodAutoscaler"),
        ("policy/v1", "PodDisruptionBudget"),
        ("networking.k8s.io/v1", "Ingress"),
        ("networking.k8s.io/v1", "NetworkPolicy"),
        ("rbac.authorization.k8s.io/v1", "ClusterRole"),
        ("rbac.authorization.k8s.io/v1", "RoleBinding"),
        ("apps.openshift.io/v1", "DeploymentConfig"),
        ("monitoring.coreos.com/v1", "ServiceMonitor"),
    ]);
    (kinds, any_json(), any_json(), any_json(), any_json()).prop_map(|((api, kind), meta, spec, role, data)| {
        json!({"apiVersion": api, "kind": kind, "metadata": meta, "spec": spec, "roleRef": role, "rules": data, "data": data, "subjects": spec})
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 160, ..ProptestConfig::default() })]

    #[test]
    fn no_json_makes_a_check_panic_and_no_order_changes_the_answer(objects in prop::collection::vec(prop_oneof![any_object(), any_json()], 0..10)) {
        let told = |objects: Vec<Value>| {
            let found = audit(&snapshot(objects));
            found.findings.iter().map(|f| format!("{} {:?} {} {:?}", f.rule.id, f.subject, f.title, f.evidence)).collect::<Vec<_>>()
        };
        let turned: Vec<Value> = objects.iter().rev().cloned().collect();
        prop_assert_eq!(told(objects), told(turned));
    }
}
