//! Pods whose volumes do not come: attaching and mounting.

use super::{
    finding::{Finding, Rule, rules},
    told,
};
use crate::experts::signals::{missing, words::cut};
use crate::facts::snapshot::{Ref, Snapshot, event::Event, pod::Pod};

rules! {
    ATTACHED = "volume-multi-attach" Error 93 Supply "A ReadWriteOnce volume is still attached to another node." reads ["events", "VolumeAttachment", "PersistentVolumeClaim.spec.accessModes"] like "pod db-0 cannot start: its ReadWriteOnce volume pvc-1 is already attached to another node";
    ATTACH = "volume-attach-failed" Error 90 Supply "A volume cannot be attached to the pod's node." reads ["events", "VolumeAttachment"] like "pod db-0 cannot start: volume attachment is failing: timed out waiting for the condition";
    DENIED = "volume-mount-permission-denied" Error 93 Supply "A volume cannot be mounted: permission denied on the node." reads ["events"] like "pod db-0 cannot start: volume data mount failed: permission denied on the node";
    DEVICE = "volume-device-conflict" Error 90 Supply "A volume's mode or device conflicts with what the pod asks for." reads ["events", "PersistentVolumeClaim.spec.volumeMode"] like "pod db-0 cannot start: volume device conflict: volume mode Filesystem does not match";
    DRIVER = "csi-driver-missing" Error 93 Supply "The CSI driver of a volume is not registered on the node." reads ["events", "CSINode"] like "pod db-0 cannot start: CSI driver ebs.csi.aws.com is not registered on the node";
    MOUNT = "volume-mount-failed" Error 85 Supply "A volume cannot be mounted." reads ["events"] like "pod db-0 cannot start: volume data mount failed (FailedMount)";
    TOKEN = "service-account-token-projection-failed" Error 88 Supply "The projected service account token of a pod cannot be mounted." reads ["events", "Pod.spec.serviceAccountName"] like "pod web-1 cannot start: the projected service account token failed to mount";
    NO_CLAIM = "persistent-volume-claim-missing" Error 95 Supply "A pod names a PersistentVolumeClaim that does not exist." reads ["Pod.spec.volumes", "PersistentVolumeClaim", "events"] like "pod db-0 cannot start: PersistentVolumeClaim data does not exist";
    UNBOUND = "volume-mount-claim-not-bound" Error 88 Supply "A pod's volume cannot be mounted because its PersistentVolumeClaim is not bound." reads ["events", "PersistentVolumeClaim"] like "pod web-1 cannot start: PersistentVolumeClaim data is not bound (volume mount failed)";
}

const REASONS: &[&str] = &["FailedMount", "FailedAttachVolume", "FailedMapVolume", "TokenProjectionFailure", "VolumeMountFailure"];

/// The claims that a pod names.
pub(super) fn claims(pod: &Pod) -> Vec<Ref> {
    pod.spec.claim_names().map(|(_, name)| Ref::new("PersistentVolumeClaim", &pod.meta.namespace, name)).collect()
}

/// The claims of a pod that are being resized and do not get there.
pub(super) fn resizing(s: &Snapshot, pod: &Pod) -> Vec<Ref> {
    let stuck = |name: &str| {
        s.claim(&pod.meta.namespace, name).is_some_and(|c| c.status.conditions.iter().any(|x| x.kind.contains("Resiz") && x.holds()))
    };
    pod.spec
        .claim_names()
        .filter(|(_, name)| stuck(name))
        .map(|(_, name)| Ref::new("PersistentVolumeClaim", &pod.meta.namespace, name))
        .collect()
}

pub(super) fn find(s: &Snapshot, found: &mut Vec<Finding>) {
    for pod in s.pods.iter().filter(|p| !p.over() && !p.meta.going() && !p.ready()) {
        for (_, name) in pod.spec.claim_names() {
            if s.knows("PersistentVolumeClaim", &pod.meta.namespace) && s.claim(&pod.meta.namespace, name).is_none() {
                found.push(no_claim(s, pod, name));
            }
        }
        found.extend(of_events(s, pod));
    }
}

fn no_claim(s: &Snapshot, pod: &Pod, name: &str) -> Finding {
    let claim = Ref::new("PersistentVolumeClaim", &pod.meta.namespace, name);
    let top = s.top("Pod", &pod.meta);
    // A StatefulSet makes its own claims, unless it has no template of that name.
    let set = s.workload(&top).filter(|w| &*w.kind == "StatefulSet");
    let template = set.filter(|w| !w.spec.claims.iter().any(|t| name.starts_with(&format!("{}-", t.meta.name)))).map(|w| {
        let has = told::names(w.spec.claims.iter().map(|t| &*t.meta.name), 4);
        let volume = name.split('-').next().unwrap_or(name);
        format!(": StatefulSet {} references a volumeClaimTemplate {volume} that is missing (it has: {has})", w.meta.name)
    });
    let finding = Finding::new(
        &NO_CLAIM,
        told::pod(pod),
        format!("cannot start: PersistentVolumeClaim {name} does not exist{}", template.unwrap_or_default()),
    );
    finding
        .saw_all(told::events(s, "Pod", &pod.meta, &["FailedMount", "FailedScheduling"]))
        .one_for(format!("{claim:?}"))
        .by_hand(format!("kubectl get pvc{}", told::flag(&pod.meta.namespace)))
        .explains([claim])
}

