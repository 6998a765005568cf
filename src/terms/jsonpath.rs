//! kubectl's own JSONPath: templates (`{range .items[*]}{.metadata.name}{"\n"}{end}`) and what they make of a value.
//!
//! The dialect is that of `client-go/util/jsonpath`, held against kubectl by a test: `range`/`end`, filters with one comparison, slices, unions,
//! recursive descent, quotes with Go's escapes. A field that is missing yields nothing, as kubectl has it by default. A map's values come in the
//! order of its keys, where kubectl's order changes from run to run.

mod eval;
mod parse;
mod print;
mod sort;

pub use print::go_value;
pub use sort::{Unsortable, sort_key, sorted};

use serde_json::Value;

/// Why a template is none, or why it does not fit a value; for a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadPath(pub String);

/// A template: text, paths, and loops over the results of a path.
#[derive(Debug, Clone, PartialEq)]
pub struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Text(String),
    Values(Vec<Step>),
    Range { over: Vec<Step>, body: Vec<Piece> },
}

#[derive(Debug, Clone, PartialEq)]
enum Step {
    Field(String),
    Slice(Slice),
    Filter(Box<Filter>),
    /// Every value of a map or list.
    Wildcard,
    /// A value and all below it that hold others.
    Recursive,
    Union(Vec<Vec<Step>>),
    /// A literal stands for itself, once or (numbers and truths) for each value so far.
    Text(String),
    Literal(Value),
}

/// `[start:end:step]`; an index alone is the slice of one.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Slice {
    start: Option<i64>,
    end: Option<i64>,
    step: Option<i64>,
    /// Whether `end` only follows from an index that stood alone.
    one: bool,
}

#[derive(Debug, Clone, PartialEq)]
struct Filter {
    left: Vec<Step>,
    /// `None` asks only whether `left` is there.
    compared: Option<(Comparison, Vec<Step>)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Less,
    LessEqual,
    Equal,
    NotEqual,
    GreaterEqual,
    Greater,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// [`BadPath`] where a brace, quote, bracket or range is left open, or a sign has no meaning where it stands.
    pub fn parse(text: &str) -> Result<Template, BadPath> {
        parse::template(text)
    }

    /// Reads one path, with or without its braces and its first dot: `metadata.name`, `.metadata.name`, `{.metadata.name}`; `--sort-by` and
    /// custom columns take it so (`RelaxedJSONPathExpression` in `kubectl/pkg/cmd/get/customcolumn.go`).
    ///
    /// # Errors
    /// [`BadPath`], as [`Template::parse`].
    pub fn relaxed(text: &str) -> Result<Template, BadPath> {
        let inner = match text.strip_prefix('{') {
            Some(rest) => rest.strip_suffix('}').ok_or_else(|| BadPath(format!("{text:?}: a brace is opened and not closed")))?,
            None => text,
        };
        let inner = inner.strip_prefix('.').unwrap_or(inner);
        if inner.contains(['{', '}']) || (inner.is_empty() && !text.is_empty()) {
            return Err(BadPath(format!("{text:?} is no path: a.b, .a.b or {{.a.b}} was expected")));
        }
        if text.is_empty() { Ok(Template(Vec::new())) } else { parse::template(&format!("{{.{inner}}}")) }
    }

    /// Each part's results, in order; the parts of a loop once for each turn.
    ///
    /// # Errors
    /// [`BadPath`] where an index is out of bounds, a list was expected, or two values cannot be compared.
    pub fn results(&self, value: &Value) -> Result<Vec<Vec<Value>>, BadPath> {
        let mut out = Vec::new();
        eval::pieces(&self.0, std::borrow::Cow::Borrowed(value), &mut out)?;
        Ok(out.into_iter().map(|part| part.into_iter().map(std::borrow::Cow::into_owned).collect()).collect())
    }

    /// The text it makes of a value: maps and lists as JSON, the results of one part a space apart.
    ///
    /// # Errors
    /// As [`Template::results`].
    pub fn text(&self, value: &Value) -> Result<String, BadPath> {
        Ok(self.results(value)?.iter().map(|part| print::part(part)).collect())
    }

    /// Each part's results as a JSON array of its own (`-o jsonpath-as-json`).
    ///
    /// # Errors
    /// As [`Template::results`].
    pub fn json(&self, value: &Value) -> Result<String, BadPath> {
        Ok(self.results(value)?.into_iter().map(|part| print::indented(&Value::Array(part)) + "\n").collect())
    }
}

#[cfg(test)]
mod tests;
