//! Nodes: whether they are ready, under pressure, cordoned, and what happened to them.

use super::{
    finding::{Finding, Rule, Severity, rules},
    fix, told,
};
use crate::experts::signals::words::cut;
use crate::facts::snapshot::{Ref, Snapshot, cluster::Node, event::Event, meta::condition};
use std::collections::BTreeMap;

rules! {
    NOT_READY = "node-not-ready" Error 96 Node "A node is not ready, or its kubelet has stopped reporting." reads ["Node.status.conditions", "Lease", "events"] like "node node1 is not ready: its kubelet has stopped reporting (NodeStatusUnknown)" same_as ["k8sgpt/Node"];
    RUNTIME = "node-container-runtime-down" Error 95 Node "A node is not ready because its container runtime does not answer." reads ["Node.status.conditions"] like "node node1 is not ready: its container runtime is unavailable";
    VERSION = "node-container-runtime-version" Error 94 Node "A node is not ready because its container runtime speaks another CRI API." reads ["Node.status.conditions", "events"] like "node node1 is not ready: container runtime version or CRI API mismatch";
    CERTIFICATE = "kubelet-certificate-expired" Error 94 Node "A kubelet's certificate has expired or does not hold yet." reads ["Node.status.conditions", "events"] like "node node1 is not ready: its kubelet certificate expired or is not yet valid";
    CLOCK = "node-clock-skew" Error 92 Node "A node's clock is not that of the others." reads ["events"] like "node node1: node clock skew detected: a certificate is not yet valid there";
    NETWORK = "node-network-unavailable" Error 94 Node "The network of a node is not set up (NetworkUnavailable)." reads ["Node.status.conditions", "events"] like "node node1 is marked NetworkUnavailable: no route was created";
    CIDR = "node-pod-cidr-conflict" Error 93 Node "Two nodes were given the same range of pod addresses." reads ["Node.spec.podCIDR", "events"] like "node a: its PodCIDR 10.244.1.0/24 conflicts with the allocation of another node, b";
    PRESSURE = "node-pressure" Error 94 Node "A node is short of memory, disk or process ids." reads ["Node.status.conditions", "events"] like "node node1 is under DiskPressure: disk is full; pods are evicted" same_as ["k8sgpt/Node"];
    PRESSURES = "node-multiple-pressures" Error 94 Node "A node is short of several resources at once." reads ["Node.status.conditions"] like "node node1 is under multiple resource pressure conditions (MemoryPressure, DiskPressure)";
    CORDONED = "node-cordoned" Warning 80 Node "A node is cordoned: it takes no new pods." reads ["Node.spec.unschedulable"] like "node node1 is cordoned (unschedulable): it takes no new pods";
    FLAPPING = "node-flapping" Error 86 Node "A node's readiness goes up and down." reads ["events"] like "node node1 is flapping: its kubelet restarts in a loop, its readiness is oscillating";
    TURNS = "node-condition-oscillating" Warning 84 Node "A node's conditions go up and down." reads ["events"] like "node node1: its condition oscillated between Ready and MemoryPressure";
    DRAINED = "node-left" Warning 75 Node "A pod fails since it was moved from a node that is not ready or was drained." reads ["events", "Node"] like "pod web-1 crashes after node node1 was drained";
    SKEW = "node-version-skew" Warning 85 Node "Nodes run kubelets of versions that are more than three minors apart." reads ["Node.status.nodeInfo"] like "node old runs kubelet v1.28, others v1.34: more than three minor versions apart";
    OTHER = "node-condition" Warning 80 Node "A problem detector says that something is wrong with a node." reads ["Node.status.conditions"] like "node node1 reports KernelDeadlock: task hung";
}

/// Conditions of node-problem-detector and of clouds that are bad when they hold (`config/*.json` of node-problem-detector).
const BAD: &[&str] = &[
    "KernelDeadlock",
    "ReadonlyFilesystem",
    "CorruptDockerOverlay2",
    "FrequentKubeletRestart",
    "FrequentDockerRestart",
    "FrequentContainerdRestart",
    "FrequentUnregisterNetDevice",
    "CperHardwareErrorFatal",
    "XfsShutdown",
    "VMEventScheduled",
    "FilesystemCorruptionProblem",
    "KubeletProblem",
    "ContainerRuntimeProblem",
];

