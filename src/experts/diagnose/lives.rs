//! Pods that were thrown out, or cannot go.

use super::{
    finding::{Finding, Rule, rules},
    told,
};
use crate::experts::signals::words::{cut, span};
use crate::facts::snapshot::{Ref, Snapshot, pod::Pod};

rules! {
    EVICTED = "pod-evicted" Warning 93 Pod "A pod was evicted: its node was short of a resource." reads ["Pod.status"] like "pod web-1 was evicted: the node was low on resource memory" same_as ["k8sgpt/Pod"];
    DISK = "pod-evicted-ephemeral-storage" Warning 94 Pod "A pod was evicted for the ephemeral storage that it or others used." reads ["Pod.status", "events"] like "pod web-1 was evicted due to ephemeral storage exhaustion";
    PREEMPTED = "pod-preempted" Warning 93 Pod "A pod had to make room for one of higher priority." reads ["Pod.status", "events"] like "pod web-1 was preempted by a higher-priority workload";
    TERMINATING = "pod-terminating" Warning 88 Pod "A pod is being deleted for longer than its grace period, and is still there." reads ["Pod.metadata.deletionTimestamp", "Pod.metadata.finalizers", "events"] like "pod web-1 is stuck terminating beyond its grace period: a finalizer holds it";
    HOOK = "pre-stop-hook-failure" Warning 90 Pod "A pod cannot end in order because its preStop hook fails." reads ["events", "Pod.metadata.deletionTimestamp"] like "pod web-1 is stuck terminating: its PreStop hook failed";
    SIDECAR = "sidecar-blocks-termination" Warning 88 Pod "A sidecar keeps running after the primary container has ended, so that the pod does not end." reads ["Pod.status.containerStatuses"] like "pod job-1 is stuck terminating: its primary container exited, sidecar istio-proxy does not end";
    LOST = "pod-node-lost" Error 90 Pod "Nobody knows how a pod is: its node does not report." reads ["Pod.status"] like "pod web-1 is lost: its node node1 does not report";
    REJECTED = "pod-rejected" Error 90 Pod "The kubelet refused a pod that was given to its node." reads ["Pod.status.reason"] like "pod web-1 was rejected by its node: OutOfcpu";
    DEADLINE = "pod-deadline-exceeded" Warning 92 Pod "A pod was active for longer than it may be." reads ["Pod.status.reason"] like "pod job-1 failed: DeadlineExceeded";
    BUDGET = "eviction-blocked" Warning 90 Workload "A pod cannot be evicted: its PodDisruptionBudget does not allow it." reads ["events", "PodDisruptionBudget"] like "pod web-1: its eviction is blocked by a PodDisruptionBudget";
    NAMESPACE = "namespace-terminating" Warning 93 Workload "A namespace is being deleted and does not go: what is left in it, or a finalizer, holds it." reads ["Namespace.status.conditions"] like "namespace shop is stuck terminating: some resources are remaining: widgets.example.com has 1 resource instances" same_as ["k8sgpt/Namespace"];
    STALE = "config-changed-after-start" Info 70 Pod "A ConfigMap or Secret that a pod took its variables from changed after the pod was started." reads ["events", "ConfigMap", "Pod.status.startTime"] like "pod web-1 has stale configuration: ConfigMap app was updated after it started, and it was not restarted";
    DELETING = "object-terminating" Warning 85 Workload "An object is being deleted and a finalizer holds it." reads ["metadata.deletionTimestamp", "metadata.finalizers"] like "Widget a is stuck terminating: its finalizer example.com/x is not taken away";
}

pub(super) fn find(s: &Snapshot, found: &mut Vec<Finding>) {
    for pod in &s.pods {
        found.extend(of_pod(s, pod));
    }
    for n in &s.namespaces {
        if !(n.meta.going() || &*n.status.phase == "Terminating") || !s.clock.older(n.meta.deleted, 120) {
            continue;
        }
        let at = Ref::of("Namespace", &n.meta);
        let inside: Vec<Ref> =
            s.others.iter().filter(|o| o.meta.namespace == n.meta.name && o.meta.going()).map(|o| Ref::of(&o.kind, &o.meta)).collect();
        let held: Vec<_> = n.status.conditions.iter().filter(|c| c.holds()).collect();
        let why = held.first().map_or_else(|| "a finalizer holds it".to_string(), |c| cut(&c.message, 180));
        found.push(
            Finding::new(&NAMESPACE, at.clone(), format!("is stuck terminating: {why}"))
                .saw_all(held.iter().map(|c| c.quoted()))
                .by_hand(told::get(&at))
                .since(n.meta.deleted.0)
                .after(inside),
        );
    }
    for o in s.others.iter().filter(|o| o.meta.going() && !o.meta.finalizers.is_empty() && s.clock.older(o.meta.deleted, 120)) {
        let at = Ref::of(&o.kind, &o.meta);
        let held = told::names(o.meta.finalizers.iter().map(|f| &**f), 3);
        found.push(
            Finding::new(&DELETING, at.clone(), format!("is stuck terminating (being deleted): its finalizer {held} is not taken away"))
                .saw(format!("metadata.finalizers {held}"))
                .by_hand(told::get(&at))
                .since(o.meta.deleted.0),
        );
    }
}

