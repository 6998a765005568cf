//! Who may do what. Everybody may do everything, except what a test forbids; reviews answer by the same rules.
use super::{Answer, Ask, Target, body};
use crate::simulator::{
    cluster::{Cluster, named},
    json::{set, text},
    refusal::Refusal,
};
use serde_json::{Value, json};

/// What is forbidden. Empty lists and None stand for everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deny {
    /// `get`, `list`, `patch`…
    pub verbs: Vec<String>,
    /// Plural names, with `/subresource` where that is meant: `pods`, `pods/log`.
    pub resources: Vec<String>,
    pub namespace: Option<String>,
    pub user: Option<String>,
}

/// One thing somebody wants to do.
struct Attempt<'a> {
    user: &'a str,
    verb: &'a str,
    group: &'a str,
    resource: String,
    namespace: &'a str,
    name: &'a str,
}

impl Deny {
    fn covers(&self, attempt: &Attempt) -> bool {
        let listed = |list: &[String], word: &str| list.is_empty() || list.iter().any(|w| w == word || w == "*");
        listed(&self.verbs, attempt.verb)
            && listed(&self.resources, &attempt.resource)
            && self.namespace.as_deref().is_none_or(|n| n == attempt.namespace)
            && self.user.as_deref().is_none_or(|u| u == attempt.user)
    }
}

fn allowed(cluster: &Cluster, attempt: &Attempt) -> bool {
    !cluster.denied.iter().any(|deny| deny.covers(attempt))
}

/// Refuses what is forbidden, in the words of the RBAC authorizer.
pub(super) fn check(cluster: &Cluster, ask: &Ask, verb: &str, target: &Target) -> Result<(), Refusal> {
    let resource = cluster.registry.get(target.kind);
    let full = target.part.as_ref().map_or_else(|| resource.plural.clone(), |part| format!("{}/{part}", resource.plural));
    let (namespace, name) = (target.namespace.as_deref().unwrap_or_default(), target.name.as_deref().unwrap_or_default());
    let attempt = Attempt { user: &ask.user, verb, group: &resource.group, resource: full, namespace, name };
    if allowed(cluster, &attempt) {
        return Ok(());
    }
    let place = if namespace.is_empty() { "at the cluster scope".to_owned() } else { format!("in the namespace {namespace:?}") };
    let why = format!("User {:?} cannot {verb} resource {:?} in API group {:?} {place}", ask.user, attempt.resource, attempt.group);
    Err(Refusal::forbidden(&named(resource, attempt.name), &why))
}

/// Answers an access or identity review.
pub(super) fn review(cluster: &Cluster, ask: &Ask, target: &Target) -> Result<Answer, Refusal> {
    let mut review = body(ask)?;
    let resource = cluster.registry.get(target.kind);
    crate::simulator::cluster::typed(resource, &mut review);
    set(&mut review, "/metadata/creationTimestamp", Value::Null);
    let status = match resource.kind.as_str() {
        "SelfSubjectAccessReview" => verdict(cluster, &review, &ask.user),
        "SubjectAccessReview" | "LocalSubjectAccessReview" => verdict(cluster, &review, text(&review, "/spec/user")),
        "SelfSubjectRulesReview" => rules(cluster),
        "SelfSubjectReview" => json!({"userInfo": {"username": ask.user, "groups": ask.groups}}),
        other => return Err(Refusal::beyond_us(other)),
    };
    set(&mut review, "/status", status);
    Ok(Answer::Json(201, review))
}

fn verdict(cluster: &Cluster, review: &Value, user: &str) -> Value {
    let field = |name: &str| text(review, &format!("/spec/resourceAttributes/{name}"));
    let part = field("subresource");
    let resource = if part.is_empty() { field("resource").to_owned() } else { format!("{}/{part}", field("resource")) };
    let attempt =
        Attempt { user, verb: field("verb"), group: field("group"), resource, namespace: field("namespace"), name: field("name") };
    if allowed(cluster, &attempt) {
        json!({"allowed": true, "reason": "RBAC: allowed by ClusterRoleBinding \"kubeadm:cluster-admins\" of ClusterRole \"cluster-admin\" to Group \"kubeadm:cluster-admins\""})
    } else {
        json!({"allowed": false})
    }
}

fn rules(cluster: &Cluster) -> Value {
    let all = json!([{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}]);
    // A denial cannot be said in rules that only allow.
    json!({"resourceRules": all, "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}], "incomplete": !cluster.denied.is_empty()})
}
