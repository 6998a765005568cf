//! Each rule against what it is for and what only looks like it; any JSON against all of them; order against the answer.

use super::{Diagnosis, diagnose, rules, wants};
use crate::facts::snapshot::{Documents, Ref, Snapshot};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const TODAY: &str = "2026-06-01T00:00:00Z";

fn snapshot(documents: impl IntoIterator<Item = Value>) -> Snapshot {
    let mut all = Documents::new(TODAY.parse().unwrap());
    documents.into_iter().for_each(|d| all.take("test", d));
    all.finish()
}

/// Every rule that speaks of these objects, folded ones included.
fn spoken(s: &Snapshot) -> BTreeSet<&'static str> {
    let mut found = Vec::new();
    for family in super::FAMILIES {
        (family.find)(s, &mut found);
    }
    super::events::find(s, &mut found);
    found.iter().map(|f| f.rule.id).collect()
}

fn cases() -> Vec<Value> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/experts/diagnose/cases");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    files.iter().flat_map(|f| serde_saphyr::from_multiple::<Value>(&std::fs::read_to_string(f).unwrap()).unwrap()).collect()
}

/// Rules whose examples would be certificates that run out: they are tried by hand, in the next test.
const BY_HAND: &[&str] = &["tls-certificate-expires-soon", "tls-certificate-not-yet-valid", "tls-certificate-wrong-host"];

#[test]
fn each_rule_speaks_where_it_should_and_nowhere_near() {
    let mut wrong = Vec::new();
    let mut tried: BTreeSet<&str> = BY_HAND.iter().copied().collect();
    let known = rules();
    for case in &cases() {
        let id = case["rule"].as_str().unwrap();
        assert!(known.contains_key(id), "there is no rule {id}");
        tried.insert(known[id].id);
        let (has, near) = (spoken(&snapshot([case["has"].clone()])), spoken(&snapshot([case["near"].clone()])));
        if !has.contains(id) {
            wrong.push(format!("{id} does not speak where it should; there speak {has:?}"));
        }
        if near.contains(id) {
            wrong.push(format!("{id} speaks of what only looks like it"));
        }
    }
    let untried: Vec<_> = known.keys().filter(|id| !tried.contains(*id)).collect();
    assert!(wrong.is_empty() && untried.is_empty(), "\n{}\nwithout a case: {untried:?}", wrong.join("\n"));
}

#[test]
fn certificates_are_judged_by_their_dates_and_hosts() {
    use crate::{
        facts::snapshot::{Clock, cluster::Pem},
        terms::certificate::Certificate,
    };
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls", "metadata": {"name": "t", "namespace": "shop"},
        "data": {"tls.crt": "eA==", "tls.key": "eA=="}});
    let ingress = json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "i", "namespace": "shop"},
        "spec": {"tls": [{"secretName": "t", "hosts": ["shop.example.com"]}]}});
    for (from, until, host, id) in [
        ("2026-01-01T00:00:00Z", "2026-06-10T00:00:00Z", "shop.example.com", Some("tls-certificate-expires-soon")),
        ("2026-05-20T00:00:00Z", "2026-06-10T00:00:00Z", "shop.example.com", None),
        ("2026-07-01T00:00:00Z", "2027-06-10T00:00:00Z", "shop.example.com", Some("tls-certificate-not-yet-valid")),
        ("2026-01-01T00:00:00Z", "2027-06-10T00:00:00Z", "*.example.org", Some("tls-certificate-wrong-host")),
        ("2026-01-01T00:00:00Z", "2027-06-10T00:00:00Z", "*.example.com", None),
    ] {
        let mut s = snapshot([secret.clone(), ingress.clone()]);
        s.clock = Clock::live(TODAY.parse().unwrap());
        let certificate = Certificate { from: from.parse().unwrap(), until: until.parse().unwrap(), hosts: vec![host.into()] };
        s.secrets[0].data.certificate = Some(Pem { set: true, certificate: Some(certificate) });
        let found: Vec<_> = diagnose(&s, None).findings.iter().map(|f| f.rule.id).collect();
        assert_eq!(found, id.into_iter().collect::<Vec<_>>(), "{from} {until} {host}");
    }
}

fn pod(n: usize) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": format!("web-{n}"), "namespace": "shop", "labels": {"app": "web"}},
        "spec": {"nodeName": "node1", "containers": [{"name": "app", "env": [{"name": "P", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}]}]},
        "status": {"phase": "Pending", "containerStatuses": [{"name": "app", "ready": false, "restartCount": 0,
            "state": {"waiting": {"reason": "CreateContainerConfigError", "message": "couldn't find key password in Secret shop/db"}}}]}})
}

fn secret() -> Value {
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db", "namespace": "shop"}, "data": {"user": "c3dvcmRmaXNo", "pass": "c3dvcmRmaXNo"}})
}

