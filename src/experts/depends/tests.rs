//! Which objects stand on which, by what that is known, and what becomes of them; any input.

use super::{Dependencies, Hop, Side, Without, depends};
use crate::facts::snapshot::{Documents, Ref, Snapshot};
use proptest::prelude::*;
use serde_json::{Value, json};

fn snapshot(documents: impl IntoIterator<Item = Value>) -> Snapshot {
    let mut all = Documents::new("2026-06-01T12:00:00Z".parse().unwrap());
    documents.into_iter().for_each(|d| all.take("test", d));
    all.finish()
}

fn spec(extra: Value) -> Value {
    let mut spec = json!({"containers": [{"name": "app", "image": "x", "env": [
        {"name": "REDIS_URL", "value": "redis://user:hush@redis:6379"},
        {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db-creds", "key": "password"}}}],
        "envFrom": [{"configMapRef": {"name": "app-config", "optional": true}}]}],
        "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]});
    spec.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    spec
}

fn workload(kind: &str, name: &str, spec: &Value) -> Value {
    json!({"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name, "namespace": "shop"},
        "spec": {"replicas": 1, "template": {"metadata": {"labels": {"app": name}}, "spec": spec}}})
}

fn pod(name: &str, owner: &str, spec: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "shop", "labels": {"app": owner},
        "ownerReferences": [{"kind": "Deployment", "name": owner, "controller": true}]}, "spec": spec,
        "status": {"phase": "Running", "containerStatuses": [{"name": "app", "state": {"running": {}}}]}})
}

fn shop() -> Vec<Value> {
    let (backend, redis) =
        (spec(json!({"nodeName": "n1"})), json!({"containers": [{"name": "redis", "image": "redis"}], "nodeName": "n1"}));
    let named = |api: &str, kind: &str, name: &str, spec: Value| json!({"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": "shop"}, "spec": spec});
    vec![
        workload("Deployment", "backend", &backend),
        workload("Deployment", "redis", &redis),
        pod("backend-1", "backend", &backend),
        pod("backend-2", "backend", &backend),
        pod("redis-1", "redis", &redis),
        named("v1", "Service", "redis", json!({"selector": {"app": "redis"}, "ports": [{"port": 6379}]})),
        named("v1", "Service", "backend", json!({"selector": {"app": "backend"}, "ports": [{"port": 80}]})),
        named(
            "networking.k8s.io/v1",
            "Ingress",
            "front",
            json!({"tls": [{"secretName": "front-tls", "hosts": ["a.example"]}],
            "rules": [{"host": "a.example", "http": {"paths": [{"path": "/", "backend": {"service": {"name": "backend", "port": {"number": 80}}}}]}}]}),
        ),
        named("autoscaling/v2", "HorizontalPodAutoscaler", "backend", json!({"scaleTargetRef": {"kind": "Deployment", "name": "backend"}})),
        named("policy/v1", "PodDisruptionBudget", "redis", json!({"selector": {"matchLabels": {"app": "redis"}}})),
        named("v1", "PersistentVolumeClaim", "data", json!({"volumeName": "pv-1", "storageClassName": "fast"})),
        json!({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "pv-1"}, "spec": {"persistentVolumeReclaimPolicy": "Delete"}}),
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db-creds", "namespace": "shop"}, "data": {"password": "aHVzaA=="}}),
        json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1"}}),
        json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration", "metadata": {"name": "guard"},
            "webhooks": [{"name": "guard.example", "failurePolicy": "Fail", "clientConfig": {"service": {"name": "backend", "namespace": "shop"}}, "rules": [{"resources": ["pods"]}]}]}),
    ]
}

fn of(kind: &str, name: &str, side: Side) -> Dependencies {
    let namespace = if ["Node", "PersistentVolume", "Namespace"].contains(&kind) { "" } else { "shop" };
    depends(&snapshot(shop()), &Ref::new(kind, namespace, name), side)
}

