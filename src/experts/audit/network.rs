//! Whether pods are cut off from each other: NetworkPolicies and what they select.

use super::{references::softer, table::checks, unit::Unit};
use crate::experts::diagnose::Finding;
use crate::facts::snapshot::{Ref, Snapshot, network::NetworkPolicy};

checks! {
    OPEN = "pod-not-isolated" Warning 85 "No NetworkPolicy selects these pods: everything may speak with them, and they with everything." reads ["NetworkPolicy.spec.podSelector", "metadata.labels"] like "Deployment web is isolated by no NetworkPolicy" same_as ["polaris/missingNetworkPolicy", "kube-linter/non-isolated-pod"];
    HALF = "pod-isolated-one-way" Warning 80 "NetworkPolicies isolate these pods in one direction only." reads ["NetworkPolicy.spec.policyTypes", "NetworkPolicy.spec.ingress", "NetworkPolicy.spec.egress"] like "Deployment web is isolated for ingress only" same_as ["polaris/missingNetworkPolicy"];
    SHUT = "pod-shut-off" Info 75 "NetworkPolicies isolate these pods and let nothing through in a direction; without egress not even DNS is reached." reads ["NetworkPolicy.spec.ingress", "NetworkPolicy.spec.egress"] like "Deployment web may send nothing at all" same_as ["polaris/missingNetworkPolicy"];
    POLICY = "network-policy-selects-nothing" Warning 88 "A NetworkPolicy selects no pods." reads ["NetworkPolicy.spec.podSelector"] like "NetworkPolicy web selects no pods" same_as ["kube-linter/dangling-networkpolicy"];
    PEER = "network-policy-peer-selects-nothing" Info 80 "A rule of a NetworkPolicy lets in or out pods that do not exist." reads ["NetworkPolicy.spec.ingress.from", "NetworkPolicy.spec.egress.to"] like "NetworkPolicy web names peers that do not exist" same_as ["kube-linter/dangling-networkpolicypeer-podselector"];
}

/// Whether it isolates a direction: by policyTypes; where they are not set, ingress always and egress where it has such rules.
fn isolates(p: &NetworkPolicy, direction: &str) -> bool {
    if p.spec.kinds.is_empty() {
        return direction == "Ingress" || p.spec.egress.as_ref().is_some_and(|rules| !rules.is_empty());
    }
    p.spec.kinds.iter().any(|k| &**k == direction)
}

fn opens(p: &NetworkPolicy, direction: &str) -> bool {
    let rules = if direction == "Ingress" { &p.spec.ingress } else { &p.spec.egress };
    isolates(p, direction) && rules.as_ref().is_some_and(|rules| !rules.is_empty())
}

/// Whether pods with such labels are made or run there.
fn exist(s: &Snapshot, units: &[Unit<'_>], namespace: Option<&str>, selector: &crate::facts::snapshot::meta::Selector) -> bool {
    let fits = |place: &str, labels| namespace.is_none_or(|n| n == place) && selector.fits(labels);
    units.iter().any(|u| fits(&u.meta.namespace, u.labels())) || s.pods.iter().any(|p| fits(&p.meta.namespace, &p.meta.labels))
}

pub(super) fn find(s: &Snapshot, units: &[Unit<'_>], out: &mut Vec<Finding>) {
    let known = !s.live || !s.policies.is_empty() || s.knows("NetworkPolicy", "");
    for u in units.iter().filter(|u| known && !u.spec.host_network) {
        let mine: Vec<&NetworkPolicy> =
            s.policies.iter().filter(|p| p.meta.namespace == u.meta.namespace && p.spec.pods.fits(u.labels())).collect();
        let names = mine.iter().map(|p| p.meta.name()).collect::<Vec<_>>().join(", ");
        if mine.is_empty() {
            out.push(u.found(&OPEN, "is isolated by no NetworkPolicy").saw("no NetworkPolicy of its namespace selects its pods"));
            continue;
        }
        let way = |direction| mine.iter().any(|p| isolates(p, direction));
        for (direction, other, what) in
            [("Ingress", "egress", "may be reached by nothing at all"), ("Egress", "ingress", "may send nothing at all")]
        {
            if !way(direction) {
                out.push(u.found(&HALF, format!("is isolated for {other} only")).saw(format!("policyTypes of NetworkPolicy {names}")));
            } else if !mine.iter().any(|p| opens(p, direction)) {
                out.push(u.found(&SHUT, what).saw(format!("NetworkPolicy {names} has no rules for {}", direction.to_ascii_lowercase())));
            }
        }
    }
    for p in &s.policies {
        let at = Ref::of("NetworkPolicy", &p.meta);
        if !p.spec.pods.is_empty() && !exist(s, units, Some(&p.meta.namespace), &p.spec.pods) {
            let seen = format!("spec.podSelector asks for {}", crate::facts::snapshot::meta::told(&p.spec.pods.labels));
            out.push(softer(s, "Pod", &p.meta.namespace, Finding::new(&POLICY, at.clone(), "selects no pods").saw(seen)));
        }
        let rules = p.spec.ingress.iter().chain(&p.spec.egress).flatten();
        for peer in rules.flat_map(|r| r.from.iter().chain(&r.to)) {
            let Some(pods) = peer.pods.as_ref().filter(|pods| !pods.is_empty()) else { continue };
            // With a selector of namespaces the pods may be anywhere it fits.
            let place = peer.namespaces.is_none().then_some(&*p.meta.namespace);
            if !exist(s, units, place, pods) {
                let seen = format!("podSelector of a rule asks for {}", crate::facts::snapshot::meta::told(&pods.labels));
                out.push(Finding::new(&PEER, at.clone(), "names peers that do not exist").saw(seen));
            }
        }
    }
}
