//! Containers that end and are started again, or never start: judged by what waits, what has ended, and the run before.

use super::{
    finding::{Finding, Severity, rules},
    remedies, services, told,
};
use crate::experts::signals::{
    exits,
    logs::{self, LogCause, LogKind},
    words::{counted, cut},
};
use crate::facts::snapshot::{
    Ref, Snapshot,
    event::Event,
    pod::{Ended, Part, Pod, Seen},
};

rules! {
    CRASH = "crash-loop-back-off" Error 85 Pod "A container starts, fails and is started again (CrashLoopBackOff)." reads ["Pod.status.containerStatuses", "logs", "events"] like "pod web-1 keeps crashing: container app ends with exit code 1: FATAL: no config" same_as ["k8sgpt/Pod"];
    OOM = "oom-killed" Error 96 Pod "A container used more memory than its limit, and was killed (OOMKilled)." reads ["Pod.status.containerStatuses", "Pod.spec.containers.resources"] like "pod web-1 keeps crashing: container app runs out of memory (OOMKilled, limit 64Mi)";
    OOM_BEFORE = "oom-killed-before" Warning 93 Pod "A container that runs now was killed for memory a while ago." reads ["Pod.status.containerStatuses.lastState"] like "pod web-1 runs again, but was killed out of memory (OOMKilled) 3 times, last 5 min ago";
    ENV = "environment-variable-missing" Error 93 Pod "A program ends because an environment variable is not set." reads ["logs", "Pod.spec.containers.env"] like "pod web-1 keeps crashing: environment variable DATABASE_URL of container app is not set";
    DEPENDENCY = "dependency-unreachable" Error 88 Pod "A program ends or is not ready because a service it depends on cannot be reached." reads ["logs", "events", "Service", "EndpointSlice"] like "pod web-1 keeps crashing: it cannot connect to its dependency db:5432 (Service db has no ready endpoints)";
    NO_SERVICE = "service-not-found" Error 92 Network "A program names a Service that does not exist." reads ["logs", "events", "Pod.spec.containers.env", "Service"] like "pod web-1 keeps crashing: the referenced Service backend does not exist (host backend not found)";
    PORT = "service-port-mismatch" Error 90 Network "A program calls a Service on a port that the Service does not expose." reads ["logs", "events", "Service.spec.ports"] like "pod web-1 cannot connect: it calls Service payments on port 8443, but the Service only exposes port 443";
    DNS = "dns-resolution-failure" Error 86 Pod "Names cannot be resolved (DNS)." reads ["logs", "events"] like "pod web-1 keeps crashing: DNS resolution of auth.example fails (no such host)";
    COMMAND = "entrypoint-invalid" Error 94 Pod "A container's command (entrypoint) is not there or cannot be run." reads ["Pod.status.containerStatuses", "events"] like "pod web-1 cannot start: the command (entrypoint) of container app is invalid: exec: \"/app\": no such file or directory";
    PERMISSION = "entrypoint-permission-denied" Error 95 Pod "A container's command (entrypoint) is there and may not be executed." reads ["Pod.status.containerStatuses", "events"] like "pod web-1 cannot start: the entrypoint of container app cannot be executed: permission denied";
    READ_ONLY = "read-only-filesystem-write" Error 93 Pod "A program writes to a filesystem that is read-only." reads ["logs", "events", "Pod.spec.containers.securityContext"] like "pod web-1 keeps crashing: container app attempted to write to a read-only filesystem";
    IN_USE = "port-in-use" Error 92 Pod "A program cannot listen: the port is already in use." reads ["logs", "events", "Pod.spec.hostNetwork"] like "pod web-1 cannot start: the requested port 8080 is already in use (hostNetwork: conflict on the node)";
    NO_SPACE = "no-space-left" Error 92 Pod "A program cannot write: its disk is full." reads ["logs", "events"] like "pod web-1 keeps crashing: no space left on device";
    RUNTIME = "container-runtime-start-failure" Error 85 Pod "The container runtime fails to create or start a container." reads ["Pod.status.containerStatuses", "events"] like "pod web-1 cannot start: the container runtime failed to start container app: failed to create containerd task";
    TIMEOUT = "container-start-timeout" Error 88 Pod "The container runtime timed out while it started a container." reads ["events"] like "pod web-1 cannot start: the container runtime timed out while starting container app (context deadline exceeded)";
    LOG_PATH = "container-log-path-failure" Error 90 Pod "The runtime cannot create or write a container's log." reads ["events"] like "pod web-1 cannot start: the log path of container api could not be created or written by the runtime";
    HOOK = "lifecycle-hook-failure" Error 88 Pod "A container's postStart or preStop hook fails." reads ["Pod.status.containerStatuses", "events"] like "pod web-1: the PreStop hook of container app failed";
    DONE = "completes-and-restarts" Error 90 Pod "A container does its work and ends, and its pod starts it again." reads ["Pod.status.containerStatuses"] like "pod web-1 keeps crashing: container app ends with exit code 0 (Completed) and is restarted: its command does not stay";
    INIT = "init-container-fails" Error 92 Pod "An init container fails, so that the pod's own containers never start." reads ["Pod.status.initContainerStatuses", "logs", "events"] like "pod web-1 is blocked: init container migrate is failing with exit code 1";
    SIDECAR = "sidecar-crash-loop" Error 88 Pod "A sidecar container crashes while the pod's primary container is healthy." reads ["Pod.status.containerStatuses"] like "pod web-1 is degraded: sidecar container istio-proxy is crashing while the primary container runs healthy";
    FAILED = "pod-failed" Warning 85 Pod "A pod that nobody starts again ended with an error." reads ["Pod.status"] like "pod once-1 failed: container app ended with exit code 3";
    RESTARTS = "container-restarted" Warning 80 Pod "A container that runs now ended with an error a short while ago." reads ["Pod.status.containerStatuses.lastState"] like "pod web-1 runs again after 5 restarts: container app ended with exit code 1";
}

