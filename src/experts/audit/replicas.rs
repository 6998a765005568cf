//! Whether one lost pod, node or zone takes an application down.

use super::{table::checks, unit::Unit};
use crate::experts::diagnose::Finding;
use crate::facts::snapshot::{Ref, Snapshot};

checks! {
    SINGLE = "single-replica" Warning 85 "One replica: each restart and each drained node is an outage." reads ["spec.replicas", "HorizontalPodAutoscaler"] like "Deployment web runs a single replica" same_as ["polaris/deploymentMissingReplicas", "kube-linter/minimum-three-replicas"];
    FEW = "fewer-than-three-replicas" Info 70 "Fewer than three replicas: with one being replaced and one lost, none is left." reads ["spec.replicas", "HorizontalPodAutoscaler"] like "Deployment web runs 2 replicas" same_as ["kube-linter/minimum-three-replicas"];
    SPREAD = "no-topology-spread" Warning 80 "No topology spread constraints: all replicas may stand on one node or in one zone." reads ["spec.topologySpreadConstraints"] like "Deployment web is not spread over nodes" same_as ["polaris/topologySpreadConstraint"];
    ANTI_AFFINITY = "no-pod-anti-affinity" Info 75 "No pod anti-affinity keeps replicas on different nodes." reads ["spec.affinity.podAntiAffinity"] like "Deployment web does not keep its replicas apart" same_as ["kube-linter/no-anti-affinity"];
    NODE_AFFINITY = "no-node-affinity" Info 60 "No node affinity says which nodes suit it." reads ["spec.affinity.nodeAffinity"] like "Deployment web does not say which nodes suit it" same_as ["kube-linter/no-node-affinity"];
    STRATEGY = "no-rolling-update" Warning 88 "All pods are stopped before new ones start: each rollout is an outage." reads ["spec.strategy.type"] like "Deployment web is not updated by rolling" same_as ["kube-linter/no-rolling-update-strategy"];
    SELECTOR = "selector-misses-template" Error 97 "The selector does not fit the labels of the template; the API server refuses that." reads ["spec.selector", "spec.template.metadata.labels"] like "Deployment web does not select the pods it makes" same_as ["kube-linter/mismatching-selector"];
    SCALER_MIN = "autoscaler-minimum-one" Warning 85 "The autoscaler may go down to a single replica." reads ["HorizontalPodAutoscaler.spec.minReplicas"] like "HorizontalPodAutoscaler web may scale down to 1" same_as ["polaris/hpaMinAvailability", "kube-linter/hpa-minimum-three-replicas"];
    SCALER_FEW = "autoscaler-minimum-below-three" Info 70 "The autoscaler may go down to fewer than three replicas." reads ["HorizontalPodAutoscaler.spec.minReplicas"] like "HorizontalPodAutoscaler web may scale down to 2" same_as ["kube-linter/hpa-minimum-three-replicas"];
    SCALER_MAX = "autoscaler-cannot-scale" Warning 92 "The autoscaler's maximum is not above its minimum: it can never scale." reads ["HorizontalPodAutoscaler.spec"] like "HorizontalPodAutoscaler web can never scale: it has 3 to 3 replicas" same_as ["polaris/hpaMaxAvailability"];
}

/// Whether an autoscaler sets the number, so that the one in the object says nothing.
fn scaled(s: &Snapshot, at: &Ref) -> bool {
    s.autoscalers.iter().any(|a| a.meta.namespace == at.namespace && a.spec.target.kind == at.kind && a.spec.target.name == at.name)
}

pub(super) fn find(s: &Snapshot, units: &[Unit<'_>], out: &mut Vec<Finding>) {
    for u in units.iter().filter(|u| u.replicated()) {
        // Nobody set means one.
        let count = u.replicas.unwrap_or(1);
        if !scaled(s, &u.at) && count < 3 && count != 0 {
            let seen = u.replicas.map_or("spec.replicas is not set, which means 1".to_string(), |n| format!("spec.replicas is {n}"));
            if count == 1 && !u.is(&["StatefulSet"]) {
                out.push(u.found(&SINGLE, "runs a single replica").saw(seen));
            } else {
                out.push(u.found(&FEW, format!("runs {count} {}", if count == 1 { "replica" } else { "replicas" })).saw(seen));
            }
        }
        let affinity = &u.spec.affinity;
        if u.spec.spread.is_empty() {
            out.push(u.found(&SPREAD, "is not spread over nodes").saw("spec.topologySpreadConstraints is empty"));
        }
        if count > 1 && affinity.apart.required.is_empty() && affinity.apart.preferred.is_empty() && u.spec.spread.is_empty() {
            out.push(u.found(&ANTI_AFFINITY, "does not keep its replicas apart").saw("spec.affinity.podAntiAffinity is not set"));
        }
        if affinity.node.required.terms.is_empty() && affinity.node.preferred.is_empty() {
            out.push(u.found(&NODE_AFFINITY, "does not say which nodes suit it").saw("spec.affinity.nodeAffinity is not set"));
        }
    }
    for w in &s.workloads {
        let at = Ref::of(&w.kind, &w.meta);
        let kind = &*w.spec.strategy.kind;
        if &*w.kind == "Deployment" && !kind.is_empty() && kind != "RollingUpdate" {
            out.push(Finding::new(&STRATEGY, at.clone(), "is not updated by rolling").saw(format!("spec.strategy.type is {kind}")));
        }
        let selector = &w.spec.selector;
        if &*w.kind != "ReplicationController" && !selector.is_empty() && !selector.fits(&w.spec.template.meta.labels) {
            let labels = crate::facts::snapshot::meta::told(&w.spec.template.meta.labels);
            let seen =
                format!("spec.selector asks for {}, the template has {labels:?}", crate::facts::snapshot::meta::told(&selector.labels));
            out.push(Finding::new(&SELECTOR, at, "does not select the pods it makes").saw(seen));
        }
    }
    for a in &s.autoscalers {
        let at = Ref::of("HorizontalPodAutoscaler", &a.meta);
        let min = a.spec.min.unwrap_or(1);
        let seen = a.spec.min.map_or("spec.minReplicas is not set, which means 1".to_string(), |n| format!("spec.minReplicas is {n}"));
        if min <= 1 {
            out.push(Finding::new(&SCALER_MIN, at.clone(), format!("may scale down to {min}")).saw(seen));
        } else if min < 3 {
            out.push(Finding::new(&SCALER_FEW, at.clone(), format!("may scale down to {min}")).saw(seen));
        }
        if a.spec.max <= min {
            let what = format!("can never scale: it has {min} to {} replicas", a.spec.max);
            out.push(Finding::new(&SCALER_MAX, at, what).saw("spec.maxReplicas is not above spec.minReplicas"));
        }
    }
}
