//! What a person sees and types into: the terminal interface, the one-shot command.
//!
//! Owns: arguments, keys, wording, layout. Does not own: deciding (session), judging (vet).
//! Invariants: text from the cluster or a model is cleaned of control characters before it is shown; a question is shown whole.

pub mod args;
pub mod headless;
mod lend;
pub mod say;
pub mod tui;
