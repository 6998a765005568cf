//! Services and ingresses: what they listen on, where they lead.

use super::{Block, Told, fields, pods, table};
use crate::ops::look::{list, pairs, plain, text};
use serde_json::Value;

/// Addresses, ports, endpoints, and the pods behind.
pub(super) fn service(told: &Told<'_>) -> Vec<Block> {
    let object = told.object;
    let joined = |pointer: &str| list(object, pointer).iter().map(plain).collect::<Vec<_>>().join(", ");
    let outside = list(object, "/status/loadBalancer/ingress").iter().map(|i| {
        let ip = text(i, "/ip");
        if ip.is_empty() { text(i, "/hostname").to_string() } else { ip.to_string() }
    });
    let (ready, not_ready) = match told.listed("endpointslices") {
        Ok(slices) => (addresses(slices, true), addresses(slices, false)),
        Err(_) => (String::new(), String::new()),
    };
    let has_selector = object.pointer("/spec/selector").is_some_and(Value::is_object);
    let none = if has_selector { "none: no ready pod matches the selector" } else { "" };
    let mut blocks = vec![fields(
        "State",
        vec![
            ("Type", text(object, "/spec/type").to_string()),
            ("Cluster IPs", joined("/spec/clusterIPs")),
            ("External IPs", joined("/spec/externalIPs")),
            ("External name", text(object, "/spec/externalName").to_string()),
            ("Load balancer", outside.collect::<Vec<_>>().join(", ")),
            ("Selector", pairs(object, "/spec/selector").join(", ")),
            ("Session affinity", text(object, "/spec/sessionAffinity").replace("None", "")),
            ("Endpoints", if ready.is_empty() && told.listed("endpointslices").is_ok() { none.into() } else { ready }),
            ("Not ready", not_ready),
        ],
    )];
    let row = |p: &Value| {
        let field = |name: &str| p.get(name).map(plain).unwrap_or_default();
        vec![field("name"), field("port"), field("targetPort"), field("nodePort"), field("protocol")]
    };
    let rows = list(object, "/spec/ports").iter().map(row).collect();
    blocks.extend(table("Ports", &["Name", "Port", "Target", "Node Port", "Protocol"], rows));
    blocks.extend(told.listed("endpointslices").err());
    match told.listed("pods") {
        Ok(pods) => blocks.extend(pods::pod_table(told, "Pods", &pods.iter().collect::<Vec<_>>())),
        Err(why) => blocks.push(why),
    }
    blocks
}

/// `10.1.0.5:8000, …`; an endpoint that says nothing of itself counts as ready.
fn addresses(slices: &[Value], ready: bool) -> String {
    let mut all = Vec::new();
    for slice in slices {
        let ports: Vec<String> = list(slice, "/ports").iter().map(|p| plain(&p["port"])).collect();
        for endpoint in list(slice, "/endpoints") {
            let is_ready = endpoint.pointer("/conditions/ready").and_then(Value::as_bool).unwrap_or(true);
            let address = list(endpoint, "/addresses").first().map(plain);
            all.extend(address.filter(|_| is_ready == ready).map(|a| format!("{a}:{}", ports.join("+"))));
        }
    }
    let more = all.len().saturating_sub(10);
    all.truncate(10);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    all.join(", ") + &rest
}

/// Hosts and paths with the services they lead to.
pub(super) fn ingress(told: &Told<'_>) -> Vec<Block> {
    let object = told.object;
    let backend = |b: &Value| {
        let (name, port) = (text(b, "/service/name"), &b["service"]["port"]);
        let port = port.get("number").or_else(|| port.get("name")).map(plain).unwrap_or_default();
        match (name, b.pointer("/resource/name")) {
            ("", Some(resource)) => format!("{}/{}", text(b, "/resource/kind").to_ascii_lowercase(), plain(resource)),
            (name, _) => format!("service/{name}:{port}"),
        }
    };
    let tls = list(object, "/spec/tls")
        .iter()
        .map(|t| format!("{} (secret/{})", list(t, "/hosts").iter().map(plain).collect::<Vec<_>>().join(", "), text(t, "/secretName")));
    let address = list(object, "/status/loadBalancer/ingress").iter().map(|i| format!("{}{}", text(i, "/ip"), text(i, "/hostname")));
    let mut rows = Vec::new();
    for rule in list(object, "/spec/rules") {
        for path in list(rule, "/http/paths") {
            let host = text(rule, "/host");
            let host = if host.is_empty() { "*" } else { host };
            rows.push(vec![
                host.to_string(),
                text(path, "/path").to_string(),
                text(path, "/pathType").to_string(),
                backend(&path["backend"]),
            ]);
        }
    }
    let default = object.pointer("/spec/defaultBackend").map(backend).unwrap_or_default();
    let mut blocks = vec![fields(
        "State",
        vec![
            ("Class", text(object, "/spec/ingressClassName").to_string()),
            ("Address", address.collect::<Vec<_>>().join(", ")),
            ("TLS", tls.collect::<Vec<_>>().join("; ")),
            ("Default backend", default),
        ],
    )];
    blocks.extend(table("Rules", &["Host", "Path", "Match", "Backend"], rows));
    blocks
}
