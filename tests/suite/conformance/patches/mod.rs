//! A random edit of a real manifest, made in each of the ways a client can make it, gives the same object on both clusters, its managers included; and on
//! the built-in cluster alone it keeps what apply promises.
//!
//! `AIOPS_PATCH_CASES` says how many cases (200), `AIOPS_PATCH_SEED` where they begin. A case is told apart by its seed alone.
mod cases;
mod edits;
mod promises;

use crate::support::face::real_kubeconfig;
use aiops::simulator::{Settings, Simulator};
use cases::{Case, manifests};
use futures::StreamExt as _;
use http::Request;
use http_body_util::BodyExt as _;
use kube::client::Body;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// One request: method, path after the collection's, query, content type, body.
#[derive(Debug, Clone)]
struct Step {
    method: &'static str,
    name: String,
    query: String,
    content: &'static str,
    body: Value,
}

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).ok().and_then(|v| v.parse().ok()).unwrap_or(otherwise)
}

fn chosen() -> impl Iterator<Item = u64> {
    let (first, count) = (number("AIOPS_PATCH_SEED", 1), number("AIOPS_PATCH_CASES", 200));
    first..first + count
}

struct Side {
    client: kube::Client,
    ns: String,
}

impl Side {
    async fn built_in() -> Side {
        let simulator = Simulator::new(Settings::still_at("2026-11-21T12:00:00Z".parse().unwrap())).unwrap();
        let side = Side { client: kube::Client::new(simulator.router(), "default"), ns: "apply-patches".to_owned() };
        side.found().await;
        side
    }

    async fn found(&self) {
        let body = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.ns}});
        let (code, answer) = self.send("/api/v1/namespaces", &Step::create(&body)).await;
        assert_eq!(code, 201, "{answer}");
    }

    async fn send(&self, collection: &str, step: &Step) -> (u16, Value) {
        let path = collection.replace("{ns}", &self.ns);
        let name = if step.name.is_empty() { String::new() } else { format!("/{}", step.name) };
        let request = Request::builder().method(step.method).uri(format!("{path}{name}?{}", step.query));
        let request = request.header("content-type", step.content).header("user-agent", "patcher/1.0 (test)");
        let body = if step.body.is_null() { Body::empty() } else { Body::from(step.body.to_string().into_bytes()) };
        let response = self.client.send(request.body(body).unwrap()).await.unwrap();
        let code = response.status().as_u16();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (code, serde_json::from_slice(&bytes).unwrap_or_else(|_| String::from_utf8_lossy(&bytes).into_owned().into()))
    }

    /// Makes all steps of a case, and gives what each was answered, ready to be compared.
    async fn play(&self, case: &Case) -> Vec<Value> {
        let mut answers = Vec::new();
        for step in &case.steps {
            let (code, body) = self.send(&case.collection, step).await;
            answers.push(json!({"code": code, "body": normal(body, &self.ns)}));
        }
        self.send(&case.collection, &Step { method: "DELETE", name: case.name.clone(), ..Step::create(&Value::Null) }).await;
        answers
    }
}

impl Step {
    fn create(body: &Value) -> Step {
        Step { method: "POST", name: String::new(), query: String::new(), content: "application/json", body: body.clone() }
    }
}

/// Without what differs from cluster to cluster, and from moment to moment: uids, versions, times, addresses, and what controllers write.
fn normal(mut body: Value, ns: &str) -> Value {
    if body["kind"] == "Status" {
        if let Some(message) = body["message"].as_str() {
            let message = message.replace(ns, "NS");
            // Where exactly the text stops being base64, and which decoder noticed, is not compared.
            let known = message.find("illegal base64 data").map_or(message.len(), |at| message[..at].rfind(": ").unwrap_or(at));
            let known = message[..known].trim_end_matches(": error decoding from json");
            body["message"] = known.into();
        }
        if let Some(causes) = body.pointer_mut("/details/causes").and_then(Value::as_array_mut) {
            causes.sort_by_key(Value::to_string);
        }
        body["details"].as_object_mut().map(|d| d.remove("uid"));
        return body;
    }
    if let Some(map) = body.as_object_mut() {
        map.remove("status");
    }
    if body["kind"] == "NetworkPolicy" {
        // Its generation counts too when an empty map comes where none was: Go tells them apart, the stored object does not.
        body["metadata"].as_object_mut().map(|m| m.remove("generation"));
    }
    if let Some(metadata) = body["metadata"].as_object_mut() {
        for field in ["uid", "resourceVersion", "creationTimestamp"] {
            metadata.remove(field);
        }
        if let Some(entries) = metadata.get_mut("managedFields").and_then(Value::as_array_mut) {
            entries.retain(|entry| entry["manager"] != "kube-controller-manager");
            for entry in entries.iter_mut() {
                if entry.get("time").is_some() {
                    entry["time"] = "TIME".into();
                }
            }
            entries.sort_by_key(Value::to_string);
        }
    }
    forget(&mut body, ns);
    body
}

