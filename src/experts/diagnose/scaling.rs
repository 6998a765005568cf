//! HorizontalPodAutoscalers and PodDisruptionBudgets.

use super::{
    finding::{Finding, Rule, Severity, rules},
    told,
};
use crate::experts::signals::words::cut;
use crate::facts::snapshot::{
    Ref, Snapshot,
    meta::condition,
    workload::{Autoscaler, Budget},
};

rules! {
    TARGET = "hpa-target-missing" Error 95 Workload "An autoscaler's target does not exist or cannot be scaled." reads ["HorizontalPodAutoscaler.spec.scaleTargetRef", "HorizontalPodAutoscaler.status.conditions"] like "HorizontalPodAutoscaler web: its target Deployment web does not exist" same_as ["k8sgpt/HorizontalPodAutoscaler"];
    METRICS = "hpa-metrics-unavailable" Error 92 Workload "An autoscaler gets no metrics, and cannot compute how many replicas are wanted." reads ["HorizontalPodAutoscaler.status.conditions", "APIService", "events"] like "HorizontalPodAutoscaler web cannot compute desired replicas: metrics are unavailable (FailedGetResourceMetric)";
    REQUESTS = "hpa-requests-missing" Error 95 Workload "An autoscaler by utilization needs a request on each container, and one lacks it." reads ["HorizontalPodAutoscaler.status.conditions", "Pod.spec.containers.resources.requests"] like "HorizontalPodAutoscaler web cannot compute replicas: container app has no request for cpu";
    MAX = "hpa-at-maximum" Warning 92 Workload "An autoscaler wants more replicas than its maximum." reads ["HorizontalPodAutoscaler.status.conditions"] like "HorizontalPodAutoscaler web is at its maximum of 10 replicas and wants more (TooManyReplicas)";
    TURNS = "hpa-oscillating" Warning 86 Workload "An autoscaler scales up and down in turns." reads ["events"] like "HPA web is oscillating between scale-up and scale-down decisions for Deployment web";
    CONFLICT = "hpa-conflicts-with-manual-scaling" Warning 84 Workload "An autoscaler and somebody else change the replicas of one workload in turns." reads ["events"] like "HPA web is conflicting with manual or GitOps replica changes on Deployment web";
    PDB_NEVER = "pdb-never-allows" Warning 85 Workload "A PodDisruptionBudget allows no disruption although all of its pods are healthy: drains and upgrades hang." reads ["PodDisruptionBudget.status"] like "PodDisruptionBudget web allows no disruption: it wants 2 of 2 pods" same_as ["k8sgpt/PodDisruptionBudget"];
    PDB_UNHEALTHY = "pdb-pods-unhealthy" Warning 85 Workload "A PodDisruptionBudget allows no disruption because too few of its pods are healthy." reads ["PodDisruptionBudget.status", "Pod"] like "PodDisruptionBudget web allows no disruption: 1 of 2 wanted pods are healthy";
}

pub(super) fn find(s: &Snapshot, found: &mut Vec<Finding>) {
    for a in &s.autoscalers {
        found.extend(of_scaler(s, a));
        found.extend(turns(s, a));
    }
    for b in &s.budgets {
        found.extend(of_budget(s, b));
    }
}

fn target(a: &Autoscaler) -> Ref {
    Ref::new(&a.spec.target.kind, &a.meta.namespace, &a.spec.target.name)
}

