//! One list, watched: what is there first, then each change as it comes.
//!
//! Source: <https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes>.

use super::{News, Over, passes, patience, refused};
use crate::{
    doors::cluster::Cluster,
    facts::{Rejection, RejectionSort},
    ops::{Call, Form},
};
use futures::StreamExt as _;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};
use tokio::sync::mpsc::Sender;

/// One line of a watch.
#[derive(Deserialize)]
struct Event<'a> {
    #[serde(rename = "type")]
    what: &'a str,
    #[serde(borrow)]
    object: &'a RawValue,
}

/// The part of an object, a list or a table that says which version it is.
#[derive(Deserialize, Default)]
struct Version {
    #[serde(default)]
    metadata: Meta,
    /// A table's rows, each about one object.
    #[serde(default)]
    rows: Vec<Row>,
    /// A table's; a watch says them once, with its first event.
    #[serde(default, rename = "columnDefinitions")]
    columns: Option<Value>,
    #[serde(default)]
    code: u16,
    #[serde(default)]
    message: String,
}
#[derive(Deserialize)]
struct Row {
    #[serde(default)]
    object: Inner,
}
#[derive(Deserialize, Default)]
struct Inner {
    #[serde(default)]
    metadata: Meta,
}
#[derive(Deserialize, Default)]
struct Meta {
    #[serde(default, rename = "resourceVersion")]
    version: String,
    #[serde(default)]
    name: String,
}

impl Version {
    fn of(bytes: &[u8]) -> Version {
        serde_json::from_slice(bytes).unwrap_or_default()
    }
    fn inner(&self) -> &Meta {
        self.rows.first().map_or(&self.metadata, |row| &row.object.metadata)
    }
}

/// Lists, then watches, for as long as the server lets it. `first`: what is there is told too.
pub(super) async fn strand(cluster: &Cluster, n: usize, call: Call, first: bool, news: Sender<News>) -> Over {
    let over = |problem| Over { call: n, problem, forget: false };
    let what = call.kind().map_or_else(|| call.said(), |kind| kind.plural().into_owned());
    let mut version: Option<String> = None;
    let mut columns: Option<Value> = None;
    let mut shown = first;
    let mut tries = 0;
    loop {
        let Some(from) = version.clone() else {
            let mut pages = Vec::new();
            match cluster.pages(&call, |page| pages.push(page)).await {
                Ok(()) => {}
                Err(rejection) if passes(&rejection) && tries > 0 => {
                    patience(tries).await;
                    tries += 1;
                    continue;
                }
                Err(rejection) => return over(Some(refused(&what, &rejection))),
            }
            if let Some(last) = pages.last().map(|page| Version::of(page)) {
                columns = last.columns;
                version = Some(last.metadata.version);
            }
            for page in pages.into_iter().filter(|_| shown) {
                if news.send(News::Body(n, page)).await.is_err() {
                    return over(None);
                }
            }
            shown = true;
            continue;
        };
        let watch = call.clone().with("watch", "true").with("resourceVersion", from).with("allowWatchBookmarks", "true");
        let ended = match cluster.open(&watch).await {
            Ok(mut blocks) => loop {
                match blocks.next().await {
                    Some(Ok(block)) => {
                        tries = 0;
                        match told(&call, n, &block, (&mut version, &mut columns), &news).await {
                            Ok(true) => {}
                            Ok(false) => return over(None),
                            Err(rejection) => break Some(rejection),
                        }
                    }
                    Some(Err(rejection)) => break Some(rejection),
                    None => break None,
                }
            },
            Err(rejection) => Some(rejection),
        };
        match ended {
            // The server ends every watch after a while.
            None => {}
            Some(rejection) if rejection.sort == RejectionSort::Gone => {
                version = None;
                let note = format!("the server no longer has every change of {what}: all are listed anew");
                if news.send(News::Note(note)).await.is_err() {
                    return over(None);
                }
            }
            Some(rejection) if passes(&rejection) => {
                if tries == 0 && news.send(News::Note(format!("{}; trying again", rejection.message))).await.is_err() {
                    return over(None);
                }
                patience(tries).await;
                tries += 1;
            }
            Some(rejection) => return over(Some(refused(&what, &rejection))),
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
}

/// Tells the events of one block; whether anybody still listens.
async fn told(
    call: &Call,
    n: usize,
    block: &[u8],
    (version, columns): (&mut Option<String>, &mut Option<Value>),
    news: &Sender<News>,
) -> Result<bool, Rejection> {
    for line in block.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
        let Ok(event) = serde_json::from_slice::<Event<'_>>(line) else {
            return Err(Rejection { sort: RejectionSort::ServerTrouble, message: "an event could not be read".into(), causes: Vec::new() });
        };
        let object = event.object.get().as_bytes();
        let about = Version::of(object);
        if event.what == "ERROR" {
            let sort = if about.code == 410 { RejectionSort::Gone } else { RejectionSort::ServerTrouble };
            return Err(Rejection { sort, message: about.message, causes: Vec::new() });
        }
        if !about.inner().version.is_empty() {
            *version = Some(about.inner().version.clone());
        }
        // That an event is forgotten after an hour is no news (`kubectl events` leaves it out too).
        if event.what == "BOOKMARK" || (event.what == "DELETED" && call.is_about("events", "")) {
            continue;
        }
        let body = match call.form {
            Form::Table => with_columns(object, about.columns.as_ref(), columns),
            Form::Json | Form::Metadata | Form::Text | Form::Raw | Form::Discovery | Form::Release | Form::Rehearsal => {
                [b"{\"items\":[", object, b"]}"].concat()
            }
        };
        if news.send(News::Body(n, body)).await.is_err() {
            return Ok(false);
        }
        if event.what == "DELETED" {
            let gone = format!("{}/{} was deleted", call.kind().map_or_else(|| call.said().into(), |kind| kind.word()), about.inner().name);
            if news.send(News::Note(gone)).await.is_err() {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// A table that says its columns, from one that may leave them to an earlier one.
fn with_columns(table: &[u8], own: Option<&Value>, known: &mut Option<Value>) -> Vec<u8> {
    if let Some(own) = own.filter(|own| own.as_array().is_some_and(|columns| !columns.is_empty())) {
        *known = Some(own.clone());
        return table.to_vec();
    }
    match (serde_json::from_slice::<Value>(table), known) {
        (Ok(Value::Object(mut whole)), Some(known)) => {
            whole.insert("columnDefinitions".into(), known.clone());
            Value::Object(whole).to_string().into_bytes()
        }
        (Ok(_) | Err(_), _) => table.to_vec(),
    }
}
