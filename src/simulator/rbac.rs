//! Role-based access: which rules somebody has, and whether they allow something. Source: `plugin/pkg/auth/authorizer/rbac`.
use super::{
    cluster::{Cluster, named},
    json::{list, text},
    refusal::Refusal,
    store::{Key, Tree},
};
use serde_json::Value;
use std::collections::BTreeMap;

/// Somebody who asks for something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Actor {
    pub(super) user: String,
    pub(super) groups: Vec<String>,
}

/// May do everything, whatever the roles say.
const MASTERS: &str = "system:masters";
const ACCOUNT: &str = "system:serviceaccount:";

impl Actor {
    /// A user as authentication leaves them: service accounts are in their groups, everybody is authenticated or not.
    pub(super) fn new(user: &str, mut groups: Vec<String>) -> Self {
        if let Some((namespace, _)) = user.strip_prefix(ACCOUNT).and_then(|a| a.split_once(':')).filter(|_| groups.is_empty()) {
            groups = vec!["system:serviceaccounts".to_owned(), format!("system:serviceaccounts:{namespace}")];
        }
        let known = ["system:authenticated", "system:unauthenticated"];
        if !groups.iter().any(|g| known.contains(&g.as_str())) {
            groups.push(known[usize::from(user == "system:anonymous")].to_owned());
        }
        Actor { user: user.to_owned(), groups }
    }

    pub(super) fn is_master(&self) -> bool {
        self.groups.iter().any(|g| g == MASTERS)
    }

    /// Which of a binding's subjects this is, as reasons name it.
    fn among(&self, subjects: &[Value], namespace: &str) -> Option<String> {
        subjects.iter().find_map(|subject| {
            let (kind, name) = (text(subject, "/kind"), text(subject, "/name"));
            match kind {
                "User" if name == self.user => Some(format!("User {name:?}")),
                "Group" if self.groups.iter().any(|g| g == name) => Some(format!("Group {name:?}")),
                "ServiceAccount" => {
                    let own = text(subject, "/namespace");
                    let own = if own.is_empty() { namespace } else { own };
                    (self.user == format!("{ACCOUNT}{own}:{name}")).then(|| format!("ServiceAccount \"{name}/{own}\""))
                }
                _ => None,
            }
        })
    }
}

/// What somebody wants to do.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Attempt<'a> {
    pub(super) verb: &'a str,
    pub(super) group: &'a str,
    pub(super) resource: &'a str,
    pub(super) part: &'a str,
    pub(super) namespace: &'a str,
    pub(super) name: &'a str,
    /// A path that is no resource (`/version`); the fields before it are empty then.
    pub(super) path: &'a str,
}

/// The rules somebody has in a namespace (empty: everywhere), each with why; and what kept rules from being found.
struct Held {
    rules: Vec<(Value, String)>,
    problems: Vec<String>,
}

fn held(cluster: &Cluster, actor: &Actor, namespace: &str) -> Held {
    let mut held = Held { rules: Vec::new(), problems: Vec::new() };
    let everywhere = cluster.store.of_kind(cluster.kinds.cluster_role_binding, None);
    let here = cluster.store.of_kind(cluster.kinds.role_binding, Some(namespace)).filter(|_| !namespace.is_empty());
    for (key, stored) in everywhere.chain(here) {
        let binding = cluster.store.tree(key, stored);
        let Some(who) = actor.among(list(&binding, "/subjects"), &key.namespace) else { continue };
        let (kind, name) = (text(&binding, "/roleRef/kind"), text(&binding, "/roleRef/name"));
        let Some(role) = role(cluster, kind, &key.namespace, name) else {
            held.problems.push(format!("{}.rbac.authorization.k8s.io {name:?} not found", kind.to_ascii_lowercase()));
            continue;
        };
        let (form, place) = if key.namespace.is_empty() { ("Cluster", String::new()) } else { ("", format!("/{}", key.namespace)) };
        let why = format!("RBAC: allowed by {form}RoleBinding \"{}{place}\" of {kind} {name:?} to {who}", key.name);
        held.rules.extend(list(&role, "/rules").iter().map(|rule| (rule.clone(), why.clone())));
    }
    held
}

/// The role that a binding in `namespace` names.
pub(super) fn role(cluster: &Cluster, kind: &str, namespace: &str, name: &str) -> Option<Tree> {
    let (kind, namespace) = if kind == "ClusterRole" { (cluster.kinds.cluster_role, "") } else { (cluster.kinds.role, namespace) };
    cluster.get(&Key::new(kind, namespace, name))
}

fn has(rule: &Value, field: &str, word: &str) -> bool {
    list(rule, field).iter().any(|w| w == "*" || w == word)
}

fn covers(rule: &Value, attempt: &Attempt) -> bool {
    if !has(rule, "/verbs", attempt.verb) {
        return false;
    }
    if !attempt.path.is_empty() {
        let mut urls = list(rule, "/nonResourceURLs").iter().filter_map(Value::as_str);
        return urls.any(|url| url == attempt.path || url.strip_suffix('*').is_some_and(|start| attempt.path.starts_with(start)));
    }
    let whole = if attempt.part.is_empty() { attempt.resource.to_owned() } else { format!("{}/{}", attempt.resource, attempt.part) };
    let names = list(rule, "/resourceNames");
    has(rule, "/apiGroups", attempt.group)
        && (has(rule, "/resources", &whole)
            || !attempt.part.is_empty() && list(rule, "/resources").iter().any(|r| *r == format!("*/{}", attempt.part)))
        && (names.is_empty() || names.iter().any(|n| n == attempt.name))
}

