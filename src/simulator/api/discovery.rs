//! What the server says of itself: versions, health, and which resources it has (plain and aggregated).
use super::{Answer, Ask, openapi};
use crate::simulator::{cluster::Cluster, refusal::Refusal, registry::Resource};
use serde_json::{Value, json};

/// The version this cluster answers as.
const VERSION: (&str, &str, &str) = ("1", "36", "v1.36.3");
/// Subresources whose answers are objects of another kind, with the verbs they have.
const PARTS: &[(&str, &str, &str, &str, &[&str])] = &[
    ("scale", "autoscaling", "v1", "Scale", &["get", "patch", "update"]),
    ("status", "", "", "", &["get", "patch", "update"]),
    ("eviction", "policy", "v1", "Eviction", &["create"]),
    ("log", "", "", "", &["get"]),
    ("finalize", "", "", "", &["update"]),
    ("resize", "", "", "", &["get", "patch", "update"]),
];

/// Answers paths that are not resources; None for all others.
pub(super) fn answer(cluster: &Cluster, ask: &Ask, segments: &[&str]) -> Option<Result<Answer, Refusal>> {
    let aggregated = ask.accept.contains("apidiscovery.k8s.io") && ask.accept.contains("v=v2");
    let value = match *segments {
        ["version"] => version(),
        ["livez" | "readyz" | "healthz", ..] => return Some(Ok(Answer::Text("ok".to_owned()))),
        [] => json!({"paths": ["/api", "/api/v1", "/apis", "/healthz", "/livez", "/openapi/v3", "/readyz", "/version"]}),
        ["openapi", ref rest @ ..] => return Some(openapi::answer(cluster, rest)),
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
            None => return Some(Err(Refusal::no_such_path())),
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

fn parts(resource: &Resource) -> impl Iterator<Item = (&'static str, String, String, String, &'static [&'static str])> + '_ {
    PARTS.iter().filter(|(name, ..)| resource.has(name)).map(|(name, group, version, kind, verbs)| {
        if kind.is_empty() {
            (*name, resource.group.clone(), resource.version.clone(), resource.kind.clone(), *verbs)
        } else {
            (*name, (*group).to_owned(), (*version).to_owned(), (*kind).to_owned(), *verbs)
        }
    })
}

fn resources(cluster: &Cluster, group: &str, version: &str) -> Result<Answer, Refusal> {
    let mut list = Vec::new();
    for resource in cluster.registry.all().filter(|r| r.group == group && r.version == version) {
        let mut entry = json!({"name": resource.plural, "singularName": resource.singular, "namespaced": resource.namespaced, "kind": resource.kind, "verbs": resource.verbs});
        if !resource.short_names.is_empty() {
            entry["shortNames"] = resource.short_names.clone().into();
        }
        if !resource.categories.is_empty() {
            entry["categories"] = resource.categories.clone().into();
        }
        list.push(entry);
        for (name, group, version, kind, verbs) in parts(resource) {
            let mut entry = json!({"name": format!("{}/{name}", resource.plural), "singularName": "", "namespaced": resource.namespaced, "kind": kind, "verbs": verbs});
            if kind != resource.kind {
                entry["group"] = group.into();
                entry["version"] = version.into();
            }
            list.push(entry);
        }
    }
    if list.is_empty() {
        return Err(Refusal::no_such_path());
    }
    let group_version = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    Ok(Answer::Json(200, json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": list})))
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
            let metadata =
                if group.is_empty() { json!({"creationTimestamp": null}) } else { json!({"name": group, "creationTimestamp": null}) };
            json!({"metadata": metadata, "versions": versions})
        })
        .collect();
    let list = json!({"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items});
    Answer::Stream(list.to_string().into(), "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")
}

fn aggregated(cluster: &Cluster, group: &str, version: &str) -> Vec<Value> {
    let of = |resource: &Resource| {
        let kind = |group: &str, version: &str, kind: &str| json!({"group": group, "version": version, "kind": kind});
        let mut entry = json!({
            "resource": resource.plural, "responseKind": kind(&resource.group, &resource.version, &resource.kind),
            "scope": if resource.namespaced { "Namespaced" } else { "Cluster" }, "singularResource": resource.singular, "verbs": resource.verbs,
        });
        if !resource.short_names.is_empty() {
            entry["shortNames"] = resource.short_names.clone().into();
        }
        if !resource.categories.is_empty() {
            entry["categories"] = resource.categories.clone().into();
        }
        let parts: Vec<Value> = parts(resource)
            .map(|(name, g, v, k, verbs)| json!({"subresource": name, "responseKind": kind(&g, &v, &k), "verbs": verbs}))
            .collect();
        if !parts.is_empty() {
            entry["subresources"] = parts.into();
        }
        entry
    };
    cluster.registry.all().filter(|r| r.group == group && r.version == version).map(of).collect()
}
