//! Checks of Services, Ingresses and NetworkPolicies. Source: `pkg/apis/core/validation`, `pkg/apis/networking/validation`.
use super::{
    checks::{Spot, empty},
    names::{self, NameForm},
};
use crate::simulator::{
    json::{list, number, text},
    refusal::Cause,
};
use serde_json::{Value, json};
use std::{
    collections::HashSet,
    net::{IpAddr, Ipv4Addr},
};

const NO_ADDRESS: &str = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
const NO_RANGE: &str = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
const WILDCARD: &str = "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

/// Runs a check of this file; None: there is none of that name.
pub(super) fn run(check: &str, spot: &Spot) -> Option<Vec<Cause>> {
    let (value, root) = (spot.value, spot.root);
    let kind = text(root, "/spec/type");
    let inside = |field: &str| format!("{}.{field}", spot.field);
    let when = |wrong: bool, causes: Vec<Cause>| if wrong { causes } else { Vec::new() };
    Some(match check {
        "ports-needed" => {
            let none = list(root, "/spec/ports").is_empty() && kind != "ExternalName" && text(root, "/spec/clusterIP") != "None";
            when(none, vec![Cause::required("spec.ports", "")])
        }
        "named-among-many" => {
            let many = list(root, "/spec/ports").len() > 1;
            when(many && text(value, "/name").is_empty(), vec![Cause::required(inside("name"), "")])
        }
        "unique-ports" => {
            let mut seen = HashSet::new();
            let ports = list(root, "/spec/ports").iter().enumerate();
            let twice = ports.filter(|(_, p)| !seen.insert((text(p, "/protocol").to_owned(), number(p, "/port", 0))));
            let told = twice.map(|(at, p)| {
                let port = format!(
                    "{{\"Name\":\"\",\"Protocol\":{},\"AppProtocol\":null,\"Port\":{},\"TargetPort\":0,\"NodePort\":0}}",
                    p["protocol"], p["port"]
                );
                Cause::told("FieldValueDuplicate", format!("spec.ports[{at}]"), format!("Duplicate value: {port}"))
            });
            told.collect()
        }
        "affinity-time" => {
            let wrong = value.as_i64().is_some_and(|n| !(1..=86_400).contains(&n));
            when(wrong, spot.invalid("must be greater than 0 and less than 86400"))
        }
        "cluster-ip" => cluster_ip(root, kind, spot.old.is_none()),
        "reached-outside" => {
            let hidden = kind == "ClusterIP" && list(root, "/spec/externalIPs").is_empty() && !value.is_null();
            when(hidden, spot.invalid("may only be set for externally-accessible services"))
        }
        "no-node-port" => {
            let why = format!("may not be used when `type` is '{kind}'");
            let has = number(value, "/nodePort", 0) != 0;
            when(has && matches!(kind, "ClusterIP" | "ExternalName"), vec![Cause::forbidden(inside("nodePort"), &why)])
        }
        "cluster-ip-kept" => {
            let old = spot.old.unwrap_or(&Value::Null);
            let (was, is) = (text(old, "/spec/clusterIP"), text(root, "/spec/clusterIP"));
            let both = kind != "ExternalName" && text(old, "/spec/type") != "ExternalName" && !was.is_empty();
            let at = "spec.clusterIPs[0]";
            when(both && was != is, vec![Cause::invalid(at, &json!([is]), "may not change once set")])
        }
        "ingress-some" => {
            let none = root.pointer("/spec/defaultBackend").is_none() && list(root, "/spec/rules").is_empty();
            let why = "either `defaultBackend` or `rules` must be specified";
            when(none, vec![Cause::invalid("spec", &Value::Null, why)])
        }
        "host" => {
            let host = spot.word();
            let problem = match host.strip_prefix("*.") {
                _ if host.parse::<IpAddr>().is_ok() => Some("must be a DNS name, not an IP address".to_owned()),
                Some(rest) => names::problem(NameForm::Subdomain, rest).map(|_| WILDCARD.to_owned()),
                None if host.contains('*') => Some(WILDCARD.to_owned()),
                None => names::problem(NameForm::Subdomain, host),
            };
            problem.into_iter().flat_map(|p| spot.invalid(&p)).collect()
        }
        "url-path" => {
            let (path, form) = (spot.word(), text(spot.holder, "/pathType"));
            let path_at = |why: &str| vec![Cause::invalid(spot.field, &path.into(), why)];
            match form {
                "Exact" | "Prefix" if !path.starts_with('/') => path_at("must be an absolute path"),
                "Exact" | "Prefix" => {
                    let bad = ["//", "/./", "/../", "%2f", "%2F"].into_iter().find(|b| path.contains(b));
                    bad.map(|b| path_at(&format!("must not contain '{b}'"))).unwrap_or_default()
                }
                "ImplementationSpecific" if !path.is_empty() && !path.starts_with('/') => path_at("must be an absolute path"),
                _ => Vec::new(),
            }
        }
        "ingress-backend" => {
            let (service, resource) = (value.get("service"), value.get("resource"));
            let said = |why: &str| vec![Cause::invalid(spot.field, &"".into(), why)];
            match (service, resource) {
                (Some(_), Some(_)) => said("cannot set both resource and service backends"),
                (None, None) => said("resource or service backend is required"),
                (None, Some(_)) => Vec::new(),
                (Some(service), None) => {
                    let (name, port) = (text(service, "/port/name"), number(service, "/port/number", 0));
                    let mut causes = Vec::new();
                    match (name.is_empty(), port) {
                        (false, port) if port != 0 => causes.extend(said("cannot set both port name & port number")),
                        (true, 0) => causes.extend(spot.required("port name or number is required")),
                        (true, port) if !(1..=65_535).contains(&port) => {
                            let why = "must be between 1 and 65535, inclusive";
                            causes.push(Cause::invalid(inside("service.port.number"), &port.into(), why));
                        }
                        _ => {}
                    }
                    causes
                }
            }
        }
        "domain-path" => {
            let good = spot
                .word()
                .split_once('/')
                .is_some_and(|(domain, rest)| names::problem(NameForm::Subdomain, domain).is_none() && !rest.is_empty());
            when(!good, spot.invalid("must be a domain-prefixed path (such as \"acme.io/foo\")"))
        }
        "policy-peer" => {
            let block = value.get("ipBlock");
            let others = value.get("podSelector").is_some() || value.get("namespaceSelector").is_some();
            match block {
                None if !others => spot.required("must specify a peer"),
                Some(_) if others => spot.forbidden("may not specify both ipBlock and another peer"),
                Some(block) => ip_block(block, &inside("ipBlock")),
                None => Vec::new(),
            }
        }
        "port-range" if !value.is_null() => match &spot.holder["port"] {
            Value::Null => spot.invalid("may not be specified when `port` is not specified"),
            Value::String(_) => spot.invalid("may not be specified when `port` is non-numeric"),
            port => {
                let why = "must be greater than or equal to `port`";
                when(value.as_i64() < port.as_i64(), vec![Cause::invalid(spot.field, port, why)])
            }
        },
        "port-range" => Vec::new(),
        _ => return None,
    })
}

