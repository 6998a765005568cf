//! What should be better before it breaks: checks of configuration, security, reliability and capacity.
//!
//! Owns: the checks, one file a family, each an entry in a table with the names that polaris and kube-linter give it. Does not own: what is wrong now
//! (`experts/diagnose`), how a finding is shown (`faces`).
//! Invariants: pure; no snapshot makes a check panic; an object that is owned by another that was read is not judged twice; of what may lie outside
//! a dump nothing worse than a note is said; no value of a Secret, a ConfigMap or a variable is ever quoted.

mod access;
mod budgets;
mod capacity;
mod certificates;
mod containers;
mod fixes;
mod identity;
mod images;
mod names;
mod network;
mod pods;
mod probes;
mod references;
mod replicas;
mod report;
mod resources;
mod rules;
mod secrets;
mod services;
mod storage;
mod table;
#[cfg(test)]
mod tests;
mod unit;
mod unused;

pub use fixes::fixes;
pub use report::{Area, Audit, Group, Purpose};
pub use rules::{Judge, Judged};

use super::diagnose::{Diagnosis, Finding, Rule, Severity};
use crate::facts::snapshot::{Ref, Snapshot};
use std::{cmp::Reverse, collections::BTreeMap};
use unit::Unit;

/// A family: what it is about, its checks, and the function that asks them.
struct Family {
    about: &'static str,
    purpose: Purpose,
    rules: &'static [&'static Rule],
    find: fn(&Snapshot, &[Unit<'_>], &mut Vec<Finding>),
}

/// Every family, in no order that matters.
const FAMILIES: &[Family] = &[
    Family { about: "what containers may do", purpose: Purpose::Security, rules: containers::RULES, find: containers::find },
    Family { about: "what pods share with their node", purpose: Purpose::Security, rules: pods::RULES, find: pods::find },
    Family { about: "service accounts", purpose: Purpose::Security, rules: identity::RULES, find: identity::find },
    Family { about: "images", purpose: Purpose::Reliability, rules: images::RULES, find: images::find },
    Family { about: "probes", purpose: Purpose::Reliability, rules: probes::RULES, find: probes::find },
    Family { about: "requests and limits", purpose: Purpose::Capacity, rules: resources::RULES, find: resources::find },
    Family { about: "replicas and their spread", purpose: Purpose::Reliability, rules: replicas::RULES, find: replicas::find },
    Family { about: "disruption budgets", purpose: Purpose::Reliability, rules: budgets::RULES, find: budgets::find },
    Family { about: "roles and bindings", purpose: Purpose::Security, rules: access::RULES, find: access::find },
    Family { about: "network policies", purpose: Purpose::Security, rules: network::RULES, find: network::find },
    Family { about: "Services and Ingresses", purpose: Purpose::Security, rules: services::RULES, find: services::find },
    Family { about: "references", purpose: Purpose::Reliability, rules: references::RULES, find: references::find },
    Family { about: "volumes", purpose: Purpose::Security, rules: storage::RULES, find: storage::find },
    Family { about: "secrets in plain sight", purpose: Purpose::Security, rules: secrets::RULES, find: secrets::find },
    Family { about: "certificates", purpose: Purpose::Security, rules: certificates::RULES, find: certificates::find },
    Family { about: "what is asked for against what is used", purpose: Purpose::Capacity, rules: capacity::RULES, find: capacity::find },
    Family { about: "what nothing refers to", purpose: Purpose::Unused, rules: unused::RULES, find: unused::find },
    Family { about: "names, labels and API versions", purpose: Purpose::Order, rules: names::RULES, find: names::find },
];

/// Every check, by id.
pub fn rules() -> BTreeMap<&'static str, &'static Rule> {
    FAMILIES.iter().flat_map(|f| f.rules).map(|rule| (rule.id, *rule)).collect()
}

/// The ids of all checks that serve one of these purposes.
pub fn serving(purposes: &[Purpose]) -> Vec<String> {
    let families = FAMILIES.iter().filter(|f| purposes.contains(&f.purpose));
    families.flat_map(|f| f.rules).map(|rule| rule.id.to_string()).collect()
}

/// Said where nothing was measured. Files never are, so that nothing is unsure because of it.
const NO_METRICS: &str = "there are no metrics of pods (metrics.k8s.io): nobody can say here what is asked for and not used";

/// What is asked of an audit.
#[derive(Debug, Default)]
pub struct Asked<'a> {
    /// One object, or what lives in one namespace (a target of kind Namespace); `None`: everything.
    pub target: Option<&'a Ref>,
    /// The ids of the checks that are asked; empty: all of them.
    pub checks: &'a [String],
    /// What came of rules of one's own.
    pub judged: Option<Judged>,
    /// Whether only those are asked.
    pub only_judged: bool,
}

/// Asks the checks.
pub fn audit(s: &Snapshot, mut asked: Asked<'_>) -> Audit {
    let units = unit::all(s);
    let judged = asked.judged.take();
    let wanted = |rule: &Rule| asked.checks.is_empty() || asked.checks.iter().any(|id| id == rule.id);
    let (mut findings, mut areas) = (Vec::new(), Vec::new());
    for family in FAMILIES.iter().filter(|_| !asked.only_judged) {
        let checks: Vec<&'static Rule> = family.rules.iter().copied().filter(|rule| wanted(rule)).collect();
        if !checks.is_empty() {
            (family.find)(s, &units, &mut findings);
            areas.push(Area { about: family.about, purpose: family.purpose, checks });
        }
    }
    let mut not_checked: Vec<String> = s.not_read.iter().map(|n| format!("{}: {}", n.what, n.why)).collect();
    let mut objects = s.objects();
    if let Some(mut judged) = judged {
        judged.area.checks.retain(|rule| wanted(rule));
        findings.extend(judged.findings);
        not_checked.extend(judged.not_checked);
        objects = objects.max(judged.objects);
        areas.extend(Some(judged.area).filter(|area| !area.checks.is_empty()));
    }
    findings.retain(|f| wanted(f.rule));
    let mut notes = Vec::new();
    if s.usages.is_empty() && areas.iter().any(|area| area.checks.iter().any(|rule| capacity::RULES.contains(rule))) {
        notes.push(NO_METRICS.to_string());
        // What could not be asked is not among what was found good.
        areas.iter_mut().for_each(|area| area.checks.retain(|rule| !capacity::RULES.contains(rule)));
        areas.retain(|area| !area.checks.is_empty());
    }
    if let Some(target) = asked.target {
        findings.retain(|f| match &*target.kind {
            "Namespace" => f.subject.namespace == target.name || f.subject == *target,
            _ => f.subject == *target,
        });
    }
    findings.sort_by(|a, b| {
        let weight = |f: &Finding| (Reverse(f.severity), Reverse(f.confidence), f.rule.id);
        weight(a).cmp(&weight(b)).then_with(|| (&a.subject, &a.title, &a.evidence).cmp(&(&b.subject, &b.title, &b.evidence)))
    });
    findings.dedup_by(|b, a| a.rule == b.rule && a.subject == b.subject && a.title == b.title);
    if let Some(target) = asked.target.filter(|t| &*t.kind != "Namespace" && !s.has(t) && !asked.only_judged) {
        not_checked.push(format!("{}: there is no such object in what was read", target.told()));
    }
    let healthy = if findings.iter().any(|f| f.severity > Severity::Info) {
        Some(false)
    } else {
        (not_checked.is_empty() && objects > 0).then_some(true)
    };
    Audit { found: Diagnosis { healthy, findings, not_checked, objects }, areas, notes, live: s.live }
}
