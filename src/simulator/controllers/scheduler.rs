//! The scheduler: a node for each pod that has none. Source: `pkg/scheduler/framework/plugins`. Pods are never removed to make room for others.
use super::{
    claim,
    company::Company,
    conditions::{self, Condition},
    events,
};
use crate::simulator::{
    agenda::Controller,
    cluster::Cluster,
    json::{list, list_mut, set, text, yes},
    store::{Key, Tree},
};
use crate::terms::{path::scalar_text, quantity::Quantity, selector::LabelSelector};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Source: `DefaultPodMaxInUnschedulablePodsDuration` in `pkg/scheduler/backend/queue`.
const RETRIES: SignedDuration = SignedDuration::from_mins(5);

pub(super) fn look(cluster: &mut Cluster, key: &Key) {
    let Some(pod) = cluster.get(key) else { return };
    if !text(&pod, "/spec/nodeName").is_empty() || pod.pointer("/metadata/deletionTimestamp").is_some() {
        return;
    }
    if !list(&pod, "/spec/schedulingGates").is_empty() {
        let message = "Scheduling is blocked due to non-empty scheduling gates";
        unschedulable(cluster, key, "SchedulingGated", message);
        return;
    }
    if text(&pod, "/spec/schedulerName") != "default-scheduler" {
        return;
    }
    let nodes: Vec<Tree> = cluster.store.of_kind(cluster.kinds.node, None).map(|(k, s)| cluster.store.tree(k, s)).collect();
    match choose(cluster, &pod, &nodes) {
        Ok(node) => bind(cluster, key, &pod, &node),
        Err(why) => {
            let new = unschedulable(cluster, key, "Unschedulable", &why);
            // What found no place is tried again after a while, and says so again.
            let due = cluster.room.waiting.get(key).copied().flatten().is_none_or(|next| next <= cluster.now);
            if new || due {
                let next = cluster.now.saturating_add(RETRIES).unwrap_or(cluster.now);
                cluster.room.waiting.insert(key.clone(), Some(next));
                cluster.agenda.push_at(next, Controller::Scheduler, key.clone());
                events::record(cluster, key, &pod, said("Scheduling"), events::warning("FailedScheduling", &why));
            }
        }
    }
}

/// Why a node does not do. Where it is hopeless, room made by removing other pods would not help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Misfit {
    pub(super) why: String,
    pub(super) hopeless: bool,
}

pub(super) fn hopeless(why: &str) -> Vec<Misfit> {
    vec![Misfit { why: why.to_owned(), hopeless: true }]
}

pub(super) fn crowded(why: &str) -> Vec<Misfit> {
    vec![Misfit { why: why.to_owned(), hopeless: false }]
}

/// A node for a pod, or why there is none. Source of the message's form: `FitError` in `k8s.io/kube-scheduler`, `pkg/scheduler/framework/preemption`.
fn choose(cluster: &Cluster, pod: &Value, nodes: &[Tree]) -> Result<String, String> {
    let count = nodes.len();
    if count == 0 {
        return Err("no nodes available to schedule pods".to_owned());
    }
    let waiting = claims(cluster, pod).map_err(|why| format!("0/{count} nodes are available: {why}. not found"))?;
    let asked = requests(pod);
    let company = Company::of(cluster, pod, nodes);
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    let mut helpless = 0;
    let mut fitting: Vec<(i64, &str)> = Vec::new();
    for node in nodes {
        let name = text(node, "/metadata/name");
        let used = cluster.room.nodes.get(name);
        let misfits = misfit(pod, node, used, &asked, waiting.as_ref(), &company);
        if misfits.is_empty() {
            fitting.push((used.map_or(0, |u| u.pods), name));
        }
        helpless += usize::from(misfits.iter().any(|m| m.hopeless));
        for misfit in misfits {
            *reasons.entry(misfit.why).or_default() += 1;
        }
    }
    // The emptiest first: with equal pods this is the round that people expect to see.
    fitting.sort_unstable();
    if let Some((_, name)) = fitting.first() {
        return Ok((*name).to_owned());
    }
    let tell = |parts: &mut dyn Iterator<Item = (usize, &str)>| {
        let mut said: Vec<String> = parts.filter(|(n, _)| *n > 0).map(|(n, why)| format!("{n} {why}")).collect();
        said.sort();
        said.join(", ")
    };
    let why = tell(&mut reasons.iter().map(|(why, n)| (*n, why.as_str())));
    let victims = tell(
        &mut [(helpless, "Preemption is not helpful for scheduling"), (count - helpless, "No preemption victims found for incoming pod")]
            .into_iter(),
    );
    Err(format!("0/{count} nodes are available: {why}. no new claims to deallocate, preemption: 0/{count} nodes are available: {victims}."))
}