/// Refusals of the kubelet: `pkg/kubelet/lifecycle/predicate.go`, `OutOf…` with the resource behind it.
const REFUSED: &[&str] = &[
    "UnexpectedAdmissionError",
    "NodeAffinity",
    "TopologyAffinityError",
    "PodOSNotSupported",
    "NodeShutdown",
    "Terminated",
    "AppArmor",
    "UnsupportedConfig",
];

fn of_pod(s: &Snapshot, pod: &Pod) -> Option<Finding> {
    let subject = told::pod(pod);
    let status = &pod.status;
    let reason = &*status.reason;
    let top = s.top("Pod", &pod.meta).told();
    let node = || (!pod.spec.node.is_empty()).then(|| Ref::new("Node", "", &pod.spec.node));
    let make = |rule: &'static Rule, what: String| {
        Finding::new(rule, subject.clone(), what)
            .saw(format!("status.phase {}, status.reason {reason}: {}", status.phase, cut(&status.message, 200)))
            .by_hand(told::describe(&subject))
            .one_for(format!("{top}/{}", rule.id))
    };
    let event = |reasons: &[&str]| s.event("Pod", &pod.meta, reasons);
    if pod.meta.going() {
        return terminating(s, pod);
    }
    let preempted = pod.condition("DisruptionTarget").filter(|c| c.holds() && &*c.reason == "PreemptionByScheduler");
    if reason == "Preempted" || preempted.is_some() && pod.over() || (reason.is_empty() && event(&["Preempted"]).is_some() && !pod.ready())
    {
        let said = if status.message.is_empty() { String::new() } else { format!(": {}", cut(&status.message, 160)) };
        return Some(
            make(&PREEMPTED, format!("was preempted by a higher-priority workload{said}"))
                .saw_all(preempted.map(|c| c.quoted()))
                .saw_all(event(&["Preempted"]).map(|e| told::event(e, &s.clock))),
        );
    }
    if reason == "Evicted" {
        let disk = status.message.contains("ephemeral-storage") || status.message.contains("ephemeral local storage");
        let why = cut(&status.message, 200);
        let pressed = s.node(&pod.spec.node).is_some_and(|n| n.status.conditions.iter().any(|c| c.kind.ends_with("Pressure") && c.holds()));
        let (rule, what) = if disk {
            (&DISK, format!("was evicted due to ephemeral storage exhaustion: {why}"))
        } else {
            (&EVICTED, format!("was evicted: {why}"))
        };
        let lost = pod
            .containers()
            .iter()
            .filter(|c| c.status.state.ended.as_ref().is_some_and(|e| &*e.reason == "ContainerStatusUnknown"))
            .map(told::container)
            .collect::<Vec<_>>();
        return Some(
            make(rule, what).saw_all(event(&["Evicted"]).map(|e| told::event(e, &s.clock))).saw_all(lost).after(node().filter(|_| pressed)),
        );
    }
    if reason == "NodeLost" || &*status.phase == "Unknown" {
        return Some(make(&LOST, format!("is lost: its node {} does not report", pod.spec.node)).after(node()));
    }
    if &*status.phase == "Failed" && reason == "DeadlineExceeded" {
        return Some(
            make(&DEADLINE, format!("failed: it was active longer than its deadline (DeadlineExceeded): {}", cut(&status.message, 120)))
                .after(pod.meta.owners.iter().map(|o| Ref::new(&o.kind, &pod.meta.namespace, &o.name))),
        );
    }
    if &*status.phase == "Failed" && (reason.starts_with("OutOf") || REFUSED.contains(&reason)) {
        return Some(
            make(&REJECTED, format!("was rejected by its node {}: {reason}: {}", pod.spec.node, cut(&status.message, 160))).after(node()),
        );
    }
    if let Some(e) = s
        .events_of("Pod", &pod.meta)
        .into_iter()
        .rfind(|e| e.warning && e.message.contains("disruption budget") && &*e.reason != "FailedScheduling")
    {
        let budgets: Vec<&str> = s
            .budgets
            .iter()
            .filter(|b| b.meta.namespace == pod.meta.namespace && b.spec.selector.fits(&pod.meta.labels))
            .map(|b| &*b.meta.name)
            .collect();
        let by = if budgets.is_empty() { String::new() } else { format!(" {}", told::names(budgets, 2)) };
        return Some(
            make(&BUDGET, format!("cannot be evicted: its eviction is blocked by PodDisruptionBudget{by}")).saw(told::event(e, &s.clock)),
        );
    }
    stale(s, pod)
}

