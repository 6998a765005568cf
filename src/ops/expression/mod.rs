//! A condition as a person writes it who knows the fields: a CEL expression over one object, `spec.replicas < 2`.
//!
//! Read by the `cel` crate, so that the language is the one of playbooks and of Kubernetes' own rules; held against an object by
//! [`eval`], which counts its work, so that no expression goes on without end. What it may name and call is fixed here, and what it
//! cannot name it cannot reach: one object, no other, and no value of a Secret.
//!
//! Source of the language: the CEL specification; of the macros and operators that are known: Kubernetes' "CEL in Kubernetes".

mod eval;
#[cfg(test)]
mod tests;
mod worth;

pub use eval::{Budget, held};

use crate::ops::look::plain;
use cel::{
    common::ast::{Expr, IdedExpr, LiteralValue},
    parser::Parser,
};
use serde_json::Value;
use std::{fmt, str::FromStr, sync::Arc};

/// Longer ones are refused: nobody wrote them by hand.
const LONGEST: usize = 1_000;
/// How deep brackets may be nested: the parser goes down with them, and has no more than its stack.
const DEEPEST: u16 = 12;
/// How many signs of one sort there may be: the tree of `a + b + c` is as deep as it is long.
const SIGNS: usize = 64;
/// How deep a tree may be.
const TALLEST: u16 = 96;
/// The most columns that one expression adds.
const COLUMNS: usize = 3;

/// The fields an object begins with, and `object` for the whole of it.
const FIELDS: &[&str] = &[
    "object",
    "apiVersion",
    "kind",
    "metadata",
    "spec",
    "status",
    "data",
    "binaryData",
    "immutable",
    "type",
    "rules",
    "subjects",
    "roleRef",
    "aggregationRule",
    "webhooks",
    "provisioner",
    "parameters",
    "reclaimPolicy",
    "volumeBindingMode",
    "allowVolumeExpansion",
    "globalDefault",
    "value",
    "addressType",
    "endpoints",
    "ports",
    "subsets",
    "secrets",
    "imagePullSecrets",
    "automountServiceAccountToken",
    "usage",
    "containers",
];

/// What can be called: name, whether on a value (`x.size()`), and how many arguments it takes.
const FUNCTIONS: &[(&str, bool, usize)] = &[
    ("size", false, 1),
    ("size", true, 0),
    ("contains", true, 1),
    ("startsWith", true, 1),
    ("endsWith", true, 1),
    ("matches", true, 1),
    ("matches", false, 2),
    ("lowerAscii", true, 0),
    ("upperAscii", true, 0),
    ("trim", true, 0),
    ("string", false, 1),
    ("int", false, 1),
    ("double", false, 1),
    ("quantity", false, 1),
    ("seconds", false, 1),
];

/// The operators, as the parser names them, with how many values each takes.
const OPERATORS: &[(&str, usize)] = &[
    ("_?_:_", 3),
    ("_&&_", 2),
    ("_||_", 2),
    ("!_", 1),
    ("-_", 1),
    ("_+_", 2),
    ("_-_", 2),
    ("_*_", 2),
    ("_/_", 2),
    ("_%_", 2),
    ("_==_", 2),
    ("_!=_", 2),
    ("_<_", 2),
    ("_<=_", 2),
    ("_>_", 2),
    ("_>=_", 2),
    ("_[_]", 2),
    ("@in", 2),
    ("@not_strictly_false", 1),
];

/// An expression that was read and may be asked: it compiles, and names and calls only what is known.
#[derive(Debug, Clone)]
pub struct Expression {
    source: String,
    tree: Arc<IdedExpr>,
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}
impl Eq for Expression {}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

impl FromStr for Expression {
    type Err = String;

