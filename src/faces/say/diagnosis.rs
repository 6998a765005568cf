//! What a diagnosis found: the cause first, then what it was seen by, what would mend it, what it explains.

use super::{
    Line, Role,
    timeline::occurrence,
    wrap::{command, wrapped},
};
use crate::{
    experts::diagnose::{Diagnosis, Finding, Rule, Severity},
    facts::snapshot::Ref,
    session::Mended,
};
use crate::{experts::timeline::Moment, terms::age};
use std::collections::BTreeSet;

/// So many of what a finding explains are named.
const NAMED: usize = 6;

/// All lines of a diagnosis.
pub fn diagnosis(found: &Diagnosis, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    // As "fix 2" counts them: what is only worth knowing has no number.
    let several = found.findings.iter().filter(|f| f.proposes()).count() > 1;
    let mut count = 0;
    let all: BTreeSet<&str> = found.findings.iter().flat_map(namespaces).collect();
    for finding in &found.findings {
        count += usize::from(finding.proposes());
        let within = if all.len() > 1 { namespaces(finding) } else { BTreeSet::new() };
        lines.extend(told(finding, &within, (several && finding.proposes()).then_some(count), width));
    }
    let objects = found.objects;
    let wrong = found.findings.iter().filter(|f| f.severity > Severity::Info).count();
    let (text, role) = match (found.healthy, wrong) {
        (Some(true), _) => (format!("✓ nothing wrong found in {objects} objects"), Role::Good),
        (Some(false), n) => (format!("{n} {} in {objects} objects", if n == 1 { "cause" } else { "causes" }), Role::Strong),
        (None, _) if objects == 0 => ("? there was nothing to look at".to_string(), Role::Warn),
        (None, _) => (format!("? nothing wrong found in {objects} objects, and not all could be looked at"), Role::Warn),
    };
    lines.extend(wrapped(&text, role, width, "", 2));
    for unchecked in &found.not_checked {
        lines.extend(wrapped(&format!("not checked: {unchecked}"), Role::Warn, width, "  ? ", 4));
    }
    lines
}

/// All lines of one finding.
pub fn finding(finding: &Finding, width: usize) -> Vec<Line> {
    told(finding, &BTreeSet::new(), None, width)
}

/// The namespaces of what it is about; names alone say nothing where two of them hold an object called so.
fn namespaces(finding: &Finding) -> BTreeSet<&str> {
    let refs = std::iter::once(&finding.subject).chain(finding.explains.iter().filter(|r| r.kind == finding.subject.kind));
    refs.map(|r| &*r.namespace).filter(|namespace| !namespace.is_empty()).collect()
}

fn told(finding: &Finding, within: &BTreeSet<&str>, nth: Option<usize>, width: usize) -> Vec<Line> {
    let (mark, role) = match finding.severity {
        Severity::Error => ("▲ ", Role::Bad),
        Severity::Warning => ("▲ ", Role::Warn),
        Severity::Info => ("· ", Role::Plain),
    };
    let mut lines = wrapped(&finding.title, role, width, mark, 2);
    if !within.is_empty() {
        let (word, names) =
            (if within.len() == 1 { "namespace" } else { "namespaces" }, within.iter().copied().collect::<Vec<_>>().join(", "));
        lines.extend(wrapped(&format!("in {word} {names}"), Role::Plain, width, "  ", 4));
    }
    for evidence in &finding.evidence {
        lines.extend(wrapped(evidence, Role::Plain, width, "  ", 4));
    }
    for moment in &finding.changed {
        lines.extend(wrapped(&changed(moment, finding), Role::Plain, width, "  changed  ", 11));
    }
    if !finding.explains.is_empty() {
        lines.extend(wrapped(&format!("explains {}", explained(&finding.explains)), Role::Plain, width, "  ", 4));
    }
    for op in &finding.fix {
        let mark = nth.map_or_else(|| "  fix      ".to_string(), |n| format!("  {:<9}", format!("fix {n}")));
        lines.extend(command(&op.line(), Role::Accent, width, &mark, 11));
    }
    for line in &finding.by_hand {
        lines.extend(command(line, Role::Dim, width, "  by hand  ", 11));
    }
    lines
}