fn of_scaler(s: &Snapshot, a: &Autoscaler) -> Option<Finding> {
    let at = Ref::of("HorizontalPodAutoscaler", &a.meta);
    let of = target(a);
    let get = |kind: &str| condition(&a.status.conditions, kind);
    let able = get("AbleToScale").filter(|c| c.fails());
    let active = get("ScalingActive").filter(|c| c.fails());
    let limited = get("ScalingLimited").filter(|c| c.holds());
    let make = |rule: &'static Rule, what: String| Finding::new(rule, at.clone(), what).by_hand(told::describe(&at));
    let owns = s.sets_of(&of).next().is_some() || s.pods_of(&of).next().is_some();
    let gone = !owns && s.knows(&of.kind, &of.namespace) && !s.has(&of) && ["Deployment", "StatefulSet", "ReplicaSet"].contains(&&*of.kind);
    if gone || able.is_some_and(|c| &*c.reason == "FailedGetScale") {
        return Some(
            make(&TARGET, format!(": its target {} does not exist or cannot be scaled", of.told()))
                .saw_all(able.map(|c| c.quoted()))
                .saw(format!("spec.scaleTargetRef {}/{}", of.kind, of.name)),
        );
    }
    let events = told::events(
        s,
        "HorizontalPodAutoscaler",
        &a.meta,
        &[
            "FailedGetResourceMetric",
            "FailedComputeMetricsReplicas",
            "FailedGetPodsMetric",
            "FailedGetExternalMetric",
            "FailedGetObjectMetric",
            "FailedGetContainerResourceMetric",
        ],
    );
    let failing = active.filter(|c| &*c.reason != "ScalingDisabled");
    if let Some(c) = failing {
        let api = Ref::new("APIService", "", "v1beta1.metrics.k8s.io");
        let finding = if c.message.contains("missing request for") {
            let what = c.message.split_once("missing request for ").map_or("", |(_, r)| r);
            make(
                &REQUESTS,
                format!(
                    "cannot compute desired replicas: a container lacks the request for {} that utilization is measured against (missing request)",
                    cut(what, 80)
                ),
            )
        } else {
            make(
                &METRICS,
                format!(
                    "cannot compute desired replicas because autoscaling metrics are unavailable ({}): {}",
                    c.reason,
                    cut(&c.message, 150)
                ),
            )
        };
        return Some(finding.saw(c.quoted()).saw_all(events).explains([of.clone()]).after([api, of]));
    }
    if let Some(c) = active.filter(|c| &*c.reason == "ScalingDisabled") {
        return Some(make(&MAX, format!("is disabled: {}", cut(&c.message, 120))).severity(Severity::Info).saw(c.quoted()));
    }
    if let Some(c) = limited.filter(|c| &*c.reason == "TooManyReplicas") {
        return Some(
            make(&MAX, format!("is at its maximum of {} replicas, and wants more (TooManyReplicas, max reached)", a.spec.max))
                .saw(c.quoted())
                .saw(format!("status: {} current, {} desired; spec.maxReplicas {}", a.status.current, a.status.desired, a.spec.max)),
        );
    }
    // Dumps of events alone.
    (a.status.conditions.is_empty() && !events.is_empty())
        .then(|| make(&METRICS, "cannot compute desired replicas because autoscaling metrics are unavailable".into()).saw_all(events))
}

/// The autoscaler whose target this is.
pub(super) fn fights<'a>(s: &'a Snapshot, at: &Ref) -> Option<&'a str> {
    s.autoscalers.iter().find(|a| target(a) == *at && rescales(s, a).is_empty()).map(|a| &*a.meta.name)
}

fn rescales<'a>(s: &'a Snapshot, a: &Autoscaler) -> Vec<&'a crate::facts::snapshot::event::Event> {
    let own = s.events_of("HorizontalPodAutoscaler", &a.meta);
    let only = s.autoscalers.len() == 1;
    let told = s.events_with(&["SuccessfulRescale"]).filter(|e| only && &*e.about.kind != "HorizontalPodAutoscaler");
    let mut all: Vec<_> = own.into_iter().chain(told).filter(|e| &*e.reason == "SuccessfulRescale").collect();
    all.sort_by_key(|e| (e.first, e.last));
    all
}

