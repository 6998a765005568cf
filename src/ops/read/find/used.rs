//! What names an object: the second kinds that have to be listed, and who uses what by them.
//!
//! Sources: the fields of the API reference that name a Secret, a ConfigMap, a claim or a service account (pod spec, ServiceAccount,
//! Ingress); `spec.selector` for Services.

use crate::ops::{
    Kind,
    look::{list, text},
    template,
};
use crate::terms::selector::LabelSelector;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What is looked at beside the objects themselves, for each kind of which it can be asked.
const BESIDE: &[(&str, &[&str])] = &[
    ("services", &["pods", "ingresses"]),
    ("secrets", &["pods", "deployments", "statefulsets", "daemonsets", "jobs", "cronjobs", "serviceaccounts", "ingresses"]),
    ("configmaps", &["pods", "deployments", "statefulsets", "daemonsets", "jobs", "cronjobs"]),
    ("persistentvolumeclaims", &["pods", "deployments", "statefulsets", "daemonsets", "jobs", "cronjobs"]),
    ("serviceaccounts", &["pods", "deployments", "statefulsets", "daemonsets", "jobs", "cronjobs"]),
];

/// The kinds that can use one of `kind`.
pub(super) fn beside(kind: Kind) -> Vec<Kind> {
    let of = BESIDE.iter().find(|(plural, _)| kind.info().plural == *plural && kind.is_built_in());
    of.map_or(&[][..], |(_, kinds)| kinds).iter().filter_map(|word| Kind::find(word)).collect()
}

/// Whether anything uses an object.
pub(super) enum Use {
    /// These do: `deployment/web`.
    By(BTreeSet<String>),
    /// Nothing that could be seen does.
    Nothing,
    /// It is no question for this one, and why: Helm keeps a release in it.
    Apart(&'static str),
}

/// Namespace and name of what is used, and by what.
#[derive(Default)]
pub(super) struct Users {
    names: BTreeMap<(String, String), BTreeSet<String>>,
    pods: Vec<(String, String, Value)>,
}

impl Users {
    /// Reads who uses objects of `kind` out of the lists of [`beside`].
    pub fn of(kind: Kind, lists: &[(Kind, &[Value])]) -> Users {
        let mut users = Users::default();
        for (user, object) in lists.iter().flat_map(|(user, objects)| objects.iter().map(move |object| (*user, object))) {
            let (namespace, name) = (text(object, "/metadata/namespace").to_string(), text(object, "/metadata/name"));
            let who = format!("{}/{name}", user.word());
            if kind.is("services", "") && user.is("pods", "") {
                // A pod that ended takes no traffic.
                if !["Succeeded", "Failed"].contains(&text(object, "/status/phase")) {
                    users.pods.push((namespace, name.to_string(), object["metadata"]["labels"].clone()));
                }
                continue;
            }
            let mut named = BTreeSet::new();
            references(kind, user, object, &mut named);
            for one in named {
                users.names.entry((namespace.clone(), one)).or_default().insert(who.clone());
            }
        }
        users
    }

    /// Whether anything uses this one.
    pub fn using(&self, kind: Kind, object: &Value) -> Use {
        let (namespace, name) = (text(object, "/metadata/namespace"), text(object, "/metadata/name"));
        if kind.is("services", "") {
            return self.behind(object, namespace);
        }
        if let Some(why) = apart(kind, object) {
            return Use::Apart(why);
        }
        match self.names.get(&(namespace.to_string(), name.to_string())) {
            Some(by) => Use::By(by.clone()),
            None => Use::Nothing,
        }
    }

    /// The ingresses and others that name it.
    pub fn naming(&self, object: &Value) -> BTreeSet<String> {
        let key = (text(object, "/metadata/namespace").to_string(), text(object, "/metadata/name").to_string());
        self.names.get(&key).cloned().unwrap_or_default()
    }

    /// The pods that a service's selector chooses.
    fn behind(&self, service: &Value, namespace: &str) -> Use {
        if text(service, "/spec/type") == "ExternalName" {
            return Use::Apart("it stands for a name outside");
        }
        let Some(selector) = service["spec"]["selector"].as_object().filter(|s| !s.is_empty()) else {
            return Use::Apart("it has no selector: its endpoints are given by hand");
        };
        let selector = LabelSelector::equal(selector.iter().map(|(k, v)| (k.as_str(), v.as_str().unwrap_or_default())));
        let chosen = self.pods.iter().filter(|(ns, _, labels)| ns == namespace && selector.matches_json(labels));
        let by: BTreeSet<String> = chosen.map(|(_, name, _)| format!("pod/{name}")).collect();
        if by.is_empty() { Use::Nothing } else { Use::By(by) }
    }
}

/// Objects that Kubernetes or Helm keep for themselves: nobody mounts them, and they are no leftovers.
fn apart(kind: Kind, object: &Value) -> Option<&'static str> {
    let name = text(object, "/metadata/name");
    match text(object, "/type") {
        "helm.sh/release.v1" => return Some("Helm keeps a release in it"),
        "kubernetes.io/service-account-token" => return Some("it is a service account's token"),
        "bootstrap.kubernetes.io/token" => return Some("nodes join with it"),
        _other_types => {}
    }
    if kind.is("configmaps", "") && (name == "kube-root-ca.crt" || name.starts_with("istio-ca-root")) {
        return Some("the cluster puts it into every namespace");
    }
    (kind.is("serviceaccounts", "") && name == "default").then_some("every namespace has it")
}

