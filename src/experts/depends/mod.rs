//! What stands on what: of one object, what needs it, what it needs, how that is known, and what would become of each without the other.
//!
//! Owns: the links between objects, those found through others, what goes with an object that is deleted. Does not own: what is wrong
//! (`experts/diagnose`), how a link is shown (`faces/say`).
//! Invariants: pure; each link says by what it is known; circles end; no value of a Secret or of a variable is quoted; what was not read is said; the
//! order of objects never changes the answer.

mod links;
mod pods;
#[cfg(test)]
mod tests;

use crate::facts::snapshot::{Ref, Snapshot};
use std::collections::{BTreeMap, BTreeSet};

/// What becomes of an object without the one that it stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Without {
    /// It is deleted with it.
    Gone,
    /// It does not start.
    NoStart,
    /// It runs on, and does not start anew.
    Restart,
    /// What it leads to is not reached any more.
    Traffic,
    /// What it calls there fails.
    Calls,
    /// Requests to the cluster are refused.
    Refused,
    /// Its pods there are made anew elsewhere.
    Moves,
    /// It goes on, without what that one did for it.
    Unguarded,
    /// It is left with nothing to act on.
    Idle,
    /// It starts without it, too.
    Optional,
    /// It names it; more is not known.
    Unknown,
}

impl Without {
    /// Whether what stands on the one that suffers so suffers with it.
    fn spreads(self) -> bool {
        match self {
            Without::Gone | Without::NoStart | Without::Restart | Without::Traffic | Without::Calls => true,
            Without::Refused | Without::Moves | Without::Unguarded | Without::Idle | Without::Optional | Without::Unknown => false,
        }
    }
}

/// One object that stands on another.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Link {
    /// What needs it.
    pub from: Ref,
    /// What is needed.
    pub to: Ref,
    /// By what that is known: fields, names of variables, log lines.
    pub seen: Vec<String>,
    /// What becomes of it without.
    pub without: Without,
    /// Of how many of its pods that is so now; 0 where it has none.
    pub pods: usize,
}

/// One link, and over which object it was come to.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Hop {
    /// The link.
    #[serde(flatten)]
    pub link: Link,
    /// The object over which it is reached; `None`: it is a link of the object itself.
    pub through: Option<Ref>,
    /// Whether what is needed is there; `None`: not all of that kind was read.
    pub there: Option<bool>,
}

/// Which of the two is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// What stands on it.
    On,
    /// What it stands on.
    Of,
    /// Both.
    Both,
    /// What stands on it, as if it were deleted now.
    Loss,
}

/// What stands on an object, and what it stands on.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Dependencies {
    /// The object.
    pub about: Ref,
    /// What was asked.
    pub side: Side,
    /// Whether it is there; `None`: not all of its kind was read.
    pub there: Option<bool>,
    /// What stands on it, the nearest first.
    pub on: Vec<Hop>,
    /// What it stands on, the nearest first.
    pub of: Vec<Hop>,
    /// What is deleted with it: kinds with how many.
    pub goes: Vec<(Box<str>, usize)>,
    /// What else there is to know of deleting it.
    pub notes: Vec<String>,
    /// What could not be looked at, and why.
    pub not_checked: Vec<String>,
}

/// So many links over other objects are followed.
const FAR: usize = 3;

/// What stands on it, and what it stands on.
pub fn depends(s: &Snapshot, about: &Ref, side: Side) -> Dependencies {
    let all = links::all(s);
    let start = speaks_for(s, about);
    let mut found = Dependencies {
        about: about.clone(),
        side,
        there: there(s, about),
        on: Vec::new(),
        of: Vec::new(),
        goes: Vec::new(),
        notes: links::notes(s, about),
        not_checked: s.not_read.iter().map(|n| format!("{}: {}", n.what, n.why)).collect(),
    };
    if &*about.kind == "Namespace" {
        let inside = |r: &Ref| r.namespace == about.name;
        let mut counts: BTreeMap<Box<str>, usize> = BTreeMap::new();
        s.refs().filter(|r| inside(r)).for_each(|r| *counts.entry(r.kind.clone()).or_default() += 1);
        found.goes = counts.into_iter().collect();
        let hop = |l: &Link| Hop { link: l.clone(), through: None, there: there(s, &l.to) };
        found.on = all.iter().filter(|l| inside(&l.to) && !inside(&l.from)).map(hop).collect();
        found.of = all.iter().filter(|l| inside(&l.from) && !inside(&l.to)).map(hop).collect();
    } else {
        found.goes = links::owned(s, about);
        found.on = walk(s, &start, &all, true);
        found.of = walk(s, &start, &all, false);
    }
    match side {
        Side::On | Side::Loss => found.of.clear(),
        Side::Of => found.on.clear(),
        Side::Both => {}
    }
    found
}

/// Whether it is there; not known where not all of its kind was read.
fn there(s: &Snapshot, at: &Ref) -> Option<bool> {
    if s.has(at) {
        return Some(true);
    }
    s.knows(&at.kind, &at.namespace).then_some(false)
}

/// The objects whose links are its own: a pod stands and falls with what makes it.
fn speaks_for(s: &Snapshot, about: &Ref) -> BTreeSet<Ref> {
    let mut all = BTreeSet::from([about.clone()]);
    if ["Pod", "ReplicaSet", "Job"].contains(&&*about.kind)
        && let Some(meta) = s.meta(about)
    {
        all.insert(s.top(&about.kind, meta));
    }
    all
}

/// From link to link, breadth first: each object is come to once, over the shortest way.
fn walk(s: &Snapshot, start: &BTreeSet<Ref>, all: &[Link], up: bool) -> Vec<Hop> {
    let mut by: BTreeMap<&Ref, Vec<&Link>> = BTreeMap::new();
    for link in all {
        by.entry(if up { &link.to } else { &link.from }).or_default().push(link);
    }
    let mut known: BTreeSet<Ref> = start.clone();
    let mut front: Vec<Ref> = start.iter().cloned().collect();
    let mut hops = Vec::new();
    for far in 0..FAR {
        let mut next = Vec::new();
        for at in &front {
            for link in by.get(at).into_iter().flatten() {
                let other = if up { &link.from } else { &link.to };
                if !known.insert(other.clone()) {
                    continue;
                }
                hops.push(Hop { link: (*link).clone(), through: (far > 0).then(|| at.clone()), there: there(s, &link.to) });
                // Upwards what is lost goes on; downwards only over what is nothing but a way to something else.
                let on = if up { link.without.spreads() } else { ["Service", "PersistentVolumeClaim", "Ingress"].contains(&&*other.kind) };
                if on {
                    next.push(other.clone());
                }
            }
        }
        next.sort();
        front = next;
    }
    hops
}
