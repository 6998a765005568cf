//! A play written down as a pod's status. Source: `generateAPIPodStatus` in `pkg/kubelet/kubelet_pods.go`, `pkg/kubelet/status/generate.go`.
use super::{
    image::{full_name, repository},
    play::Play,
    unit::{Ending, Role, State, Unit},
};
use crate::simulator::{
    cluster::Cluster,
    json::{default, list, map_mut, remove, set, stamp, text},
    store::Key,
};
use crate::terms::quantity::Quantity;
use serde_json::{Value, json};

/// The conditions that a kubelet writes, in its order. Others that are there come before them.
const OWN: &[&str] = &["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"];

/// Writes the status of a pod as its play has it now. Where nothing changed, nothing is written.
pub(super) fn write(cluster: &mut Cluster, play: &Play, pod: &Value) {
    let now = cluster.stamp();
    let uid = text(pod, "/metadata/uid").to_owned();
    let (main, init): (Vec<&Unit>, Vec<&Unit>) = play.units.iter().partition(|u| u.role == Role::Main);
    let phase = phase(play, &main);
    let host = host_address(cluster, text(pod, "/spec/nodeName"));
    let describe = |u: &&Unit| container_status(u, play, &uid, pod);
    let mut statuses: Vec<Value> = main.iter().map(describe).collect();
    statuses.sort_by_cached_key(|s| text(s, "/name").to_owned());
    let init_statuses: Vec<Value> = init.iter().map(describe).collect();
    let conditions = conditions(play, pod, phase, &init, &main, &now);
    let [requests, limits] = ["requests", "limits"].map(|sort| together(pod, sort));
    cluster.modify(&play.key, |p| {
        set(p, "/status/phase", phase);
        set(p, "/status/observedGeneration", p["metadata"]["generation"].clone());
        set(p, "/status/hostIP", host.as_str());
        set(p, "/status/hostIPs", json!([{"ip": host}]));
        default(p, "/status/startTime", stamp(play.began));
        if play.blocked.is_none() {
            set(p, "/status/podIP", play.address.as_str());
            set(p, "/status/podIPs", json!([{"ip": play.address}]));
        }
        if let Some((reason, message)) = play.ended {
            set(p, "/status/reason", reason);
            set(p, "/status/message", message);
        }
        if let Some(requests) = &requests {
            set(p, "/status/allocatedResources", requests.clone());
        }
        set(p, "/status/resources", json!({}));
        for (sort, sums) in [("requests", requests), ("limits", limits)] {
            if let Some(sums) = sums {
                set(p, &format!("/status/resources/{sort}"), sums);
            }
        }
        set(p, "/status/containerStatuses", statuses);
        if init_statuses.is_empty() {
            remove(p, "/status/initContainerStatuses");
        } else {
            set(p, "/status/initContainerStatuses", init_statuses);
        }
        set(p, "/status/conditions", conditions);
    });
}

fn conditions(play: &Play, pod: &Value, phase: &str, init: &[&Unit], main: &[&Unit], now: &str) -> Vec<Value> {
    let names = |units: &mut dyn Iterator<Item = &&Unit>| units.map(|u| u.name.as_str()).collect::<Vec<_>>().join(" ");
    let unready = names(&mut main.iter().filter(|u| !u.ready()));
    let incomplete = names(&mut init.iter().filter(|u| !u.lets_on()));
    let runs = play.blocked.is_none() && !matches!(phase, "Succeeded" | "Failed");
    let (ready, ready_message) = match phase {
        "Succeeded" => ("PodCompleted", String::new()),
        "Failed" => ("PodFailed", String::new()),
        _ if unready.is_empty() => ("", String::new()),
        _ => ("ContainersNotReady", format!("containers with unready status: [{unready}]")),
    };
    let (initialized, init_message) = match phase {
        "Succeeded" => ("PodCompleted", String::new()),
        _ if incomplete.is_empty() => ("", String::new()),
        _ => ("ContainersNotInitialized", format!("containers with incomplete status: [{incomplete}]")),
    };
    let own = [
        (runs, "", ""),
        (initialized != "ContainersNotInitialized", initialized, &init_message),
        (ready.is_empty(), ready, &ready_message),
        (ready.is_empty(), ready, &ready_message),
        (true, "", ""),
    ];
    let old = list(pod, "/status/conditions");
    let mut all: Vec<Value> = old.iter().filter(|c| !OWN.contains(&text(c, "/type"))).cloned().collect();
    for (kind, (holds, reason, message)) in OWN.iter().zip(own) {
        let status = if holds { "True" } else { "False" };
        let since = old.iter().find(|c| c["type"] == *kind && c["status"] == status).map_or(now, |c| text(c, "/lastTransitionTime"));
        let mut condition = json!({
            "type": kind, "status": status, "lastProbeTime": null, "lastTransitionTime": since, "observedGeneration": pod["metadata"]["generation"],
        });
        for (field, value) in [("/reason", reason), ("/message", message)] {
            if !value.is_empty() {
                set(&mut condition, field, value);
            }
        }
        all.push(condition);
    }
    all
}

