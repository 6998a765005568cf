//! Sending one request and getting its whole answer: time limits, the few repeats that are safe, one new login.

use super::{
    Cluster, Sending, redact, rejection,
    wire::{Effect, Outgoing},
};
use crate::{
    facts::{Rejection, RejectionSort},
    ops::Call,
};
use http_body_util::{BodyExt as _, Limited};
use jiff::Timestamp;
use std::time::Duration;
use tokio::time::Instant;

/// How often a read that was turned away for the moment (429, 503) is sent again.
const REPEATS: u32 = 3;
/// The longest wait before a repeat, whatever the server asks for.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// The largest answer that is taken, in bytes; a page of 500 large objects is a tenth of it.
const LARGEST: usize = 256 << 20;
/// A login that is younger and already refused is not repeated.
const FRESH: Duration = Duration::from_secs(5);

/// The client in use.
pub(super) struct Live {
    client: kube::Client,
    /// Counts logins, from 0.
    number: u64,
    made: Instant,
    ends: Ends,
}

/// When a login ends, where that is known.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Ends {
    /// What a credential plugin gave; it is asked anew before that.
    pub login: Option<Timestamp>,
    /// The client certificate.
    pub certificate: Option<Timestamp>,
}

impl Live {
    pub fn new(client: kube::Client, ends: Ends) -> Live {
        Live { client, number: 0, made: Instant::now(), ends }
    }
}

/// One whole answer, whatever its status.
pub(super) struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
    /// What the server says beside it (`Warning` headers).
    warnings: Vec<String>,
    retry_after: Option<Duration>,
    effect: Effect,
    secret: bool,
}

impl Answer {
    /// The body of a 2xx.
    pub fn accepted(self) -> Result<Vec<u8>, Rejection> {
        if (200..300).contains(&self.status) {
            Ok(self.body)
        } else {
            Err(rejection::of_answer(self.status, &self.body, self.effect, self.secret))
        }
    }
}

/// What an answer other than 2xx means.
pub(super) fn refusal(status: u16, body: &[u8], outgoing: &Outgoing) -> Rejection {
    rejection::of_answer(status, body, outgoing.effect, outgoing.secret)
}

impl Cluster {
    /// Sends one call and gives back the body of its answer, Secret values taken out. A list is one page long as the server
    /// cuts it; see [`Cluster::pages`].
    ///
    /// # Errors
    /// [`Rejection`]: `NotAllowed` where `how` does not fit the call (nothing was sent); `AnswerLost` where a write was sent
    /// and no answer came; else what the server said, or why it was not reached.
    pub async fn send(&self, call: &Call, how: Sending<'_>) -> Result<Vec<u8>, Rejection> {
        self.send_warned(call, how).await.map(|(body, _)| body)
    }

    /// The same, with what the server says beside its answer. Of a Secret nothing is said: it might quote a value.
    pub(super) async fn send_warned(&self, call: &Call, how: Sending<'_>) -> Result<(Vec<u8>, Vec<String>), Rejection> {
        if call.is_credential() {
            return Err(rejection::own(RejectionSort::NotAllowed, "a credential is asked for as one"));
        }
        let outgoing = Outgoing::call(call, how)?;
        let mut answer = self.ask(&outgoing).await?;
        let warnings = if outgoing.secret { Vec::new() } else { std::mem::take(&mut answer.warnings) };
        Ok((redact::body(answer.accepted()?, &outgoing)?, warnings))
    }

