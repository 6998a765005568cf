//! What a container for looking around may do.
//!
//! Source: `kubectl/pkg/cmd/debug/profiles.go`.

use super::{Debug, Kept};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What a container for looking around may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// trace processes; on a node, the node's namespaces and its files at /host
    #[default]
    General,
    /// what the baseline Pod Security level admits
    Baseline,
    /// what the restricted Pod Security level admits
    Restricted,
    /// network administration; on a node, in its namespaces
    Netadmin,
    /// everything: privileged; on a node, its namespaces and its files at /host
    Sysadmin,
    /// as kubectl had it up to 1.35
    Legacy,
}

/// Where it is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Inside,
    Copy,
    Node,
}

impl Profile {
    const WORDS: [(Profile, &'static str); 6] = [
        (Profile::General, "general"),
        (Profile::Baseline, "baseline"),
        (Profile::Restricted, "restricted"),
        (Profile::Netadmin, "netadmin"),
        (Profile::Sysadmin, "sysadmin"),
        (Profile::Legacy, "legacy"),
    ];

    /// As it stands on a line.
    pub(super) fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(profile, _)| *profile == self).map_or("general", |(_, word)| word)
    }

    /// Whether it is the one that is meant where none is said.
    pub(super) fn is_general(&self) -> bool {
        *self == Profile::General
    }

    /// Gives a pod, and the container of that name in it, what the profile gives.
    pub(super) fn apply(self, pod: &mut Value, name: &str, style: Style, debug: &Debug) {
        match self {
            Profile::General | Profile::Legacy => {}
            Profile::Baseline | Profile::Restricted => clear(pod, name),
            Profile::Netadmin => add(pod, name, &["NET_ADMIN", "NET_RAW"]),
            Profile::Sysadmin => set(pod, name, "privileged", json!(true)),
        }
        if self == Profile::Restricted {
            set(pod, name, "runAsNonRoot", json!(true));
            set(pod, name, "capabilities", json!({"drop": ["ALL"]}));
            set(pod, name, "allowPrivilegeEscalation", json!(false));
            set(pod, name, "seccompProfile", json!({"type": "RuntimeDefault"}));
        }
        match (self, style) {
            (Profile::General, Style::Inside) => add(pod, name, &["SYS_PTRACE"]),
            (_, Style::Inside) | (Profile::Baseline | Profile::Restricted, Style::Node) => {}
            (Profile::Legacy, Style::Copy) => drop_field(&mut pod["metadata"], "labels"),
            (_, Style::Copy) => {
                forget(pod, debug);
                if self == Profile::General {
                    add(pod, name, &["SYS_PTRACE"]);
                }
                if pod["spec"].get("shareProcessNamespace").is_none_or(Value::is_null) {
                    pod["spec"]["shareProcessNamespace"] = json!(true);
                }
            }
            (Profile::Netadmin, Style::Node) => on_host(pod),
            (Profile::General | Profile::Sysadmin | Profile::Legacy, Style::Node) => {
                if self == Profile::General {
                    clear(pod, name);
                }
                on_host(pod);
                pod["spec"]["volumes"] = json!([{"name": "host-root", "hostPath": {"path": "/"}}]);
                if let Some(container) = container(pod, name) {
                    container["volumeMounts"] = json!([{"mountPath": "/host", "name": "host-root"}]);
                }
            }
        }
    }
}

impl std::str::FromStr for Profile {
    type Err = &'static str;
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let found = Self::WORDS.iter().find(|(_, known)| *known == word);
        found.map(|(profile, _)| *profile).ok_or("general, baseline, restricted, netadmin, sysadmin or legacy was expected")
    }
}

/// The container of that name, in whichever list it stands.
pub(super) fn container<'a>(pod: &'a mut Value, name: &str) -> Option<&'a mut Value> {
    let lists = ["containers", "initContainers", "ephemeralContainers"];
    let is = |c: &Value| c["name"] == name;
    let list = lists.into_iter().find(|list| pod["spec"][*list].as_array().is_some_and(|all| all.iter().any(is)))?;
    pod["spec"][list].as_array_mut()?.iter_mut().find(|c| c["name"] == name)
}

fn set(pod: &mut Value, name: &str, field: &str, value: Value) {
    if let Some(container) = container(pod, name) {
        container["securityContext"][field] = value;
    }
}

fn clear(pod: &mut Value, name: &str) {
    if let Some(container) = container(pod, name) {
        drop_field(container, "securityContext");
    }
}

fn add(pod: &mut Value, name: &str, capabilities: &[&str]) {
    let Some(container) = container(pod, name) else { return };
    let added = &mut container["securityContext"]["capabilities"]["add"];
    let mut all = added.as_array().cloned().unwrap_or_default();
    all.extend(capabilities.iter().map(|capability| json!(capability)));
    *added = Value::Array(all);
}

fn on_host(pod: &mut Value) {
    for field in ["hostNetwork", "hostPID", "hostIPC"] {
        pod["spec"][field] = json!(true);
    }
}

fn drop_field(of: &mut Value, field: &str) {
    if let Some(map) = of.as_object_mut() {
        map.remove(field);
    }
}

/// Takes from a copy what it is not to keep.
fn forget(pod: &mut Value, debug: &Debug) {
    for (kept, field) in [(Kept::Labels, "labels"), (Kept::Annotations, "annotations")] {
        if !debug.keep.contains(&kept) {
            drop_field(&mut pod["metadata"], field);
        }
    }
    for container in pod["spec"]["containers"].as_array_mut().into_iter().flatten() {
        for (kept, field) in [(Kept::Liveness, "livenessProbe"), (Kept::Readiness, "readinessProbe"), (Kept::Startup, "startupProbe")] {
            if !debug.keep.contains(&kept) {
                drop_field(container, field);
            }
        }
    }
    if debug.drop_init_containers {
        drop_field(&mut pod["spec"], "initContainers");
    }
}
