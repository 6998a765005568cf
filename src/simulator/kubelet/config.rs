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

/// A volume that cannot be mounted: its name, and why.
pub(super) fn unmountable(cluster: &Cluster, pod: &Value) -> Option<(String, String)> {
    let namespace = text(pod, "/metadata/namespace");
    list(pod, "/spec/volumes").iter().find_map(|volume| {
        [("configMap", "name", cluster.kinds.config_map, "configmap"), ("secret", "secretName", cluster.kinds.secret, "secret")]
            .into_iter()
            .find_map(|(field, by, kind, word)| {
                let source = volume.get(field)?;
                let name = source.get(by)?.as_str()?;
                let missing = cluster.store.stored(&Key::new(kind, namespace, name)).is_none() && !yes(source, "/optional");
                missing.then(|| (text(volume, "/name").to_owned(), format!("{word} {name:?} not found")))
            })
    })
}
