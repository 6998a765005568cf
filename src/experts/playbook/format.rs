//! The YAML of a playbook, as it is written.

use super::Severity;
use crate::ops::Target;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use serde_saphyr::Spanned;
use std::collections::BTreeMap;

/// A playbook: what requests it answers, what it reads step by step, and what follows from what is seen.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// its name: lower-case words joined by '-'
    #[schemars(with = "String")]
    pub name: Spanned<String>,
    /// one sentence on what it answers
    pub about: String,
    /// requests it answers: words that have to occur in this order, others may stand between; `a|b` is either; `crash*` begins so
    #[schemars(with = "Vec<String>")]
    #[serde(default)]
    pub matches: Vec<Spanned<String>>,
    /// what it has to be given
    #[serde(default)]
    pub inputs: InputsDoc,
    /// in order; consecutive reads that do not need each other are made at once
    #[schemars(with = "Vec<StepDoc>")]
    pub steps: Vec<Spanned<StepDoc>>,
    /// cases with their answers and what has to be found in them
    #[schemars(with = "Vec<TestDoc>")]
    #[serde(default)]
    pub tests: Vec<Spanned<TestDoc>>,
}

/// What a playbook has to be given.
#[derive(Debug, Default, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InputsDoc {
    /// kinds of the object it is about; left out: it is about none
    #[serde(default)]
    pub subject: Vec<String>,
    /// whether a namespace has to be known
    #[serde(default)]
    pub namespace: bool,
}

/// One step: exactly one of read, let, find, fine.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepDoc {
    /// the name by which later steps see what it yields
    #[schemars(with = "Option<String>")]
    #[serde(default)]
    pub id: Option<Spanned<String>>,
    /// CEL: the step is left out unless this holds
    #[schemars(with = "Option<String>")]
    #[serde(default)]
    pub when: Option<Spanned<String>>,
    /// a reading operation as JSON; strings may hold ${CEL}. Yields the objects or log lines; null if it fails
    #[schemars(with = "Option<Value>")]
    #[serde(default)]
    pub read: Option<Spanned<Value>>,
    /// CEL list: the read is made once for each, seen as `it`; yields a list of {of, answer}
    #[schemars(with = "Option<String>")]
    #[serde(default)]
    pub for_each: Option<Spanned<String>>,
    /// for how many at most (5)
    #[serde(default)]
    pub at_most: Option<usize>,
    /// a failure of this read takes nothing from the answer and is not told
    #[serde(default)]
    pub quiet: bool,
    /// the read is of what the playbook is about: if it is not there, that is the answer
    #[serde(default)]
    pub is_subject: bool,
    /// CEL: a value that later steps see by this step's id
    #[schemars(with = "Option<String>")]
    #[serde(default, rename = "let")]
    pub value: Option<Spanned<String>>,
    /// what is wrong, if it is seen
    #[serde(default)]
    pub find: Option<FindDoc>,
    /// sentences on what is fine, told when `when` holds
    #[schemars(with = "Option<Vec<String>>")]
    #[serde(default)]
    pub fine: Option<Vec<Spanned<String>>>,
}

/// A finding: its texts may hold ${CEL}; an evidence line that is one ${CEL list} becomes several lines.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FindDoc {
    /// stable id: crash-loop
    #[schemars(with = "String")]
    pub rule: Spanned<String>,
    /// how bad
    pub severity: Severity,
    /// CEL list: one finding for each, seen as `it`
    #[schemars(with = "Option<String>")]
    #[serde(default)]
    pub each: Option<Spanned<String>>,
    /// CEL: whether it is one, asked for each
    #[schemars(with = "Option<String>")]
    #[serde(default)]
    pub when: Option<Spanned<String>>,
    /// the object: {kind, name, namespace}
    #[schemars(with = "Option<Value>")]
    #[serde(default)]
    pub subject: Option<Spanned<Value>>,
    /// the cause in one sentence; equal ones of one rule are folded into one finding
    #[schemars(with = "String")]
    pub title: Spanned<String>,
    /// what it was seen by
    #[schemars(with = "Vec<String>")]
    #[serde(default)]
    pub evidence: Vec<Spanned<String>>,
    /// kubectl lines to look for oneself
    #[schemars(with = "Vec<String>")]
    #[serde(default)]
    pub by_hand: Vec<Spanned<String>>,
    /// operations as JSON that would mend it; one that is not legal when filled in is left out
    #[schemars(with = "Vec<Value>")]
    #[serde(default)]
    pub fix: Vec<Spanned<Value>>,
    /// CEL: whether the fix is offered
    #[schemars(with = "Option<String>")]
    #[serde(default)]
    pub fix_when: Option<Spanned<String>>,
    /// how those that are folded are counted: `pod ${it.pod}` gives `3 pods: a, b, c`
    #[schemars(with = "Option<String>")]
    #[serde(default)]
    pub fold: Option<Spanned<String>>,
}

/// One case: what it is asked, what its reads answer, what it has to say.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TestDoc {
    /// what is tried
    pub name: String,
    /// the request; left out: the playbook is begun without matching
    #[serde(default)]
    pub words: Option<String>,
    /// the object it is about
    #[serde(default)]
    pub subject: Option<Target>,
    /// the namespace
    #[serde(default)]
    pub namespace: Option<crate::ops::Namespace>,
    /// what time it is
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub now: Option<Timestamp>,
    /// by step id: a list of objects, a list of log lines, or {fails: sentence}; left out: an empty list
    #[serde(default)]
    pub given: BTreeMap<String, Value>,
    /// what has to come out
    pub expect: Expect,
}

/// What has to come out.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// true, false, or null for unknown
    pub healthy: Option<bool>,
    /// all findings, in order
    #[serde(default)]
    pub findings: Vec<ExpectFinding>,
    /// parts of sentences, each in one of those on what is fine
    #[serde(default)]
    pub fine: Vec<String>,
    /// parts of sentences, each in one of those on what was not checked
    #[serde(default)]
    pub not_checked: Vec<String>,
}

/// One finding that has to come out.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectFinding {
    /// its rule
    pub rule: String,
    /// its whole title
    pub title: String,
    /// parts of lines, each in one of its evidence
    #[serde(default)]
    pub evidence: Vec<String>,
    /// whole lines among those to look by hand
    #[serde(default)]
    pub by_hand: Vec<String>,
    /// the fixes as kubectl lines, all of them
    #[serde(default)]
    pub fix: Option<Vec<String>>,
}
