//! Clusters that somebody wrote down, served as they were.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on ends here")]
use aiops::{
    doors::files,
    simulator::{
        Simulator,
        dump::{Dump, Loaded},
    },
};
use axum::body::Body;
use http::Request;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::{path::Path, process::Command, sync::Arc};
use tower::ServiceExt;

const LATER: &str = "2026-11-21T12:00:00Z";

fn finished(dump: Dump) -> Loaded {
    dump.finish(Arc::new(|| LATER.parse().unwrap()))
}

fn of(files: &[(&str, &str)]) -> Loaded {
    let mut dump = Dump::default();
    for (place, text) in files {
        dump.add(place, text.as_bytes());
    }
    finished(dump)
}

fn of_folder(root: &Path) -> Loaded {
    let mut dump = Dump::default();
    let read = files::dump(root, |place, read| match read {
        Ok(bytes) => dump.add(place, &bytes),
        Err(why) => dump.leave_out(place, &why),
    });
    read.unwrap_or_else(|e| panic!("{}", e.sentence));
    finished(dump)
}

async fn call(sim: &Simulator, method: &str, path: &str, accept: &str, body: Value) -> (u16, String) {
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    let kind = if method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
    let request = Request::builder().method(method).uri(path).header("accept", accept).header("content-type", kind).body(body).unwrap();
    let response = sim.router().oneshot(request).await.unwrap();
    let code = response.status().as_u16();
    (code, String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap())
}

async fn text(sim: &Simulator, path: &str) -> String {
    call(sim, "GET", path, "*/*", Value::Null).await.1
}

async fn get(sim: &Simulator, path: &str) -> Value {
    serde_json::from_str(&text(sim, path).await).unwrap()
}

/// The cells of a table, a row a line.
async fn table(sim: &Simulator, path: &str) -> Vec<String> {
    let (_, table) = call(sim, "GET", path, "application/json;as=Table;v=v1;g=meta.k8s.io", Value::Null).await;
    let table: Value = serde_json::from_str(&table).unwrap();
    let cell = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    let row = |r: &Value| r["cells"].as_array().unwrap().iter().map(cell).collect::<Vec<_>>().join(" ");
    table["rows"].as_array().unwrap().iter().map(row).collect()
}

