//! Whether what is asked for fits what is used, by the metrics of one moment: a hint where to look, not a figure to set limits by.

use super::{resources::containers_of, table::checks, unit::Unit};
use crate::experts::diagnose::Finding;
use crate::facts::snapshot::{Ref, Snapshot, meta::Map, pod::Container};
use crate::terms::quantity::Quantity;
use std::collections::BTreeMap;

checks! {
    OVER = "over-provisioned" Info 65 "A container asks for far more than its pods use now: room that nothing else gets." reads ["resources.requests", "PodMetrics.containers.usage"] like "Deployment web asks for far more than it uses: container app" same_as [];
    UNDER = "uses-above-request" Info 75 "A container uses far more than it asks for: the scheduler does not know, and under pressure it goes first." reads ["resources.requests", "PodMetrics.containers.usage"] like "Deployment web uses far more than it asks for: container app" same_as [];
    FULL = "memory-near-limit" Warning 85 "A container uses nearly all of the memory that it may: a little more, and it is killed." reads ["resources.limits.memory", "PodMetrics.containers.usage"] like "Deployment web is close to its memory limit: container app" same_as [];
}

/// So many times what is used has to be asked for until it is said: one moment shows no peaks.
const FAR: i128 = 4;
/// Less than this is not worth a word: 100m of CPU, 128Mi of memory.
const LEAST: &[(&str, i128)] = &[("cpu", 100_000_000), ("memory", 128 * 1024 * 1024 * 1_000_000_000)];
/// In percent of the limit.
const NEAR: i128 = 90;

/// What one container uses, at most, over its pods, and in how many of them it was measured.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Used {
    pub(super) cpu: i128,
    pub(super) memory: i128,
    pub(super) pods: usize,
}

/// By whom it is used: what makes the pods, and the container.
pub(super) type Usage = BTreeMap<(Ref, Box<str>), Used>;

/// What the metrics say of everything that makes pods.
pub(super) fn usage(s: &Snapshot) -> Usage {
    let mut all = Usage::new();
    for measured in &s.usages {
        // Metrics name the pod they are of; one that is gone since belongs to nobody.
        let Some(pod) = s.pod(&measured.meta.namespace, measured.meta.name()) else { continue };
        let owner = s.top("Pod", &pod.meta);
        for c in &measured.containers {
            let nanos = |key: &str| c.usage.get(key).and_then(|v| v.parse::<Quantity>().ok()).map_or(0, |q| q.nanos());
            let used = all.entry((owner.clone(), c.name.clone())).or_default();
            used.cpu = used.cpu.max(nanos("cpu"));
            used.memory = used.memory.max(nanos("memory"));
            used.pods += 1;
        }
    }
    all
}

fn asked(map: &Map, key: &str) -> Option<i128> {
    map.get(key).and_then(|v| v.parse::<Quantity>().ok()).map(|q| q.nanos()).filter(|n| *n > 0)
}

/// CPU in thousandths, memory in Mi, rounded up: as people write them.
pub(super) fn written(key: &str, nanos: i128) -> String {
    let up = |unit: i128| nanos.max(0).saturating_add(unit - 1) / unit;
    if key == "cpu" { format!("{}m", up(1_000_000).max(1)) } else { format!("{}Mi", up(1024 * 1024 * 1_000_000_000).max(1)) }
}

/// Where a figure comes from.
pub(super) fn origin(used: &Used) -> String {
    let pods = if used.pods == 1 { "1 pod".to_string() } else { format!("the most of {} pods", used.pods) };
    format!("metrics.k8s.io, {pods}, now")
}

pub(super) fn find(s: &Snapshot, units: &[Unit<'_>], out: &mut Vec<Finding>) {
    let all = usage(s);
    if all.is_empty() {
        return;
    }
    for u in units {
        let used = |c: &Container| all.get(&(u.at.clone(), c.name.clone())).copied();
        let compare = |c: &Container, is: &dyn Fn(i128, i128, i128) -> bool| {
            let used = used(c)?;
            let each = LEAST.iter().filter_map(|(key, least)| {
                let has = if *key == "cpu" { used.cpu } else { used.memory };
                let wanted = asked(&c.resources.requests, key).filter(|wanted| is(*wanted, has, *least))?;
                Some(format!("requests.{key} is {}, {} is used", written(key, wanted), written(key, has)))
            });
            let said: Vec<String> = each.collect();
            (!said.is_empty()).then(|| format!("{} ({})", said.join("; "), origin(&used)))
        };
        let over = |wanted: i128, has: i128, least: i128| wanted > has.saturating_mul(FAR) && wanted - has >= least;
        let under = |wanted: i128, has: i128, least: i128| has > wanted.saturating_mul(2) && has - wanted >= least;
        out.extend(u.each(&OVER, "asks for far more than it uses", containers_of(u), |c| compare(c, &over)));
        out.extend(u.each(&UNDER, "uses far more than it asks for", containers_of(u), |c| compare(c, &under)));
        out.extend(u.each(&FULL, "is close to its memory limit", containers_of(u), |c| {
            let (used, most) = (used(c)?, asked(&c.resources.limits, "memory")?);
            (used.memory.saturating_mul(100) >= most.saturating_mul(NEAR)).then(|| {
                format!("limits.memory is {}, {} is used ({})", written("memory", most), written("memory", used.memory), origin(&used))
            })
        }));
    }
}
