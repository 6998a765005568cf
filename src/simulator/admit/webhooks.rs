//! Admission webhooks. Nothing is ever called: a webhook whose rules fit is one that cannot be reached, and its failure policy decides.
//!
//! Source: `apiserver/pkg/admission/plugin/webhook`.
use crate::{
    simulator::{
        cluster::Cluster,
        json::{list, number, set, text},
        refusal::Refusal,
        registry::{KindId, Resource},
        store::Key,
    },
    terms::selector::LabelSelector,
};
use serde_json::{Value, json};

/// A write as webhooks see it.
#[derive(Clone, Copy)]
pub(super) struct Write<'a> {
    /// `CREATE`, `UPDATE` or `DELETE`.
    pub(super) operation: &'a str,
    pub(super) key: &'a Key,
    pub(super) object: &'a Value,
    /// `status` or empty.
    pub(super) part: &'a str,
}

/// Refuses a write that a webhook of this kind of configuration must see and cannot.
pub(super) fn check(cluster: &Cluster, configurations: KindId, write: Write) -> Result<(), Refusal> {
    let resource = cluster.registry.get(write.key.kind);
    if resource.group == "admissionregistration.k8s.io" {
        // They are exempt, so that a broken one can be taken away.
        return Ok(());
    }
    for (at, stored) in cluster.store.of_kind(configurations, None) {
        for webhook in list(&cluster.store.tree(at, stored), "/webhooks") {
            if text(webhook, "/failurePolicy") != "Ignore" && concerns(cluster, webhook, resource, write) {
                return Err(unreachable(cluster, webhook));
            }
        }
    }
    Ok(())
}

fn concerns(cluster: &Cluster, webhook: &Value, resource: &Resource, write: Write) -> bool {
    let whole = if write.part.is_empty() { resource.plural.clone() } else { format!("{}/{}", resource.plural, write.part) };
    let fits = |rule: &Value, field: &str, word: &str| list(rule, field).iter().any(|w| w == "*" || w == word);
    let named = |rule: &Value| {
        list(rule, "/resources").iter().filter_map(Value::as_str).any(|given| match given.split_once('/') {
            Some((main, part)) => (main == "*" || main == resource.plural) && (part == "*" || part == write.part),
            None => write.part.is_empty() && (given == "*" || given == whole),
        })
    };
    let scoped = |rule: &Value| match text(rule, "/scope") {
        "Namespaced" => resource.namespaced,
        "Cluster" => !resource.namespaced,
        _ => true,
    };
    let ruled = list(webhook, "/rules").iter().any(|rule| {
        fits(rule, "/operations", write.operation)
            && fits(rule, "/apiGroups", &resource.group)
            && fits(rule, "/apiVersions", &resource.version)
            && named(rule)
            && scoped(rule)
    });
    let selected = |field: &str, labels: Option<&Value>| {
        let selector = LabelSelector::from_json(webhook.pointer(field).unwrap_or(&Value::Null));
        selector.is_ok_and(|s| s.is_empty() || s.matches_json(labels.unwrap_or(&json!({}))))
    };
    let namespace = match write.key.kind {
        kind if kind == cluster.kinds.namespace => Some(write.object.clone()),
        _ if resource.namespaced => cluster.get(&Key::new(cluster.kinds.namespace, "", &write.key.namespace)).map(|n| Value::clone(&n)),
        _ => None,
    };
    let in_namespace = namespace.is_none_or(|n| selected("/namespaceSelector", n.pointer("/metadata/labels")));
    ruled && in_namespace && selected("/objectSelector", write.object.pointer("/metadata/labels"))
}

/// What the API server says of a webhook that does not answer.
fn unreachable(cluster: &Cluster, webhook: &Value) -> Refusal {
    let seconds = number(webhook, "/timeoutSeconds", 10);
    let service = webhook.pointer("/clientConfig/service");
    let (url, why) = match service {
        None => {
            let url = text(webhook, "/clientConfig/url");
            let host = url.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
            (url.to_owned(), format!("dial tcp {host}: connect: connection refused"))
        }
        Some(service) => {
            let (name, namespace, port) = (text(service, "/name"), text(service, "/namespace"), number(service, "/port", 443));
            let known = cluster.get(&Key::new(cluster.kinds.service, namespace, name));
            let served = known.as_ref().map(|s| list(s, "/spec/ports").iter().any(|p| p["port"] == port));
            let ready = cluster.store.of_kind(cluster.kinds.slice, Some(namespace)).any(|(at, stored)| {
                stored.label("kubernetes.io/service-name") == Some(name) && !list(&cluster.store.tree(at, stored), "/endpoints").is_empty()
            });
            let why = match served {
                None => format!("service {name:?} not found"),
                Some(false) => format!("no service port {port} found for service {name:?}"),
                Some(true) if ready => "context deadline exceeded".to_owned(),
                Some(true) => format!("no endpoints available for service {name:?}"),
            };
            (format!("https://{name}.{namespace}.svc:{port}{}", text(service, "/path")), why)
        }
    };
    let message =
        format!("failed calling webhook {:?}: failed to call webhook: Post \"{url}?timeout={seconds}s\": {why}", text(webhook, "/name"));
    let mut refusal = Refusal::new(500, "InternalError", format!("Internal error occurred: {message}"));
    set(&mut refusal.details, "/causes", json!([{"message": message}]));
    refusal
}
