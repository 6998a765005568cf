//! Pods that no node takes, each clause of the scheduler's sentence held against the nodes.

use super::{
    finding::{Finding, Rule, rules},
    fix, told,
};
use crate::experts::signals::{
    scheduling::clauses,
    words::{counted, cut, one_line},
};
use crate::{
    facts::snapshot::{
        Ref, Snapshot,
        cluster::{Node, Taint},
        meta,
        pod::{Pod, Toleration},
    },
    terms::quantity::Quantity,
};

rules! {
    ROOM = "unschedulable-insufficient-resources" Error 92 Pod "No node has as much free as a pod requests." reads ["Pod.status.conditions", "Pod.spec.containers.resources", "Node.status.allocatable", "events"] like "pod web-1 cannot be scheduled: insufficient cpu: it requests 64 cpu, no node has more than 8";
    SELECTOR = "unschedulable-node-selector" Error 93 Pod "No node has the labels of a pod's nodeSelector." reads ["Pod.spec.nodeSelector", "Node.metadata.labels", "events"] like "pod web-1 cannot be scheduled: its nodeSelector disk=ssd does not match any node's labels";
    AFFINITY = "unschedulable-node-affinity" Error 92 Pod "No node meets a pod's required node affinity." reads ["Pod.spec.affinity", "Node.metadata.labels", "events"] like "pod web-1 cannot be scheduled: no node meets its required node affinity zone in (a, b)";
    TAINT = "unschedulable-taint" Error 92 Pod "Nodes have taints that a pod does not tolerate." reads ["Pod.spec.tolerations", "Node.spec.taints", "events"] like "pod web-1 cannot be scheduled: it does not tolerate the node taint gpu=true:NoSchedule";
    APART = "unschedulable-pod-affinity" Error 90 Pod "A pod's required affinity or anti-affinity to other pods cannot be satisfied." reads ["Pod.spec.affinity", "events"] like "pod web-1 cannot be scheduled: its required pod anti-affinity cannot be satisfied";
    SPREAD = "unschedulable-topology-spread" Error 90 Pod "A pod's topology spread constraints cannot be satisfied." reads ["Pod.spec.topologySpreadConstraints", "Node.metadata.labels", "events"] like "pod web-1 cannot be scheduled: its topology spread constraints cannot be satisfied";
    PORTS = "unschedulable-host-ports" Error 92 Pod "The host port that a pod wants is taken on every node." reads ["Pod.spec.containers.ports.hostPort", "events"] like "pod web-1 cannot be scheduled: no node has its host port 80 free";
    CORDONED = "unschedulable-cordoned" Error 93 Node "Nodes are cordoned (unschedulable), and nothing else takes a pod." reads ["Node.spec.unschedulable", "events"] like "pod web-1 cannot be scheduled: 2 nodes are cordoned (unschedulable): node1, node2";
    CLAIM = "unschedulable-volume" Error 90 Pod "A pod waits for a volume: its claim is not bound, missing, or in another zone." reads ["PersistentVolumeClaim", "events"] like "pod web-1 cannot be scheduled: its PersistentVolumeClaim data is not bound";
    GATED = "scheduling-gated" Warning 97 Pod "Scheduling gates hold a pod back; whoever set them has to take them away." reads ["Pod.spec.schedulingGates"] like "pod web-1 is not scheduled: its scheduling gates example.com/a hold it back";
    PREEMPTION = "preemption-ineffective" Error 85 Pod "Preempting other pods would not help a pod, or may not be done." reads ["events"] like "pod web-1 cannot be scheduled: insufficient cpu, and preemption is blocked by PodDisruptionBudgets";
    DEVICE = "resource-claim-missing" Error 93 Pod "A pod names a ResourceClaim that does not exist or is not allocated." reads ["Pod.spec.resourceClaims", "ResourceClaim"] like "pod web-1 is pending: its ResourceClaim gpu does not exist or is not allocated";
    RUNTIME_CLASS = "runtime-class-missing" Error 94 Pod "A pod names a RuntimeClass that does not exist." reads ["Pod.spec.runtimeClassName", "RuntimeClass", "events"] like "pod web-1 cannot start: the referenced RuntimeClass gvisor does not exist (not found)";
    PRIORITY_CLASS = "priority-class-missing" Error 94 Pod "A pod names a PriorityClass that does not exist." reads ["events"] like "pod web-1 cannot be created: PriorityClass urgent does not exist";
    AUTOSCALER = "cluster-autoscaler-at-maximum" Error 90 Node "The cluster autoscaler cannot add nodes: a node group reached its max size." reads ["events"] like "pod web-1 cannot be scheduled, and the cluster autoscaler cannot add nodes: a node group reached its max size";
    OTHER = "unschedulable" Error 80 Pod "The scheduler could not place a pod on any node." reads ["Pod.status.conditions", "events"] like "pod web-1 cannot be scheduled: the scheduler could not place it on any node";
    UNSEEN = "pending-unscheduled" Warning 75 Pod "A pod is pending, and no scheduler has said anything about it." reads ["Pod.status", "Pod.spec.schedulerName"] like "pod web-1 is pending: no scheduler (default-scheduler) has placed it on a node yet";
    STARTING = "pending-starting" Warning 60 Pod "A pod is on its node, and its containers have not started." reads ["Pod.status"] like "pod web-1 is pending: it is scheduled on node1, and no container has started yet";
}