/// The names of objects of `kind` that stand in an object of another.
fn references(kind: Kind, user: Kind, object: &Value, named: &mut BTreeSet<String>) {
    let mut put = |name: &str| {
        if !name.is_empty() {
            named.insert(name.to_string());
        }
    };
    if user.is("serviceaccounts", "") {
        for at in ["/secrets", "/imagePullSecrets"] {
            list(object, at).iter().for_each(|one| put(text(one, "/name")));
        }
        return;
    }
    if user.is("ingresses", "networking.k8s.io") {
        if kind.is("secrets", "") {
            list(object, "/spec/tls").iter().for_each(|one| put(text(one, "/secretName")));
        } else {
            put(text(object, "/spec/defaultBackend/service/name"));
            let paths = list(object, "/spec/rules").iter().flat_map(|rule| list(rule, "/http/paths"));
            paths.for_each(|path| put(text(path, "/backend/service/name")));
        }
        return;
    }
    if kind.is("persistentvolumeclaims", "") && user.is("statefulsets", "apps") {
        // Claims made of its templates: name-set-0, whatever the ordinal.
        return claims_of_a_set(object, named);
    }
    let Some(spec) = template::pod_spec(user, object) else { return };
    if kind.is("serviceaccounts", "") {
        return put(text(spec, "/serviceAccountName"));
    }
    if kind.is("persistentvolumeclaims", "") {
        let owner = text(object, "/metadata/name").to_string();
        for volume in list(spec, "/volumes") {
            put(text(volume, "/persistentVolumeClaim/claimName"));
            if volume.get("ephemeral").is_some() {
                put(&format!("{owner}-{}", text(volume, "/name")));
            }
        }
        return;
    }
    let secret = kind.is("secrets", "");
    if secret {
        list(spec, "/imagePullSecrets").iter().for_each(|one| put(text(one, "/name")));
    }
    for volume in list(spec, "/volumes") {
        let projected = list(volume, "/projected/sources").iter();
        match secret {
            true => {
                put(text(volume, "/secret/secretName"));
                projected.for_each(|source| put(text(source, "/secret/name")));
                // Volumes of drivers name a Secret in one of these fields.
                for at in [
                    "/csi/nodePublishSecretRef/name",
                    "/cephfs/secretRef/name",
                    "/rbd/secretRef/name",
                    "/iscsi/secretRef/name",
                    "/flexVolume/secretRef/name",
                    "/azureFile/secretName",
                    "/scaleIO/secretRef/name",
                    "/storageos/secretRef/name",
                ] {
                    put(text(volume, at));
                }
            }
            false => {
                put(text(volume, "/configMap/name"));
                projected.for_each(|source| put(text(source, "/configMap/name")));
            }
        }
    }
    let containers = ["/containers", "/initContainers", "/ephemeralContainers"].iter().flat_map(|at| list(spec, at));
    for container in containers {
        let (key, whole) = if secret {
            ("/valueFrom/secretKeyRef/name", "/secretRef/name")
        } else {
            ("/valueFrom/configMapKeyRef/name", "/configMapRef/name")
        };
        list(container, "/env").iter().for_each(|one| put(text(one, key)));
        list(container, "/envFrom").iter().for_each(|one| put(text(one, whole)));
    }
}

/// What is said of those that the question leaves aside: how many, and why.
pub(super) fn left_aside(users: &Users, kind: Kind, objects: &[&Value]) -> Vec<String> {
    let mut why: BTreeMap<&'static str, usize> = BTreeMap::new();
    for object in objects {
        if let Use::Apart(because) = users.using(kind, object) {
            *why.entry(because).or_default() += 1;
        }
    }
    why.into_iter().map(|(because, n)| format!("{n} left aside: {because}")).collect()
}

fn claims_of_a_set(set: &Value, named: &mut BTreeSet<String>) {
    let name = text(set, "/metadata/name");
    let first = set.pointer("/spec/ordinals/start").and_then(Value::as_u64).unwrap_or(0);
    let replicas = set.pointer("/spec/replicas").and_then(Value::as_u64).unwrap_or(1).min(10_000);
    for template in list(set, "/spec/volumeClaimTemplates") {
        let claim = text(template, "/metadata/name");
        named.extend((first..first.saturating_add(replicas)).map(|n| format!("{claim}-{name}-{n}")));
    }
    let volumes = list(set, "/spec/template/spec/volumes");
    named.extend(volumes.iter().map(|v| text(v, "/persistentVolumeClaim/claimName").to_string()).filter(|name| !name.is_empty()));
}
