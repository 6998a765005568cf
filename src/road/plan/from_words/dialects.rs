//! Words that other tools taught people's fingers: `:pods` and `:ns dev` of k9s; and where one wants to stand from here on, in words.

use super::tag::{Is, Token};
use super::{
    Scope,
    lexicon::Sense,
    normalise::Word,
    parts::{Part, off},
};
use crate::{
    ops::{Get, Kind, Namespace, Op, Program},
    road::plan::{Aside, Plan, Reading, Refusal, Source},
};

/// What a word behind a colon asks for; `None` where the text is none, or the word means nothing here.
pub fn colon(text: &str, scope: &Scope) -> Option<Reading> {
    let mut words = text.trim().strip_prefix(':')?.split_whitespace();
    let (word, place) = (words.next()?.to_lowercase(), words.next());
    if words.next().is_some() {
        return None;
    }
    let op: Op = match word.as_str() {
        "ctx" | "context" | "contexts" => Op::from_words(Program::Kubectl, &["config".into(), "get-contexts".into()]).ok()?,
        word => {
            let kind = Kind::find(word)?;
            let place = match place {
                Some("all") => None,
                Some(name) => Some(Namespace::new(name).ok()?),
                None => None,
            };
            if let (true, Some(namespace)) = (kind.is("namespaces", ""), place.clone()) {
                return Some(Reading::Aside(Aside::Here(namespace)));
            }
            let everywhere = kind.namespaced() && text.trim().ends_with(" all");
            Get { namespace: place, all_namespaces: everywhere, ..Get::all(kind) }.into()
        }
    };
    Plan::new(text, Source::Words, vec![op], Vec::new(), scope).map(Reading::Plan)
}

/// The verbs that say where one wants to stand.
const STANDS: &[&str] = &["use", "switch", "change", "go", "work", "set", "move", "make", "hop", "jump"];

/// Whether words may say so: it begins with such a verb.
pub fn may_stand(words: &[Word]) -> bool {
    words.first().is_some_and(|word| STANDS.iter().any(|verb| word.low.starts_with(verb)))
}

/// "use namespace dev", "switch to the dev namespace": where one stands from here on.
pub fn stands(tokens: &[Token]) -> Option<Namespace> {
    let first = tokens.first().filter(|_| !off(Part::Dialects))?.said.to_lowercase();
    if !STANDS.contains(&first.as_str()) {
        return None;
    }
    // "make namespace dev" makes one.
    if first == "make" && !tokens.iter().any(|t| t.said.eq_ignore_ascii_case("default")) {
        return None;
    }
    let mut name = None;
    let mut kinds = 0;
    for token in &tokens[1..] {
        match &token.is {
            Is::Kind(kind, false) if kind.is("namespaces", "") => kinds += 1,
            // "make dev my default namespace"
            Is::Word if ["default", "over"].contains(&token.said.to_lowercase().as_str()) => {}
            Is::Word | Is::Quoted if name.is_none() => name = Some(token.said.as_str()),
            // Whose namespace it is: an object's is not one's own.
            Is::Sense(Sense::Det) if ["a", "an", "its", "their"].contains(&token.said.to_lowercase().as_str()) => return None,
            Is::Sense(Sense::To | Sense::In | Sense::On | Sense::Det | Sense::Filler | Sense::Named) => {}
            _ => return None,
        }
    }
    if kinds == 1 { Namespace::new(name?).ok() } else { None }
}

/// "switch to context staging", "use the prod context": which one, where a request says nothing else. A program that runs stays
/// where it was started.
pub fn another_context(tokens: &[Token]) -> Option<Refusal> {
    let low = |token: &Token| token.said.to_lowercase();
    let verb = ["use", "switch", "change", "set", "go", "work", "make", "hop", "jump"];
    if !tokens.first().is_some_and(|t| verb.contains(&low(t).as_str())) || !tokens.iter().any(|t| low(t) == "context") {
        return None;
    }
    let mut name = None;
    for token in &tokens[1..] {
        match &token.is {
            Is::Word | Is::Quoted if ["context", "default", "current", "over"].contains(&low(token).as_str()) => {}
            Is::Word | Is::Quoted if name.is_none() => name = Some(token.said.to_string()),
            Is::Sense(Sense::To | Sense::In | Sense::On | Sense::Det | Sense::Filler | Sense::Named | Sense::As | Sense::Cluster) => {}
            _ => return None,
        }
    }
    let name = name?;
    Some(Refusal {
        reason: "context, server and user are fixed when aiops starts, and shown with every question".into(),
        instead: format!("start it there: aiops --context {name}"),
    })
}

#[cfg(test)]
mod tests {
    use super::{
        super::{normalise::normalise, tag::tag},
        *,
    };

    #[test]
    fn another_context_is_another_start() {
        for text in ["use context dev", "switch to the dev context", "set the default context to dev", "Change context to dev"] {
            let refusal = another_context(&tag(&normalise(text))).unwrap_or_else(|| panic!("{text}"));
            assert!(refusal.instead.ends_with("--context dev"), "{text}: {}", refusal.instead);
        }
        for text in ["use the security context of web", "show the current context", "switch to namespace dev", "set context"] {
            assert!(another_context(&tag(&normalise(text))).is_none(), "{text}");
        }
    }

    #[test]
    fn where_one_stands_is_said_in_many_ways() {
        for text in [
            "use namespace dev",
            "switch to namespace dev",
            "switch to the dev namespace",
            "change namespace to dev",
            "work in namespace dev",
        ] {
            assert_eq!(stands(&tag(&normalise(text))).map(|ns| ns.to_string()).as_deref(), Some("dev"), "{text}");
        }
        for text in ["use image web:2", "switch web to namespace dev", "change its namespace to dev", "set namespace", "use namespaces dev"]
        {
            assert_eq!(stands(&tag(&normalise(text))), None, "{text}");
        }
    }
}
