//! What stands beside the conversation: the namespace's workloads and its latest warnings, read again and again while somebody
//! looks, not at all while nobody does.
//!
//! Cheap: the server's own tables of the workloads, the pods' only where a workload fails, one page of events.

use super::Link;
use crate::{
    ops::{Call, Form, Kind, Lookup, Namespace},
    problem::Problem,
};
use jiff::Timestamp;
use serde_json::Value;
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// How often it is read while somebody looks.
const EVERY: Duration = Duration::from_secs(5);
/// How long it waits at most after reads that failed.
const AT_MOST: Duration = Duration::from_secs(60);
/// Warnings kept.
const WARNINGS: usize = 20;

/// What is known of a namespace at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClusterView {
    /// Its workloads, failing ones first.
    pub workloads: Vec<Workload>,
    /// Its latest warnings, newest first.
    pub warnings: Vec<Warning>,
    /// What could not be read, in words.
    pub unread: Vec<String>,
}

/// One workload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workload {
    /// `deployment`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Pods that are ready.
    pub ready: u64,
    /// Pods that are wanted.
    pub wanted: u64,
    /// The word its pods fail with: `CrashLoopBackOff`; empty where there is none.
    pub word: String,
}

/// One warning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// When it was last seen.
    pub at: Option<Timestamp>,
    /// `BackOff`.
    pub reason: String,
    /// `pod/worker-7d4b`.
    pub object: String,
}

impl ClusterView {
    /// How many workloads are fine, and how many fail; `None` where workloads could not be read.
    pub fn counts(&self) -> Option<(usize, usize)> {
        let failing = self.workloads.iter().filter(|w| w.fails()).count();
        (self.unread.is_empty() || !self.workloads.is_empty()).then(|| (self.workloads.len() - failing, failing))
    }
}

impl Workload {
    /// Whether pods it wants are not ready.
    pub fn fails(&self) -> bool {
        self.ready < self.wanted
    }
}

/// Whether somebody looks, and how often they asked for a fresh view.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Looking {
    on: bool,
    asked: u64,
}

/// A view that is kept fresh while it is looked at. Dropping it ends the reading.
pub struct Watch {
    looked_at: watch::Sender<Looking>,
    views: mpsc::Receiver<ClusterView>,
}

impl Watch {
    /// Whether somebody looks.
    pub fn look(&self, looked_at: bool) {
        self.looked_at.send_if_modified(|now| std::mem::replace(&mut now.on, looked_at) != looked_at);
    }

    /// Something has just been changed: the next view is read at once, if somebody looks.
    pub fn again(&self) {
        self.looked_at.send_modify(|now| now.asked += 1);
    }

    /// The next view. Never, while nobody looks.
    pub async fn next(&mut self) -> Option<ClusterView> {
        self.views.recv().await
    }
}

/// Begins, not looked at: nothing is read, nothing is connected.
pub fn cluster_view(link: Link, namespace: Namespace) -> Watch {
    let (looked_at, looking) = watch::channel(Looking::default());
    let (views, receiver) = mpsc::channel(1);
    tokio::spawn(keep_fresh(link, namespace, looking, views));
    Watch { looked_at, views: receiver }
}

async fn keep_fresh(link: Link, namespace: Namespace, mut looking: watch::Receiver<Looking>, views: mpsc::Sender<ClusterView>) {
    let mut pause = EVERY;
    loop {
        if looking.wait_for(|looking| looking.on).await.is_err() {
            return;
        }
        let view = match read(&link, &namespace).await {
            Ok(view) => view,
            Err(problem) => ClusterView { unread: vec![problem.sentence], ..ClusterView::default() },
        };
        pause = if view.unread.is_empty() { EVERY } else { (pause * 2).min(AT_MOST) };
        if views.send(view).await.is_err() {
            return;
        }
        // Closed and opened again, or asked for, it is read at once; else after the pause.
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            changed = looking.changed() => {
                if changed.is_err() {
                    return;
                }
                pause = EVERY;
            }
        }
    }
}

/// The workload kinds that are looked at.
const KINDS: &[&str] = &["deployments", "statefulsets", "daemonsets"];

async fn read(link: &Link, namespace: &Namespace) -> Result<ClusterView, Problem> {
    let cluster = link.cluster().await?;
    let kinds: Vec<Kind> = KINDS.iter().filter_map(|word| Kind::find(word)).collect();
    let mut calls: Vec<Call> = kinds.iter().map(|kind| Call::list(*kind, Some(namespace)).shaped(Form::Table)).collect();
    if let Some(events) = Kind::find("events") {
        calls.push(Call::list(events, Some(namespace)).with("fieldSelector", "type=Warning").with("limit", "500"));
    }
    let mut view = ClusterView::default();
    for reply in cluster.replies(&calls).await {
        match (reply.body, kinds.get(reply.call)) {
            (Lookup::Known(body), Some(kind)) => view.workloads.extend(workloads(&kind.word(), &body)),
            (Lookup::Known(body), None) => view.warnings.extend(warnings(&body)),
            (Lookup::Missing, _) => {}
            (Lookup::NotChecked(why), _) => view.unread.push(why),
        }
    }
    view.unread.dedup();
    if view.workloads.iter().any(Workload::fails)
        && let Some(pods) = Kind::find("pods")
    {
        for reply in cluster.replies(&[Call::list(pods, Some(namespace)).shaped(Form::Table)]).await {
            if let Lookup::Known(body) = reply.body {
                name_failures(&mut view.workloads, &body);
            }
        }
    }
    view.workloads.sort_by(|a, b| b.fails().cmp(&a.fails()).then_with(|| a.name.cmp(&b.name)));
    view.warnings.sort_by_key(|w| std::cmp::Reverse(w.at));
    view.warnings.truncate(WARNINGS);
    Ok(view)
}

