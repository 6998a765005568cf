//! What a container may do on its node: privileges, capabilities, profiles, its root. Pod Security Standards, `kubernetes.io/docs/concepts/security`.

use super::{fixes, table::checks, unit::Unit};
use crate::experts::diagnose::Finding;
use crate::facts::snapshot::{
    Snapshot,
    pod::{Container, ContainerSecurity},
};
use crate::terms::pod_standards::{BASELINE_CAPABILITIES, SELINUX_TYPES};

checks! {
    PRIVILEGED = "privileged-container" Error 98 "A container runs privileged: it holds every capability and sees every device, so that it is root on its node (PSS baseline)." reads ["securityContext.privileged"] like "Deployment web runs privileged: container app" same_as ["polaris/runAsPrivileged", "kube-linter/privileged-container"];
    ESCALATES = "privilege-escalation-allowed" Warning 96 "A container may gain more privileges than its parent, as by a setuid program (PSS restricted)." reads ["securityContext.allowPrivilegeEscalation", "securityContext.privileged", "securityContext.capabilities"] like "Deployment web may gain privileges: container app" same_as ["polaris/privilegeEscalationAllowed", "kube-linter/privilege-escalation-container"];
    ESCALATION_UNSET = "privilege-escalation-not-forbidden" Warning 92 "allowPrivilegeEscalation is not set to false; unset means allowed (PSS restricted)." reads ["securityContext.allowPrivilegeEscalation"] like "Deployment web does not forbid privilege escalation: container app" same_as ["polaris/privilegeEscalationAllowed"];
    DEFAULT_CAPABILITIES = "capabilities-not-dropped" Warning 92 "A container keeps capabilities that runtimes give by default; few programs need any (PSS restricted asks to drop ALL)." reads ["securityContext.capabilities.drop", "securityContext.capabilities.add"] like "Deployment web keeps the runtime's default capabilities: container app" same_as ["polaris/insecureCapabilities"];
    DANGEROUS = "dangerous-capabilities" Error 96 "A container is given capabilities that come near to being root on the node." reads ["securityContext.capabilities.add"] like "Deployment web adds dangerous capabilities: container app" same_as ["polaris/dangerousCapabilities"];
    ADDED = "capabilities-beyond-baseline" Warning 95 "A container adds a capability that the baseline standard does not allow." reads ["securityContext.capabilities.add"] like "Deployment web adds capabilities beyond the baseline: container app" same_as [];
    NET_RAW = "net-raw-not-dropped" Warning 92 "A container keeps NET_RAW, with which it can forge packets on the pods' network." reads ["securityContext.capabilities.drop"] like "Deployment web keeps NET_RAW: container app" same_as ["kube-linter/drop-net-raw-capability"];
    ROOT = "run-as-root-allowed" Warning 92 "A container may run as root: neither is runAsNonRoot true nor a user above 0 set (PSS restricted)." reads ["securityContext.runAsNonRoot", "securityContext.runAsUser"] like "Deployment web may run as root: container app" same_as ["polaris/runAsRootAllowed", "kube-linter/run-as-non-root"];
    ROOT_GROUP = "runs-in-root-group" Warning 85 "A container runs in group 0, to which many files of images and mounts belong." reads ["securityContext.runAsGroup"] like "Deployment web runs in group 0: container app" same_as ["kube-linter/run-as-non-root"];
    WRITABLE_ROOT = "root-filesystem-writable" Warning 92 "A container may write to its root file system, where an intruder can leave programs." reads ["securityContext.readOnlyRootFilesystem"] like "Deployment web has a writable root file system: container app" same_as ["polaris/notReadOnlyRootFilesystem", "kube-linter/no-read-only-root-fs"];
    HARDENING = "no-linux-hardening" Warning 90 "Nothing confines a container: no seccomp or AppArmor profile, no SELinux label, no capability dropped." reads ["securityContext.seccompProfile", "securityContext.seLinuxOptions", "securityContext.appArmorProfile", "metadata.annotations", "securityContext.capabilities"] like "Deployment web is confined by nothing: container app" same_as ["polaris/linuxHardening"];
    SECCOMP_OFF = "seccomp-unconfined" Error 95 "Seccomp is switched off, so that every system call is open (PSS baseline)." reads ["securityContext.seccompProfile"] like "Deployment web switches seccomp off: container app" same_as [];
    SECCOMP_UNSET = "seccomp-not-set" Info 90 "No seccomp profile is set (PSS restricted asks for RuntimeDefault or Localhost)." reads ["securityContext.seccompProfile"] like "Deployment web sets no seccomp profile: container app" same_as [];
    ARMOR_OFF = "apparmor-unconfined" Error 95 "AppArmor is switched off (PSS baseline)." reads ["securityContext.appArmorProfile", "metadata.annotations"] like "Deployment web switches AppArmor off: container app" same_as [];
    PROC = "unmasked-proc" Error 95 "A container sees /proc without the usual masks (PSS baseline)." reads ["securityContext.procMount"] like "Deployment web unmasks /proc: container app" same_as ["polaris/procMount", "kube-linter/unsafe-proc-mount"];
    HOST_PROCESS = "windows-host-process" Error 96 "A Windows container runs as a process of its node (PSS baseline)." reads ["securityContext.windowsOptions.hostProcess"] like "Deployment web runs as a host process: container app" same_as ["polaris/hostProcess"];
    SELINUX = "selinux-custom-user" Warning 90 "An SELinux user, role or foreign type is set, by which confinement can be left (PSS baseline)." reads ["securityContext.seLinuxOptions"] like "Deployment web sets an SELinux role: container app" same_as [];
}

