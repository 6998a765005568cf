//! Pods: what they ask for, and what became of each container.

use super::{
    endpoint::Endpoints as Hosts,
    lenient::{Lenient, Present, When, lenient},
    meta::{Condition, Map, Meta, Named, Requirement, Selector},
};

lenient! {
    /// A pod.
    pub struct Pod {
        meta: Meta = "metadata",
        spec: PodSpec = "spec",
        status: PodStatus = "status",
    }
    /// What stands in a pod, and in a workload's template.
    pub struct PodSpec {
        node: Box<str> = "nodeName",
        containers: Vec<Container> = "containers",
        init: Vec<Container> = "initContainers",
        ephemeral: Vec<Container> = "ephemeralContainers",
        volumes: Vec<Volume> = "volumes",
        restart: Box<str> = "restartPolicy",
        account: Box<str> = "serviceAccountName",
        node_selector: Map = "nodeSelector",
        affinity: Affinity = "affinity",
        tolerations: Vec<Toleration> = "tolerations",
        spread: Vec<Spread> = "topologySpreadConstraints",
        priority_class: Box<str> = "priorityClassName",
        runtime_class: Box<str> = "runtimeClassName",
        scheduler: Box<str> = "schedulerName",
        gates: Vec<Named> = "schedulingGates",
        readiness_gates: Vec<Gate> = "readinessGates",
        pull_secrets: Vec<Named> = "imagePullSecrets",
        host_network: bool = "hostNetwork",
        grace: Option<i64> = "terminationGracePeriodSeconds",
        claims: Vec<DeviceClaim> = "resourceClaims",
        overhead: Map = "overhead",
        host_pid: bool = "hostPID",
        host_ipc: bool = "hostIPC",
        token: Option<bool> = "automountServiceAccountToken",
        old_account: Box<str> = "serviceAccount",
        security: ContainerSecurity = "securityContext",
        dns: DnsConfig = "dnsConfig",
    }
    /// How names are looked up.
    pub struct DnsConfig { options: Vec<Named> = "options", }
    /// A readiness gate.
    pub struct Gate { kind: Box<str> = "conditionType", }
    /// A ResourceClaim that a pod wants.
    pub struct DeviceClaim {
        name: Box<str> = "name",
        claim: Box<str> = "resourceClaimName",
        template: Box<str> = "resourceClaimTemplateName",
    }
    /// Where it may stand.
    pub struct Affinity {
        node: NodeAffinity = "nodeAffinity",
        near: PodAffinity = "podAffinity",
        apart: PodAffinity = "podAntiAffinity",
    }
    /// Which nodes.
    pub struct NodeAffinity {
        required: NodeSelector = "requiredDuringSchedulingIgnoredDuringExecution",
        preferred: Vec<Present> = "preferredDuringSchedulingIgnoredDuringExecution",
    }
    /// Terms of which one has to hold.
    pub struct NodeSelector { terms: Vec<NodeTerm> = "nodeSelectorTerms", }
    /// Requirements that have to hold together.
    pub struct NodeTerm {
        expressions: Vec<Requirement> = "matchExpressions",
        fields: Vec<Requirement> = "matchFields",
    }
    /// Beside which pods.
    pub struct PodAffinity {
        required: Vec<PodTerm> = "requiredDuringSchedulingIgnoredDuringExecution",
        preferred: Vec<Present> = "preferredDuringSchedulingIgnoredDuringExecution",
    }
    /// One such term.
    pub struct PodTerm {
        selector: Selector = "labelSelector",
        key: Box<str> = "topologyKey",
    }
    /// What it tolerates.
    pub struct Toleration {
        key: Box<str> = "key",
        operator: Box<str> = "operator",
        value: Box<str> = "value",
        effect: Box<str> = "effect",
    }
    /// How it is to be spread.
    pub struct Spread {
        key: Box<str> = "topologyKey",
        skew: i64 = "maxSkew",
        when: Box<str> = "whenUnsatisfiable",
    }
    /// A container as it is asked for.
    pub struct Container {
        name: Box<str> = "name",
        image: Box<str> = "image",
        pull: Box<str> = "imagePullPolicy",
        command: Vec<Box<str>> = "command",
        args: Vec<Box<str>> = "args",
        env: Vec<Variable> = "env",
        env_from: Vec<EnvFrom> = "envFrom",
        ports: Vec<ContainerPort> = "ports",
        resources: Resources = "resources",
        liveness: Option<Probe> = "livenessProbe",
        readiness: Option<Probe> = "readinessProbe",
        startup: Option<Probe> = "startupProbe",
        mounts: Vec<Mount> = "volumeMounts",
        restart: Box<str> = "restartPolicy",
        security: ContainerSecurity = "securityContext",
    }
    /// A container's security context, or its pod's: what of them rules read.
    pub struct ContainerSecurity {
        read_only_root: bool = "readOnlyRootFilesystem",
        privileged: Option<bool> = "privileged",
        escalation: Option<bool> = "allowPrivilegeEscalation",
        capabilities: Capabilities = "capabilities",
        non_root: Option<bool> = "runAsNonRoot",
        user: Option<i64> = "runAsUser",
        group: Option<i64> = "runAsGroup",
        proc_mount: Box<str> = "procMount",
        seccomp: Profile = "seccompProfile",
        app_armor: Profile = "appArmorProfile",
        selinux: Map = "seLinuxOptions",
        windows: WindowsOptions = "windowsOptions",
        sysctls: Vec<Named> = "sysctls",
    }
    /// Which capabilities it is given and loses.
    pub struct Capabilities {
        add: Vec<Box<str>> = "add",
        drop: Vec<Box<str>> = "drop",
    }
    /// A seccomp or AppArmor profile.
    pub struct Profile { kind: Box<str> = "type", }
    /// What concerns Windows.
    pub struct WindowsOptions { host_process: bool = "hostProcess", }
    /// One variable. Its value may be a secret: only the hosts named in it are kept.
    pub struct Variable {
        name: Box<str> = "name",
        value: Value = "value",
        from: VariableFrom = "valueFrom",
    }
    /// Where it is taken from.
    pub struct VariableFrom {
        secret: Option<KeyRef> = "secretKeyRef",
        config_map: Option<KeyRef> = "configMapKeyRef",
    }
    /// One key of a ConfigMap or Secret.
    pub struct KeyRef {
        name: Box<str> = "name",
        key: Box<str> = "key",
        optional: bool = "optional",
    }
    /// All keys of one.
    pub struct EnvFrom {
        prefix: Box<str> = "prefix",
        secret: Option<KeyRef> = "secretRef",
        config_map: Option<KeyRef> = "configMapRef",
    }
    /// A declared port.
    pub struct ContainerPort {
        name: Box<str> = "name",
        number: i64 = "containerPort",
        host: i64 = "hostPort",
        protocol: Box<str> = "protocol",
    }
    /// Requests and limits, as written.
    pub struct Resources {
        requests: Map = "requests",
        limits: Map = "limits",
    }
    /// A probe.
    pub struct Probe {
        http: Option<ProbeTarget> = "httpGet",
        tcp: Option<ProbeTarget> = "tcpSocket",
        grpc: Option<ProbeTarget> = "grpc",
        exec: Present = "exec",
        delay: i64 = "initialDelaySeconds",
        period: Option<i64> = "periodSeconds",
        timeout: Option<i64> = "timeoutSeconds",
        failures: Option<i64> = "failureThreshold",
    }
    /// What it asks.
    pub struct ProbeTarget {
        path: Box<str> = "path",
        port: Box<str> = "port",
        scheme: Box<str> = "scheme",
    }
    /// A mounted volume.
    pub struct Mount {
        name: Box<str> = "name",
        path: Box<str> = "mountPath",
        sub: Box<str> = "subPath",
        read_only: bool = "readOnly",
    }
    /// A volume.
    pub struct Volume {
        name: Box<str> = "name",
        claim: Option<ClaimRef> = "persistentVolumeClaim",
        secret: Option<VolumeSource> = "secret",
        config_map: Option<VolumeSource> = "configMap",
        projected: Option<Projected> = "projected",
        ephemeral: Present = "ephemeral",
        host: Option<HostPath> = "hostPath",
        nfs: Present = "nfs",
        iscsi: Present = "iscsi",
        rbd: Present = "rbd",
        ceph: Present = "cephfs",
        csi: Csi = "csi",
        flex: Flex = "flexVolume",
        azure: Option<VolumeSource> = "azureFile",
    }
    /// A volume of a driver.
    pub struct Csi { publish: Named = "nodePublishSecretRef", }
    /// A volume of an old driver.
    pub struct Flex { secret: Named = "secretRef", }
    /// What the metrics say of a pod (`metrics.k8s.io`).
    pub struct Measured {
        meta: Meta = "metadata",
        at: When = "timestamp",
        containers: Vec<MeasuredContainer> = "containers",
    }
    /// Of one of its containers.
    pub struct MeasuredContainer {
        name: Box<str> = "name",
        usage: Map = "usage",
    }
    /// A path of the node.
    pub struct HostPath { path: Box<str> = "path", }
    /// A claim by name.
    pub struct ClaimRef { name: Box<str> = "claimName", }
    /// A Secret or ConfigMap as files.
    pub struct VolumeSource {
        secret: Box<str> = "secretName",
        name: Box<str> = "name",
        optional: bool = "optional",
        items: Vec<KeyRef> = "items",
    }
    /// Several of them in one.
    pub struct Projected { sources: Vec<ProjectedSource> = "sources", }
    /// One of those.
    pub struct ProjectedSource {
        secret: Option<VolumeSource> = "secret",
        config_map: Option<VolumeSource> = "configMap",
        token: Present = "serviceAccountToken",
    }
    /// What became of it.
    pub struct PodStatus {
        phase: Box<str> = "phase",
        reason: Box<str> = "reason",
        message: Box<str> = "message",
        started: When = "startTime",
        ip: Box<str> = "podIP",
        conditions: Vec<Condition> = "conditions",
        containers: Vec<ContainerStatus> = "containerStatuses",
        init: Vec<ContainerStatus> = "initContainerStatuses",
        ephemeral: Vec<ContainerStatus> = "ephemeralContainerStatuses",
    }
    /// What became of one container.
    pub struct ContainerStatus {
        name: Box<str> = "name",
        image: Box<str> = "image",
        ready: bool = "ready",
        started: Option<bool> = "started",
        restarts: i64 = "restartCount",
        state: State = "state",
        last: State = "lastState",
    }
    /// Where it stands: one of the three.
    pub struct State {
        waiting: Option<Waiting> = "waiting",
        running: Option<Running> = "running",
        ended: Option<Ended> = "terminated",
    }
    /// It waits.
    pub struct Waiting {
        reason: Box<str> = "reason",
        message: Box<str> = "message",
    }
    /// It runs.
    pub struct Running { since: When = "startedAt", }
    /// It ended.
    pub struct Ended {
        exit: Option<i64> = "exitCode",
        signal: Option<i64> = "signal",
        reason: Box<str> = "reason",
        message: Box<str> = "message",
        from: When = "startedAt",
        at: When = "finishedAt",
    }
}