/// The rows of a server's table, each as a look-up by column name.
fn rows(body: &[u8]) -> Vec<impl Fn(&str) -> Option<String> + use<>> {
    let table: Value = serde_json::from_slice(body).unwrap_or_default();
    let columns: Vec<String> = table["columnDefinitions"]
        .as_array()
        .map(|all| all.iter().map(|c| c["name"].as_str().unwrap_or_default().to_ascii_lowercase()).collect())
        .unwrap_or_default();
    let rows = table["rows"].as_array().cloned().unwrap_or_default();
    rows.into_iter()
        .map(move |row| {
            let columns = columns.clone();
            move |name: &str| {
                let at = columns.iter().position(|c| c == name)?;
                match row["cells"].get(at)? {
                    Value::String(text) => Some(text.clone()),
                    other => Some(other.to_string()),
                }
            }
        })
        .collect()
}

fn workloads(kind: &str, body: &[u8]) -> Vec<Workload> {
    let workload = |cell: &dyn Fn(&str) -> Option<String>| {
        let ready = cell("ready")?;
        // `2/3`, or for daemon sets two columns.
        let (ready, wanted) = match ready.split_once('/') {
            Some((ready, wanted)) => (ready.parse().ok()?, wanted.parse().ok()?),
            None => (ready.parse().ok()?, cell("desired")?.parse().ok()?),
        };
        Some(Workload { kind: kind.to_string(), name: cell("name")?, ready, wanted, word: String::new() })
    };
    rows(body).iter().filter_map(|cell| workload(cell)).collect()
}

/// Gives failing workloads the word that their pods fail with.
fn name_failures(workloads: &mut [Workload], body: &[u8]) {
    for cell in rows(body) {
        let (Some(pod), Some(status)) = (cell("name"), cell("status")) else { continue };
        if matches!(status.as_str(), "Running" | "Completed" | "Succeeded" | "Terminating") {
            continue;
        }
        let owner = workloads
            .iter_mut()
            .filter(|w| w.fails() && pod.strip_prefix(w.name.as_str()).is_some_and(|rest| rest.starts_with('-')))
            .max_by_key(|w| w.name.len());
        if let Some(owner) = owner
            && (owner.word.is_empty() || owner.word == "Pending" || owner.word == "ContainerCreating")
        {
            owner.word = status;
        }
    }
}

fn warnings(body: &[u8]) -> Vec<Warning> {
    let list: Value = serde_json::from_slice(body).unwrap_or_default();
    let items = list["items"].as_array().cloned().unwrap_or_default();
    let time = |event: &Value| {
        let texts = [&event["series"]["lastObservedTime"], &event["lastTimestamp"], &event["eventTime"], &event["firstTimestamp"]];
        texts.into_iter().find_map(|t| t.as_str()?.parse::<Timestamp>().ok())
    };
    items
        .iter()
        .map(|event| Warning {
            at: time(event),
            reason: event["reason"].as_str().unwrap_or("?").to_string(),
            object: format!(
                "{}/{}",
                event["involvedObject"]["kind"].as_str().unwrap_or("?").to_ascii_lowercase(),
                event["involvedObject"]["name"].as_str().unwrap_or("?")
            ),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn table(columns: &[&str], rows: &[&[&str]]) -> Vec<u8> {
        let columns: Vec<Value> = columns.iter().map(|name| json!({"name": name})).collect();
        let rows: Vec<Value> = rows.iter().map(|cells| json!({"cells": cells})).collect();
        serde_json::to_vec(&json!({"kind": "Table", "columnDefinitions": columns, "rows": rows})).unwrap()
    }

    #[test]
    fn a_failing_workload_says_what_its_pods_fail_with() {
        let mut all = workloads("deployment", &table(&["Name", "Ready"], &[&["worker", "0/1"], &["worker-two", "0/1"], &["web", "2/2"]]));
        name_failures(
            &mut all,
            &table(&["Name", "Status"], &[&["worker-7d4b-x", "CrashLoopBackOff"], &["worker-two-1", "Pending"], &["web-1", "Running"]]),
        );
        let words: Vec<&str> = all.iter().map(|w| w.word.as_str()).collect();
        assert_eq!(words, ["CrashLoopBackOff", "Pending", ""]);
    }

    #[test]
    fn a_daemon_set_counts_in_two_columns() {
        let all = workloads("daemonset", &table(&["Name", "Desired", "Current", "Ready"], &[&["agent", "3", "3", "2"]]));
        assert!(all[0].fails());
        assert_eq!((all[0].ready, all[0].wanted), (2, 3));
    }

    #[test]
    fn what_is_no_table_is_no_row() {
        assert!(workloads("deployment", b"<html>").is_empty());
        assert!(warnings(b"{}").is_empty());
    }
}
