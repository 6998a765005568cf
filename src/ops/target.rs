//! Which object: kind, name and namespace together, legal for that kind.

use super::{
    Kind, Name, Namespace,
    names::{BadName, is_dns_subdomain},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// One object. The namespace is filled by the plan when nobody named it, and stays empty for cluster-scoped kinds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Loose", into = "Loose")]
#[schemars(with = "Loose")]
pub struct Target {
    kind: Kind,
    namespace: Option<Namespace>,
    name: Name,
}

/// The same, before the kind's own rules were asked.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Loose {
    kind: Kind,
    name: Name,
    /// namespace; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    namespace: Option<Namespace>,
}

impl Target {
    /// An object of that kind and name, in the current namespace until [`Target::place`] says otherwise.
    ///
    /// # Errors
    /// [`BadName`] where the kind's own rule (a DNS name, RBAC kinds aside) forbids the name.
    pub fn new(kind: Kind, name: Name) -> Result<Self, BadName> {
        if !kind.wide_names() && !is_dns_subdomain(name.as_str()) {
            return Err(BadName::new(
                name.as_str(),
                "object name",
                "lower-case letters, digits, '-' and '.', beginning and ending with a letter or digit",
            ));
        }
        Ok(Target { kind, namespace: None, name })
    }

    /// The same object in that namespace; cluster-scoped kinds stay without one.
    #[must_use]
    pub fn in_namespace(mut self, namespace: Option<Namespace>) -> Self {
        self.namespace = if self.kind.namespaced() { namespace } else { None };
        self
    }

    /// Fills in the namespace if the kind has one and nobody named it.
    pub fn place(&mut self, namespace: &Namespace) {
        if self.kind.namespaced() && self.namespace.is_none() {
            self.namespace = Some(namespace.clone());
        }
    }

    /// Its kind.
    pub fn kind(&self) -> Kind {
        self.kind
    }
    /// Its name.
    pub fn name(&self) -> &Name {
        &self.name
    }
    /// Its namespace, if it has one and it is known.
    pub fn namespace(&self) -> Option<&Namespace> {
        self.namespace.as_ref()
    }
    /// `deployment/backend`.
    pub fn slashed(&self) -> String {
        format!("{}/{}", self.kind.word(), self.name)
    }
}

impl TryFrom<Loose> for Target {
    type Error = BadName;
    fn try_from(l: Loose) -> Result<Self, BadName> {
        Ok(Target::new(l.kind, l.name)?.in_namespace(l.namespace))
    }
}
impl From<Target> for Loose {
    fn from(t: Target) -> Loose {
        Loose { kind: t.kind, name: t.name, namespace: t.namespace }
    }
}
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.word(), self.name)?;
        match &self.namespace {
            Some(ns) => write!(f, " in {ns}"),
            None => Ok(()),
        }
    }
}
