//! What the helm program is sent out for, as plain data: the door makes arguments of it, and nothing else ever becomes one.

use super::recipe::Recipe;
use crate::ops::{Namespace, ReleaseName};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One errand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Errand {
    /// What is done.
    pub work: Work,
    /// The release; what only looks at a chart has none.
    pub release: Option<ReleaseName>,
    /// Where it is.
    pub namespace: Option<Namespace>,
    /// In what its revisions are kept.
    pub storage: Storage,
    /// How long each thing that is waited for may take, in seconds.
    pub timeout: u64,
    /// What was shown of it before the question.
    #[serde(skip)]
    pub shown: Shown,
}

/// What is done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// Tells its version: that it is there, and new enough.
    Version,
    /// Renders a chart without any cluster.
    Template(Recipe),
    /// Looks for faults in a chart.
    Lint(Recipe),
    /// Tells what [`Work::Apply`] would make, against the cluster as it is; nothing is changed by it.
    Rehearse(Recipe, Onto),
    /// Installs or upgrades.
    Apply {
        /// From what.
        recipe: Recipe,
        /// Onto what.
        onto: Onto,
        /// The very copy of the chart and the values that was rehearsed.
        bundle: String,
    },
    /// Goes back to a revision.
    Rollback {
        /// Which.
        to: u64,
        /// Without running its hooks.
        no_hooks: bool,
    },
    /// Takes everything away.
    Uninstall {
        /// Its revisions stay on record.
        keep_history: bool,
        /// Without running its hooks.
        no_hooks: bool,
    },
}

/// What a chart is laid onto.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Onto {
    /// Nothing: `helm install`.
    Nothing,
    /// A release that is there: `helm upgrade`.
    Release,
    /// A release, or nothing: `helm upgrade --install`.
    Either,
}

/// In what the revisions of a release are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Storage {
    /// Secrets, unless the person's environment says otherwise.
    #[default]
    Usual,
    /// ConfigMaps.
    ConfigMap,
}

/// What was shown of an errand, and has to be so when it is run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Shown {
    /// The release before it, as [`super::Release::head`] tells it.
    pub before: Option<Value>,
    /// The release after it.
    pub after: Option<Value>,
    /// What the chart was rendered to, Secret values masked.
    pub objects: Vec<Value>,
    /// What a person should know besides, each with a stable id.
    pub told: Vec<(&'static str, String)>,
}

/// One object before and after the program's work, Secret values masked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Carried {
    /// `None` where there is none.
    pub before: Option<Value>,
    /// `None` where it goes.
    pub after: Option<Value>,
}

impl Errand {
    /// One that only looks, for any release or none.
    pub(super) fn looking(work: Work, release: Option<&ReleaseName>, namespace: Option<&Namespace>) -> Errand {
        let (release, namespace) = (release.cloned(), namespace.cloned());
        Errand { work, release, namespace, storage: Storage::Usual, timeout: 60, shown: Shown::default() }
    }

    /// Whether it changes anything.
    pub fn mutates(&self) -> bool {
        match self.work {
            Work::Version | Work::Template(_) | Work::Lint(_) | Work::Rehearse(..) => false,
            Work::Apply { .. } | Work::Rollback { .. } | Work::Uninstall { .. } => true,
        }
    }

    /// Whether the release is gone afterwards, its history too.
    pub fn ends(&self) -> bool {
        matches!(self.work, Work::Uninstall { keep_history: false, .. })
    }

    /// The chart it is about, where it is about one.
    pub fn recipe(&self) -> Option<&Recipe> {
        match &self.work {
            Work::Template(recipe) | Work::Lint(recipe) | Work::Rehearse(recipe, _) | Work::Apply { recipe, .. } => Some(recipe),
            Work::Version | Work::Rollback { .. } | Work::Uninstall { .. } => None,
        }
    }
}
