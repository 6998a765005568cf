//! What may be asked of the world before something is decided.

use crate::ops::{Action, Call, Draft, Kind, Name, Namespace, helm::Storage};
use serde::Serialize;
use std::collections::BTreeMap;

/// One thing that has to be known. Answered in parallel with others; see [`super::Facts`].
#[derive(Debug, Clone, PartialEq)]
pub enum Need {
    /// The answer to one read. A list answers as one `{"items": […]}`, all pages together.
    Look(Call),
    /// Names and labels of all objects of a kind, in one namespace or (`None`) cluster-wide; metadata only.
    Names(Kind, Option<Namespace>),
    /// Whether the person may do something (SelfSubjectAccessReview).
    Access(Review),
    /// Which kinds the cluster serves beside the built-in ones; answered, [`Kind::find`] finds them.
    Kinds,
    /// A manifest file, a folder of them, `-` for standard input: its documents.
    File(String),
    /// A file, or the files of a folder, as they are: bytes.
    Contents(String),
    /// What a person makes of an object in their editor.
    Edit(Box<Draft>),
}

/// One object by name, with what tells it apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Brief {
    /// Its name.
    pub name: Name,
    /// Where it lives.
    pub namespace: Option<Namespace>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// `kind/name` of the object that controls it, if one does.
    pub owner: Option<String>,
}

/// One question to the server's authorizer: may I do this?
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Review {
    /// `get`, `patch`, `delete`, …
    pub verb: String,
    /// Which kind.
    pub kind: Kind,
    /// Its subresource, or empty.
    pub subresource: String,
    /// In which namespace; `None` for all or cluster-scoped.
    pub namespace: Option<Namespace>,
    /// Which object; `None` for any.
    pub name: Option<Name>,
}

impl Review {
    /// The question that a call raises; a document that is no object raises none.
    pub fn of(call: &Call) -> Option<Review> {
        let kind = call.kind()?;
        if let Action::Program(errand) = &call.action {
            // A release is what keeps it: each of its revisions is an object of its own.
            let kind = Kind::built_in(if errand.storage == Storage::ConfigMap { "configmaps" } else { "secrets" });
            let namespace = call.namespace().cloned();
            return Some(Review { verb: call.rbac_verb().into(), kind, subresource: String::new(), namespace, name: None });
        }
        Some(Review {
            verb: call.rbac_verb().into(),
            kind,
            subresource: call.subresource().to_string(),
            namespace: call.namespace().cloned(),
            name: call.target().map(|t| t.name().clone()),
        })
    }
}
