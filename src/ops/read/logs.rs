//! `kubectl logs`: what a container said, by pod or by the workload that owns it.
//!
//! Which pod and which container: `kubectl/pkg/polymorphichelpers/logsforobject.go`, `ByLogging` in `kubectl/pkg/util/podutils`.

mod keep;
mod line;
mod rank;
mod run;
mod source;

pub use run::{ContainerRun, RunState};
pub use source::LogSource;

use self::{
    keep::{MOST_LINES, keep_last, last_part},
    rank::rank,
};
use crate::ops::{
    Answer, Argv, Call, CannotDo, ContainerName, Flag, Follow, Form, Impact, Kind, Lookup, Misuse, Name, Namespace, Op, Renewal, Reply,
    Spec, Target, Until, Verb, WaitFor,
    answer::LogLine,
    look::{self, pod_selector, text},
    template,
};
use crate::terms::duration::GoDuration;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{borrow::Cow, num::NonZeroU32};

/// More logs than these are not read at once, unless somebody says so.
const MOST_LOGS: usize = 100;
/// So many lines of each pod that a selector finds, where nobody says how many (`kubectl/pkg/cmd/logs`).
const LINES_BY_SELECTOR: u32 = 10;

/// Reads logs. A target that is no pod means its pods (kubectl's `deployment/x` form).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Logs {
    /// a pod, a workload that has pods, or a selector
    #[serde(flatten)]
    pub of: LogSource,
    /// every pod of the workload, not only one
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub all_pods: bool,
    /// container; left out: the only one, or the default one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<ContainerName>,
    /// the container's former run
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub previous: bool,
    /// the last so many lines
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tail: Option<u32>,
    /// only what is younger: 10m, 1h
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// only what is younger than this time: 2026-01-31T08:00:00Z
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub since_time: Option<Timestamp>,
    /// no more bytes of each log than these
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit_bytes: Option<NonZeroU32>,
    /// no more logs at once than these
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_log_requests: Option<NonZeroU32>,
    /// every container of the pod
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub all_containers: bool,
    /// a time stamp before each line
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub timestamps: bool,
    /// pod and container before each line; left out: where there are several
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<bool>,
    /// goes on with what is written from now on, over restarts; a model or a playbook gets what comes within 20 seconds
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub follow: bool,
    /// how long to wait at most until the one pod runs: 20s; left out: not at all
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod_running_timeout: Option<String>,
}

fn pods() -> Kind {
    Kind::built_in("pods")
}

fn seconds(since: &str) -> Result<i64, String> {
    let duration: GoDuration = since.parse().map_err(|e: crate::terms::duration::NotADuration| e.to_string())?;
    // A part of a second counts as a whole one, as kubectl rounds it.
    let seconds = duration.secs().saturating_add(i64::from(duration.nanos() % 1_000_000_000 > 0));
    if seconds > 0 { Ok(seconds) } else { Err(format!("{since:?} must be more than 0s")) }
}

impl Logs {
    /// The log of one object, with nothing else said of it.
    pub fn of(target: Target) -> Logs {
        Logs {
            of: LogSource::Object(target),
            all_pods: false,
            container: None,
            previous: false,
            tail: None,
            since: None,
            since_time: None,
            limit_bytes: None,
            max_log_requests: None,
            all_containers: false,
            timestamps: false,
            prefix: None,
            follow: false,
            pod_running_timeout: None,
        }
    }

    /// The one pod, where one is named.
    fn one_pod(&self) -> Option<&Target> {
        self.of.object().filter(|target| target.kind() == pods())
    }

