//! That an object came to be, was written, is being deleted: by its metadata, which say when and by which program, and never what.

use super::{Moment, Sort, rollouts::near};
use crate::facts::snapshot::{Ref, meta::Meta};

/// Kinds whose fields are written by people and by what acts for them; those of the others are written by controllers all the time.
const WRITTEN: &[&str] = &[
    "ConfigMap",
    "Secret",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "CronJob",
    "Service",
    "Ingress",
    "NetworkPolicy",
    "HorizontalPodAutoscaler",
    "PodDisruptionBudget",
    "ResourceQuota",
    "LimitRange",
    "PersistentVolumeClaim",
    "StorageClass",
    "PriorityClass",
    "RuntimeClass",
    "IngressClass",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "APIService",
    "CustomResourceDefinition",
];

/// Kinds of which there is a new one all the time, or that something else makes beside what tells of it already.
const PASSING: &[&str] = &[
    "Pod",
    "ReplicaSet",
    "EndpointSlice",
    "Endpoints",
    "Lease",
    "Event",
    "PodMetrics",
    "VolumeAttachment",
    "CertificateSigningRequest",
    "Node",
];

/// What every namespace is given by itself.
const GIVEN: &[(&str, &str)] =
    &[("ConfigMap", "kube-root-ca.crt"), ("ConfigMap", "openshift-service-ca.crt"), ("ServiceAccount", "default")];

/// What its metadata tell.
pub(super) fn of(at: &Ref, meta: &Meta, into: &mut Vec<Moment>) {
    if PASSING.contains(&&*at.kind) || GIVEN.contains(&(&*at.kind, &*at.name)) {
        return;
    }
    if let Some(made) = meta.created.0 {
        into.push(Moment::new(made, at.clone(), Sort::Made, "was made"));
    }
    if let Some(changed) = meta.changed.0.0.filter(|c| WRITTEN.contains(&&*at.kind) && !near(Some(*c), meta.created.0)) {
        let by = if meta.changed.1.is_empty() { String::new() } else { format!(" by {}", meta.changed.1) };
        into.push(Moment::new(changed, at.clone(), Sort::Edit, format!("was last edited{by}")));
    }
    if let Some(gone) = meta.deleted.0 {
        into.push(Moment::new(gone, at.clone(), Sort::Going, "is being deleted"));
    }
}
