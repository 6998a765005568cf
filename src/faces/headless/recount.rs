//! `aiops diagnose --timeline`, `--changes` and `--depends`: an account as text, JSON or Markdown.

use super::Paint;
use crate::{
    faces::{args::Form, say},
    session::Recounted,
};
use serde_json::{Value, json};
use std::io::Write;

/// Prints an account.
pub fn recounted<W: Write>(told: &Recounted, form: Form, width: u16, out: &mut Paint<W>) -> u8 {
    let width = usize::from(width);
    match (form, told) {
        (Form::Json, _) => out.json(&document(told).to_string()),
        (Form::Markdown, Recounted::Timeline(told)) => out.raw(&say::timeline_markdown(told)),
        (Form::Markdown, Recounted::Dependencies(told)) => out.raw(&say::dependencies_markdown(told)),
        (Form::Text | Form::Sarif | Form::Junit, Recounted::Timeline(told)) => out.lines(&say::timeline(told, width)),
        (Form::Text | Form::Sarif | Form::Junit, Recounted::Dependencies(told)) => out.lines(&say::dependencies(told, width)),
    }
    0
}

/// An account as JSON.
pub(super) fn document(told: &Recounted) -> Value {
    match told {
        Recounted::Timeline(told) => json!({"timeline": told}),
        Recounted::Dependencies(told) => json!({"dependencies": told}),
    }
}
