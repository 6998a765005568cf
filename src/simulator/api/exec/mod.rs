//! exec: a request that becomes a WebSocket with a container's process at the other end.
//!
//! Owns: which requests may become one, and the change of protocol, for clients in the same process too. Does not own: what the process does
//! (`container`), what goes over the socket (`channels`). Sources: `pkg/registry/core/pod/rest/subresources.go`, `apimachinery/pkg/util/remotecommand`.
mod channels;

use super::{Answer, Ask, logs};
use crate::simulator::{Simulator, cluster::Cluster, json::text, refusal::Refusal, store::Key};
use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header, request::Parts};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// The protocols in which a client may speak, the newest first.
const PROTOCOLS: &[&str] = &["v5.channel.k8s.io", "v4.channel.k8s.io"];

/// A wish to talk with a process in a container, granted but for the change of protocol.
#[derive(Debug)]
pub(in crate::simulator) struct Call {
    key: Key,
    container: String,
    /// Which run of the container: its id.
    run: String,
    words: Vec<String>,
    stdin: bool,
    stdout: bool,
    stderr: bool,
    tty: bool,
    protocol: &'static str,
}

/// Grants a wish, or says why not.
pub(super) fn answer(cluster: &Cluster, ask: &Ask, key: &Key) -> Result<Answer, Refusal> {
    let pod = cluster.fetch(key)?;
    let container = logs::container(&pod, key, ask.query("container"))?;
    if text(&pod, "/spec/nodeName").is_empty() {
        return Err(Refusal::bad_request(format!("pod {} does not have a host assigned", key.name)));
    }
    if ask.upgrade.is_empty() {
        return Err(Refusal::bad_request("Upgrade request required"));
    }
    if ask.method == Method::POST && ask.upgrade.eq_ignore_ascii_case("websocket") {
        return Err(Refusal::plain(405, "bad method"));
    }
    let [stdin, stdout, stderr, tty] = ["stdin", "stdout", "stderr", "tty"].map(|name| ask.flag(name));
    if !stdin && !stdout && !stderr {
        return Err(Refusal::plain(400, "you must specify at least 1 of stdin, stdout, stderr"));
    }
    let Some(run) = run_of(&pod, &container) else {
        return Err(Refusal::plain(500, format!("container not found ({container:?})")));
    };
    if !ask.upgrade.eq_ignore_ascii_case("websocket") {
        return Err(Refusal::beyond_us(&format!(
            "{} over {}; a client that speaks WebSocket is heard (kubectl 1.31 and later)",
            ask.path, ask.upgrade
        )));
    }
    let offered: Vec<&str> = ask.protocols.split(',').map(str::trim).collect();
    let protocol = PROTOCOLS.iter().find(|p| offered.contains(p)).ok_or_else(|| Refusal::plain(403, ""))?;
    let words = ask.all("command").map(str::to_owned).collect();
    let run = run.to_owned();
    Ok(Answer::Call(Box::new(Call { key: key.clone(), container, run, words, stdin, stdout, stderr: stderr && !tty, tty, protocol })))
}

/// Which run of a container runs.
fn run_of<'a>(pod: &'a serde_json::Value, container: &str) -> Option<&'a str> {
    let status = logs::status(pod, container)?;
    status.pointer("/state/running")?;
    Some(text(status, "/containerID"))
}

/// Changes the protocol: gives the answer that says so, and talks from then on.
pub(super) fn switch(simulator: &Simulator, parts: Parts, call: Call) -> Response {
    let key = parts.headers.get(header::SEC_WEBSOCKET_KEY).map(|key| derive_accept_key(key.as_bytes()));
    let Some(accept) = key.and_then(|key| HeaderValue::from_str(&key).ok()) else {
        return (StatusCode::BAD_REQUEST, "Sec-WebSocket-Key is required").into_response();
    };
    let headers: HeaderMap = [
        (header::CONNECTION, HeaderValue::from_static("Upgrade")),
        (header::UPGRADE, HeaderValue::from_static("websocket")),
        (header::SEC_WEBSOCKET_ACCEPT, accept),
        (header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(call.protocol)),
    ]
    .into_iter()
    .collect();
    let simulator = simulator.clone();
    tokio::spawn(async move {
        // A client that left before the change has nothing to be told.
        if let Ok(socket) = hyper::upgrade::on(Request::from_parts(parts, ())).await {
            channels::talk(&simulator, TokioIo::new(socket), call).await;
        }
    });
    (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
}

/// Whether a request wants another protocol and came without a connection that could change.
pub(super) fn lacks_a_connection(request: &Request<Body>) -> bool {
    request.headers().contains_key(header::UPGRADE) && request.extensions().get::<OnUpgrade>().is_none()
}

/// Gives a client in this process a connection in memory, so that it can change protocols as any other.
///
/// # Errors
/// The request cannot be written as HTTP/1.1.
pub(super) async fn over_a_pipe(simulator: &Simulator, request: Request<Body>) -> hyper::Result<Response> {
    let (near, far) = tokio::io::duplex(64 * 1024);
    let server = crate::simulator::serving::answer(far, simulator.router());
    tokio::spawn(server);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(near)).await?;
    tokio::spawn(connection.with_upgrades());
    Ok(sender.send_request(request).await?.map(Body::new))
}
