//! What should be better before it breaks: checks of configuration, security, reliability and capacity.
//!
//! Owns: the checks, one file a family, each an entry in a table with the names that polaris and kube-linter give it. Does not own: what is wrong now
//! (`experts/diagnose`), how a finding is shown (`faces`).
//! Invariants: pure; no snapshot makes a check panic; an object that is owned by another that was read is not judged twice; of what may lie outside
//! a dump nothing worse than a note is said; no value of a Secret, a ConfigMap or a variable is ever quoted.

mod access;
mod budgets;
mod containers;
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
mod secrets;
mod services;
mod storage;
mod table;
#[cfg(test)]
mod tests;
mod unit;

pub use report::{Area, Audit, Group};

use super::diagnose::{Diagnosis, Finding, Rule, Severity};
use crate::facts::snapshot::{Ref, Snapshot};
use std::{cmp::Reverse, collections::BTreeMap};
use unit::Unit;

/// A family: what it is about, its checks, and the function that asks them.
struct Family {
    about: &'static str,
    rules: &'static [&'static Rule],
    find: fn(&Snapshot, &[Unit<'_>], &mut Vec<Finding>),
}

/// Every family, in no order that matters.
const FAMILIES: &[Family] = &[
    Family { about: "what containers may do", rules: containers::RULES, find: containers::find },
    Family { about: "what pods share with their node", rules: pods::RULES, find: pods::find },
    Family { about: "service accounts", rules: identity::RULES, find: identity::find },
    Family { about: "images", rules: images::RULES, find: images::find },
    Family { about: "probes", rules: probes::RULES, find: probes::find },
    Family { about: "requests and limits", rules: resources::RULES, find: resources::find },
    Family { about: "replicas and their spread", rules: replicas::RULES, find: replicas::find },
    Family { about: "disruption budgets", rules: budgets::RULES, find: budgets::find },
    Family { about: "roles and bindings", rules: access::RULES, find: access::find },
    Family { about: "network policies", rules: network::RULES, find: network::find },
    Family { about: "Services and Ingresses", rules: services::RULES, find: services::find },
    Family { about: "references", rules: references::RULES, find: references::find },
    Family { about: "volumes", rules: storage::RULES, find: storage::find },
    Family { about: "secrets in plain sight", rules: secrets::RULES, find: secrets::find },
    Family { about: "names, labels and API versions", rules: names::RULES, find: names::find },
];

/// Every check, by id.
pub fn rules() -> BTreeMap<&'static str, &'static Rule> {
    FAMILIES.iter().flat_map(|f| f.rules).map(|rule| (rule.id, *rule)).collect()
}

/// What is asked of an audit.
#[derive(Debug, Default)]
pub struct Asked<'a> {
    /// One object, or what lives in one namespace (a target of kind Namespace); `None`: everything.
    pub target: Option<&'a Ref>,
    /// The ids of the checks that are asked; empty: all of them.
    pub checks: &'a [String],
}

/// Asks the checks.
pub fn audit(s: &Snapshot, asked: &Asked<'_>) -> Audit {
    let units = unit::all(s);
    let wanted = |rule: &Rule| asked.checks.is_empty() || asked.checks.iter().any(|id| id == rule.id);
    let (mut findings, mut areas) = (Vec::new(), Vec::new());
    for family in FAMILIES {
        let checks: Vec<&'static Rule> = family.rules.iter().copied().filter(|rule| wanted(rule)).collect();
        if !checks.is_empty() {
            (family.find)(s, &units, &mut findings);
            areas.push(Area { about: family.about, checks });
        }
    }
    findings.retain(|f| wanted(f.rule));
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
    let mut not_checked: Vec<String> = s.not_read.iter().map(|n| format!("{}: {}", n.what, n.why)).collect();
    if let Some(target) = asked.target.filter(|t| &*t.kind != "Namespace" && !s.has(t)) {
        not_checked.push(format!("{}: there is no such object in what was read", target.told()));
    }
    let healthy = if findings.iter().any(|f| f.severity > Severity::Info) {
        Some(false)
    } else {
        (not_checked.is_empty() && s.objects() > 0).then_some(true)
    };
    Audit { found: Diagnosis { healthy, findings, not_checked, objects: s.objects() }, areas }
}
