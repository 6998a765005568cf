//! What keeps a container from being started: volumes that cannot be mounted, a user it may not be.
use crate::simulator::{
    cluster::Cluster,
    json::{list, text, yes},
    store::Key,
};
use serde_json::Value;

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