/// `Deployment backend Restart 2 via Service redis`
fn on(found: &Dependencies) -> Vec<String> {
    told(&found.on, |h| &h.link.from)
}

fn told(hops: &[Hop], other: impl Fn(&Hop) -> &Ref) -> Vec<String> {
    let via = |h: &Hop| h.through.as_ref().map_or_else(String::new, |r| format!(" via {}", r.told()));
    hops.iter().map(|h| format!("{} {:?} {}{}", other(h).told(), h.link.without, h.link.pods, via(h))).collect()
}

#[test]
fn what_stands_on_it_directly_and_through_others() {
    assert_eq!(
        on(&of("Deployment", "redis", Side::On)),
        [
            "PodDisruptionBudget redis Idle 0",
            "Service redis Traffic 1",
            "Deployment backend Calls 2 via Service redis",
            "HorizontalPodAutoscaler backend Idle 0 via Deployment backend",
            "Service backend Traffic 2 via Deployment backend",
        ]
    );
    let service = of("Service", "redis", Side::Loss);
    assert_eq!(on(&service)[0], "Deployment backend Calls 2");
    assert_eq!(service.on[0].link.seen, ["variable REDIS_URL names its host"]);
    // Three objects away: whoever is asked by the API server is told, too.
    let backend = on(&of("Service", "backend", Side::On));
    assert_eq!(backend, ["Ingress front Traffic 0", "ValidatingWebhookConfiguration guard Refused 0"]);
    assert!(of("Deployment", "redis", Side::On).of.is_empty() && of("Deployment", "redis", Side::Of).on.is_empty());
}

#[test]
fn how_hard_it_is() {
    let secret = of("Secret", "db-creds", Side::Loss);
    assert_eq!(on(&secret)[0], "Deployment backend Restart 2");
    assert_eq!(secret.on[0].link.seen, ["variable PASSWORD of container app (key password) (env.valueFrom)"]);
    let config = of("ConfigMap", "app-config", Side::On);
    assert_eq!((on(&config), config.there), (vec!["Deployment backend Optional 2".to_string()], None));
    let node = of("Node", "n1", Side::Loss);
    assert_eq!(on(&node), ["Deployment backend Moves 2", "Deployment redis Moves 1"]);
    let claim = of("PersistentVolumeClaim", "data", Side::Loss);
    assert_eq!(on(&claim)[0], "Deployment backend Restart 2");
    assert!(claim.notes[0].contains("pv-1") && claim.notes[0].contains("is deleted with it"), "{:?}", claim.notes);
    // Where no pod of it runs, none could start.
    let mut idle = shop();
    idle.retain(|d| d["kind"] != "Pod");
    let idle = depends(&snapshot(idle), &Ref::new("Secret", "shop", "db-creds"), Side::On);
    assert_eq!(on(&idle)[0], "Deployment backend NoStart 0");
    // A pod that nobody makes anew, and one on each node.
    let mut bare = shop();
    bare.extend([
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "bare", "namespace": "shop"}, "spec": {"nodeName": "n1"}}),
    ]);
    let bare = depends(&snapshot(bare), &Ref::new("Node", "", "n1"), Side::Loss);
    assert!(on(&bare).contains(&"pod bare Gone 1".to_string()), "{:?}", on(&bare));
}

#[test]
fn what_it_stands_on() {
    let found = of("Deployment", "backend", Side::Of);
    assert_eq!(
        told(&found.of, |h| &h.link.to),
        [
            "ConfigMap app-config Optional 2",
            "HorizontalPodAutoscaler backend Unguarded 0",
            "node n1 Moves 2",
            "PersistentVolumeClaim data Restart 2",
            "Secret db-creds Restart 2",
            "Service redis Calls 2",
            "PersistentVolume pv-1 NoStart 0 via PersistentVolumeClaim data",
            "StorageClass fast Unguarded 0 via PersistentVolumeClaim data",
            "Deployment redis Traffic 1 via Service redis",
        ]
    );
    // A pod stands on what its workload stands on.
    assert_eq!(of("Pod", "backend-1", Side::Of).of.len(), found.of.len());
    assert!(!format!("{found:?}").contains("hush"), "no value of a variable");
}

