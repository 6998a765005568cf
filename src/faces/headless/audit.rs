//! `aiops audit`: what was found as text, JSON or Markdown, and its exit code.

use super::{
    Paint,
    diagnose::{Asks, document, exit_code},
};
use crate::{
    experts::audit::{self, Asked, Audit},
    faces::{
        args::{AuditArgs, Form},
        say::{self, Detail},
    },
    facts::snapshot::{Ref, Snapshot},
    problem::Problem,
};
use std::io::Write;

/// Asks the checks that are meant.
///
/// # Errors
/// [`Problem`] where there is no check of that name.
pub fn audit(what: &AuditArgs, s: &Snapshot, target: Option<&Ref>) -> Result<Audit, Problem> {
    let known = audit::rules();
    if let Some(unknown) = what.checks.iter().find(|id| !known.contains_key(id.as_str())) {
        return Err(Asks::Audit.unknown(unknown));
    }
    Ok(audit::audit(s, &Asked { target, checks: &what.checks }))
}

/// Prints an audit; the exit code says whether something is at least as bad as asked, or unknown.
pub fn audited<W: Write>(found: &Audit, what: &AuditArgs, millis: u128, form: Form, width: u16, out: &mut Paint<W>) -> u8 {
    // Who names a check or an object wants to see all of it.
    let named = !what.checks.is_empty() || what.of.target.is_some();
    let detail = if named { Detail::All } else { Detail::Overview };
    match form {
        Form::Json => {
            let mut document = document(&found.found);
            document["millis"] = serde_json::json!(u64::try_from(millis).unwrap_or(u64::MAX));
            out.json(&document.to_string());
        }
        Form::Markdown => out.raw(&say::audit_markdown(found)),
        Form::Text => out.lines(&say::audit(found, detail, usize::from(width))),
    }
    exit_code(&found.found, what.of.fail_on)
}