/// A run that ended longer ago than this is history.
const LATELY: i64 = 3_600;

/// Containers that stand beside the main one by custom; `restartPolicy: Always` of an init container says it outright.
const BESIDE: &[&str] = &[
    "istio-proxy",
    "linkerd-proxy",
    "envoy",
    "sidecar",
    "vault-agent",
    "cloud-sql-proxy",
    "fluent-bit",
    "fluentd",
    "filebeat",
    "proxy",
    "agent",
    "exporter",
    "oauth2-proxy",
    "dapr",
    "otel",
];

pub(super) fn is_sidecar(c: &Seen<'_>, pod: &Pod) -> bool {
    c.part == Part::Sidecar
        || (pod.spec.containers.len().max(pod.status.containers.len()) > 1 && BESIDE.iter().any(|w| c.status.name.contains(w)))
}

/// How a container fails.
enum How<'a> {
    /// It ends again and again.
    Loops(Option<&'a Ended>),
    /// It never came to run.
    Never(&'a str, &'a str),
    /// It runs again.
    Again(&'a Ended),
    /// It ended for good, badly.
    Over(&'a Ended),
}

/// Whether a crash of that rule lies in what the workload runs and how, and not in what it depends on.
pub(super) fn lies_in_the_program(rule: &super::Rule) -> bool {
    [CRASH.id, COMMAND.id, PERMISSION.id, READ_ONLY.id, IN_USE.id, DONE.id, INIT.id, SIDECAR.id, HOOK.id].contains(&rule.id)
}

pub(super) fn find(s: &Snapshot, found: &mut Vec<Finding>) {
    for pod in &s.pods {
        if &*pod.status.phase == "Succeeded" || (&*pod.status.phase == "Failed" && !pod.status.reason.is_empty()) {
            continue;
        }
        let from = found.len();
        for c in pod.containers() {
            if let Some(how) = how(s, pod, &c) {
                found.push(of_container(s, pod, &c, &how));
            }
        }
        if found.len() == from && !pod.meta.going() {
            found.extend(by_events(s, pod));
        }
    }
}

fn how<'a>(s: &Snapshot, pod: &Pod, c: &Seen<'a>) -> Option<How<'a>> {
    const NEVER: &[&str] = &[
        "CreateContainerError",
        "RunContainerError",
        "StartError",
        "ContainerCannotRun",
        "PreCreateHookError",
        "PreStartHookError",
        "PostStartHookError",
        "CreatePodSandboxError",
    ];
    let always = ["", "Always"].contains(&&*pod.spec.restart);
    let last = c.status.last.ended.as_ref();
    let status = &c.status.state;
    if c.part == Part::Ephemeral {
        return None;
    }
    if let Some(w) = &status.waiting {
        if &*w.reason == "CrashLoopBackOff" {
            return Some(How::Loops(last));
        }
        if NEVER.contains(&&*w.reason) {
            return Some(How::Never(&w.reason, &w.message));
        }
        return None;
    }
    if let Some(e) = &status.ended {
        let fine = e.exit == Some(0) && !(always && c.part != Part::Init);
        let fine = fine || (e.exit.is_none() && e.reason.is_empty()) || &*e.reason == "Completed" && !always;
        if fine || pod.meta.going() || (&*e.reason == "Completed" && c.part == Part::Init) {
            return None;
        }
        // Between two runs nothing waits: what ended once with an error in a pod that is restarted is on its way to a loop.
        return Some(if always || c.status.restarts > 0 { How::Loops(Some(e)) } else { How::Over(e) });
    }
    let e = last.filter(|_| c.part != Part::Init)?;
    let bad = e.exit != Some(0) || &*e.reason == "OOMKilled";
    if !bad || pod.meta.going() {
        return None;
    }
    let lately = lately(s, Some(e));
    let probed =
        s.event("Pod", &pod.meta, &["Unhealthy", "Killing"]).is_some_and(|x| x.message.contains("iveness") || x.message.contains("tartup"));
    (!c.status.ready && status.running.is_some() && !probed && (c.status.restarts > 2 || lately)).then_some(How::Loops(Some(e))).or_else(
        || {
            let often = c.status.restarts >= 3 || &*e.reason == "OOMKilled";
            (often && !probed && (lately || (s.clock.loose && &*e.reason == "OOMKilled" && e.at.0.is_some()))).then_some(How::Again(e))
        },
    )
}

