//! `kubectl create serviceaccount`: who pods are to the API server.

use super::made::{Makes, dns_name};
use crate::ops::{Argv, CannotDo, DnsName, Flag, Kind, Lookup, Misuse, Namespace, Spec};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Creates a ServiceAccount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateServiceAccount {
    /// its name
    pub name: DnsName,
    /// namespace; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
}

impl Makes for CreateServiceAccount {
    fn made(&self) -> Vec<(Kind, String)> {
        vec![(Kind::built_in("serviceaccounts"), self.name.to_string())]
    }
    fn namespace(&self) -> Option<&Namespace> {
        self.namespace.as_ref()
    }
    fn fill(&mut self, namespace: &Namespace) {
        self.namespace = Some(namespace.clone());
    }
    fn bodies(&self, _seen: &[Lookup<Value>]) -> Result<Vec<Value>, CannotDo> {
        Ok(vec![json!({})])
    }
    fn words(&self) -> Argv {
        Argv::of(Self::VERB).place(&self.name)
    }
}

impl Spec for CreateServiceAccount {
    const NAME: &'static str = "create_service_account";
    const VERB: &'static [&'static str] = &["create", "serviceaccount"];
    const ABOUT: &'static str = "Create a service account.";
    const EXAMPLE: &'static str = "kubectl create serviceaccount builder";
    const BACK: &'static str = "deletes it";
    const FLAGS: &'static [Flag] = &[];
    const READS: bool = false;
    const MAKES: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        Ok(CreateServiceAccount { name: dns_name(argv)?, namespace: argv.named_namespace()? })
    }
}
