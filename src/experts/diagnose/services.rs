//! Services: whether anything stands behind them, and which one a host name means.

use super::{
    finding::{Finding, Severity, rules},
    fix, told,
};
use crate::experts::signals::{
    alike::alike,
    logs::{LogCause, LogKind},
};
use crate::facts::snapshot::{
    Ref, Snapshot,
    endpoint::Endpoint,
    meta::{self, Map},
    network::{Service, ServicePort},
    pod::Pod,
};

rules! {
    NOTHING = "service-selects-no-pods" Error 93 Network "A Service's selector matches no pod: it has no endpoints." reads ["Service.spec.selector", "Pod.metadata.labels", "EndpointSlice"] like "Service web has no endpoints: its selector app=wbe matches no pod; pods of Deployment web have app=web" same_as ["k8sgpt/Service"];
    UNREADY = "service-no-ready-endpoints" Error 88 Network "A Service selects pods, and none of them is ready." reads ["Service", "Pod.status", "EndpointSlice"] like "Service web has no ready endpoints: none of its 3 pods is ready" same_as ["k8sgpt/Service"];
    TARGET = "service-target-port-undefined" Error 92 Network "A Service's targetPort is no port of the pods behind it." reads ["Service.spec.ports", "Pod.spec.containers.ports"] like "Service web leads nowhere: its targetPort 8081 is no port of its pods (they declare 8080)";
    SLICES = "endpoint-slice-missing" Error 88 Network "A Service selects ready pods, and its EndpointSlices are missing." reads ["Service", "EndpointSlice", "events"] like "Service search is missing EndpointSlice objects for its backends: the discovery of backends is incomplete";
    BALANCER = "load-balancer-pending" Warning 88 Network "A Service of type LoadBalancer has no address." reads ["Service.status.loadBalancer", "events"] like "Service web has no external address: its LoadBalancer is pending";
    NODE_PORT = "node-port-unallocated" Warning 85 Network "A Service of type NodePort has no node port." reads ["Service.spec.ports"] like "Service web of type NodePort has no nodePort allocated";
    EXTERNAL = "external-name-invalid" Warning 88 Network "An ExternalName Service names an address instead of a name, or a Service that is not there." reads ["Service.spec.externalName", "Service"] like "Service db points at 10.0.0.1, which is no DNS name (ExternalName)";
}

/// How many ready endpoints a Service has, and whether that is known at all.
pub(super) fn ready(s: &Snapshot, service: &Service) -> (usize, bool) {
    let (namespace, name) = (&service.meta.namespace, service.meta.name());
    let slices: Vec<_> = s.slices_of(namespace, name).collect();
    if !slices.is_empty() {
        let all = slices.iter().flat_map(|x| &x.endpoints).filter(|e| e.conditions.ready.unwrap_or(true));
        return (all.count(), true);
    }
    if let Some(e) = s.endpoints_of(namespace, name) {
        return (e.subsets.iter().map(|x| x.ready.len()).sum(), true);
    }
    if service.spec.selector.is_empty() {
        return (0, s.knows("EndpointSlice", namespace));
    }
    let pods = s.selected(namespace, &service.spec.selector);
    (pods.iter().filter(|p| p.ready()).count(), s.knows("Pod", namespace))
}

pub(super) fn find(s: &Snapshot, found: &mut Vec<Finding>) {
    for service in s.services.iter().filter(|x| !x.meta.going()) {
        of_service(s, service, found);
    }
}

