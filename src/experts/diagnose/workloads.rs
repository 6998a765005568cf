//! Rollouts and replica counts.

use super::{
    finding::{Finding, Severity, rules},
    fix, told,
};
use crate::experts::signals::words::cut;
use crate::facts::snapshot::{
    Ref, Snapshot,
    event::Event,
    meta::{self, condition},
    workload::Workload,
};

rules! {
    DEADLINE = "rollout-progress-deadline-exceeded" Error 93 Workload "A rollout has not come forward within its deadline (ProgressDeadlineExceeded)." reads ["Deployment.status.conditions", "ReplicaSet"] like "Deployment web: its rollout is stuck: it exceeded its progress deadline (ProgressDeadlineExceeded)" same_as ["k8sgpt/Deployment"];
    UNAVAILABLE = "replicas-unavailable" Warning 80 Workload "A workload has fewer available replicas than it asks for." reads ["Deployment.status", "ReplicaSet.status", "StatefulSet.status", "DaemonSet.status"] like "Deployment web has 1 of 3 replicas available" same_as ["k8sgpt/Deployment"];
    NONE = "replicas-none-available" Error 85 Workload "A workload has no available replica at all." reads ["Deployment.status", "ReplicaSet.status", "StatefulSet.status"] like "Deployment web has zero available replicas (0 of 3)";
    ROLLING = "rollout-in-progress" Info 80 Workload "A rollout is on its way." reads ["Deployment.status"] like "Deployment web: a rollout is in progress: 1 of 3 replicas are available";
    STALLED = "rollout-stalled" Error 85 Workload "A rollout stalled between an older ReplicaSet and a newer one." reads ["Deployment.status", "ReplicaSet.status", "events"] like "Deployment web: its rollout stalled while transitioning to ReplicaSet web-2";
    PAUSED = "rollout-paused" Warning 90 Workload "A rollout is paused with some pods still on the older template." reads ["Deployment.spec.paused"] like "Deployment web: its rollout is paused with 1 of 3 replicas updated";
    LOOP = "rollout-oscillating" Warning 85 Workload "ReplicaSets of a Deployment are scaled up and down in turns: a rollback loop." reads ["events"] like "Deployment web is stuck in a rollback loop: ReplicaSets web-1 and web-2 are scaled in turns";
    OSCILLATING = "replicas-oscillating" Warning 85 Workload "The replica count of a workload goes up and down instead of converging." reads ["events"] like "Deployment web: its replica count is oscillating instead of converging";
    OBSERVED = "controller-not-observing" Error 80 ControlPlane "A controller has not looked at the newest generation of an object." reads ["metadata.generation", "status.observedGeneration"] like "Deployment web: its newest generation 3 has not been observed by its controller (2)";
    PARTITION = "statefulset-partition-blocks-rollout" Warning 90 Workload "A StatefulSet's partition leaves every pod on the older revision." reads ["StatefulSet.spec.updateStrategy", "StatefulSet.status"] like "StatefulSet db: its rollout cannot start: updateStrategy partition 3 excludes every replica";
    GOVERNING = "statefulset-service-missing" Warning 88 Network "The governing (headless) Service of a StatefulSet does not exist." reads ["StatefulSet.spec.serviceName", "Service"] like "StatefulSet db: its governing headless Service db does not exist (is missing)";
    ORDINAL = "statefulset-ordinal-blocked" Error 88 Workload "A StatefulSet starts its pods in order, and one of them does not become ready." reads ["StatefulSet.status", "Pod"] like "StatefulSet db: its ordered rollout is blocked: ordinal 2 (pod db-2) cannot finish startup";
    DAEMON_NONE = "daemonset-matches-no-node" Warning 85 Workload "A DaemonSet's nodeSelector matches no node." reads ["DaemonSet.status", "Node.metadata.labels"] like "DaemonSet agent runs nowhere: no node matches its nodeSelector disk=ssd";
    ZERO = "scaled-to-zero" Info 85 Workload "A workload that a Service leads to is scaled to zero." reads ["Deployment.spec.replicas", "Service.spec.selector"] like "Deployment web is scaled to zero (0 replicas), and Service web leads to it";
}

/// Labels of nodes that Kubernetes itself took away or renamed, and what stands there now.
const GONE: &[(&str, &str)] = &[
    ("node-role.kubernetes.io/master", "node-role.kubernetes.io/control-plane, since 1.24"),
    ("beta.kubernetes.io/os", "kubernetes.io/os"),
    ("beta.kubernetes.io/arch", "kubernetes.io/arch"),
    ("beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type"),
    ("failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"),
    ("failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"),
];

/// A rollout that moved within this time is on its way.
const MOVING: i64 = 120;

