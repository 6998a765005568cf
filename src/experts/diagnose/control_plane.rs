//! What the whole cluster hangs on: its own components, aggregated APIs, definitions, webhooks' backends.

use super::{
    finding::{Finding, Rule, rules},
    told,
};
use crate::experts::signals::words::cut;
use crate::facts::snapshot::{Ref, Snapshot, event::Event, meta::condition, pod::Pod};

rules! {
    API_SERVER = "kube-apiserver-unreachable" Error 95 ControlPlane "The API server is down or cannot be reached: nothing in the cluster goes on." reads ["Pod kube-system/kube-apiserver", "events", "Endpoints default/kubernetes"] like "pod kube-apiserver-cp-1: kube-apiserver is unreachable, so control-plane clients cannot talk to the Kubernetes API";
    COMPONENT = "control-plane-component-down" Error 94 ControlPlane "A component of the control plane is down." reads ["Pod kube-system", "events"] like "pod kube-controller-manager-cp-1: kube-controller-manager is unavailable, workload controllers cannot reconcile";
    LEADER = "leader-election-failure" Error 93 ControlPlane "A component cannot renew its leader-election lease." reads ["events", "Lease"] like "pod kube-scheduler-cp-1: kube-scheduler cannot maintain its leader-election lease";
    CASCADE = "control-plane-instability" Error 92 ControlPlane "Several components of the control plane fail together: a cascade." reads ["events", "Pod kube-system"] like "control-plane instability cascade: kube-apiserver, kube-controller-manager and kube-scheduler fail together (etcd: request timed out)";
    API_SERVICE = "api-service-unavailable" Error 95 ControlPlane "An aggregated API has no backend." reads ["APIService.status.conditions"] like "APIService v1beta1.metrics.k8s.io is not available: endpoints for service/metrics-server have no addresses";
    DEFINITION = "definition-broken" Error 93 ControlPlane "A CustomResourceDefinition is not established." reads ["CustomResourceDefinition.status.conditions"] like "CustomResourceDefinition widgets.example.com is not established: its names conflict";
    WEBHOOK = "webhook-backend-missing" Error 97 ControlPlane "An admission webhook that must answer has no backend: what it judges is refused." reads ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration", "Service", "EndpointSlice"] like "ValidatingWebhookConfiguration policy blocks pods: webhook check.example.com (failurePolicy Fail) has no ready endpoints behind Service policy" same_as ["k8sgpt/ValidatingWebhook", "k8sgpt/MutatingWebhook"];
    CA = "webhook-certificate-expired" Error 93 ControlPlane "The CA that a webhook is trusted by has expired." reads ["ValidatingWebhookConfiguration.webhooks.clientConfig.caBundle"] like "ValidatingWebhookConfiguration policy: the caBundle of webhook check.example.com expired on 2025-01-10";
    CSI = "csi-plugin-crash" Error 90 Node "A CSI driver's own pod crashes: volumes cannot be provisioned, attached or mounted." reads ["Pod.metadata.labels", "Pod.status"] like "pod ebs-csi-node-x: CSI plugin pod is crash-looping";
    CNI = "cni-plugin-crash" Error 92 Node "The network plugin's own pod on a node fails: new pods there get no network." reads ["Pod", "events"] like "pod aws-node-x: node-local CNI initialization failure on node1 is blocking pod networking";
}

/// Static pods of the control plane, by the label that kubeadm gives them, or by name.
const COMPONENTS: &[(&str, &str)] = &[
    ("kube-apiserver", "control-plane clients cannot talk to the Kubernetes API"),
    ("etcd", "the API server can keep nothing"),
    ("kube-controller-manager", "workload controllers cannot reconcile the desired state"),
    ("kube-scheduler", "new pods are not scheduled"),
];

fn component(pod: &Pod) -> Option<(&'static str, &'static str)> {
    let named = |name: &str| {
        pod.meta.label("component") == Some(name)
            || (&*pod.meta.namespace == "kube-system" && pod.meta.name.starts_with(&format!("{name}-")))
    };
    COMPONENTS.iter().find(|(name, _)| named(name)).copied()
}

fn down(pod: &Pod) -> bool {
    !pod.ready() && pod.status.containers.iter().any(|c| !c.ready)
}

