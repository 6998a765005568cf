//! Playbooks: what an experienced operator would look at, step by step, and what follows from what is seen.
//!
//! Owns: the format, the library that is compiled in, matching by words, the runner. Does not own: carrying reads out (the road
//! does), changes (a finding may name operations as its fix; a person asks for them like any other).

mod report;
mod runner;

pub use report::{Finding, Report, Severity};
pub use runner::{Inputs, Library, Next, Runner};
