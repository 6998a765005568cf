//! The face under a made-up clock: what it draws, and what keys do to it.

mod answers;
mod frames;
mod keys;
mod panics;
mod talk;

use super::{
    app::{Action, App, Input, Shown},
    asking::RIPENS,
    theme::Theme,
    view::{self, Drawn},
};
use crate::{
    drive::watch::{ClusterView, Warning, Workload},
    road::{
        RunId,
        plan::Assumed,
        preview::{Basis, Blast, Card, CardStep, Line, PreviewId},
        vet::{Reason, Verdict},
    },
    terms::{diff::Change, path::Path},
};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::Timestamp;
use ratatui::{Terminal, backend::TestBackend};
use serde_json::json;
use std::time::Duration;

/// A face on a screen in memory.
pub struct Stage {
    pub app: App,
    pub terminal: Terminal<TestBackend>,
    pub at: Duration,
}

impl Stage {
    pub fn new(width: u16, height: u16) -> Stage {
        Stage::with(width, height, true)
    }

    pub fn with(width: u16, height: u16, colours: bool) -> Stage {
        let shown = Shown { context: "kind-dev".into(), namespace: "todo-chatbot".into(), model: None, read_only: false };
        let terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        Stage { app: App::new(shown, Theme::new(colours)), terminal, at: Duration::from_secs(10) }
    }

    pub fn draw(&mut self) -> Drawn {
        let mut drawn = Drawn::default();
        let now: Timestamp = "2026-01-01T12:00:00Z".parse().unwrap();
        let (app, at) = (&mut self.app, self.at);
        self.terminal.draw(|frame| drawn = view::draw(frame, app, at, now)).unwrap();
        self.app.was_drawn(&drawn, at);
        drawn
    }

    /// A frame, then nothing for a while, then a frame of what that changed.
    pub fn rest(&mut self) -> Vec<Action> {
        self.draw();
        self.at += RIPENS;
        let actions = self.app.silent(self.at);
        self.draw();
        actions
    }

    /// A key, and nothing behind it.
    pub fn press(&mut self, code: KeyCode) -> Vec<Action> {
        self.at += Duration::from_millis(50);
        let mut actions = self.app.handle(Input::Key(KeyEvent::new(code, KeyModifiers::NONE)), self.at);
        actions.extend(self.app.silent(self.at));
        self.draw();
        actions
    }

    pub fn type_in(&mut self, text: &str) -> Vec<Action> {
        text.chars().flat_map(|c| self.press(KeyCode::Char(c))).collect()
    }

    /// What is on the screen, without blanks at line ends.
    pub fn screen(&self) -> String {
        let buffer = self.terminal.backend().buffer();
        let mut text = String::new();
        for y in 0..buffer.area.height {
            let mut x = 0;
            let mut line = String::new();
            while x < buffer.area.width {
                let symbol = buffer[(x, y)].symbol();
                line.push_str(symbol);
                x += u16::try_from(unicode_width::UnicodeWidthStr::width(symbol).max(1)).unwrap();
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

pub fn change(path: &[&str], before: serde_json::Value, after: serde_json::Value) -> Line {
    let some = |v: serde_json::Value| (!v.is_null()).then_some(v);
    Line::Differs(Change { path: Path::fields(path.iter().copied()), before: some(before), after: some(after) })
}

pub fn scale() -> Card {
    Card {
        run: RunId::new("0199-0001"),
        preview: PreviewId::made_up("preview-one"),
        words: "scale backend to 3".into(),
        verdict: Verdict::Confirm,
        name_to_type: None,
        needs_person: false,
        assumed: Vec::new(),
        steps: vec![CardStep {
            title: "scale deployment/backend to 3".into(),
            namespace: "todo-chatbot".into(),
            kubectl: "kubectl scale deployment/backend --replicas=3 -n todo-chatbot".into(),
            lines: vec![change(&["spec", "replicas"], json!(2), json!(3))],
            blasts: vec![Blast {
                pods: 1,
                each: "cpu 250m, memory 256Mi".into(),
                total: "cpu 250m, memory 256Mi".into(),
                ..Blast::default()
            }],
            way_back: Ok(vec!["kubectl scale deployment/backend --replicas=2 -n todo-chatbot".into()]),
            basis: Basis::ServerDryRun,
            verdict: Verdict::Confirm,
            reasons: vec![Reason::own("change", Verdict::Confirm, "it changes the cluster")],
            unchecked: Vec::new(),
            manifests: Ok(Vec::new()),
        }],
    }
}

pub fn delete() -> Card {
    let mut card = scale();
    card.run = RunId::new("0199-0002");
    card.preview = PreviewId::made_up("preview-two");
    card.words = "delete the web deployment".into();
    card.verdict = Verdict::ConfirmTyped;
    card.name_to_type = Some("web".into());
    card.assumed = vec![Assumed { said: "web".into(), taken: "deployment/web".into(), why: "the only one of that name".into() }];
    let step = &mut card.steps[0];
    step.title = "delete deployment/web".into();
    step.kubectl = "kubectl delete deployment/web -n todo-chatbot".into();
    step.lines = vec![Line::Ends { object: "deployment/web".into() }];
    step.blasts = vec![Blast { pods: -2, total: "cpu 500m, memory 512Mi".into(), ..Blast::default() }];
    step.way_back = Err("what it was is in the journal, and its pods are not".into());
    step.verdict = Verdict::ConfirmTyped;
    let sentence = "a deleted workload ends with all its pods";
    step.reasons = vec![Reason::own("delete-workload", Verdict::ConfirmTyped, sentence)];
    step.unchecked = vec!["whether you may delete it: the server did not say".into()];
    card
}

pub fn long() -> Card {
    let mut card = scale();
    card.steps[0].lines =
        (0..60).map(|n| change(&["data", &format!("key-{n:02}")], json!(format!("old {n}")), json!(format!("new {n}")))).collect();
    card
}

pub fn cluster() -> ClusterView {
    let workload =
        |name: &str, ready, wanted, word: &str| Workload { kind: "deployment".into(), name: name.into(), ready, wanted, word: word.into() };
    ClusterView {
        workloads: vec![workload("worker", 0, 1, "CrashLoopBackOff"), workload("backend", 2, 2, ""), workload("frontend", 2, 2, "")],
        warnings: vec![Warning {
            at: Some("2026-01-01T11:59:48Z".parse().unwrap()),
            reason: "BackOff".into(),
            object: "pod/worker-7d4b9c-x2x".into(),
        }],
        unread: Vec::new(),
    }
}
