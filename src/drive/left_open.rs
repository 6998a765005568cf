//! Runs that an earlier start left open (killed, laptop asleep, network lost): read back, told, closed in words.

use super::Link;
use crate::{
    ops::Lookup,
    road::{
        journal::Journal,
        undo::{self, PastRun},
    },
    session::Event,
};
use tokio::sync::mpsc::UnboundedSender;

/// Closes what can be closed. What is on another cluster, or cannot be read now, stays open for the next start.
pub(super) async fn close(journal: &Journal, link: &Link, events: &UnboundedSender<Event>) {
    let Ok(open) = journal.left_open() else { return };
    if open.is_empty() {
        return;
    }
    let (Ok(records), Ok(cluster)) = (journal.records(), link.cluster().await) else { return };
    let uid = cluster.cluster_uid().await.into_known();
    for run in open {
        let Ok(past) = undo::find(&records, Some(run.as_str())) else { continue };
        if !past.is_on(uid.as_deref(), &cluster.identity().context, &cluster.identity().server) {
            continue;
        }
        let facts = cluster.gather(&undo::needs_of_all(&past)).await;
        let Some(sentence) = told(&past, |target| facts.object(target)) else { continue };
        if journal.close_found(&run, sentence.clone()).is_ok() {
            let _ = events.send(Event::FoundOpen { run, sentence });
        }
    }
}

/// What reading back gave, call by call; `None` where something could not be read.
fn told(past: &PastRun, look: impl Fn(&crate::ops::Target) -> Lookup<serde_json::Value>) -> Option<String> {
    let mut parts = Vec::new();
    for call in past.calls() {
        let now = look(call.target()?);
        if matches!(now, Lookup::NotChecked(_)) {
            return None;
        }
        let said = match call.judge(&now) {
            Some(true) => "was done",
            Some(false) => "was not done",
            None => "may or may not have been done: it is neither as it was nor as it was to be",
        };
        parts.push(format!("{}: {said}", call.line()));
    }
    Some(format!("{:?} was cut off; {}", past.words, parts.join("; ")))
}
