//! What a playbook found: the cause first, then what it was seen by, then how to look for oneself.

use super::{Line, Role, wrap::wrapped};
use crate::experts::playbook::{Finding, Report, Severity};

/// All lines of a report.
pub fn report(report: &Report, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    for finding in &report.findings {
        lines.extend(told(finding, width));
    }
    if report.findings.is_empty() {
        let (text, role) = match report.healthy {
            Some(true) | Some(false) => (format!("✓ {}: nothing wrong found", report.title), Role::Good),
            None => (format!("? {}: nothing wrong found in what could be looked at", report.title), Role::Warn),
        };
        lines.extend(wrapped(&text, role, width, "", 2));
    }
    for fine in &report.fine {
        lines.extend(wrapped(fine, Role::Plain, width, "  ✓ ", 4));
    }
    for unchecked in &report.not_checked {
        lines.extend(wrapped(&format!("not checked: {unchecked}"), Role::Warn, width, "  ? ", 4));
    }
    lines
}

fn told(finding: &Finding, width: usize) -> Vec<Line> {
    let (mark, role) = match finding.severity {
        Severity::Error => ("▲ ", Role::Bad),
        Severity::Warning => ("▲ ", Role::Warn),
        Severity::Info => ("· ", Role::Plain),
    };
    let mut lines = wrapped(&finding.title, role, width, mark, 2);
    for evidence in &finding.evidence {
        lines.extend(wrapped(evidence, Role::Plain, width, "  ", 4));
    }
    for op in &finding.fix {
        lines.extend(wrapped(&op.line(), Role::Accent, width, "  fix      ", 11));
    }
    for line in &finding.by_hand {
        lines.extend(wrapped(line, Role::Dim, width, "  by hand  ", 11));
    }
    lines
}
