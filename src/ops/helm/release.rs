//! A release as it may leave the door: decoded, without the chart's files, its secret values masked.
//!
//! Source: `pkg/release/v1/release.go` of Helm, and `pkg/storage/driver/{secrets,labels}.go` for how it is kept.

use crate::ops::{Call, CannotDo, Form, Kind, Lookup, Name, Namespace, ReleaseName, Target, look};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// One revision of a release.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Release {
    /// Its name.
    pub name: String,
    /// Where it is installed.
    pub namespace: String,
    /// Which revision, from 1.
    pub revision: u64,
    /// `deployed`, `superseded`, `failed`, `uninstalled`, `pending-upgrade`, …
    pub status: String,
    /// When this revision was made.
    pub updated: String,
    /// What came of it, in helm's words.
    pub description: String,
    /// The chart it was made from.
    pub chart: Chart,
    /// What the person gave, secret values masked.
    pub values: Value,
    /// The same over the chart's own values.
    pub computed: Value,
    /// The objects as YAML, Secret values masked.
    pub manifest: String,
    /// The same as values.
    pub objects: Vec<Value>,
    /// What runs before and after.
    pub hooks: Vec<Hook>,
    /// What the chart says to a person, secret values masked.
    pub notes: String,
    /// Kinds that come with the chart and are made before all else; only told of what a chart would install.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub crds: Vec<Value>,
    /// Why it could not be decoded, where it could not; then only what its labels say is known.
    pub trouble: Option<String>,
}

/// Which chart.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Chart {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The version of what it installs.
    pub app_version: String,
}

/// One object that is made at a certain moment and belongs to no revision.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Hook {
    /// The object's name.
    pub name: String,
    /// Its kind as written.
    pub kind: String,
    /// The template it comes from.
    pub path: String,
    /// When: `pre-upgrade`, `test`, …
    pub events: Vec<String>,
    /// Its YAML, Secret values masked.
    pub manifest: String,
    /// The same as a value.
    pub object: Value,
}

impl Release {
    /// The release as an object among others, in a few fields: what it is pinned by, and what undo compares. `version` is the
    /// resourceVersion of what keeps it, `deployed` the revision that counts where this one failed.
    pub fn head(&self, version: &str, deployed: Option<u64>) -> Value {
        let mut head = json!({
            "apiVersion": "helm.sh/v1", "kind": "Release",
            "metadata": {"name": self.name, "namespace": self.namespace, "uid": format!("{}/{}", self.namespace, self.name), "resourceVersion": version},
            "revision": self.revision, "chart": self.chart.titled(), "state": self.status,
        });
        if !self.chart.app_version.is_empty() {
            head["appVersion"] = json!(self.chart.app_version);
        }
        if let Some(deployed) = deployed {
            head["deployed"] = json!(deployed);
        }
        head
    }
}

impl Chart {
    /// `shop-0.1.0`, as helm's tables have it.
    pub fn titled(&self) -> String {
        if self.name.is_empty() { String::new() } else { format!("{}-{}", self.name, self.version) }
    }
}

/// The kinds that may hold releases: Secrets, and ConfigMaps where `HELM_DRIVER=configmap` was set.
pub(super) fn kept_in() -> [Kind; 2] {
    [Kind::built_in("secrets"), Kind::built_in("configmaps")]
}

/// What a revision's storage is named.
const KEY: &str = "sh.helm.release.v1.";

/// The first look: which revisions there are, by their labels alone.
pub fn revisions(name: &ReleaseName, namespace: Option<&Namespace>) -> Vec<Call> {
    let of = |kind| Call::list(kind, namespace).with("labelSelector", format!("owner=helm,name={name}")).shaped(Form::Table);
    kept_in().map(of).into()
}

/// The releases themselves, decoded by the door: those the selector picks.
pub(super) fn decoded(namespace: Option<&Namespace>, selector: &str) -> Vec<Call> {
    let of = |kind| Call::list(kind, namespace).with("labelSelector", selector).shaped(Form::Release);
    kept_in().map(of).into()
}

/// A revision and what keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Which.
    pub revision: u64,
    /// What its label says.
    pub status: String,
    /// The object that keeps it.
    pub target: Target,
    /// That object's resourceVersion.
    pub version: String,
}

/// What [`revisions`] found, oldest first.
///
/// # Errors
/// [`CannotDo`] where there is no release of that name, or it could not be looked for.
pub fn found(name: &ReleaseName, namespace: Option<&Namespace>, seen: &[Lookup<Value>]) -> Result<Vec<Kept>, CannotDo> {
    let kept = revisions_in(name, namespace, seen)?;
    if kept.is_empty() { Err(none(name, namespace)) } else { Ok(kept) }
}

