//! PersistentVolumeClaim and PersistentVolume: which belong together, and when they may go. Source: `pkg/controller/volume/persistentvolume`,
//! `pkg/controller/volume/pvcprotection`.
use super::events;
use crate::simulator::{
    admit::DeleteOptions,
    agenda::Controller,
    cluster::Cluster,
    json::{default, list, map_mut, set, text},
    store::{Key, Tree},
};
use crate::terms::{path::scalar_text, quantity::Quantity, selector::LabelSelector};
use serde_json::{Value, json};

const NODE: &str = "volume.kubernetes.io/selected-node";
const CLAIM_IN_USE: &str = "kubernetes.io/pvc-protection";
const VOLUME_IN_USE: &str = "kubernetes.io/pv-protection";
/// The only provisioner that is at work here.
const PROVISIONER: &str = "demo.local/hostpath";
/// Classes whose volumes are made by hand.
const NO_PROVISIONER: &str = "kubernetes.io/no-provisioner";

/// Seconds between two looks at what is not bound. Source: `--pvclaimbinder-sync-period`.
const PERIOD: i64 = 15;

pub(super) fn look(cluster: &mut Cluster, key: &Key) {
    let Some(object) = cluster.get(key) else { return };
    if key.kind == cluster.kinds.volume {
        volume(cluster, key, &object);
        return;
    }
    if object.pointer("/metadata/deletionTimestamp").is_some() {
        if !in_use(cluster, key) {
            cluster.finalize(key, CLAIM_IN_USE);
        }
        return;
    }
    if text(&object, "/status/phase") != "Bound" {
        find(cluster, key);
        // Looks brought about by changes do not move the next one.
        cluster.later(PERIOD - cluster.now.as_second() % PERIOD, Controller::Claim, key);
    }
}

/// The claims and volumes that may find each other now that a volume or class has changed.
pub(super) fn unbound(cluster: &Cluster) -> Vec<Key> {
    let open = |claim: &Value| text(claim, "/status/phase") != "Bound";
    let claims = cluster.store.of_kind(cluster.kinds.claim, None);
    claims.filter(|(k, s)| open(&cluster.store.tree(k, s))).map(|(k, _)| k.clone()).collect()
}

/// The claims that a pod names.
pub(super) fn of_pod(cluster: &Cluster, pod: &Value) -> Vec<Key> {
    let names = list(pod, "/spec/volumes").iter().filter_map(|v| v.pointer("/persistentVolumeClaim/claimName")?.as_str());
    names.map(|name| Key::new(cluster.kinds.claim, text(pod, "/metadata/namespace"), name)).collect()
}

fn annotate(object: &mut Value, name: &str, value: &str) {
    default(object, "/metadata/annotations", json!({}));
    map_mut(&mut object["metadata"]["annotations"]).insert(name.to_owned(), value.into());
}

fn in_use(cluster: &Cluster, key: &Key) -> bool {
    let pods = cluster.store.of_kind(cluster.kinds.pod, Some(&key.namespace));
    pods.map(|(k, s)| cluster.store.tree(k, s))
        .any(|pod| !matches!(text(&pod, "/status/phase"), "Succeeded" | "Failed") && of_pod(cluster, &pod).contains(key))
}

fn class(cluster: &Cluster, claim: &Value) -> Option<Tree> {
    cluster.get(&Key::new(cluster.kinds.storage_class, "", text(claim, "/spec/storageClassName")))
}

/// Whether a claim waits for the first pod that uses it.
pub(super) fn waits(cluster: &Cluster, claim: &Value) -> bool {
    class(cluster, claim).is_some_and(|c| text(&c, "/volumeBindingMode") == "WaitForFirstConsumer")
}

/// Whether a claim will have a volume once it has a consumer.
pub(super) fn obtainable(cluster: &Cluster, claim: &Value) -> bool {
    matching(cluster, claim).is_some() || class(cluster, claim).is_some_and(|c| text(&c, "/provisioner") != NO_PROVISIONER)
}

/// The scheduler has found a node for a pod: its waiting claims get their volumes there.
pub(super) fn choose_node(cluster: &mut Cluster, pod: &Value, node: &str) {
    for key in of_pod(cluster, pod) {
        if cluster.get(&key).is_some_and(|c| text(&c, "/status/phase") != "Bound") {
            cluster.modify(&key, |c| annotate(c, NODE, node));
            find(cluster, &key);
        }
    }
}

