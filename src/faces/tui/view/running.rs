//! What runs, one line each.

use super::text::cut;
use crate::faces::{
    say::{Line, Role},
    tui::app::App,
};
use ratatui::{Frame, layout::Rect};
use std::time::Duration;

/// Draws what runs; where there is no room for all, the last line counts the others.
pub fn draw(frame: &mut Frame<'_>, app: &App, area: Rect, at: Duration) {
    let rows = usize::from(area.height);
    let count = app.running.shown().count();
    let mut lines: Vec<Line> = app.running.shown().map(|item| item.line(at)).collect();
    if count > rows && rows > 0 {
        lines.truncate(rows - 1);
        lines.push(Line::of(format!("… and {} more", count - (rows - 1)), Role::Dim));
    }
    let room = usize::from(area.width).saturating_sub(2);
    for (line, y) in lines.into_iter().zip(area.y..area.bottom()) {
        let line = if line.width() > room { Line::of(cut(&line.text(), room), Role::Plain) } else { line };
        frame.render_widget(app.theme.line(&line.indented(1)), Rect { y, height: 1, ..area });
    }
}
