//! The whole frame: which room each part gets.

use super::{cluster, help, keyline, question, running, status, transcript, typing};
use crate::faces::{
    say::{Line, Role},
    tui::{app::App, asking::Seen},
};
use jiff::Timestamp;
use ratatui::{Frame, layout::Rect};
use std::time::Duration;

/// Below this the face says that it is too small.
const SMALLEST: (u16, u16) = (30, 8);
/// From this width on the cluster panel stands there unasked.
const WIDE: u16 = 100;
/// Lines for what runs, at most.
const RUNNING: usize = 4;

/// What was on the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Drawn {
    /// What was seen of the question; `None`: it was not on the screen.
    pub question: Option<Seen>,
    /// Whether the cluster panel is open.
    pub cluster: bool,
}

/// Draws the face. `at` is the time since it began, `now` the time of day.
pub fn draw(frame: &mut Frame<'_>, app: &mut App, at: Duration, now: Timestamp) -> Drawn {
    let area = frame.area();
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        too_small(frame, app, area);
        return Drawn::default();
    }
    let mut left = area;
    let top = take_top(&mut left, 1);
    let keys = take_bottom(&mut left, 1);
    let rows = typing::rows(app, area.width).min((left.height / 3).max(1));
    let composer = take_bottom(&mut left, rows);
    let asked = question::rows(app, left);
    let question_area = take_bottom(&mut left, asked);
    let runs = u16::try_from(app.running.shown().count().min(RUNNING)).unwrap_or(0).min(left.height / 3);
    let running_area = take_bottom(&mut left, runs);

    status::draw(frame, app, top);
    let open = app.cluster_open.unwrap_or(area.width >= WIDE);
    let mut drawn = Drawn { question: None, cluster: open };
    if left.height >= 3 {
        if open {
            let width = if left.width < 64 { left.width } else { (left.width * 3 / 10).clamp(28, 40) };
            let side = Rect { x: left.right() - width, width, ..left };
            left.width -= width;
            cluster::draw(frame, app, side, now);
        }
        if left.width >= 8 {
            transcript::draw(frame, app, left);
        }
    }
    running::draw(frame, app, running_area, at);
    drawn.question = question::draw(frame, app, question_area);
    typing::draw(frame, app, composer);
    keyline::draw(frame, app, keys);
    if app.help.is_some() {
        help::draw(frame, app, area);
        // What is covered cannot be answered.
        drawn.question = None;
    }
    drawn
}

fn too_small(frame: &mut Frame<'_>, app: &App, area: Rect) {
    let texts = ["too small:", "make the window larger"];
    for (text, y) in texts.iter().zip(area.y..area.bottom()) {
        let line = app.theme.line(&Line::of(text, Role::Warn));
        frame.render_widget(line, Rect { y, height: 1, ..area });
    }
}

fn take_top(left: &mut Rect, rows: u16) -> Rect {
    let rows = rows.min(left.height);
    let taken = Rect { height: rows, ..*left };
    left.y += rows;
    left.height -= rows;
    taken
}

fn take_bottom(left: &mut Rect, rows: u16) -> Rect {
    let rows = rows.min(left.height);
    left.height -= rows;
    Rect { y: left.bottom(), height: rows, ..*left }
}