fn of_service(s: &Snapshot, service: &Service, found: &mut Vec<Finding>) {
    let at = Ref::of("Service", &service.meta);
    let namespace = &*service.meta.namespace;
    let flag = told::flag(namespace);
    if &*service.spec.kind == "ExternalName" {
        let name = &*service.spec.external_name;
        if name.parse::<std::net::IpAddr>().is_ok() {
            found.push(
                Finding::new(&EXTERNAL, at.clone(), format!("point(s) at {name}, which is an address and no DNS name (ExternalName)"))
                    .saw(format!("spec.externalName {name}"))
                    .by_hand(told::get(&at)),
            );
        }
        return;
    }
    // One without a status was never given to a server.
    if &*service.spec.kind == "LoadBalancer"
        && service.status.is_some()
        && service.addresses().is_empty()
        && s.clock.older(service.meta.created, 180)
    {
        let events = told::events(
            s,
            "Service",
            &service.meta,
            &["SyncLoadBalancerFailed", "CreatingLoadBalancerFailed", "AllocationFailed", "UnAvailableLoadBalancer"],
        );
        found.push(
            Finding::new(&BALANCER, at.clone(), "has no external address: its LoadBalancer is pending (nothing has given it one)")
                .severity(match events.is_empty() {
                    false => Severity::Error,
                    // Where no Service at all has an address, nothing gives any out: that is the cluster's nature, not this Service's trouble.
                    true if s.live && !s.services.iter().any(|x| !x.addresses().is_empty()) => Severity::Info,
                    true => Severity::Warning,
                })
                .saw("status.loadBalancer.ingress is empty")
                .saw_all(events)
                .by_hand(told::describe(&at)),
        );
    }
    let unallocated = ["NodePort", "LoadBalancer"].contains(&&*service.spec.kind) && service.spec.ports.iter().any(|p| p.node_port == 0);
    if unallocated && &*service.spec.kind == "NodePort" && service.status.is_some() {
        let cluster = if service.spec.cluster_ip.is_empty() { " and no clusterIP" } else { "" };
        found.push(
            Finding::new(
                &NODE_PORT,
                at.clone(),
                format!("of type NodePort has no node port allocated{cluster}: it cannot be reached from outside"),
            )
            .saw("spec.ports.nodePort is not set")
            .by_hand(told::get(&at)),
        );
    }
    if service.spec.selector.is_empty() {
        return;
    }
    let pods: Vec<&Pod> = s.selected(namespace, &service.spec.selector).into_iter().filter(|p| !p.over()).collect();
    let (ready, known) = ready(s, service);
    if let Some(finding) = slices_missing(s, service, &pods, &at) {
        found.push(finding);
        return;
    }
    if pods.is_empty() {
        // Pods of a name in a namespace that was not read are not known to be none.
        if s.knows("Pod", namespace)
            && (s.live
                || !s.workloads.is_empty()
                || s.endpoints_of(namespace, service.meta.name()).is_some()
                || s.pods_in(namespace).next().is_some())
            && ready == 0
        {
            found.extend(selects_nothing(s, service, &at));
        }
        return;
    }
    let told_unready = s.endpoints_of(namespace, service.meta.name()).map(|e| e.subsets.iter().map(|x| x.unready.len()).sum::<usize>());
    if ready == 0 && known && !service.spec.publish_unready && !pods.is_empty() && pods.iter().all(|p| !p.ready()) {
        let behind: Vec<Ref> = pods.iter().map(|p| told::pod(p)).collect();
        let young = pods.iter().all(|p| !s.clock.older(p.meta.created, 60));
        if !young {
            found.push(
                Finding::new(
                    &UNREADY,
                    at.clone(),
                    format!("has no ready endpoints: none of the {} pods that it selects is ready", pods.len()),
                )
                .saw(format!("spec.selector {}", meta::told(&service.spec.selector)))
                .saw_all(told_unready.map(|n| format!("Endpoints: {n} not ready addresses, none ready")))
                .by_hand(format!("kubectl get pods -l {}{flag}", meta::told(&service.spec.selector)))
                .after(behind),
            );
        }
    }
    found.extend(target_ports(service, &pods, &at));
}