/// A pod that restarted, as a List of the client's own making has it: without apiVersion and kind.
fn pod(name: &str) -> Value {
    json!({
        "metadata": {
            "name": name, "namespace": "shop", "uid": format!("uid-of-{name}"), "resourceVersion": "41", "creationTimestamp": "2026-01-10T08:00:00Z",
            "managedFields": [{"manager": "kubelet", "operation": "Update", "apiVersion": "v1", "time": "2026-01-10T09:00:00Z", "fieldsType": "FieldsV1", "fieldsV1": {"f:status": {}}}],
        },
        "spec": {"nodeName": "n1", "containers": [{"name": "web", "image": "web:1"}, {"name": "side", "image": "side:1"}]},
        "status": {
            "phase": "Running",
            "containerStatuses": [
                {"name": "web", "ready": false, "restartCount": 7, "image": "web:1", "imageID": "", "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                 "lastState": {"terminated": {"exitCode": 1, "reason": "Error", "startedAt": "2026-01-10T08:58:00Z", "finishedAt": "2026-01-10T08:58:02Z"}}},
                {"name": "side", "ready": true, "restartCount": 0, "image": "side:1", "imageID": "", "state": {"running": {"startedAt": "2026-01-10T08:00:03Z"}}, "lastState": {}},
            ],
        },
    })
}

#[tokio::test]
async fn a_cluster_info_dump_is_served_as_it_was() {
    let list = |kind: &str, items: Value| json!({"kind": kind, "apiVersion": "v1", "metadata": {}, "items": items}).to_string();
    let logs = "==== START logs for container web of pod shop/web-1 ====\nstarting\nFATAL: no config\n==== END logs for container web of pod shop/web-1 ====\n\
                ==== START logs for container side of pod shop/web-1 ====\nhello\n==== END logs for container side of pod shop/web-1 ====\n";
    let loaded = of(&[
        ("nodes.json", &list("NodeList", json!([{"metadata": {"name": "n1", "uid": "u"}}]))),
        ("shop/pods.json", &list("PodList", json!([pod("web-1"), pod("web-2")]))),
        ("shop/services.json", &list("ServiceList", Value::Null)),
        ("shop/web-1/logs.txt", logs),
        ("shop/web-9/logs.txt", "who"),
    ]);
    assert_eq!((loaded.objects, loaded.namespace.as_str()), (3, "shop"));
    assert_eq!(loaded.taken.to_string(), "2026-01-10T09:00:00Z");
    assert_eq!(loaded.left_out, ["the log of shop/web-9: there is no such pod in the dump"]);
    let sim = loaded.simulator;
    let rows = table(&sim, "/api/v1/namespaces/shop/pods").await;
    assert!(rows[0].starts_with("web-1 1/2 CrashLoopBackOff 7 (118s ago) 60m"), "{rows:?}");
    let kept = get(&sim, "/api/v1/namespaces/shop/pods/web-1").await;
    assert_eq!(kept["metadata"]["uid"], "uid-of-web-1");
    assert_eq!(kept["metadata"]["managedFields"], pod("web-1")["metadata"]["managedFields"]);
    assert_eq!(kept["status"], pod("web-1")["status"]);
    let log = |query: &str| format!("/api/v1/namespaces/shop/pods/web-1/log?{query}");
    assert_eq!(text(&sim, &log("container=web&previous=true")).await, "starting\nFATAL: no config\n");
    assert_eq!(text(&sim, &log("container=side&tailLines=1")).await, "hello\n");
    // An hour later by a clock that goes on, nobody has evicted, restarted or forgotten anything.
    sim.step(std::time::Duration::from_secs(3600));
    assert_eq!(get(&sim, "/api/v1/namespaces/shop/pods/web-2").await["status"], pod("web-2")["status"]);
}

#[tokio::test]
async fn one_stream_of_cluster_info_dump_is_read_too() {
    let pods = json!({"kind": "PodList", "apiVersion": "v1", "items": [pod("web-1")]});
    let stream = format!(
        "{pods}\n==== START logs for container side of pod shop/web-1 ====\nline\n==== END logs for container side of pod shop/web-1 ====\n"
    );
    let loaded = of(&[("dump.txt.json", &stream)]);
    assert_eq!((loaded.objects, loaded.left_out.len()), (1, 0), "{:?}", loaded.left_out);
    assert_eq!(text(&loaded.simulator, "/api/v1/namespaces/shop/pods/web-1/log?container=side").await, "line\n");
}

#[tokio::test]
async fn a_must_gather_tree_is_served_as_it_was() {
    let home = tempfile::tempdir().unwrap();
    let write = |place: &str, text: &str| {
        let at = home.path().join("must-gather/quay-io").join(place);
        std::fs::create_dir_all(at.parent().unwrap()).unwrap();
        std::fs::write(at, text).unwrap();
    };
    let typed = |mut object: Value, api_version: &str, kind: &str| {
        (object["apiVersion"], object["kind"]) = (api_version.into(), kind.into());
        object
    };
    let pods = json!({"apiVersion": "v1", "kind": "PodList", "items": [typed(pod("web-1"), "v1", "Pod")]});
    write("namespaces/shop/core/pods.yaml", &serde_saphyr::to_string(&pods).unwrap());
    write("namespaces/shop/pods/web-1/web-1.yaml", &serde_saphyr::to_string(&typed(pod("web-1"), "v1", "Pod")).unwrap());
    write("namespaces/shop/pods/web-1/web/web/logs/current.log", "2026-01-10T08:58:01.5Z FATAL: no config\n");
    write("namespaces/shop/pods/web-1/web/web/logs/previous.log", "2026-01-10T08:50:01.5Z FATAL: no config before\nat main\n");
    write(
        "cluster-scoped-resources/core/nodes/n1.yaml",
        "apiVersion: v1\nkind: Node\nmetadata: {name: n1, creationTimestamp: 2025-12-01T00:00:00Z}\n",
    );
    write(
        "cluster-scoped-resources/config.openshift.io/clusterversions.yaml",
        "apiVersion: config.openshift.io/v1\nkind: ClusterVersionList\nitems:\n- apiVersion: config.openshift.io/v1\n  kind: ClusterVersion\n  metadata: {name: version}\n  status: {desired: {version: 4.20.1}}\n",
    );
    write("event-filter.html", "<html>");
    let loaded = of_folder(home.path());
    assert_eq!((loaded.objects, loaded.left_out.len()), (3, 0), "{:?}", loaded.left_out);
    let sim = loaded.simulator;
    let log = "/api/v1/namespaces/shop/pods/web-1/log?container=web&timestamps=true&previous=";
    assert_eq!(text(&sim, &format!("{log}false")).await, "2026-01-10T08:58:01.500000000Z FATAL: no config\n");
    assert_eq!(
        text(&sim, &format!("{log}true")).await,
        "2026-01-10T08:50:01.500000000Z FATAL: no config before\n2026-01-10T08:50:01.500000000Z at main\n"
    );
    let version = get(&sim, "/apis/config.openshift.io/v1/clusterversions/version").await;
    assert_eq!(version["status"]["desired"]["version"], "4.20.1");
    assert!(table(&sim, "/api/v1/nodes").await[0].contains(" 40d "), "{:?}", table(&sim, "/api/v1/nodes").await);
    assert_eq!(
        get(&sim, "/api/v1/namespaces/shop").await["status"]["phase"],
        "Active",
        "the dump has no Namespace; there is one all the same"
    );
}

#[tokio::test]
async fn changes_go_to_the_copy_and_nobody_acts_on_them() {
    let manifest = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop, creationTimestamp: 2026-01-10T08:00:00Z}\nspec:\n  replicas: 2\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec: {containers: [{name: web, image: 'web:1'}]}\nstatus: {replicas: 2, readyReplicas: 1, availableReplicas: 1, updatedReplicas: 2}\n";
    let loaded = of(&[("web.yaml", manifest)]);
    let path = "/apis/apps/v1/namespaces/shop/deployments/web";
    let (code, answer) = call(&loaded.simulator, "PATCH", path, "*/*", json!({"spec": {"replicas": 5}})).await;
    assert_eq!(code, 200, "{answer}");
    let now = get(&loaded.simulator, path).await;
    assert_eq!((&now["spec"]["replicas"], &now["status"]["replicas"]), (&json!(5), &json!(2)));
    assert_eq!(get(&loaded.simulator, "/api/v1/namespaces/shop/pods").await["items"], json!([]));
    // Figures would be made up here.
    let (code, answer) = call(&loaded.simulator, "GET", "/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods", "*/*", Value::Null).await;
    assert_eq!(code, 503, "{answer}");
}

