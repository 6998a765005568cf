//! What a read yields, as values: tables, logs, descriptions. Sentences and layout are the faces' own.

use super::{Items, Target};
use serde::Serialize;

/// What one read operation found.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "form", rename_all = "snake_case")]
pub enum Answer {
    /// Rows under columns; several when several kinds were asked for.
    Tables {
        /// One per kind.
        tables: Vec<Table>,
    },
    /// The objects themselves, to be shown as JSON, YAML or names.
    Objects {
        /// How they were asked for.
        output: ObjectForm,
        /// The objects, Secret values already taken out.
        items: Items,
    },
    /// Log lines.
    Log {
        /// Line by line, in the order the containers were asked.
        lines: Vec<LogLine>,
        /// Whether more stood there than was read.
        truncated: bool,
    },
    /// Text that is shown as it is: a document of the server's, what a template made.
    Text {
        /// The text; control characters included, faces clean it.
        text: String,
    },
    /// One object, told.
    Description(Description),
    /// Where a rollout stands.
    Rollout(Rollout),
    /// Which objects a question found.
    Found(Found),
    /// What differs between two sets of objects.
    Differences {
        /// Object by object.
        objects: Vec<super::helm::compare::Difference>,
    },
}

/// How objects are to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ObjectForm {
    /// JSON.
    Json,
    /// YAML.
    Yaml,
    /// `kind/name`, one a line.
    Name,
}

/// What a question found, with the question in words: an empty list says of what.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Found {
    /// What was asked: `deployments in namespace dev without a memory limit`.
    pub asked: String,
    /// Among how many objects.
    pub of: usize,
    /// The rows.
    pub table: Table,
    /// What could not be told, and what was left aside.
    pub notes: Vec<String>,
}

/// Rows under columns.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Table {
    /// What it lists: `pods`, `deployments.apps`; shown where there are several.
    pub title: String,
    /// Column names as the server gives them (`Name`, `Ready`, …), in order; the widths are the face's. None: rows without a heading.
    pub columns: Vec<String>,
    /// One row an object; as many cells as there are columns, where there are any.
    pub rows: Vec<Vec<String>>,
}

/// One line of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogLine {
    /// `pod/container` where several are shown together, else empty.
    pub source: String,
    /// The line without its end; still the container's own bytes, control characters included: faces clean it.
    pub text: String,
}

/// One object, told in blocks: identity, state, conditions, relatives, events.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Description {
    /// Which.
    pub target: Target,
    /// In the order they are shown.
    pub blocks: Vec<Block>,
}

/// One block of a description.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "block", rename_all = "snake_case")]
pub enum Block {
    /// Names and values.
    Fields {
        /// Empty for the first block.
        title: String,
        /// In order.
        fields: Vec<(String, String)>,
    },
    /// A small table.
    Table {
        /// `Conditions`, `Events`, …
        title: String,
        /// Its rows.
        table: Table,
    },
}

/// Where a rollout stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rollout {
    /// Of which workload.
    pub target: Target,
    /// Done, on its way, or stuck.
    pub state: RolloutState,
    /// Pods wanted.
    pub desired: u64,
    /// Pods of the newest template.
    pub updated: u64,
    /// Pods available.
    pub available: u64,
    /// The controller's own words, if it has any: `ReplicaSet "x" has timed out progressing.`
    pub message: String,
}

/// How far a rollout is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RolloutState {
    /// Every pod is of the newest template and available.
    Complete,
    /// Pods are still coming or going.
    Progressing,
    /// Past its progress deadline.
    Stuck,
    /// Paused by hand.
    Paused,
}
