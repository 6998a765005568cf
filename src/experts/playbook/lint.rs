//! Everything that can be said against a playbook before it is used.

use super::{
    expr::Expr,
    functions,
    load::{GIVEN, LintError, Playbook, Step, What},
    selftest::run_tests,
};

/// What is wrong with a playbook's text: its shape, its operations, its expressions, its own tests. `file` is only for the
/// sentences on tests.
pub fn lint(text: &str, file: &str) -> Vec<LintError> {
    let playbook = match Playbook::load(text) {
        Ok(playbook) => playbook,
        Err(errors) => return errors,
    };
    let mut errors = Vec::new();
    let mut known: Vec<&str> = GIVEN.to_vec();
    for step in playbook.steps.iter() {
        for expr in step.exprs() {
            errors.extend(wrong(step, expr, &known));
        }
        if let What::Read { .. } | What::Let(_) = step.what {
            known.push(&step.id);
        }
    }
    if errors.is_empty() {
        let failed = run_tests(&playbook).into_iter().filter(|t| !t.wrong.is_empty());
        errors.extend(failed.map(|t| {
            let sentence = format!("{file}: the test {:?} fails: {}", t.name, t.wrong.join("; "));
            LintError { line: 0, column: 0, sentence }
        }));
    }
    errors
}

fn wrong(step: &Step, expr: &Expr, known: &[&str]) -> Option<LintError> {
    let error = |sentence| Some(LintError { line: expr.line, column: expr.column, sentence });
    let names = match expr.names() {
        Ok(names) => names,
        Err(why) => return error(format!("{:?} is no CEL expression: {why}", expr.source())),
    };
    let unknown = names.variables.iter().find(|v| !(known.contains(&v.as_str()) || *v == "it" && step.has_it()));
    if let Some(name) = unknown {
        return error(format!("{name} is no earlier step, nor one of {}", GIVEN.join(", ")));
    }
    let unknown = names.functions.iter().find(|f| !functions::known(f));
    unknown.and_then(|name| error(format!("there is no function {name}")))
}
