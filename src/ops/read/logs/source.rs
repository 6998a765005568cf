//! Whose logs are read: an object's, or those of the pods that a selector finds.

use crate::ops::{Kind, Name, Namespace, Target};
use crate::terms::selector::LabelSelector;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Whose logs are read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Loose", into = "Loose")]
#[schemars(with = "Loose")]
pub enum LogSource {
    /// A pod's, or those of a workload's pods.
    Object(Target),
    /// Those of the pods with these labels.
    Chosen {
        /// As it is sent.
        selector: String,
        /// Where; filled in by the plan.
        namespace: Option<Namespace>,
    },
}

/// The same, before it is known which of the two it is.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
struct Loose {
    /// pod, or a kind of workload that has pods
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<Kind>,
    /// its name
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<Name>,
    /// namespace; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    namespace: Option<Namespace>,
    /// in place of kind and name: the pods with these labels
    #[serde(default, skip_serializing_if = "Option::is_none")]
    selector: Option<String>,
}

impl LogSource {
    /// The pods with these labels.
    ///
    /// # Errors
    /// A sentence where it is no selector, or one that selects everything.
    pub fn chosen(selector: &str, namespace: Option<Namespace>) -> Result<LogSource, String> {
        let read: LabelSelector = selector.parse().map_err(|e| format!("{selector:?}: {e}"))?;
        if read.is_empty() {
            return Err("an empty selector means every pod; name some label".into());
        }
        Ok(LogSource::Chosen { selector: read.to_string(), namespace })
    }

    /// The object, where one is named.
    pub fn object(&self) -> Option<&Target> {
        match self {
            LogSource::Object(target) => Some(target),
            LogSource::Chosen { .. } => None,
        }
    }

    /// The namespace, where it is known.
    pub fn namespace(&self) -> Option<&Namespace> {
        match self {
            LogSource::Object(target) => target.namespace(),
            LogSource::Chosen { namespace, .. } => namespace.as_ref(),
        }
    }

    pub(super) fn place(&mut self, current: &Namespace) {
        match self {
            LogSource::Object(target) => target.place(current),
            LogSource::Chosen { namespace, .. } => drop(namespace.get_or_insert_with(|| current.clone())),
        }
    }
}

impl TryFrom<Loose> for LogSource {
    type Error = String;
    fn try_from(loose: Loose) -> Result<Self, String> {
        match (loose.kind, loose.name, loose.selector) {
            (None, None, Some(selector)) => LogSource::chosen(&selector, loose.namespace),
            (Some(kind), Some(name), None) => {
                let target = Target::new(kind, name).map_err(|e| e.to_string())?;
                Ok(LogSource::Object(target.in_namespace(loose.namespace)))
            }
            (None, _, None) => Err("the field `kind` is missing".into()),
            (Some(_), None, None) => Err("the field `name` is missing".into()),
            (_, _, Some(_)) => Err("`selector` stands in place of `kind` and `name`".into()),
        }
    }
}
impl From<LogSource> for Loose {
    fn from(source: LogSource) -> Loose {
        match source {
            LogSource::Object(target) => Loose {
                kind: Some(target.kind()),
                namespace: target.namespace().cloned(),
                name: Some(target.name().clone()),
                selector: None,
            },
            LogSource::Chosen { selector, namespace } => Loose { selector: Some(selector), namespace, ..Loose::default() },
        }
    }
}
impl fmt::Display for LogSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LogSource::Object(target) => f.write_str(&target.slashed()),
            LogSource::Chosen { selector, namespace: Some(namespace) } => write!(f, "pods with {selector} in {namespace}"),
            LogSource::Chosen { selector, namespace: None } => write!(f, "pods with {selector}"),
        }
    }
}
