//! What the built-in cluster costs: time to the first answer, lists and watches of ten thousand pods, a Deployment brought to a thousand, and memory.
//!
//!     cargo bench --bench simulator            # all of it; one line per figure
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench that cannot go on ends here, and says its figures")]
use aiops::simulator::{Settings, Simulator};
use axum::body::{Body, Bytes};
use futures::StreamExt;
use http::Request;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tower::ServiceExt;

const NOON: &str = "2026-11-21T12:00:00Z";
const PODS: usize = 10_000;

fn empty() -> Simulator {
    Simulator::new(Settings::still_at(NOON.parse().unwrap())).unwrap()
}

async fn get(sim: &Simulator, path: &str, accept: &str) -> Bytes {
    let request = Request::get(path).header("accept", accept).body(Body::empty()).unwrap();
    sim.router().oneshot(request).await.unwrap().into_body().collect().await.unwrap().to_bytes()
}

/// Resident memory in KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).unwrap_or("0");
    line.split_whitespace().next().and_then(|n| n.parse().ok()).unwrap_or_default()
}

fn said(what: &str, median: Duration, worst: Duration) {
    println!("{what}: median {:.2} ms, worst {:.2} ms", median.as_secs_f64() * 1e3, worst.as_secs_f64() * 1e3);
}

fn pod(n: usize) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": format!("web-{n}"), "namespace": format!("ns-{}", n % 20), "labels": {"app": "web", "pod-template-hash": "5d9c7c4f66"}, "annotations": {"team": "shop"}},
        "spec": {
            "nodeName": "demo-node-2",
            "containers": [{
                "name": "main", "image": "shop/web:1.2.3", "ports": [{"containerPort": 8080}],
                "env": [{"name": "MODE", "value": "production"}, {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
                "resources": {"requests": {"cpu": "1m", "memory": "1Mi"}, "limits": {"memory": "64Mi"}},
                "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}},
            }],
        },
    })
}

async fn ten_thousand_pods() {
    let sim = empty();
    let before = resident();
    // Ten thousand pods on one node are more than a kubelet takes; they are there to be listed.
    sim.set_controllers(false);
    for n in 0..20 {
        sim.put(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": format!("ns-{n}")}})).unwrap();
    }
    let begun = Instant::now();
    for n in 0..PODS {
        sim.put(pod(n)).unwrap();
    }
    println!("{PODS} pods written: {:.2} s", begun.elapsed().as_secs_f64());
    println!("{PODS} pods, memory: {:.1} MiB more than an empty cluster", (resident() - before) as f64 / 1024.0);
    for (what, accept) in [("list", "application/json"), ("table", "application/json;as=Table;v=v1;g=meta.k8s.io")] {
        let mut times = Vec::new();
        let mut length = 0;
        for _ in 0..9 {
            let begun = Instant::now();
            length = get(&sim, "/api/v1/pods", accept).await.len();
            times.push(begun.elapsed());
        }
        times.sort();
        said(&format!("{what} of {PODS} pods ({:.1} MB)", length as f64 / 1e6), times[4], times[8]);
    }
    let version = serde_json::from_slice::<Value>(&get(&sim, "/api/v1/pods?limit=1", "application/json").await).unwrap();
    let from = version["metadata"]["resourceVersion"].as_str().unwrap().to_owned();
    let request = Request::get(format!("/api/v1/pods?watch=1&resourceVersion={from}")).body(Body::empty()).unwrap();
    let mut lines = sim.router().oneshot(request).await.unwrap().into_body().into_data_stream();
    let mut times = Vec::new();
    for n in 0..201 {
        let mut changed = pod(n);
        changed["metadata"]["labels"]["seen"] = "yes".into();
        let begun = Instant::now();
        let (written, heard) = tokio::join!(async { sim.put(changed).unwrap() }, lines.next());
        times.push(begun.elapsed());
        assert!(heard.unwrap().unwrap().len() > 100 && written.is_object());
    }
    times.sort();
    said("a watch event after its write", times[100], times[200]);
    println!("{PODS} pods listed and watched, memory: {:.1} MiB in all", resident() as f64 / 1024.0);
}

async fn a_thousand_ready() {
    let sim = empty();
    for n in 0..10 {
        sim.put(json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": format!("big-{n}")}})).unwrap();
        let room = json!({"cpu": "64", "memory": "256Gi", "pods": "200"});
        let status = json!({"status": {"allocatable": room, "capacity": room, "conditions": [{"type": "Ready", "status": "True"}]}});
        let request = Request::patch(format!("/api/v1/nodes/big-{n}/status")).header("content-type", "application/merge-patch+json");
        let answer = sim.router().oneshot(request.body(Body::from(status.to_string())).unwrap()).await.unwrap();
        assert!(answer.status().is_success());
    }
    sim.put(json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "default"},
        "spec": {"replicas": 0, "selector": {"matchLabels": {"app": "web"}}, "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "main", "image": "web:1"}]}}},
    })).unwrap();
    let begun = Instant::now();
    let scale =
        Request::patch("/apis/apps/v1/namespaces/default/deployments/web/scale").header("content-type", "application/merge-patch+json");
    sim.router().oneshot(scale.body(Body::from(r#"{"spec":{"replicas":1000}}"#)).unwrap()).await.unwrap();
    for _ in 0..600 {
        sim.step(Duration::from_secs(1));
        let now: Value =
            serde_json::from_slice(&get(&sim, "/apis/apps/v1/namespaces/default/deployments/web", "application/json").await).unwrap();
        if now["status"]["readyReplicas"] == 1000 {
            println!("a Deployment from 0 to 1,000 ready: {:.2} s", begun.elapsed().as_secs_f64());
            return;
        }
    }
    let pods: Value = serde_json::from_slice(&get(&sim, "/api/v1/pods?limit=1", "application/json").await).unwrap();
    println!("a Deployment from 0 to 1,000 ready: never; its first pod: {}", pods["items"][0]["status"]);
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut times: Vec<Duration> = Vec::new();
    for _ in 0..21 {
        let begun = Instant::now();
        get(&empty(), "/version", "application/json").await;
        times.push(begun.elapsed());
    }
    times.sort();
    said("an empty cluster, to its first answer", times[10], times[20]);
    ten_thousand_pods().await;
    a_thousand_ready().await;
}
