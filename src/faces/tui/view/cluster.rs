//! The panel beside the conversation: workloads, failing ones first, and the latest warnings.

use super::text::cut;
use crate::{
    drive::watch::{ClusterView, Warning, Workload},
    faces::{
        say::{self, Line, Role},
        tui::app::App,
    },
    terms::age,
};
use jiff::Timestamp;
use ratatui::{Frame, layout::Rect, widgets::Block};
use unicode_width::UnicodeWidthStr as _;

/// Draws the panel.
pub fn draw(frame: &mut Frame<'_>, app: &App, area: Rect, now: Timestamp) {
    frame.render_widget(Block::bordered().border_style(app.theme.edge(false)).title(" cluster "), area);
    let inner = Rect { x: area.x + 2, y: area.y + 1, width: area.width.saturating_sub(4), height: area.height.saturating_sub(2) };
    let width = usize::from(inner.width);
    let lines = match &app.cluster {
        None => vec![Line::of("looking…", Role::Dim)],
        Some(view) => lines(view, width, usize::from(inner.height), now),
    };
    for (line, y) in lines.iter().zip(inner.y..inner.bottom()) {
        frame.render_widget(app.theme.line(line), Rect { y, height: 1, ..inner });
    }
}

fn lines(view: &ClusterView, width: usize, rows: usize, now: Timestamp) -> Vec<Line> {
    let mut lines = Vec::new();
    for text in &view.unread {
        lines.extend(say::wrapped(text, Role::Warn, width, "? ", 2));
    }
    if view.workloads.is_empty() && view.unread.is_empty() {
        lines.push(Line::of("no workloads here", Role::Dim));
    }
    // Warnings get a third of the room, more where workloads leave it.
    let warnings = view.warnings.len().min((rows / 3).max(rows.saturating_sub(lines.len() + view.workloads.len() + 1)));
    let room = rows.saturating_sub(lines.len() + if warnings > 0 { warnings + 1 } else { 0 });
    let names = view.workloads.iter().map(|w| w.name.width()).max().unwrap_or(0).min(width / 2);
    let all = view.workloads.len();
    let shown = if all > room { room.saturating_sub(1) } else { all };
    lines.extend(view.workloads.iter().take(shown).map(|w| workload(w, names, width)));
    if all > shown {
        lines.push(Line::of(format!("  … {} more", all - shown), Role::Dim));
    }
    if warnings > 0 {
        lines.push(Line::of("events", Role::Strong));
        lines.extend(view.warnings.iter().take(warnings).map(|w| warning(w, width, now)));
    }
    lines
}

fn workload(workload: &Workload, names: usize, width: usize) -> Line {
    let name = cut(&say::clean(&workload.name), names);
    let pad = " ".repeat(names.saturating_sub(name.width()) + 2);
    let count = format!("{}/{}", workload.ready, workload.wanted);
    let (mark, role) = if workload.fails() { ("▲ ", Role::Bad) } else { ("  ", Role::Plain) };
    let line = Line::of(format!("{mark}{name}"), role).and(pad, Role::Plain).and(count, Role::Plain);
    let word = if workload.fails() && workload.word.is_empty() { "not ready" } else { workload.word.as_str() };
    let room = width.saturating_sub(line.width() + 2);
    if word.is_empty() || room < 4 { line } else { line.and(format!("  {}", cut(&say::clean(word), room)), role) }
}

fn warning(warning: &Warning, width: usize, now: Timestamp) -> Line {
    let age = warning.at.map_or_else(|| "?".into(), |at| age::human(now.as_second() - at.as_second()));
    let text = format!("{age:<4} {}  {}", say::clean(&warning.reason), say::clean(&warning.object));
    Line::of(cut(&text, width), Role::Warn)
}
