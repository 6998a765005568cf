//! The question: everything it is about, and which keys answer it. Never cut: what does not fit is scrolled to.

use super::text::{cut, fold};
use crate::{
    faces::{
        say::{self, Here, Line, Role},
        tui::{
            app::{App, Focus},
            asking::{Asking, Seen},
        },
    },
    road::preview::Card,
};
use ratatui::{Frame, layout::Rect, widgets::Block};

/// Rows the panel takes of what is left for it and the conversation.
pub fn rows(app: &App, left: Rect) -> u16 {
    let Some(asking) = &app.asking else { return 0 };
    let wanted = body(app, asking, left.width).len() + foot(app, asking, left.width).len() + 2;
    // The conversation keeps a third, where the question does not ask for the whole screen.
    let most = if asking.whole { left.height } else { (left.height - left.height / 3).max(left.height.saturating_sub(9)) };
    u16::try_from(wanted).unwrap_or(u16::MAX).min(most).min(left.height)
}

/// Draws the panel; says what of it is on the screen.
pub fn draw(frame: &mut Frame<'_>, app: &App, area: Rect) -> Option<Seen> {
    let asking = app.asking.as_ref()?;
    let foot = foot(app, asking, area.width);
    // A row of the question, its keys and the edges: with less it is not shown, and cannot be answered.
    if usize::from(area.height) < foot.len() + 3 || area.width < 12 {
        return None;
    }
    edges(frame, app, asking, area);
    let inner = Rect { x: area.x + 2, y: area.y + 1, width: area.width - 4, height: area.height - 2 };
    let body = body(app, asking, area.width);
    let rows = usize::from(inner.height) - foot.len();
    let top = asking.scroll.min(body.len().saturating_sub(rows));
    for (line, y) in body.iter().skip(top).take(rows).zip(inner.y..) {
        frame.render_widget(app.theme.line(line), Rect { y, height: 1, ..inner });
    }
    let below = inner.bottom() - u16::try_from(foot.len()).unwrap_or(0);
    for (line, y) in foot.iter().zip(below..) {
        frame.render_widget(app.theme.line(line), Rect { y, height: 1, ..inner });
    }
    if app.focus() == Focus::Question && asking.names() && app.help.is_none() {
        let wide = foot.first().map_or(0, Line::width);
        let x = inner.x + u16::try_from(wide).unwrap_or(u16::MAX).min(inner.width.saturating_sub(1));
        frame.set_cursor_position((x, below));
    }
    Some(Seen { rows, total: body.len(), top })
}

fn edges(frame: &mut Frame<'_>, app: &App, asking: &Asking, area: Rect) {
    let room = usize::from(area.width).saturating_sub(6);
    let right = cut(&format!("{} · {}", asking.card.verdict.word().replace('_', " "), say::basis(&asking.card)), room);
    let left = cut(&say::clean(&title(&asking.card)), room.saturating_sub(Line::plain(&right).width()));
    let block = Block::bordered()
        .border_style(app.theme.edge(app.focus() == Focus::Question))
        .title(app.theme.line(&Line::of(format!(" {left} "), Role::Strong)))
        .title(app.theme.line(&Line::of(format!(" {right} "), Role::Plain)).right_aligned());
    frame.render_widget(block, area);
}

fn title(card: &Card) -> String {
    match card.steps.as_slice() {
        [only] => say::title(only),
        several => format!("{} steps", several.len()),
    }
}

/// The question's own lines, each within the width.
fn body(app: &App, asking: &Asking, width: u16) -> Vec<Line> {
    let inner = usize::from(width.saturating_sub(4)).max(8);
    let here = Here { context: app.shown.context.clone() };
    let mut lines = say::card(&asking.card, &here, inner);
    if asking.why {
        lines.extend(why(&asking.card, inner));
    }
    lines.iter().flat_map(|line| fold(line, inner)).collect()
}

/// Why it is asked.
fn why(card: &Card, width: usize) -> Vec<Line> {
    let mut lines = vec![Line::of(format!("why: you said {:?}", say::clean(&card.words)), Role::Strong)];
    for step in &card.steps {
        if step.reasons.is_empty() {
            lines.extend(say::wrapped(&format!("{}: {}", step.title, step.verdict.word()), Role::Plain, width, "  ", 4));
        }
        for reason in &step.reasons {
            let text = format!("{} ({}, {})", reason.sentence, reason.verdict.word(), reason.id);
            lines.extend(say::wrapped(&text, Role::Plain, width, "  ", 4));
        }
    }
    let digest: String = card.preview.as_str().chars().take(12).collect();
    lines.extend(say::wrapped(&format!("rests on: {} · preview {digest}", say::basis(card)), Role::Dim, width, "  ", 4));
    lines
}

/// The line for the name, if one has to be typed, and the keys.
fn foot(app: &App, asking: &Asking, width: u16) -> Vec<Line> {
    let inner = usize::from(width.saturating_sub(4)).max(8);
    let mut lines = Vec::new();
    if let Some(name) = &asking.card.name_to_type {
        let typed = asking.name.lines().concat();
        lines.push(Line::of(format!("type {name} to apply › "), Role::Strong).and(typed, Role::Plain));
    }
    let unread = asking.seen().map_or(0, |seen| seen.total.saturating_sub(seen.top + seen.rows));
    let keys = if !asking.live() {
        // Nothing is an answer yet, and nothing says otherwise.
        Line::of("…", Role::Dim)
    } else if app.focus() == Focus::Composer {
        Line::of("what you type is a request · Tab gives the keys to this question", Role::Dim)
    } else if !asking.answerable() && unread > 0 {
        Line::of(format!("PgDn {unread} more lines, then it can be answered"), Role::Warn).and("   Esc no", Role::Plain)
    } else {
        let places = app.places();
        let first = &places[..places.len().min(1)];
        let mut line = Line::empty();
        for (key, what) in crate::faces::tui::keys::short(first) {
            if !line.0.is_empty() {
                line = line.and("    ", Role::Plain);
            }
            line = line.and(key, Role::Accent).and(format!(" {what}"), Role::Plain);
        }
        if asking.names() { line.and("    ", Role::Plain).and("Esc", Role::Accent).and(" no", Role::Plain) } else { line }
    };
    lines.extend(fold(&keys, inner));
    lines
}
