//! Apply: what others have set, what client-side apply has set, many objects, what is no longer meant. On the built-in cluster and on the real
//! one, held against `kubectl apply --server-side`.

use crate::support::face::{Person, real_kubeconfig};
use aiops::{faces::args::Global, simulator::Simulator};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use std::{
    io::Write as _,
    path::PathBuf,
    process::{Command, Stdio},
};
use tower::ServiceExt as _;

/// Somebody else who applies: kubectl on the real cluster, its requests on the built-in one.
enum Other {
    Kubectl(PathBuf),
    Requests(Simulator),
}

struct Bench {
    person: Person,
    prefix: String,
    other: Other,
}

const MANIFEST: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web, old: 'yes'}, annotations: {note: first}}
spec:
  replicas: 0
  minReadySeconds: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: 'nginx:1.27', env: [{name: A, value: '1'}, {name: B, value: '2'}]}
      - {name: side, image: 'busybox:1.36'}
";

const LATER: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: 'nginx:1.28', env: [{name: A, value: '3'}]}
";

impl Bench {
    async fn built_in() -> Bench {
        let (person, simulator, _) = Person::over_a_wire().await;
        Bench { person, prefix: "app".into(), other: Other::Requests(simulator) }
    }

    async fn real(test: &str) -> Option<Bench> {
        let kubeconfig = real_kubeconfig(test)?;
        let person = Person::on_real(kubeconfig.clone()).await;
        Some(Bench { person, prefix: format!("chg-{test}-{}", std::process::id()), other: Other::Kubectl(kubeconfig) })
    }

    fn on_real(&self) -> bool {
        matches!(self.other, Other::Kubectl(_))
    }

    async fn says(&self, ns: &str, said: &str, code: u8) -> String {
        let flags = Global { yes: true, confirm: Some("web".into()), ..Global::default() };
        let heard = self.person.says_with(ns, &[said], flags).await;
        assert_eq!(heard.code, code, "{said}: {}", heard.text);
        heard.text
    }

    /// The same, with the name typed that is asked for.
    async fn says_and_types(&self, ns: &str, said: &str) -> String {
        let heard = self.person.says(ns, &[said]).await;
        let Some(name) = heard.text.rsplit_once("--confirm ").map(|(_, rest)| rest.split([')', ' ', '\n']).next().unwrap().to_string())
        else {
            assert_eq!(heard.code, 0, "{said}: {}", heard.text);
            return heard.text;
        };
        let flags = Global { yes: true, confirm: Some(name), ..Global::default() };
        let heard = self.person.says_with(ns, &[said], flags).await;
        assert_eq!(heard.code, 0, "{said}: {}", heard.text);
        heard.text
    }

    /// kubectl, with something on its standard input.
    fn kubectl(&self, line: &str, input: &str) {
        let Other::Kubectl(kubeconfig) = &self.other else { return };
        let program = std::env::var("AIOPS_TEST_KUBECTL").unwrap_or_else(|_| "kubectl".into());
        let mut child = Command::new(program)
            .args(line.split(' '))
            .arg("--kubeconfig")
            .arg(kubeconfig)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let out = child.wait_with_output().unwrap();
        assert!(out.status.success(), "{line}: {}", String::from_utf8_lossy(&out.stderr));
    }

    /// A request of somebody else's to the built-in cluster.
    async fn request(&self, method: &str, uri: &str, content: &str, body: &Value) {
        let Other::Requests(simulator) = &self.other else { return };
        let request = http::Request::builder().method(method).uri(uri).header("content-type", content);
        let answer = simulator.router().oneshot(request.body(axum::body::Body::from(body.to_string())).unwrap()).await.unwrap();
        let status = answer.status();
        let text = answer.into_body().collect().await.unwrap().to_bytes();
        assert!(status.is_success(), "{method} {uri}: {}", String::from_utf8_lossy(&text));
    }

    /// The manifest as client-side apply makes it.
    async fn applied_client_side(&self, ns: &str, manifest: &str) {
        if self.on_real() {
            return self.kubectl(&format!("apply -n {ns} -f -"), manifest);
        }
        let mut object: Value = aiops::doors::files::parse("x", manifest.as_bytes()).unwrap().values.remove(0);
        let said = format!("{object}\n");
        object["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"] = json!(said);
        let uri = format!("/apis/apps/v1/namespaces/{ns}/deployments?fieldManager=kubectl-client-side-apply");
        self.request("POST", &uri, "application/json", &object).await;
    }

