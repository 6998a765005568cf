//! What nothing refers to. A reference may stand where nobody looks (a program that asks the API, a field of a custom resource), so this is never more
//! than a note, and says what was looked at.

use super::{
    table::checks,
    unit::{Unit, home},
};
use crate::experts::diagnose::{Finding, Rule};
use crate::facts::snapshot::{
    Ref, Snapshot,
    meta::Meta,
    pod::{Container, PodSpec},
};
use std::collections::BTreeSet;

checks! {
    CONFIG_MAP = "unused-config-map" Info 70 "A ConfigMap that no pod and no template of pods refers to: by volumes, projected volumes, env, envFrom or arguments." reads ["ConfigMap", "spec.volumes", "containers.env", "containers.envFrom", "containers.args"] like "ConfigMap old is referred to by nothing that was looked at" same_as ["popeye/POP-400"];
    SECRET = "unused-secret" Info 65 "A Secret that no pod, ServiceAccount, Ingress or storage class refers to: by volumes, projected volumes, env, envFrom, arguments, imagePullSecrets, TLS." reads ["Secret", "spec.volumes", "containers.env", "containers.envFrom", "spec.imagePullSecrets", "ServiceAccount.secrets", "ServiceAccount.imagePullSecrets", "Ingress.spec.tls"] like "Secret old is referred to by nothing that was looked at" same_as ["popeye/POP-400"];
    CLAIM = "unused-claim" Info 80 "A PersistentVolumeClaim that no pod and no template of pods mounts: its volume is paid for." reads ["PersistentVolumeClaim", "spec.volumes", "StatefulSet.spec.volumeClaimTemplates"] like "PersistentVolumeClaim data is mounted by nothing that was looked at" same_as ["popeye/POP-400"];
}

/// What the control plane and meshes put into every namespace.
const EVERYWHERE: &[&str] = &["kube-root-ca.crt", "openshift-service-ca.crt", "istio-ca-root-cert"];
/// Secrets that are there for somebody other than pods.
const SERVED: &[&str] = &["kubernetes.io/service-account-token", "bootstrap.kubernetes.io/token", "helm.sh/release.v1"];
/// What makes pods: an object is unused only where all of these are known.
const USERS: &[&str] = &["Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob"];

/// Names that are referred to in one namespace.
#[derive(Default)]
struct Referred<'a> {
    config_maps: BTreeSet<&'a str>,
    secrets: BTreeSet<&'a str>,
    claims: BTreeSet<&'a str>,
    /// Arguments and annotations may hold any name; pods of one template say the same.
    said: BTreeSet<&'a str>,
    /// Whether a volume's kind hides which Secret it uses.
    hidden: bool,
    /// Whether anything that makes pods is there at all.
    any: bool,
}

impl<'a> Referred<'a> {
    fn spec(&mut self, spec: &'a PodSpec) {
        self.any = true;
        self.secrets.extend(spec.pull_secrets.iter().map(|s| &*s.name));
        for volume in &spec.volumes {
            self.claims.extend(volume.claim.iter().map(|c| &*c.name));
            let projected = volume.projected.iter().flat_map(|p| &p.sources);
            let maps = volume.config_map.iter().chain(projected.clone().filter_map(|s| s.config_map.as_ref()));
            self.config_maps.extend(maps.map(|m| &*m.name));
            // A projected Secret is named by `name`, a volume of one by `secretName`.
            let secrets = volume.secret.iter().chain(projected.filter_map(|s| s.secret.as_ref())).chain(&volume.azure);
            self.secrets.extend(secrets.flat_map(|s| [&*s.secret, &*s.name]));
            self.secrets.extend([&volume.csi.publish, &volume.flex.secret].into_iter().map(|s| &*s.name));
            self.hidden |= volume.iscsi.0 || volume.rbd.0 || volume.ceph.0;
        }
        spec.all().for_each(|c| self.container(c));
    }

    fn container(&mut self, c: &'a Container) {
        for v in &c.env {
            self.config_maps.extend(v.from.config_map.iter().map(|k| &*k.name));
            self.secrets.extend(v.from.secret.iter().map(|k| &*k.name));
        }
        for from in &c.env_from {
            self.config_maps.extend(from.config_map.iter().map(|k| &*k.name));
            self.secrets.extend(from.secret.iter().map(|k| &*k.name));
        }
        self.said.extend(c.command.iter().chain(&c.args).map(|word| &**word));
    }

    fn says(&self, name: &str) -> bool {
        self.said.iter().any(|word| word.contains(name))
    }
}

