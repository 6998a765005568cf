//! Eviction: the way out that respects disruption budgets. Source: `pkg/registry/core/pod/storage/eviction.go`.
use super::{Cluster, DeleteOptions, Key};
use crate::{
    simulator::{
        controllers::{conditions, conditions::Condition},
        json::{list_mut, number, set, text},
        refusal::Refusal,
        store::Tree,
    },
    terms::selector::LabelSelector,
};
use serde_json::{Value, json};

impl Cluster {
    /// Evicts a pod: marks it as disrupted and deletes it.
    ///
    /// # Errors
    /// No such pod, preconditions that do not hold, or a budget that has nothing to spare.
    pub(in crate::simulator) fn evict(&mut self, key: &Key, options: &DeleteOptions) -> Result<(), Refusal> {
        let pod = self.fetch(key)?;
        let over = matches!(text(&pod, "/status/phase"), "Succeeded" | "Failed" | "Pending");
        if !over && pod.pointer("/metadata/deletionTimestamp").is_none() {
            self.check_budget(key, &pod)?;
        }
        self.check_preconditions(key, &pod, options)?;
        // What was asked of the pod as it was is asked again of the pod as it is marked.
        let options = &DeleteOptions { version: None, ..options.clone() };
        if options.dry {
            return self.delete(key, options).map(drop);
        }
        let now = self.stamp();
        self.modify(key, |pod| {
            let condition =
                Condition { kind: "DisruptionTarget", status: "True", reason: "EvictionByEvictionAPI", message: "Eviction API: evicting" };
            if conditions::put(pod, &now, &condition, false) {
                for condition in list_mut(pod, "/status/conditions").iter_mut().filter(|c| c["type"] == "DisruptionTarget") {
                    set(condition, "/lastProbeTime", Value::Null);
                }
            }
        });
        self.delete(key, options).map(drop)
    }

    fn check_budget(&self, key: &Key, pod: &Value) -> Result<(), Refusal> {
        let none = json!({});
        let labels = pod.pointer("/metadata/labels").unwrap_or(&none);
        let all = self.store.of_kind(self.kinds.budget, Some(&key.namespace)).map(|(at, stored)| (at, self.store.tree(at, stored)));
        let budgets: Vec<(&Key, Tree)> =
            all.filter(|(_, b)| LabelSelector::from_json(&b["spec"]["selector"]).is_ok_and(|s| s.matches_json(labels))).collect();
        let (name, budget) = match &budgets[..] {
            [] => return Ok(()),
            [(at, budget)] => (&at.name, budget),
            _ => {
                let why = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
                return Err(Refusal::new(500, "", why));
            }
        };
        let status = |field: &str| number(budget, &format!("/status/{field}"), 0);
        let (healthy, desired) = (status("currentHealthy"), status("desiredHealthy"));
        let always = text(budget, "/spec/unhealthyPodEvictionPolicy") == "AlwaysAllow";
        if !conditions::is_true(pod, "Ready") && (always || healthy >= desired && desired > 0) || status("disruptionsAllowed") > 0 {
            return Ok(());
        }
        let message = if healthy <= desired {
            format!("The disruption budget {name} needs {desired} healthy pods and has {healthy} currently")
        } else {
            format!("The disruption budget {name} does not allow evicting pods currently")
        };
        let mut refusal = Refusal::new(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.");
        refusal.details = json!({"causes": [{"reason": "DisruptionBudget", "message": message}]});
        Err(refusal)
    }
}
