//! Playing a case on a cluster: its objects, the waiting for its moments, and what is done in between.
use super::{Act, Case, Moment, Node, Picture, folder, picture};
use aiops::simulator::{Script, Settings, Simulator};
use kube::Client;
use serde_json::{Value, json};
use std::time::Duration;

/// A cluster, and how time passes in it.
pub struct Stage {
    client: Client,
    clock: Option<Simulator>,
    talks: bool,
}

/// Longest wait for one moment, in seconds.
const PATIENCE: u64 = 150;

pub async fn real(case: &Case) -> Stage {
    Stage { client: real_client().await, clock: None, talks: case.node == Node::Real }
}

async fn real_client() -> Client {
    crate::support::face::provider();
    let path = crate::support::face::real_kubeconfig("recordings").expect("recording wants a cluster: AIOPS_TEST_KUBECONFIG");
    let config = kube::config::Kubeconfig::read_from(path).unwrap();
    Client::try_from(kube::Config::from_custom_kubeconfig(config, &kube::config::KubeConfigOptions::default()).await.unwrap()).unwrap()
}

/// A built-in cluster that has the real one's nodes, and its scripts.
pub async fn built_in(case: &Case) -> Stage {
    let sim = Simulator::new(Settings::still_at("2026-11-21T12:00:00Z".parse().unwrap())).unwrap();
    let stage = Stage { client: Client::new(sim.router(), "default"), clock: Some(sim.clone()), talks: case.node == Node::Real };
    let nodes: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(folder().join("recorded/nodes")).unwrap()).unwrap();
    for node in stage.list("/api/v1/nodes").await {
        stage.call("DELETE", &format!("/api/v1/nodes/{}", node["metadata"]["name"].as_str().unwrap()), &Value::Null).await.unwrap();
    }
    for mut node in nodes {
        let real = node["metadata"]["name"] == "real-0";
        match case.node {
            Node::Real if !real => continue,
            Node::Real => drop(node["spec"].as_object_mut().unwrap().remove("taints")),
            Node::Fake => {}
        }
        let path = stage.path(&node, "");
        stage.call("POST", &path, &node).await.unwrap();
        let path = format!("{path}/{}/status", node["metadata"]["name"].as_str().unwrap());
        stage.call("PUT", &path, &node).await.unwrap();
    }
    for script in &case.scripts {
        let (which, script) = Script::from_json(script.clone()).unwrap();
        sim.script(which, script);
    }
    stage
}

/// Plays a case from its first object to its last moment.
pub async fn play(stage: &mut Stage, name: &str, case: &Case) -> Result<Vec<Picture>, String> {
    let ns = format!("lives-rec-{name}");
    if stage.clock.is_none() {
        let _ = stage.call("DELETE", &format!("/api/v1/namespaces/{ns}"), &Value::Null).await;
        while stage.call("GET", &format!("/api/v1/namespaces/{ns}"), &Value::Null).await.is_ok() {
            stage.pass(1).await;
        }
    }
    let labels = if case.node == Node::Real { json!({"aiops.test/node": "real"}) } else { json!({}) };
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ns, "labels": labels}});
    stage.call("POST", "/api/v1/namespaces", &namespace).await?;
    stage.pass(1).await;
    for object in &case.objects {
        stage.create(&ns, object).await?;
    }
    let mut pictures = Vec::new();
    for (moment, number) in case.moments.iter().zip(1..) {
        stage.wait(&ns, moment).await.map_err(|why| format!("moment {number}: {why}"))?;
        stage.pass(moment.rest).await;
        pictures.push(stage.picture(&ns, moment).await);
        for act in &moment.then {
            stage.act(&ns, act).await.map_err(|why| format!("after moment {number}: {why}"))?;
        }
    }
    if stage.clock.is_none() {
        let _ = stage.call("DELETE", &format!("/api/v1/namespaces/{ns}"), &Value::Null).await;
        for object in case.objects.iter().filter(|o| !picture::namespaced(&o["kind"])) {
            let path = format!("{}/{}", stage.path(object, ""), object["metadata"]["name"].as_str().unwrap().replace("$NS", &ns));
            let _ = stage.call("DELETE", &path, &Value::Null).await;
        }
    }
    Ok(pictures)
}

impl Stage {
    async fn pass(&self, seconds: u64) {
        match &self.clock {
            Some(sim) => (0..seconds).for_each(|_| sim.step(Duration::from_secs(1))),
            None => tokio::time::sleep(Duration::from_secs(seconds)).await,
        }
    }

