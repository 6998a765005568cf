//! `aiops diagnose` and `aiops audit`: what was found as text, JSON or Markdown, and its exit code.

use super::Paint;
use crate::{
    experts::{
        audit,
        diagnose::{self, Diagnosis, Finding, Rule, Severity},
    },
    faces::{
        args::{FailOn, Form},
        say::{self, Line},
    },
    problem::{Problem, Sort},
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, io::Write};

/// Findings at or above `--fail-on`.
const FOUND: u8 = 6;

/// Prints a diagnosis; the exit code says whether something is at least as bad as asked, or unknown.
pub fn diagnosed<W: Write>(found: &Diagnosis, millis: u128, fail_on: Option<FailOn>, form: Form, width: u16, out: &mut Paint<W>) -> u8 {
    match form {
        Form::Json => {
            let mut document = document(found);
            document["millis"] = json!(u64::try_from(millis).unwrap_or(u64::MAX));
            out.json(&document.to_string());
        }
        Form::Markdown => out.raw(&say::markdown(found)),
        Form::Text | Form::Sarif | Form::Junit => out.lines(&say::diagnosis(found, usize::from(width))),
    }
    exit_code(found, fail_on)
}

/// 6 where something is at least as bad as asked, or unknown.
pub(super) fn exit_code(found: &Diagnosis, fail_on: Option<FailOn>) -> u8 {
    let Some(least) = fail_on.map(FailOn::severity) else { return 0 };
    // What is unknown is not fine.
    u8::from(found.healthy.is_none() || found.findings.iter().any(|f| f.severity >= least)) * FOUND
}

/// Prints what appeared and what went away between two looks: a line for what is gone, all of what is new; in JSON an object a line each. Nothing
/// where nothing moved; what is only worth knowing is left out. A cause is the same as long as rule and object are.
pub fn moved<W: Write>(before: &Diagnosis, after: &Diagnosis, at: jiff::Timestamp, form: Form, width: u16, out: &mut Paint<W>) {
    let same = |a: &Finding, b: &Finding| a.rule.id == b.rule.id && a.subject == b.subject;
    let only_in = |one: &Diagnosis, other: &Diagnosis| -> Vec<Finding> {
        let wrong = one.findings.iter().filter(|f| f.severity > Severity::Info);
        wrong.filter(|f| !other.findings.iter().any(|x| same(f, x))).cloned().collect()
    };
    let (gone, new) = (only_in(before, after), only_in(after, before));
    let clock = at.strftime("%H:%M:%S").to_string();
    for f in gone {
        match form {
            Form::Json => out.json(&json!({"at": at.to_string(), "gone": one(&f)}).to_string()),
            Form::Text | Form::Markdown | Form::Sarif | Form::Junit => {
                out.lines(&say::wrapped(&format!("{clock} gone: {}", f.title), say::Role::Good, usize::from(width), "✓ ", 2))
            }
        }
    }
    for f in new {
        match form {
            Form::Json => out.json(&json!({"at": at.to_string(), "appeared": one(&f)}).to_string()),
            Form::Text | Form::Markdown | Form::Sarif | Form::Junit => {
                out.lines(&[Line::of(format!("{clock} appeared:"), say::Role::Strong)]);
                out.lines(&say::finding(&f, usize::from(width)));
            }
        }
    }
}

/// A diagnosis as JSON.
pub(super) fn document(found: &Diagnosis) -> Value {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::from([("objects", found.objects), ("error", 0), ("warning", 0), ("info", 0)]);
    for f in &found.findings {
        let word = match f.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        };
        *counts.entry(word).or_default() += 1;
    }
    json!({
        "healthy": found.healthy, "findings": found.findings.iter().map(one).collect::<Vec<_>>(), "not_checked": found.not_checked,
        "counts": counts,
    })
}

fn one(f: &Finding) -> Value {
    json!({
        "rule": f.rule.id, "severity": f.severity, "confidence": f.confidence, "subject": f.subject, "title": f.title, "evidence": f.evidence,
        "explains": f.explains, "same_as": f.rule.same_as, "fix": f.fix, "by_hand": f.by_hand, "since": f.since.map(|t| t.to_string()),
        "changed": f.changed.iter().map(|m| json!({"time": m.at.to_string(), "object": m.object, "what": m.what})).collect::<Vec<_>>(),
    })
}

