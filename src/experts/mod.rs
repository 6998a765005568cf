//! What can be said without a model. Pure: experts yield findings and operations, never a plan.

pub mod audit;
pub mod depends;
pub mod diagnose;
pub mod playbook;
mod signals;
pub mod subject;
pub mod timeline;
