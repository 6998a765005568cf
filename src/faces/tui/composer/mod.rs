//! Where a request is typed.
//!
//! Owns: the text, its cursor, the history of requests. Does not own: what keys mean (keys), sending (app).
//! Invariants: a paste of many lines stays one request; no control character but a line's end gets in.

mod history;

use crossterm::event::KeyEvent;
use history::History;
use ratatui::style::Style;
use tui_textarea::{CursorMove, TextArea, WrapMode};

/// Characters a request may have: more is a document, and documents come from files.
const LONGEST: usize = 256 * 1024;

/// Where a request is typed.
#[derive(Debug)]
pub struct Composer {
    area: TextArea<'static>,
    history: History,
}

/// A paste that does not fit: so many bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong(pub usize);

impl Default for Composer {
    fn default() -> Self {
        Composer { area: area(""), history: History::default() }
    }
}

/// A text area without adornments: the terminal's own cursor shows where one types.
pub fn area(text: &str) -> TextArea<'static> {
    let mut area = TextArea::from(text.split('\n'));
    area.set_wrap_mode(WrapMode::WordOrGlyph);
    area.set_cursor_line_style(Style::new());
    area.set_cursor_style(Style::new());
    area.move_cursor(CursorMove::Bottom);
    area.move_cursor(CursorMove::End);
    area
}

/// Pasted text as it may stand in a request: line ends are `\n`, tabs are spaces, other control characters are gone, and so are
/// those that would make it read in another order than it is sent.
pub fn tidy(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', "    ");
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().filter(|c| *c == '\n' || !c.is_control() && !turns(*c)).collect()
}

impl Composer {
    /// What is typed.
    pub fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    /// Whether nothing is typed.
    pub fn is_empty(&self) -> bool {
        self.area.is_empty()
    }

    /// The text area, for drawing.
    pub fn area(&self) -> &TextArea<'static> {
        &self.area
    }

    /// Takes a key that is no command: a letter, an arrow, a correction.
    pub fn key(&mut self, key: KeyEvent) {
        self.area.input(key);
    }

    /// Breaks the line.
    pub fn new_line(&mut self) {
        self.area.insert_newline();
    }

    /// Takes pasted text as part of the request.
    ///
    /// # Errors
    /// Where the request would be longer than a request may be; nothing of it is taken.
    pub fn paste(&mut self, text: &str) -> Result<(), TooLong> {
        let text = tidy(text);
        if text.len() + self.text().len() > LONGEST {
            return Err(TooLong(text.len()));
        }
        self.area.insert_str(text);
        Ok(())
    }

    /// Takes the request out, for sending; `None` where there is nothing but blanks.
    pub fn take(&mut self) -> Option<String> {
        let text = self.text().trim().to_string();
        if text.is_empty() {
            return None;
        }
        self.history.keep(&text);
        self.area = area("");
        Some(text)
    }

    /// Puts what is typed away; up brings it back.
    pub fn clear(&mut self) {
        let _ = self.take();
        self.area = area("");
    }

    /// A line up; on the first line the request before.
    pub fn older(&mut self) {
        if self.area.screen_cursor().row > 0 {
            self.area.move_cursor(CursorMove::Up);
        } else if let Some(text) = self.history.older(&self.area.lines().join("\n")) {
            self.area = area(text);
        }
    }

    /// A line down; on the last line the request after.
    pub fn newer(&mut self) {
        let before = self.area.cursor();
        self.area.move_cursor(CursorMove::Down);
        if self.area.cursor() == before
            && let Some(text) = self.history.newer()
        {
            self.area = area(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::{KeyCode, KeyModifiers};

    fn typed(composer: &mut Composer, text: &str) {
        for c in text.chars() {
            composer.key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE));
        }
    }

    #[test]
    fn many_pasted_lines_are_one_request() {
        let mut composer = Composer::default();
        composer.paste("get pods\r\nand\tthen\u{1b}[2J\nundo").unwrap();
        assert_eq!(composer.take().unwrap(), "get pods\nand    then[2J\nundo");
        assert!(composer.is_empty());
    }

    #[test]
    fn wide_characters_come_out_as_they_went_in() {
        let mut composer = Composer::default();
        typed(&mut composer, "デプロイ é👩‍💻");
        composer.key(KeyEvent::new(KeyCode::Backspace, KeyModifiers::NONE));
        assert!(composer.text().starts_with("デプロイ é"));
    }

    #[test]
    fn a_document_is_not_taken_for_a_request() {
        let mut composer = Composer::default();
        typed(&mut composer, "a");
        assert_eq!(composer.paste(&"x".repeat(1024 * 1024)), Err(TooLong(1024 * 1024)));
        assert_eq!(composer.text(), "a");
    }

    #[test]
    fn what_is_cleared_can_be_brought_back() {
        let mut composer = Composer::default();
        typed(&mut composer, "scale web");
        composer.clear();
        assert!(composer.is_empty());
        composer.older();
        assert_eq!(composer.text(), "scale web");
        composer.newer();
        assert!(composer.is_empty());
    }
}
