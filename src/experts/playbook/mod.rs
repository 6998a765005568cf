//! Playbooks: what an experienced operator would look at, step by step, and what follows from what is seen.
//!
//! Owns: the format (`format.rs` as written, `load.rs` as used), its expressions (CEL over plain JSON), the library that is
//! compiled in, matching by words, lint, the runner, what signals of a cluster mean (`signals/`). Does not own: carrying reads out
//! (the road does), changes (a finding may name operations as its fix; a person asks for them like any other).
//! Invariants: pure, no clock; a playbook yields only operations whose impact is Reads; nothing that is read makes it panic; what
//! could not be read or judged is told, and then nothing is called healthy.

mod expr;
mod findings;
mod format;
mod functions;
mod library;
mod lint;
mod load;
mod matching;
mod report;
mod runner;
mod selftest;
mod signals;
mod template;
#[cfg(test)]
mod tests;
mod trim;

pub use format::Document;
pub use library::{BUILT_IN, Library};
pub use lint::lint;
pub use load::{LintError, Playbook};
pub use report::{Finding, Report, Severity};
pub use runner::{Inputs, Next, Runner};
pub use selftest::{TestResult, run_tests};

/// The format as JSON Schema.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Document).to_value()
}

/// Every function an expression can call beyond CEL's own: name, number of arguments, what it answers.
pub fn function_list() -> impl Iterator<Item = (&'static str, usize, &'static str)> {
    functions::TABLE.iter().map(|(name, arity, _, about)| (*name, *arity, *about))
}