/// What the pods on one node ask for together.
#[derive(Debug, Default, Clone)]
pub(in crate::simulator) struct Used {
    pods: i64,
    /// In thousandths.
    amounts: BTreeMap<String, i64>,
    ports: Vec<(i64, String)>,
}

/// What is taken on each node, and who waits. Kept up from the changes, so that placing a pod does not read all the others.
#[derive(Debug, Default)]
pub(in crate::simulator) struct Room {
    nodes: BTreeMap<String, Used>,
    pods: BTreeMap<Key, (String, Used)>,
    /// Pods without a node, and when each is tried again if nothing changes.
    waiting: BTreeMap<Key, Option<Timestamp>>,
    /// Those among them that want to be near others.
    lonely: BTreeSet<Key>,
    /// Pods on a node that keep others away.
    pub(super) shy: BTreeSet<Key>,
    /// Owners whose last pod was refused: when they may try again, and how long they waited.
    pub(super) held: BTreeMap<Key, (Timestamp, i64)>,
}

impl Room {
    /// Takes in what a pod is now; None when it is gone. Gives the pods that may want to be near it.
    pub(super) fn note(&mut self, key: &Key, pod: Option<&Value>) -> Vec<Key> {
        let unplaced = pod.is_some_and(|p| text(p, "/spec/nodeName").is_empty() && p.pointer("/metadata/deletionTimestamp").is_none());
        if unplaced {
            self.waiting.entry(key.clone()).or_default();
            if pod.is_some_and(|p| p.pointer("/spec/affinity/podAffinity").is_some()) {
                self.lonely.insert(key.clone());
            }
        } else {
            self.waiting.remove(key);
            self.lonely.remove(key);
        }
        let placed = pod.filter(|p| !text(p, "/spec/nodeName").is_empty() && !matches!(text(p, "/status/phase"), "Succeeded" | "Failed"));
        match (placed, self.pods.contains_key(key)) {
            (Some(pod), false) => {
                let ports = host_ports(pod);
                let used = Used { pods: 1, amounts: requests(pod), ports };
                let node = text(pod, "/spec/nodeName").to_owned();
                self.nodes.entry(node.clone()).or_default().add(&used, 1);
                self.pods.insert(key.clone(), (node, used));
                if pod.pointer("/spec/affinity/podAntiAffinity").is_some() {
                    self.shy.insert(key.clone());
                }
                return self.lonely.iter().cloned().collect();
            }
            (None, true) => {
                self.shy.remove(key);
                if let Some((node, used)) = self.pods.remove(key) {
                    self.nodes.entry(node).or_default().add(&used, -1);
                }
            }
            // What a pod asks for does not change while it is on its node.
            (Some(_), true) | (None, false) => {}
        }
        Vec::new()
    }

    /// Pods without a node.
    pub(super) fn waiting(&self) -> Vec<Key> {
        self.waiting.keys().cloned().collect()
    }

    /// Where a pod is, as far as it counts there.
    pub(super) fn node_of(&self, key: &Key) -> Option<&str> {
        self.pods.get(key).map(|(node, _)| node.as_str())
    }

    /// The pods on a node that are not done.
    pub(in crate::simulator) fn on(&self, node: &str) -> Vec<Key> {
        self.pods.iter().filter(|(_, (on, _))| on == node).map(|(key, _)| key.clone()).collect()
    }
}

impl Used {
    fn add(&mut self, other: &Used, sign: i64) {
        self.pods += sign * other.pods;
        for (name, amount) in &other.amounts {
            *self.amounts.entry(name.clone()).or_default() += sign * amount;
        }
        if sign > 0 {
            self.ports.extend(other.ports.iter().cloned());
        } else {
            for port in &other.ports {
                if let Some(at) = self.ports.iter().position(|p| p == port) {
                    self.ports.swap_remove(at);
                }
            }
        }
    }
}

fn host_ports(pod: &Value) -> Vec<(i64, String)> {
    let ports = list(pod, "/spec/containers").iter().flat_map(|c| list(c, "/ports"));
    ports.filter_map(|p| Some((p["hostPort"].as_i64()?, text(p, "/protocol").to_owned()))).collect()
}

