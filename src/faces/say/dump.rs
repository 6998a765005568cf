//! What was read of a dump.

use super::{Line, Role, wrap::wrapped};
use crate::terms::age;

/// So many things left out are named; the rest are counted.
const NAMED: usize = 10;

/// How many objects there are and of when, what was left out, and that nothing outside is changed. `seconds`: how long ago it was taken.
pub fn dump(name: &str, objects: usize, taken: &str, seconds: i64, left_out: &[String], width: usize) -> Vec<Line> {
    let ago = if seconds < 1 { String::new() } else { format!(" ({} ago)", age::human(seconds)) };
    let head = format!(
        "{objects} objects of {name}, as they were at {taken}{ago}; changes go to this copy in memory, and no controller acts on them"
    );
    let mut lines = wrapped(&head, Role::Dim, width, "· ", 2);
    for sentence in left_out.iter().take(NAMED) {
        lines.extend(wrapped(&format!("left out: {sentence}"), Role::Warn, width, "▲ ", 2));
    }
    if left_out.len() > NAMED {
        lines.push(Line::of(format!("▲ and {} more were left out", left_out.len() - NAMED), Role::Warn));
    }
    lines
}