pub(super) fn find(s: &Snapshot, found: &mut Vec<Finding>) {
    for w in s.workloads.iter().filter(|w| !w.meta.going()) {
        of_workload(s, w, found);
        if &*w.kind == "StatefulSet" {
            stateful(s, w, found);
        }
        found.extend(turns(s, w));
    }
}

fn of_workload(s: &Snapshot, w: &Workload, found: &mut Vec<Finding>) {
    let at = Ref::of(&w.kind, &w.meta);
    let n = w.numbers();
    let progressing = condition(&w.status.conditions, "Progressing");
    let conditions = w
        .status
        .conditions
        .iter()
        .filter(|c| (&*c.kind == "Available" && !c.holds()) || (&*c.kind == "Progressing" && (c.fails() || n.available < n.wanted)))
        .map(|c| c.quoted());
    let lower: Vec<Ref> = s
        .pods_below(&at)
        .iter()
        .filter(|p| !p.ready())
        .map(|p| told::pod(p))
        .chain(s.sets_of(&at).map(|x| Ref::of(&x.kind, &x.meta)))
        .collect();
    // Not looked at yet: there is nothing to judge.
    let unseen = w.status == Default::default();
    if unseen && s.clock.loose {
        return;
    }
    if w.status.observed > 0 && w.meta.generation > w.status.observed && s.clock.older(w.meta.created, 60) && !s.clock.loose {
        found.push(
            Finding::new(
                &OBSERVED,
                at.clone(),
                format!(
                    ": its newest generation {} has not been observed by its controller (observedGeneration {})",
                    w.meta.generation, w.status.observed
                ),
            )
            .severity(Severity::Warning)
            .by_hand(told::get(&at)),
        );
    }
    if &*w.kind == "DaemonSet" && w.status.wanted == Some(0) && !w.spec.template.spec.node_selector.is_empty() {
        let selector = meta::told(&w.spec.template.spec.node_selector);
        // Operators ship agents for nodes that are not there; a label that went away is another matter.
        let gone = GONE
            .iter()
            .find(|(old, _)| w.spec.template.spec.node_selector.contains_key(*old) && s.nodes.iter().all(|n| n.meta.label(old).is_none()));
        let (severity, now) = match gone {
            Some((old, new)) => (Severity::Error, format!("; label {old} went away, it is {new} now")),
            None => (Severity::Info, String::new()),
        };
        found.push(
            Finding::new(&DAEMON_NONE, at.clone(), format!("run(s) nowhere: no node matches its nodeSelector {selector}{now}"))
                .severity(severity)
                .saw("status.desiredNumberScheduled 0")
                .by_hand(told::get(&at)),
        );
    }
    let exceeded = progressing.filter(|c| c.fails() && &*c.reason == "ProgressDeadlineExceeded");
    let set = (&*w.kind == "Deployment").then(|| newest(s, &at)).flatten();
    let transition =
        set.filter(|x| x.numbers().ready < x.numbers().wanted && s.sets_of(&at).any(|o| o.status.ready > 0 && o.meta.name != x.meta.name));
    let old = s.sets_of(&at).filter(|o| set.is_none_or(|x| o.meta.name != x.meta.name)).map(|o| o.status.ready).sum::<i64>();
    let finding = if let Some(c) = exceeded {
        let serve = if old > 0 { format!("; {old} pods of an older ReplicaSet still serve") } else { String::new() };
        let reason = set.map_or_else(String::new, |x| format!(" to ReplicaSet {}", x.meta.name));
        let undo = if old > 0 { fix::on(&["rollout", "undo"], &at, &[]) } else { None };
        Finding::new(&DEADLINE, at.clone(), format!(": its rollout{reason} failed, it exceeded its progress deadline (ProgressDeadlineExceeded): {} of {} replicas are available{serve}", n.available, n.wanted)).since(c.since.0).fix(undo)
    } else if w.spec.paused && n.updated < n.wanted {
        Finding::new(&PAUSED, at.clone(), format!(": its rollout is paused with {} of {} replicas updated", n.updated, n.wanted))
            .saw("spec.paused true")
            .fix(fix::on(&["rollout", "resume"], &at, &[]))
    } else if n.wanted > 0 && n.available < n.wanted {
        let since = progressing.map(|c| if c.updated.0.is_some() { c.updated } else { c.since }).unwrap_or(w.meta.created);
        // What was rolled out is not on its way any more: pods were lost since.
        let complete = progressing.is_some_and(|c| c.holds() && &*c.reason == "NewReplicaSetAvailable") && n.updated >= n.wanted;
        let moving = !complete && !s.clock.older(since, MOVING);
        let progress = progressing
            .filter(|c| c.holds() && &*c.reason != "NewReplicaSetAvailable")
            .map(|c| format!(" (rollout in progress: {})", c.reason))
            .unwrap_or_default();
        let owned = w.meta.controller().is_some();
        if moving {
            Finding::new(
                &ROLLING,
                at.clone(),
                format!(": a rollout is in progress: {} of {} replicas are available", n.available, n.wanted),
            )
        } else if let Some(x) = transition.filter(|_| n.updated < n.wanted) {
            Finding::new(
                &STALLED,
                at.clone(),
                format!(
                    ": its rollout stalled while transitioning to the new ReplicaSet {}: {} of {} replicas updated, {} available",
                    x.meta.name, n.updated, n.wanted, n.available
                ),
            )
        } else if n.available == 0 {
            let f = Finding::new(
                &NONE,
                at.clone(),
                format!("ha(s) zero available replicas: 0 of {} are ready{progress}", n.wanted).replace("ha(s)", "has"),
            );
            if owned || !progress.is_empty() { f.severity(Severity::Warning) } else { f }
        } else {
            Finding::new(
                &UNAVAILABLE,
                at.clone(),
                format!("has unavailable replicas: {} of {} are available{progress}", n.available, n.wanted),
            )
        }
    } else {
        found.extend(zero(s, w, &at));
        return;
    };
    let owner: Vec<Ref> =
        w.meta.owners.iter().filter(|o| o.controller).map(|o| Ref::new(&o.kind, &w.meta.namespace, &o.name)).filter(|o| s.has(o)).collect();
    found.push(
        finding
            .saw(format!(
                "status: {} wanted, {} made, {} updated, {} ready, {} available",
                n.wanted, n.made, n.updated, n.ready, n.available
            ))
            .saw_all(conditions)
            .saw_all(told::events(s, &w.kind, &w.meta, &["FailedCreate", "ScalingReplicaSet"]).into_iter().take(1))
            .by_hand(format!("kubectl rollout status {}/{}{}", w.kind.to_lowercase(), w.meta.name, told::flag(&w.meta.namespace)))
            .after(lower)
            .after(owner),
    );
}