pub(super) fn find(s: &Snapshot, found: &mut Vec<Finding>) {
    for pod in s.pods.iter().filter(|p| ["Pending", ""].contains(&&*p.status.phase) && !p.meta.going()) {
        found.extend(of_pod(s, pod));
    }
}

/// Young pods wait for a moment.
const MOMENT: i64 = 60;

fn of_pod(s: &Snapshot, pod: &Pod) -> Option<Finding> {
    let subject = told::pod(pod);
    let scheduled = pod.condition("PodScheduled");
    let event = s
        .events_of("Pod", &pod.meta)
        .into_iter()
        .rfind(|e| ["FailedScheduling", "NotTriggerScaleUp"].contains(&&*e.reason) && &*e.reason == "FailedScheduling");
    let top = s.top("Pod", &pod.meta);
    if let Some(class) = missing_runtime_class(s, pod) {
        return Some(class);
    }
    if !pod.spec.gates.is_empty() || scheduled.is_some_and(|c| &*c.reason == "SchedulingGated") {
        let gates = told::names(pod.spec.gates.iter().map(|g| &*g.name), 4);
        return Some(
            Finding::new(&GATED, subject.clone(), format!("is not scheduled: its scheduling gates hold it back: {gates}"))
                .saw_all(scheduled.map(|c| c.quoted()))
                .one_for(format!("{}/{gates}", top.told()))
                .by_hand(told::get(&subject)),
        );
    }
    if !pod.spec.node.is_empty() || scheduled.is_some_and(|c| c.holds()) {
        return starting(s, pod);
    }
    let message = [scheduled.filter(|c| c.fails()).map(|c| &*c.message), event.map(|e| &*e.message)]
        .into_iter()
        .flatten()
        .find(|m| !m.is_empty())
        .unwrap_or_default();
    if message.is_empty() {
        return unseen(s, pod);
    }
    let (rule, why) = why(s, pod, one_line(message));
    let claims = super::volumes::claims(pod);
    let quotes = scheduled.filter(|c| c.fails()).map(|c| c.quoted());
    let scaled = s
        .events_of("Pod", &pod.meta)
        .into_iter()
        .rfind(|e| ["NotTriggerScaleUp", "NoScaleUp"].contains(&&*e.reason) && e.message.contains("max"));
    let (rule, why) = match scaled {
        Some(_) => (&AUTOSCALER, format!("the cluster autoscaler cannot add nodes, because a node group reached its max size; {why}")),
        None => (rule, why),
    };
    let nodes: Vec<Ref> = s
        .nodes
        .iter()
        .filter(|n| pressed(n) || n.spec.unschedulable && rule.id != CORDONED.id || !n.ready())
        .map(|n| Ref::of("Node", &n.meta))
        .collect();
    let repeats = s.events_of("Pod", &pod.meta).iter().filter(|e| &*e.reason == "FailedScheduling").map(|e| e.count).sum::<i64>();
    let again = if repeats > 2 {
        format!("the scheduler has backed off and retried {repeats} times, each time with the same rejection")
    } else {
        String::new()
    };
    let after: Vec<Ref> = match rule.id {
        "unschedulable-volume" => claims,
        "unschedulable-taint" | "unschedulable" => nodes,
        // The taints that the control plane sets on nodes in trouble.
        _ if message.contains("node.kubernetes.io/") || message.contains("untolerated taint(s)") => {
            s.nodes.iter().filter(|n| (pressed(n) || !n.ready()) && meets(pod, n)).map(|n| Ref::of("Node", &n.meta)).collect()
        }
        _ => Vec::new(),
    };
    let fix = (rule.id == CORDONED.id)
        .then(|| s.nodes.iter().find(|n| n.spec.unschedulable))
        .flatten()
        .and_then(|n| fix::op(&["kubectl", "uncordon", &n.meta.name]));
    Some(
        Finding::new(rule, subject.clone(), format!("cannot be scheduled: {why}"))
            .saw_all(quotes)
            .saw_all(scaled.map(|e| told::event(e, &s.clock)))
            .saw_all(event.map(|e| told::event(e, &s.clock)))
            .saw(again)
            .one_for(format!("{}/{}/{why}", pod.meta.namespace, rule.id))
            .by_hand(told::describe(&subject))
            .since(event.and_then(|e| e.first))
            .fix(fix)
            .after(after),
    )
}