    /// Reads one, in backticks or not.
    fn from_str(text: &str) -> Result<Self, String> {
        let source = settled(text);
        if source.is_empty() {
            return Err("an expression is missing".into());
        }
        if source.len() > LONGEST {
            return Err(format!("it is longer than {LONGEST} characters"));
        }
        bounded(&source)?;
        // In words it stands between two.
        if source.contains('`') {
            return Err("a backtick has no place in an expression".into());
        }
        let tree = Parser::new().max_recursion_depth(DEEPEST).parse(&source).map_err(|errors| {
            let first = errors.errors.first().map(|e| e.msg.lines().next().unwrap_or_default().to_string());
            let place = errors.errors.first().map_or_else(String::new, |e| format!(" at character {}", e.pos.1));
            format!("{source:?} is no expression of CEL{place}: {}", first.unwrap_or_else(|| "it cannot be read".into()))
        })?;
        known(&tree, &mut Vec::new(), 0)?;
        if matches!(tree.expr, Expr::Ident(_) | Expr::Literal(_) | Expr::List(_)) {
            return Err(format!("{source:?} says nothing that is so or is not"));
        }
        Ok(Expression { source, tree: Arc::new(tree) })
    }
}

impl Expression {
    /// Whether a text that is none was meant for one: it begins with a field, or in a way that no other condition begins.
    pub fn is_meant(text: &str) -> bool {
        let text = text.trim();
        let word = text.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        let behind = text[word.len()..].starts_with(['.', '(', '[', ' ']);
        text.starts_with(['`', '(', '!', '"', '\'', '['])
            || behind && (FIELDS.contains(&word) || ["has", "size", "quantity", "seconds"].contains(&word))
    }

    /// Whether it compares or calls something: what stands in plain words is an expression only then.
    pub fn compares(&self) -> bool {
        match &self.tree.expr {
            Expr::Call(_) | Expr::Comprehension(_) => true,
            Expr::Select(select) => select.test,
            Expr::Ident(_) | Expr::List(_) | Expr::Literal(_) | Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => false,
        }
    }

    /// The plain fields it looks at, as they are written: the columns that say why an object is among those that meet it.
    pub fn fields(&self) -> Vec<String> {
        let mut found = Vec::new();
        fields(&self.tree, &mut Vec::new(), &mut found);
        found.truncate(COLUMNS);
        found
    }
}

/// What stands in a field that [`Expression::fields`] names; the values of a Secret never do.
pub fn cell(object: &Value, field: &str, secret: bool) -> String {
    let out_of_reach = secret && ["data", "stringData"].iter().any(|sealed| field.split('.').next() == Some(sealed));
    let value = field.split('.').try_fold(object, |at, key| at.get(key)).filter(|_| !out_of_reach);
    match value {
        Some(Value::Array(items)) => format!("{} of them", items.len()),
        Some(Value::Object(map)) => format!("{} of them", map.len()),
        Some(scalar) => plain(scalar),
        None => "none".into(),
    }
}

/// As it is kept: in one line, without backticks around it, and with one sort of quotes where that is the same.
fn settled(text: &str) -> String {
    let text = text.trim().trim_matches('`').trim();
    let line: String = text.chars().map(|c| if c.is_whitespace() || c.is_control() { ' ' } else { c }).collect();
    if line.contains(['"', '\\']) { line } else { line.replace('\'', "\"") }
}

