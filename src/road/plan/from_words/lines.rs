//! Operations that words fill in as a line of kubectl's: which words mean which flag. A new operation is said in plain words by a row here.
//!
//! A line is never run: it is read by the operation's own parser, which has every rule about its values.

use super::{
    lexicon::Act,
    slots::{Amount, Slots},
};
use crate::ops::kustomization_of;

/// What the operation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Nothing in the cluster, or everything.
    None,
    /// A new object: its name stands on the line as it was said.
    New,
    /// Objects that are there: `kind/name`, looked for among these kinds where none was said.
    There(&'static [&'static str]),
    /// The same with the kind as a word of its own: `node n1`.
    Apart(&'static [&'static str]),
    /// Names alone: `cordon n1`.
    Bare(&'static [&'static str]),
    /// Names as they were said: releases.
    Said,
    /// A kind, without a name: `explain pods`.
    Kind,
    /// Kinds of which a flag says which objects: `pods,services -l a=b`.
    Kinds,
}

/// One operation as words fill it in.
pub struct Line {
    /// kubectl's words for it.
    pub words: &'static str,
    /// The verb that was said.
    pub act: Act,
    /// The kind it has to be of, by its plural, `""` where none was said; empty where any will do.
    pub of: &'static [&'static str],
    /// What has to have been said for it to be this one.
    pub with: &'static [&'static str],
    pub subject: Subject,
    /// What was said, and the flag it becomes; `=` behind a flag joins several values to one, `-` alone is no flag: it told which line it is.
    pub roles: &'static [(&'static str, &'static str)],
    /// What has to be said, and the question for it.
    pub needs: &'static [(&'static str, &'static str)],
}

const WORKLOADS: &[&str] = &["deployment", "statefulset", "daemonset"];
const LABELLED: &[&str] = &["deployment", "statefulset", "daemonset", "pod", "service", "node"];

const fn line(words: &'static str, act: Act, of: &'static [&'static str], subject: Subject) -> Line {
    Line { words, act, of, with: &[], subject, roles: &[], needs: &[] }
}

impl Line {
    const fn with(mut self, with: &'static [&'static str]) -> Line {
        self.with = with;
        self
    }
    const fn roles(mut self, roles: &'static [(&'static str, &'static str)]) -> Line {
        self.roles = roles;
        self
    }
    const fn needs(mut self, needs: &'static [(&'static str, &'static str)]) -> Line {
        self.needs = needs;
        self
    }
}

const IMAGE: (&str, &str) = ("image", "which image?");

/// What a pod is made with.
const POD: &[(&str, &str)] = &[
    ("image", "image"),
    ("port", "port"),
    ("env", "env"),
    ("pairs", "labels="),
    ("restart", "restart"),
    ("expose", "expose"),
    ("image-pull-policy", "image-pull-policy"),
    ("command", "--"),
    ("terminal", "stdin tty"),
];
const REGISTRY: &[(&str, &str)] = &[
    ("docker-registry", "-"),
    ("files", "from-file"),
    ("docker-username", "docker-username"),
    ("user", "docker-username"),
    ("docker-password", "docker-password"),
    ("docker-server", "docker-server"),
    ("docker-email", "docker-email"),
];
const CHART: &[(&str, &str)] = &[("chart", ""), ("helm", "-"), ("pairs", "set"), ("files", "values"), ("version", "version")];
const WHICH_CHART: (&str, &str) = ("chart", "which chart: its folder, its archive, or REPOSITORY/NAME?");
const ENV_OF_ALL: &[(&str, &str)] =
    &[("env", ""), ("pairs", ""), ("minus", ""), ("every", "all"), ("container", "containers"), ("in-containers", "-")];
const AMOUNTS: &[(&str, &str)] = &[("limits", "limits="), ("requests", "requests="), ("container", "containers")];