/// Which of the two is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// Why it is broken.
    Diagnosis,
    /// What should be better before it breaks.
    Audit,
}

impl Asks {
    fn rules(self) -> BTreeMap<&'static str, &'static Rule> {
        match self {
            Asks::Diagnosis => diagnose::rules(),
            Asks::Audit => audit::rules(),
        }
    }
    fn word(self) -> &'static str {
        match self {
            Asks::Diagnosis => "diagnose",
            Asks::Audit => "audit",
        }
    }
    /// There is no such rule, and which ones are called alike.
    pub(super) fn unknown(self, id: &str) -> Problem {
        let all = self.rules();
        let near = all.keys().filter(|k| k.contains(id) || id.contains(**k)).take(4).copied().collect::<Vec<_>>().join(", ");
        let hint =
            if near.is_empty() { format!("aiops {} --explain all lists them", self.word()) } else { format!("did you mean {near}?") };
        Problem::new(Sort::Usage, format!("there is no rule {id:?}")).hint(hint)
    }
}

/// Explains one rule, or lists all.
///
/// # Errors
/// [`Problem`] where there is no such rule.
pub fn explained<W: Write>(asks: Asks, id: &str, form: Form, width: u16, out: &mut Paint<W>) -> Result<u8, Problem> {
    let all = asks.rules();
    let chosen: Vec<&Rule> = match all.get(id) {
        Some(rule) => vec![rule],
        None if id == "all" => all.values().copied().collect(),
        None => return Err(asks.unknown(id)),
    };
    if form == Form::Json {
        let rows: Vec<Value> = chosen.iter().map(|r| json!({"rule": r.id, "meaning": r.meaning, "severity": r.severity, "confidence": r.confidence, "reads": r.reads, "example": r.example, "same_as": r.same_as})).collect();
        out.json(&json!(rows).to_string());
        return Ok(0);
    }
    let lines: Vec<Line> = chosen.into_iter().flat_map(|rule| say::rule(rule, usize::from(width))).collect();
    out.lines(&lines);
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        experts::diagnose,
        simulator::{Settings, scenario::Scenario},
    };

    /// What a scenario is found to have.
    async fn found(name: &str) -> Diagnosis {
        let simulator = crate::simulator::scenario::start(
            &[Scenario::find(name).unwrap()],
            Settings::still_at("2026-11-21T12:00:00Z".parse().unwrap()),
        )
        .unwrap();
        let identity = crate::doors::cluster::Identity {
            context: "demo".into(),
            server: "built-in".into(),
            user: "demo".into(),
            namespace: crate::ops::Namespace::new("default").unwrap(),
            cluster_uid: None,
        };
        let cluster = crate::doors::cluster::Cluster::over(simulator.router(), identity);
        let snapshot = crate::drive::diagnose::snapshot(&cluster, None, "2026-11-21T12:00:00Z".parse().unwrap()).await;
        diagnose::diagnose(&snapshot, None)
    }

    fn told(before: &Diagnosis, after: &Diagnosis, form: Form) -> String {
        let mut bytes = Vec::new();
        moved(before, after, "2026-11-21T12:00:05Z".parse().unwrap(), form, 100, &mut Paint::new(&mut bytes, false));
        String::from_utf8(bytes).unwrap()
    }

    #[tokio::test]
    async fn what_appears_and_what_goes_away_is_told_and_nothing_where_nothing_moved() {
        let (well, ill) = (found("todo-healthy").await, found("wrong-selector").await);
        assert_eq!(told(&ill, &ill, Form::Text), "");
        let title = &ill.findings[0].title;
        let appeared = told(&well, &ill, Form::Text);
        assert!(appeared.starts_with("12:00:05 appeared:\n▲ ") && appeared.contains("fix      kubectl set selector"), "{appeared}");
        let gone = told(&ill, &well, Form::Text).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(gone.starts_with(&format!("✓ 12:00:05 gone: {title}")), "{gone}");
        let json: Value = serde_json::from_str(told(&well, &ill, Form::Json).lines().next().unwrap()).unwrap();
        assert_eq!(json["appeared"]["rule"], ill.findings[0].rule.id);
    }
}
