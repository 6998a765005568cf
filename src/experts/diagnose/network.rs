//! The network of pods: sandboxes that cannot be set up, cluster DNS, policies that cut a path.

use super::{
    finding::{Finding, Rule, Severity, rules},
    told,
};
use crate::experts::signals::{logs, words::cut};
use crate::facts::snapshot::{Ref, Snapshot, event::Event, meta::Map, network::NetworkPolicy, pod::Pod};

rules! {
    ADDRESSES = "cni-ip-exhausted" Error 92 Node "The network plugin (CNI) has no IP address left for new pods." reads ["events"] like "pod web-1 cannot start: the CNI address pool (IPAM) is exhausted on node1 during sandbox creation";
    CONFIG = "cni-config-missing" Error 91 Node "The network plugin (CNI) of a node is not initialized: its configuration is missing." reads ["events", "Node.status.conditions"] like "pod web-1 cannot start: CNI configuration is missing on node1 (network plugin is not ready)";
    RUNTIME = "container-runtime-unavailable" Error 91 Node "The container runtime of a node does not answer." reads ["events", "Node.status.conditions"] like "pod web-1 cannot start: the container runtime is unavailable on node1";
    VERSION = "container-runtime-version-mismatch" Error 91 Node "The container runtime of a node speaks another version of the CRI API." reads ["events", "Node.status.conditions"] like "pod web-1 cannot start: container runtime version or CRI API mismatch on node1";
    SANDBOX = "pod-sandbox-failed" Error 85 Node "The kubelet cannot set up a pod's sandbox (its network)." reads ["events"] like "pod web-1 cannot start: its sandbox cannot be created on node1: plugin failed";
    CHANGED = "pod-sandbox-changed" Warning 70 Node "A pod's sandbox was killed and made anew, mostly after its node's runtime restarted." reads ["events"] like "pod web-1 was disrupted: its sandbox changed after the container runtime on node1 restarted";
    DNS_DOWN = "cluster-dns-down" Error 92 ControlPlane "The cluster's DNS has no ready endpoints: no Service is found by name." reads ["Service kube-system/kube-dns", "EndpointSlice", "Pod"] like "Service kube-dns has no ready endpoints: CoreDNS is unavailable, names cannot be resolved";
    DNS = "dns-lookups-fail" Error 84 Network "Lookups of names fail from pods: DNS or the path to it is disturbed." reads ["events"] like "pod web-1: DNS lookups are failing (i/o timeout)";
    POLICY = "network-policy-blocks" Error 85 Network "A NetworkPolicy cuts a path that a pod needs." reads ["NetworkPolicy", "Pod.metadata.labels", "logs"] like "pod web-1 is cut off: NetworkPolicy deny-all blocks its egress to Service db";
    POLICY_DNS = "network-policy-blocks-dns" Error 88 Network "A NetworkPolicy lets a pod send nothing to DNS, so that it finds no name." reads ["NetworkPolicy", "Pod"] like "pod web-1 cannot resolve names: NetworkPolicy lock blocks egress to DNS (port 53)";
    PARTITION = "cluster-network-partition" Warning 80 Network "DNS and the Kubernetes API could not be reached from a pod for a while: the cluster's network was cut." reads ["events"] like "pod web-1: DNS and the Kubernetes API were not reachable: a transient cluster network partition";
}

pub(super) fn find(s: &Snapshot, found: &mut Vec<Finding>) {
    found.extend(cluster_dns(s));
    for pod in s.pods.iter().filter(|p| !p.over() && !p.meta.going()) {
        found.extend(sandbox(s, pod));
        found.extend(names(s, pod));
        found.extend(dns_policy(s, pod).or_else(|| cut_off(s, pod)));
    }
}