#[tokio::test]
async fn what_is_broken_is_named_and_the_rest_is_loaded() {
    let bomb = (0..9).fold("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned(), |yaml, n| {
        let again = format!("*a{n}, ").repeat(10);
        format!("{yaml}a{}: &a{} [{}]\n", n + 1, n + 1, again.trim_end_matches(", "))
    });
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_yaml = format!("a: {}", "[".repeat(5_000));
    let good = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME, namespace: shop}\n";
    let mixed = format!(
        "# notes\n---\n{}---\nkind: [broken\n--- \n- 1\n---\nkind: Pod\n---\n{}",
        good.replace("NAME", "a"),
        good.replace("NAME", "b")
    );
    let mut dump = Dump::default();
    for (place, bytes) in [
        ("mixed.yaml", mixed.as_bytes()),
        ("bomb.yaml", bomb.as_bytes()),
        ("deep.json", deep.as_bytes()),
        ("deep.yaml", deep_yaml.as_bytes()),
        ("bytes.yaml", b"kind: \xFF\xFE"),
        ("include.yaml", b"!include /etc/passwd\n"),
        ("two.json", br#"{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "shop"}} {"kind": ]"#),
        ("nameless.yaml", b"apiVersion: v1\nkind: ConfigMap\nmetadata: {namespace: shop}\n"),
        ("nowhere.yaml", b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"),
        ("review.json", br#"{"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "metadata": {"name": "x"}}"#),
        ("empty.yaml", b""),
        ("lists.json", br#"{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"List","items":[]}]}]}]}"#),
        ("odd.yaml", b"apiVersion: stable.example.com/v1\nkind: Policy\nmetadata: {name: p, namespace: shop}\n"),
    ] {
        dump.add(place, bytes);
    }
    let loaded = finished(dump);
    let left_out = loaded.left_out.join("\n");
    for said in [
        "mixed.yaml: document 2 is broken at line 7",
        "mixed.yaml, document 3: no object, but a list",
        "mixed.yaml, document 4: no Kubernetes object",
        "bomb.yaml: document 1 is broken",
        "deep.json: document 1 is broken",
        "deep.yaml: document 1 is broken",
        "bytes.yaml: it is no UTF-8 text",
        "include.yaml",
        "two.json: document 2 is broken at line 1",
        "nameless.yaml, document 1: ConfigMap without a name",
        "review.json, document 1: SelfSubjectAccessReview is an answer",
        "lists.json",
    ] {
        assert!(left_out.contains(said), "{said}:\n{left_out}");
    }
    assert!(!left_out.contains("root:"), "{left_out}");
    let maps = table(&loaded.simulator, "/api/v1/namespaces/shop/configmaps").await;
    assert_eq!(maps.iter().map(|row| &row[..1]).collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(get(&loaded.simulator, "/apis/stable.example.com/v1/namespaces/shop/policies/p").await["kind"], "Policy");
    assert_eq!(get(&loaded.simulator, "/api/v1/namespaces/default/configmaps/x").await["kind"], "ConfigMap", "as kubectl would take it");
    assert_eq!(loaded.objects, 5);
}

/// The program itself on a dump: what it says is on standard error, and the copy is named where a context would be.
#[test]
fn the_demo_runs_on_a_dump() {
    let home = tempfile::tempdir().unwrap();
    let at = home.path().join("monday");
    std::fs::create_dir(&at).unwrap();
    std::fs::write(at.join("pods.json"), json!({"kind": "PodList", "apiVersion": "v1", "items": [pod("web-1")]}).to_string()).unwrap();
    std::fs::write(at.join("broken.yaml"), "a: [").unwrap();
    std::fs::write(at.join("map.yaml"), "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: map, namespace: shop}\n").unwrap();
    let run = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_aiops"));
        command.args(args).env_clear().env("HOME", home.path()).stdin(std::process::Stdio::null());
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let path = at.to_str().unwrap();
    let (code, out, err) = run(&["demo", "--from", path, "get pods"]);
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(out.contains("web-1") && out.contains("CrashLoopBackOff") && out.contains("60m"), "{out}");
    assert!(err.contains("2 objects of monday, as they were at 2026-01-10 09:00:00Z") && err.contains("left out: broken.yaml"), "{err}");
    let (_, out, _) = run(&["demo", "--from", path, "--yes", "label configmap map seen=yes"]);
    assert!(out.contains("monday, a copy in memory"), "{out}");
    let (code, _, err) = run(&["demo", "--from", home.path().join("nowhere").to_str().unwrap(), "get pods"]);
    assert!(code == Some(2) && err.contains("there is no file"), "{err}");
    assert_eq!(run(&["demo", "--from", path, "--scenario", "todo-chatbot"]).0, Some(2));
}

/// A dump that the real kubectl makes of the real cluster: everything in it is served, as kubectl showed it.
#[tokio::test]
async fn what_kubectl_dumps_of_the_real_cluster_is_loaded_whole() {
    let (Ok(kubeconfig), Ok(kubectl)) = (std::env::var("AIOPS_TEST_KUBECONFIG"), std::env::var("AIOPS_TEST_KUBECTL")) else {
        eprintln!("not tried: AIOPS_TEST_KUBECONFIG and AIOPS_TEST_KUBECTL are not set");
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        let output = Command::new(&kubectl).args(["--kubeconfig", &kubeconfig]).args(args).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let folder = home.path().to_str().unwrap();
    run(&["cluster-info", "dump", "--namespaces", "default,kube-system", "--output-directory", folder]);
    let loaded = of_folder(home.path());
    assert!(loaded.left_out.is_empty(), "{:?}", loaded.left_out);
    let wide: Value = serde_json::from_str(&run(&["get", "--raw", "/api/v1/nodes"])).unwrap();
    let names = |list: &Value| list["items"].as_array().unwrap().iter().map(|n| n["metadata"]["uid"].clone()).collect::<Vec<_>>();
    assert_eq!(names(&get(&loaded.simulator, "/api/v1/nodes").await), names(&wide));
    let services = get(&loaded.simulator, "/api/v1/namespaces/default/services").await;
    assert_eq!(services["items"][0]["metadata"]["name"], "kubernetes");
}

/// Recorded clusters of other people, where they are at hand: all that is an object is loaded.
#[test]
fn recorded_clusters_are_loaded() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cases/broken_clusters.jsonl");
    let Ok(cases) = std::fs::read_to_string(&path) else {
        eprintln!("not tried: {} is not there", path.display());
        return;
    };
    let (mut total, mut left_out) = (0, Vec::new());
    for case in cases.lines() {
        let case: Value = serde_json::from_str(case).unwrap();
        let loaded = of(&[("objects.yaml", case["objects"].as_str().unwrap_or_default())]);
        total += loaded.objects;
        left_out
            .extend(loaded.left_out.into_iter().filter(|w| !w.contains("no Kubernetes object")).map(|w| format!("{}: {w}", case["id"])));
    }
    println!("{total} objects");
    assert!(left_out.is_empty() && total > 200, "{total}: {left_out:#?}");
}
