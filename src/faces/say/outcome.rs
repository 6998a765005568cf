//! What came of a run.

use super::{Line, Role, answer::answer_to, trouble::problem, wrap::wrapped};
use crate::{
    ops::Piece,
    road::execute::{Done, Outcome, Progress, StepOutcome},
};

/// All lines of an outcome: answers of reads, marks for changes, what went wrong, the run's id.
pub fn outcome(outcome: &Outcome, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    outcome_to(outcome, width, &mut |some| lines.extend(some));
    lines
}

/// The same, handed to `sink` in parts.
pub fn outcome_to(outcome: &Outcome, width: usize, sink: &mut dyn FnMut(Vec<Line>)) {
    let several = outcome.steps.len() > 1;
    for step in &outcome.steps {
        told(step, several, width, sink);
    }
    sink(ending(outcome, width));
}

fn ending(outcome: &Outcome, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    match &outcome.done {
        Done::Holds | Done::Failed(_) | Done::Unknown(_) | Done::Moved { .. } => {}
        Done::NotHolding(state) => {
            lines.extend(wrapped(
                &format!("it was sent, and does not hold yet: {state}; it goes on without us"),
                Role::Warn,
                width,
                "… ",
                2,
            ));
        }
        Done::Stopped if outcome.followed() => {}
        Done::Stopped => lines.push(Line::of("… no longer watched; what was sent goes on", Role::Warn)),
    }
    if outcome.not_begun > 0 && !matches!(outcome.done, Done::Moved { .. }) {
        let n = outcome.not_begun;
        lines.push(Line::of(
            format!("{n} step{} after it {} not begun", if n == 1 { "" } else { "s" }, if n == 1 { "was" } else { "were" }),
            Role::Warn,
        ));
    }
    if outcome.changed {
        let run = Line::of(format!("run {}", outcome.run.short()), Role::Dim);
        // Where nothing was done, `aiops undo` would take back the run before this one; where there is no way back, it would refuse.
        let done = outcome.way_back && outcome.steps.iter().any(|s| s.answer.is_none() && (s.problem.is_none() || !s.state.is_empty()));
        lines.push(if done { run.and("  ·  ", Role::Dim).and("aiops undo", Role::Accent) } else { run });
    }
    lines
}

fn told(step: &StepOutcome, several: bool, width: usize, sink: &mut dyn FnMut(Vec<Line>)) {
    match (&step.answer, &step.problem) {
        (Some(found), _) => {
            if several {
                sink(vec![Line::of(&step.title, Role::Strong)]);
            }
            answer_to(found, width, sink);
        }
        (None, Some(trouble)) => sink(problem(trouble, width)),
        (None, None) => {
            let after = step.seconds.map_or_else(String::new, |s| format!(" after {s:.1} s"));
            let state = if step.state.is_empty() { String::new() } else { format!(" · {}{after}", step.state) };
            sink(vec![Line::of(format!("✓ {}", step.title), Role::Good).and(state, Role::Plain)]);
        }
    }
}

/// One line on where a run is.
pub fn progress(progress: &Progress) -> Line {
    match progress {
        Progress::Begins { step, of, title } if *of > 1 => Line::of(format!("… step {} of {of}: {title}", step + 1), Role::Dim),
        Progress::Begins { title, .. } => Line::of(format!("… {title}"), Role::Dim),
        Progress::Sent { title, .. } => Line::of(format!("… {title}: sent"), Role::Dim),
        Progress::Came { piece, .. } => match piece {
            Piece::Note(note) => Line::of(format!("… {note}"), Role::Dim),
            Piece::Complaint(line) => Line::of(line, Role::Warn),
            Piece::Part(_) => Line::empty(),
        },
        Progress::Waits { state, .. } => Line::of(format!("… {state}"), Role::Dim),
    }
}