fn sandbox(s: &Snapshot, pod: &Pod) -> Option<Finding> {
    let events = s.events_of("Pod", &pod.meta);
    let begun = pod.status.containers.iter().any(|c| c.state.running.is_some());
    let e = events
        .iter()
        .rfind(|e| ["FailedCreatePodSandBox", "FailedCreatePodSandbox", "NetworkNotReady", "CNIPluginFailure"].contains(&&*e.reason));
    let node = if pod.spec.node.is_empty() { "its node".to_string() } else { format!("node {}", pod.spec.node) };
    let subject = told::pod(pod);
    let Some(e) = e.filter(|_| !begun) else {
        let changed = events.iter().rfind(|e| &*e.reason == "SandboxChanged").filter(|_| !pod.ready())?;
        let restarted = s.events.iter().find(|x| {
            &*x.about.kind == "Node"
                && (*x.about.name == *pod.spec.node || pod.spec.node.is_empty())
                && x.message.to_lowercase().contains("runtime")
        });
        let restarted =
            restarted.or_else(|| events.iter().find(|x| x.message.to_lowercase().contains("container runtime is down")).copied());
        let what = match restarted {
            Some(_) => format!("is disrupted: its sandbox changed after a container runtime restart on {node}"),
            None => format!("is disrupted: its sandbox changed on {node}"),
        };
        let severity = if restarted.is_some() { Severity::Error } else { Severity::Warning };
        return Some(
            Finding::new(&CHANGED, subject.clone(), what)
                .severity(severity)
                .saw_all(restarted.map(|e| told::event(e, &s.clock)))
                .saw(told::event(changed, &s.clock))
                .by_hand(told::describe(&subject))
                .after(node_ref(pod)),
        );
    };
    if e.message.to_lowercase().contains("runtimeclass") {
        return None;
    }
    let (rule, what) = sandbox_why(&e.message, &node);
    // The plugin's own pod on that node, if it is in trouble, is why.
    let plugin = s.pods_on(&pod.spec.node).filter(|p| !p.ready() && is_network_plugin(p)).map(told::pod);
    Some(
        Finding::new(rule, subject.clone(), format!("cannot start: {what}"))
            .saw(told::event(e, &s.clock))
            .saw_all(
                events.iter().rev().filter(|x| x.reason == e.reason && x.message != e.message).take(1).map(|x| told::event(x, &s.clock)),
            )
            .one_for(format!("{}/{}", rule.id, pod.spec.node))
            .by_hand(told::describe(&subject))
            .since(e.first)
            .after(node_ref(pod))
            .after(plugin.collect::<Vec<_>>()),
    )
}

fn node_ref(pod: &Pod) -> Option<Ref> {
    (!pod.spec.node.is_empty()).then(|| Ref::new("Node", "", &pod.spec.node))
}

/// By name: the agents of the usual network plugins.
pub(super) fn is_network_plugin(pod: &Pod) -> bool {
    ["aws-node", "calico-node", "cilium", "kube-flannel", "weave-net", "kube-router", "antrea-agent", "kindnet", "canal", "multus"]
        .iter()
        .any(|w| pod.meta.name.starts_with(w))
}

fn sandbox_why(message: &str, node: &str) -> (&'static Rule, String) {
    let said = message.to_lowercase();
    let any = |words: &[&str]| words.iter().any(|w| said.contains(w));
    if any(&[
        "no available ip",
        "ip pool",
        "ipam",
        "failed to assign an ip",
        "no ip addresses available",
        "exhausted",
        "insufficient ip",
        "failed to allocate",
    ]) {
        return (&ADDRESSES, format!("CNI IP addresses are exhausted on {node}: the IPAM pool has none left for its sandbox"));
    }
    if any(&["unknown service runtime", "unimplemented", "cri v1 runtime api is not implemented"]) {
        return (&VERSION, format!("container runtime version or CRI API mismatch on {node}: {}", cut(message, 140)));
    }
    if any(&["containerd.sock", "crio.sock", "docker.sock", "dial unix", "runtime is down"]) {
        return (&RUNTIME, format!("the container runtime is unavailable on {node}: its endpoint is unreachable"));
    }
    if any(&[
        "cni config uninitialized",
        "no networks found in /etc/cni",
        "network plugin is not ready",
        "cni plugin not initialized",
        "network is not ready",
    ]) {
        return (
            &CONFIG,
            format!(
                "CNI configuration is missing or not initialized on {node}: pod network setup is blocked (network plugin is not ready)"
            ),
        );
    }
    (&SANDBOX, format!("its sandbox cannot be created on {node}: pod network setup failed: {}", cut(message, 160)))
}

fn is_dns(pod: &Pod) -> bool {
    pod.meta.label("k8s-app") == Some("kube-dns") || pod.meta.name.starts_with("coredns") || pod.meta.name.starts_with("kube-dns")
}

/// The cluster's DNS Service, if there is one and this is one of its pods.
pub(super) fn dns_of(s: &Snapshot, pod: &Pod) -> Option<Ref> {
    dns_service(s).filter(|_| is_dns(pod)).map(|x| Ref::of("Service", &x.meta))
}

