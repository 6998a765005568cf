//! `helm status`: how a release is, what it is made of, what the chart says to a person.

use super::{
    compare,
    output::ReleaseOutput,
    release::{Hook, Release},
    which::Which,
};
use crate::ops::{Answer, Argv, Call, CannotDo, Flag, Impact, Lookup, Misuse, Namespace, Program, Reply, Spec, Target, Verb};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Tells how a release is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HelmStatus {
    /// the release
    #[serde(flatten)]
    pub release: Which,
    /// in which form
    #[serde(default, skip_serializing_if = "ReleaseOutput::is_table")]
    pub output: ReleaseOutput,
}

/// For a person, in helm's order.
fn told(release: &Release) -> String {
    let mut lines = vec![
        format!("NAME: {}", release.name),
        format!("LAST DEPLOYED: {}", release.updated),
        format!("NAMESPACE: {}", release.namespace),
        format!("STATUS: {}", release.status),
        format!("REVISION: {}", release.revision),
        format!("CHART: {}", release.chart.titled()),
        format!("DESCRIPTION: {}", release.description.trim()),
    ];
    let mut named = |title: &str, objects: Vec<String>| {
        if !objects.is_empty() {
            lines.push(title.into());
            lines.extend(objects.into_iter().map(|object| format!("  {object}")));
        }
    };
    named("OBJECTS:", release.objects.iter().map(compare::named).collect());
    let hook = |hook: &Hook| format!("{} ({})", compare::named(&hook.object), hook.events.join(", "));
    named("HOOKS:", release.hooks.iter().map(hook).collect());
    if !release.notes.trim().is_empty() {
        lines.push("NOTES:".into());
        lines.extend(release.notes.trim_end().lines().map(str::to_string));
    }
    lines.join("\n")
}

/// With helm's own fields.
fn written(release: &Release) -> Value {
    json!({
        "name": release.name, "namespace": release.namespace, "version": release.revision, "config": release.values, "manifest": release.manifest,
        "info": {"last_deployed": release.updated, "description": release.description, "status": release.status, "notes": release.notes},
    })
}

impl Verb for HelmStatus {
    fn impact(&self) -> Impact {
        Impact::Reads
    }
    fn place(&mut self, namespace: &Namespace) {
        self.release.place(namespace);
    }
    fn targets(&self) -> Vec<Target> {
        Vec::new()
    }
    fn title(&self) -> String {
        format!("status of release {}", self.release.said())
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        self.release.looks(seen)
    }
    fn calls(&self, seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        self.release.calls(seen)
    }
    fn print(&self) -> Argv {
        self.output.print(self.release.print(Self::VERB))
    }
    fn answer(&self, calls: &[Call], replies: &[Reply], _now: Timestamp) -> Result<Answer, CannotDo> {
        let release = self.release.release(calls, replies)?;
        Ok(self.output.written(&written(&release)).unwrap_or_else(|| Answer::Text { text: told(&release) }))
    }
}

impl Spec for HelmStatus {
    const NAME: &'static str = "helm_status";
    const PROGRAM: Program = Program::Helm;
    const VERB: &'static [&'static str] = &["status"];
    const ABOUT: &'static str = "Tell how a Helm release is: status, revision, chart, objects, notes.";
    const EXAMPLE: &'static str = "helm status shop";
    const BACK: &'static str = "";
    const FLAGS: &'static [Flag] = &[Flag::value("revision"), Flag::value("output").short('o')];
    const READS: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        Ok(HelmStatus { release: Which::parse(argv)?, output: ReleaseOutput::parse(argv)? })
    }
}
