//! The variables a container is started with. Sources: `makeEnvironmentVariables` in `pkg/kubelet/kubelet_pods.go`, `pkg/kubelet/envvars/envvars.go`.
use super::{field, hostname, resource};
use crate::simulator::{
    cluster::Cluster,
    json::{list, text, time, yes},
    registry::KindId,
    store::Key,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

/// Names and values.
pub(in crate::simulator) type Variables = BTreeMap<String, String>;

/// What a container has that runs: what it was started with, where the Services were then, and the runtime's own.
pub(super) fn whole(cluster: &Cluster, pod: &Value, container: &Value) -> Vec<(String, String)> {
    let name = text(container, "/name");
    let status = list(pod, "/status/containerStatuses").iter().find(|s| text(s, "/name") == name);
    let started = status.and_then(|s| time(s, "/state/running/startedAt")).unwrap_or(cluster.now);
    let mut all = of_services(cluster, pod, started);
    match cluster.kubelet.environment(text(pod, "/metadata/uid"), name) {
        Some(given) => all.extend(given.clone()),
        // No kubelet started it: it was loaded as it is.
        None => all.extend(given(cluster, pod, container, text(pod, "/status/podIP")).unwrap_or_default()),
    }
    let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut whole = vec![
        own("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        own("HOSTNAME", hostname(pod)),
        own("HOME", "/root"),
    ];
    whole.retain(|(name, _)| !all.contains_key(name));
    whole.extend(all);
    whole
}

/// `envFrom` and `env` as they are now, `address` being the pod's own.
///
/// # Errors
/// What is missing, in the kubelet's words.
pub(in crate::simulator) fn given(cluster: &Cluster, pod: &Value, container: &Value, address: &str) -> Result<Variables, String> {
    let namespace = text(pod, "/metadata/namespace");
    let find = |kind: KindId, name: &str| cluster.get(&Key::new(kind, namespace, name));
    let kinds = [("configMap", cluster.kinds.config_map, "ConfigMap"), ("secret", cluster.kinds.secret, "Secret")];
    let mut all = Variables::new();
    for source in list(container, "/envFrom") {
        for (field, kind, word) in kinds {
            let Some(reference) = source.get(format!("{field}Ref")) else { continue };
            let (name, prefix) = (text(reference, "/name"), text(source, "/prefix"));
            match find(kind, name) {
                Some(object) => all.extend(texts(&object).map(|(key, value)| (format!("{prefix}{key}"), value))),
                None if yes(reference, "/optional") => {}
                None => return Err(format!("{} {name:?} not found", word.to_lowercase())),
            }
        }
    }
    let mut services = None;
    for variable in list(container, "/env") {
        let source = |name: &str| variable.get("valueFrom").and_then(|from| from.get(name));
        let keyed = kinds.into_iter().find_map(|(field, kind, word)| Some((source(&format!("{field}KeyRef"))?, kind, word)));
        let value = if let Some((reference, kind, word)) = keyed {
            let (name, key) = (text(reference, "/name"), text(reference, "/key"));
            let object = find(kind, name);
            let value = object.as_ref().and_then(|object| texts(object).find(|(k, _)| *k == key).map(|(_, v)| v));
            match (value, object) {
                (None, _) if yes(reference, "/optional") => continue,
                (None, None) => return Err(format!("{} {name:?} not found", word.to_lowercase())),
                (None, Some(_)) => return Err(format!("couldn't find key {key} in {word} {namespace}/{name}")),
                (Some(value), _) => value,
            }
        } else if let Some(reference) = source("fieldRef") {
            field(cluster, pod, text(reference, "/fieldPath"), address).unwrap_or_default()
        } else if let Some(reference) = source("resourceFieldRef") {
            resource(cluster, pod, container, reference).unwrap_or_default()
        } else {
            let plain = text(variable, "/value");
            if plain.contains('$') {
                let services = services.get_or_insert_with(|| of_services(cluster, pod, cluster.now));
                expanded(plain, &[&all, services])
            } else {
                plain.to_owned()
            }
        };
        all.insert(text(variable, "/name").to_owned(), value);
    }
    Ok(all)
}

/// What a ConfigMap or Secret holds, key by key.
pub(super) fn data(object: &Value) -> impl Iterator<Item = (&str, Vec<u8>)> {
    let secret = object.get("type").is_some();
    let fields = [("data", secret), ("binaryData", true)];
    let entries = fields.into_iter().filter_map(move |(name, coded)| Some((object.get(name)?.as_object()?, coded)));
    entries
        .flat_map(|(map, coded)| map.iter().map(move |(key, value)| (key.as_str(), value.as_str().unwrap_or_default(), coded)))
        .map(|(key, value, coded)| (key, if coded { STANDARD.decode(value).unwrap_or_default() } else { value.as_bytes().to_vec() }))
}

/// What of it can be a variable: all of a Secret, and of a ConfigMap what is no binary data.
fn texts(object: &Value) -> impl Iterator<Item = (&str, String)> {
    let fit = move |key: &str| object.pointer("/data").is_some_and(|data| data.get(key).is_some());
    data(object).filter(move |(key, _)| fit(key)).map(|(key, value)| (key, String::from_utf8_lossy(&value).into_owned()))
}

/// `$(NAME)` where the name is known; `$$` is a dollar. Source: `third_party/forked/golang/expansion`.
fn expanded(text: &str, known: &[&Variables]) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        rest = after;
        if let Some(after) = rest.strip_prefix('$') {
            (rest, _) = (after, out.push('$'));
        } else if let Some((name, after)) = rest.strip_prefix('(').and_then(|inner| inner.split_once(')')) {
            match known.iter().find_map(|all| all.get(name)) {
                Some(value) => out.push_str(value),
                None => out.push_str(&format!("$({name})")),
            }
            rest = after;
        } else {
            out.push('$');
        }
    }
    out + rest
}