    /// Somebody else sets the replicas.
    async fn scaled_by_another(&self, ns: &str, replicas: u32) {
        self.kubectl(&format!("scale -n {ns} deployment/web --replicas={replicas}"), "");
        let uri = format!("/apis/apps/v1/namespaces/{ns}/deployments/web?fieldManager=kubectl-scale");
        self.request("PATCH", &uri, "application/merge-patch+json", &json!({"spec": {"replicas": replicas}})).await;
    }

    async fn done(&self, namespaces: &[&String]) {
        for ns in namespaces {
            self.kubectl(&format!("delete namespace {ns} --wait=false"), "");
        }
    }
}

/// Without what differs between any two objects of the same making.
fn bare(mut object: Value) -> Value {
    if let Some(map) = object.as_object_mut() {
        map.remove("status");
    }
    if let Some(meta) = object["metadata"].as_object_mut() {
        for field in ["uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "namespace"] {
            meta.remove(field);
        }
        if let Some(annotations) = meta.get_mut("annotations").and_then(Value::as_object_mut) {
            annotations.remove("deployment.kubernetes.io/revision");
            annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
            if annotations.is_empty() {
                meta.remove("annotations");
            }
        }
    }
    object
}

fn owners(object: &Value) -> Vec<String> {
    let entries = object.pointer("/metadata/managedFields").and_then(Value::as_array).unwrap();
    let said = entries.iter().map(|e| format!("{} {}", e["manager"].as_str().unwrap(), e["operation"].as_str().unwrap()));
    said.filter(|s| !s.starts_with("kube-controller") && !s.starts_with("built-in")).collect()
}