    async fn call(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        let kind = if method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
        let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let request = http::Request::builder().method(method).uri(path).header("content-type", kind).body(bytes).unwrap();
        self.client.request::<Value>(request).await.map_err(|why| format!("{method} {path}: {why}"))
    }

    async fn list(&self, path: &str) -> Vec<Value> {
        self.call("GET", path, &Value::Null).await.unwrap()["items"].as_array().cloned().unwrap_or_default()
    }

    fn path(&self, object: &Value, ns: &str) -> String {
        picture::path(object["kind"].as_str().unwrap(), ns)
    }

    async fn create(&self, ns: &str, object: &Value) -> Result<(), String> {
        let text = object.to_string().replace("$NS", ns);
        let object: Value = serde_json::from_str(&text).unwrap();
        let path = self.path(&object, ns);
        self.call("POST", &path, &object).await?;
        // A real API server drops a status that comes with a new object.
        if object.get("status").is_some() {
            let name = object["metadata"]["name"].as_str().unwrap();
            self.call("PATCH", &format!("{path}/{name}/status"), &json!({"status": object["status"]})).await?;
        }
        Ok(())
    }

    async fn act(&self, ns: &str, act: &Act) -> Result<(), String> {
        let at = |what: &str| {
            let (kind, name) = what.split_once('/').unwrap();
            format!("{}/{}", picture::path(kind, ns), name.replace("$NS", ns))
        };
        match act {
            Act::Create(object) => self.create(ns, object).await,
            Act::Delete(what) => self.call("DELETE", &at(what), &Value::Null).await.map(drop),
            Act::Patch(what, patch) => self.call("PATCH", &at(what), patch).await.map(drop),
            Act::Evict(what) => {
                let name = what.split_once('/').unwrap().1;
                let eviction = json!({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": ns}});
                self.call("POST", &format!("{}/eviction", at(what)), &eviction).await.map(drop)
            }
        }
    }

    async fn wait(&self, ns: &str, moment: &Moment) -> Result<(), String> {
        let mut seen = Value::Null;
        for _ in 0..PATIENCE * 2 {
            let objects = self.list(&picture::path(&moment.of, ns)).await;
            let own = picture::newest(&moment.of, ns, objects);
            let events = self.list(&picture::path("Event", ns)).await;
            let said = moment.event.is_empty() || events.iter().any(|e| e["reason"] == moment.event.as_str());
            let fits = if moment.gone {
                own.is_none()
            } else {
                moment.until.is_empty()
                    || own.as_ref().is_some_and(|o| moment.until.iter().all(|(at, want)| o.pointer(at).unwrap_or(&Value::Null) == want))
            };
            if said && fits {
                return Ok(());
            }
            seen = own.unwrap_or_default();
            match &self.clock {
                Some(sim) => sim.step(Duration::from_millis(500)),
                None => tokio::time::sleep(Duration::from_millis(500)).await,
            }
        }
        Err(format!("waited in vain; last seen: {}", seen["status"]))
    }

    async fn picture(&self, ns: &str, moment: &Moment) -> Picture {
        let mut objects = Vec::new();
        for kind in &moment.show {
            objects.extend(self.list(&picture::path(kind, ns)).await.into_iter().map(|o| (kind.clone(), o)));
        }
        let mut events = if moment.events { self.list(&picture::path("Event", ns)).await } else { Vec::new() };
        // Pods of fake nodes have no kubelet that would say anything.
        events.retain(|e| self.talks || e["source"]["component"] != "kubelet");
        let mut others = self.list(&picture::path("Pod", ns)).await;
        others.extend(self.list(&picture::path("ReplicaSet", ns)).await);
        picture::take(ns, &objects, &others, &moment.fields, &events)
    }
}

/// Writes down the nodes of the real cluster as the cases meet them.
pub async fn record_nodes() {
    let stage = Stage { client: real_client().await, clock: None, talks: true };
    let mut nodes = stage.list("/api/v1/nodes").await;
    for node in &mut nodes {
        node["apiVersion"] = "v1".into();
        node["kind"] = "Node".into();
        node["status"]["images"] = json!([]);
        for field in ["uid", "resourceVersion", "creationTimestamp", "managedFields"] {
            node["metadata"].as_object_mut().unwrap().remove(field);
        }
    }
    nodes.retain(|n| n["metadata"]["labels"]["aiops.test/node"].is_string());
    std::fs::write(folder().join("recorded/nodes"), serde_json::to_string_pretty(&nodes).unwrap() + "\n").unwrap();
}
