//! A command in a container: what it writes is told as it comes; a terminal is borrowed from the face for as long as it lasts.

use super::{Done, follow::Ears};
use crate::{
    doors::cluster::{Cluster, Ended},
    facts::{Rejection, RejectionSort},
    ops::{Answer, Call, Form, Piece, answer::LogLine},
    problem::{Problem, Sort},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    sync::{mpsc, oneshot, watch},
    time::Instant,
};

/// The longest line that is told whole.
const LONGEST: usize = 64 * 1024;

/// Asks a face for its terminal.
pub type Lender = mpsc::Sender<Borrow>;

/// A wish for a terminal, or for what is piped in.
#[derive(Debug)]
pub struct Borrow {
    /// What is wanted.
    pub what: Wish,
    /// Where it is handed over. Dropped: there is none to lend.
    pub give: oneshot::Sender<Terminal>,
}

/// What can be lent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// The terminal in raw mode, its keys and its size.
    Keys,
    /// What is piped in.
    Input,
    /// The terminal as it is, for a program that is given it whole; what goes through the channels means nothing.
    Screen,
}

/// A terminal that was lent. It goes back to the face when this is dropped.
#[derive(Debug)]
pub struct Terminal {
    /// What is typed; ends where input ends.
    pub input: mpsc::Receiver<Vec<u8>>,
    /// What is written to it, as it is.
    pub output: mpsc::Sender<Vec<u8>>,
    /// Columns and rows.
    pub sizes: watch::Receiver<(u16, u16)>,
}

/// What came of it.
pub(super) struct Talked {
    /// `ended with exit code 0 after 2 s`.
    pub(super) state: String,
    /// For the journal: never what it wrote, which may be anything.
    pub(super) record: Value,
    /// What ends the run; `None`: it went well.
    pub(super) done: Option<Done>,
}

/// Carries one connection through to its end.
pub(super) async fn talk(
    cluster: &Cluster,
    title: &str,
    call: &Call,
    lender: Option<&Lender>,
    ears: &mut Ears<'_>,
) -> Result<Talked, (Rejection, Problem)> {
    let on = |key: &str| call.asked(key).any(|value| value == "true");
    let (stdin, tty) = (on("stdin"), on("tty"));
    let none = || {
        let sentence = if tty { "there is no terminal to lend it" } else { "there is nothing that could be its input" };
        let problem = Problem::new(Sort::Usage, format!("{title}: {sentence}")).hint("without -i and -t it runs without a terminal");
        (Rejection { sort: RejectionSort::NotAllowed, message: sentence.into(), causes: Vec::new() }, problem)
    };
    let refused = |rejection: Rejection| {
        let sort = match rejection.sort {
            RejectionSort::Forbidden | RejectionSort::Unauthorized => Sort::Refused,
            _ => Sort::Failed,
        };
        let problem = Problem::new(sort, format!("{title}: {}", rejection.message));
        (rejection, problem)
    };
    // First the connection: what is refused needs no terminal.
    let mut talk = cluster.talk(call).await.map_err(refused)?;
    let mut borrowed = None;
    if stdin || tty {
        let lender = lender.ok_or_else(none)?;
        let (give, given) = oneshot::channel();
        lender.send(Borrow { what: if tty { Wish::Keys } else { Wish::Input }, give }).await.map_err(|_| none())?;
        borrowed = Some(given.await.map_err(|_| none())?);
    }
    let began = Instant::now();
    let ended = talk.ended();
    let (mut written, mut stopped) = (0_u64, false);
    let ended = match borrowed {
        Some(terminal) if tty => {
            let Terminal { input, output, sizes } = terminal;
            if call.subresource() == "attach" {
                // Its prompt stood there before anybody listened.
                let _ = output.send(b"If there is no prompt, press Enter.\r\n".to_vec()).await;
            }
            let resizes = talk.sizes(sizes);
            let feeds = feed(talk.input(), input, true);
            let shows = show(talk.output(), output, &mut written);
            tokio::select! {
                ended = async { tokio::join!(shows, ended).1 } => ended,
                () = async { tokio::join!(resizes, feeds); std::future::pending::<()>().await } => Ended::Lost,
                () = ears.stop.set() => { stopped = true; Ended::Lost }
            }
        }
        lent => {
            // The output's end is held until the end: dropping it would give the input back.
            let (input, _held) = match lent {
                Some(Terminal { input, output, .. }) => (Some(input), Some(output)),
                None => (None, None),
            };
            let into = talk.input();
            let feeds = async move {
                if let Some(input) = input {
                    feed(into, input, false).await;
                }
                std::future::pending::<()>().await;
            };
            let (lines, mut heard) = mpsc::channel::<Piece>(16);
            let out = read(talk.output(), lines.clone(), |text| {
                Piece::Part(Answer::Log { lines: vec![LogLine { source: String::new(), text }], truncated: false })
            });
            let err = read(talk.complaints(), lines, Piece::Complaint);
            let mut whole = Box::pin(async { tokio::join!(out, err, ended).2 });
            let mut feeds = Box::pin(feeds);
            loop {
                tokio::select! {
                    biased;
                    () = ears.stop.set() => { stopped = true; break Ended::Lost }
                    Some(piece) = heard.recv() => {
                        written += 1;
                        if !ears.hear(piece).await {
                            stopped = true;
                            break Ended::Lost;
                        }
                    }
                    ended = &mut whole => {
                        while let Ok(piece) = heard.try_recv() {
                            written += 1;
                            ears.hear(piece).await;
                        }
                        break ended;
                    }
                    () = &mut feeds => {}
                }
            }
        }
    };
    let seconds = began.elapsed().as_secs();
    let unit = if tty { "bytes shown" } else { "lines" };
    let record = json!({"ended": format!("{ended:?}"), "stopped": stopped, "seconds": seconds, unit: written});
    if stopped {
        return Ok(Talked { state: "no longer listened to; the command may go on".into(), record, done: Some(Done::Stopped) });
    }
    let fails = |sentence: String| Some(Done::Failed(Problem::failed(sentence)));
    Ok(match ended {
        Ended::Exit(0) => Talked { state: format!("exit code 0 after {seconds} s"), record, done: None },
        Ended::Exit(code) => {
            Talked { state: format!("exit code {code}"), record, done: fails(format!("{title}: it ended with exit code {code}")) }
        }
        Ended::Failed(why) => Talked { state: why.clone(), record, done: fails(format!("{title}: {why}")) },
        Ended::Lost => {
            let sentence = format!("{title}: the connection ended before it was said how the command ended");
            Talked { state: "the connection ended".into(), record, done: fails(sentence) }
        }
    })
}

