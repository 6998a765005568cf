//! A line of text whose parts have roles instead of colours.

use unicode_width::UnicodeWidthStr as _;

/// What a part of a line is, for a theme to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Role {
    /// Ordinary text.
    #[default]
    Plain,
    /// Headings and names that matter.
    Strong,
    /// What may be overlooked: units, times, kubectl lines.
    Dim,
    /// The one accent: what can be acted on.
    Accent,
    /// It holds.
    Good,
    /// It may hurt.
    Warn,
    /// It does not work.
    Bad,
    /// New in a difference.
    Added,
    /// Gone in a difference.
    Removed,
}

/// One part of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    text: String,
    role: Role,
}

impl Span {
    /// A part; control characters in it are taken out.
    pub fn new(text: impl AsRef<str>, role: Role) -> Span {
        Span { text: clean(text.as_ref()), role }
    }
    /// Its text, without control characters.
    pub fn text(&self) -> &str {
        &self.text
    }
    /// Its role.
    pub fn role(&self) -> Role {
        self.role
    }
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line(pub Vec<Span>);

impl Line {
    /// A line of one part.
    pub fn of(text: impl AsRef<str>, role: Role) -> Line {
        Line(vec![Span::new(text, role)])
    }
    /// An ordinary line.
    pub fn plain(text: impl AsRef<str>) -> Line {
        Line::of(text, Role::Plain)
    }
    /// An empty line.
    pub fn empty() -> Line {
        Line(Vec::new())
    }
    /// The same line with one more part.
    #[must_use]
    pub fn and(mut self, text: impl AsRef<str>, role: Role) -> Line {
        self.0.push(Span::new(text, role));
        self
    }
    /// The same line, that many columns further in.
    #[must_use]
    pub fn indented(mut self, columns: usize) -> Line {
        self.0.insert(0, Span::new(" ".repeat(columns), Role::Plain));
        self
    }
    /// Columns it takes on a terminal.
    pub fn width(&self) -> usize {
        self.0.iter().map(|s| s.text.width()).sum()
    }
    /// Its text without roles.
    pub fn text(&self) -> String {
        self.0.iter().map(|s| s.text.as_str()).collect()
    }
}

/// Text that can be put on a terminal: control characters (C0, C1, DEL), bidirectional overrides and other invisible marks
/// that could make a line read as another are replaced by `·`; tabs become spaces.
pub fn clean(text: &str) -> String {
    if !text.contains(hidden) {
        return text.to_string();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' => out.push_str("    "),
            c if hidden(c) => out.push('·'),
            c => out.push(c),
        }
    }
    out
}

/// JSON text that can be put on a terminal: the marks that [`clean`] replaces are written as escapes, which a reader of JSON
/// takes back. JSON itself escapes only what stands below U+0020.
pub fn escaped(json: &str) -> String {
    let escape = |c: char| hidden(c) && c != '\n';
    if !json.contains(escape) {
        return json.to_string();
    }
    let mut out = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if escape(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// Whether a character can move a cursor, turn the direction of a text, or take no room at all.
fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn nothing_that_moves_a_cursor_comes_through(text in any::<String>()) {
            prop_assert!(!clean(&text).chars().any(char::is_control));
        }
    }

    #[test]
    fn an_image_name_cannot_rewrite_the_plan() {
        assert_eq!(clean("nginx\u{1b}[2K\rall is well"), "nginx·[2K·all is well");
        assert_eq!(clean("a\u{202e}b"), "a·b");
        assert_eq!(clean("a\u{61c}b\u{ad}c"), "a·b·c");
    }

    #[test]
    fn json_keeps_its_meaning_without_its_marks() {
        let value = serde_json::json!({"image": "a\u{9b}2J\u{202e}\u{7f}\u{e0041}ü"});
        let text = escaped(&value.to_string());
        assert_eq!(text, r#"{"image":"a\u009b2J\u202e\u007f\udb40\udc41ü"}"#);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }
}
