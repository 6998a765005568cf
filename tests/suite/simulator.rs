//! The built-in cluster, driven as clients drive it: raw HTTP on its router, and kube's client over it.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on ends here")]
use aiops::simulator::{Deny, Match, Refusal, Script, Settings, Simulator, scenario::Scenario};
use axum::body::Body;
use futures::StreamExt;
use http::Request;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::time::Duration;
use tower::ServiceExt;

const NOON: &str = "2026-11-21T12:00:00Z";

fn empty() -> Simulator {
    let sim = Simulator::new(Settings::still_at(NOON.parse().unwrap())).unwrap();
    sim.put(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "web"}})).unwrap();
    sim
}

fn demo() -> Simulator {
    Scenario::find("todo-chatbot").unwrap().start(Settings::still_at(NOON.parse().unwrap())).unwrap()
}

async fn call(sim: &Simulator, method: &str, path: &str, kind: &str, body: Value) -> (u16, Value) {
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    let request = Request::builder().method(method).uri(path).header("content-type", kind).body(body).unwrap();
    let response = sim.router().oneshot(request).await.unwrap();
    let code = response.status().as_u16();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    let value = serde_json::from_slice(&bytes).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
    (code, value)
}

async fn get(sim: &Simulator, path: &str) -> Value {
    call(sim, "GET", path, "", Value::Null).await.1
}

async fn table(sim: &Simulator, path: &str) -> Vec<String> {
    let request =
        Request::get(path).header("accept", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json").body(Body::empty()).unwrap();
    let bytes = sim.router().oneshot(request).await.unwrap().into_body().collect().await.unwrap().to_bytes();
    let table: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(table["kind"], "Table", "{table}");
    let columns: Vec<i64> = table["columnDefinitions"].as_array().unwrap().iter().map(|c| c["priority"].as_i64().unwrap()).collect();
    let cell = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    let row = |r: &Value| {
        r["cells"].as_array().unwrap().iter().zip(&columns).filter(|(_, p)| **p == 0).map(|(c, _)| cell(c)).collect::<Vec<_>>().join(" ")
    };
    table["rows"].as_array().unwrap().iter().map(row).collect()
}

fn deployment(name: &str, replicas: i64, image: &str) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": "web"},
        "spec": {
            "replicas": replicas, "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "main", "image": image, "readinessProbe": {"tcpSocket": {"port": 80}}}]}},
        },
    })
}

const DEPLOYMENTS: &str = "/apis/apps/v1/namespaces/web/deployments";
const MERGE: &str = "application/merge-patch+json";

fn step(sim: &Simulator, seconds: u64) {
    sim.step(Duration::from_secs(seconds));
}

#[tokio::test]
async fn the_demo_is_settled_at_the_first_look() {
    let sim = demo();
    let rows = table(&sim, "/apis/apps/v1/namespaces/todo-chatbot/deployments").await;
    assert_eq!(rows, ["backend 2/2 2 2 2d3h", "frontend 2/2 2 2 2d3h", "worker 0/1 1 0 6m"]);
    let pods = table(&sim, "/api/v1/namespaces/todo-chatbot/pods").await;
    assert_eq!(pods.len(), 5, "{pods:?}");
    assert!(pods[4].contains("0/1 CrashLoopBackOff 6 ("), "{pods:?}");
    let worker = pods[4].split(' ').next().unwrap();
    let log = get(&sim, &format!("/api/v1/namespaces/todo-chatbot/pods/{worker}/log?previous=true")).await;
    assert!(log.as_str().unwrap().contains("FATAL: DATABASE_URL is not set"), "{log}");
    let nodes = table(&sim, "/api/v1/nodes").await;
    assert_eq!(nodes[0], "demo-node-1 Ready control-plane 9d v1.36.3");
}

#[tokio::test]
async fn the_worker_heals_when_it_gets_its_variable() {
    let sim = demo();
    let path = "/apis/apps/v1/namespaces/todo-chatbot/deployments/worker";
    let patch =
        json!({"spec": {"template": {"spec": {"containers": [{"name": "worker", "env": [{"name": "DATABASE_URL", "value": "x"}]}]}}}});
    let (code, _) = call(&sim, "PATCH", path, "application/strategic-merge-patch+json", patch).await;
    assert_eq!(code, 200);
    step(&sim, 20);
    let worker = get(&sim, path).await;
    assert_eq!(worker["status"]["availableReplicas"], 1, "{worker:#}");
    assert_eq!(worker["metadata"]["annotations"]["deployment.kubernetes.io/revision"], "2");
}

