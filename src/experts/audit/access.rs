//! Who may do too much: roles and bindings (`kubernetes.io/docs/concepts/security/rbac-good-practices`).

use super::table::checks;
use crate::experts::diagnose::{Finding, Rule};
use crate::facts::snapshot::{
    Ref, Snapshot,
    access::{Binding, PolicyRule, Role},
};

checks! {
    CLUSTER_ADMIN = "cluster-admin-bound" Error 92 "A binding for the whole cluster gives every right there is." reads ["ClusterRoleBinding.roleRef", "ClusterRole.rules"] like "ClusterRoleBinding ops gives every right in the cluster to User jane" same_as ["polaris/clusterrolebindingClusterAdmin", "kube-linter/cluster-admin-role-binding"];
    ADMIN_CLUSTER_ROLE = "namespace-admin-by-cluster-role" Warning 88 "A RoleBinding to a ClusterRole gives every right in its namespace." reads ["RoleBinding.roleRef", "ClusterRole.rules"] like "RoleBinding ops gives every right in its namespace to User jane" same_as ["polaris/rolebindingClusterAdminClusterRole"];
    ADMIN_ROLE = "namespace-admin-by-role" Warning 88 "A RoleBinding to a Role gives every right in its namespace." reads ["RoleBinding.roleRef", "Role.rules"] like "RoleBinding ops gives every right in its namespace to User jane" same_as ["polaris/rolebindingClusterAdminRole"];
    EXEC_CLUSTER_ROLE = "cluster-role-allows-exec" Warning 88 "A ClusterRole lets run commands in containers (pods/exec, pods/attach)." reads ["ClusterRole.rules"] like "ClusterRole debug lets run commands in containers" same_as ["polaris/clusterrolePodExecAttach"];
    EXEC_ROLE = "role-allows-exec" Warning 88 "A Role lets run commands in containers (pods/exec, pods/attach)." reads ["Role.rules"] like "Role debug lets run commands in containers" same_as ["polaris/rolePodExecAttach"];
    EXEC_CLUSTER = "exec-bound-everywhere" Error 90 "Somebody may run commands in every container of the cluster." reads ["ClusterRoleBinding.roleRef", "ClusterRole.rules"] like "ClusterRoleBinding debug lets User jane run commands in every container" same_as ["polaris/clusterrolebindingPodExecAttach"];
    EXEC_BY_CLUSTER_ROLE = "exec-bound-by-cluster-role" Warning 88 "A RoleBinding to a ClusterRole lets somebody run commands in the containers of its namespace." reads ["RoleBinding.roleRef", "ClusterRole.rules"] like "RoleBinding debug lets User jane run commands in containers" same_as ["polaris/rolebindingClusterRolePodExecAttach"];
    EXEC_BY_ROLE = "exec-bound-by-role" Warning 88 "A RoleBinding to a Role lets somebody run commands in the containers of its namespace." reads ["RoleBinding.roleRef", "Role.rules"] like "RoleBinding debug lets User jane run commands in containers" same_as ["polaris/rolebindingRolePodExecAttach"];
    NO_ROLE = "cluster-binding-to-missing-role" Warning 85 "A ClusterRoleBinding names a role that is not there: whoever may make such a role decides what the subjects may do, commands in containers included." reads ["ClusterRoleBinding.roleRef"] like "ClusterRoleBinding ops is bound to ClusterRole ops, which is not there" same_as ["polaris/clusterrolebindingPodExecAttach"];
    NO_ROLE_HERE = "binding-to-missing-role" Warning 85 "A RoleBinding names a role that is not there: whoever may make such a role decides what the subjects may do." reads ["RoleBinding.roleRef"] like "RoleBinding ops is bound to Role ops, which is not there" same_as [];
    SECRETS = "secrets-readable" Warning 88 "Somebody may read or change Secrets." reads ["RoleBinding.roleRef", "rules"] like "RoleBinding api gives access to Secrets to ServiceAccount api" same_as ["kube-linter/access-to-secrets"];
    PODS = "pods-creatable" Warning 85 "Somebody may make pods, and with them use every ServiceAccount, Secret and volume of the namespace." reads ["RoleBinding.roleRef", "rules"] like "RoleBinding ci lets ServiceAccount ci make pods" same_as ["kube-linter/access-to-create-pods"];
    WILDCARD = "wildcard-in-rules" Warning 92 "A role allows * verbs or * resources, those of tomorrow included." reads ["rules.verbs", "rules.resources"] like "Role dev has wildcards in its rules" same_as ["kube-linter/wildcard-in-rules"];
    ESCALATE = "role-allows-escalation" Error 90 "A role allows escalate, bind or impersonate: whoever holds it can make himself administrator." reads ["rules.verbs"] like "ClusterRole ops allows escalation by bind" same_as [];
    ANONYMOUS = "bound-to-everybody" Error 93 "Rights are bound to everybody: system:anonymous, system:unauthenticated or system:authenticated." reads ["subjects"] like "ClusterRoleBinding open gives rights to system:anonymous" same_as [];
    SCC = "scc-allows-privileged" Warning 92 "An OpenShift SecurityContextConstraints lets pods run privileged." reads ["allowPrivilegedContainer"] like "SecurityContextConstraints agent allows privileged containers" same_as ["kube-linter/scc-deny-privileged-container"];
}

