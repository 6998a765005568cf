//! Holes that tools of this kind have had, each as a test: on the built-in cluster, through the one-shot face, with a wire in
//! between that misbehaves.

mod answers;
mod bypass;
mod diagnosing;
mod lost;
mod model;
mod moved;
mod reading;
mod record;
mod refusals;
mod shown;
mod undoing;

use crate::support::{
    face::{Heard, Person},
    wire::Wire,
};
use aiops::{faces::args::Global, simulator::Simulator};
use serde_json::{Value, json};

/// A person before a cluster with Deployment `web` (two replicas) and ConfigMap `settings` in namespace `shop`.
struct Scene {
    person: Person,
    cluster: Simulator,
    wire: Wire,
}

const SHOP: &str = "shop";

impl Scene {
    async fn new() -> Scene {
        let (person, cluster, wire) = Person::over_a_wire().await;
        cluster.put(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SHOP}})).unwrap();
        cluster.put(deployment(2, "nginx:1.27")).unwrap();
        cluster.put(config("blue")).unwrap();
        let scene = Scene { person, cluster, wire };
        scene.settled().await;
        scene
    }

    /// Waits until both replicas are there and two looks find the same object, so that nothing moves by itself any more.
    async fn settled(&self) {
        let mut before = Value::Null;
        for _ in 0..200 {
            let web = self.person.object("deployment", "web", SHOP).await.unwrap();
            if web == before && web.pointer("/status/availableReplicas") == web.pointer("/spec/replicas") {
                self.wire.forget();
                return;
            }
            before = web;
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("deployment/web does not become available");
    }

    /// One request, answered with a plain yes where that is enough.
    async fn says(&self, request: &str) -> Heard {
        self.person.says(SHOP, &[request]).await
    }

    /// One request with these flags.
    async fn says_with(&self, request: &str, flags: Global) -> Heard {
        self.person.says_with(SHOP, &[request], flags).await
    }

    /// One request that is shown and not carried out.
    async fn shows(&self, request: &str) -> Heard {
        self.says_with(request, Global { dry_run: true, ..Global::default() }).await
    }

    async fn web(&self) -> Value {
        self.person.object("deployment", "web", SHOP).await.unwrap()
    }

    async fn replicas(&self) -> Option<i64> {
        self.web().await.pointer("/spec/replicas").and_then(Value::as_i64)
    }

    /// Somebody else changes an object, and tries again as they would if a controller wrote it in between.
    async fn somebody(&self, kind: &str, name: &str, change: impl Fn(&mut Value)) {
        for _ in 0..50 {
            let mut object = self.person.object(kind, name, SHOP).await.unwrap();
            change(&mut object);
            match self.cluster.put(object) {
                Ok(_) => return self.wire.forget(),
                Err(refusal) => assert_eq!(refusal.reason, "Conflict", "{refusal:?}"),
            }
        }
        panic!("{kind}/{name} is written faster than it can be changed");
    }
}

fn yes() -> Global {
    Global { yes: true, ..Global::default() }
}

fn confirm(name: &str) -> Global {
    Global { confirm: Some(name.into()), ..Global::default() }
}

fn deployment(replicas: i64, image: &str) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "namespace": SHOP, "labels": {"app": "web"}},
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": "web"}}, "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "web", "image": image, "env": [{"name": "MODE", "value": "live"}]}]}}}
    })
}

fn config(colour: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": SHOP}, "data": {"colour": colour}})
}