fn find(cluster: &mut Cluster, key: &Key) {
    let Some(claim) = cluster.get(key) else { return };
    let say = |cluster: &mut Cluster, claim: &Value, said: events::Said| {
        events::record(cluster, key, claim, events::from("persistentvolume-controller"), said);
    };
    let consumed = claim.pointer("/metadata/annotations").is_some_and(|a| a.get(NODE).is_some());
    if waits(cluster, &claim) && !consumed {
        say(cluster, &claim, events::normal("WaitForFirstConsumer", "waiting for first consumer to be created before binding"));
        return;
    }
    if let Some(volume) = matching(cluster, &claim) {
        bind(cluster, key, &volume);
        return;
    }
    let name = text(&claim, "/spec/storageClassName").to_owned();
    let Some(class) = class(cluster, &claim) else {
        if name.is_empty() {
            say(
                cluster,
                &claim,
                events::normal("FailedBinding", "no persistent volumes available for this claim and no storage class is set"),
            );
        } else {
            let message = format!("storageclass.storage.k8s.io {name:?} not found");
            say(cluster, &claim, events::warning("ProvisioningFailed", &message));
        }
        return;
    };
    let provisioner = text(&class, "/provisioner");
    if provisioner == NO_PROVISIONER {
        return;
    }
    cluster.modify(key, |c| {
        annotate(c, "volume.beta.kubernetes.io/storage-provisioner", provisioner);
        annotate(c, "volume.kubernetes.io/storage-provisioner", provisioner);
    });
    if provisioner == PROVISIONER {
        provision(cluster, key, &claim, &name);
        return;
    }
    let message = format!(
        "Waiting for a volume to be created either by the external provisioner '{provisioner}' or manually by the system administrator. \
         If volume creation is delayed, please verify that the provisioner is running and correctly registered."
    );
    say(cluster, &claim, events::normal("ExternalProvisioning", &message));
}

/// The smallest free volume that a claim may have. Source: `pkg/controller/volume/persistentvolume/index.go`.
fn matching(cluster: &Cluster, claim: &Value) -> Option<Key> {
    let size = |object: &Value, at: &str| object.pointer(at).and_then(scalar_text).and_then(|t| t.parse::<Quantity>().ok());
    let wanted = size(claim, "/spec/resources/requests/storage").unwrap_or(Quantity::ZERO);
    let selector = claim.pointer("/spec/selector").and_then(|s| LabelSelector::from_json(s).ok());
    let ours = |volume: &Value| {
        text(volume, "/spec/claimRef/name") == text(claim, "/metadata/name")
            && text(volume, "/spec/claimRef/namespace") == text(claim, "/metadata/namespace")
    };
    let fits = |volume: &Value| {
        let free = volume.pointer("/spec/claimRef").is_none() && text(volume, "/status/phase") == "Available" || ours(volume);
        let named = text(claim, "/spec/volumeName");
        free && (named.is_empty() || *named == volume["metadata"]["name"])
            && text(volume, "/spec/storageClassName") == text(claim, "/spec/storageClassName")
            && list(claim, "/spec/accessModes").iter().all(|mode| list(volume, "/spec/accessModes").contains(mode))
            && selector.as_ref().is_none_or(|s| s.matches_json(volume.pointer("/metadata/labels").unwrap_or(&json!({}))))
            && size(volume, "/spec/capacity/storage").is_some_and(|size| size >= wanted)
    };
    let volumes = cluster.store.of_kind(cluster.kinds.volume, None).filter(|(_, s)| !s.deleting);
    let fitting = volumes.map(|(k, s)| (k, cluster.store.tree(k, s))).filter(|(_, volume)| fits(volume));
    fitting.min_by_key(|(_, v)| (!ours(v), size(v, "/spec/capacity/storage"))).map(|(key, _)| key.clone())
}

fn phase(volume: &mut Value, now: &str, phase: &str) {
    if text(volume, "/status/phase") != phase {
        set(volume, "/status/phase", phase);
        set(volume, "/status/lastPhaseTransitionTime", now);
    }
}

