//! Pods that run and are not ready, and containers that a probe kills.

use super::{
    finding::{Finding, Rule, rules},
    services, told,
};
use crate::experts::signals::{
    logs,
    probes::said,
    words::{counted, cut, one_line},
};
use crate::facts::snapshot::{
    Ref, Snapshot,
    event::Event,
    pod::{Part, Pod, Probe, Seen},
};

rules! {
    READINESS = "readiness-probe-fails" Error 90 Pod "A container runs and its readiness probe fails, so that no traffic is sent to it." reads ["Pod.status", "Pod.spec.containers.readinessProbe", "events"] like "pod web-1 is not ready: the readinessProbe checks of container app are failing: it answers HTTP 500";
    REFUSED = "probe-connection-refused" Error 92 Pod "Nothing listens where a probe asks: the connection is refused." reads ["events", "Pod.spec.containers.ports"] like "pod web-1 is not ready: the readinessProbe endpoint of container app is refusing connections: nothing listens on port 8080";
    LIVENESS = "liveness-probe-kills" Error 92 Pod "A container's liveness probe fails, and the kubelet restarts it again and again." reads ["events", "Pod.spec.containers.livenessProbe"] like "pod web-1 is restarted again and again: the liveness probe of container app fails: HTTP 500";
    STARTUP = "startup-probe-kills" Error 92 Pod "A container's startup probe fails, and the kubelet restarts it before it is up." reads ["events", "Pod.spec.containers.startupProbe"] like "pod web-1 is restarted again and again: the startup probe of container app fails: HTTP 503";
    GATE = "readiness-gate-unmet" Error 93 Pod "A readiness gate of a pod is not met: the controller that should set it has not." reads ["Pod.spec.readinessGates", "Pod.status.conditions"] like "pod web-1 is not ready: its readiness gate custom.io/ok is not met";
    UNREADY = "container-not-ready" Warning 75 Pod "A container runs, is not ready, and nothing tells why." reads ["Pod.status"] like "pod web-1 is not ready: container app runs and is not ready";
    FLAPPING = "probe-flapping" Warning 80 Pod "A probe fails and succeeds in turns: readiness is oscillating." reads ["events"] like "pod web-1 is flapping: its readiness probe is oscillating between failure and recovery";
    UPSTREAM = "probe-dependency-unavailable" Error 86 Pod "A readiness check fails because a dependency that it asks is unavailable." reads ["events", "Service"] like "pod web-1 is not ready: its readiness probe depends on db:5432, which is unavailable";
    MESH = "service-mesh-proxy-not-ready" Error 86 Pod "The sidecar proxy of a service mesh is not ready: its certificate or its control plane is missing." reads ["events"] like "pod web-1 is not ready: its service mesh proxy got no certificate (mTLS rotation failed)";
    DENIED = "service-mesh-denied" Error 85 Network "An authorization policy of a service mesh denies traffic." reads ["events"] like "pod web-1: traffic is denied by the service mesh authorization policy deny-all";
}

/// So many failures in turn with successes are a pattern.
const TURNS: i64 = 2;

pub(super) fn find(s: &Snapshot, found: &mut Vec<Finding>) {
    for pod in s.pods.iter().filter(|p| !p.over() && !p.meta.going() && !p.spec_missing()) {
        let from = found.len();
        let running =
            pod.containers().into_iter().filter(|c| c.part != Part::Init && c.part != Part::Ephemeral && c.status.state.running.is_some());
        for c in running {
            found.extend(of_container(s, pod, &c));
        }
        if found.len() == from && !pod.ready() {
            found.extend(gate(s, pod));
            if found.len() == from {
                found.extend(by_events(s, pod));
            }
        }
        found.extend(mesh(s, pod));
    }
}

trait Bare {
    fn spec_missing(&self) -> bool;
}
impl Bare for Pod {
    /// A pod of which not even a phase is known.
    fn spec_missing(&self) -> bool {
        self.status.phase.is_empty() && self.status.containers.is_empty() && self.spec.containers.is_empty()
    }
}

fn mine(e: &Event, container: &str, only: bool) -> bool {
    if e.about.field.contains('{') {
        e.about.field.contains(&format!("{{{container}}}"))
    } else {
        only || !e.message.contains("container") || e.message.contains(container)
    }
}

