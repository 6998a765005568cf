//! What the suites share.

pub mod face;
pub mod fake;
pub mod program;
pub mod wire;
