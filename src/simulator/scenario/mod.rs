//! Clusters to start with: each a name, manifests, and scripts for what runs in them.
mod todo_chatbot;

use super::{Clock, Refusal, Settings, Simulator};
use std::time::Duration;

/// A cluster with something in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scenario {
    /// The example application, with one workload that crashes.
    TodoChatbot,
}

impl Scenario {
    /// Every scenario.
    pub const ALL: &[Scenario] = &[Scenario::TodoChatbot];

    /// The name users give.
    pub fn name(self) -> &'static str {
        match self {
            Scenario::TodoChatbot => "todo-chatbot",
        }
    }

    /// One line about it.
    pub fn about(self) -> &'static str {
        match self {
            Scenario::TodoChatbot => "a web application of three workloads, one of which crashes at start",
        }
    }

    /// The scenario of a name.
    pub fn find(name: &str) -> Option<Self> {
        Scenario::ALL.iter().copied().find(|s| s.name() == name)
    }

    /// The namespace its workloads are in.
    pub fn namespace(self) -> &'static str {
        match self {
            Scenario::TodoChatbot => todo_chatbot::NAMESPACE,
        }
    }

    /// Starts it: its past has happened already when this returns, so that the first look sees a settled cluster.
    ///
    /// # Errors
    /// Only if its own manifests were refused.
    pub fn start(self, settings: Settings) -> Result<Simulator, Refusal> {
        match self {
            Scenario::TodoChatbot => todo_chatbot::start(settings),
        }
    }
}

/// A cluster in its past, `ago` before its clock; what is done to it happens then. [`Past::let_pass`] moves on, [`Past::arrive`] ends it.
struct Past {
    simulator: Simulator,
    clock: Clock,
}

impl Past {
    fn begin(settings: Settings, ago: Duration) -> Result<Self, Refusal> {
        let now = match &settings.clock {
            Clock::Virtual(time) => *time,
            Clock::Real(now) => now(),
        };
        let then = now.checked_sub(ago).unwrap_or(now);
        let clock = settings.clock.clone();
        let simulator = Simulator::begun_at(Settings { clock: Clock::Virtual(then), seed: settings.seed }, then)?;
        Ok(Past { simulator, clock })
    }

    fn let_pass(&self, time: Duration) {
        self.simulator.step(time);
    }

    fn arrive(self) -> Simulator {
        self.simulator.follow(self.clock);
        self.simulator
    }
}
