//! Making findings out of what was seen, folding those that are one, the worst first.

use super::{Finding, Severity, expr::Scope, load::Find};
use crate::ops::{Op, Target};
use serde_json::Value;

/// Longest line of evidence, in characters.
const LINE: usize = 300;
/// Most lines of evidence.
const LINES: usize = 12;
/// Most findings: beyond it a report is a list again.
const FINDINGS: usize = 60;

/// A line no longer than a report holds. Control characters stay: faces clean them.
pub fn line(text: &str) -> String {
    super::signals::cut(text, LINE)
}

/// A finding in these words.
pub fn told(
    rule: &str,
    severity: Severity,
    subject: Option<Target>,
    title: String,
    evidence: Vec<String>,
    by_hand: Vec<String>,
) -> Finding {
    Finding { rule: rule.into(), severity, subject, title: line(&title), evidence, fix: Vec::new(), by_hand }
}

/// What a `find` step says of one item, and how it is counted when it is folded.
pub fn make(find: &Find, scope: &Scope<'_>, about: Option<&Target>) -> Result<(Finding, Option<String>), String> {
    let lines = |templates: &[super::template::Template]| -> Result<Vec<String>, String> {
        let each = templates.iter().map(|t| t.lines(scope)).collect::<Result<Vec<_>, _>>()?;
        let mut lines: Vec<String> = each.concat().iter().map(|l| line(l)).collect();
        let mut seen = std::collections::HashSet::new();
        lines.retain(|l| seen.insert(l.clone()));
        lines.truncate(LINES);
        Ok(lines)
    };
    let subject = match &find.subject {
        // A name that is not legal makes no target; the finding stands all the same.
        Some(mold) => serde_json::from_value(mold.fill(scope)?).ok(),
        None => about.cloned(),
    };
    let offered = find.fix_when.as_ref().is_none_or(|w| w.holds(scope).unwrap_or(false));
    let fix = if offered { find.fix.iter().filter_map(|m| Op::from_json(m.fill(scope).ok()?).ok()).collect() } else { Vec::new() };
    let fold = find.fold.as_ref().map(|t| t.text(scope)).transpose()?;
    let mut finding = told(&find.rule, find.severity, subject, find.title.text(scope)?, lines(&find.evidence)?, lines(&find.by_hand)?);
    finding.fix = fix;
    Ok((finding, fold))
}

/// Findings so far: equal ones of one rule are one.
#[derive(Debug, Default)]
pub struct Findings {
    list: Vec<(Finding, Vec<String>)>,
}

impl Findings {
    /// One more; folded into the one that says the same.
    pub fn add(&mut self, finding: Finding, fold: Option<String>) {
        let place = |f: &Finding| f.subject.as_ref().and_then(|s| s.namespace().cloned());
        let same = self.list.iter_mut().find(|(f, _)| f.rule == finding.rule && f.title == finding.title && place(f) == place(&finding));
        match same {
            Some((_, names)) => names.extend(fold),
            None => self.list.push((finding, fold.into_iter().collect())),
        }
    }

    /// The rules that were found, as expressions see them.
    pub fn rules(&self) -> Value {
        Value::Array(self.list.iter().map(|(f, _)| Value::String(f.rule.clone())).collect())
    }

    /// Worst first, else in the order of the playbook; what was folded is counted.
    pub fn sorted(mut self) -> Vec<Finding> {
        self.list.sort_by_key(|(f, _)| std::cmp::Reverse(f.severity));
        self.list.truncate(FINDINGS);
        let counted = |(mut finding, mut names): (Finding, Vec<String>)| {
            let mut seen = std::collections::HashSet::new();
            names.retain(|n| seen.insert(n.clone()));
            if names.len() > 1 {
                finding.evidence.insert(0, line(&count(&names)));
            }
            finding
        };
        self.list.into_iter().map(counted).collect()
    }
}

/// `pod a`, `pod b` as `2 pods: a, b`.
fn count(names: &[String]) -> String {
    let noun = names.first().and_then(|n| n.split_once(' ')).map_or("object", |(noun, _)| noun);
    let short: Vec<&str> = names.iter().take(4).map(|n| n.split_once(' ').map_or(n.as_str(), |(_, name)| name)).collect();
    let more = names.len().saturating_sub(4);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{} {noun}s: {}{rest}", names.len(), short.join(", "))
}
