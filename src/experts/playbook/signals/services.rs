//! Services: which one a host name means, and whether their ports lead anywhere.

use super::*;
use serde_json::json;

/// The Service of a list that a host name or cluster address means as seen from a namespace, or null.
pub fn service_of(host: &Value, services: &Value, namespace: &Value) -> Value {
    let host = host.as_str().unwrap_or_default();
    let mut parts = host.split('.');
    let (name, place) = (parts.next().unwrap_or_default(), parts.next());
    let namespace = place.unwrap_or(namespace.as_str().unwrap_or_default());
    let fits = |s: &&Value| {
        (text(s, "metadata.name") == name && text(s, "metadata.namespace") == namespace)
            || (!host.is_empty() && text(s, "spec.clusterIP") == host)
    };
    all(services).iter().find(fits).cloned().unwrap_or(Value::Null)
}

/// Ports whose target no pod has, given the pods that are selected: `{port, target, has, named}`.
pub fn ports(service: &Value, pods: &Value) -> Value {
    let declared: Vec<(&str, i64)> = all(pods)
        .iter()
        .flat_map(|p| items(p, "spec.containers").iter().chain(items(p, "spec.initContainers")))
        .flat_map(|c| items(c, "ports"))
        .map(|p| (text(p, "name"), int(p, "containerPort")))
        .collect();
    let mut has: Vec<String> = declared.iter().map(|(n, p)| if n.is_empty() { p.to_string() } else { format!("{n} ({p})") }).collect();
    has.sort();
    has.dedup();
    let wrong = items(service, "spec.ports").iter().enumerate().filter_map(|(index, port)| {
        let target = at(port, "targetPort");
        let (target, named, found) = match (target.as_str(), target.as_i64()) {
            (Some(name), _) => (name.to_string(), true, declared.iter().any(|(n, _)| *n == name)),
            (None, number) => {
                let number = number.unwrap_or_else(|| int(port, "port"));
                (number.to_string(), false, declared.iter().any(|(_, p)| *p == number))
            }
        };
        // A number that no container declares may still be listened on; a name cannot.
        let sure = named || !declared.is_empty();
        let right = match &declared[..] {
            [(_, only)] => json!(only),
            _ => Value::Null,
        };
        (!found && sure && !all(pods).is_empty()).then(|| {
            json!({
                "index": index, "port": int(port, "port"), "target": target, "named": named, "right": right,
                "has": if has.is_empty() { "no port".to_string() } else { has.join(", ") },
            })
        })
    });
    Value::Array(wrong.collect())
}
