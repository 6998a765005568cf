//! The kubelet that plays scripts: pods on the demo's nodes start, run, crash and stop as their script says, with the statuses, messages and events
//! that a real kubelet (1.36) writes. Source: `pkg/kubelet`.
//!
//! Owns: the play of each pod on a node, and its logs. Does not own: which node a pod is on, what stands in the spec.
//! Invariants: a pod's play depends on its script, its spec and the clock alone; nothing is remembered of a pod that is gone.
mod config;
mod image;
mod logs;
mod play;
mod probe;
pub(super) mod script;
mod status;
mod unit;
mod usage;

pub(super) use logs::Line;
pub(super) use usage::usage;

use super::{
    agenda::Controller,
    cluster::Cluster,
    container::environment::Variables,
    json::{list, number, set, text},
    store::Key,
};
use image::Images;
use play::Play;
use script::{Match, Script};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use unit::State;

/// What a container wrote elsewhere.
#[derive(Debug, Default)]
struct Remembered {
    before: Option<Vec<Line>>,
    current: Option<Vec<Line>>,
}

/// What all the nodes' kubelets know.
#[derive(Debug, Default)]
pub(super) struct Kubelet {
    scripts: Vec<(Match, Script)>,
    plays: BTreeMap<Box<str>, Play>,
    /// Logs that a dump brought, by the pod's uid and the container.
    remembered: BTreeMap<(Box<str>, Box<str>), Remembered>,
    images: Images,
    /// Nodes whose kubelet has stopped: nothing on them moves.
    silent: BTreeSet<String>,
}

impl Kubelet {
    /// A later script goes before an earlier one.
    pub(super) fn learn(&mut self, which: Match, script: Script) {
        self.scripts.insert(0, (which, script));
    }

    fn script(&self, pod: &Value, container: &Value) -> Option<Script> {
        self.scripts.iter().find(|(which, _)| which.fits(pod, container)).map(|(_, script)| script.clone())
    }

    /// The kubelet of this node does nothing more, and nobody minds: its state was written down elsewhere.
    pub(super) fn mute(&mut self, node: &str) {
        self.silent.insert(node.to_owned());
    }

    pub(super) fn is_mute(&self, node: &str) -> bool {
        self.silent.contains(node)
    }

    /// Pods of a namespace with a container that waits for a ConfigMap or Secret.
    pub(super) fn waiting_for_config(&self, namespace: &str) -> Vec<Key> {
        let waits = |p: &&Play| p.blocked.is_some() || p.units.iter().any(|u| matches!(u.state, State::Refused { .. }));
        self.plays.values().filter(|p| *p.key.namespace == *namespace).filter(waits).map(|p| p.key.clone()).collect()
    }

    /// Keeps lines that a container of a pod wrote elsewhere.
    pub(super) fn remember(&mut self, uid: &str, container: &str, previous: bool, lines: Vec<Line>) {
        let kept = self.remembered.entry((uid.into(), container.into())).or_default();
        *(if previous { &mut kept.before } else { &mut kept.current }) = Some(lines);
    }

    /// What a container was started with.
    pub(super) fn environment(&self, uid: &str, container: &str) -> Option<&Variables> {
        self.plays.get(uid)?.units.iter().find(|u| u.name == container).map(|unit| &unit.environment)
    }

    /// The lines a container wrote in its current run, or in the one before.
    pub(super) fn lines(&self, uid: &str, container: &str, previous: bool, now: jiff::Timestamp) -> Option<Vec<Line>> {
        if let Some(Remembered { before, current }) = self.remembered.get(&(uid.into(), container.into())) {
            return if previous { before.clone() } else { current.clone().or_else(|| before.clone()) };
        }
        let unit = self.plays.get(uid)?.units.iter().find(|u| u.name == container)?;
        // While a container waits to be started again, its last run is both.
        let run = if previous && unit.waits().is_none() { unit.previous.as_ref() } else { unit.current.as_ref() };
        run.map(|run| run.lines(now))
    }
}

pub(super) fn look(cluster: &mut Cluster, key: &Key) {
    let Some(pod) = cluster.get(key) else { return };
    let node = text(&pod, "/spec/nodeName");
    if cluster.kubelet.is_mute(node) || cluster.store.stored(&Key::new(cluster.kinds.node, "", node)).is_none() {
        return;
    }
    let uid: Box<str> = text(&pod, "/metadata/uid").into();
    let deleting = pod.pointer("/metadata/deletionTimestamp").is_some();
    if deleting && !cluster.kubelet.plays.contains_key(&uid) {
        gone(cluster, key);
        return;
    }
    if matches!(text(&pod, "/status/phase"), "Succeeded" | "Failed") && !cluster.kubelet.plays.contains_key(&uid) {
        return;
    }
    let mut play = match cluster.kubelet.plays.remove(&uid) {
        Some(play) => play,
        None => begin(cluster, key, &pod),
    };
    if deleting && play.leaving.is_none() {
        play.leave(cluster, &pod, number(&pod, "/metadata/deletionGracePeriodSeconds", 30));
    }
    play.advance(cluster, &pod);
    status::write(cluster, &play, &pod);
    if deleting && play.over() {
        gone(cluster, key);
        return;
    }
    if let Some(next) = play.next_time(&pod) {
        cluster.agenda.push_at(next, Controller::Kubelet, key.clone());
    }
    cluster.kubelet.plays.insert(uid, play);
}

/// Forgets the play of a pod that is gone.
pub(super) fn forget(cluster: &mut Cluster, uid: &str) {
    cluster.kubelet.plays.remove(uid);
}

fn begin(cluster: &mut Cluster, key: &Key, pod: &Value) -> Play {
    let scripts = |list_name: &str, init: bool| -> Vec<(Value, Script)> {
        let of = |c: &Value| {
            let known = cluster.kubelet.script(pod, c);
            let usual = if init && c["restartPolicy"] != "Always" {
                Script::exits(1, 0)
            } else if text(pod, "/spec/restartPolicy") == "Always" {
                Script::runs()
            } else {
                Script::exits(5, 0)
            };
            (c.clone(), known.unwrap_or(usual))
        };
        list(pod, list_name).iter().map(of).collect()
    };
    let (init, main) = (scripts("/spec/initContainers", true), scripts("/spec/containers", false));
    let node = cluster.get(&Key::new(cluster.kinds.node, "", text(pod, "/spec/nodeName")));
    let own = node.as_deref().and_then(|node| text(node, "/spec/podCIDR").strip_suffix(".0/24"));
    let address = cluster.next_address();
    // The first pods are in their node's own range; what comes after them is outside of all.
    let range = match (own, address >> 8) {
        (Some(own), 0) => own.to_owned(),
        (_, block) => format!("10.245.{}", block & 255),
    };
    Play::new(key.clone(), format!("{range}.{}", address & 255), cluster.now, init, main)
}

/// The kubelet's last word: the pod has stopped and may leave the store.
fn gone(cluster: &mut Cluster, key: &Key) {
    let left = cluster.modify(key, |pod| set(pod, "/metadata/deletionGracePeriodSeconds", 0));
    if left.is_some_and(|pod| list(&pod, "/metadata/finalizers").is_empty()) {
        cluster.store.remove(key);
    }
}
