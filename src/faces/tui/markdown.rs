//! A model's reply, which is Markdown, as lines.

use crate::faces::say::{self, Line, Role};

/// The reply as lines of this width.
pub fn lines(text: &str, width: usize) -> Vec<Line> {
    text.lines().flat_map(|line| say::wrapped(line, Role::Plain, width, "", 0)).collect()
}
