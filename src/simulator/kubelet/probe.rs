//! Probes: when each is asked, what it answers, and what follows. Source: `pkg/kubelet/prober/worker.go`.
//!
//! A probe that passes and will go on passing is not asked: an idle cluster does nothing.
use super::{
    play::plus,
    script::{Answers, Script, When},
};
use crate::simulator::json::{number, text};
use jiff::Timestamp;
use serde_json::Value;

/// The probes of a container, each with its name in the spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Startup,
    Liveness,
    Readiness,
}

/// What the probes of one run have found so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Checks {
    startup: Check,
    liveness: Check,
    readiness: Check,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Check {
    /// Whether the container counts as passing.
    passing: bool,
    /// The next time to ask; None where there is no such probe.
    at: Option<Timestamp>,
    /// How often in a row it passed (positive) or failed (negative).
    streak: i64,
}

/// What follows from asking.
#[derive(Debug)]
pub(super) enum Verdict {
    Unhealthy(String),
    /// It failed this probe once too often.
    Kill(&'static str),
}

impl Kind {
    fn field(self) -> &'static str {
        match self {
            Kind::Startup => "startupProbe",
            Kind::Liveness => "livenessProbe",
            Kind::Readiness => "readinessProbe",
        }
    }

    fn answers(self, script: &Script) -> &Answers {
        match self {
            Kind::Startup => &script.probes.startup,
            Kind::Liveness => &script.probes.liveness,
            Kind::Readiness => &script.probes.readiness,
        }
    }

    /// When it begins to pass and, perhaps, to fail again.
    fn span(self, script: &Script, since: Timestamp) -> (Option<Timestamp>, Option<Timestamp>) {
        let answers = self.answers(script);
        let from = match answers.passes {
            None => Some(plus(since, script.ready_after)),
            Some(When::After(seconds)) => Some(plus(since, seconds)),
            Some(When::Never) => None,
        };
        (from, answers.fails.map(|seconds| plus(since, seconds)))
    }

    fn passes(self, script: &Script, since: Timestamp, at: Timestamp) -> bool {
        let (from, until) = self.span(script, since);
        from.is_some_and(|from| from <= at) && until.is_none_or(|until| at < until)
    }
}

impl Checks {
    /// `init`: its probes do not count.
    pub(super) fn new(spec: &Value, init: bool, now: Timestamp) -> Self {
        let check = |kind: Kind, passing: bool| match spec.get(kind.field()).filter(|_| !init) {
            Some(probe) => Check { passing, at: Some(plus(now, number(probe, "/initialDelaySeconds", 0))), streak: 0 },
            None => Check { passing: true, at: None, streak: 0 },
        };
        Checks { startup: check(Kind::Startup, false), liveness: check(Kind::Liveness, true), readiness: check(Kind::Readiness, false) }
    }

    pub(super) fn started(&self) -> bool {
        self.startup.passing
    }

    pub(super) fn ready(&self) -> bool {
        self.startup.passing && self.readiness.passing
    }

    /// Those that are asked now: until the first has passed, only that one.
    fn asked(&mut self) -> Vec<(Kind, &mut Check)> {
        if self.startup.passing {
            vec![(Kind::Liveness, &mut self.liveness), (Kind::Readiness, &mut self.readiness)]
        } else {
            vec![(Kind::Startup, &mut self.startup)]
        }
    }

    /// When a probe is asked next that does not say what is known.
    pub(super) fn next_time(&self, spec: &Value, script: &Script, since: Timestamp) -> Option<Timestamp> {
        let mut copy = self.clone();
        let next = |(kind, check): (Kind, &mut Check)| {
            let at = check.at?;
            if !check.passing || check.streak < 0 || !kind.passes(script, since, at) {
                return Some(at);
            }
            // It passes: only a failure to come matters.
            let (_, until) = kind.span(script, since);
            let period = number(&spec[kind.field()], "/periodSeconds", 10).max(1);
            let seconds = (until?.as_second() - at.as_second()).max(0);
            Some(plus(at, (seconds + period - 1) / period * period))
        };
        copy.asked().into_iter().filter_map(next).min()
    }

    /// Asks what is due.
    pub(super) fn run(&mut self, spec: &Value, script: &Script, since: Timestamp, now: Timestamp, address: &str) -> Vec<Verdict> {
        let mut verdicts = Vec::new();
        let starting = !self.startup.passing;
        for (kind, check) in self.asked() {
            let Some(at) = check.at.filter(|at| *at <= now) else { continue };
            let probe = &spec[kind.field()];
            let period = number(probe, "/periodSeconds", 10).max(1);
            let passed = (now.as_second() - at.as_second()) / period;
            check.at = Some(plus(at, (passed + 1) * period));
            if kind.passes(script, since, now) {
                check.streak = check.streak.max(0) + 1;
                check.passing |= check.streak >= number(probe, "/successThreshold", 1);
                continue;
            }
            check.streak = check.streak.min(0) - 1;
            let word = match kind {
                Kind::Startup => "Startup",
                Kind::Liveness => "Liveness",
                Kind::Readiness => "Readiness",
            };
            let says = kind.answers(script).says.clone().unwrap_or_else(|| refused(probe, address, spec));
            verdicts.push(Verdict::Unhealthy(format!("{word} probe failed: {says}")));
            if -check.streak >= number(probe, "/failureThreshold", 3) {
                match kind {
                    Kind::Readiness => check.passing = false,
                    Kind::Liveness => verdicts.push(Verdict::Kill("liveness")),
                    Kind::Startup => verdicts.push(Verdict::Kill("startup")),
                }
            }
        }
        if starting && self.startup.passing {
            // The others begin as soon as the container has started.
            for check in [&mut self.liveness, &mut self.readiness] {
                check.at = check.at.map(|at| at.max(now));
            }
            verdicts.extend(self.run(spec, script, since, now, address));
        }
        verdicts
    }
}

/// What a probe says of a container in which nobody listens.
fn refused(probe: &Value, address: &str, spec: &Value) -> String {
    let port = |field: &str| match &probe[field]["port"] {
        Value::String(name) => {
            let ports = crate::simulator::json::list(spec, "/ports");
            ports.iter().find(|p| text(p, "/name") == name).map_or_else(|| name.clone(), |p| p["containerPort"].to_string())
        }
        number => number.to_string(),
    };
    if let Some(get) = probe.get("httpGet") {
        let host = if text(get, "/host").is_empty() { address } else { text(get, "/host") };
        let (scheme, path, port) = (text(get, "/scheme").to_lowercase(), text(get, "/path"), port("httpGet"));
        let slash = if path.starts_with('/') { "" } else { "/" };
        return format!("Get \"{scheme}://{host}:{port}{slash}{path}\": dial tcp {host}:{port}: connect: connection refused");
    }
    if probe.get("tcpSocket").is_some() {
        return format!("dial tcp {address}:{}: connect: connection refused", port("tcpSocket"));
    }
    if probe.get("grpc").is_some() {
        let seconds = number(probe, "/timeoutSeconds", 1);
        return format!("timeout: failed to connect service \"{address}:{}\" within {seconds}s: context deadline exceeded", port("grpc"));
    }
    String::new()
}
