//! Things built from words, carried out on the built-in cluster and seen in the object; taken back where they can be.

use crate::support::face::Person;
use aiops::faces::args::Global;
use serde_json::{Value, json};

const FIRST: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 5
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: nginx, image: 'nginx:1.27'}
      tolerations: [{key: old, operator: Exists}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {colour: blue}
";

const COLOURS: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: checkout-blue}
spec:
  selector: {matchLabels: {app: checkout, version: blue}}
  template:
    metadata: {labels: {app: checkout, version: blue}}
    spec: {containers: [{name: c, image: 'nginx:1.27'}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: checkout-green}
spec:
  selector: {matchLabels: {app: checkout, version: green}}
  template:
    metadata: {labels: {app: checkout, version: green}}
    spec: {containers: [{name: c, image: 'nginx:1.28'}]}
---
apiVersion: v1
kind: Service
metadata: {name: checkout}
spec: {selector: {app: checkout, version: blue}, ports: [{port: 80}]}
";

async fn says(person: &Person, ns: &str, said: &str) -> String {
    let flags = Global { yes: true, confirm: Some("web-canary".into()), ..Global::default() };
    let heard = person.says_with(ns, &[said], flags).await;
    assert_eq!(heard.code, 0, "{said}: {}", heard.text);
    heard.text
}

/// What is said, the object, and what has to stand in it.
fn parts() -> Vec<(&'static str, &'static str, Value)> {
    vec![
        ("add a readiness probe to web on path / port 80, every 5 seconds", "/containers/0/readinessProbe/httpGet/path", json!("/")),
        ("add a tcp readiness probe on port 80 to web", "/containers/0/readinessProbe/tcpSocket/port", json!(80)),
        ("mount configmap settings at /etc/config in web", "/containers/0/volumeMounts/0/mountPath", json!("/etc/config")),
        ("add an emptyDir volume cache mounted at /cache to web", "/volumes", json!(2)),
        ("add a toleration for key dedicated=gpu:NoSchedule to web", "/tolerations", json!(2)),
        (
            "add a preferred node affinity for disktype=ssd to web",
            "/affinity/nodeAffinity/preferredDuringSchedulingIgnoredDuringExecution",
            json!(1),
        ),
        (
            "add preferred pod anti-affinity per node to web",
            "/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution",
            json!(1),
        ),
        (
            "add a preferred topology spread constraint over zones to web",
            "/topologySpreadConstraints/0/labelSelector/matchLabels/app",
            json!("web"),
        ),
        ("make web run as non-root", "/securityContext/runAsNonRoot", json!(true)),
        ("set a read only root filesystem for web", "/containers/0/securityContext/readOnlyRootFilesystem", json!(true)),
        ("drop all capabilities in web", "/containers/0/securityContext/capabilities/drop/0", json!("ALL")),
        ("add the image pull secret regcred to web", "/imagePullSecrets/0/name", json!("regcred")),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn each_part_is_added_and_taken_back() {
    let person = Person::on_built_in().await;
    person.namespace("parts").await;
    person.applies("parts", FIRST).await;
    for (said, at, want) in parts() {
        says(&person, "parts", said).await;
        let web = person.object("deployment", "web", "parts").await.unwrap();
        let spec = &web["spec"]["template"]["spec"];
        let there = spec.pointer(at).unwrap_or_else(|| panic!("{said}: {spec}"));
        // Of a list it is said how long it is then.
        let there = there.as_array().map_or_else(|| there.clone(), |list| json!(list.len()));
        assert_eq!(there, want, "{said}: {spec}");
    }
    let before = person.object("deployment", "web", "parts").await.unwrap();
    assert!(before["spec"]["template"]["spec"]["containers"][0]["readinessProbe"].get("httpGet").is_none(), "{before}");
    says(&person, "parts", "add a tcp liveness probe on port 80 to web").await;
    says(&person, "parts", "undo").await;
    let after = person.object("deployment", "web", "parts").await.unwrap();
    assert_eq!(after["spec"]["template"], before["spec"]["template"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn new_objects_are_shown_whole_and_made() {
    let person = Person::on_built_in().await;
    person.namespace("made").await;
    person.applies("made", FIRST).await;
    for (said, kind, name, at, want) in [
        ("deny all ingress", "networkpolicy", "deny-all-ingress", "/spec/policyTypes/0", json!("Ingress")),
        (
            "allow only pods with label app=shop to reach the web deployment on port 80",
            "networkpolicy",
            "web-allow-from-shop",
            "/spec/podSelector/matchLabels/app",
            json!("web"),
        ),
        (
            "create a pvc named data of 5Gi with storage class fast, ReadWriteOnce",
            "persistentvolumeclaim",
            "data",
            "/spec/resources/requests/storage",
            json!("5Gi"),
        ),
        (
            "create a persistent volume named pv1 with capacity 1Gi, access mode ReadWriteMany, host path /mnt/data",
            "persistentvolume",
            "pv1",
            "/spec/hostPath/path",
            json!("/mnt/data"),
        ),
        (
            "create a pod named multi with containers c1 (nginx) and c2 (busybox, command sleep 3600)",
            "pod",
            "multi",
            "/spec/containers/1/command/0",
            json!("sleep"),
        ),
        (
            "create a deployment api with image nginx, 2 replicas and a tcp readiness probe on port 80",
            "deployment",
            "api",
            "/spec/template/spec/containers/0/readinessProbe/tcpSocket/port",
            json!(80),
        ),
    ] {
        let place = if kind == "persistentvolume" { "" } else { "made" };
        // Nothing is made by looking.
        let shown = person.says_with("made", &[said], Global { dry_run: true, ..Global::default() }).await;
        assert!(shown.text.contains(name), "{said}: {}", shown.text);
        assert!(person.object(kind, name, place).await.is_none(), "{said}");
        // A volume wants its name typed.
        let flags = Global { yes: true, confirm: Some(name.into()), ..Global::default() };
        let heard = person.says_with("made", &[said], flags).await;
        assert_eq!(heard.code, 0, "{said}: {}", heard.text);
        let object = person.object(kind, name, place).await.unwrap_or_else(|| panic!("{said}"));
        assert_eq!(object.pointer(at), Some(&want), "{said}: {object}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canary_begins_and_is_promoted() {
    let person = Person::on_built_in().await;
    person.namespace("canary").await;
    person.applies("canary", FIRST).await;
    says(&person, "canary", "run a canary of web with image 1.28 next to it, 1 of 5").await;
    let canary = person.object("deployment", "web-canary", "canary").await.unwrap();
    assert_eq!(canary["spec"]["selector"]["matchLabels"], json!({"app": "web", "track": "canary"}));
    assert_eq!(canary["spec"]["template"]["spec"]["containers"][0]["image"], "nginx:1.28");
    assert_eq!(canary["spec"]["replicas"], 1);
    let web = person.object("deployment", "web", "canary").await.unwrap();
    assert_eq!((&web["spec"]["replicas"], &web["spec"]["template"]["spec"]["containers"][0]["image"]), (&json!(4), &json!("nginx:1.27")));
    // The Service's selector finds both.
    let labels = &canary["spec"]["template"]["metadata"]["labels"];
    assert_eq!(labels["app"], "web");
    let asks = person.says("canary", &["promote the canary of web"]).await;
    assert!(asks.code != 0 && asks.text.contains("5 replicas afterwards"), "{}", asks.text);
    assert!(person.object("deployment", "web-canary", "canary").await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn traffic_goes_to_the_other_colour_and_back() {
    let person = Person::on_built_in().await;
    person.namespace("colours").await;
    person.applies("colours", COLOURS).await;
    for (said, colour) in [("send checkout traffic to green", "green"), ("send checkout traffic back to blue", "blue")] {
        says(&person, "colours", said).await;
        let service = person.object("service", "checkout", "colours").await.unwrap();
        assert_eq!(service["spec"]["selector"], json!({"app": "checkout", "version": colour}), "{said}");
    }
}
