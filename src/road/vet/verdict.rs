//! How much caution an operation needs. Ordered; over several the strictest wins.

use serde::{Deserialize, Serialize};

/// What has to happen before it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing: nobody is asked.
    Allow,
    /// A yes.
    Confirm,
    /// The name, typed.
    ConfirmTyped,
    /// It does not run.
    Forbid,
}

impl Verdict {
    /// `confirm_typed`, as it stands in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Allow => "allow",
            Verdict::Confirm => "confirm",
            Verdict::ConfirmTyped => "confirm_typed",
            Verdict::Forbid => "forbid",
        }
    }
}

/// The reason that comes before all others: the person's own words ask to look, and a model proposes a change.
pub const ASKED_TO_LOOK: &str = "asked-to-look";

/// Why a verdict is what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Stable id of the rule or check: `delete-workload`.
    pub id: String,
    /// The verdict it asks for.
    pub verdict: Verdict,
    /// One sentence.
    pub sentence: String,
    /// Where it is a policy's rule: the file it stands in, empty for a built-in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule_of: Option<String>,
}

impl Reason {
    /// One that no rule of a policy gives: a check, or aiops itself.
    pub fn own(id: impl Into<String>, verdict: Verdict, sentence: impl Into<String>) -> Reason {
        Reason { id: id.into(), verdict, sentence: sentence.into(), rule_of: None }
    }

    /// The sentence, with the rule that says it: `it is frozen (rule friday of .aiops/policy.toml)`.
    pub fn said(&self) -> String {
        match self.rule_of.as_deref() {
            None => self.sentence.clone(),
            Some("") => format!("{} (rule {})", self.sentence, self.id),
            Some(file) => format!("{} (rule {} of {file})", self.sentence, self.id),
        }
    }
}
