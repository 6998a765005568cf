//! A cluster to try things on, and a namespace there.
use aiops::simulator::{Settings, Simulator};
use http::{Request, Response};
use http_body_util::BodyExt as _;
use kube::client::Body;
use serde_json::{Value, json};
use std::{path::Path, time::Duration};

/// Either cluster, with a namespace of its own.
pub struct Ground {
    pub client: kube::Client,
    pub ns: String,
    /// A node that takes pods.
    pub node: &'static str,
    built_in: Option<Simulator>,
}

const NOON: &str = "2026-11-21T12:00:00Z";

impl Ground {
    /// A new built-in cluster whose clock stands still.
    pub async fn built_in(name: &str) -> Ground {
        let simulator = Simulator::new(Settings::still_at(NOON.parse().unwrap())).unwrap();
        let client = kube::Client::new(simulator.router(), "default");
        let ground = Ground { client, ns: format!("conform-0-{name}"), node: "demo-node-1", built_in: Some(simulator) };
        ground.settle_in().await;
        ground
    }

    /// The real one.
    pub async fn real(kubeconfig: &Path, name: &str) -> Ground {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let read = kube::config::Kubeconfig::read_from(kubeconfig).unwrap();
        let mut config = kube::Config::from_custom_kubeconfig(read, &kube::config::KubeConfigOptions::default()).await.unwrap();
        // What the server says is wanted, not what it says in the end.
        config.default_retry = false;
        let ns = format!("conform-{}-{name}", std::process::id());
        let ground = Ground { client: config.try_into().unwrap(), ns, node: "fake-0", built_in: None };
        ground.settle_in().await;
        ground
    }

    async fn settle_in(&self) {
        let body = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.ns}});
        let (code, answer) = self.ask("POST", "/api/v1/namespaces", Some(&body)).await;
        assert_eq!(code, 201, "{answer}");
        let path = format!("/api/v1/namespaces/{}/serviceaccounts/default", self.ns);
        self.until(async || self.ask("GET", &path, None).await.0 == 200).await;
    }

    /// Takes the namespace away; what is in it goes with it.
    pub async fn leave(&self) {
        self.ask("DELETE", &format!("/api/v1/namespaces/{}", self.ns), None).await;
    }

    /// Sends a request as it is.
    pub async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.client.send(request).await.unwrap()
    }

    /// A request with a JSON body, and the answer's code and JSON.
    pub async fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let mut request = Request::builder().method(method).uri(path);
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let body = body.map_or_else(Body::empty, |b| Body::from(b.to_string().into_bytes()));
        let response = self.send(request.body(body).unwrap()).await;
        let code = response.status().as_u16();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (code, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    /// Lets a moment pass: a second of the built-in cluster's time, a tenth of a real one.
    pub async fn moment(&self) {
        match &self.built_in {
            Some(simulator) => simulator.step(Duration::from_secs(1)),
            None => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }

    /// Lets time pass until it holds; false where it never does.
    pub async fn until(&self, mut holds: impl AsyncFnMut() -> bool) -> bool {
        for _ in 0..300 {
            if holds().await {
                return true;
            }
            self.moment().await;
        }
        false
    }
}