#[test]
fn a_namespace_goes_with_all_that_is_in_it() {
    let mut all = shop();
    let caller = json!({"containers": [{"name": "app", "image": "x", "env": [{"name": "API", "value": "http://backend.shop.svc:80"}]}]});
    all.push(json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "caller", "namespace": "other"},
        "spec": {"template": {"metadata": {}, "spec": caller}}}));
    let found = depends(&snapshot(all), &Ref::new("Namespace", "", "shop"), Side::Loss);
    assert_eq!(on(&found), ["Deployment caller Calls 0", "ValidatingWebhookConfiguration guard Refused 0"]);
    let count = |kind: &str| found.goes.iter().find(|(k, _)| **k == *kind).map(|(_, n)| *n);
    assert_eq!((count("Pod"), count("Deployment"), count("Node")), (Some(3), Some(2), None));
    assert!(found.notes.iter().any(|n| n.contains("pv-1")));
}

#[test]
fn what_is_owned_goes_with_it_and_circles_end() {
    let owned = |kind: &str, name: &str, owner: (&str, &str)| {
        json!({"apiVersion": "x/v1", "kind": kind, "metadata": {"name": name, "namespace": "shop",
        "ownerReferences": [{"kind": owner.0, "name": owner.1, "controller": true}]}})
    };
    let all = [owned("A", "a", ("C", "c")), owned("B", "b", ("A", "a")), owned("C", "c", ("B", "b"))];
    let found = depends(&snapshot(all), &Ref::new("A", "shop", "a"), Side::Both);
    assert_eq!(found.goes, [("B".into(), 1), ("C".into(), 1)]);
    // Two that call each other.
    let calls = |name: &str, other: &str| {
        workload(
            "Deployment",
            name,
            &json!({"containers": [{"name": "app", "env": [{"name": "U", "value": format!("http://{other}:80")}]}]}),
        )
    };
    let service = |name: &str| json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": "shop"}, "spec": {"selector": {"app": name}}});
    let found = depends(
        &snapshot([calls("a", "b"), calls("b", "a"), service("a"), service("b")]),
        &Ref::new("Deployment", "shop", "a"),
        Side::Both,
    );
    assert_eq!(on(&found), ["Service a Traffic 0", "Deployment b Calls 0 via Service a", "Service b Traffic 0 via Deployment b"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn order_never_changes_an_answer_and_any_object_is_survived(n in 0_usize..15, m in 0_usize..15, text in "\\PC{0,20}", side in 0_u8..4) {
        let mut all = shop();
        let broken = json!({"apiVersion": "v1", "kind": all[m]["kind"], "metadata": {"name": text, "namespace": 7}, "spec": {"selector": text, "template": [text],
            "containers": [{"env": [{"name": text, "value": text, "valueFrom": {"secretKeyRef": text}}]}], "volumes": text, "rules": [[text]]}, "webhooks": [{"clientConfig": text}]});
        all.push(broken);
        let at = &all[n];
        let about = Ref::new(at["kind"].as_str().unwrap(), at["metadata"]["namespace"].as_str().unwrap_or_default(), at["metadata"]["name"].as_str().unwrap());
        let side = [Side::On, Side::Of, Side::Both, Side::Loss][usize::from(side)];
        let found = depends(&snapshot(all.clone()), &about, side);
        all.rotate_left(m);
        all.reverse();
        prop_assert_eq!(found, depends(&snapshot(all), &about, side));
    }
}

#[test]
fn a_link_that_is_optional_and_needed_is_needed() {
    assert!(Without::NoStart < Without::Optional && Without::Gone < Without::Moves);
}