    /// The pods whose logs are read.
    fn pods<'a>(&self, seen: &'a [Lookup<Value>]) -> Result<Vec<&'a Value>, CannotDo> {
        let target = match &self.of {
            LogSource::Object(target) => target,
            LogSource::Chosen { .. } => {
                let found = look::listed(seen, 0, pods())?;
                if found.is_empty() {
                    return Err(CannotDo::new(format!("there are no {}", self.of), "kubectl get pods --show-labels shows their labels"));
                }
                return Ok(found.iter().collect());
            }
        };
        let object = look::object(seen, target)?;
        if target.kind() == pods() {
            return Ok(vec![object]);
        }
        let slashed = target.slashed();
        if pod_selector(target.kind(), object).is_none() {
            return Err(if target.kind().is("cronjobs", "batch") {
                CannotDo::new(format!("{slashed} has no pods of its own: its jobs have"), "kubectl get jobs, then the logs of one of them")
            } else {
                CannotDo::new(format!("{slashed} selects no pods, so it has no log"), "name a pod or a workload")
            });
        }
        let mut found: Vec<&Value> = look::listed(seen, 1, pods())?.iter().collect();
        found.sort_by_cached_key(|pod| rank(pod));
        if found.is_empty() {
            return Err(CannotDo::new(
                format!("{slashed} has no pods, so there is no log to read"),
                format!("kubectl describe {slashed} says why"),
            ));
        }
        if !self.all_pods {
            found.truncate(1);
        }
        Ok(found)
    }

    /// The lines wanted of each log, one more than that where it has to be seen whether there were more.
    fn lines_of(&self, logs: usize) -> (usize, bool) {
        let said = match (self.tail, &self.of) {
            (None, LogSource::Chosen { .. }) => Some(LINES_BY_SELECTOR),
            (tail, _) => tail,
        };
        let share = MOST_LINES / logs.max(1);
        match said.map(|lines| usize::try_from(lines).unwrap_or(MOST_LINES)) {
            Some(lines) if lines <= share => (lines, false),
            Some(_) | None => (share.max(1), true),
        }
    }

    fn chosen(&self, pod: &Value) -> Result<Vec<ContainerName>, CannotDo> {
        let spec = &pod["spec"];
        let of = |list: &str| template::containers(spec, list).map(|(name, _)| name.to_string()).collect::<Vec<_>>();
        let (init, regular, ephemeral) = (of("initContainers"), of("containers"), of("ephemeralContainers"));
        let by_default = text(pod, "/metadata/annotations/kubectl.kubernetes.io~1default-container");
        let all: Vec<String> = [init, regular.clone(), ephemeral].concat();
        let names = match &self.container {
            Some(name) if all.iter().any(|n| n == name.as_str()) => vec![name.to_string()],
            Some(name) => {
                let pod = text(pod, "/metadata/name");
                return Err(CannotDo::new(
                    format!("pod/{pod} has no container {:?}", name.as_str()),
                    format!("it has: {}", all.join(", ")),
                ));
            }
            None if self.all_containers => all,
            None if all.iter().any(|n| n == by_default) => vec![by_default.to_string()],
            None => regular.into_iter().take(1).collect(),
        };
        Ok(names.into_iter().filter_map(|name| ContainerName::new(name).ok()).collect())
    }

    fn call(&self, pod: &Target, container: Option<&ContainerName>, logs: usize) -> Result<Call, CannotDo> {
        let since = self.since.as_deref().map(seconds).transpose().map_err(|e| CannotDo::new(format!("since: {e}"), ""))?;
        // One line more than is kept tells that there was more.
        let (lines, cut) = self.lines_of(logs);
        // What is followed is told line by line: none of it has to be kept.
        let tail = match (&self.of, self.tail) {
            (LogSource::Object(_), None) if self.follow => None,
            (_, _) => Some(lines + usize::from(cut && !self.follow)),
        };
        let on = |switch: bool| if switch { "true" } else { "" };
        Ok(Call::get(pod)
            .on("log")
            .with("container", container.map(ContainerName::as_str).unwrap_or_default())
            .with("previous", on(self.previous))
            .with("tailLines", tail.map(|t| t.to_string()).unwrap_or_default())
            .with("sinceSeconds", since.map(|s| s.to_string()).unwrap_or_default())
            .with("sinceTime", self.since_time.map(|t| t.to_string()).unwrap_or_default())
            .with("limitBytes", self.limit_bytes.map(|n| n.to_string()).unwrap_or_default())
            .with("timestamps", on(self.timestamps))
            .with("follow", on(self.follow))
            .shaped(Form::Text))
    }

    fn fits(&self) -> Result<(), &'static str> {
        match () {
            () if self.since.is_some() && self.since_time.is_some() => Err("since and since-time exclude each other"),
            () if self.all_containers && self.container.is_some() => Err("--all-containers and a container exclude each other"),
            () if self.pod_running_timeout.is_some() && self.one_pod().is_none() => {
                Err("--pod-running-timeout waits for one pod: name it; kubectl wait waits for several")
            }
            () if self.all_pods && self.one_pod().is_some() => Err("--all-pods means the pods of a workload; this is one pod"),
            () => Ok(()),
        }
    }
}

