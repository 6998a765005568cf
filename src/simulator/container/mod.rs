//! What a process inside a container finds: its environment, its files, and a shell with a few programs to look at both.
//!
//! Owns: what the kubelet makes of a pod's `env`, `envFrom` and `volumeMounts`, and the programs. Does not own: whether the container runs (`kubelet`),
//! how a client reaches it (`api/exec`). Invariants: nothing in here waits or writes; no program reads anything but the container's own environment and files;
//! what the programs cannot do they refuse in words.
pub(super) mod environment;
mod files;
mod process;
mod programs;
mod shell;

pub(super) use process::{CannotStart, Process, Said};

use super::{
    cluster::Cluster,
    json::{list, text},
};
use files::Files;
use serde_json::Value;

/// One container as a process in it sees it at one moment.
#[derive(Debug)]
pub(super) struct Inside {
    /// Name and value of each variable.
    pub(super) environment: Vec<(String, String)>,
    files: Files,
    folder: String,
}

impl Inside {
    /// Looks into a container of a pod; None when the pod has no such container.
    pub(super) fn of(cluster: &Cluster, pod: &Value, name: &str) -> Option<Inside> {
        let fields = ["/spec/containers", "/spec/initContainers", "/spec/ephemeralContainers"];
        let container = fields.into_iter().flat_map(|field| list(pod, field)).find(|c| text(c, "/name") == name)?;
        let folder = text(container, "/workingDir");
        Some(Inside {
            environment: environment::whole(cluster, pod, container),
            files: Files::of(cluster, pod, container),
            folder: if folder.is_empty() { "/".to_owned() } else { folder.to_owned() },
        })
    }

    fn variable(&self, name: &str) -> Option<&str> {
        self.environment.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn hostname(&self) -> &str {
        self.variable("HOSTNAME").unwrap_or("localhost")
    }
}

/// A pod's own name for itself. Source: `GeneratePodHostNameAndDomain` in `pkg/kubelet/kubelet_pods.go`.
fn hostname(pod: &Value) -> &str {
    let given = text(pod, "/spec/hostname");
    let name = if given.is_empty() { text(pod, "/metadata/name") } else { given };
    // The kernel's limit; names of pods may be longer.
    name.get(..63).unwrap_or(name).trim_end_matches(['-', '.'])
}

/// A container's resource as a whole number of `divisor`s, rounded up. Source: `pkg/api/v1/resource/helpers.go`.
fn resource(cluster: &Cluster, pod: &Value, container: &Value, source: &Value) -> Option<String> {
    use crate::terms::quantity::Quantity;
    let read = |value: Option<&Value>| value.and_then(Value::as_str).and_then(|q| q.parse::<Quantity>().ok());
    let wanted = text(source, "/resource");
    let (sort, name) = wanted.split_once('.')?;
    let given = read(container.get("resources").and_then(|r| r.get(sort)).and_then(|r| r.get(name)));
    let node = || {
        let key = super::store::Key::new(cluster.kinds.node, "", text(pod, "/spec/nodeName"));
        read(cluster.get(&key)?.pointer(&format!("/status/allocatable/{name}")))
    };
    // What is not limited may take the whole node.
    let amount = given.or_else(|| if sort == "limits" { node() } else { None }).unwrap_or(Quantity::whole(0));
    let divisor = read(source.get("divisor")).filter(|d| !d.is_zero()).unwrap_or(Quantity::whole(1));
    let (amount, divisor) = (amount.nanos(), divisor.nanos());
    Some(((amount + divisor - 1) / divisor).to_string())
}

/// A field of the pod, whose address is `address`, as the downward API gives it. Source: `ExtractFieldPathAsString` in `pkg/fieldpath/fieldpath.go`.
fn field(cluster: &Cluster, pod: &Value, path: &str, address: &str) -> Option<String> {
    if let Some((map, key)) = path.strip_suffix("']").and_then(|p| p.split_once("['")) {
        return Some(pod.pointer(&format!("/{}", map.replace('.', "/")))?.get(key)?.as_str()?.to_owned());
    }
    match path {
        "metadata.labels" | "metadata.annotations" => {
            let map = pod.pointer(&format!("/{}", path.replace('.', "/"))).and_then(Value::as_object);
            let lines: Vec<String> = map.into_iter().flatten().map(|(k, v)| format!("{k}={v}")).collect();
            Some(lines.join("\n"))
        }
        "status.hostIP" | "status.hostIPs" => {
            let key = super::store::Key::new(cluster.kinds.node, "", text(pod, "/spec/nodeName"));
            let node = cluster.get(&key)?;
            let address = list(&node, "/status/addresses").iter().find(|a| text(a, "/type") == "InternalIP")?;
            Some(text(address, "/address").to_owned())
        }
        "status.podIP" | "status.podIPs" => Some(address.to_owned()),
        _ => Some(text(pod, &format!("/{}", path.replace('.', "/"))).to_owned()),
    }
}
