//! The form of our rule files: groups of rows, each a place in an object and what is said of it.
//!
//! A line at the margin names the groups that the rows below it belong to. A row is a path, then what holds there, then perhaps ` if FIELD=VALUE|VALUE`
//! about a neighbour of the last step (`FIELD!=…` for the opposite, `FIELD?` for its being there, `FIELD!` for its not being there). In a path `a.b` are fields, `a[]` every
//! element of a list, `a{}` every value of a map, `a?` a field that must be there for the row to mean anything. `@NAME` says: all rows of that group, from here on.
use crate::terms::path::scalar_text;
use serde_json::Value;
use std::collections::HashMap;

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Field(&'static str),
    /// The row is skipped where it is not there.
    Present(&'static str),
    EachElement,
    EachValue,
}

/// One row.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) path: Vec<Step>,
    pub(super) said: &'static str,
    condition: Option<(&'static str, Test)>,
}

#[derive(Debug)]
enum Test {
    There,
    Absent,
    OneOf(Vec<&'static str>),
    NoneOf(Vec<&'static str>),
}

/// The rows of a file by group.
pub(super) type Rules = HashMap<&'static str, Vec<Row>>;

/// Reads a file of ours.
pub(super) fn read(text: &'static str) -> Rules {
    let mut rules = Rules::new();
    let mut groups: Vec<&str> = Vec::new();
    for line in text.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('#')) {
        if !line.starts_with(' ') {
            groups = line.split_whitespace().collect();
            continue;
        }
        let (path, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        let (said, condition) = rest.split_once(" if ").map_or((rest, None), |(said, test)| (said, Some(condition(test.trim()))));
        for group in &groups {
            rules.entry(group).or_default().push(Row {
                path: steps(path),
                said: said.trim(),
                condition: condition.map(|(n, t)| (n, test(t))),
            });
        }
    }
    rules
}

fn condition(text: &'static str) -> (&'static str, &'static str) {
    let end = text.find(['=', '!', '?']).unwrap_or(text.len());
    text.split_at(end)
}

fn test(text: &'static str) -> Test {
    let values = |list: &'static str| list.split('|').collect();
    match (text.strip_prefix("!="), text.strip_prefix('=')) {
        (Some(list), _) => Test::NoneOf(values(list)),
        (None, Some(list)) => Test::OneOf(values(list)),
        (None, None) if text == "!" => Test::Absent,
        (None, None) => Test::There,
    }
}

fn steps(path: &'static str) -> Vec<Step> {
    let mut steps = Vec::new();
    for part in path.split('.').filter(|p| !p.is_empty()) {
        let name = part.trim_end_matches(['[', ']', '{', '}', '?']);
        if !name.is_empty() {
            steps.push(if part.ends_with('?') { Step::Present(name) } else { Step::Field(name) });
        }
        match &part[name.len()..] {
            "[]" => steps.push(Step::EachElement),
            "{}" => steps.push(Step::EachValue),
            _ => {}
        }
    }
    steps
}

impl Row {
    /// Whether the row's condition holds among the neighbours of its last step.
    pub(super) fn holds(&self, neighbours: &Value) -> bool {
        let Some((name, test)) = &self.condition else { return true };
        let value = neighbours.get(*name).filter(|v| !v.is_null());
        let word = value.and_then(scalar_text).unwrap_or_default();
        match test {
            Test::There => value.is_some(),
            Test::Absent => value.is_none(),
            Test::OneOf(words) => words.contains(&word.as_str()),
            Test::NoneOf(words) => !words.contains(&word.as_str()),
        }
    }
}
