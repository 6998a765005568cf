//! What containers ask for and may use at most: what the scheduler and the node's memory killer go by.

use super::{capacity, fixes, table::checks, unit::Unit};
use crate::experts::diagnose::Finding;
use crate::facts::snapshot::{Snapshot, meta::Map, pod::Container};
use crate::terms::quantity::Quantity;

checks! {
    CPU_REQUEST = "cpu-request-missing" Warning 90 "Without a CPU request the scheduler takes a container for one that needs nothing, and others crowd it out." reads ["resources.requests.cpu"] like "Deployment web asks for no CPU: container app" same_as ["polaris/cpuRequestsMissing", "kube-linter/unset-cpu-requirements"];
    CPU_LIMIT = "cpu-limit-missing" Info 70 "Without a CPU limit a container may take all that its node has left; with one it may be throttled while the node idles." reads ["resources.limits.cpu"] like "Deployment web has no CPU limit: container app" same_as ["polaris/cpuLimitsMissing"];
    MEMORY_REQUEST = "memory-request-missing" Warning 92 "Without a memory request a container is among the first to be evicted, and nodes are filled beyond their memory." reads ["resources.requests.memory"] like "Deployment web asks for no memory: container app" same_as ["polaris/memoryRequestsMissing", "kube-linter/unset-memory-requirements"];
    MEMORY_LIMIT = "memory-limit-missing" Warning 90 "Without a memory limit a leak takes its whole node down with it." reads ["resources.limits.memory"] like "Deployment web has no memory limit: container app" same_as ["polaris/memoryLimitsMissing", "kube-linter/unset-memory-requirements"];
    ABOVE = "request-above-limit" Error 96 "A request above its limit is refused by the API server." reads ["resources.requests", "resources.limits"] like "Deployment web asks for more than it may use: container app" same_as [];
}

fn unset(map: &Map, key: &str) -> bool {
    map.get(key).is_none_or(|v| v.is_empty() || v.parse::<Quantity>().is_ok_and(|q| q.is_zero()))
}

fn above(requests: &Map, limits: &Map) -> Option<String> {
    let number = |map: &Map, key: &str| map.get(key).and_then(|v| v.parse::<Quantity>().ok()).map(|q| q.nanos());
    let wrong = requests.keys().find(|key| number(requests, key).zip(number(limits, key)).is_some_and(|(asked, most)| asked > most))?;
    Some(format!("requests.{wrong} is {}, limits.{wrong} is {}", requests.get(wrong)?, limits.get(wrong)?))
}

/// The containers that stay.
pub(super) fn containers_of<'u>(u: &'u Unit<'_>) -> impl Iterator<Item = &'u Container> {
    u.spec.containers.iter()
}

pub(super) fn find(s: &Snapshot, units: &[Unit<'_>], out: &mut Vec<Finding>) {
    let usage = capacity::usage(s);
    for u in units {
        let main = || containers_of(u);
        let of = |what: &'static str| move || format!("{what} is not set");
        for (rule, key, what) in [(&CPU_REQUEST, "cpu", "asks for no CPU"), (&MEMORY_REQUEST, "memory", "asks for no memory")] {
            let open = |c: &Container| unset(&c.resources.requests, key);
            let missing = u.each(rule, what, main(), |c| {
                open(c).then(|| match usage.get(&(u.at.clone(), c.name.clone())) {
                    Some(used) => {
                        let nanos = if key == "cpu" { used.cpu } else { used.memory };
                        format!(
                            "resources.requests.{key} is not set; {} is used ({})",
                            capacity::written(key, nanos),
                            capacity::origin(used)
                        )
                    }
                    None => format!("resources.requests.{key} is not set"),
                })
            });
            out.extend(missing.map(|f| f.fix(fixes::request(u, &usage, key, open))));
        }
        out.extend(u.each(&CPU_LIMIT, "has no CPU limit", main(), |c| unset(&c.resources.limits, "cpu").then(of("resources.limits.cpu"))));
        out.extend(u.each(&MEMORY_LIMIT, "has no memory limit", main(), |c| {
            unset(&c.resources.limits, "memory").then(of("resources.limits.memory"))
        }));
        out.extend(u.each(&ABOVE, "asks for more than it may use", u.spec.all(), |c| above(&c.resources.requests, &c.resources.limits)));
    }
}
