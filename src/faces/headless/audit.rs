//! `aiops audit`: what was found as text, JSON, Markdown, SARIF or JUnit's XML, and its exit code.

use super::{
    Headless, Paint,
    diagnose::{self, Asks, exit_code},
};
use crate::{
    experts::{
        audit::{self, Asked, Audit, Judge, Judged},
        diagnose::Finding,
    },
    faces::{
        args::{AuditArgs, Form},
        say::{self, Detail, Line, Role},
    },
    facts::snapshot::{Ref, Snapshot},
    ops::{ObjectRule, Op, expression::Expression},
    problem::{Problem, Sort},
    road::{
        RunId,
        vet::{Layer, object_rules},
    },
    terms::severity::Severity,
};
use jiff::Timestamp;
use std::{collections::BTreeMap, io::Write};

/// What runs pods: what a rule is asked of where nobody said which kinds.
const KINDS: &[&str] = &["deployments", "statefulsets", "daemonsets", "cronjobs", "jobs", "pods"];

/// The checks of one's own in these files. None may be called as a built-in one is.
///
/// # Errors
/// [`Problem`] with the file and the line.
pub(super) fn own_checks(files: &[Layer]) -> Result<Vec<ObjectRule>, Problem> {
    let usage = |why: String| Problem::new(Sort::Usage, why).hint("docs/policy.md tells of [[check]]");
    let own = object_rules(files).map_err(usage)?;
    let known = audit::rules();
    match own.iter().find(|rule| known.contains_key(rule.id())) {
        Some(rule) => Err(usage(format!("check {} of the policy is called as a built-in one is: give it another id", rule.id()))),
        None => Ok(own),
    }
}

/// The rules that are meant: those of `--rule`, else those of the policy's files.
///
/// # Errors
/// [`Problem`] where an expression or a file cannot be read, or `--check` names nothing.
pub fn judge(what: &AuditArgs, files: &[Layer], now: Timestamp) -> Result<Judge, Problem> {
    if what.rules.is_empty() {
        let own = own_checks(files)?;
        let known = audit::rules();
        let unknown = |id: &&String| !known.contains_key(id.as_str()) && !own.iter().any(|rule| rule.id() == id.as_str());
        if let Some(unknown) = what.checks.iter().find(unknown) {
            return Err(Asks::Audit.unknown(unknown));
        }
        let wanted = |rule: &ObjectRule| what.checks.is_empty() || what.checks.iter().any(|id| id == rule.id());
        return Ok(Judge::new(own.into_iter().filter(wanted).collect(), now));
    }
    let kinds: Vec<String> = if what.kinds.is_empty() { KINDS.iter().map(ToString::to_string).collect() } else { what.kinds.clone() };
    let mut rules = Vec::new();
    for (n, text) in what.rules.iter().enumerate() {
        let usage = |why: String| {
            Problem::new(Sort::Usage, format!("--rule: {why}")).hint("for example: --rule 'object.spec.replicas > 1' --kind deployments")
        };
        let expression: Expression = text.parse().map_err(usage)?;
        let id = if what.rules.len() == 1 { "rule".to_string() } else { format!("rule-{}", n + 1) };
        let message = "it violates the rule that was given".to_string();
        rules.push(ObjectRule::new(id, kinds.clone(), message, Severity::Warning, expression).map_err(usage)?);
    }
    Ok(Judge::new(rules, now))
}

/// Asks the checks that are meant.
pub fn audit(what: &AuditArgs, s: &Snapshot, judged: Judged, target: Option<&Ref>) -> Audit {
    audit::audit(s, Asked { target, checks: &what.checks, judged: Some(judged), only_judged: !what.rules.is_empty() })
}

/// An audit as JSON: as a diagnosis, with what is to be known beside it.
pub(super) fn document(found: &Audit) -> serde_json::Value {
    let mut document = diagnose::document(&found.found);
    document["notes"] = serde_json::json!(found.notes);
    document
}

/// What would mend the findings, and what is said before it is asked about. Where nobody named a namespace or an object, those of the cluster itself
/// (`kube-…`) stay as they are.
pub fn fixes(found: &Audit, named: bool) -> (Vec<Op>, Vec<Line>) {
    let left = |f: &&Finding| !named && f.subject.namespace.starts_with("kube-");
    let can: Vec<&Finding> = found.found.findings.iter().filter(|f| !f.fix.is_empty()).collect();
    let spared = can.iter().filter(|f| left(f)).count();
    let chosen: Vec<&Finding> = can.into_iter().filter(|f| !left(f)).collect();
    let ops = audit::fixes(chosen.iter().copied());
    let others = found.found.findings.len() - chosen.len() - spared;
    let mut lines = vec![match ops.len() {
        0 => Line::of(
            format!("nothing to mend: none of {} findings has a fix that could be proposed", found.found.findings.len()),
            Role::Warn,
        ),
        many => Line::plain(format!("{many} changes mend {} findings; {others} have no fix that could be proposed", chosen.len())),
    }];
    if spared > 0 {
        lines.push(Line::of(format!("{spared} findings in kube-* namespaces are left alone; name one with -n"), Role::Dim));
    }
    let metrics = chosen.iter().any(|f| ["cpu-request-missing", "memory-request-missing"].contains(&f.rule.id));
    if metrics {
        lines.push(Line::of(
            "requests are what was used at most when it was measured just now (metrics.k8s.io): look whether that is typical",
            Role::Warn,
        ));
    }
    (ops, lines)
}

impl<W: Write> Headless<W> {
    /// Rehearses what would mend findings, asks, and carries it out.
    pub async fn mend(&mut self, text: &str, ops: Vec<Op>) -> u8 {
        let run = RunId::new(self.world.id());
        let effects = self.session.begin_fixes(run, text.to_string(), ops, self.world.now());
        self.until_over(text, effects).await
    }
}

/// Prints an audit; the exit code says whether something is at least as bad as asked, or unknown.
pub fn audited<W: Write>(
    found: &Audit,
    what: &AuditArgs,
    places: &BTreeMap<Ref, Box<str>>,
    millis: u128,
    form: Form,
    width: u16,
    out: &mut Paint<W>,
) -> u8 {
    // Who names a check or an object wants to see all of it.
    let named = !what.checks.is_empty() || !what.rules.is_empty() || what.of.target.is_some();
    let detail = if named { Detail::All } else { Detail::Overview };
    match form {
        Form::Json => {
            let mut document = document(found);
            document["millis"] = serde_json::json!(u64::try_from(millis).unwrap_or(u64::MAX));
            out.json(&document.to_string());
        }
        Form::Markdown => out.raw(&say::audit_markdown(found)),
        Form::Sarif => out.json(&super::sarif::sarif(found, places).to_string()),
        Form::Junit => out.raw(&super::junit::junit(found, millis, what.of.fail_on)),
        Form::Text => out.lines(&say::audit(found, detail, usize::from(width))),
    }
    exit_code(&found.found, what.of.fail_on)
}