/// What containerd and CRI-O give a container that asks for nothing (`containerd/pkg/cri`, `cri-o/internal/config/capabilities`, the union of both).
const DEFAULTS: &[&str] = &[
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "NET_RAW",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];
/// With one of these a container can take over its node or its network.
const WORST: &[&str] = &["ALL", "SYS_ADMIN", "NET_ADMIN"];
/// Where AppArmor stood before 1.30.
const ARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";

/// A capability as the kernel names it: `CAP_NET_RAW`, `net_raw` and `NET_RAW` are one.
fn capability(text: &str) -> String {
    let upper = text.trim().to_ascii_uppercase();
    upper.strip_prefix("CAP_").map_or(upper.clone(), str::to_string)
}

fn has(list: &[Box<str>], name: &str) -> bool {
    list.iter().any(|c| capability(c) == name)
}

fn drops(c: &Container, name: &str) -> bool {
    let sets = &c.security.capabilities;
    (has(&sets.drop, "ALL") || has(&sets.drop, name)) && !has(&sets.add, name) && !has(&sets.add, "ALL")
}

/// The container's word goes before the pod's.
fn profile<'a>(own: &'a str, pod: &'a str) -> &'a str {
    if own.is_empty() { pod } else { own }
}

fn armor<'a>(unit: &'a Unit<'_>, c: &'a Container) -> &'a str {
    let set = profile(&c.security.app_armor.kind, &unit.spec.security.app_armor.kind);
    if set.is_empty() { unit.pod.annotation(&format!("{ARMOR}{}", c.name)).unwrap_or_default() } else { set }
}

fn confined(unit: &Unit<'_>, c: &Container) -> bool {
    let (own, pod) = (&c.security, &unit.spec.security);
    let seccomp = profile(&own.seccomp.kind, &pod.seccomp.kind);
    let armor = armor(unit, c);
    let set = |kind: &str| !kind.is_empty() && !kind.eq_ignore_ascii_case("unconfined");
    let fewer = !own.capabilities.drop.is_empty() && !has(&own.capabilities.add, "ALL");
    let labelled = |s: &ContainerSecurity| s.selinux.values().any(|v| !v.is_empty());
    set(seccomp) || set(armor) || labelled(own) || labelled(pod) || fewer
}

/// Why it may gain privileges although that may have been forbidden (the API's reference of `allowPrivilegeEscalation`).
fn escalates(c: &Container) -> Option<String> {
    if c.security.escalation == Some(true) {
        return Some("securityContext.allowPrivilegeEscalation is true".into());
    }
    if c.security.privileged == Some(true) {
        return Some("it is privileged, which always allows it".into());
    }
    has(&c.security.capabilities.add, "SYS_ADMIN").then(|| "it has SYS_ADMIN, which always allows it".into())
}

fn as_root(unit: &Unit<'_>, c: &Container) -> Option<String> {
    let pod = &unit.spec.security;
    let user = c.security.user.or(pod.user);
    let non_root = c.security.non_root.or(pod.non_root) == Some(true);
    match user {
        Some(0) => Some("securityContext.runAsUser is 0".into()),
        Some(_) => None,
        None if non_root => None,
        None => Some("securityContext.runAsNonRoot is not true, and no runAsUser is set".into()),
    }
}

