//! Checks of Services, Ingresses and NetworkPolicies. Source: `pkg/apis/core/validation`, `pkg/apis/networking/validation`.
use super::{NO_ADDRESS, Spot, when};
use crate::simulator::{
    admit::names::{self, NameForm},
    json::{list, number, text},
    refusal::Cause,
};
use serde_json::{Value, json};
use std::{
    collections::HashSet,
    net::{IpAddr, Ipv4Addr},
};

const NO_RANGE: &str = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
const WILDCARD: &str = "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

/// Runs a check of this file; None: there is none of that name.
pub(super) fn run(check: &str, spot: &Spot) -> Option<Vec<Cause>> {
    let (value, root) = (spot.value, spot.root);
    let kind = text(root, "/spec/type");
    Some(match check {
        "ports-needed" => {
            let none = list(root, "/spec/ports").is_empty() && kind != "ExternalName" && text(root, "/spec/clusterIP") != "None";
            when(none, vec![Cause::required("spec.ports", "")])
        }
        "named-among-many" => {
            let unnamed = list(root, "/spec/ports").len() > 1 && text(value, "/name").is_empty();
            when(unnamed, vec![Cause::required(spot.inside("name"), "")])
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
        "cluster-ip" => cluster_ip(root, kind, spot.old.is_none()),
        "reached-outside" => {
            let hidden = kind == "ClusterIP" && list(root, "/spec/externalIPs").is_empty() && !value.is_null();
            when(hidden, spot.invalid("may only be set for externally-accessible services"))
        }
        "no-node-port" => {
            let why = format!("may not be used when `type` is '{kind}'");
            when(matches!(kind, "ClusterIP" | "ExternalName") && !super::empty(value), spot.forbidden(&why))
        }
        "cluster-ip-kept" => {
            let old = spot.old.unwrap_or(&Value::Null);
            let (was, is) = (text(old, "/spec/clusterIP"), text(root, "/spec/clusterIP"));
            let both = kind != "ExternalName" && text(old, "/spec/type") != "ExternalName" && !was.is_empty();
            when(both && was != is, vec![Cause::invalid("spec.clusterIPs[0]", &json!([is]), "may not change once set")])
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
            let (path, exact) = (spot.word(), matches!(text(spot.holder, "/pathType"), "Exact" | "Prefix"));
            let at = |why: &str| vec![Cause::invalid(spot.field, &path.into(), why)];
            if !path.starts_with('/') && (exact || !path.is_empty()) {
                return Some(at("must be an absolute path"));
            }
            let bad = ["//", "/./", "/../", "%2f", "%2F"].into_iter().find(|bad| exact && path.contains(bad));
            bad.map(|bad| at(&format!("must not contain '{bad}'"))).unwrap_or_default()
        }
        "ingress-port" => match (text(value, "/port/name"), number(value, "/port/number", 0)) {
            ("", 0) => vec![Cause::required(spot.field.trim_end_matches(".service"), "port name or number is required")],
            ("", port) => {
                let cause = Cause::invalid(spot.inside("port.number"), &port.into(), "must be between 1 and 65535, inclusive");
                when(!(1..=65_535).contains(&port), vec![cause])
            }
            (_, port) => {
                let both = Cause::invalid(spot.field.trim_end_matches(".service"), &"".into(), "cannot set both port name & port number");
                when(port != 0, vec![both])
            }
        },
        "policy-peer" => match value.get("ipBlock") {
            None if value.get("podSelector").is_none() && value.get("namespaceSelector").is_none() => spot.required("must specify a peer"),
            Some(_) if value.get("podSelector").is_some() || value.get("namespaceSelector").is_some() => {
                spot.forbidden("may not specify both ipBlock and another peer")
            }
            Some(_) | None => Vec::new(),
        },
        "cidr" => match range(spot.word()) {
            None => spot.invalid(NO_RANGE),
            Some((start, bits)) => {
                when(start.checked_shl(bits).unwrap_or(0) != 0, spot.invalid("must not have bits set beyond the prefix length"))
            }
        },
        "excepted" => {
            let Some((start, bits)) = range(text(value, "/cidr")) else { return Some(Vec::new()) };
            let wrong = |except: &Value| match range(except.as_str().unwrap_or_default()) {
                None => Some(NO_RANGE),
                Some((inner, more)) => {
                    (more <= bits || start_of(inner, bits) != start_of(start, bits)).then_some("must be a strict subset of `cidr`")
                }
            };
            let excepts = list(value, "/except").iter().enumerate();
            excepts.filter_map(|(at, e)| Some(Cause::invalid(spot.inside(&format!("except[{at}]")), e, wrong(e)?))).collect()
        }
        "port-range" if value.is_null() => Vec::new(),
        "port-range" => match &spot.holder["port"] {
            Value::Null => spot.invalid("may not be specified when `port` is not specified"),
            Value::String(_) => spot.invalid("may not be specified when `port` is non-numeric"),
            port => {
                let why = "must be greater than or equal to `port`";
                when(value.as_i64() < port.as_i64(), vec![Cause::invalid(spot.field, port, why)])
            }
        },
        _ => return None,
    })
}

fn cluster_ip(service: &Value, kind: &str, creating: bool) -> Vec<Cause> {
    let given = text(service, "/spec/clusterIP");
    let first = |why: &str| vec![Cause::invalid("spec.clusterIPs[0]", &given.into(), why)];
    match given.parse::<IpAddr>() {
        _ if kind == "ExternalName" || given.is_empty() => Vec::new(),
        _ if given == "None" => {
            when(matches!(kind, "NodePort" | "LoadBalancer"), first(&format!("may not be set to 'None' for {kind} services")))
        }
        Err(_) => first(NO_ADDRESS),
        Ok(IpAddr::V4(address)) if address.to_bits() >> 20 == Ipv4Addr::new(10, 96, 0, 0).to_bits() >> 20 => Vec::new(),
        Ok(_) => {
            let why = format!(
                "failed to allocate IP {given}: the provided IP ({given}) is not in the valid range. The range of valid IPs is 10.96.0.0/12"
            );
            when(creating, vec![Cause::invalid("spec.clusterIPs", &json!([given]), &why)])
        }
    }
}

/// A range of addresses, those of IPv4 as they stand among those of IPv6: where it begins, and how many bits of it are fixed.
fn range(text: &str) -> Option<(u128, u32)> {
    let (address, bits) = text.split_once('/')?;
    let bits: u32 = bits.parse().ok()?;
    let (start, bits) = match address.parse().ok()? {
        IpAddr::V4(address) => (address.to_ipv6_mapped().to_bits(), bits.checked_add(96)?),
        IpAddr::V6(address) => (address.to_bits(), bits),
    };
    (bits <= 128).then_some((start, bits))
}

fn start_of(address: u128, bits: u32) -> u128 {
    address.checked_shr(128 - bits).unwrap_or(0)
}