#[tokio::test]
async fn a_deployment_rolls_over_and_back() {
    let sim = empty();
    assert_eq!(call(&sim, "POST", DEPLOYMENTS, "application/json", deployment("a", 3, "a:1")).await.0, 201);
    step(&sim, 10);
    let one = get(&sim, &format!("{DEPLOYMENTS}/a")).await;
    assert_eq!(one["status"]["availableReplicas"], 3, "{one:#}");
    assert_eq!(one["spec"]["strategy"]["rollingUpdate"]["maxSurge"], "25%");
    let image = |tag: &str| json!([{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": tag}]);
    call(&sim, "PATCH", &format!("{DEPLOYMENTS}/a"), "application/json-patch+json", image("a:2")).await;
    step(&sim, 60);
    let two = get(&sim, &format!("{DEPLOYMENTS}/a")).await;
    assert_eq!(two["status"]["updatedReplicas"], 3);
    assert_eq!(two["status"]["replicas"], 3);
    assert_eq!(two["metadata"]["generation"], 2);
    let reasons = two["status"]["conditions"].to_string();
    assert!(reasons.contains("NewReplicaSetAvailable") && reasons.contains("MinimumReplicasAvailable"), "{reasons}");
    call(&sim, "PATCH", &format!("{DEPLOYMENTS}/a"), "application/json-patch+json", image("a:1")).await;
    step(&sim, 60);
    let sets = get(&sim, "/apis/apps/v1/namespaces/web/replicasets").await;
    assert_eq!(sets["items"].as_array().unwrap().len(), 2, "the old ReplicaSet was used again");
    assert_eq!(get(&sim, &format!("{DEPLOYMENTS}/a")).await["metadata"]["annotations"]["deployment.kubernetes.io/revision"], "3");
}

#[tokio::test]
async fn a_broken_image_stops_a_rollout_while_the_old_pods_serve() {
    let sim = empty();
    sim.script(Match::Image("*:gone".into()), Script::cannot_pull());
    sim.put(deployment("a", 2, "a:1")).unwrap();
    step(&sim, 10);
    call(
        &sim,
        "PATCH",
        &format!("{DEPLOYMENTS}/a"),
        "application/json-patch+json",
        json!([{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "a:gone"}]),
    )
    .await;
    step(&sim, 700);
    let now = get(&sim, &format!("{DEPLOYMENTS}/a")).await;
    assert_eq!(now["status"]["availableReplicas"], 2);
    let progressing = now["status"]["conditions"].as_array().unwrap().iter().find(|c| c["type"] == "Progressing").unwrap();
    assert_eq!(progressing["reason"], "ProgressDeadlineExceeded", "{now:#}");
    let pods = table(&sim, "/api/v1/namespaces/web/pods").await;
    assert!(pods.iter().any(|p| p.contains("ImagePullBackOff") || p.contains("ErrImagePull")), "{pods:?}");
}

#[tokio::test]
async fn scale_dry_run_and_conflicts() {
    let sim = empty();
    sim.put(deployment("a", 1, "a:1")).unwrap();
    let path = format!("{DEPLOYMENTS}/a/scale");
    let (code, scale) = call(&sim, "PATCH", &format!("{path}?dryRun=All"), MERGE, json!({"spec": {"replicas": 4}})).await;
    assert_eq!((code, &scale["spec"]["replicas"]), (200, &json!(4)));
    assert_eq!(get(&sim, &path).await["spec"]["replicas"], 1, "a dry run stores nothing");
    let (code, status) = call(&sim, "PATCH", &path, MERGE, json!({"metadata": {"resourceVersion": "1"}, "spec": {"replicas": 4}})).await;
    assert_eq!(code, 409);
    assert_eq!(
        status["message"],
        "Operation cannot be fulfilled on deployments.apps \"a\": the object has been modified; please apply your changes to the latest version and try again"
    );
    let (code, status) = call(&sim, "PATCH", &path, MERGE, json!({"metadata": {"uid": "other"}, "spec": {"replicas": 4}})).await;
    assert_eq!((code, &status["reason"]), (409, &json!("Conflict")));
    call(&sim, "PATCH", &path, MERGE, json!({"spec": {"replicas": 3}})).await;
    step(&sim, 10);
    assert_eq!(get(&sim, &format!("{DEPLOYMENTS}/a")).await["status"]["readyReplicas"], 3);
    let (code, _) = call(&sim, "PATCH", &path, MERGE, json!({"spec": {"replicas": -1}})).await;
    assert_eq!(code, 422);
}

#[tokio::test]
async fn refusals_read_like_the_real_ones() {
    let sim = empty();
    let (code, status) = call(&sim, "GET", &format!("{DEPLOYMENTS}/nope"), "", Value::Null).await;
    assert_eq!((code, &status["message"]), (404, &json!("deployments.apps \"nope\" not found")));
    let (code, status) =
        call(&sim, "POST", "/apis/apps/v1/namespaces/nowhere/deployments", "application/json", deployment("a", 1, "x")).await;
    assert_eq!(code, 400, "{status}");
    let mut elsewhere = deployment("a", 1, "x");
    elsewhere["metadata"]["namespace"] = "nowhere".into();
    let (code, status) = call(&sim, "POST", "/apis/apps/v1/namespaces/nowhere/deployments", "application/json", elsewhere).await;
    assert_eq!((code, &status["message"]), (404, &json!("namespaces \"nowhere\" not found")));
    let mut bad = deployment("Bad_Name", 1, "x");
    bad["spec"]["template"]["metadata"]["labels"]["app"] = "other".into();
    let (code, status) = call(&sim, "POST", DEPLOYMENTS, "application/json", bad).await;
    assert_eq!(code, 422);
    assert_eq!(status["details"]["causes"].as_array().unwrap().len(), 2, "{status:#}");
    assert!(
        status["message"]
            .as_str()
            .unwrap()
            .starts_with("Deployment.apps \"Bad_Name\" is invalid: [metadata.name: Invalid value: \"Bad_Name\": a lowercase RFC 1123"),
        "{status}"
    );
    sim.put(deployment("a", 1, "x")).unwrap();
    let (code, status) = call(&sim, "POST", DEPLOYMENTS, "application/json", deployment("a", 1, "x")).await;
    assert_eq!((code, &status["message"]), (409, &json!("deployments.apps \"a\" already exists")));
    let (code, _) = call(&sim, "GET", "/api/v1/namespaces/web/pods/x/portforward", "", Value::Null).await;
    assert_eq!(code, 501);
    let (code, status) = call(&sim, "GET", "/api/v1/pods?fieldSelector=spec.color%3Dred", "", Value::Null).await;
    assert_eq!(code, 400);
    assert!(status["message"].as_str().unwrap().ends_with("field label not supported: spec.color"), "{status}");
    sim.deny(Deny { verbs: vec!["list".into()], resources: vec!["secrets".into()], ..Deny::default() });
    let (code, status) = call(&sim, "GET", "/api/v1/namespaces/web/secrets", "", Value::Null).await;
    assert_eq!(
        (code, &status["message"]),
        (
            403,
            &json!(
                "secrets is forbidden: User \"kubernetes-admin\" cannot list resource \"secrets\" in API group \"\" in the namespace \"web\""
            )
        )
    );
}

#[tokio::test]
async fn deleting_takes_dependents_and_namespaces_take_everything() {
    let sim = empty();
    sim.put(deployment("a", 2, "a:1")).unwrap();
    sim.put(deployment("b", 1, "b:1")).unwrap();
    step(&sim, 10);
    let (code, status) =
        call(&sim, "DELETE", &format!("{DEPLOYMENTS}/a"), "application/json", json!({"propagationPolicy": "Background"})).await;
    assert_eq!((code, &status["status"]), (200, &json!("Success")));
    step(&sim, 5);
    assert_eq!(table(&sim, "/api/v1/namespaces/web/pods").await.len(), 1);
    call(&sim, "DELETE", &format!("{DEPLOYMENTS}/b"), "application/json", json!({"propagationPolicy": "Orphan"})).await;
    step(&sim, 5);
    assert_eq!(table(&sim, "/api/v1/namespaces/web/pods").await.len(), 1, "orphans stay");
    sim.put(deployment("c", 1, "c:1")).unwrap();
    step(&sim, 5);
    call(&sim, "DELETE", &format!("{DEPLOYMENTS}/c"), "application/json", json!({"propagationPolicy": "Foreground"})).await;
    assert_eq!(call(&sim, "GET", &format!("{DEPLOYMENTS}/c"), "", Value::Null).await.0, 200, "it waits for its pods");
    step(&sim, 5);
    assert_eq!(call(&sim, "GET", &format!("{DEPLOYMENTS}/c"), "", Value::Null).await.0, 404);
    call(&sim, "DELETE", "/api/v1/namespaces/web", "", Value::Null).await;
    assert_eq!(get(&sim, "/api/v1/namespaces/web").await["status"]["phase"], "Terminating");
    step(&sim, 5);
    assert_eq!(call(&sim, "GET", "/api/v1/namespaces/web", "", Value::Null).await.0, 404);
}

#[tokio::test]
async fn finalizers_hold_a_namespace() {
    let sim = empty();
    let held = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "held", "namespace": "web", "finalizers": ["example.com/hold"]}});
    sim.put(held).unwrap();
    call(&sim, "DELETE", "/api/v1/namespaces/web", "", Value::Null).await;
    step(&sim, 60);
    let namespace = get(&sim, "/api/v1/namespaces/web").await;
    assert!(namespace["status"]["conditions"].to_string().contains("example.com/hold in 1 resource instances"), "{namespace:#}");
    call(&sim, "PATCH", "/api/v1/namespaces/web/configmaps/held", MERGE, json!({"metadata": {"finalizers": null}})).await;
    assert_eq!(call(&sim, "GET", "/api/v1/namespaces/web", "", Value::Null).await.0, 404);
}

