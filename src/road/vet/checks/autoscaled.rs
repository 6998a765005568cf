//! Whether an autoscaler sets the replicas that are about to be set by hand.
//! Source: <https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/> (0 replicas switch it off).

use super::{Findings, Sight, list, text};
use crate::{
    facts::Facts,
    ops::{Action, Call, Kind, PatchKind},
};
use serde_json::Value;

fn scalers(call: &Call) -> Call {
    Call::list(Kind::built_in("horizontalpodautoscalers"), call.namespace())
}

/// Whether the call says how many replicas there shall be.
fn sets_replicas(call: &Call) -> bool {
    let Some(kind) = call.kind() else { return false };
    let scales = kind.is("deployments", "apps")
        || kind.is("statefulsets", "apps")
        || kind.is("replicasets", "apps")
        || kind.is("replicationcontrollers", "");
    let says = match &call.action {
        Action::Patch(PatchKind::Json, ops) => list(ops, "").iter().any(|op| text(op, "/path").starts_with("/spec")),
        Action::Patch(_, body) => body.pointer("/spec/replicas").is_some(),
        // A manifest that names none asks for one.
        Action::Replace(_) => true,
        Action::Get
        | Action::List
        | Action::Create(_)
        | Action::Delete { .. }
        | Action::Evict { .. }
        | Action::Talk
        | Action::Program(_)
        | Action::Carried(_) => false,
    };
    scales && says
}

pub(super) fn looks(call: &Call, _: &Facts) -> Vec<Call> {
    if sets_replicas(call) { vec![scalers(call)] } else { Vec::new() }
}

pub(super) fn says(sight: &Sight<'_>, findings: &mut Findings) {
    let replicas = |object: Option<&Value>| object.and_then(|o| o.pointer("/spec/replicas")).and_then(Value::as_u64);
    let (had, has) = (replicas(sight.before), replicas(sight.after));
    if !sets_replicas(sight.call) || had == has {
        return;
    }
    let Some(all) = findings.known(sight.facts.look(&scalers(sight.call)), "whether an autoscaler sets its replicas") else { return };
    let Some(target) = sight.call.target() else { return };
    let aims = |scaler: &&Value| {
        text(scaler, "/spec/scaleTargetRef/kind") == target.kind().info().kind
            && text(scaler, "/spec/scaleTargetRef/name") == target.name().as_str()
    };
    for scaler in list(&all, "/items").iter().filter(aims) {
        let name = text(scaler, "/metadata/name");
        let least = scaler.pointer("/spec/minReplicas").and_then(Value::as_u64).unwrap_or(1);
        let most = scaler.pointer("/spec/maxReplicas").and_then(Value::as_u64).unwrap_or_default();
        findings.warn(
            "autoscaled",
            match has {
                Some(0) => format!("horizontalpodautoscaler/{name} is switched off by it: it does not scale from 0"),
                Some(n) if (least..=most).contains(&n) => {
                    format!("horizontalpodautoscaler/{name} sets its replicas between {least} and {most}, and may change this back within a minute")
                }
                Some(_) | None => {
                    format!("horizontalpodautoscaler/{name} changes this back within a minute: it keeps {least} to {most}; change its bounds instead")
                }
            },
        );
    }
}
