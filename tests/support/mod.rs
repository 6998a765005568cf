//! What the suites share.

pub mod fake;
