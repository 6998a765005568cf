//! Whether the namespace's quotas have room for the pods that come.
//! Source: <https://kubernetes.io/docs/concepts/policy/resource-quotas/>.

use super::{Findings, Sight, number, progress, said, template_of, text, touches};
use crate::{
    facts::Facts,
    ops::{Call, Kind},
    terms::quantity::Quantity,
};
use serde_json::Value;

fn quotas(call: &Call) -> Call {
    Call::list(Kind::built_in("resourcequotas"), call.namespace())
}

/// Whether pods may come by it.
fn makes_pods(call: &Call) -> bool {
    let counted = !call.is_about("daemonsets", "apps") && !call.is_about("cronjobs", "batch");
    let fields = ["/spec/replicas", "/spec/template", "/spec/parallelism"];
    counted && call.kind().and_then(template_of).is_some() && fields.iter().any(|field| touches(call, field))
}

pub(super) fn looks(call: &Call, _: &Facts) -> Vec<Call> {
    if makes_pods(call) { vec![quotas(call)] } else { Vec::new() }
}

/// How many pods an object asks for.
fn wants(object: Option<&Value>) -> i64 {
    let Some(object) = object else { return 0 };
    let count = number(object, "/spec/replicas").or_else(|| number(object, "/spec/parallelism"));
    count.unwrap_or(i64::from(object.pointer("/spec/template").is_some()))
}

pub(super) fn says(sight: &Sight<'_>, findings: &mut Findings) {
    let Some(after) = sight.after.filter(|_| makes_pods(sight.call)) else { return };
    let more = wants(Some(after)) - wants(sight.before);
    let coming = match progress::of(sight) {
        Some(rolling) if more <= 0 => rolling.surge,
        Some(_) | None => more,
    };
    if coming <= 0 {
        return;
    }
    let Some(all) = findings.known(sight.facts.look(&quotas(sight.call)), "whether the quotas have room for its pods") else { return };
    let spec = &after["spec"]["template"]["spec"];
    for quota in super::list(&all, "/items") {
        let Some(hard) = quota.pointer("/status/hard").and_then(Value::as_object) else { continue };
        let name = text(quota, "/metadata/name");
        let used = |key: &str| quantity(&quota["status"]["used"][key]).unwrap_or(Quantity::ZERO);
        let tight = hard.iter().filter_map(|(key, limit)| {
            let (limit, each) = (quantity(limit)?, of_one(spec, key)?);
            let room = (limit.minus(used(key)).nanos().max(0)) / each.nanos();
            (room < i128::from(coming)).then_some((room, key, limit))
        });
        let Some((room, key, limit)) = tight.min_by_key(|(room, ..)| *room) else { continue };
        let scoped = quota.pointer("/spec/scopes").is_some() || quota.pointer("/spec/scopeSelector").is_some();
        let sentence = format!(
            "resourcequota/{name} has room for {room} of the {coming} pods that come with {}: {key} {} of {limit} used",
            said(sight.call),
            used(key)
        );
        match scoped {
            true => findings.unchecked.push(format!("whether they are pods of its scope: {sentence}")),
            false => findings.warn("quota", sentence),
        }
    }
}

fn quantity(value: &Value) -> Option<Quantity> {
    value.as_str()?.parse().ok()
}

/// What one pod takes of what a quota counts; `None` where it takes nothing, or that is not told here.
fn of_one(spec: &Value, key: &str) -> Option<Quantity> {
    let sum = |which: &str, resource: &str| {
        let containers = spec["containers"].as_array().into_iter().flatten();
        containers.filter_map(|c| quantity(&c["resources"][which][resource])).reduce(Quantity::plus).filter(|sum| !sum.is_zero())
    };
    match key {
        "pods" | "count/pods" => Some(Quantity::whole(1)),
        "cpu" | "memory" | "ephemeral-storage" => sum("requests", key),
        key => match key.split_once('.')? {
            (which @ ("requests" | "limits"), resource) => sum(which, resource),
            (_, _) => None,
        },
    }
}
