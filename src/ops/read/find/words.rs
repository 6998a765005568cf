//! A question in words: what a person reads above the rows, and what reads back as the same question.

use super::{Compare, Condition, Fact, Field, Find, Measure, Show, Test};

impl Fact {
    /// What is said behind a kind where it is so, and where it is not.
    pub fn said(self) -> (&'static str, &'static str) {
        match self {
            Fact::Limits => ("with cpu and memory limits", "without a cpu or memory limit"),
            Fact::CpuLimit => ("with a cpu limit", "without a cpu limit"),
            Fact::MemoryLimit => ("with a memory limit", "without a memory limit"),
            Fact::Requests => ("with cpu and memory requests", "without a cpu or memory request"),
            Fact::CpuRequest => ("with a cpu request", "without a cpu request"),
            Fact::MemoryRequest => ("with a memory request", "without a memory request"),
            Fact::Liveness => ("with a liveness probe", "without a liveness probe"),
            Fact::Readiness => ("with a readiness probe", "without a readiness probe"),
            Fact::Startup => ("with a startup probe", "without a startup probe"),
            Fact::Privileged => ("running as privileged", "not running as privileged"),
            Fact::Root => ("that may run as root", "that cannot run as root"),
            Fact::Writable => ("with a writable root file system", "with a read-only root file system"),
            Fact::Latest => ("using tag latest", "not using tag latest"),
            Fact::Digest => ("with an image pinned by digest", "without an image pinned by digest"),
            Fact::HostNetwork => ("in the host network", "not in the host network"),
            Fact::Ready => ("that are ready", "that are not ready"),
            Fact::Failed => ("that failed", "that did not fail"),
            Fact::Completed => ("that completed", "that did not complete"),
            Fact::Suspended => ("that are suspended", "that are not suspended"),
            Fact::Used => ("that are used", "that nothing uses"),
        }
    }
}

impl Measure {
    /// Its name in words.
    pub fn said(self) -> &'static str {
        match self {
            Measure::Restarts => "restarts",
            Measure::Age => "age",
            Measure::Replicas => "replicas",
            Measure::Cpus => "cpus",
            Measure::Memory => "memory",
            Measure::CpuUse => "cpu in use",
            Measure::MemoryUse => "memory in use",
            Measure::LimitOfCpu => "cpu limit",
            Measure::LimitOfMemory => "memory limit",
            Measure::RequestOfCpu => "cpu request",
            Measure::RequestOfMemory => "memory request",
            Measure::ImageAge => "image age",
        }
    }
}

impl Compare {
    /// In words.
    pub fn said(self) -> &'static str {
        match self {
            Compare::More => "more than",
            Compare::AtLeast => "at least",
            Compare::Less => "less than",
            Compare::AtMost => "at most",
            Compare::Equal => "exactly",
        }
    }
}

impl Condition {
    /// What is said behind a kind: `without a memory limit`, `with more than 2 restarts`.
    pub fn said(&self) -> String {
        match &self.test {
            Test::Is(fact) => (if self.not { fact.said().1 } else { fact.said().0 }).to_string(),
            Test::Measures(measure, compare, amount) => {
                let (not, compare, value) = (if self.not { "not " } else { "" }, compare.said(), amount.text());
                match measure {
                    Measure::Restarts | Measure::Replicas | Measure::Cpus | Measure::Memory => {
                        format!("{not}with {compare} {value} {}", measure.said())
                    }
                    Measure::Age | Measure::ImageAge => format!("{not}with an {} of {compare} {value}", measure.said()),
                    Measure::CpuUse => format!("{not}using {compare} {value} cpu"),
                    Measure::MemoryUse => format!("{not}using {compare} {value} memory"),
                    Measure::LimitOfCpu | Measure::LimitOfMemory | Measure::RequestOfCpu | Measure::RequestOfMemory => {
                        format!("{not}with a {} of {compare} {value}", measure.said())
                    }
                }
            }
            Test::Reads(field, value) => match field {
                Field::Image => format!("{}using image {value}", if self.not { "not " } else { "" }),
                Field::Tag => format!("{}using tag {value}", if self.not { "not " } else { "" }),
                Field::Registry => format!("{}from registry {value}", if self.not { "not " } else { "" }),
                Field::Node => format!("{}on node {value}", if self.not { "not " } else { "" }),
                Field::Phase => format!("{}in phase {value}", if self.not { "not " } else { "" }),
                Field::Owner => format!("{}of a {value}", if self.not { "not " } else { "" }),
            },
            Test::Meets(_) => format!("where `{self}`"),
        }
    }
}

/// The whole question: `deployments in dev without a memory limit`.
pub(super) fn whole(find: &Find) -> String {
    let mut text = String::new();
    if !find.show.is_empty() {
        text.push_str(&find.show.iter().map(|show| show.said()).collect::<Vec<_>>().join(" and "));
        text.push_str(" of ");
    }
    if find.names.is_empty() {
        text.push_str(&find.kind.plural());
    } else {
        let names: Vec<&str> = find.names.iter().map(|name| name.as_str()).collect();
        text.push_str(&format!("{} {}", find.kind.word(), names.join(" and ")));
    }
    match (&find.namespace, find.all_namespaces) {
        _ if !find.kind.namespaced() => {}
        (_, true) => text.push_str(" in all namespaces"),
        (Some(namespace), false) => text.push_str(&format!(" in namespace {namespace}")),
        (None, false) => {}
    }
    if let Some(selector) = &find.selector {
        text.push_str(&format!(" with label {selector}"));
    }
    for (n, condition) in find.conditions.iter().enumerate() {
        text.push_str(if n == 0 { " " } else { " and " });
        text.push_str(&condition.said());
    }
    if let Some(measure) = find.order {
        text.push_str(&format!(", most {} first", measure.said()));
    }
    text
}

impl Show {
    /// Its name in words.
    pub fn said(self) -> &'static str {
        match self {
            Show::Image => "images",
            Show::Limits => "limits",
            Show::Requests => "requests",
            Show::Liveness => "liveness probe",
            Show::Readiness => "readiness probe",
            Show::Startup => "startup probe",
            Show::RunsAs => "run-as user",
            Show::Privileged => "privileged mode",
            Show::Writable => "root file system mode",
            Show::HostNetwork => "host network use",
            Show::Restarts => "restarts",
            Show::Age => "age",
            Show::ImageAge => "image age",
            Show::Replicas => "replicas",
            Show::Ready => "ready state",
            Show::Phase => "phase",
            Show::Ended => "outcome",
            Show::Node => "placement",
            Show::Capacity => "capacity",
            Show::Use => "measured use",
            Show::Owner => "owner",
            Show::Env => "environment variables",
            Show::ExternalIp => "external ip",
            Show::Ports => "ports",
            Show::ServiceAccount => "service account",
            Show::Type => "type",
            Show::UsedBy => "users",
        }
    }
}