pub(super) fn find(s: &Snapshot, found: &mut Vec<Finding>) {
    let mut ranges: BTreeMap<&str, Vec<&Node>> = BTreeMap::new();
    for node in &s.nodes {
        of_node(s, node, found);
        if !node.spec.cidr.is_empty() {
            ranges.entry(&node.spec.cidr).or_default().push(node);
        }
    }
    for (cidr, nodes) in ranges.into_iter().filter(|(_, n)| n.len() > 1) {
        let names = told::names(nodes.iter().skip(1).map(|n| &*n.meta.name), 3);
        let at = Ref::of("Node", &nodes[0].meta);
        found.push(
            cidr_conflict(s, &at, format!("{cidr} conflicts with the allocation of another node, {names}"))
                .explains(nodes.iter().skip(1).map(|n| Ref::of("Node", &n.meta)).collect::<Vec<_>>()),
        );
    }
    by_events(s, found);
    skew(s, found);
}

fn cidr_conflict(s: &Snapshot, at: &Ref, why: String) -> Finding {
    let events: Vec<String> = s.events.iter().filter(|e| e.message.contains("PodCIDR")).take(2).map(|e| told::event(e, &s.clock)).collect();
    Finding::new(&CIDR, at.clone(), format!(": its PodCIDR {why}"))
        .saw_all(events)
        .by_hand("kubectl get nodes -o custom-columns=NAME:.metadata.name,CIDR:.spec.podCIDR")
        .one_for("cidr")
}

/// The pods on a node that suffer from it.
fn suffering(s: &Snapshot, name: &str) -> Vec<Ref> {
    s.pods_on(name).filter(|p| !p.ready() && &*p.status.phase != "Succeeded").map(told::pod).collect()
}

fn events_of<'a>(s: &'a Snapshot, node: &Node) -> Vec<&'a Event> {
    // A node's events name its name for a uid (`pkg/kubelet/kubelet.go`).
    let mut all = s.events_of("Node", &node.meta);
    if !s.live {
        // Dumps tell such events of a pod.
        let named = format!("Node {} ", node.meta.name);
        all.extend(s.events.iter().filter(|e| &*e.about.kind != "Node" && e.message.starts_with(&named)));
    }
    all.sort_by_key(|e| e.last);
    all
}

