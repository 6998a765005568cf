//! `helm rollback`: a release back to an earlier revision. What it would change is told from the cluster alone; the program carries it out.
//!
//! Source: `prepareRollback` in `pkg/action/rollback.go` of Helm.

use super::{
    change::{self, Course},
    errand::{Errand, Shown, Work},
    live::{self, Live},
    release,
    uninstall::back_to_nothing,
    which::places,
};
use crate::ops::{
    Argv, Call, CannotDo, Flag, Images, Impact, Lookup, Misuse, Namespace, Op, Program, ReleaseName, Spec, Target, Verb, Way, verb::refuse,
};
use crate::terms::duration::GoDuration;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;

/// Rolls a release back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HelmRollback {
    /// name of the release
    pub name: ReleaseName,
    /// namespace; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// revision; left out: the one before
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<u64>,
    /// without running its hooks
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_hooks: bool,
    /// how long each thing may take: 5m
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<String>,
}

/// The way back to a revision; `None`: to the one before.
pub(super) fn back_to(name: &ReleaseName, namespace: Option<&Namespace>, revision: Option<u64>) -> Op {
    HelmRollback { name: name.clone(), namespace: namespace.cloned(), revision, no_hooks: false, timeout: None }.into()
}

/// What the first look answers: two lists of revisions and the program's version.
const FIRST: usize = 3;
/// With the two revisions.
const SECOND: usize = FIRST + 2;

impl HelmRollback {
    /// The newest revision, and the one it goes back to.
    fn ends<'k>(&self, kept: &'k [release::Kept]) -> Result<(&'k release::Kept, &'k release::Kept), CannotDo> {
        let last = release::chosen(kept, &self.name, None)?;
        let to = match self.revision {
            Some(revision) => revision,
            None if last.revision > 1 => last.revision - 1,
            None => {
                let sentence = format!("release {} has one revision only: there is none to go back to", self.name);
                return Err(CannotDo::new(sentence, format!("helm uninstall {} takes it away", self.name)));
            }
        };
        if to == last.revision && !change::is_gone(last) {
            let way = "helm rollback NAME N names another; helm history NAME shows them";
            return Err(CannotDo::new(format!("release {} is at revision {to} already", self.name), way));
        }
        Ok((last, release::chosen(kept, &self.name, Some(to))?))
    }
}

impl Verb for HelmRollback {
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
        match self.revision {
            Some(revision) => format!("roll release {} back to revision {revision}", self.name),
            None => format!("roll release {} back to the revision before", self.name),
        }
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        if seen.is_empty() {
            let mut looks = release::revisions(&self.name, self.namespace.as_ref());
            looks.push(Call::program(Errand::looking(Work::Version, None, None)));
            return looks;
        }
        let Ok(kept) = release::found(&self.name, self.namespace.as_ref(), seen) else { return Vec::new() };
        let Ok((last, to)) = self.ends(&kept) else { return Vec::new() };
        match seen.len() {
            FIRST => vec![release::get(last), release::get(to)],
            SECOND if !change::is_gone(last) => change::whole(&self.name, seen.get(FIRST))
                .map_or_else(|_| Vec::new(), |now| live::looks(&now.objects, self.namespace.as_ref())),
            _ => Vec::new(),
        }
    }
    fn calls(&self, seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        let kept = release::found(&self.name, self.namespace.as_ref(), seen)?;
        let (last, to) = self.ends(&kept)?;
        change::told(seen.get(FIRST - 1)).map_err(|cannot| {
            let hint = format!(
                "without the program: helm diff revision {} {} {} shows what it would change",
                self.name, last.revision, to.revision
            );
            CannotDo { hint, ..cannot }
        })?;
        let (now, then) = (change::whole(&self.name, seen.get(FIRST))?, change::whole(&self.name, seen.get(FIRST + 1))?);
        let before = if change::is_gone(last) { &[][..] } else { &now.objects };
        let live = Live::of(before, self.namespace.as_ref(), seen.get(SECOND..).unwrap_or_default());
        let mut course = Course::between(before, &then.objects, self.namespace.as_ref(), &live)?;
        if !self.no_hooks {
            course.runs(&then.hooks, &["pre-rollback", "post-rollback"], self.namespace.as_ref())?;
        }
        let shown = Shown {
            before: Some(now.head(&last.version, change::deployed(&kept).map(|kept| kept.revision))),
            after: Some(change::head_after(&self.name, self.namespace.as_ref(), last.revision + 1, &then, "deployed")),
            ..Shown::default()
        };
        Ok(course.calls(Errand {
            work: Work::Rollback { to: to.revision, no_hooks: self.no_hooks },
            release: Some(self.name.clone()),
            namespace: self.namespace.clone(),
            storage: change::storage(last),
            timeout: change::seconds(self.timeout.as_deref()),
            shown,
        }))
    }
    fn print(&self) -> Argv {
        let argv = Argv::to(Program::Helm, Self::VERB).place(&self.name);
        let argv = match self.revision {
            Some(revision) => argv.place(revision),
            None => argv,
        };
        let argv = argv.switch("no-hooks", self.no_hooks);
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
            Some(before) if before["state"] == "uninstalled" => Way::Back(vec![back_to_nothing(&self.name, self.namespace.as_ref(), true)]),
            Some(before) => Way::Back(vec![back_to(&self.name, self.namespace.as_ref(), change::stood_at(before))]),
            None => Way::None("which revision it was at is not known"),
        }
    }
}

impl Spec for HelmRollback {
    const NAME: &'static str = "helm_rollback";
    const PROGRAM: Program = Program::Helm;
    const VERB: &'static [&'static str] = &["rollback"];
    const ABOUT: &'static str = "Roll a Helm release back to an earlier revision.";
    const EXAMPLE: &'static str = "helm rollback shop 2";
    const BACK: &'static str = "helm rollback to the revision before; what hooks did stays";
    const FLAGS: &'static [Flag] =
        &[Flag::value("timeout"), Flag::switch("no-hooks"), Flag::switch("wait"), Flag::switch("force"), Flag::switch("recreate-pods")];
    const READS: bool = false;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        refuse(
            argv,
            &[
                ("force", "it deletes and makes anew what it cannot change, and that cannot be shown beforehand"),
                ("recreate-pods", "kubectl rollout restart does that"),
            ],
        )?;
        argv.parsed::<GoDuration>("timeout")?;
        let (name, revision) = match argv.places.len() {
            2 => {
                let [name, revision] = places(argv)?;
                let bad = || Misuse::Says(format!("{}: {revision:?} is no revision: a number from 1 on", argv.head()));
                // helm takes 0 for the one before.
                (name, Some(revision.parse::<u64>().map_err(|_| bad())?).filter(|n| *n > 0))
            }
            _ => {
                let [name] = places(argv)?;
                (name, None)
            }
        };
        Ok(HelmRollback {
            name: ReleaseName::new(name)?,
            namespace: argv.named_namespace()?,
            revision,
            no_hooks: argv.on("no-hooks"),
            timeout: argv.get("timeout").map(str::to_string),
        })
    }
}
