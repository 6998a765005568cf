//! A play written down as a pod's status. Source: `generateAPIPodStatus` in `pkg/kubelet/kubelet_pods.go`, `pkg/kubelet/status/generate.go`.
use super::play::{Ending, Play, State, Unit};
use crate::simulator::{
    cluster::Cluster,
    controllers::conditions::{self, Condition},
    json::{list, remove, set, stamp, text},
};
use serde_json::{Value, json};

/// Writes the status of a pod as its play has it now. Where nothing changed, nothing is written.
pub(super) fn write(cluster: &mut Cluster, play: &Play, pod: &Value) {
    let now = cluster.stamp();
    let uid = text(pod, "/metadata/uid").to_owned();
    let (init, main): (Vec<&Unit>, Vec<&Unit>) = play.units.iter().partition(|u| u.init);
    let phase = phase(&init, &main);
    let host = host_address(cluster, text(pod, "/spec/nodeName"));
    let started = play.blocked.is_none();
    let ready = !main.is_empty() && main.iter().all(|u| u.ready());
    let unready: Vec<&str> = main.iter().filter(|u| !u.ready()).map(|u| u.name.as_str()).collect();
    let incomplete: Vec<&str> =
        init.iter().filter(|u| !matches!(&u.state, State::Ended { how, .. } if how.code == 0)).map(|u| u.name.as_str()).collect();
    let describe = |u: &&Unit| container_status(u, play, &uid, pod);
    let statuses: Vec<Value> = main.iter().map(describe).collect();
    let init_statuses: Vec<Value> = init.iter().map(describe).collect();
    cluster.modify(&play.key, |p| {
        set(p, "/status/phase", phase);
        set(p, "/status/observedGeneration", p["metadata"]["generation"].clone());
        set(p, "/status/hostIP", host.as_str());
        set(p, "/status/hostIPs", json!([{"ip": host}]));
        if text(p, "/status/startTime").is_empty() {
            set(p, "/status/startTime", stamp(play.began));
        }
        if started {
            set(p, "/status/podIP", play.address.as_str());
            set(p, "/status/podIPs", json!([{"ip": play.address}]));
        }
        set(p, "/status/containerStatuses", statuses);
        if init_statuses.is_empty() {
            remove(p, "/status/initContainerStatuses");
        } else {
            set(p, "/status/initContainerStatuses", init_statuses);
        }
        let done = phase == "Succeeded";
        let quote = |names: &[&str]| names.join(" ");
        let unready_message = format!("containers with unready status: [{}]", quote(&unready));
        let init_message = format!("containers with incomplete status: [{}]", quote(&incomplete));
        let mut put = |kind: &str, holds: bool, reason: &str, message: &str| {
            let (status, reason, message) =
                if holds { ("True", if done { "PodCompleted" } else { "" }, "") } else { ("False", reason, message) };
            let reason = if done && kind != "PodReadyToStartContainers" && !holds { "PodCompleted" } else { reason };
            let reason = if holds && !matches!(kind, "Initialized") { "" } else { reason };
            conditions::put(p, &now, &Condition { kind, status, reason, message: if done { "" } else { message } }, false);
        };
        put("PodReadyToStartContainers", started && !done && phase != "Failed", "", "");
        put("Initialized", incomplete.is_empty(), "ContainersNotInitialized", &init_message);
        put("Ready", ready, "ContainersNotReady", &unready_message);
        put("ContainersReady", ready, "ContainersNotReady", &unready_message);
        put("PodScheduled", true, "", "");
    });
}

fn host_address(cluster: &Cluster, node: &str) -> String {
    let node = cluster.get(&crate::simulator::store::Key::new(cluster.kinds.node, "", node)).unwrap_or_default();
    list(&node, "/status/addresses").iter().find(|a| a["type"] == "InternalIP").map_or_else(String::new, |a| text(a, "/address").to_owned())
}

fn phase(init: &[&Unit], main: &[&Unit]) -> &'static str {
    let ended_for_good = |u: &Unit| matches!(&u.state, State::Ended { again: None, .. });
    let failed = |u: &Unit| matches!(&u.state, State::Ended { how, again: None } if how.code != 0);
    if init.iter().any(|u| failed(u)) {
        return "Failed";
    }
    if !main.is_empty() && main.iter().all(|u| ended_for_good(u)) {
        return if main.iter().any(|u| failed(u)) { "Failed" } else { "Succeeded" };
    }
    let never_ran = |u: &Unit| u.current.is_none() && !ended_for_good(u);
    if main.iter().any(|u| never_ran(u)) { "Pending" } else { "Running" }
}

fn container_status(unit: &Unit, play: &Play, uid: &str, pod: &Value) -> Value {
    let id = |run: i64| format!("containerd://{}", id_of(uid, &unit.name, run));
    let running = matches!(unit.state, State::Running { .. });
    let state = match &unit.state {
        State::Waiting { .. } if unit.init || play.initialized() => json!({"waiting": {"reason": "ContainerCreating"}}),
        State::Waiting { .. } => json!({"waiting": {"reason": "PodInitializing"}}),
        State::BadConfig { why, .. } => json!({"waiting": {"reason": "CreateContainerConfigError", "message": why}}),
        State::NeverPulled { .. } => {
            let message = format!("Container image {:?} is not present with pull policy of Never", unit.image);
            json!({"waiting": {"reason": "ErrImageNeverPull", "message": message}})
        }
        State::NoImage { why, backing_off: false, .. } => json!({"waiting": {"reason": "ErrImagePull", "message": why}}),
        State::NoImage { why, .. } => {
            json!({"waiting": {"reason": "ImagePullBackOff", "message": format!("Back-off pulling image {:?}: ErrImagePull: {why}", unit.image)}})
        }
        State::Running { since, .. } => json!({"running": {"startedAt": stamp(*since)}}),
        State::Ended { how, .. } => match unit.waits() {
            Some(seconds) => {
                let wait = crate::terms::duration::GoDuration::from_secs(seconds);
                let message = format!(
                    "back-off {wait} restarting failed container={} pod={}_{}({uid})",
                    unit.name, play.key.name, play.key.namespace
                );
                json!({"waiting": {"reason": "CrashLoopBackOff", "message": message}})
            }
            None => json!({"terminated": terminated(how, &id(unit.restarts))}),
        },
    };
    let ended_run = if unit.waits().is_some() { unit.restarts } else { unit.restarts - 1 };
    let last = match &unit.last {
        Some(how) if state.get("terminated").is_none() => json!({"terminated": terminated(how, &id(ended_run))}),
        Some(_) | None => json!({}),
    };
    let done_init = unit.init && matches!(&unit.state, State::Ended { how, .. } if how.code == 0);
    let mut status = json!({
        "name": unit.name, "image": text(unit.spec(pod), "/image"), "imageID": "", "restartCount": unit.restarts,
        "ready": unit.ready() || done_init, "started": running, "state": state, "lastState": last,
    });
    if unit.current.is_some() {
        set(&mut status, "/imageID", format!("sha256:{}", id_of("image", &unit.image, 0)));
        set(&mut status, "/containerID", id(unit.restarts));
    }
    status
}

fn terminated(how: &Ending, id: &str) -> Value {
    json!({"exitCode": how.code, "reason": how.reason, "startedAt": stamp(how.started), "finishedAt": stamp(how.finished), "containerID": id})
}

/// Sixty-four hexadecimal digits that belong to this run of this container.
fn id_of(uid: &str, name: &str, run: i64) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest(format!("{uid}/{name}/{run}")))
}