/// Ready endpoints by its Endpoints object or by its pods, and no EndpointSlice: kube-proxy reads only the latter.
fn slices_missing(s: &Snapshot, service: &Service, pods: &[&Pod], at: &Ref) -> Option<Finding> {
    let namespace = &*service.meta.namespace;
    let known = s.knows("EndpointSlice", namespace) && s.slices_of(namespace, service.meta.name()).next().is_none();
    let addresses = s.endpoints_of(namespace, service.meta.name()).is_some_and(|e| e.subsets.iter().any(|x| !x.ready.is_empty()));
    let ready = pods.iter().any(|p| p.ready() && s.clock.older(p.meta.created, 60));
    if !known || !(addresses || ready) {
        return None;
    }
    let events = s.events_of("Service", &service.meta).into_iter().rev().filter(|e| e.message.contains("EndpointSlice"));
    let finding = Finding::new(
        &SLICES,
        at.clone(),
        "is missing its EndpointSlice objects, which backend discovery needs, although its backends are ready",
    );
    let finding = finding
        .saw_all(events.take(2).map(|e| told::event(e, &s.clock)))
        .saw("no EndpointSlice has the label kubernetes.io/service-name of it");
    Some(
        finding
            .by_hand(format!("kubectl get endpointslices{}", told::flag(namespace)))
            .explains(pods.iter().map(|p| told::pod(p)).collect::<Vec<_>>()),
    )
}

/// Labels that whole applications share: that they agree says nothing of one Service.
/// Source: <https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/>, and Helm's own.
const BROAD: &[&str] = &[
    "app.kubernetes.io/part-of",
    "app.kubernetes.io/managed-by",
    "app.kubernetes.io/version",
    "helm.sh/chart",
    "chart",
    "heritage",
    "release",
];

/// The pods whose labels come nearest: at least one that tells agrees, or is nearly the same.
fn nearest<'a>(s: &'a Snapshot, service: &Service) -> Option<(&'a Map, Vec<String>, String)> {
    let wanted = &service.spec.selector;
    let namespace = &*service.meta.namespace;
    let templates = s
        .workloads
        .iter()
        .filter(|w| &*w.meta.namespace == namespace && w.meta.controller().is_none())
        .map(|w| (&w.spec.template.meta.labels, Ref::of(&w.kind, &w.meta).told()));
    let bare = s.pods_in(namespace).filter(|p| !p.over()).map(|p| (&p.meta.labels, s.top("Pod", &p.meta).told()));
    let scored = templates.chain(bare).filter_map(|(labels, name)| {
        let (mut agree, mut near, mut differ) = (0_usize, 0_usize, Vec::new());
        for (key, value) in wanted {
            match labels.get(key) {
                Some(has) if has == value => agree += usize::from(!BROAD.contains(&&**key)),
                Some(has) => {
                    near += usize::from(alike(has, value));
                    differ.push(format!("{key} is {has}, not {value}"));
                }
                None => {
                    let other = labels.iter().find(|(_, v)| *v == value);
                    near += usize::from(other.is_some());
                    differ.push(other.map_or_else(|| format!("{key} is missing"), |(k, _)| format!("{key} is missing ({k} is {value})")));
                }
            }
        }
        // A workload that is called as the Service is meant by it, whatever its labels.
        let called = name.rsplit(' ').next() == Some(service.meta.name());
        // One word that two names share is no likeness where most labels are others.
        let like = differ.len() * 2 <= wanted.len() || near >= differ.len() || called;
        (agree + near + usize::from(called) > 0 && !differ.is_empty() && like).then_some((
            agree,
            near + usize::from(called),
            labels,
            differ,
            name,
        ))
    });
    scored.max_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then_with(|| b.4.cmp(&a.4))).map(|(_, _, labels, differ, name)| (labels, differ, name))
}

