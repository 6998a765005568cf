//! What is known of the cluster at one moment, as plain values with their look-ups.
//!
//! Owns: [`Need`], the closed list of what a plan or a check can ask for, and [`Facts`], the answers.
//! Does not own: how a need is answered (`doors/cluster`, `doors/files`), nor what follows from an answer.
//! Invariants: a need that was not answered reads as `NotChecked`; facts are values, a look never blocks.

mod dry_run;
mod need;
pub mod snapshot;

pub use dry_run::{Conflict, Contested, DryRun, Rejection, RejectionSort};
pub use need::{Brief, Need, Review};

use crate::ops::{Call, Contents, Documents, Draft, Kind, Lookup, Namespace, Op, Target};
use serde_json::Value;
use std::collections::BTreeMap;

/// Answers to needs.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    looks: Vec<(Call, Lookup<Value>)>,
    names: BTreeMap<(Kind, Option<Namespace>), Lookup<Vec<Brief>>>,
    access: BTreeMap<Review, Lookup<bool>>,
    files: BTreeMap<String, Lookup<Documents>>,
    kinds: Option<Lookup<()>>,
    contents: BTreeMap<String, Lookup<Contents>>,
    edits: Vec<(Draft, Op)>,
}

const NOBODY_ASKED: &str = "it was not asked for";

impl Facts {
    /// Takes one answered look.
    pub fn add_look(&mut self, call: Call, answer: Lookup<Value>) {
        match self.looks.iter_mut().find(|(known, _)| *known == call) {
            Some((_, old)) => *old = answer,
            None => self.looks.push((call, answer)),
        }
    }
    /// Takes one answered list of names.
    pub fn add_names(&mut self, kind: Kind, namespace: Option<Namespace>, answer: Lookup<Vec<Brief>>) {
        self.names.insert((kind, namespace), answer);
    }
    /// Takes one answered review.
    pub fn add_access(&mut self, review: Review, answer: Lookup<bool>) {
        self.access.insert(review, answer);
    }
    /// Takes the word that the cluster's kinds are known now, or why not.
    pub fn add_kinds(&mut self, answer: Lookup<()>) {
        self.kinds = Some(answer);
    }
    /// Takes one loaded file's documents.
    pub fn add_file(&mut self, file: String, answer: Lookup<Documents>) {
        self.files.insert(file, answer);
    }
    /// Takes what one file or folder holds.
    pub fn add_contents(&mut self, file: String, answer: Lookup<Contents>) {
        self.contents.insert(file, answer);
    }
    /// Takes what a person made of a draft.
    pub fn add_edit(&mut self, draft: Draft, meant: Op) {
        self.edits.push((draft, meant));
    }
    /// Takes over everything `other` knows.
    pub fn merge(&mut self, other: Facts) {
        for (call, answer) in other.looks {
            self.add_look(call, answer);
        }
        self.names.extend(other.names);
        self.access.extend(other.access);
        self.files.extend(other.files);
        self.kinds = other.kinds.or(self.kinds.take());
        self.contents.extend(other.contents);
        self.edits.extend(other.edits);
    }

    /// The answer to a look.
    pub fn look(&self, call: &Call) -> Lookup<Value> {
        self.looks.iter().find(|(known, _)| known == call).map_or_else(|| Lookup::NotChecked(NOBODY_ASKED.into()), |(_, a)| a.clone())
    }
    /// One object, whole.
    pub fn object(&self, target: &Target) -> Lookup<Value> {
        self.look(&Call::get(target))
    }
    /// Whether a look was answered at all.
    pub fn looked(&self, call: &Call) -> bool {
        self.looks.iter().any(|(known, _)| known == call)
    }
    /// The names of a kind in a namespace (`None`: cluster-scoped, or every namespace).
    pub fn names(&self, kind: Kind, namespace: Option<&Namespace>) -> Option<&Lookup<Vec<Brief>>> {
        self.names.get(&(kind, namespace.cloned()))
    }
    /// Whether the person may do that.
    pub fn may(&self, review: &Review) -> Lookup<bool> {
        self.access.get(review).cloned().unwrap_or_else(|| Lookup::NotChecked(NOBODY_ASKED.into()))
    }
    /// Whether that was asked at all, answered or not.
    pub fn asked(&self, review: &Review) -> bool {
        self.access.contains_key(review)
    }
    /// A file's documents.
    pub fn file(&self, file: &str) -> Option<&Lookup<Documents>> {
        self.files.get(file)
    }
    /// Whether the cluster was asked which kinds it serves, and whether it said.
    pub fn kinds(&self) -> Option<&Lookup<()>> {
        self.kinds.as_ref()
    }
    /// What a file or folder holds, byte by byte.
    pub fn contents(&self, file: &str) -> Option<&Lookup<Contents>> {
        self.contents.get(file)
    }
    /// What a person made of a draft.
    pub fn edited(&self, draft: &Draft) -> Option<&Op> {
        self.edits.iter().find(|(known, _)| known == draft).map(|(_, meant)| meant)
    }
    /// Whether nothing is known at all.
    pub fn is_empty(&self) -> bool {
        let objects = self.looks.is_empty() && self.names.is_empty() && self.access.is_empty();
        objects && self.kinds.is_none() && self.files.is_empty() && self.contents.is_empty() && self.edits.is_empty()
    }
}
