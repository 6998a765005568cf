//! The HTTP face: paths to verbs on resources, and answers in the forms clients ask for.
//!
//! Owns: paths, queries, content types, Tables, discovery, watches, logs. Does not own: what a write means (`admit`), what happens after it (`controllers`).
//! Invariants: a request works on the cluster under its lock and never waits while it holds it; what this cluster cannot do is refused with 501, never ignored.
pub(super) mod access;
mod apply;
mod body;
mod cells;
mod columns;
mod discovery;
mod exec;
mod logs;
mod metrics;
mod openapi;
mod patch;
mod protobuf;
mod read;
mod request;
mod scale;
mod selection;
mod table;
mod watch;
mod write;

use super::{Simulator, cluster::Cluster, controllers, refusal::Refusal, registry::KindId, store::Key};
use crate::terms::kinds::Usage;
use axum::{
    body::{Body, Bytes},
    response::Response,
};
use http::{Method, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
pub(super) use request::Ask;
use serde_json::Value;
use std::time::Duration;

/// The largest body the API server reads. Source: `limitBytes` in `apiserver/pkg/server/config.go`.
const MAX_BODY: usize = 3 * 1024 * 1024;

/// An answer ready to be sent.
pub(super) enum Answer {
    Json(u16, Value),
    Bytes(Vec<u8>),
    Text(String),
    Stream(Body, &'static str),
    /// 204.
    Nothing,
    /// A change of protocol.
    Call(Box<exec::Call>),
}

/// What a path names: a resource, perhaps in a namespace, perhaps one object, perhaps a part of it.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) kind: KindId,
    pub(super) namespace: Option<String>,
    pub(super) name: Option<String>,
    pub(super) part: Option<String>,
    /// The path itself asks for a watch (`/api/v1/watch/…`).
    pub(super) watched: bool,
}

impl Target {
    pub(super) fn key(&self, name: &str) -> Key {
        Key::new(self.kind, self.namespace.as_deref().unwrap_or_default(), name)
    }
}

/// How long the body of a request may take.
const BODY_WITHIN: Duration = Duration::from_secs(60);

/// Answers one HTTP request.
pub(super) async fn handle(simulator: Simulator, request: axum::extract::Request) -> Response {
    if exec::lacks_a_connection(&request) {
        return Box::pin(exec::over_a_pipe(&simulator, request))
            .await
            .unwrap_or_else(|why| respond(Err(Refusal::bad_request(why.to_string()))));
    }
    let (parts, body) = request.into_parts();
    let body = match tokio::time::timeout(BODY_WITHIN, Limited::new(body, MAX_BODY).collect()).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(why)) if why.is::<LengthLimitError>() => {
            return respond(Err(Refusal::new(413, "RequestEntityTooLarge", format!("Request entity too large: limit is {MAX_BODY}"))));
        }
        Ok(Err(why)) => return respond(Err(Refusal::bad_request(why.to_string()))),
        Err(_) => {
            let why = format!("the body did not come within {} seconds", BODY_WITHIN.as_secs());
            return respond(Err(Refusal::new(408, "Timeout", why)));
        }
    };
    let mut ask = Ask::new(&parts, body);
    let mut response = match answer(&simulator, &mut ask) {
        Ok(Answer::Call(call)) => exec::switch(&simulator, parts, *call),
        answer => respond(answer),
    };
    for warning in ask.warnings() {
        response.headers_mut().append(header::WARNING, warning);
    }
    response
}

