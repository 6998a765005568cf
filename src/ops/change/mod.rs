//! The verbs that change or end what is there: one file each.
//!
//! Owns: what each sends, what has to hold afterwards, and its way back. Does not own: what it would come to (preview), who may (vet).

pub(in crate::ops) mod apply;
mod cordon;
mod delete;
mod drain;
mod label;
mod patch;
mod rollout_restart;
pub(in crate::ops) mod rollout_undo;
mod scale;
mod set_image;
mod uncordon;

pub use apply::Apply;
pub use cordon::Cordon;
pub use delete::Delete;
pub use drain::Drain;
pub use label::Label;
pub use patch::{Patch, PatchType};
pub use rollout_restart::RolloutRestart;
pub use rollout_undo::RolloutUndo;
pub use scale::Scale;
pub use set_image::{ContainerImage, SetImage};
pub use uncordon::Uncordon;
