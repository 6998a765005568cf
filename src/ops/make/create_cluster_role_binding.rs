//! `kubectl create clusterrolebinding`: a cluster role given to somebody, everywhere.

use super::{
    made::{Makes, each, needed, only_name},
    subjects::{AccountRef, binding, printed, subjects},
};
use crate::ops::{Argv, CannotDo, Flag, Kind, Lookup, Misuse, Name, Namespace, Spec};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Creates a ClusterRoleBinding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateClusterRoleBinding {
    /// its name
    pub name: Name,
    /// the cluster role
    pub cluster_role: Name,
    /// names of users
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<String>,
    /// names of groups
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// service accounts, each NAMESPACE:NAME
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub service_accounts: Vec<AccountRef>,
}

impl Makes for CreateClusterRoleBinding {
    fn made(&self) -> Vec<(Kind, String)> {
        vec![(Kind::built_in("clusterrolebindings"), self.name.to_string())]
    }
    fn namespace(&self) -> Option<&Namespace> {
        None
    }
    fn fill(&mut self, _namespace: &Namespace) {}
    fn bodies(&self, _seen: &[Lookup<Value>]) -> Result<Vec<Value>, CannotDo> {
        let subjects = subjects(&self.users, &self.groups, &self.service_accounts);
        Ok(vec![binding("ClusterRole", &self.cluster_role, subjects)])
    }
    fn words(&self) -> Argv {
        let argv = Argv::of(Self::VERB).place(&self.name).flag("clusterrole", &self.cluster_role);
        printed(argv, &self.users, &self.groups, &self.service_accounts)
    }
}

impl Spec for CreateClusterRoleBinding {
    const NAME: &'static str = "create_cluster_role_binding";
    const VERB: &'static [&'static str] = &["create", "clusterrolebinding"];
    const ABOUT: &'static str = "Give a cluster role to users, groups or service accounts in the whole cluster.";
    const EXAMPLE: &'static str = "kubectl create clusterrolebinding readers --clusterrole=view --group=auditors";
    const BACK: &'static str = "deletes it";
    const FLAGS: &'static [Flag] = &[Flag::value("clusterrole"), Flag::value("user"), Flag::value("group"), Flag::value("serviceaccount")];
    const READS: bool = false;
    const MAKES: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        Ok(CreateClusterRoleBinding {
            name: Name::new(only_name(argv)?)?,
            cluster_role: needed(argv, "clusterrole")?,
            users: each(argv, "user")?,
            groups: each(argv, "group")?,
            service_accounts: each(argv, "serviceaccount")?,
        })
    }
}
