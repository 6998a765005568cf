//! `kubectl create poddisruptionbudget`: how many pods may be missing while nodes are emptied.
//!
//! Source: `kubectl/pkg/cmd/create/create_pdb.go`.

use super::made::{Makes, dns_name, needed};
use crate::{
    ops::{Argv, BadName, CannotDo, DnsName, Flag, Kind, Lookup, Misuse, Namespace, Spec},
    terms::selector::LabelSelector,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt;

/// `2` or `50%`: so many pods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub enum Share {
    /// So many.
    Count(u32),
    /// Of a hundred.
    Percent(u32),
}

impl std::str::FromStr for Share {
    type Err = BadName;
    fn from_str(text: &str) -> Result<Self, BadName> {
        let bad = || BadName::new(text, "number of pods", "a number or a percentage was expected, as in 2 or 50%");
        let number = |digits: &str| match digits.chars().all(|c| c.is_ascii_digit()) {
            true => digits.parse().map_err(|_| bad()),
            false => Err(bad()),
        };
        match text.strip_suffix('%') {
            Some(digits) => number(digits).map(Share::Percent),
            None => number(text).map(Share::Count),
        }
    }
}
impl TryFrom<String> for Share {
    type Error = BadName;
    fn try_from(text: String) -> Result<Self, BadName> {
        text.parse()
    }
}
impl From<Share> for String {
    fn from(share: Share) -> String {
        share.to_string()
    }
}
impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Share::Count(n) => write!(f, "{n}"),
            Share::Percent(n) => write!(f, "{n}%"),
        }
    }
}
impl Share {
    fn json(&self) -> Value {
        match self {
            Share::Count(n) => json!(n),
            Share::Percent(_) => json!(self.to_string()),
        }
    }
}

/// Creates a PodDisruptionBudget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreatePodDisruptionBudget {
    /// its name
    pub name: DnsName,
    /// namespace; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// label selector of the pods: app=web
    pub selector: String,
    /// how many must stay available: 2 or 50%; not with max_unavailable
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_available: Option<Share>,
    /// how many may be missing: 1 or 25%; not with min_available
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_unavailable: Option<Share>,
}

impl CreatePodDisruptionBudget {
    fn bound(&self) -> Result<(&'static str, &Share), &'static str> {
        match (&self.min_available, &self.max_unavailable) {
            (Some(share), None) => Ok(("minAvailable", share)),
            (None, Some(share)) => Ok(("maxUnavailable", share)),
            (Some(_), Some(_)) => Err("min-available and max-unavailable cannot be both specified"),
            (None, None) => Err("one of min-available or max-unavailable must be specified"),
        }
    }
}

impl Makes for CreatePodDisruptionBudget {
    fn made(&self) -> Vec<(Kind, String)> {
        vec![(Kind::built_in("poddisruptionbudgets"), self.name.to_string())]
    }
    fn namespace(&self) -> Option<&Namespace> {
        self.namespace.as_ref()
    }
    fn fill(&mut self, namespace: &Namespace) {
        self.namespace = Some(namespace.clone());
    }
    fn bodies(&self, _seen: &[Lookup<Value>]) -> Result<Vec<Value>, CannotDo> {
        let selector = self.selector.parse::<LabelSelector>().and_then(|selector| selector.to_json());
        let selector = selector.map_err(|e| CannotDo::new(format!("{:?} is no label selector: {e}", self.selector), "as in app=web"))?;
        let (field, share) = self.bound().map_err(|why| CannotDo::new(why, ""))?;
        Ok(vec![json!({"spec": {"selector": selector, field: share.json()}})])
    }
    fn words(&self) -> Argv {
        let mut argv = Argv::of(Self::VERB).place(&self.name).flag("selector", &self.selector);
        if let Some(share) = &self.min_available {
            argv = argv.flag("min-available", share);
        }
        if let Some(share) = &self.max_unavailable {
            argv = argv.flag("max-unavailable", share);
        }
        argv
    }
}

impl Spec for CreatePodDisruptionBudget {
    const NAME: &'static str = "create_pod_disruption_budget";
    const VERB: &'static [&'static str] = &["create", "poddisruptionbudget"];
    const ABOUT: &'static str = "Create a pod disruption budget.";
    const EXAMPLE: &'static str = "kubectl create poddisruptionbudget web --selector=app=web --min-available=1";
    const BACK: &'static str = "deletes it";
    const FLAGS: &'static [Flag] = &[Flag::value("selector"), Flag::value("min-available"), Flag::value("max-unavailable")];
    const READS: bool = false;
    const MAKES: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        let budget = CreatePodDisruptionBudget {
            name: dns_name(argv)?,
            namespace: argv.named_namespace()?,
            selector: needed(argv, "selector")?,
            min_available: argv.parsed("min-available")?,
            max_unavailable: argv.parsed("max-unavailable")?,
        };
        let wrong = |e| Misuse::Says(format!("--selector={}: {e}", budget.selector));
        let selector = budget.selector.parse::<LabelSelector>().map_err(wrong)?;
        selector.to_json().map_err(wrong)?;
        if selector.is_empty() {
            return Err(Misuse::says("kubectl create poddisruptionbudget: a selector must be specified"));
        }
        budget.bound().map_err(|why| Misuse::Says(format!("kubectl create poddisruptionbudget: {why}")))?;
        Ok(budget)
    }
}
