//! The terminal interface: the conversation, the question, the cluster beside it.
//!
//! Owns: keys, drawing, the terminal's modes. Does not own: deciding (session), judging an answer (approve), wording (say),
//! reading the cluster (drive).
//! Invariants: a key or a paste from before a question was on the screen never answers it, nor does Enter alone; the first frame
//! waits for nothing; idle, nothing is drawn; the terminal is given back on every way out.

mod app;
mod asking;
mod composer;
mod keys;
mod markdown;
mod run;
mod running;
mod terminal;
mod theme;
mod transcript;
mod view;

#[cfg(test)]
mod tests;

pub use app::Shown;
pub use run::{Start, run};
