//! What happened, and what stands on what: an account is asked for, and told.

use super::{
    effect::{Effect, Tell},
    looking::target,
    phase::Phase,
    step::{Session, note},
};
use crate::{
    experts::{depends, timeline},
    ops::{Kind, Namespace},
    road::{
        RunId,
        plan::{Inquiry, Side},
    },
};

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Recounted {
    /// What happened.
    Timeline(timeline::Timeline),
    /// What stands on what.
    Dependencies(depends::Dependencies),
}

/// Who is asked for an account, with the words of the experts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Teller {
    /// What happened.
    Timeline(timeline::Span),
    /// What stands on what.
    Depends(depends::Side),
}

impl From<Inquiry> for Teller {
    fn from(asks: Inquiry) -> Teller {
        match asks {
            Inquiry::Timeline { since, changes } => Teller::Timeline(timeline::Span { since, changes }),
            Inquiry::Depends(Side::On) => Teller::Depends(depends::Side::On),
            Inquiry::Depends(Side::Of) => Teller::Depends(depends::Side::Of),
            Inquiry::Depends(Side::Both) => Teller::Depends(depends::Side::Both),
            Inquiry::Depends(Side::Loss) => Teller::Depends(depends::Side::Loss),
        }
    }
}

/// What only objects of the same namespace refer to.
const AT_HOME: &[&str] = &["configmaps", "secrets", "persistentvolumeclaims", "serviceaccounts"];

/// What has to be read for it: a namespace with what all share, or everything.
pub fn within(teller: Teller, of: Option<&str>, namespace: Option<&Namespace>) -> Option<Namespace> {
    let kind = of.and_then(|of| Kind::find(of.split_once('/')?.0));
    let place = of.and_then(|of| of.split_once('/')).filter(|_| kind.is_some_and(|k| k.is("namespaces", "")));
    match (teller, kind) {
        (Teller::Timeline(_), Some(kind)) if kind.is("namespaces", "") => place.and_then(|(_, name)| Namespace::new(name).ok()),
        // What is seen on a node may live in any namespace.
        (_, Some(kind)) if !kind.namespaced() => None,
        (Teller::Timeline(_) | Teller::Depends(depends::Side::Of), _) => namespace.cloned(),
        (Teller::Depends(_), Some(kind)) if AT_HOME.iter().any(|plural| kind.is(plural, "")) => namespace.cloned(),
        // Who calls a Service may live anywhere.
        (Teller::Depends(_), _) => None,
    }
}

impl Session {
    /// Asks for an account of an object, of a namespace, or of everything.
    pub(super) fn recount(&mut self, id: RunId, asks: Inquiry, of: Option<String>, namespace: Option<Namespace>) -> Vec<Effect> {
        let Some(run) = self.runs.get_mut(&id) else { return vec![note(&id, "an account", "over")] };
        run.phase = Phase::Recounting;
        let teller = Teller::from(asks);
        let within = within(teller, of.as_deref(), namespace.as_ref());
        vec![Effect::Recount { run: id, teller, of, namespace, within }]
    }

    /// Tells it.
    pub(super) fn recounted(&mut self, id: RunId, told: Box<Recounted>) -> Vec<Effect> {
        let Some(run) = self.runs.get(&id) else { return vec![note(&id, "an account", "over")] };
        if !matches!(run.phase, Phase::Recounting) {
            return vec![note(&id, "an account", run.phase.word())];
        }
        self.runs.remove(&id);
        let about = match &*told {
            Recounted::Timeline(told) => told.about.as_ref(),
            Recounted::Dependencies(told) => Some(&told.about),
        };
        // "Restart it" is said of what was asked about.
        if let Some(meant) = about.and_then(target) {
            self.settings.scope.last = Some(meant);
        }
        vec![Effect::Tell(Tell::Recounted(id.clone(), told)), Effect::Over { run: id, code: 0 }]
    }
}
