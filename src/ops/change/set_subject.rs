//! `kubectl set subject`: whom a binding gives its role to, besides those that have it.

use crate::ops::{
    Argv, Call, CannotDo, Flag, Images, Impact, Lookup, Misuse, Name, Namespace, PatchKind, Spec, Target, Verb, Way, look, restore,
    verb::workload_place,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Adds users, groups and service accounts to a RoleBinding or ClusterRoleBinding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetSubject {
    /// the rolebinding or clusterrolebinding
    #[serde(flatten)]
    pub target: Target,
    /// users to add
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<String>,
    /// groups to add
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// service accounts to add
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub service_accounts: Vec<AccountOf>,
}

/// One service account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountOf {
    /// its namespace; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// its name
    pub name: Name,
}

impl std::fmt::Display for AccountOf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.namespace.as_ref().map_or("", Namespace::as_str), self.name)
    }
}

const GROUP: &str = "rbac.authorization.k8s.io";

impl SetSubject {
    /// Each sort in its own order, each subject once: as kubectl puts them.
    fn subjects(&self) -> Vec<Value> {
        let sorted = |names: &[String]| std::collections::BTreeSet::from_iter(names.to_vec());
        let users = sorted(&self.users).into_iter().map(|name| json!({"kind": "User", "apiGroup": GROUP, "name": name}));
        let groups = sorted(&self.groups).into_iter().map(|name| json!({"kind": "Group", "apiGroup": GROUP, "name": name}));
        let accounts = std::collections::BTreeSet::from_iter(&self.service_accounts).into_iter();
        let accounts = accounts.map(|a| json!({"kind": "ServiceAccount", "name": a.name, "namespace": a.namespace}));
        users.chain(groups).chain(accounts).collect()
    }

    fn said(&self) -> Vec<String> {
        let users = self.users.iter().map(|user| format!("user {user}"));
        let groups = self.groups.iter().map(|group| format!("group {group}"));
        users.chain(groups).chain(self.service_accounts.iter().map(|account| format!("serviceaccount {account}"))).collect()
    }
}

impl Verb for SetSubject {
    fn impact(&self) -> Impact {
        Impact::Changes
    }
    fn place(&mut self, namespace: &Namespace) {
        self.target.place(namespace);
        for account in &mut self.service_accounts {
            account.namespace.get_or_insert_with(|| namespace.clone());
        }
    }
    fn targets(&self) -> Vec<Target> {
        vec![self.target.clone()]
    }
    fn title(&self) -> String {
        format!("add {} to {}", self.said().join(", "), self.target.slashed())
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        if seen.is_empty() { vec![Call::get(&self.target)] } else { Vec::new() }
    }
    /// Source: `addSubjects` in `kubectl/pkg/cmd/set/set_subject.go`.
    fn calls(&self, seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        let kind = self.target.kind();
        if !kind.is("rolebindings", GROUP) && !kind.is("clusterrolebindings", GROUP) {
            return Err(CannotDo::new(
                format!("only bindings have subjects, and {} is none", self.target.slashed()),
                "name a rolebinding or a clusterrolebinding",
            ));
        }
        let added = self.subjects();
        if added.is_empty() || self.users.iter().chain(&self.groups).any(String::is_empty) {
            return Err(CannotDo::new("which subject? a user, a group or a service account has to be named", ""));
        }
        let same = |a: &Value, b: &Value| {
            ["kind", "name", "namespace"].iter().all(|field| look::text(a, &format!("/{field}")) == look::text(b, &format!("/{field}")))
        };
        let mut subjects = look::list(look::object(seen, &self.target)?, "/subjects").to_vec();
        for subject in added {
            if !subjects.iter().any(|had| same(had, &subject)) {
                subjects.push(subject);
            }
        }
        Ok(vec![Call::patch(&self.target, PatchKind::Merge, json!({"subjects": subjects}))])
    }
    fn print(&self) -> Argv {
        let mut argv = Argv::of(Self::VERB).place(self.target.slashed());
        argv = self.users.iter().fold(argv, |argv, user| argv.flag("user", user));
        argv = self.groups.iter().fold(argv, |argv, group| argv.flag("group", group));
        argv = self.service_accounts.iter().fold(argv, |argv, account| argv.flag("serviceaccount", account));
        argv.namespace(self.target.namespace())
    }
    fn inverse(&self, images: &[Images<'_>]) -> Way {
        restore::way_back(&self.target, images)
    }
}

impl Spec for SetSubject {
    const NAME: &'static str = "set_subject";
    const VERB: &'static [&'static str] = &["set", "subject"];
    const ABOUT: &'static str = "Give a binding's role to more users, groups or service accounts.";
    const EXAMPLE: &'static str = "kubectl set subject rolebinding/readers --user=ann";
    const BACK: &'static str = "takes those away that were added";
    const FLAGS: &'static [Flag] = &[Flag::value("user"), Flag::value("group"), Flag::value("serviceaccount")];
    const READS: bool = false;
    const EACH: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        let account = |word: &str| {
            let parts: Vec<&str> = word.split(':').collect();
            match parts.as_slice() {
                [namespace, name] => {
                    let namespace = Some(*namespace).filter(|ns| !ns.is_empty()).map(Namespace::new).transpose()?;
                    Ok(AccountOf { namespace, name: Name::new(*name)? })
                }
                _ => Err(Misuse::Says(format!("--serviceaccount={word}: NAMESPACE:NAME was expected"))),
            }
        };
        let service_accounts = argv.all("serviceaccount").map(account).collect::<Result<Vec<_>, _>>()?;
        let texts = |flag| argv.all(flag).map(str::to_string).collect::<Vec<_>>();
        let (users, groups) = (texts("user"), texts("group"));
        if users.is_empty() && groups.is_empty() && service_accounts.is_empty() {
            return Err(Misuse::says("kubectl set subject: whom? --user, --group or --serviceaccount is missing"));
        }
        Ok(SetSubject { target: workload_place(argv)?, users, groups, service_accounts })
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::*;
    use serde_json::json;

    #[test]
    fn subjects_are_added_behind_those_that_are_there() {
        let mut op = Op::from_line("kubectl set subject rolebinding ci --user=joe --user=bob --group=g --serviceaccount=:robot").unwrap();
        op.verb_mut().place(&Namespace::new("dev").unwrap());
        let group = "rbac.authorization.k8s.io";
        let joe = json!({"kind": "User", "apiGroup": group, "name": "joe"});
        let seen = [Lookup::Known(json!({"subjects": [joe]}))];
        let body = op.verb().calls(&seen, Default::default()).unwrap()[0].body(None).unwrap();
        let robot = json!({"kind": "ServiceAccount", "name": "robot", "namespace": "dev"});
        let (bob, all) =
            (json!({"kind": "User", "apiGroup": group, "name": "bob"}), json!({"kind": "Group", "apiGroup": group, "name": "g"}));
        assert_eq!(body, json!({"subjects": [joe, bob, all, robot]}));
        assert!(Op::from_line("kubectl set subject rolebinding ci --serviceaccount=robot").is_err());
        assert!(Op::from_line("kubectl set subject role/ci --user=a").unwrap().verb().calls(&seen, Default::default()).is_err());
    }
}
