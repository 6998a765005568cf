//! The first line: where one is, how it goes there, and what aiops may do.

use super::text::cut;
use crate::faces::{
    say::{Line, Role},
    tui::app::App,
};
use ratatui::{Frame, layout::Rect};

/// Draws the status line.
pub fn draw(frame: &mut Frame<'_>, app: &App, area: Rect) {
    let shown = &app.shown;
    let width = usize::from(area.width);
    let right = if shown.read_only { Line::of("read-only", Role::Warn) } else { Line::of("read-write", Role::Plain) };
    let room = width.saturating_sub(right.width() + 2);
    let model = shown.model.as_deref().unwrap_or("offline");
    let mut line = Line::of("aiops", Role::Strong).and("   ", Role::Plain).and(&shown.context, Role::Accent);
    line = line.and(" ▸ ", Role::Dim).and(&shown.namespace, Role::Accent);
    let mut counts = Line::empty();
    if let Some((fine, failing)) = app.cluster.as_ref().and_then(|view| view.counts()) {
        counts = counts.and("   ", Role::Plain).and(format!("✔ {fine} fine"), Role::Good);
        if failing > 0 {
            counts = counts.and("  ", Role::Plain).and(format!("▲ {failing} failing"), Role::Bad);
        }
    }
    // The narrower it is, the more is left to the panels; context and namespace stay longest.
    for part in [counts, Line::of("   ", Role::Plain).and(model, Role::Plain)] {
        if line.width() + part.width() <= room {
            line.0.extend(part.0);
        }
    }
    if line.width() > room {
        line = Line::of(cut(&line.text(), room), Role::Accent);
    }
    frame.render_widget(app.theme.line(&line), area);
    let wide = u16::try_from(right.width()).unwrap_or(0).min(area.width);
    frame.render_widget(app.theme.line(&right), Rect { x: area.right() - wide, width: wide, ..area });
}
