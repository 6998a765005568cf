//! The verbs that change or end what is there: one file each.
//!
//! Owns: what each sends, what has to hold afterwards, and its way back. Does not own: what it would come to (preview), who may (vet).

mod annotate;
pub(in crate::ops) mod apply;
mod attach;
mod autoscale;
mod certificate;
mod cordon;
mod delete;
mod drain;
mod edit;
mod exec;
mod label;
mod marks;
mod patch;
mod replace;
mod rollout_pause;
mod rollout_restart;
mod rollout_resume;
pub(in crate::ops) mod rollout_undo;
mod scale;
mod set_env;
mod set_image;
mod set_resources;
mod set_selector;
mod set_serviceaccount;
mod set_subject;
mod taint;
mod uncordon;

pub use annotate::Annotate;
pub use apply::Apply;
pub use attach::Attach;
pub use autoscale::Autoscale;
pub use certificate::{CertificateApprove, CertificateDeny};
pub use cordon::Cordon;
pub use delete::Delete;
pub use drain::Drain;
pub use edit::Edit;
pub use exec::Exec;
pub use label::Label;
pub use patch::{Patch, PatchType, Subresource};
pub use replace::Replace;
pub use rollout_pause::RolloutPause;
pub use rollout_restart::RolloutRestart;
pub use rollout_resume::RolloutResume;
pub use rollout_undo::RolloutUndo;
pub use scale::{Amount, Scale};
pub use set_env::{EnvSource, EnvSourceKind, EnvVar, SetEnv};
pub use set_image::{ContainerImage, SetImage};
pub use set_resources::SetResources;
pub use set_selector::SetSelector;
pub use set_serviceaccount::SetServiceAccount;
pub use set_subject::{AccountOf, SetSubject};
pub use taint::{Effect, NewTaint, OldTaint, Taint};
pub use uncordon::Uncordon;
