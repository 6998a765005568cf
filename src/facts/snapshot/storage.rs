//! Claims, volumes, classes, attachments, snapshots.

use super::{
    lenient::{When, lenient},
    meta::{Condition, Map, Meta, Named, Pointed},
    pod::NodeTerm,
};

lenient! {
    /// A PersistentVolumeClaim.
    pub struct Claim {
        meta: Meta = "metadata",
        spec: ClaimSpec = "spec",
        status: ClaimStatus = "status",
    }
    /// What is asked for.
    pub struct ClaimSpec {
        class: Option<Box<str>> = "storageClassName",
        modes: Vec<Box<str>> = "accessModes",
        volume: Box<str> = "volumeName",
        resources: Sizes = "resources",
        source: Pointed = "dataSource",
        mode: Box<str> = "volumeMode",
    }
    /// How much.
    pub struct Sizes { requests: Map = "requests", }
    /// What became of it.
    pub struct ClaimStatus {
        phase: Box<str> = "phase",
        capacity: Map = "capacity",
        conditions: Vec<Condition> = "conditions",
    }
    /// A PersistentVolume.
    pub struct Volume {
        meta: Meta = "metadata",
        spec: VolumeSpec = "spec",
        status: VolumeStatus = "status",
    }
    /// What it is.
    pub struct VolumeSpec {
        class: Box<str> = "storageClassName",
        modes: Vec<Box<str>> = "accessModes",
        capacity: Map = "capacity",
        claim: Pointed = "claimRef",
        reclaim: Box<str> = "persistentVolumeReclaimPolicy",
        affinity: VolumeAffinity = "nodeAffinity",
    }
    /// From where it can be reached.
    pub struct VolumeAffinity { required: VolumeNodes = "required", }
    /// Which nodes.
    pub struct VolumeNodes { terms: Vec<NodeTerm> = "nodeSelectorTerms", }
    /// What became of it.
    pub struct VolumeStatus {
        phase: Box<str> = "phase",
        reason: Box<str> = "reason",
        message: Box<str> = "message",
    }
    /// A StorageClass.
    pub struct Class {
        meta: Meta = "metadata",
        provisioner: Box<str> = "provisioner",
        parameters: super::meta::Map = "parameters",
        binding: Box<str> = "volumeBindingMode",
        expands: bool = "allowVolumeExpansion",
    }
    /// A VolumeAttachment.
    pub struct Attachment {
        meta: Meta = "metadata",
        spec: AttachmentSpec = "spec",
        status: AttachmentStatus = "status",
    }
    /// Which volume, where.
    pub struct AttachmentSpec {
        node: Box<str> = "nodeName",
        source: AttachmentSource = "source",
    }
    /// The volume.
    pub struct AttachmentSource { volume: Box<str> = "persistentVolumeName", }
    /// What became of it.
    pub struct AttachmentStatus {
        attached: bool = "attached",
        attach: StorageError = "attachError",
        detach: StorageError = "detachError",
    }
    /// An error of a driver.
    pub struct StorageError {
        message: Box<str> = "message",
        time: When = "time",
    }
    /// A VolumeSnapshot or its content.
    pub struct Taken {
        kind: Box<str> = "kind",
        meta: Meta = "metadata",
        spec: TakenSpec = "spec",
        status: TakenStatus = "status",
    }
    /// Of what.
    pub struct TakenSpec { of: Named = "volumeSnapshotRef", }
    /// What became of it.
    pub struct TakenStatus {
        ready: Option<bool> = "readyToUse",
        error: StorageError = "error",
    }
}