/// Whether it is small enough to be read: that is looked at before the parser is.
fn bounded(source: &str) -> Result<(), String> {
    let (mut quote, mut open, mut deepest) = (None, 0_u16, 0_u16);
    let mut signs = [0_usize; 3];
    for c in source.chars() {
        match (quote, c) {
            (Some(end), c) if c == end => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[' | '{' | '?') => {
                open = open.saturating_add(1);
                deepest = deepest.max(open);
            }
            (None, ')' | ']' | '}') => open = open.saturating_sub(1),
            (None, '.') => signs[0] += 1,
            (None, '+' | '-' | '*' | '/' | '%') => signs[1] += 1,
            (None, '<' | '>' | '=' | '!' | '&' | '|') => signs[2] += 1,
            (None, _) => {}
        }
    }
    if deepest > DEEPEST || signs.iter().any(|many| *many > SIGNS) {
        return Err("it is nested too deeply, or too much in one".into());
    }
    Ok(())
}

/// Whether everything in it is known, to any depth.
fn known<'a>(tree: &'a IdedExpr, bound: &mut Vec<&'a str>, depth: u16) -> Result<(), String> {
    if depth > TALLEST {
        return Err("it is nested too deeply".into());
    }
    let depth = depth + 1;
    match &tree.expr {
        Expr::Literal(LiteralValue::Bytes(_)) => Err("bytes cannot be compared here".into()),
        Expr::Literal(_) => Ok(()),
        Expr::Ident(name) if bound.contains(&name.as_str()) || FIELDS.contains(&name.as_str()) => Ok(()),
        Expr::Ident(name) => {
            Err(format!("{name:?} is nothing an object begins with (spec, status, metadata, …; object is the whole of it)"))
        }
        Expr::Select(select) => known(&select.operand, bound, depth),
        Expr::List(list) => list.elements.iter().try_for_each(|one| known(one, bound, depth)),
        Expr::Call(call) => {
            let operator = call.target.is_none() && OPERATORS.contains(&(call.func_name.as_str(), call.args.len()));
            if !operator && !FUNCTIONS.contains(&(call.func_name.as_str(), call.target.is_some(), call.args.len())) {
                let can: Vec<&str> = FUNCTIONS.iter().map(|(name, ..)| *name).collect();
                return Err(format!(
                    "{}() is not known here; known are has, all, exists, exists_one, map, filter, {}",
                    call.func_name,
                    can.join(", ")
                ));
            }
            call.target.iter().try_for_each(|target| known(target, bound, depth))?;
            call.args.iter().try_for_each(|one| known(one, bound, depth))
        }
        Expr::Comprehension(fold) => {
            known(&fold.iter_range, bound, depth)?;
            known(&fold.accu_init, bound, depth)?;
            let before = bound.len();
            bound.extend([fold.iter_var.as_str(), fold.accu_var.as_str()]);
            bound.extend(fold.iter_var2.as_deref());
            [&fold.loop_cond, &fold.loop_step, &fold.result].into_iter().try_for_each(|one| known(one, bound, depth))?;
            bound.truncate(before);
            Ok(())
        }
        Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => Err("maps and messages cannot be made here".into()),
    }
}

/// `spec.replicas` of a chain of fields, where nothing in it is a variable of a macro.
fn path<'a>(tree: &'a IdedExpr, bound: &[&'a str]) -> Option<String> {
    match &tree.expr {
        Expr::Ident(name) if !bound.contains(&name.as_str()) => Some(name.clone()),
        Expr::Select(select) if !select.test => Some(match path(&select.operand, bound)?.as_str() {
            "object" => select.field.clone(),
            path => format!("{path}.{}", select.field),
        }),
        _no_chain_of_fields => None,
    }
}

fn fields<'a>(tree: &'a IdedExpr, bound: &mut Vec<&'a str>, found: &mut Vec<String>) {
    if let Some(path) = path(tree, bound) {
        if path.contains('.') && !found.contains(&path) {
            found.push(path);
        }
        return;
    }
    match &tree.expr {
        Expr::Select(select) => fields(&select.operand, bound, found),
        Expr::List(list) => list.elements.iter().for_each(|one| fields(one, bound, found)),
        Expr::Call(call) => call.target.iter().map(|target| &**target).chain(&call.args).for_each(|one| fields(one, bound, found)),
        Expr::Comprehension(fold) => {
            fields(&fold.iter_range, bound, found);
            let before = bound.len();
            bound.extend([fold.iter_var.as_str(), fold.accu_var.as_str()]);
            bound.extend(fold.iter_var2.as_deref());
            fields(&fold.loop_step, bound, found);
            bound.truncate(before);
        }
        Expr::Ident(_) | Expr::Literal(_) | Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => {}
    }
}
