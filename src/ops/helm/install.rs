//! `helm install`: a chart as a new release.

use super::{
    apply::Apply,
    change,
    errand::Onto,
    recipe::{REFUSED, Recipe},
    uninstall::back_to_nothing,
    which::places,
};
use crate::ops::{
    Argv, Call, CannotDo, Flag, Images, Impact, Lookup, Misuse, Namespace, Program, ReleaseName, Spec, Target, Verb, Way, verb::refuse,
};
use crate::terms::duration::GoDuration;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;

/// Installs a chart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HelmInstall {
    /// name of the release
    pub name: ReleaseName,
    /// namespace; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// what it is made from
    #[serde(flatten)]
    pub recipe: Recipe,
    /// how long each thing may take: 5m
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<String>,
}

impl HelmInstall {
    fn apply(&self) -> Apply<'_> {
        let onto = Onto::Nothing;
        Apply { name: &self.name, namespace: self.namespace.as_ref(), recipe: &self.recipe, onto, timeout: self.timeout.as_deref() }
    }
}

impl Verb for HelmInstall {
    fn impact(&self) -> Impact {
        Impact::Changes
    }
    fn place(&mut self, namespace: &Namespace) {
        self.namespace.get_or_insert_with(|| namespace.clone());
    }
    fn targets(&self) -> Vec<Target> {
        change::target(&self.name, self.namespace.as_ref())
    }
    fn title(&self) -> String {
        format!("install release {} from {}", self.name, self.recipe.chart)
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        self.apply().looks(seen)
    }
    fn calls(&self, seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        self.apply().calls(seen)
    }
    fn print(&self) -> Argv {
        let argv = self.recipe.print(Argv::to(Program::Helm, Self::VERB).place(&self.name).place(&self.recipe.chart));
        let argv = match &self.timeout {
            Some(timeout) => argv.flag("timeout", timeout),
            None => argv,
        };
        argv.namespace(self.namespace.as_ref())
    }
    fn patience(&self) -> Option<Duration> {
        Some(Duration::from_secs(change::seconds(self.timeout.as_deref())))
    }
    fn inverse(&self, images: &[Images<'_>]) -> Way {
        let _ = images;
        Way::Back(vec![back_to_nothing(&self.name, self.namespace.as_ref(), false)])
    }
}

impl Spec for HelmInstall {
    const NAME: &'static str = "helm_install";
    const PROGRAM: Program = Program::Helm;
    const VERB: &'static [&'static str] = &["install"];
    const ABOUT: &'static str = "Install a chart as a Helm release; only a person may name the chart.";
    const EXAMPLE: &'static str = "helm install shop ./shop --set image.tag=1.27";
    const BACK: &'static str = "helm uninstall; a namespace and kinds (CRDs) that came with it stay";
    const FLAGS: &'static [Flag] = &[
        Flag::value("values").short('f'),
        Flag::value("set"),
        Flag::value("set-string"),
        Flag::value("version"),
        Flag::value("repo"),
        Flag::value("timeout"),
        Flag::switch("skip-crds"),
        Flag::switch("no-hooks"),
        Flag::switch("create-namespace"),
        Flag::switch("wait"),
        Flag::value("post-renderer"),
        Flag::switch("atomic"),
        Flag::switch("rollback-on-failure"),
        Flag::switch("force"),
        Flag::switch("take-ownership"),
        Flag::value("set-file"),
        Flag::value("set-json"),
        Flag::value("username"),
        Flag::value("password"),
        Flag::switch("dependency-update"),
    ];
    const READS: bool = false;
    const PERSONAL: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        refuse(argv, REFUSED)?;
        let [name, chart] = places(argv)?;
        argv.parsed::<GoDuration>("timeout")?;
        let (recipe, timeout) = (Recipe::parse(argv, chart)?, argv.get("timeout").map(str::to_string));
        Ok(HelmInstall { name: ReleaseName::new(name)?, namespace: argv.named_namespace()?, recipe, timeout })
    }
}
