//! Copying into a container and out of one: a tar stream through `tar` there, files of this machine here.

use super::{Done, follow::Ears, talk::Talked};
use crate::{
    doors::{
        cluster::{Cluster, Ended},
        files::{Copied, base_name, pack, unpack},
    },
    facts::Rejection,
    ops::{Call, Copying, Piece},
    problem::Problem,
};
use serde_json::json;
use std::{
    io::{self, Read, Write},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _},
    sync::mpsc,
    time::Instant,
};

/// Between two words on how far it is.
const TELLS: Duration = Duration::from_millis(500);
/// Of what tar complains no more than this is kept.
const COMPLAINTS: usize = 4 * 1024;

/// What is known from the call before.
#[derive(Default)]
pub(super) struct Known {
    /// The path in the container is a folder.
    folder: bool,
}

/// Carries one call of a copy through: the question whether there is a folder, or the copy itself.
pub(super) async fn copy(
    cluster: &Cluster,
    title: &str,
    copying: &Copying,
    call: &Call,
    known: &mut Known,
    ears: &mut Ears<'_>,
) -> Result<Talked, (Rejection, Problem)> {
    let refused = |rejection: Rejection| {
        let problem = Problem::failed(format!("{title}: {}", rejection.message));
        (rejection, problem)
    };
    let mut talk = cluster.talk(call).await.map_err(refused)?;
    let ended = talk.ended();
    if call.asked("command").next() == Some("test") {
        // Nothing is read of it but its end.
        let (_out, _err) = (talk.output(), talk.complaints());
        let ended = tokio::select! {
            ended = ended => ended,
            () = ears.stop.set() => return Ok(stopped()),
        };
        known.folder = ended == Ended::Exit(0);
        return Ok(Talked { state: String::new(), record: json!({"folder": known.folder}), done: None });
    }
    let began = Instant::now();
    let (told, mut heard) = mpsc::channel::<String>(1);
    let complaints = complained(talk.complaints());
    let here = async {
        match copying {
            Copying::In { from, name } => {
                let (from, name, folder) = (from.clone(), name.clone(), known.folder);
                let (into, mut packed) = mpsc::channel::<Vec<u8>>(16);
                let packs = tokio::task::spawn_blocking(move || {
                    let own = base_name(&from)?;
                    let name = match (name.as_str(), folder) {
                        ("", _) => own,
                        (name, true) => format!("{name}/{own}"),
                        (name, false) => name.to_string(),
                    };
                    pack(&from, &name, Towards(into))
                });
                let mut input = talk.input();
                let mut last = Instant::now();
                let mut bytes = 0_u64;
                while let Some(part) = packed.recv().await {
                    bytes += part.len() as u64;
                    let Some(input) = &mut input else { break };
                    if input.write_all(&part).await.is_err() {
                        break;
                    }
                    if last.elapsed() >= TELLS {
                        last = Instant::now();
                        let _ = told.try_send(format!("{} sent", size(bytes)));
                    }
                }
                drop(packed);
                if let Some(mut input) = input {
                    let _ = input.shutdown().await;
                }
                packs.await
            }
            Copying::Out { prefix, to } => {
                let (prefix, to) = (prefix.clone(), to.clone());
                let (into, from) = mpsc::channel::<Vec<u8>>(16);
                let unpacks = tokio::task::spawn_blocking(move || {
                    let mut last = Instant::now();
                    let mut tell = |copied: &Copied| {
                        if last.elapsed() >= TELLS {
                            last = Instant::now();
                            let _ = told.try_send(format!("{} file(s), {}", copied.files, size(copied.bytes)));
                        }
                    };
                    unpack(Back { from, rest: Vec::new(), at: 0 }, &prefix, &to, &mut tell)
                });
                if let Some(mut output) = talk.output() {
                    let mut buffer = vec![0; 64 * 1024];
                    while let Ok(n @ 1..) = output.read(&mut buffer).await {
                        // The other end knows why it stopped listening.
                        if into.send(buffer[..n].to_vec()).await.is_err() {
                            break;
                        }
                    }
                }
                drop(into);
                unpacks.await
            }
        }
    };
    let mut whole = Box::pin(async { tokio::join!(here, ended, complaints) });
    let (copied, ended, complaints) = loop {
        tokio::select! {
            () = ears.stop.set() => return Ok(stopped()),
            Some(state) = heard.recv() => (ears.tell)(super::Progress::Waits { step: ears.step, state }),
            whole = &mut whole => break whole,
        }
    };
    drop(whole);
    let copied = copied.unwrap_or_else(|_| Err(Problem::failed("copying broke off")));
    let fails = |problem: Problem| {
        Ok(Talked {
            state: problem.sentence.clone(),
            record: json!({"failed": problem.sentence.clone()}),
            done: Some(Done::Failed(problem)),
        })
    };
    let copied = match (copied, ended) {
        (_, Ended::Failed(why)) if why.contains("executable file not found") => {
            let problem = Problem::failed(format!("{title}: the container has no tar, and copying needs it"));
            return fails(problem.hint(
                "for one file of text: kubectl exec POD -- cat FILE; or kubectl debug POD --image=busybox with a container that has it",
            ));
        }
        (Err(problem), _) => return fails(Problem { sentence: format!("{title}: {}", problem.sentence), ..problem }),
        (_, Ended::Failed(why)) => return fails(Problem::failed(format!("{title}: {why}"))),
        (_, Ended::Lost) => return fails(Problem::failed(format!("{title}: the connection ended before all was copied"))),
        (Ok(copied), Ended::Exit(0)) => copied,
        (Ok(_), Ended::Exit(code)) => {
            let said = complaints.trim();
            let said = if said.is_empty() {
                format!("tar ended with exit code {code}")
            } else {
                said.lines().take(3).collect::<Vec<_>>().join("; ")
            };
            return fails(Problem::failed(format!("{title}: {said}")));
        }
    };
    for line in &copied.left_out {
        ears.hear(Piece::Note(format!("left out: {line}"))).await;
    }
    let more = if copied.more == 0 { String::new() } else { format!(", {} left out", copied.more) };
    let state = format!("{} file(s), {}{more}, in {} s", copied.files, size(copied.bytes), began.elapsed().as_secs());
    let record = json!({"files": copied.files, "bytes": copied.bytes, "left_out": copied.more});
    Ok(Talked { state, record, done: None })
}