impl Verb for Logs {
    fn impact(&self) -> Impact {
        Impact::Reads
    }
    fn place(&mut self, namespace: &Namespace) {
        self.of.place(namespace);
    }
    fn targets(&self) -> Vec<Target> {
        self.of.object().cloned().into_iter().collect()
    }
    fn title(&self) -> String {
        let every = if self.all_pods { "all pods of " } else { "" };
        let what = self.of.object().map_or_else(|| self.of.to_string(), Target::slashed);
        let container = self.container.as_ref().map_or_else(String::new, |container| format!(", container {container}"));
        format!("logs of {every}{what}{container}")
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        match (&self.of, seen) {
            // A pod whose container is named needs no look: the server says what is wrong with it.
            (_, []) if self.one_pod().is_some() && self.container.is_some() && self.pod_running_timeout.is_none() => Vec::new(),
            (LogSource::Chosen { selector, namespace }, []) => {
                vec![Call::list(pods(), namespace.as_ref()).with("labelSelector", selector.as_str())]
            }
            (LogSource::Object(target), []) => vec![Call::get(target)],
            (LogSource::Object(target), [Lookup::Known(object)]) if target.kind() != pods() => match pod_selector(target.kind(), object) {
                Some(selector) => vec![Call::list(pods(), target.namespace()).with("labelSelector", selector)],
                None => Vec::new(),
            },
            (_, [..]) => Vec::new(),
        }
    }
    /// A pod that has not begun is waited for first.
    fn expand(&self, seen: &[Lookup<Value>]) -> Result<Option<Vec<Op>>, CannotDo> {
        let Some(timeout) = &self.pod_running_timeout else { return Ok(None) };
        self.fits().map_err(|why| CannotDo::new(why, ""))?;
        let Some(target) = self.one_pod() else { return Ok(None) };
        let now: Op = Logs { pod_running_timeout: None, ..self.clone() }.into();
        if ["Running", "Succeeded", "Failed"].contains(&text(look::object(seen, target)?, "/status/phase")) {
            return Ok(Some(vec![now]));
        }
        let runs = Until::Field("{.status.phase}".into(), Some("Running".into()));
        let wait = WaitFor { targets: vec![target.clone()], of: None, until: vec![runs], timeout: Some(timeout.clone()) };
        Ok(Some(vec![wait.into(), now]))
    }
    fn calls(&self, seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        self.fits().map_err(|why| CannotDo::new(why, ""))?;
        if let (Some(pod), Some(container)) = (self.one_pod(), &self.container) {
            return Ok(vec![self.call(pod, Some(container), 1)?]);
        }
        let found = self.pods(seen)?;
        let mut wanted: Vec<(Target, Option<ContainerName>)> = Vec::new();
        let mut without: Option<CannotDo> = None;
        for pod in &found {
            let name = Name::new(text(pod, "/metadata/name")).ok().or_else(|| self.one_pod().map(|target| target.name().clone()));
            let Some(name) = name else { continue };
            let target = Target::new(pods(), name).map_err(|e| CannotDo::new(e.to_string(), ""))?;
            let target = target.in_namespace(self.of.namespace().cloned());
            match self.chosen(pod) {
                Ok(containers) if containers.is_empty() => wanted.push((target, None)),
                Ok(containers) => wanted.extend(containers.into_iter().map(|container| (target.clone(), Some(container)))),
                // Of several pods, those that have the container are read.
                Err(why) => without = Some(why),
            }
        }
        if let Some(why) = without.filter(|_| wanted.is_empty()) {
            return Err(why);
        }
        let most = self.max_log_requests.map_or(MOST_LOGS, |n| usize::try_from(n.get()).unwrap_or(usize::MAX));
        if wanted.len() > most {
            let hint = format!("choose fewer with -l or -c, or say --max-log-requests={}", wanted.len());
            return Err(CannotDo::new(format!("{} has {} logs, and at most {most} are read at once", self.of, wanted.len()), hint));
        }
        wanted.iter().map(|(pod, container)| self.call(pod, container.as_ref(), wanted.len())).collect()
    }
    fn print(&self) -> Argv {
        line::print(self)
    }
    fn follows(&self) -> Option<Follow> {
        let renewal = match (&self.of, self.one_pod()) {
            (LogSource::Object(_), Some(_)) => Renewal::Nothing,
            (LogSource::Object(_), None) if !self.all_pods => Renewal::Another,
            (_, _) => Renewal::Every,
        };
        self.follow.then_some(Follow::Lines(renewal))
    }
    fn answer(&self, calls: &[Call], replies: &[Reply], _now: Timestamp) -> Result<Answer, CannotDo> {
        let several = calls.len() > 1;
        let (most, cuts) = self.lines_of(calls.len());
        let mut lines: Vec<LogLine> = Vec::new();
        let mut failed: Option<CannotDo> = None;
        let mut read_any = false;
        let mut truncated = false;
        for reply in replies {
            let Some(call) = calls.get(reply.call) else { continue };
            let source = if self.prefix.unwrap_or(several) { source(call) } else { String::new() };
            match &reply.body {
                Lookup::Known(bytes) if is_gone(bytes) => {
                    let hint =
                        if self.previous { "the log of the container as it is now may still be there: leave out --previous" } else { "" };
                    failed = Some(CannotDo::new(format!("the node has already removed that log of {}", self.of), hint));
                }
                Lookup::Known(bytes) => {
                    read_any = true;
                    let (text, cut) = last_part(bytes);
                    truncated |= cut;
                    let text: Cow<'_, str> = String::from_utf8_lossy(text);
                    let mut own: Vec<LogLine> =
                        text.lines().map(|line| LogLine { source: source.clone(), text: line.to_string() }).collect();
                    if cuts && own.len() > most {
                        own.drain(..own.len() - most);
                        truncated = true;
                    }
                    lines.extend(own);
                }
                Lookup::Missing => failed = Some(CannotDo::new(format!("{} does not exist", call.said()), "")),
                Lookup::NotChecked(why) if several => {
                    lines.push(LogLine { source: self::source(call), text: format!("(not read: {why})") });
                    failed = Some(CannotDo::new(why.clone(), ""));
                }
                Lookup::NotChecked(why) => {
                    failed = Some(CannotDo::new(format!("the log of {} could not be read: {why}", self.of), ""));
                }
            }
        }
        if let Some(failed) = failed.filter(|_| !read_any) {
            return Err(failed);
        }
        truncated |= keep_last(&mut lines);
        Ok(Answer::Log { lines, truncated })
    }
}

