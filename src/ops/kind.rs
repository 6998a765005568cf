//! Which kind of object: a handle on one row of the table of kinds, or on one that the cluster's discovery told of.

use crate::terms::kinds::{self, KindInfo};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{borrow::Cow, fmt};

/// A kind of object. Copying it is free; two are equal when group and plural are.
#[derive(Clone, Copy)]
pub struct Kind(&'static KindInfo);

impl Kind {
    /// The built-in kind that a person means by `word`: singular, plural, short name, `Kind` or `plural.group`, in any case.
    pub fn find(word: &str) -> Option<Kind> {
        kinds::find(word).map(Kind)
    }

    /// The built-in kind of that name, for names that stand in this program's own text.
    #[allow(clippy::expect_used)]
    pub(crate) fn built_in(word: &'static str) -> Kind {
        Kind::find(word).expect("the table of kinds never changes and every word given here is in it")
    }

    /// The built-in kind that an object with these `apiVersion` and `kind` fields has; other versions of a group do not count.
    pub fn of_object(api_version: &str, kind: &str) -> Option<Kind> {
        kinds::of_object(api_version, kind).map(Kind)
    }

    /// A kind that only the cluster knows. Each distinct one is kept for the life of the program, so call it once per
    /// discovered kind, not once per object.
    pub fn discovered(info: KindInfo) -> Kind {
        match kinds::find(&format!("{}.{}", info.plural, info.group)) {
            Some(known) => Kind(known),
            None => Kind(Box::leak(Box::new(info))),
        }
    }

    /// The row itself: group, version, plural, scope.
    pub fn info(self) -> &'static KindInfo {
        self.0
    }

    /// `deployment`, or `widgets.example.com` for a kind that is not built in.
    pub fn word(self) -> Cow<'static, str> {
        let singular = self.0.singular();
        match kinds::find(&singular) {
            Some(found) if std::ptr::eq(found, self.0) => Cow::Owned(singular),
            _ if self.0.group.is_empty() => Cow::Borrowed(self.0.plural),
            _ => Cow::Owned(format!("{}.{}", self.0.plural, self.0.group)),
        }
    }

    /// `pods`, or `pods.metrics.k8s.io` where the short form would mean another kind.
    pub fn plural(self) -> Cow<'static, str> {
        match kinds::find(self.0.plural) {
            Some(found) if std::ptr::eq(found, self.0) => Cow::Borrowed(self.0.plural),
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
        s.serialize_str(&self.word())
    }
}
impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let word = String::deserialize(d)?;
        Kind::find(&word).ok_or_else(|| serde::de::Error::custom(format!("{:?} is no kind this cluster is known to have", shorten(&word))))
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

fn shorten(word: &str) -> String {
    word.chars().take(60).collect()
}
