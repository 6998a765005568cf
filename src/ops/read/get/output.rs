//! How a list is shown: `-o`.

use crate::terms::jsonpath::Template;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt};

/// The longest template that is taken.
const LONGEST: usize = 8192;

/// How a list is shown.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Output {
    /// The server's table, its first columns.
    #[default]
    Table,
    /// All of its columns.
    Wide,
    /// JSON objects.
    Json,
    /// YAML objects.
    Yaml,
    /// `kind/name` lines.
    Name,
    /// How many there are of each kind; kubectl has no such form.
    Count,
    /// What a template makes of them.
    JsonPath(Program),
    /// The results of each part of a template, as JSON.
    JsonPathAsJson(Program),
    /// A table of one's own: `NAME:.metadata.name,IMAGE:.spec.containers[*].image`.
    Columns(Vec<Column>),
}

/// A template with the text it was read from.
#[derive(Debug, Clone, PartialEq)]
pub struct Program {
    text: String,
    /// What was read.
    pub template: Template,
}

/// One column of a table of one's own.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// What stands above it.
    pub head: String,
    /// Where its cells are found.
    pub path: Program,
}

impl Output {
    /// Whether it is the plain table.
    pub fn is_table(&self) -> bool {
        *self == Output::Table
    }

    /// Whether it is the asker who says which fields are shown.
    pub fn picks_fields(&self) -> bool {
        matches!(self, Output::JsonPath(_) | Output::JsonPathAsJson(_) | Output::Columns(_))
    }

    /// Whether the objects themselves are needed for it.
    pub(super) fn wants_objects(&self) -> bool {
        match self {
            Output::Table | Output::Wide | Output::Count => false,
            Output::Json | Output::Yaml | Output::Name | Output::JsonPath(_) | Output::JsonPathAsJson(_) | Output::Columns(_) => true,
        }
    }
}

fn program(form: &str, text: &str, read: fn(&str) -> Result<Template, crate::terms::jsonpath::BadPath>) -> Result<Program, String> {
    if text.is_empty() {
        return Err(format!("{form}: a template is missing"));
    }
    if text.len() > LONGEST {
        return Err(format!("{form}: the template is longer than {LONGEST} characters"));
    }
    let template = read(text).map_err(|e| format!("{form}: {e}"))?;
    Ok(Program { text: text.to_string(), template })
}

/// `NAME:.a.b,…`; a comma inside brackets ends no column here, where kubectl takes it for the end.
fn columns(text: &str) -> Result<Output, String> {
    let column = |one: &str| match one.split_once(':') {
        Some((head, path)) => Ok(Column { head: head.to_string(), path: program("custom-columns", path, Template::relaxed)? }),
        None => Err(format!("custom-columns: {one:?} is no HEADER:.path")),
    };
    let mut depth = 0_i32;
    let parts = text.split(|c| {
        depth += i32::from(c == '[') - i32::from(c == ']');
        c == ',' && depth <= 0
    });
    parts.map(column).collect::<Result<_, _>>().map(Output::Columns)
}

impl std::str::FromStr for Output {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let (form, text) = word.split_once('=').unwrap_or((word, ""));
        match form {
            "table" | "wide" | "json" | "yaml" | "name" | "count" if word.contains('=') => Err(format!("{form} takes nothing behind it")),
            "table" => Ok(Output::Table),
            "wide" => Ok(Output::Wide),
            "json" => Ok(Output::Json),
            "yaml" => Ok(Output::Yaml),
            "name" => Ok(Output::Name),
            "count" => Ok(Output::Count),
            "jsonpath" => program(form, text, Template::parse).map(Output::JsonPath),
            "jsonpath-as-json" => program(form, text, Template::parse).map(Output::JsonPathAsJson),
            "custom-columns" => columns(text),
            "jsonpath-file" | "custom-columns-file" | "go-template-file" | "templatefile" => {
                Err(format!("{form}: give the template itself, not a file"))
            }
            "go-template" | "template" => Err(format!("{form}: Go's templates are not run here; jsonpath=TEMPLATE does most of it")),
            "kyaml" => Err("kyaml: yaml shows the same objects".into()),
            _ => Err("wide, json, yaml, name, count, jsonpath=…, jsonpath-as-json=… or custom-columns=…".into()),
        }
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Output::Table => f.write_str("table"),
            Output::Wide => f.write_str("wide"),
            Output::Json => f.write_str("json"),
            Output::Yaml => f.write_str("yaml"),
            Output::Name => f.write_str("name"),
            Output::Count => f.write_str("count"),
            Output::JsonPath(program) => write!(f, "jsonpath={}", program.text),
            Output::JsonPathAsJson(program) => write!(f, "jsonpath-as-json={}", program.text),
            Output::Columns(columns) => {
                let columns: Vec<String> = columns.iter().map(|column| format!("{}:{}", column.head, column.path.text)).collect();
                write!(f, "custom-columns={}", columns.join(","))
            }
        }
    }
}

impl TryFrom<String> for Output {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}
impl From<Output> for String {
    fn from(output: Output) -> String {
        output.to_string()
    }
}

impl JsonSchema for Output {
    fn schema_name() -> Cow<'static, str> {
        "Output".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        // The forms that name no fields; a person may also give a template.
        json_schema!({"type": "string", "enum": ["table", "wide", "json", "yaml", "name", "count"]})
    }
}