/// Whether it is no log but the kubelet's word that the container's log is gone: it answers 200 with that one line
/// (`kubelet/kuberuntime`, `GetContainerLogs`).
fn is_gone(body: &[u8]) -> bool {
    let text = body.trim_ascii();
    text.starts_with(b"unable to retrieve container logs for ") && !text.contains(&b'\n')
}

fn source(call: &Call) -> String {
    let container = call.query.iter().find(|(key, _)| key == "container").map_or("", |(_, value)| value.as_str());
    format!("{}/{container}", call.name().map_or("", Name::as_str))
}

impl Spec for Logs {
    const NAME: &'static str = "logs";
    const VERB: &'static [&'static str] = &["logs"];
    const ABOUT: &'static str = "Read the log of a pod, or of the pods of a workload.";
    const EXAMPLE: &'static str = "kubectl logs deployment/web --tail=100";
    const BACK: &'static str = "";
    const FLAGS: &'static [Flag] = &[
        Flag::value("container").short('c'),
        Flag::switch("previous").short('p'),
        Flag::value("tail"),
        Flag::value("since"),
        Flag::value("since-time"),
        Flag::value("limit-bytes"),
        Flag::value("max-log-requests"),
        Flag::value("pod-running-timeout"),
        Flag::switch("all-pods"),
        Flag::switch("all-containers"),
        Flag::switch("ignore-errors"),
        Flag::switch("insecure-skip-tls-verify-backend"),
        Flag::switch("timestamps"),
        Flag::switch("prefix"),
        Flag::switch("follow").short('f'),
        Flag::value("selector").short('l'),
    ];
    const READS: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        line::parse(argv)
    }
}

#[cfg(test)]
mod tests;
