//! Connections into pods: a process in a container, a port of a pod.
//!
//! They go over WebSocket (KEP-4006); a server before 1.30 that speaks SPDY alone refuses them.

use super::{Cluster, rejection, wire::Effect};
use crate::{
    facts::{Rejection, RejectionSort},
    ops::Call,
};
use futures::SinkExt as _;
use k8s_openapi::{api::core::v1::Pod, apimachinery::pkg::apis::meta::v1::Status};
use kube::api::{Api, AttachParams, AttachedProcess, TerminalSize};
use tokio::io::{AsyncRead, AsyncWrite};

/// Bytes on their way between a process and us; more wait.
const ON_THE_WAY: usize = 64 * 1024;

/// A process in a container, listening.
pub struct Talk {
    process: AttachedProcess,
}

/// How a process ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// By itself, with this code.
    Exit(i32),
    /// It could not be started, or its container ended: in the server's words.
    Failed(String),
    /// The connection ended before it said.
    Lost,
}

impl Cluster {
    /// Starts a process in a container (`exec`) or listens to the one that runs there (`attach`). The call's query says which
    /// container, which command and which streams.
    ///
    /// # Errors
    /// What the server said, or why it was not reached.
    pub async fn talk(&self, call: &Call) -> Result<Talk, Rejection> {
        let (pods, name) = self.pods(call).await?;
        let on = |key: &str| call.asked(key).any(|value| value == "true");
        let params = AttachParams {
            container: call.asked("container").next().map(str::to_string),
            stdin: on("stdin"),
            stdout: true,
            stderr: !on("tty"),
            tty: on("tty"),
            max_stdin_buf_size: Some(ON_THE_WAY),
            max_stdout_buf_size: Some(ON_THE_WAY),
            max_stderr_buf_size: Some(ON_THE_WAY),
        };
        let process = match call.subresource() {
            "attach" => pods.attach(&name, &params).await,
            _ => pods.exec(&name, call.asked("command").map(str::to_string).collect::<Vec<_>>(), &params).await,
        };
        process.map(|process| Talk { process }).map_err(|e| self.not_connected(&e))
    }

    /// One connection to one port of a pod. `why` it ended early is said by the future beside it.
    ///
    /// # Errors
    /// As [`Cluster::talk`].
    pub async fn tunnel(
        &self,
        call: &Call,
        port: u16,
    ) -> Result<(impl AsyncRead + AsyncWrite + Send + Unpin + use<>, impl Future<Output = Option<String>> + Send + use<>), Rejection> {
        let (pods, name) = self.pods(call).await?;
        let mut forwarder = pods.portforward(&name, &[port]).await.map_err(|e| self.not_connected(&e))?;
        let closed = || rejection::own(RejectionSort::ServerTrouble, "the connection ended at once");
        let stream = forwarder.take_stream(port).ok_or_else(closed)?;
        let error = forwarder.take_error(port).ok_or_else(closed)?;
        let said = async move {
            let said = error.await;
            // Dropped with this future: that ends the connection.
            drop(forwarder);
            said
        };
        Ok((stream, said))
    }

    async fn pods(&self, call: &Call) -> Result<(Api<Pod>, String), Rejection> {
        let (client, _) = self.client().await?;
        match call.target() {
            Some(pod) if pod.kind().is("pods", "") => {
                let namespace = pod.namespace().map_or("default", |ns| ns.as_str());
                Ok((Api::namespaced(client, namespace), pod.name().to_string()))
            }
            Some(_) | None => Err(rejection::own(RejectionSort::NotAllowed, "only pods can be connected to")),
        }
    }

    fn not_connected(&self, error: &kube::Error) -> Rejection {
        match error {
            kube::Error::Api(status) => {
                let body = serde_json::to_vec(status).unwrap_or_default();
                rejection::of_answer(status.code, &body, Effect::Read, false)
            }
            kube::Error::UpgradeConnection(why) => {
                let hint = "connections into pods go over WebSocket (Kubernetes 1.30 and later)";
                rejection::own(RejectionSort::ServerTrouble, format!("the server did not change protocols: {why}; {hint}"))
            }
            other => rejection::of_error(self.host(), other, Effect::Read),
        }
    }
}

impl Talk {
    /// Where its input goes, if it takes any. Closing it ends the input.
    pub fn input(&mut self) -> Option<impl AsyncWrite + Send + Unpin + use<>> {
        self.process.stdin()
    }

    /// What it writes.
    pub fn output(&mut self) -> Option<impl AsyncRead + Send + Unpin + use<>> {
        self.process.stdout()
    }

    /// What it complains.
    pub fn complaints(&mut self) -> Option<impl AsyncRead + Send + Unpin + use<>> {
        self.process.stderr()
    }

    /// Tells the terminal's size from here on, first and whenever it differs: columns and rows.
    pub fn sizes(&mut self, mut sizes: tokio::sync::watch::Receiver<(u16, u16)>) -> impl Future<Output = ()> + Send + use<> {
        let tells = self.process.terminal_size();
        async move {
            let Some(mut tells) = tells else { return };
            loop {
                let (width, height) = *sizes.borrow_and_update();
                if tells.send(TerminalSize { width, height }).await.is_err() || sizes.changed().await.is_err() {
                    return;
                }
            }
        }
    }

    /// How it ended, once it has.
    pub fn ended(&mut self) -> impl Future<Output = Ended> + Send + use<> {
        let status = self.process.take_status();
        async move {
            match status {
                Some(status) => status.await.map_or(Ended::Lost, |status| ended(&status)),
                None => Ended::Lost,
            }
        }
    }
}

/// Source: `ExitStatus` in `client-go/util/exec` and `apimachinery/pkg/util/remotecommand`.
fn ended(status: &Status) -> Ended {
    if status.status.as_deref() == Some("Success") {
        return Ended::Exit(0);
    }
    let causes = status.details.as_ref().and_then(|d| d.causes.as_ref());
    let code =
        causes.into_iter().flatten().find(|c| c.reason.as_deref() == Some("ExitCode")).and_then(|c| c.message.as_deref()?.parse().ok());
    match code {
        Some(code) => Ended::Exit(code),
        None => Ended::Failed(status.message.clone().unwrap_or_else(|| "it did not say why".into())),
    }
}