fn of_node(s: &Snapshot, node: &Node, found: &mut Vec<Finding>) {
    let at = Ref::of("Node", &node.meta);
    let name = &*node.meta.name;
    let events = events_of(s, node);
    let quote = |words: &[&str]| {
        events.iter().rfind(|e| words.iter().any(|w| e.message.to_lowercase().contains(w))).map(|e| told::event(e, &s.clock))
    };
    let make =
        |rule: &'static Rule, what: String| Finding::new(rule, at.clone(), what).by_hand(told::describe(&at)).explains(suffering(s, name));
    if let Some(ready) = condition(&node.status.conditions, "Ready").filter(|c| !c.holds()) {
        let runtime = s
            .pods_on(name)
            .flat_map(|p| s.events_of("Pod", &p.meta))
            .chain(s.events.iter().filter(|e| !s.live && (e.about.kind.is_empty() || &*e.about.kind == "Pod")))
            .filter(|e| e.message.contains("untime"))
            .map(|e| e.message.to_lowercase())
            .next()
            .unwrap_or_default();
        let said = format!(
            "{} {}",
            ready.message.to_lowercase(),
            events
                .iter()
                .filter(|e| e.warning || e.message.contains("NotReady"))
                .map(|e| e.message.to_lowercase())
                .collect::<Vec<_>>()
                .join(" ")
        );
        let any = |words: &[&str]| words.iter().any(|w| said.contains(w));
        let why = if ready.message.is_empty() { ready.reason.to_string() } else { cut(&ready.message, 160) };
        let (rule, what) = if any(&["not yet valid: current time", "clock skew", "is before 20"]) {
            (&CLOCK, format!("is not ready: node clock skew detected, its time is out of sync: {why}"))
        } else if any(&["certificate has expired", "x509", "certificate is not yet valid"]) {
            (&CERTIFICATE, format!("is not ready: its kubelet certificate expired or is not yet valid: {why}"))
        } else if any(&["unknown service runtime", "cri api", "unimplemented", "v1alpha2", "cri v1"])
            || runtime.contains("unknown service runtime")
        {
            (&VERSION, format!("is not ready: container runtime version or CRI API mismatch on the node: {why}"))
        } else if any(&["runtime is down", "container runtime", "containerd", "pleg is not healthy", "runtimenotready"])
            && !any(&["network"])
        {
            (&RUNTIME, format!("is not ready: the container runtime is unavailable on the node: {why}"))
        } else if any(&["cni config", "network plugin"]) {
            (&NETWORK, format!("is not ready: its network plugin is not ready, CNI configuration is missing: {why}"))
        } else if ready.status.eq_ignore_ascii_case("unknown") {
            (&NOT_READY, format!("is not ready: its kubelet has stopped reporting ({}): {why}", ready.reason))
        } else {
            (&NOT_READY, format!("is not ready ({}): {why}", ready.reason))
        };
        let since = told::ago(ready.since, &s.clock).map(|a| format!("not ready since {a}"));
        found.push(
            make(rule, what)
                .saw(format!("status.conditions {}", ready.quoted()))
                .saw_all(quote(&["notready", "x509", "certificate"]))
                .saw_all(since)
                .since(ready.since.0),
        );
    }
    let pressures: Vec<_> = node.status.conditions.iter().filter(|c| c.kind.ends_with("Pressure") && c.holds()).collect();
    let evicted = s.pods_on(name).filter(|p| &*p.status.reason == "Evicted").find_map(|p| s.event("Pod", &p.meta, &["Evicted"]));
    let gone: Vec<Ref> = s.pods_on(name).filter(|p| &*p.status.reason == "Evicted").map(told::pod).collect();
    if pressures.len() > 1 {
        let names = told::names(pressures.iter().map(|c| &*c.kind), 4);
        found.push(
            make(
                &PRESSURES,
                format!("is under multiple resource pressure conditions ({names}), causing unstable scheduling and eviction behavior"),
            )
            .saw_all(pressures.iter().map(|c| format!("status.conditions {}", c.quoted())))
            .explains(gone.clone()),
        );
    } else if let Some(c) = pressures.first() {
        let what = match &*c.kind {
            "MemoryPressure" => "memory is short",
            "DiskPressure" => "disk is short",
            "PIDPressure" => "process ids are short",
            _ => "a resource is short",
        };
        let does = if evicted.is_some() || !gone.is_empty() {
            ", and node pressure escalated into kubelet eviction of pods"
        } else {
            ": pods are affected and it takes no new ones"
        };
        found.push(
            make(&PRESSURE, format!("is under {} ({what}){does}", c.kind))
                .saw(format!("status.conditions {}", c.quoted()))
                .saw_all(evicted.map(|e| told::event(e, &s.clock)))
                .saw_all(quote(&["pressure", "insufficient", "evict"]))
                .since(c.since.0)
                .explains(gone),
        );
    }
    if let Some(c) = condition(&node.status.conditions, "NetworkUnavailable").filter(|c| c.holds()) {
        let cascade = s.pods_on(name).flat_map(|p| s.events_of("Pod", &p.meta)).find(|e| &*e.reason == "FailedCreatePodSandBox");
        if let Some(e) = events.iter().copied().chain(s.events.iter().filter(|_| !s.live)).find(|e| e.message.contains("PodCIDR")) {
            found
                .push(cidr_conflict(s, &at, format!("conflicts with another node's allocation: {}", cut(&e.message, 140))).saw(c.quoted()));
        } else {
            let does = if cascade.is_some() { ", which cascaded into pod network setup failure" } else { "" };
            found.push(
                make(&NETWORK, format!("is marked NetworkUnavailable{does}: {}", cut(&c.message, 140)))
                    .saw(format!("status.conditions {}", c.quoted()))
                    .saw_all(cascade.map(|e| told::event(e, &s.clock)))
                    .saw_all(quote(&["network"])),
            );
        }
    }
    for c in node.status.conditions.iter().filter(|c| c.holds() && BAD.contains(&&*c.kind)) {
        found.push(
            make(&OTHER, format!("reports {}: {}", c.kind, cut(&c.message, 160)))
                .one_for(format!("{at:?}/{}", c.kind))
                .saw(format!("status.conditions {}", c.quoted())),
        );
    }
    if node.spec.unschedulable {
        let since = node.spec.taints.iter().find(|t| &*t.key == "node.kubernetes.io/unschedulable").map(|t| t.since).unwrap_or_default();
        // Somebody is at work on it, as far as is known; a day later it is forgotten.
        let forgotten = since.0.is_some() && !s.clock.loose && s.clock.since(since).is_some_and(|a| a > 86_400);
        let severity = if forgotten { Severity::Warning } else { Severity::Info };
        let ago = told::ago(since, &s.clock).map_or_else(String::new, |a| format!(" since {a}"));
        found.push(
            Finding::new(&CORDONED, at.clone(), format!("is cordoned (unschedulable){ago}: it takes no new pods"))
                .severity(severity)
                .saw("spec.unschedulable true")
                .by_hand(told::describe(&at))
                .fix(fix::op(&["kubectl", "uncordon", name]))
                // Whoever cordoned it to drain it waits for these.
                .after(s.budgets.iter().filter(|b| super::scaling::holds_up(s, b, name)).map(|b| Ref::of("PodDisruptionBudget", &b.meta))),
        );
    }
    flapping(s, node, &events, found);
}

