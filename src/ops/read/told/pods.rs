//! Pods and what is in them.

use super::{Block, Told, fields, table};
use crate::ops::look::{list, number, pairs, plain, since, text};
use jiff::Timestamp;
use serde_json::Value;

/// A pod's state and its containers.
pub(super) fn blocks(told: &Told<'_>) -> Vec<Block> {
    let pod = told.object;
    let mut blocks = vec![fields(
        "State",
        vec![
            ("Status", status(pod)),
            ("Message", text(pod, "/status/message").to_string()),
            ("Ready", ready(pod)),
            ("Node", text(pod, "/spec/nodeName").to_string()),
            ("IP", text(pod, "/status/podIP").to_string()),
            ("Service account", text(pod, "/spec/serviceAccountName").to_string()),
            ("QoS class", text(pod, "/status/qosClass").to_string()),
            ("Priority class", text(pod, "/spec/priorityClassName").to_string()),
            ("Node selector", pairs(pod, "/spec/nodeSelector").join(", ")),
            ("Volumes", list(pod, "/spec/volumes").iter().map(volume).collect::<Vec<_>>().join(", ")),
        ],
    )];
    for (spec, statuses, what) in [
        ("/spec/initContainers", "/status/initContainerStatuses", "Init container"),
        ("/spec/containers", "/status/containerStatuses", "Container"),
        ("/spec/ephemeralContainers", "/status/ephemeralContainerStatuses", "Ephemeral container"),
    ] {
        for container in list(pod, spec) {
            let name = text(container, "/name");
            let status = list(pod, statuses).iter().find(|s| s["name"] == name);
            blocks.push(one_container(&format!("{what} {name}"), container, status, told.now));
        }
    }
    blocks
}

/// The containers of a pod template.
pub(in crate::ops) fn template_blocks(spec: &Value) -> Vec<Block> {
    let of = |list_at: &str, what: &str| -> Vec<Block> {
        let told =
            list(spec, list_at).iter().map(|c| one_container(&format!("{what} {}", text(c, "/name")), c, None, Timestamp::UNIX_EPOCH));
        told.collect()
    };
    [of("/initContainers", "Init container"), of("/containers", "Container")].concat()
}

fn one_container(title: &str, container: &Value, status: Option<&Value>, now: Timestamp) -> Block {
    let of_status = |tell: &dyn Fn(&Value) -> String| status.map(tell).unwrap_or_default();
    let probe = |name: &str| container.get(name).map(how_probed).unwrap_or_default();
    let words = |pointer: &str| list(container, pointer).iter().map(plain).collect::<Vec<_>>().join(" ");
    let ports = list(container, "/ports").iter().map(|p| {
        let protocol = text(p, "/protocol");
        format!("{}/{}", plain(&p["containerPort"]), if protocol.is_empty() { "TCP" } else { protocol })
    });
    fields(
        title,
        vec![
            ("Image", text(container, "/image").to_string()),
            ("State", of_status(&|s| state(&s["state"], now))),
            ("Last state", of_status(&|s| state(&s["lastState"], now))),
            ("Ready", of_status(&|s| if s["ready"] == true { "yes".into() } else { "no".into() })),
            ("Restarts", of_status(&|s| number(s, "/restartCount").to_string())),
            ("Command", words("/command")),
            ("Args", words("/args")),
            ("Ports", ports.collect::<Vec<_>>().join(", ")),
            ("Requests", pairs(container, "/resources/requests").join(", ")),
            ("Limits", pairs(container, "/resources/limits").join(", ")),
            ("Liveness", probe("livenessProbe")),
            ("Readiness", probe("readinessProbe")),
            ("Startup", probe("startupProbe")),
            ("Env", list(container, "/env").iter().map(variable).collect::<Vec<_>>().join(", ")),
            ("Env from", list(container, "/envFrom").iter().map(variables).collect::<Vec<_>>().join(", ")),
            ("Mounts", list(container, "/volumeMounts").iter().map(mount).collect::<Vec<_>>().join(", ")),
        ],
    )
}

/// A variable by name and where its value comes from; literal values are not told.
pub(in crate::ops) fn variable(env: &Value) -> String {
    let name = text(env, "/name");
    let key = |what: &str, sort: &str| {
        let from = &env["valueFrom"][what];
        from.is_object().then(|| format!("{name} ← {sort}/{}:{}", text(from, "/name"), text(from, "/key")))
    };
    let secret = key("secretKeyRef", "secret").or_else(|| key("configMapKeyRef", "configmap"));
    secret
        .or_else(|| env.pointer("/valueFrom/fieldRef/fieldPath").map(|path| format!("{name} ← {}", plain(path))))
        .unwrap_or_else(|| name.to_string())
}

pub(in crate::ops) fn variables(from: &Value) -> String {
    match (from.pointer("/secretRef/name"), from.pointer("/configMapRef/name")) {
        (Some(name), _) => format!("secret/{}", plain(name)),
        (None, Some(name)) => format!("configmap/{}", plain(name)),
        (None, None) => String::new(),
    }
}

