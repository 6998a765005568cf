//! `kubectl logs`: what a container said, by pod or by the workload that owns it.
//!
//! Which pod and which container: `kubectl/pkg/polymorphichelpers/logsforobject.go`, `ByLogging` in `kubectl/pkg/util/podutils`.

mod keep;
mod rank;
mod run;

pub use run::{ContainerRun, RunState};

use self::{
    keep::{MOST_LINES, keep_last, last_part},
    rank::rank,
};
use crate::ops::{
    Answer, Argv, Call, CannotDo, ContainerName, Flag, Follow, Form, Impact, Kind, Lookup, Misuse, Name, Namespace, Renewal, Reply, Spec,
    Target, Verb,
    answer::LogLine,
    look::{self, pod_selector, text},
    template,
    verb::{objects_on, refuse},
};
use crate::terms::duration::GoDuration;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;

/// Reads logs. A target that is no pod means its pods (kubectl's `deployment/x` form).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Logs {
    /// a pod, or a workload that has pods
    #[serde(flatten)]
    pub target: Target,
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
    /// every container of the pod
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub all_containers: bool,
    /// a time stamp before each line
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub timestamps: bool,
    /// goes on with what is written from now on, over restarts; a model or a playbook gets what comes within 20 seconds
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub follow: bool,
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
    fn of_pod(&self) -> bool {
        self.target.kind() == pods()
    }

    fn pod<'a>(&self, seen: &'a [Lookup<Value>]) -> Result<&'a Value, CannotDo> {
        let object = look::object(seen, &self.target)?;
        if self.of_pod() {
            return Ok(object);
        }
        let slashed = self.target.slashed();
        if pod_selector(self.target.kind(), object).is_none() {
            return Err(if self.target.kind().is("cronjobs", "batch") {
                CannotDo::new(format!("{slashed} has no pods of its own: its jobs have"), "kubectl get jobs, then the logs of one of them")
            } else {
                CannotDo::new(format!("{slashed} selects no pods, so it has no log"), "name a pod or a workload")
            });
        }
        let pods = look::listed(seen, 1, pods())?;
        pods.iter().min_by_key(|pod| rank(pod)).ok_or_else(|| {
            CannotDo::new(format!("{slashed} has no pods, so there is no log to read"), format!("kubectl describe {slashed} says why"))
        })
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

    fn call(&self, pod: &Target, container: Option<&ContainerName>) -> Result<Call, CannotDo> {
        let since = self.since.as_deref().map(seconds).transpose().map_err(|e| CannotDo::new(format!("since: {e}"), ""))?;
        // One line more than is kept tells that there was more.
        let kept = |t: u32| usize::try_from(t).map_or(MOST_LINES + 1, |t| t.min(MOST_LINES + 1));
        let tail = match self.tail {
            // What is followed is told line by line: none of it has to be kept.
            None if self.follow => None,
            tail => Some(tail.map_or(MOST_LINES + 1, kept)),
        };
        let on = |switch: bool| if switch { "true" } else { "" };
        Ok(Call::get(pod)
            .on("log")
            .with("container", container.map(ContainerName::as_str).unwrap_or_default())
            .with("previous", on(self.previous))
            .with("tailLines", tail.map(|t| t.to_string()).unwrap_or_default())
            .with("sinceSeconds", since.map(|s| s.to_string()).unwrap_or_default())
            .with("timestamps", on(self.timestamps))
            .with("follow", on(self.follow))
            .shaped(Form::Text))
    }
}