/// The same, where none is an answer too.
///
/// # Errors
/// [`CannotDo`] where it could not be looked for.
pub fn revisions_in(name: &ReleaseName, namespace: Option<&Namespace>, seen: &[Lookup<Value>]) -> Result<Vec<Kept>, CannotDo> {
    let mut kept = Vec::new();
    for (at, kind) in kept_in().into_iter().enumerate() {
        let rows = match seen.get(at) {
            Some(Lookup::Known(table)) => look::list(table, "/rows"),
            Some(Lookup::Missing) | None => &[],
            // Hardly anybody keeps releases in ConfigMaps; who may not read those may well read the others.
            Some(Lookup::NotChecked(_)) if at > 0 => &[],
            Some(Lookup::NotChecked(why)) => {
                let place = namespace.map_or_else(String::new, |ns| format!(" in {ns}"));
                return Err(CannotDo::new(
                    format!("release {name}{place} could not be read: {why}"),
                    "helm keeps its releases in Secrets: reading those is what it takes",
                ));
            }
        };
        for row in rows {
            let label = |key: &str| look::text(row, &format!("/object/metadata/labels/{key}"));
            let (Ok(revision), object) = (label("version").parse(), look::text(row, "/object/metadata/name")) else { continue };
            let Ok(target) = Name::new(object).and_then(|name| Target::new(kind, name)) else { continue };
            if object.starts_with(KEY) && label("name") == name.as_str() {
                let version = look::text(row, "/object/metadata/resourceVersion").to_string();
                kept.push(Kept { revision, status: label("status").into(), target: target.in_namespace(namespace.cloned()), version });
            }
        }
    }
    kept.sort_by_key(|kept| kept.revision);
    Ok(kept)
}

/// The revision that is asked for: that one, else the latest.
///
/// # Errors
/// [`CannotDo`] where there is no such revision; the hint says which there are.
pub(super) fn chosen<'a>(kept: &'a [Kept], name: &ReleaseName, revision: Option<u64>) -> Result<&'a Kept, CannotDo> {
    let found = match revision {
        Some(wanted) => kept.iter().find(|kept| kept.revision == wanted),
        None => kept.last(),
    };
    found.ok_or_else(|| {
        let known = kept.iter().map(|kept| kept.revision.to_string()).collect::<Vec<_>>().join(", ");
        CannotDo::new(format!("release {name} has no revision {}", revision.unwrap_or_default()), format!("there are: {known}"))
    })
}

/// Reads one revision whole.
pub fn get(kept: &Kept) -> Call {
    Call::get(&kept.target).shaped(Form::Release)
}

/// There is no such release.
pub(super) fn none(name: &ReleaseName, namespace: Option<&Namespace>) -> CannotDo {
    let place = namespace.map_or_else(String::new, |ns| format!(" in {ns}"));
    CannotDo::new(format!("release {name}{place} does not exist"), "helm list -A shows the releases there are")
}

/// The release that an answer holds.
///
/// # Errors
/// [`CannotDo`] where it could not be read or decoded.
pub(super) fn whole(name: &ReleaseName, answer: &Lookup<Value>) -> Result<Release, CannotDo> {
    let release = match answer {
        Lookup::Known(value) => serde_json::from_value::<Release>(value.clone())
            .map_err(|e| CannotDo::new(format!("release {name} could not be understood: {e}"), ""))?,
        Lookup::Missing => return Err(CannotDo::new(format!("release {name}: this revision is gone"), "helm history shows what is there")),
        Lookup::NotChecked(why) => return Err(CannotDo::new(format!("release {name} could not be read: {why}"), "")),
    };
    match release.trouble {
        Some(why) => Err(CannotDo::new(format!("release {name} could not be decoded: {why}"), "")),
        None => Ok(release),
    }
}

/// The releases that two lists hold, in the order of namespace, name and revision.
///
/// # Errors
/// [`CannotDo`] where Secrets could not be listed.
pub(super) fn listed(answers: &[Lookup<Value>]) -> Result<Vec<Release>, CannotDo> {
    let mut releases = Vec::new();
    for (at, answer) in answers.iter().enumerate() {
        let items = match answer {
            Lookup::Known(list) => look::items(list),
            Lookup::Missing => &[],
            Lookup::NotChecked(_) if at > 0 => &[],
            Lookup::NotChecked(why) => {
                return Err(CannotDo::new(
                    format!("releases could not be listed: {why}"),
                    "helm keeps its releases in Secrets: reading those is what it takes; name a namespace you may read",
                ));
            }
        };
        releases.extend(items.iter().filter_map(|item| serde_json::from_value::<Release>(item.clone()).ok()));
    }
    releases.sort_by(|a, b| (&a.namespace, &a.name, a.revision).cmp(&(&b.namespace, &b.name, b.revision)));
    Ok(releases)
}
