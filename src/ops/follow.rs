//! Reads that go on: how, and in what pieces.

use super::Answer;
use serde::Serialize;

/// How a read goes on after its first answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follow {
    /// Lines come as they are written (`logs --follow`).
    Lines(Renewal),
    /// What it lists is watched (`get --watch`).
    Changes {
        /// What is there already is shown as well.
        first: bool,
    },
    /// Ports of this machine lead somewhere (`port-forward`).
    Ports,
}

/// What takes the place of a container that is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// Nothing: that pod was named.
    Nothing,
    /// Another one of the workload's.
    Another,
    /// Every one that is of the selection is followed.
    Every,
}

/// A piece of a read that goes on.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    /// More of the answer.
    Part(Answer),
    /// Something about the reading itself: a container restarted, a connection broke.
    Note(String),
    /// What a command wrote to its standard error, line by line.
    Complaint(String),
}

impl Answer {
    /// Adds a later part of the same answer.
    pub fn join(&mut self, more: Answer) {
        match (self, more) {
            (Answer::Log { lines, truncated }, Answer::Log { lines: more, truncated: cut }) => {
                lines.extend(more);
                *truncated |= cut;
            }
            (Answer::Tables { tables }, Answer::Tables { tables: more }) => {
                for table in more {
                    match tables.iter_mut().find(|known| known.title == table.title && known.columns == table.columns) {
                        Some(known) => known.rows.extend(table.rows),
                        None => tables.push(table),
                    }
                }
            }
            (Answer::Objects { items, .. }, Answer::Objects { items: more, .. }) => items.extend(more),
            (Answer::Text { text }, Answer::Text { text: more }) => text.push_str(&more),
            (whole, more) => *whole = more,
        }
    }

    /// How many lines, rows or objects it has.
    pub fn size(&self) -> usize {
        match self {
            Answer::Log { lines, .. } => lines.len(),
            Answer::Text { text } => text.lines().count(),
            Answer::Tables { tables } => tables.iter().map(|table| table.rows.len()).sum(),
            Answer::Found(found) => found.table.rows.len(),
            Answer::Objects { items, .. } => items.len(),
            Answer::Differences { objects } => objects.len(),
            Answer::Description(_) | Answer::Rollout(_) => 1,
        }
    }
}
