//! The composer's lines.

use super::text::fold;
use crate::faces::{
    say::{Line, Role},
    tui::app::{App, Focus},
};
use ratatui::{Frame, layout::Rect};

/// Lines it is drawn on, at most.
const MOST: usize = 8;

/// Rows it needs.
pub fn rows(app: &App, width: u16) -> u16 {
    let width = usize::from(width.saturating_sub(4)).max(8);
    let mut rows = 0;
    for line in app.composer.area().lines() {
        rows += fold(&Line::plain(line), width).len();
        if rows >= MOST {
            break;
        }
    }
    u16::try_from(rows.clamp(1, MOST)).unwrap_or(1)
}

/// Draws it, and the terminal's own cursor where one types.
pub fn draw(frame: &mut Frame<'_>, app: &App, area: Rect) {
    if area.height == 0 || area.width < 6 {
        return;
    }
    let typing = app.focus() == Focus::Composer;
    let mark = Line::of("› ", if typing { Role::Accent } else { Role::Dim });
    frame.render_widget(app.theme.line(&mark), Rect { height: 1, x: area.x + 1, width: 2, ..area });
    let inner = Rect { x: area.x + 3, width: area.width - 4, ..area };
    let text = app.composer.area();
    frame.render_widget(text, inner);
    if typing && app.help.is_none() {
        let (cursor, (top, left)) = (text.screen_cursor(), text.scroll_offset());
        let column = u16::try_from(cursor.col).unwrap_or(u16::MAX).saturating_sub(left).min(inner.width - 1);
        let row = u16::try_from(cursor.row).unwrap_or(u16::MAX).saturating_sub(top).min(inner.height - 1);
        frame.set_cursor_position((inner.x + column, inner.y + row));
    }
}
