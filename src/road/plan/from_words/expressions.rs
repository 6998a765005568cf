//! Where an expression stands in a text: in backticks, or plainly behind "where". It is taken out whole before the text becomes words: its
//! signs are its own.

use super::parts::{Part, off};
use crate::ops::find::Expression;
use std::{borrow::Cow, ops::Range};

/// What an expression stands behind in plain words.
const LEADS: &[&str] = &["where", "whose", "for which", "such that", "matching"];
/// How many words too many are tried behind one: "where spec.replicas < 2 in the namespace dev".
const TRIES: usize = 24;
/// What only an expression has.
const SIGNS: &[char] = &['<', '>', '=', '!', '(', '&', '|', '?'];

/// The first expression of a text: where it stands, and as it is kept.
pub fn first(text: &str) -> Option<(Range<usize>, Expression)> {
    if off(Part::Expressions) {
        return None;
    }
    let quoted = in_backticks(text);
    let end = quoted.as_ref().map_or(text.len(), |(range, _)| range.start);
    plain(&text[..end]).or(quoted)
}

/// The text without its expressions: what is left is said in words.
pub fn left_out(text: &str) -> Cow<'_, str> {
    match first(text) {
        None => Cow::Borrowed(text),
        Some((at, _)) => Cow::Owned(format!("{} {}", &text[..at.start], left_out(&text[at.end..]))),
    }
}

fn in_backticks(text: &str) -> Option<(Range<usize>, Expression)> {
    let mut from = 0;
    while let Some(open) = text[from..].find('`').map(|n| from + n) {
        let close = open + 1 + text[open + 1..].find('`')?;
        match text[open..=close].parse::<Expression>() {
            Ok(expression) if expression.compares() => return Some((open..close + 1, expression)),
            Ok(_) | Err(_) => from = close,
        }
    }
    None
}

/// The longest that can be read behind a word that leads to one.
fn plain(text: &str) -> Option<(Range<usize>, Expression)> {
    let low = text.to_ascii_lowercase();
    let begins = |at: usize| at == 0 || low[..at].ends_with(char::is_whitespace);
    let starts = LEADS.iter().flat_map(|lead| low.match_indices(lead).map(move |(at, _)| (at, at + lead.len())));
    let mut starts: Vec<usize> =
        starts.filter(|(at, end)| begins(*at) && low[*end..].starts_with(char::is_whitespace)).map(|(_, end)| end).collect();
    starts.sort_unstable();
    starts.into_iter().take(3).find_map(|end| {
        let start = end + text[end..].len() - text[end..].trim_start().len();
        if text[start..].starts_with('`') || !Expression::is_meant(&text[start..]) {
            return None;
        }
        let ends = text[start..].char_indices().filter(|(_, c)| c.is_whitespace()).map(|(n, _)| start + n).chain([text.len()]);
        let ends: Vec<usize> = ends.collect();
        ends.iter().rev().take(TRIES).find_map(|end| {
            let part = text[start..*end].trim_end_matches(|c: char| c.is_whitespace() || ".,;?!".contains(c));
            let signs = part.contains(SIGNS) || part.contains(" in ");
            let expression = part.parse::<Expression>().ok().filter(|expression| signs && expression.compares())?;
            Some((start..start + part.len(), expression))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(text: &str) -> Option<(String, String)> {
        first(text).map(|(at, expression)| (expression.to_string(), format!("{}|{}", &text[..at.start], &text[at.end..])))
    }

    #[test]
    fn where_it_begins_and_ends() {
        for (text, expression, rest) in [
            (
                "pods where spec.containers.exists(c, !has(c.resources.limits))",
                "spec.containers.exists(c, !has(c.resources.limits))",
                "pods where |",
            ),
            ("deployments where `spec.replicas < 2` in prod", "spec.replicas < 2", "deployments where | in prod"),
            ("deployments where spec.replicas < 2 in prod", "spec.replicas < 2", "deployments where | in prod"),
            ("deployments where spec.replicas < 2, please?", "spec.replicas < 2", "deployments where |, please?"),
            ("pods where 'a' in metadata.finalizers", "\"a\" in metadata.finalizers", "pods where |"),
            (
                "pods whose metadata.name.startsWith('a') || status.phase != 'Running'.",
                "metadata.name.startsWith(\"a\") || status.phase != \"Running\"",
                "pods whose |.",
            ),
        ] {
            assert_eq!(found(text), Some((expression.to_string(), rest.to_string())), "{text}");
        }
        for text in [
            "show me where web runs",
            "pods where app=web",
            "pods where environment is production and tier = front",
            "run `ls -l` in pod web",
            "pods where type == LoadBalancer",
            "deployments where `replicas < 2`",
            "deployments where spec.replicas",
            "kubectl get pods | grep where",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in any::<String>(), behind in "[a-z.()<>!&|` '\"=]{0,40}") {
            let _ = first(&text);
            let _ = left_out(&format!("pods where spec.{behind}"));
        }
    }
}
