//! The scheduler: a node for each pod that has none. Source: `pkg/scheduler/framework/plugins` (messages), reduced to what shows.
use super::{
    conditions::{self, Condition},
    events,
};
use crate::simulator::{
    cluster::Cluster,
    json::{list, set, text, yes},
    store::{Key, Tree},
};
use crate::terms::{path::scalar_text, quantity::Quantity, selector::LabelSelector};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) fn look(cluster: &mut Cluster, key: &Key) {
    let Some(pod) = cluster.get(key) else { return };
    let placed = !text(&pod, "/spec/nodeName").is_empty();
    if placed || pod.pointer("/metadata/deletionTimestamp").is_some() || !list(&pod, "/spec/schedulingGates").is_empty() {
        return;
    }
    let nodes: Vec<Tree> = cluster.store.of_kind(cluster.kinds.node, None).map(|(k, s)| cluster.store.tree(k, s)).collect();
    match choose(cluster, &pod, &nodes) {
        Ok(node) => bind(cluster, key, &pod, &node),
        Err(why) => give_up(cluster, key, &pod, &why),
    }
}

/// Pods without a node.
pub(super) fn pending(cluster: &Cluster) -> Vec<Key> {
    let unplaced = |bytes: &[u8]| !bytes.windows(10).any(|w| w == b"\"nodeName\"");
    cluster.store.of_kind(cluster.kinds.pod, None).filter(|(_, s)| !s.deleting && unplaced(&s.bytes)).map(|(k, _)| k.clone()).collect()
}

fn choose(cluster: &Cluster, pod: &Value, nodes: &[Tree]) -> Result<String, String> {
    if let Some(why) = unbound_claim(cluster, pod) {
        return Err(format!("0/{} nodes are available: {why}", nodes.len()));
    }
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    let mut fitting: Vec<(i64, &str)> = Vec::new();
    let used = &cluster.room.nodes;
    for node in nodes {
        let name = text(node, "/metadata/name");
        match misfit(pod, node, used.get(name)) {
            None => fitting.push((used.get(name).map_or(0, |u| u.pods), name)),
            Some(why) => *reasons.entry(why).or_default() += 1,
        }
    }
    // The emptiest first: with equal pods this is the round that people expect to see.
    fitting.sort();
    if let Some((_, name)) = fitting.first() {
        return Ok((*name).to_owned());
    }
    if nodes.is_empty() {
        return Err("no nodes available to schedule pods".to_owned());
    }
    let mut said: Vec<String> = reasons.iter().map(|(why, count)| format!("{count} {why}")).collect();
    said.sort();
    let none = nodes.len();
    Err(format!(
        "0/{none} nodes are available: {}. preemption: 0/{none} nodes are available: {}",
        said.join(", "),
        if reasons.keys().any(|r| r.starts_with("Insufficient")) {
            format!("{none} No preemption victims found for incoming pod.")
        } else {
            format!("{none} Preemption is not helpful for scheduling.")
        }
    ))
}

/// What the pods on one node ask for together.
#[derive(Debug, Default, Clone, Copy)]
pub(in crate::simulator) struct Used {
    pods: i64,
    cpu: i64,
    memory: i64,
}

/// What is taken on each node. Kept up from the changes, so that placing a pod does not read all the others.
#[derive(Debug, Default)]
pub(in crate::simulator) struct Room {
    nodes: BTreeMap<String, Used>,
    pods: BTreeMap<Key, (String, Used)>,
}

impl Room {
    /// Takes in what a pod is now; None when it is gone.
    pub(super) fn note(&mut self, key: &Key, pod: Option<&Value>) {
        let placed = pod.filter(|p| !text(p, "/spec/nodeName").is_empty() && !matches!(text(p, "/status/phase"), "Succeeded" | "Failed"));
        match (placed, self.pods.contains_key(key)) {
            (Some(pod), false) => {
                let (cpu, memory) = requests(pod);
                let used = Used { pods: 1, cpu: cpu.as_milli(), memory: memory.as_whole() };
                let node = text(pod, "/spec/nodeName").to_owned();
                self.nodes.entry(node.clone()).or_default().add(used, 1);
                self.pods.insert(key.clone(), (node, used));
            }
            (None, true) => {
                if let Some((node, used)) = self.pods.remove(key) {
                    self.nodes.entry(node).or_default().add(used, -1);
                }
            }
            // What a pod asks for does not change while it is on its node.
            (Some(_), true) | (None, false) => {}
        }
    }
}

impl Used {
    fn add(&mut self, other: Used, sign: i64) {
        self.pods += sign * other.pods;
        self.cpu += sign * other.cpu;
        self.memory += sign * other.memory;
    }
}

/// What a pod asks for: CPU and memory of its containers together.
pub(in crate::simulator) fn requests(pod: &Value) -> (Quantity, Quantity) {
    let sum = |name: &str| {
        let amounts = list(pod, "/spec/containers").iter().filter_map(|c| amount(c, &format!("/resources/requests/{name}")));
        amounts.fold(Quantity::ZERO, Quantity::plus)
    };
    (sum("cpu"), sum("memory"))
}

pub(in crate::simulator) fn amount(object: &Value, pointer: &str) -> Option<Quantity> {
    scalar_text(object.pointer(pointer)?)?.parse().ok()
}

