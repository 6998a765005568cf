//! The conversation.

use crate::faces::{
    say::{Line, Role},
    tui::app::App,
};
use ratatui::{
    Frame,
    layout::Rect,
    widgets::{Block, BorderType},
};

/// What can be said at the very start.
const WELCOME: &[&str] = &["say what you want, for example:", "  get pods", "  why is worker not ready", "  scale backend to 3", "  undo"];

/// Draws the conversation.
pub fn draw(frame: &mut Frame<'_>, app: &mut App, area: Rect) {
    let inner = Rect { x: area.x + 2, y: area.y + 1, width: area.width.saturating_sub(4), height: area.height.saturating_sub(2) };
    app.transcript.fit(usize::from(inner.width), usize::from(inner.height));
    let mut block = Block::bordered().border_type(BorderType::Plain).border_style(app.theme.edge(false)).title(" conversation ");
    if let Some(unseen) = app.transcript.unseen() {
        let text = match unseen {
            0 => " reading back · PgDn, End ".to_string(),
            1 => " ↓ 1 new line ".to_string(),
            n => format!(" ↓ {n} new lines "),
        };
        block = block.title_bottom(app.theme.line(&Line::of(text, Role::Accent)).right_aligned());
    }
    frame.render_widget(block, area);
    let rows = inner.y..inner.bottom();
    if app.transcript.is_empty() {
        for (text, y) in WELCOME.iter().zip(rows) {
            frame.render_widget(app.theme.line(&Line::of(text, Role::Dim)), Rect { y, height: 1, ..inner });
        }
        return;
    }
    for (line, y) in app.transcript.window().zip(rows) {
        frame.render_widget(app.theme.line(line), Rect { y, height: 1, ..inner });
    }
}
