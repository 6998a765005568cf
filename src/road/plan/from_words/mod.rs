//! Stands in until the grammar is merged: kubectl lines only.
use super::{Aside, Plan, Reading, Scope, Source};
use crate::facts::Facts;
/// Reads a kubectl line.
pub fn read(text: &str, scope: &Scope, _facts: &Facts) -> Reading {
    if let Some(rest) = text.strip_prefix("undo") {
        return Reading::Aside(Aside::Undo(Some(rest.trim().to_string()).filter(|r| !r.is_empty())));
    }
    match crate::ops::Op::from_line(text) {
        Ok(op) => Plan::new(text, Source::Line, vec![op], Vec::new(), scope).map_or(Reading::Unknown, Reading::Plan),
        Err(e) => Reading::Refused(super::Refusal { reason: e.to_string(), instead: String::new() }),
    }
}
