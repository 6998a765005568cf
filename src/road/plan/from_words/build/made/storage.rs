//! Claims, volumes and storage classes as manifests.

use super::super::{
    super::making::{Storage, StorageSort},
    Builder, Out,
};
use crate::ops::{LabelKey, LabelValue, Name, Op};
use serde_json::{Map, Value, json};

impl Builder<'_> {
    /// The object that was asked for.
    pub(super) fn storage(&mut self, s: &Storage) -> Out<Vec<Op>> {
        if !s.unread.is_empty() {
            return Err(self.not_understood(&s.unread));
        }
        let what = match s.sort {
            StorageSort::Claim => "a persistent volume claim",
            StorageSort::Volume => "a persistent volume",
            StorageSort::Class => "a storage class",
        };
        let lacks = |b: &Self, missing: &str, question: &str| {
            Err(b.ask(missing, format!("I understood that you want to create {what}; {question}")))
        };
        let Some(name) = &s.name else { return lacks(self, "name", "what shall it be called?") };
        let bad = |b: &Self, e: &dyn std::fmt::Display| b.ask("name", format!("I understood that you want to create {what}, and {e}."));
        let name = crate::ops::DnsName::new(name.to_lowercase()).map_err(|e| bad(self, &e))?;
        let mut metadata = json!({"name": name});
        if !s.labels.is_empty() {
            let mut labels = Map::new();
            for (key, value) in &s.labels {
                let legal = LabelKey::new(key.as_str()).and_then(|key| LabelValue::new(value.as_str()).map(|value| (key, value)));
                let (key, value) = legal.map_err(|e| bad(self, &e))?;
                labels.insert(key.to_string(), json!(value));
            }
            metadata["labels"] = Value::Object(labels);
        }
        let class = s.class.as_deref().map(Name::new).transpose().map_err(|e| bad(self, &e))?;
        let volume = s.volume.as_deref().map(Name::new).transpose().map_err(|e| bad(self, &e))?;
        let needs_size = s.sort != StorageSort::Class;
        if needs_size && s.size.is_none() {
            return lacks(self, "size", "how large shall it be, for example 5Gi?");
        }
        if needs_size && s.modes.is_empty() {
            return lacks(self, "mode", "in which access mode: ReadWriteOnce, ReadOnlyMany, ReadWriteMany or ReadWriteOncePod?");
        }
        match s.sort {
            StorageSort::Claim if s.path.is_some() || s.reclaim.is_some() => {
                lacks(self, "kind", "a path and a reclaim policy belong to a persistent volume; is one meant?")
            }
            StorageSort::Claim => {
                let mut spec = json!({"accessModes": s.modes, "resources": {"requests": {"storage": s.size}}});
                if let Some(class) = class {
                    spec["storageClassName"] = json!(class);
                }
                if let Some(volume) = volume {
                    spec["volumeName"] = json!(volume);
                }
                Ok(self.applied(vec![json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": spec})]))
            }
            StorageSort::Volume => {
                let mut spec = json!({"capacity": {"storage": s.size}, "accessModes": s.modes});
                let Some(path) = &s.path else {
                    return lacks(self, "path", "which folder of the node is it, for example host path /mnt/data?");
                };
                spec["hostPath"] = json!({"path": path});
                if let Some(class) = class {
                    spec["storageClassName"] = json!(class);
                }
                if let Some(reclaim) = s.reclaim {
                    spec["persistentVolumeReclaimPolicy"] = json!(reclaim);
                }
                Ok(Self::applied_anywhere(vec![
                    json!({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": metadata, "spec": spec}),
                ]))
            }
            StorageSort::Class => {
                let Some(provisioner) = &s.provisioner else {
                    return lacks(self, "provisioner", "by which provisioner, for example kubernetes.io/no-provisioner?");
                };
                if s.default {
                    metadata["annotations"] = json!({"storageclass.kubernetes.io/is-default-class": "true"});
                }
                let mut class =
                    json!({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": metadata, "provisioner": provisioner});
                if let Some(reclaim) = s.reclaim {
                    class["reclaimPolicy"] = json!(reclaim);
                }
                if let Some(binding) = s.binding {
                    class["volumeBindingMode"] = json!(binding);
                }
                if s.expands {
                    class["allowVolumeExpansion"] = json!(true);
                }
                Ok(Self::applied_anywhere(vec![class]))
            }
        }
    }
}