fn turns(s: &Snapshot, a: &Autoscaler) -> Option<Finding> {
    let all = rescales(s, a);
    let size = |m: &str| m.split_once("New size: ").and_then(|(_, r)| r.split([';', ' ']).next()).and_then(|n| n.parse::<i64>().ok());
    let mut seen: Vec<_> =
        all.iter().filter_map(|e| Some((e, size(&e.message)?))).flat_map(|(e, n)| e.moments().map(move |at| (at, n))).collect();
    seen.sort();
    let sizes: Vec<i64> = seen.into_iter().map(|(_, n)| n).collect();
    let at = Ref::of("HorizontalPodAutoscaler", &a.meta);
    let of = target(a);
    let reversals = sizes.windows(3).filter(|w| (w[1] > w[0]) != (w[2] > w[1]) && w[0] != w[1] && w[1] != w[2]).count();
    let repeats = all.iter().map(|e| e.count).sum::<i64>();
    let both = all.iter().any(|e| e.message.contains("above target")) && all.iter().any(|e| e.message.contains("below target"));
    let evidence = || all.iter().rev().take(2).map(|e| told::event(e, &s.clock)).collect::<Vec<_>>();
    let recent = s.clock.within(all.last().and_then(|e| e.last), 3_600);
    if recent && (reversals >= 2 || both && repeats >= 4) {
        return Some(
            Finding::new(
                &TURNS,
                at.clone(),
                format!("(HPA) is oscillating between scale-up and scale-down decisions for {}/{}", of.kind, of.name),
            )
            .saw_all(evidence())
            .by_hand(told::describe(&at))
            .explains([of]),
        );
    }
    // The workload is scaled to sizes that the autoscaler did not ask for.
    let mut scaled: Vec<_> =
        s.events_with(&["ScalingReplicaSet"]).filter(|e| e.message.contains(&format!("replica set {}-", of.name))).collect();
    scaled.sort_by_key(|e| e.last);
    let to = |m: &str| m.rsplit_once(" to ").and_then(|(_, n)| n.split(' ').next()).and_then(|n| n.parse::<i64>().ok());
    let stranger = scaled.iter().rfind(|e| to(&e.message).is_some_and(|n| !sizes.contains(&n) && n > 0))?;
    (!sizes.is_empty() && recent && stranger.message.contains("Scaled down")).then(|| {
        Finding::new(
            &CONFLICT,
            at.clone(),
            format!(
                "(HPA) is conflicting with manual or GitOps replica changes on {}/{}: somebody else scales it to {}",
                of.kind,
                of.name,
                to(&stranger.message).unwrap_or_default()
            ),
        )
        .saw_all(evidence())
        .saw(told::event(stranger, &s.clock))
        .by_hand(told::describe(&at))
        .explains([of])
    })
}

/// Whether pods on that node cannot be evicted because of the budget.
pub(super) fn holds_up(s: &Snapshot, b: &Budget, node: &str) -> bool {
    b.status.allowed == Some(0) && s.pods_on(node).any(|p| p.meta.namespace == b.meta.namespace && b.spec.selector.fits(&p.meta.labels))
}

fn of_budget(s: &Snapshot, b: &Budget) -> Option<Finding> {
    let at = Ref::of("PodDisruptionBudget", &b.meta);
    let st = &b.status;
    if st.allowed != Some(0) || st.expected == 0 {
        return None;
    }
    let quote =
        format!("status: disruptionsAllowed 0, currentHealthy {}, desiredHealthy {}, expectedPods {}", st.healthy, st.wanted, st.expected);
    if st.healthy < st.wanted {
        let pods: Vec<Ref> = s.matching(&b.meta.namespace, &b.spec.selector).into_iter().filter(|p| !p.ready()).map(told::pod).collect();
        return Some(
            Finding::new(
                &PDB_UNHEALTHY,
                at.clone(),
                format!("allow(s) no disruption: {} of {} wanted pods are healthy", st.healthy, st.wanted),
            )
            .severity(Severity::Info)
            .saw(quote)
            .by_hand(told::describe(&at))
            .after(pods),
        );
    }
    (st.wanted >= st.expected).then(|| {
        let blocked = s.nodes.iter().find(|n| n.spec.unschedulable && holds_up(s, b, &n.meta.name));
        let drain = blocked.map_or_else(String::new, |n| format!("; node {} is cordoned and cannot be drained", n.meta.name));
        let severity = if blocked.is_some() { Severity::Warning } else { Severity::Info };
        let rule = Finding::new(&PDB_NEVER, at.clone(), format!("allow(s) no disruption even though all pods are healthy: it wants {} of {} pods, so that no eviction (drain, upgrade) can ever go ahead{drain}", st.wanted, st.expected));
        rule.severity(severity).saw(quote).by_hand(told::describe(&at))
    })
}
