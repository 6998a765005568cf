//! What can be said without a model. Pure: experts yield findings and operations, never a plan.

pub mod audit;
pub mod diagnose;
pub mod playbook;
mod signals;
