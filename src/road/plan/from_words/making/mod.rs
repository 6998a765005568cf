//! Things that are built: parts of pod templates (probes, volumes, placement, security), pods of several containers, network policies,
//! storage, canaries; and parts that are taken off again ([`taking`]). What is read here is read word by word ([`walk::Walk`]); a request
//! that has such a thing in it and a word with no place is asked about, one that has none is left to the rest of the grammar.
//!
//! In: the tokens of a step. Out: a [`Step`], or `None` where the step builds nothing of the kind. What the kinds of parts look like in an
//! object is in [`crate::ops::parts`]; objects and questions come from `build/made`.

mod about;
mod guards;
mod heads;
mod loaded;
mod placing;
mod probes;
mod release;
mod request;
mod storage;
mod taking;
#[cfg(test)]
mod tests;
mod traffic;
mod volumes;
mod walk;

pub use heads::Lack;
pub use loaded::Loaded;
pub use release::{Release, Releasing, Share};
pub use request::{Request, Verb};
pub use storage::{Sort as StorageSort, Storage};
pub use taking::{Taking, Wish};
pub use traffic::{Traffic, Who};

use super::{Scope, Step, build, slots::Slots, tag::Token};
use crate::facts::Facts;
use walk::Walk;

/// Whether all the tokens of a request are one thing that is built, to the last word: then what looks like a verb of its own in it
/// ("run as user 1000", "It mounts …") is none.
pub fn whole(tokens: &[Token]) -> bool {
    let walk = Walk::of(tokens);
    if let Some(taking) = Taking::read(walk.clone()) {
        return taking.unread.is_empty();
    }
    Request::read(walk).is_some_and(|r| r.verb != Verb::None && r.unread.is_empty())
}

/// Reads one step as something that is built. `later` is what was answered since it was said.
pub fn read(tokens: &[Token], later: &Slots, scope: &Scope, facts: &Facts) -> Option<Step> {
    let walk = Walk::of(tokens);
    if let Some(taking) = Taking::read(walk.clone()) {
        return Some(build::taking(taking, later, scope, facts));
    }
    if let Some(loaded) = Loaded::read(walk.clone()) {
        return Some(build::loaded(&loaded, later, scope, facts));
    }
    if let Some(traffic) = Traffic::read(walk.clone()) {
        return Some(build::traffic(&traffic, later, scope, facts));
    }
    if let Some(storage) = Storage::read(walk.clone()) {
        return Some(build::storage(&storage, later, scope, facts));
    }
    if let Some(release) = Releasing::read(walk.clone()) {
        return Some(build::release(&release, later, scope, facts));
    }
    if let Some(request) = Request::read(walk) {
        return Some(build::parts(request, later, scope, facts));
    }
    None
}
