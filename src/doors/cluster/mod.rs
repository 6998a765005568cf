//! The door to the cluster: the one place that speaks with a Kubernetes API server.
//!
//! Owns: kubeconfig and logging in ([`Connect`]), how a [`Call`] goes over the wire and what comes back ([`Cluster::send`]),
//! reading in parallel and page by page, answering [`Need`](crate::facts::Need)s, rehearsals, and keeping Secret values in.
//! Does not own: which calls are made, whether they may be made, or what an answer means.
//! Invariants: `kube` and `k8s_openapi` are named here and nowhere else. A write is sent exactly once: nothing here repeats
//! it, and an answer that did not come is `AnswerLost`. A rehearsal always carries `dryRun=All`. A Secret's values leave only
//! as sizes and keyed digests, a Helm release only decoded and masked. Context and server are fixed once connected, also across new logins.

mod connect;
mod credential;
mod discover;
mod dry_run;
mod gather;
mod kubeconfig;
mod kubeconfig_view;
mod lend;
mod objects;
mod open;
mod pages;
mod plugin;
mod proxy;
mod read;
mod redact;
mod rejection;
pub(in crate::doors) mod release;
mod release_mask;
mod send;
mod talk;
mod together;
mod wire;

#[cfg(test)]
mod tests;

pub use connect::Connect;
pub use read::Logs;
pub use talk::{Ended, Talk};

use crate::{
    ops::{Call, Kind, Lookup, Name, Namespace, Pin, Target},
    world::World,
};
use bytes::Bytes;
use http_body::Body as HttpBody;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::sync::{OnceCell, RwLock};

/// How long an answer may take where nobody said.
const PATIENCE: Duration = Duration::from_secs(30);

/// A cluster that can be asked. Cloning is free; clones share connections and login.
#[derive(Clone)]
pub struct Cluster(Arc<Inner>);

/// Who we are, where.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Identity {
    /// The kubeconfig's context; `in-cluster` for a pod's own account.
    pub context: String,
    /// The server's address as the kubeconfig has it.
    pub server: String,
    /// The kubeconfig's user, or the one acted as.
    pub user: String,
    /// The namespace where none is said.
    pub namespace: Namespace,
    /// `kube-system`'s uid where it was known from the start; else see [`Cluster::cluster_uid`].
    pub cluster_uid: Option<String>,
}

/// How a call is sent. The pin is the state that it was approved for; the server refuses when the object has moved.
#[derive(Debug, Clone, Copy)]
pub enum Sending<'a> {
    /// A call that changes nothing.
    Read,
    /// A change, only rehearsed.
    DryRun(Option<&'a Pin>),
    /// A change.
    Write(Option<&'a Pin>),
}

struct Inner {
    identity: Identity,
    /// `None`: wait for ever.
    patience: Option<Duration>,
    live: RwLock<send::Live>,
    login: Option<connect::Login>,
    uid: OnceCell<String>,
    /// Kinds that discovery told of.
    kinds: Mutex<Vec<Kind>>,
}

impl Cluster {
    /// Logs in as the kubeconfig says. No request is sent, but a credential plugin may run (it may prompt where
    /// [`Connect::interactive`] allows it).
    ///
    /// # Errors
    /// A sentence with hints: no kubeconfig, a broken one, no such context, a plugin that is missing, slow or failing.
    pub async fn connect(connect: &Connect, world: &World) -> Result<Cluster, crate::problem::Problem> {
        let login = connect::Login::new(connect, world)?;
        let (identity, live) = login.first().await?;
        Ok(Cluster(Arc::new(Inner {
            identity,
            patience: match connect.request_timeout {
                None => Some(PATIENCE),
                Some(Duration::ZERO) => None,
                Some(set) => Some(set),
            },
            live: RwLock::new(live),
            login: Some(login),
            uid: OnceCell::new(),
            kinds: Mutex::default(),
        })))
    }

    /// A cluster behind a service in this process: the built-in one, or a test's. Must be called inside a tokio runtime.
    pub fn over<S, B>(service: S, identity: Identity) -> Cluster
    where
        S: tower::Service<http::Request<kube::client::Body>, Response = http::Response<B>> + Send + 'static,
        S::Future: Send + 'static,
        S::Error: Into<tower::BoxError>,
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<tower::BoxError>,
    {
        let client = kube::Client::new(service, identity.namespace.as_str());
        Cluster(Arc::new(Inner {
            identity,
            patience: Some(PATIENCE),
            live: RwLock::new(send::Live::new(client, send::Ends::default())),
            login: None,
            uid: OnceCell::new(),
            kinds: Mutex::default(),
        }))
    }

    /// Who we are, where.
    pub fn identity(&self) -> &Identity {
        &self.0.identity
    }

    /// `kube-system`'s uid, which tells one cluster from another; fetched once.
    pub async fn cluster_uid(&self) -> Lookup<String> {
        if let Some(known) = self.0.identity.cluster_uid.as_ref().or_else(|| self.0.uid.get()) {
            return Lookup::Known(known.clone());
        }
        let (Some(kind), Ok(name)) = (Kind::find("namespaces"), Name::new("kube-system")) else { return Lookup::Missing };
        let Ok(target) = Target::new(kind, name) else { return Lookup::Missing };
        match self.object(&Call::get(&target)).await {
            Lookup::Known(object) => match object.pointer("/metadata/uid").and_then(|u| u.as_str()) {
                Some(uid) => {
                    let uid = self.0.uid.get_or_init(|| async { uid.to_string() }).await;
                    Lookup::Known(uid.clone())
                }
                None => Lookup::NotChecked("kube-system has no uid".into()),
            },
            Lookup::Missing => Lookup::Missing,
            Lookup::NotChecked(why) => Lookup::NotChecked(why),
        }
    }

    /// The server's version: `v1.36.1`.
    pub async fn version(&self) -> Lookup<String> {
        match self.ask(&wire::Outgoing::path("/version", wire::JSON)).await.and_then(send::Answer::accepted) {
            Ok(body) => serde_json::from_slice::<serde_json::Value>(&body)
                .ok()
                .and_then(|v| Some(v.get("gitVersion")?.as_str()?.to_string()))
                .map_or_else(|| Lookup::NotChecked("the server does not say its version".into()), Lookup::Known),
            Err(rejection) => gather::unanswered(rejection),
        }
    }

    /// `127.0.0.1:6443`: the server without its scheme, for sentences.
    fn host(&self) -> &str {
        let server = self.0.identity.server.as_str();
        server.split_once("://").map_or(server, |(_, rest)| rest).trim_end_matches('/')
    }
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Cluster").field(&self.0.identity).finish()
    }
}
