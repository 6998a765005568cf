//! Changes that need a file, a part of an object or an answer: replaced, patched, approved; and what is waited for. On the built-in cluster
//! and on the real one, where the object is held against what kubectl itself makes of the same line.

use crate::support::face::{Person, real_kubeconfig};
use aiops::{faces::args::Global, ops::argv};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// A person on a cluster, a prefix for namespaces, and kubectl where it can be asked.
struct Bench {
    person: Person,
    prefix: String,
    kubectl: Option<PathBuf>,
}

impl Bench {
    async fn built_in() -> Bench {
        Bench { person: Person::on_built_in().await, prefix: "chg".into(), kubectl: None }
    }

    async fn real(test: &str) -> Option<Bench> {
        let kubeconfig = real_kubeconfig(test)?;
        let person = Person::on_real(kubeconfig.clone()).await;
        Some(Bench { person, prefix: format!("chg-{test}-{}", std::process::id()), kubectl: Some(kubeconfig) })
    }

    async fn says(&self, ns: &str, said: &str, code: u8) -> String {
        let flags = Global { yes: true, confirm: Some("web".into()), ..Global::default() };
        let heard = self.person.says_with(ns, &[said], flags).await;
        assert_eq!(heard.code, code, "{said}: {}", heard.text);
        heard.text
    }

    /// The same line by kubectl, in that namespace.
    fn theirs(&self, ns: &str, line: &str) -> bool {
        let Some(kubeconfig) = &self.kubectl else { return false };
        let program = std::env::var("AIOPS_TEST_KUBECTL").unwrap_or_else(|_| "kubectl".into());
        let words = argv::split(line).unwrap();
        let out = Command::new(program).args(&words[1..]).args(["-n", ns, "--kubeconfig"]).arg(kubeconfig).output().unwrap();
        assert!(out.status.success(), "{line}: {}", String::from_utf8_lossy(&out.stderr));
        true
    }

    /// Carries a line out in twin namespaces, compares, and takes ours back.
    async fn twins(&self, n: usize, first: &Path, line: &str, kind: &str, name: &str) {
        let (ours, theirs) = (format!("{}-{n}-a", self.prefix), format!("{}-{n}-b", self.prefix));
        let make = format!("kubectl create -f {}", first.display());
        self.person.namespace(&ours).await;
        self.says(&ours, &make, 0).await;
        let before = self.person.object(kind, name, &ours).await.map(bare);
        self.says(&ours, line, 0).await;
        let after = self.person.object(kind, name, &ours).await.map(bare);
        assert_ne!(before, after, "{line} changed nothing");
        if self.kubectl.is_some() {
            self.theirs("default", &format!("kubectl create namespace {theirs}"));
            self.theirs(&theirs, &make);
            self.theirs(&theirs, line);
            assert_eq!(after, self.person.object(kind, name, &theirs).await.map(bare), "what kubectl makes of {line}");
        }
        self.says(&ours, "undo", 0).await;
        assert_eq!(before, self.person.object(kind, name, &ours).await.map(bare), "undo of {line}");
        for ns in [ours, theirs].iter().take(if self.kubectl.is_some() { 2 } else { 0 }) {
            self.theirs("default", &format!("kubectl delete namespace {ns} --wait=false"));
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
            if annotations.is_empty() {
                meta.remove("annotations");
            }
        }
    }
    object
}

const FIRST: &str = "
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
      - {name: web, image: 'nginx:1.27', env: [{name: A, value: '1'}]}
      - {name: side, image: 'busybox:1.36'}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, labels: {old: 'yes'}}
data: {colour: blue, size: '3'}
";

const SECOND: &str = "
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, labels: {new: 'yes'}}
data: {colour: green}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: 'nginx:1.28'}]}
";

