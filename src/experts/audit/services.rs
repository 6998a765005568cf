//! What is open to the outside, and how: Services, Ingresses, ports.

use super::{table::checks, unit::Unit};
use crate::experts::diagnose::Finding;
use crate::facts::snapshot::{Ref, Snapshot};

checks! {
    NODE_PORT = "service-exposed" Warning 82 "A Service is open outside the cluster (NodePort or LoadBalancer)." reads ["Service.spec.type"] like "Service web is open outside the cluster as a NodePort" same_as ["kube-linter/exposed-services"];
    TLS = "ingress-without-tls" Warning 88 "An Ingress has no TLS: what it carries can be read on the way." reads ["Ingress.spec.tls"] like "Ingress shop serves without TLS" same_as ["polaris/tlsSettingsMissing"];
    PORT_NAME = "port-invalid" Error 95 "The name or number of a port is none that Kubernetes takes: a name is a DNS label of at most 15 characters with a letter, a number 1 to 65535." reads ["ports.name", "Service.spec.ports.targetPort"] like "Service web leads to a port that cannot exist: my_port" same_as ["kube-linter/invalid-target-ports"];
}

/// Whether it is an IANA service name, as `validation.IsValidPortName` of apimachinery asks, or a port's number.
fn valid(port: &str) -> bool {
    if port.bytes().all(|b| b.is_ascii_digit() || b == b'-') && port.bytes().any(|b| b.is_ascii_digit()) && port.parse::<i64>().is_ok() {
        return port.parse::<i64>().is_ok_and(|n| (1..=65535).contains(&n));
    }
    let plain = port.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let dashes = port.starts_with('-') || port.ends_with('-') || port.contains("--");
    !port.is_empty() && port.len() <= 15 && plain && !dashes && port.bytes().any(|b| b.is_ascii_lowercase())
}

pub(super) fn find(s: &Snapshot, units: &[Unit<'_>], out: &mut Vec<Finding>) {
    for svc in &s.services {
        let at = Ref::of("Service", &svc.meta);
        let kind = &*svc.spec.kind;
        if ["NodePort", "LoadBalancer"].contains(&kind) {
            out.push(
                Finding::new(&NODE_PORT, at.clone(), format!("is open outside the cluster as a {kind}"))
                    .saw(format!("spec.type is {kind}")),
            );
        }
        // A target port of 0 or none is the port itself.
        let wrong: Vec<&str> = svc.spec.ports.iter().map(|p| &*p.target).filter(|t| !t.is_empty() && *t != "0" && !valid(t)).collect();
        if !wrong.is_empty() {
            let what = format!("leads to a port that cannot exist: {}", wrong.join(", "));
            out.push(Finding::new(&PORT_NAME, at, what).saw("spec.ports.targetPort"));
        }
    }
    for u in units {
        out.extend(u.each(&PORT_NAME, "has ports that cannot exist", u.spec.all(), |c| {
            let wrong: Vec<String> = c
                .ports
                .iter()
                .filter(|p| (!p.name.is_empty() && (!valid(&p.name) || p.name.parse::<i64>().is_ok())) || !(0..=65535).contains(&p.number))
                .map(|p| format!("{} {}", p.name, p.number))
                .collect();
            (!wrong.is_empty()).then(|| format!("ports {}", wrong.join(", ")))
        }));
    }
    for ingress in s.ingresses.iter().filter(|i| i.spec.tls.is_empty()) {
        let at = Ref::of("Ingress", &ingress.meta);
        out.push(Finding::new(&TLS, at, "serves without TLS").saw("spec.tls is empty"));
    }
}
