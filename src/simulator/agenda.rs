//! What the controllers still have to look at, now and later.
use super::store::Key;
use jiff::Timestamp;
use std::collections::{BTreeSet, HashSet, VecDeque};

/// Who looks at an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Controller {
    Deployment,
    ReplicaSet,
    StatefulSet,
    DaemonSet,
    Job,
    Node,
    Scheduler,
    Kubelet,
    Endpoints,
    Disruption,
    Claim,
    Quota,
    Roles,
    Namespace,
    Garbage,
}

/// One look of one controller at one object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Task {
    pub(super) who: Controller,
    pub(super) key: Key,
}

/// A queue without duplicates, and a timetable.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    now: VecDeque<Task>,
    queued: HashSet<Task>,
    later: BTreeSet<(Timestamp, Task)>,
}

impl Agenda {
    /// Queues a look, unless the same one waits already.
    pub(super) fn push(&mut self, who: Controller, key: Key) {
        let task = Task { who, key };
        if self.queued.insert(task.clone()) {
            self.now.push_back(task);
        }
    }

    /// Queues a look at a time to come.
    pub(super) fn push_at(&mut self, time: Timestamp, who: Controller, key: Key) {
        self.later.insert((time, Task { who, key }));
    }

    pub(super) fn pop(&mut self) -> Option<Task> {
        let task = self.now.pop_front()?;
        self.queued.remove(&task);
        Some(task)
    }

    /// When the timetable has its next entry.
    pub(super) fn next_time(&self) -> Option<Timestamp> {
        self.later.first().map(|(time, _)| *time)
    }

    /// Moves what is due at `now` into the queue.
    pub(super) fn ripen(&mut self, now: Timestamp) {
        while self.next_time().is_some_and(|time| time <= now) {
            if let Some((_, task)) = self.later.pop_first() {
                self.push(task.who, task.key);
            }
        }
    }
}
