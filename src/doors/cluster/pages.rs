//! Reading many: page by page, and several calls at a time.

use super::{Cluster, Sending, gather::unanswered, redact, rejection, wire::Outgoing};
use crate::{
    facts::{Rejection, RejectionSort},
    ops::{Action, Address, Call, Form, Local, Lookup, Reply},
};
use futures::{StreamExt as _, stream};
use serde::Deserialize;

/// Objects in one page, as kubectl asks for them.
const PAGE: &str = "500";
/// Releases in one page: each may be a megabyte.
const PAGE_OF_RELEASES: &str = "50";
/// Requests under way at once.
pub(super) const AT_ONCE: usize = 16;

/// The part of a list (or of a 410) that says where it goes on.
#[derive(Deserialize)]
struct Position {
    #[serde(default)]
    metadata: Token,
}
#[derive(Deserialize, Default)]
struct Token {
    #[serde(default, rename = "continue")]
    next: Option<String>,
}

fn next_of(body: &[u8]) -> Option<String> {
    serde_json::from_slice::<Position>(body).ok()?.metadata.next.filter(|t| !t.is_empty())
}

impl Cluster {
    /// Reads a list page by page (500 objects each), giving each page's bytes to `each` as it comes. Where a page has grown
    /// too old while the former ones were read (410), it goes on once from there with the list as it is by then, as the
    /// server offers. A call that sets its own `limit` is one page.
    ///
    /// # Errors
    /// As [`Cluster::send`]; pages that were already given stay given. `Gone` where the server offers no way on: start anew.
    pub async fn pages(&self, call: &Call, each: impl FnMut(Vec<u8>)) -> Result<(), Rejection> {
        if call.action != Action::List {
            return Err(rejection::own(RejectionSort::NotAllowed, "this call is no list"));
        }
        self.pages_of(&Outgoing::call(call, Sending::Read)?, each).await
    }

    pub(super) async fn pages_of(&self, outgoing: &Outgoing, mut each: impl FnMut(Vec<u8>)) -> Result<(), Rejection> {
        let mut withheld = Ok(());
        let walked = self.bare_pages_of(outgoing, |body| match redact::body(body, outgoing) {
            Ok(body) => each(body),
            Err(why) => withheld = Err(why),
        });
        walked.await?;
        withheld
    }

    /// The same as the server sends them, Secret values and all: for readers inside this door that keep none.
    pub(super) async fn bare_pages_of(&self, outgoing: &Outgoing, mut each: impl FnMut(Vec<u8>)) -> Result<(), Rejection> {
        let limited = outgoing.uri.split(['?', '&']).any(|part| part.starts_with("limit="));
        let size = if outgoing.form == Form::Release { PAGE_OF_RELEASES } else { PAGE };
        let mut token: Option<String> = None;
        let mut went_on = false;
        loop {
            let mut more = if limited { Vec::new() } else { vec![("limit", size)] };
            more.extend(token.as_deref().map(|t| ("continue", t)));
            let answer = self.ask(&outgoing.with(&more)).await?;
            if answer.status == 410
                && !went_on
                && token.is_some()
                && let Some(next) = next_of(&answer.body)
            {
                (token, went_on) = (Some(next), true);
                continue;
            }
            let body = answer.accepted()?;
            let next = next_of(&body);
            each(body);
            if limited || next.is_none() {
                return Ok(());
            }
            if next == token {
                return Err(rejection::own(RejectionSort::ServerTrouble, "the server gives the same page again and again"));
            }
            token = next;
        }
    }

    /// Every page of a list; from the start once more where the list grew too old in the middle.
    pub(super) async fn all_pages(&self, outgoing: &Outgoing) -> Result<Vec<Vec<u8>>, Rejection> {
        let mut pages = Vec::new();
        match self.pages_of(outgoing, |page| pages.push(page)).await {
            Err(gone) if gone.sort == RejectionSort::Gone && !pages.is_empty() => {
                pages.clear();
                self.pages_of(outgoing, |page| pages.push(page)).await?;
            }
            done => done?,
        }
        Ok(pages)
    }

    /// Answers reads, several at a time; the replies stand in the order of the calls, one for each page of a list. What
    /// cannot be read is `Missing` or `NotChecked` in its place; the others go on.
    pub async fn replies(&self, calls: &[Call]) -> Vec<Reply> {
        let mut events = self.events_together(calls).await;
        let asked: Vec<_> = calls
            .iter()
            .enumerate()
            .map(|(at, call)| {
                let known = events.remove(&at);
                async move {
                    match known {
                        Some(body) => vec![body],
                        None => self
                            .reply(call)
                            .await
                            .map_or_else(|rejection| vec![unanswered(rejection)], |bodies| bodies.into_iter().map(Lookup::Known).collect()),
                    }
                }
            })
            .collect();
        let answered: Vec<Vec<Lookup<Vec<u8>>>> = stream::iter(asked).buffered(AT_ONCE).collect().await;
        let replies = answered.into_iter().enumerate().flat_map(|(call, bodies)| bodies.into_iter().map(move |body| Reply { call, body }));
        replies.collect()
    }

    async fn reply(&self, call: &Call) -> Result<Vec<Vec<u8>>, Rejection> {
        if let Address::Local { local } = call.at {
            return self.kubeconfig(local == Local::KubeconfigRaw).map(|view| vec![view]);
        }
        match call.action {
            Action::List => self.all_pages(&Outgoing::call(call, Sending::Read)?).await,
            Action::Get
            | Action::Create(_)
            | Action::Patch(..)
            | Action::Replace(_)
            | Action::Delete { .. }
            | Action::Evict { .. }
            | Action::Talk
            | Action::Program(_)
            | Action::Carried(_) => Ok(vec![self.send(call, Sending::Read).await?]),
        }
    }
}
