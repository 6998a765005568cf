//! Where the reading of a step is, and what stands there: a name, a number, a kind, a word in quotes.

use super::super::{
    lexicon::{Act, Sense as S},
    slots::Slots,
    tag::{Is, Token},
};
use crate::ops::Kind;

pub(super) struct Reader<'a> {
    pub(super) tokens: &'a [Token],
    pub(super) at: usize,
    /// The preposition that waits for its object.
    pub(super) prep: Option<S>,
    /// Where the last bare name ended: another right behind it belongs to nothing.
    pub(super) name_ended: Option<usize>,
    /// The role and the resource whose amount is still to come: "the memory limit of web to 512Mi".
    pub(super) amount_of: Option<(&'static str, &'static str)>,
    pub(super) out: Slots,
}

impl<'a> Reader<'a> {
    pub(super) fn of(tokens: &'a [Token]) -> Reader<'a> {
        Reader { tokens, at: 0, prep: None, name_ended: None, amount_of: None, out: Slots::default() }
    }
    pub(super) fn is(&self, at: usize) -> Option<&Is> {
        self.tokens.get(at).map(|t| &t.is)
    }
    pub(super) fn means(&self, at: usize, sense: S) -> bool {
        self.tokens.get(at).is_some_and(|t| t.means(sense))
    }
    pub(super) fn name(&self, at: usize) -> Option<String> {
        self.tokens.get(at).filter(|t| t.nameable() && !t.said.contains(' ')).map(|t| t.said.to_string())
    }
    /// One word that may be a name or a value, whatever it means elsewhere: "the label status".
    pub(super) fn any_word(&self, at: usize) -> Option<String> {
        let token = self.tokens.get(at)?;
        let content = matches!(
            token.is,
            Is::Sense(
                S::Trouble | S::Health | S::State(_) | S::Topic(_) | S::Goal(_) | S::Tag | S::Format | S::Role(_) | S::Foreign | S::Cluster
            )
        );
        self.name(at).or_else(|| (content && !token.said.contains(' ')).then(|| token.said.to_string()))
    }
    /// What stands in quotes, spaces and all.
    pub(super) fn quoted(&self, at: usize) -> Option<String> {
        self.tokens.get(at).filter(|t| t.is == Is::Quoted).map(|t| t.said.to_string())
    }
    /// Whether what stands behind speaks of a part of an object: a label, an annotation, a variable, a taint.
    pub(super) fn a_part_is_said(&self) -> bool {
        let part = |is: &Is| matches!(is, Is::Sense(S::Label | S::Labels | S::Act(Act::Taint) | S::Role("annotation" | "env")));
        self.tokens[self.at..].iter().any(|t| part(&t.is))
    }
    pub(super) fn number(&self, at: usize) -> Option<u64> {
        match self.is(at) {
            Some(Is::Number(n)) => Some(*n),
            _ => None,
        }
    }
    pub(super) fn kind(&self, at: usize) -> Option<(Kind, bool)> {
        match self.is(at) {
            Some(Is::Kind(kind, plural)) => Some((*kind, *plural)),
            _ => None,
        }
    }
    pub(super) fn is_namespace(&self, at: usize) -> bool {
        self.kind(at).is_some_and(|(k, _)| k.is("namespaces", ""))
    }
    /// The next place behind articles and the like.
    pub(super) fn past_small(&self, mut at: usize) -> usize {
        while self.is(at).is_some_and(|is| matches!(is, Is::Sense(S::Det | S::This | S::All | S::New | S::Filler))) {
            at += 1;
        }
        at
    }
}
