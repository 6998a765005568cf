//! Whether a changed pod template comes to nothing because the deployment's rollout is paused.
//! Source: <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#pausing-and-resuming-a-deployment>.

use super::{Findings, Sight, said};
use serde_json::Value;

pub(super) fn says(sight: &Sight<'_>, findings: &mut Findings) {
    let (Some(before), Some(after)) = (sight.before, sight.after) else { return };
    let paused = |object: &Value| object.pointer("/spec/paused") == Some(&Value::Bool(true));
    let template = |object: &Value| object.pointer("/spec/template").cloned();
    if sight.call.is_about("deployments", "apps") && paused(after) && template(before) != template(after) {
        let name = said(sight.call);
        findings.warn("paused", format!("the rollout of {name} is paused: no pod changes until kubectl rollout resume {name}"));
    }
}