fn selects_nothing(s: &Snapshot, service: &Service, at: &Ref) -> Option<Finding> {
    let selector = meta::told(&service.spec.selector);
    let namespace = &*service.meta.namespace;
    // Its workload is there and has no pod: that is the workload's trouble, or it is scaled to nothing.
    let made = s.workloads.iter().filter(|w| {
        &*w.meta.namespace == namespace
            && w.meta.controller().is_none()
            && service.spec.selector.iter().all(|(k, v)| w.spec.template.meta.labels.get(k) == Some(v))
    });
    let made: Vec<_> = made.collect();
    if let Some(w) = made.first() {
        let of = Ref::of(&w.kind, &w.meta);
        let zero = w.spec.replicas == Some(0);
        let state = if zero { "is scaled to zero".to_string() } else { "has made no pods".to_string() };
        return Some(
            Finding::new(&UNREADY, at.clone(), format!("has no endpoints: {} {state}", of.told()))
                .severity(if zero { Severity::Info } else { Severity::Error })
                .saw(format!("spec.selector {selector}"))
                .by_hand(told::describe(at))
                .after([of]),
        );
    }
    let near = nearest(s, service);
    let (hint, patch) = match &near {
        Some((labels, differ, name)) => {
            let values: Option<Vec<String>> = service.spec.selector.keys().map(|k| labels.get(k).map(|v| format!("{k}={v}"))).collect();
            (format!("; the labels of {name} come near: {}", differ.join(", ")), values)
        }
        None => (String::new(), None),
    };
    let fix = patch.and_then(|p| fix::on(&["set", "selector"], &Ref::new("Service", namespace, service.meta.name()), &[&p.join(",")]));
    // Without any pod that is like it, it may be meant for pods that come and go.
    let named = s.pods_in(namespace).any(|p| !p.ready() && named_by(s, p).iter().any(|(x, ..)| x.meta.name == service.meta.name));
    let severity = if near.is_some() || named { Severity::Error } else { Severity::Warning };
    Some(
        Finding::new(&NOTHING, at.clone(), format!("has no endpoints: its selector {selector} does not match any pod{hint}"))
            .severity(severity)
            .saw(format!("spec.selector {selector}"))
            .by_hand(format!("kubectl get pods -l {selector}{}", told::flag(namespace)))
            .fix(fix),
    )
}

fn target_ports(service: &Service, pods: &[&Pod], at: &Ref) -> Option<Finding> {
    let protocol = |p: &str| if p.is_empty() { "TCP".to_string() } else { p.to_string() };
    let all: Vec<_> = pods.iter().flat_map(|p| p.spec.all()).flat_map(|c| &c.ports).collect();
    // Ports are declared for people: one of a protocol of which none is declared at all tells nothing.
    let of = |port: &ServicePort| {
        all.iter().filter(|p| protocol(&p.protocol) == protocol(&port.protocol)).map(|p| (&*p.name, p.number)).collect::<Vec<_>>()
    };
    let (index, wrong) = service.spec.ports.iter().enumerate().find(|(_, p)| {
        let target = &*p.target;
        let declared = of(p);
        match target.parse::<i64>() {
            Ok(number) => number > 0 && !declared.is_empty() && !declared.iter().any(|(_, d)| *d == number),
            Err(_) => !target.is_empty() && !all.iter().any(|c| &*c.name == target),
        }
    })?;
    let declared = of(wrong);
    let named = wrong.target.parse::<i64>().is_err();
    let mut has: Vec<String> = declared.iter().map(|(n, p)| if n.is_empty() { p.to_string() } else { format!("{n} ({p})") }).collect();
    has.sort();
    has.dedup();
    let probed =
        pods.iter().flat_map(|p| p.spec.all()).filter_map(|c| c.readiness.as_ref()).filter_map(|p| p.port()).any(|p| *p != *wrong.target);
    // A pod of which no port is declared at all tells nothing of numbers.
    let rule = Finding::new(
        &TARGET,
        at.clone(),
        format!(
            "lead(s) nowhere on port {}: its targetPort {} is no port of its pods, which declare {}",
            wrong.port,
            wrong.target,
            if has.is_empty() { "none".to_string() } else { has.join(", ") }
        ),
    );
    let sure = named || probed;
    Some(
        rule.severity(if sure { Severity::Error } else { Severity::Warning })
            .confidence(if sure { 92 } else { 70 })
            .saw(format!("spec.ports: {} → {}", wrong.port, wrong.target))
            .saw(format!("pods declare containerPort {}", has.join(", ")))
            .by_hand(told::get(at))
            .fix(if sure { super::remedies::target_port(service, index, &declared) } else { None }),
    )
}

/// How a Service stands that a program did not reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// There is no such Service.
    NoService,
    /// It has no such port.
    NoPort,
    /// Nothing ready stands behind it.
    NoEndpoints,
    /// It is there; why it was not reached is not known.
    There,
}