impl Verb for Logs {
    fn impact(&self) -> Impact {
        Impact::Reads
    }
    fn place(&mut self, namespace: &Namespace) {
        self.target.place(namespace);
    }
    fn targets(&self) -> Vec<Target> {
        vec![self.target.clone()]
    }
    fn title(&self) -> String {
        match &self.container {
            Some(container) => format!("logs of {}, container {container}", self.target.slashed()),
            None => format!("logs of {}", self.target.slashed()),
        }
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        match seen {
            // A pod whose container is named needs no look: the server says what is wrong with it.
            [] if self.of_pod() && self.container.is_some() => Vec::new(),
            [] => vec![Call::get(&self.target)],
            [Lookup::Known(object)] if !self.of_pod() => match pod_selector(self.target.kind(), object) {
                Some(selector) => vec![Call::list(pods(), self.target.namespace()).with("labelSelector", selector)],
                None => Vec::new(),
            },
            [..] => Vec::new(),
        }
    }
    fn calls(&self, seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        if self.of_pod()
            && let Some(container) = &self.container
        {
            return Ok(vec![self.call(&self.target, Some(container))?]);
        }
        let pod = self.pod(seen)?;
        let name = Name::new(text(pod, "/metadata/name")).or_else(|e| if self.of_pod() { Ok(self.target.name().clone()) } else { Err(e) });
        let target = name.and_then(|name| Target::new(pods(), name)).map_err(|e| CannotDo::new(e.to_string(), ""))?;
        let target = target.in_namespace(self.target.namespace().cloned());
        let containers = self.chosen(pod)?;
        if containers.is_empty() {
            return Ok(vec![self.call(&target, None)?]);
        }
        containers.iter().map(|c| self.call(&target, Some(c))).collect()
    }
    fn print(&self) -> Argv {
        let mut argv = Argv::of(Self::VERB);
        argv = if self.of_pod() { argv.place(self.target.name()) } else { argv.place(self.target.slashed()) };
        if let Some(container) = &self.container {
            argv = argv.flag("container", container);
        }
        argv = argv.switch("all-containers", self.all_containers).switch("previous", self.previous);
        if let Some(tail) = self.tail {
            argv = argv.flag("tail", tail);
        }
        if let Some(since) = &self.since {
            argv = argv.flag("since", since);
        }
        argv.switch("timestamps", self.timestamps).switch("follow", self.follow).namespace(self.target.namespace())
    }
    fn follows(&self) -> Option<Follow> {
        let renewal = if self.of_pod() { Renewal::Nothing } else { Renewal::Another };
        self.follow.then_some(Follow::Lines(renewal))
    }
    fn answer(&self, calls: &[Call], replies: &[Reply], _now: Timestamp) -> Result<Answer, CannotDo> {
        let several = calls.len() > 1;
        let mut lines: Vec<LogLine> = Vec::new();
        let mut failed: Option<CannotDo> = None;
        let mut read_any = false;
        let mut truncated = false;
        for reply in replies {
            let Some(call) = calls.get(reply.call) else { continue };
            let source = if several { source(call) } else { String::new() };
            match &reply.body {
                Lookup::Known(bytes) if is_gone(bytes) => {
                    let hint =
                        if self.previous { "the log of the container as it is now may still be there: leave out --previous" } else { "" };
                    failed = Some(CannotDo::new(format!("the node has already removed that log of {}", self.target.slashed()), hint));
                }
                Lookup::Known(bytes) => {
                    read_any = true;
                    let (text, cut) = last_part(bytes);
                    truncated |= cut;
                    let text: Cow<'_, str> = String::from_utf8_lossy(text);
                    lines.extend(text.lines().map(|line| LogLine { source: source.clone(), text: line.to_string() }));
                }
                Lookup::Missing => failed = Some(CannotDo::new(format!("{} does not exist", self.target), "")),
                Lookup::NotChecked(why) if several => {
                    lines.push(LogLine { source, text: format!("(not read: {why})") });
                    failed = Some(CannotDo::new(why.clone(), ""));
                }
                Lookup::NotChecked(why) => {
                    failed = Some(CannotDo::new(format!("the log of {} could not be read: {why}", self.target.slashed()), ""));
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
    format!("{}/{container}", call.name.as_ref().map_or("", Name::as_str))
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
        Flag::switch("all-containers"),
        Flag::switch("timestamps"),
        Flag::switch("prefix"),
        Flag::switch("follow").short('f'),
        Flag::value("selector").short('l'),
    ];
    const READS: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        refuse(argv, &[("selector", "name a pod, or the workload whose pods it selects")])?;
        let mut places = argv.places.clone();
        // `logs POD [CONTAINER]` and `logs KIND/NAME [CONTAINER]`: a bare word is a pod, never a kind.
        let behind = if places.len() > 1 { Some(places.remove(1)) } else { None };
        if let Some(first) = places.first_mut().filter(|p| !p.contains('/')) {
            *first = format!("pod/{first}");
        }
        let (mut targets, rest) = objects_on(&Argv { places, ..argv.clone() })?;
        let target = match (targets.pop(), rest.first()) {
            (Some(target), None) => target,
            (_, Some(extra)) => return Err(Misuse::Says(format!("kubectl logs: {extra:?} was not expected"))),
            (None, None) => return Err(Misuse::says("kubectl logs: of which pod? its name is missing")),
        };
        let container = match (argv.parsed::<ContainerName>("container")?, behind) {
            (Some(_), Some(extra)) => return Err(Misuse::Says(format!("kubectl logs: {extra:?} was not expected"))),
            (Some(container), None) => Some(container),
            (None, Some(container)) => Some(ContainerName::new(container)?),
            (None, None) => None,
        };
        let all_containers = argv.on("all-containers");
        if all_containers && container.is_some() {
            return Err(Misuse::says("kubectl logs: --all-containers and a container exclude each other"));
        }
        if let Some(since) = argv.get("since") {
            seconds(since).map_err(|e| Misuse::Says(format!("--since: {e}")))?;
        }
        // kubectl takes -1 for all of it.
        let tail = argv.parsed::<i64>("tail")?.and_then(|n| u32::try_from(n).ok());
        Ok(Logs {
            target,
            container,
            previous: argv.on("previous"),
            tail,
            since: argv.get("since").map(str::to_string),
            all_containers,
            timestamps: argv.on("timestamps"),
            follow: argv.on("follow"),
        })
    }
}

#[cfg(test)]
mod tests;
