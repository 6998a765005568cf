//! What the verbs that make objects make, held against kubectl's own: field by field against recorded manifests, and where a real
//! cluster is given against kubectl there, rehearsed by the server and carried out.
//!
//! `making/lines.txt` has the lines. `AIOPS_RECORD=making` with a real cluster writes `making/kubectl.json` anew.

use crate::support::face::{Person, real_kubeconfig};
use aiops::{
    doors::files,
    ops::{Action, Call, Contents, Namespace, Op},
};
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
};

fn here(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/making").join(name)
}

/// The lines without `kubectl`, and whether they are to be refused.
fn lines() -> Vec<(String, bool)> {
    let text = std::fs::read_to_string(here("lines.txt")).unwrap();
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.strip_prefix("! ").map_or((line.to_string(), false), |line| (line.to_string(), true))).collect()
}

/// The calls that a line comes to, in that namespace; no look is answered.
fn calls(line: &str, namespace: &str) -> Result<Vec<Call>, String> {
    let mut op = Op::from_line(&format!("kubectl {line}")).map_err(|e| e.to_string())?;
    op.verb_mut().place(&Namespace::new(namespace).unwrap());
    for file in op.verb().contents() {
        let contents: Contents = files::contents(&file).map_err(|e| e.sentence)?;
        op.verb_mut().take(&file, contents);
    }
    op.verb().calls(&[], Default::default()).map_err(|e| e.sentence)
}

fn bodies(calls: &[Call]) -> Vec<Value> {
    let body = |call: &Call| match &call.action {
        Action::Create(body) => body.clone(),
        other => panic!("{other:?}"),
    };
    calls.iter().map(body).collect()
}

/// Without what says nothing: empty maps and lists, nulls; and without status.
fn plain(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.iter().filter(|(key, _)| *key != "status").map(|(key, value)| (key.clone(), plain(value)));
            let says_something = |value: &Value| match value {
                Value::Null => false,
                Value::Object(map) => !map.is_empty(),
                Value::Array(list) => !list.is_empty(),
                Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
            };
            Value::Object(kept.filter(|(_, value)| says_something(value)).collect::<Map<_, _>>())
        }
        Value::Array(list) => list.iter().map(plain).collect(),
        other => other.clone(),
    }
}

/// In the order of their kinds; quantities are written in many ways, so they are written in one.
fn told(objects: impl IntoIterator<Item = Value>) -> BTreeMap<String, Value> {
    let one = |object: Value| {
        let mut object = plain(&object);
        if let Some(hard) = object.pointer_mut("/spec/hard").and_then(Value::as_object_mut) {
            for amount in hard.values_mut() {
                *amount = json!(amount.as_str().unwrap().parse::<aiops::terms::quantity::Quantity>().unwrap().nanos().to_string());
            }
        }
        (object["kind"].as_str().unwrap_or_default().to_string(), object)
    };
    objects.into_iter().map(one).collect()
}

fn recorded() -> BTreeMap<String, Vec<Value>> {
    serde_json::from_str(&std::fs::read_to_string(here("kubectl.json")).unwrap()).unwrap()
}