/// What a container that has ended has said, where it can still be read; `None` for one that runs.
pub(super) async fn said(cluster: &Cluster, call: &Call, ears: &mut Ears<'_>) -> Option<Talked> {
    let container = call.asked("container").next()?;
    let pod = Call::get(&call.target()?);
    let log = Call::get(&call.target()?).on("log").with("container", container).shaped(Form::Text);
    let mut replies = cluster.replies(&[pod, log]).await.into_iter();
    let (pod, reply) = (replies.next()?, replies.next()?);
    let pod: Value = serde_json::from_slice(pod.body.known()?).ok()?;
    let statuses = ["containerStatuses", "ephemeralContainerStatuses"].into_iter().flat_map(|list| pod["status"][list].as_array());
    if !statuses.flatten().any(|status| status["name"] == container && status["state"]["terminated"].is_object()) {
        return None;
    }
    let text = String::from_utf8_lossy(reply.body.known()?).into_owned();
    let lines = text.lines().map(|line| LogLine { source: String::new(), text: line.to_string() }).collect();
    ears.hear(Piece::Part(Answer::Log { lines, truncated: false })).await;
    let record = json!({"ended": "before it was attached to", "lines": text.lines().count()});
    Some(Talked { state: "it had ended; that is its log".into(), record, done: None })
}

/// Hands input on until it ends; a terminal's end is the command's affair.
async fn feed(into: Option<impl AsyncWrite + Unpin>, mut input: mpsc::Receiver<Vec<u8>>, terminal: bool) {
    let Some(mut into) = into else { return };
    while let Some(bytes) = input.recv().await {
        if into.write_all(&bytes).await.is_err() || into.flush().await.is_err() {
            return;
        }
    }
    if !terminal {
        let _ = into.shutdown().await;
    }
}

async fn show(from: Option<impl AsyncRead + Unpin>, output: mpsc::Sender<Vec<u8>>, written: &mut u64) {
    let Some(mut from) = from else { return };
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(n @ 1..) = from.read(&mut buffer).await {
        *written += n as u64;
        if output.send(buffer[..n].to_vec()).await.is_err() {
            return;
        }
    }
}

/// Tells what is written line by line; too long a line comes in pieces.
async fn read(from: Option<impl AsyncRead + Unpin>, lines: mpsc::Sender<Piece>, said: impl Fn(String) -> Piece) {
    let Some(mut from) = from else { return };
    let mut rest: Vec<u8> = Vec::new();
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let n = from.read(&mut buffer).await.unwrap_or(0);
        rest.extend_from_slice(&buffer[..n]);
        while let Some(at) = rest.iter().position(|b| *b == b'\n').or_else(|| (rest.len() > LONGEST).then(|| rest.len() - 1)) {
            let line: Vec<u8> = rest.drain(..=at).collect();
            let text = String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']).to_string();
            if lines.send(said(text)).await.is_err() {
                return;
            }
        }
        if n == 0 {
            if !rest.is_empty() {
                let _ = lines.send(said(String::from_utf8_lossy(&rest).into_owned())).await;
            }
            return;
        }
    }
}