fn forget(value: &mut Value, ns: &str) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                match (name.as_str(), &*value) {
                    ("clusterIP", Value::String(ip)) if ip.starts_with("10.") => *value = "ADDRESS".into(),
                    ("clusterIPs", Value::Array(ips)) if ips.iter().any(|ip| ip.as_str().is_some_and(|ip| ip.starts_with("10."))) => {
                        *value = json!(["ADDRESS"]);
                    }
                    ("nodePort" | "healthCheckNodePort", Value::Number(_)) => *value = "PORT".into(),
                    ("controller-uid" | "batch.kubernetes.io/controller-uid", Value::String(_)) => *value = "UID".into(),
                    ("namespace", Value::String(own)) if own == ns => *value = "NS".into(),
                    _ => forget(value, ns),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|value| forget(value, ns)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Whether a value was refused: conflicts and requests that cannot be understood are compared in full.
fn refused(answer: &Value) -> bool {
    answer["code"] == 422 && answer["body"]["reason"] == "Invalid"
}

/// The places where two answers differ.
fn differences(at: &str, ours: &Value, theirs: &Value, found: &mut Vec<(String, String, String)>) {
    match (ours, theirs) {
        (Value::Object(a), Value::Object(b)) => {
            for name in a.keys().chain(b.keys().filter(|name| !a.contains_key(*name))) {
                let none = Value::Null;
                differences(&format!("{at}/{name}"), a.get(name).unwrap_or(&none), b.get(name).unwrap_or(&none), found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (n, (a, b)) in a.iter().zip(b).enumerate() {
                differences(&format!("{at}/{n}"), a, b, found);
            }
        }
        (a, b) if a == b => {}
        (a, b) => found.push((at.to_owned(), short(a), short(b))),
    }
}

fn short(value: &Value) -> String {
    value.to_string().chars().take(300).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_gives_the_same_object_on_both_clusters() {
    let Some(kubeconfig) = real_kubeconfig("patches") else { return };
    let _ = rustls::crypto::ring::default_provider().install_default();
    let read = kube::config::Kubeconfig::read_from(&kubeconfig).unwrap();
    let config = kube::Config::from_custom_kubeconfig(read, &kube::config::KubeConfigOptions::default()).await.unwrap();
    let real = Side { client: config.try_into().unwrap(), ns: format!("apply-patches-{}", std::process::id()) };
    real.found().await;
    let ours = Side::built_in().await;
    let manifests = manifests();
    let results: Vec<(Case, Vec<Value>, Vec<Value>)> = futures::stream::iter(chosen())
        .map(|seed| {
            let case = Case::of(seed, &manifests);
            async {
                let (a, b) = futures::join!(ours.play(&case), real.play(&case));
                (case, a, b)
            }
        })
        .buffered(8)
        .collect()
        .await;
    real.send("/api/v1/namespaces", &Step { method: "DELETE", name: real.ns.clone(), ..Step::create(&Value::Null) }).await;
    let (mut said, mut wrong, mut steps, mut refusals) = (BTreeMap::<String, Vec<String>>::new(), 0, 0, 0);
    let mut codes = BTreeMap::<String, u32>::new();
    for (case, ours, theirs) in &results {
        for (step, (a, b)) in case.steps.iter().zip(ours.iter().zip(theirs)) {
            steps += 1;
            *codes.entry(format!("{} {} {}", step.method, step.content, b["code"])).or_default() += 1;
            let mut found = Vec::new();
            match (refused(a), refused(b)) {
                // Which values are refused, and in which words, is what the exchanges about admission compare.
                (true, true) => {}
                (true, false) | (false, true) => {
                    refusals += 1;
                    break;
                }
                (false, false) => differences("", a, b, &mut found),
            }
            if found.is_empty() {
                continue;
            }
            wrong += 1;
            let lines: Vec<String> =
                found.iter().take(4).map(|(at, a, b)| format!("      {at}\n        built-in {a}\n        real     {b}")).collect();
            let text = format!(
                "  case {} ({} {}), {} {} ?{} {}\n{}",
                case.seed,
                case.kind,
                case.origin,
                step.method,
                step.content,
                step.query,
                short(&step.body),
                lines.join("\n")
            );
            let place = found.first().map(|f| f.0.clone()).unwrap_or_default();
            said.entry(format!("{} {}: {place}", case.kind, step.method)).or_default().push(text);
            // What comes after a difference differs because of it.
            break;
        }
    }
    println!("{} cases, {steps} answers; {wrong} cases differ; in {refusals} only one refused a value; {codes:?}", results.len());
    assert!(refusals * 5 < results.len(), "in {refusals} of {} cases only one of the two refused a value", results.len());
    let text: Vec<String> =
        said.iter().map(|(place, all)| format!("{} x {place}\n{}", all.len(), all.first().map_or("", String::as_str))).collect();
    assert!(said.is_empty(), "\n{}", text.join("\n"));
}
