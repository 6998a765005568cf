//! `aiops config policy`: whether the policy can be read and does what its examples say; what it says of one line.

use super::Paint;
use crate::{
    faces::{
        args::{Form, PolicyCommand, Proposer},
        say::{Line, Role},
    },
    ops::{Namespace, Op},
    problem::{Problem, Sort},
    road::{
        plan::Source,
        vet::{Checked, Explained, Layer, Policy, Whose, check, explain},
    },
};
use jiff::Timestamp;
use std::{io::Write, path::Path};

/// What the commands are asked about.
pub struct Asked<'a> {
    /// The policy in force.
    pub policy: &'a Policy,
    /// The files it is made of, beside the built-in rules.
    pub files: &'a [Layer],
    /// Where one stands.
    pub namespace: Namespace,
    /// The kubeconfig's context, where there is one.
    pub context: Option<String>,
    /// The time now.
    pub now: Timestamp,
}

/// Carries one of the commands out.
///
/// # Errors
/// [`Problem`] where a file cannot be read, or the line is none.
pub fn policy<W: Write>(what: &PolicyCommand, asked: &Asked<'_>, form: Form, out: &mut Paint<W>) -> Result<u8, Problem> {
    match what {
        PolicyCommand::Check { file: None } => checked(asked.files, form, out),
        PolicyCommand::Check { file: Some(file) } => checked(&[one(file)], form, out),
        PolicyCommand::Explain { line, by } => explained(&line.join(" "), *by, asked, form, out),
    }
}

fn one(file: &Path) -> Layer {
    let text = std::fs::read_to_string(file).map_err(|e| e.to_string());
    Layer { whose: Whose::Project, file: file.display().to_string(), text }
}

fn checked<W: Write>(files: &[Layer], form: Form, out: &mut Paint<W>) -> Result<u8, Problem> {
    let all = check(files).map_err(|why| {
        Problem::new(Sort::Usage, why).hint("while a policy cannot be read, nothing may be changed; docs/policy.md has every field")
    })?;
    let own = super::audit::own_checks(files)?;
    let code = u8::from(all.iter().any(|rule| !rule.wrong.is_empty()));
    if form == Form::Json {
        out.raw(&format!("{}\n", serde_json::json!(all)));
        return Ok(code);
    }
    for rule in &all {
        let name = format!("rule {} of {}", rule.id, rule.file.as_deref().unwrap_or("the built-in policy"));
        out.lines(&rule.wrong.iter().map(|why| Line::of(format!("✗ {name}: {why}"), Role::Bad)).collect::<Vec<_>>());
        if rule.examples == 0 {
            out.lines(&[Line::of(format!("? {name} has no example: matches = [\"kubectl …\"]"), Role::Warn)]);
        }
    }
    let of = |file: Option<&str>| all.iter().filter(|rule| rule.file.as_deref() == file).collect::<Vec<&Checked>>();
    let said = |name: &str, rules: &[&Checked]| {
        let examples: usize = rules.iter().map(|rule| rule.examples).sum();
        Line::plain(format!("  {name}: {} rules, {examples} examples", rules.len()))
    };
    out.lines(&[said("built in", &of(None))]);
    out.lines(&files.iter().map(|layer| said(&layer.file, &of(Some(&layer.file)))).collect::<Vec<_>>());
    if !own.is_empty() {
        let ids = own.iter().map(|check| check.id()).collect::<Vec<_>>().join(", ");
        out.lines(&[Line::plain(format!(
            "  {} of your own for an audit: {ids}",
            if own.len() == 1 { "1 check".into() } else { format!("{} checks", own.len()) }
        ))]);
    }
    if code == 0 {
        out.lines(&[Line::of("✓ the policy can be read, and every example is met", Role::Good)]);
    }
    Ok(code)
}

fn explained<W: Write>(line: &str, by: Proposer, asked: &Asked<'_>, form: Form, out: &mut Paint<W>) -> Result<u8, Problem> {
    let mut op = Op::from_line(line).map_err(|e| Problem::new(Sort::Usage, e.to_string()).hint("for example: \"kubectl delete ns x\""))?;
    op.verb_mut().place(&asked.namespace);
    let source = match by {
        Proposer::Person => Source::Line,
        Proposer::Model => Source::Model { asked_to_look: false },
        Proposer::Playbook => Source::Playbook { name: "any".into() },
        Proposer::Diagnosis => Source::Diagnosis { rules: vec!["any".into()] },
    };
    let told = explain(asked.policy, &op, &source, asked.now);
    if form == Form::Json {
        out.raw(&format!("{}\n", serde_json::json!(told)));
        return Ok(0);
    }
    let Explained { line, verdict, reasons, waiting } = told;
    let place = asked.context.as_ref().map_or_else(|| "no context is known".to_string(), |context| format!("context {context}"));
    out.lines(&[Line::of(line, Role::Strong), Line::of(format!("  {} · {place}", verdict.word()), Role::Accent)]);
    for (n, reason) in reasons.iter().enumerate() {
        let (mark, role) = if n == 0 { ("decides", Role::Warn) } else { ("speaks", Role::Plain) };
        out.lines(&[Line::of(format!("  {mark:<8} {:<14} {}", reason.verdict.word(), reason.said()), role)]);
    }
    if reasons.is_empty() {
        out.lines(&[Line::of("  no rule speaks of it", Role::Dim)]);
    }
    if !waiting.is_empty() {
        out.lines(&[Line::of(format!("  the dry run may raise it by: {}", waiting.join(", ")), Role::Dim)]);
    }
    Ok(0)
}
