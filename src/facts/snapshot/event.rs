//! Events, folded: one for each object, reason and message, with how often and from when to when.

use super::{
    lenient::{When, lenient},
    meta::{Meta, Pointed},
};
use jiff::Timestamp;

lenient! {
    /// An event as the API has it, of `v1` or `events.k8s.io/v1`.
    pub struct RawEvent {
        meta: Meta = "metadata",
        involved: Pointed = "involvedObject",
        regarding: Pointed = "regarding",
        reason: Box<str> = "reason",
        message: Box<str> = "message",
        note: Box<str> = "note",
        kind: Box<str> = "type",
        count: i64 = "count",
        old_count: i64 = "deprecatedCount",
        series: Series = "series",
        first: When = "firstTimestamp",
        last: When = "lastTimestamp",
        old_first: When = "deprecatedFirstTimestamp",
        old_last: When = "deprecatedLastTimestamp",
        time: When = "eventTime",
        source: Source = "source",
        reporter: Box<str> = "reportingComponent",
    }
    /// Who saw it.
    pub struct Source {
        component: Box<str> = "component",
        host: Box<str> = "host",
    }
    /// How often since.
    pub struct Series {
        count: i64 = "count",
        last: When = "lastObservedTime",
    }
}

/// What was seen of one object, however often.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Event {
    /// The object.
    pub about: Pointed,
    /// `FailedScheduling`.
    pub reason: Box<str>,
    /// The sentence, one line.
    pub message: Box<str>,
    /// Whether its type is Warning; one without a type is judged by its reason.
    pub warning: bool,
    /// How often.
    pub count: i64,
    /// Seen first.
    pub first: Option<Timestamp>,
    /// Seen last.
    pub last: Option<Timestamp>,
    /// Who saw it.
    pub by: Box<str>,
}

impl From<RawEvent> for Event {
    fn from(raw: RawEvent) -> Event {
        let pick = |a: Box<str>, b: Box<str>| if a.is_empty() { b } else { a };
        let stamps = [raw.series.last.0, raw.last.0, raw.old_last.0, raw.time.0, raw.first.0];
        let last = stamps.into_iter().flatten().max().or(raw.meta.created.0);
        let first = [raw.first.0, raw.old_first.0, raw.time.0].into_iter().flatten().min().or(last);
        let mut about = if raw.involved.name.is_empty() { raw.regarding } else { raw.involved };
        if about.namespace.is_empty() && !["Node", "Namespace", "PersistentVolume"].contains(&&*about.kind) {
            about.namespace = raw.meta.namespace.clone();
        }
        Event {
            about,
            reason: raw.reason,
            message: pick(raw.message, raw.note).trim().replace(['\n', '\r'], " ").into(),
            warning: &*raw.kind != "Normal" && !raw.kind.is_empty(),
            count: raw.series.count.max(raw.count).max(raw.old_count).max(1),
            first,
            last,
            by: pick(raw.source.component, raw.reporter),
        }
    }
}

/// Where an event belongs, and what it says.
pub(super) type Key = (Box<str>, Box<str>, Box<str>, Box<str>, Box<str>);

impl Event {
    /// When it was seen, as far as folding has left it: first and last.
    pub fn moments(&self) -> impl Iterator<Item = Option<Timestamp>> {
        let again = (self.count > 1 && self.first != self.last).then_some(self.last);
        std::iter::once(self.first).chain(again)
    }
    /// What makes two of them the same.
    pub(super) fn key(&self) -> Key {
        let about = if self.about.uid.is_empty() { self.about.namespace.clone() } else { self.about.uid.clone() };
        (about, self.about.kind.clone(), self.about.name.clone(), self.reason.clone(), self.message.clone())
    }
    /// Takes another of the same in.
    pub(super) fn fold(&mut self, other: Event) {
        self.count = self.count.saturating_add(other.count);
        self.first = [self.first, other.first].into_iter().flatten().min();
        self.last = self.last.max(other.last);
        self.warning |= other.warning;
    }
}