#[tokio::test]
async fn services_know_their_ready_pods() {
    let sim = demo();
    let slices = get(&sim, "/apis/discovery.k8s.io/v1/namespaces/todo-chatbot/endpointslices").await;
    let backend = slices["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|s| s["metadata"]["labels"]["kubernetes.io/service-name"] == "backend-service")
        .unwrap();
    assert_eq!(backend["endpoints"].as_array().unwrap().len(), 2);
    assert_eq!(backend["ports"][0]["port"], 8000);
    assert!(backend["endpoints"].as_array().unwrap().iter().all(|e| e["conditions"]["ready"] == true));
}

#[tokio::test]
async fn missing_config_is_named_and_heals() {
    let sim = empty();
    let mut with_env = deployment("a", 1, "a:1");
    with_env["spec"]["template"]["spec"]["containers"][0]["envFrom"] = json!([{"configMapRef": {"name": "settings"}}]);
    sim.put(with_env).unwrap();
    step(&sim, 30);
    assert!(table(&sim, "/api/v1/namespaces/web/pods").await[0].contains("CreateContainerConfigError"));
    let events = get(&sim, "/api/v1/namespaces/web/events").await;
    assert!(
        events.to_string().contains(r#"Error: configmap \\\"settings\\\" not found"#)
            || events.to_string().contains(r#"configmap \"settings\" not found"#),
        "{events:#}"
    );
    sim.put(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "web"}, "data": {"A": "1"}}))
        .unwrap();
    step(&sim, 5);
    assert!(table(&sim, "/api/v1/namespaces/web/pods").await[0].contains("1/1 Running"));
}