/// Every line, one an operation; of several that fit the one that has most of what was said.
pub const LINES: &[Line] = &[
    // Made anew.
    line("create namespace", Act::Create, &["namespaces"], Subject::New),
    // "create a pod using the data in pod.json"
    line("create", Act::Create, &[], Subject::None).with(&["manifest", "files"]).roles(&[("files", "filename")]),
    line("create deployment", Act::Create, &["deployments"], Subject::New)
        .roles(&[("image", "image"), ("replicas", "replicas"), ("port", "port"), ("command", "--")])
        .needs(&[IMAGE]),
    line("run", Act::Create, &["pods"], Subject::New).roles(POD).needs(&[IMAGE]),
    line("run", Act::Run, &[], Subject::New).roles(POD).needs(&[IMAGE]),
    line("create deployment", Act::Deploy, &["deployments", ""], Subject::New)
        .roles(&[("image", "image"), ("replicas", "replicas"), ("port", "port"), ("command", "--")])
        .needs(&[IMAGE]),
    line("run", Act::Deploy, &["pods"], Subject::New).roles(POD).needs(&[IMAGE]),
    line("create job", Act::Create, &["jobs"], Subject::New).roles(&[("image", "image"), ("kind:cronjobs", "from"), ("command", "--")]),
    line("create cronjob", Act::Create, &["cronjobs"], Subject::New)
        .roles(&[("image", "image"), ("schedule", "schedule"), ("restart", "restart"), ("command", "--")])
        .needs(&[IMAGE, ("schedule", "when shall it run, as a cron schedule or in words?")]),
    line("create job", Act::Trigger, &[], Subject::New).roles(&[("kind:cronjobs", "from"), ("service-name", "-")]),
    line("create configmap", Act::Create, &["configmaps"], Subject::New).roles(&[
        ("pairs", "from-literal"),
        ("from-literal", "from-literal"),
        ("files", "from-file"),
        ("from-env-file", "from-env-file"),
    ]),
    line("create secret generic", Act::Create, &["secrets"], Subject::New).roles(&[
        ("pairs", "from-literal"),
        ("from-literal", "from-literal"),
        ("files", "from-file"),
        ("from-env-file", "from-env-file"),
        ("type", "type"),
        ("docker-username", "from-literal"),
        ("docker-password", "from-literal"),
        ("docker-server", "from-literal"),
        ("docker-email", "from-literal"),
    ]),
    line("create secret docker-registry", Act::Create, &["secrets"], Subject::New).with(&["docker-registry"]).roles(REGISTRY),
    line("create secret docker-registry", Act::Create, &["secrets"], Subject::New)
        .with(&["docker-username", "docker-server"])
        .roles(REGISTRY),
    line("create secret tls", Act::Create, &["secrets"], Subject::New).with(&["cert"]).roles(&[("cert", "cert"), ("key", "key")]),
    line("create serviceaccount", Act::Create, &["serviceaccounts"], Subject::New),
    line("create token", Act::Create, &["serviceaccounts"], Subject::New).with(&["token"]).roles(&[
        ("token", "-"),
        ("duration", "duration"),
        ("audience", "audience"),
    ]),
    line("create role", Act::Create, &["roles"], Subject::New)
        .roles(&[("verb", "verb="), ("kinds", "resource="), ("resource", "resource="), ("resource-name", "resource-name")])
        .needs(&[("verb", "which verbs: get, list, watch, …?")]),
    line("create clusterrole", Act::Create, &["clusterroles"], Subject::New)
        .roles(&[
            ("verb", "verb="),
            ("kinds", "resource="),
            ("resource", "resource="),
            ("resource-name", "resource-name"),
            ("non-resource-url", "non-resource-url"),
        ])
        .needs(&[("verb", "which verbs: get, list, watch, …?")]),
    line("create rolebinding", Act::Create, &["rolebindings"], Subject::New).roles(&[
        ("kind:roles", "role"),
        ("kind:clusterroles", "clusterrole"),
        ("user", "user"),
        ("group", "group"),
        ("kind:serviceaccounts", "serviceaccount"),
    ]),
    line("create clusterrolebinding", Act::Create, &["clusterrolebindings"], Subject::New).roles(&[
        ("kind:clusterroles", "clusterrole"),
        ("user", "user"),
        ("group", "group"),
        ("kind:serviceaccounts", "serviceaccount"),
    ]),
    line("create quota", Act::Create, &["resourcequotas"], Subject::New)
        .roles(&[("pairs", "hard="), ("hard", "hard="), ("scopes", "scopes=")])
        .needs(&[("hard", "which limits, for example cpu=4,memory=8Gi,pods=20?")]),
    line("create poddisruptionbudget", Act::Create, &["poddisruptionbudgets"], Subject::New)
        .roles(&[
            ("min-available", "min-available"),
            ("max-unavailable", "max-unavailable"),
            ("pairs", "selector="),
            ("selector", "selector="),
        ])
        .needs(&[("selector", "for which pods, as a label: app=web?")]),
    line("create priorityclass", Act::Create, &["priorityclasses"], Subject::New).roles(&[
        ("value", "value"),
        ("description", "description"),
        ("global-default", "global-default"),
        ("preemption-policy", "preemption-policy"),
    ]),
    line("create service clusterip", Act::Create, &["services"], Subject::New).roles(&[
        ("tcp", "tcp"),
        ("clusterip", "clusterip"),
        ("type", "-"),
        ("port", "-"),
        ("target-port", "-"),
    ]),
    line("create service nodeport", Act::Create, &["services"], Subject::New).with(&["type:NodePort"]).roles(&[
        ("tcp", "tcp"),
        ("port", "-"),
        ("target-port", "-"),
        ("node-port", "node-port"),
        ("type", "-"),
    ]),
    line("create service loadbalancer", Act::Create, &["services"], Subject::New).with(&["type:LoadBalancer"]).roles(&[
        ("tcp", "tcp"),
        ("port", "-"),
        ("target-port", "-"),
        ("type", "-"),
    ]),
    line("create service externalname", Act::Create, &["services"], Subject::New)
        .with(&["external-name"])
        .roles(&[("external-name", "external-name"), ("type", "-")]),
    // "a LoadBalancer service for frontend": of pods that are there.
    line("expose", Act::Create, &["services"], Subject::There(&["deployment", "pod", "replicaset"])).with(&["for"]).roles(&[
        ("port", "port"),
        ("target-port", "target-port"),
        ("type", "type"),
        ("protocol", "protocol"),
        ("service-name", "name"),
    ]),
    line("create ingress", Act::Create, &["ingresses"], Subject::New)
        .roles(&[
            ("rule", "rule"),
            ("class", "class"),
            ("default-backend", "default-backend"),
            ("host", "-"),
            ("path", "-"),
            ("port", "-"),
            ("image", "-"),
            ("kind:services", "-"),
            ("kind:secrets", "-"),
        ])
        .needs(&[("rule", "which host and path lead to which service and port: host/path=service:port?")]),
    line("expose", Act::Expose, &[], Subject::There(&["deployment", "service", "pod", "replicaset"])).roles(&[
        ("port", "port"),
        ("target-port", "target-port"),
        ("type", "type"),
        ("protocol", "protocol"),
        ("service-name", "name"),
        ("labels", "labels="),
    ]),
    // Of a kind, those that a label, a state or `all` tells.
    line("delete", Act::Delete, &[], Subject::Kinds).with(&["chosen"]).roles(&[
        ("pairs", "selector="),
        ("states", "field-selector="),
        ("all", "all"),
        ("grace-period", "grace-period"),
        ("force", "force"),
    ]),
    line("delete", Act::Delete, &[], Subject::None)
        .with(&["files"])
        .roles(&[("files", "filename"), ("ignore-not-found", "ignore-not-found")]),
    line("scale", Act::Scale, &["deployments", "statefulsets", "replicasets"], Subject::Kinds)
        .with(&["all"])
        .roles(&[("all", "all"), ("pairs", "selector="), ("replicas", "replicas")])
        .needs(&[("replicas", "to how many replicas?")]),
    line("scale", Act::Scale, &[], Subject::There(WORKLOADS))
        .with(&["current-replicas"])
        .roles(&[("current-replicas", "current-replicas"), ("replicas", "replicas")])
        .needs(&[("replicas", "to how many replicas?")]),
    line("scale", Act::Scale, &[], Subject::None)
        .with(&["files"])
        .roles(&[("files", "filename"), ("replicas", "replicas")])
        .needs(&[("replicas", "to how many replicas?")]),
    line("rollout restart", Act::Restart, &["deployments", "statefulsets", "daemonsets"], Subject::Kinds)
        .with(&["chosen"])
        .roles(&[("pairs", "selector="), ("all", "all")]),
    line("label", Act::Label, &[], Subject::Kinds).with(&["every", "pairs"]).roles(&[
        ("pairs", ""),
        ("every", "all"),
        ("overwrite", "overwrite"),
    ]),
    line("annotate", Act::Annotate, &[], Subject::Kinds).with(&["every", "pairs"]).roles(&[
        ("pairs", ""),
        ("every", "all"),
        ("overwrite", "overwrite"),
    ]),
    line("label", Act::Label, &[], Subject::Kinds).with(&["of-label"]).roles(&[
        ("pairs", ""),
        ("minus", ""),
        ("of-label", "selector="),
        ("every", "-"),
        ("overwrite", "overwrite"),
    ]),
    line("annotate", Act::Annotate, &[], Subject::Kinds).with(&["of-label"]).roles(&[
        ("annotation", ""),
        ("pairs", ""),
        ("of-label", "selector="),
        ("overwrite", "overwrite"),
    ]),
    line("annotate", Act::Set, &[], Subject::Kinds).with(&["of-label"]).roles(&[
        ("annotation", ""),
        ("pairs", ""),
        ("of-label", "selector="),
        ("overwrite", "overwrite"),
    ]),
    line("apply", Act::Apply, &[], Subject::None).with(&["files"]).roles(&[
        ("files", "filename"),
        ("server-side", "server-side"),
        ("recursive", "recursive"),
        ("output", "-"),
    ]),
    line("apply", Act::Deploy, &[], Subject::None).with(&["files"]).roles(&[
        ("files", "filename"),
        ("server-side", "server-side"),
        ("recursive", "recursive"),
        ("output", "-"),
    ]),
    line("expose", Act::Create, &["services"], Subject::None).with(&["manifest", "files", "port"]).roles(&[
        ("files", "filename"),
        ("port", "port"),
        ("target-port", "target-port"),
    ]),
    line("set image", Act::SetImage, &[], Subject::Kinds).with(&["all", "image"]).roles(&[
        ("container-image", ""),
        ("all", "all"),
        ("image", "-"),
        ("container", "-"),
    ]),
    line("describe", Act::Describe, &[], Subject::Kinds).with(&["chosen"]).roles(&[("pairs", "selector="), ("all", "-")]),
    line("get", Act::Get, &[], Subject::None).with(&["files"]).roles(&[("files", "filename"), ("output", "output")]),
    line("describe", Act::Describe, &[], Subject::None).with(&["files"]).roles(&[("files", "filename")]),
    // What is there, changed.
    line("annotate", Act::Annotate, &[], Subject::There(LABELLED)).roles(&[
        ("pairs", ""),
        ("minus", ""),
        ("annotation", ""),
        ("overwrite", "overwrite"),
        ("ignore-not-found", "-"),
        ("value", "-"),
    ]),
    line("taint", Act::Taint, &[], Subject::Apart(&["node"])).roles(&[
        ("pairs", ""),
        ("minus", ""),
        ("taint", ""),
        ("overwrite", "overwrite"),
        ("ignore-not-found", "-"),
    ]),
    line("taint", Act::Taint, &["nodes"], Subject::Kinds).with(&["chosen", "taint"]).roles(&[
        ("pairs", "selector="),
        ("all", "all"),
        ("taint", ""),
        ("overwrite", "overwrite"),
    ]),
    line("drain", Act::Drain, &[], Subject::Bare(&["node"])).roles(&[
        ("ignore-daemonsets", "ignore-daemonsets"),
        ("delete-emptydir-data", "delete-emptydir-data"),
        ("force", "force"),
        ("grace-period", "grace-period"),
        ("timeout", "timeout"),
    ]),
    line("patch", Act::Set, &["services"], Subject::There(&["service"])).with(&["type"]).roles(&[("service-type", "patch"), ("type", "-")]),
    line("rollout pause", Act::Pause, &["deployments", ""], Subject::There(&["deployment"])),
    line("rollout resume", Act::Resume, &["deployments", ""], Subject::There(&["deployment"])),
    line("patch", Act::Pause, &["cronjobs", "jobs"], Subject::There(&["cronjob", "job"]))
        .roles(&[("={\"spec\":{\"suspend\":true}}", "patch")]),
    line("patch", Act::Resume, &["cronjobs", "jobs"], Subject::There(&["cronjob", "job"]))
        .roles(&[("={\"spec\":{\"suspend\":false}}", "patch")]),
    line("autoscale", Act::Autoscale, &[], Subject::There(&["deployment", "statefulset", "replicaset"]))
        .roles(&[("min", "min"), ("max", "max"), ("cpu-percent", "cpu"), ("memory-target", "memory")])
        .needs(&[("max", "at most how many replicas?")]),
    line("autoscale", Act::Create, &["horizontalpodautoscalers"], Subject::There(&["deployment", "statefulset", "replicaset"]))
        .with(&["for"])
        .roles(&[("min", "min"), ("max", "max"), ("cpu-percent", "cpu"), ("memory-target", "memory")])
        .needs(&[("max", "at most how many replicas?")]),
    line("set env", Act::Set, &[], Subject::There(WORKLOADS)).with(&["env"]).roles(&[
        ("env", ""),
        ("pairs", ""),
        ("minus", ""),
        ("container", "containers"),
        ("from", "from"),
    ]),
    line("set env", Act::Set, &[], Subject::Kinds).with(&["every", "env"]).roles(ENV_OF_ALL),
    // "update all containers in all deployments to have ENV=prod"
    line("set env", Act::Set, &[], Subject::Kinds).with(&["every", "pairs", "in-containers"]).roles(ENV_OF_ALL),
    line("set resources", Act::Set, &[], Subject::There(WORKLOADS)).with(&["limits"]).roles(AMOUNTS),
    line("set resources", Act::Set, &[], Subject::There(WORKLOADS)).with(&["requests"]).roles(AMOUNTS),
    line("set serviceaccount", Act::Set, &[], Subject::There(WORKLOADS))
        .with(&["kind:serviceaccounts"])
        .roles(&[("kind:serviceaccounts", "")]),
    line("set subject", Act::Set, &["rolebindings", "clusterrolebindings"], Subject::There(&["rolebinding", "clusterrolebinding"]))
        .roles(&[("user", "user"), ("group", "group"), ("kind:serviceaccounts", "serviceaccount")]),
    line("set selector", Act::Set, &["services"], Subject::There(&["service"]))
        .with(&["selector"])
        .roles(&[("selector", ""), ("pairs", "")]),
    line("annotate", Act::Set, &[], Subject::There(LABELLED)).with(&["annotation"]).roles(&[
        ("annotation", ""),
        ("pairs", ""),
        ("minus", ""),
        ("value", "-"),
        ("overwrite", "overwrite"),
    ]),
    line("certificate approve", Act::Approve, &[], Subject::Bare(&["csr"])),
    line("certificate deny", Act::Deny, &[], Subject::Bare(&["csr"])),
    line("replace", Act::Replace, &[], Subject::None).with(&["manifest", "files"]).roles(&[("files", "filename"), ("force", "force")]),
    line("replace", Act::Replace, &[], Subject::None)
        .roles(&[("files", "filename"), ("force", "force")])
        .needs(&[("files", "with which file?")]),
    // Inside of pods.
    line("exec", Act::Exec, &[], Subject::There(&["pod", "deployment", "statefulset", "daemonset", "job", "service"]))
        .roles(&[("container", "container"), ("command", "--"), ("terminal", "stdin tty")])
        .needs(&[("command", "which command?")]),
    line("exec --stdin --tty", Act::Shell, &[], Subject::There(&["pod", "deployment", "statefulset", "daemonset", "job"])).roles(&[
        ("container", "container"),
        ("shell", "--"),
        ("=/bin/sh", "--"),
    ]),
    line("attach", Act::Attach, &[], Subject::There(&["pod", "deployment", "statefulset", "replicaset", "job"]))
        .roles(&[("container", "container"), ("terminal", "stdin tty")]),
    line("port-forward", Act::Forward, &[], Subject::There(&["pod", "deployment", "service"]))
        .roles(&[("ports", ""), ("port", "-"), ("local-port", "-"), ("target-port", "-")])
        .needs(&[("ports", "which port, as LOCAL:REMOTE?")]),
    line("edit", Act::Edit, &[], Subject::There(&["deployment", "statefulset", "daemonset", "service", "configmap", "ingress"]))
        .roles(&[("output", "output"), ("subresource", "subresource")]),
    line("diff", Act::Diff, &[], Subject::None).roles(&[("files", "filename")]).needs(&[("files", "of which file?")]),
    line("cp", Act::Copy, &[], Subject::None)
        .roles(&[("from-to", ""), ("container", "container"), ("kind:pods", "-"), ("names", "-"), ("files", "-"), ("image", "-")])
        .needs(&[("from-to", "from where to where, as in \"copy /var/log from pod web-1 to ./logs\"?")]),
    line("debug", Act::Debug, &["nodes"], Subject::There(&["node"])).with(&["image"]).roles(&[
        ("image", "image"),
        ("container", "-"),
        ("command", "--"),
        ("terminal", "stdin tty"),
    ]),
    line("debug", Act::Debug, &[], Subject::There(&["pod"]))
        .roles(&[("image", "image"), ("container", "target"), ("command", "--"), ("terminal", "stdin tty")])
        .needs(&[("image", "with which image, for example busybox?")]),
    // Releases.
    line("helm list", Act::Line("helm list"), &[], Subject::None),
    line("helm status", Act::Line("helm status"), &[], Subject::Said),
    line("helm history", Act::Line("helm history"), &[], Subject::Said),
    line("helm get values", Act::Line("helm get values"), &[], Subject::Said),
    line("helm get manifest", Act::Line("helm get manifest"), &[], Subject::Said),
    line("helm get hooks", Act::Line("helm get hooks"), &[], Subject::Said),
    line("helm get notes", Act::Line("helm get notes"), &[], Subject::Said),
    line("helm diff revision", Act::Diff, &[], Subject::Said).with(&["helm"]).roles(&[("revisions", ""), ("helm", "-")]),
    line("helm lint", Act::Line("helm lint"), &[], Subject::None).roles(&[("chart", ""), ("files", "-")]).needs(&[WHICH_CHART]),
    line("helm template", Act::Line("helm template"), &[], Subject::Said).roles(CHART).needs(&[WHICH_CHART]),
    line("helm rollback", Act::RollBack, &[], Subject::Said).with(&["helm"]).roles(&[("revision", ""), ("helm", "-"), ("previous", "-")]),
    line("helm install", Act::Deploy, &[], Subject::Said).with(&["helm"]).roles(CHART).needs(&[WHICH_CHART]),
    line("helm upgrade", Act::Set, &[], Subject::Said).with(&["helm"]).roles(CHART).needs(&[WHICH_CHART]),
    line("helm uninstall", Act::Delete, &[], Subject::Said).with(&["helm"]).roles(&[("helm", "-")]),
    // Looked at.
    line("auth can-i", Act::CanI, &[], Subject::None).roles(&[("verb", ""), ("kinds", ""), ("names", "")]),
    line("auth can-i --list", Act::Line("auth can-i --list"), &[], Subject::None),
    line("auth whoami", Act::Line("auth whoami"), &[], Subject::None).roles(&[("output", "output")]),
    line("api-resources", Act::Line("api-resources"), &[], Subject::None).roles(&[
        ("output", "output"),
        ("namespaced", "namespaced"),
        ("sort-by", "sort-by"),
        ("api-group", "api-group"),
        ("verb", "verbs="),
    ]),
    line("get all", Act::Line("get all"), &[], Subject::None).roles(&[("pairs", "selector="), ("output", "output")]),
    line("kustomize", Act::Line("kustomize"), &[], Subject::None).roles(&[("folder", "")]).needs(&[("folder", "in which folder?")]),
    line("api-versions", Act::Line("api-versions"), &[], Subject::None),
    line("version", Act::Line("version"), &[], Subject::None).roles(&[("client", "client"), ("output", "output")]),
    line("cluster-info", Act::Line("cluster-info"), &[], Subject::None),
    line("config view", Act::Line("config view"), &[], Subject::None).roles(&[("raw", "raw"), ("output", "output"), ("minify", "minify")]),
    line("config get-clusters", Act::Line("config get-clusters"), &[], Subject::None),
    line("config get-users", Act::Line("config get-users"), &[], Subject::None),
    line("config current-context", Act::Line("config current-context"), &[], Subject::None),
    line("config get-contexts", Act::Line("config get-contexts"), &[], Subject::None),
    // "the documentation of pod manifests": of what a pod is, in whatever form.
    line("explain", Act::Explain, &[], Subject::Kind).roles(&[("field", "-"), ("recursive", "recursive"), ("output", "-")]),
    line("wait", Act::Wait, &[], Subject::Kinds)
        .with(&["chosen", "pairs"])
        .roles(&[("pairs", "selector="), ("for", "for"), ("timeout", "timeout"), ("since", "timeout"), ("max", "timeout")])
        .needs(&[("for", "for which condition: ready, available, deleted?")]),
    line("wait", Act::Wait, &[], Subject::Kinds)
        .with(&["all"])
        .roles(&[("all", "all"), ("for", "for"), ("timeout", "timeout"), ("since", "timeout"), ("max", "timeout")])
        .needs(&[("for", "for which condition: ready, available, deleted?")]),
    line("wait", Act::Wait, &[], Subject::There(&["deployment", "statefulset", "pod", "job"]))
        .roles(&[("for", "for"), ("timeout", "timeout"), ("since", "timeout"), ("max", "timeout")])
        .needs(&[("for", "for which condition: ready, available, deleted?")]),
];

