//! Which run of a container runs, and whether there will be another.

use crate::ops::look::{list, number, text};
use serde_json::Value;

/// One container of a pod at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerRun {
    /// How often it was started again: tells one run from the next.
    pub restarts: u64,
    /// What it does.
    pub state: RunState,
    /// Whether it will be started again once it has ended.
    pub comes_back: bool,
    before: String,
}

/// What a container does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunState {
    /// It runs.
    Running,
    /// It does not run yet, or not now: `ContainerCreating`, `CrashLoopBackOff`.
    Waiting(String),
    /// It has ended: `Error, exit code 1`.
    Ended {
        /// How.
        how: String,
    },
}

impl ContainerRun {
    /// That container as the pod's status has it; an empty name is the first one.
    ///
    /// When it is started again: `ShouldContainerBeRestarted` in `pkg/kubelet/container/helpers.go`.
    pub fn of(pod: &Value, container: &str) -> ContainerRun {
        let of = |field: &str| list(pod, field).iter().find(|c| container.is_empty() || text(c, "/name") == container);
        let status = of("/status/containerStatuses")
            .or_else(|| of("/status/initContainerStatuses"))
            .or_else(|| of("/status/ephemeralContainerStatuses"));
        let regular = of("/spec/containers").is_some();
        let ends = ["Succeeded", "Failed"].contains(&text(pod, "/status/phase")) || pod.pointer("/metadata/deletionTimestamp").is_some();
        let Some(status) = status else {
            let state = RunState::Waiting("its pod has not been started".into());
            return ContainerRun { restarts: 0, state, comes_back: !ends, before: String::new() };
        };
        let ended = |at: &str| {
            let state = status.pointer(at)?;
            Some(format!(
                "{}, exit code {}",
                Some(text(state, "/reason")).filter(|r| !r.is_empty()).unwrap_or("ended"),
                number(state, "/exitCode")
            ))
        };
        let failed = status.pointer("/state/terminated/exitCode").is_some_and(|code| code.as_i64() != Some(0));
        let state = match (status.pointer("/state/waiting"), ended("/state/terminated")) {
            (_, Some(how)) => RunState::Ended { how },
            (Some(_), None) => RunState::Waiting(text(status, "/state/waiting/reason").to_string()),
            (None, None) if status.pointer("/state/running").is_some() => RunState::Running,
            (None, None) => RunState::Waiting("its state is not known yet".into()),
        };
        let comes_back = !ends
            && match (text(pod, "/spec/restartPolicy"), &state) {
                (_, RunState::Waiting(_) | RunState::Running) => true,
                ("Never", _) => false,
                ("OnFailure", _) => failed,
                (_, _) => regular || failed,
            };
        let before = ended("/lastState/terminated").unwrap_or_else(|| "how its last run ended is not known".into());
        ContainerRun { restarts: number(status, "/restartCount"), state, comes_back, before }
    }

    /// What it does, in words behind its name.
    pub fn said(&self) -> String {
        match &self.state {
            RunState::Running => "runs".into(),
            RunState::Waiting(why) => format!("waits: {why}"),
            RunState::Ended { how } => format!("has ended: {how}"),
        }
    }

    /// How its run before this one ended.
    pub fn before(&self) -> &str {
        &self.before
    }
}
