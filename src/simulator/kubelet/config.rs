//! What keeps a container from being started: volumes that cannot be mounted.
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
