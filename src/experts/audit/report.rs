//! What an audit comes to: its findings by check, and where nothing was found.

use crate::{
    experts::diagnose::{Diagnosis, Finding, Rule, Severity},
    facts::snapshot::Ref,
};
use std::collections::BTreeSet;

/// What was found, and what was asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Audit {
    /// The findings, the weightiest first; what could not be looked at.
    pub found: Diagnosis,
    /// What was looked into.
    pub areas: Vec<Area>,
    /// What is to be known beside it, and makes nothing unsure.
    pub notes: Vec<String>,
    /// Whether a living cluster was looked at: what can be mended is mended there.
    pub live: bool,
}

/// Checks that are about one thing.
#[derive(Debug, Clone, PartialEq)]
pub struct Area {
    /// `images`, `probes`: for a sentence.
    pub about: &'static str,
    /// What they are for.
    pub purpose: Purpose,
    /// Those of its checks that were asked.
    pub checks: Vec<&'static Rule>,
}

/// What a check is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// That nobody takes what is not theirs.
    Security,
    /// That it goes on running.
    Reliability,
    /// That what is asked for is what is used.
    Capacity,
    /// That nothing is left lying about.
    Unused,
    /// That people and tools find their way.
    Order,
    /// What somebody wants of their own objects.
    Own,
}

/// What one check found.
#[derive(Debug, Clone, PartialEq)]
pub struct Group<'a> {
    /// The check.
    pub rule: &'static Rule,
    /// How bad it is here: a check may find the same less sure, and then it is a note.
    pub severity: Severity,
    /// Its findings.
    pub findings: Vec<&'a Finding>,
}

impl Group<'_> {
    /// How many objects it speaks of.
    pub fn objects(&self) -> usize {
        subjects(self.findings.iter().copied())
    }
}

fn subjects<'a>(findings: impl Iterator<Item = &'a Finding>) -> usize {
    findings.map(|f| &f.subject).collect::<BTreeSet<&Ref>>().len()
}

impl Audit {
    /// The findings by check: the most serious first, of those the ones that affect most objects.
    pub fn groups(&self) -> Vec<Group<'_>> {
        let mut all: Vec<Group<'_>> = Vec::new();
        for finding in &self.found.findings {
            match all.iter_mut().find(|g| g.rule == finding.rule && g.severity == finding.severity) {
                Some(group) => group.findings.push(finding),
                None => all.push(Group { rule: finding.rule, severity: finding.severity, findings: vec![finding] }),
            }
        }
        // Stable: of as many objects the surer check stays before the other.
        all.sort_by_cached_key(|g| std::cmp::Reverse((g.severity, g.objects())));
        all
    }

    /// How many objects something was found of.
    pub fn affected(&self) -> usize {
        subjects(self.found.findings.iter())
    }

    /// How many findings are as bad as that.
    pub fn count(&self, severity: Severity) -> usize {
        self.found.findings.iter().filter(|f| f.severity == severity).count()
    }

    /// How many checks were asked, and how many of them found nothing.
    pub fn checks(&self) -> (usize, usize) {
        let asked = self.areas.iter().flat_map(|a| &a.checks);
        let silent = asked.clone().filter(|rule| self.silent(rule)).count();
        (asked.count(), silent)
    }

    /// What was looked into without finding anything.
    pub fn good(&self) -> Vec<&'static str> {
        self.areas.iter().filter(|a| a.checks.iter().all(|rule| self.silent(rule))).map(|a| a.about).collect()
    }

    fn silent(&self, rule: &Rule) -> bool {
        !self.found.findings.iter().any(|f| f.rule == rule)
    }
}
