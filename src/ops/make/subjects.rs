//! Whom a role is given to, as `kubectl create rolebinding` and `clusterrolebinding` take them.
//!
//! Source: `kubectl/pkg/cmd/create/create_rolebinding.go`.

use crate::ops::{Argv, BadName, Name, Namespace};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{fmt, str::FromStr};

pub(super) const GROUP: &str = "rbac.authorization.k8s.io";

/// `dev:builder`: a service account with its namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct AccountRef {
    namespace: Namespace,
    name: Name,
}

impl FromStr for AccountRef {
    type Err = BadName;
    fn from_str(text: &str) -> Result<Self, BadName> {
        match text.split_once(':') {
            Some((namespace, name)) if !name.contains(':') => {
                Ok(AccountRef { namespace: Namespace::new(namespace)?, name: Name::new(name)? })
            }
            Some(_) | None => Err(BadName::new(text, "service account", "NAMESPACE:NAME was expected")),
        }
    }
}
impl TryFrom<String> for AccountRef {
    type Error = BadName;
    fn try_from(text: String) -> Result<Self, BadName> {
        text.parse()
    }
}
impl From<AccountRef> for String {
    fn from(account: AccountRef) -> String {
        account.to_string()
    }
}
impl fmt::Display for AccountRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.namespace, self.name)
    }
}

/// The subjects of a binding; nothing where there are none.
pub(super) fn subjects(users: &[String], groups: &[String], accounts: &[AccountRef]) -> Vec<Value> {
    let users = users.iter().map(|user| json!({"kind": "User", "apiGroup": GROUP, "name": user}));
    let groups = groups.iter().map(|group| json!({"kind": "Group", "apiGroup": GROUP, "name": group}));
    let accounts = accounts.iter().map(|account| json!({"kind": "ServiceAccount", "namespace": account.namespace, "name": account.name}));
    users.chain(groups).chain(accounts).collect()
}

/// A binding: its role, and whom it is given to.
pub(super) fn binding(role_kind: &str, role: &Name, subjects: Vec<Value>) -> Value {
    let mut body = json!({"roleRef": {"apiGroup": GROUP, "kind": role_kind, "name": role}});
    if !subjects.is_empty() {
        body["subjects"] = Value::Array(subjects);
    }
    body
}

/// The subjects on a line.
pub(super) fn printed(argv: Argv, users: &[String], groups: &[String], accounts: &[AccountRef]) -> Argv {
    let argv = users.iter().fold(argv, |argv, user| argv.flag("user", user));
    let argv = groups.iter().fold(argv, |argv, group| argv.flag("group", group));
    accounts.iter().fold(argv, |argv, account| argv.flag("serviceaccount", account))
}
