//! One pod's play: whose turn it is, what holds all of it up, and how it ends. Source: `computePodActions` and `killContainersWithSyncResult` in
//! `pkg/kubelet/kuberuntime`.
use super::{
    config,
    script::Script,
    unit::{Role, State, Unit},
};
use crate::simulator::{
    cluster::Cluster,
    controllers::events,
    json::{list, text},
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
    /// Init containers and sidecars come first, as in the spec.
    pub(super) units: Vec<Unit>,
    /// A volume that cannot be mounted: nothing starts until it can.
    pub(super) blocked: Option<Blocked>,
    /// It is on its way out: what is left of its grace ends then.
    pub(super) leaving: Option<Timestamp>,
    /// Why the node ended it, and the same in words.
    pub(super) ended: Option<(&'static str, &'static str)>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Blocked {
    retry: Timestamp,
    wait: i64,
}

/// The longest wait between two tries to mount a volume. Source: `pkg/util/goroutinemap/exponentialbackoff`.
const LONGEST_MOUNT_WAIT: i64 = 122;

pub(super) fn plus(time: Timestamp, seconds: i64) -> Timestamp {
    time.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(time)
}

impl Play {
    pub(super) fn new(key: Key, address: String, now: Timestamp, init: Vec<(Value, Script)>, main: Vec<(Value, Script)>) -> Self {
        let role = |container: &Value| if container["restartPolicy"] == "Always" { Role::Sidecar } else { Role::Init };
        let first = init.into_iter().map(|(container, script)| Unit::new(&container, role(&container), script, now));
        let units = first.chain(main.into_iter().map(|(container, script)| Unit::new(&container, Role::Main, script, now))).collect();
        Play { key, address, began: now, units, blocked: None, leaving: None, ended: None }
    }

    /// Whether this container may start, or go on.
    fn turn(&self, at: usize) -> bool {
        let unit = &self.units[at];
        !matches!(unit.state, State::Waiting { .. }) || self.units[..at].iter().filter(|u| u.role != Role::Main).all(Unit::lets_on)
    }

    /// When something happens next.
    pub(super) fn next_time(&self, pod: &Value) -> Option<Timestamp> {
        let deadline = self.deadline(pod);
        if let Some(blocked) = &self.blocked {
            return Some(deadline.map_or(blocked.retry, |d| d.min(blocked.retry)));
        }
        let units = (0..self.units.len()).filter(|at| self.turn(*at)).filter_map(|at| self.units[at].next_time(pod));
        units.chain(deadline).min()
    }

    fn deadline(&self, pod: &Value) -> Option<Timestamp> {
        let seconds = pod.pointer("/spec/activeDeadlineSeconds").and_then(Value::as_i64)?;
        (self.leaving.is_none() && !self.over()).then(|| plus(self.began, seconds))
    }

    /// Whether no container runs any more, nor will again.
    pub(super) fn over(&self) -> bool {
        let failed = self.units.iter().any(|u| u.role == Role::Init && u.failed_for_good());
        let idle = |u: &Unit| !matches!(u.state, State::Running { .. });
        let done = |u: &Unit| u.role != Role::Main || u.ended_for_good() || failed || self.leaving.is_some();
        self.units.iter().all(|u| idle(u) && done(u))
    }

    /// Moves every container on as far as the clock allows.
    pub(super) fn advance(&mut self, cluster: &mut Cluster, pod: &Value) {
        if self.deadline(pod).is_some_and(|deadline| deadline <= cluster.now) {
            self.ended = Some(("DeadlineExceeded", "Pod was active on the node longer than the specified deadline"));
            say(
                cluster,
                &self.key,
                pod,
                events::normal("DeadlineExceeded", "Pod was active on the node longer than the specified deadline"),
            );
            self.leave(cluster, pod, crate::simulator::json::number(pod, "/spec/terminationGracePeriodSeconds", 30));
        }
        if self.leaving.is_none() && !self.mount(cluster, pod) {
            return;
        }
        if self.leaving.is_none() && self.units.iter().any(|u| matches!(u.state, State::Waiting { .. })) {
            missing_pull_secrets(cluster, &self.key, pod);
        }
        for at in 0..self.units.len() {
            if self.turn(at) {
                let leaving = self.leaving.is_some();
                self.units[at].advance(cluster, &self.key, pod, &self.address, leaving);
            }
        }
        let mains_done =
            self.units.iter().filter(|u| u.role == Role::Main).all(|u| u.ended_for_good() || self.leaving.is_some() && u.idle());
        if mains_done {
            for unit in self.units.iter_mut().filter(|u| u.role == Role::Sidecar) {
                unit.stop(cluster, &self.key, pod, self.leaving.unwrap_or_else(|| plus(cluster.now, 30)));
            }
        }
    }

    /// Asks every container to end, sidecars last.
    pub(super) fn leave(&mut self, cluster: &mut Cluster, pod: &Value, grace: i64) {
        let end = plus(cluster.now, grace);
        self.leaving = Some(end);
        self.blocked = None;
        for unit in self.units.iter_mut().filter(|u| u.role != Role::Sidecar) {
            unit.stop(cluster, &self.key, pod, end);
        }
        if self.units.iter().filter(|u| u.role != Role::Sidecar).all(Unit::idle) {
            for unit in &mut self.units {
                unit.stop(cluster, &self.key, pod, end);
            }
        }
    }

    fn mount(&mut self, cluster: &mut Cluster, pod: &Value) -> bool {
        let begun = self.units.iter().any(|u| u.current.is_some());
        let Some((volume, why)) = config::unmountable(cluster, pod).filter(|_| !begun) else {
            self.blocked = None;
            return true;
        };
        if self.blocked.is_none_or(|b| b.retry <= cluster.now) {
            let message = format!("MountVolume.SetUp failed for volume {volume:?} : {why}");
            say(cluster, &self.key, pod, events::warning("FailedMount", &message));
            let wait = self.blocked.map_or(1, |b| (b.wait * 2).min(LONGEST_MOUNT_WAIT));
            self.blocked = Some(Blocked { retry: plus(cluster.now, wait), wait });
        }
        false
    }
}

fn missing_pull_secrets(cluster: &mut Cluster, key: &Key, pod: &Value) {
    let there = |name: &str| cluster.store.stored(&Key::new(cluster.kinds.secret, &key.namespace, name)).is_some();
    let missing: Vec<&str> = list(pod, "/spec/imagePullSecrets").iter().map(|s| text(s, "/name")).filter(|name| !there(name)).collect();
    if !missing.is_empty() {
        let message =
            format!("Unable to retrieve some image pull secrets ({}); attempting to pull the image may not succeed.", missing.join(", "));
        say(cluster, key, pod, events::warning("FailedToRetrieveImagePullSecret", &message));
    }
}

/// Says something as the kubelet of the pod's node.
pub(super) fn say(cluster: &mut Cluster, key: &Key, pod: &Value, said: events::Said) {
    let host = text(pod, "/spec/nodeName").to_owned();
    events::record(cluster, key, pod, events::Source { component: "kubelet", host: &host, action: "" }, said);
}
