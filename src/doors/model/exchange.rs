//! One exchange over HTTP: the service async-openai sends its requests through. It keeps what that crate would lose (the status of an
//! error whose body has another shape, where a stream broke off), retries once and no more, and bounds what comes in.

use super::{
    assembly::{one_line, said_in, trouble_of},
    settings::Limits,
    wire::ModelTrouble,
};
use async_openai::{error::OpenAIError, middleware::HttpRequestFactory};
use futures::StreamExt as _;
use reqwest::{Body, Response, StatusCode, header};
use serde_json::Value;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// The longest line an event stream may have: one that never ends would be kept whole.
const LINE: usize = 512 * 1024;

/// What was seen on the wire that does not come through the stream of frames.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen(Arc<Mutex<Marks>>);

#[derive(Debug, Default)]
struct Marks {
    done: bool,
    trouble: Option<ModelTrouble>,
}

impl Seen {
    /// Whether the server marked the end of its answer.
    pub(super) fn done(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).done
    }
    /// Why the stream broke off, if it did.
    pub(super) fn trouble(&self) -> Option<ModelTrouble> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).trouble.clone()
    }
    fn mark(&self, set: impl FnOnce(&mut Marks)) {
        set(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Sends a request, at most twice; nothing is sent again once an answer has begun.
pub(super) async fn send(http: reqwest::Client, factory: HttpRequestFactory, limits: Limits, seen: Seen) -> Result<Response, OpenAIError> {
    let mut may_retry = true;
    loop {
        let request = factory.build().await?;
        let (trouble, pause) = match http.execute(request).await {
            Ok(response) if response.status().is_success() => return opened(response, &limits, seen).await.map_err(carried),
            Ok(response) => {
                let again = matches!(response.status(), StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
                let wait = retry_after(&response);
                let (trouble, lasting) = refusal(response).await;
                let pause = if lasting || !again { None } else { Some(wait.map_or(Duration::from_millis(300), Duration::from_secs)) };
                (with_wait(trouble, wait), pause)
            }
            Err(e) => {
                let pause = (e.is_connect() && !e.is_timeout()).then_some(Duration::from_millis(100));
                (lost(&e), pause)
            }
        };
        match pause {
            Some(pause) if may_retry && pause <= limits.retry => tokio::time::sleep(pause).await,
            Some(_) | None => return Err(carried(trouble)),
        }
        may_retry = false;
    }
}

fn carried(trouble: ModelTrouble) -> OpenAIError {
    OpenAIError::Boxed(Box::new(trouble))
}

fn with_wait(trouble: ModelTrouble, wait: Option<u64>) -> ModelTrouble {
    match trouble {
        ModelTrouble::TooManyRequests { .. } => ModelTrouble::TooManyRequests { retry_after: wait },
        other => other,
    }
}

fn retry_after(response: &Response) -> Option<u64> {
    response.headers().get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()
}

/// What a failure to send means. Its own words are not kept: an address with a password may stand in them.
fn lost(e: &reqwest::Error) -> ModelTrouble {
    match (e.is_connect(), e.is_timeout()) {
        (true, _) | (false, false) => ModelTrouble::Unreachable,
        (false, true) => ModelTrouble::TimedOut,
    }
}

/// What an HTTP error means, and whether asking again is of no use (the quota is spent).
async fn refusal(response: Response) -> (ModelTrouble, bool) {
    let status = response.status();
    if status.is_redirection() {
        let said = "it sends elsewhere, and aiops sends your cluster's data to no place you did not name".to_string();
        return (ModelTrouble::ServerTrouble { status: status.as_u16(), said }, true);
    }
    let plain = is(&response, "text/plain");
    let bytes = some(response, 16 * 1024).await;
    let body: Option<Value> = serde_json::from_slice(&bytes).ok();
    let said = match &body {
        Some(body) => said_in(body),
        None if plain => one_line(&String::from_utf8_lossy(&bytes)),
        None => String::new(),
    };
    let lasting = body.is_some_and(|b| b["error"]["code"] == "insufficient_quota" || b["error"]["type"] == "insufficient_quota");
    (trouble_of(status.as_u16(), said), lasting)
}

/// The beginning of a body.
async fn some(mut response: Response, limit: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while bytes.len() < limit
        && let Ok(Some(chunk)) = response.chunk().await
    {
        bytes.extend_from_slice(&chunk);
    }
    bytes.truncate(limit);
    bytes
}

fn is(response: &Response, kind: &str) -> bool {
    response.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).is_some_and(|v| v.to_ascii_lowercase().starts_with(kind))
}

/// An answer that has begun, with its bytes watched.
async fn opened(response: Response, limits: &Limits, seen: Seen) -> Result<Response, ModelTrouble> {
    if is(&response, "text/html") {
        return Err(ModelTrouble::Garbage("it is a web page; OPENAI_BASE_URL usually ends in /v1".into()));
    }
    if is(&response, "application/json") {
        // It was asked for a stream and sends all at once.
        let bytes = some(response, limits.reply * 2).await;
        let whole: Value = serde_json::from_slice(&bytes).map_err(|_| ModelTrouble::Garbage("it is no JSON".into()))?;
        seen.mark(|m| m.done = true);
        return Ok(Response::from(http::Response::new(Body::from(format!("data: {whole}\n\ndata: [DONE]\n\n")))));
    }
    let mut watch = Watch { wire: 0, line: Vec::new(), line_bytes: 0, limit: limits.wire };
    let stream = response.bytes_stream().map(move |chunk| {
        let trouble = match &chunk {
            Ok(bytes) => watch.see(bytes, &seen),
            Err(e) if e.is_timeout() => Some(ModelTrouble::TimedOut),
            Err(_) => Some(ModelTrouble::Truncated),
        };
        match (trouble, chunk) {
            (None, Ok(bytes)) => Ok(bytes),
            (trouble, _) => {
                seen.mark(|m| m.trouble = m.trouble.take().or(trouble));
                Err(std::io::Error::other("it broke off"))
            }
        }
    });
    Ok(Response::from(http::Response::new(Body::wrap_stream(stream))))
}

/// Counts what goes by, and sees the mark at the end: a raw newline cannot stand in JSON, so no text in an answer can look like it.
struct Watch {
    wire: usize,
    /// The first bytes of the line that is under way.
    line: Vec<u8>,
    line_bytes: usize,
    limit: usize,
}

impl Watch {
    fn see(&mut self, bytes: &[u8], seen: &Seen) -> Option<ModelTrouble> {
        self.wire += bytes.len();
        for byte in bytes {
            if matches!(byte, b'\n' | b'\r') {
                self.line.clear();
                self.line_bytes = 0;
                continue;
            }
            self.line_bytes += 1;
            if self.line.len() < 16 {
                self.line.push(*byte);
                if self.line == b"data: [DONE]" || self.line == b"data:[DONE]" {
                    seen.mark(|m| m.done = true);
                }
            }
        }
        if self.wire > self.limit || self.line_bytes > LINE {
            return Some(ModelTrouble::Garbage("it does not end".into()));
        }
        None
    }
}
