//! `helm install` and `helm upgrade`: what the program renders, held against what the release has now.
//!
//! Source: `prepareUpgrade` and `availableName` in `pkg/action/{upgrade,install}.go` of Helm.

use super::{
    change::{self, Course},
    compare,
    errand::{Errand, Onto, Shown, Storage, Work},
    live::{self, Live},
    recipe::Recipe,
    release::{self, Kept, Release},
};
use crate::ops::{Call, CannotDo, Kind, Lookup, Name, Namespace, ReleaseName, Target};
use serde_json::Value;

/// A chart that is to be laid onto a release.
pub(super) struct Apply<'a> {
    pub name: &'a ReleaseName,
    pub namespace: Option<&'a Namespace>,
    pub recipe: &'a Recipe,
    pub onto: Onto,
    pub timeout: Option<&'a str>,
}

/// What is there before it.
struct Standing<'a> {
    /// The newest revision.
    last: Option<&'a Kept>,
    /// The one whose objects count as being there, where that is another.
    deployed: Option<&'a Kept>,
}

impl Apply<'_> {
    /// The namespace it goes to.
    fn place(&self) -> Option<Target> {
        Target::new(Kind::built_in("namespaces"), Name::new(self.namespace?.as_str()).ok()?).ok()
    }

    /// How many answers the first look has: two lists of revisions, and the namespace.
    fn first(&self) -> usize {
        2 + usize::from(self.namespace.is_some())
    }

    /// Whether the namespace has to be made.
    ///
    /// # Errors
    /// [`CannotDo`] where it has, and nobody wants it.
    fn makes_namespace(&self, seen: &[Lookup<Value>]) -> Result<bool, CannotDo> {
        match (seen.get(2), self.namespace) {
            (Some(Lookup::Missing), Some(namespace)) if !self.recipe.create_namespace => Err(CannotDo::new(
                format!("namespace {namespace} does not exist"),
                "--create-namespace makes it, or kubectl create namespace",
            )),
            (Some(Lookup::Missing), Some(_)) => Ok(true),
            // Who may not read the namespace may well work in it.
            (Some(Lookup::Missing | Lookup::Known(_) | Lookup::NotChecked(_)) | None, _) => Ok(false),
        }
    }

    /// The revisions there are, the newest and the deployed one.
    ///
    /// # Errors
    /// [`CannotDo`] where they could not be read, or do not allow what is asked for.
    fn standing<'k>(&self, kept: &'k [Kept]) -> Result<Standing<'k>, CannotDo> {
        let name = self.name;
        let last = kept.last();
        match (last, self.onto) {
            (Some(last), _) if change::is_pending(last) => Err(CannotDo::new(
                format!("release {name}: revision {} is {}: a change of it is under way, or broke off", last.revision, last.status),
                format!("helm history {name} tells more; helm rollback {name} N takes it back to revision N"),
            )),
            (Some(last), Onto::Nothing) => {
                let way = if change::is_gone(last) {
                    format!("helm upgrade --install {name} takes the name again")
                } else {
                    format!("helm upgrade {name} changes it")
                };
                Err(CannotDo::new(format!("release {name} is there already: revision {} is {}", last.revision, last.status), way))
            }
            (None, Onto::Release) => Err(release::none(name, self.namespace)),
            (Some(last), Onto::Release) if change::is_gone(last) => Err(CannotDo::new(
                format!("release {name} is uninstalled"),
                format!("helm rollback {name} {} brings it back; helm upgrade --install {name} takes the name again", last.revision),
            )),
            (last, _) => Ok(Standing { last, deployed: change::deployed(kept) }),
        }
    }

    fn rehearsal(&self, storage: Storage) -> Errand {
        let work = Work::Rehearse(self.recipe.clone(), self.onto);
        Errand { storage, ..Errand::looking(work, Some(self.name), self.namespace) }
    }

    pub fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        if seen.is_empty() {
            let mut looks = release::revisions(self.name, self.namespace);
            looks.extend(self.place().map(|target| Call::get(&target)));
            return looks;
        }
        let Ok(kept) = release::revisions_in(self.name, self.namespace, seen) else { return Vec::new() };
        // What does not allow it is said before the program is asked anything.
        let (Ok(standing), Ok(_)) = (self.standing(&kept), self.makes_namespace(seen)) else { return Vec::new() };
        if seen.len() == self.first() {
            let storage = standing.last.map(change::storage).unwrap_or_default();
            let mut looks: Vec<Call> = [standing.last, standing.deployed].into_iter().flatten().map(release::get).collect();
            looks.push(Call::program(self.rehearsal(storage)));
            return looks;
        }
        match self.before(&standing, seen) {
            Ok(before) if seen.len() == self.second(&standing) => live::looks(&before, self.namespace),
            Ok(_) | Err(_) => Vec::new(),
        }
    }

    /// How many answers the first two looks have.
    fn second(&self, standing: &Standing<'_>) -> usize {
        self.first() + usize::from(standing.last.is_some()) + usize::from(standing.deployed.is_some()) + 1
    }

    /// The objects that are there.
    fn before(&self, standing: &Standing<'_>, seen: &[Lookup<Value>]) -> Result<Vec<Value>, CannotDo> {
        let at = self.first() + usize::from(standing.deployed.is_some());
        match standing.last {
            Some(last) if !change::is_gone(last) => change::whole(self.name, seen.get(at)).map(|release| release.objects),
            Some(_) | None => Ok(Vec::new()),
        }
    }

    pub fn calls(&self, seen: &[Lookup<Value>]) -> Result<Vec<Call>, CannotDo> {
        let kept = release::revisions_in(self.name, self.namespace, seen)?;
        let makes_namespace = self.makes_namespace(seen)?;
        let standing = self.standing(&kept)?;
        let mut answers = seen.get(self.first()..).unwrap_or_default().iter();
        let last = standing.last.map(|kept| change::whole(self.name, answers.next()).map(|release| (kept, release))).transpose()?;
        // The one that counts where the newest failed: it was read right behind that.
        let _ = standing.deployed.and_then(|_| answers.next());
        let rehearsed = change::told(answers.next())?;
        let bundle = rehearsed["bundle"].as_str().unwrap_or_default().to_string();
        let rendered = serde_json::from_value::<Release>(rehearsed.clone())
            .map_err(|e| CannotDo::new(format!("what helm rendered could not be understood: {e}"), ""))?;
        let before = self.before(&standing, seen)?;
        let live = Live::of(&before, self.namespace, seen.get(self.second(&standing)..).unwrap_or_default());
        let fresh = last.as_ref().is_none_or(|(kept, _)| change::is_gone(kept));
        let mut course = Course::between(&before, &rendered.objects, self.namespace, &live)?;
        if fresh && !self.recipe.skip_crds {
            let kinds = Course::between(&[], &rendered.crds, self.namespace, &Live::default())?;
            course.calls.splice(0..0, kinds.calls);
            course.tells("helm-crds", "kinds that come with the chart, and stay when it goes", &named(&rendered.crds));
        }
        if !self.recipe.no_hooks {
            let moments = if fresh { ["pre-install", "post-install"] } else { ["pre-upgrade", "post-upgrade"] };
            course.runs(&rendered.hooks, &moments, self.namespace)?;
        }
        let unstable: Vec<Value> = rendered.objects.iter().filter(|object| change::unstable(object)).cloned().collect();
        course.tells(
            "helm-unstable",
            "the chart renders parts of these anew each time, so they will be others than shown",
            &named(&unstable),
        );
        if let (true, Some(namespace)) = (makes_namespace, self.namespace) {
            course.calls.splice(0..0, change::namespace_made(namespace)).for_each(drop);
        }
        let revision = kept.last().map_or(0, |kept| kept.revision) + 1;
        let objects = rendered.objects.iter().chain(rendered.hooks.iter().map(|hook| &hook.object)).cloned().collect();
        let shown = Shown {
            before: last.as_ref().map(|(kept, last)| last.head(&kept.version, standing.deployed.map(|kept| kept.revision))),
            after: Some(change::head_after(self.name, self.namespace, revision, &rendered, "deployed")),
            objects,
            told: Vec::new(),
        };
        Ok(course.calls(Errand {
            work: Work::Apply { recipe: self.recipe.clone(), onto: self.onto, bundle },
            release: Some(self.name.clone()),
            namespace: self.namespace.cloned(),
            storage: standing.last.map(change::storage).unwrap_or_default(),
            timeout: change::seconds(self.timeout),
            shown,
        }))
    }
}

fn named(objects: &[Value]) -> Vec<String> {
    objects.iter().map(compare::named).collect()
}
