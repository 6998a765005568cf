//! Ingresses, Gateways and routes: where they lead, and with which certificate.

use super::{
    finding::{Finding, Severity, rules},
    told,
};
use crate::experts::signals::{alike::alike, words::cut};
use crate::facts::snapshot::{Ref, Snapshot, meta::condition, network::Ingress, other::Other};

rules! {
    BACKEND = "ingress-service-missing" Error 95 Network "An Ingress leads to a Service that does not exist." reads ["Ingress.spec.rules", "Service"] like "Ingress web leads nowhere: its backend Service api does not exist" same_as ["k8sgpt/Ingress"];
    PORT = "ingress-port-missing" Error 94 Network "An Ingress leads to a port that its backend Service does not have." reads ["Ingress.spec.rules", "Service.spec.ports"] like "Ingress web leads nowhere: its backend Service api has no port 81, only 80";
    EMPTY = "ingress-backend-not-ready" Error 85 Network "Nothing ready stands behind the Service that an Ingress leads to." reads ["Ingress", "Service", "EndpointSlice"] like "Ingress web answers 503: its backend Service api has no ready endpoints";
    CLASS = "ingress-class-missing" Error 90 Network "An Ingress names an IngressClass that does not exist, or none, and none is the default." reads ["Ingress.spec.ingressClassName", "IngressClass"] like "Ingress web is served by nobody: its IngressClass nginx does not exist" same_as ["k8sgpt/Ingress"];
    SECRET = "ingress-tls-secret-missing" Error 94 Network "The Secret of an Ingress' certificate does not exist or holds none." reads ["Ingress.spec.tls", "Secret"] like "Ingress web has no certificate: its TLS Secret web-tls does not exist" same_as ["k8sgpt/Ingress"];
    OLD = "ingress-api-removed" Warning 90 Network "An Ingress is of an API version that Kubernetes 1.22 and later do not serve." reads ["Ingress.apiVersion"] like "Ingress web is of extensions/v1beta1, removed in 1.22: its backend service fields are not read any more";
    GATEWAY = "gateway-not-programmed" Error 92 Network "A Gateway or its class is not accepted or not programmed." reads ["Gateway.status.conditions", "GatewayClass.status.conditions"] like "Gateway web is not programmed: no addresses have been assigned" same_as ["k8sgpt/Gateway"];
    ROUTE = "route-not-attached" Error 92 Network "A route cannot attach to its Gateway, or its backend cannot be resolved." reads ["HTTPRoute.status.parents"] like "HTTPRoute web is not attached: its backend cannot be resolved (BackendNotFound)" same_as ["k8sgpt/HTTPRoute"];
}

pub(super) fn find(s: &Snapshot, found: &mut Vec<Finding>) {
    for ingress in &s.ingresses {
        of_ingress(s, ingress, found);
    }
    for o in s.others.iter().filter(|o| o.api.starts_with("gateway.networking.k8s.io/")) {
        found.extend(of_gateway(o));
    }
}

