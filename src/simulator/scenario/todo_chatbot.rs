//! The example application as it is found on a bad morning: backend and frontend are fine, `worker` crashes for want of `DATABASE_URL`.
use super::Past;
use crate::simulator::{Match, Refusal, Script, Settings, Simulator};
use serde_json::json;
use std::time::Duration;

pub(super) const NAMESPACE: &str = "todo-chatbot";

/// The example's manifests, in the order kubectl applies a folder.
const MANIFESTS: &[&str] = &[
    include_str!("../../../examples/todo-chatbot/k8s/00-namespace.yaml"),
    include_str!("../../../examples/todo-chatbot/k8s/10-config.yaml"),
    include_str!("../../../examples/todo-chatbot/k8s/20-backend.yaml"),
    include_str!("../../../examples/todo-chatbot/k8s/30-frontend.yaml"),
    include_str!("../../../examples/todo-chatbot/k8s/40-ingress.yaml"),
];
const WORKER: &str = include_str!("worker.yaml");

const HOUR: u64 = 3600;
/// How long ago things happened: the cluster, the application, the worker.
const CLUSTER: u64 = 9 * 24 * HOUR;
const APPLICATION: u64 = 2 * 24 * HOUR + 3 * HOUR;
/// Long enough for six restarts: the waits between them add up to five minutes and a quarter.
const TROUBLE: u64 = 6 * 60;

pub(super) fn start(settings: Settings) -> Result<Simulator, Refusal> {
    let past = Past::begin(settings, Duration::from_secs(CLUSTER))?;
    scripts(&past.simulator);
    past.let_pass(Duration::from_secs(CLUSTER - APPLICATION));
    for manifest in MANIFESTS {
        past.simulator.load_yaml(manifest)?;
        if manifest.contains("kind: ConfigMap") {
            past.simulator.put(secret())?;
        }
    }
    past.let_pass(Duration::from_secs(APPLICATION - TROUBLE));
    past.simulator.load_yaml(WORKER)?;
    past.let_pass(Duration::from_secs(TROUBLE));
    Ok(past.arrive())
}

/// Values that are plainly no secrets: the cluster is in this process, and nothing in it reaches a network.
fn secret() -> serde_json::Value {
    json!({
        "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
        "metadata": {"name": "todo-secrets", "namespace": NAMESPACE},
        "stringData": {
            "DATABASE_URL": "postgresql://demo:demo@db.invalid:5432/todo", "JWT_SECRET": "demo-only", "OPENAI_API_KEY": "demo-only",
            "RESEND_API_KEY": "demo-only", "BETTER_AUTH_SECRET": "demo-only",
        },
    })
}

fn scripts(simulator: &Simulator) {
    let image = |pattern: &str| Match::Image(pattern.to_owned());
    let backend = Script::runs()
        .ready_after(3)
        .needing("DATABASE_URL", "FATAL: DATABASE_URL is not set", 1)
        .saying(&["INFO  starting todo-backend", "INFO  database connection ok", "INFO  listening on 0.0.0.0:8000"])
        .ticking(30, "INFO  GET /health 200 1ms");
    let frontend = Script::runs()
        .ready_after(3)
        .saying(&["todo-frontend: starting", "todo-frontend: ready on http://0.0.0.0:3000"])
        .ticking(60, "GET / 200 in 6ms");
    let worker = Script::runs()
        .needing("DATABASE_URL", "FATAL: DATABASE_URL is not set", 1)
        .saying(&["INFO  starting todo-worker", "INFO  connected to the database", "INFO  waiting for jobs"])
        .ticking(60, "INFO  queue empty");
    simulator.script(image("todo-backend:*"), backend);
    simulator.script(image("todo-frontend:*"), frontend);
    simulator.script(image("todo-worker:*"), worker);
    // Tags that people try when they want to see a rollout fail.
    for tag in ["*:no-such-tag", "*:does-not-exist", "*:broken", "*:missing"] {
        simulator.script(image(tag), Script::cannot_pull());
    }
}