pub(super) fn find(s: &Snapshot, found: &mut Vec<Finding>) {
    components(s, found);
    for a in &s.api_services {
        let Some(c) = condition(&a.status.conditions, "Available").filter(|c| c.fails()) else { continue };
        let at = Ref::of("APIService", &a.meta);
        let service = a.spec.service.as_ref().map(|x| Ref::new("Service", &x.namespace, &x.name));
        found.push(
            Finding::new(&API_SERVICE, at.clone(), format!("is not available: {} ({})", cut(&c.message, 180), c.reason))
                .saw(format!("status.conditions {}", c.quoted()))
                .by_hand(told::describe(&at))
                .since(c.since.0)
                .after(service),
        );
    }
    for d in &s.definitions {
        let bad = ["Established", "NamesAccepted"].iter().find_map(|k| condition(&d.status.conditions, k).filter(|c| c.fails()));
        if let Some(c) = bad {
            let at = Ref::of("CustomResourceDefinition", &d.meta);
            found.push(
                Finding::new(&DEFINITION, at.clone(), format!("is not established: {}", cut(&c.message, 180)))
                    .saw(format!("status.conditions {}", c.quoted()))
                    .by_hand(told::describe(&at)),
            );
        }
    }
    webhooks(s, found);
    for pod in s.pods.iter().filter(|p| !p.over() && down(p)) {
        plugins(s, pod, found);
    }
}

fn leases(s: &Snapshot, pod: &Pod) -> Option<Event> {
    let lost = |e: &&Event| {
        e.warning
            && (e.message.contains("leaderelection lost")
                || e.message.contains("leader election lost")
                || e.message.contains("failed to renew lease")
                || e.message.contains("error retrieving resource lock"))
    };
    s.events_of("Pod", &pod.meta).into_iter().rfind(lost).cloned()
}

fn components(s: &Snapshot, found: &mut Vec<Finding>) {
    let broken: Vec<(&Pod, &str, &str)> =
        s.pods.iter().filter(|p| down(p)).filter_map(|p| component(p).map(|(name, means)| (p, name, means))).collect();
    let names: std::collections::BTreeSet<&str> = broken.iter().map(|(_, n, _)| *n).collect();
    let api = broken.iter().find(|(_, n, _)| *n == "kube-apiserver").copied();
    let quote = |pod: &Pod| {
        s.events_of("Pod", &pod.meta).into_iter().rev().filter(|e| e.warning).take(2).map(|e| told::event(e, &s.clock)).collect::<Vec<_>>()
    };
    let words = |pod: &Pod| s.events_of("Pod", &pod.meta).iter().map(|e| e.message.to_lowercase()).collect::<Vec<_>>().join(" ");
    let all: Vec<Ref> = broken.iter().map(|(p, ..)| told::pod(p)).collect();
    // What cannot go on while nobody reconciles.
    let behind = || s.workloads.iter().filter(|w| w.numbers().available < w.numbers().wanted).map(|w| Ref::of(&w.kind, &w.meta));
    if names.len() >= 3 {
        let (pod, ..) = api.unwrap_or(broken[0]);
        let etcd = broken.iter().find(|(p, ..)| words(p).contains("etcdserver")).map_or("", |_| " (etcd: request timed out)");
        let at = told::pod(pod);
        found.push(
            Finding::new(&CASCADE, at.clone(), format!(": a control-plane instability cascade is preventing controllers and scheduler from making progress: {} fail together{etcd}", told::names(names, 4)))
                .saw_all(broken.iter().flat_map(|(p, ..)| quote(p)))
                .by_hand("kubectl get pods -n kube-system")
                .explains(all)
                .explains(behind().collect::<Vec<_>>()),
        );
        return;
    }
    if let Some((pod, ..)) = api {
        let at = told::pod(pod);
        found.push(
            Finding::new(
                &API_SERVER,
                at.clone(),
                ": kube-apiserver is unreachable, so control-plane clients cannot talk to the Kubernetes API",
            )
            .saw_all(pod.containers().iter().map(told::container))
            .saw_all(quote(pod))
            .by_hand(told::describe(&at))
            .explains(all)
            .explains(behind().collect::<Vec<_>>()),
        );
        return;
    }
    for (pod, name, means) in broken {
        let at = told::pod(pod);
        let lease = leases(s, pod);
        let stuck = behind().collect::<Vec<_>>();
        let (rule, what): (&'static Rule, String) = match &lease {
            Some(_) if stuck.is_empty() => (
                &LEADER,
                format!(
                    ": {name} cannot maintain its leader-election lease, so the {} pod becomes unhealthy",
                    name.trim_start_matches("kube-")
                ),
            ),
            Some(_) | None => (&COMPONENT, format!(": {name} is unavailable, so {means}")),
        };
        found.push(
            Finding::new(rule, at.clone(), what)
                .saw_all(lease.map(|e| told::event(&e, &s.clock)))
                .saw_all(pod.containers().iter().map(told::container))
                .saw_all(quote(pod))
                .by_hand(told::describe(&at))
                .explains(stuck),
        );
    }
}

