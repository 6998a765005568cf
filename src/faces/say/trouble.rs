//! Problems, questions back, refusals: one sentence, and what to do next.

use super::{Line, Role, wrap::wrapped};
use crate::{
    problem::Problem,
    road::plan::{Question, Refusal},
};

/// A problem and its hints.
pub fn problem(problem: &Problem, width: usize) -> Vec<Line> {
    let mut lines = wrapped(&problem.sentence, Role::Bad, width, "✗ ", 2);
    for hint in &problem.hints {
        lines.extend(wrapped(hint, Role::Plain, width, "  ", 2));
    }
    lines
}

/// A question back, with its choices.
pub fn question(question: &Question, width: usize) -> Vec<Line> {
    let mut lines = wrapped(&question.text, Role::Accent, width, "? ", 2);
    // Their numbers can be said back; one alone needs none.
    let many = question.choices.len() > 1;
    for (n, choice) in question.choices.iter().enumerate() {
        let sign = if many { format!("  {} ", n + 1) } else { "  · ".to_string() };
        lines.extend(wrapped(choice, Role::Plain, width, &sign, 4));
    }
    lines
}

/// A refusal, and what can be done instead.
pub fn refusal(refusal: &Refusal, width: usize) -> Vec<Line> {
    let mut lines = wrapped(&refusal.reason, Role::Bad, width, "✗ ", 2);
    if !refusal.instead.is_empty() {
        lines.extend(wrapped(&refusal.instead, Role::Plain, width, "  ", 2));
    }
    lines
}

/// What can be said here.
pub fn help() -> Vec<Line> {
    const SAID: &[(&str, &str)] = &[
        ("get pods · which pods are pending", "list anything"),
        ("why is worker not ready · is my cluster healthy", "causes, without a model"),
        ("logs of backend, last 50 lines", "what it said"),
        ("scale backend to 3 · restart the frontend", "a change: you see the diff, and answer"),
        ("set the image of backend to todo-backend:v2", "likewise"),
        ("kubectl rollout history deployment/backend", "kubectl lines work too"),
        ("undo", "takes the last change back"),
    ];
    SAID.iter().map(|(say, what)| Line::of(format!("  {say:<50}"), Role::Accent).and(*what, Role::Dim)).collect()
}