/// The ReplicaSet of the newest revision.
fn newest<'a>(s: &'a Snapshot, at: &Ref) -> Option<&'a Workload> {
    s.sets_of(at).max_by_key(|x| (x.revision(), x.meta.created))
}

fn zero(s: &Snapshot, w: &Workload, at: &Ref) -> Option<Finding> {
    let scaled = w.spec.replicas == Some(0) && w.meta.controller().is_none() && !w.spec.template.meta.labels.is_empty();
    let leads = |x: &&crate::facts::snapshot::network::Service| {
        x.meta.namespace == w.meta.namespace
            && !x.spec.selector.is_empty()
            && x.spec.selector.iter().all(|(k, v)| w.spec.template.meta.labels.get(k) == Some(v))
    };
    let service = s.services.iter().find(leads).filter(|_| scaled)?;
    Some(
        Finding::new(&ZERO, at.clone(), format!("is scaled to zero (0 replicas), and Service {} leads to it", service.meta.name))
            .saw("spec.replicas 0")
            .by_hand(told::get(at))
            .fix(fix::on(&["scale"], at, &["--replicas=1"])),
    )
}

fn stateful(s: &Snapshot, w: &Workload, found: &mut Vec<Finding>) {
    let at = Ref::of("StatefulSet", &w.meta);
    let n = w.numbers();
    let revisions = !w.status.update_revision.is_empty() && w.status.current_revision != w.status.update_revision;
    let partition = w.spec.update.rolling.partition;
    if revisions && partition > 0 && n.updated == 0 {
        let all = if partition >= n.wanted { "excludes every replica" } else { "leaves pods on the older revision" };
        let severity = if partition >= n.wanted { Severity::Warning } else { Severity::Info };
        found.push(
            Finding::new(
                &PARTITION,
                at.clone(),
                format!(": its rollout cannot start because updateStrategy partition {partition} {all} ({} replicas)", n.wanted),
            )
            .severity(severity)
            .saw(format!(
                "status.currentRevision {}, updateRevision {}, updatedReplicas {}",
                w.status.current_revision, w.status.update_revision, n.updated
            ))
            .saw_all(s.events_of("StatefulSet", &w.meta).iter().rev().take(1).map(|e| told::event(e, &s.clock)))
            .by_hand(told::get(&at)),
        );
    }
    let service = &*w.spec.service;
    if !service.is_empty() && s.knows("Service", &w.meta.namespace) && s.service(&w.meta.namespace, service).is_none() {
        // Many charts name a Service that they do not need; it hurts where pods are found by their names.
        let pods = s.pods_below(&at);
        let hurts = (n.ready < n.wanted && w.status != Default::default())
            || pods.iter().any(|p| !p.ready())
            || pods
                .iter()
                .any(|p| p.spec.all().flat_map(|c| &c.env).flat_map(|e| &e.value.hosts.0).any(|h| h.host.contains(&format!(".{service}"))));
        let severity = if hurts { Severity::Warning } else { Severity::Info };
        found.push(
            Finding::new(&GOVERNING, at.clone(), format!(": its governing headless Service {service} is missing (does not exist)"))
                .severity(severity)
                .saw(format!("spec.serviceName {service}"))
                .by_hand(format!("kubectl get services{}", told::flag(&w.meta.namespace))),
        );
    }
    let mut pods = s.pods_below(&at);
    pods.sort_by_key(|p| ordinal(&p.meta.name));
    let blocked = pods.iter().find(|p| !p.ready()).filter(|_| n.wanted > 0 && n.ready < n.wanted);
    if let Some(pod) = blocked {
        let pod_ref = told::pod(pod);
        let number = ordinal(&pod.meta.name).map_or_else(String::new, |o| format!("ordinal {o} "));
        let probe = s.event("Pod", &pod.meta, &["Unhealthy"]).map(|e| told::event(e, &s.clock));
        found.push(
            Finding::new(
                &ORDINAL,
                at.clone(),
                format!(": its ordered rollout is blocked because {number}(pod {}) cannot finish startup", pod.meta.name),
            )
            .saw_all(probe)
            .saw(format!("status: {} of {} ready", n.ready, n.wanted))
            .by_hand(told::describe(&pod_ref))
            .after([pod_ref]),
        );
    }
}