pub(super) fn find(_: &Snapshot, units: &[Unit<'_>], out: &mut Vec<Finding>) {
    for u in units {
        let pod = &u.spec.security;
        out.extend(u.each(&PRIVILEGED, "runs privileged", u.spec.all(), |c| {
            (c.security.privileged == Some(true)).then(|| "securityContext.privileged is true".into())
        }));
        out.extend(u.each(&ESCALATES, "may gain privileges", u.spec.all(), escalates));
        let silent = |c: &Container| c.security.escalation.is_none() && escalates(c).is_none();
        let unset = u.each(&ESCALATION_UNSET, "does not forbid privilege escalation", u.spec.all(), |c| {
            silent(c).then(|| "securityContext.allowPrivilegeEscalation is not set".into())
        });
        out.extend(unset.map(|f| f.fix(fixes::no_escalation(u, silent))));
        out.extend(u.each(&DEFAULT_CAPABILITIES, "keeps capabilities that runtimes give by default", u.spec.all(), |c| {
            // What is given back on purpose is allowed for NET_BIND_SERVICE only.
            let sets = &c.security.capabilities;
            let binds = has(&sets.drop, "ALL") && !has(&sets.add, "ALL");
            let left = |name: &&str| !drops(c, name) && (*name != "NET_BIND_SERVICE" || !binds);
            let kept: Vec<&str> = DEFAULTS.iter().copied().filter(left).collect();
            (!kept.is_empty()).then(|| format!("securityContext.capabilities.drop leaves {}", kept.join(", ")))
        }));
        let added = |c: &Container, wanted: &dyn Fn(&str) -> bool| {
            let names: Vec<String> = c.security.capabilities.add.iter().map(|n| capability(n)).filter(|n| wanted(n)).collect();
            (!names.is_empty()).then(|| format!("securityContext.capabilities.add has {}", names.join(", ")))
        };
        out.extend(u.each(&DANGEROUS, "adds dangerous capabilities", u.spec.all(), |c| added(c, &|n| WORST.contains(&n))));
        out.extend(u.each(&ADDED, "adds capabilities beyond the baseline", u.spec.all(), |c| {
            added(c, &|n| !BASELINE_CAPABILITIES.contains(&n) && !WORST.contains(&n))
        }));
        out.extend(u.each(&NET_RAW, "keeps NET_RAW", u.spec.all(), |c| {
            (!drops(c, "NET_RAW")).then(|| "securityContext.capabilities.drop has neither NET_RAW nor ALL".into())
        }));
        out.extend(u.each(&ROOT, "may run as root", u.spec.all(), |c| as_root(u, c)));
        out.extend(u.each(&ROOT_GROUP, "runs in group 0", u.spec.all(), |c| {
            (c.security.group.or(pod.group) == Some(0)).then(|| "securityContext.runAsGroup is 0".into())
        }));
        out.extend(u.each(&WRITABLE_ROOT, "has a writable root file system", u.spec.all(), |c| {
            (!c.security.read_only_root).then(|| "securityContext.readOnlyRootFilesystem is not true".into())
        }));
        out.extend(u.each(&HARDENING, "is confined by nothing", u.spec.all(), |c| {
            (!confined(u, c)).then(|| "no seccomp or AppArmor profile, no seLinuxOptions, no capability dropped".into())
        }));
        out.extend(u.each(&SECCOMP_OFF, "switches seccomp off", u.spec.all(), |c| {
            (profile(&c.security.seccomp.kind, &pod.seccomp.kind) == "Unconfined").then(|| "seccompProfile.type is Unconfined".into())
        }));
        let unset = u.each(&SECCOMP_UNSET, "sets no seccomp profile", u.spec.all(), |c| {
            profile(&c.security.seccomp.kind, &pod.seccomp.kind).is_empty().then(|| "seccompProfile.type is not set".into())
        });
        out.extend(unset.map(|f| f.fix(fixes::seccomp(u))));
        out.extend(u.each(&ARMOR_OFF, "switches AppArmor off", u.spec.all(), |c| {
            armor(u, c).eq_ignore_ascii_case("unconfined").then(|| "the AppArmor profile is unconfined".into())
        }));
        out.extend(u.each(&PROC, "unmasks /proc", u.spec.all(), |c| {
            (&*c.security.proc_mount == "Unmasked").then(|| "securityContext.procMount is Unmasked".into())
        }));
        out.extend(u.each(&HOST_PROCESS, "runs as a process of the node", u.spec.all(), |c| {
            (c.security.windows.host_process || pod.windows.host_process).then(|| "windowsOptions.hostProcess is true".into())
        }));
        out.extend(u.each(&SELINUX, "sets its own SELinux confinement", u.spec.all(), |c| {
            let of = |key: &str| c.security.selinux.get(key).or_else(|| pod.selinux.get(key)).map(|v| &**v).filter(|v| !v.is_empty());
            let foreign = of("type").is_some_and(|t| !SELINUX_TYPES.contains(&t));
            (foreign || of("user").is_some() || of("role").is_some()).then(|| "seLinuxOptions sets a user, a role or a foreign type".into())
        }));
    }
}
