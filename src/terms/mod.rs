//! Kubernetes' small words: kinds, quantities, durations, ages, selectors, the structure of objects, merge rules, structural differences.
//!
//! Owns: what such a word means, how it is read and how it is written, and the tables those answers come from.
//! Does not own: objects, clients, operations, wording for people. It names nothing else of this crate; everything may name it.
//!
//! Invariants: every function here is pure (no clock, no I/O); reading never panics on any input; what is printed reads back as the same value.
pub mod age;
pub mod certificate;
pub mod diff;
pub mod discovery;
pub mod duration;
pub mod fields;
pub mod jsonpath;
pub mod kinds;
pub mod merge;
pub mod path;
pub mod pod_standards;
pub mod quantity;
pub mod schema;
pub mod selector;
pub mod severity;
pub mod since;
pub mod typed;
pub mod written;