/// Whether somebody may do something: why, or what kept the rules from saying so (mostly nothing).
pub(super) fn decide(cluster: &Cluster, actor: &Actor, attempt: &Attempt) -> Result<String, String> {
    if actor.is_master() {
        return Ok(String::new());
    }
    let held = held(cluster, actor, attempt.namespace);
    if let Some((_, why)) = held.rules.iter().find(|(rule, _)| covers(rule, attempt)) {
        return Ok(why.clone());
    }
    Err(match &held.problems[..] {
        [] => String::new(),
        [one] => format!("RBAC: {one}"),
        many => format!("RBAC: [{}]", many.join(", ")),
    })
}

/// Every rule somebody has in a namespace.
pub(super) fn rules(cluster: &Cluster, actor: &Actor, namespace: &str) -> Vec<Value> {
    held(cluster, actor, namespace).rules.into_iter().map(|(rule, _)| rule).collect()
}

/// Refuses a role or a binding that would give what its writer does not have.
///
/// Source: `ConfirmNoEscalation` in `pkg/registry/rbac/validation`.
pub(super) fn escalation(cluster: &Cluster, actor: &Actor, key: &Key, object: &Value) -> Result<(), Refusal> {
    let (verb, resource, granted, name) = if key.kind == cluster.kinds.role || key.kind == cluster.kinds.cluster_role {
        let resource = if key.namespace.is_empty() { "clusterroles" } else { "roles" };
        ("escalate", resource, list(object, "/rules").to_vec(), &*key.name)
    } else {
        let (kind, name) = (text(object, "/roleRef/kind"), text(object, "/roleRef/name"));
        let written = cluster.registry.get(key.kind);
        let role = role(cluster, kind, &key.namespace, name).ok_or_else(|| Refusal::not_found(&named(written, name)))?;
        let resource = if kind == "ClusterRole" { "clusterroles" } else { "roles" };
        ("bind", resource, list(&role, "/rules").to_vec(), name)
    };
    let free = Attempt { verb, group: "rbac.authorization.k8s.io", resource, namespace: &key.namespace, name, ..Attempt::default() };
    if decide(cluster, actor, &free).is_ok() {
        return Ok(());
    }
    let own = rules(cluster, actor, &key.namespace);
    let mut lacking: BTreeMap<(bool, String), Vec<String>> = BTreeMap::new();
    for rule in &granted {
        for (what, attempt) in singles(rule) {
            if !own.iter().any(|o| covers(o, &attempt)) {
                let verbs = lacking.entry(what).or_default();
                verbs.push(format!("{:?}", attempt.verb));
            }
        }
    }
    let told: Vec<String> = lacking.into_iter().map(|((_, what), verbs)| format!("\n{{{what}, Verbs:[{}]}}", verbs.join(" "))).collect();
    let groups = actor.groups.iter().map(|g| format!("{g:?}")).collect::<Vec<_>>().join(" ");
    if told.is_empty() {
        return Ok(());
    }
    let who = format!("user {:?} (groups=[{groups}])", actor.user);
    let why = format!("{who} is attempting to grant RBAC permissions not currently held:{}", told.concat());
    Err(Refusal::forbidden(&cluster.named(key), &why))
}

/// A rule as the single things it allows, each with how it is told; resources come before paths.
fn singles(rule: &Value) -> Vec<((bool, String), Attempt<'_>)> {
    let words = |field: &str| list(rule, field).iter().filter_map(Value::as_str).collect::<Vec<_>>();
    let names = words("/resourceNames");
    let names = if names.is_empty() { vec![""] } else { names };
    let mut all = Vec::new();
    for verb in words("/verbs") {
        for path in words("/nonResourceURLs") {
            all.push(((true, format!("NonResourceURLs:[{path:?}]")), Attempt { verb, path, ..Attempt::default() }));
        }
        for group in words("/apiGroups") {
            for whole in words("/resources") {
                for name in &names {
                    let (resource, part) = whole.split_once('/').unwrap_or((whole, ""));
                    let named = if name.is_empty() { String::new() } else { format!(", ResourceNames:[{name:?}]") };
                    let what = format!("APIGroups:[{group:?}], Resources:[{whole:?}]{named}");
                    all.push(((false, what), Attempt { verb, group, resource, part, name, ..Attempt::default() }));
                }
            }
        }
    }
    all
}

/// Gives an aggregated ClusterRole the rules of those it selects. Source: `pkg/controller/clusterroleaggregation`.
pub(super) fn aggregate(cluster: &mut Cluster, key: &Key) {
    let Some(role) = cluster.get(key).filter(|r| r.get("aggregationRule").is_some()) else { return };
    let mut rules: Vec<Value> = Vec::new();
    for selector in list(&role, "/aggregationRule/clusterRoleSelectors") {
        let Ok(selector) = crate::terms::selector::LabelSelector::from_json(selector) else { continue };
        for (at, stored) in cluster.store.of_kind(cluster.kinds.cluster_role, None).filter(|(at, _)| *at != key) {
            if selector.matches(|k| stored.label(k)) {
                let more = cluster.store.tree(at, stored);
                rules.extend(list(&more, "/rules").iter().filter(|r| !rules.contains(r)).cloned().collect::<Vec<_>>());
            }
        }
    }
    cluster.modify(key, |role| role["rules"] = rules.into());
}