fn mount(mount: &Value) -> String {
    let mode = if mount["readOnly"] == true { " (read only)" } else { "" };
    format!("{} ← {}{mode}", text(mount, "/mountPath"), text(mount, "/name"))
}

fn volume(volume: &Value) -> String {
    let name = text(volume, "/name");
    let sources = [
        ("/configMap/name", "configmap/"),
        ("/secret/secretName", "secret/"),
        ("/persistentVolumeClaim/claimName", "pvc/"),
        ("/hostPath/path", "host "),
    ];
    let known = sources.iter().find_map(|(at, word)| Some(format!("{name} ({word}{})", volume.pointer(at)?.as_str()?)));
    let sort = volume.as_object().and_then(|map| map.keys().find(|k| *k != "name"));
    known.unwrap_or_else(|| sort.map_or_else(|| name.to_string(), |sort| format!("{name} ({sort})")))
}

pub(in crate::ops) fn how_probed(probe: &Value) -> String {
    let how = if let Some(http) = probe.get("httpGet") {
        format!("GET :{}{}", plain(&http["port"]), text(http, "/path"))
    } else if let Some(tcp) = probe.get("tcpSocket") {
        format!("TCP :{}", plain(&tcp["port"]))
    } else if let Some(grpc) = probe.get("grpc") {
        format!("gRPC :{}", plain(&grpc["port"]))
    } else {
        format!("exec {}", list(probe, "/exec/command").iter().map(plain).collect::<Vec<_>>().join(" "))
    };
    let or = |field: &str, default: u64| probe[field].as_u64().unwrap_or(default);
    format!(
        "{how}, after {}s, every {}s, within {}s, fails after {}",
        or("initialDelaySeconds", 0),
        or("periodSeconds", 10),
        or("timeoutSeconds", 1),
        or("failureThreshold", 3)
    )
}

/// A container's state in one line: `waiting: CrashLoopBackOff, back-off 5m0s …`, `ended 3m ago: Error, exit code 1`.
pub(super) fn state(state: &Value, now: Timestamp) -> String {
    if let Some(waiting) = state.get("waiting") {
        let message = text(waiting, "/message");
        let comma = if message.is_empty() { "" } else { ", " };
        return format!("waiting: {}{comma}{message}", text(waiting, "/reason"));
    }
    if let Some(running) = state.get("running") {
        return format!("running for {}", since(text(running, "/startedAt"), now));
    }
    let Some(ended) = state.get("terminated") else { return String::new() };
    let signal = ended["signal"].as_u64().map(|s| format!(", signal {s}")).unwrap_or_default();
    let message = text(ended, "/message").trim();
    let comma = if message.is_empty() { "" } else { ", " };
    let (ago, reason, code) = (since(text(ended, "/finishedAt"), now), text(ended, "/reason"), plain(&ended["exitCode"]));
    format!("ended {ago} ago: {reason}, exit code {code}{signal}{comma}{message}")
}

/// The word that kubectl's table has under STATUS, for the common cases.
pub(in crate::ops) fn status(pod: &Value) -> String {
    if !text(pod, "/metadata/deletionTimestamp").is_empty() {
        return "Terminating".into();
    }
    let trouble = |s: &Value| {
        let waiting = text(s, "/state/waiting/reason");
        let ended = text(s, "/state/terminated/reason");
        [waiting, ended].into_iter().find(|r| !["", "Completed", "PodInitializing", "ContainerCreating"].contains(r)).map(str::to_string)
    };
    let init = list(pod, "/status/initContainerStatuses").iter().find_map(trouble).map(|reason| format!("Init:{reason}"));
    let reason = text(pod, "/status/reason");
    init.or_else(|| list(pod, "/status/containerStatuses").iter().find_map(trouble))
        .or_else(|| (!reason.is_empty()).then(|| reason.to_string()))
        .unwrap_or_else(|| text(pod, "/status/phase").to_string())
}

/// `1/2`.
pub(in crate::ops) fn ready(pod: &Value) -> String {
    let statuses = list(pod, "/status/containerStatuses");
    let ready = statuses.iter().filter(|s| s["ready"] == true).count();
    format!("{ready}/{}", list(pod, "/spec/containers").len())
}

/// A table of pods, those in trouble first.
pub(super) fn pod_table(told: &Told<'_>, title: &str, pods: &[&Value]) -> Option<Block> {
    let mut pods: Vec<&Value> = pods.to_vec();
    pods.sort_by_key(|p| {
        let status = status(p);
        let ready = ready(p);
        let whole = ready.split_once('/').is_some_and(|(a, b)| a == b);
        (whole || status == "Succeeded", text(p, "/metadata/name").to_string())
    });
    let row = |pod: &&Value| {
        let restarts: u64 = list(pod, "/status/containerStatuses").iter().map(|s| number(s, "/restartCount")).sum();
        vec![
            text(pod, "/metadata/name").to_string(),
            ready(pod),
            status(pod),
            restarts.to_string(),
            text(pod, "/spec/nodeName").to_string(),
            since(text(pod, "/metadata/creationTimestamp"), told.now),
        ]
    };
    table(title, &["Name", "Ready", "Status", "Restarts", "Node", "Age"], pods.iter().map(row).collect())
}