fn stopped() -> Talked {
    let state = "stopped; what was copied until then is there".to_string();
    Talked { record: json!({"stopped": true}), state, done: Some(Done::Stopped) }
}

fn size(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} bytes"),
        10_000..10_000_000 => format!("{} KiB", bytes >> 10),
        _ => format!("{} MiB", bytes >> 20),
    }
}

async fn complained(from: Option<impl AsyncRead + Unpin>) -> String {
    let Some(mut from) = from else { return String::new() };
    let (mut kept, mut buffer) = (Vec::new(), [0; 4096]);
    while let Ok(n @ 1..) = from.read(&mut buffer).await {
        let room = COMPLAINTS.saturating_sub(kept.len());
        kept.extend_from_slice(&buffer[..n.min(room)]);
    }
    String::from_utf8_lossy(&kept).into_owned()
}

/// The end that a thread writes into.
struct Towards(mpsc::Sender<Vec<u8>>);

impl Write for Towards {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let gone = || io::Error::new(io::ErrorKind::BrokenPipe, "the container takes no more");
        self.0.blocking_send(bytes.to_vec()).map_err(|_| gone())?;
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The end that a thread reads from.
struct Back {
    from: mpsc::Receiver<Vec<u8>>,
    rest: Vec<u8>,
    at: usize,
}

impl Read for Back {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.at == self.rest.len() {
            match self.from.blocking_recv() {
                Some(part) => (self.rest, self.at) = (part, 0),
                None => return Ok(0),
            }
        }
        let n = into.len().min(self.rest.len() - self.at);
        into[..n].copy_from_slice(&self.rest[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}