#[tokio::test]
async fn pods_wait_for_room_and_cordons_are_kept() {
    let sim = empty();
    let mut big = deployment("big", 1, "a:1");
    big["spec"]["template"]["spec"]["containers"][0]["resources"] = json!({"requests": {"cpu": "64"}});
    sim.put(big).unwrap();
    step(&sim, 5);
    let pods = get(&sim, "/api/v1/namespaces/web/pods").await;
    let message = pods["items"][0]["status"]["conditions"][0]["message"].as_str().unwrap();
    assert_eq!(
        message,
        "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."
    );
    for node in ["demo-node-2", "demo-node-3"] {
        call(&sim, "PATCH", &format!("/api/v1/nodes/{node}"), MERGE, json!({"spec": {"unschedulable": true}})).await;
    }
    sim.put(deployment("small", 1, "a:1")).unwrap();
    step(&sim, 5);
    assert!(table(&sim, "/api/v1/namespaces/web/pods").await[1].contains("Pending"));
    call(&sim, "PATCH", "/api/v1/nodes/demo-node-2", MERGE, json!({"spec": {"unschedulable": null}})).await;
    step(&sim, 5);
    assert!(table(&sim, "/api/v1/namespaces/web/pods").await[1].contains("1/1 Running"));
}

#[tokio::test]
async fn budgets_refuse_evictions() {
    let sim = empty();
    sim.put(deployment("a", 2, "a:1")).unwrap();
    sim.put(json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "a", "namespace": "web"}, "spec": {"minAvailable": 2, "selector": {"matchLabels": {"app": "a"}}}})).unwrap();
    step(&sim, 10);
    let pods = get(&sim, "/api/v1/namespaces/web/pods").await;
    let name = pods["items"][0]["metadata"]["name"].as_str().unwrap();
    let eviction = json!({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": "web"}});
    let (code, status) = call(&sim, "POST", &format!("/api/v1/namespaces/web/pods/{name}/eviction"), "application/json", eviction).await;
    assert_eq!(code, 429);
    assert_eq!(status["details"]["causes"][0]["message"], "The disruption budget a needs 2 healthy pods and has 2 currently");
}

#[tokio::test]
async fn lists_come_in_pages_and_by_selector() {
    let sim = empty();
    for n in 0..7 {
        sim.put(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": format!("c{n}"), "namespace": "web", "labels": {"odd": (n % 2).to_string()}}})).unwrap();
    }
    let path = "/api/v1/namespaces/web/configmaps";
    let odd = get(&sim, &format!("{path}?labelSelector=odd%3D1")).await;
    assert_eq!(odd["items"].as_array().unwrap().len(), 3);
    let first = get(&sim, &format!("{path}?limit=5")).await;
    assert_eq!(first["metadata"]["remainingItemCount"], 3);
    let second = get(&sim, &format!("{path}?limit=5&continue={}", first["metadata"]["continue"].as_str().unwrap())).await;
    assert_eq!(second["items"].as_array().unwrap().len(), 3);
    assert_eq!(second["metadata"].get("continue"), None);
}

#[tokio::test]
async fn watches_tell_what_happens_and_what_is_too_long_ago() {
    let sim = empty();
    let from = get(&sim, "/api/v1/namespaces/web/configmaps").await["metadata"]["resourceVersion"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/namespaces/web/configmaps?watch=true&timeoutSeconds=2&labelSelector=a&resourceVersion={from}");
    let response = sim.router().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
    let mut lines = response.into_body().into_data_stream();
    let put = |labels: Value| {
        sim.put(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "web", "labels": labels}}))
    };
    put(json!({"a": "1"})).unwrap();
    put(json!({"a": "2"})).unwrap();
    put(json!({"b": "2"})).unwrap();
    let mut seen = Vec::new();
    while let Some(line) = lines.next().await {
        let event: Value = serde_json::from_slice(&line.unwrap()).unwrap();
        seen.push(event["type"].as_str().unwrap().to_owned());
    }
    assert_eq!(seen, ["ADDED", "MODIFIED", "DELETED"]);
    let (_, gone) = call(&sim, "GET", "/api/v1/configmaps?watch=true&resourceVersion=1", "", Value::Null).await;
    assert_eq!(gone["object"]["code"], 410, "{gone}");
}

