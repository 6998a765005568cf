//! The columns of each kind: `columns.txt`, whose head says its form. What stands in the cells is in `cells`.
use crate::simulator::registry::Resource;
use std::{collections::HashMap, sync::LazyLock};

/// One column: priority 1 shows with `-o wide` only.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) kind: &'static str,
    pub(super) priority: i64,
    /// What stands in its cells, and the words that say of what.
    pub(super) cell: &'static str,
    pub(super) words: Vec<&'static str>,
}

static TABLE: LazyLock<HashMap<&str, Vec<Column>>> = LazyLock::new(|| {
    let mut table: HashMap<&str, Vec<Column>> = HashMap::new();
    let mut kinds: Vec<&str> = Vec::new();
    for line in include_str!("columns.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if line.starts_with(' ') {
            kinds.iter().for_each(|kind| table.entry(kind).or_default().push(column(line)));
        } else {
            kinds = line.split(' ').collect();
        }
    }
    table
});
// What the generic printer shows of a kind that has no columns of its own.
static DEFAULT: LazyLock<Vec<Column>> =
    LazyLock::new(|| vec![column("  Name /metadata/name"), column("  Created At /metadata/creationTimestamp | date")]);

/// Reads a line: `  NAME CELL WORD… | KIND`. The cell begins at the first word that is a pointer or small.
fn column(line: &'static str) -> Column {
    let (line, how) = line.trim().split_once(" | ").unwrap_or((line.trim(), "string"));
    let begins = |at: &usize| line[at + 1..].starts_with(|c: char| c == '/' || c.is_ascii_lowercase());
    let at = line.match_indices(' ').map(|(at, _)| at).find(begins).unwrap_or(line.len());
    let (name, rest) = line.split_at(at);
    let mut words: Vec<&str> = rest.split_whitespace().collect();
    let cell = if words.first().is_some_and(|word| word.starts_with('/')) { "at" } else { words.remove(0) };
    let (kind, priority) = if how == "wide" { ("string", 1) } else { (how, 0) };
    Column { name, kind, priority, cell, words }
}

/// Whether a resource has no columns of its own.
pub(super) fn generic(resource: &Resource) -> bool {
    of(resource).iter().any(|c| c.kind == "date")
}

/// The columns of a resource.
pub(super) fn of(resource: &Resource) -> &'static [Column] {
    let kind = format!("{}/{}", resource.group, resource.plural);
    TABLE.get(&*kind).unwrap_or(&DEFAULT)
}
