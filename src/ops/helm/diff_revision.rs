//! `helm diff revision`: what differs between two revisions of a release. The line is that of the plugin helm-diff; the work is ours.

use super::{
    compare::{self, Difference},
    release,
    which::places,
};
use crate::ops::{
    Answer, Argv, Call, CannotDo, Flag, Impact, Lookup, Misuse, Namespace, Program, ReleaseName, Reply, Spec, Target, Verb, look::gathered,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Tells what differs between two revisions of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HelmDiffRevision {
    /// name of the release
    pub name: ReleaseName,
    /// namespace; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// the one revision
    pub from: u64,
    /// the other; left out: the latest
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<u64>,
}

impl Verb for HelmDiffRevision {
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
        let to = self.to.map_or_else(|| "the latest".to_string(), |to| to.to_string());
        format!("difference of release {} from revision {} to {to}", self.name, self.from)
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        if seen.is_empty() { release::revisions(&self.name, self.namespace.as_ref()) } else { Vec::new() }
    }
    fn calls(&self, seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        let kept = release::found(&self.name, self.namespace.as_ref(), seen)?;
        let one = |revision| release::chosen(&kept, &self.name, revision).map(release::get);
        Ok(vec![one(Some(self.from))?, one(self.to)?])
    }
    fn print(&self) -> Argv {
        let argv = Argv::to(Program::Helm, Self::VERB).place(&self.name).place(self.from);
        match self.to {
            Some(to) => argv.place(to),
            None => argv,
        }
        .namespace(self.namespace.as_ref())
    }
    fn answer(&self, calls: &[Call], replies: &[Reply], _now: Timestamp) -> Result<Answer, CannotDo> {
        let answers = gathered(calls, replies);
        let one = |at: usize| release::whole(&self.name, answers.get(at).unwrap_or(&Lookup::Missing));
        let objects: Vec<Difference> = compare::compare(&one(0)?.objects, &one(1)?.objects);
        Ok(Answer::Differences { objects })
    }
}

impl Spec for HelmDiffRevision {
    const NAME: &'static str = "helm_diff_revision";
    const PROGRAM: Program = Program::Helm;
    const VERB: &'static [&'static str] = &["diff", "revision"];
    const ABOUT: &'static str = "Tell what differs between two revisions of a Helm release, object by object.";
    const EXAMPLE: &'static str = "helm diff revision shop 1 2";
    const BACK: &'static str = "";
    const FLAGS: &'static [Flag] = &[];
    const READS: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        let number = |text: &str| {
            text.parse::<u64>()
                .ok()
                .filter(|n| *n > 0)
                .ok_or_else(|| Misuse::Says(format!("{}: {text:?} is no revision: a number from 1 on", argv.head())))
        };
        let (name, from, to) = match argv.places.len() {
            2 => {
                let [name, from] = places(argv)?;
                (name, from, None)
            }
            _ => {
                let [name, from, to] = places(argv)?;
                (name, from, Some(number(to)?))
            }
        };
        Ok(HelmDiffRevision { name: ReleaseName::new(name)?, namespace: argv.named_namespace()?, from: number(from)?, to })
    }
}