/// What the control plane and its providers put in themselves (`kubernetes.io/docs/reference/access-authn-authz/rbac`).
fn given(name: &str) -> bool {
    name.starts_with("system:") || name.starts_with("gce:") || ["cluster-admin", "admin", "edit", "view"].contains(&name)
}

fn has(list: &[Box<str>], one: &str) -> bool {
    list.iter().any(|x| &**x == one || &**x == "*")
}

/// Whether a rule allows one of these verbs on a resource of the core group; a rule for named objects is no general right.
fn allows(rule: &PolicyRule, resource: &str, verbs: &[&str]) -> bool {
    let (parent, sub) = resource.split_once('/').unwrap_or((resource, ""));
    let named = rule.resources.iter().any(|r| {
        &**r == "*"
            || &**r == resource
            || (!sub.is_empty() && r.strip_prefix("*/").is_some_and(|s| s == sub))
            || (!sub.is_empty() && r.strip_suffix("/*").is_some_and(|p| p == parent))
    });
    named && has(&rule.groups, "") && rule.names.is_empty() && verbs.iter().any(|verb| has(&rule.verbs, verb))
}

/// A websocket asks by `get`, SPDY by `create`.
fn execs(rule: &PolicyRule) -> bool {
    ["pods/exec", "pods/attach"].iter().any(|r| allows(rule, r, &["create", "get"]))
}

fn all(rule: &PolicyRule) -> bool {
    [&rule.groups, &rule.resources, &rule.verbs].iter().all(|list| list.iter().any(|x| &**x == "*")) && rule.names.is_empty()
}

/// What a binding grants.
struct Grant {
    /// Whether its role is known at all.
    known: bool,
    admin: bool,
    execs: bool,
    secrets: bool,
    pods: bool,
}

/// What a role's rules are; of the ones that every cluster has, what they are there.
fn grant(s: &Snapshot, b: &Binding) -> Grant {
    let cluster = &*b.role.kind == "ClusterRole";
    let here = |r: &&Role| r.kind == b.role.kind && r.meta.name() == &*b.role.name && (cluster || r.meta.namespace == b.meta.namespace);
    if let Some(role) = s.roles.iter().find(here) {
        let any = |is: &dyn Fn(&PolicyRule) -> bool| role.rules.iter().any(is);
        return Grant {
            known: true,
            admin: (cluster && &*b.role.name == "cluster-admin") || any(&all),
            execs: any(&execs),
            secrets: any(&|r| allows(r, "secrets", &["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"])),
            pods: any(&|r| allows(r, "pods", &["create"])),
        };
    }
    let name = &*b.role.name;
    let admin = cluster && name == "cluster-admin";
    let edits = cluster && ["cluster-admin", "admin", "edit"].contains(&name);
    Grant { known: cluster && given(name), admin, execs: edits, secrets: edits, pods: edits }
}

fn subjects(b: &Binding) -> String {
    let names: Vec<String> = b.subjects.iter().take(3).map(|x| format!("{} {}", x.kind, x.name)).collect();
    if names.is_empty() { "nobody yet".into() } else { names.join(", ") }
}