fn cluster_ip(service: &Value, kind: &str, creating: bool) -> Vec<Cause> {
    let given = text(service, "/spec/clusterIP");
    let first = |why: &str| vec![Cause::invalid("spec.clusterIPs[0]", &given.into(), why)];
    let families = list(service, "/spec/ipFamilies");
    match given {
        _ if kind == "ExternalName" || given.is_empty() => Vec::new(),
        "None" if matches!(kind, "NodePort" | "LoadBalancer") => first(&format!("may not be set to 'None' for {kind} services")),
        _ if text(service, "/spec/ipFamilyPolicy") == "RequireDualStack"
            && (given != "None" || service.pointer("/spec/selector").is_some()) =>
        {
            let why = "this cluster is not configured for dual-stack services";
            vec![Cause::invalid("spec.ipFamilyPolicy", &"RequireDualStack".into(), why)]
        }
        "None" => Vec::new(),
        _ if families.first().is_some_and(|f| f == "IPv6") => {
            vec![Cause::invalid("spec.ipFamilies[0]", &"IPv6".into(), "not configured on this cluster")]
        }
        _ => match given.parse::<IpAddr>() {
            Err(_) => first(NO_ADDRESS),
            Ok(IpAddr::V4(address)) if address.to_bits() >> 20 == Ipv4Addr::new(10, 96, 0, 0).to_bits() >> 20 => Vec::new(),
            Ok(_) if !creating => Vec::new(),
            Ok(_) => {
                let why = format!(
                    "failed to allocate IP {given}: the provided IP ({given}) is not in the valid range. The range of valid IPs is 10.96.0.0/12"
                );
                vec![Cause::invalid("spec.clusterIPs", &json!([given]), &why)]
            }
        },
    }
}

/// A range of addresses: where it begins, and how many bits of it are fixed.
fn range(text: &str) -> Option<(u128, u32, u32)> {
    let (address, bits) = text.split_once('/')?;
    let bits: u32 = bits.parse().ok()?;
    let (start, width) = match address.parse().ok()? {
        IpAddr::V4(a) => (u128::from(a.to_bits()), 32),
        IpAddr::V6(a) => (a.to_bits(), 128),
    };
    (bits <= width).then_some((start, bits, width))
}

fn prefix(address: u128, bits: u32, width: u32) -> u128 {
    address.checked_shr(width - bits).unwrap_or(0)
}

fn ip_block(block: &Value, field: &str) -> Vec<Cause> {
    let cidr = text(block, "/cidr");
    let at = format!("{field}.cidr");
    if empty(&block["cidr"]) {
        return vec![Cause::required(at, "")];
    }
    let Some((start, bits, width)) = range(cidr) else { return vec![Cause::invalid(at, &cidr.into(), NO_RANGE)] };
    let mut causes = Vec::new();
    if prefix(start, bits, width).checked_shl(width - bits).unwrap_or(0) != start {
        causes.push(Cause::invalid(at, &cidr.into(), "must not have bits set beyond the prefix length"));
    }
    for (place, except) in list(block, "/except").iter().enumerate() {
        let at = format!("{field}.except[{place}]");
        match range(except.as_str().unwrap_or_default()) {
            None => causes.push(Cause::invalid(at, except, NO_RANGE)),
            Some((inner, more, w)) if w != width || more <= bits || prefix(inner, bits, width) != prefix(start, bits, width) => {
                causes.push(Cause::invalid(at, except, "must be a strict subset of `cidr`"));
            }
            Some(_) => {}
        }
    }
    causes
}
