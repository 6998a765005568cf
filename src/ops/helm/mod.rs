//! Helm's releases: one file a verb. What only looks needs no program: the door decodes what helm keeps in the cluster.
//!
//! Owns: which revisions a question is about, what is told of them, what differs between two ([`compare`]).
//! Does not own: decoding and masking (`doors/cluster`).
//! Invariant: no secret value of a release gets here.

pub mod compare;
mod diff_revision;
mod get_hooks;
mod get_manifest;
mod get_notes;
mod get_values;
mod history;
mod list;
mod output;
mod release;
mod status;
mod which;

pub use diff_revision::HelmDiffRevision;
pub use get_hooks::HelmGetHooks;
pub use get_manifest::HelmGetManifest;
pub use get_notes::HelmGetNotes;
pub use get_values::HelmGetValues;
pub use history::HelmHistory;
pub use list::{HelmList, ReleaseState};
pub use output::ReleaseOutput;
pub use release::{Chart, Hook, Release};
pub use status::HelmStatus;
pub use which::Which;
