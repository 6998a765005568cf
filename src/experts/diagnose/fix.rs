//! Operations as fixes, each made from the line that a person would type, so that the catalogue checks it like any other.

use crate::{
    facts::snapshot::Ref,
    ops::{Op, argv},
};

/// The operation that these words mean; none where a name in them is not legal. Each word stays one word, whatever the cluster called its objects.
pub(in crate::experts) fn op(words: &[&str]) -> Option<Op> {
    if words.iter().any(|word| word.is_empty()) {
        return None;
    }
    let line: Vec<String> = words.iter().map(|word| argv::quoted(word)).collect();
    Op::from_line(&line.join(" ")).ok()
}

/// The same on an object: `kubectl VERB… kind/name -n namespace MORE…`.
pub(in crate::experts) fn on(verb: &[&str], object: &Ref, more: &[&str]) -> Option<Op> {
    let place = format!("{}/{}", object.kind.to_lowercase(), object.name);
    let mut words = vec!["kubectl"];
    words.extend(verb);
    words.push(&place);
    words.extend(more);
    if !object.namespace.is_empty() {
        words.extend(["-n", &object.namespace]);
    }
    op(&words)
}
