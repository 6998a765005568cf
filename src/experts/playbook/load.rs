//! From YAML to a playbook, and everything that is wrong with it, with lines.

use super::{
    Severity,
    expr::Expr,
    format::{Document, FindDoc, StepDoc, TestDoc},
    template::{Mold, Template},
};
use crate::ops::{Impact, Kind, Op};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use serde_saphyr::Spanned;
use std::sync::Arc;

/// Larger files are refused before they are read.
const LARGEST: usize = 512 * 1024;
/// More steps nobody reads.
const STEPS: usize = 100;
/// For how many a read is made at most, whatever a playbook says.
pub const MOST_READS: usize = 20;

/// Names that every expression can see. `namespace` is a word CEL keeps for itself.
pub const GIVEN: &[&str] = &["subject", "ns", "found"];

/// One thing that is wrong with a playbook's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LintError {
    /// From 1; 0 where it is the whole file.
    pub line: u64,
    /// From 1.
    pub column: u64,
    /// What is wrong.
    pub sentence: String,
}

/// A playbook, ready to be gone through. Its expressions are compiled when they are first needed.
#[derive(Debug)]
pub struct Playbook {
    /// Its name.
    pub name: String,
    /// What it answers.
    pub about: String,
    /// Requests it answers, as written.
    pub matches: Vec<String>,
    /// Kinds of its subject; empty: it has none.
    pub subject: Vec<Kind>,
    /// Whether it needs a namespace.
    pub namespace: bool,
    pub(super) steps: Arc<Vec<Step>>,
    pub(super) tests: Vec<TestDoc>,
}

#[derive(Debug)]
pub(super) struct Step {
    pub id: String,
    pub line: u64,
    pub when: Option<Expr>,
    pub what: What,
}

#[derive(Debug)]
pub(super) enum What {
    Read { op: Mold, for_each: Option<Expr>, at_most: usize, quiet: bool, is_subject: bool },
    Let(Expr),
    Find(Box<Find>),
    Fine(Vec<Template>),
}

#[derive(Debug)]
pub(super) struct Find {
    pub rule: String,
    pub severity: Severity,
    pub each: Option<Expr>,
    pub when: Option<Expr>,
    pub subject: Option<Mold>,
    pub title: Template,
    pub evidence: Vec<Template>,
    pub by_hand: Vec<Template>,
    pub fix: Vec<Mold>,
    pub fix_when: Option<Expr>,
    pub fold: Option<Template>,
}

impl Step {
    /// Every expression of it.
    pub fn exprs(&self) -> Vec<&Expr> {
        let mut all: Vec<&Expr> = self.when.iter().collect();
        match &self.what {
            What::Read { op, for_each, .. } => {
                all.extend(op.exprs());
                all.extend(for_each);
            }
            What::Let(expr) => all.push(expr),
            What::Fine(lines) => all.extend(lines.iter().flat_map(Template::exprs)),
            What::Find(f) => {
                all.extend(f.each.iter().chain(&f.when).chain(&f.fix_when));
                all.extend(f.subject.iter().flat_map(Mold::exprs));
                all.extend(std::iter::once(&f.title).chain(&f.evidence).chain(&f.by_hand).chain(&f.fold).flat_map(Template::exprs));
                all.extend(f.fix.iter().flat_map(Mold::exprs));
            }
        }
        all
    }

    /// Whether its expressions may name `it`.
    pub fn has_it(&self) -> bool {
        match &self.what {
            What::Read { for_each, .. } => for_each.is_some(),
            What::Find(find) => find.each.is_some(),
            What::Let(_) | What::Fine(_) => false,
        }
    }
}

impl Playbook {
    /// Reads a playbook. Expressions are not compiled here: that is for [`super::lint`] and for when they are needed.
    ///
    /// # Errors
    /// What is wrong with its shape, with lines.
    pub fn load(text: &str) -> Result<Playbook, Vec<LintError>> {
        if text.len() > LARGEST {
            return Err(vec![LintError { line: 0, column: 0, sentence: format!("a playbook is at most {} KiB long", LARGEST / 1024) }]);
        }
        let document: Document = serde_saphyr::from_str(text).map_err(|e| {
            let (line, column) = e.location().map_or((0, 0), |l| (l.line(), l.column()));
            vec![LintError { line, column, sentence: said(&e) }]
        })?;
        let mut errors = Errors::default();
        let playbook = checked(document, &mut errors);
        if errors.0.is_empty() { Ok(playbook) } else { Err(errors.0) }
    }

    /// Its cases' names.
    pub fn test_names(&self) -> impl Iterator<Item = &str> {
        self.tests.iter().map(|t| t.name.as_str())
    }
}

/// The reader's sentence without its drawing of the place, which the line says already.
fn said(error: &serde_saphyr::Error) -> String {
    let text = error.without_snippet().to_string();
    let line = text.lines().next().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).chars().take(240).collect()
}

#[derive(Default)]
struct Errors(Vec<LintError>);

impl Errors {
    fn at<T>(&mut self, place: &Spanned<T>, sentence: impl Into<String>) {
        let (line, column) = (place.referenced.line(), place.referenced.column());
        self.0.push(LintError { line, column, sentence: sentence.into() });
    }
}

fn expr(text: &Spanned<String>) -> Expr {
    Expr::new(&text.value, text.referenced.line(), text.referenced.column())
}

fn template(text: &Spanned<String>, errors: &mut Errors) -> Option<Template> {
    Template::parse(&text.value, text.referenced.line(), text.referenced.column()).map_err(|e| errors.at(text, e)).ok()
}

