//! What the suites share.

pub mod face;
pub mod fake;
#[allow(dead_code)] // The door's own tests use the rest of it.
pub mod scripted_model;