trait Readiness {
    fn ready(&self) -> bool;
}
impl Readiness for Node {
    fn ready(&self) -> bool {
        meta::condition(&self.status.conditions, "Ready").is_none_or(|c| c.holds())
    }
}

fn pressed(node: &Node) -> bool {
    node.status.conditions.iter().any(|c| c.kind.ends_with("Pressure") && c.holds())
}

fn missing_runtime_class(s: &Snapshot, pod: &Pod) -> Option<Finding> {
    let name = &*pod.spec.runtime_class;
    let event = s.events_of("Pod", &pod.meta).into_iter().rfind(|e| e.message.to_lowercase().contains("runtimeclass"));
    let absent = s.knows("RuntimeClass", "") && !s.has(&Ref::new("RuntimeClass", "", name));
    if name.is_empty() || !(absent || event.is_some()) {
        return None;
    }
    let subject = told::pod(pod);
    Some(
        Finding::new(&RUNTIME_CLASS, subject, format!("cannot start: it references RuntimeClass {name}, which does not exist (not found)"))
            .saw(format!("spec.runtimeClassName {name}"))
            .saw_all(event.map(|e| told::event(e, &s.clock)))
            .one_for(name)
            .by_hand("kubectl get runtimeclasses"),
    )
}

fn unseen(s: &Snapshot, pod: &Pod) -> Option<Finding> {
    let subject = told::pod(pod);
    if let Some(claim) = pod.spec.claims.iter().find(|c| !c.claim.is_empty()) {
        let at = Ref::new("ResourceClaim", &pod.meta.namespace, &claim.claim);
        let state = if s.has(&at) { "is not allocated" } else { "does not exist or is not allocated" };
        return s.clock.older(pod.meta.created, MOMENT).then(|| {
            Finding::new(&DEVICE, subject.clone(), format!("is pending: its ResourceClaim {} {state}", claim.claim))
                .saw(format!("spec.resourceClaims {} → {}", claim.name, claim.claim))
                .saw(format!("status.phase {}", pod.status.phase))
                .one_for(format!("{at:?}"))
                .by_hand(told::describe(&at))
                .after([at])
        });
    }
    if let Some(f) = by_nodes(s, pod) {
        return Some(f);
    }
    // Nothing is known that could be wrong.
    let told_of = !s.events_of("Pod", &pod.meta).is_empty() || pod.containers().iter().any(|c| c.status.state.waiting.is_some());
    if told_of || pod.status.phase.is_empty() || !s.clock.older(pod.meta.created, MOMENT) {
        return None;
    }
    let scheduler = if pod.spec.scheduler.is_empty() { "default-scheduler" } else { &pod.spec.scheduler };
    Some(
        Finding::new(&UNSEEN, subject.clone(), format!("is pending: no scheduler ({scheduler}) has placed it on a node yet"))
            .saw(format!("status.phase {}, no condition PodScheduled", pod.status.phase))
            .one_for(format!("{}/{scheduler}", s.top("Pod", &pod.meta).told()))
            .by_hand(told::describe(&subject))
            .after(super::volumes::claims(pod)),
    )
}

/// Where the scheduler has not spoken (or its words were not dumped), the nodes themselves tell.
fn by_nodes(s: &Snapshot, pod: &Pod) -> Option<Finding> {
    if s.nodes.is_empty() || pod.spec.node_selector.is_empty() || fits_selector(s, pod) {
        return None;
    }
    let subject = told::pod(pod);
    Some(
        Finding::new(&SELECTOR, subject.clone(), format!("cannot be scheduled: {}", selector_words(s, pod)))
            .saw(format!("spec.nodeSelector {}", meta::told(&pod.spec.node_selector)))
            .saw(labels_seen(s, pod))
            .by_hand("kubectl get nodes --show-labels"),
    )
}

