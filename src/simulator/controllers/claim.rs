//! PersistentVolumeClaim: bound to a volume of its own where the class has a provisioner here. Source: `pkg/controller/volume/persistentvolume`.
use super::events;
use crate::simulator::{
    cluster::Cluster,
    json::{list, set, text},
    store::Key,
};
use serde_json::{Value, json};

pub(super) fn look(cluster: &mut Cluster, key: &Key) {
    let Some(claim) = cluster.get(key) else { return };
    if key.kind == cluster.kinds.volume {
        if text(&claim, "/status/phase") == "Pending" && claim.pointer("/spec/claimRef").is_none() {
            let now = cluster.stamp();
            cluster.modify(key, |volume| set(volume, "/status", json!({"phase": "Available", "lastPhaseTransitionTime": now})));
        }
        return;
    }
    if text(&claim, "/status/phase") == "Bound" || claim.pointer("/metadata/deletionTimestamp").is_some() {
        return;
    }
    if claim.pointer("/spec/storageClassName").is_none() {
        let message = "no persistent volumes available for this claim and no storage class is set";
        events::record(cluster, key, &claim, events::from("persistentvolume-controller"), events::normal("FailedBinding", message));
        return;
    }
    let class = text(&claim, "/spec/storageClassName").to_owned();
    let class_key = Key::new(cluster.kinds.storage_class, "", &class);
    if cluster.store.stored(&class_key).is_none() {
        let message = format!("storageclass.storage.k8s.io {class:?} not found");
        events::record(cluster, key, &claim, events::from("persistentvolume-controller"), events::warning("ProvisioningFailed", &message));
        return;
    }
    provision(cluster, key, &claim, &class);
}

fn provision(cluster: &mut Cluster, key: &Key, claim: &Value, class: &str) {
    let uid = text(claim, "/metadata/uid");
    let name = format!("pvc-{uid}");
    let capacity = claim.pointer("/spec/resources/requests/storage").cloned().unwrap_or_else(|| "1Gi".into());
    let modes = list(claim, "/spec/accessModes").to_vec();
    let volume = json!({
        "metadata": {"name": name, "annotations": {"pv.kubernetes.io/provisioned-by": "demo.local/hostpath"}, "finalizers": ["kubernetes.io/pv-protection"]},
        "spec": {
            "capacity": {"storage": capacity}, "accessModes": modes, "storageClassName": class, "persistentVolumeReclaimPolicy": "Delete",
            "claimRef": {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": *key.namespace, "name": *key.name, "uid": uid},
            "hostPath": {"path": format!("/var/local/{name}"), "type": "DirectoryOrCreate"},
        },
    });
    if cluster.create(cluster.kinds.volume, "", volume, false).is_err() {
        return;
    }
    cluster.modify(&Key::new(cluster.kinds.volume, "", &name), |v| set(v, "/status/phase", "Bound"));
    cluster.modify(key, |c| {
        set(c, "/spec/volumeName", name.as_str());
        set(c, "/status/phase", "Bound");
        set(c, "/status/accessModes", modes);
        set(c, "/status/capacity/storage", capacity);
    });
    let message = format!("Successfully provisioned volume {name}");
    events::record(cluster, key, claim, events::from("demo.local/hostpath"), events::normal("ProvisioningSucceeded", &message));
}