    /// Sends a request, repeats what is safe to repeat, logs in anew once.
    pub(super) async fn ask(&self, outgoing: &Outgoing) -> Result<Answer, Rejection> {
        let (mut client, mut number) = self.client().await?;
        let mut repeats = 0;
        let mut reconnected = false;
        let mut logged_in = false;
        loop {
            match self.exchange(&client, outgoing).await {
                // A 401 did nothing, so this is safe for writes too.
                Ok(answer) if answer.status == 401 && !logged_in && self.0.login.is_some() => {
                    logged_in = true;
                    match self.log_in_again(number).await? {
                        Some(newer) => (client, number) = newer,
                        None => return self.not_logged_in(answer).await,
                    }
                }
                Ok(answer) if outgoing.effect == Effect::Read && [429, 503].contains(&answer.status) && repeats < REPEATS => {
                    let wait = answer.retry_after.unwrap_or(Duration::from_millis(200) * 2u32.pow(repeats));
                    repeats += 1;
                    tokio::time::sleep(wait.min(LONGEST_WAIT)).await;
                }
                Ok(answer) if answer.status == 401 => return self.not_logged_in(answer).await,
                Ok(answer) => return Ok(answer),
                Err(refused) if outgoing.effect == Effect::Read && !reconnected && rejection::was_unreachable(&refused) => {
                    reconnected = true;
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                Err(refused) => return Err(refused),
            }
        }
    }

    /// A 401 that stays one: in words where the reason is known, else as the server put it.
    async fn not_logged_in(&self, answer: Answer) -> Result<Answer, Rejection> {
        let end = self.0.live.read().await.ends.certificate;
        match (&self.0.login, end) {
            (Some(login), Some(end)) if login.is_past(end) => Err(rejection::own(
                RejectionSort::Unauthorized,
                format!(
                    "the client certificate of {} expired on {}; fetch a new kubeconfig or renew it",
                    self.0.identity.user,
                    end.strftime("%-d %B %Y")
                ),
            )),
            (Some(_) | None, _) => Ok(answer),
        }
    }

    /// One request, one whole answer, within the time that is set.
    async fn exchange(&self, client: &kube::Client, outgoing: &Outgoing) -> Result<Answer, Rejection> {
        let request = outgoing.request()?;
        let whole = async {
            let answer = client.send(request).await.map_err(|e| rejection::of_error(self.host(), &e, outgoing.effect))?;
            let status = answer.status().as_u16();
            let retry_after =
                answer.headers().get(http::header::RETRY_AFTER).and_then(|v| v.to_str().ok()?.trim().parse().ok()).map(Duration::from_secs);
            let warnings = answer.headers().get_all(http::header::WARNING).iter().filter_map(|v| warned(v.to_str().ok()?)).collect();
            let body = match Limited::new(answer.into_body(), LARGEST).collect().await {
                Ok(body) => Vec::from(body.to_bytes()),
                // What was refused stays refused, however its explanation ended.
                Err(_) if (400..500).contains(&status) => Vec::new(),
                Err(e) if e.is::<http_body_util::LengthLimitError>() && outgoing.effect != Effect::Write => {
                    return Err(rejection::own(
                        RejectionSort::ServerTrouble,
                        format!("the answer is larger than {} MiB; ask for less at a time", LARGEST >> 20),
                    ));
                }
                Err(e) => return Err(rejection::of_error(self.host(), e.as_ref(), outgoing.effect)),
            };
            Ok(Answer { status, body, warnings, retry_after, effect: outgoing.effect, secret: outgoing.secret })
        };
        match outgoing.patience(self.0.patience) {
            None => whole.await,
            Some(patience) => match tokio::time::timeout(patience, whole).await {
                Ok(answer) => answer,
                Err(_) => Err(rejection::too_slow(self.host(), patience, outgoing.effect)),
            },
        }
    }

    /// The client in use; a login that is about to run out is renewed first.
    pub(super) async fn client(&self) -> Result<(kube::Client, u64), Rejection> {
        let (client, number, ends) = {
            let live = self.0.live.read().await;
            (live.client.clone(), live.number, live.ends)
        };
        let Some(login) = &self.0.login else { return Ok((client, number)) };
        if ends.login.is_some_and(|at| login.runs_out(at))
            && let Some(newer) = self.log_in_again(number).await?
        {
            return Ok(newer);
        }
        Ok((client, number))
    }

    /// A client from a new login, or the one that somebody else made meanwhile. `None` where the login is so young that
    /// another would be no better.
    pub(super) async fn log_in_again(&self, seen: u64) -> Result<Option<(kube::Client, u64)>, Rejection> {
        let Some(login) = &self.0.login else { return Ok(None) };
        let mut live = self.0.live.write().await;
        if live.number != seen {
            return Ok(Some((live.client.clone(), live.number)));
        }
        if live.number > 0 && live.made.elapsed() < FRESH {
            return Ok(None);
        }
        let (client, ends) = login.again(&self.0.identity).await.map_err(|problem| {
            let mut message = problem.sentence;
            for hint in problem.hints {
                message.push_str("; ");
                message.push_str(&hint);
            }
            rejection::own(RejectionSort::Unauthorized, message)
        })?;
        *live = Live { client, number: seen + 1, made: Instant::now(), ends };
        Ok(Some((live.client.clone(), live.number)))
    }
}

/// The text of a `Warning` header: `299 - "text"`. Kubernetes sends one header a warning.
/// Source: `ParseWarningHeader` in `apimachinery/pkg/util/net`, RFC 7234 section 5.5.
fn warned(header: &str) -> Option<String> {
    let quoted = header.strip_prefix("299 ")?.split_once(" \"")?.1;
    let mut text = String::new();
    let mut escaped = false;
    for c in quoted.chars() {
        match (escaped, c) {
            (false, '\\') => escaped = true,
            (false, '"') => return Some(text),
            (_, c) => {
                text.push(c);
                escaped = false;
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_warning_is_read_whole() {
        assert_eq!(super::warned("299 - \"v1 is \\\"old\\\"\"").unwrap(), "v1 is \"old\"");
        assert_eq!(super::warned("299 kube-apiserver \"a \\\\ b\" \"Sat, 25 Aug 2012 23:34:45 GMT\"").unwrap(), "a \\ b");
        assert_eq!(super::warned("199 - \"x\""), None);
        assert_eq!(super::warned("299 - \"never ends"), None);
    }
}
