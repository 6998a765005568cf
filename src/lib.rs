//! aiops: a terminal assistant for Kubernetes.
//!
//! Words become typed operations, operations become Kubernetes API calls; what a person approved is what runs.
//! A request enters by a face, the session decides, the road carries it, the drive and the doors touch the world.
//! `docs/architecture.md` draws the road and the rooms; `tests/suite/architecture.rs` holds the arrows between them.

pub mod config;
pub mod doors;
pub mod drive;
pub mod experts;
pub mod faces;
pub mod facts;
pub mod ops;
pub mod problem;
pub mod road;
pub mod session;
pub mod simulator;
pub mod terms;
pub mod world;
