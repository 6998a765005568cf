//! aiops: a terminal assistant for Kubernetes.
//!
//! Words become typed operations, operations become Kubernetes API calls; what a person approved is what runs.
//! A request enters by a face, the session decides, the road carries it, the drive and the doors touch the world.
//! `docs/architecture.md` draws the road and the rooms; `tests/suite/architecture.rs` holds the arrows between them.
/// A Kubernetes API server in memory: what `aiops demo` runs on and tests stand on.
pub mod simulator;
/// Kubernetes' small words: kinds, quantities, durations, selectors, merge rules, differences.
pub mod terms;
