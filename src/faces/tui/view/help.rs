//! Help: the table of keys, as it is.

use crate::faces::{
    say::{self, Line, Role},
    tui::{
        app::App,
        keys::{Place, TABLE},
    },
};
use ratatui::{
    Frame,
    layout::Rect,
    widgets::{Block, Clear},
};

/// The places in the order help tells of them.
const PLACES: &[(&str, &[Place])] = &[
    ("typing", &[Place::Composer, Place::Empty]),
    ("a question", &[Place::Question, Place::Standing]),
    ("a question that wants a name typed", &[Place::Naming]),
    ("always", &[Place::Anywhere]),
];

/// Draws help over everything.
pub fn draw(frame: &mut Frame<'_>, app: &mut App, area: Rect) {
    let width = area.width.min(84);
    let lines = lines(usize::from(width) - 4);
    let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX).min(area.height);
    let area = Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height };
    let inner = Rect { x: area.x + 2, y: area.y + 1, width: width - 4, height: height - 2 };
    let last = lines.len().saturating_sub(usize::from(inner.height));
    let top = app.help.unwrap_or(0).min(last);
    app.help = Some(top);
    let mut block = Block::bordered().border_style(app.theme.edge(true)).title(" keys ");
    if top < last {
        block = block.title_bottom(" ↓ more ");
    }
    frame.render_widget(Clear, area);
    frame.render_widget(block.title_bottom(app.theme.line(&Line::of(" Esc closes ", Role::Plain)).right_aligned()), area);
    for (line, y) in lines.iter().skip(top).zip(inner.y..inner.bottom()) {
        frame.render_widget(app.theme.line(line), Rect { y, height: 1, ..inner });
    }
}

fn lines(width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    for (title, places) in PLACES {
        if !lines.is_empty() {
            lines.push(Line::empty());
        }
        lines.push(Line::of(title, Role::Strong));
        for binding in places.iter().flat_map(|place| TABLE.iter().filter(move |b| b.place == *place)) {
            let mark = format!("{:<14}", binding.shown);
            for (n, line) in say::wrapped(binding.help, Role::Plain, width.saturating_sub(16), "", 0).into_iter().enumerate() {
                let key = Line::of(if n == 0 { mark.as_str() } else { "              " }, Role::Accent);
                let mut row = key.indented(2);
                row.0.extend(line.0);
                lines.push(row);
            }
        }
    }
    lines
}
