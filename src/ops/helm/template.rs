//! `helm template`: what a chart renders to, without any cluster.

use super::{
    change,
    errand::{Errand, Work},
    recipe::{REFUSED, Recipe},
    which::places,
};
use crate::ops::{
    Answer, Argv, Call, CannotDo, Flag, Impact, Lookup, Misuse, Namespace, Program, ReleaseName, Reply, Spec, Target, Verb, verb::refuse,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a chart renders to, without any cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HelmTemplate {
    /// name the release would have
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<ReleaseName>,
    /// namespace; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// what it is made from
    #[serde(flatten)]
    pub recipe: Recipe,
}

impl Verb for HelmTemplate {
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
        format!("what chart {} renders to", self.recipe.chart)
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        let work = Work::Template(self.recipe.clone());
        Ok(vec![Call::program(Errand::looking(work, self.name.as_ref(), self.namespace.as_ref()))])
    }
    fn print(&self) -> Argv {
        let argv = match &self.name {
            Some(name) => Argv::to(Program::Helm, Self::VERB).place(name),
            None => Argv::to(Program::Helm, Self::VERB),
        };
        self.recipe.print(argv.place(&self.recipe.chart)).namespace(self.namespace.as_ref())
    }
    fn answer(&self, calls: &[Call], replies: &[Reply], _now: Timestamp) -> Result<Answer, CannotDo> {
        let told = change::answered(calls, replies)?;
        Ok(Answer::Text { text: told["manifest"].as_str().unwrap_or_default().trim_end().to_string() })
    }
}

impl Spec for HelmTemplate {
    const NAME: &'static str = "helm_template";
    const PROGRAM: Program = Program::Helm;
    const VERB: &'static [&'static str] = &["template"];
    const ABOUT: &'static str = "Render a Helm chart without touching the cluster, Secret values masked; only a person may name the chart.";
    const EXAMPLE: &'static str = "helm template shop ./shop --set replicas=2";
    const BACK: &'static str = "";
    const FLAGS: &'static [Flag] = &[
        Flag::value("values").short('f'),
        Flag::value("set"),
        Flag::value("set-string"),
        Flag::value("version"),
        Flag::value("repo"),
        Flag::switch("skip-crds"),
        Flag::switch("no-hooks"),
        Flag::value("post-renderer"),
        Flag::value("set-file"),
        Flag::value("set-json"),
        Flag::value("username"),
        Flag::value("password"),
        Flag::switch("dependency-update"),
    ];
    const READS: bool = true;
    const PERSONAL: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        refuse(argv, REFUSED)?;
        let (name, chart) = match argv.places.len() {
            2 => {
                let [name, chart] = places(argv)?;
                (Some(ReleaseName::new(name)?), chart)
            }
            _ => {
                let [chart] = places(argv)?;
                (None, chart)
            }
        };
        Ok(HelmTemplate { name, namespace: argv.named_namespace()?, recipe: Recipe::parse(argv, chart)? })
    }
}
