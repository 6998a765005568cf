//! Draining a node, on the built-in cluster and on the real one: what is named before, what waits, what moves, and the way back.

use crate::support::face::{Person, real_kubeconfig};
use aiops::faces::args::Global;
use serde_json::Value;
use std::time::Duration;

fn manifest(label: &str) -> String {
    format!(
        "
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: {label}}}}}
  template:
    metadata: {{labels: {{app: {label}}}}}
    spec:
      terminationGracePeriodSeconds: 1
      volumes: [{{name: scratch, emptyDir: {{}}}}]
      containers: [{{name: web, image: nginx:1.27, volumeMounts: [{{name: scratch, mountPath: /tmp}}]}}]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{name: kept}}
spec:
  minAvailable: 2
  selector: {{matchLabels: {{app: {label}}}}}
"
    )
}

async fn pods(person: &Person, ns: &str) -> Vec<(String, String)> {
    let heard = person.says(ns, &["kubectl get pods -o json"]).await;
    let list: Value = serde_json::from_str(&heard.text[heard.text.find(['{', '[']).unwrap_or_default()..]).unwrap_or_default();
    let items = list["items"].as_array().or(list.as_array()).cloned().unwrap_or_default();
    let word = |pod: &Value, pointer: &str| pod.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_string();
    items.iter().map(|pod| (word(pod, "/metadata/name"), word(pod, "/spec/nodeName"))).collect()
}

async fn drains(person: &Person, ns: &str) {
    person.namespace(ns).await;
    person.applies(ns, &manifest(ns)).await;
    let (pod, node) = pods(person, ns).await.into_iter().next().unwrap();
    let flags = || Global { yes: true, confirm: Some(node.clone()), ..Default::default() };
    let line = |more: &str| format!("kubectl drain {node} --pod-selector=app={ns}{more}");
    let heard = person.says_with(ns, &[&line("")], flags()).await;
    assert_eq!(heard.code, 1, "{}", heard.text);
    assert!(heard.text.contains(&pod) && heard.text.contains("--delete-emptydir-data"), "{}", heard.text);
    let heard = person.says_with(ns, &[&line(" --delete-emptydir-data")], flags()).await;
    assert_eq!(heard.code, 1, "{}", heard.text);
    assert!(heard.text.contains(&format!("pod/{pod}")) && heard.text.contains("pdb/kept"), "{}", heard.text);
    let untouched = person.object("node", &node, "default").await.unwrap();
    assert_eq!(untouched.pointer("/spec/unschedulable"), None, "nothing was begun");

    let other = person.another();
    // The budget goes while the eviction waits for it.
    let patient = line(" --delete-emptydir-data --timeout=60s");
    let patient = [patient.as_str()];
    let freed = async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        let heard = other.says_with(ns, &["kubectl delete pdb kept"], Global { yes: true, ..Default::default() }).await;
        assert_eq!(heard.code, 0, "{}", heard.text);
    };
    let (heard, ()) = tokio::join!(person.says_with(ns, &patient, flags()), freed);
    assert_eq!(heard.code, 0, "{}", heard.text);
    assert!(pods(person, ns).await.iter().all(|(_, on)| *on != node), "{:?}", pods(person, ns).await);
    let cordoned = person.object("node", &node, "default").await.unwrap();
    assert_eq!(cordoned.pointer("/spec/unschedulable"), Some(&Value::Bool(true)));
    // Named as the run's last line names it.
    let run = heard.text.split("run ").last().and_then(|text| text.split_whitespace().next()).unwrap().to_string();
    let heard = person.says_with(ns, &[&format!("undo {run}")], flags()).await;
    assert_eq!(heard.code, 0, "{}", heard.text);
    let back = person.object("node", &node, "default").await.unwrap();
    assert_eq!(back.pointer("/spec/unschedulable"), None, "{}", heard.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_built_in_cluster() {
    drains(&Person::on_built_in().await, "drained").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_real_cluster() {
    let Some(kubeconfig) = real_kubeconfig("drain") else { return };
    drains(&Person::on_real(kubeconfig).await, &format!("drained-{}", std::process::id())).await;
}
