//! What the server says of itself: versions, health, and which resources it has (plain and aggregated).
use super::{Answer, Ask, openapi};
use crate::simulator::{cluster::Cluster, json::remove, refusal::Refusal, registry::Resource};
use serde_json::{Value, json};

/// The version this cluster answers as.
const VERSION: (&str, &str, &str) = ("1", "36", "v1.36.3");
const CHANGED: &[&str] = &["get", "patch", "update"];
const PROXIED: &[&str] = &["create", "delete", "get", "patch", "update"];
const STREAMED: &[&str] = &["create", "get"];

/// Subresources: the group and version of their kind where it is another group's, the kind (`*` stands for the resource's own), and the verbs.
const PARTS: &[(&str, &str, &str, &str, &[&str])] = &[
    ("approval", "", "", "*", CHANGED),
    ("attach", "", "", "PodAttachOptions", STREAMED),
    ("binding", "", "", "Binding", &["create"]),
    ("ephemeralcontainers", "", "", "*", CHANGED),
    ("eviction", "policy", "v1", "Eviction", &["create"]),
    ("exec", "", "", "PodExecOptions", STREAMED),
    ("finalize", "", "", "*", &["update"]),
    ("log", "", "", "*", &["get"]),
    ("portforward", "", "", "PodPortForwardOptions", STREAMED),
    ("proxy", "", "", "*ProxyOptions", PROXIED),
    ("resize", "", "", "*", CHANGED),
    ("scale", "autoscaling", "v1", "Scale", CHANGED),
    ("status", "", "", "*", CHANGED),
    ("token", "authentication.k8s.io", "v1", "TokenRequest", &["create"]),
];

/// Answers paths that are not resources; None for all others.
pub(super) fn answer(cluster: &Cluster, ask: &Ask, segments: &[&str]) -> Option<Result<Answer, Refusal>> {
    let aggregated = ask.accept.contains("apidiscovery.k8s.io") && ask.accept.contains("v=v2");
    let value = match *segments {
        ["version"] => version(),
        ["livez" | "readyz" | "healthz"] | ["livez" | "readyz" | "healthz", "ping" | "etcd" | "log"] => {
            return Some(Ok(Answer::Text("ok".to_owned())));
        }
        [] => json!({"paths": ["/api", "/api/v1", "/apis", "/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/version"]}),
        ["openapi", ref rest @ ..] => return Some(openapi::answer(cluster, ask, rest)),
        ["api"] if aggregated => return Some(Ok(groups(cluster, |g| g.is_empty()))),
        ["apis"] if aggregated => return Some(Ok(groups(cluster, |g| !g.is_empty()))),
        ["api"] => json!({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}),
        ["apis"] => {
            let groups: Vec<Value> = names(cluster).into_iter().filter(|(g, _)| !g.is_empty()).map(|(g, v)| group(&g, &v)).collect();
            json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
        }
        ["api", version] => return Some(resources(cluster, "", version)),
        ["apis", name] => match names(cluster).into_iter().find(|(g, _)| g == name) {
            Some((name, versions)) => {
                let mut group = group(&name, &versions);
                group["kind"] = "APIGroup".into();
                group["apiVersion"] = "v1".into();
                group
            }
            None => return Some(Err(Refusal::no_such_page())),
        },
        ["apis", group, version] => return Some(resources(cluster, group, version)),
        _ => return None,
    };
    Some(Ok(Answer::Json(200, value)))
}

fn version() -> Value {
    let (major, minor, full) = VERSION;
    json!({"major": major, "minor": minor, "gitVersion": full, "gitCommit": "", "gitTreeState": "clean", "buildDate": "2026-11-01T00:00:00Z",
           "goVersion": "none", "compiler": "none", "platform": "built-in"})
}

/// Every group with its versions, in the registry's order.
fn names(cluster: &Cluster) -> Vec<(String, Vec<String>)> {
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for resource in cluster.registry.all() {
        match groups.iter_mut().find(|(g, _)| *g == resource.group) {
            Some((_, versions)) if versions.contains(&resource.version) => {}
            Some((_, versions)) => versions.push(resource.version.clone()),
            None => groups.push((resource.group.clone(), vec![resource.version.clone()])),
        }
    }
    groups
}

