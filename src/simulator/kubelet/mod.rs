//! The kubelet that plays scripts: pods on the demo's nodes start, run, crash and stop as their script says, with the statuses, messages and events
//! that a real kubelet (1.36) writes. Source: `pkg/kubelet`.
//!
//! Owns: the play of each pod on a node, and its logs. Does not own: which node a pod is on, what stands in the spec.
//! Invariants: a pod's play depends on its script, its spec and the clock alone; nothing is remembered of a pod that is gone.
mod config;
mod logs;
mod play;
pub(super) mod script;
mod status;

pub(super) use logs::Line;

use super::{
    agenda::Controller,
    cluster::Cluster,
    controllers::events,
    json::{list, number, set, text},
    store::Key,
};
use play::{Play, State};
use script::{Match, Script};
use serde_json::Value;
use std::collections::BTreeMap;

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
}

impl Kubelet {
    /// A later script goes before an earlier one.
    pub(super) fn learn(&mut self, which: Match, script: Script) {
        self.scripts.insert(0, (which, script));
    }

    fn script(&self, pod: &Value, image: &str) -> Option<Script> {
        self.scripts.iter().find(|(which, _)| which.fits(pod, image)).map(|(_, script)| script.clone())
    }

    /// Pods of a namespace with a container that waits for a ConfigMap or Secret.
    pub(super) fn waiting_for_config(&self, namespace: &str) -> Vec<Key> {
        let waits = |p: &&Play| p.blocked.is_some() || p.units.iter().any(|u| matches!(u.state, State::BadConfig { .. }));
        self.plays.values().filter(|p| *p.key.namespace == *namespace).filter(waits).map(|p| p.key.clone()).collect()
    }

    /// Keeps lines that a container of a pod wrote elsewhere.
    pub(super) fn remember(&mut self, uid: &str, container: &str, previous: bool, lines: Vec<Line>) {
        let kept = self.remembered.entry((uid.into(), container.into())).or_default();
        *(if previous { &mut kept.before } else { &mut kept.current }) = Some(lines);
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

/// How long a container takes to stop when asked.
const STOPS_IN: i64 = 1;

pub(super) fn look(cluster: &mut Cluster, key: &Key) {
    let Some(pod) = cluster.get(key) else {
        cluster.kubelet.plays.retain(|_, play| play.key != *key);
        return;
    };
    if text(&pod, "/spec/nodeName").is_empty() {
        return;
    }
    let uid: Box<str> = text(&pod, "/metadata/uid").into();
    if pod.pointer("/metadata/deletionTimestamp").is_some() {
        stop(cluster, key, &pod, &uid);
        return;
    }
    if matches!(text(&pod, "/status/phase"), "Succeeded" | "Failed") && !cluster.kubelet.plays.contains_key(&uid) {
        return;
    }
    let mut play = match cluster.kubelet.plays.remove(&uid) {
        Some(play) => play,
        None => begin(cluster, key, &pod),
    };
    play.advance(cluster, &pod);
    status::write(cluster, &play, &pod);
    if let Some(next) = play.next_time() {
        cluster.agenda.push_at(next, Controller::Kubelet, key.clone());
    }
    cluster.kubelet.plays.insert(uid, play);
}

fn begin(cluster: &mut Cluster, key: &Key, pod: &Value) -> Play {
    let scripts = |list_name: &str, init: bool| -> Vec<(Value, Script)> {
        let of = |c: &Value| {
            let known = cluster.kubelet.script(pod, text(c, "/image"));
            let usual = if init {
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
    let address = cluster.next_address();
    Play::new(key.clone(), format!("10.244.{}.{}", (address >> 8) & 255, address & 255), cluster.now, init, main)
}

fn stop(cluster: &mut Cluster, key: &Key, pod: &Value, uid: &str) {
    let Some(play) = cluster.kubelet.plays.get_mut(uid) else {
        gone(cluster, key);
        return;
    };
    if let Some(end) = play.stops_at {
        if cluster.now >= end {
            cluster.kubelet.plays.remove(uid);
            gone(cluster, key);
        }
        return;
    }
    let grace = number(pod, "/metadata/deletionGracePeriodSeconds", 30);
    let end = cluster.now.saturating_add(jiff::SignedDuration::from_secs(grace.min(STOPS_IN))).unwrap_or(cluster.now);
    play.stops_at = Some(end);
    let running: Vec<String> = play.units.iter().filter(|u| matches!(u.state, State::Running { .. })).map(|u| u.name.clone()).collect();
    let host = text(pod, "/spec/nodeName").to_owned();
    for name in running {
        let field = format!("spec.containers{{{name}}}");
        let message = format!("Stopping container {name}");
        let said = events::Said { warning: false, reason: "Killing", message: &message, field: &field };
        events::record(cluster, key, pod, events::Source { component: "kubelet", host: &host }, said);
    }
    cluster.agenda.push_at(end, Controller::Kubelet, key.clone());
}

/// The kubelet's last word: the pod has stopped and may leave the store.
fn gone(cluster: &mut Cluster, key: &Key) {
    let left = cluster.modify(key, |pod| set(pod, "/metadata/deletionGracePeriodSeconds", 0));
    if left.is_some_and(|pod| list(&pod, "/metadata/finalizers").is_empty()) {
        cluster.store.remove(key);
    }
}
