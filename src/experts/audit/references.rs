//! What names something that is not there. Of files nobody knows whether they are all there is: then it is a note.

use super::{table::checks, unit::Unit};
use crate::experts::diagnose::{Finding, Severity};
use crate::facts::snapshot::{Ref, Snapshot, network::Service};

checks! {
    SERVICE = "service-selects-nothing" Warning 85 "A Service selects no pods that run or would be made." reads ["Service.spec.selector", "spec.template.metadata.labels"] like "Service web selects no pods" same_as ["kube-linter/dangling-service"];
    INGRESS = "ingress-backend-not-found" Warning 90 "An Ingress leads to a Service, or to a port of one, that is not there." reads ["Ingress.spec", "Service.spec.ports"] like "Ingress shop leads to Service web, which is not there" same_as ["kube-linter/dangling-ingress"];
    SCALER = "autoscaler-target-not-found" Warning 90 "An autoscaler scales something that is not there." reads ["HorizontalPodAutoscaler.spec.scaleTargetRef"] like "HorizontalPodAutoscaler web scales Deployment web, which is not there" same_as ["kube-linter/dangling-horizontalpodautoscaler"];
    MONITOR = "service-monitor-selects-nothing" Warning 85 "A ServiceMonitor selects no Services: nothing is measured." reads ["ServiceMonitor.spec.selector", "Service.metadata.labels"] like "ServiceMonitor web selects no Services" same_as ["kube-linter/dangling-servicemonitor"];
}

/// Not worse than a note where what is missing may only be missing from the files.
pub(super) fn softer(s: &Snapshot, kind: &str, namespace: &str, found: Finding) -> Finding {
    if s.live || s.knows(kind, namespace) { found } else { found.severity(Severity::Info).confidence(60) }
}

fn selected(s: &Snapshot, units: &[Unit<'_>], svc: &Service) -> bool {
    let fits = |place: &str, labels: &crate::facts::snapshot::meta::Map| {
        place == &*svc.meta.namespace && svc.spec.selector.iter().all(|(k, v)| labels.get(k) == Some(v))
    };
    units.iter().any(|u| fits(&u.meta.namespace, u.labels())) || s.pods.iter().any(|p| fits(&p.meta.namespace, &p.meta.labels))
}

pub(super) fn find(s: &Snapshot, units: &[Unit<'_>], out: &mut Vec<Finding>) {
    for svc in s.services.iter().filter(|svc| !svc.spec.selector.is_empty() && &*svc.spec.kind != "ExternalName") {
        if !selected(s, units, svc) {
            let seen = format!("spec.selector asks for {}", crate::facts::snapshot::meta::told(&svc.spec.selector));
            let found = Finding::new(&SERVICE, Ref::of("Service", &svc.meta), "selects no pods").saw(seen);
            out.push(softer(s, "Pod", &svc.meta.namespace, found));
        }
    }
    for ingress in &s.ingresses {
        let namespace = &ingress.meta.namespace;
        for (place, name, port) in ingress.backends() {
            let known = s.service(namespace, name);
            let served =
                known.is_some_and(|svc| port.is_empty() || svc.spec.ports.iter().any(|p| *p.name == *port || p.port.to_string() == port));
            if served || (s.live && !s.knows("Service", namespace)) {
                continue;
            }
            let what = if known.is_some() {
                format!("leads to port {port} of Service {name}, which is not there")
            } else {
                format!("leads to Service {name}, which is not there")
            };
            let found = Finding::new(&INGRESS, Ref::of("Ingress", &ingress.meta), what).saw(format!("the backend of {place}"));
            out.push(if known.is_some() { found } else { softer(s, "Service", namespace, found) });
        }
    }
    for a in s.autoscalers.iter().filter(|a| !a.spec.target.name.is_empty()) {
        let (namespace, target) = (&a.meta.namespace, &a.spec.target);
        let at = Ref::new(&target.kind, namespace, &target.name);
        if !s.has(&at) && (!s.live || s.knows(&target.kind, namespace)) {
            let found =
                Finding::new(&SCALER, Ref::of("HorizontalPodAutoscaler", &a.meta), format!("scales {}, which is not there", at.told()));
            out.push(softer(s, &target.kind, namespace, found.saw("spec.scaleTargetRef")));
        }
    }
    for m in s.others.iter().filter(|o| &*o.kind == "ServiceMonitor" && o.api.starts_with("monitoring.coreos.com/")) {
        let place = &m.spec.namespaces;
        let there = |namespace: &str| {
            place.any
                || if place.names.is_empty() { namespace == &*m.meta.namespace } else { place.names.iter().any(|n| **n == *namespace) }
        };
        if !s.services.iter().any(|svc| there(&svc.meta.namespace) && m.spec.selector.fits(&svc.meta.labels)) {
            let found =
                Finding::new(&MONITOR, Ref::of(&m.kind, &m.meta), "selects no Services").saw("spec.selector and spec.namespaceSelector");
            out.push(softer(s, "Service", &m.meta.namespace, found));
        }
    }
}
