//! What a pod shares with its node, and how it lives: host namespaces, ports, sysctls, restarts, DNS.

use super::{table::checks, unit::Unit};
use crate::experts::diagnose::Finding;
use crate::facts::snapshot::{Snapshot, pod::Container};
use crate::terms::pod_standards::SAFE_SYSCTLS;

checks! {
    HOST_IPC = "host-ipc" Error 97 "A pod shares its node's IPC namespace and can read the shared memory of other programs (PSS baseline)." reads ["spec.hostIPC"] like "Deployment web shares its node's IPC namespace" same_as ["polaris/hostIPCSet", "kube-linter/host-ipc"];
    HOST_PID = "host-pid" Error 97 "A pod sees and can signal every process of its node (PSS baseline)." reads ["spec.hostPID"] like "Deployment web shares its node's process namespace" same_as ["polaris/hostPIDSet", "kube-linter/host-pid"];
    HOST_NETWORK = "host-network" Warning 95 "A pod uses its node's network, past every NetworkPolicy (PSS baseline)." reads ["spec.hostNetwork"] like "Deployment web uses its node's network" same_as ["polaris/hostNetworkSet", "kube-linter/host-network"];
    HOST_PORT = "host-port" Warning 95 "A container takes a port of its node: one such pod a node, reachable past Services (PSS baseline)." reads ["ports.hostPort"] like "Deployment web takes a port of its node: container app" same_as ["polaris/hostPortSet"];
    LOW_PORT = "privileged-port" Info 85 "A container listens below 1024, for which programs used to need root." reads ["ports.containerPort"] like "Deployment web listens below 1024: container app" same_as ["kube-linter/privileged-ports"];
    SSH = "ssh-port" Warning 90 "A container opens port 22: a way in beside kubectl, its access rules and its records." reads ["ports.containerPort"] like "Deployment web opens the SSH port: container app" same_as ["kube-linter/ssh-port"];
    SYSCTL = "unsafe-sysctl" Error 92 "A pod sets kernel parameters that are not namespaced safely and can disturb its node (PSS baseline)." reads ["spec.securityContext.sysctls"] like "Deployment web sets unsafe kernel parameters: kernel.sem" same_as ["kube-linter/unsafe-sysctls"];
    NEVER = "never-restarted" Warning 85 "A pod that should run on is never restarted once a container ends." reads ["spec.restartPolicy"] like "pod web is not restarted when it ends" same_as ["kube-linter/restart-policy"];
    DNS = "dns-options-unset" Info 60 "No DNS options: with ndots 5 each outside name is first looked up under every search domain." reads ["spec.dnsConfig.options"] like "Deployment web sets no DNS options" same_as ["kube-linter/dnsconfig-options"];
    PRIORITY = "priority-class-unset" Info 70 "No priority class: when room is short the scheduler cannot tell what matters more." reads ["spec.priorityClassName"] like "Deployment web has no priority class" same_as ["polaris/priorityClassNotSet", "kube-linter/priority-class-name"];
    ALONE = "pod-without-controller" Warning 90 "A pod that nothing owns is not made again when its node goes." reads ["metadata.ownerReferences"] like "pod web belongs to no controller" same_as [];
    TTL = "job-never-cleaned-up" Info 85 "A finished Job stays until somebody deletes it." reads ["spec.ttlSecondsAfterFinished"] like "Job migrate stays after it has finished" same_as ["kube-linter/job-ttl-seconds-after-finished"];
}

fn ports(c: &Container, is: impl Fn(&crate::facts::snapshot::pod::ContainerPort) -> bool) -> Option<String> {
    let all: Vec<String> = c.ports.iter().filter(|p| is(p)).map(|p| p.number.to_string()).collect();
    (!all.is_empty()).then(|| format!("ports.containerPort {}", all.join(", ")))
}

pub(super) fn find(s: &Snapshot, units: &[Unit<'_>], out: &mut Vec<Finding>) {
    for u in units {
        if u.spec.host_ipc {
            out.push(u.found(&HOST_IPC, "shares its node's IPC namespace").saw("spec.hostIPC is true"));
        }
        if u.spec.host_pid {
            out.push(u.found(&HOST_PID, "shares its node's process namespace").saw("spec.hostPID is true"));
        }
        if u.spec.host_network {
            out.push(u.found(&HOST_NETWORK, "uses its node's network").saw("spec.hostNetwork is true"));
        }
        out.extend(u.each(&HOST_PORT, "takes a port of its node", u.spec.all(), |c| {
            let all: Vec<String> = c.ports.iter().filter(|p| p.host != 0).map(|p| p.host.to_string()).collect();
            (!all.is_empty()).then(|| format!("ports.hostPort {}", all.join(", ")))
        }));
        out.extend(u.each(&LOW_PORT, "listens below 1024", u.spec.all(), |c| ports(c, |p| (1..1024).contains(&p.number))));
        out.extend(u.each(&SSH, "opens the SSH port", u.spec.all(), |c| {
            ports(c, |p| p.number == 22 && (p.protocol.is_empty() || &*p.protocol == "TCP"))
        }));
        let unsafe_ones: Vec<&str> = u.spec.security.sysctls.iter().map(|x| &*x.name).filter(|n| !SAFE_SYSCTLS.contains(n)).collect();
        if !unsafe_ones.is_empty() {
            out.push(
                u.found(&SYSCTL, format!("sets unsafe kernel parameters: {}", unsafe_ones.join(", "))).saw("spec.securityContext.sysctls"),
            );
        }
        if u.stays() && &*u.spec.restart == "Never" {
            out.push(u.found(&NEVER, "is not restarted when it ends").saw("spec.restartPolicy is Never"));
        }
        if u.stays() && u.spec.dns.options.is_empty() {
            out.push(u.found(&DNS, "sets no DNS options").saw("spec.dnsConfig.options is not set"));
        }
        if u.spec.priority_class.is_empty() {
            out.push(u.found(&PRIORITY, "has no priority class").saw("spec.priorityClassName is not set"));
        }
        if u.is(&["Pod"]) && u.meta.owners.is_empty() {
            out.push(u.found(&ALONE, "belongs to no controller").saw("metadata.ownerReferences is empty"));
        }
    }
    for job in s.jobs.iter().filter(|j| j.meta.owners.is_empty() && j.spec.ttl.is_none()) {
        let at = crate::facts::snapshot::Ref::of("Job", &job.meta);
        out.push(Finding::new(&TTL, at, "stays after it has finished").saw("spec.ttlSecondsAfterFinished is not set"));
    }
}