/// Whether a run ended a short while ago, as far as the time is known.
pub(super) fn lately(s: &Snapshot, ended: Option<&Ended>) -> bool {
    ended.is_some_and(|e| !s.clock.loose && s.clock.since(e.at).is_some_and(|ago| ago < LATELY))
}

/// What the program itself, the kubelet or the runtime said of it: log lines first, then the termination message, then events.
pub(super) fn words(s: &Snapshot, pod: &Pod, container: &str, ended: Option<&Ended>) -> Option<(LogCause, String)> {
    if let Some((lines, previous)) = s.log_of(&pod.meta, container)
        && let Some(cause) = logs::cause(lines.iter().map(|l| &**l))
    {
        let quote = format!("log of container {container}{}: {}", if previous { " (the run before)" } else { "" }, cause.line);
        return Some((cause, quote));
    }
    if let Some(e) = ended.filter(|e| !e.message.trim().is_empty())
        && let Some(cause) = logs::cause(e.message.lines())
    {
        let quote = format!("container {container}: terminated.message: {}", cause.line);
        return Some((cause, quote));
    }
    let said = |e: &&Event| &*e.reason == "Failed" && e.warning && !e.message.contains("ull image") && !only_a_reason(&e.message);
    let mine = |e: &&Event| !e.about.field.contains('{') || e.about.field.contains(&format!("{{{container}}}"));
    let e = s.events_of("Pod", &pod.meta).into_iter().rev().filter(said).find(mine)?;
    let cause = logs::cause(e.message.lines())?;
    Some((cause, told::event(e, &s.clock)))
}

