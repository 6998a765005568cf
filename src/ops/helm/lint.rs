//! `helm lint`: the faults of a chart.

use super::{
    change,
    errand::{Errand, Work},
    recipe::{REFUSED, Recipe},
    which::places,
};
use crate::ops::{Answer, Argv, Call, CannotDo, Flag, Impact, Lookup, Misuse, Namespace, Program, Reply, Spec, Target, Verb, verb::refuse};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The faults of a chart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HelmLint {
    /// namespace; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// what it is made from
    #[serde(flatten)]
    pub recipe: Recipe,
}

impl Verb for HelmLint {
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
        format!("faults in chart {}", self.recipe.chart)
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        let work = Work::Lint(self.recipe.clone());
        Ok(vec![Call::program(Errand::looking(work, None, self.namespace.as_ref()))])
    }
    fn print(&self) -> Argv {
        let argv = Argv::to(Program::Helm, Self::VERB);
        self.recipe.print(argv.place(&self.recipe.chart)).namespace(self.namespace.as_ref())
    }
    fn answer(&self, calls: &[Call], replies: &[Reply], _now: Timestamp) -> Result<Answer, CannotDo> {
        let told = change::answered(calls, replies)?;
        let text = told["said"].as_str().unwrap_or_default().trim_end().to_string();
        match told["sound"].as_bool() {
            Some(true) => Ok(Answer::Text { text }),
            Some(false) | None => Err(CannotDo::new(format!("chart {} has faults: {text}", self.recipe.chart), "")),
        }
    }
}

impl Spec for HelmLint {
    const NAME: &'static str = "helm_lint";
    const PROGRAM: Program = Program::Helm;
    const VERB: &'static [&'static str] = &["lint"];
    const ABOUT: &'static str = "Look for faults in a Helm chart; only a person may name the chart.";
    const EXAMPLE: &'static str = "helm lint ./shop";
    const BACK: &'static str = "";
    const FLAGS: &'static [Flag] = &[
        Flag::value("values").short('f'),
        Flag::value("set"),
        Flag::value("set-string"),
        Flag::value("version"),
        Flag::value("repo"),
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
        let [chart] = places(argv)?;
        Ok(HelmLint { namespace: argv.named_namespace()?, recipe: Recipe::parse(argv, chart)? })
    }
}