#[tokio::test]
async fn applying_creates_and_merges_and_remembers() {
    let sim = empty();
    let path = "/api/v1/namespaces/web/configmaps/c?fieldManager=me";
    let config = |data: Value| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": data});
    let (code, _) = call(&sim, "PATCH", path, "application/apply-patch+yaml", config(json!({"a": "1", "b": "1"}))).await;
    assert_eq!(code, 201);
    let (code, object) = call(&sim, "PATCH", path, "application/apply-patch+yaml", config(json!({"b": "2"}))).await;
    assert_eq!((code, &object["data"]), (200, &json!({"b": "2"})));
    assert_eq!(object["metadata"]["managedFields"][0]["fieldsV1"], json!({"f:data": {"f:b": {}}}));
    let (_, again) = call(&sim, "PATCH", path, "application/apply-patch+yaml", config(json!({"b": "2"}))).await;
    assert_eq!(again["metadata"]["resourceVersion"], object["metadata"]["resourceVersion"], "applying the same writes nothing");
}

#[tokio::test]
async fn stateful_and_daemon_sets_and_jobs() {
    let sim = empty();
    let template = json!({"metadata": {"labels": {"app": "x"}}, "spec": {"containers": [{"name": "m", "image": "x:1"}]}});
    let selector = json!({"matchLabels": {"app": "x"}});
    let claim =
        json!({"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}});
    sim.put(json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "db", "namespace": "web"}, "spec": {"serviceName": "db", "replicas": 2, "selector": selector, "template": template, "volumeClaimTemplates": [claim]}})).unwrap();
    step(&sim, 20);
    assert_eq!(table(&sim, "/apis/apps/v1/namespaces/web/statefulsets").await, ["db 2/2 20s"]);
    assert_eq!(table(&sim, "/api/v1/namespaces/web/persistentvolumeclaims").await.len(), 2);
    sim.put(json!({"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "agent", "namespace": "web"}, "spec": {"selector": {"matchLabels": {"app": "y"}}, "template": {"metadata": {"labels": {"app": "y"}}, "spec": {"containers": [{"name": "m", "image": "x:1"}]}}}})).unwrap();
    step(&sim, 5);
    assert_eq!(table(&sim, "/apis/apps/v1/namespaces/web/daemonsets").await, ["agent 2 2 2 2 2 <none> 5s"]);
    sim.put(json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "once", "namespace": "web"}, "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "m", "image": "x:1"}]}}}})).unwrap();
    step(&sim, 20);
    assert_eq!(table(&sim, "/apis/batch/v1/namespaces/web/jobs").await, ["once Complete 1/1 6s 20s"]);
}

#[tokio::test]
async fn logs_ask_which_container_and_say_why_there_is_none() {
    let sim = empty();
    sim.script(Match::Image("*:gone".into()), Script::cannot_pull());
    let pod = |name: &str, containers: Value| json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "web"}, "spec": {"containers": containers}});
    sim.put(pod("two", json!([{"name": "a", "image": "a"}, {"name": "b", "image": "b"}]))).unwrap();
    sim.put(pod("none", json!([{"name": "a", "image": "a:gone"}]))).unwrap();
    step(&sim, 10);
    let (code, status) = call(&sim, "GET", "/api/v1/namespaces/web/pods/two/log", "", Value::Null).await;
    assert_eq!((code, &status["message"]), (400, &json!("a container name must be specified for pod two, choose one of: [a b]")));
    let (_, status) = call(&sim, "GET", "/api/v1/namespaces/web/pods/none/log", "", Value::Null).await;
    assert_eq!(status["message"], "container \"a\" in pod \"none\" is waiting to start: trying and failing to pull image");
    let (_, status) = call(&sim, "GET", "/api/v1/namespaces/web/pods/two/log?container=a&previous=true", "", Value::Null).await;
    assert_eq!(status["message"], "previous terminated container \"a\" in pod \"two\" not found");
}