fn of_container(s: &Snapshot, pod: &Pod, c: &Seen<'_>, how: &How<'_>) -> Finding {
    let name = &*c.status.name;
    let subject = told::pod(pod);
    let ended = match how {
        How::Loops(e) => *e,
        How::Again(e) | How::Over(e) => Some(*e),
        How::Never(..) => c.status.last.ended.as_ref(),
    };
    let (exit, reason) = ended.map_or((None, ""), |e| (e.exit, &*e.reason));
    let limit = c.spec.and_then(|x| x.resources.limits.get("memory")).map_or("", |m| &**m);
    let told_by = words(s, pod, name, ended);
    let message = match how {
        How::Never(_, message) => message.to_string(),
        How::Loops(_) | How::Again(_) | How::Over(_) => ended.map_or_else(String::new, |e| e.message.to_string()),
    };
    let oom = reason == "OOMKilled";
    let liveness = s.events_of("Pod", &pod.meta).into_iter().rfind(|e| {
        let field = !e.about.field.contains('{') || e.about.field.contains(&format!("{{{name}}}"));
        &*e.reason == "Unhealthy" && field && (e.message.starts_with("Liveness") || e.message.starts_with("Startup"))
    });
    let sidecar =
        is_sidecar(c, pod) && pod.containers().iter().any(|o| o.part == Part::Main && o.status.name != c.status.name && o.status.ready);
    let told = Told { s, pod, c, how, exit, reason, message: &message, limit, words: told_by.as_ref().map(|(w, _)| w) };
    let (rule, what) = if let How::Never(reason, message) = how {
        never(reason, message, name)
    } else if let Some(e) = liveness.filter(|_| !oom && matches!(exit, Some(137 | 143 | 0) | None)) {
        let probe = if e.message.starts_with("Startup") { "startup" } else { "liveness" };
        super::probes::killed(probe, name, e, c.status.restarts)
    } else {
        told.why()
    };
    let (rule, what) = match how {
        How::Over(_) if rule.id == CRASH.id => (&FAILED, format!("failed: container {name} ended with {}", code(exit, reason))),
        How::Again(e) => {
            let ago = told::ago(e.at, &s.clock).map_or_else(String::new, |ago| format!(", last {ago}"));
            let n = counted(c.status.restarts, "restart");
            if oom {
                let limit = if limit.is_empty() { String::new() } else { format!(", limit {limit}") };
                (&OOM_BEFORE, format!("run(s) again after {n}: container {name} was killed out of memory (OOMKilled{limit}{ago})"))
            } else {
                let why = told_by.as_ref().map_or_else(String::new, |(words, _)| format!(": {}", words.cause));
                (&RESTARTS, format!("run(s) again after {n}: container {name} ended with {}{ago}{why}", code(exit, reason)))
            }
        }
        How::Loops(_) | How::Never(..) | How::Over(_) if sidecar => {
            let does = if oom {
                "is starved of memory (OOMKilled)"
            } else if matches!(how, How::Never(..)) {
                "cannot start"
            } else {
                "is crashing (CrashLoopBackOff)"
            };
            (
                if oom { &OOM } else { &SIDECAR },
                format!("(s degraded): sidecar container {name} {does} while the primary container runs healthy: {}", code(exit, reason))
                    .replace("(s degraded)", "suffer(s)"),
            )
        }
        How::Loops(_) | How::Never(..) | How::Over(_) => (rule, what),
    };
    let partial = rule.id == CRASH.id && pod.status.containers.iter().any(|o| o.name != c.status.name && o.ready);
    let what = if partial { format!("{what}; the other containers run: a partial failure within a multi-container pod") } else { what };
    let reached = told_by.as_ref().and_then(|(w, _)| services::reached(s, pod, w));
    let mut finding = Finding::new(rule, subject.clone(), what).saw(told::container(c)).saw_all(told::last(c));
    if let Some((_, quote)) = &told_by {
        finding = finding.saw(quote.clone());
    }
    if let Some(reached) = &reached {
        finding = finding.saw(reached.said.clone()).after(reached.service.clone());
    }
    let backoff = told::events(s, "Pod", &pod.meta, &["BackOff", "Unhealthy", "Killing", "ConfigMapUpdated", "SecretUpdated"]);
    let top = s.top("Pod", &pod.meta);
    let old = remedies::rollback(s, pod);
    let missing = told_by.as_ref().filter(|(w, _)| rule.id == ENV.id && !w.env.is_empty());
    let given = missing.and_then(|(w, _)| remedies::variable(s, pod, name, &w.env));
    let more = if oom && old.is_none() { remedies::memory(s, pod, name, limit) } else { None };
    let (more, why) = more.unzip();
    let previous = if c.status.restarts > 0 { " --previous" } else { "" };
    finding
        .saw_all(backoff)
        .saw_all(why)
        .one_for(format!("{}/{name}/{}", top.told(), exit.unwrap_or(-1)))
        .by_hand(format!("kubectl logs {} -c {name}{previous}{}", pod.meta.name, told::flag(&pod.meta.namespace)))
        .fix(given.or(old).or(more))
        .since(ended.and_then(|e| e.from.0))
        .after(super::volumes::resizing(s, pod))
        .after(super::network::dns_of(s, pod))
        // Its Job says the same and more; what is known of the cause stays with the pod.
        .after(
            (rule.id == FAILED.id)
                .then(|| pod.meta.owners.iter().map(|o| Ref::new(&o.kind, &pod.meta.namespace, &o.name)))
                .into_iter()
                .flatten(),
        )
}

