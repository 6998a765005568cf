//! Whether each rule matches the lines it says it matches, and spares those it says it spares.

use super::{
    Deed, Held, Rule, calls_unseen,
    image::Image,
    layers::{Layer, joined},
    subject::Subject,
};
use crate::{
    ops::{Action, Op},
    road::plan::Source,
};
use jiff::Timestamp;
use serde::Serialize;

/// What came of the examples of one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// The rule.
    pub id: String,
    /// The file it stands in; `None`: built in.
    pub file: Option<String>,
    /// How many examples it has.
    pub examples: usize,
    /// What is wrong, one sentence each.
    pub wrong: Vec<String>,
}

/// Tries the examples of every rule that is in force with these files. Who proposes, where, when and as whom is taken as each rule
/// wants it: a line says nothing of that.
///
/// # Errors
/// A sentence with file and line, where a file cannot be read.
pub fn check(files: &[Layer]) -> Result<Vec<Checked>, String> {
    let one = |held: Held| Checked {
        examples: held.rule.matches.len() + held.rule.spares.len(),
        wrong: wrong(&held.rule),
        id: held.rule.id,
        file: held.file,
    };
    Ok(joined(files)?.into_iter().map(one).collect())
}

fn wrong(rule: &Rule) -> Vec<String> {
    let tried = |line: &str, wanted: bool| match speaks(rule, line) {
        Err(why) => Some(format!("{line:?} cannot be read: {why}")),
        Ok(speaks) if speaks == wanted => None,
        Ok(true) => Some(format!("it matches {line:?}, and should not")),
        Ok(false) => Some(format!("it does not match {line:?}, and should")),
    };
    let matches = rule.matches.iter().filter_map(|line| tried(line, true));
    matches.chain(rule.spares.iter().filter_map(|line| tried(line, false))).collect()
}

/// Whether a rule speaks of what a line does.
pub(super) fn speaks(rule: &Rule, line: &str) -> Result<bool, String> {
    let mut op = Op::from_line(line).map_err(|e| e.to_string())?;
    if let Ok(namespace) = "default".parse() {
        op.verb_mut().place(&namespace);
    }
    let now = Timestamp::UNIX_EPOCH;
    let calls = calls_unseen(&op, now);
    let deed = Deed { op: &op, source: &Source::Line, calls: &calls, objects: None, now };
    if !rule.looks_inside() {
        return Ok(rule.fits(&deed, &Subject::all(&op, &calls), None));
    }
    Ok(calls.iter().any(|call| match &call.action {
        Action::Create(body) | Action::Patch(_, body) | Action::Replace(body) => {
            rule.fits(&deed, &Vec::from_iter(Subject::of_call(call)), None) && rule.seen_in(&Image { before: None, after: body }).is_some()
        }
        Action::Get
        | Action::List
        | Action::Delete { .. }
        | Action::Evict { .. }
        | Action::Talk
        | Action::Program(_)
        | Action::Carried(_) => false,
    }))
}
