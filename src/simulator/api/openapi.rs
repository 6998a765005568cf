//! OpenAPI v3, as little as kubectl needs to see that the server checks fields itself: for each kind, a PATCH that takes `fieldValidation`.
use super::Answer;
use crate::simulator::{cluster::Cluster, refusal::Refusal, registry::Resource};
use serde_json::{Map, Value, json};

/// Answers below `/openapi`.
pub(super) fn answer(cluster: &Cluster, rest: &[&str]) -> Result<Answer, Refusal> {
    match *rest {
        ["v3"] => {
            let mut paths = Map::new();
            for resource in cluster.registry.all() {
                let root = root(&resource.group, &resource.version);
                paths.insert(root.clone(), json!({"serverRelativeURL": format!("/openapi/v3/{root}?hash=1")}));
            }
            Ok(Answer::Json(200, json!({"paths": paths})))
        }
        ["v3", "api", version] => document(cluster, "", version),
        ["v3", "apis", group, version] => document(cluster, group, version),
        _ => Err(Refusal::no_such_path()),
    }
}

fn root(group: &str, version: &str) -> String {
    if group.is_empty() { format!("api/{version}") } else { format!("apis/{group}/{version}") }
}

fn document(cluster: &Cluster, group: &str, version: &str) -> Result<Answer, Refusal> {
    let mut paths = Map::new();
    let mut schemas = Map::new();
    for resource in cluster.registry.all().filter(|r| r.group == group && r.version == version) {
        let scope = if resource.namespaced { "/namespaces/{namespace}" } else { "" };
        paths.insert(format!("/{}{scope}/{}/{{name}}", root(group, version), resource.plural), path(resource));
        let name = format!("{}.{}.{}", if group.is_empty() { "core" } else { group }, version, resource.kind);
        schemas.insert(name, json!({"type": "object", "x-kubernetes-group-version-kind": [kind(resource)]}));
    }
    if paths.is_empty() {
        return Err(Refusal::no_such_path());
    }
    let info = json!({"title": "Kubernetes", "version": "v1.36.3"});
    Ok(Answer::Json(200, json!({"openapi": "3.0.0", "info": info, "paths": paths, "components": {"schemas": schemas}})))
}

fn kind(resource: &Resource) -> Value {
    json!({"group": resource.group, "version": resource.version, "kind": resource.kind})
}

fn path(resource: &Resource) -> Value {
    let parameter = |name: &str| json!({"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": true}});
    let parameters = ["dryRun", "fieldManager", "fieldValidation", "force"].map(parameter);
    json!({"patch": {
        "parameters": parameters,
        "responses": {"200": {"description": "OK"}},
        "x-kubernetes-action": "patch",
        "x-kubernetes-group-version-kind": kind(resource),
    }})
}