fn respond(answer: Result<Answer, Refusal>) -> Response {
    let json = "application/json";
    let later = answer.as_ref().err().and_then(|refusal| refusal.details["retryAfterSeconds"].as_u64());
    let (code, kind, body) = match answer {
        Ok(Answer::Json(code, value)) => (code, json, Body::from(value.to_string())),
        Ok(Answer::Bytes(bytes)) => (200, json, Body::from(bytes)),
        Ok(Answer::Text(text)) => (200, "text/plain; charset=utf-8", Body::from(text)),
        Ok(Answer::Stream(body, kind)) => (200, kind, body),
        // The change of protocol has its own answer.
        Ok(Answer::Nothing | Answer::Call(_)) => (204, "", Body::empty()),
        Err(refusal) if refusal.plain => (refusal.code, "text/plain; charset=utf-8", Body::from(refusal.message)),
        Err(refusal) => (refusal.code, json, Body::from(refusal.status().to_string())),
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if !kind.is_empty() {
        response.headers_mut().insert(header::CONTENT_TYPE, http::HeaderValue::from_static(kind));
    }
    if let Some(seconds) = later {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

fn answer(simulator: &Simulator, ask: &mut Ask) -> Result<Answer, Refusal> {
    ask.actor = simulator.with(|cluster| access::authenticate(cluster, ask))?;
    let ask = &*ask;
    let path = ask.path.strip_prefix('/').unwrap_or(&ask.path);
    let path = path.strip_suffix('/').unwrap_or(path);
    let segments: Vec<&str> = if path.is_empty() { Vec::new() } else { path.split('/').collect() };
    simulator.with(|cluster| access::check(cluster, ask, &segments))?;
    if let Some(answer) = simulator.with(|cluster| discovery::answer(cluster, ask, &segments)) {
        return if ask.method == Method::GET { answer } else { answer.and(Err(Refusal::method_not_allowed())) };
    }
    let (group, version, rest) = match segments[..] {
        ["api", version, ref rest @ ..] => ("", version, rest),
        ["apis", group, version, ref rest @ ..] => (group, version, rest),
        _ => return Err(Refusal::no_such_page()),
    };
    let target = simulator.with(|cluster| find(cluster, group, version, rest))?;
    let verb = verb(ask, &target)?;
    if let Some((.., why)) = DEPRECATED.iter().find(|(in_group, plural, _)| *in_group == group && rest.contains(plural)) {
        ask.warn(why);
    }
    let placeless =
        verb == "create" && target.namespace.is_none() && simulator.with(|cluster| cluster.registry.get(target.kind).namespaced);
    if placeless {
        return Err(Refusal::method_not_allowed());
    }
    serve(simulator, ask, verb, &target)
}

/// Kinds that the API server warns of: group, plural, and what it says.
const DEPRECATED: &[(&str, &str, &str)] = &[
    ("", "endpoints", "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"),
    ("", "componentstatuses", "v1 ComponentStatus is deprecated in v1.19+"),
];

/// The resource that a path under a group and version names.
fn find(cluster: &Cluster, group: &str, version: &str, rest: &[&str]) -> Result<Target, Refusal> {
    let resource = |plural: &str| cluster.registry.at(group, version, plural).ok_or_else(|| cluster.registry.nothing_at(group));
    let owned = |s: &str| Some(s.to_owned());
    let (watched, rest) = match rest {
        ["watch", rest @ ..] => (true, rest),
        _ => (false, rest),
    };
    let (namespace, plural, name, part) = match *rest {
        ["namespaces", namespace, plural, ref tail @ ..] if cluster.registry.at(group, version, plural).is_some_and(|r| r.namespaced) => {
            let part = (tail.len() > 1).then(|| tail[1..].join("/"));
            (owned(namespace), plural, tail.first().and_then(|n| owned(n)), part)
        }
        [plural] => (None, plural, None, None),
        [plural, name] => (None, plural, owned(name), None),
        [plural, name, ref part @ ..] => (None, plural, owned(name), Some(part.join("/"))),
        [] => return Err(Refusal::no_such_path()),
    };
    let resource = resource(plural)?;
    if resource.namespaced && namespace.is_none() && name.is_some() {
        return Err(Refusal::no_such_path());
    }
    if let Some(dots @ ("." | "..")) = name.as_deref() {
        return Err(Refusal::bad_request(format!("Name parameter invalid: {dots:?}: may not be '{dots}'")));
    }
    if part.as_deref().is_some_and(|p| !resource.has(p.split('/').next().unwrap_or_default())) {
        return Err(Refusal::no_such_path());
    }
    Ok(Target { kind: resource.id, namespace, name, part, watched })
}

fn verb(ask: &Ask, target: &Target) -> Result<&'static str, Refusal> {
    Ok(match (&ask.method, target.name.is_some()) {
        (&Method::GET, named) if target.watched || (!named && ask.flag("watch")) => "watch",
        (&Method::GET, false) => "list",
        (&Method::GET, true) => "get",
        (&Method::POST, named) if named == target.part.is_some() => "create",
        (&Method::PUT, true) => "update",
        (&Method::PATCH, true) => "patch",
        (&Method::DELETE, true) => "delete",
        (&Method::DELETE, false) => "deletecollection",
        _ => return Err(Refusal::method_not_allowed()),
    })
}

fn serve(simulator: &Simulator, ask: &Ask, verb: &str, target: &Target) -> Result<Answer, Refusal> {
    let usage = simulator.with(|cluster| cluster.registry.get(target.kind).usage);
    match (usage, verb) {
        (Usage::Asked, "create") => return simulator.with(|cluster| access::review(cluster, ask, target)),
        (Usage::Computed, "get" | "list") => return simulator.with(|cluster| metrics::answer(cluster, ask, target)),
        (Usage::Asked | Usage::Computed, _) => return Err(Refusal::method_not_allowed()),
        (Usage::Stored, _) => {}
    }
    let name = target.name.as_deref().unwrap_or_default();
    simulator.with(|cluster| {
        if [cluster.kinds.node, cluster.kinds.lease].contains(&target.kind) {
            controllers::renew(cluster);
        }
    });
    let write = |work: fn(&mut Cluster, &Ask, &Target, &str) -> Result<Answer, Refusal>| {
        // Nothing is written whose answer could not be given.
        ask.form()?;
        simulator.with(|cluster| {
            cluster.warnings.clear();
            cluster.actor = Some(ask.actor.clone());
            let answer = work(cluster, ask, target, name);
            cluster.actor = None;
            cluster.warnings.drain(..).for_each(|warning| ask.warn(&warning));
            answer
        })
    };
    match (target.part.as_deref(), verb) {
        (None, "list") => simulator.with(|cluster| read::list(cluster, ask, target)),
        (None, "watch") => watch::answer(simulator, ask, target),
        (None | Some("status"), "get") => simulator.with(|cluster| read::get(cluster, ask, &target.key(name))),
        (None, "create") => write(|cluster, ask, target, _| write::create(cluster, ask, target)),
        (None | Some("status" | "resize" | "finalize"), "update") => write(write::replace),
        (None | Some("status" | "resize"), "patch") => write(write::patch),
        (None, "delete") => simulator.with(|cluster| write::delete(cluster, ask, &target.key(name))),
        (None, "deletecollection") => simulator.with(|cluster| write::delete_many(cluster, ask, target)),
        (Some("approval"), "update") => write(write::approve),
        (Some("scale"), "get" | "update" | "patch") => simulator.with(|cluster| scale::answer(cluster, ask, verb, &target.key(name))),
        (Some("log"), "get") => logs::answer(simulator, ask, &target.key(name)),
        (Some("eviction"), "create") => simulator.with(|cluster| write::evict(cluster, ask, &target.key(name))),
        (Some("token"), "create") => simulator.with(|cluster| access::token(cluster, ask, &target.key(name))),
        (Some("exec"), "get" | "create") => simulator.with(|cluster| exec::answer(cluster, ask, &target.key(name))),
        (Some(part @ ("attach" | "portforward" | "proxy" | "ephemeralcontainers" | "approval" | "binding")), _) => {
            Err(Refusal::beyond_us(&format!("{part} on {}", ask.path)))
        }
        _ => Err(Refusal::method_not_allowed()),
    }
}

/// Reads a body as JSON, or as YAML where it says so.
fn body(ask: &Ask) -> Result<Value, Refusal> {
    parse(&ask.body, &ask.content_type)
}

fn parse(bytes: &Bytes, content_type: &str) -> Result<Value, Refusal> {
    if content_type.contains("yaml") && bytes.first().is_none_or(|b| *b != b'{') {
        let text = std::str::from_utf8(bytes).map_err(|e| Refusal::bad_request(e.to_string()))?;
        return super::manifest::one(text).map_err(|why| Refusal::bad_request(format!("error decoding YAML: {why}")));
    }
    if content_type.contains("protobuf") {
        return Err(Refusal::unsupported_media("application/json, application/yaml, application/vnd.kubernetes.protobuf"));
    }
    serde_json::from_slice(bytes).map_err(|why| Refusal::bad_request(format!("couldn't get version/kind; json parse error: {why}")))
}