fn host_address(cluster: &Cluster, node: &str) -> String {
    let node = cluster.get(&Key::new(cluster.kinds.node, "", node)).unwrap_or_default();
    list(&node, "/status/addresses").iter().find(|a| a["type"] == "InternalIP").map_or_else(String::new, |a| text(a, "/address").to_owned())
}

fn phase(play: &Play, main: &[&Unit]) -> &'static str {
    if play.over() {
        let good = play.ended.is_none() && main.iter().all(|u| u.succeeded());
        return if good { "Succeeded" } else { "Failed" };
    }
    // A run that has ended counts as well.
    if main.iter().any(|u| u.current.is_none()) { "Pending" } else { "Running" }
}

/// What the containers are given together (`requests` or `limits`), as the kubelet says of the pod; None when that is nothing.
fn together(pod: &Value, sort: &str) -> Option<Value> {
    let mut sums = serde_json::Map::new();
    for container in list(pod, "/spec/containers") {
        for (name, amount) in container.pointer(&format!("/resources/{sort}")).and_then(Value::as_object).into_iter().flatten() {
            let read = |v: Option<&Value>| v.and_then(crate::terms::path::scalar_text).and_then(|t| t.parse::<Quantity>().ok());
            let sum = read(Some(amount))?;
            let sum = read(sums.get(name)).map_or_else(|| amount.clone(), |before| before.plus(sum).to_string().into());
            sums.insert(name.clone(), sum);
        }
    }
    (!sums.is_empty()).then(|| sums.into())
}

fn container_status(unit: &Unit, play: &Play, uid: &str, pod: &Value) -> Value {
    let id = |run: i64| format!("containerd://{}", id_of(uid, &unit.name, run));
    let spec = unit.spec(pod);
    let creating = if play.units.iter().any(|u| u.role != Role::Main) { "PodInitializing" } else { "ContainerCreating" };
    let mut last = unit.last.as_ref().map(|how| terminated(how, &id(unit.restarts - 1)));
    let state = match &unit.state {
        State::Waiting { .. } => json!({"waiting": {"reason": creating}}),
        State::Refused { reason, message, .. } => json!({"waiting": {"reason": reason, "message": message}}),
        State::NoImage { why, backing_off: false, .. } => json!({"waiting": {"reason": "ErrImagePull", "message": why}}),
        State::NoImage { why, .. } => {
            let message = format!("Back-off pulling image {:?}: ErrImagePull: {why}", unit.image);
            json!({"waiting": {"reason": "ImagePullBackOff", "message": message}})
        }
        State::Running { since, .. } => json!({"running": {"startedAt": stamp(*since)}}),
        State::Ended { how, .. } => match unit.waits() {
            Some(seconds) => {
                let wait = crate::terms::duration::GoDuration::from_secs(seconds);
                let (name, pod, ns) = (&unit.name, &play.key.name, &play.key.namespace);
                let message = format!("back-off {wait} restarting failed container={name} pod={pod}_{ns}({uid})");
                last = Some(terminated(how, &id(unit.restarts)));
                json!({"waiting": {"reason": "CrashLoopBackOff", "message": message}})
            }
            None => json!({"terminated": terminated(how, &id(unit.restarts))}),
        },
    };
    let mut status = json!({
        "name": unit.name, "image": text(spec, "/image"), "imageID": "", "restartCount": unit.restarts,
        "ready": unit.ready(), "started": unit.started(), "state": state, "lastState": {},
    });
    if let Some(last) = last {
        set(&mut status, "/lastState/terminated", last);
    }
    if unit.current.is_some() {
        let full = full_name(&unit.image);
        set(&mut status, "/imageID", format!("{}@sha256:{}", repository(&full), id_of("image", &unit.image, 0)));
        set(&mut status, "/image", full);
        set(&mut status, "/containerID", id(unit.restarts));
        set(&mut status, "/resources", spec["resources"].clone());
        if let Some(requests) = spec.pointer("/resources/requests") {
            set(&mut status, "/allocatedResources", requests.clone());
        }
    }
    let mounts: Vec<Value> = list(spec, "/volumeMounts").iter().map(mount).collect();
    if !mounts.is_empty() {
        set(&mut status, "/volumeMounts", mounts);
    }
    status
}

fn mount(from: &Value) -> Value {
    let mut mount = json!({"name": from["name"], "mountPath": from["mountPath"]});
    if from["readOnly"] == true {
        map_mut(&mut mount).insert("readOnly".to_owned(), true.into());
        map_mut(&mut mount).insert("recursiveReadOnly".to_owned(), "Disabled".into());
    }
    mount
}

fn terminated(how: &Ending, id: &str) -> Value {
    let mut ended = json!({"exitCode": how.code, "reason": how.reason, "startedAt": stamp(how.started), "finishedAt": stamp(how.finished), "containerID": id});
    if !how.message.is_empty() {
        set(&mut ended, "/message", how.message.as_str());
    }
    ended
}

/// Sixty-four hexadecimal digits that belong to this run of this container.
fn id_of(uid: &str, name: &str, run: i64) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest(format!("{uid}/{name}/{run}")))
}
