//! Everything that runs: one line a run, oldest first.

use crate::{
    faces::say::{Line, Role},
    road::{RunId, execute::Progress},
};
use std::time::Duration;

/// One run under way.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Which.
    pub run: RunId,
    /// The words it came from.
    pub words: String,
    /// The brain's word for where it is.
    pub phase: &'static str,
    /// Since when it is there.
    pub since: Duration,
    /// Whether a person said yes to it.
    pub changes: bool,
    title: String,
    state: String,
    step: Option<(usize, usize)>,
}

/// Everything that runs.
#[derive(Debug, Default)]
pub struct Running {
    items: Vec<Item>,
}

impl Running {
    /// A request was sent.
    pub fn begins(&mut self, run: RunId, words: &str, at: Duration) {
        let words = words.lines().next().unwrap_or_default().to_string();
        let (title, state) = (String::new(), String::new());
        self.items.push(Item { run, words, phase: "reading", since: at, changes: false, title, state, step: None });
    }

    /// Takes the brain's list: what is not on it is over. Returns whether anything differs.
    pub fn follow<'a>(&mut self, under_way: impl Iterator<Item = (&'a RunId, &'static str)>, at: Duration) -> bool {
        let now: Vec<(&RunId, &str)> = under_way.collect();
        let before = self.items.len();
        self.items.retain(|item| now.iter().any(|(run, _)| **run == item.run));
        let mut differs = before != self.items.len();
        for (run, phase) in now {
            if !self.items.iter().any(|item| item.run == *run) {
                self.begins(run.clone(), "", at);
                differs = true;
            }
            if let Some(item) = self.items.iter_mut().find(|item| item.run == *run)
                && item.phase != phase
            {
                if phase == "doing" {
                    item.since = at;
                }
                item.phase = phase;
                differs = true;
            }
        }
        differs
    }

    /// A run's words, once they are known from its question; and that it changes something.
    pub fn asks(&mut self, run: &RunId, words: &str) {
        if let Some(item) = self.items.iter_mut().find(|item| item.run == *run) {
            item.changes = true;
            if item.words.is_empty() {
                item.words = words.to_string();
            }
        }
    }

    /// A run moved.
    pub fn moves(&mut self, run: &RunId, progress: Progress) {
        let Some(item) = self.items.iter_mut().find(|item| item.run == *run) else { return };
        match progress {
            Progress::Begins { step, of, title } => {
                (item.step, item.title, item.state) = (Some((step, of)), title, "sending".into());
            }
            Progress::Sent { title, .. } => (item.title, item.state) = (title, "sent, waiting until it holds".into()),
            Progress::Waits { state, .. } => item.state = state,
            Progress::Came { .. } => item.state = "goes on · Esc ends it".into(),
        }
    }

    /// Those worth a line: all but the one that asks, which has its panel.
    pub fn shown(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| item.phase != "asking")
    }

    /// The one Esc stops: the newest.
    pub fn front(&self) -> Option<&Item> {
        self.shown().last()
    }

    /// A change that was sent and is not over.
    pub fn change(&self) -> Option<&Item> {
        self.items.iter().find(|item| item.changes && item.phase == "doing")
    }
}

impl Item {
    /// The run in one line: `◐ scale deployment/backend to 3 · step 1 of 2 · 2 of 3 available · 4 s`.
    pub fn line(&self, at: Duration) -> Line {
        let what = if self.title.is_empty() { &self.words } else { &self.title };
        let seconds = at.saturating_sub(self.since).as_secs();
        let mut line = Line::of("◐ ", Role::Accent).and(what, Role::Plain);
        if let Some((step, of)) = self.step.filter(|(_, of)| *of > 1) {
            line = line.and(format!(" · step {} of {of}", step + 1), Role::Plain);
        }
        let state = if self.state.is_empty() || self.phase != "doing" { self.phase_in_words() } else { &self.state };
        line = line.and(format!(" · {state}"), Role::Strong);
        if seconds > 0 { line.and(format!(" · {seconds} s"), Role::Dim) } else { line }
    }

    fn phase_in_words(&self) -> &str {
        match self.phase {
            "vetting" => "checking",
            "previewing" => "rehearsing",
            "queued" => "waits for the question before it",
            other => other,
        }
    }
}
