//! What goes over the socket: messages whose first byte says which stream they belong to.
//! Source: `apimachinery/pkg/util/remotecommand`, `kubelet/pkg/cri/streaming/remotecommand`.
use super::{Call, run_of};
use crate::simulator::{
    Simulator,
    container::{CannotStart, Inside, Process, Said},
};
use axum::body::Bytes;
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self, Message,
        protocol::{CloseFrame, Role, WebSocketConfig, frame::coding::CloseCode},
    },
};

const STDIN: u8 = 0;
const STDOUT: u8 = 1;
const STDERR: u8 = 2;
const ERROR: u8 = 3;
/// In v5: the stream that the next byte names has ended.
const CLOSE: u8 = 255;

/// The largest message a client may send; kubectl sends 32 KiB at a time.
const LARGEST: usize = 1 << 20;

/// How long a client may take to close its side.
const LEAVES: Duration = Duration::from_secs(2);

/// Talks until the process ends, the container ends, or the client leaves.
pub(super) async fn talk<S: AsyncRead + AsyncWrite + Unpin>(simulator: &Simulator, socket: S, call: Call) {
    let config =
        WebSocketConfig::default().max_message_size(Some(LARGEST)).max_frame_size(Some(LARGEST)).max_write_buffer_size(8 * LARGEST);
    let mut line = Line { socket: WebSocketStream::from_raw_socket(socket, Role::Server, Some(config)).await, call };
    // A client that left hears nothing of it.
    if let Ok(Some(status)) = line.exec(simulator).await {
        let _ = line.say(ERROR, status.to_string().as_bytes()).await;
        let close = CloseFrame { code: CloseCode::Normal, reason: "".into() };
        let _ = line.socket.close(Some(close)).await;
        // What the client still sends is read until it closes as well (RFC 6455, 7.1.1): a connection that goes while bytes
        // are unread is reset, and the client may lose the status with it.
        let leaves = async { while let Some(Ok(_)) = line.socket.next().await {} };
        let _ = tokio::time::timeout(LEAVES, leaves).await;
    }
}

struct Line<S> {
    socket: WebSocketStream<S>,
    call: Call,
}

type Ended = Result<Option<Value>, tungstenite::Error>;

impl<S: AsyncRead + AsyncWrite + Unpin> Line<S> {
    async fn exec(&mut self, simulator: &Simulator) -> Ended {
        self.say(STDOUT, b"").await?;
        let (stdin, tty) = (self.call.stdin, self.call.tty);
        let Some(inside) = self.inside(simulator) else { return Ok(Some(exit(KILLED))) };
        let (said, process) = match Process::start(&inside, &self.call.words, stdin, tty) {
            Ok(started) => started,
            Err(CannotStart(why)) => return Ok(Some(self.cannot_start(&why))),
        };
        if let Some(code) = self.tell(said).await? {
            return Ok(Some(exit(code)));
        }
        let Some(mut process) = process else { return Ok(Some(exit(0))) };
        let mut changed = simulator.subscribe();
        loop {
            let message = tokio::select! {
                message = self.socket.next() => message,
                change = changed.changed() => {
                    if change.is_err() || self.inside(simulator).is_none() {
                        return Ok(Some(exit(KILLED)));
                    }
                    continue;
                }
            };
            let data = match message.transpose()? {
                Some(Message::Binary(data)) => data,
                Some(Message::Text(text)) => Bytes::from(text),
                Some(Message::Close(_)) | None => return Ok(None),
                Some(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => continue,
            };
            let Some(inside) = self.inside(simulator) else { return Ok(Some(exit(KILLED))) };
            let said = match data.split_first() {
                Some((&STDIN, bytes)) => process.input(&inside, bytes),
                Some((&CLOSE, [STDIN])) => process.end_of_input(&inside),
                // Sizes of the terminal, and streams that only this side writes.
                Some(_) | None => continue,
            };
            if let Some(code) = self.tell(said).await? {
                return Ok(Some(exit(code)));
            }
        }
    }

    /// The container as it is now; None once this run of it has ended.
    fn inside(&self, simulator: &Simulator) -> Option<Inside> {
        let Call { key, container, run, .. } = &self.call;
        simulator.with(|cluster| {
            let pod = cluster.get(key).filter(|pod| run_of(pod, container) == Some(run))?;
            Inside::of(cluster, &pod, container)
        })
    }

    async fn tell(&mut self, said: Said) -> Result<Option<i32>, tungstenite::Error> {
        for (wanted, channel, bytes) in [(self.call.stdout, STDOUT, &said.out), (self.call.stderr, STDERR, &said.err)] {
            for part in bytes.chunks(32 * 1024).filter(|_| wanted) {
                self.say(channel, part).await?;
            }
        }
        Ok(said.code)
    }

    async fn say(&mut self, channel: u8, bytes: &[u8]) -> Result<(), tungstenite::Error> {
        self.socket.send(Message::Binary([&[channel], bytes].concat().into())).await
    }

    fn cannot_start(&self, why: &str) -> Value {
        let id = hex::encode(Sha256::digest(format!("{}/{:?}", self.call.run, self.call.words)));
        let cause = format!(
            "Internal error occurred: error executing command in container: failed to exec in container: failed to start exec {id:?}: OCI runtime exec failed: exec failed: {why}: unknown"
        );
        let message = format!("Internal error occurred: {cause}");
        json!({"metadata": {}, "status": "Failure", "message": message, "reason": "InternalError", "details": {"causes": [{"message": cause}]}, "code": 500})
    }
}

/// What a process ends with when its container does.
const KILLED: i32 = 137;

fn exit(code: i32) -> Value {
    if code == 0 {
        return json!({"metadata": {}, "status": "Success"});
    }
    let message = format!("command terminated with non-zero exit code: command terminated with exit code {code}");
    let cause = json!({"reason": "ExitCode", "message": code.to_string()});
    json!({"metadata": {}, "status": "Failure", "message": message, "reason": "NonZeroExitCode", "details": {"causes": [cause]}})
}