fn misfit(pod: &Value, node: &Value, used: Option<&Used>) -> Option<String> {
    if yes(node, "/spec/unschedulable") && !tolerates(pod, &json!({"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"})) {
        return Some("node(s) were unschedulable".to_owned());
    }
    if let Some(taint) = untolerated(pod, node) {
        let (key, value) = (text(taint, "/key"), text(taint, "/value"));
        return Some(format!("node(s) had untolerated taint {{{key}: {value}}}"));
    }
    if !conditions::is_true(node, "Ready") {
        return Some("node(s) had untolerated taint {node.kubernetes.io/not-ready: }".to_owned());
    }
    if !selected(pod, node) {
        return Some("node(s) didn't match Pod's node affinity/selector".to_owned());
    }
    let used = used.copied().unwrap_or_default();
    let (cpu, memory) = requests(pod);
    let room = |name: &str| amount(node, &format!("/status/allocatable/{name}")).unwrap_or(Quantity::ZERO);
    if room("pods").as_whole() <= used.pods {
        return Some("Too many pods".to_owned());
    }
    let over = [
        ("cpu", used.cpu + cpu.as_milli() > room("cpu").as_milli()),
        ("memory", used.memory + memory.as_whole() > room("memory").as_whole()),
    ];
    over.iter().find(|(_, over)| *over).map(|(name, _)| format!("Insufficient {name}"))
}

fn untolerated<'a>(pod: &Value, node: &'a Value) -> Option<&'a Value> {
    let hard = |t: &&Value| matches!(text(t, "/effect"), "NoSchedule" | "NoExecute");
    list(node, "/spec/taints").iter().filter(hard).find(|taint| !tolerates(pod, taint))
}

/// Whether a pod (or template) puts up with every taint of a node.
pub(super) fn tolerated(pod: &Value, node: &Value) -> bool {
    untolerated(pod, node).is_none()
}

fn tolerates(pod: &Value, taint: &Value) -> bool {
    list(pod, "/spec/tolerations").iter().any(|t| {
        let (key, effect) = (text(t, "/key"), text(t, "/effect"));
        let exists = text(t, "/operator") == "Exists";
        (effect.is_empty() || effect == text(taint, "/effect"))
            && (key.is_empty() && exists || key == text(taint, "/key"))
            && (exists || text(t, "/value") == text(taint, "/value"))
    })
}

/// Whether a node has the labels that a pod's node selector and required node affinity ask for.
pub(super) fn selected(pod: &Value, node: &Value) -> bool {
    let none = json!({});
    let labels = node.pointer("/metadata/labels").unwrap_or(&none);
    let plain = pod.pointer("/spec/nodeSelector").and_then(Value::as_object).into_iter().flatten().all(|(k, v)| labels.get(k) == Some(v));
    let terms = list(pod, "/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms");
    let fits = |term: &Value| {
        let by_label =
            LabelSelector::from_json(&json!({"matchExpressions": term.get("matchExpressions").cloned().unwrap_or_else(|| json!([]))}));
        let by_field = list(term, "/matchFields").iter().all(|f| list(f, "/values").iter().any(|v| *v == node["metadata"]["name"]));
        by_label.is_ok_and(|s| s.matches_json(labels)) && by_field
    };
    plain && (terms.is_empty() || terms.iter().any(fits))
}

/// A claim that keeps the pod from being placed.
fn unbound_claim(cluster: &Cluster, pod: &Value) -> Option<String> {
    let namespace = text(pod, "/metadata/namespace");
    list(pod, "/spec/volumes").iter().find_map(|volume| {
        let name = volume.pointer("/persistentVolumeClaim/claimName")?.as_str()?;
        let claim = cluster.get(&Key::new(cluster.kinds.claim, namespace, name));
        match claim {
            None => Some(format!("persistentvolumeclaim {name:?} not found. preemption: not eligible due to preemptionPolicy=Never.")),
            Some(claim) if text(&claim, "/status/phase") != "Bound" => {
                Some("pod has unbound immediate PersistentVolumeClaims. preemption: not eligible".to_owned())
            }
            Some(_) => None,
        }
    })
}

fn bind(cluster: &mut Cluster, key: &Key, pod: &Value, node: &str) {
    let now = cluster.stamp();
    cluster.modify(key, |p| {
        set(p, "/spec/nodeName", node);
        conditions::put(p, &now, &Condition { kind: "PodScheduled", status: "True", reason: "", message: "" }, false);
    });
    let message = format!("Successfully assigned {}/{} to {node}", key.namespace, key.name);
    events::record(cluster, key, pod, said("Binding"), events::normal("Scheduled", &message));
}

fn give_up(cluster: &mut Cluster, key: &Key, pod: &Value, why: &str) {
    let now = cluster.stamp();
    let mut new = false;
    cluster.modify(key, |p| {
        new = conditions::put(p, &now, &Condition { kind: "PodScheduled", status: "False", reason: "Unschedulable", message: why }, false);
    });
    if new {
        events::record(cluster, key, pod, said("Scheduling"), events::warning("FailedScheduling", why));
    }
}

fn said(action: &str) -> events::Source<'_> {
    events::Source { component: "default-scheduler", host: "default-scheduler-built-in", action }
}
