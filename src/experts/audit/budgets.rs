//! PodDisruptionBudgets: what holds applications up while nodes are drained, and what stops every drain.

use super::{fixes, table::checks, unit::Unit};
use crate::experts::diagnose::Finding;
use crate::facts::snapshot::{Ref, Snapshot, workload::Budget};

checks! {
    MISSING = "disruption-budget-missing" Info 75 "No PodDisruptionBudget: a drain may take all replicas at once." reads ["PodDisruptionBudget.spec.selector", "spec.template.metadata.labels"] like "Deployment web has no disruption budget" same_as ["polaris/missingPodDisruptionBudget"];
    ZERO = "budget-allows-no-disruption" Warning 95 "maxUnavailable is 0: no pod may ever be evicted, so that drains and upgrades of nodes hang." reads ["PodDisruptionBudget.spec.maxUnavailable"] like "PodDisruptionBudget web allows no disruption" same_as ["polaris/pdbDisruptionsIsZero", "kube-linter/pdb-max-unavailable"];
    ALL = "budget-wants-every-pod" Warning 93 "minAvailable is as much as there is: no pod may ever be evicted, so that drains and upgrades of nodes hang." reads ["PodDisruptionBudget.spec.minAvailable", "spec.replicas", "HorizontalPodAutoscaler.spec.minReplicas"] like "PodDisruptionBudget web wants every pod" same_as ["polaris/pdbDisruptionsIsZero", "kube-linter/pdb-min-available"];
    ABOVE_SCALER = "budget-above-autoscaler-minimum" Warning 92 "minAvailable is above what the autoscaler may scale down to: then no pod may be evicted." reads ["PodDisruptionBudget.spec.minAvailable", "HorizontalPodAutoscaler.spec.minReplicas"] like "PodDisruptionBudget web wants 10 pods, while its autoscaler may go down to 5" same_as ["polaris/pdbMinAvailableGreaterThanHPAMinReplicas"];
    UNHEALTHY = "unhealthy-eviction-policy-unset" Info 80 "unhealthyPodEvictionPolicy is not set: pods that never become ready stop drains (AlwaysAllow lets them go)." reads ["PodDisruptionBudget.spec.unhealthyPodEvictionPolicy"] like "PodDisruptionBudget web does not say what becomes of unhealthy pods" same_as ["kube-linter/pdb-unhealthy-pod-eviction-policy"];
}

/// So many pods of so many, as a number or in percent, rounded up as the disruption controller does.
fn wanted(text: &str, of: Option<i64>) -> Option<i64> {
    match text.strip_suffix('%') {
        None => text.parse().ok(),
        Some(percent) => Some((percent.parse::<i64>().ok()?.checked_mul(of?)?.checked_add(99)?).div_euclid(100)),
    }
}

/// The workloads in a budget's namespace whose pods it selects; an empty selector means every pod (policy/v1).
fn held<'u, 'a>(b: &Budget, units: &'u [Unit<'a>]) -> impl Iterator<Item = &'u Unit<'a>> {
    units.iter().filter(move |u| {
        u.replicated()
            && u.meta.namespace == b.meta.namespace
            && !(b.spec.selector.is_empty() && u.labels().is_empty())
            && b.spec.selector.fits(u.labels())
    })
}

pub(super) fn find(s: &Snapshot, units: &[Unit<'_>], out: &mut Vec<Finding>) {
    for b in &s.budgets {
        let at = Ref::of("PodDisruptionBudget", &b.meta);
        let (min, max) = (&*b.spec.min, &*b.spec.max);
        if matches!(max, "0" | "0%") {
            out.push(Finding::new(&ZERO, at.clone(), "allows no disruption").saw(format!("spec.maxUnavailable is {max}")));
        }
        if b.spec.unhealthy.is_empty() {
            out.push(
                Finding::new(&UNHEALTHY, at.clone(), "does not say what becomes of unhealthy pods")
                    .saw("spec.unhealthyPodEvictionPolicy is not set")
                    .fix(fixes::evict_unhealthy(&at)),
            );
        }
        let mut every = min == "100%";
        let mut seen = format!("spec.minAvailable is {min}");
        for u in held(b, units) {
            let scaler = s
                .autoscalers
                .iter()
                .find(|a| a.meta.namespace == u.meta.namespace && a.spec.target.kind == u.at.kind && a.spec.target.name == u.at.name);
            let least = scaler.and_then(|a| a.spec.min);
            let replicas = least.or(u.replicas.or(Some(1)).filter(|_| scaler.is_none()));
            if wanted(min, replicas).zip(replicas).is_some_and(|(wanted, has)| wanted >= has && has > 0) {
                every = true;
                seen = format!("spec.minAvailable is {min}, and {} has {}", u.at.told(), replicas.unwrap_or_default());
            }
            if let Some((wanted, least)) = wanted(min, u.replicas).zip(least).filter(|(wanted, least)| wanted > least) {
                let what = format!("wants {wanted} pods, while the autoscaler of {} may go down to {least}", u.at.told());
                out.push(Finding::new(&ABOVE_SCALER, at.clone(), what).saw(format!("spec.minAvailable is {min}, minReplicas is {least}")));
            }
        }
        if every {
            out.push(Finding::new(&ALL, at, "wants every pod: none may be evicted").saw(seen));
        }
    }
    for u in units.iter().filter(|u| u.is(&["Deployment", "StatefulSet"])) {
        if !s.budgets.iter().any(|b| held(b, std::slice::from_ref(u)).next().is_some()) {
            let found = u.found(&MISSING, "has no disruption budget").saw("no PodDisruptionBudget of its namespace selects its pods");
            out.push(found.fix(s.workload(&u.at).and_then(|workload| fixes::budget(s, u, workload))));
        }
    }
}
