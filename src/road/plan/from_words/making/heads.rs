//! What can be said of a pod template: what begins a part, and what more is said of it behind, wherever in the step that stands.

use super::super::phrases::List;
use super::{guards, placing::PlacingDraft, probes::ProbeDraft, volumes::MountDraft, walk::Walk};
use crate::{ops::parts::Part, road::plan::Assumed};

/// Words behind which no name stands.
pub const STOPS: &List =
    &List::of("to|in|at|on|for|with|and|,|of|mounted|from|size|limited|read-only|into|(|)|under|as|that|which|is|backed");

/// Something that has to be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lack {
    /// What is missing, in a word.
    pub missing: &'static str,
    /// The question.
    pub text: String,
}

impl Lack {
    pub fn new(missing: &'static str, text: String) -> Lack {
        Lack { missing, text }
    }
}

/// A part as far as it was said.
#[derive(Debug, Clone)]
pub enum Head {
    Probe(ProbeDraft),
    Mount(MountDraft),
    Placing(PlacingDraft),
    Ready(Vec<Part>),
    /// What `kubectl` has verbs for: it makes no request ours.
    Plain(Vec<Part>),
}

impl Head {
    /// What begins one here.
    pub fn read(w: &mut Walk, mounts: bool) -> Option<Head> {
        if let Some(probe) = ProbeDraft::head(w) {
            return Some(Head::Probe(probe));
        }
        if let Some(placing) = PlacingDraft::head(w) {
            return Some(Head::Placing(placing));
        }
        if let Some(parts) = guards::ready(w) {
            return Some(Head::Ready(parts));
        }
        if let Some(mount) = MountDraft::head(w, mounts) {
            return Some(Head::Mount(mount));
        }
        guards::plain(w).map(Head::Plain)
    }

    /// One thing more that is said of it.
    pub fn detail(&mut self, w: &mut Walk) -> bool {
        match self {
            Head::Probe(probe) => probe.detail(w),
            Head::Mount(mount) => mount.detail(w),
            Head::Placing(placing) => placing.detail(w),
            Head::Ready(_) | Head::Plain(_) => false,
        }
    }

    /// Whether it is something that only a patch or a manifest says.
    pub fn is_ours(&self) -> bool {
        match self {
            Head::Probe(_) | Head::Placing(_) | Head::Ready(_) => true,
            Head::Mount(mount) => mount.is_one(),
            Head::Plain(_) => false,
        }
    }

    /// Whether its words stand in no other sort of request: then a request with it in it is ours even where a part of it is not understood.
    pub fn is_plain_to_see(&self) -> bool {
        match self {
            Head::Probe(_) => true,
            Head::Placing(placing) => !matches!(placing, PlacingDraft::Ready(_)),
            Head::Mount(mount) => mount.is_said(),
            Head::Ready(_) | Head::Plain(_) => false,
        }
    }

    /// Whether every container gets it.
    pub fn of_all(&self) -> bool {
        matches!(self, Head::Mount(MountDraft { all: true, .. }))
    }

    /// The parts it comes to.
    pub fn parts(&self, assumed: &mut Vec<Assumed>) -> Result<Vec<Part>, Lack> {
        match self {
            Head::Probe(probe) => probe.parts(),
            Head::Mount(mount) => mount.parts(),
            Head::Placing(placing) => {
                let (part, taken) = placing.part()?;
                assumed.extend(taken);
                Ok(vec![part])
            }
            Head::Ready(parts) | Head::Plain(parts) => Ok(parts.clone()),
        }
    }
}