fn ordinal(name: &str) -> Option<u64> {
    name.rsplit_once('-').and_then(|(_, n)| n.parse().ok())
}

/// ReplicaSets or replica counts that go up and down in turns, by a Deployment's events.
fn turns(s: &Snapshot, w: &Workload) -> Option<Finding> {
    if &*w.kind != "Deployment" {
        return None;
    }
    let at = Ref::of(&w.kind, &w.meta);
    let mut events: Vec<&Event> = s.events_of("Deployment", &w.meta);
    let set = |e: &Event| e.message.split_once("replica set ").and_then(|(_, r)| r.split(' ').next()).unwrap_or_default().to_string();
    // Dumps that tell such events of a pod name the ReplicaSet, which names the Deployment.
    events.extend(
        s.events_with(&["ScalingReplicaSet"])
            .filter(|e| !s.live && &*e.about.kind != "Deployment" && set(e).starts_with(&format!("{}-", w.meta.name))),
    );
    let mut scaled: Vec<&Event> = events.into_iter().filter(|e| &*e.reason == "ScalingReplicaSet").collect();
    scaled.sort_by_key(|e| (e.first, e.last));
    let mut seen: Vec<_> = scaled.iter().flat_map(|e| e.moments().map(move |at| (at, set(e), e.message.contains("Scaled up")))).collect();
    seen.sort();
    let moves: Vec<(String, bool)> = seen.into_iter().map(|(_, name, up)| (name, up)).collect();
    let sets: std::collections::BTreeSet<&String> = moves.iter().map(|(n, _)| n).collect();
    let reversals = sets
        .iter()
        .map(|name| {
            let mine: Vec<bool> = moves.iter().filter(|(n, _)| n == *name).map(|(_, up)| *up).collect();
            mine.windows(2).filter(|two| two[0] != two[1]).count()
        })
        .max()
        .unwrap_or_default();
    let newest_last = scaled.last().and_then(|e| e.last);
    if reversals < 2 || !s.clock.within(newest_last, 3_600) {
        return None;
    }
    let names = told::names(sets.iter().map(|n| n.as_str()), 3);
    let evidence = scaled.iter().rev().take(3).map(|e| told::event(e, &s.clock)).collect::<Vec<_>>();
    let finding = if sets.len() > 1 {
        Finding::new(
            &LOOP,
            at.clone(),
            format!("is stuck in a rollback loop between older and newer ReplicaSets: {names} are scaled up and down in turns (rollout)"),
        )
    } else {
        let manual = super::scaling::fights(s, &at)
            .map(|hpa| format!(": HPA {hpa} is conflicting with manual or GitOps replica changes"))
            .unwrap_or_default();
        Finding::new(
            &OSCILLATING,
            at.clone(),
            format!(": its replica count is oscillating for the workload instead of converging{manual} ({})", cut(&names, 80)),
        )
    };
    let scalers = s.autoscalers.iter().filter(|a| *a.spec.target.name == *at.name && a.meta.namespace == w.meta.namespace);
    let scalers: Vec<Ref> = scalers.map(|a| Ref::of("HorizontalPodAutoscaler", &a.meta)).collect();
    Some(finding.saw_all(evidence).by_hand(told::describe(&at)).after(scalers))
}
