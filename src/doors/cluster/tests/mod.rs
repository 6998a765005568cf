//! The door's tests, against a faked wire: a service in this process, or a loopback listener.

mod errors;
mod login;
mod reading;
mod real;
mod rehearsal;
mod releases;
mod secrets;
mod snapshot;
mod wire;

use super::{Cluster, Identity};
use crate::ops::{Kind, Name, Namespace, Pin, Target};
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode},
    response::{IntoResponse as _, Response},
};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// One request as it arrived.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub method: Method,
    pub path: String,
    pub query: String,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Seen {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }
    /// `GET /path`.
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
    /// Whether it changes anything as it stands: not a read, not a question, not a rehearsal in the place the server looks at.
    pub fn changes(&self) -> bool {
        if self.method == Method::GET || self.path.ends_with("reviews") {
            return false;
        }
        if self.method == Method::DELETE && self.body != Value::Null {
            return self.body["dryRun"] != json!(["All"]);
        }
        !self.query.split('&').any(|p| p == "dryRun=All")
    }
}

pub(super) type Log = Arc<Mutex<Vec<Seen>>>;

/// A router that answers each request by `answer` (with its number, from 0) and remembers it.
pub(super) fn router(answer: impl Fn(&Seen, usize) -> Response + Clone + Send + Sync + 'static) -> (Router, Log) {
    let log = Log::default();
    let kept = log.clone();
    let router = Router::new().fallback(move |request: Request<Body>| {
        let (answer, log) = (answer.clone(), kept.clone());
        async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            let seen = Seen {
                method: parts.method,
                path: parts.uri.path().to_string(),
                query: parts.uri.query().unwrap_or_default().to_string(),
                headers: parts.headers,
                body: serde_json::from_slice(&body).unwrap_or(Value::Null),
            };
            let number = {
                let mut log = log.lock().unwrap();
                log.push(seen.clone());
                log.len() - 1
            };
            answer(&seen, number)
        }
    });
    (router, log)
}

/// A cluster behind such a router.
pub(super) fn fake(answer: impl Fn(&Seen, usize) -> Response + Clone + Send + Sync + 'static) -> (Cluster, Log) {
    let (router, log) = router(answer);
    (Cluster::over(router, identity()), log)
}

pub(super) fn identity() -> Identity {
    Identity {
        context: "test".into(),
        server: "https://api.test:6443".into(),
        user: "tester".into(),
        namespace: Namespace::new("dev").unwrap(),
        cluster_uid: None,
    }
}

pub(super) fn ok(body: Value) -> Response {
    axum::Json(body).into_response()
}

/// A `Status` as the server writes it.
pub(super) fn status(code: u16, reason: &str, message: &str) -> Response {
    let body = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": message});
    (StatusCode::from_u16(code).unwrap(), axum::Json(body)).into_response()
}

pub(super) fn target(kind: &str, name: &str) -> Target {
    Target::new(Kind::find(kind).unwrap(), Name::new(name).unwrap()).unwrap().in_namespace(Some(Namespace::new("dev").unwrap()))
}

pub(super) fn pin() -> Pin {
    Pin { uid: "u-1".into(), resource_version: "41".into(), digest: "d".into() }
}

pub(super) fn object(version: &str) -> Value {
    json!({"kind": "Deployment", "apiVersion": "apps/v1", "metadata": {"name": "web", "namespace": "dev", "uid": "u-1", "resourceVersion": version},
        "spec": {"replicas": 2}})
}
