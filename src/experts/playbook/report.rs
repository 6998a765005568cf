//! What a playbook found, as values.

use crate::ops::{Op, Target};
use serde::Serialize;

/// What a playbook found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// What was looked at: `why is worker not ready`.
    pub title: String,
    /// Worst first.
    pub findings: Vec<Finding>,
    /// True, false, or unknown: nothing found, and something could not be looked at.
    pub healthy: Option<bool>,
    /// What was looked at and is fine, in short.
    pub fine: Vec<String>,
    /// What could not be looked at, and why.
    pub not_checked: Vec<String>,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Will hurt, or hurts a little.
    Warning,
    /// Something does not work.
    Error,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// Stable id: `crash-loop`.
    pub rule: String,
    /// How bad.
    pub severity: Severity,
    /// On which object.
    pub subject: Option<Target>,
    /// The cause in one sentence.
    pub title: String,
    /// What it was seen by, each a line.
    pub evidence: Vec<String>,
    /// Operations that would mend it.
    pub fix: Vec<Op>,
    /// kubectl lines to look for oneself.
    pub by_hand: Vec<String>,
}
