//! One pod's play: the state of each container, and what moves it on.
use super::{
    config,
    logs::Run,
    script::{Behaviour, Script},
};
use crate::simulator::{
    cluster::Cluster,
    controllers::events,
    json::{number, text},
    store::Key,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// One pod on its node.
#[derive(Debug)]
pub(super) struct Play {
    pub(super) key: Key,
    pub(super) address: String,
    pub(super) began: Timestamp,
    pub(super) units: Vec<Unit>,
    /// A volume that cannot be mounted: nothing starts until it can.
    pub(super) blocked: Option<(String, Timestamp)>,
    pub(super) stops_at: Option<Timestamp>,
}

/// One container of it. Init containers come first.
#[derive(Debug)]
pub(super) struct Unit {
    pub(super) name: String,
    pub(super) init: bool,
    pub(super) state: State,
    pub(super) restarts: i64,
    pub(super) current: Option<Run>,
    pub(super) previous: Option<Run>,
    pub(super) last: Option<Ending>,
    /// The image the present run was started with; another one in the spec restarts the container.
    pub(super) image: String,
    backoff: i64,
    script: Script,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ending {
    pub(super) code: i32,
    pub(super) reason: &'static str,
    pub(super) started: Timestamp,
    pub(super) finished: Timestamp,
}

/// Where a container is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    /// Its turn comes at this time; init containers before it must be done.
    Waiting {
        until: Timestamp,
    },
    BadConfig {
        why: String,
        retry: Timestamp,
    },
    NoImage {
        why: String,
        backing_off: bool,
        tries: u32,
        retry: Timestamp,
    },
    /// The image is not here and may not be fetched.
    NeverPulled {
        retry: Timestamp,
    },
    Running {
        since: Timestamp,
        ready: bool,
        ready_at: Option<Timestamp>,
        ends_at: Option<Timestamp>,
        probed: Timestamp,
    },
    /// Ended, and to be started again then (None: never).
    Ended {
        how: Ending,
        again: Option<Timestamp>,
    },
}

const FIRST_BACKOFF: i64 = 10;
const LONGEST_BACKOFF: i64 = 300;
/// A run this long is forgiven: the next back-off starts from the bottom.
const FORGIVEN_AFTER: i64 = 600;
const PROBE_EVERY: i64 = 10;
const RETRY_CONFIG: i64 = 15;

fn plus(time: Timestamp, seconds: i64) -> Timestamp {
    time.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(time)
}

impl Play {
    pub(super) fn new(key: Key, address: String, now: Timestamp, init: Vec<(Value, Script)>, main: Vec<(Value, Script)>) -> Self {
        let unit = |init: bool| {
            move |(container, script): (Value, Script)| Unit {
                name: text(&container, "/name").to_owned(),
                init,
                state: State::Waiting { until: plus(now, 1) },
                restarts: 0,
                current: None,
                previous: None,
                last: None,
                image: text(&container, "/image").to_owned(),
                backoff: 0,
                script,
            }
        };
        let units = init.into_iter().map(unit(true)).chain(main.into_iter().map(unit(false))).collect();
        Play { key, address, began: now, units, blocked: None, stops_at: None }
    }

    /// Whether every init container has succeeded.
    pub(super) fn initialized(&self) -> bool {
        self.units.iter().filter(|u| u.init).all(Unit::succeeded)
    }

    /// When something happens next.
    pub(super) fn next_time(&self) -> Option<Timestamp> {
        if let Some((_, retry)) = &self.blocked {
            return Some(*retry);
        }
        let mut before_done = true;
        let turn = |unit: &Unit| {
            let mine = if unit.init { before_done } else { self.initialized() };
            before_done &= unit.succeeded();
            if mine { unit.next_time() } else { None }
        };
        self.units.iter().filter_map(turn).min()
    }

    /// Moves every container on as far as the clock allows.
    pub(super) fn advance(&mut self, cluster: &mut Cluster, pod: &Value) {
        if self.blocked.as_ref().is_some_and(|(_, retry)| *retry > cluster.now) && config::unmountable(cluster, pod).is_some() {
            return;
        }
        if let Some((volume, why)) = config::unmountable(cluster, pod).filter(|_| self.units.iter().all(|u| u.current.is_none())) {
            let message = format!("MountVolume.SetUp failed for volume {volume:?} : {why}");
            say(cluster, &self.key, pod, events::warning("FailedMount", &message));
            self.blocked = Some((why, plus(cluster.now, RETRY_CONFIG)));
            return;
        }
        self.blocked = None;
        for at in 0..self.units.len() {
            let turn = if self.units[at].init { self.units[..at].iter().all(Unit::succeeded) } else { self.initialized() };
            if turn {
                self.units[at].advance(cluster, &self.key, pod);
            }
        }
    }
}

impl Unit {
    fn succeeded(&self) -> bool {
        matches!(&self.state, State::Ended { how, again: None } if how.code == 0)
    }

    fn next_time(&self) -> Option<Timestamp> {
        match &self.state {
            State::Waiting { until } => Some(*until),
            State::BadConfig { retry, .. } | State::NoImage { retry, .. } | State::NeverPulled { retry } => Some(*retry),
            State::Running { ready_at, ends_at, probed, .. } => {
                let probe = matches!(self.script.then, Behaviour::NeverReady(_)).then(|| plus(*probed, PROBE_EVERY));
                [*ready_at, *ends_at, probe].into_iter().flatten().min()
            }
            State::Ended { again, .. } => *again,
        }
    }

    /// The spec's entry for this container.
    pub(super) fn spec<'a>(&self, pod: &'a Value) -> &'a Value {
        let list = if self.init { "/spec/initContainers" } else { "/spec/containers" };
        crate::simulator::json::list(pod, list).iter().find(|c| c["name"] == self.name.as_str()).unwrap_or(&Value::Null)
    }

    fn advance(&mut self, cluster: &mut Cluster, key: &Key, pod: &Value) {
        let now = cluster.now;
        let image = text(self.spec(pod), "/image");
        if image != self.image && !self.image.is_empty() {
            // An image changed in place: the container is killed and started anew.
            self.image = image.to_owned();
            self.script = cluster.kubelet.script(pod, image).unwrap_or_else(Script::runs);
            if let State::Running { since, .. } = self.state {
                self.end(now, since, 0, "Completed", &[]);
                self.restarts += 1;
            }
            self.state = State::Waiting { until: now };
        }
        match self.state.clone() {
            State::Waiting { until } if until <= now => self.start(cluster, key, pod, 0),
            // A look between two times may come from a ConfigMap that appeared.
            State::BadConfig { .. } => self.start(cluster, key, pod, 0),
            State::NeverPulled { retry } if retry <= now => self.start(cluster, key, pod, 0),
            State::NoImage { retry, why, backing_off, tries } if retry <= now => {
                if backing_off {
                    self.start(cluster, key, pod, tries);
                } else {
                    let message = format!("Back-off pulling image {:?}", self.image);
                    self.say(cluster, key, pod, false, "BackOff", &message);
                    self.say(cluster, key, pod, true, "Failed", "Error: ImagePullBackOff");
                    let wait = (FIRST_BACKOFF << tries.min(5)).min(LONGEST_BACKOFF);
                    self.state = State::NoImage { why, backing_off: true, tries: tries + 1, retry: plus(now, wait) };
                }
            }
            State::Running { since, ready_at, ends_at, probed, .. } => self.run(cluster, key, pod, since, (ready_at, ends_at, probed)),
            State::Ended { again: Some(again), .. } if again <= now => {
                self.restarts += 1;
                self.start(cluster, key, pod, 0);
            }
            State::Waiting { .. } | State::NoImage { .. } | State::NeverPulled { .. } | State::Ended { .. } => {}
        }
    }

    fn start(&mut self, cluster: &mut Cluster, key: &Key, pod: &Value, tries: u32) {
        let now = cluster.now;
        let spec = self.spec(pod).clone();
        if !self.pull(cluster, key, pod, &spec, tries) {
            return;
        }
        let names = match config::environment(cluster, pod, &spec) {
            Ok(names) => names,
            Err(why) => {
                let same = matches!(&self.state, State::BadConfig { why: old, retry } if *old == why && *retry > now);
                if !same {
                    self.say(cluster, key, pod, true, "Failed", &format!("Error: {why}"));
                    self.state = State::BadConfig { why, retry: plus(now, RETRY_CONFIG) };
                }
                return;
            }
        };
        self.say(cluster, key, pod, false, "Created", "Container created");
        self.say(cluster, key, pod, false, "Started", "Container started");
        let missing = self.script.needs.iter().find(|(name, ..)| !names.contains(name));
        let (ends_at, last, tick) = match (missing, &self.script.then) {
            (Some((_, line, _)), _) => (Some(plus(now, 1)), vec![line.clone()], None),
            (None, Behaviour::Exits { after, last, .. }) => (Some(plus(now, *after)), last.clone(), self.script.tick.clone()),
            (None, Behaviour::OutOfMemory { after }) => (Some(plus(now, *after)), Vec::new(), self.script.tick.clone()),
            (None, Behaviour::Runs | Behaviour::NeverReady(_) | Behaviour::CannotPull(_)) => (None, Vec::new(), self.script.tick.clone()),
        };
        let dies = missing.is_some();
        let mut lines = if dies { self.script.log.first().cloned().into_iter().collect() } else { self.script.log.clone() };
        lines.extend(last);
        self.previous = self.current.take().or(self.previous.take());
        self.current = Some(Run::new(now, &lines, tick));
        let probed = spec.get("readinessProbe").is_some();
        let ready_at = match (&self.script.then, ends_at) {
            (Behaviour::NeverReady(_), _) => None,
            _ if !probed => Some(now),
            (_, Some(_)) if dies => None,
            _ => Some(plus(now, self.script.ready_after.max(number(&spec, "/readinessProbe/initialDelaySeconds", 0)))),
        };
        self.state = State::Running { since: now, ready: false, ready_at, ends_at, probed: now };
    }

    /// Has the image, or says why not.
    fn pull(&mut self, cluster: &mut Cluster, key: &Key, pod: &Value, spec: &Value, tries: u32) -> bool {
        let image = self.image.clone();
        let policy = text(spec, "/imagePullPolicy");
        if let Behaviour::CannotPull(why) = self.script.then.clone() {
            if policy == "Never" {
                let message = format!("Container image {image:?} is not present with pull policy of Never");
                self.say(cluster, key, pod, true, "ErrImageNeverPull", &message);
                self.say(cluster, key, pod, true, "Failed", "Error: ErrImageNeverPull");
                self.state = State::NeverPulled { retry: plus(cluster.now, RETRY_CONFIG) };
                return false;
            }
            let full = full_name(&image);
            let why = format!("failed to pull and unpack image {full:?}: failed to resolve reference {full:?}: {full}: {why}");
            let why = format!("rpc error: code = NotFound desc = {why}");
            self.say(cluster, key, pod, false, "Pulling", &format!("Pulling image {image:?}"));
            self.say(cluster, key, pod, true, "Failed", &format!("Failed to pull image {image:?}: {why}"));
            self.say(cluster, key, pod, true, "Failed", "Error: ErrImagePull");
            self.state = State::NoImage { why, backing_off: false, tries, retry: plus(cluster.now, 2) };
            return false;
        }
        if matches!(self.state, State::BadConfig { .. }) {
            return true;
        }
        if policy == "Always" {
            self.say(cluster, key, pod, false, "Pulling", &format!("Pulling image {image:?}"));
            let message = format!("Successfully pulled image {image:?} in 412ms (412ms including waiting). Image size: 48211456 bytes.");
            self.say(cluster, key, pod, false, "Pulled", &message);
        } else {
            self.say(
                cluster,
                key,
                pod,
                false,
                "Pulled",
                &format!("Container image {image:?} already present on machine and can be accessed by the pod"),
            );
        }
        true
    }

    fn run(
        &mut self,
        cluster: &mut Cluster,
        key: &Key,
        pod: &Value,
        since: Timestamp,
        times: (Option<Timestamp>, Option<Timestamp>, Timestamp),
    ) {
        let now = cluster.now;
        let (ready_at, ends_at, probed) = times;
        if ends_at.is_some_and(|end| end <= now) {
            let (code, reason) = match &self.script.then {
                Behaviour::OutOfMemory { .. } => (137, "OOMKilled"),
                Behaviour::Exits { code, .. } => (*code, if *code == 0 { "Completed" } else { "Error" }),
                Behaviour::Runs | Behaviour::NeverReady(_) | Behaviour::CannotPull(_) => {
                    (self.script.needs.first().map_or(1, |n| n.2), "Error")
                }
            };
            self.end(now, since, code, reason, &[]);
            self.back_off(cluster, key, pod);
            return;
        }
        let failing = if let Behaviour::NeverReady(output) = &self.script.then { Some(output.clone()) } else { None };
        if let Some(output) = failing.filter(|_| plus(probed, PROBE_EVERY) <= now) {
            self.say(cluster, key, pod, true, "Unhealthy", &format!("Readiness probe failed: {output}"));
            self.state = State::Running { since, ready: false, ready_at, ends_at, probed: now };
        } else if ready_at.is_some_and(|at| at <= now) {
            self.state = State::Running { since, ready: true, ready_at: None, ends_at, probed };
        }
    }

    /// Whether its readiness (or the lack of a probe) lets traffic in.
    pub(super) fn ready(&self) -> bool {
        matches!(self.state, State::Running { ready: true, .. })
    }

    fn end(&mut self, now: Timestamp, started: Timestamp, code: i32, reason: &'static str, last: &[String]) {
        if let Some(run) = &mut self.current {
            run.end(now, last);
        }
        let how = Ending { code, reason, started, finished: now };
        self.last = Some(how.clone());
        self.state = State::Ended { how, again: None };
    }

    /// Starts again, or not: by the restart policy, and later each time.
    fn back_off(&mut self, cluster: &mut Cluster, key: &Key, pod: &Value) {
        let State::Ended { how, .. } = self.state.clone() else { return };
        let policy = text(pod, "/spec/restartPolicy");
        if policy == "Never" || how.code == 0 && (policy == "OnFailure" || self.init) {
            return;
        }
        let ran = how.finished.as_second() - how.started.as_second();
        let wait = if ran >= FORGIVEN_AFTER { 0 } else { self.backoff };
        self.backoff = if wait == 0 { FIRST_BACKOFF } else { (wait * 2).min(LONGEST_BACKOFF) };
        if wait > 0 {
            let uid = text(pod, "/metadata/uid");
            let message = format!("Back-off restarting failed container {} in pod {}_{}({uid})", self.name, key.name, key.namespace);
            self.say(cluster, key, pod, true, "BackOff", &message);
        }
        self.state = State::Ended { how, again: Some(plus(cluster.now, wait.max(1))) };
    }

    /// The seconds of back-off that the waiting message names; None when it starts again at once.
    pub(super) fn waits(&self) -> Option<i64> {
        match &self.state {
            State::Ended { how, again: Some(again) } if again.as_second() - how.finished.as_second() > 1 => {
                Some(again.as_second() - how.finished.as_second())
            }
            _ => None,
        }
    }

    fn say(&self, cluster: &mut Cluster, key: &Key, pod: &Value, warning: bool, reason: &str, message: &str) {
        let field = format!("spec.{}{{{}}}", if self.init { "initContainers" } else { "containers" }, self.name);
        say(cluster, key, pod, events::Said { warning, reason, message, field: &field });
    }
}

fn say(cluster: &mut Cluster, key: &Key, pod: &Value, said: events::Said) {
    let host = text(pod, "/spec/nodeName").to_owned();
    events::record(cluster, key, pod, events::Source { component: "kubelet", host: &host }, said);
}

/// An image with the registry that is meant when none is named.
fn full_name(image: &str) -> String {
    let first = image.split('/').next().unwrap_or_default();
    let tagged =
        if image.rsplit('/').next().is_some_and(|n| n.contains([':', '@'])) { image.to_owned() } else { format!("{image}:latest") };
    match image.contains('/') {
        true if first.contains(['.', ':']) || first == "localhost" => tagged,
        true => format!("docker.io/{tagged}"),
        false => format!("docker.io/library/{tagged}"),
    }
}