fn of_container(s: &Snapshot, pod: &Pod, c: &Seen<'_>) -> Option<Finding> {
    let name = &*c.status.name;
    let only = pod.status.containers.len() < 2;
    let events: Vec<&Event> = s.events_of("Pod", &pod.meta).into_iter().filter(|e| mine(e, name, only)).collect();
    let unhealthy = |word: &str| events.iter().copied().rfind(|e| &*e.reason == "Unhealthy" && e.message.to_lowercase().starts_with(word));
    let killed_now = |e: &Event| s.clock.within(e.last, 3_600);
    for word in ["startup", "liveness"] {
        let Some(e) = unhealthy(word).filter(|e| killed_now(e)) else { continue };
        let killing = events.iter().any(|k| &*k.reason == "Killing" && k.message.to_lowercase().contains(word));
        // What a startup probe said before it passed is the way of things.
        let passed = word == "startup" && c.status.started == Some(true) && c.status.ready;
        if !passed && (killing || c.status.restarts > 0 || !c.status.ready) && (c.status.restarts > 0 || killing || e.count > 3) {
            let (rule, what) = killed(word, name, e, c.status.restarts);
            return Some(probed(s, pod, c, rule, what, e));
        }
    }
    if c.status.ready {
        return None;
    }
    let probe = c.spec.and_then(|x| x.readiness.as_ref());
    let since = c.status.state.running.as_ref().map(|r| r.since).unwrap_or_default();
    let patience = probe.map_or(10, |p| p.patience().saturating_add(p.period.unwrap_or(10)));
    if let Some(e) = unhealthy("readiness") {
        let recovers = events
            .iter()
            .filter(|x| ["Ready", "ProbeSucceeded"].contains(&&*x.reason) || x.message.to_lowercase().contains("probe succeeded"))
            .map(|x| x.count)
            .sum::<i64>();
        if recovers >= 1 && e.count.max(events.iter().filter(|x| &*x.reason == "Unhealthy").count() as i64) >= TURNS {
            return Some(flapping(s, pod, c, e, &events));
        }
        if !s.clock.older(since, patience) && e.count < 3 {
            return None;
        }
        let (rule, what) = unready(name, e);
        return Some(probed(s, pod, c, rule, what, e));
    }
    if !s.clock.older(since, patience) {
        return None;
    }
    let subject = told::pod(pod);
    let what = match probe {
        Some(p) => format!("is not ready: the readinessProbe of container {name} ({}) has not passed", p.told()),
        None => format!("is not ready: container {name} runs and is not ready"),
    };
    let rule = if probe.is_some() { &READINESS } else { &UNREADY };
    Some(
        Finding::new(rule, subject.clone(), what.replacen("is not", "(is) not", 1).replace("(is)", "is"))
            .confidence(75)
            .saw(told::container(c))
            .saw_all(pod.condition("Ready").map(|r| r.quoted()))
            .one_for(format!("{}/{name}", s.top("Pod", &pod.meta).told()))
            .by_hand(told::describe(&subject))
            .after(node_of(pod)),
    )
}

fn node_of(pod: &Pod) -> Option<Ref> {
    (!pod.spec.node.is_empty()).then(|| Ref::new("Node", "", &pod.spec.node))
}

fn probed(s: &Snapshot, pod: &Pod, c: &Seen<'_>, rule: &'static Rule, what: String, e: &Event) -> Finding {
    let subject = told::pod(pod);
    let probe = c.spec.and_then(|x| {
        if e.message.starts_with("Live") {
            x.liveness.as_ref()
        } else if e.message.starts_with("Start") {
            x.startup.as_ref()
        } else {
            x.readiness.as_ref()
        }
    });
    let log = s.log_of(&pod.meta, &c.status.name).and_then(|_| super::crashes::words(s, pod, &c.status.name, None)).map(|(_, quote)| quote);
    let reached = logs::cause(e.message.lines()).and_then(|w| services::reached(s, pod, &w)).and_then(|r| r.service);
    let network = (rule.id == REFUSED.id || e.message.contains("timeout")).then(|| super::network::isolating(s, pod)).flatten();
    Finding::new(rule, subject.clone(), what)
        .saw(told::event(e, &s.clock))
        .saw_all(log)
        .saw_all(c.spec.zip(probe).map(|(x, p)| port_note(x, p)))
        .saw_all(network)
        .saw(told::container(c))
        .saw_all(told::events(s, "Pod", &pod.meta, &["Killing", "BackOff"]))
        .one_for(format!("{}/{}/{}", s.top("Pod", &pod.meta).told(), c.status.name, cut(&said(one_line(&e.message)), 40)))
        .by_hand(told::describe(&subject))
        .since(e.first)
        .after(node_of(pod))
        .after(if [READINESS.id, UPSTREAM.id].contains(&rule.id) { depends(s, pod) } else { Vec::new() })
        .after(reached)
}