struct Told<'a> {
    s: &'a Snapshot,
    pod: &'a Pod,
    c: &'a Seen<'a>,
    how: &'a How<'a>,
    exit: Option<i64>,
    reason: &'a str,
    message: &'a str,
    limit: &'a str,
    words: Option<&'a LogCause>,
}

type Why = (&'static super::finding::Rule, String);

impl Told<'_> {
    /// The rule and the sentence of a container that ends again and again.
    fn why(&self) -> Why {
        let name = &self.c.status.name;
        let keeps = match self.how {
            How::Over(_) => format!("failed: container {name}"),
            How::Loops(_) | How::Again(_) | How::Never(..) => format!("keep(s) crashing: container {name}"),
        };
        if self.reason == "OOMKilled" {
            let limit = if self.limit.is_empty() { String::new() } else { format!(", memory limit {}", self.limit) };
            return (
                &OOM,
                format!("{keeps} was terminated out of memory (OOMKilled{limit}, {})", counted(self.c.status.restarts, "restart")),
            );
        }
        if self.c.part == Part::Init {
            return (&INIT, format!("(s): init container {name} is failing: {}", self.said()).replacen("(s):", "is blocked:", 1));
        }
        if exits::no_command(self.message) || matches!(self.reason, "StartError" | "ContainerCannotRun") {
            return never(self.reason, self.message, name);
        }
        if let Some(why) = self.words.and_then(|w| by_words(self.s, self.pod, w, &keeps)) {
            return why;
        }
        match self.exit {
            Some(126) => (&PERMISSION, format!("{keeps}'s command is not executable (exit code 126)")),
            Some(127) => (&COMMAND, format!("{keeps}'s command (entrypoint) was not found (exit code 127)")),
            Some(0) => (&DONE, format!("{keeps} ends with exit code 0 (Completed) and is restarted: its command does not stay")),
            Some(_) | None => (&CRASH, format!("{keeps} {}", self.said())),
        }
    }

    /// The program's own words where there are any, else what the exit code means.
    fn said(&self) -> String {
        let exit = match self.exit {
            Some(n @ (134 | 137 | 139 | 143)) => exits::meaning(Some(n), self.reason, self.message, self.limit),
            Some(n) => format!("ends with exit code {n}"),
            None if matches!(self.how, How::Loops(None)) => "is in CrashLoopBackOff".into(),
            None => "ends".into(),
        };
        match self.words {
            Some(w) => format!("{exit}: {}", w.cause),
            None => exit,
        }
    }
}

fn code(exit: Option<i64>, reason: &str) -> String {
    match (exit, reason) {
        (Some(n), "" | "Error") => format!("exit code {n}"),
        (Some(n), reason) => format!("exit code {n} ({reason})"),
        (None, "") => "an unknown exit code".into(),
        (None, reason) => reason.to_string(),
    }
}