fn mold(value: &Spanned<Value>, errors: &mut Errors) -> Option<Mold> {
    Mold::parse(&value.value, value.referenced.line(), value.referenced.column()).map_err(|e| errors.at(value, e)).ok()
}

fn checked(document: Document, errors: &mut Errors) -> Playbook {
    let name = &document.name;
    if name.value.is_empty() || !name.value.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
        errors.at(name, format!("{:?} is no name: lower-case words joined by '-'", name.value.chars().take(60).collect::<String>()));
    }
    for words in &document.matches {
        if words.value.trim().is_empty() {
            errors.at(words, "a match with no words in it would answer everything");
        }
    }
    let subject = document.inputs.subject.iter().filter_map(|word| {
        let kind = Kind::find(word);
        if kind.is_none() {
            errors.at(name, format!("inputs.subject: there is no kind {word:?}"));
        }
        kind
    });
    let subject = subject.collect();
    if document.steps.is_empty() || document.steps.len() > STEPS {
        errors.at(name, format!("a playbook has 1 to {STEPS} steps"));
    }
    if document.tests.is_empty() {
        errors.at(name, "it has no tests");
    }
    let mut ids: Vec<String> = Vec::new();
    let mut steps = Vec::new();
    for step in document.steps {
        if let Some(id) = &step.value.id {
            if ids.contains(&id.value) {
                errors.at(id, format!("there are two steps with the id {}", id.value));
            }
            if GIVEN.contains(&id.value.as_str()) || id.value == "it" || !identifier(&id.value) {
                errors.at(id, format!("{:?} cannot be a step's id: letters, digits and '_', and none of the given names", id.value));
            }
            ids.push(id.value.clone());
        }
        steps.extend(one_step(step, errors));
    }
    for test in &document.tests {
        for id in test.value.given.keys().filter(|id| !ids.contains(id)) {
            errors.at(test, format!("the test {:?} gives an answer to {id}, and there is no such step", test.value.name));
        }
    }
    Playbook {
        name: document.name.value,
        about: document.about,
        matches: document.matches.into_iter().map(|m| m.value).collect(),
        subject,
        namespace: document.inputs.namespace,
        steps: Arc::new(steps),
        tests: document.tests.into_iter().map(|t| t.value).collect(),
    }
}

fn identifier(word: &str) -> bool {
    word.chars().next().is_some_and(|c| c.is_ascii_lowercase()) && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn one_step(step: Spanned<StepDoc>, errors: &mut Errors) -> Option<Step> {
    let line = step.referenced.line();
    let forms = [step.value.read.is_some(), step.value.value.is_some(), step.value.find.is_some(), step.value.fine.is_some()];
    if forms.iter().filter(|f| **f).count() != 1 {
        errors.at(&step, "a step is exactly one of read, let, find, fine");
        return None;
    }
    let named = step.value.read.is_some() || step.value.value.is_some();
    if named && step.value.id.is_none() {
        errors.at(&step, "a step that reads or lets has to have an id");
    }
    if step.value.read.is_none()
        && (step.value.for_each.is_some() || step.value.at_most.is_some() || step.value.quiet || step.value.is_subject)
    {
        errors.at(&step, "for_each, at_most, quiet and is_subject belong to a read");
    }
    let doc = step.value;
    let when = doc.when.as_ref().map(expr);
    let id = doc.id.map(|id| id.value).unwrap_or_default();
    let what = if let Some(read) = &doc.read {
        let op = mold(read, errors)?;
        check_op(read, &op, true, errors);
        What::Read {
            op,
            for_each: doc.for_each.as_ref().map(expr),
            at_most: doc.at_most.unwrap_or(5).clamp(1, MOST_READS),
            quiet: doc.quiet,
            is_subject: doc.is_subject,
        }
    } else if let Some(value) = &doc.value {
        What::Let(expr(value))
    } else if let Some(find) = doc.find {
        What::Find(Box::new(one_find(find, errors)?))
    } else {
        What::Fine(doc.fine.iter().flatten().filter_map(|line| template(line, errors)).collect())
    };
    Some(Step { id, line, when, what })
}

fn one_find(doc: FindDoc, errors: &mut Errors) -> Option<Find> {
    if doc.rule.value.trim().is_empty() {
        errors.at(&doc.rule, "a rule has to have an id");
    }
    let fix = doc.fix.iter().filter_map(|value| {
        let op = mold(value, errors)?;
        check_op(value, &op, false, errors);
        Some(op)
    });
    let fix = fix.collect();
    Some(Find {
        rule: doc.rule.value.clone(),
        severity: doc.severity,
        each: doc.each.as_ref().map(expr),
        when: doc.when.as_ref().map(expr),
        subject: doc.subject.as_ref().and_then(|s| mold(s, errors)),
        title: template(&doc.title, errors)?,
        evidence: doc.evidence.iter().filter_map(|t| template(t, errors)).collect(),
        by_hand: doc.by_hand.iter().filter_map(|t| template(t, errors)).collect(),
        fix,
        fix_when: doc.fix_when.as_ref().map(expr),
        fold: doc.fold.as_ref().and_then(|t| template(t, errors)),
    })
}

/// Whether an operation is one of the catalogue and takes these fields, with a stand-in where a template stands.
fn check_op(place: &Spanned<Value>, op: &Mold, reads: bool, errors: &mut Errors) {
    match Op::from_json(op.with_stand_ins("")) {
        Ok(op) if reads && op.verb().impact() > Impact::Reads => {
            errors.at(place, format!("a playbook only reads, and {} changes something", op.entry().name));
        }
        Ok(_) => {}
        Err(why) => errors.at(place, format!("no such operation: {why}")),
    }
}