fn port_note(c: &crate::facts::snapshot::pod::Container, probe: &Probe) -> String {
    let declared: Vec<String> = c.ports.iter().map(|p| p.number.to_string()).collect();
    let Some(port) = probe.port().filter(|_| !declared.is_empty()) else { return format!("the probe asks {}", probe.told()) };
    let known = c.ports.iter().any(|p| *p.name == *port || p.number.to_string() == port);
    if known {
        format!("the probe asks {}", probe.told())
    } else {
        format!("the probe asks port {port}, the container declares port {}", declared.join(", "))
    }
}

/// Rule and sentence of a container that a probe kills.
pub(super) fn killed(word: &str, name: &str, e: &Event, restarts: i64) -> (&'static Rule, String) {
    let how = said(one_line(&e.message));
    let times = if restarts > 0 { format!(" ({} so far)", counted(restarts, "restart")) } else { String::new() };
    let rule = if word == "startup" { &STARTUP } else { &LIVENESS };
    (rule, format!("is restarted again and again: repeated {word} probe failures of container {name}{times}: {how}"))
}

fn unready(name: &str, e: &Event) -> (&'static Rule, String) {
    let of = if name.is_empty() { "its container".to_string() } else { format!("container {name}") };
    let how = said(one_line(&e.message));
    let lower = e.message.to_lowercase();
    let because = ["because dependency ", "because upstream ", "depends on "]
        .iter()
        .find_map(|w| lower.split_once(w))
        .map(|(_, rest)| rest.trim().split([' ', ',']).next().unwrap_or_default().to_string());
    if let Some(host) = because {
        return (
            &UPSTREAM,
            format!("is not ready: the readiness probe of {of} depends on an upstream dependency that is unavailable: {host}"),
        );
    }
    if lower.contains("connection refused") {
        return (&REFUSED, format!("is not ready: the readinessProbe endpoint of {of} is refusing connections: {how}"));
    }
    (&READINESS, format!("is not ready: the readinessProbe checks of {of} are failing: {how}"))
}

fn flapping(s: &Snapshot, pod: &Pod, c: &Seen<'_>, e: &Event, events: &[&Event]) -> Finding {
    let ways: std::collections::BTreeSet<&str> = events.iter().filter(|x| &*x.reason == "Unhealthy").map(|x| &*x.message).collect();
    let network = ways.len() > 1 && ways.iter().all(|m| ["refused", "timeout", "reset"].iter().any(|w| m.contains(w)));
    let cause = if network { ": intermittent network connectivity" } else { "" };
    let subject = told::pod(pod);
    Finding::new(
        &FLAPPING,
        subject.clone(),
        format!(
            "is flapping: the readiness probe of container {} is oscillating between failure and recovery{cause}: {}",
            c.status.name,
            said(one_line(&e.message))
        ),
    )
    .saw(told::event(e, &s.clock))
    .saw_all(told::events(s, "Pod", &pod.meta, &["Ready", "ProbeSucceeded"]))
    .saw(told::container(c))
    .by_hand(told::describe(&subject))
    .after(node_of(pod))
}

fn gate(s: &Snapshot, pod: &Pod) -> Option<Finding> {
    let gate = pod.spec.readiness_gates.iter().find(|g| !pod.condition(&g.kind).is_some_and(|c| c.holds()))?;
    let others = pod.condition("ContainersReady").is_some_and(|c| c.holds()) || pod.status.containers.iter().all(|c| c.ready);
    let subject = told::pod(pod);
    let state = pod.condition(&gate.kind).map_or_else(|| format!("condition {} is not set", gate.kind), |c| c.quoted());
    (others && &*pod.status.phase == "Running").then(|| {
        Finding::new(
            &GATE,
            subject.clone(),
            format!("is not ready: its readiness gate {} is not met by the controller that should set it", gate.kind),
        )
        .saw(state)
        .saw_all(pod.condition("Ready").map(|c| c.quoted()))
        .one_for(format!("{}/{}", s.top("Pod", &pod.meta).told(), gate.kind))
        .by_hand(told::get(&subject))
    })
}

