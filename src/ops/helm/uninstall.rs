//! `helm uninstall`: a release with all that belongs to it. What goes is told from the cluster alone; the program carries it out.

use super::{
    change::{self, Course},
    errand::{Errand, Shown, Work},
    live::{self, Live},
    release,
    which::places,
};
use crate::ops::{
    Argv, Call, CannotDo, Flag, Images, Impact, Lookup, Misuse, Namespace, Op, Program, ReleaseName, Spec, Target, Verb, Way, verb::refuse,
};
use crate::terms::duration::GoDuration;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;

/// Takes a release away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HelmUninstall {
    /// name of the release
    pub name: ReleaseName,
    /// namespace; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// its revisions stay on record, so that it can be brought back
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub keep_history: bool,
    /// without running its hooks
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_hooks: bool,
    /// how long each thing may take: 5m
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<String>,
}

/// The way back to where there was no release.
pub(super) fn back_to_nothing(name: &ReleaseName, namespace: Option<&Namespace>, keep_history: bool) -> Op {
    HelmUninstall { name: name.clone(), namespace: namespace.cloned(), keep_history, no_hooks: false, timeout: None }.into()
}

/// What the first look answers: two lists of revisions and the program's version.
const FIRST: usize = 3;
/// With the newest revision.
const SECOND: usize = FIRST + 1;

impl Verb for HelmUninstall {
    fn impact(&self) -> Impact {
        Impact::Destroys
    }
    fn place(&mut self, namespace: &Namespace) {
        self.namespace.get_or_insert_with(|| namespace.clone());
    }
    fn targets(&self) -> Vec<Target> {
        change::target(&self.name, self.namespace.as_ref())
    }
    fn title(&self) -> String {
        let history = if self.keep_history { ", its history kept" } else { "" };
        format!("uninstall release {}{history}", self.name)
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        if seen.is_empty() {
            let mut looks = release::revisions(&self.name, self.namespace.as_ref());
            looks.push(Call::program(Errand::looking(Work::Version, None, None)));
            return looks;
        }
        let kept = release::found(&self.name, self.namespace.as_ref(), seen).unwrap_or_default();
        match (kept.last(), seen.len()) {
            (Some(last), FIRST) => vec![release::get(last)],
            (Some(last), SECOND) if !change::is_gone(last) => change::whole(&self.name, seen.get(FIRST))
                .map_or_else(|_| Vec::new(), |now| live::looks(&now.objects, self.namespace.as_ref())),
            (_, _) => Vec::new(),
        }
    }
    fn calls(&self, seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        let kept = release::found(&self.name, self.namespace.as_ref(), seen)?;
        let last = release::chosen(&kept, &self.name, None)?;
        if change::is_gone(last) && self.keep_history {
            return Err(CannotDo::new(
                format!("release {} is uninstalled already", self.name),
                format!("helm rollback {} {} brings it back; without --keep-history its history goes too", self.name, last.revision),
            ));
        }
        change::told(seen.get(FIRST - 1)).map_err(|cannot| {
            let hint = format!("without the program: helm get manifest {} shows what would go", self.name);
            CannotDo { hint, ..cannot }
        })?;
        let now = change::whole(&self.name, seen.get(FIRST))?;
        let before = if change::is_gone(last) { &[][..] } else { &now.objects };
        let live = Live::of(before, self.namespace.as_ref(), seen.get(SECOND..).unwrap_or_default());
        let mut course = Course::between(before, &[], self.namespace.as_ref(), &live)?;
        if !self.no_hooks && !change::is_gone(last) {
            course.runs(&now.hooks, &["pre-delete", "post-delete"], self.namespace.as_ref())?;
        }
        let head = now.head(&last.version, change::deployed(&kept).map(|kept| kept.revision));
        let after = self.keep_history.then(|| {
            let mut after = head.clone();
            after["state"] = json!("uninstalled");
            after
        });
        Ok(course.calls(Errand {
            work: Work::Uninstall { keep_history: self.keep_history, no_hooks: self.no_hooks },
            release: Some(self.name.clone()),
            namespace: self.namespace.clone(),
            storage: change::storage(last),
            timeout: change::seconds(self.timeout.as_deref()),
            shown: Shown { before: Some(head), after, ..Shown::default() },
        }))
    }
    fn print(&self) -> Argv {
        let argv = Argv::to(Program::Helm, Self::VERB).place(&self.name);
        let argv = argv.switch("keep-history", self.keep_history).switch("no-hooks", self.no_hooks);
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
            Some(before) if self.keep_history => {
                Way::Back(vec![super::rollback::back_to(&self.name, self.namespace.as_ref(), change::stood_at(before))])
            }
            Some(_) | None => {
                Way::None("the release's history goes with it: install the chart again; with --keep-history it can be brought back")
            }
        }
    }
}

impl Spec for HelmUninstall {
    const NAME: &'static str = "helm_uninstall";
    const PROGRAM: Program = Program::Helm;
    const VERB: &'static [&'static str] = &["uninstall"];
    const ABOUT: &'static str = "Uninstall a Helm release: everything that belongs to it goes.";
    const EXAMPLE: &'static str = "helm uninstall shop --keep-history";
    const BACK: &'static str = "with --keep-history helm rollback, data on volumes aside; else none: the history is gone too";
    const FLAGS: &'static [Flag] =
        &[Flag::switch("keep-history"), Flag::switch("no-hooks"), Flag::value("timeout"), Flag::switch("wait"), Flag::value("cascade")];
    const READS: bool = false;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        refuse(argv, &[("cascade", "kubectl delete --cascade does that, object by object")])?;
        argv.parsed::<GoDuration>("timeout")?;
        let [name] = places(argv)?;
        Ok(HelmUninstall {
            name: ReleaseName::new(name)?,
            namespace: argv.named_namespace()?,
            keep_history: argv.on("keep-history"),
            no_hooks: argv.on("no-hooks"),
            timeout: argv.get("timeout").map(str::to_string),
        })
    }
}
