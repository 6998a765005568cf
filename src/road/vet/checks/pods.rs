//! Whether the pods that a workload would make are admitted: a workload passes where a quota, Pod Security or a missing service account
//! would refuse every one of its pods. One of them is rehearsed.

use super::{Findings, list, template_of, text};
use crate::{
    facts::{DryRun, Facts, Rejection, RejectionSort},
    ops::{Action, Call, Kind, Lookup, PatchKind},
};
use serde_json::{Map, Value, json};

/// Whether the call asks for more pods of a template that only the cluster has.
fn scales(call: &Call) -> Option<u64> {
    let Action::Patch(PatchKind::Merge, body) = &call.action else { return None };
    body.pointer("/spec/replicas").and_then(Value::as_u64).filter(|n| call.subresource() == "scale" && *n > 0)
}

pub(super) fn looks(call: &Call) -> Vec<Call> {
    let makes_pods =
        call.kind().is_some_and(Kind::rolls_out) || call.is_about("replicasets", "apps") || call.is_about("replicationcontrollers", "");
    match call.target().filter(|_| makes_pods && scales(call).is_some()) {
        Some(target) => vec![Call::get(&target)],
        None => Vec::new(),
    }
}

/// The creation of one pod as the workload would make it; `None` where none would be made, or it is not known how.
pub(in crate::road) fn probe(call: &Call, read: &Facts) -> Option<Call> {
    let workload = match &call.action {
        Action::Create(body) | Action::Replace(body) | Action::Patch(PatchKind::Apply { .. }, body) => body.clone(),
        Action::Patch(..) => match looks(call).first().map(|look| read.look(look)) {
            Some(Lookup::Known(object)) if object.pointer("/spec/replicas").and_then(Value::as_u64) < scales(call) => object,
            Some(Lookup::Known(_) | Lookup::Missing | Lookup::NotChecked(_)) | None => return None,
        },
        Action::Get
        | Action::List
        | Action::Delete { .. }
        | Action::Evict { .. }
        | Action::Talk
        | Action::Program(_)
        | Action::Carried(_) => return None,
    };
    if workload.pointer("/spec/replicas") == Some(&json!(0)) {
        return None;
    }
    let template = workload.pointer(call.kind().and_then(template_of)?)?;
    let mut spec = template.get("spec")?.clone();
    // A StatefulSet's claims become volumes of its pods.
    let claims = list(&workload, "/spec/volumeClaimTemplates").iter().map(|claim| text(claim, "/metadata/name"));
    let volumes: Vec<Value> = claims.map(|name| json!({"name": name, "persistentVolumeClaim": {"claimName": name}})).collect();
    if !volumes.is_empty() {
        let all = spec.as_object_mut()?.entry("volumes").or_insert_with(|| json!([]));
        all.as_array_mut()?.extend(volumes);
    }
    let mut metadata = Map::new();
    for field in ["labels", "annotations"] {
        if let Some(value) = template.pointer(&format!("/metadata/{field}")) {
            metadata.insert(field.into(), value.clone());
        }
    }
    let name = call.target().map_or_else(|| "pod".to_string(), |target| target.name().to_string());
    metadata.insert("generateName".into(), json!(format!("{name}-")));
    let pods = Kind::built_in("pods");
    Some(Call::create(pods, call.namespace(), json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})))
}

/// What the rehearsal of such a pod says.
pub(in crate::road) fn refusals(dry: &DryRun, findings: &mut Findings) {
    let Err(Rejection { sort, message, causes }) = &dry.after else { return };
    let why = if causes.is_empty() { message.clone() } else { causes.join("; ") };
    match sort {
        RejectionSort::Forbidden if message.contains("cannot create resource") => {
            findings.unchecked.push("whether its pods would be admitted: you may not create pods yourself".into());
        }
        RejectionSort::Forbidden | RejectionSort::Invalid => {
            findings.warn("pods-refused", format!("its pods would be refused: {}", tidy(&why)))
        }
        // What it needs is made by an earlier step, or it is told of the workload itself.
        RejectionSort::NotFound => {}
        RejectionSort::AlreadyExists
        | RejectionSort::Conflict
        | RejectionSort::Unauthorized
        | RejectionSort::TooManyRequests
        | RejectionSort::Gone
        | RejectionSort::NotAllowed
        | RejectionSort::ServerTrouble
        | RejectionSort::Unreachable
        | RejectionSort::TimedOut
        | RejectionSort::AnswerLost => findings.unchecked.push(format!("whether its pods would be admitted: {why}")),
    }
}

/// Without the made-up name of the pod that was rehearsed.
fn tidy(message: &str) -> String {
    match message.split_once(" is forbidden: ") {
        Some((pod, why)) if pod.starts_with("pods ") => why.to_string(),
        Some(_) | None => message.to_string(),
    }
}