fn fits_selector(s: &Snapshot, pod: &Pod) -> bool {
    s.nodes.iter().any(|n| pod.spec.node_selector.iter().all(|(k, v)| n.meta.labels.get(k) == Some(v)))
}

fn selector_words(s: &Snapshot, pod: &Pod) -> String {
    let wanted = meta::told(&pod.spec.node_selector);
    let none = if s.nodes.is_empty() { "no node".to_string() } else { format!("any of {}", counted(s.nodes.len() as i64, "node")) };
    if s.nodes.is_empty() {
        format!("its nodeSelector {wanted} matches {none}'s labels")
    } else {
        format!("its nodeSelector {wanted} does not match the labels of {none}")
    }
}

fn labels_seen(s: &Snapshot, pod: &Pod) -> String {
    let keys = pod.spec.node_selector.keys();
    let seen: Vec<String> = keys
        .map(|key| {
            let values: std::collections::BTreeSet<&str> = s.nodes.iter().filter_map(|n| n.meta.label(key)).collect();
            if values.is_empty() { format!("no node has label {key}") } else { format!("nodes have {key}: {}", told::names(values, 4)) }
        })
        .collect();
    if s.nodes.is_empty() { String::new() } else { seen.join("; ") }
}

/// A pod that has a node, and whose containers have not begun.
fn starting(s: &Snapshot, pod: &Pod) -> Option<Finding> {
    let silent = pod.status.containers.is_empty() && pod.status.init.is_empty();
    let told_of = s.events_of("Pod", &pod.meta).iter().any(|e| e.warning);
    if !silent || told_of || !s.clock.older(pod.meta.created, MOMENT * 2) || &*pod.status.phase != "Pending" {
        return None;
    }
    let subject = told::pod(pod);
    let on = if pod.spec.node.is_empty() { "on a node".to_string() } else { format!("on node {}", pod.spec.node) };
    Some(
        Finding::new(&STARTING, subject.clone(), format!("is pending: it is scheduled {on}, and none of its containers has started yet"))
            .saw(format!("status.phase {}, no containerStatuses", pod.status.phase))
            .one_for(s.top("Pod", &pod.meta).told())
            .by_hand(told::describe(&subject))
            .after((!pod.spec.node.is_empty()).then(|| Ref::new("Node", "", &pod.spec.node)))
            .after(super::volumes::claims(pod)),
    )
}

