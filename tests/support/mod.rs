//! What the suites share.

pub mod face;
pub mod fake;
pub mod pty;
pub mod scripted_model;
