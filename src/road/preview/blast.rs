//! How far a change reaches: pods that come, go or are replaced, and what they request.

use super::{
    Gone, Send,
    order::{self, Course},
};
use crate::{
    ops::{Action, Cascade, Impact, Kind, Op},
    terms::quantity::Quantity,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The reach of one call, in pods and in requests.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blast {
    /// Pods more (or, below zero, fewer) afterwards.
    pub pods: i64,
    /// Pods that are ended and made anew on the way.
    pub replaced: u64,
    /// What one pod requests: `cpu 250m, memory 256Mi`; empty where it requests nothing.
    pub each: String,
    /// What all that come or go request together.
    pub total: String,
    /// In which order pods come and go: `one at a time, the highest number first`; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub order: String,
    /// How long it may take: `each has 30 s to end`; empty where that is not known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub time: String,
    /// What ends with the object.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<Gone>,
    /// Kubernetes' own consequence that no number says: `everything in the namespace ends with it`.
    pub beyond: Option<String>,
}

impl Blast {
    /// What one call means for pods, from the object before and after it.
    pub(super) fn of(op: &Op, send: &Send) -> Blast {
        let (call, before, after) = (&send.call, send.before.as_ref(), send.after.as_ref());
        let Some(kind) = call.kind() else { return Blast::default() };
        let count = |object: Option<&Value>| object.and_then(|o| pods_of(kind, o)).unwrap_or(0);
        let orphans = matches!(call.action, Action::Delete { cascade: Cascade::Orphan, .. });
        let had = count(before);
        let has = if orphans && !kind.is("pods", "") { had } else { count(after) };
        let pods = i64::try_from(has).unwrap_or(i64::MAX) - i64::try_from(had).unwrap_or(i64::MAX);
        let template = |object: Option<&Value>| object.and_then(|o| o.pointer("/spec/template")).cloned();
        let replaced = match (template(before), template(after)) {
            (Some(old), Some(new)) if old != new && kind.rolls_out() => after.map_or(0, |after| order::reached(kind, after, had.min(has))),
            (_, _) => 0,
        };
        let course = match (before, after) {
            (Some(before), Some(after)) if replaced > 0 => order::of_a_rollout(kind, before, after),
            (Some(before), _) if pods < 0 => order::of_an_end(call, before, has > 0),
            (_, _) => Course::default(),
        };
        let (cpu, memory) = requests(after.or(before));
        let together = i64::from(u32::try_from(pods.unsigned_abs()).unwrap_or(u32::MAX));
        let beyond = match &call.action {
            Action::Delete { .. } if orphans && !kind.is("pods", "") => Some("what it owns stays, and nothing looks after it".to_string()),
            Action::Delete { .. } if kind.is("namespaces", "") => {
                Some("everything in the namespace ends with it, custom resources as well".to_string())
            }
            Action::Delete { .. } if kind.is("persistentvolumeclaims", "") => Some("the volume behind it may be wiped".to_string()),
            Action::Delete { .. } if kind.is("nodes", "") => Some("its pods are made anew elsewhere, if they fit".to_string()),
            Action::Delete { .. } | Action::Evict { .. } if kind.is("pods", "") => match before.and_then(controller) {
                Some(owner) => Some(format!("{owner} makes a new one")),
                None => Some("nothing makes a new one: it has no controller".to_string()),
            },
            Action::Delete { .. }
            | Action::Evict { .. }
            | Action::Create(_)
            | Action::Patch(..)
            | Action::Replace(_)
            | Action::Get
            | Action::List
            | Action::Talk
            | Action::Program(_)
            | Action::Carried(_) => {
                (op.verb().impact() == Impact::Disrupts && pods == 0 && replaced == 0).then(|| "pods may end because of it".to_string())
            }
        };
        let beyond = if send.idle() { Some("it is so already".to_string()) } else { beyond };
        let beyond = match (&call.action, before.and_then(held_up)) {
            (Action::Delete { .. }, Some(held)) => Some(beyond.map_or_else(|| held.clone(), |beyond| format!("{beyond}; {held}"))),
            (_, _) => beyond,
        };
        Blast {
            pods,
            replaced,
            each: said(cpu, memory),
            total: said(cpu.times(together), memory.times(together)),
            order: course.order,
            time: course.time,
            gone: send.gone.clone(),
            beyond,
        }
    }
}

/// Which finalizers have to be taken off before the object is gone. Those for which the garbage collector itself stands are left out.
fn held_up(object: &Value) -> Option<String> {
    let finalizers = object.pointer("/metadata/finalizers")?.as_array()?;
    let others = finalizers.iter().filter_map(Value::as_str).filter(|f| !["foregroundDeletion", "orphan"].contains(f));
    let others: Vec<&str> = others.collect();
    let s = if others.len() == 1 { "" } else { "s" };
    (!others.is_empty())
        .then(|| format!("it stays until its finalizer{s} let{} it go: {}", if s.is_empty() { "s" } else { "" }, others.join(", ")))
}

fn controller(object: &Value) -> Option<String> {
    let owners = object.pointer("/metadata/ownerReferences")?.as_array()?;
    let owner = owners.iter().find(|o| o["controller"] == true)?;
    Some(format!("{}/{}", owner["kind"].as_str()?.to_ascii_lowercase(), owner["name"].as_str()?))
}

fn pods_of(kind: Kind, object: &Value) -> Option<u64> {
    if kind.is("pods", "") {
        return Some(1);
    }
    if kind.is("daemonsets", "apps") {
        return object.pointer("/status/desiredNumberScheduled").and_then(Value::as_u64);
    }
    if kind.is("jobs", "batch") {
        return object.pointer("/status/active").and_then(Value::as_u64);
    }
    object.pointer("/spec/template")?;
    Some(object.pointer("/spec/replicas").and_then(Value::as_u64).unwrap_or(1))
}

/// What one pod requests in all: its containers' sum (init containers run before them and are left out).
fn requests(object: Option<&Value>) -> (Quantity, Quantity) {
    let spec = object.and_then(|o| o.pointer("/spec/template/spec").or_else(|| o.pointer("/spec")));
    let containers = spec.and_then(|s| s.get("containers")).and_then(Value::as_array);
    let sum = |resource: &str| {
        containers.into_iter().flatten().fold(Quantity::ZERO, |sum, c| {
            let one =
                c.pointer(&format!("/resources/requests/{resource}")).and_then(Value::as_str).and_then(|q| q.parse::<Quantity>().ok());
            one.map_or(sum, |q| if sum.is_zero() { q } else { sum.plus(q) })
        })
    };
    (sum("cpu"), sum("memory"))
}

fn said(cpu: Quantity, memory: Quantity) -> String {
    let mut parts = Vec::new();
    if !cpu.is_zero() {
        parts.push(format!("cpu {cpu}"));
    }
    if !memory.is_zero() {
        parts.push(format!("memory {memory}"));
    }
    parts.join(", ")
}
