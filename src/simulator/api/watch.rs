//! watch: what happens from a version on, one JSON line each.
use super::{
    Answer, Ask, Target, read,
    request::Form,
    selection::Selection,
    table::{self, Include},
};
use crate::simulator::{
    Simulator,
    cluster::{Cluster, typed},
    json::{set, text},
    refusal::Refusal,
    registry::KindId,
    store::{Change, Stored},
};
use axum::body::{Body, Bytes};
use futures::stream;
use serde_json::{Value, json};
use std::{collections::VecDeque, convert::Infallible, time::Duration};
use tokio::sync::watch::Receiver;

/// One client that watches.
struct Watcher {
    simulator: Simulator,
    changed: Receiver<u64>,
    kind: KindId,
    namespace: Option<String>,
    selection: Selection,
    form: Form,
    include: Include,
    bookmarks: bool,
    at: u64,
    ready: VecDeque<Event>,
    described: bool,
    over: bool,
    ends: tokio::time::Instant,
}

/// What is to be said next. An object is written out when the client comes for it: one that does not read costs no more than the store keeps anyway.
enum Event {
    Object(&'static str, Stored),
    /// With what a bookmark carries.
    Bookmark(Value),
    Line(Bytes),
}

/// How many changes are looked at in one go.
const AT_ONCE: usize = 512;
/// How often a quiet watch says where it stands.
const BOOKMARK_EVERY: Duration = Duration::from_secs(60);
/// The longest that a watch without `timeoutSeconds` lasts.
const LONGEST: i64 = 3600;

/// Starts a watch.
pub(super) fn answer(simulator: &Simulator, ask: &Ask, target: &Target) -> Result<Answer, Refusal> {
    let from = read::asked_version(ask)?.unwrap_or(0);
    let changed = simulator.subscribe();
    let seconds = ask.number("timeoutSeconds")?.unwrap_or(LONGEST).clamp(0, LONGEST);
    let mut watcher = simulator.with(|cluster| {
        Ok::<_, Refusal>(Watcher {
            simulator: simulator.clone(),
            changed,
            kind: target.kind,
            namespace: target.namespace.clone(),
            selection: Selection::of(cluster, ask, target)?,
            form: ask.form()?,
            include: Include::of(ask)?,
            bookmarks: ask.flag("allowWatchBookmarks"),
            at: 0,
            ready: VecDeque::new(),
            described: false,
            over: false,
            ends: tokio::time::Instant::now() + Duration::from_secs(seconds.unsigned_abs()),
        })
    })?;
    // No version, or zero, means: begin with what is there.
    let initial = ask.query("sendInitialEvents").map(|_| ask.flag("sendInitialEvents"));
    match initial {
        Some(true) => simulator.with(|cluster| watcher.begin(cluster, true)),
        None if from == 0 => simulator.with(|cluster| watcher.begin(cluster, false)),
        Some(false) if from == 0 => watcher.at = simulator.with(|cluster| cluster.store.version()),
        Some(false) | None => watcher.at = from,
    }
    let lines = stream::unfold(watcher, |mut watcher| async move {
        let line = watcher.next().await?;
        Some((Ok::<_, Infallible>(line), watcher))
    });
    Ok(Answer::Stream(Body::from_stream(lines), "application/json"))
}

impl Watcher {
    fn begin(&mut self, cluster: &Cluster, say_when_done: bool) {
        let there: Vec<Stored> = cluster
            .store
            .of_kind(self.kind, self.namespace.as_deref())
            .filter(|(k, s)| self.selection.holds(k, s))
            .map(|(_, s)| s.clone())
            .collect();
        self.ready.extend(there.into_iter().map(|stored| Event::Object("ADDED", stored)));
        self.at = cluster.store.version();
        if say_when_done && self.bookmarks {
            self.bookmark(true);
        }
    }