fn dns_service(s: &Snapshot) -> Option<&crate::facts::snapshot::network::Service> {
    ["kube-dns", "coredns"].iter().find_map(|name| s.service("kube-system", name))
}

fn cluster_dns(s: &Snapshot) -> Option<Finding> {
    let service = dns_service(s)?;
    let (ready, known) = super::services::ready(s, service);
    let pods: Vec<&Pod> = s.pods.iter().filter(|p| is_dns(p)).collect();
    let down = !pods.is_empty() && pods.iter().all(|p| !p.ready() && p.status.containers.iter().any(|c| !c.ready));
    if ready > 0 || !(known || down) {
        return None;
    }
    let at = Ref::of("Service", &service.meta);
    // Who fails for it: pods whose words are about names.
    let failing = s.pods.iter().filter(|p| s.events_of("Pod", &p.meta).iter().any(|e| speaks_of_dns(e))).map(told::pod);
    let broken: Vec<Ref> = pods.iter().filter(|p| !p.ready()).map(|p| told::pod(p)).collect();
    let asked = s.pods.iter().flat_map(|p| s.events_of("Pod", &p.meta)).find(|e| speaks_of_dns(e));
    let states = broken.iter().filter_map(|r| s.pod(&r.namespace, &r.name)).flat_map(Pod::containers);
    let why = states.filter(|c| !c.status.ready).find_map(|c| {
        let waits = c.status.state.waiting.as_ref().map(|w| w.reason.to_string());
        let ended = c.status.last.ended.as_ref().map(|e| format!(" ({})", told::ended(e)));
        waits.map(|w| format!(": container {} is in {w}{}", c.status.name, ended.unwrap_or_default()))
    });
    let why = why.unwrap_or_default();
    Some(
        Finding::new(
            &DNS_DOWN,
            at.clone(),
            format!("has no ready endpoints: CoreDNS is unavailable, pods cannot resolve names (DNS){why}"),
        )
        .saw(format!("{} of {} DNS pods are ready", pods.iter().filter(|p| p.ready()).count(), pods.len()))
        .saw_all(
            broken
                .iter()
                .filter_map(|r| s.pod(&r.namespace, &r.name))
                .flat_map(|p| p.containers().iter().map(told::container).collect::<Vec<_>>())
                .take(1),
        )
        .saw_all(asked.map(|e| told::event(e, &s.clock)))
        .by_hand("kubectl get pods -n kube-system -l k8s-app=kube-dns")
        .explains(failing.collect::<Vec<_>>())
        .explains(broken),
    )
}

fn speaks_of_dns(e: &Event) -> bool {
    let said = e.message.to_lowercase();
    e.warning
        && ["dns lookup failed", "no such host", ":53: i/o timeout", ":53: read: connection refused", "server misbehaving"]
            .iter()
            .any(|w| said.contains(w))
}

/// A pod that runs and whose events speak of names that are not found.
fn names(s: &Snapshot, pod: &Pod) -> Option<Finding> {
    let events = s.events_of("Pod", &pod.meta);
    let e = events.iter().rfind(|e| speaks_of_dns(e))?;
    let api =
        events.iter().rfind(|e| e.warning && (e.message.contains("Kubernetes API") || e.message.contains("https://kubernetes.default")));
    let recovered = events
        .iter()
        .any(|x| x.last >= e.last && (&*x.reason == "Ready" || x.message.contains("succeeded") || x.message.contains("reconnected")));
    let subject = told::pod(pod);
    let node = node_ref(pod);
    if let Some(api) = api {
        let back = if recovered { " before connectivity recovered" } else { "" };
        return Some(
            Finding::new(
                &PARTITION,
                subject.clone(),
                format!("was cut off: DNS and Kubernetes API reachability failed{back}: a transient cluster network partition caused it"),
            )
            .saw(told::event(e, &s.clock))
            .saw(told::event(api, &s.clock))
            .by_hand(told::describe(&subject))
            .after(node),
        );
    }
    let looping = pod.containers().iter().any(|c| c.status.state.waiting.as_ref().is_some_and(|w| &*w.reason == "CrashLoopBackOff"));
    let host = logs::reached(&e.message).map_or_else(String::new, |(host, _)| format!(" of {host}"));
    if looping || pod.over() {
        return None;
    }
    let turns =
        if recovered { ": failures and recoveries are alternating, an intermittent packet loss or an unstable DNS path" } else { "" };
    let severity = if pod.ready() { Severity::Warning } else { Severity::Error };
    Some(
        Finding::new(&DNS, subject.clone(), format!("cannot resolve names: DNS lookups{host} are failing{turns}"))
            .severity(severity)
            .saw(told::event(e, &s.clock))
            .saw_all(told::events(s, "Pod", &pod.meta, &["Ready", "Unhealthy"]))
            .by_hand(told::describe(&subject))
            .after(node),
    )
}

