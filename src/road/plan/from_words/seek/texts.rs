//! Texts in words: `using image nginx`, `not from ghcr.io`, `using tag v2`, `in phase Pending`.

use super::super::phrases::{List, list};
use super::{super::tag::Is, conditions::Found, phrase::Phrases};
use crate::ops::find::{Condition, Field, Test};

const WHOSE_IMAGES: &List = &List::of(
    "with images|with an image|whose images are|whose image is|using images|running images|that use images|that run images|using an image|that are|which are|with images that are|whose images come",
);
const FROM: &List = &List::of("from|from registry|from the registry|coming from|pulled from|hosted on|hosted in|that come from|stored in");
const OUR_REGISTRY: &List = &List::of(
    "our registry|our own registry|our private registry|my registry|the company registry|our registries|the private registry|a private registry|the internal registry|our internal registry|a trusted registry|trusted registries|approved registries|an approved registry",
);
const ON_NODE: &List = &List::of("on node|on the node|scheduled on node|running on node|that run on node");
const USING: &List = &List::of(
    "using|that use|which use|use|uses|with|running|that run|which run|based on|that are using|are using|that are based on|which are using",
);

const IN_PHASE: &List = &List::of("in phase|in the phase");

/// Everything a text may begin with.
pub(super) const PHRASES: &[&List] = &[WHOSE_IMAGES, FROM, ON_NODE, USING, IN_PHASE];

/// An image, a tag, a registry, a node, a phase.
pub(super) fn text(words: &Phrases<'_>, at: usize) -> Found {
    // "with images not from ghcr.io": the registry is the image's in any case.
    let led = words.past(at, WHOSE_IMAGES);
    let not = usize::from(words.is(led, "not"));
    let (condition, n) = field(words, led + not)?;
    let from = condition.as_ref().is_none_or(|one| matches!(one.test, Test::Reads(Field::Registry, _)));
    // Pods of one node have a field selector of kubectl's.
    let on_a_node = condition.as_ref().is_some_and(|one| matches!(one.test, Test::Reads(Field::Node, _)));
    let fits = (from || led == at) && (not == 1 || !on_a_node);
    fits.then(|| (condition.map(|condition| Condition { not: not == 1, ..condition }), led - at + not + n))
}

fn field(words: &Phrases<'_>, at: usize) -> Found {
    let plain = |at: usize| {
        let token = words.token(at)?;
        matches!(token.is, Is::Word | Is::Quoted | Is::Image | Is::Number(_) | Is::Amount | Is::Address | Is::Duration)
            .then(|| words.said(at))
            .flatten()
    };
    if let Some(lead) = words.any(at, USING) {
        let from = words.past(at + lead, list!("a|an|the"));
        if let Some(n) = words.any(from, list!("image|images|container image|docker image")) {
            let value = words.past(from + n, list!("named|called|name"));
            return Some((Some(Condition::reads(Field::Image, plain(value)?).ok()?), value + 1 - at));
        }
        if let Some(n) = words.any(from, list!("tag|image tag|version|the tag")) {
            let value = plain(from + n)?;
            return Some((Some(Condition::reads(Field::Tag, value).ok()?), from + n + 1 - at));
        }
        // "using the nginx image", "running nginx:1.27".
        let value = plain(from)?;
        if let Some(n) = words.any(from + 1, list!("image|images|container image")) {
            return Some((Some(Condition::reads(Field::Image, value).ok()?), from + 1 + n - at));
        }
        let image = words.token(from).is_some_and(|token| token.is == Is::Image);
        return image.then(|| Some((Some(Condition::reads(Field::Image, value).ok()?), from + 1 - at)))?;
    }
    if let Some(lead) = words.any(at, FROM) {
        let from = at + lead;
        let ours = words.any(from, OUR_REGISTRY);
        if let Some(n) = ours {
            return Some((None, lead + n));
        }
        if let Some(n) = words.any(from, list!("docker hub|dockerhub|the docker hub")) {
            return Some((Some(Condition::reads(Field::Registry, "docker.io").ok()?), lead + n));
        }
        let value = plain(from)?;
        let host = value.split('/').next().unwrap_or_default();
        let said = words.any(at, list!("from registry|from the registry")).is_some();
        // A host's name has a dot or a port; a bare word may be a namespace.
        let named = said || host.contains(['.', ':']) || host == "localhost";
        return named.then(|| Some((Some(Condition::reads(Field::Registry, value).ok()?), lead + 1)))?;
    }
    if let Some(lead) = words.any(at, ON_NODE) {
        return Some((Some(Condition::reads(Field::Node, plain(at + lead)?).ok()?), lead + 1));
    }
    let lead = words.any(at, IN_PHASE)?;
    // A phase is a word of the language as well.
    Some((Some(Condition::reads(Field::Phase, words.said(at + lead)?).ok()?), lead + 1))
}
