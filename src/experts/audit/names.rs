//! Names, labels, namespaces and versions: what people and tools find objects by.

use super::{
    table::checks,
    unit::{Unit, home},
};
use crate::experts::diagnose::Finding;
use crate::facts::snapshot::{Ref, Snapshot};

checks! {
    NAMESPACE = "default-namespace" Info 85 "An object stands in the namespace default, where rights, quotas and policies cannot be told apart by application." reads ["metadata.namespace"] like "Deployment web stands in the default namespace" same_as ["kube-linter/use-namespace"];
    INSTANCE = "instance-label-differs" Info 55 "The label app.kubernetes.io/instance is missing or is not the object's name." reads ["metadata.labels"] like "Deployment web has no label app.kubernetes.io/instance of its name" same_as ["polaris/metadataAndInstanceMismatched"];
    NAME = "name-label-differs" Info 50 "The label app.kubernetes.io/name is there and is not the object's name." reads ["metadata.labels"] like "Deployment web is labelled as another application" same_as ["polaris/nakedPod", "polaris/oneController", "polaris/metadataAndNameMismatched"];
    OWNER = "owner-label-missing" Info 55 "No label says who owns it." reads ["metadata.labels"] like "Deployment web has no label owner" same_as ["kube-linter/required-label-owner"];
    EMAIL = "email-annotation-missing" Info 55 "No annotation says whom to write to." reads ["metadata.annotations"] like "Deployment web has no annotation email" same_as ["kube-linter/required-annotation-email"];
    GONE = "api-version-removed" Error 96 "The object is written in a version of its API that Kubernetes no longer serves." reads ["apiVersion", "kind"] like "Ingress shop is written in extensions/v1beta1, which was removed in Kubernetes 1.22" same_as ["kube-linter/no-extensions-v1beta"];
}

/// Version, kind, when it was removed, and what took its place: `kubernetes.io/docs/reference/using-api/deprecation-guide`. An empty kind means all.
const REMOVED: &[(&str, &str, &str, &str)] = &[
    ("extensions/v1beta1", "Ingress", "1.22", "networking.k8s.io/v1"),
    ("networking.k8s.io/v1beta1", "", "1.22", "networking.k8s.io/v1"),
    ("extensions/v1beta1", "", "1.16", "apps/v1 and networking.k8s.io/v1"),
    ("apps/v1beta1", "", "1.16", "apps/v1"),
    ("apps/v1beta2", "", "1.16", "apps/v1"),
    ("rbac.authorization.k8s.io/v1beta1", "", "1.22", "rbac.authorization.k8s.io/v1"),
    ("apiextensions.k8s.io/v1beta1", "", "1.22", "apiextensions.k8s.io/v1"),
    ("admissionregistration.k8s.io/v1beta1", "MutatingWebhookConfiguration", "1.22", "admissionregistration.k8s.io/v1"),
    ("admissionregistration.k8s.io/v1beta1", "ValidatingWebhookConfiguration", "1.22", "admissionregistration.k8s.io/v1"),
    ("batch/v1beta1", "", "1.25", "batch/v1"),
    ("policy/v1beta1", "PodSecurityPolicy", "1.25", "Pod Security admission"),
    ("policy/v1beta1", "", "1.25", "policy/v1"),
    ("discovery.k8s.io/v1beta1", "", "1.25", "discovery.k8s.io/v1"),
    ("autoscaling/v2beta1", "", "1.25", "autoscaling/v2"),
    ("autoscaling/v2beta2", "", "1.26", "autoscaling/v2"),
    ("flowcontrol.apiserver.k8s.io/v1beta1", "", "1.26", "flowcontrol.apiserver.k8s.io/v1"),
    ("flowcontrol.apiserver.k8s.io/v1beta2", "", "1.29", "flowcontrol.apiserver.k8s.io/v1"),
    ("flowcontrol.apiserver.k8s.io/v1beta3", "", "1.32", "flowcontrol.apiserver.k8s.io/v1"),
    ("storage.k8s.io/v1beta1", "CSIStorageCapacity", "1.27", "storage.k8s.io/v1"),
];

/// The labels that Kubernetes recommends, `kubernetes.io/docs/concepts/overview/working-with-objects/common-labels`.
const INSTANCE_LABEL: &str = "app.kubernetes.io/instance";
const NAME_LABEL: &str = "app.kubernetes.io/name";

fn versions(s: &Snapshot) -> impl Iterator<Item = (Ref, &str)> {
    let workloads = s.workloads.iter().map(|x| (Ref::of(&x.kind, &x.meta), &*x.api));
    let cron_jobs = s.cron_jobs.iter().map(|x| (Ref::of("CronJob", &x.meta), &*x.api));
    let scalers = s.autoscalers.iter().map(|x| (Ref::of("HorizontalPodAutoscaler", &x.meta), &*x.api));
    let budgets = s.budgets.iter().map(|x| (Ref::of("PodDisruptionBudget", &x.meta), &*x.api));
    let ingresses = s.ingresses.iter().map(|x| (Ref::of("Ingress", &x.meta), &*x.api));
    let others = s.others.iter().map(|x| (Ref::of(&x.kind, &x.meta), &*x.api));
    workloads.chain(cron_jobs).chain(scalers).chain(budgets).chain(ingresses).chain(others)
}

pub(super) fn find(s: &Snapshot, units: &[Unit<'_>], out: &mut Vec<Finding>) {
    for u in units {
        let name = u.meta.name();
        if home(&u.meta.namespace) == "default" {
            out.push(u.found(&NAMESPACE, "stands in the default namespace").saw("metadata.namespace"));
        }
        if !name.is_empty() {
            let seen =
                |label: Option<&str>, key: &str| label.map_or(format!("metadata.labels has no {key}"), |l| format!("{key} is {l:?}"));
            let instance = u.meta.label(INSTANCE_LABEL);
            if instance != Some(name) {
                out.push(u.found(&INSTANCE, format!("has no label {INSTANCE_LABEL} of its name")).saw(seen(instance, INSTANCE_LABEL)));
            }
            if let Some(label) = u.meta.label(NAME_LABEL).filter(|l| *l != name) {
                out.push(u.found(&NAME, "is labelled with another application's name").saw(seen(Some(label), NAME_LABEL)));
            }
        }
        if u.meta.label("owner").is_none() {
            out.push(u.found(&OWNER, "has no label owner").saw("metadata.labels"));
        }
        if !u.meta.annotation("email").is_some_and(|e| e.contains('@')) {
            out.push(u.found(&EMAIL, "has no annotation email").saw("metadata.annotations"));
        }
    }
    for svc in s.services.iter().filter(|x| home(&x.meta.namespace) == "default" && x.meta.name() != "kubernetes") {
        out.push(Finding::new(&NAMESPACE, Ref::of("Service", &svc.meta), "stands in the default namespace").saw("metadata.namespace"));
    }
    for (at, api) in versions(s) {
        if let Some((_, _, when, now)) =
            REMOVED.iter().find(|(version, kind, ..)| *version == api && (kind.is_empty() || **kind == *at.kind))
        {
            let what = format!("is written in {api}, which was removed in Kubernetes {when}");
            out.push(Finding::new(&GONE, at, what).saw(format!("apiVersion is {api}; {now} took its place")));
        }
    }
}