/// `12 min before: Deployment web was rolled out (revision 7): image web:1.4 → web:1.5`: a fact, no claim that it is the cause.
fn changed(m: &Moment, finding: &Finding) -> String {
    let seconds = finding.since.map_or(0, |since| since.as_second().saturating_sub(m.at.as_second()));
    let when = if seconds < 10 { "as it began".to_string() } else { format!("{} before", age::human(seconds)) };
    format!("{when}: {}", occurrence(m))
}

/// Whether a diagnosis proposes something to be done.
pub fn proposes(found: &Diagnosis) -> bool {
    found.findings.iter().any(Finding::proposes)
}

/// Whether what was mended is gone, and what is left.
pub fn mended(looked: &Mended, width: usize) -> Vec<Line> {
    let one = |(title, gone): &(String, bool)| match gone {
        true => wrapped(&format!("gone: {title}"), Role::Good, width, "✓ ", 2),
        false => wrapped(&format!("still there: {title}"), Role::Bad, width, "▲ ", 2),
    };
    let mut lines: Vec<Line> = looked.causes.iter().flat_map(one).collect();
    for title in &looked.left {
        lines.extend(wrapped(&format!("besides: {title}"), Role::Warn, width, "▲ ", 2));
    }
    lines
}

fn explained(all: &[Ref]) -> String {
    let shown = all.iter().take(NAMED).map(Ref::told).collect::<Vec<_>>().join(", ");
    if all.len() > NAMED { format!("{shown} and {} more", all.len() - NAMED) } else { shown }
}

/// The same as Markdown. What came from the cluster stands in code spans or is escaped, so that it stays text.
pub fn markdown(found: &Diagnosis) -> String {
    let mut text = String::from("# Diagnosis\n");
    let verdict = match found.healthy {
        Some(true) => "Nothing wrong was found.",
        Some(false) => "Something is wrong.",
        None => "Nothing wrong was found in what could be looked at; not all could be.",
    };
    text.push_str(&format!("\n{verdict} {} objects were looked at.\n", found.objects));
    for f in &found.findings {
        text.push_str(&format!("\n## {}\n\n`{}`, {}\n", escape(&f.title), f.rule.id, severity(f.severity)));
        let mut part = |title: &str, all: Vec<String>| {
            if !all.is_empty() {
                text.push_str(&format!("\n{title}:\n\n"));
                all.iter().for_each(|line| text.push_str(&format!("- {line}\n")));
            }
        };
        part("Seen by", f.evidence.iter().map(|e| code(e)).collect());
        part("Changed before it began", f.changed.iter().map(|m| code(&changed(m, f))).collect());
        part("Explains", f.explains.iter().map(|r| code(&r.told())).collect());
        part("Fix", f.fix.iter().map(|op| code(&op.line())).collect());
        part("By hand", f.by_hand.iter().map(|l| code(l)).collect());
    }
    if !found.not_checked.is_empty() {
        text.push_str("\n## Not checked\n\n");
        found.not_checked.iter().for_each(|n| text.push_str(&format!("- {}\n", escape(n))));
    }
    text
}

pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

pub(super) fn code(text: &str) -> String {
    format!("`{}`", clean(text).replace('`', "'"))
}

pub(super) fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in clean(text).chars() {
        if "\\`*_[]<>#|".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// One rule, explained.
pub fn rule(rule: &Rule, width: usize) -> Vec<Line> {
    let mut lines = vec![Line::of(rule.id, Role::Strong)];
    lines.extend(wrapped(rule.meaning, Role::Plain, width, "  ", 2));
    lines.extend(wrapped(&format!("{}, right in {} of 100", severity(rule.severity), rule.confidence), Role::Plain, width, "  ", 2));
    lines.extend(wrapped(&format!("reads {}", rule.reads.join(", ")), Role::Plain, width, "  ", 2));
    lines.extend(wrapped(&format!("for example: {}", rule.example), Role::Dim, width, "  ", 2));
    if !rule.same_as.is_empty() {
        lines.extend(wrapped(&format!("same as {}", rule.same_as.join(", ")), Role::Dim, width, "  ", 2));
    }
    lines
}