#[test]
fn forty_pods_of_one_cause_are_one_finding_and_two_causes_stay_two() {
    let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}});
    let claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data", "namespace": "shop"}, "status": {"phase": "Lost"}});
    let s = snapshot((0..40).map(pod).chain([secret(), service, claim]));
    let found = diagnose(&s, None);
    let ids: Vec<_> = found.findings.iter().map(|f| f.rule.id).collect();
    assert_eq!(ids, ["config-key-missing", "claim-lost"]);
    let first = &found.findings[0];
    assert_eq!(first.explains.iter().filter(|r| &*r.kind == "Pod").count(), 39);
    assert!(first.explains.contains(&Ref::new("Service", "shop", "web")), "{:?}", first.explains);
    assert!(first.title.contains("40 pods") && first.title.contains("(it has: pass, user)"), "{}", first.title);
    assert!(!format!("{found:?}").contains("swordfish") && !format!("{s:?}").contains("c3dvcmRmaXNo"), "a Secret's value");
    let about = diagnose(&s, Some(&Ref::new("Pod", "shop", "web-7")));
    assert_eq!(about.findings.iter().map(|f| f.rule.id).collect::<Vec<_>>(), ["config-key-missing"]);
}

#[test]
fn nothing_is_called_healthy_that_was_not_read() {
    assert_eq!(diagnose(&snapshot([]), None).healthy, None);
    let well = json!({"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "a"}});
    assert_eq!(diagnose(&snapshot([well.clone()]), None).healthy, Some(true));
    assert_eq!(diagnose(&snapshot([well, json!("no object")]), None).healthy, None);
}

#[test]
fn owners_in_a_circle_come_to_an_end() {
    let set = |name: &str, owner: &str| {
        json!({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": name, "namespace": "a", "ownerReferences": [{"kind": "ReplicaSet", "name": owner, "controller": true}]},
            "spec": {"replicas": 2}, "status": {"replicas": 1}})
    };
    let s = snapshot([set("a", "b"), set("b", "a"), set("c", "c")]);
    assert!(!diagnose(&s, Some(&Ref::new("ReplicaSet", "a", "a"))).findings.is_empty());
}

fn any_json() -> impl Strategy<Value = Value> {
    let words = prop::sample::select(vec![
        "Pod",
        "Running",
        "Pending",
        "True",
        "False",
        "web",
        "shop",
        "CrashLoopBackOff",
        "2026-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "Warning",
        "FailedScheduling",
        "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint {a: b}.",
        "dial tcp db:5432: connection refused",
        "\u{1b}[31mERR\u{1b}[0m",
        "exec: \"",
        "é…",
        "failed calling webhook \"",
        "exceeded quota: ",
        "-1",
        "100Gi",
        "ImagePullBackOff",
        "Unhealthy",
        "Readiness probe failed: ",
        "Failed",
        "FailedCreate",
        "cannot adopt Pod \"",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        words.prop_map(Value::from),
        ".{0,12}".prop_map(Value::from)
    ];
    let keys = prop::sample::select(vec![
        "name",
        "namespace",
        "metadata",
        "spec",
        "status",
        "conditions",
        "containerStatuses",
        "state",
        "waiting",
        "terminated",
        "lastState",
        "reason",
        "message",
        "phase",
        "type",
        "ready",
        "containers",
        "env",
        "value",
        "valueFrom",
        "secretKeyRef",
        "key",
        "ports",
        "port",
        "selector",
        "labels",
        "matchLabels",
        "ownerReferences",
        "kind",
        "events",
        "count",
        "lastTimestamp",
        "creationTimestamp",
        "deletionTimestamp",
        "finalizers",
        "restartCount",
        "exitCode",
        "replicas",
        "template",
        "volumes",
        "persistentVolumeClaim",
        "claimName",
        "data",
        "tls.crt",
        "rules",
        "resources",
        "requests",
        "cpu",
        "taints",
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
        ("v1", "Node"),
        ("v1", "Service"),
        ("v1", "Secret"),
        ("v1", "ConfigMap"),
        ("v1", "Event"),
        ("v1", "PersistentVolumeClaim"),
        ("v1", "Namespace"),
        ("apps/v1", "Deployment"),
        ("apps/v1", "StatefulSet"),
        ("apps/v1", "ReplicaSet"),
        ("apps/v1", "DaemonSet"),
        ("batch/v1", "Job"),
        ("batch/v1", "CronJob"),
        ("autoscaling/v2", "HorizontalPodAutoscaler"),
        ("policy/v1", "PodDisruptionBudget"),
        ("networking.k8s.io/v1", "Ingress"),
        ("networking.k8s.io/v1", "NetworkPolicy"),
        ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"),
        ("argoproj.io/v1alpha1", "Application"),
        ("kustomize.toolkit.fluxcd.io/v1", "Kustomization"),
        ("gateway.networking.k8s.io/v1", "Gateway"),
        ("x.io/v1", "Widget"),
        ("v1", "List"),
    ]);
    (kinds, any_json(), any_json(), any_json(), any_json()).prop_map(|((api, kind), meta, spec, status, more)| {
        let mut object = json!({"apiVersion": api, "kind": kind, "metadata": meta, "spec": spec, "status": status});
        if let (Some(fields), Value::Object(more)) = (object.as_object_mut(), more) {
            for (key, value) in more {
                fields.entry(key).or_insert(value);
            }
        }
        object
    })
}

/// Objects of the cases, mixed: as near to what is real as arbitrary ones can be.
fn mixed() -> impl Strategy<Value = Vec<Value>> {
    let pool: Vec<Value> = cases().into_iter().flat_map(|c| [c["has"].clone(), c["near"].clone()]).collect();
    prop::collection::vec(prop::sample::select(pool), 1..6)
}

fn answer(found: &Diagnosis) -> Vec<String> {
    found.findings.iter().map(|f| format!("{} {:?} {} {:?} {:?}", f.rule.id, f.subject, f.title, f.explains, f.evidence)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 160, ..ProptestConfig::default() })]

    #[test]
    fn no_json_makes_a_rule_panic(objects in prop::collection::vec(prop_oneof![any_object(), any_json()], 0..12)) {
        let s = snapshot(objects);
        wants(&s);
        let found = diagnose(&s, None);
        prop_assert!(found.findings.iter().all(|f| !f.title.is_empty() && f.title.len() < 4_000));
        diagnose(&s, Some(&Ref::new("Pod", "shop", "web")));
    }

    #[test]
    fn the_order_of_objects_never_changes_the_answer(documents in mixed(), seed in any::<prop::sample::Index>()) {
        let mut turned = documents.clone();
        let by = seed.index(turned.len());
        turned.rotate_left(by);
        turned.reverse();
        prop_assert_eq!(answer(&diagnose(&snapshot(documents), None)), answer(&diagnose(&snapshot(turned), None)));
    }
}

/// A Deployment of two revisions, the newer of which crashes: when its pod was made, how often it was started, and whether the older one crashed too.
fn rolled_out(made: &str, restarts: i64, old_crashed: bool) -> Diagnosis {
    let owner = |kind: &str, name: &str| json!([{"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": name, "controller": true}]);
    let set = |name: &str, created: &str, replicas: i64| {
        json!({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": name, "uid": name, "namespace": "shop", "creationTimestamp": created,
            "ownerReferences": owner("Deployment", "web")}, "spec": {"replicas": replicas}, "status": {"replicas": replicas}})
    };
    let mut all = vec![
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "uid": "web", "namespace": "shop"},
            "spec": {"replicas": 1}, "status": {"replicas": 1, "updatedReplicas": 1}}),
        set("web-old", "2026-05-01T00:00:00Z", 0),
        set("web-new", "2026-05-31T23:40:00Z", 1),
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-new-1", "namespace": "shop", "creationTimestamp": made,
                "ownerReferences": owner("ReplicaSet", "web-new")},
            "spec": {"nodeName": "n1", "containers": [{"name": "app"}]},
            "status": {"phase": "Running", "containerStatuses": [{"name": "app", "ready": false, "restartCount": restarts,
                "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                "lastState": {"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": "2026-05-31T23:59:00Z"}}}]}}),
    ];
    if old_crashed {
        all.push(json!({"apiVersion": "v1", "kind": "Event", "metadata": {"name": "e", "namespace": "shop"}, "type": "Warning", "reason": "BackOff",
            "message": "Back-off restarting failed container", "lastTimestamp": "2026-05-31T12:00:00Z",
            "involvedObject": {"kind": "Pod", "name": "web-old-7", "namespace": "shop"}}));
    }
    let mut s = snapshot(all);
    s.clock = crate::facts::snapshot::Clock::live(TODAY.parse().unwrap());
    diagnose(&s, None)
}

#[test]
fn what_crashes_since_it_was_rolled_out_can_be_rolled_back() {
    let fixes = |found: Diagnosis| found.findings[0].fix.iter().map(crate::ops::Op::line).collect::<Vec<_>>();
    let with_the_rollout = "2026-05-31T23:41:00Z";
    assert_eq!(fixes(rolled_out(with_the_rollout, 6, false)), ["kubectl rollout undo deployment/web -n shop"]);
    // It ran well for most of the time; its pod came long after the rollout; the one before crashed too.
    assert!(fixes(rolled_out(with_the_rollout, 1, false)).is_empty());
    assert!(fixes(rolled_out("2026-05-31T23:55:00Z", 6, false)).is_empty());
    assert!(fixes(rolled_out(with_the_rollout, 6, true)).is_empty());
}
