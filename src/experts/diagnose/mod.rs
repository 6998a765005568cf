//! Why it is broken: rules over a snapshot, and one finding for each cause.
//!
//! Owns: the rules, one file a family, each an entry in a table; folding symptoms under causes; the order of findings; whether all is well. Does not
//! own: what a sentence of Kubernetes means (`experts/signals`), reading the cluster (`doors`), how a finding is shown (`faces/say`).
//! Invariants: pure, no clock but the snapshot's; no snapshot makes a rule panic; the order of objects never changes the answer; where something was not
//! read nothing is called healthy; no value of a Secret or of a variable is ever quoted.

mod admission;
pub(super) mod certificates;
mod control_plane;
mod crashes;
mod custom;
mod events;
mod finding;
pub(super) mod fix;
mod gitops;
mod graph;
mod images;
mod ingress;
mod jobs;
mod lives;
mod network;
mod nodes;
mod probes;
mod references;
mod remedies;
mod scaling;
mod scheduling;
mod services;
mod storage;
#[cfg(test)]
mod tests;
mod told;
mod volumes;
mod wants;
mod workloads;

pub use finding::{Finding, Layer, Rule, Severity};
pub(super) use graph::around;
pub(super) use services::{named_by, spoken_of};
pub(super) use told::ended;
pub use wants::{Want, wants};

use crate::experts::timeline;
use crate::facts::snapshot::{Ref, Snapshot};
use std::collections::BTreeMap;

/// A family: its rules, and the function that asks them.
struct Family {
    rules: &'static [&'static Rule],
    find: fn(&Snapshot, &mut Vec<Finding>),
    /// Whether what it finds lies in what a pod's template wants, so that an older revision that serves is a way back.
    of_the_template: bool,
}

/// Every family, in no order that matters.
const FAMILIES: &[Family] = &[
    Family { rules: control_plane::RULES, find: control_plane::find, of_the_template: false },
    Family { rules: nodes::RULES, find: nodes::find, of_the_template: false },
    Family { rules: admission::RULES, find: admission::find, of_the_template: false },
    Family { rules: references::RULES, find: references::find, of_the_template: true },
    Family { rules: images::RULES, find: images::find, of_the_template: true },
    Family { rules: crashes::RULES, find: crashes::find, of_the_template: true },
    Family { rules: probes::RULES, find: probes::find, of_the_template: true },
    Family { rules: scheduling::RULES, find: scheduling::find, of_the_template: false },
    Family { rules: volumes::RULES, find: volumes::find, of_the_template: false },
    Family { rules: storage::RULES, find: storage::find, of_the_template: false },
    Family { rules: network::RULES, find: network::find, of_the_template: false },
    Family { rules: lives::RULES, find: lives::find, of_the_template: false },
    Family { rules: workloads::RULES, find: workloads::find, of_the_template: false },
    Family { rules: jobs::RULES, find: jobs::find, of_the_template: false },
    Family { rules: scaling::RULES, find: scaling::find, of_the_template: false },
    Family { rules: services::RULES, find: services::find, of_the_template: false },
    Family { rules: ingress::RULES, find: ingress::find, of_the_template: false },
    Family { rules: certificates::RULES, find: certificates::find, of_the_template: false },
    Family { rules: gitops::RULES, find: gitops::find, of_the_template: false },
    Family { rules: custom::RULES, find: custom::find, of_the_template: false },
];

/// Every rule, by id.
pub fn rules() -> BTreeMap<&'static str, &'static Rule> {
    FAMILIES.iter().flat_map(|f| f.rules).chain(events::RULES).map(|rule| (rule.id, *rule)).collect()
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnosis {
    /// True, false, or unknown: nothing found, and something could not be looked at.
    pub healthy: Option<bool>,
    /// One for each cause, the weightiest first.
    pub findings: Vec<Finding>,
    /// What could not be looked at, and why.
    pub not_checked: Vec<String>,
    /// How many objects were looked at.
    pub objects: usize,
}

/// Looks at everything, or at what surrounds one object.
pub fn diagnose(s: &Snapshot, target: Option<&Ref>) -> Diagnosis {
    let mut found = Vec::new();
    for family in FAMILIES {
        let from = found.len();
        (family.find)(s, &mut found);
        if family.of_the_template {
            for finding in found[from..].iter_mut().filter(|f| f.fix.is_empty() && &*f.subject.kind == "Pod") {
                let Some(pod) = s.pod(&finding.subject.namespace, &finding.subject.name) else { continue };
                finding.fix.extend(remedies::rollback(s, pod));
                if finding.fix.is_empty()
                    && crashes::lies_in_the_program(finding.rule)
                    && let Some((op, seen)) = remedies::rollback_of_a_crash(s, pod)
                {
                    finding.fix.push(op);
                    finding.evidence.push(seen);
                }
            }
        }
    }
    // Events that no rule understands speak for objects that nothing else was said of.
    events::find(s, &mut found);
    let mut findings = graph::roots(found, s);
    if let Some(target) = target {
        if &*target.kind == "Namespace" {
            // All that lives there, and what all namespaces share.
            let here = |r: &Ref| r.namespace == target.name || r.namespace.is_empty();
            findings.retain(|f| here(&f.subject) || f.explains.iter().any(|r| r.namespace == target.name));
        } else {
            let around = graph::around(target, s);
            findings.retain(|f| around.contains(&f.subject) || f.explains.iter().any(|r| around.contains(r)));
        }
        // What is said of the object itself goes before what is only near it.
        findings.sort_by_key(|f| !(f.subject == *target || f.explains.contains(target)));
    }
    for f in findings.iter_mut().filter(|f| f.severity > Severity::Info) {
        f.since = f.since.or_else(|| timeline::began(s, f));
        f.changed = timeline::before(s, f);
    }
    let mut not_checked: Vec<String> = s.not_read.iter().map(|n| format!("{}: {}", n.what, n.why)).collect();
    not_checked.extend(never_sent(s));
    if target.is_some_and(|t| &*t.kind != "Namespace" && !s.has(t)) {
        not_checked.extend(target.map(|t| format!("{}: there is no such object in what was read", t.told())));
    }
    let wrong = findings.iter().any(|f| f.severity > Severity::Info);
    let healthy = if wrong {
        Some(false)
    } else if not_checked.is_empty() && s.objects() > 0 {
        Some(true)
    } else {
        None
    };
    Diagnosis { healthy, findings, not_checked, objects: s.objects() }
}

/// Manifests have no state that could be judged: nobody may take them for healthy.
fn never_sent(s: &Snapshot) -> Option<String> {
    let pods = s.pods.iter().filter(|p| p.status == Default::default()).count();
    let workloads = s.workloads.iter().filter(|w| w.status == Default::default()).count();
    let count = pods + workloads;
    (count > 0 && !s.live).then(|| format!("{count} pods and workloads: they have no status, as manifests that were not applied yet"))
}