fn flapping(s: &Snapshot, node: &Node, events: &[&Event], found: &mut Vec<Finding>) {
    let at = Ref::of("Node", &node.meta);
    let times =
        |reason: &str| events.iter().filter(|e| &*e.reason == reason && s.clock.within(e.last, 3_600)).map(|e| e.count).sum::<i64>();
    let (down, up, started) = (times("NodeNotReady"), times("NodeReady"), times("Starting"));
    let quotes = |reasons: &[&str]| {
        events.iter().rev().filter(|e| reasons.contains(&&*e.reason)).take(3).map(|e| told::event(e, &s.clock)).collect::<Vec<_>>()
    };
    if down >= 2 && up >= 1 || started >= 2 && down >= 1 {
        let why =
            if started >= 2 { ": a kubelet restart loop is causing node readiness flapping" } else { ": its readiness is oscillating" };
        found.push(
            Finding::new(&FLAPPING, at.clone(), format!("is flapping{why}"))
                .saw_all(quotes(&["NodeNotReady", "NodeReady", "Starting"]))
                .by_hand(told::describe(&at))
                .explains(suffering(s, &node.meta.name)),
        );
    }
    let pressed: i64 = ["NodeHasInsufficientMemory", "NodeHasDiskPressure", "NodeHasInsufficientPID"].iter().map(|r| times(r)).sum();
    let back: i64 =
        ["NodeHasSufficientMemory", "NodeHasNoDiskPressure", "NodeHasSufficientPID", "NodeReady"].iter().map(|r| times(r)).sum();
    if pressed >= 2 && back >= 2 {
        let kind = if times("NodeHasInsufficientMemory") > 0 {
            "MemoryPressure"
        } else if times("NodeHasDiskPressure") > 0 {
            "DiskPressure"
        } else {
            "PIDPressure"
        };
        found.push(
            Finding::new(&TURNS, at.clone(), format!(": its node condition oscillated between Ready and {kind} states"))
                .saw_all(quotes(&["NodeHasInsufficientMemory", "NodeHasDiskPressure", "NodeHasSufficientMemory", "NodeReady"]))
                .by_hand(told::describe(&at))
                .explains(suffering(s, &node.meta.name)),
        );
    }
}

/// Nodes that were not dumped, of which events of pods speak.
fn by_events(s: &Snapshot, found: &mut Vec<Finding>) {
    if s.live {
        return;
    }
    for pod in s.pods.iter().filter(|p| !p.ready() && !p.over()) {
        let events = s.events_of("Pod", &pod.meta);
        let left = events.iter().find(|e| ["NodeNotReady", "NodeDrain", "Drain", "TaintManagerEviction"].contains(&&*e.reason));
        let again = events.iter().find(|e| &*e.reason == "Scheduled");
        let crash = pod.status.containers.iter().any(|c| c.state.waiting.as_ref().is_some_and(|w| &*w.reason == "CrashLoopBackOff"))
            || events.iter().any(|e| &*e.reason == "BackOff");
        if let (Some(left), Some(again), true) = (left, again, crash)
            && left.first <= again.last
        {
            let subject = told::pod(pod);
            found.push(
                Finding::new(
                    &DRAINED,
                    subject.clone(),
                    "keep(s) crashing after a node drain: it was rescheduled, and may depend on something node-specific that is missing",
                )
                .severity(Severity::Error)
                .confidence(94)
                .saw(told::event(left, &s.clock))
                .saw(told::event(again, &s.clock))
                .by_hand(told::describe(&subject)),
            );
        }
    }
}

fn minor(version: &str) -> Option<i64> {
    let mut parts = version.strip_prefix('v').unwrap_or(version).split('.');
    // What is no number there is no kubelet of Kubernetes' own: a simulated node's, for one.
    let _major: u32 = parts.next()?.parse().ok()?;
    parts.next()?.parse().ok()
}

fn skew(s: &Snapshot, found: &mut Vec<Finding>) {
    let newest = s.nodes.iter().filter_map(|n| minor(&n.status.info.kubelet)).max();
    for node in &s.nodes {
        let (Some(newest), Some(own)) = (newest, minor(&node.status.info.kubelet)) else { continue };
        if newest - own > 3 {
            let at = Ref::of("Node", &node.meta);
            found.push(
                Finding::new(
                    &SKEW,
                    at.clone(),
                    format!("run(s) kubelet {}, others 1.{newest}: more than three minor versions apart", node.status.info.kubelet),
                )
                .saw(format!("status.nodeInfo.kubeletVersion {}", node.status.info.kubelet))
                .one_for(node.status.info.kubelet.to_string())
                .by_hand("kubectl get nodes"),
            );
        }
    }
}
