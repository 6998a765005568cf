//! The road every request takes, reads and changes alike.
//!
//! ```text
//! words ─▶ gather ─▶ plan ─▶ gather ─▶ vet ─▶ preview ─▶ approve ─▶ journal ─▶ execute ─▶ outcome
//!                    Plan             Vetted  Previewed   Approved    Opened             Outcome
//! ```
//!
//! Owns: the order. Each value is made in one room only, has private fields, is not `Clone`, and is consumed by the next.
//! Does not own: sending (doors), deciding what comes next (session), words for people (faces).

pub mod approve;
pub mod execute;
pub mod journal;
pub mod plan;
pub mod preview;
mod run;
pub mod undo;
pub mod vet;

pub use run::RunId;
