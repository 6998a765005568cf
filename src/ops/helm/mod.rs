//! Helm's releases: one file a verb. What only looks needs no program: the door decodes what helm keeps in the cluster. What changes a
//! release, or renders a chart, is an [`Errand`] for the program.
//!
//! Owns: which revisions a question is about, what is told of them, what differs between two ([`compare`]), what a change of a release
//! does to each object.
//! Does not own: decoding and masking (`doors/cluster`), finding and running the program (`doors/helm`).
//! Invariants: no secret value of a release gets here; a chart, an address or a file is only ever one that a person named.

mod apply;
mod change;
pub mod compare;
mod diff_revision;
mod errand;
mod get_hooks;
mod get_manifest;
mod get_notes;
mod get_values;
mod history;
mod install;
mod lint;
mod list;
mod live;
mod output;
mod recipe;
mod release;
mod rollback;
mod secret_name;
mod status;
mod template;
mod uninstall;
mod upgrade;
mod which;

pub use change::{UNSTABLE, deployed};
pub use diff_revision::HelmDiffRevision;
pub use errand::{Carried, Errand, Onto, Shown, Storage, Work};
pub use get_hooks::HelmGetHooks;
pub use get_manifest::HelmGetManifest;
pub use get_notes::HelmGetNotes;
pub use get_values::HelmGetValues;
pub use history::HelmHistory;
pub use install::HelmInstall;
pub use lint::HelmLint;
pub use list::{HelmList, ReleaseState};
pub use output::ReleaseOutput;
pub use recipe::Recipe;
pub use release::{Chart, Hook, Release, found, get, revisions};
pub use rollback::HelmRollback;
pub use secret_name::is_secret;
pub use status::HelmStatus;
pub use template::HelmTemplate;
pub use uninstall::HelmUninstall;
pub use upgrade::HelmUpgrade;
pub use which::Which;
