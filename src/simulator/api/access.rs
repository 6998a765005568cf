//! Who asks, and whether they may: authentication by header, authorization by the cluster's own roles, and the reviews that ask about either.
//!
//! Who says nothing is the cluster's administrator: there is no password to this cluster. A token that this cluster gave out speaks for its service account.
use super::{Answer, Ask, Target, body};
use crate::simulator::{
    cluster::{Cluster, typed},
    json::{list, map_mut, number, set, stamp, text},
    rbac::{self, Actor, Attempt},
    refusal::{Cause, Named, Refusal},
    store::Key,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// What is forbidden besides what no role allows. Empty lists and None stand for everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deny {
    /// `get`, `list`, `patch`…
    pub verbs: Vec<String>,
    /// Plural names, with `/subresource` where that is meant: `pods`, `pods/log`.
    pub resources: Vec<String>,
    pub namespace: Option<String>,
    pub user: Option<String>,
}

impl Deny {
    fn covers(&self, actor: &Actor, attempt: &Attempt) -> bool {
        let listed = |list: &[String], word: &str| list.is_empty() || list.iter().any(|w| w == word || w == "*");
        listed(&self.verbs, attempt.verb)
            && listed(&self.resources, &whole(attempt))
            && self.namespace.as_deref().is_none_or(|n| n == attempt.namespace)
            && self.user.as_deref().is_none_or(|u| u == actor.user)
    }
}

/// `pods`, `pods/log`.
fn whole(attempt: &Attempt) -> String {
    if attempt.part.is_empty() { attempt.resource.to_owned() } else { format!("{}/{}", attempt.resource, attempt.part) }
}

fn decide(cluster: &Cluster, actor: &Actor, attempt: &Attempt) -> Result<String, String> {
    if attempt.path.is_empty() && cluster.denied.iter().any(|deny| deny.covers(actor, attempt)) {
        return Err(String::new());
    }
    rbac::decide(cluster, actor, attempt)
}

/// Refuses what somebody may not do, in the words of the API server. Source: `apiserver/pkg/endpoints/handlers/responsewriters/errors.go`.
fn require(cluster: &Cluster, actor: &Actor, attempt: &Attempt) -> Result<(), Refusal> {
    let Err(why) = decide(cluster, actor, attempt) else { return Ok(()) };
    let why = if why.is_empty() { why } else { format!(": {why}") };
    let who = format!("User {:?} cannot {}", actor.user, attempt.verb);
    if !attempt.path.is_empty() {
        return Err(Refusal {
            details: json!({}),
            ..Refusal::new(403, "Forbidden", format!("forbidden: {who} path {:?}{why}", attempt.path))
        });
    }
    let place = match attempt.namespace {
        "" => "at the cluster scope".to_owned(),
        namespace => format!("in the namespace {namespace:?}"),
    };
    let named = Named { group: attempt.group, plural: attempt.resource, kind: "", name: attempt.name };
    let why = format!("{who} resource {:?} in API group {:?} {place}{why}", whole(attempt), attempt.group);
    Err(Refusal::forbidden(&named, &why))
}

/// Whom a request speaks for.
///
/// # Errors
/// A token nobody was given, or an impersonation that is not allowed.
pub(super) fn authenticate(cluster: &Cluster, ask: &Ask) -> Result<Actor, Refusal> {
    let requester = match &ask.token {
        None => Actor::new("kubernetes-admin", vec!["system:masters".to_owned()]),
        Some(token) => bearer(cluster, token).ok_or_else(|| Refusal::new(401, "Unauthorized", "Unauthorized"))?,
    };
    if ask.impersonated.is_empty() {
        return Ok(requester);
    }
    let wanted = Actor::new(&ask.impersonated, ask.groups.clone());
    let impersonate = |resource, namespace, name| {
        require(cluster, &requester, &Attempt { verb: "impersonate", resource, namespace, name, ..Attempt::default() })
    };
    match ask.impersonated.strip_prefix("system:serviceaccount:").and_then(|a| a.split_once(':')) {
        Some((namespace, name)) => impersonate("serviceaccounts", namespace, name)?,
        None => impersonate("users", "", &ask.impersonated)?,
    }
    ask.groups.iter().try_for_each(|group| impersonate("groups", "", group))?;
    Ok(wanted)
}

