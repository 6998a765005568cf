//! Conditions written out: "where `spec.replicas < 2`".

use super::super::phrases::List;
use super::{conditions::Found, phrase::Phrases};
use crate::ops::find::{Condition, Expression};

pub(super) const WHERE: &List = &List::of("where|whose|for which|such that|matching|that match|that meet|that are|with");

/// An expression behind the word that leads to it.
pub(super) fn expression(words: &Phrases<'_>, at: usize) -> Found {
    let lead = words.any(at, WHERE)?;
    let expression: Expression = words.said(at + lead).filter(|said| Expression::is_meant(said))?.parse().ok()?;
    expression.compares().then(|| (Some(Condition::meets(expression)), lead + 1))
}