/// What known sentences of programs mean; none for sentences of their own.
fn by_words(s: &Snapshot, pod: &Pod, w: &LogCause, keeps: &str) -> Option<Why> {
    let said = w.cause.to_lowercase();
    let any = |words: &[&str]| words.iter().any(|x| said.contains(x));
    if !w.sure {
        return None;
    }
    Some(match w.kind {
        LogKind::Env => (&ENV, format!("{keeps}: environment variable {} is missing (not set): {}", w.env, w.cause)),
        LogKind::Host | LogKind::Refused => {
            let reached = services::reached(s, pod, w);
            return Some(dependency(reached, w, keeps));
        }
        LogKind::Other if any(&["read-only file system", "read-only filesystem", "erofs"]) => {
            (&READ_ONLY, format!("{keeps} attempted to write to a read-only filesystem: {}", w.cause))
        }
        LogKind::Other if any(&["address already in use", "eaddrinuse"]) => {
            let host = if pod.spec.host_network { ": hostNetwork, a port conflict on the node" } else { "" };
            (&IN_USE, format!("cannot start: the requested port is already in use{host}: {}", w.cause))
        }
        LogKind::Other if any(&["no space left on device", "enospc"]) => {
            (&NO_SPACE, format!("{keeps} finds no space left on its disk: {}", w.cause))
        }
        LogKind::Other if any(&["exec format error"]) => {
            (&super::images::ARCHITECTURE, format!("{keeps}: its image is not made for the architecture of the node (exec format error)"))
        }
        LogKind::Other => return None,
    })
}

/// Why a host was not reached, as far as its Service tells.
pub(super) fn dependency(reached: Option<services::Reached>, w: &LogCause, keeps: &str) -> Why {
    let port = if w.port.is_empty() { String::new() } else { format!(":{}", w.port) };
    match reached.map(|r| (r.state, r.said)) {
        Some((services::State::NoService, said)) => (&NO_SERVICE, format!("{keeps} cannot connect: {said}")),
        Some((services::State::NoPort, said)) => (&PORT, format!("{keeps} cannot connect: {said}")),
        Some((services::State::NoEndpoints, said)) => {
            (&DEPENDENCY, format!("{keeps} cannot connect to its dependency {}{port}: {said}", w.host))
        }
        Some((services::State::There, said)) => {
            (&DEPENDENCY, format!("{keeps} cannot connect to its dependency {}{port} ({said}): {}", w.host, w.cause))
        }
        None if w.kind == LogKind::Host => (&DNS, format!("{keeps}: DNS resolution failed, the host {} is not found: {}", w.host, w.cause)),
        None => (&DEPENDENCY, format!("{keeps} cannot connect to its dependency {}{port}: {}", w.host, w.cause)),
    }
}

fn never(reason: &str, message: &str, name: &str) -> Why {
    let said = message.to_lowercase();
    let short = cut(exits::short_start_error(message), 200);
    let colon = if short.is_empty() { String::new() } else { format!(": {short}") };
    if reason.contains("Hook") || said.contains("hook") {
        return (&HOOK, format!("cannot start: a lifecycle hook of container {name} failed ({reason}){colon}"));
    }
    if said.contains("permission denied") && (said.contains("exec") || said.contains("starting container")) {
        return (
            &PERMISSION,
            format!("cannot start: the entrypoint of container {name} exists but cannot be executed: permission denied{colon}"),
        );
    }
    if exits::no_command(message) || said.contains("executable file not found") || said.contains("no such file or directory") {
        return (&COMMAND, format!("cannot start: the command (entrypoint) of container {name} is invalid and cannot be run{colon}"));
    }
    if said.contains("/var/log/") && (said.contains("symbolic link") || said.contains("symlink") || said.contains("log path")) {
        return (
            &LOG_PATH,
            format!("cannot start: the log path of container {name} could not be created or written by the runtime{colon}"),
        );
    }
    if said.contains("deadline exceeded") || said.contains("timed out") {
        return (&TIMEOUT, format!("cannot start: the container runtime timed out while starting container {name}{colon}"));
    }
    if said.contains("no match for platform") || said.contains("exec format error") {
        return (
            &super::images::ARCHITECTURE,
            format!("cannot start: the image of container {name} is not made for the architecture of the node{colon}"),
        );
    }
    let why = if reason.is_empty() { String::new() } else { format!(" ({reason})") };
    (&RUNTIME, format!("cannot start: the container runtime failed to start container {name}{why}{colon}"))
}

