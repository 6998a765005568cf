//! `kubectl create quota`: limits on what a namespace may use.
//!
//! Source: `kubectl/pkg/cmd/create/create_quota.go`.

use super::made::{Makes, dns_name, listed, pairs, texts};
use crate::{
    ops::{Argv, CannotDo, DnsName, Flag, Kind, LabelKey, Lookup, Misuse, Namespace, Spec},
    terms::quantity::Quantity,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Creates a ResourceQuota.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateQuota {
    /// its name
    pub name: DnsName,
    /// namespace; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// resource to limit: cpu to 2, memory to 4Gi, pods to 10
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub hard: BTreeMap<LabelKey, String>,
    /// which pods it counts; all of these must fit: Terminating, NotTerminating, BestEffort, NotBestEffort, PriorityClass, CrossNamespacePodAffinity
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
}

impl Makes for CreateQuota {
    fn made(&self) -> Vec<(Kind, String)> {
        vec![(Kind::built_in("resourcequotas"), self.name.to_string())]
    }
    fn namespace(&self) -> Option<&Namespace> {
        self.namespace.as_ref()
    }
    fn fill(&mut self, namespace: &Namespace) {
        self.namespace = Some(namespace.clone());
    }
    fn bodies(&self, _seen: &[Lookup<Value>]) -> Result<Vec<Value>, CannotDo> {
        if let Some((resource, amount)) = self.hard.iter().find(|(_, amount)| amount.parse::<Quantity>().is_err()) {
            return Err(CannotDo::new(format!("{resource}={amount} is no quantity"), "as in 2, 500m or 4Gi"));
        }
        let mut spec = json!({});
        if !self.hard.is_empty() {
            spec["hard"] = texts(&self.hard);
        }
        if !self.scopes.is_empty() {
            spec["scopes"] = json!(self.scopes);
        }
        Ok(vec![json!({"spec": spec})])
    }
    fn words(&self) -> Argv {
        let mut argv = Argv::of(Self::VERB).place(&self.name);
        if !self.hard.is_empty() {
            let hard: Vec<_> = self.hard.iter().map(|(resource, amount)| format!("{resource}={amount}")).collect();
            argv = argv.flag("hard", hard.join(","));
        }
        if !self.scopes.is_empty() {
            argv = argv.flag("scopes", self.scopes.join(","));
        }
        argv
    }
}

impl Spec for CreateQuota {
    const NAME: &'static str = "create_quota";
    const VERB: &'static [&'static str] = &["create", "quota"];
    const ABOUT: &'static str = "Create a resource quota for a namespace.";
    const EXAMPLE: &'static str = "kubectl create quota most --hard=cpu=4,memory=8Gi,pods=20";
    const BACK: &'static str = "deletes it";
    const FLAGS: &'static [Flag] = &[Flag::value("hard"), Flag::value("scopes")];
    const READS: bool = false;
    const MAKES: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        let amount = |text: &str| match text.parse::<Quantity>() {
            Ok(_) => Ok(text.to_string()),
            Err(e) => Err(Misuse::Says(format!("--hard: {text:?}: {e}"))),
        };
        let said = argv.get("hard").into_iter().flat_map(|hard| hard.split(',')).map(str::to_string);
        Ok(CreateQuota {
            name: dns_name(argv)?,
            namespace: argv.named_namespace()?,
            hard: pairs(argv, "hard", said, amount)?,
            scopes: listed(argv, "scopes")?,
        })
    }
}
