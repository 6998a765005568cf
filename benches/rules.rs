//! What the rules of the diagnosis and of the audit cost by themselves: every object is in memory already.
//!
//!     cargo bench --bench rules
//!
//! The bar: 50 ms for ten thousand pods.
#![allow(clippy::unwrap_used, reason = "a bench that cannot go on ends here")]
use aiops::{
    experts::{audit, diagnose},
    facts::snapshot::{Documents, Ref, Snapshot},
};
use serde_json::json;

/// A cluster of so many pods, a hundred to a Deployment with its Service; one pod in a hundred crashes.
fn cluster(pods: usize) -> Snapshot {
    let now = "2026-11-21T12:00:00Z".parse().unwrap();
    let mut all = Documents::new(now);
    let mut take = |document| all.take("bench", document);
    for n in 0..10 {
        take(json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": format!("node-{n}"), "uid": format!("n{n}")},
            "status": {"conditions": [{"type": "Ready", "status": "True"}], "allocatable": {"cpu": "64", "memory": "256Gi", "pods": "2000"}}}));
    }
    for d in 0..pods.div_ceil(100) {
        let (name, namespace) = (format!("app-{d}"), format!("team-{}", d % 10));
        let labels = json!({"app": name});
        let container = json!({"name": "main", "image": "registry.example/app:1.2", "ports": [{"containerPort": 8080}],
            "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"memory": "64Mi"}},
            "env": [{"name": "DB", "value": format!("postgres://db-{d}:5432/app")}]});
        let meta = |name: &str, uid: String, owner: serde_json::Value| json!({"name": name, "namespace": namespace, "uid": uid, "labels": labels, "creationTimestamp": "2026-11-20T12:00:00Z", "ownerReferences": owner});
        let owned = |kind: &str, name: &str, uid: String| json!([{"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": uid, "controller": true}]);
        let template = json!({"metadata": {"labels": labels}, "spec": {"containers": [container]}});
        take(json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta(&name, format!("d{d}"), json!([])),
            "spec": {"replicas": 100, "selector": {"matchLabels": labels}, "template": template},
            "status": {"replicas": 100, "readyReplicas": 99, "availableReplicas": 99, "updatedReplicas": 100}}));
        let set = format!("{name}-5d9c");
        take(
            json!({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": meta(&set, format!("r{d}"), owned("Deployment", &name, format!("d{d}"))),
            "spec": {"replicas": 100, "selector": {"matchLabels": labels}, "template": template}, "status": {"replicas": 100, "readyReplicas": 99}}),
        );
        take(json!({"apiVersion": "v1", "kind": "Service", "metadata": meta(&name, format!("s{d}"), json!([])),
            "spec": {"selector": labels, "clusterIP": "10.0.0.9", "ports": [{"port": 80, "targetPort": 8080}]}}));
        for p in 0..100 {
            let crashes = p == 0;
            let state = if crashes {
                json!({"waiting": {"reason": "CrashLoopBackOff"}})
            } else {
                json!({"running": {"startedAt": "2026-11-20T12:00:05Z"}})
            };
            let last = if crashes {
                json!({"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": "2026-11-21T11:58:00Z"}})
            } else {
                json!({})
            };
            take(
                json!({"apiVersion": "v1", "kind": "Pod", "metadata": meta(&format!("{set}-{p}"), format!("p{d}-{p}"), owned("ReplicaSet", &set, format!("r{d}"))),
                "spec": {"nodeName": format!("node-{}", p % 10), "containers": [container]},
                "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": if crashes { "False" } else { "True" }}],
                    "containerStatuses": [{"name": "main", "ready": !crashes, "restartCount": u8::from(crashes) * 9, "state": state, "lastState": last}]}}),
            );
        }
    }
    all.finish()
}

#[divan::bench(args = [1_000, 10_000])]
fn diagnosis_of_everything(bencher: divan::Bencher, pods: usize) {
    let snapshot = cluster(pods);
    bencher.bench(|| diagnose::diagnose(&snapshot, None));
}

#[divan::bench(args = [1_000, 10_000])]
fn diagnosis_of_one_workload(bencher: divan::Bencher, pods: usize) {
    let snapshot = cluster(pods);
    let one = Ref::new("Deployment", "team-3", "app-3");
    bencher.bench(|| diagnose::diagnose(&snapshot, Some(&one)));
}

#[divan::bench(args = [1_000, 10_000])]
fn audit_of_everything(bencher: divan::Bencher, pods: usize) {
    let snapshot = cluster(pods);
    bencher.bench(|| audit::audit(&snapshot, audit::Asked::default()));
}

fn main() {
    divan::main();
}