/// A variable's value: the hosts named in it, and whether there is one at all; the value itself is not kept.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Value {
    /// The hosts.
    pub hosts: Hosts,
    /// Whether a text that is not empty stands there.
    pub set: bool,
}

impl Lenient for Value {
    fn of_text(text: &str) -> Self {
        Value { hosts: Hosts::of_text(text), set: !text.is_empty() }
    }
    fn of_int(_: i64) -> Self {
        Value { hosts: Hosts::default(), set: true }
    }
    fn of_flag(_: bool) -> Self {
        Value { hosts: Hosts::default(), set: true }
    }
}

/// A container's part in its pod; `pkg/kubelet/container` starts them in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// It has to end before the others start.
    Init,
    /// An init container that stays (`restartPolicy: Always`).
    Sidecar,
    /// One of the pod's own.
    Main,
    /// Put in by `kubectl debug`.
    Ephemeral,
}

/// One container: as asked for, and what became of it.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// As asked for; `None` in a dump that has only the status.
    pub spec: Option<&'a Container>,
    /// What became of it.
    pub status: &'a ContainerStatus,
    /// Its part.
    pub part: Part,
}

impl Pod {
    /// The containers that have a status, in the order in which they start.
    pub fn containers(&self) -> Vec<Seen<'_>> {
        let mut all = Vec::new();
        let groups = [
            (&self.status.init, &self.spec.init, Part::Init),
            (&self.status.containers, &self.spec.containers, Part::Main),
            (&self.status.ephemeral, &self.spec.ephemeral, Part::Ephemeral),
        ];
        for (statuses, specs, part) in groups {
            for status in statuses {
                let spec = specs.iter().find(|c| c.name == status.name);
                let stays = part == Part::Init && spec.is_some_and(|s| &*s.restart == "Always");
                all.push(Seen { spec, status, part: if stays { Part::Sidecar } else { part } });
            }
        }
        all
    }

    /// Whether its Ready condition holds.
    pub fn ready(&self) -> bool {
        self.condition("Ready").is_some_and(Condition::holds)
    }

    /// A condition.
    pub fn condition(&self, kind: &str) -> Option<&Condition> {
        super::meta::condition(&self.status.conditions, kind)
    }

    /// Whether it has ended, well or not.
    pub fn over(&self) -> bool {
        ["Succeeded", "Failed"].contains(&&*self.status.phase)
    }
}

