//! What an audit found: how many objects are affected by what, by check, the most serious first; notes in one block; then what is good.

use super::{
    Line, Role,
    diagnosis::{code, escape, severity},
    wrap::wrapped,
};
use crate::experts::{
    audit::{Audit, Group},
    diagnose::{Finding, Severity},
};

/// So many objects of a check are named where nobody asked for that check.
const NAMED: usize = 5;

/// How much is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Of each check the first objects, of notes how many there are.
    Overview,
    /// Every object with what it was seen by: a check or an object was named.
    All,
}

/// `1 object`, `3 objects`.
fn many(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

/// `3 errors, 12 warnings, 20 notes`.
fn counts(found: &Audit) -> String {
    let each = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "note")];
    let said = each.iter().map(|(severity, word)| (found.count(*severity), word)).filter(|(count, _)| *count > 0);
    said.map(|(count, word)| many(count, word)).collect::<Vec<_>>().join(", ")
}

/// What stands above everything.
fn headline(found: &Audit) -> (String, Role) {
    let objects = found.found.objects;
    match (objects, found.affected()) {
        (0, 0) => ("? there was nothing to look at".into(), Role::Warn),
        (_, 0) if found.found.not_checked.is_empty() => (format!("✓ nothing found in {}", many(objects, "object")), Role::Good),
        (_, 0) => (format!("? nothing found in {}, and not all could be looked at", many(objects, "object")), Role::Warn),
        (_, affected) => {
            let word = if affected == 1 { "is" } else { "are" };
            (format!("{affected} of {} {word} affected: {}", many(objects, "object"), counts(found)), Role::Strong)
        }
    }
}

/// What was asked and found nothing, in one sentence; empty where nothing was asked.
fn good(found: &Audit) -> String {
    let (asked, silent) = found.checks();
    if silent == 0 || found.found.objects == 0 {
        return String::new();
    }
    let areas = found.good();
    let about = if areas.is_empty() || areas.len() == found.areas.len() {
        String::new()
    } else {
        format!("; nothing at all on {}", areas.join(", "))
    };
    format!("{silent} of {} found nothing{about}", many(asked, "check"))
}

/// All lines of an audit.
pub fn audit(found: &Audit, detail: Detail, width: usize) -> Vec<Line> {
    let (text, role) = headline(found);
    let mut lines = wrapped(&text, role, width, "", 2);
    let (notes, serious): (Vec<Group<'_>>, Vec<Group<'_>>) =
        found.groups().into_iter().partition(|g| g.severity == Severity::Info && detail == Detail::Overview);
    for group in &serious {
        lines.push(Line::plain(""));
        lines.extend(grouped(group, detail, found.live, width));
    }
    if !notes.is_empty() {
        lines.push(Line::plain(""));
        let objects = notes.iter().flat_map(|g| &g.findings).map(|f| &f.subject).collect::<std::collections::BTreeSet<_>>().len();
        let said = format!("notes of {} on {}:", many(notes.len(), "check"), many(objects, "object"));
        lines.extend(wrapped(&said, Role::Plain, width, "· ", 2));
        let each = notes.iter().map(|g| format!("{} {}", g.rule.id, g.objects())).collect::<Vec<_>>().join(", ");
        lines.extend(wrapped(&each, Role::Plain, width, "  ", 2));
    }
    if !found.found.findings.is_empty() && detail == Detail::Overview {
        lines.push(Line::plain(""));
        lines.extend(wrapped("aiops audit --check ID shows all that a check found", Role::Dim, width, "  ", 2));
        let mendable = found.found.findings.iter().filter(|f| !f.fix.is_empty()).count();
        if found.live && mendable > 0 {
            let said = format!("aiops audit --fix proposes changes for {}", many(mendable, "finding"));
            lines.extend(wrapped(&said, Role::Dim, width, "  ", 2));
        }
    }
    let good = good(found);
    if !good.is_empty() {
        lines.extend(wrapped(&good, Role::Good, width, "✓ ", 2));
    }
    for note in &found.notes {
        lines.extend(wrapped(note, Role::Dim, width, "· ", 2));
    }
    for unchecked in &found.found.not_checked {
        lines.extend(wrapped(&format!("not checked: {unchecked}"), Role::Warn, width, "? ", 2));
    }
    lines
}

/// A finding's sentence, with where its object is.
fn sentence(finding: &Finding) -> String {
    if finding.subject.namespace.is_empty() {
        finding.title.clone()
    } else {
        format!("{} (in {})", finding.title, finding.subject.namespace)
    }
}