async fn replaced_and_patched(bench: &Bench) {
    let first = bench.person.file("first.yaml", FIRST);
    let second = bench.person.file("second.yaml", SECOND);
    let patch =
        bench.person.file("patch.yaml", "spec:\n  minReadySeconds: 7\n  template: {spec: {containers: [{name: side, $patch: delete}]}}\n");
    let node = bench.person.file("one.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n");
    let replace = format!("kubectl replace -f {}", second.display());
    let lines = [
        (replace.clone(), "deployment", "web"),
        (replace, "configmap", "settings"),
        (format!("kubectl patch deployment web --patch-file {}", patch.display()), "deployment", "web"),
        (r#"kubectl patch deployment web --subresource=scale --type=merge -p '{"spec":{"replicas":2}}'"#.to_string(), "deployment", "web"),
        (
            format!("kubectl patch -f {} --type merge -p '{{\"data\":{{\"size\":null,\"more\":\"x\"}}}}'", node.display()),
            "configmap",
            "settings",
        ),
        (
            r#"kubectl patch configmap/settings --type=json -p '[{"op":"remove","path":"/data/colour"}]'"#.to_string(),
            "configmap",
            "settings",
        ),
    ];
    for (n, (line, kind, name)) in lines.iter().enumerate() {
        bench.twins(n, &first, line, kind, name).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn replaced_and_patched_on_the_built_in_cluster() {
    replaced_and_patched(&Bench::built_in().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replaced_and_patched_on_the_real_cluster() {
    let Some(bench) = Bench::real("patched").await else { return };
    replaced_and_patched(&bench).await;
}

/// A replacement that says which state it was made from is refused once that has moved, and what is not there is not made.
#[tokio::test(flavor = "multi_thread")]
async fn a_replacement_of_something_else_is_refused() {
    let bench = Bench::built_in().await;
    bench.person.namespace("chg").await;
    let first = bench.person.file("first.yaml", FIRST);
    let replace = format!("kubectl replace -f {}", first.display());
    let told = bench.says("chg", &replace, 1).await;
    assert!(told.contains("does not exist") && told.contains("kubectl create -f"), "{told}");
    assert_eq!(bench.person.object("configmap", "settings", "chg").await, None);
    bench.says("chg", &format!("kubectl create -f {}", first.display()), 0).await;
    let mut object = bench.person.object("configmap", "settings", "chg").await.unwrap();
    bench.says("chg", "kubectl label configmap settings moved=yes", 0).await;
    object["data"] = json!({"colour": "red"});
    object["apiVersion"] = json!("v1");
    object["kind"] = json!("ConfigMap");
    let stale = bench.person.file("stale.json", &object.to_string());
    bench.says("chg", &format!("kubectl replace -f {}", stale.display()), 1).await;
    let now = bench.person.object("configmap", "settings", "chg").await.unwrap();
    assert_eq!((now.pointer("/data/colour"), now.pointer("/metadata/labels/moved")), (Some(&json!("blue")), Some(&json!("yes"))));
}

async fn waited_for(bench: &Bench) {
    let ns = &format!("{}-wait", bench.prefix);
    bench.person.namespace(ns).await;
    let first = bench.person.file("first.yaml", FIRST);
    bench.says(ns, &format!("kubectl create -f {}", first.display()), 0).await;
    bench.says(ns, "kubectl wait deployment/web --for=condition=Available --for=create", 0).await;
    bench.says(ns, "kubectl wait deployments -l app=web --for=condition=available=true --timeout=5s", 0).await;
    bench.says(ns, "kubectl wait pods -l app=none --for=delete", 0).await;
    bench.says(ns, "kubectl wait configmap/none --for=delete", 0).await;
    let told = bench.says(ns, "kubectl wait deployment/web --for=condition=Stuck --timeout=0", 1).await;
    assert!(told.contains("has no condition Stuck"), "{told}");
    let told = bench.says(ns, "kubectl wait deployment/none --for=condition=Available", 1).await;
    assert!(told.contains("is not there"), "{told}");
    let told = bench.says(ns, "kubectl wait configmap/settings --for=delete --timeout=1s", 1).await;
    assert!(told.contains("time is up") && told.contains("--timeout"), "{told}");
    let told = bench.says(ns, "kubectl wait configmap/none --for=create --timeout=1s", 1).await;
    assert!(told.contains("is not there yet"), "{told}");
    let waits = async { bench.person.says(ns, &["kubectl wait configmap/settings --for=delete --timeout=20s"]).await };
    let deletes = async {
        tokio::time::sleep(std::time::Duration::from_millis(600)).await;
        bench.person.another().says(ns, &["kubectl delete configmap/settings"]).await
    };
    let (waited, deleted) = tokio::join!(waits, deletes);
    assert_eq!((waited.code, deleted.code), (0, 0), "{} {}", waited.text, deleted.text);
    if bench.kubectl.is_some() {
        bench.theirs("default", &format!("kubectl delete namespace {ns} --wait=false"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn waited_for_on_the_built_in_cluster() {
    waited_for(&Bench::built_in().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn waited_for_on_the_real_cluster() {
    let Some(bench) = Bench::real("wait").await else { return };
    waited_for(&bench).await;
}

/// Deleting several objects waits for each of them, not only for the last.
#[tokio::test(flavor = "multi_thread")]
async fn each_of_several_that_end_is_waited_for() {
    let bench = Bench::built_in().await;
    bench.person.namespace("chg").await;
    let held = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: held, finalizers: [example.com/held]}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: free}\n";
    let file = bench.person.file("held.yaml", held);
    bench.says("chg", &format!("kubectl create -f {}", file.display()), 0).await;
    let deletes = async { bench.person.says("chg", &["kubectl delete configmap held free"]).await };
    let frees = async {
        tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
        assert!(bench.person.object("configmap", "held", "chg").await.is_some());
        bench.person.another().says("chg", &[r#"kubectl patch configmap held --type=merge -p '{"metadata":{"finalizers":null}}'"#]).await
    };
    let (deleted, freed) = tokio::join!(deletes, frees);
    assert_eq!((deleted.code, freed.code), (0, 0), "{} {}", deleted.text, freed.text);
    assert!(bench.person.object("configmap", "held", "chg").await.is_none(), "{}", deleted.text);
}

/// A request for a certificate by a user that may not do anything; the key was thrown away.
fn request(name: &str) -> String {
    let request = concat!(
        "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlITU1ITUNBUUF3RVRFUE1BMEdBMVVFQXd3R2JtOWliMlI1TUZrd0V3WUhLb1pJemowQ0FR",
        "WUlLb1pJemowRApBUWNEUWdBRWJyRnBISmxhVWRGOTZQL0liSDhPSmF0L2M4bFFZMXpLTUpxQnF5b2hmdis5TkNwOFlCODkzTlNRCkI2TkpRaGNiTE5YRHZQ",
        "czNMQithTEdXVDNDczgrcUFBTUFvR0NDcUdTTTQ5QkFNQ0Ewa0FNRVlDSVFEWUhpdTQKcENNT3JaRTI3RERlbXZ4N3lndGpmOE5TTlVHMjNvQ3BleDhYTkFJ",
        "aEFQOWwyQWN4Z1c4bTl3Q0h2R0ZiLzNvdwpPTDFOOTErc2JUWm9sZ2R6ZnAwNwotLS0tLUVORCBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K",
    );
    format!(
        "apiVersion: certificates.k8s.io/v1\nkind: CertificateSigningRequest\nmetadata: {{name: {name}}}\nspec:\n  request: {request}\n  signerName: example.com/nobody\n  usages: [client auth]\n"
    )
}

async fn answered(bench: &Bench) {
    let names = [format!("{}-yes", bench.prefix), format!("{}-no", bench.prefix)];
    for name in &names {
        let file = bench.person.file("csr.yaml", &request(name));
        let flags = || Global { yes: true, confirm: Some(name.clone()), ..Global::default() };
        let heard = bench.person.says_with("default", &[&format!("kubectl create -f {}", file.display())], flags()).await;
        assert_eq!(heard.code, 0, "{}", heard.text);
        let (verb, other) = if name.ends_with("yes") { ("approve", "deny") } else { ("deny", "approve") };
        let heard = bench.person.says_with("default", &[&format!("kubectl certificate {verb} {name}")], flags()).await;
        assert_eq!(heard.code, 0, "{}", heard.text);
        let after = bench.person.object("certificatesigningrequest", name, "default").await.unwrap();
        let word = if verb == "approve" { "Approved" } else { "Denied" };
        assert_eq!(after.pointer("/status/conditions/0/type"), Some(&json!(word)), "{after}");
        let heard = bench.person.says_with("default", &[&format!("kubectl certificate {verb} {name}")], flags()).await;
        assert!(heard.code == 0 && heard.text.contains("so already"), "{}", heard.text);
        let heard = bench.person.says_with("default", &[&format!("kubectl certificate {other} {name}")], flags()).await;
        assert!(heard.code == 1 && heard.text.contains("cannot be changed"), "{}", heard.text);
        let heard = bench.person.says_with("default", &["undo"], flags()).await;
        assert_eq!(heard.code, 1, "{}", heard.text);
        bench.person.says_with("default", &[&format!("kubectl delete csr {name}")], flags()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_for_certificates_on_the_built_in_cluster() {
    answered(&Bench::built_in().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_for_certificates_on_the_real_cluster() {
    let Some(bench) = Bench::real("csr").await else { return };
    answered(&bench).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_on_the_line_shows_and_changes_nothing() {
    let bench = Bench::built_in().await;
    bench.person.namespace("dry").await;
    bench.says("dry", "kubectl create configmap web --from-literal=colour=blue", 0).await;
    let before = bench.person.object("configmap", "web", "dry").await;
    for line in [
        "kubectl label configmap/web tier=front --dry-run=server",
        "kubectl delete configmap web --dry-run=client",
        "delete configmap/web --dry-run",
    ] {
        let heard = bench.says("dry", line, 0).await;
        assert!(heard.contains("dry run: nothing was changed"), "{line}: {heard}");
        assert!(heard.contains("tier") || heard.contains("- configmap/web"), "{line}: {heard}");
        assert_eq!(bench.person.object("configmap", "web", "dry").await, before, "{line}");
    }
    let refused = bench.says("dry", "kubectl label configmap/web tier=front --dry-run=maybe", 4).await;
    assert!(refused.contains("dry-run"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_namespace_is_meant_for_the_rest_of_the_session() {
    let bench = Bench::built_in().await;
    bench.person.namespace("here").await;
    let said = ["kubectl config set-context --current --namespace=here", "kubectl create configmap web --from-literal=a=b"];
    let heard = bench.person.says("default", &said).await;
    assert_eq!(heard.code, 0, "{}", heard.text);
    assert!(heard.text.contains("namespace here from here on"), "{}", heard.text);
    assert!(bench.person.object("configmap", "web", "here").await.is_some());
}
