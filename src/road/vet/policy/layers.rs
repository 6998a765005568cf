//! How the layers are joined: built in, then the person's own file, then the project's.
//!
//! Every rule of every layer speaks, and the strictest wins: so a layer can only make things stricter. The person's own file may
//! replace a built-in rule by one of the same id. The project's may not: it comes with what one checks out.

use super::{EVERY_CHANGE, Held, Rule};
use serde::Deserialize;
use std::sync::LazyLock;

/// The built-in rules.
pub(super) const BUILT_IN: &str = include_str!("../policy.toml");

/// One file's text.
#[derive(Debug, Clone)]
pub struct Layer {
    /// Whose it is.
    pub whose: Whose,
    /// Its path, for sentences.
    pub file: String,
    /// What stands in it, or why it could not be read.
    pub text: Result<String, String>,
}

/// Whose a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The person's own.
    User,
    /// The folder's they work in.
    Project,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    rule: Vec<toml::Spanned<Rule>>,
}

/// The rules of a text, each with its line.
///
/// # Errors
/// A sentence with the line.
pub(super) fn rules(text: &str) -> Result<Vec<(usize, Rule)>, String> {
    let line = |at: usize| text.get(..at).map_or(1, |before| before.matches('\n').count() + 1);
    match toml::from_str::<File>(text) {
        Ok(file) => Ok(file.rule.into_iter().map(|rule| (line(rule.span().start), rule.into_inner())).collect()),
        Err(e) => {
            let place = e.span().map_or_else(String::new, |span| format!("line {}: ", line(span.start)));
            Err(format!("{place}{}", e.message().trim().replace('\n', "; ")))
        }
    }
}

pub(super) fn joined(files: &[Layer]) -> Result<Vec<Held>, String> {
    static OURS: LazyLock<Result<Vec<(usize, Rule)>, String>> = LazyLock::new(|| rules(BUILT_IN));
    let ours = OURS.as_ref().map_err(|why| format!("the built-in policy: {why}"))?;
    let mut all: Vec<Held> = ours.iter().map(|(_, rule)| Held { rule: rule.clone(), file: None }).collect();
    for layer in files {
        let file = &layer.file;
        let text = layer.text.as_ref().map_err(|why| format!("{file}: {why}"))?;
        for (line, rule) in rules(text).map_err(|why| format!("{file}: {why}"))? {
            let here = format!("{file}: line {line}: rule {}", rule.id);
            match (all.iter_mut().find(|held| held.rule.id == rule.id), layer.whose) {
                (Some(_), _) if rule.id == EVERY_CHANGE => return Err(format!("{here} cannot be replaced: every change asks for a yes")),
                (Some(Held { file: Some(other), .. }), _) => return Err(format!("{here} is there already, in {other}")),
                (Some(_), Whose::Project) => {
                    return Err(format!("{here} is built in: only your own policy can replace it, give it another id"));
                }
                (Some(held), Whose::User) => *held = Held { rule, file: Some(file.clone()) },
                (None, Whose::User | Whose::Project) => all.push(Held { rule, file: Some(file.clone()) }),
            }
        }
    }
    Ok(all)
}