pub(super) fn find(s: &Snapshot, _: &[super::unit::Unit<'_>], out: &mut Vec<Finding>) {
    for role in s.roles.iter().filter(|r| !given(r.meta.name())) {
        let at = Ref::of(&role.kind, &role.meta);
        let cluster = &*role.kind == "ClusterRole";
        if role.rules.iter().any(execs) {
            let rule = if cluster { &EXEC_CLUSTER_ROLE } else { &EXEC_ROLE };
            out.push(Finding::new(rule, at.clone(), "lets run commands in containers").saw("rules allow pods/exec or pods/attach"));
        }
        let star = |list: &[Box<str>]| list.iter().any(|x| &**x == "*");
        if let Some(rule) = role.rules.iter().find(|r| star(&r.verbs) || star(&r.resources)) {
            let seen = format!("rules: verbs [{}], resources [{}]", rule.verbs.join(", "), rule.resources.join(", "));
            out.push(Finding::new(&WILDCARD, at.clone(), "has wildcards in its rules").saw(seen));
        }
        let verbs: Vec<&str> = ["escalate", "bind", "impersonate"]
            .into_iter()
            .filter(|v| role.rules.iter().any(|r| r.verbs.iter().any(|x| &**x == *v)))
            .collect();
        if !verbs.is_empty() {
            out.push(Finding::new(&ESCALATE, at, format!("allows escalation by {}", verbs.join(", "))).saw("rules.verbs"));
        }
    }
    for b in s.bindings.iter().filter(|b| !given(b.meta.name())) {
        bound(s, b, out);
    }
    for o in
        s.others.iter().filter(|o| &*o.kind == "SecurityContextConstraints" && o.privileged && o.api.starts_with("security.openshift.io/"))
    {
        let at = Ref::of(&o.kind, &o.meta);
        out.push(Finding::new(&SCC, at, "allows privileged containers").saw("allowPrivilegedContainer is true"));
    }
}

fn bound(s: &Snapshot, b: &Binding, out: &mut Vec<Finding>) {
    let at = Ref::of(&b.kind, &b.meta);
    let grant = grant(s, b);
    let who = subjects(b);
    let (everywhere, by_cluster_role) = (&*b.kind == "ClusterRoleBinding", &*b.role.kind == "ClusterRole");
    let seen = format!("roleRef is {} {}", b.role.kind, b.role.name);
    let mut say = |rule: &'static Rule, what: String| out.push(Finding::new(rule, at.clone(), what).saw(seen.as_str()));
    let pick = |cluster: &'static Rule, by_cluster: &'static Rule, by_role: &'static Rule| {
        if everywhere {
            cluster
        } else if by_cluster_role {
            by_cluster
        } else {
            by_role
        }
    };
    if grant.admin {
        let place = if everywhere { "the cluster" } else { "its namespace" };
        say(pick(&CLUSTER_ADMIN, &ADMIN_CLUSTER_ROLE, &ADMIN_ROLE), format!("gives every right in {place} to {who}"));
    }
    if grant.execs {
        let which = if everywhere { "every container" } else { "the containers of its namespace" };
        say(pick(&EXEC_CLUSTER, &EXEC_BY_CLUSTER_ROLE, &EXEC_BY_ROLE), format!("lets {who} run commands in {which}"));
    }
    if grant.secrets {
        say(&SECRETS, format!("gives access to Secrets to {who}"));
    }
    if grant.pods {
        say(&PODS, format!("lets {who} make pods"));
    }
    let place = if by_cluster_role { "" } else { &*b.meta.namespace };
    if !grant.known && !b.role.name.is_empty() && (!s.live || s.knows(&b.role.kind, place)) {
        let rule = if everywhere { &NO_ROLE } else { &NO_ROLE_HERE };
        say(rule, format!("is bound to {} {}, which is not there", b.role.kind, b.role.name));
    }
    if let Some(open) =
        b.subjects.iter().find(|x| ["system:anonymous", "system:unauthenticated", "system:authenticated"].contains(&&*x.name))
    {
        say(&ANONYMOUS, format!("gives rights to {}", open.name));
    }
}
