//! Claims that are not bound, volumes that failed, attachments, snapshots, resizes.

use super::{
    finding::{Finding, Severity, rules},
    told,
};
use crate::experts::signals::words::cut;
use crate::{
    facts::snapshot::{
        Ref, Snapshot,
        meta::condition,
        storage::{Claim, Class},
    },
    terms::quantity::Quantity,
};

rules! {
    NO_CLASS = "storage-class-missing" Error 95 Supply "A claim names a StorageClass that does not exist." reads ["PersistentVolumeClaim.spec.storageClassName", "StorageClass", "events"] like "PersistentVolumeClaim data is pending: its StorageClass fast does not exist";
    NO_DEFAULT = "storage-class-no-default" Error 92 Supply "A claim names no StorageClass, none is the default, and no volume fits." reads ["PersistentVolumeClaim", "StorageClass", "events"] like "PersistentVolumeClaim data is pending: it names no StorageClass, and none is the default";
    PROVISION = "provisioning-failed" Error 92 Supply "The storage provisioner (CSI driver) fails to make a volume for a claim." reads ["events", "PersistentVolumeClaim"] like "PersistentVolumeClaim data cannot be provisioned: the CSI driver or storage backend failed: quota exceeded";
    RESTORE = "snapshot-restore-failed" Error 92 Supply "A volume cannot be restored from a snapshot." reads ["events", "PersistentVolumeClaim.spec.dataSource", "VolumeSnapshot"] like "PersistentVolumeClaim data cannot be provisioned: its volume restore from snapshot s1 is failing";
    MODES = "access-mode-mismatch" Error 92 Supply "No PersistentVolume has the access modes that a claim wants." reads ["PersistentVolumeClaim.spec.accessModes", "PersistentVolume.spec.accessModes"] like "PersistentVolumeClaim data is pending: it wants access mode ReadWriteMany, PersistentVolume pv-1 offers ReadWriteOnce: a mismatch";
    PENDING = "claim-pending" Warning 85 Supply "A claim is pending: no volume has been bound to it." reads ["PersistentVolumeClaim.status"] like "PersistentVolumeClaim data is pending: no volume is provisioned or bound yet";
    DEADLOCK = "claim-waits-for-consumer" Error 85 Supply "A claim waits for its first consumer, and that pod waits for the volume." reads ["PersistentVolumeClaim", "StorageClass", "events"] like "PersistentVolumeClaim data waits for its first consumer (WaitForFirstConsumer), while pod db-0 cannot be scheduled: volume binding and scheduling are in a deadlock";
    LOST = "claim-lost" Error 96 Supply "A claim has lost its volume." reads ["PersistentVolumeClaim.status"] like "PersistentVolumeClaim data is lost: its PersistentVolume pv-1 is gone";
    FS_RESIZE = "filesystem-resize-pending" Warning 93 Supply "A volume is larger, and its filesystem still has to be resized." reads ["PersistentVolumeClaim.status.conditions"] like "PersistentVolumeClaim data: its filesystem resize is pending";
    RESIZE = "volume-resize-failed" Warning 90 Supply "A claim asks for more, and its volume is not expanded." reads ["PersistentVolumeClaim", "events"] like "PersistentVolumeClaim data: its volume expansion (resize) failed or is incomplete";
    VOLUME = "volume-failed" Error 92 Supply "A PersistentVolume failed." reads ["PersistentVolume.status"] like "PersistentVolume pv-1 failed: the volume could not be deleted";
    ATTACH_ERROR = "volume-attachment-error" Error 92 Supply "A VolumeAttachment reports an error." reads ["VolumeAttachment.status"] like "VolumeAttachment csi-1: volume pv-1 cannot be attached to node1: quota exceeded";
    SNAPSHOT = "volume-snapshot-failed" Warning 93 Supply "A VolumeSnapshot or its content reports an error." reads ["VolumeSnapshot.status", "VolumeSnapshotContent.status"] like "VolumeSnapshot s1 failed: the snapshot could not be taken: limit exceeded";
    TERMINATING = "claim-terminating" Warning 90 Supply "A claim or volume is being deleted and cannot go, since it is in use or a finalizer holds it." reads ["metadata.deletionTimestamp", "metadata.finalizers"] like "PersistentVolumeClaim data is terminating: the finalizer kubernetes.io/pvc-protection holds it while pods use it";
}