#[test]
fn each_line_makes_what_kubectl_makes() {
    let recorded = recorded();
    let (mut compared, mut wrong) = (0, Vec::new());
    for (line, refused) in lines() {
        compared += 1;
        match (calls(&line, "dev"), refused) {
            (Err(_), true) => {}
            (Ok(made), true) => wrong.push(format!("kubectl refuses {line:?}, and it makes {made:?}")),
            (Err(why), false) => wrong.push(format!("{line}: {why}")),
            (Ok(made), false) => match recorded.get(&line) {
                Some(theirs) if told(bodies(&made)) == told(theirs.clone()) => {}
                Some(theirs) => wrong.push(format!("{line}:\n  {:?}\n  {:?}", told(bodies(&made)), told(theirs.clone()))),
                None => wrong.push(format!("{line:?} is not recorded")),
            },
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("{compared} lines held against what kubectl makes of them");
    assert!(compared > 100);
}

/// What kubectl itself makes of a line.
struct Kubectl {
    program: PathBuf,
    kubeconfig: PathBuf,
}

impl Kubectl {
    /// Beside a person on the same cluster.
    fn real(kubeconfig: &Path) -> Kubectl {
        let program = std::env::var("AIOPS_TEST_KUBECTL").unwrap_or_else(|_| "kubectl".into());
        Kubectl { program: program.into(), kubeconfig: kubeconfig.into() }
    }

    /// The objects that it answers.
    fn run(&self, line: &str, more: &[&str]) -> Result<Vec<Value>, String> {
        let said = self.says(line, more)?;
        Ok(serde_json::Deserializer::from_slice(&said).into_iter().map(Result::unwrap).collect())
    }

    fn says(&self, line: &str, more: &[&str]) -> Result<Vec<u8>, String> {
        let words = aiops::ops::argv::split(line).unwrap();
        let at = words.iter().position(|word| word == "--").unwrap_or(words.len());
        let out = Command::new(&self.program)
            .args(&words[..at])
            .args(more)
            .arg("--kubeconfig")
            .arg(&self.kubeconfig)
            .args(&words[at..])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        match out.status.success() {
            true => Ok(out.stdout),
            false => Err(String::from_utf8_lossy(&out.stderr).into_owned()),
        }
    }
}

/// What the server adds by itself and differs each time, and the values of Secrets, which do not come back here.
fn rehearsed(mut object: Value) -> Value {
    if let Some(metadata) = object["metadata"].as_object_mut() {
        for field in ["uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"] {
            metadata.remove(field);
        }
    }
    // A Job's own uid.
    for pointer in ["/metadata/labels", "/spec/template/metadata/labels", "/spec/selector/matchLabels"] {
        if let Some(labels) = object.pointer_mut(pointer).and_then(Value::as_object_mut) {
            labels.retain(|key, _| !key.contains("controller-uid"));
        }
    }
    if object["kind"] == "Secret" {
        object["data"].as_object_mut().into_iter().flat_map(|map| map.values_mut()).for_each(|value| *value = json!("a value"));
    }
    // Addresses and ports that the server hands out, and the volume of a pod's token.
    for (pointer, field) in [("/spec", "clusterIP"), ("/spec", "clusterIPs"), ("/spec", "healthCheckNodePort")] {
        if let Some(map) = object.pointer_mut(pointer).and_then(Value::as_object_mut)
            && map.get(field).is_some_and(|value| *value != "None" && *value != json!(["None"]))
        {
            map.remove(field);
        }
    }
    for port in object.pointer_mut("/spec/ports").and_then(Value::as_array_mut).into_iter().flatten() {
        if port["nodePort"] != 30987 {
            port.as_object_mut().unwrap().remove("nodePort");
        }
    }
    let token = |name: &str| name.starts_with("kube-api-access-");
    for list in ["/spec/volumes", "/spec/containers/0/volumeMounts"] {
        for volume in object.pointer_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            if volume["name"].as_str().is_some_and(token) {
                volume["name"] = json!("kube-api-access");
            }
        }
    }
    plain(&object)
}

/// Every line again with the kubectl that is there, and rehearsed by the server: nothing is made.
#[tokio::test(flavor = "multi_thread")]
async fn each_line_on_the_real_cluster() {
    let Some(kubeconfig) = real_kubeconfig("making") else { return };
    let person = Person::on_real(kubeconfig.clone()).await;
    let kubectl = Kubectl::real(&kubeconfig);
    let record = std::env::var("AIOPS_RECORD").is_ok_and(|topic| topic == "making");
    let known = if record { BTreeMap::new() } else { recorded() };
    let mut all = BTreeMap::new();
    let (mut compared, mut refused_by_both, mut wrong) = (0, 0, Vec::new());
    for (line, refused) in lines() {
        let manifest = kubectl.run(&line, &["-n", "dev", "--dry-run=client", "-o", "json"]);
        if refused {
            match manifest {
                Ok(manifest) => wrong.push(format!("kubectl takes {line:?}: {manifest:?}")),
                Err(_) => refused_by_both += 1,
            }
            continue;
        }
        let manifest = match manifest {
            Ok(manifest) => manifest,
            Err(why) => {
                wrong.push(format!("{line}: {why}"));
                continue;
            }
        };
        if let Some(known) = known.get(&line) {
            assert_eq!(told(known.clone()), told(manifest.clone()), "{line} is recorded otherwise");
        }
        all.insert(line.clone(), manifest);
        let theirs = kubectl.run(&line, &["-n", "default", "--dry-run=server", "-o", "json"]);
        let ours = person.cluster.dry_run(&calls(&line, "default").unwrap()).await;
        let ours: Result<Vec<Value>, String> = ours.into_iter().map(|dry| dry.after.map(Option::unwrap).map_err(|e| e.message)).collect();
        match (theirs, ours) {
            (Ok(theirs), Ok(ours)) => {
                let by_kind = |all: Vec<Value>| told(all.into_iter().map(rehearsed));
                let (ours, theirs) = (by_kind(ours), by_kind(theirs));
                if ours != theirs {
                    wrong.push(format!("{line}, rehearsed by the server:\n  {ours:?}\n  {theirs:?}"));
                }
                compared += 1;
            }
            (Err(theirs), Err(ours)) if theirs.contains(&ours[..ours.len().min(40)]) => compared += 1,
            (theirs, ours) => wrong.push(format!("{line}: {theirs:?} / {ours:?}")),
        }
    }
    if record {
        std::fs::write(here("kubectl.json"), serde_json::to_string_pretty(&all).unwrap() + "\n").unwrap();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("{compared} lines rehearsed by the server as kubectl has them, {refused_by_both} refused by both");
}

/// A line that makes something, carried out: what has to be there first, and what it makes.
struct Made {
    line: &'static str,
    kind: &'static str,
    name: &'static str,
}

/// What the lines below stand on.
const GROUND: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop, labels: {app: shop, tier: front}}
spec:
  replicas: 1
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
      - {name: shop, image: 'nginx:1.27', ports: [{containerPort: 80}, {containerPort: 53, protocol: UDP}]}
---
apiVersion: v1
kind: Service
metadata: {name: shop-old}
spec: {selector: {app: shop}, ports: [{port: 8080, targetPort: 80}]}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly}
spec:
  schedule: '0 2 * * *'
  jobTemplate:
    metadata: {labels: {from: nightly}, annotations: {why: night}}
    spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: 'busybox:1'}]}}}
