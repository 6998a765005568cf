//! What containers wrote. Lines that come at regular times are worked out when someone reads them: an idle cluster does nothing.
use super::script::Tick;
use jiff::{SignedDuration, Timestamp};

/// One line and when it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::simulator) struct Line {
    pub(in crate::simulator) at: Timestamp,
    pub(in crate::simulator) text: String,
}

/// The log of one run of a container.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) started: Timestamp,
    pub(super) ended: Option<Timestamp>,
    written: Vec<Line>,
    tick: Option<Tick>,
}

/// A container that has run for weeks answers with its last lines only.
const TICKS_KEPT: i64 = 2000;

impl Run {
    pub(super) fn new(started: Timestamp, lines: &[String], tick: Option<Tick>) -> Self {
        // A line takes a moment, so that timestamps differ.
        let written = lines.iter().zip(0..).map(|(text, n)| Line { at: later(started, n * 7), text: text.clone() }).collect();
        Run { started, ended: None, written, tick }
    }

    pub(super) fn end(&mut self, at: Timestamp) {
        self.ended = Some(at);
        // What was written was written before the end.
        for line in &mut self.written {
            line.at = line.at.min(at);
        }
    }

    /// The last lines, as a container's last word. Source: `fallbackToLogs` in `pkg/kubelet/kuberuntime/kuberuntime_container.go`.
    pub(super) fn tail(&self, now: Timestamp) -> String {
        let lines = self.lines(now);
        lines[lines.len().saturating_sub(80)..].iter().map(|line| format!("{}\n", line.text)).collect()
    }

    /// Every line written up to `now`.
    pub(super) fn lines(&self, now: Timestamp) -> Vec<Line> {
        let until = self.ended.unwrap_or(now).min(now);
        let mut lines: Vec<Line> = self.written.iter().filter(|l| l.at <= until).cloned().collect();
        if let Some(Tick { every, line }) = &self.tick {
            let count = (until.as_second() - self.started.as_second()) / every;
            for n in (count - TICKS_KEPT).max(1)..=count {
                lines.push(Line { at: later(self.started, n * every * 1000), text: line.clone() });
            }
        }
        lines.sort_by_key(|l| l.at);
        lines
    }
}

fn later(time: Timestamp, millis: i64) -> Timestamp {
    time.saturating_add(SignedDuration::from_millis(millis)).unwrap_or(time)
}