/// `Error: ImagePullBackOff`: the kubelet repeats why a container waits, and says nothing else.
fn only_a_reason(message: &str) -> bool {
    let word = message.trim_start_matches("Error: ").trim();
    !word.contains(' ') && word.starts_with(char::is_uppercase)
}

/// A pod whose statuses tell nothing, by its events alone.
fn by_events(s: &Snapshot, pod: &Pod) -> Option<Finding> {
    if pod.ready() {
        return None;
    }
    let events: Vec<&Event> = s.events_of("Pod", &pod.meta).into_iter().filter(|e| e.warning).collect();
    let runs = !pod.status.containers.is_empty() && pod.status.containers.iter().all(|c| c.ready);
    let backoff =
        events.iter().rfind(|e| ["BackOff", "CrashLoopBackOff"].contains(&&*e.reason) && e.message.to_lowercase().contains("restart"));
    let failed = events.iter().rfind(|e| {
        let about_image = e.message.contains("ull image") || e.message.contains("image pull") || only_a_reason(&e.message);
        &*e.reason == "Failed" && !about_image && crate::experts::signals::missing::of(&e.message).is_none()
    });
    let subject = told::pod(pod);
    let container = pod.spec.containers.first().map_or("", |c| &c.name);
    let (rule, what, severity) = match (failed, backoff) {
        (Some(e), _) => {
            let named = pod.spec.all().find(|c| e.message.contains(&*c.name)).map_or(container, |c| &c.name);
            let starts = ["Error:", "failed to start", "failed to create", "failed to reserve"].iter().any(|w| e.message.contains(w));
            let told = logs::cause(e.message.lines())
                .filter(|w| w.kind != LogKind::Other)
                .or_else(|| logs::cause(e.message.lines()).filter(|w| by_words(s, pod, w, "").is_some()));
            let keeps = if backoff.is_some() {
                format!("keep(s) crashing: container {named}")
            } else if runs {
                format!("has trouble: container {named}")
            } else {
                format!("cannot start: container {named}")
            };
            match told.and_then(|w| by_words(s, pod, &w, &keeps)) {
                Some((rule, what)) => (rule, what, if runs { Severity::Warning } else { Severity::Error }),
                None if starts && !runs => {
                    let (rule, what) = never("", &e.message, named);
                    (rule, what, Severity::Error)
                }
                None => return None,
            }
        }
        (None, Some(e)) if !runs => {
            let init =
                e.message.contains("init container") || pod.spec.init.iter().any(|c| e.message.contains(&format!("container {}", c.name)));
            if init {
                (&INIT, "is blocked: an init container is failing and restarted again and again".to_string(), Severity::Error)
            } else {
                (&CRASH, "keep(s) crashing: its container is restarted again and again (CrashLoopBackOff)".to_string(), Severity::Error)
            }
        }
        (None, Some(_) | None) => return None,
    };
    let quotes = failed.into_iter().chain(backoff).map(|e| told::event(e, &s.clock));
    let reached: Vec<Ref> = failed
        .and_then(|e| logs::cause(e.message.lines()))
        .and_then(|w| services::reached(s, pod, &w))
        .and_then(|r| r.service)
        .into_iter()
        .collect();
    Some(
        Finding::new(rule, subject.clone(), what)
            .severity(severity)
            .confidence(75)
            .saw_all(quotes)
            .saw(format!("status.phase {}", pod.status.phase))
            .one_for(format!("{}/{}", s.top("Pod", &pod.meta).told(), rule.id))
            .by_hand(told::describe(&subject))
            .after(reached),
    )
}