";

const MADE: &[Made] = &[
    Made { line: "kubectl create deployment web --image=nginx:1.27 --replicas=2 --port=80", kind: "deployment", name: "web" },
    Made { line: "kubectl create job once --image=busybox:1", kind: "job", name: "once" },
    Made { line: "kubectl create job now --from=cronjob/nightly", kind: "job", name: "now" },
    Made { line: "kubectl create cronjob weekly --image=busybox:1 --schedule='0 2 * * 0'", kind: "cronjob", name: "weekly" },
    Made { line: "kubectl create configmap settings --from-literal=colour=blue", kind: "configmap", name: "settings" },
    Made { line: "kubectl create secret generic pass --from-literal=password=hunter2", kind: "secret", name: "pass" },
    Made {
        line: "kubectl create secret docker-registry pull --docker-username=me --docker-password=hunter2 --docker-server=r.io",
        kind: "secret",
        name: "pull",
    },
    Made { line: "kubectl create service clusterip web --tcp=80:8080", kind: "service", name: "web" },
    Made { line: "kubectl create service externalname out --external-name=example.com", kind: "service", name: "out" },
    Made { line: "kubectl create ingress web --rule='web.example.com/*=web:80,tls=cert'", kind: "ingress", name: "web" },
    Made { line: "kubectl create role reader --verb=get,list --resource=pods,deployments", kind: "role", name: "reader" },
    Made { line: "kubectl create rolebinding readers --role=reader --user=jane", kind: "rolebinding", name: "readers" },
    Made { line: "kubectl create serviceaccount builder", kind: "serviceaccount", name: "builder" },
    Made { line: "kubectl create quota most --hard=count/widgets.example.com=7", kind: "resourcequota", name: "most" },
    Made { line: "kubectl create pdb shop --selector=app=shop --min-available=1", kind: "poddisruptionbudget", name: "shop" },
    Made { line: "kubectl run probe --image=nginx:1.27 --port=80 --env=A=b", kind: "pod", name: "probe" },
    Made { line: "kubectl expose deployment shop --name=front --type=NodePort", kind: "service", name: "front" },
    Made { line: "kubectl expose service shop-old --port=81 --target-port=80 --name=copy", kind: "service", name: "copy" },
];

