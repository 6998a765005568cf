//! What pods see of their node's files, and other volumes.

use super::{table::checks, unit::Unit};
use crate::experts::diagnose::Finding;
use crate::facts::snapshot::{Snapshot, pod::Mount};

checks! {
    HOST_PATH = "host-path" Warning 94 "A pod mounts a path of its node (PSS baseline forbids it)." reads ["volumes.hostPath"] like "Deployment web mounts its node's /var/log" same_as ["polaris/hostPathSet"];
    SENSITIVE = "sensitive-host-path" Error 95 "A pod mounts a path of its node by which the node can be taken over." reads ["volumes.hostPath"] like "Deployment web mounts its node's /etc" same_as ["kube-linter/sensitive-host-mounts"];
    SOCKET = "container-runtime-socket" Error 96 "A pod holds the socket of the container runtime: with it everything on the node can be run." reads ["volumes.hostPath", "containers.volumeMounts"] like "Deployment web holds the runtime's socket /var/run/docker.sock" same_as ["kube-linter/docker-sock"];
    WRITABLE = "writable-host-path" Warning 92 "A container may write to a path of its node." reads ["volumes.hostPath", "volumeMounts.readOnly"] like "Deployment web may write to its node's files: container app" same_as ["kube-linter/writable-host-mount"];
    TYPE = "volume-type-restricted" Info 85 "A volume of a kind that the restricted standard does not allow: network storage named in the pod itself." reads ["volumes"] like "Deployment web mounts network storage directly: volume data" same_as [];
    CLAIM_ANNOTATION = "claim-template-without-annotations" Info 50 "A volumeClaimTemplate has no annotations: nothing says who owns the data and how it is backed up." reads ["spec.volumeClaimTemplates.metadata.annotations"] like "StatefulSet db has claim templates without annotations: data" same_as ["kube-linter/statefulset-volumeclaimtemplate-annotation"];
}

/// What makes a node what it is.
const SENSITIVE_PATHS: &[&str] = &["/boot", "/dev", "/etc", "/lib", "/proc", "/sys", "/usr", "/root", "/var/lib/kubelet", "/var/lib/etcd"];
/// Where the runtimes listen.
const SOCKETS: &[&str] = &["docker.sock", "containerd.sock", "crio.sock", "cri-dockerd.sock"];

fn below(path: &str, top: &str) -> bool {
    path.strip_prefix(top).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

pub(super) fn find(s: &Snapshot, units: &[Unit<'_>], out: &mut Vec<Finding>) {
    for u in units {
        let hosts: Vec<(&str, &str)> = u.spec.volumes.iter().filter_map(|v| Some((&*v.name, &*v.host.as_ref()?.path))).collect();
        let told = |paths: &[&str]| paths.join(", ");
        let all: Vec<&str> = hosts.iter().map(|(_, path)| *path).collect();
        if !all.is_empty() {
            out.push(u.found(&HOST_PATH, format!("mounts its node's {}", told(&all))).saw("volumes.hostPath"));
        }
        let bad: Vec<&str> =
            all.iter().copied().filter(|p| *p == "/" || SENSITIVE_PATHS.iter().any(|top| below(p.trim_end_matches('/'), top))).collect();
        if !bad.is_empty() {
            out.push(u.found(&SENSITIVE, format!("mounts its node's {}", told(&bad))).saw("volumes.hostPath"));
        }
        let socket = |path: &&str| SOCKETS.iter().any(|name| path.ends_with(name));
        let mounted = u.spec.all().flat_map(|c| &c.mounts).filter(|m| hosts.iter().any(|(name, _)| **name == *m.name)).map(|m| &*m.path);
        if let Some(path) = all.iter().copied().chain(mounted).find(socket) {
            out.push(u.found(&SOCKET, format!("holds the runtime's socket {path}")).saw("volumes.hostPath"));
        }
        let writes = |m: &&Mount| !m.read_only && hosts.iter().any(|(name, _)| **name == *m.name);
        out.extend(u.each(&WRITABLE, "may write to its node's files", u.spec.all(), |c| {
            let paths: Vec<&str> = c.mounts.iter().filter(writes).map(|m| &*m.path).collect();
            (!paths.is_empty()).then(|| format!("volumeMounts {} without readOnly", paths.join(", ")))
        }));
        let direct: Vec<&str> = u.spec.volumes.iter().filter(|v| v.nfs.0 || v.iscsi.0 || v.rbd.0 || v.ceph.0).map(|v| &*v.name).collect();
        if !direct.is_empty() {
            out.push(u.found(&TYPE, format!("mounts network storage directly: volume {}", told(&direct))).saw("volumes"));
        }
    }
    for w in s.workloads.iter().filter(|w| &*w.kind == "StatefulSet") {
        let bare: Vec<&str> = w.spec.claims.iter().filter(|c| c.meta.annotations.0.is_empty()).map(|c| c.meta.name()).collect();
        if !bare.is_empty() {
            let at = crate::facts::snapshot::Ref::of("StatefulSet", &w.meta);
            let what = format!("has claim templates without annotations: {}", bare.join(", "));
            out.push(Finding::new(&CLAIM_ANNOTATION, at, what).saw("volumeClaimTemplates.metadata.annotations is empty"));
        }
    }
}
