//! What can be added to a pod template, or taken off it, part by part: probes, volumes, placement, security, the rest of a container.
//!
//! In: parts, each legal by construction. Out: the same parts written into a pod spec, for a manifest of something new ([`write`]) or as the
//! strategic patch of something that is there ([`patch`]). Field names are those of `k8s.io/api/core/v1/types.go`.

mod gone;
mod guard;
mod mount;
mod place;
mod probe;
mod put;

pub use gone::{Absent, Gone, Rule, Tuned, take, tune};
pub use guard::{Capability, Guard};
pub use mount::{Mount, Source, VolumeName};
pub use place::{Apart, Effect, NodeRule, Placing, Spread, Toleration, Topology};
pub use probe::{Check, Port, Probe, ProbeSort};
pub use put::{containers, patch, pod_spec, template, write};

use super::{EnvName, Name, Quantity};

/// One part.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// How the kubelet asks a container whether it lives, is ready, has started.
    Probe(Probe),
    /// A volume, and where a container sees it.
    Mount(Mount),
    /// On which nodes the pods may run, and how they lie to each other.
    Placing(Placing),
    /// As whom the processes run, and what they may.
    Guard(Guard),
    /// A secret that images are pulled with.
    PullSecret(Name),
    /// Which pods go first.
    Priority(Name),
    /// As whom the pods speak to the API.
    Account(Name),
    /// When an ended container is started again.
    Restart(RestartPolicy),
    /// Seconds from the signal to the end.
    Grace(u32),
    /// A variable.
    Env(EnvName, String),
    /// What a container asks for or is held to.
    Amount(Bound, Resource, Quantity),
    /// A port a container listens on.
    Listens(u16),
    /// What runs instead of the image's own.
    Command(Vec<String>),
    /// What it is given.
    Args(Vec<String>),
}

/// `spec.restartPolicy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RestartPolicy {
    /// Whatever it ended with.
    Always,
    /// After a failure.
    OnFailure,
    /// Not at all.
    Never,
}

impl RestartPolicy {
    /// As it stands in an object.
    pub fn word(self) -> &'static str {
        match self {
            RestartPolicy::Always => "Always",
            RestartPolicy::OnFailure => "OnFailure",
            RestartPolicy::Never => "Never",
        }
    }
}

/// Which side of an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// What is kept for it.
    Request,
    /// What it may not pass.
    Limit,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// Processors.
    Cpu,
    /// Memory.
    Memory,
}

impl Resource {
    /// As it stands in an object.
    pub fn word(self) -> &'static str {
        match self {
            Resource::Cpu => "cpu",
            Resource::Memory => "memory",
        }
    }
}

impl Part {
    /// Whether it belongs to one container, so that of several one has to be named.
    pub fn of_a_container(&self) -> bool {
        match self {
            Part::Probe(_) | Part::Mount(_) | Part::Env(..) | Part::Amount(..) | Part::Listens(_) | Part::Command(_) | Part::Args(_) => {
                true
            }
            Part::Guard(guard) => guard.of_a_container(),
            Part::Placing(_) | Part::PullSecret(_) | Part::Priority(_) | Part::Account(_) | Part::Restart(_) | Part::Grace(_) => false,
        }
    }

    /// Lists of the pod spec that a strategic patch replaces whole: what stands there has to be repeated.
    ///
    /// Source: fields without `patchStrategy` in `k8s.io/api/core/v1/types.go`.
    pub fn replaces(&self) -> &'static [&'static str] {
        match self {
            Part::Placing(placing) => placing.replaces(),
            Part::Probe(_)
            | Part::Mount(_)
            | Part::Guard(_)
            | Part::PullSecret(_)
            | Part::Priority(_)
            | Part::Account(_)
            | Part::Restart(_)
            | Part::Grace(_)
            | Part::Env(..)
            | Part::Amount(..)
            | Part::Listens(_)
            | Part::Command(_)
            | Part::Args(_) => &[],
        }
    }
}