/// A Service that a program tried to reach.
pub(super) struct Reached {
    pub(super) state: State,
    pub(super) service: Option<Ref>,
    pub(super) said: String,
}

/// The Service that a host means as seen from a namespace: `db`, `db.shop`, `db.shop.svc.cluster.local`, or its cluster address.
fn service_of<'a>(s: &'a Snapshot, host: &str, namespace: &str) -> Option<&'a Service> {
    let mut parts = host.split('.');
    let (name, place) = (parts.next().unwrap_or_default(), parts.next());
    let cluster = |x: &&Service| *x.spec.cluster_ip == *host && !host.is_empty();
    s.service(place.unwrap_or(namespace), name).or_else(|| s.services.iter().find(cluster))
}

/// What there is to say on the Service that a line failed to reach; none where its host is none of the cluster's.
pub(super) fn reached(s: &Snapshot, pod: &Pod, w: &LogCause) -> Option<Reached> {
    if w.host.is_empty() && w.kind == LogKind::Other {
        return None;
    }
    let namespace = &*pod.meta.namespace;
    let host = w.host.trim_matches('.');
    let Some(service) = service_of(s, host, namespace) else {
        // A bare word, or a name that ends as the cluster's own do, can only be a Service; so can one that a variable names.
        let mut parts = host.split('.');
        let (name, place) = (parts.next().unwrap_or_default(), parts.next().unwrap_or(namespace));
        let local = !host.is_empty()
            && (!host.contains('.') || host.contains(".svc"))
            && host != "localhost"
            && host.parse::<std::net::IpAddr>().is_err();
        if !local || !s.knows("Service", place) {
            return None;
        }
        let near = s.services.iter().filter(|x| &*x.meta.namespace == place).map(|x| &*x.meta.name).find(|n| alike(n, name));
        let near = near.map_or_else(String::new, |n| format!("; there is {n}"));
        return Some(Reached {
            state: State::NoService,
            service: Some(Ref::new("Service", place, name)),
            said: format!("the referenced Service {name} does not exist in {place}{near}"),
        });
    };
    let at = Ref::of("Service", &service.meta);
    let name = service.meta.name();
    let ports: Vec<i64> = service.spec.ports.iter().map(|p| p.port).collect();
    if let Some(port) = w.port.parse::<i64>().ok().filter(|p| !ports.is_empty() && !ports.contains(p)) {
        let has = ports.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        return Some(Reached {
            state: State::NoPort,
            service: Some(at),
            said: format!("it calls Service {name} on port {port}, but the Service only exposes port {has} (port mismatch)"),
        });
    }
    let (count, known) = ready(s, service);
    if known && count == 0 {
        return Some(Reached { state: State::NoEndpoints, service: Some(at), said: format!("Service {name} has no ready endpoints") });
    }
    Some(Reached { state: State::There, service: Some(at), said: format!("that is Service {name}") })
}

/// The Service that a pod's log says it did not reach, and on which port.
pub(in crate::experts) fn spoken_of<'a>(s: &'a Snapshot, pod: &Pod) -> Option<(&'a Service, Option<i64>)> {
    let told = pod.status.containers.iter().find_map(|c| super::crashes::words(s, pod, &c.name, None));
    let (words, _) = told.filter(|(w, _)| matches!(w.kind, LogKind::Host | LogKind::Refused))?;
    Some((service_of(s, &words.host, &pod.meta.namespace)?, words.port.parse().ok()))
}

/// The Services that a pod names in its variables.
pub(in crate::experts) fn named_by<'a>(s: &'a Snapshot, pod: &'a Pod) -> Vec<(&'a Service, &'a Endpoint, &'a str)> {
    let all = pod.spec.all().flat_map(|c| &c.env).flat_map(|v| v.value.hosts.0.iter().map(move |h| (h, &*v.name)));
    all.filter_map(|(host, name)| service_of(s, &host.host, &pod.meta.namespace).map(|x| (x, host, name))).collect()
}
