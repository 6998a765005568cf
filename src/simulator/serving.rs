//! Connections: how many there may be, and how long a client may take.
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use std::{io, pin::pin, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    task::JoinSet,
};

/// The most connections at a time; who comes then waits in the listener's queue.
const CONNECTIONS: usize = 512;
/// How long the head of a request may take. Source: `ReadHeaderTimeout` in `apiserver/pkg/server/secure_serving.go`.
const HEAD_WITHIN: Duration = Duration::from_secs(32);

/// Answers on a listener until `end` comes, for clients from outside (kubectl, another aiops). Then every connection is cut: a watch would never end by itself.
///
/// # Errors
/// The listener's own.
pub async fn serve(listener: TcpListener, router: Router, end: impl Future<Output = ()> + Send) -> io::Result<()> {
    let mut connections = JoinSet::new();
    let mut end = pin!(end);
    loop {
        tokio::select! {
            () = &mut end => return Ok(()),
            Some(_) = connections.join_next() => {}
            accepted = listener.accept(), if connections.len() < CONNECTIONS => match accepted {
                Ok((stream, _)) => {
                    // Without it small answers wait for each other.
                    let _ = stream.set_nodelay(true);
                    connections.spawn(answer(stream, router.clone()));
                }
                Err(why) if is_the_clients(&why) => {}
                // The process has no more files; some connection will end.
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            },
        }
    }
}

fn is_the_clients(why: &io::Error) -> bool {
    matches!(why.kind(), io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset)
}

/// Answers on one connection until it ends.
pub(super) async fn answer<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(stream: S, router: Router) {
    let service = TowerToHyperService::new(router);
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(HEAD_WITHIN).max_buf_size(1 << 20);
    // How a connection ended is the client's affair.
    let _ = server.serve_connection(TokioIo::new(stream), service).with_upgrades().await;
}