fn group(name: &str, versions: &[String]) -> Value {
    let versions: Vec<Value> = versions.iter().map(|v| json!({"groupVersion": format!("{name}/{v}"), "version": v})).collect();
    json!({"name": name, "preferredVersion": versions[0], "versions": versions})
}

/// A resource's subresources: name, group, version and kind, verbs.
fn parts(resource: &Resource) -> impl Iterator<Item = (&'static str, &'static str, &'static str, String, &'static [&'static str])> + '_ {
    let of = |(name, group, version, kind, verbs): &(&'static str, _, _, &str, _)| {
        (*name, *group, *version, kind.replace('*', &resource.kind), *verbs)
    };
    // Those of custom resources come the other way round.
    let mut parts: Vec<_> = PARTS.iter().filter(|(name, ..)| resource.has(name)).map(of).collect();
    if resource.custom {
        parts.reverse();
    }
    parts.into_iter()
}

fn words(entry: &mut Value, resource: &Resource) {
    for (field, words) in [("shortNames", &resource.short_names), ("categories", &resource.categories)] {
        if !words.is_empty() {
            entry[field] = words.clone().into();
        }
    }
}

fn resources(cluster: &Cluster, group: &str, version: &str) -> Result<Answer, Refusal> {
    let mut list = Vec::new();
    for resource in cluster.registry.all().filter(|r| r.group == group && r.version == version) {
        let mut entry = json!({"name": resource.plural, "singularName": resource.singular, "namespaced": resource.namespaced, "kind": resource.kind, "verbs": resource.verbs});
        words(&mut entry, resource);
        list.push(entry);
        for (name, group, version, kind, verbs) in parts(resource) {
            let mut entry = json!({"name": format!("{}/{name}", resource.plural), "singularName": "", "namespaced": resource.namespaced, "kind": kind, "verbs": verbs});
            if !group.is_empty() {
                entry["group"] = group.into();
                entry["version"] = version.into();
            }
            list.push(entry);
        }
    }
    if list.is_empty() {
        return Err(cluster.registry.nothing_at(group));
    }
    let mut answer =
        json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": format!("{group}/{version}"), "resources": list});
    if group.is_empty() {
        answer["groupVersion"] = version.into();
        remove(&mut answer, "/apiVersion");
    }
    Ok(Answer::Json(200, answer))
}

/// Clients tell the aggregated form from the plain one by its content type.
fn groups(cluster: &Cluster, wanted: impl Fn(&str) -> bool) -> Answer {
    let items: Vec<Value> = names(cluster)
        .into_iter()
        .filter(|(group, _)| wanted(group))
        .map(|(group, versions)| {
            let versions: Vec<Value> = versions
                .iter()
                .map(|v| json!({"version": v, "freshness": "Current", "resources": aggregated(cluster, &group, v)}))
                .collect();
            let metadata = if group.is_empty() { json!({}) } else { json!({"name": group}) };
            json!({"metadata": metadata, "versions": versions})
        })
        .collect();
    let list = json!({"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items});
    Answer::Stream(list.to_string().into(), "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")
}

fn aggregated(cluster: &Cluster, group: &str, version: &str) -> Vec<Value> {
    // Groups and versions are said only where they are not the resource's own.
    let kind = |group: &str, version: &str, kind: &str| json!({"group": group, "version": version, "kind": kind});
    let of = |resource: &Resource| {
        let mut entry = json!({
            "resource": resource.plural, "responseKind": kind("", "", &resource.kind),
            "scope": if resource.namespaced { "Namespaced" } else { "Cluster" }, "singularResource": resource.singular, "verbs": resource.verbs,
        });
        words(&mut entry, resource);
        let parts: Vec<Value> = parts(resource)
            .map(|(name, g, v, k, verbs)| json!({"subresource": name, "responseKind": kind(g, v, &k), "verbs": verbs}))
            .collect();
        if !parts.is_empty() {
            entry["subresources"] = parts.into();
        }
        entry
    };
    cluster.registry.all().filter(|r| r.group == group && r.version == version).map(of).collect()
}
