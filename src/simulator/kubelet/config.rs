//! What a container gets from ConfigMaps and Secrets, and what is missing. Source: `makeEnvironmentVariables` in `pkg/kubelet/kubelet_pods.go`.
use crate::simulator::{
    cluster::Cluster,
    json::{list, text, yes},
    registry::KindId,
    store::Key,
};
use serde_json::Value;
use std::collections::BTreeSet;

/// The names of the variables a container is started with, or why it cannot be started, in the kubelet's words.
pub(super) fn environment(cluster: &Cluster, pod: &Value, container: &Value) -> Result<BTreeSet<String>, String> {
    let namespace = text(pod, "/metadata/namespace");
    let mut names = BTreeSet::new();
    let find = |kind: KindId, name: &str| cluster.get(&Key::new(kind, namespace, name));
    for source in list(container, "/envFrom") {
        for (field, kind, word) in sources(cluster, "Ref") {
            let Some(reference) = source.get(&field) else { continue };
            let name = text(reference, "/name");
            match find(kind, name) {
                Some(object) => names.extend(keys(&object).map(|k| format!("{}{k}", text(source, "/prefix")))),
                None if yes(reference, "/optional") => {}
                None => return Err(format!("{word} {name:?} not found")),
            }
        }
    }
    for variable in list(container, "/env") {
        let mut given = true;
        for (field, kind, word) in sources(cluster, "KeyRef") {
            let Some(reference) = variable.pointer(&format!("/valueFrom/{field}")) else { continue };
            let (name, key) = (text(reference, "/name"), text(reference, "/key"));
            let found = find(kind, name);
            let has_key = found.as_ref().is_some_and(|o| keys(o).any(|k| k == key));
            given = has_key;
            if has_key || yes(reference, "/optional") {
                continue;
            }
            let said = if word == "configmap" { "ConfigMap" } else { "Secret" };
            return Err(match found {
                None => format!("{word} {name:?} not found"),
                Some(_) => format!("couldn't find key {key} in {said} {namespace}/{name}"),
            });
        }
        if given {
            names.insert(text(variable, "/name").to_owned());
        }
    }
    Ok(names)
}

fn sources(cluster: &Cluster, suffix: &str) -> [(String, KindId, &'static str); 2] {
    [(format!("configMap{suffix}"), cluster.kinds.config_map, "configmap"), (format!("secret{suffix}"), cluster.kinds.secret, "secret")]
}

fn keys(object: &Value) -> impl Iterator<Item = &str> {
    ["data", "binaryData"].into_iter().filter_map(|f| object.get(f)?.as_object()).flatten().map(|(k, _)| k.as_str())
}

/// A volume that cannot be mounted: its name, and why. Source: `SetUpAt` in `pkg/volume/configmap`, `pkg/volume/secret`, `pkg/volume/projected`.
pub(super) fn unmountable(cluster: &Cluster, pod: &Value) -> Option<(String, String)> {
    list(pod, "/spec/volumes").iter().find_map(|volume| {
        let parts = std::iter::once(volume).chain(list(volume, "/projected/sources"));
        let why = parts.into_iter().find_map(|part| missing(cluster, text(pod, "/metadata/namespace"), part))?;
        Some((text(volume, "/name").to_owned(), why))
    })
}

fn missing(cluster: &Cluster, namespace: &str, part: &Value) -> Option<String> {
    let sources = [("configMap", cluster.kinds.config_map, "configmap", "config"), ("secret", cluster.kinds.secret, "secret", "secret")];
    sources.into_iter().find_map(|(field, kind, word, short)| {
        let source = part.get(field).filter(|source| !yes(source, "/optional"))?;
        let name = source.get("secretName").or_else(|| source.get("name"))?.as_str()?;
        let Some(object) = cluster.get(&Key::new(kind, namespace, name)) else { return Some(format!("{word} {name:?} not found")) };
        let wanted = list(source, "/items").iter().map(|item| text(item, "/key"));
        let lost = wanted.into_iter().find(|key| !keys(&object).any(|have| have == *key))?;
        Some(format!("references non-existent {short} key: {lost}"))
    })
}

/// Whether a container may run as the user that its image and its spec give it. Source: `verifyRunAsNonRoot` in `pkg/kubelet/kuberuntime`.
pub(super) fn user(pod: &Value, container: &Value, image_is_root: bool) -> Result<(), String> {
    let setting = |field: &str| {
        let own = container.pointer(&format!("/securityContext/{field}"));
        own.or_else(|| pod.pointer(&format!("/spec/securityContext/{field}")))
    };
    if setting("runAsNonRoot") != Some(&Value::Bool(true)) {
        return Ok(());
    }
    let whose = format!(
        "(pod: \"{}_{}({})\", container: {})",
        text(pod, "/metadata/name"),
        text(pod, "/metadata/namespace"),
        text(pod, "/metadata/uid"),
        text(container, "/name")
    );
    match setting("runAsUser").and_then(Value::as_i64) {
        Some(0) => Err(format!("container's runAsUser breaks non-root policy {whose}")),
        None if image_is_root => Err(format!("container has runAsNonRoot and image will run as root {whose}")),
        Some(_) | None => Ok(()),
    }
}
