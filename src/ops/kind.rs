//! Which kind of object: a handle on one row of the table of kinds, or on one that the cluster's discovery told of.

use crate::terms::kinds::{self, KindInfo};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{
    borrow::Cow,
    fmt,
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

/// The kinds that a cluster told of, each once: what makes a word like `widgets` a kind. The program stands on one cluster from start to end.
static DISCOVERED: RwLock<Vec<Kind>> = RwLock::new(Vec::new());

/// Whether there are any: most words that are looked up are no kind, and on most clusters this is all that has to be asked.
static ANY_DISCOVERED: AtomicBool = AtomicBool::new(false);

/// A release of Helm: no server serves such a kind, but it is named, pinned, judged and undone as an object is. It never has a path.
static RELEASE: KindInfo = KindInfo {
    group: "helm.sh",
    version: "v1",
    kind: "Release",
    plural: "releases",
    short_names: &[],
    namespaced: true,
    subresources: &[],
    categories: &[],
    usage: kinds::Usage::Stored,
};

/// A kind of object. Copying it is free; two are equal when group and plural are.
#[derive(Clone, Copy)]
pub struct Kind(&'static KindInfo);

impl Kind {
    /// The kind that a person means by `word`: singular, plural, short name, `Kind` or `plural.group`, in any case. Built-in kinds come
    /// first, then those that [`Kind::discovered`] was told of.
    pub fn find(word: &str) -> Option<Kind> {
        kinds::find(word).map(Kind).or_else(|| Kind::known_by(|info| info.is_meant(word)))
    }

    /// Whether a kind's name may begin with these letters (in lower case): a word after which no other can be part of a kind's name is told
    /// by that, before any kind is looked for.
    pub fn may_begin(part: &str) -> bool {
        let begins = |name: &str| name.get(..part.len()).is_some_and(|start| start.eq_ignore_ascii_case(part));
        let known = |info: &KindInfo| begins(info.plural) || begins(info.kind) || info.short_names.iter().any(|name| begins(name));
        kinds::begins(part) || Kind::known_by(known).is_some()
    }

    /// The kinds that a word groups together: `all`.
    pub fn in_category(word: &str) -> Vec<Kind> {
        let grouped = |info: &KindInfo| info.categories.iter().any(|category| category.eq_ignore_ascii_case(word));
        let discovered = DISCOVERED.read().unwrap_or_else(PoisonError::into_inner);
        let built_in = kinds::KINDS.iter().filter(|info| grouped(info)).map(Kind);
        built_in.chain(discovered.iter().copied().filter(|kind| grouped(kind.0))).collect()
    }

    fn known_by(is: impl Fn(&KindInfo) -> bool) -> Option<Kind> {
        if !ANY_DISCOVERED.load(Ordering::Acquire) {
            return None;
        }
        // The newest word on a kind is the one that holds. Nothing panics under the lock, so a poisoned one still holds whole kinds.
        let discovered = DISCOVERED.read().unwrap_or_else(PoisonError::into_inner);
        discovered.iter().rev().find(|kind| is(kind.0)).copied()
    }

    /// What a release of Helm counts as.
    pub fn release() -> Kind {
        Kind(&RELEASE)
    }

    /// Whether it is that.
    pub fn is_release(self) -> bool {
        std::ptr::eq(self.0, &RELEASE)
    }

    /// The built-in kind of that name, for names that stand in this program's own text.
    #[allow(clippy::expect_used)]
    pub(crate) fn built_in(word: &'static str) -> Kind {
        Kind::find(word).expect("the table of kinds never changes and every word given here is in it")
    }

    /// The kind that an object with these `apiVersion` and `kind` fields has; other versions of a group do not count.
    pub fn of_object(api_version: &str, kind: &str) -> Option<Kind> {
        let known = kinds::of_object(api_version, kind).map(Kind);
        known.or_else(|| Kind::known_by(|info| info.kind == kind && info.api_version() == api_version))
    }

    /// A kind that only the cluster knows; from now on [`Kind::find`] finds it. Each distinct one is kept for the life of the program, and
    /// only once.
    pub fn discovered(info: KindInfo) -> Kind {
        if let Some(known) = kinds::find(&format!("{}.{}", info.plural, info.group)) {
            return Kind(known);
        }
        if let Some(known) = Kind::known_by(|known| *known == info) {
            return known;
        }
        let kind = Kind(Box::leak(Box::new(info)));
        DISCOVERED.write().unwrap_or_else(PoisonError::into_inner).push(kind);
        ANY_DISCOVERED.store(true, Ordering::Release);
        kind
    }

    /// `widgets.example.com/v1/Widget/namespaced`: all that a call needs of a discovered kind, so that a record reads back where nobody has
    /// asked the cluster yet.
    fn whole(self) -> String {
        let scope = if self.0.namespaced { "namespaced" } else { "cluster" };
        format!("{}.{}/{}/{}/{scope}", self.0.plural, self.0.group, self.0.version, self.0.kind)
    }

    fn of_whole(text: &str) -> Option<Kind> {
        let parts: Vec<&str> = text.split('/').collect();
        let [resource, version, kind, scope] = parts[..] else { return None };
        let (plural, group) = resource.split_once('.')?;
        let named = |word: &str| word.chars().all(|c| c.is_ascii_alphanumeric()) && !word.is_empty() && word.len() <= 63;
        let legal = super::names::is_dns_label(plural) && super::names::is_dns_subdomain(group) && named(version) && named(kind);
        if !legal || !["namespaced", "cluster"].contains(&scope) {
            return None;
        }
        let namespaced = scope == "namespaced";
        if text == Kind::release().whole() {
            return Some(Kind::release());
        }
        let same = |info: &KindInfo| {
            (info.plural, info.group, info.version, info.kind, info.namespaced) == (plural, group, version, kind, namespaced)
        };
        let leaked = |text: &str| -> &'static str { Box::leak(text.to_string().into_boxed_str()) };
        Kind::known_by(same).or_else(|| {
            Some(Kind::discovered(KindInfo {
                group: leaked(group),
                version: leaked(version),
                kind: leaked(kind),
                plural: leaked(plural),
                short_names: &[],
                namespaced,
                subresources: &[],
                categories: &[],
                usage: kinds::Usage::Stored,
            }))
        })
    }

    /// The row itself: group, version, plural, scope.
    pub fn info(self) -> &'static KindInfo {
        self.0
    }

    /// Whether every cluster has it.
    pub fn is_built_in(self) -> bool {
        kinds::KINDS.iter().any(|info| std::ptr::eq(info, self.0))
    }

    /// `deployment`, or `widgets.example.com` for a kind that is not built in.
    pub fn word(self) -> Cow<'static, str> {
        let singular = self.0.singular();
        match kinds::find(&singular) {
            Some(found) if std::ptr::eq(found, self.0) => Cow::Owned(singular),
            _ if self.is_release() => Cow::Owned(singular),
            _ if self.0.group.is_empty() => Cow::Borrowed(self.0.plural),
            _ => Cow::Owned(format!("{}.{}", self.0.plural, self.0.group)),
        }
    }

    /// `pods`, or `pods.metrics.k8s.io` where the short form would mean another kind.
    pub fn plural(self) -> Cow<'static, str> {
        match kinds::find(self.0.plural) {
            Some(found) if std::ptr::eq(found, self.0) => Cow::Borrowed(self.0.plural),
            _ if self.is_release() => Cow::Borrowed(self.0.plural),
            _ if self.0.group.is_empty() => Cow::Borrowed(self.0.plural),
            _ => Cow::Owned(format!("{}.{}", self.0.plural, self.0.group)),
        }
    }

    /// `apps/v1`, or `v1` for the core group.
    pub fn api_version(self) -> String {
        if self.0.group.is_empty() { self.0.version.to_string() } else { format!("{}/{}", self.0.group, self.0.version) }
    }

    /// Whether objects of this kind live in a namespace.
    pub fn namespaced(self) -> bool {
        self.0.namespaced
    }

    /// Whether this is the built-in kind of that plural (`deployments`) and group (`apps`, empty for core).
    pub fn is(self, plural: &str, group: &str) -> bool {
        self.0.plural == plural && self.0.group == group
    }

    /// Whether its objects are made of pods by a rollout: Deployment, StatefulSet, DaemonSet.
    pub fn rolls_out(self) -> bool {
        self.0.group == "apps" && ["deployments", "statefulsets", "daemonsets"].contains(&self.0.plural)
    }

    /// Whether its names may hold more than a DNS name (`system:node`): RBAC kinds and CSRs.
    pub(crate) fn wide_names(self) -> bool {
        self.0.group == "rbac.authorization.k8s.io" || self.0.group == "certificates.k8s.io"
    }
}

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        self.0.plural == other.0.plural && self.0.group == other.0.group
    }
}
impl Eq for Kind {}
impl std::hash::Hash for Kind {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.plural.hash(state);
        self.0.group.hash(state);
    }
}
impl PartialOrd for Kind {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Kind {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.0.group, self.0.plural).cmp(&(other.0.group, other.0.plural))
    }
}
impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kind({})", self.word())
    }
}
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.word())
    }
}
impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        if self.is_built_in() && kinds::find(&self.word()).is_some_and(|info| std::ptr::eq(info, self.0)) {
            s.serialize_str(&self.word())
        } else {
            s.serialize_str(&self.whole())
        }
    }
}
impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let word = String::deserialize(d)?;
        Kind::find(&word)
            .or_else(|| Kind::of_whole(&word))
            .ok_or_else(|| serde::de::Error::custom(format!("{:?} is no kind this cluster is known to have", shorten(&word))))
    }
}
impl JsonSchema for Kind {
    fn schema_name() -> Cow<'static, str> {
        "Kind".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "description": "kind of object, singular: pod, deployment, service, node, ingress, …"})
    }
}

/// The object kinds that `word` groups together, or the one it names.
pub(super) fn meant(word: &str) -> Vec<Kind> {
    Kind::find(word).map_or_else(|| Kind::in_category(word), |kind| vec![kind])
}

fn shorten(word: &str) -> String {
    word.chars().take(60).collect()
}