fn terminating(s: &Snapshot, pod: &Pod) -> Option<Finding> {
    let grace = pod.meta.grace.or(pod.spec.grace).unwrap_or(30);
    // The time stamp already holds the grace period.
    if !s.clock.older(pod.meta.deleted, grace.max(60)) {
        return None;
    }
    let subject = told::pod(pod);
    let ago = s
        .clock
        .since(pod.meta.deleted)
        .filter(|a| *a > 0 && !s.clock.loose)
        .map_or_else(String::new, |a| format!(" (it should be gone for {})", span(a)));
    let hook = s.event("Pod", &pod.meta, &["FailedPreStopHook"]);
    let main_ended = pod.containers().iter().any(|c| !super::crashes::is_sidecar(c, pod) && c.status.state.ended.is_some());
    let stays = pod
        .containers()
        .into_iter()
        .find(|c| super::crashes::is_sidecar(c, pod) && c.status.state.running.is_some())
        .filter(|_| main_ended)
        .map(|c| c.status.name.to_string());
    let (rule, why) = if let Some(e) = hook {
        (&HOOK, format!("is stuck terminating: its PreStop hook failed, termination is blocked: {}", cut(&e.message, 120)))
    } else if let Some(name) = stays {
        (
            &SIDECAR,
            format!("is stuck terminating: sidecar container {name} is blocking pod termination after the primary workload already exited"),
        )
    } else if !pod.meta.finalizers.is_empty() {
        (
            &TERMINATING,
            format!("is stuck terminating{ago}: finalizer {} holds it", told::names(pod.meta.finalizers.iter().map(|f| &**f), 3)),
        )
    } else {
        (
            &TERMINATING,
            format!("is stuck terminating beyond its grace period{ago}: it is being deleted, and its node does not confirm the end"),
        )
    };
    Some(
        Finding::new(rule, subject.clone(), why)
            .saw(format!("metadata.deletionTimestamp is set, grace period {grace} s"))
            .saw_all(told::events(s, "Pod", &pod.meta, &["FailedPreStopHook", "Killing", "FailedKillPod", "Failed"]))
            .by_hand(told::describe(&subject))
            .since(pod.meta.deleted.0)
            .after((!pod.spec.node.is_empty()).then(|| Ref::new("Node", "", &pod.spec.node))),
    )
}

/// What a container took from a ConfigMap or Secret as variables, or as a file of a subPath, stays as it was at its start; a mounted volume follows.
fn stale(s: &Snapshot, pod: &Pod) -> Option<Finding> {
    let started =
        pod.status.containers.iter().filter_map(|c| c.state.running.as_ref().and_then(|r| r.since.0)).min().or(pod.status.started.0)?;
    let subject = told::pod(pod);
    let fixed = |r: &super::references::Reference<'_>| r.field != "volumes";
    for r in super::references::of(&pod.spec).iter().filter(|r| fixed(r)) {
        let meta = match r.kind {
            "Secret" => s.secret(&pod.meta.namespace, r.name).map(|x| &x.meta),
            _ => s.config_map(&pod.meta.namespace, r.name).map(|x| &x.meta),
        };
        let Some(changed) = meta.and_then(|m| m.changed.0.0).filter(|c| *c > started) else { continue };
        let object = Ref::new(r.kind, &pod.meta.namespace, r.name);
        let top = s.top("Pod", &pod.meta);
        return Some(
            Finding::new(
                &STALE,
                object.clone(),
                format!(
                    "was changed after pods of {} took their variables from it: they were not restarted, and run with stale configuration",
                    top.told()
                ),
            )
            .saw(format!("{} changed at {changed}, {} started at {started}", object.told(), subject.told()))
            .one_for(format!("{object:?}/{top:?}"))
            .by_hand(told::get(&object))
            .fix(super::fix::on(&["rollout", "restart"], &top, &[]))
            .explains([subject]),
        );
    }
    let event = s
        .events_with(&["ConfigMapUpdated", "SecretUpdated"])
        .find(|e| e.last.is_some_and(|l| l > started) && super::references::of(&pod.spec).iter().any(|r| *r.name == *e.about.name))?;
    Some(
        Finding::new(
            &STALE,
            subject.clone(),
            format!(
                "has stale configuration: {} {} was updated after the pod started, and it was not restarted",
                event.about.kind, event.about.name
            ),
        )
        .saw(told::event(event, &s.clock))
        .by_hand(told::describe(&subject)),
    )
}
