//! The verbs that look: one file each.
//!
//! Owns: which reads a question needs, and what their replies say ([`crate::ops::Answer`]). Does not own: how an answer is worded or laid out (`faces/say`).
//! Invariant: none of them lowers to a call that mutates.

mod api;
mod auth;
mod config;
mod describe;
mod diff;
mod events;
mod explain;
pub mod find;
mod get;
mod kustomize;
mod logs;
mod port_forward;
mod rollout_history;
mod rollout_status;
mod told;
mod top;
mod wait_for;
mod who_can;

pub use api::{ApiResources, ApiVersions, ClusterInfo, ServerVersion};
pub use auth::{CanI, Whoami};
pub use config::{ConfigView, CurrentContext, GetClusters, GetContexts, GetUsers};
pub use describe::Describe;
pub use diff::Diff;
pub use events::Events;
pub use explain::Explain;
pub use find::Find;
pub use get::{Get, Output, Part, Watching};
pub use kustomize::Kustomize;
pub use logs::{ContainerRun, LogSource, Logs, RunState};
pub use port_forward::PortForward;
pub use rollout_history::RolloutHistory;
pub use rollout_status::RolloutStatus;
pub use top::{SortBy, Top, TopWhat};
pub use wait_for::WaitFor;
pub use who_can::WhoCan;
