//! What would mend a cause where the cluster itself says how. No value is made up: one that is not known is taken from what stands there, or has a
//! rule behind it that the evidence names.

use super::fix;
use crate::{
    facts::snapshot::{
        Ref, Snapshot,
        network::Service,
        pod::{Pod, Variable},
    },
    ops::Op,
    terms::quantity::Quantity,
};
use std::collections::BTreeSet;

/// The pod's workload, where its template can be changed.
fn template(s: &Snapshot, pod: &Pod) -> Option<Ref> {
    let top = s.top("Pod", &pod.meta);
    ["Deployment", "StatefulSet", "DaemonSet"].contains(&&*top.kind).then_some(top)
}

/// The way back to the revision before, where that one still serves: what the newest one wants is what does not work.
pub(super) fn rollback(s: &Snapshot, pod: &Pod) -> Option<Op> {
    let top = s.top("Pod", &pod.meta);
    let serves = s.sets_of(&top).any(|set| set.status.ready > 0 && !pod.meta.owners.iter().any(|o| o.name == set.meta.name));
    if &*top.kind == "Deployment" && serves { fix::on(&["rollout", "undo"], &top, &[]) } else { None }
}

/// So soon after a rollout a pod of it belongs to the rollout.
const ROLLOUT: i64 = 600;
/// A container that fails is started at least so often: the kubelet waits five minutes at most (`MaxContainerBackOff`), and it has to fail again.
const OFTEN: i64 = 600;

/// The way back to the revision before, where nothing of it is left to serve but the newest one has failed since it was rolled out: without a
/// readiness probe a container counts as ready as soon as it runs, and the old pods give way to one that crashes. The line says what it was seen by.
pub(super) fn rollback_of_a_crash(s: &Snapshot, pod: &Pod) -> Option<(Op, String)> {
    let top = s.top("Pod", &pod.meta);
    let own = s.sets_of(&top).find(|set| pod.meta.owners.iter().any(|o| o.name == set.meta.name))?;
    let before = s
        .sets_of(&top)
        .filter(|set| set.meta.name != own.meta.name && set.meta.created.0 < own.meta.created.0)
        .max_by_key(|set| set.meta.created.0)?;
    let seconds = |from: Option<jiff::Timestamp>, to: jiff::Timestamp| from.map(|from| to.as_second().saturating_sub(from.as_second()));
    let newest = s.sets_of(&top).all(|set| set.meta.created.0 <= own.meta.created.0);
    let with_the_rollout = seconds(own.meta.created.0, pod.meta.created.0?)? <= ROLLOUT;
    let age = seconds(pod.meta.created.0, s.clock.now)?;
    let ever_since = pod.status.containers.iter().any(|c| c.restarts > 0 && age <= c.restarts.saturating_mul(OFTEN));
    // What was tried before and crashed too is no way out.
    let stem = format!("{}-", before.meta.name);
    let crashed = s
        .events_with(&["BackOff", "Failed", "Unhealthy"])
        .any(|e| e.about.namespace == before.meta.namespace && e.about.name.starts_with(&stem));
    if &*top.kind != "Deployment" || !(newest && with_the_rollout && ever_since) || crashed {
        return None;
    }
    let op = fix::on(&["rollout", "undo"], &top, &[])?;
    let line = format!(
        "{}: it crashes since this revision was rolled out; {} is the one before",
        top.told(),
        Ref::of("ReplicaSet", &before.meta).told()
    );
    Some((op, line))
}

/// A variable that a program misses, from the one Secret or ConfigMap beside it that has a key of that name; of several, from the one that another
/// workload of the namespace takes it from.
pub(super) fn variable(s: &Snapshot, pod: &Pod, container: &str, name: &str) -> Option<Op> {
    let namespace = &*pod.meta.namespace;
    let top = template(s, pod)?;
    let secrets = s.secrets.iter().filter(|x| &*x.meta.namespace == namespace && x.data.keys.has(name)).map(|x| ("secret", &*x.meta.name));
    let maps = s.config_maps.iter().filter(|x| &*x.meta.namespace == namespace && x.data.has(name)).map(|x| ("configmap", &*x.meta.name));
    let mut all: Vec<(&str, &str)> = secrets.chain(maps).collect();
    if all.len() > 1 {
        let others = s.workloads.iter().filter(|w| &*w.meta.namespace == namespace);
        let variables = others.flat_map(|w| w.spec.template.spec.all()).flat_map(|c| &c.env).filter(|v| &*v.name == name);
        let used: BTreeSet<(&str, &str)> = variables.filter_map(taken_from).collect();
        all.retain(|at| used.contains(at));
    }
    let [(kind, from)] = all.as_slice() else { return None };
    fix::on(&["set", "env"], &top, &[&format!("--containers={container}"), &format!("--from={kind}/{from}"), &format!("--keys={name}")])
}

fn taken_from(variable: &Variable) -> Option<(&'static str, &str)> {
    let secret = variable.from.secret.as_ref().map(|k| ("secret", &*k.name));
    secret.or_else(|| variable.from.config_map.as_ref().map(|k| ("configmap", &*k.name)))
}

/// Twice the memory that a container was killed at, and what to say of that figure: how much it needs, nobody has seen.
pub(super) fn memory(s: &Snapshot, pod: &Pod, container: &str, limit: &str) -> Option<(Op, String)> {
    let now: Quantity = limit.parse().ok()?;
    let twice = now.plus(now);
    let op =
        fix::on(&["set", "resources"], &template(s, pod)?, &[&format!("--containers={container}"), &format!("--limits=memory={twice}")])?;
    Some((op, format!("the fix is twice the limit, {twice}: it was killed at {limit}, and how much it needs was never seen")))
}

/// A Service's port led to the one port that its pods declare.
pub(super) fn target_port(service: &Service, index: usize, declared: &[(&str, i64)]) -> Option<Op> {
    let numbers: BTreeSet<i64> = declared.iter().map(|(_, number)| *number).collect();
    let [port] = numbers.into_iter().collect::<Vec<_>>()[..] else { return None };
    let patch = serde_json::json!([{"op": "replace", "path": format!("/spec/ports/{index}/targetPort"), "value": port}]);
    fix::on(&["patch"], &Ref::of("Service", &service.meta), &["--type=json", "-p", &patch.to_string()])
}
