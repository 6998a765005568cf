//! Which runs can be taken back, as far as the record alone tells.

use super::{PastRun, past, undone_by, way};
use crate::road::{
    journal::{Body, Record, StepEnd},
    run::RunId,
};
use jiff::Timestamp;
use serde::Serialize;

/// A run that changed something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Undoable {
    /// Its id.
    pub run: RunId,
    /// When it was begun.
    pub at: Timestamp,
    /// The context it was made in.
    pub context: String,
    /// Its words.
    pub words: String,
    /// How it stands with its way back.
    #[serde(flatten)]
    pub standing: Standing,
}

/// How it stands with the way back of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "standing", rename_all = "snake_case")]
pub enum Standing {
    /// These lines take it back, if what they touch is still as the run left it.
    Open {
        /// In order, as kubectl lines.
        lines: Vec<String>,
    },
    /// It has been taken back.
    Undone {
        /// By this run.
        by: RunId,
    },
    /// There is no way back.
    None {
        /// Why not.
        why: String,
    },
}

/// Every run that changed something, the newest first.
pub fn list(records: &[Record]) -> Vec<Undoable> {
    let undoings: Vec<(String, &RunId)> = records.iter().filter_map(|r| Some((undone_by(r, records)?, &r.run))).collect();
    let changed = |run: &RunId| records.iter().any(|r| r.run == *run && matches!(r.body, Body::Sent { end: StepEnd::Done { .. }, .. }));
    let told = |record: &Record| {
        let Body::Opened { context, words, .. } = &record.body else { return None };
        if !changed(&record.run) {
            return None;
        }
        let by = undoings.iter().find(|(of, _)| of == record.run.as_str()).map(|(_, by)| (*by).clone());
        let standing = by.map_or_else(|| standing(&past(record, records)), |by| Standing::Undone { by });
        Some(Undoable { run: record.run.clone(), at: record.at, context: context.clone(), words: words.clone(), standing })
    };
    records.iter().rev().filter_map(told).collect()
}

fn standing(past: &PastRun) -> Standing {
    match way(past) {
        Ok(ops) if ops.is_empty() => Standing::None { why: "it did nothing that could be undone".into() },
        Ok(ops) => Standing::Open { lines: ops.iter().map(crate::ops::Op::line).collect() },
        Err(problem) => Standing::None { why: problem.to_string() },
    }
}