async fn taken_over(bench: &Bench) {
    let (ours, theirs) = (format!("{}-over-a", bench.prefix), format!("{}-over-b", bench.prefix));
    bench.person.namespace(&ours).await;
    bench.applied_client_side(&ours, MANIFEST).await;
    let before = bench.person.object("deployment", "web", &ours).await.unwrap();
    let later = bench.person.file("later.yaml", LATER);
    let said = format!("kubectl apply -f {}", later.display());
    let told = bench.says(&ours, &said, 0).await;
    assert!(told.contains("kubectl-client-side-apply applied before") && told.contains("minReadySeconds"), "{told}");
    let after = bench.person.object("deployment", "web", &ours).await.unwrap();
    assert_eq!(after.pointer("/metadata/labels"), Some(&json!({"app": "web"})));
    assert_eq!(after.pointer("/spec/template/spec/containers").and_then(Value::as_array).map(Vec::len), Some(1));
    assert!(after.pointer("/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration").is_none(), "{after}");
    assert!(owners(&after).contains(&"aiops Apply".to_string()), "{:?}", owners(&after));
    assert!(!owners(&after).iter().any(|o| o.starts_with("kubectl-client-side-apply")), "{:?}", owners(&after));
    if bench.on_real() {
        bench.kubectl(&format!("create namespace {theirs}"), "");
        bench.kubectl(&format!("apply -n {theirs} -f -"), MANIFEST);
        bench.kubectl(&format!("apply --server-side -n {theirs} -f -"), LATER);
        let kubectls = bench.person.object("deployment", "web", &theirs).await.unwrap();
        assert_eq!(bare(after.clone()), bare(kubectls), "what kubectl makes of it");
    }
    // From now on it is an apply like any other: nothing to do, and nothing to take over.
    let told = bench.says(&ours, &said, 0).await;
    assert!(told.contains("so already"), "{told}");
    bench.says(&ours, "undo", 0).await;
    assert_eq!(bare(before), bare(bench.person.object("deployment", "web", &ours).await.unwrap()), "undo");
    bench.done(&[&ours, &theirs]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn client_side_applies_are_taken_over_on_the_built_in_cluster() {
    taken_over(&Bench::built_in().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn client_side_applies_are_taken_over_on_the_real_cluster() {
    let Some(bench) = Bench::real("over").await else { return };
    taken_over(&bench).await;
}

async fn contested(bench: &Bench) {
    let ns = format!("{}-force", bench.prefix);
    bench.person.namespace(&ns).await;
    let file = bench.person.file("web.yaml", MANIFEST);
    let said = format!("kubectl apply -f {}", file.display());
    bench.says(&ns, &said, 0).await;
    bench.scaled_by_another(&ns, 1).await;
    let before = bench.person.object("deployment", "web", &ns).await.unwrap();
    let owner = if bench.on_real() { "kubectl" } else { "kubectl-scale" };
    let told = bench.says(&ns, &said, 1).await;
    assert!(told.contains(".spec.replicas") && told.contains(owner) && told.contains("--force-conflicts"), "{told}");
    assert_eq!(bare(before.clone()), bare(bench.person.object("deployment", "web", &ns).await.unwrap()));
    let told = bench.says(&ns, &format!("{said} --force-conflicts"), 0).await;
    assert!(told.contains(&format!(".spec.replicas is taken from {owner}")), "{told}");
    let after = bench.person.object("deployment", "web", &ns).await.unwrap();
    assert_eq!(after.pointer("/spec/replicas"), Some(&json!(0)));
    bench.says(&ns, "undo", 0).await;
    assert_eq!(bare(before), bare(bench.person.object("deployment", "web", &ns).await.unwrap()), "undo");
    bench.done(&[&ns]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_by_force_is_shown_on_the_built_in_cluster() {
    contested(&Bench::built_in().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_by_force_is_shown_on_the_real_cluster() {
    let Some(bench) = Bench::real("force").await else { return };
    contested(&bench).await;
}

/// Of two documents the second is not what it says: nothing of either is applied, and the words name the object.
#[tokio::test(flavor = "multi_thread")]
async fn of_a_broken_file_nothing_is_applied() {
    let bench = Bench::built_in().await;
    bench.person.namespace("app").await;
    let good = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: good}\n---\n";
    for (bad, word) in [
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bad}\ndata: [1]\n", "broken.yaml:8: .data"),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bad}\ndate: {a: b}\n", "broken.yaml:8: .date"),
        ("apiVersion: v9\nkind: Nothing\nmetadata: {name: bad}\n", "broken.yaml:5: no kind Nothing"),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n", "broken.yaml:5: object 2 of the manifest has no metadata.name"),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bad}\ndata: {a: b}\ndata: {c: d}\n", "twice"),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata:\n\tname: bad\n", "line 8"),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Bad_Name}\n", "Bad_Name"),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: bad-}\n", "without a name"),
    ] {
        let file = bench.person.file("broken.yaml", &format!("{good}{bad}"));
        let flags = Global { yes: true, ..Global::default() };
        let heard = bench.person.says_with("app", &[&format!("kubectl apply -f {}", file.display())], flags).await;
        assert!(heard.code != 0 && flowing(&heard.text).contains(word), "{word}: {} {}", heard.code, heard.text);
        assert_eq!(bench.person.object("configmap", "good", "app").await, None, "{bad}");
    }
}

/// What is said, without its line ends.
fn flowing(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

const REFUSED: &str = "apiVersion: v1
kind: ConfigMap
metadata: {name: fine}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: nginx
        ports:
        - containerPort: 80
        - containerPort: 800000
";

/// What the server refuses is told with the line of the file, in its own words behind it; nothing is made.
async fn refused(bench: &Bench) {
    let ns = format!("{}-refused", bench.prefix);
    bench.person.namespace(&ns).await;
    let of_port = ":20: spec.template.spec.containers[0].ports[1].containerPort: Invalid value: 800000";
    let of_type = REFUSED.replace("replicas: 1", "replicas: one").replace("800000", "8000");
    let of_name = REFUSED.replace("image: nginx", "imige: nginx").replace("800000", "8000");
    for (verb, text, told) in [
        ("apply", REFUSED, vec![of_port]),
        ("create", REFUSED, vec![of_port]),
        ("diff", REFUSED, vec![of_port]),
        ("apply", &of_type, vec![":10: .spec.replicas: expected numeric"]),
        ("create", &of_type, vec!["cannot unmarshal string", ":10: spec.replicas"]),
        ("apply", &of_name, vec![":17: .spec.template.spec.containers[name=\"web\"].imige: field not declared in schema"]),
        (
            "create",
            &of_name,
            vec!["unknown field \"spec.template.spec.containers[0].imige\"", ":17: spec.template.spec.containers[0].imige"],
        ),
    ] {
        let file = bench.person.file("refused.yaml", text);
        let said = bench.says(&ns, &format!("kubectl {verb} -f {}", file.display()), 1).await;
        for told in told {
            assert!(flowing(&said).contains(told), "{verb}, {told}: {said}");
        }
        assert_eq!(bench.person.object("configmap", "fine", &ns).await, None, "{verb}: {said}");
    }
    bench.done(&[&ns]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_has_a_line_on_the_built_in_cluster() {
    refused(&Bench::built_in().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_has_a_line_on_the_real_cluster() {
    let Some(bench) = Bench::real("refused").await else { return };
    refused(&bench).await;
}

/// Two hundred objects in a namespace that comes with them: made, changed, pruned, and taken back.
async fn many(bench: &Bench) {
    let ns = format!("{}-many", bench.prefix);
    let map = |n: usize, value: &str| {
        format!(
            "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: m-{n}, namespace: {ns}, labels: {{app: many}}}}\ndata: {{k: {value}}}\n"
        )
    };
    // The namespace stands last in the file, and is made first.
    let all: String = (0..200).map(|n| map(n, "a")).collect();
    let space = format!("---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: {ns}}}\n");
    let folder = bench.person.file("many.yaml", "").with_file_name("many");
    std::fs::create_dir_all(folder.join("deeper")).unwrap();
    std::fs::write(folder.join("space.yaml"), &space).unwrap();
    std::fs::write(folder.join("deeper/maps.yaml"), &all).unwrap();
    let began = std::time::Instant::now();
    bench.says_and_types("default", &format!("kubectl apply -R -f {}", folder.display())).await;
    println!("200 objects applied in {:?}", began.elapsed());
    if bench.on_real() {
        let began = std::time::Instant::now();
        let theirs = format!("{ns}-b");
        bench.kubectl(&format!("create namespace {theirs}"), "");
        bench.kubectl(&format!("apply -n {theirs} -f -"), &all.replace(&format!("namespace: {ns}"), &format!("namespace: {theirs}")));
        println!("by kubectl in {:?}", began.elapsed());
        bench.done(&[&theirs]).await;
    }
    for n in [0, 99, 199] {
        assert!(bench.person.object("configmap", &format!("m-{n}"), &ns).await.is_some());
    }
    // Half of them are meant no more, one changed, and one was nobody's apply.
    let half: String = (0..100).map(|n| map(n, if n == 7 { "b" } else { "a" })).collect();
    bench.says(&ns, "kubectl create configmap by-hand", 0).await;
    bench.says(&ns, "kubectl label configmap by-hand app=many", 0).await;
    let file = bench.person.file("half.yaml", &half);
    let told = bench.says_and_types(&ns, &format!("kubectl apply -f {} --prune -l app=many", file.display())).await;
    assert!(told.contains("- configmap/m-150") && !told.contains("by-hand"), "{told}");
    assert!(bench.person.object("configmap", "m-150", &ns).await.is_none());
    assert!(bench.person.object("configmap", "by-hand", &ns).await.is_some());
    assert_eq!(bench.person.object("configmap", "m-7", &ns).await.unwrap()["data"]["k"], "b");
    bench.says_and_types(&ns, "undo").await;
    assert!(bench.person.object("configmap", "m-150", &ns).await.is_some());
    assert_eq!(bench.person.object("configmap", "m-7", &ns).await.unwrap()["data"]["k"], "a");
    bench.done(&[&ns]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_objects_on_the_built_in_cluster() {
    many(&Bench::built_in().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_objects_on_the_real_cluster() {
    let Some(bench) = Bench::real("many").await else { return };
    many(&bench).await;
}

/// What is piped in and what lies at an address is read for a person who said so, and for nobody else.
#[tokio::test(flavor = "multi_thread")]
async fn what_reaches_outside_is_a_persons_alone() {
    let bench = Bench::built_in().await;
    bench.person.namespace("app").await;
    let told = bench.says("app", "kubectl apply -f -", 1).await;
    assert!(told.contains("nothing is piped into aiops"), "{told}");
    let told = bench.says("app", "kubectl apply -f http://127.0.0.1:1/x.yaml", 1).await;
    assert!(told.contains("private network") && told.contains("--allow-private-hosts"), "{told}");
}