/// Which clause decides, and all of them in words.
fn why(s: &Snapshot, pod: &Pod, message: &str) -> (&'static Rule, String) {
    let (main, preemption) = message.split_once(" preemption:").unwrap_or((message, ""));
    let said = main.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|w| said.contains(w));
    let all = clauses(message);
    let rest = if all.is_empty() { cut(main, 140) } else { all.join("; ") };
    let budget = preemption.contains("PodDisruptionBudget") || preemption.contains("disruption budget");
    let unhelpful = preemption.contains("not helpful") || preemption.contains("No preemption victims");
    if budget {
        return (
            &PREEMPTION,
            format!("{rest}; the scheduler's preemption is ineffective, blocked because it would violate PodDisruptionBudget constraints"),
        );
    }
    if has(&["persistentvolumeclaim", "persistent volumes to bind", "volume node affinity", "multi-attach", "volume(s)"]) {
        let names = told::names(pod.spec.claim_names().map(|(_, n)| n), 3);
        let of = if names.is_empty() { "its PersistentVolumeClaim".to_string() } else { format!("its PersistentVolumeClaim {names}") };
        let why = if has(&["not found", "does not exist"]) {
            format!("{of} does not exist")
        } else if has(&["volume node affinity"]) {
            format!("{of} is bound to a volume in another zone (volume node affinity conflict)")
        } else if has(&["multi-attach", "exclusively attached"]) {
            format!("{of} (ReadWriteOnce) is already attached to another node")
        } else if has(&["available persistent volumes to bind"]) {
            format!("{of} waits for its first consumer, and no node fits a volume for it (volume binding)")
        } else {
            format!("{of} is not bound")
        };
        return (&CLAIM, if all.len() > 1 { format!("{why}; {rest}") } else { why });
    }
    if has(&["topology spread"]) {
        let keys = told::names(pod.spec.spread.iter().map(|x| &*x.key), 3);
        let missing: Vec<&str> = pod
            .spec
            .spread
            .iter()
            .map(|x| &*x.key)
            .filter(|k| !s.nodes.is_empty() && s.nodes.iter().all(|n| n.meta.label(k).is_none()))
            .collect();
        let key = if has(&["missing required label"]) || !missing.is_empty() {
            format!(": the topology key {keys} is missing on nodes")
        } else {
            String::new()
        };
        let ineffective = if unhelpful { ", and preemption is ineffective" } else { "" };
        return (&SPREAD, format!("its topology spread constraints ({keys}) cannot be satisfied{key}{ineffective}: {rest}"));
    }
    if has(&["anti-affinity", "pod affinity"]) {
        let which = if has(&["anti-affinity"]) { "anti-affinity" } else { "affinity" };
        let deadlock = if which == "anti-affinity" && pod.spec.affinity.apart.required.iter().any(|t| t.selector.fits(&pod.meta.labels)) {
            " (it keeps apart from pods like itself: a deadlock once each node has one)"
        } else {
            ""
        };
        return (&APART, format!("its required pod {which} rules cannot be satisfied{deadlock}: {rest}"));
    }
    if has(&["host port", "free ports"]) {
        let ports: Vec<String> = pod.spec.all().flat_map(|c| &c.ports).filter(|p| p.host > 0).map(|p| p.host.to_string()).collect();
        return (&PORTS, format!("no node has its host port {} free", ports.join(", ")));
    }
    if has(&["node affinity/selector", "node affinity", "node selector", "nodeselector", "match node"]) {
        let short = if has(&["insufficient"]) { " (where nodes do match, capacity is insufficient)" } else { "" };
        let affinity = told::names(
            pod.spec
                .affinity
                .node
                .required
                .terms
                .iter()
                .flat_map(|t| &t.expressions)
                .map(|e| e.told())
                .collect::<Vec<_>>()
                .iter()
                .map(String::as_str),
            3,
        );
        let ineffective = if unhelpful { ", and preemption is ineffective because of it" } else { "" };
        let meets: Vec<&Node> = s.nodes.iter().filter(|n| meets(pod, n)).collect();
        if !meets.is_empty() {
            // The rest is ruled out by wish; what keeps it from those that are left is the cause.
            let named = told::names(meets.iter().map(|n| &*n.meta.name), 3);
            let zone = if affinity.contains("zone") {
                format!("its required zone placement {affinity}")
            } else {
                "its node selector or affinity".to_string()
            };
            let taints = untolerated(pod, &meets);
            if !taints.is_empty() && meets.iter().all(|n| !untolerated(pod, &[*n]).is_empty()) {
                return (
                    &TAINT,
                    format!(
                        "untolerated node taints: the nodes that {zone} allows ({named}) have {}",
                        told::names(taints.iter().map(String::as_str), 3)
                    ),
                );
            }
            if has(&["insufficient"]) {
                let more = room(s, pod, &said, &rest);
                return (&ROOM, format!("{more}; it may only stand on {named}: {zone} conflicts with available capacity"));
            }
            if meets.iter().all(|n| n.spec.unschedulable) {
                return (&CORDONED, format!("the nodes that {zone} allows are cordoned (unschedulable): {named}"));
            }
        }
        if pod.spec.node_selector.is_empty() && !affinity.is_empty()
            || !pod.spec.node_selector.is_empty() && !s.nodes.is_empty() && fits_selector(s, pod)
        {
            let zone = if affinity.contains("zone") { "required zone placement" } else { "required node affinity" };
            let affinity = if affinity.is_empty() { String::new() } else { format!(" {affinity}") };
            return (&AFFINITY, format!("its {zone}{affinity} is met by too few nodes{short}{ineffective}: {rest}"));
        }
        if pod.spec.node_selector.is_empty() {
            return (&AFFINITY, format!("its node affinity or selector constraints are unsatisfiable{short}{ineffective}: {rest}"));
        }
        let seen = labels_seen(s, pod);
        let seen = if seen.is_empty() { String::new() } else { format!(" ({seen})") };
        return (&SELECTOR, format!("{}{seen}{short}{ineffective}", selector_words(s, pod)));
    }
    if has(&["insufficient", "too many pods", "capacity"]) {
        let ineffective = if unhelpful && preemption.contains("victims") { "; preemption found no victims" } else { "" };
        return (&ROOM, format!("{}{ineffective}", room(s, pod, &said, &rest)));
    }
    if has(&["taint"]) {
        let taints = untolerated(pod, &s.nodes.iter().collect::<Vec<_>>());
        let named = if taints.is_empty() {
            rest
        } else {
            format!("it does not tolerate the node taints {}", told::names(taints.iter().map(String::as_str), 3))
        };
        return (&TAINT, format!("untolerated node taints: {named}"));
    }
    if has(&["unschedulable"]) {
        let names: Vec<&str> = s.nodes.iter().filter(|n| n.spec.unschedulable).map(|n| &*n.meta.name).collect();
        let which = if names.is_empty() { String::new() } else { format!(": {}", told::names(names.iter().copied(), 4)) };
        return (&CORDONED, format!("nodes are cordoned (unschedulable), preventing scheduling{which}"));
    }
    let known = if all.is_empty() { format!("the scheduler could not place it on any node: {rest}") } else { rest };
    (&OTHER, known)
}

