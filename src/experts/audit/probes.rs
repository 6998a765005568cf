//! Whether the kubelet can tell that a container lives and is ready.

use super::{table::checks, unit::Unit};
use crate::experts::diagnose::Finding;
use crate::facts::snapshot::{
    Snapshot,
    pod::{Container, Probe},
};

checks! {
    NO_LIVENESS = "liveness-probe-missing" Warning 85 "Without a liveness probe a program that hangs is never restarted." reads ["containers.livenessProbe"] like "Deployment web has no liveness probe: container app" same_as ["polaris/livenessProbeMissing", "kube-linter/no-liveness-probe"];
    NO_READINESS = "readiness-probe-missing" Warning 88 "Without a readiness probe requests are sent to a program that is not ready yet." reads ["containers.readinessProbe"] like "Deployment web has no readiness probe: container app" same_as ["polaris/readinessProbeMissing", "kube-linter/no-readiness-probe"];
    LIVENESS_PORT = "liveness-port-undeclared" Warning 85 "A liveness probe asks a port that its container does not declare: by name it can never succeed, by number it may be a slip." reads ["livenessProbe", "containers.ports"] like "Deployment web probes a port that is not declared: container app" same_as ["kube-linter/liveness-port", "kube-linter/liveness-http-port", "kube-linter/liveness-tcp-port"];
    READINESS_PORT = "readiness-port-undeclared" Warning 85 "A readiness probe asks a port that its container does not declare: by name it can never succeed, by number it may be a slip." reads ["readinessProbe", "containers.ports"] like "Deployment web probes a port that is not declared: container app" same_as ["kube-linter/readiness-port", "kube-linter/readiness-http-port", "kube-linter/readiness-tcp-port"];
    STARTUP_PORT = "startup-port-undeclared" Warning 85 "A startup probe asks a port that its container does not declare: by name it can never succeed, by number it may be a slip." reads ["startupProbe", "containers.ports"] like "Deployment web probes a port that is not declared: container app" same_as ["kube-linter/startup-port"];
}

/// The port of a probe where the container declares none such; probes speak TCP.
fn undeclared(c: &Container, probe: Option<&Probe>) -> Option<String> {
    let port = probe?.port()?;
    let number = port.parse::<i64>().ok();
    let tcp = |p: &&crate::facts::snapshot::pod::ContainerPort| p.protocol.is_empty() || &*p.protocol == "TCP";
    let declared = c.ports.iter().filter(tcp).any(|p| number.map_or(*p.name == *port, |n| p.number == n));
    (!declared).then(|| format!("the probe asks port {port}, which is not among the container's TCP ports"))
}

pub(super) fn find(_: &Snapshot, units: &[Unit<'_>], out: &mut Vec<Finding>) {
    for u in units {
        // What ends by itself needs neither (`kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle`).
        if u.stays() {
            let main = || u.spec.containers.iter();
            out.extend(
                u.each(&NO_LIVENESS, "has no liveness probe", main(), |c| c.liveness.is_none().then(|| "livenessProbe is not set".into())),
            );
            out.extend(u.each(&NO_READINESS, "has no readiness probe", main(), |c| {
                c.readiness.is_none().then(|| "readinessProbe is not set".into())
            }));
        }
        let what = "probes a port that is not declared";
        out.extend(u.each(&LIVENESS_PORT, what, u.spec.all(), |c| undeclared(c, c.liveness.as_ref())));
        out.extend(u.each(&READINESS_PORT, what, u.spec.all(), |c| undeclared(c, c.readiness.as_ref())));
        out.extend(u.each(&STARTUP_PORT, what, u.spec.all(), |c| undeclared(c, c.startup.as_ref())));
    }
}