/// All references in one namespace.
fn referred<'a>(s: &'a Snapshot, namespace: &str) -> Referred<'a> {
    let mut all = Referred::default();
    let here = |meta: &&Meta| home(&meta.namespace) == namespace;
    s.pods.iter().filter(|p| here(&&p.meta)).for_each(|p| all.spec(&p.spec));
    s.workloads.iter().filter(|w| here(&&w.meta)).for_each(|w| all.spec(&w.spec.template.spec));
    s.jobs.iter().filter(|j| here(&&j.meta)).for_each(|j| all.spec(&j.spec.template.spec));
    s.cron_jobs.iter().filter(|c| here(&&c.meta)).for_each(|c| all.spec(&c.spec.job.spec.template.spec));
    for other in s.others.iter().filter(|o| here(&&o.meta)) {
        other.spec.template.iter().for_each(|t| all.spec(&t.spec));
        all.secrets.insert(&other.spec.secret);
    }
    for account in s.accounts.iter().filter(|a| here(&&a.meta)) {
        all.secrets.extend(account.pull_secrets.iter().chain(&account.secrets).map(|n| &*n.name));
    }
    for ingress in s.ingresses.iter().filter(|i| here(&&i.meta)) {
        all.secrets.extend(ingress.spec.tls.iter().map(|t| &*t.secret));
        // Ingress controllers take Secrets by annotation: NAME or NAMESPACE/NAME.
        all.said.extend(ingress.meta.annotations.0.values().map(|v| &**v));
    }
    // Drivers take credentials by the class: `csi.storage.k8s.io/provisioner-secret-name`.
    let of_classes = s.classes.iter().flat_map(|c| &c.parameters).filter(|(key, _)| key.to_ascii_lowercase().contains("secret"));
    all.secrets.extend(of_classes.map(|(_, name)| &**name));
    all
}

/// Whether somebody else keeps it: an owner, Helm, the control plane, an operator that marks what is its own.
fn kept(meta: &Meta) -> bool {
    let marked = ["grafana_dashboard", "grafana_datasource"];
    let helm_keeps_releases = meta.label("owner") == Some("helm");
    !meta.owners.is_empty()
        || meta.name().is_empty()
        || helm_keeps_releases
        || meta.labels.keys().any(|key| marked.contains(&&**key))
        || meta.annotations.0.keys().any(|key| key.starts_with("control-plane.alpha.kubernetes.io/") || key.starts_with("cert-manager.io/"))
        || home(&meta.namespace).starts_with("kube-")
        || home(&meta.namespace).starts_with("openshift")
}

/// A claim that a StatefulSet of as many replicas made: `TEMPLATE-SET-ORDINAL`.
fn of_a_set(s: &Snapshot, meta: &Meta) -> bool {
    s.workloads.iter().filter(|w| &*w.kind == "StatefulSet" && w.meta.namespace == meta.namespace).any(|w| {
        w.spec.claims.iter().any(|template| {
            let ordinal = meta.name().strip_prefix(&format!("{}-{}-", template.meta.name(), w.meta.name()));
            ordinal.and_then(|n| n.parse::<i64>().ok()).is_some_and(|n| n < w.spec.replicas.unwrap_or(1))
        })
    })
}

pub(super) fn find(s: &Snapshot, _: &[Unit<'_>], out: &mut Vec<Finding>) {
    let metas = s.config_maps.iter().map(|x| &x.meta).chain(s.secrets.iter().map(|x| &x.meta)).chain(s.claims.iter().map(|x| &x.meta));
    let namespaces: BTreeSet<&str> = metas.map(|meta| home(&meta.namespace)).collect();
    for namespace in namespaces {
        let all = referred(s, namespace);
        // Of files nobody knows whether they are all there is: where nothing makes pods, nothing can be unused.
        let known = if s.live { USERS.iter().all(|kind| s.knows(kind, namespace)) } else { all.any };
        if !known {
            continue;
        }
        let here = |meta: &Meta| home(&meta.namespace) == namespace && !kept(meta);
        let mut say = |rule: &'static Rule, kind: &str, meta: &Meta, what: &str, seen: &str| {
            out.push(Finding::new(rule, Ref::of(kind, meta), what).saw(format!("looked at, in {namespace}: {seen}")));
        };
        let nothing = "is referred to by nothing that was looked at";
        for map in s.config_maps.iter().filter(|x| here(&x.meta)) {
            let name = map.meta.name();
            if !EVERYWHERE.contains(&name) && !all.config_maps.contains(name) && !all.says(name) {
                say(
                    &CONFIG_MAP,
                    "ConfigMap",
                    &map.meta,
                    nothing,
                    "volumes, projected volumes, env, envFrom and arguments of pods and templates",
                );
            }
        }
        let accounts = !s.live || s.knows("ServiceAccount", namespace) && s.knows("Ingress", namespace);
        for secret in s.secrets.iter().filter(|x| here(&x.meta) && accounts && !all.hidden) {
            let name = secret.meta.name();
            if !SERVED.contains(&&*secret.kind) && !all.secrets.contains(name) && !all.says(name) {
                let seen = "volumes, projected volumes, env, envFrom, arguments and imagePullSecrets of pods and templates; ServiceAccounts; TLS and annotations of Ingresses";
                say(&SECRET, "Secret", &secret.meta, nothing, seen);
            }
        }
        for claim in s.claims.iter().filter(|x| here(&x.meta) && !of_a_set(s, &x.meta)) {
            if !all.claims.contains(claim.meta.name()) {
                say(
                    &CLAIM,
                    "PersistentVolumeClaim",
                    &claim.meta,
                    "is mounted by nothing that was looked at",
                    "volumes of pods and templates, claims of StatefulSets",
                );
            }
        }
    }
}