pub(super) fn find(s: &Snapshot, found: &mut Vec<Finding>) {
    for claim in &s.claims {
        found.extend(of_claim(s, claim));
    }
    for v in s.volumes.iter().filter(|v| &*v.status.phase == "Failed") {
        let at = Ref::of("PersistentVolume", &v.meta);
        let why = if v.status.message.is_empty() { &v.status.reason } else { &v.status.message };
        found.push(
            Finding::new(&VOLUME, at.clone(), format!("failed: {}", cut(why, 200))).saw("status.phase Failed").by_hand(told::describe(&at)),
        );
    }
    for a in &s.attachments {
        let errors = [("attached to", &a.status.attach), ("detached from", &a.status.detach)];
        for (does, error) in errors.into_iter().filter(|(_, e)| !e.message.is_empty()) {
            let at = Ref::of("VolumeAttachment", &a.meta);
            let volume = Ref::new("PersistentVolume", "", &a.spec.source.volume);
            let claim = s.volume(&volume.name).map(|v| Ref::new("PersistentVolumeClaim", &v.spec.claim.namespace, &v.spec.claim.name));
            let users: Vec<Ref> = claim
                .iter()
                .flat_map(|c| s.pods_in(&c.namespace).filter(|p| p.spec.claim_names().any(|(_, n)| *n == *c.name)).map(told::pod))
                .collect();
            let what = format!(
                ": volume attachment failed: volume {} cannot be {does} {}: {}",
                volume.name,
                a.spec.node,
                cut(&error.message, 180)
            );
            found.push(
                Finding::new(&ATTACH_ERROR, at.clone(), what)
                    .saw(format!("status error: {}", error.message))
                    .by_hand(told::describe(&at))
                    .explains(claim)
                    .explains(users),
            );
        }
    }
    for t in &s.taken {
        let at = Ref::of(&t.kind, &t.meta);
        if !t.status.error.message.is_empty() && t.status.ready != Some(true) {
            let of: Vec<Ref> = (!t.spec.of.name.is_empty()).then(|| Ref::new("VolumeSnapshot", "", &t.spec.of.name)).into_iter().collect();
            found.push(
                Finding::new(
                    &SNAPSHOT,
                    at.clone(),
                    format!("failed: the volume snapshot could not be taken: {}", cut(&t.status.error.message, 200)),
                )
                .saw(format!("status.error.message: {}", t.status.error.message))
                .saw("status.readyToUse false")
                .by_hand(told::describe(&at))
                .explains(of),
            );
        }
    }
}

fn of_claim(s: &Snapshot, claim: &Claim) -> Option<Finding> {
    let at = Ref::of("PersistentVolumeClaim", &claim.meta);
    if claim.meta.going() {
        let users: Vec<&str> = s
            .pods_in(&claim.meta.namespace)
            .filter(|p| !p.over() && p.spec.claim_names().any(|(_, n)| *n == *claim.meta.name))
            .map(|p| &*p.meta.name)
            .collect();
        let by = if users.is_empty() { String::new() } else { format!(" while pods use it: {}", told::names(users, 3)) };
        return s.clock.older(claim.meta.deleted, 120).then(|| {
            Finding::new(
                &TERMINATING,
                at.clone(),
                format!("is stuck terminating: the finalizer {} holds it{by}", told::names(claim.meta.finalizers.iter().map(|f| &**f), 2)),
            )
            .saw("metadata.deletionTimestamp is set")
            .by_hand(told::describe(&at))
        });
    }
    match &*claim.status.phase {
        "Lost" => Some(
            Finding::new(&LOST, at.clone(), format!("is lost: its PersistentVolume {} is gone", claim.spec.volume))
                .saw("status.phase Lost")
                .by_hand(told::describe(&at)),
        ),
        "Pending" => pending(s, claim, &at),
        _ => resizing(s, claim, &at),
    }
}