/// What a request attempts, by its path and method. Source: `apiserver/pkg/endpoints/request/requestinfo.go`.
pub(super) fn check(cluster: &Cluster, ask: &Ask, segments: &[&str]) -> Result<(), Refusal> {
    let method = ask.method.as_str().to_ascii_lowercase();
    let (group, rest) = match segments {
        ["api", _, rest @ ..] if !rest.is_empty() => ("", rest),
        ["apis", group, _, rest @ ..] if !rest.is_empty() => (*group, rest),
        _ => return require(cluster, &ask.actor, &Attempt { verb: &method, path: &ask.path, ..Attempt::default() }),
    };
    let (namespace, rest) = match rest {
        ["namespaces", namespace, part @ ("status" | "finalize")] => (*namespace, &["namespaces", namespace, part][..]),
        ["namespaces", namespace, rest @ ..] if !rest.is_empty() => (*namespace, rest),
        ["namespaces", namespace] => (*namespace, rest),
        _ => ("", rest),
    };
    let resource = rest.first().copied().unwrap_or_default();
    let part = rest.get(2).copied().unwrap_or_default();
    let by_field = ask.query("fieldSelector").and_then(|s| s.strip_prefix("metadata.name=")).filter(|n| !n.contains(','));
    let given = rest.get(1).copied();
    let verb = match (method.as_str(), given) {
        ("post", _) => "create",
        ("put", _) => "update",
        ("patch", _) => "patch",
        ("delete", Some(_)) => "delete",
        ("delete", None) => "deletecollection",
        (_, Some(_)) => "get",
        (_, None) if ask.flag("watch") => "watch",
        (_, None) => "list",
    };
    let name = given.or(by_field.filter(|_| matches!(verb, "list" | "watch"))).unwrap_or_default();
    require(cluster, &ask.actor, &Attempt { verb, group, resource, part, namespace, name, path: "" })
}

/// Answers an access or identity review.
///
/// # Errors
/// A review that asks nothing, or two things.
pub(super) fn review(cluster: &Cluster, ask: &Ask, target: &Target) -> Result<Answer, Refusal> {
    let mut review = body(ask)?;
    let resource = cluster.registry.get(target.kind);
    typed(resource, &mut review);
    map_mut(&mut review["metadata"]).remove("creationTimestamp");
    let status = match resource.kind.as_str() {
        "SelfSubjectAccessReview" => verdict(cluster, &review, &ask.actor)?,
        "SubjectAccessReview" | "LocalSubjectAccessReview" => {
            let groups: Vec<String> = list(&review, "/spec/groups").iter().filter_map(Value::as_str).map(str::to_owned).collect();
            let user = text(&review, "/spec/user");
            if user.is_empty() && groups.is_empty() {
                return Err(unasked("spec.user", &user.into(), "at least one of user or group must be specified"));
            }
            let namespace = text(&review, "/spec/resourceAttributes/namespace");
            if target.namespace.as_deref().is_some_and(|own| own != namespace) {
                return Err(unasked("spec.resourceAttributes.namespace", &namespace.into(), "must match metadata.namespace"));
            }
            verdict(cluster, &review, &Actor { user: user.to_owned(), groups })?
        }
        "SelfSubjectRulesReview" => {
            let namespace = text(&review, "/spec/namespace").to_owned();
            if namespace.is_empty() {
                return Err(Refusal::bad_request("no namespace on request"));
            }
            set(&mut review, "/spec", json!({}));
            rules(cluster, &ask.actor, &namespace)
        }
        "SelfSubjectReview" => {
            set(&mut review, "/metadata/creationTimestamp", cluster.stamp());
            json!({"userInfo": {"username": ask.actor.user, "groups": ask.actor.groups}})
        }
        other => return Err(Refusal::beyond_us(other)),
    };
    set(&mut review, "/status", status);
    Ok(Answer::Json(201, review))
}

fn unasked(field: &str, value: &Value, why: &str) -> Refusal {
    let named = Named { group: "authorization.k8s.io", plural: "", kind: "", name: "" };
    let mut refusal = Refusal::invalid(&named, &[Cause::invalid(field, value, why)]);
    refusal.details = json!({"group": named.group, "causes": refusal.details["causes"]});
    refusal
}