    async fn next(&mut self) -> Option<Bytes> {
        loop {
            match self.ready.pop_front() {
                Some(Event::Line(line)) => return Some(line),
                Some(Event::Object(event, stored)) => {
                    return Some(self.simulator.clone().with(|cluster| self.written(cluster, event, &stored)));
                }
                Some(Event::Bookmark(object)) => {
                    return Some(self.simulator.clone().with(|cluster| self.marked(cluster, object)));
                }
                None => {}
            }
            if self.over {
                return None;
            }
            // Before the look, so that a change in between is not slept through.
            self.changed.borrow_and_update();
            let behind = self.simulator.clone().with(|cluster| {
                self.read(cluster);
                self.at < cluster.store.version()
            });
            if behind || self.over || !self.ready.is_empty() {
                continue;
            }
            let bookmark_at = (tokio::time::Instant::now() + BOOKMARK_EVERY).min(self.ends);
            tokio::select! {
                changed = self.changed.changed() => self.over = changed.is_err(),
                () = tokio::time::sleep_until(bookmark_at) => {
                    if bookmark_at >= self.ends {
                        return None;
                    }
                    if self.bookmarks {
                        self.bookmark(false);
                    }
                }
            }
        }
    }

    fn read(&mut self, cluster: &Cluster) {
        let Some(changes) = cluster.store.since(self.at) else {
            let status = Refusal::gone(self.at, cluster.store.version()).status();
            self.line(&json!({"type": "ERROR", "object": status}));
            self.over = true;
            return;
        };
        let mine = |c: &&Change| c.key.kind == self.kind && self.namespace.as_deref().is_none_or(|n| n == &*c.key.namespace);
        let mut until = cluster.store.version();
        let mut counted = 0;
        let some = changes.take_while(|change| {
            counted += 1;
            if counted > AT_ONCE {
                until = change.version - 1;
            }
            counted <= AT_ONCE
        });
        let changes: Vec<Change> = some.filter(mine).cloned().collect();
        for change in changes {
            let holds = |s: &Option<Stored>| s.as_ref().filter(|s| self.selection.holds(&change.key, s)).cloned();
            match (holds(&change.before), holds(&change.after)) {
                (None, Some(now)) => self.ready.push_back(Event::Object("ADDED", now)),
                (Some(_), Some(now)) => self.ready.push_back(Event::Object("MODIFIED", now)),
                (Some(mut gone), None) => {
                    // It is gone, or left the selection; the event carries its last state in it, at the version of the change.
                    let mut tree = gone.tree();
                    set(&mut tree, "/metadata/resourceVersion", change.version.to_string());
                    (gone.bytes, gone.version) = (tree.to_string().into_bytes().into(), change.version);
                    self.ready.push_back(Event::Object("DELETED", gone));
                }
                (None, None) => {}
            }
        }
        self.at = self.at.max(until);
    }

    fn written(&mut self, cluster: &Cluster, event: &str, stored: &Stored) -> Bytes {
        let resource = cluster.registry.get(self.kind);
        let object = match self.form {
            Form::Whole => {
                let mut line = format!("{{\"type\":\"{event}\",\"object\":").into_bytes();
                line.extend_from_slice(&read::whole(resource, stored));
                line.extend_from_slice(b"}\n");
                return line.into();
            }
            Form::Metadata | Form::MetadataList => read::metadata(&stored.tree()),
            Form::Table => self.table(cluster, &stored.tree()),
        };
        format!("{}\n", json!({"type": event, "object": object})).into()
    }

    fn bookmark(&mut self, initial: bool) {
        let mut object = json!({"metadata": {"resourceVersion": self.at.to_string()}});
        if initial {
            object["metadata"]["annotations"] = json!({"k8s.io/initial-events-end": "true"});
        }
        self.ready.push_back(Event::Bookmark(object));
    }

    fn marked(&mut self, cluster: &Cluster, mut object: Value) -> Bytes {
        match self.form {
            Form::Whole => typed(cluster.registry.get(self.kind), &mut object),
            Form::Metadata | Form::MetadataList => object = read::metadata(&object),
            Form::Table => object = self.table(cluster, &object),
        }
        format!("{}\n", json!({"type": "BOOKMARK", "object": object})).into()
    }

    fn table(&mut self, cluster: &Cluster, object: &Value) -> Value {
        let mut table = table::of(cluster, cluster.registry.get(self.kind), std::iter::once(object), self.include);
        set(&mut table, "/metadata/resourceVersion", text(object, "/metadata/resourceVersion"));
        // Columns are described once.
        if std::mem::replace(&mut self.described, true) {
            table["columnDefinitions"] = Value::Null;
        }
        table
    }

    fn line(&mut self, value: &Value) {
        self.ready.push_back(Event::Line(format!("{value}\n").into()));
    }
}