#[tokio::test]
async fn kube_client_lists_watches_patches_and_reads_logs() {
    use k8s_openapi::api::{apps::v1::Deployment, authorization::v1::SelfSubjectAccessReview, core::v1::Pod};
    use kube::api::{Api, DeleteParams, ListParams, LogParams, Patch, PatchParams, PostParams};
    let sim = demo();
    let client = kube::Client::new(sim.router(), "todo-chatbot");
    let deployments: Api<Deployment> = Api::default_namespaced(client.clone());
    assert_eq!(deployments.list(&ListParams::default()).await.unwrap().items.len(), 3);
    let patch = Patch::Merge(json!({"spec": {"replicas": 3}}));
    let dry = PatchParams { dry_run: true, ..PatchParams::default() };
    assert_eq!(deployments.patch_scale("backend", &dry, &patch).await.unwrap().spec.unwrap().replicas, Some(3));
    assert_eq!(deployments.get_scale("backend").await.unwrap().spec.unwrap().replicas, Some(2));
    deployments.patch_scale("backend", &PatchParams::default(), &patch).await.unwrap();
    sim.step(Duration::from_secs(10));
    assert_eq!(deployments.get("backend").await.unwrap().status.unwrap().ready_replicas, Some(3));
    let pods: Api<Pod> = Api::default_namespaced(client.clone());
    let worker = pods.list(&ListParams::default().labels("app=worker")).await.unwrap().items.remove(0);
    let name = worker.metadata.name.unwrap();
    let log = pods.logs(&name, &LogParams { tail_lines: Some(1), ..LogParams::default() }).await.unwrap();
    assert_eq!(log, "FATAL: DATABASE_URL is not set\n");
    let review = json!({"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": {"resourceAttributes": {"verb": "delete", "resource": "pods", "namespace": "todo-chatbot"}}});
    let review: SelfSubjectAccessReview = serde_json::from_value(review).unwrap();
    assert!(Api::all(client.clone()).create(&PostParams::default(), &review).await.unwrap().status.unwrap().allowed);
    pods.delete(&name, &DeleteParams::default()).await.unwrap();
    let discovery = kube::discovery::Discovery::new(client.clone()).run_aggregated().await.unwrap();
    assert!(discovery.groups().count() > 15);
    let plain = kube::discovery::Discovery::new(client).run().await.unwrap();
    assert_eq!(plain.groups().count(), discovery.groups().count());
}

