//! The verbs that make new objects: one file each.
//!
//! Owns: the manifest that each of them stands for. Does not own: manifests that a person brings (`manifest`), applying them (`change`).

mod create;
mod create_namespace;

pub use create::Create;
pub use create_namespace::CreateNamespace;