fn of_ingress(s: &Snapshot, ingress: &Ingress, found: &mut Vec<Finding>) {
    let at = Ref::of("Ingress", &ingress.meta);
    let namespace = &*ingress.meta.namespace;
    let mut told_of = std::collections::BTreeSet::new();
    for (path, name, port) in ingress.backends() {
        if !s.knows("Service", namespace) || !told_of.insert((name.to_string(), port.to_string())) {
            continue;
        }
        let quote = format!("spec.rules {path} → {name}:{port}");
        let service = Ref::new("Service", namespace, name);
        let Some(known) = s.service(namespace, name) else {
            let near = s.services.iter().filter(|x| &*x.meta.namespace == namespace).map(|x| &*x.meta.name).find(|n| alike(n, name));
            let near = near.map_or_else(String::new, |n| format!("; there is {n}"));
            found.push(
                Finding::new(&BACKEND, at.clone(), format!("lead(s) nowhere for {path}: its backend Service {name} does not exist{near}"))
                    .saw(quote)
                    .one_for(format!("{at:?}/{name}"))
                    .by_hand(told::describe(&at))
                    .explains([service]),
            );
            continue;
        };
        let fits = |p: &crate::facts::snapshot::network::ServicePort| *p.name == *port || p.port.to_string() == port;
        if !port.is_empty() && !known.spec.ports.iter().any(fits) && &*known.spec.kind != "ExternalName" && !known.spec.ports.is_empty() {
            let has = told::names(known.spec.ports.iter().map(|p| p.port.to_string()).collect::<Vec<_>>().iter().map(String::as_str), 5);
            found.push(
                Finding::new(
                    &PORT,
                    at.clone(),
                    format!("lead(s) nowhere for {path}: its backend Service {name} has no port {port}, only {has}"),
                )
                .saw(quote)
                .one_for(format!("{at:?}/{name}/{port}"))
                .by_hand(told::describe(&service)),
            );
            continue;
        }
        let (ready, sure) = super::services::ready(s, known);
        let looked = s.slices.iter().any(|x| &*x.meta.namespace == namespace)
            || s.endpoints_of(namespace, name).is_some()
            || s.pods_in(namespace).next().is_some();
        if sure && looked && ready == 0 && !known.spec.selector.is_empty() {
            found.push(
                Finding::new(&EMPTY, at.clone(), format!("cannot serve {path}: its backend Service {name} has no ready endpoints"))
                    .saw(quote)
                    .one_for(format!("{at:?}/{name}"))
                    .by_hand(told::describe(&service))
                    .after([service]),
            );
        }
    }
    if s.knows("IngressClass", "") {
        let classes: Vec<&Other> = s.others.iter().filter(|o| &*o.kind == "IngressClass").collect();
        let default = classes.iter().any(|c| c.meta.annotation("ingressclass.kubernetes.io/is-default-class") == Some("true"));
        let wrong = match ingress.class() {
            // Somebody gave it an address: it is served, whatever its class is called.
            _ if !ingress.status.balancer.ingress.is_empty() => None,
            Some(name) => (!ingress.spec.class.is_empty() && !classes.iter().any(|c| *c.meta.name == *name))
                .then(|| format!("its IngressClass {name} does not exist")),
            None => (!default && s.live && ingress.status.balancer.ingress.is_empty())
                .then(|| "it names no IngressClass, and none is the default".to_string()),
        };
        found.extend(wrong.map(|why| {
            // Where there is no class at all, no controller was ever set up: that is the cluster's nature.
            let severity = if classes.is_empty() && s.live { Severity::Info } else { Severity::Error };
            Finding::new(&CLASS, at.clone(), format!("is served by nobody: {why}"))
                .severity(severity)
                .saw(format!("spec.ingressClassName {}", ingress.class().unwrap_or("(none)")))
                .by_hand("kubectl get ingressclasses")
        }));
    }
    for tls in ingress.spec.tls.iter().filter(|t| !t.secret.is_empty() && s.knows("Secret", namespace)) {
        let secret = Ref::new("Secret", namespace, &tls.secret);
        let wrong = match s.secret(namespace, &tls.secret) {
            None => Some("does not exist"),
            Some(x) if !x.data.keys.has("tls.crt") || !x.data.keys.has("tls.key") => Some("lacks tls.crt or tls.key"),
            Some(_) => None,
        };
        found.extend(wrong.map(|why| {
            Finding::new(
                &SECRET,
                at.clone(),
                format!("has no certificate for {}: its TLS Secret {} {why}", told::names(tls.hosts.iter().map(|h| &**h), 3), tls.secret),
            )
            .saw(format!("spec.tls.secretName {}", tls.secret))
            .by_hand(told::get(&secret))
            .explains([secret])
        }));
    }
    if ["extensions/v1beta1", "networking.k8s.io/v1beta1"].contains(&&*ingress.api) {
        let backends =
            told::names(ingress.backends().map(|(_, n, p)| format!("{n}:{p}")).collect::<Vec<_>>().iter().map(String::as_str), 3);
        found.push(Finding::new(&OLD, at.clone(), format!("is of {}, removed in Kubernetes 1.22: its backend services ({backends}) have to be named in the form of networking.k8s.io/v1", ingress.api)).saw(format!("apiVersion {}", ingress.api)).by_hand(told::get(&at)));
    }
}

fn of_gateway(o: &Other) -> Option<Finding> {
    let at = Ref::of(&o.kind, &o.meta);
    let parents = o.status.parents.iter().chain(&o.status.listeners);
    let bad = ["Accepted", "Programmed", "Ready", "ResolvedRefs", "Scheduled"];
    let own = bad.iter().find_map(|k| {
        condition(&o.status.conditions, k)
            .filter(|c| c.fails() || (c.status.eq_ignore_ascii_case("unknown") && ["Accepted", "Programmed"].contains(k)))
    });
    if let Some(c) = own {
        let why = if c.message.is_empty() { &c.reason } else { &c.message };
        return Some(
            Finding::new(&GATEWAY, at.clone(), format!("is not {}: {} ({})", c.kind.to_lowercase(), cut(why, 180), c.reason))
                .severity(if c.fails() { Severity::Error } else { Severity::Warning })
                .saw(format!("status.conditions {}", c.quoted()))
                .by_hand(told::describe(&at)),
        );
    }
    let (of, c) = parents
        .flat_map(|p| p.conditions.iter().map(move |c| (p, c)))
        .find(|(_, c)| c.fails() && bad.contains(&&*c.kind) || c.holds() && &*c.kind == "Conflicted")?;
    let place = if of.parent.name.is_empty() { format!("listener {}", of.name) } else { format!("Gateway {}", of.parent.name) };
    let gateway = (!of.parent.name.is_empty()).then(|| {
        Ref::new("Gateway", if of.parent.namespace.is_empty() { &o.meta.namespace } else { &of.parent.namespace }, &of.parent.name)
    });
    Some(
        Finding::new(
            if gateway.is_some() { &ROUTE } else { &GATEWAY },
            at.clone(),
            format!("is not in force at {place}: {} ({})", cut(&c.message, 180), c.reason),
        )
        .saw(format!("status {place} {}", c.quoted()))
        .by_hand(told::describe(&at))
        .after(gateway),
    )
}
