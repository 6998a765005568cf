//! The last line: who has the keys and what the nearest ones do; or what was just refused, and why.

use super::text::cut;
use crate::faces::{
    say::{Line, Role},
    tui::{
        app::{App, Focus},
        keys::{self, Place},
    },
};
use ratatui::{Frame, layout::Rect};

/// Draws the line.
pub fn draw(frame: &mut Frame<'_>, app: &App, area: Rect) {
    let room = usize::from(area.width).saturating_sub(2);
    let line = match &app.notice {
        Some(notice) if notice.width() > room => Line::of(cut(&notice.text(), room), Role::Warn),
        Some(notice) => notice.clone(),
        None => keys_of(app, room),
    };
    frame.render_widget(app.theme.line(&line.indented(1)), area);
}

fn keys_of(app: &App, room: usize) -> Line {
    let mut line = match (&app.asking, app.focus()) {
        (Some(asking), _) if !asking.live() => Line::of("typing", Role::Strong),
        (Some(_), Focus::Question) => Line::of("the question has the keys", Role::Strong),
        (Some(_), Focus::Composer) => Line::of("typing", Role::Strong),
        (None, _) => Line::empty(),
    };
    // The keys that answer a question stand in its own panel.
    let answering = |place: &Place| matches!(place, Place::Question | Place::Naming);
    let places: Vec<Place> = match app.help {
        Some(_) => vec![Place::Help],
        None => app.places().into_iter().filter(|place| !answering(place)).collect(),
    };
    for (key, what) in keys::short(&places) {
        let gap = if line.0.is_empty() { "" } else { "   " };
        let part = Line::of(gap, Role::Plain).and(key, Role::Accent).and(format!(" {what}"), Role::Dim);
        if line.width() + part.width() > room {
            break;
        }
        line.0.extend(part.0);
    }
    line
}
