//! Volumes and where they are mounted.

use crate::ops::{BadName, Name, Quantity, names};
use serde_json::{Value, json};

/// A volume's name: a DNS-1123 label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VolumeName(String);

impl VolumeName {
    /// # Errors
    /// [`BadName`] where it is none.
    pub fn new(text: impl Into<String>) -> Result<VolumeName, BadName> {
        let text = text.into();
        match names::is_dns_label(&text) {
            true => Ok(VolumeName(text)),
            false => Err(BadName::new(&text, "volume name", "lower-case letters, digits and '-', at most 63")),
        }
    }
    /// As it stands in an object.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a volume is filled from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The keys of a config map, as files.
    ConfigMap(Name),
    /// The keys of a secret, as files.
    Secret(Name),
    /// A claim's volume.
    Claim(Name),
    /// Nothing: it lives as long as the pod.
    Empty {
        /// Kept in memory.
        memory: bool,
        /// How large it may get.
        limit: Option<Quantity>,
    },
    /// A folder of the node.
    HostPath(String),
}

impl Source {
    fn json(&self) -> (&'static str, Value) {
        match self {
            Source::ConfigMap(name) => ("configMap", json!({"name": name})),
            Source::Secret(name) => ("secret", json!({"secretName": name})),
            Source::Claim(name) => ("persistentVolumeClaim", json!({"claimName": name})),
            Source::Empty { memory, limit } => {
                let mut empty = json!({});
                if *memory {
                    empty["medium"] = json!("Memory");
                }
                if let Some(limit) = limit {
                    empty["sizeLimit"] = json!(limit);
                }
                ("emptyDir", empty)
            }
            Source::HostPath(path) => ("hostPath", json!({"path": path})),
        }
    }
}

/// A volume and where a container sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// What the volume is called.
    pub volume: VolumeName,
    /// What it is filled from; `None`: another mount of the same pod says it.
    pub source: Option<Source>,
    /// The folder in the container.
    pub at: String,
    /// One file or folder of the volume.
    pub sub_path: Option<String>,
    /// Nothing is written there.
    pub read_only: bool,
}

impl Mount {
    /// The volume, where this mount says what it is.
    pub(super) fn volume(&self) -> Option<Value> {
        let (field, source) = self.source.as_ref()?.json();
        Some(json!({"name": self.volume.as_str(), field: source}))
    }
    pub(super) fn mount(&self) -> Value {
        let mut mount = json!({"name": self.volume.as_str(), "mountPath": self.at});
        if let Some(sub) = &self.sub_path {
            mount["subPath"] = json!(sub);
        }
        if self.read_only {
            mount["readOnly"] = json!(true);
        }
        mount
    }

    /// What stands in its way in a live pod spec: a volume of that name filled from something else, or another volume at that folder.
    pub fn clashes(&self, spec: &Value, container: &str) -> Option<String> {
        let list = |value: &Value, field: &str| value.get(field).and_then(Value::as_array).cloned().unwrap_or_default();
        let named = list(spec, "volumes").into_iter().find(|volume| volume["name"] == self.volume.as_str());
        if let (Some(there), Some((field, source))) = (&named, self.source.as_ref().map(Source::json)) {
            // The server adds what nobody said: only what is said here has to be so there.
            let same = match (there.get(field), source.as_object()) {
                (Some(live), Some(said)) => said.iter().all(|(key, value)| live.get(key) == Some(value)),
                (None, _) | (_, None) => false,
            };
            if !same {
                return Some(format!("there is a volume {} already, filled from something else", self.volume.as_str()));
            }
        }
        let container = list(spec, "containers").into_iter().find(|c| c["name"] == container)?;
        let at = list(&container, "volumeMounts").into_iter().find(|m| m["mountPath"] == self.at.as_str())?;
        (at["name"] != self.volume.as_str())
            .then(|| format!("volume {} is mounted at {} already", at["name"].as_str().unwrap_or("?"), self.at))
    }
}
