//! `aiops plan`: words to operations; nothing is touched.

use super::Paint;
use crate::{
    faces::{args::Form, say},
    facts::Facts,
    problem::{Problem, Sort},
    road::{
        plan::{Reading, Scope, from_words},
        vet::Policy,
    },
};
use std::io::{BufRead, Write};

/// Plans one request and prints it.
///
/// # Errors
/// [`Problem`] where the results cannot be written.
pub fn plan<W: Write>(text: &str, scope: &Scope, policy: &Policy, form: Form, out: &mut Paint<W>) -> Result<u8, Problem> {
    let _ = form;
    match from_words::read(text, scope, &Facts::default()) {
        Reading::Plan(plan) => {
            for op in plan.ops() {
                let (verdict, _) = policy.judge(op);
                out.raw(&format!("{}    {}\n", op.line(), verdict.word()));
            }
            Ok(0)
        }
        Reading::Question(question) => {
            out.lines(&say::question(&question, 100));
            Ok(Sort::Question.exit_code())
        }
        Reading::Refused(refusal) => {
            out.lines(&say::refusal(&refusal, 100));
            Ok(Sort::Refused.exit_code())
        }
        Reading::Unknown | Reading::Needs(_) | Reading::Aside(_) => Ok(Sort::Question.exit_code()),
    }
}

/// JSON lines in, JSON lines out, in the order of the input.
///
/// # Errors
/// [`Problem`] where a line cannot be read or a result cannot be written.
pub fn plan_batch(policy: &Policy, input: &mut dyn BufRead, output: &mut dyn Write) -> Result<u8, Problem> {
    let _ = (policy, input, output);
    Err(Problem::failed("not wired"))
}
