//! What an operation is about, as far as it is known: which kinds, where, called what.

use super::pattern::{Glob, KindPattern, Patterns};
use crate::ops::{Address, Call, Kind, Op, Target};

/// One object, or all of a kind. What is not known yet counts as whatever a rule asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Subject {
    kind: Option<Kind>,
    namespace: Place,
    name: Option<String>,
}

/// Where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    /// In no namespace.
    Cluster,
    /// In this one. A namespace itself counts as being in it.
    In(String),
    /// In all of them, or nobody said which.
    Anywhere,
}

/// Which objects a rule speaks of. All that is given has to hold of the same object.
#[derive(Debug, Clone)]
pub(super) struct About {
    pub(super) kinds: Patterns<KindPattern>,
    pub(super) namespaces: Patterns<Glob>,
    pub(super) names: Patterns<Glob>,
}

impl About {
    /// Whether it speaks of every object.
    pub(super) fn is_empty(&self) -> bool {
        self.kinds.is_empty() && self.namespaces.is_empty() && self.names.is_empty()
    }

    pub(super) fn means(&self, subject: &Subject) -> bool {
        let placed = match &subject.namespace {
            Place::Cluster => self.namespaces.is_empty(),
            Place::In(namespace) => self.namespaces.means(|glob| glob.fits(namespace)),
            Place::Anywhere => true,
        };
        let named = subject.name.as_ref().is_none_or(|name| self.names.means(|glob| glob.fits(name)));
        let kind = subject.kind.is_none_or(|kind| self.kinds.means(|pattern| pattern.fits(kind)));
        placed && named && kind
    }
}

impl Subject {
    pub(super) fn of_target(target: &Target) -> Subject {
        let name = target.name().to_string();
        Subject {
            namespace: place(target.kind(), target.namespace().map(|ns| ns.as_str()), Some(&name)),
            kind: Some(target.kind()),
            name: Some(name),
        }
    }

    /// `None` for a document that is about no objects: `/version`.
    pub(super) fn of_call(call: &Call) -> Option<Subject> {
        match &call.at {
            Address::Objects { kind, namespace, .. } => {
                let name = call.target().map(|target| target.name().to_string());
                let namespace = place(*kind, namespace.as_ref().map(|ns| ns.as_str()), name.as_deref());
                Some(Subject { namespace, kind: Some(*kind), name })
            }
            Address::Local { .. } => None,
            Address::Path { path } => {
                let about = path.objects()?;
                let namespace = match about.kind {
                    Some(kind) => place(kind, about.namespace, about.name),
                    None => about.namespace.map_or(Place::Anywhere, |namespace| Place::In(namespace.to_string())),
                };
                Some(Subject { namespace, kind: about.kind, name: about.name.map(str::to_string) })
            }
        }
    }

    /// Everything an operation names, or that its calls reach.
    pub(super) fn all(op: &Op, calls: &[Call]) -> Vec<Subject> {
        let mut subjects: Vec<Subject> = op.verb().targets().iter().map(Subject::of_target).collect();
        // What is read on the way to a change is not what it is about.
        let reads = op.entry().reads;
        subjects.extend(calls.iter().filter(|call| reads || call.mutates()).filter_map(Subject::of_call));
        if let Some(choice) = op.verb().choice() {
            let within = choice.namespace.as_ref().filter(|_| !choice.all_namespaces).map(|ns| ns.as_str());
            subjects.extend(choice.all_kinds().map(|kind| Subject { kind: Some(kind), namespace: place(kind, within, None), name: None }));
        }
        if let (Op::Each(each), Some(choice)) = (op, op.verb().choice())
            && choice.all_kinds().next().is_none()
        {
            let within = choice.namespace.as_ref().map(|ns| ns.as_str());
            let inner = each.what().verb().targets();
            subjects.extend(inner.iter().map(|t| Subject { kind: Some(t.kind()), namespace: place(t.kind(), within, None), name: None }));
        }
        subjects
    }
}

fn place(kind: Kind, namespace: Option<&str>, name: Option<&str>) -> Place {
    match (kind.namespaced(), namespace, name) {
        (true, Some(namespace), _) => Place::In(namespace.to_string()),
        (false, _, Some(name)) if kind.is("namespaces", "") => Place::In(name.to_string()),
        (false, _, None) if kind.is("namespaces", "") => Place::Anywhere,
        (true, None, _) => Place::Anywhere,
        (false, _, _) => Place::Cluster,
    }
}
