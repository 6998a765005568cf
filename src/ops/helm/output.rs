//! In which form a release is told.

use crate::ops::{Answer, Argv, Misuse};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ReleaseOutput {
    /// For a person to read.
    #[default]
    Table,
    /// JSON with helm's own fields.
    Json,
    /// The same as YAML.
    Yaml,
}

impl ReleaseOutput {
    pub(super) fn is_table(&self) -> bool {
        *self == ReleaseOutput::Table
    }

    pub(super) fn parse(argv: &Argv) -> Result<ReleaseOutput, Misuse> {
        match argv.get("output") {
            None | Some("table") => Ok(ReleaseOutput::Table),
            Some("json") => Ok(ReleaseOutput::Json),
            Some("yaml") => Ok(ReleaseOutput::Yaml),
            Some(other) => Err(Misuse::Says(format!("{}: -o {other}: there are table, json and yaml", argv.head()))),
        }
    }

    pub(super) fn print(self, argv: Argv) -> Argv {
        match self {
            ReleaseOutput::Table => argv,
            ReleaseOutput::Json => argv.flag("output", "json"),
            ReleaseOutput::Yaml => argv.flag("output", "yaml"),
        }
    }

    /// The value written so; a table has a form of its own.
    pub(super) fn written(self, value: &Value) -> Option<Answer> {
        let text = match self {
            ReleaseOutput::Table => return None,
            ReleaseOutput::Json => serde_json::to_string_pretty(value).unwrap_or_default(),
            ReleaseOutput::Yaml => yaml(value),
        };
        Some(Answer::Text { text })
    }
}

/// A value as YAML.
pub(super) fn yaml(value: &Value) -> String {
    serde_saphyr::to_string(value).unwrap_or_else(|_| value.to_string())
}