/// What a pod asks for, in thousandths: its containers and sidecars together, or the largest init container if that is more.
/// Source: `PodRequests` in `k8s.io/component-helpers/resource`.
pub(in crate::simulator) fn requests(pod: &Value) -> BTreeMap<String, i64> {
    let mut sums: BTreeMap<String, i64> = BTreeMap::new();
    let of = |container: &Value| -> Vec<(String, i64)> {
        let asked = container.pointer("/resources/requests").and_then(Value::as_object);
        asked.into_iter().flatten().filter_map(|(name, _)| Some((name.clone(), amount(container, "resources/requests", name)?))).collect()
    };
    let (sidecars, init): (Vec<&Value>, Vec<&Value>) =
        list(pod, "/spec/initContainers").iter().partition(|c| c["restartPolicy"] == "Always");
    for container in list(pod, "/spec/containers").iter().chain(sidecars) {
        for (name, amount) in of(container) {
            *sums.entry(name).or_default() += amount;
        }
    }
    for (name, amount) in init.into_iter().flat_map(of) {
        let sum = sums.entry(name).or_default();
        *sum = amount.max(*sum);
    }
    sums
}

/// A quantity in a map of them, in thousandths.
fn amount(object: &Value, map: &str, name: &str) -> Option<i64> {
    let map = object.pointer(&format!("/{map}"))?;
    Some(scalar_text(map.get(name)?)?.parse::<Quantity>().ok()?.as_milli())
}

/// Why a pod does not fit on a node: the first rule that it breaks, in the scheduler's order.
fn misfit(
    pod: &Value,
    node: &Value,
    used: Option<&Used>,
    asked: &BTreeMap<String, i64>,
    waiting: Option<&Unbound>,
    company: &Company,
) -> Vec<Misfit> {
    if yes(node, "/spec/unschedulable") && !tolerates(pod, &json!({"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"})) {
        return hopeless("node(s) were unschedulable");
    }
    if untolerated(pod, node).is_some() {
        return hopeless("node(s) had untolerated taint(s)");
    }
    if !selected(pod, node) {
        return hopeless("node(s) didn't match Pod's node affinity/selector");
    }
    let none = Used::default();
    let used = used.unwrap_or(&none);
    if host_ports(pod).iter().any(|port| used.ports.contains(port)) {
        return crowded("node(s) didn't have free ports for the requested pod ports");
    }
    let short = resources(node, used, asked);
    if !short.is_empty() {
        return short;
    }
    match waiting {
        Some(Unbound::Nowhere) => return hopeless("node(s) didn't find available persistent volumes to bind"),
        Some(Unbound::Elsewhere(terms)) if !terms.iter().all(|terms| matches_terms(terms, node)) => {
            return hopeless("node(s) didn't match PersistentVolume's node affinity");
        }
        Some(Unbound::Elsewhere(_)) | None => {}
    }
    company.misfit(node)
}

/// Source: `fitsRequest` in `pkg/scheduler/framework/plugins/noderesources/fit.go`.
fn resources(node: &Value, used: &Used, asked: &BTreeMap<String, i64>) -> Vec<Misfit> {
    let room = |name: &str| amount(node, "status/allocatable", name).unwrap_or_default();
    let mut short = Vec::new();
    if room("pods") <= used.pods * 1000 {
        short.extend(crowded("Too many pods"));
    }
    for (name, amount) in asked.iter().filter(|(_, amount)| **amount > 0) {
        let (all, taken) = (room(name), used.amounts.get(name).copied().unwrap_or_default());
        if amount + taken > all {
            short.push(Misfit { why: format!("Insufficient {name}"), hopeless: *amount > all });
        }
    }
    short
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
    list(pod, "/spec/tolerations").iter().any(|t| puts_up(t, taint))
}

/// Whether a toleration is for a taint.
pub(super) fn puts_up(toleration: &Value, taint: &Value) -> bool {
    let (key, effect) = (text(toleration, "/key"), text(toleration, "/effect"));
    let exists = text(toleration, "/operator") == "Exists";
    (effect.is_empty() || effect == text(taint, "/effect"))
        && (key.is_empty() && exists || key == text(taint, "/key"))
        && (exists || text(toleration, "/value") == text(taint, "/value"))
}

/// Whether a node has the labels that a pod's node selector and required node affinity ask for.
pub(super) fn selected(pod: &Value, node: &Value) -> bool {
    let none = json!({});
    let labels = node.pointer("/metadata/labels").unwrap_or(&none);
    let plain = pod.pointer("/spec/nodeSelector").and_then(Value::as_object).into_iter().flatten().all(|(k, v)| labels.get(k) == Some(v));
    let terms = list(pod, "/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms");
    plain && (terms.is_empty() || terms.iter().any(|term| matches_term(term, node)))
}

