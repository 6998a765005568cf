//! Connections into pods: a process in a container, a port of a pod.
//!
//! They go over WebSocket (KEP-4006); a server before 1.30 that speaks SPDY alone refuses them.

use super::{Cluster, rejection, wire::Effect};
use crate::{
    facts::{Rejection, RejectionSort},
    ops::Call,
};
use futures::{
    FutureExt as _, SinkExt as _,
    future::{BoxFuture, Shared},
};
use k8s_openapi::{api::core::v1::Pod, apimachinery::pkg::apis::meta::v1::Status};
use kube::api::{Api, AttachParams, AttachedProcess, TerminalSize};
use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Bytes on their way between a process and us; more wait.
const ON_THE_WAY: usize = 64 * 1024;

/// A process in a container, listening.
pub struct Talk {
    process: AttachedProcess,
    ended: Shared<BoxFuture<'static, Ended>>,
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
        process.map(Talk::of).map_err(|e| self.not_connected(&e))
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
    fn of(mut process: AttachedProcess) -> Talk {
        let status = process.take_status();
        let ended = async move {
            match status {
                Some(status) => status.await.map_or(Ended::Lost, |status| ended(&status)),
                None => Ended::Lost,
            }
        };
        Talk { process, ended: ended.boxed().shared() }
    }

    /// Where its input goes, if it takes any. Closing it ends the input; a process that has ended takes no more.
    pub fn input(&mut self) -> Option<impl AsyncWrite + Send + Unpin + use<>> {
        self.process.stdin().map(|stream| self.while_it_lasts(stream))
    }

    /// What it writes.
    pub fn output(&mut self) -> Option<impl AsyncRead + Send + Unpin + use<>> {
        self.process.stdout().map(|stream| self.while_it_lasts(stream))
    }

    /// What it complains.
    pub fn complaints(&mut self) -> Option<impl AsyncRead + Send + Unpin + use<>> {
        self.process.stderr().map(|stream| self.while_it_lasts(stream))
    }

    fn while_it_lasts<S>(&self, stream: S) -> WhileItLasts<S> {
        WhileItLasts { stream, ending: self.ended.clone(), ended: None }
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
    pub fn ended(&self) -> impl Future<Output = Ended> + Send + use<> {
        self.ended.clone()
    }
}

/// A stream of a connection that may break. The client's pipes (`tokio::io::simplex`) do not end when their other half is
/// dropped, as it is where the connection breaks: who waits on one would wait forever.
struct WhileItLasts<S> {
    stream: S,
    ending: Shared<BoxFuture<'static, Ended>>,
    ended: Option<Ended>,
}

impl<S> WhileItLasts<S> {
    fn poll_ended(&mut self, cx: &mut Context<'_>) -> Poll<&Ended> {
        if self.ended.is_none() {
            self.ended = Some(ready!(self.ending.poll_unpin(cx)));
        }
        self.ended.as_ref().map_or(Poll::Pending, Poll::Ready)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for WhileItLasts<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if let Poll::Ready(read) = Pin::new(&mut self.stream).poll_read(cx, buf) {
            return Poll::Ready(read);
        }
        match ready!(self.poll_ended(cx)) {
            // What came before the end is read first; then there is nothing more.
            Ended::Lost => match Pin::new(&mut self.stream).poll_read(cx, buf) {
                Poll::Pending => Poll::Ready(Ok(())),
                read @ Poll::Ready(_) => read,
            },
            // The pipe is closed in order, after the last of it.
            Ended::Exit(_) | Ended::Failed(_) => Poll::Pending,
        }
    }
}

impl<S: AsyncWrite + Unpin> WhileItLasts<S> {
    /// What is not taken at once is never taken after the end.
    fn or_ended<T>(&mut self, cx: &mut Context<'_>, done: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if done.is_ready() {
            return done;
        }
        ready!(self.poll_ended(cx));
        Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for WhileItLasts<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.or_ended(cx, done)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let done = Pin::new(&mut self.stream).poll_flush(cx);
        self.or_ended(cx, done)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let done = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.or_ended(cx, done)
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

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    fn ending(how: Option<Ended>) -> Shared<BoxFuture<'static, Ended>> {
        match how {
            Some(how) => futures::future::ready(how).boxed().shared(),
            None => futures::future::pending().boxed().shared(),
        }
    }

    #[tokio::test]
    async fn what_breaks_off_is_read_as_far_as_it_came_and_no_write_waits_for_it() {
        let (from, mut into) = tokio::io::simplex(8);
        into.write_all(b"said").await.unwrap();
        let mut lost = WhileItLasts { stream: from, ending: ending(Some(Ended::Lost)), ended: None };
        let mut read = String::new();
        lost.read_to_string(&mut read).await.unwrap();
        assert_eq!(read, "said", "its other half is still there and says nothing");
        for how in [Ended::Lost, Ended::Exit(1), Ended::Failed("no tar".into())] {
            let (_from, into) = tokio::io::simplex(8);
            let mut gone = WhileItLasts { stream: into, ending: ending(Some(how)), ended: None };
            let error = gone.write_all(&[0; 64]).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        }
    }

    #[tokio::test]
    async fn a_process_that_ended_by_itself_is_read_to_its_last_byte() {
        for how in [Some(Ended::Exit(0)), None] {
            let (from, mut into) = tokio::io::simplex(8);
            let mut output = WhileItLasts { stream: from, ending: ending(how), ended: None };
            let writes = async move {
                for _ in 0..4 {
                    tokio::task::yield_now().await;
                    into.write_all(b"0123456789").await.unwrap();
                }
                into.shutdown().await.unwrap();
            };
            let mut read = String::new();
            let (_, done) = tokio::join!(writes, output.read_to_string(&mut read));
            assert_eq!((done.unwrap(), read.len()), (40, 40));
        }
    }
}
