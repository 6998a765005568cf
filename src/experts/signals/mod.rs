//! What the sentences of a cluster mean: exit codes, scheduler and kubelet sentences, registries' refusals, log lines, near misses.
//!
//! Owns: reading text. Does not own: where it was found (playbooks read JSON, the diagnosis engine its snapshot), nor what is worth telling.
//! Invariants: pure; any text is read without a panic; each sentence has one home, which both kinds of experts ask.

pub mod alike;
pub mod exits;
pub mod images;
pub mod logs;
pub mod missing;
pub mod probes;
pub mod refusals;
pub mod scheduling;
pub mod words;
