//! Whether a changed pod template reaches the pods: update strategies that wait for somebody, rollouts that stand in their own way.
//! Sources: <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy>,
//! <https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#update-strategies>.

use super::{Findings, Sight, list, number, said, text, touches};
use crate::{
    facts::Facts,
    ops::{Call, Kind, Lookup, Name, Target},
};
use serde_json::Value;

/// How a deployment replaces its pods.
pub(in crate::road) struct Rolling {
    /// Pods more than wanted, at most.
    pub(in crate::road) surge: i64,
    /// Pods fewer than wanted, at most.
    pub(in crate::road) fewer: i64,
}

/// How the pods of the deployment are replaced by this call, one after the other; `None` where they are not.
pub(super) fn of(sight: &Sight<'_>) -> Option<Rolling> {
    rolling(sight.call.kind()?, sight.before?, sight.after?)
}

/// The same, from the object before and after it.
pub(in crate::road) fn rolling(kind: Kind, before: &Value, after: &Value) -> Option<Rolling> {
    let recreates = text(after, "/spec/strategy/type") == "Recreate";
    if !kind.is("deployments", "apps") || !replaces(before, after) || recreates {
        return None;
    }
    let replicas = number(after, "/spec/replicas").unwrap_or(1);
    let surge = share(after.pointer("/spec/strategy/rollingUpdate/maxSurge"), replicas, true);
    let fewer = share(after.pointer("/spec/strategy/rollingUpdate/maxUnavailable"), replicas, false);
    // With both at nothing the controller lets one go. Source: `ResolveFenceposts` in `pkg/controller/deployment/util`.
    Some(if surge == 0 && fewer == 0 { Rolling { surge, fewer: 1 } } else { Rolling { surge, fewer } })
}

fn replaces(before: &Value, after: &Value) -> bool {
    before.pointer("/spec/template") != after.pointer("/spec/template") && number(after, "/spec/replicas") != Some(0)
}

/// A number of pods, or a share of them: surge rounds up, unavailability down.
fn share(value: Option<&Value>, of: i64, up: bool) -> i64 {
    let percent = |text: &str| text.strip_suffix('%')?.parse::<i64>().ok();
    match value {
        Some(Value::Number(n)) => n.as_i64().unwrap_or(0),
        Some(Value::String(text)) => percent(text).map_or(0, |p| (of * p + if up { 99 } else { 0 }) / 100),
        Some(Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) | None => (of * 25 + if up { 99 } else { 0 }) / 100,
    }
}

fn rolls(call: &Call) -> bool {
    call.kind().is_some_and(Kind::rolls_out) && call.name().is_some() && touches(call, "/spec/template")
}

fn claims<'a>(call: &'a Call, object: &'a Value) -> impl Iterator<Item = Call> + 'a {
    let names = list(object, "/spec/template/spec/volumes").iter().map(|v| text(v, "/persistentVolumeClaim/claimName"));
    names.filter_map(|name| {
        let claim = Target::new(Kind::built_in("persistentvolumeclaims"), Name::new(name).ok()?).ok()?;
        Some(Call::get(&claim.in_namespace(call.namespace().cloned())))
    })
}

pub(super) fn looks(call: &Call, facts: &Facts) -> Vec<Call> {
    let Some(target) = call.target().filter(|_| rolls(call) && call.is_about("deployments", "apps")) else { return Vec::new() };
    let mut looks = vec![Call::get(&target)];
    if let Lookup::Known(object) = facts.object(&target) {
        looks.extend(claims(call, &object));
    }
    looks
}

pub(super) fn says(sight: &Sight<'_>, findings: &mut Findings) {
    let (Some(before), Some(after)) = (sight.before, sight.after) else { return };
    let name = said(sight.call);
    if !sight.call.kind().is_some_and(Kind::rolls_out) || !replaces(before, after) {
        return;
    }
    if sight.call.is_about("deployments", "apps") {
        return deployment(sight, before, after, &name, findings);
    }
    if text(after, "/spec/updateStrategy/type") == "OnDelete" {
        return findings
            .warn("on-delete", format!("no pod of {name} is replaced until somebody deletes it: its update strategy is OnDelete"));
    }
    let replicas = number(after, "/spec/replicas").unwrap_or(1);
    match number(after, "/spec/updateStrategy/rollingUpdate/partition") {
        Some(from) if from >= replicas => {
            findings.warn("partition", format!("no pod of {name} is replaced: its partition of {from} holds back all {replicas}"));
        }
        Some(from) if from > 0 => {
            findings.warn(
                "partition",
                format!("only the pods of {name} from number {from} on are replaced: its partition holds back the others"),
            );
        }
        Some(_) | None => {}
    }
    let ready = number(before, "/status/readyReplicas").unwrap_or(0);
    let in_order = sight.call.is_about("statefulsets", "apps") && text(after, "/spec/podManagementPolicy") != "Parallel";
    if in_order && ready < replicas {
        findings.warn(
            "stuck-behind",
            format!("{} of the {replicas} pods of {name} are not ready: the update waits for each, and for one that cannot become ready until somebody deletes it", replicas - ready),
        );
    }
}

fn deployment(sight: &Sight<'_>, before: &Value, after: &Value, name: &str, findings: &mut Findings) {
    let stuck = list(before, "/status/conditions").iter().find(|c| c["type"] == "Progressing" && c["reason"] == "ProgressDeadlineExceeded");
    if stuck.is_some() {
        findings.warn("stuck-already", format!("the rollout of {name} has made no progress for longer than its deadline already"));
    }
    let Some(Rolling { fewer: 0, .. }) = of(sight) else { return };
    for claim in claims(sight.call, after) {
        let Lookup::Known(object) = sight.facts.look(&claim) else { continue };
        let modes: Vec<&str> = list(&object, "/spec/accessModes").iter().filter_map(Value::as_str).collect();
        let claim = said(&claim);
        if modes == ["ReadWriteOncePod"] {
            findings.warn(
                "cannot-progress",
                format!("{name} cannot roll: only one pod may hold {claim}, and the old one is not ended before the new one is ready (strategy Recreate would)"),
            );
        } else if modes == ["ReadWriteOnce"] {
            findings.warn(
                "may-not-progress",
                format!("a new pod of {name} that lands on another node waits for {claim}, which the old one keeps until the new one is ready (strategy Recreate would end it first)"),
            );
        }
    }
    let spec = &after["spec"]["template"]["spec"];
    let host_port =
        super::list(spec, "/containers").iter().flat_map(|c| list(c, "/ports")).any(|port| number(port, "/hostPort").unwrap_or(0) > 0);
    let apart = list(spec, "/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution")
        .iter()
        .any(|term| text(term, "/topologyKey") == "kubernetes.io/hostname");
    if host_port || apart {
        let why = if host_port { "a port of its node (hostPort)" } else { "a node without another of them (required anti-affinity)" };
        findings.warn(
            "may-not-progress",
            format!(
                "each pod of {name} needs {why}, and no old one ends before a new one is ready: it takes one node more than it has pods"
            ),
        );
    }
}