/// Whether something was said for a role, in whatever form it came.
pub fn says(s: &Slots, role: &str) -> bool {
    if let Some(kind) = role.strip_prefix("kind:") {
        return s.objects.iter().any(|o| !o.names.is_empty() && o.kinds.iter().any(|k| k.info().plural == kind));
    }
    if let Some((role, value)) = role.split_once(':') {
        return s.values(role).iter().any(|v| v.eq_ignore_ascii_case(value));
    }
    match role {
        "image" => s.image.is_some() || s.says(role),
        "replicas" => matches!(s.amount, Some(Amount::To(_))),
        "pairs" => !s.pairs.is_empty() || s.alter.is_some() && s.label_key.is_some() && s.label_value.is_some(),
        "minus" => !s.minus.is_empty(),
        "files" => !s.files.is_empty(),
        "folder" => matches!(s.files.as_slice(), [file] if kustomization_of(file).is_some()),
        "output" => s.output.is_some(),
        "container" => s.container.is_some(),
        "since" => s.since.is_some(),
        "overwrite" => s.overwrite,
        "value" => s.label_value.is_some() || s.says(role),
        "helm" => s.says("helm") || s.says("chart"),
        "sort-by" => s.sorted_by_name || s.says(role),
        "from-to" => s.files.len() == 2 && (!s.objects.is_empty() || s.files.iter().any(|file| file.contains(":/"))),
        "tcp" => s.says("port"),
        "revisions" => s.values("revisions").len() == 2,
        "chart" => !s.values("chart").is_empty() || !s.files.is_empty(),
        "max" => s.says("max") || s.values("min").len() > 1,
        "rule" => ["rule", "host", "path"].into_iter().any(|role| s.says(role)),
        "ports" => ["port", "local-port", "target-port"].into_iter().any(|role| !s.values(role).is_empty()),
        "hard" | "selector" => !s.pairs.is_empty() || s.says(role),
        "for" if s.acts.contains(&Act::Wait) => s.says("for"),
        "for" => s.objects.first().is_some_and(|o| o.names.is_empty()) && s.objects.iter().skip(1).any(|o| !o.names.is_empty()),
        "revision" => s.revision.is_some(),
        "previous" => s.previous,
        "all" | "every" => s.all && nameless(s),
        "states" => !s.states.is_empty(),
        "chosen" => nameless(s) && (s.all || !s.pairs.is_empty() || !s.states.is_empty()),
        "manifest" => {
            let holds = |k: &crate::ops::Kind| k.is("configmaps", "") || k.is("secrets", "");
            let yaml = |file: &String| kustomization_of(file).is_some() || [".yaml", ".yml", ".json"].iter().any(|end| file.ends_with(end));
            nameless(s) && s.files.iter().all(yaml) && !s.objects.iter().flat_map(|o| &o.kinds).any(holds)
        }
        "in-containers" => s.all_containers,
        "container-image" => s.image.is_some(),
        "kinds" => s.objects.iter().skip(1).any(|o| !o.kinds.is_empty()),
        other => s.says(other),
    }
}

/// Whether kinds were said and no object of them.
fn nameless(s: &Slots) -> bool {
    !s.objects.is_empty() && s.objects.iter().all(|o| o.names.is_empty() && !o.kinds.is_empty() && !o.this)
}

/// The line that a verb and what was said with it come to: among those that fit, the one with most of it; `None` where the verb has none.
pub fn chosen(s: &Slots, act: Act) -> Option<&'static Line> {
    let kinds: Vec<&str> = s.objects.first().map(|o| o.kinds.iter().map(|k| k.info().plural).collect()).unwrap_or_default();
    let fits = |line: &&Line| {
        line.act == act
            && (line.of.is_empty() || kinds.iter().any(|kind| line.of.contains(kind)) || kinds.is_empty() && line.of.contains(&""))
            && line.with.iter().all(|role| says(s, role))
    };
    LINES.iter().filter(fits).max_by_key(|line| (line.with.len(), line.roles.iter().filter(|(role, _)| says(s, role)).count()))
}
