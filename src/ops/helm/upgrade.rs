//! `helm upgrade`: a release to another chart or to other values.

use super::{
    apply::Apply,
    change,
    errand::Onto,
    recipe::{REFUSED, Recipe},
    rollback::back_to,
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

/// Upgrades a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HelmUpgrade {
    /// name of the release
    pub name: ReleaseName,
    /// namespace; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// what it is made from
    #[serde(flatten)]
    pub recipe: Recipe,
    /// it is installed where it is not there yet
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub install: bool,
    /// how long each thing may take: 5m
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<String>,
}

impl HelmUpgrade {
    fn apply(&self) -> Apply<'_> {
        let onto = if self.install { Onto::Either } else { Onto::Release };
        Apply { name: &self.name, namespace: self.namespace.as_ref(), recipe: &self.recipe, onto, timeout: self.timeout.as_deref() }
    }
}

impl Verb for HelmUpgrade {
    fn impact(&self) -> Impact {
        Impact::Disrupts
    }
    fn place(&mut self, namespace: &Namespace) {
        self.namespace.get_or_insert_with(|| namespace.clone());
    }
    fn targets(&self) -> Vec<Target> {
        change::target(&self.name, self.namespace.as_ref())
    }
    fn title(&self) -> String {
        format!("upgrade release {} to {}", self.name, self.recipe.chart)
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        self.apply().looks(seen)
    }
    fn calls(&self, seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        self.apply().calls(seen)
    }
    fn print(&self) -> Argv {
        let argv = self
            .recipe
            .print(Argv::to(Program::Helm, Self::VERB).place(&self.name).place(&self.recipe.chart))
            .switch("install", self.install);
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
        match images.first().and_then(|image| image.before) {
            None => Way::Back(vec![back_to_nothing(&self.name, self.namespace.as_ref(), false)]),
            Some(before) if before["state"] == "uninstalled" => Way::Back(vec![back_to_nothing(&self.name, self.namespace.as_ref(), true)]),
            Some(before) => Way::Back(vec![back_to(&self.name, self.namespace.as_ref(), change::stood_at(before))]),
        }
    }
}

impl Spec for HelmUpgrade {
    const NAME: &'static str = "helm_upgrade";
    const PROGRAM: Program = Program::Helm;
    const VERB: &'static [&'static str] = &["upgrade"];
    const ABOUT: &'static str = "Upgrade a Helm release to a chart or to other values; only a person may name the chart.";
    const EXAMPLE: &'static str = "helm upgrade shop ./shop -f values.yaml --install";
    const BACK: &'static str = "helm rollback to the revision before, helm uninstall where there was none; what hooks did stays";
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
        Flag::switch("install").short('i'),
        Flag::switch("reuse-values"),
        Flag::switch("reset-values"),
        Flag::switch("reset-then-reuse-values"),
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
        Ok(HelmUpgrade { name: ReleaseName::new(name)?, namespace: argv.named_namespace()?, recipe, install: argv.on("install"), timeout })
    }
}