fn grouped(group: &Group<'_>, detail: Detail, live: bool, width: usize) -> Vec<Line> {
    let (mark, role) = match group.severity {
        Severity::Error => ("▲ ", Role::Bad),
        Severity::Warning => ("▲ ", Role::Warn),
        Severity::Info => ("· ", Role::Plain),
    };
    let head = format!("{}, {}: {}", many(group.objects(), "object"), severity(group.severity), group.rule.id);
    let mut lines = wrapped(&head, role, width, mark, 2);
    lines.extend(wrapped(group.rule.meaning, Role::Dim, width, "  ", 2));
    let shown = if detail == Detail::All { group.findings.len() } else { NAMED };
    for finding in group.findings.iter().take(shown) {
        lines.extend(wrapped(&sentence(finding), Role::Plain, width, "    ", 6));
        let seen = finding.evidence.iter().filter(|_| detail == Detail::All);
        lines.extend(seen.flat_map(|line| wrapped(line, Role::Dim, width, "      ", 8)));
    }
    let mendable = group.findings.iter().filter(|f| !f.fix.is_empty()).count();
    if live && mendable > 0 {
        let of = if mendable == group.findings.len() { String::new() } else { format!(" (mends {mendable} of {})", group.findings.len()) };
        lines.extend(wrapped(&format!("aiops audit --fix --check {}{of}", group.rule.id), Role::Accent, width, "    fix  ", 9));
    }
    if group.findings.len() > shown {
        lines.push(Line::of(format!("    and {} more", group.findings.len() - shown), Role::Dim));
    }
    lines
}

/// The same as Markdown. What came from the cluster stands in code spans or is escaped, so that it stays text.
pub fn audit_markdown(found: &Audit) -> String {
    let (headline, _) = headline(found);
    let mut text = format!("# Audit\n\n{}.\n", escape(headline.trim_start_matches(['✓', '?', ' '])));
    let groups = found.groups();
    if !groups.is_empty() {
        text.push_str("\n| objects | severity | check | meaning |\n|---|---|---|---|\n");
        for g in &groups {
            text.push_str(&format!("| {} | {} | `{}` | {} |\n", g.objects(), severity(g.severity), g.rule.id, escape(g.rule.meaning)));
        }
    }
    for group in &groups {
        text.push_str(&format!("\n## {}: {}\n\n", severity(group.severity), code(group.rule.id)));
        for finding in &group.findings {
            text.push_str(&format!("- {}\n", escape(&sentence(finding))));
            finding.fix.iter().for_each(|op| text.push_str(&format!("  - fix: {}\n", code(&op.line()))));
            finding.evidence.iter().for_each(|line| text.push_str(&format!("  - {}\n", code(line))));
        }
    }
    let good = good(found);
    if !good.is_empty() {
        text.push_str(&format!("\n## Good\n\n{}.\n", escape(&good)));
    }
    found.notes.iter().for_each(|note| text.push_str(&format!("\n{}.\n", escape(note))));
    if !found.found.not_checked.is_empty() {
        text.push_str("\n## Not checked\n\n");
        found.found.not_checked.iter().for_each(|n| text.push_str(&format!("- {}\n", escape(n))));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        experts::audit::{self, Asked},
        facts::snapshot::Documents,
    };
    use serde_json::json;

    fn found(names: &[&str], checks: &[&str]) -> Audit {
        let mut all = Documents::new("2026-06-01T00:00:00Z".parse().unwrap());
        for name in names {
            let spec =
                json!({"hostPID": true, "containers": [{"name": "app", "image": "r.io/a:1", "securityContext": {"privileged": true}}]});
            all.take("test", json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "shop"}, "spec": spec}));
        }
        let checks: Vec<String> = checks.iter().map(ToString::to_string).collect();
        audit::audit(&all.finish(), Asked { checks: &checks, ..Asked::default() })
    }

    fn text(found: &Audit, detail: Detail) -> String {
        audit(found, detail, 100).iter().map(|line| line.text() + "\n").collect()
    }

    #[test]
    fn it_leads_with_how_many_are_affected_and_groups_by_check() {
        let names: Vec<String> = (0..7).map(|n| format!("web-{n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let told = text(&found(&names, &[]), Detail::Overview);
        assert!(told.starts_with("7 of 7 objects are affected: "), "{told}");
        assert!(told.contains("▲ 7 objects, error: host-pid\n"), "{told}");
        assert!(told.contains("    pod web-0 sees its node's processes (in shop)\n") || told.contains("    pod web-0 "), "{told}");
        assert!(told.contains("    and 2 more\n"), "{told}");
        let (serious, notes) = (told.find("host-pid").unwrap(), told.find("· notes of ").unwrap());
        let warning = told.find(", warning: ").unwrap();
        assert!(serious < warning && warning < notes, "{told}");
        assert!(told.contains("checks found nothing; nothing at all on "), "{told}");
        assert!(!told.to_lowercase().contains("cause") && !told.to_lowercase().contains("diagnosis"), "{told}");
        let whole = text(&found(&names, &["host-pid"]), Detail::All);
        assert!(!whole.contains("more") && whole.contains("web-6") && whole.contains("hostPID"), "{whole}");
    }

    #[test]
    fn nothing_is_called_good_where_nothing_was_looked_at() {
        let told = text(&found(&[], &[]), Detail::Overview);
        assert!(told.starts_with("? there was nothing to look at") && !told.contains('✓'), "{told}");
    }

    #[test]
    fn markdown_is_its_own_and_stays_text() {
        let mut found = found(&["web"], &["host-pid", "host-ipc"]);
        found.found.not_checked.push("a|b: [x](http://evil)".into());
        let told = audit_markdown(&found);
        assert!(told.starts_with("# Audit\n\n1 of 1 object is affected: 1 error.\n"), "{told}");
        assert!(told.contains("| 1 | error | `host-pid` |") && told.contains("## Not checked") && told.contains("## Good"), "{told}");
        assert!(told.contains(r"\[x\]") && !told.contains("Diagnosis"), "{told}");
    }
}
