//! A wire that misbehaves on demand: it stands before the built-in cluster's router, remembers every request, and at the one a
//! test names it does something first, says something else, or loses the answer.

use axum::{body::Body, http};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tower::{BoxError, ServiceExt as _};

/// One request as it went over the wire.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub query: String,
    pub body: Value,
}

impl Seen {
    /// Whether it asks the server to change something or to rehearse a change: no read, no question about access, no made-up pod.
    pub fn mutates(&self) -> bool {
        self.method != "GET" && !self.path.ends_with("reviews") && !self.probes()
    }

    /// Whether it asks whether a pod of a workload would be admitted: rehearsed, and never sent.
    pub fn probes(&self) -> bool {
        self.path.ends_with("/pods")
            && self.query.split('&').any(|p| p == "dryRun=All")
            && self.body["metadata"]["generateName"].is_string()
    }

    /// Whether the server only rehearses it. A deletion with a body is read from the body alone.
    pub fn rehearses(&self) -> bool {
        let by_query = self.query.split('&').any(|p| p == "dryRun=All") && !self.probes();
        if self.method == "DELETE" { by_query && self.body["dryRun"] == json!(["All"]) } else { by_query }
    }

    /// Whether it changes something for good.
    pub fn writes(&self) -> bool {
        self.mutates() && !self.rehearses()
    }
}

/// What happens to a request.
pub enum Act {
    /// Something happens before it reaches the server.
    First(Box<dyn FnOnce() + Send>),
    /// It is carried out, and the answer is lost.
    LoseAnswer,
    /// It never reaches the server, and the connection breaks.
    LoseRequest,
    /// The connection breaks, and the server carries it out some time later.
    CarryOutLater(Duration),
    /// The answer comes late.
    Delay(Duration),
    /// It never reaches the server; something answers in its place.
    Answer(u16, &'static str),
    /// It is carried out; the body of the answer is something else.
    Garble(&'static str),
    /// It is carried out; the answer's object is changed on its way back.
    Rewrite(fn(&mut Value)),
}

struct Trick {
    which: Box<dyn Fn(&Seen) -> bool + Send>,
    act: Option<Act>,
}

#[derive(Default)]
struct Inner {
    seen: Mutex<Vec<Seen>>,
    tricks: Mutex<Vec<Trick>>,
}

/// The wire. Clones are the same wire.
#[derive(Clone, Default)]
pub struct Wire(Arc<Inner>);

impl Wire {
    /// The next request that fits is treated so; each trick is used once, the earliest that fits first.
    pub fn next(&self, which: impl Fn(&Seen) -> bool + Send + 'static, act: Act) {
        self.0.tricks.lock().unwrap().push(Trick { which: Box::new(which), act: Some(act) });
    }

    /// The next write for good is treated so.
    pub fn next_write(&self, act: Act) {
        self.next(Seen::writes, act);
    }

    /// Before the next write for good reaches the server, this happens.
    pub fn before_next_write(&self, first: impl FnOnce() + Send + 'static) {
        self.next_write(Act::First(Box::new(first)));
    }

    /// Everything that went over it so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.0.seen.lock().unwrap().clone()
    }

    /// The writes for good so far.
    pub fn writes(&self) -> Vec<Seen> {
        self.seen().into_iter().filter(Seen::writes).collect()
    }

    /// Takes back the tricks that were not used.
    pub fn drop_tricks(&self) {
        self.0.tricks.lock().unwrap().clear();
    }

    /// Forgets what went over it.
    pub fn forget(&self) {
        self.0.seen.lock().unwrap().clear();
    }

    fn trick(&self, seen: &Seen) -> Option<Act> {
        let mut tricks = self.0.tricks.lock().unwrap();
        let at = tricks.iter().position(|t| (t.which)(seen))?;
        tricks.remove(at).act
    }

    /// A service that sends everything over this wire to `server`.
    pub fn to(
        &self,
        server: axum::Router,
    ) -> impl tower::Service<
        http::Request<kube::client::Body>,
        Response = http::Response<Body>,
        Error = BoxError,
        Future = futures::future::BoxFuture<'static, Result<http::Response<Body>, BoxError>>,
    > + Send
    + 'static {
        let wire = self.clone();
        tower::service_fn(move |request: http::Request<kube::client::Body>| -> futures::future::BoxFuture<'static, _> {
            Box::pin(wire.clone().carry(request, server.clone()))
        })
    }

    /// A router that sends everything over this wire to `server`, to be served on a listener. A lost answer breaks the connection.
    pub fn router(&self, server: axum::Router) -> axum::Router {
        let wire = self.clone();
        axum::Router::new().fallback(move |request: http::Request<Body>| {
            let (wire, server) = (wire.clone(), server.clone());
            async move {
                let lost = |e: BoxError| http::Response::new(Body::from_stream(futures::stream::iter([Err::<bytes::Bytes, _>(e)])));
                wire.carry(request, server).await.unwrap_or_else(lost)
            }
        })
    }

    async fn carry<B>(self, request: http::Request<B>, server: axum::Router) -> Result<http::Response<Body>, BoxError>
    where
        B: http_body::Body,
        B::Error: Into<BoxError>,
    {
        let (parts, body) = request.into_parts();
        let bytes = body.collect().await.map_err(Into::into)?.to_bytes();
        let seen = Seen {
            method: parts.method.to_string(),
            path: parts.uri.path().to_string(),
            query: parts.uri.query().unwrap_or_default().to_string(),
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        };
        let act = self.trick(&seen);
        self.0.seen.lock().unwrap().push(seen);
        let forward = move || server.oneshot(http::Request::from_parts(parts, Body::from(bytes)));
        match act {
            None => Ok(forward().await?),
            Some(Act::First(first)) => {
                first();
                Ok(forward().await?)
            }
            Some(Act::LoseAnswer) => {
                let _ = forward().await;
                Err(cut())
            }
            Some(Act::LoseRequest) => Err(cut()),
            Some(Act::CarryOutLater(after)) => {
                tokio::spawn(async move {
                    tokio::time::sleep(after).await;
                    let _ = forward().await;
                });
                Err(cut())
            }
            Some(Act::Delay(by)) => {
                let answer = forward().await?;
                tokio::time::sleep(by).await;
                Ok(answer)
            }
            Some(Act::Answer(code, body)) => Ok(http::Response::builder().status(code).body(Body::from(body))?),
            Some(Act::Garble(body)) => {
                let (parts, _) = forward().await?.into_parts();
                Ok(http::Response::builder().status(parts.status).body(Body::from(body))?)
            }
            Some(Act::Rewrite(rewrite)) => {
                let (parts, body) = forward().await?.into_parts();
                let mut object: Value = serde_json::from_slice(&body.collect().await?.to_bytes())?;
                rewrite(&mut object);
                Ok(http::Response::builder().status(parts.status).body(Body::from(object.to_string()))?)
            }
        }
    }
}

fn cut() -> BoxError {
    std::io::Error::new(std::io::ErrorKind::ConnectionReset, "connection reset by peer").into()
}