/// Where the Services are that were there at a time.
fn of_services(cluster: &Cluster, pod: &Value, then: Timestamp) -> Variables {
    let (namespace, kind) = (text(pod, "/metadata/namespace"), cluster.kinds.service);
    let links = pod.pointer("/spec/enableServiceLinks").is_none_or(|v| v.as_bool() != Some(false));
    let api = [Key::new(kind, "default", "kubernetes")];
    let own = cluster.store.of_kind(kind, Some(namespace)).map(|(key, _)| key.clone()).filter(|_| links);
    let mut all = Variables::new();
    for service in api.into_iter().chain(own).filter_map(|key| cluster.get(&key)) {
        let host = text(&service, "/spec/clusterIP");
        if matches!(host, "" | "None") || time(&service, "/metadata/creationTimestamp").is_some_and(|made| made > then) {
            continue;
        }
        let shout = |word: &str| word.replace('-', "_").to_ascii_uppercase();
        let prefix = shout(text(&service, "/metadata/name"));
        let mut put = |name: String, value: &str| all.insert(format!("{prefix}_{name}"), value.to_owned());
        put("SERVICE_HOST".to_owned(), host);
        for (at, port) in list(&service, "/spec/ports").iter().enumerate() {
            let (number, protocol) = (port["port"].to_string(), text(port, "/protocol"));
            let url = format!("{}://{host}:{number}", protocol.to_ascii_lowercase());
            if at == 0 {
                put("SERVICE_PORT".to_owned(), &number);
                put("PORT".to_owned(), &url);
            }
            if let Some(name) = port.get("name").and_then(Value::as_str).filter(|n| !n.is_empty()) {
                put(format!("SERVICE_PORT_{}", shout(name)), &number);
            }
            let one = format!("PORT_{number}_{protocol}");
            put(one.clone(), &url);
            put(format!("{one}_PROTO"), &protocol.to_ascii_lowercase());
            put(format!("{one}_PORT"), &number);
            put(format!("{one}_ADDR"), host);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::{Variables, expanded};

    #[test]
    fn dollars_expand_as_the_kubelet_expands_them() {
        let known = Variables::from([("A".to_owned(), "x y".to_owned())]);
        for (text, wanted) in [("$(A)-$(NOPE)-$$(A)", "x y-$(NOPE)-$(A)"), ("$A $", "$A $"), ("$(A", "$(A"), ("$$$(A)", "$x y"), ("", "")] {
            assert_eq!(expanded(text, &[&known]), wanted, "{text}");
        }
    }
}
