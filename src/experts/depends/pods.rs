//! What the pods of a workload stand on: what they mount, take variables from, run as, and call.

use super::{Link, Without};
use crate::experts::{
    diagnose::{named_by, spoken_of},
    signals::words::cut,
};
use crate::facts::snapshot::{
    Ref, Snapshot,
    pod::{KeyRef, Pod, PodSpec, VolumeSource},
};

/// What every namespace and every pod is given by itself.
const GIVEN: &[&str] = &["kube-root-ca.crt", "openshift-service-ca.crt"];

/// One thing that a pod's spec names.
struct Named {
    kind: &'static str,
    name: Box<str>,
    seen: String,
    without: Without,
}

/// The links of a spec that belongs to `from`; `running` where its pods run already.
pub(super) fn of_spec(from: &Ref, spec: &PodSpec, running: bool, into: &mut Vec<Link>) {
    let pods = usize::from(running);
    for named in all(spec) {
        if named.name.is_empty() || GIVEN.contains(&&*named.name) {
            continue;
        }
        let namespace = if ["PriorityClass", "RuntimeClass"].contains(&named.kind) { "" } else { &from.namespace };
        let without = match named.without {
            Without::NoStart if running => Without::Restart,
            other => other,
        };
        into.push(Link { from: from.clone(), to: Ref::new(named.kind, namespace, &named.name), seen: vec![named.seen], without, pods });
    }
}

/// What a running pod stands on beside its spec: its node, the Services that it calls.
pub(super) fn of_pod(s: &Snapshot, from: &Ref, pod: &Pod, into: &mut Vec<Link>) {
    let mut link = |to: Ref, seen: String, without: Without| {
        into.push(Link { from: from.clone(), to, seen: vec![seen], without, pods: usize::from(!pod.over()) });
    };
    if !pod.spec.node.is_empty() && !pod.over() {
        let without = match &*from.kind {
            // Nobody makes it anew; and where each node has its own, there is no other place for it.
            "Pod" | "DaemonSet" => Without::Gone,
            _ => Without::Moves,
        };
        link(Ref::new("Node", "", &pod.spec.node), "spec.nodeName".into(), without);
    }
    for (service, _, variable) in named_by(s, pod) {
        link(Ref::of("Service", &service.meta), format!("variable {variable} names its host"), Without::Calls);
    }
    if let Some((service, port)) = spoken_of(s, pod) {
        let port = port.map_or_else(String::new, |p| format!(" on port {p}"));
        link(
            Ref::of("Service", &service.meta),
            format!("the log of pod {} says that it was called{port}, in vain", pod.meta.name()),
            Without::Calls,
        );
    }
}

/// What a template's variables name, where no pod of it is there to tell.
pub(super) fn of_hosts(s: &Snapshot, from: &Ref, spec: &PodSpec, into: &mut Vec<Link>) {
    let variables = spec.all().flat_map(|c| &c.env).flat_map(|v| v.value.hosts.0.iter().map(move |host| (host, &*v.name)));
    for (host, variable) in variables {
        let mut parts = host.host.split('.');
        let (name, place) = (parts.next().unwrap_or_default(), parts.next().unwrap_or(&from.namespace));
        let service = s.service(place, name);
        if let Some(service) = service {
            let seen = vec![format!("variable {variable} names its host")];
            into.push(Link { from: from.clone(), to: Ref::of("Service", &service.meta), seen, without: Without::Calls, pods: 0 });
        }
    }
}

fn all(spec: &PodSpec) -> Vec<Named> {
    let mut all = Vec::new();
    let hard = |optional: bool| if optional { Without::Optional } else { Without::NoStart };
    for c in spec.all() {
        let of = format!("of container {}", cut(&c.name, 63));
        let key = |k: &KeyRef| if k.key.is_empty() { String::new() } else { format!(" (key {})", k.key) };
        for v in &c.env {
            for (kind, from) in [("Secret", &v.from.secret), ("ConfigMap", &v.from.config_map)] {
                if let Some(k) = from {
                    let seen = format!("variable {} {of}{} (env.valueFrom)", v.name, key(k));
                    all.push(Named { kind, name: k.name.clone(), seen, without: hard(k.optional) });
                }
            }
        }
        for f in &c.env_from {
            for (kind, from) in [("Secret", &f.secret), ("ConfigMap", &f.config_map)] {
                if let Some(k) = from {
                    all.push(Named {
                        kind,
                        name: k.name.clone(),
                        seen: format!("all variables {of} (envFrom)"),
                        without: hard(k.optional),
                    });
                }
            }
        }
    }
    for v in &spec.volumes {
        let source = |kind, source: &VolumeSource| {
            let name = if source.secret.is_empty() { &source.name } else { &source.secret };
            Named { kind, name: name.clone(), seen: format!("mounted as volume {}", v.name), without: hard(source.optional) }
        };
        let own = [("Secret", &v.secret), ("ConfigMap", &v.config_map), ("Secret", &v.azure)];
        all.extend(own.into_iter().filter_map(|(kind, x)| Some(source(kind, x.as_ref()?))));
        for p in v.projected.iter().flat_map(|p| &p.sources) {
            all.extend(
                [("Secret", &p.secret), ("ConfigMap", &p.config_map)].into_iter().filter_map(|(kind, x)| Some(source(kind, x.as_ref()?))),
            );
        }
        for secret in [&v.csi.publish.name, &v.flex.secret.name] {
            all.push(Named {
                kind: "Secret",
                name: secret.clone(),
                seen: format!("volume {} is mounted with it", v.name),
                without: Without::NoStart,
            });
        }
        if let Some(claim) = &v.claim {
            let seen = format!("mounted as volume {} (persistentVolumeClaim)", v.name);
            all.push(Named { kind: "PersistentVolumeClaim", name: claim.name.clone(), seen, without: Without::NoStart });
        }
    }
    for secret in &spec.pull_secrets {
        let seen = "imagePullSecrets: where an image is not on the node yet".to_string();
        all.push(Named { kind: "Secret", name: secret.name.clone(), seen, without: Without::NoStart });
    }
    let account = if spec.account.is_empty() { &spec.old_account } else { &spec.account };
    // Every namespace has a default one, which comes back by itself.
    if &**account != "default" {
        all.push(Named { kind: "ServiceAccount", name: account.clone(), seen: "serviceAccountName".into(), without: Without::NoStart });
    }
    for (kind, name, field) in
        [("PriorityClass", &spec.priority_class, "priorityClassName"), ("RuntimeClass", &spec.runtime_class, "runtimeClassName")]
    {
        if !name.starts_with("system-") {
            all.push(Named { kind, name: name.clone(), seen: field.into(), without: Without::NoStart });
        }
    }
    all
}