fn of_events(s: &Snapshot, pod: &Pod) -> Option<Finding> {
    let events: Vec<&Event> = s
        .events_of("Pod", &pod.meta)
        .into_iter()
        .filter(|e| {
            REASONS.contains(&&*e.reason) || e.message.contains("Multi-Attach") || e.message.to_lowercase().contains("multi-attach")
        })
        .collect();
    // Containers that began have their volumes.
    let begun = pod.status.containers.iter().any(|c| c.state.running.is_some() || c.last.ended.is_some());
    let resized = events.iter().any(|e| e.message.contains("resize"));
    if begun && !resized {
        return None;
    }
    // The sentence that says most: a timeout only says that another one came before.
    let e = *events
        .iter()
        .rev()
        .max_by_key(|e| (!e.message.contains("timed out waiting") && !e.message.contains("Unable to attach or mount"), e.last))?;
    let said = e.message.to_lowercase();
    if missing::of(&e.message).is_some() && !said.contains("persistentvolumeclaim") {
        return None;
    }
    let subject = told::pod(pod);
    let volume = e
        .message
        .split_once("volume \"")
        .or_else(|| e.message.split_once("volume '"))
        .and_then(|(_, r)| r.split(['"', '\'']).next())
        .unwrap_or_default();
    let claims = claims(pod);
    let claim = claims
        .iter()
        .find(|c| pod.spec.volumes.iter().any(|v| *v.name == *volume && v.claim.as_ref().is_some_and(|x| x.name == c.name)))
        .or_else(|| claims.first());
    let state = claim.and_then(|c| s.claim(&c.namespace, &c.name)).map(|c| &*c.status.phase);
    let of = match (volume, claim) {
        ("", None) => "its volume".to_string(),
        ("", Some(c)) => format!("its volume (PersistentVolumeClaim {})", c.name),
        (v, None) => format!("volume {v}"),
        (v, Some(c)) => format!("volume {v} (PersistentVolumeClaim {})", c.name),
    };
    let bound = if state == Some("Bound") { ", though its PersistentVolumeClaim is bound (provisioning succeeded)" } else { "" };
    let restored = claim
        .and_then(|c| s.claim(&c.namespace, &c.name))
        .filter(|c| &*c.spec.source.kind == "VolumeSnapshot")
        .map_or_else(String::new, |c| format!(", restored from snapshot {}", c.spec.source.name));
    let (rule, what): (&'static Rule, String) = if said.contains("multi-attach") || said.contains("exclusively attached") {
        (&ATTACHED, format!("{of} (ReadWriteOnce) is already attached to another node (Multi-Attach)"))
    } else if &*e.reason == "TokenProjectionFailure"
        || said.contains("service account token")
        || said.contains("serviceaccounttoken")
        || said.contains("failed to fetch token")
    {
        (&TOKEN, format!("its projected service account token mount failed: {}", cut(&e.message, 140)))
    } else if said.contains("permission denied") {
        (&DENIED, format!("{of}: the volume mount failed, permission denied on the node"))
    } else if said.contains("volume mode")
        || said.contains("mappoddevice")
        || said.contains("device is already")
        || said.contains("already mounted")
        || said.contains("device or resource busy")
    {
        (&DEVICE, format!("{of}: volume device conflict prevents attachment or mount: {}", tail(&e.message)))
    } else if said.contains("not found in the list of registered csi drivers") {
        (&DRIVER, format!("{of}: its CSI driver is not registered on node {}", pod.spec.node))
    } else if said.contains("persistentvolumeclaim") && (said.contains("not found") || said.contains("does not exist")) {
        if s.knows("PersistentVolumeClaim", &pod.meta.namespace) {
            return None;
        }
        let name = e.message.split('"').rev().nth(1).filter(|n| !n.contains(' ')).or(claim.map(|c| &*c.name)).unwrap_or_default();
        return Some(no_claim(s, pod, name));
    } else if said.contains("not bound") || (state == Some("Pending") && volume_generic(&said)) {
        (&UNBOUND, format!("its PersistentVolumeClaim {} is not bound: volume mount failed", claim.map_or("", |c| &c.name)))
    } else if said.contains("attachvolume") || &*e.reason == "FailedAttachVolume" {
        let node = if pod.spec.node.is_empty() { "its node".to_string() } else { format!("node {}", pod.spec.node) };
        (&ATTACH, format!("{of}{restored}: volume attachment to {node} is failing{bound}, so it cannot be mounted: {}", tail(&e.message)))
    } else {
        (&MOUNT, format!("{of}{restored}: the volume mount failed{bound}: {}", tail(&e.message)))
    };
    let attachments = s.attachments.iter().filter(|a| !volume.is_empty() && *a.spec.source.volume == *volume);
    let attached: Vec<String> =
        attachments.map(|a| format!("VolumeAttachment {}: on node {}, attached={}", a.meta.name, a.spec.node, a.status.attached)).collect();
    Some(
        Finding::new(rule, subject.clone(), format!("cannot start: {what}"))
            .saw(told::event(e, &s.clock))
            .saw_all(events.iter().rev().filter(|x| **x != e).take(2).map(|x| told::event(x, &s.clock)))
            .saw_all(attached)
            .one_for(format!("{}/{}/{volume}", s.top("Pod", &pod.meta).told(), rule.id))
            .by_hand(told::describe(&subject))
            .since(e.first)
            .after(claims.into_iter().filter(|c| {
                s.claim(&c.namespace, &c.name).is_some_and(|x| &*x.status.phase != "Bound" || x.status.conditions.iter().any(|y| y.holds()))
            })),
    )
}

fn volume_generic(said: &str) -> bool {
    !said.contains("permission") && !said.contains("not found")
}

/// The telling end of `MountVolume.SetUp failed for volume "x" : …`.
fn tail(message: &str) -> String {
    let tail = message.split_once("failed for volume").and_then(|(_, r)| r.split_once(':')).map_or(message, |(_, t)| t.trim());
    cut(tail, 140)
}
