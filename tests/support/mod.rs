//! What the suites share.

pub mod face;
pub mod fake;
pub mod program;
pub mod pty;
#[allow(dead_code)] // The door's own tests use the rest of it.
pub mod scripted_model;
pub mod wire;
