//! `helm list`: the releases of a namespace, or of all.

use super::{
    output::ReleaseOutput,
    release::{self, Release},
};
use crate::ops::{
    Answer, Argv, Call, CannotDo, Flag, Impact, Lookup, Misuse, Namespace, Program, Reply, Spec, Target, Verb,
    answer::Table,
    look::{gathered, since},
    verb::refuse,
};
use jiff::Timestamp;
use regex::{Regex, RegexBuilder};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Lists releases.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HelmList {
    /// namespace; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// every namespace
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub all_namespaces: bool,
    /// only names that this regular expression matches
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// only in these states; left out: deployed and failed
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<ReleaseState>,
    /// in any state
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub all: bool,
    /// in which form
    #[serde(default, skip_serializing_if = "ReleaseOutput::is_table")]
    pub output: ReleaseOutput,
}

/// What a release is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ReleaseState {
    /// Installed as it should be.
    Deployed,
    /// Its last change did not work.
    Failed,
    /// A change is under way, or broke off in the middle.
    Pending,
    /// Gone, its history kept.
    Uninstalled,
    /// On its way out.
    Uninstalling,
}

const STATES: &[(&str, ReleaseState)] = &[
    ("deployed", ReleaseState::Deployed),
    ("failed", ReleaseState::Failed),
    ("pending", ReleaseState::Pending),
    ("uninstalled", ReleaseState::Uninstalled),
    ("uninstalling", ReleaseState::Uninstalling),
];

impl ReleaseState {
    fn holds(self, status: &str) -> bool {
        match self {
            ReleaseState::Deployed => status == "deployed",
            ReleaseState::Failed => status == "failed",
            ReleaseState::Pending => status.starts_with("pending-"),
            ReleaseState::Uninstalled => status == "uninstalled",
            ReleaseState::Uninstalling => status == "uninstalling",
        }
    }
}

impl HelmList {
    fn pattern(&self) -> Result<Option<Regex>, CannotDo> {
        let bad = |_| CannotDo::new(format!("helm list: {:?} is no regular expression", self.filter.as_deref().unwrap_or_default()), "");
        self.filter.as_deref().map(|text| RegexBuilder::new(text).size_limit(1 << 20).build().map_err(bad)).transpose()
    }

    fn wants(&self, release: &Release) -> bool {
        let usual = [ReleaseState::Deployed, ReleaseState::Failed];
        let states = if self.states.is_empty() { &usual[..] } else { &self.states };
        self.all || states.iter().any(|state| state.holds(&release.status))
    }
}

/// A release as helm writes it as JSON.
fn row(release: &Release) -> Value {
    json!({"name": release.name, "namespace": release.namespace, "revision": release.revision.to_string(), "updated": release.updated,
        "status": release.status, "chart": release.chart.titled(), "app_version": release.chart.app_version})
}

impl Verb for HelmList {
    fn impact(&self) -> Impact {
        Impact::Reads
    }
    fn place(&mut self, namespace: &Namespace) {
        if !self.all_namespaces {
            self.namespace.get_or_insert_with(|| namespace.clone());
        }
    }
    fn targets(&self) -> Vec<Target> {
        Vec::new()
    }
    fn title(&self) -> String {
        "releases".into()
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        self.pattern()?;
        let namespace = self.namespace.as_ref().filter(|_| !self.all_namespaces);
        // The latest of a release is never superseded: its former revisions stay where they are.
        Ok(release::decoded(namespace, "owner=helm,status!=superseded"))
    }
    fn print(&self) -> Argv {
        let mut argv = self.output.print(Argv::to(Program::Helm, Self::VERB)).switch("all", self.all);
        if let Some(filter) = &self.filter {
            argv = argv.flag("filter", filter);
        }
        for (flag, _) in STATES.iter().filter(|(_, state)| self.states.contains(state)) {
            argv = argv.switch(flag, true);
        }
        argv.switch("all-namespaces", self.all_namespaces).namespace(self.namespace.as_ref().filter(|_| !self.all_namespaces))
    }
    fn answer(&self, calls: &[Call], replies: &[Reply], now: Timestamp) -> Result<Answer, CannotDo> {
        let pattern = self.pattern()?;
        let mut latest = BTreeMap::new();
        for release in release::listed(&gathered(calls, replies))? {
            // They come in the order of their revisions.
            latest.insert((release.namespace.clone(), release.name.clone()), release);
        }
        let wanted = |r: &&Release| self.wants(r) && pattern.as_ref().is_none_or(|p| p.is_match(&r.name));
        let releases: Vec<&Release> = latest.values().filter(wanted).collect();
        if let Some(written) = self.output.written(&releases.iter().map(|r| row(r)).collect()) {
            return Ok(written);
        }
        let cells = |r: &&Release| {
            let chart = r.trouble.as_ref().map_or_else(|| r.chart.titled(), |why| format!("? ({why})"));
            let since = if r.updated.is_empty() { String::new() } else { since(&r.updated, now) };
            vec![r.name.clone(), r.namespace.clone(), r.revision.to_string(), r.status.clone(), chart, r.chart.app_version.clone(), since]
        };
        let columns = ["Name", "Namespace", "Revision", "Status", "Chart", "App Version", "Updated"].map(String::from).to_vec();
        Ok(Answer::Tables { tables: vec![Table { title: "releases".into(), columns, rows: releases.iter().map(cells).collect() }] })
    }
}

impl Spec for HelmList {
    const NAME: &'static str = "helm_list";
    const PROGRAM: Program = Program::Helm;
    const VERB: &'static [&'static str] = &["list"];
    const ABOUT: &'static str = "List Helm releases with their chart, revision and status.";
    const EXAMPLE: &'static str = "helm list -A";
    const BACK: &'static str = "";
    const FLAGS: &'static [Flag] = &[
        Flag::switch("all").short('a'),
        Flag::value("filter").short('f'),
        Flag::switch("deployed"),
        Flag::switch("failed"),
        Flag::switch("pending"),
        Flag::switch("uninstalled"),
        Flag::switch("uninstalling"),
        Flag::switch("superseded"),
        Flag::value("output").short('o'),
    ];
    const READS: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        refuse(argv, &[("superseded", "helm history NAME shows the former revisions")])?;
        if let Some(extra) = argv.places.first().or_else(|| argv.tail.first()) {
            return Err(Misuse::Says(format!("helm list: {extra:?} was not expected; --filter chooses by name")));
        }
        let all_namespaces = argv.on("all-namespaces");
        let list = HelmList {
            namespace: argv.named_namespace()?.filter(|_| !all_namespaces),
            all_namespaces,
            filter: argv.get("filter").map(str::to_string),
            states: STATES.iter().filter(|(flag, _)| argv.on(flag)).map(|(_, state)| *state).collect(),
            all: argv.on("all"),
            output: ReleaseOutput::parse(argv)?,
        };
        list.pattern().map_err(|e| Misuse::Says(e.sentence))?;
        Ok(list)
    }
}