fn webhooks(s: &Snapshot, found: &mut Vec<Finding>) {
    for config in &s.webhooks {
        let at = Ref::of(&config.kind, &config.meta);
        for w in &config.webhooks {
            if let Some(c) = w.client.ca.certificate.as_ref().filter(|c| c.until < s.clock.now) {
                found.push(
                    Finding::new(
                        &CA,
                        at.clone(),
                        format!(": the caBundle of webhook {} expired on {}", w.name, c.until.strftime("%Y-%m-%d")),
                    )
                    .one_for(format!("{at:?}/{}", w.name))
                    .saw(format!("webhooks.clientConfig.caBundle: valid until {}", c.until))
                    .by_hand(told::get(&at)),
                );
            }
            let Some(service) = w.client.service.as_ref().filter(|_| &*w.policy != "Ignore") else { continue };
            let of = Ref::new("Service", &service.namespace, &service.name);
            let state = match s.service(&service.namespace, &service.name) {
                None if s.knows("Service", &service.namespace) => Some("does not exist"),
                None => None,
                Some(x) => {
                    let (ready, known) = super::services::ready(s, x);
                    let looked = s.live
                        || s.slices.iter().any(|e| e.meta.namespace == service.namespace)
                        || s.pods_in(&service.namespace).next().is_some();
                    (known && looked && ready == 0).then_some("has no ready endpoints")
                }
            };
            if let Some(state) = state {
                let about = told::names(w.rules.iter().flat_map(|r| &r.resources).map(|r| &**r), 4);
                found.push(
                    Finding::new(
                        &WEBHOOK,
                        at.clone(),
                        format!(
                            "block(s) {about}: webhook {} (failurePolicy Fail) is unavailable, its Service {} {state}",
                            w.name, service.name
                        ),
                    )
                    .one_for(format!("{at:?}/{}", w.name))
                    .saw(format!("webhooks.clientConfig.service {}/{}", service.namespace, service.name))
                    .by_hand(told::get(&at))
                    .after([of]),
                );
            }
        }
    }
}

/// Pods of drivers and plugins that others depend on.
fn plugins(s: &Snapshot, pod: &Pod, found: &mut Vec<Finding>) {
    let at = told::pod(pod);
    let restarts = pod.status.containers.iter().chain(&pod.status.init).map(|c| c.restarts).sum::<i64>();
    let looping = pod
        .containers()
        .into_iter()
        .any(|c| c.status.state.waiting.as_ref().is_some_and(|w| &*w.reason == "CrashLoopBackOff") || c.status.last.ended.is_some());
    let backoff = s.event("Pod", &pod.meta, &["BackOff"]);
    if !looping && restarts == 0 && backoff.is_none() {
        return;
    }
    let quotes =
        s.events_of("Pod", &pod.meta).into_iter().rev().filter(|e| e.warning).take(2).map(|e| told::event(e, &s.clock)).collect::<Vec<_>>();
    let csi = pod.meta.name.contains("csi")
        || pod.meta.labels.iter().any(|(k, v)| (k.contains("app") || k.contains("component")) && v.contains("csi"));
    if csi {
        let what = if looping || backoff.is_some() {
            ": CSI plugin pod is crash-looping (CrashLoopBackOff), so that volumes cannot be provisioned, attached or mounted"
        } else {
            ": CSI plugin pod is not ready"
        };
        found.push(
            Finding::new(&CSI, at.clone(), what)
                .saw_all(pod.containers().iter().filter(|c| !c.status.ready).map(told::container))
                .saw_all(quotes)
                .by_hand(told::describe(&at))
                .explains([at.clone()]),
        );
    } else if super::network::is_network_plugin(pod) {
        let stuck: Vec<Ref> =
            s.pods_on(&pod.spec.node).filter(|p| s.event("Pod", &p.meta, &["FailedCreatePodSandBox"]).is_some()).map(told::pod).collect();
        found.push(
            Finding::new(
                &CNI,
                at.clone(),
                format!(": node-local CNI initialization failure on {} is blocking workload pod networking", pod.spec.node),
            )
            .saw_all(quotes)
            .saw_all(pod.containers().iter().filter(|c| !c.status.ready).map(told::container))
            .by_hand(told::describe(&at))
            .explains(stuck),
        );
    }
}