fn resizing(s: &Snapshot, claim: &Claim, at: &Ref) -> Option<Finding> {
    let event = s.event("PersistentVolumeClaim", &claim.meta, &["VolumeResizeFailed", "FileSystemResizeFailed"]);
    let held = |kind: &str| condition(&claim.status.conditions, kind).filter(|c| c.holds());
    let failed = claim.status.conditions.iter().find(|c| c.holds() && ["ControllerResizeError", "NodeResizeError"].contains(&&*c.kind));
    let size = |map: &std::collections::BTreeMap<Box<str>, Box<str>>| map.get("storage").map_or_else(|| "?".to_string(), |v| v.to_string());
    let from_to = format!("from {} to {}", size(&claim.status.capacity), size(&claim.spec.resources.requests));
    if event.is_some() || failed.is_some() || held("Resizing").is_some_and(|c| s.clock.older(c.since, 600)) {
        let why = event.map(|e| e.message.to_string()).or_else(|| failed.map(|c| c.message.to_string())).unwrap_or_default();
        let why = if why.is_empty() { String::new() } else { format!(": {}", cut(&why, 160)) };
        return Some(
            Finding::new(&RESIZE, at.clone(), format!(": its volume expansion (resize {from_to}) failed or is incomplete{why}"))
                .saw_all(event.map(|e| told::event(e, &s.clock)))
                .saw_all(claim.status.conditions.iter().map(|c| c.quoted()))
                .by_hand(told::describe(at)),
        );
    }
    held("FileSystemResizePending").map(|c| {
        Finding::new(
            &FS_RESIZE,
            at.clone(),
            format!(": the filesystem resize of its PersistentVolume is pending ({from_to}): it happens when a pod mounts it anew"),
        )
        .saw(c.quoted())
        .by_hand(told::describe(at))
    })
}

fn default_class(c: &Class) -> bool {
    ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"]
        .iter()
        .any(|k| c.meta.annotation(k) == Some("true"))
}

