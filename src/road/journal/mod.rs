//! The record of everything: who approved what, before and after. Append-only, hash-chained, readable by its owner alone.
//!
//! Owns: the file, its chain, reading it back, telling a torn line from tampering.
//! Does not own: what is done with an open run (drive), how a way back is found (`road/undo`).
//! Invariants: a change has its opening on disk before anything is sent; a record is never rewritten; Secret values and values
//! a person supplied as sensitive are never in it; two processes may append to one journal.

mod chain;
mod file;
mod record;
#[cfg(test)]
mod tests;
mod verify;

pub use chain::Hash;
pub use file::{Journal, Opened, Who};
pub use record::{Body, CallRecord, End, Record, StepEnd, StepRecord};
pub use verify::{Flaw, Report};
