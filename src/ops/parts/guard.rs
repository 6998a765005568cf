//! Security contexts: of a pod, and of a container.

use super::place::field;
use serde_json::{Value, json};

/// A Linux capability without `CAP_`, in capitals; `ALL` is all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capability(String);

impl Capability {
    /// `None` where it is none by its form.
    pub fn new(text: &str) -> Option<Capability> {
        let name = text.to_ascii_uppercase();
        let name = name.strip_prefix("CAP_").unwrap_or(&name).to_string();
        let legal = !name.is_empty() && name.len() < 32 && name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
        legal.then_some(Capability(name))
    }
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guard {
    /// Not as user 0.
    NonRoot,
    /// As that user.
    User(i64),
    /// As that group.
    Group(i64),
    /// Volumes belong to that group.
    FsGroup(i64),
    /// The image's own files cannot be written.
    ReadOnlyRoot,
    /// No process gets more than its parent has.
    NoEscalation,
    /// Everything the node's root may.
    Privileged,
    /// What a process may beside what any may.
    Add(Capability),
    /// What it may not.
    Drop(Capability),
}

impl Guard {
    /// Whether only a container has it. User and group a pod has for all of its containers.
    pub fn of_a_container(&self) -> bool {
        match self {
            Guard::ReadOnlyRoot | Guard::NoEscalation | Guard::Privileged | Guard::Add(_) | Guard::Drop(_) => true,
            Guard::NonRoot | Guard::User(_) | Guard::Group(_) | Guard::FsGroup(_) => false,
        }
    }

    /// Written into a pod's or a container's `securityContext`.
    pub(super) fn put(&self, of: &mut Value) {
        let context = field(of, "securityContext");
        let mut capability = |list: &str, name: &Capability| {
            let list = field(field(context, "capabilities"), list);
            match list.as_array_mut() {
                Some(there) if there.iter().any(|known| known == name.0.as_str()) => {}
                Some(there) => there.push(json!(name.0)),
                None => *list = json!([name.0]),
            }
        };
        match self {
            Guard::Add(name) => capability("add", name),
            Guard::Drop(name) => capability("drop", name),
            Guard::NonRoot => *field(context, "runAsNonRoot") = json!(true),
            Guard::User(id) => *field(context, "runAsUser") = json!(id),
            Guard::Group(id) => *field(context, "runAsGroup") = json!(id),
            Guard::FsGroup(id) => *field(context, "fsGroup") = json!(id),
            Guard::ReadOnlyRoot => *field(context, "readOnlyRootFilesystem") = json!(true),
            Guard::NoEscalation => *field(context, "allowPrivilegeEscalation") = json!(false),
            Guard::Privileged => *field(context, "privileged") = json!(true),
        }
    }
}
