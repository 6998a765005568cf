//! `kubectl create rolebinding`: a role given to somebody, in one namespace.

use super::{
    made::{Makes, each, only_name},
    subjects::{AccountRef, binding, printed, subjects},
};
use crate::ops::{Argv, CannotDo, Flag, Kind, Lookup, Misuse, Name, Namespace, Spec};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Creates a RoleBinding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateRoleBinding {
    /// its name
    pub name: Name,
    /// namespace; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// the role of that namespace; not with cluster_role
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Name>,
    /// the cluster role, given in that namespace only; not with role
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_role: Option<Name>,
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

impl Makes for CreateRoleBinding {
    fn made(&self) -> Vec<(Kind, String)> {
        vec![(Kind::built_in("rolebindings"), self.name.to_string())]
    }
    fn namespace(&self) -> Option<&Namespace> {
        self.namespace.as_ref()
    }
    fn fill(&mut self, namespace: &Namespace) {
        self.namespace = Some(namespace.clone());
    }
    fn bodies(&self, _seen: &[Lookup<Value>]) -> Result<Vec<Value>, CannotDo> {
        let subjects = subjects(&self.users, &self.groups, &self.service_accounts);
        match (&self.role, &self.cluster_role) {
            (Some(role), None) => Ok(vec![binding("Role", role, subjects)]),
            (None, Some(role)) => Ok(vec![binding("ClusterRole", role, subjects)]),
            (Some(_), Some(_)) | (None, None) => Err(CannotDo::new("exactly one of clusterrole or role must be specified", "")),
        }
    }
    fn words(&self) -> Argv {
        let mut argv = Argv::of(Self::VERB).place(&self.name);
        if let Some(role) = &self.role {
            argv = argv.flag("role", role);
        }
        if let Some(role) = &self.cluster_role {
            argv = argv.flag("clusterrole", role);
        }
        printed(argv, &self.users, &self.groups, &self.service_accounts)
    }
}

impl Spec for CreateRoleBinding {
    const NAME: &'static str = "create_role_binding";
    const VERB: &'static [&'static str] = &["create", "rolebinding"];
    const ABOUT: &'static str = "Give a role to users, groups or service accounts in one namespace.";
    const EXAMPLE: &'static str = "kubectl create rolebinding readers --role=reader --user=jane";
    const BACK: &'static str = "deletes it";
    const FLAGS: &'static [Flag] =
        &[Flag::value("role"), Flag::value("clusterrole"), Flag::value("user"), Flag::value("group"), Flag::value("serviceaccount")];
    const READS: bool = false;
    const MAKES: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        let binding = CreateRoleBinding {
            name: Name::new(only_name(argv)?)?,
            namespace: argv.named_namespace()?,
            role: argv.parsed("role")?,
            cluster_role: argv.parsed("clusterrole")?,
            users: each(argv, "user")?,
            groups: each(argv, "group")?,
            service_accounts: each(argv, "serviceaccount")?,
        };
        binding.bodies(&[]).map_err(|why| Misuse::Says(format!("kubectl create rolebinding: {}", why.sentence)))?;
        Ok(binding)
    }
}