#[tokio::test]
async fn kube_watcher_sees_a_rollout() {
    use k8s_openapi::api::core::v1::Pod;
    use kube::runtime::{WatchStreamExt, watcher};
    let sim = empty();
    let client = kube::Client::new(sim.router(), "web");
    let pods: kube::Api<Pod> = kube::Api::default_namespaced(client);
    let mut events = Box::pin(watcher(pods, watcher::Config::default()).touched_objects());
    sim.put(deployment("a", 1, "a:1")).unwrap();
    sim.step(Duration::from_secs(10));
    let pod = tokio::time::timeout(Duration::from_secs(5), events.next()).await.unwrap().unwrap().unwrap();
    assert!(pod.metadata.name.unwrap().starts_with("a-"));
}

#[test]
fn what_cannot_be_loaded_is_said() {
    let sim = empty();
    let refused: Refusal = sim.load_yaml("kind: Nonsense\napiVersion: v9").unwrap_err();
    assert_eq!(refused.code, 404);
    assert_eq!(sim.load_yaml(": : :").unwrap_err().code, 400);
}

/// For trying the cluster by hand with kubectl: `AIOPS_SERVE=127.0.0.1:8001 cargo test serve -- --ignored`.
#[tokio::test]
#[ignore = "serves until it is stopped"]
async fn serve() {
    let address = std::env::var("AIOPS_SERVE").unwrap_or_else(|_| "127.0.0.1:8001".to_owned());
    let now = std::sync::Arc::new(jiff::Timestamp::now);
    let sim = Scenario::find("todo-chatbot").unwrap().start(Settings::following(now)).unwrap();
    let listener = tokio::net::TcpListener::bind(address).await.unwrap();
    let running = sim.clone();
    tokio::select! {
        served = axum::serve(listener, sim.router()) => served.unwrap(),
        () = running.run() => {}
    }
}

#[tokio::test]
async fn events_are_forgotten_after_an_hour() {
    let sim = empty();
    sim.put(deployment("a", 1, "a:1")).unwrap();
    step(&sim, 60);
    assert!(!table(&sim, "/api/v1/namespaces/web/events").await.is_empty());
    step(&sim, 3600);
    assert!(table(&sim, "/api/v1/namespaces/web/events").await.is_empty());
}

#[tokio::test]
async fn two_hundred_pods_are_up_within_seconds() {
    let sim = empty();
    let begun = std::time::Instant::now();
    sim.put(deployment("a", 200, "a:1")).unwrap();
    step(&sim, 60);
    assert_eq!(get(&sim, &format!("{DEPLOYMENTS}/a")).await["status"]["readyReplicas"], 200);
    println!("200 pods: {:?}", begun.elapsed());
    let begun = std::time::Instant::now();
    demo();
    println!("demo: {:?}", begun.elapsed());
}