/// Makes each, holds it against what kubectl made in the twin namespace, and takes it back.
async fn made_and_taken_back(person: &Person, prefix: &str, kubectl: Option<&Kubectl>) {
    let (ours, theirs) = (format!("{prefix}-a"), format!("{prefix}-b"));
    for ns in [Some(&ours), kubectl.map(|_| &theirs)].into_iter().flatten() {
        person.namespace(ns).await;
        person.applies(ns, GROUND).await;
    }
    for Made { line, kind, name } in MADE {
        let flags = || aiops::faces::args::Global { yes: true, confirm: Some((*name).to_string()), ..Default::default() };
        assert_eq!(person.object(kind, name, &ours).await, None, "{line}");
        let heard = person.says_with(&ours, &[line], flags()).await;
        assert_eq!(heard.code, 0, "{line}: {}", heard.text);
        assert!(!heard.text.contains("hunter2"), "{}", heard.text);
        let made = person.object(kind, name, &ours).await.unwrap_or_else(|| panic!("{line} made nothing"));
        if let Some(kubectl) = kubectl {
            kubectl.run(line.strip_prefix("kubectl ").unwrap(), &["-n", &theirs, "-o", "json"]).unwrap_or_else(|e| panic!("{line}: {e}"));
            let same = |object: Value| {
                let mut object = rehearsed(object);
                object["metadata"].as_object_mut().unwrap().remove("namespace");
                // Another object's uid, and what controllers put in after it was made.
                if let Some(owner) = object.pointer_mut("/metadata/ownerReferences/0") {
                    owner["uid"] = json!("a uid");
                }
                if let Some(metadata) = object["metadata"].as_object_mut() {
                    metadata
                        .get_mut("annotations")
                        .and_then(Value::as_object_mut)
                        .map(|map| map.remove("deployment.kubernetes.io/revision"));
                }
                object.pointer_mut("/spec").and_then(Value::as_object_mut).map(|spec| spec.remove("nodeName"));
                if let Some(labels) = object.pointer_mut("/metadata/labels").and_then(Value::as_object_mut) {
                    labels.retain(|key, _| !key.starts_with("topology.kubernetes.io/"));
                }
                plain(&object)
            };
            let twin = person.object(kind, name, &theirs).await.unwrap();
            assert_eq!(same(made), same(twin), "what kubectl makes of {line:?}");
        }
        let heard = person.says_with(&ours, &["undo"], flags()).await;
        assert_eq!(heard.code, 0, "undo of {line}: {}", heard.text);
        assert_eq!(person.object(kind, name, &ours).await, None, "undo of {line}");
    }
    let record = std::fs::read_to_string(person.journal()).unwrap();
    assert!(
        record.contains("docker-password") && !record.contains("hunter2") && !record.contains("aHVudGVyMg"),
        "the record holds a secret"
    );
    println!("{} objects made{} and taken back", MADE.len(), if kubectl.is_some() { " as kubectl makes them" } else { "" });
    if let Some(kubectl) = kubectl {
        kubectl.says(&format!("delete namespace {ours} {theirs} --wait=false"), &[]).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_on_the_built_in_cluster() {
    made_and_taken_back(&Person::on_built_in().await, "making", None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_on_the_real_cluster() {
    let Some(kubeconfig) = real_kubeconfig("making") else { return };
    let kubectl = Kubectl::real(&kubeconfig);
    made_and_taken_back(&Person::on_real(kubeconfig).await, &format!("making-{}", std::process::id()), Some(&kubectl)).await;
}

/// Objects outside of namespaces, of names that nothing else has.
#[tokio::test(flavor = "multi_thread")]
async fn objects_of_the_cluster_are_made_and_taken_back() {
    let person = Person::on_built_in().await;
    for (line, kind) in [
        ("kubectl create clusterrole making-it --verb=get --resource=nodes", "clusterrole"),
        ("kubectl create clusterrolebinding making-it --clusterrole=view --group=g", "clusterrolebinding"),
        ("kubectl create priorityclass making-it --value=7", "priorityclass"),
    ] {
        let flags = || aiops::faces::args::Global { yes: true, confirm: Some("making-it".into()), ..Default::default() };
        let heard = person.says_with("default", &[line], flags()).await;
        assert_eq!(heard.code, 0, "{line}: {}", heard.text);
        assert!(person.object(kind, "making-it", "default").await.is_some());
        let heard = person.says_with("default", &["undo"], flags()).await;
        assert_eq!(heard.code, 0, "undo of {line}: {}", heard.text);
        assert_eq!(person.object(kind, "making-it", "default").await, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_is_shown_and_nothing_made() {
    let person = Person::on_built_in().await;
    person.applies("default", GROUND).await;
    let heard = person.says("default", &["kubectl create deployment web --image=nginx:1.27 --dry-run=client -o yaml"]).await;
    assert_eq!(heard.code, 0, "{}", heard.text);
    assert!(heard.text.contains("kind: Deployment") && heard.text.contains("image: nginx:1.27"), "{}", heard.text);
    assert_eq!(person.object("deployment", "web", "default").await, None);
    let heard = person.says("default", &["kubectl expose deployment shop --dry-run=client -o yaml"]).await;
    assert!(heard.text.contains("kind: Service") && heard.text.contains("port-1"), "{}", heard.text);
    assert_eq!(person.object("service", "shop", "default").await, None);
    let secret = "kubectl create secret generic pass --from-literal=password=hunter2 --dry-run=client -o yaml";
    let heard = person.says("default", &[secret]).await;
    assert!(heard.code != 0 && heard.text.contains("never shown") && !heard.text.contains("hunter2"), "{}", heard.text);
}

/// A file is read when the line is, and its bytes are what is sent.
#[tokio::test(flavor = "multi_thread")]
async fn files_are_loaded_and_what_is_wrong_with_them_is_said() {
    let person = Person::on_built_in().await;
    let file = person.file("app.ini", "[a]\nb = c\n");
    let heard = person.says("default", &[&format!("kubectl create configmap app --from-file={}", file.display())]).await;
    assert_eq!(heard.code, 0, "{}", heard.text);
    assert_eq!(person.object("configmap", "app", "default").await.unwrap()["data"], json!({"app.ini": "[a]\nb = c\n"}));
    let heard = person.says("default", &["kubectl create secret generic s --from-file=no/such/file"]).await;
    assert!(heard.code != 0 && heard.text.contains("there is no file no/such/file"), "{}", heard.text);
    let heard =
        person.says("default", &["kubectl create deployment web --image=nginx", "kubectl create deployment web --image=nginx"]).await;
    assert!(heard.code != 0 && heard.text.contains("already exists"), "{}", heard.text);
}

/// A pod that somebody sits at is made and then attached to. The built-in cluster's pods have nothing to attach to: that is told, the pod is
/// on record, and the way back takes it away.
#[tokio::test(flavor = "multi_thread")]
async fn a_pod_that_is_sat_at_is_made_first() {
    let person = Person::on_built_in().await;
    person.namespace("dev").await;
    let said = "Start a busybox pod and keep it in the foreground, don't restart it if it exits";
    let line = "kubectl run busybox --image=busybox --restart=Never --stdin --tty -n dev";
    let even = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let heard = person.says("dev", &[said]).await;
    assert!(even(&heard.text).contains(line), "{}", heard.text);
    let heard = person.says("dev", &[line]).await;
    let even = even(&heard.text);
    assert!(heard.code != 0 && even.contains("attach"), "{}", heard.text);
    let pod = person.object("pods", "busybox", "dev").await.unwrap();
    let container = &pod["spec"]["containers"][0];
    assert_eq!((&container["stdin"], &container["stdinOnce"], &container["tty"]), (&json!(true), &json!(true), &json!(true)));
    let heard = person.says("dev", &["undo"]).await;
    assert_eq!(heard.code, 0, "{}", heard.text);
    assert!(person.object("pods", "busybox", "dev").await.is_none_or(|pod| pod["metadata"]["deletionTimestamp"].is_string()));
    // Shown only, nothing is attached to.
    let heard = person.says("dev", &["kubectl run box --image=busybox -it --dry-run=client -o yaml"]).await;
    assert!(heard.code == 0 && heard.text.contains("stdinOnce: true"), "{}", heard.text);
    assert!(person.object("pods", "box", "dev").await.is_none());
}
