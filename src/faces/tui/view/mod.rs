//! Drawing: one file for each thing seen, each a function of the face's state.
//!
//! Invariants: nothing is drawn that was not cleaned; a question is drawn whole or scrolls, it is never cut; no terminal is too
//! small to be drawn on.

mod cluster;
mod frame;
mod help;
mod keyline;
mod question;
mod running;
mod status;
pub mod text;
mod transcript;
mod typing;

pub use frame::{Drawn, draw};