fn pending(s: &Snapshot, claim: &Claim, at: &Ref) -> Option<Finding> {
    let class = claim.spec.class.as_deref().unwrap_or_default();
    let event = s.event("PersistentVolumeClaim", &claim.meta, &["ProvisioningFailed", "FailedBinding"]);
    let users: Vec<Ref> =
        s.pods_in(&claim.meta.namespace).filter(|p| p.spec.claim_names().any(|(_, n)| *n == *claim.meta.name)).map(told::pod).collect();
    // What the provisioner told the pod rather than the claim.
    let event = event.or_else(|| {
        users.iter().filter_map(|u| s.pod(&u.namespace, &u.name)).find_map(|p| s.event("Pod", &p.meta, &["ProvisioningFailed"]))
    });
    let mut finding = None;
    let known = s.class(class);
    let said = event.map(|e| e.message.to_lowercase()).unwrap_or_default();
    if !class.is_empty()
        && ((s.knows("StorageClass", "") && known.is_none() && !s.volumes.iter().any(|v| *v.spec.class == *class))
            || said.contains("storageclass") && said.contains("not found"))
    {
        let has = told::names(s.classes.iter().map(|c| &*c.meta.name), 5);
        let has = if has.is_empty() { String::new() } else { format!(" (there is: {has})") };
        finding = Some((&NO_CLASS, format!("is pending: its StorageClass {class} does not exist{has}")));
    } else if let Some(v) = mismatch(s, claim) {
        finding = Some((
            &MODES,
            format!(
                "is pending and cannot bind: it wants accessModes {}, PersistentVolume {} offers {}: an access mode mismatch",
                claim.spec.modes.join(","),
                v.0,
                v.1
            ),
        ));
    } else if let Some(e) = event.filter(|e| &*e.reason == "ProvisioningFailed") {
        let restore = &*claim.spec.source.kind == "VolumeSnapshot" || said.contains("snapshot");
        let why = cut(e.message.trim_start_matches("failed to provision volume with "), 170);
        finding = Some(if restore {
            (&RESTORE, format!("cannot be provisioned: its volume restoration from snapshot {} is failing: {why}", claim.spec.source.name))
        } else {
            (&PROVISION, format!("cannot be provisioned: the CSI driver or storage backend failed: {why}"))
        });
    } else if claim.spec.class.is_none() && s.knows("StorageClass", "") && !s.classes.iter().any(default_class)
        || said.contains("no storage class is set")
    {
        finding =
            Some((&NO_DEFAULT, "is pending: it names no StorageClass, none is the default, and no PersistentVolume fits".to_string()));
    }
    let waits = s.event("PersistentVolumeClaim", &claim.meta, &["WaitForFirstConsumer", "WaitForPodScheduled"]).or_else(|| {
        users.iter().filter_map(|u| s.pod(&u.namespace, &u.name)).find_map(|p| s.event("Pod", &p.meta, &["WaitForFirstConsumer"]))
    });
    let first = known.is_some_and(|c| &*c.binding == "WaitForFirstConsumer") || waits.is_some();
    if finding.is_none() && first {
        // It is meant to wait. Only where its pod in turn waits for it is there something wrong.
        let stuck = users.iter().filter_map(|u| s.pod(&u.namespace, &u.name)).find(|p| {
            let said = p.condition("PodScheduled").map_or(String::new(), |c| c.message.to_string())
                + &s.event("Pod", &p.meta, &["FailedScheduling"]).map_or(String::new(), |e| e.message.to_string());
            said.contains("volume")
        })?;
        finding = Some((
            &DEADLOCK,
            format!(
                "waits for its first consumer (WaitForFirstConsumer volume binding), and pod {} waits for the volume: a scheduling deadlock",
                stuck.meta.name
            ),
        ));
    }
    let severity = if users.is_empty() { Severity::Warning } else { Severity::Error };
    let (rule, what) = match finding {
        Some(found) => found,
        None if s.clock.older(claim.meta.created, 120) => {
            let of = if class.is_empty() { String::new() } else { format!(" from StorageClass {class}") };
            (&PENDING, format!("is pending: no volume has been provisioned or bound{of} yet"))
        }
        None => return None,
    };
    Some(
        Finding::new(rule, at.clone(), what)
            .severity(if rule.id == PENDING.id { severity } else { rule.severity })
            .saw_all(event.map(|e| told::event(e, &s.clock)))
            .saw(format!("status.phase Pending, spec.storageClassName {}", claim.spec.class.as_deref().unwrap_or("(none)")))
            .saw_all(waits.map(|e| told::event(e, &s.clock)))
            .saw_all(told::events(s, "PersistentVolumeClaim", &claim.meta, &["ExternalProvisioning"]))
            .one_for(if rule.id == NO_CLASS.id { format!("class {class}") } else { format!("{at:?}") })
            .by_hand(told::describe(at))
            .since(claim.meta.created.0)
            .explains(users),
    )
}

/// A volume of the same class and size whose access modes are other ones.
fn mismatch(s: &Snapshot, claim: &Claim) -> Option<(String, String)> {
    let size = |map: &std::collections::BTreeMap<Box<str>, Box<str>>| map.get("storage").and_then(|v| v.parse::<Quantity>().ok());
    let meant = |v: &&super::super::super::facts::snapshot::storage::Volume| {
        let free = v.spec.claim.name.is_empty() || *v.spec.claim.name == *claim.meta.name;
        let class = claim.spec.class.as_deref().unwrap_or_default() == &*v.spec.class;
        let fits = size(&v.spec.capacity).zip(size(&claim.spec.resources.requests)).is_none_or(|(has, wants)| has >= wants);
        (free && class && fits) || *v.meta.name == *claim.spec.volume && !claim.spec.volume.is_empty()
    };
    let all: Vec<_> = s.volumes.iter().filter(meant).collect();
    let can = |v: &super::super::super::facts::snapshot::storage::Volume| claim.spec.modes.iter().all(|m| v.spec.modes.contains(m));
    if all.iter().any(|v| can(v)) {
        return None;
    }
    all.first()
        .filter(|v| !v.spec.modes.is_empty() && !claim.spec.modes.is_empty())
        .map(|v| (v.meta.name.to_string(), v.spec.modes.join(",")))
}
