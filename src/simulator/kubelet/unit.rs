//! One container: the state it is in, and what moves it on. Source: `startContainer` and `doBackOff` in `pkg/kubelet/kuberuntime`.
use super::{
    image::{self, Pull},
    logs::Run,
    play::{plus, say},
    probe::{Checks, Verdict},
    script::{Behaviour, Script, Stops},
};
use crate::simulator::{
    cluster::Cluster,
    container::environment::{Variables, given},
    controllers::events,
    json::text,
    store::Key,
};
use jiff::Timestamp;
use serde_json::Value;

/// What a container is to its pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Init,
    /// An init container that goes on running.
    Sidecar,
    Main,
}

#[derive(Debug)]
pub(super) struct Unit {
    pub(super) name: String,
    pub(super) role: Role,
    pub(super) state: State,
    pub(super) restarts: i64,
    pub(super) current: Option<Run>,
    pub(super) previous: Option<Run>,
    /// How the run before the present one ended.
    pub(super) last: Option<Ending>,
    /// The image the present run was started with; another one in the spec restarts the container.
    pub(super) image: String,
    /// What the present run was started with.
    pub(super) environment: Variables,
    backoff: i64,
    pub(super) script: Script,
    /// The end of its log is its last word.
    falls_back: bool,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ending {
    pub(super) code: i32,
    pub(super) reason: &'static str,
    pub(super) message: String,
    pub(super) started: Timestamp,
    pub(super) finished: Timestamp,
}

/// An end that is known beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Doom {
    at: Timestamp,
    code: i32,
    reason: &'static str,
}

/// Where a container is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    /// Its turn comes at this time; init containers before it must be done.
    Waiting {
        until: Timestamp,
    },
    /// It cannot be started, for a reason that may go away: `CreateContainerConfigError` and the like.
    Refused {
        reason: &'static str,
        message: String,
        retry: Timestamp,
    },
    NoImage {
        why: String,
        backing_off: bool,
        tries: u32,
        retry: Timestamp,
        remind: Timestamp,
    },
    Running {
        since: Timestamp,
        checks: Checks,
        doom: Option<Doom>,
        stopping: bool,
    },
    /// Ended, and to be started again then (None: never).
    Ended {
        how: Ending,
        again: Option<Timestamp>,
        looks: u32,
        remind: Timestamp,
    },
}

const FIRST_BACKOFF: i64 = 10;
const LONGEST_BACKOFF: i64 = 300;
/// A run this long is forgiven: the next back-off starts from the bottom.
const FORGIVEN_AFTER: i64 = 600;
/// A kubelet looks again at a pod in trouble after ten to fifteen seconds. Source: `backOffPeriod` in `pkg/kubelet/kubelet.go`.
const LOOKS_AGAIN: i64 = 12;
/// A fresh error is shown as such; the back-off is told at the first look after it and shows at the second.
const SHOWS_ERROR: i64 = 1;

impl Unit {
    pub(super) fn new(container: &Value, role: Role, script: Script, now: Timestamp) -> Self {
        Unit {
            name: text(container, "/name").to_owned(),
            role,
            state: State::Waiting { until: plus(now, 1) },
            restarts: 0,
            current: None,
            previous: None,
            last: None,
            image: text(container, "/image").to_owned(),
            environment: Variables::new(),
            backoff: 0,
            script,
            falls_back: container["terminationMessagePolicy"] == "FallbackToLogsOnError",
        }
    }

    /// Whether what comes after this init container or sidecar may start.
    pub(super) fn lets_on(&self) -> bool {
        match self.role {
            Role::Sidecar => self.started() || self.current.is_some() && self.idle(),
            Role::Init | Role::Main => self.succeeded(),
        }
    }

    pub(super) fn succeeded(&self) -> bool {
        matches!(&self.state, State::Ended { how, again: None, .. } if how.code == 0)
    }

    pub(super) fn ended_for_good(&self) -> bool {
        matches!(&self.state, State::Ended { again: None, .. })
    }

    pub(super) fn failed_for_good(&self) -> bool {
        self.ended_for_good() && !self.succeeded()
    }

    /// Whether nothing of it runs.
    pub(super) fn idle(&self) -> bool {
        !matches!(self.state, State::Running { .. })
    }

    pub(super) fn started(&self) -> bool {
        matches!(&self.state, State::Running { checks, .. } if checks.started())
    }