/// Whether a node has the labels that a pod's selector and required affinity want.
fn meets(pod: &Pod, node: &Node) -> bool {
    let labels = &node.meta.labels;
    let terms = &pod.spec.affinity.node.required.terms;
    let term = |t: &crate::facts::snapshot::pod::NodeTerm| {
        let field = |f: &meta::Requirement| &*f.key != "metadata.name" || f.values.contains(&node.meta.name);
        t.expressions.iter().all(|e| e.fits(labels)) && t.fields.iter().all(field)
    };
    pod.spec.node_selector.iter().all(|(k, v)| labels.get(k) == Some(v)) && (terms.is_empty() || terms.iter().any(term))
}

/// What is requested, and how much the best node has.
fn room(s: &Snapshot, pod: &Pod, said: &str, rest: &str) -> String {
    let amount = |text: &str| text.parse::<Quantity>().ok();
    let sums = |name: &str| {
        pod.spec
            .containers
            .iter()
            .filter_map(|c| c.resources.requests.get(name).or_else(|| c.resources.limits.get(name)))
            .filter_map(|v| amount(v))
            .fold(Quantity::whole(0), Quantity::plus)
    };
    let overhead = if pod.spec.overhead.is_empty() {
        String::new()
    } else {
        format!(" (with the pod's runtime overhead {})", meta::told(&pod.spec.overhead))
    };
    let known = ["cpu", "memory", "ephemeral-storage"].into_iter().map(Box::<str>::from);
    let devices = pod.spec.containers.iter().flat_map(|c| c.resources.limits.keys().cloned()).filter(|k| k.contains('/'));
    for name in known.chain(devices) {
        if !said.contains(&format!("insufficient {}", name.to_lowercase())) {
            continue;
        }
        let asked = sums(&name);
        let best = s.nodes.iter().filter_map(|n| n.status.allocatable.get(&name)).filter_map(|v| amount(v)).max();
        let has = match best {
            Some(best) if asked > best => format!("; no node has more than {best} in all: requirements exceed node capacity"),
            Some(best) => format!("; nodes have up to {best} each, and others use it"),
            None => String::new(),
        };
        let ask = if asked.is_zero() { String::new() } else { format!(": it requests {asked}{has}") };
        return format!("insufficient {name}{overhead}{ask} ({rest})");
    }
    format!("insufficient capacity on the nodes{overhead}: {rest}")
}

/// Whether a taint is tolerated; `k8s.io/api/core/v1/toleration.go`.
pub(super) fn tolerates(all: &[Toleration], taint: &Taint) -> bool {
    all.iter().any(|t| {
        let effect = t.effect.is_empty() || t.effect == taint.effect;
        let key = t.key == taint.key || (t.key.is_empty() && &*t.operator == "Exists");
        effect && key && (&*t.operator == "Exists" || t.value == taint.value)
    })
}

fn untolerated(pod: &Pod, nodes: &[&Node]) -> Vec<String> {
    let all =
        nodes.iter().flat_map(|n| &n.spec.taints).filter(|t| &*t.effect != "PreferNoSchedule" && !tolerates(&pod.spec.tolerations, t));
    let told =
        all.map(|t| if t.value.is_empty() { format!("{}:{}", t.key, t.effect) } else { format!("{}={}:{}", t.key, t.value, t.effect) });
    let mut told: Vec<String> = told.collect();
    told.sort();
    told.dedup();
    told
}
