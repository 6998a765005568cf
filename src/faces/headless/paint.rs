//! Lines onto a stream: colours only where a person looks and wants them.

use crate::faces::say::{self, Line, Role};
use std::io::{self, Write};

/// A stream for lines. Once its reader is gone it swallows what follows: the run under way still comes to its end.
pub struct Paint<W: Write> {
    out: W,
    colour: bool,
    gone: bool,
}

impl<W: Write> Paint<W> {
    /// A stream, with or without colours.
    pub fn new(out: W, colour: bool) -> Self {
        Paint { out, colour, gone: false }
    }

    /// Whether the reader has gone away.
    pub fn is_gone(&self) -> bool {
        self.gone
    }

    /// Writes lines and flushes.
    pub fn lines(&mut self, lines: &[Line]) {
        let mut text = String::new();
        for line in lines {
            for span in &line.0 {
                match code(span.role()).filter(|_| self.colour) {
                    Some(code) => {
                        text.push_str("\u{1b}[");
                        text.push_str(code);
                        text.push('m');
                        text.push_str(span.text());
                        text.push_str("\u{1b}[0m");
                    }
                    None => text.push_str(span.text()),
                }
            }
            // Padding at a line's end is no text.
            text.truncate(text.trim_end_matches(' ').len());
            text.push('\n');
        }
        self.raw(&text);
    }

    /// Writes one JSON document on a line of its own and flushes.
    pub fn json(&mut self, document: &str) {
        self.raw(&format!("{}\n", say::escaped(document)));
    }

    /// Writes text as it is and flushes.
    pub fn raw(&mut self, text: &str) {
        if self.gone {
            return;
        }
        let written: io::Result<()> = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
        if written.is_err() {
            self.gone = true;
        }
    }
}

fn code(role: Role) -> Option<&'static str> {
    match role {
        Role::Plain => None,
        Role::Strong => Some("1"),
        Role::Dim => Some("2"),
        Role::Accent => Some("36"),
        Role::Good | Role::Added => Some("32"),
        Role::Warn => Some("33"),
        Role::Bad | Role::Removed => Some("31"),
    }
}
