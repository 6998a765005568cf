//! Going through a playbook: reads out, answers in, a report at the end.

use super::Report;
use crate::{
    ops::{Answer, Namespace, Op, Target},
    problem::Problem,
};

/// What a playbook is begun with.
#[derive(Debug, Clone, PartialEq)]
pub struct Inputs {
    /// The object it is about.
    pub subject: Option<Target>,
    /// The namespace it is about.
    pub namespace: Option<Namespace>,
}

/// The playbooks there are.
#[derive(Debug, Default)]
pub struct Library {}

impl Library {
    /// Those compiled in.
    pub fn built_in() -> Library {
        Library {}
    }
    /// The playbook that fits these words and inputs, begun.
    pub fn begin(&self, _text: &str, _inputs: Inputs) -> Option<Runner> {
        None
    }
}

/// What a playbook wants next.
#[derive(Debug)]
pub enum Next {
    /// These reads; one answer each is given back by [`Runner::take`], in order.
    Reads(Vec<Op>),
    /// Nothing: this is what it found.
    Report(Report),
}

/// A playbook under way.
#[derive(Debug)]
pub struct Runner {}

impl Runner {
    /// Its name.
    pub fn name(&self) -> &str {
        ""
    }
    /// Takes the answer to one read.
    pub fn take(&mut self, _answer: Result<Answer, Problem>) {}
    /// What it wants next, once every answer is in.
    pub fn next(&mut self) -> Next {
        Next::Reads(Vec::new())
    }
}