/// Whether a policy speaks of a direction; `policyTypes` left out means ingress, and egress where there are such rules.
fn speaks(policy: &NetworkPolicy, direction: &str) -> bool {
    if policy.spec.kinds.is_empty() {
        return direction == "Ingress" || policy.spec.egress.is_some();
    }
    policy.spec.kinds.iter().any(|k| **k == *direction)
}

/// The policies that select a pod and speak of a direction.
fn on<'a>(s: &'a Snapshot, namespace: &'a str, labels: &'a Map, direction: &'a str) -> impl Iterator<Item = &'a NetworkPolicy> {
    s.policies.iter().filter(move |p| &*p.meta.namespace == namespace && p.spec.pods.fits(labels) && speaks(p, direction))
}

/// Whether a policy's rules let `to` through on a port, for egress; what is told by address is believed.
fn lets(s: &Snapshot, policy: &NetworkPolicy, direction: &str, peer: Option<(&str, &Map)>, port: Option<&str>) -> bool {
    let rules = if direction == "Egress" { &policy.spec.egress } else { &policy.spec.ingress };
    let namespaces = |name: &str| s.namespaces.iter().find(|n| *n.meta.name == *name).map(|n| &n.meta.labels);
    rules.iter().flatten().any(|rule| {
        let peers = if direction == "Egress" { &rule.to } else { &rule.from };
        let reaches = peers.is_empty()
            || peers.iter().any(|p| {
                let Some((place, labels)) = peer else { return true };
                let here = match &p.namespaces {
                    None => place == &*policy.meta.namespace,
                    // Labels of a namespace that was not read are not judged.
                    Some(selector) => namespaces(place).is_none_or(|l| selector.fits(l)),
                };
                p.block.0 || here && p.pods.as_ref().is_none_or(|x| x.fits(labels))
            });
        // A port by name is believed.
        let opens = rule.ports.is_empty()
            || port.is_none_or(|port| {
                rule.ports.iter().any(|p| {
                    p.port.is_empty() || *p.port == *port || p.port.parse::<i64>().is_err() || p.end >= port.parse().unwrap_or(i64::MAX)
                })
            });
        reaches && opens
    })
}

/// The policy that lets a pod not reach another one (`None`: any) on a port; the one that isolates the pod, where no other lets it through.
pub(super) fn cuts<'a>(
    s: &'a Snapshot,
    from: &'a Pod,
    to: Option<&'a Pod>,
    port: Option<&str>,
) -> Option<(&'a NetworkPolicy, &'static str)> {
    let egress: Vec<_> = on(s, &from.meta.namespace, &from.meta.labels, "Egress").collect();
    let peer = to.map(|p| (&*p.meta.namespace, &p.meta.labels));
    if let Some(first) = egress.first().filter(|_| !egress.iter().any(|p| lets(s, p, "Egress", peer, port))) {
        return Some((first, "egress"));
    }
    let to = to?;
    let ingress: Vec<_> = on(s, &to.meta.namespace, &to.meta.labels, "Ingress").collect();
    let peer = Some((&*from.meta.namespace, &from.meta.labels));
    ingress.first().copied().filter(|_| !ingress.iter().any(|p| lets(s, p, "Ingress", peer, port))).map(|p| (p, "ingress"))
}

/// The policies that cut a pod from a Service that it names in its variables, with which Service that is and in which direction.
pub(super) fn cutting<'a>(s: &'a Snapshot, pod: &'a Pod) -> Vec<(&'a NetworkPolicy, String, &'static str)> {
    if s.policies.is_empty() {
        return Vec::new();
    }
    let named = super::services::named_by(s, pod)
        .into_iter()
        .map(|(service, at, variable)| (service, at.port.map(i64::from), format!("variable {variable}")));
    let spoken = super::services::spoken_of(s, pod).map(|(service, port)| (service, port, "its log".to_string()));
    let cut = named.chain(spoken).filter_map(|(service, wanted, by)| {
        let to = s.selected(&service.meta.namespace, &service.spec.selector);
        let port = service.spec.ports.iter().find(|p| Some(p.port) == wanted).or(service.spec.ports.first());
        let port = port.map(|p| if p.target.is_empty() { p.port.to_string() } else { p.target.to_string() });
        let (policy, direction) = cuts(s, pod, Some(to.first()?), port.as_deref())?;
        Some((policy, format!("Service {} ({by})", service.meta.name()), direction))
    });
    cut.collect()
}

