//! How the layers are joined: built in, then the person's own file, then the project's.
//!
//! Every rule of every layer speaks, and the strictest wins: so a layer can only make things stricter. The person's own file may
//! replace a built-in rule by one of the same id. The project's may not: it comes with what one checks out.

use super::{EVERY_CHANGE, Held, Rule};
use crate::ops::ObjectRule;
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
    /// What has to hold of objects: an audit asks it, and no change is judged by it.
    #[serde(default)]
    check: Vec<toml::Spanned<ObjectRule>>,
}

fn read(text: &str) -> Result<File, String> {
    toml::from_str::<File>(text).map_err(|e| {
        let place = e.span().map_or_else(String::new, |span| format!("line {}: ", line(text, span.start)));
        format!("{place}{}", e.message().trim().replace('\n', "; "))
    })
}

fn line(text: &str, at: usize) -> usize {
    text.get(..at).map_or(1, |before| before.matches('\n').count() + 1)
}

/// The rules of a text, each with its line.
///
/// # Errors
/// A sentence with the line.
pub(super) fn rules(text: &str) -> Result<Vec<(usize, Rule)>, String> {
    Ok(read(text)?.rule.into_iter().map(|rule| (line(text, rule.span().start), rule.into_inner())).collect())
}

/// What an audit asks beside its own checks, of every file. Where two files have a check of one id, the first file's is taken: that is one's
/// own, and a project cannot replace it.
///
/// # Errors
/// A sentence with file and line: a file cannot be read, or has two checks of one id.
pub fn object_rules(files: &[Layer]) -> Result<Vec<ObjectRule>, String> {
    let mut all: Vec<ObjectRule> = Vec::new();
    for Layer { file, text, .. } in files {
        let text = text.as_ref().map_err(|why| format!("{file}: {why}"))?;
        let mut here: Vec<ObjectRule> = Vec::new();
        for spanned in read(text).map_err(|why| format!("{file}: {why}"))?.check {
            let at = line(text, spanned.span().start);
            let rule = spanned.into_inner();
            if here.iter().any(|known| known.id() == rule.id()) {
                return Err(format!("{file}: line {at}: check {} is there already", rule.id()));
            }
            here.push(rule);
        }
        here.retain(|rule| !all.iter().any(|known| known.id() == rule.id()));
        all.extend(here);
    }
    Ok(all)
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
