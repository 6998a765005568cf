//! What tests need.
pub mod pty;