/// Pods that are not ready, and that a policy cuts from a Service that they name.
fn cut_off(s: &Snapshot, pod: &Pod) -> Option<Finding> {
    if pod.ready() {
        return None;
    }
    let (policy, service, direction) = cutting(s, pod).into_iter().next()?;
    let at = Ref::of("NetworkPolicy", &policy.meta);
    let labels = crate::facts::snapshot::meta::told(&pod.meta.labels);
    let subject = told::pod(pod);
    Some(
        Finding::new(
            &POLICY,
            at.clone(),
            format!("block(s) required traffic: {direction} from {} to {service} is cut off", s.top("Pod", &pod.meta).told()),
        )
        .saw(format!("{} has labels {labels}", subject.told()))
        .saw(format!(
            "spec.podSelector {}, policyTypes {}",
            crate::facts::snapshot::meta::told(&policy.spec.pods.labels),
            policy.spec.kinds.join(",")
        ))
        .one_for(format!("{at:?}"))
        .by_hand(told::get(&at))
        .explains([subject]),
    )
}

/// A note on the policies that select a pod whose probe is not answered.
pub(super) fn isolating(s: &Snapshot, pod: &Pod) -> Option<String> {
    let all: Vec<&str> = on(s, &pod.meta.namespace, &pod.meta.labels, "Ingress").map(|p| &*p.meta.name).collect();
    (!all.is_empty()).then(|| format!("NetworkPolicy {} selects it and blocks traffic that it does not name; probes of the node are not required traffic to most plugins", told::names(all, 3)))
}

/// Pods in trouble that no policy lets send anything to port 53.
fn dns_policy(s: &Snapshot, pod: &Pod) -> Option<Finding> {
    let crashes = pod.containers().iter().any(|c| {
        !c.status.ready && c.status.restarts > 0 || c.status.state.waiting.as_ref().is_some_and(|w| &*w.reason == "CrashLoopBackOff")
    });
    let words = pod.status.containers.iter().find_map(|c| super::crashes::words(s, pod, &c.name, c.last.ended.as_ref()));
    let network = words.as_ref().is_some_and(|(w, _)| matches!(w.kind, logs::LogKind::Host | logs::LogKind::Refused));
    if !(network && (crashes || !pod.ready())) {
        return None;
    }
    let (w, quote) = words?;
    let reached = super::services::reached(s, pod, &w);
    let subject = told::pod(pod);
    let dns = s.pods.iter().find(|p| is_dns(p));
    if w.kind == logs::LogKind::Host
        && let Some((policy, _)) = cuts(s, pod, dns, Some("53"))
    {
        let at = Ref::of("NetworkPolicy", &policy.meta);
        return Some(
            Finding::new(
                &POLICY_DNS,
                at.clone(),
                format!("block(s) DNS: {} may send nothing to port 53, and finds no name ({})", subject.told(), w.host),
            )
            .saw(quote)
            .saw(format!("spec.policyTypes {}", policy.spec.kinds.join(",")))
            .one_for(format!("{at:?}"))
            .by_hand(told::get(&at))
            .explains([subject]),
        );
    }
    let service = reached.and_then(|r| r.service)?;
    let service = s.service(&service.namespace, &service.name)?;
    let pods = s.selected(&service.meta.namespace, &service.spec.selector);
    let port = service
        .spec
        .ports
        .iter()
        .find(|p| p.port.to_string() == w.port)
        .or(service.spec.ports.first())
        .map(|p| if p.target.is_empty() { p.port.to_string() } else { p.target.to_string() });
    let (policy, direction) = cuts(s, pod, Some(pods.first()?), port.as_deref())?;
    let at = Ref::of("NetworkPolicy", &policy.meta);
    Some(
        Finding::new(
            &POLICY,
            at.clone(),
            format!("block(s) {direction} from {} to Service {}: required traffic is cut off", subject.told(), service.meta.name),
        )
        .saw(quote)
        .saw(format!("spec.podSelector {} {direction}", crate::facts::snapshot::meta::told(&policy.spec.pods.labels)))
        .one_for(format!("{at:?}"))
        .by_hand(told::get(&at))
        .explains([subject]),
    )
}