    /// Whether its readiness (or the lack of a probe) lets traffic in.
    pub(super) fn ready(&self) -> bool {
        match self.role {
            Role::Init => self.succeeded(),
            Role::Sidecar | Role::Main => matches!(&self.state, State::Running { checks, .. } if checks.ready()),
        }
    }

    pub(super) fn next_time(&self, pod: &Value) -> Option<Timestamp> {
        match &self.state {
            State::Waiting { until } => Some(*until),
            State::Refused { retry, .. } => Some(*retry),
            State::NoImage { retry, remind, .. } => Some(*retry.min(remind)),
            State::Running { since, checks, doom, stopping } => {
                let probe = if *stopping { None } else { checks.next_time(self.spec(pod), &self.script, *since) };
                probe.into_iter().chain(doom.map(|d| d.at)).min()
            }
            State::Ended { again, remind, .. } => again.map(|again| again.min(*remind)),
        }
    }

    /// The spec's entry for this container.
    pub(super) fn spec<'a>(&self, pod: &'a Value) -> &'a Value {
        let list = if self.role == Role::Main { "/spec/containers" } else { "/spec/initContainers" };
        crate::simulator::json::list(pod, list).iter().find(|c| c["name"] == self.name.as_str()).unwrap_or(&Value::Null)
    }

    pub(super) fn advance(&mut self, cluster: &mut Cluster, key: &Key, pod: &Value, address: &str, leaving: bool) {
        let now = cluster.now;
        let image = text(self.spec(pod), "/image");
        if image != self.image && !self.image.is_empty() && !leaving {
            // An image changed in place: the container is killed and started anew.
            self.image = image.to_owned();
            self.script = cluster.kubelet.script(pod, self.spec(pod)).unwrap_or_else(Script::runs);
            let message = format!("Container {} definition changed, will be restarted", self.name);
            if let State::Running { .. } = self.state {
                self.kill(cluster, key, pod, plus(now, 30), &message);
            } else {
                self.state = State::Waiting { until: now };
            }
        }
        match self.state.clone() {
            State::Running { since, mut checks, doom, stopping } => {
                if let Some(doom) = doom.filter(|d| d.at <= now) {
                    self.end(now.min(doom.at), since, doom.code, doom.reason, String::new());
                    if !leaving {
                        self.back_off(now, pod);
                    }
                } else if !stopping {
                    let said = checks.run(self.spec(pod), &self.script, since, now, address);
                    self.state = State::Running { since, checks, doom, stopping };
                    self.heed(cluster, key, pod, said);
                }
            }
            _ if leaving => {}
            State::Waiting { until } if until <= now => self.start(cluster, key, pod, address, 0),
            // A look between two times may come from a ConfigMap that appeared.
            State::Refused { retry, .. } if retry <= now || given(cluster, pod, self.spec(pod), address).is_ok() => {
                self.start(cluster, key, pod, address, 0);
            }
            State::NoImage { retry, tries, backing_off: true, .. } if retry <= now => self.start(cluster, key, pod, address, tries),
            State::NoImage { why, tries, retry, remind, .. } if remind <= now => {
                self.say(cluster, key, pod, false, "BackOff", &format!("Back-off pulling image {:?}", self.image));
                self.say(cluster, key, pod, true, "Failed", "Error: ImagePullBackOff");
                self.state = State::NoImage { why, backing_off: true, tries, retry, remind: plus(now, LOOKS_AGAIN) };
            }
            State::Ended { again: Some(again), .. } if again <= now => {
                self.restarts += 1;
                self.start(cluster, key, pod, address, 0);
            }
            State::Ended { how, again: Some(again), looks, remind } if remind <= now => {
                self.say_back_off(cluster, key, pod);
                self.state = State::Ended {
                    how,
                    again: Some(again),
                    looks: looks + 1,
                    remind: plus(now, if looks == 0 { SHOWS_ERROR } else { LOOKS_AGAIN }),
                };
            }
            State::Waiting { .. } | State::Refused { .. } | State::NoImage { .. } | State::Ended { .. } => {}
        }
    }

    /// What follows from the probes: complaints, and the end of a container that fails the ones it must pass.
    fn heed(&mut self, cluster: &mut Cluster, key: &Key, pod: &Value, said: Vec<Verdict>) {
        for verdict in said {
            match verdict {
                Verdict::Unhealthy(message) => self.say(cluster, key, pod, true, "Unhealthy", &message),
                Verdict::Kill(probe) => {
                    let grace = crate::simulator::json::number(pod, "/spec/terminationGracePeriodSeconds", 30);
                    let message = format!("Container {} failed {probe} probe, will be restarted", self.name);
                    self.kill(cluster, key, pod, plus(cluster.now, grace), &message);
                    return;
                }
            }
        }
    }

    /// Asks it to end because its pod ends.
    pub(super) fn stop(&mut self, cluster: &mut Cluster, key: &Key, pod: &Value, grace: Timestamp) {
        if matches!(self.state, State::Running { stopping: false, .. }) {
            self.kill(cluster, key, pod, grace, &format!("Stopping container {}", self.name));
        }
        if let State::Ended { again, .. } = &mut self.state {
            *again = None;
        }
    }

    fn kill(&mut self, cluster: &mut Cluster, key: &Key, pod: &Value, grace: Timestamp, message: &str) {
        self.say(cluster, key, pod, false, "Killing", message);
        if let State::Running { doom, stopping, .. } = &mut self.state {
            *stopping = true;
            let (at, code) = match self.script.stops {
                Stops::In { after, code } => (plus(cluster.now, after), code),
                Stops::Never => (grace, 137),
            };
            let (at, code) = if at > grace { (grace, 137) } else { (at, code) };
            *doom = Some(Doom { at, code, reason: ended_as(code) });
        }
    }

    fn start(&mut self, cluster: &mut Cluster, key: &Key, pod: &Value, address: &str, tries: u32) {
        let now = cluster.now;
        let spec = self.spec(pod).clone();
        let last = if let State::Ended { how, .. } = &self.state { Some(how.clone()) } else { self.last.take() };
        self.last = last;
        if let Some(state) = self.pull(cluster, key, pod, &spec, tries) {
            self.state = state;
            return;
        }
        self.environment = match given(cluster, pod, &spec, address) {
            Ok(all) => all,
            Err(message) => {
                self.say(cluster, key, pod, true, "Failed", &format!("Error: {message}"));
                self.state = State::Refused { reason: "CreateContainerConfigError", message, retry: plus(now, LOOKS_AGAIN) };
                return;
            }
        };
        self.previous = self.current.take().or(self.previous.take());
        self.say(cluster, key, pod, false, "Created", "Container created");
        self.say(cluster, key, pod, false, "Started", "Container started");
        let missing = self.script.needs.iter().find(|need| !self.environment.contains_key(&need.variable));
        let doomed = |after: i64, code: i32, reason: &'static str| Some(Doom { at: plus(now, after), code, reason });
        let (doom, last) = match (missing, &self.script.then) {
            (Some(need), _) => (doomed(1, need.code, ended_as(need.code)), vec![need.says.clone()]),
            (None, Behaviour::Exits { after, code, last }) => (doomed(*after, *code, ended_as(*code)), last.clone()),
            (None, Behaviour::OutOfMemory { after }) => (doomed(*after, 137, "OOMKilled"), Vec::new()),
            (None, Behaviour::Runs | Behaviour::CannotPull(_)) => (None, Vec::new()),
        };
        let tick = self.script.tick.clone().filter(|_| missing.is_none());
        let mut lines = if missing.is_some() { self.script.log.first().cloned().into_iter().collect() } else { self.script.log.clone() };
        lines.extend(last);
        self.current = Some(Run::new(now, &lines, tick));
        let checks = Checks::new(&spec, self.role == Role::Init, now);
        self.state = State::Running { since: now, checks, doom, stopping: false };
        // What ends at once has ended before anyone looks; what passes at once is ready.
        self.advance(cluster, key, pod, address, false);
    }

    /// Has the image (None), or what the container waits for.
    fn pull(&self, cluster: &mut Cluster, key: &Key, pod: &Value, spec: &Value, tries: u32) -> Option<State> {
        let image = self.image.as_str();
        let retry = plus(cluster.now, LOOKS_AGAIN);
        let refused = |reason: &'static str, message: String| Some(State::Refused { reason, message, retry });
        let missing = if let Behaviour::CannotPull(why) = &self.script.then { Some(why.as_str()) } else { None };
        match image::pull(&mut cluster.kubelet.images, text(pod, "/spec/nodeName"), image, text(spec, "/imagePullPolicy"), missing) {
            Pull::Present => {
                let message = format!("Container image {image:?} already present on machine and can be accessed by the pod");
                self.say(cluster, key, pod, false, "Pulled", &message);
                None
            }
            Pull::Fetched => {
                self.say(cluster, key, pod, false, "Pulling", &format!("Pulling image {image:?}"));
                let message =
                    format!("Successfully pulled image {image:?} in 412ms (412ms including waiting). Image size: 48211456 bytes.");
                self.say(cluster, key, pod, false, "Pulled", &message);
                None
            }
            Pull::Never => {
                let message = format!("Container image {image:?} is not present with pull policy of Never");
                self.say(cluster, key, pod, true, "ErrImageNeverPull", &message);
                self.say(cluster, key, pod, true, "Failed", "Error: ErrImageNeverPull");
                refused("ErrImageNeverPull", message)
            }
            Pull::Invalid(why) => {
                self.say(cluster, key, pod, true, "InspectFailed", &why);
                self.say(cluster, key, pod, true, "Failed", "Error: InvalidImageName");
                refused("InvalidImageName", why)
            }
            Pull::Failed(why) => {
                self.say(cluster, key, pod, false, "Pulling", &format!("Pulling image {image:?}"));
                self.say(cluster, key, pod, true, "Failed", &format!("Failed to pull image {image:?}: {why}"));
                self.say(cluster, key, pod, true, "Failed", "Error: ErrImagePull");
                let wait = (FIRST_BACKOFF << tries.min(5)).min(LONGEST_BACKOFF);
                let (retry, remind) = (plus(cluster.now, wait.max(LOOKS_AGAIN)), plus(cluster.now, SHOWS_ERROR));
                Some(State::NoImage { why, backing_off: false, tries: tries + 1, retry, remind })
            }
        }
    }

    fn end(&mut self, now: Timestamp, started: Timestamp, code: i32, reason: &'static str, mut message: String) {
        if let Some(run) = &mut self.current {
            run.end(now);
            if code != 0 && message.is_empty() && self.falls_back {
                message = run.tail(now);
            }
        }
        let how = Ending { code, reason, message, started, finished: now };
        self.state = State::Ended { how, again: None, looks: 0, remind: now };
    }

    /// Starts again, or not: by the restart policy, and later each time. What it waits for is said at the look after that.
    fn back_off(&mut self, now: Timestamp, pod: &Value) {
        let State::Ended { how, .. } = self.state.clone() else { return };
        let policy = if self.role == Role::Sidecar { "Always" } else { text(pod, "/spec/restartPolicy") };
        if policy == "Never" || how.code == 0 && (policy == "OnFailure" || self.role == Role::Init) {
            return;
        }
        let ran = how.finished.as_second() - how.started.as_second();
        let wait = if ran >= FORGIVEN_AFTER { 0 } else { self.backoff };
        self.backoff = if wait == 0 { FIRST_BACKOFF } else { (wait * 2).min(LONGEST_BACKOFF) };
        let again = Some(plus(now, wait.max(1)));
        self.state = State::Ended { how, again, looks: 0, remind: plus(now, SHOWS_ERROR) };
    }

    fn say_back_off(&self, cluster: &mut Cluster, key: &Key, pod: &Value) {
        let uid = text(pod, "/metadata/uid");
        let message = format!("Back-off restarting failed container {} in pod {}_{}({uid})", self.name, key.name, key.namespace);
        self.say(cluster, key, pod, true, "BackOff", &message);
    }

    /// The seconds of back-off that the waiting message names; None when it does not wait, or nobody has seen yet that it does.
    pub(super) fn waits(&self) -> Option<i64> {
        match &self.state {
            State::Ended { how, again: Some(again), looks: 2.., .. } => Some(again.as_second() - how.finished.as_second()),
            _ => None,
        }
    }

    fn say(&self, cluster: &mut Cluster, key: &Key, pod: &Value, warning: bool, reason: &str, message: &str) {
        let field = format!("spec.{}{{{}}}", if self.role == Role::Main { "containers" } else { "initContainers" }, self.name);
        say(cluster, key, pod, events::Said { warning, reason, message, field: &field });
    }
}

fn ended_as(code: i32) -> &'static str {
    if code == 0 { "Completed" } else { "Error" }
}
