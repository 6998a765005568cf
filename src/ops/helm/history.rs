//! `helm history`: the revisions of a release.

use super::{
    output::ReleaseOutput,
    release::{self, Release},
    which::places,
};
use crate::ops::{
    Answer, Argv, Call, CannotDo, Flag, Impact, Lookup, Misuse, Namespace, Program, ReleaseName, Reply, Spec, Target, Verb,
    answer::Table,
    look::{gathered, since},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Lists the revisions of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HelmHistory {
    /// name of the release
    pub name: ReleaseName,
    /// namespace; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// only the latest so many revisions; left out: 256
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
    /// in which form
    #[serde(default, skip_serializing_if = "ReleaseOutput::is_table")]
    pub output: ReleaseOutput,
}

/// helm's own limit.
const USUALLY: u32 = 256;

/// A revision as helm writes it as JSON.
fn row(release: &Release) -> Value {
    json!({"revision": release.revision, "updated": release.updated, "status": release.status, "chart": release.chart.titled(),
        "app_version": release.chart.app_version, "description": release.description})
}

impl Verb for HelmHistory {
    fn impact(&self) -> Impact {
        Impact::Reads
    }
    fn place(&mut self, namespace: &Namespace) {
        self.namespace.get_or_insert_with(|| namespace.clone());
    }
    fn targets(&self) -> Vec<Target> {
        Vec::new()
    }
    fn title(&self) -> String {
        format!("history of release {}", self.name)
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        Ok(release::decoded(self.namespace.as_ref(), &format!("owner=helm,name={}", self.name)))
    }
    fn print(&self) -> Argv {
        let mut argv = self.output.print(Argv::to(Program::Helm, Self::VERB).place(&self.name));
        if let Some(max) = self.max {
            argv = argv.flag("max", max);
        }
        argv.namespace(self.namespace.as_ref())
    }
    fn answer(&self, calls: &[Call], replies: &[Reply], now: Timestamp) -> Result<Answer, CannotDo> {
        let releases = release::listed(&gathered(calls, replies))?;
        let most = usize::try_from(self.max.unwrap_or(USUALLY)).unwrap_or(usize::MAX);
        let latest = &releases[releases.len().saturating_sub(most)..];
        if releases.is_empty() {
            return Err(release::none(&self.name, self.namespace.as_ref()));
        }
        if let Some(written) = self.output.written(&latest.iter().map(row).collect()) {
            return Ok(written);
        }
        let cells = |r: &Release| {
            let chart = r.trouble.as_ref().map_or_else(|| r.chart.titled(), |why| format!("? ({why})"));
            let said = r.description.split_whitespace().collect::<Vec<_>>().join(" ");
            vec![r.revision.to_string(), since(&r.updated, now), r.status.clone(), chart, r.chart.app_version.clone(), said]
        };
        let columns = ["Revision", "Updated", "Status", "Chart", "App Version", "Description"].map(String::from).to_vec();
        let title = format!("release {}", self.name);
        Ok(Answer::Tables { tables: vec![Table { title, columns, rows: latest.iter().map(cells).collect() }] })
    }
}

impl Spec for HelmHistory {
    const NAME: &'static str = "helm_history";
    const PROGRAM: Program = Program::Helm;
    const VERB: &'static [&'static str] = &["history"];
    const ABOUT: &'static str = "List the revisions of a Helm release and what came of each.";
    const EXAMPLE: &'static str = "helm history shop";
    const BACK: &'static str = "";
    const FLAGS: &'static [Flag] = &[Flag::value("max"), Flag::value("output").short('o')];
    const READS: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        let [name] = places(argv)?;
        Ok(HelmHistory {
            name: ReleaseName::new(name)?,
            namespace: argv.named_namespace()?,
            max: argv.parsed::<u32>("max")?.filter(|n| *n > 0),
            output: ReleaseOutput::parse(argv)?,
        })
    }
}