fn bind(cluster: &mut Cluster, key: &Key, volume: &Key) {
    let (Some(claim), now) = (cluster.get(key), cluster.stamp()) else { return };
    let by_hand = cluster.get(volume).is_some_and(|v| v.pointer("/spec/claimRef").is_some());
    let bound = cluster.modify(volume, |v| {
        if !by_hand {
            annotate(v, "pv.kubernetes.io/bound-by-controller", "yes");
        }
        let reference = json!({
            "apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": *key.namespace, "name": *key.name,
            "uid": text(&claim, "/metadata/uid"), "resourceVersion": text(&claim, "/metadata/resourceVersion"),
        });
        set(v, "/spec/claimRef", reference);
        phase(v, &now, "Bound");
    });
    let Some(bound) = bound else { return };
    cluster.modify(key, |c| {
        annotate(c, "pv.kubernetes.io/bind-completed", "yes");
        if text(&claim, "/spec/volumeName").is_empty() {
            annotate(c, "pv.kubernetes.io/bound-by-controller", "yes");
        }
        set(c, "/spec/volumeName", &*volume.name);
        set(c, "/status/phase", "Bound");
        set(c, "/status/accessModes", list(&bound, "/spec/accessModes").to_vec());
        set(c, "/status/capacity", bound["spec"]["capacity"].clone());
    });
}

fn provision(cluster: &mut Cluster, key: &Key, claim: &Value, class: &str) {
    let uid = text(claim, "/metadata/uid");
    let name = format!("pvc-{uid}");
    let said = |message: String| (events::from("demo.local/hostpath_built-in"), message);
    let (from, message) = said(format!("External provisioner is provisioning volume for claim \"{}/{}\"", key.namespace, key.name));
    events::record(cluster, key, claim, from, events::normal("Provisioning", &message));
    let capacity = claim.pointer("/spec/resources/requests/storage").cloned().unwrap_or_else(|| "1Gi".into());
    let volume = json!({
        "metadata": {"name": name, "annotations": {"pv.kubernetes.io/provisioned-by": PROVISIONER}},
        "spec": {
            "capacity": {"storage": capacity}, "accessModes": list(claim, "/spec/accessModes"), "storageClassName": class, "persistentVolumeReclaimPolicy": "Delete",
            "claimRef": {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": *key.namespace, "name": *key.name, "uid": uid},
            "hostPath": {"path": format!("/var/local/{name}"), "type": "DirectoryOrCreate"},
        },
    });
    if cluster.create(cluster.kinds.volume, "", volume, false).is_err() {
        return;
    }
    bind(cluster, key, &Key::new(cluster.kinds.volume, "", &name));
    let (from, message) = said(format!("Successfully provisioned volume {name}"));
    events::record(cluster, key, claim, from, events::normal("ProvisioningSucceeded", &message));
}

fn volume(cluster: &mut Cluster, key: &Key, volume: &Value) {
    let now = cluster.stamp();
    let owner = Key::new(cluster.kinds.claim, text(volume, "/spec/claimRef/namespace"), text(volume, "/spec/claimRef/name"));
    let uid = text(volume, "/spec/claimRef/uid");
    let claimed = cluster.store.stored(&owner).is_some_and(|claim| uid.is_empty() || *claim.uid == *uid);
    if volume.pointer("/metadata/deletionTimestamp").is_some() {
        if !claimed {
            cluster.finalize(key, VOLUME_IN_USE);
        }
        return;
    }
    if volume.pointer("/spec/claimRef").is_none() {
        cluster.modify(key, |v| phase(v, &now, "Available"));
    } else if !uid.is_empty() && !claimed {
        cluster.modify(key, |v| phase(v, &now, "Released"));
        if text(volume, "/spec/persistentVolumeReclaimPolicy") == "Delete" {
            // Gone in the meantime is what is wanted.
            drop(cluster.delete(key, &DeleteOptions::default()));
        }
        return;
    }
    for claim in unbound(cluster) {
        cluster.agenda.push(Controller::Claim, claim);
    }
}

/// The volume of a claim that is gone has to be looked at.
pub(super) fn released(cluster: &Cluster, claim: &Value) -> Option<Key> {
    let name = text(claim, "/spec/volumeName");
    (!name.is_empty()).then(|| Key::new(cluster.kinds.volume, "", name))
}