/// What a pod that runs and is not ready may be waiting for: the Services that it names, and the policies that cut it from them.
fn depends(s: &Snapshot, pod: &Pod) -> Vec<Ref> {
    let services = super::services::named_by(s, pod).into_iter().map(|(x, ..)| Ref::of("Service", &x.meta));
    let policies = super::network::cutting(s, pod).into_iter().map(|(p, ..)| Ref::of("NetworkPolicy", &p.meta));
    let spoken = super::services::spoken_of(s, pod).map(|(x, _)| Ref::of("Service", &x.meta));
    services.chain(policies).chain(spoken).collect()
}

/// Where no status says that a container runs, a probe's event still tells.
fn by_events(s: &Snapshot, pod: &Pod) -> Option<Finding> {
    let waits = pod.containers().iter().any(|c| c.status.state.waiting.is_some() || c.status.state.ended.is_some());
    let e = s.event("Pod", &pod.meta, &["Unhealthy"]).filter(|_| !waits)?;
    let name = pod.spec.containers.first().map_or("", |c| &c.name);
    let subject = told::pod(pod);
    let lower = e.message.to_lowercase();
    let events = s.events_of("Pod", &pod.meta);
    let recovers = events.iter().any(|x| &*x.reason == "Ready" || x.message.to_lowercase().contains("probe succeeded"));
    let (rule, what) = if recovers && lower.starts_with("readiness") {
        let network = events.iter().filter(|x| &*x.reason == "Unhealthy").count() > 1;
        let cause = if network { " (intermittent network connectivity)" } else { "" };
        (
            &FLAPPING,
            format!("is flapping: its readiness probe is oscillating between failure and recovery{cause}: {}", said(one_line(&e.message))),
        )
    } else if lower.starts_with("liveness") || lower.starts_with("startup") {
        killed(if lower.starts_with("startup") { "startup" } else { "liveness" }, name, e, 0)
    } else {
        unready(name, e)
    };
    let network = (rule.id == REFUSED.id).then(|| super::network::isolating(s, pod)).flatten();
    Some(
        Finding::new(rule, subject.clone(), what)
            .confidence(75)
            .saw(told::event(e, &s.clock))
            .saw_all(network)
            .saw(format!("status.phase {}", pod.status.phase))
            .by_hand(told::describe(&subject))
            .after(node_of(pod)),
    )
}

/// What the proxy of a service mesh says of itself (Istio's words).
fn mesh(s: &Snapshot, pod: &Pod) -> Option<Finding> {
    let proxied = pod.spec.all().any(|c| ["istio-proxy", "linkerd-proxy", "envoy"].contains(&&*c.name))
        || pod.status.containers.iter().any(|c| ["istio-proxy", "linkerd-proxy"].contains(&&*c.name));
    if !proxied {
        return None;
    }
    let events = s.events_of("Pod", &pod.meta);
    let subject = told::pod(pod);
    let find = |words: &[&str]| events.iter().rfind(|e| e.warning && words.iter().any(|w| e.message.to_lowercase().contains(w))).copied();
    if let Some(e) = find(&["rbac: access denied", "authorizationpolicy", "rbac_access_denied"]) {
        return Some(
            Finding::new(
                &DENIED,
                subject.clone(),
                format!("is cut off: a service mesh authorization policy denied its traffic: {}", cut(&e.message, 140)),
            )
            .saw(told::event(e, &s.clock))
            .by_hand(told::describe(&subject)),
        );
    }
    if pod.ready() {
        return None;
    }
    if let Some(e) = find(&["sds", "workload certificate", "csr signing failed", "certificate is expired"]) {
        return Some(
            Finding::new(
                &MESH,
                subject.clone(),
                "is not ready: its service mesh mTLS certificate rotation failed (the proxy has no valid certificate)",
            )
            .saw(told::event(e, &s.clock))
            .saw_all(told::events(s, "Pod", &pod.meta, &["Failed", "Unhealthy"]))
            .by_hand(told::describe(&subject)),
        );
    }
    let e = find(&["config not received", "xds", "istiod"])?;
    let discovery = s.pods.iter().filter(|p| ["istiod", "linkerd-destination"].iter().any(|w| p.meta.name.starts_with(w))).map(told::pod);
    Some(Finding::new(&MESH, subject.clone(), "is not ready: the service mesh control plane is unavailable, its sidecar proxy receives no configuration and is blocking traffic").saw(told::event(e, &s.clock)).by_hand(told::describe(&subject)).explains(discovery.collect::<Vec<_>>()))
}