fn matches_terms(terms: &Value, node: &Value) -> bool {
    terms.as_array().into_iter().flatten().any(|term| matches_term(term, node))
}

fn matches_term(term: &Value, node: &Value) -> bool {
    let none = json!({});
    let labels = node.pointer("/metadata/labels").unwrap_or(&none);
    let by_label =
        LabelSelector::from_json(&json!({"matchExpressions": term.get("matchExpressions").cloned().unwrap_or_else(|| json!([]))}));
    let by_field = list(term, "/matchFields").iter().all(|f| list(f, "/values").iter().any(|v| *v == node["metadata"]["name"]));
    by_label.is_ok_and(|s| s.matches_json(labels)) && by_field
}

/// What claims that wait for their first consumer allow.
enum Unbound {
    /// No volume can be had for one of them.
    Nowhere,
    /// Bound volumes are where these node selector terms say.
    Elsewhere(Vec<Value>),
}

/// What the pod's claims mean for its place; an error where it cannot be placed at all. Source: `PreFilter` in
/// `pkg/scheduler/framework/plugins/volumebinding`.
fn claims(cluster: &Cluster, pod: &Value) -> Result<Option<Unbound>, String> {
    let namespace = text(pod, "/metadata/namespace");
    let mut places = Vec::new();
    let mut found = Ok(None);
    for name in list(pod, "/spec/volumes").iter().filter_map(|v| v.pointer("/persistentVolumeClaim/claimName")?.as_str()) {
        let Some(claim) = cluster.get(&Key::new(cluster.kinds.claim, namespace, name)) else {
            return Err(format!("persistentvolumeclaim {name:?} not found"));
        };
        if claim.pointer("/metadata/deletionTimestamp").is_some() {
            return Err(format!("persistentvolumeclaim {name:?} is being deleted"));
        }
        if text(&claim, "/status/phase") == "Lost" {
            return Err(format!(
                "persistentvolumeclaim {name:?} bound to non-existent persistentvolume {:?}",
                text(&claim, "/spec/volumeName")
            ));
        }
        if text(&claim, "/status/phase") == "Bound" {
            let volume = cluster.get(&Key::new(cluster.kinds.volume, "", text(&claim, "/spec/volumeName"))).unwrap_or_default();
            places.extend(volume.pointer("/spec/nodeAffinity/required/nodeSelectorTerms").cloned());
        } else if !claim::waits(cluster, &claim) {
            return Err("pod has unbound immediate PersistentVolumeClaims".to_owned());
        } else if !claim::obtainable(cluster, &claim) {
            found = Ok(Some(Unbound::Nowhere));
        }
    }
    if let (Ok(None), false) = (&found, places.is_empty()) { Ok(Some(Unbound::Elsewhere(places))) } else { found }
}

fn bind(cluster: &mut Cluster, key: &Key, pod: &Value, node: &str) {
    claim::choose_node(cluster, pod, node);
    condition(cluster, key, "True", "", "", node);
    let message = format!("Successfully assigned {}/{} to {node}", key.namespace, key.name);
    events::record(cluster, key, pod, said("Binding"), events::normal("Scheduled", &message));
}

/// Says why there is no node yet. False: that was said before.
fn unschedulable(cluster: &mut Cluster, key: &Key, reason: &str, message: &str) -> bool {
    condition(cluster, key, "False", reason, message, "")
}

fn condition(cluster: &mut Cluster, key: &Key, status: &str, reason: &str, message: &str, node: &str) -> bool {
    let now = cluster.stamp();
    let mut new = false;
    cluster.modify(key, |p| {
        new = conditions::put(p, &now, &Condition { kind: "PodScheduled", status, reason, message }, false);
        let generation = p["metadata"]["generation"].clone();
        for condition in list_mut(p, "/status/conditions").iter_mut().filter(|c| c["type"] == "PodScheduled") {
            set(condition, "/lastProbeTime", Value::Null);
            // The API server writes the condition of a gate itself, and leaves the generation out.
            if reason != "SchedulingGated" {
                set(condition, "/observedGeneration", generation.clone());
            }
        }
        if !node.is_empty() {
            set(p, "/spec/nodeName", node);
        }
    });
    new
}

fn said(action: &str) -> events::Source<'_> {
    events::Source { component: "default-scheduler", host: "default-scheduler-built-in", action }
}