impl PodSpec {
    /// Every container, init ones first.
    pub fn all(&self) -> impl Iterator<Item = &Container> {
        self.init.iter().chain(&self.containers)
    }
    /// The PersistentVolumeClaims it names.
    pub fn claim_names(&self) -> impl Iterator<Item = (&Volume, &str)> {
        self.volumes.iter().filter_map(|v| Some((v, &*v.claim.as_ref()?.name)))
    }
}

impl Probe {
    /// `HTTP /healthz on port 8080`.
    pub fn told(&self) -> String {
        for (target, word) in [(&self.http, "HTTP"), (&self.tcp, "TCP"), (&self.grpc, "gRPC")] {
            if let Some(t) = target {
                let path = if t.path.is_empty() { String::new() } else { format!(" {}", t.path) };
                return format!("{word}{path} on port {}", t.port);
            }
        }
        "a command".into()
    }
    /// The port it asks, as written.
    pub fn port(&self) -> Option<&str> {
        [&self.http, &self.tcp, &self.grpc].into_iter().flatten().map(|t| &*t.port).find(|p| !p.is_empty())
    }
    /// Seconds until it gives up, from the container's start; defaults of the API.
    pub fn patience(&self) -> i64 {
        self.delay.saturating_add(self.period.unwrap_or(10).saturating_mul(self.failures.unwrap_or(3)))
    }
}
