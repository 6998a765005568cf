//! Reads whose answer goes on: lines of a log, events of a watch, as they come.

use super::{
    Cluster, Sending, redact, rejection, send,
    wire::{Effect, Outgoing},
};
use crate::{
    facts::{Rejection, RejectionSort},
    ops::Call,
};
use futures::{Stream, StreamExt as _, stream};
use http_body_util::{BodyExt as _, Limited};

/// The longest line that is taken whole; a longer one comes in pieces of this size.
const LONGEST: usize = 4 << 20;
/// How much of a refusal is read.
const REFUSAL: usize = 1 << 20;

impl Cluster {
    /// Sends a read whose answer goes on, and gives its lines as they come: whole ones, each block with its line ends. The stream
    /// ends where the server ends it. A watch's objects come with Secret values taken out.
    ///
    /// # Errors
    /// As [`Cluster::send`]; in the stream where the connection breaks.
    pub async fn open(&self, call: &Call) -> Result<impl Stream<Item = Result<Vec<u8>, Rejection>> + Send + use<>, Rejection> {
        let outgoing = Outgoing::call(call, Sending::Read)?;
        let watches = call.query.iter().any(|(key, value)| key == "watch" && value == "true");
        let (mut client, number) = self.client().await?;
        let mut answer = self.head(&client, &outgoing).await?;
        if answer.status().as_u16() == 401
            && let Some((newer, _)) = self.log_in_again(number).await?
        {
            client = newer;
            answer = self.head(&client, &outgoing).await?;
        }
        let status = answer.status().as_u16();
        if !(200..300).contains(&status) {
            let body = Limited::new(answer.into_body(), REFUSAL).collect().await.map(|b| Vec::from(b.to_bytes())).unwrap_or_default();
            return Err(send::refusal(status, &body, &outgoing));
        }
        let host = self.host().to_string();
        let frames = answer.into_body().into_data_stream();
        let state = (frames, Vec::new(), false);
        Ok(stream::unfold(state, move |(mut frames, mut rest, over)| {
            let (host, outgoing) = (host.clone(), outgoing.clone());
            async move {
                if over {
                    return None;
                }
                loop {
                    match frames.next().await {
                        Some(Ok(bytes)) => {
                            rest.extend_from_slice(&bytes);
                            let Some(whole) = whole_lines(&rest, LONGEST) else { continue };
                            let tail = rest.split_off(whole);
                            let block = std::mem::replace(&mut rest, tail);
                            return Some((shown(block, watches, &outgoing), (frames, rest, false)));
                        }
                        Some(Err(e)) => return Some((Err(rejection::of_error(&host, &e, Effect::Read)), (frames, rest, true))),
                        // The last line has no end.
                        None if !rest.is_empty() => {
                            let block = std::mem::take(&mut rest);
                            return Some((shown(block, watches, &outgoing), (frames, rest, true)));
                        }
                        None => return None,
                    }
                }
            }
        })
        .boxed())
    }

    /// The head of the answer, within the time that is set.
    async fn head(&self, client: &kube::Client, outgoing: &Outgoing) -> Result<http::Response<kube::client::Body>, Rejection> {
        let request = outgoing.request()?;
        let answer = client.send(request);
        let answer = match outgoing.patience(self.0.patience) {
            None => answer.await,
            Some(patience) => match tokio::time::timeout(patience, answer).await {
                Ok(answer) => answer,
                Err(_) => return Err(rejection::too_slow(self.host(), patience, Effect::Read)),
            },
        };
        answer.map_err(|e| rejection::of_error(self.host(), &e, Effect::Read))
    }
}

/// How many bytes of it are whole lines; all of it where there is no line end for too long.
fn whole_lines(bytes: &[u8], longest: usize) -> Option<usize> {
    match bytes.iter().rposition(|b| *b == b'\n') {
        Some(at) => Some(at + 1),
        None => (bytes.len() >= longest).then_some(bytes.len()),
    }
}

fn shown(block: Vec<u8>, watches: bool, outgoing: &Outgoing) -> Result<Vec<u8>, Rejection> {
    if !watches {
        return Ok(block);
    }
    let mut out = Vec::with_capacity(block.len());
    for line in block.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
        out.extend(
            redact::event(line, outgoing)
                .map_err(|_| rejection::own(RejectionSort::ServerTrouble, "an event of the watch could not be read; it is withheld"))?,
        );
        out.push(b'\n');
    }
    Ok(out)
}