fn verdict(cluster: &Cluster, review: &Value, actor: &Actor) -> Result<Value, Refusal> {
    let (resource, path) = (review.pointer("/spec/resourceAttributes"), review.pointer("/spec/nonResourceAttributes"));
    let attempt = match (resource, path) {
        (Some(r), None) => Attempt {
            verb: text(r, "/verb"),
            group: text(r, "/group"),
            resource: text(r, "/resource"),
            part: text(r, "/subresource"),
            namespace: text(r, "/namespace"),
            name: text(r, "/name"),
            path: "",
        },
        (None, Some(p)) => Attempt { verb: text(p, "/verb"), path: text(p, "/path"), ..Attempt::default() },
        (None, None) | (Some(_), Some(_)) => {
            let why = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
            return Err(unasked("spec.resourceAttributes", resource.unwrap_or(&Value::Null), why));
        }
    };
    let (allowed, reason) = match decide(cluster, actor, &attempt) {
        Ok(reason) => (true, reason),
        Err(reason) => (false, reason),
    };
    Ok(if reason.is_empty() { json!({"allowed": allowed}) } else { json!({"allowed": allowed, "reason": reason}) })
}

fn rules(cluster: &Cluster, actor: &Actor, namespace: &str) -> Value {
    let (mut resources, mut paths) = (Vec::new(), Vec::new());
    for rule in rbac::rules(cluster, actor, namespace) {
        let into = if rule.get("nonResourceURLs").is_some() { &mut paths } else { &mut resources };
        into.push(rule);
    }
    // A denial cannot be said in rules that only allow.
    json!({"resourceRules": resources, "nonResourceRules": paths, "incomplete": !cluster.denied.is_empty()})
}

/// Makes a token for a service account. It looks like the real ones and holds no secret: this cluster takes it back by what it says.
pub(super) fn token(cluster: &Cluster, ask: &Ask, key: &Key) -> Result<Answer, Refusal> {
    let mut request = body(ask)?;
    let account = cluster.fetch(key)?;
    let seconds = number(&request, "/spec/expirationSeconds", 3600);
    let named = Named { group: "authentication.k8s.io", plural: "tokenrequests", kind: "TokenRequest", name: "" };
    for (bound, wrong) in [
        ("may not specify a duration less than 10 minutes", seconds < 600),
        ("may not specify a duration larger than 2^32 seconds", seconds >= 1 << 32),
    ] {
        if wrong {
            let mut refusal = Refusal::invalid(&named, &[Cause::invalid("spec.expirationSeconds", &seconds.into(), bound)]);
            map_mut(&mut refusal.details).remove("name");
            return Err(refusal);
        }
    }
    let ends = cluster.now.saturating_add(jiff::SignedDuration::from_secs(seconds)).unwrap_or(cluster.now);
    let claims = json!({
        "iss": ISSUER, "sub": format!("system:serviceaccount:{}:{}", key.namespace, key.name), "aud": [ISSUER],
        "iat": cluster.now.as_second(), "exp": ends.as_second(), "uid": account["metadata"]["uid"],
    });
    let parts = [json!({"alg": "none", "typ": "JWT"}), claims].map(|part| BASE64_URL_SAFE_NO_PAD.encode(part.to_string()));
    set(&mut request, "/apiVersion", "authentication.k8s.io/v1");
    set(&mut request, "/kind", "TokenRequest");
    set(
        &mut request,
        "/metadata",
        json!({"name": *key.name, "namespace": *key.namespace, "uid": account["metadata"]["uid"], "creationTimestamp": cluster.stamp()}),
    );
    set(&mut request, "/spec", json!({"audiences": [ISSUER], "expirationSeconds": seconds, "boundObjectRef": null}));
    set(&mut request, "/status", json!({"token": format!("{}.{}.", parts[0], parts[1]), "expirationTimestamp": stamp(ends)}));
    Ok(Answer::Json(201, request))
}

const ISSUER: &str = "https://kubernetes.default.svc";

/// The service account a token speaks for, while the token is good and the account the same.
fn bearer(cluster: &Cluster, token: &str) -> Option<Actor> {
    let claims = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    let user = text(&claims, "/sub");
    let (namespace, name) = user.strip_prefix("system:serviceaccount:")?.split_once(':')?;
    let account = cluster.get(&Key::new(cluster.kinds.account, namespace, name))?;
    let same = account["metadata"]["uid"] == claims["uid"] && number(&claims, "/exp", 0) > cluster.now.as_second();
    same.then(|| Actor::new(user, Vec::new()))
}
