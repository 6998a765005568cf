//! get and list.
use super::{
    Answer, Ask, Target,
    request::Form,
    selection::Selection,
    table::{self, Include},
};
use crate::simulator::{
    cluster::Cluster,
    json::set,
    refusal::Refusal,
    registry::Resource,
    store::{Key, Stored},
};
use serde_json::{Value, json};

/// One object.
pub(super) fn get(cluster: &Cluster, ask: &Ask, key: &Key) -> Result<Answer, Refusal> {
    let resource = cluster.registry.get(key.kind);
    let stored = cluster.store.stored(key).ok_or_else(|| Refusal::not_found(&cluster.named(key)))?;
    Ok(match ask.form() {
        Form::Whole => Answer::Bytes(whole(resource, stored)),
        Form::Metadata => Answer::Json(200, metadata(resource, &stored.tree())),
        Form::Table => {
            let mut table = table::of(cluster, resource, [stored.tree()].iter(), Include::of(ask)?);
            set(&mut table, "/metadata/resourceVersion", stored.version.to_string());
            Answer::Json(200, table)
        }
    })
}

/// An object's bytes with `apiVersion` and `kind` in front.
pub(super) fn whole(resource: &Resource, stored: &Stored) -> Vec<u8> {
    let head = format!("{{\"kind\":\"{}\",\"apiVersion\":\"{}\",", resource.kind, resource.api_version());
    let mut bytes = Vec::with_capacity(head.len() + stored.bytes.len());
    bytes.extend_from_slice(head.as_bytes());
    bytes.extend_from_slice(&stored.bytes[1..]);
    bytes
}

/// An object's metadata alone, as `PartialObjectMetadata`.
pub(super) fn metadata(_: &Resource, object: &Value) -> Value {
    json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object["metadata"]})
}

/// The objects of a kind that are selected, in pages where that is asked for.
pub(super) fn list(cluster: &Cluster, ask: &Ask, target: &Target) -> Result<Answer, Refusal> {
    let selection = Selection::of(cluster, ask, target)?;
    let resource = cluster.registry.get(target.kind);
    check_version(cluster, ask)?;
    let (version, after) = match ask.query("continue") {
        Some(token) => from_token(token)?,
        None => (cluster.store.version(), None),
    };
    let limit = ask.number("limit")?.and_then(|n| usize::try_from(n).ok()).filter(|n| *n > 0);
    let mut rest = cluster.store.of_kind(target.kind, target.namespace.as_deref()).filter(|(key, stored)| {
        after.as_ref().is_none_or(|(ns, name)| (&*key.namespace, &*key.name) > (ns.as_str(), name.as_str())) && selection.holds(key, stored)
    });
    let page: Vec<(&Key, &Stored)> = rest.by_ref().take(limit.unwrap_or(usize::MAX)).collect();
    let left = rest.count();
    let mut meta = json!({"resourceVersion": version.to_string()});
    if let (true, Some((last, _))) = (left > 0, page.last()) {
        meta["continue"] = token(version, last).into();
        if ask.query("labelSelector").is_none() && ask.query("fieldSelector").is_none() {
            meta["remainingItemCount"] = left.into();
        }
    }
    Ok(match ask.form() {
        Form::Whole => Answer::Bytes(joined(resource, &meta, &page)),
        Form::Metadata => {
            let items: Vec<Value> = page.iter().map(|(_, s)| metadata(resource, &s.tree())).collect();
            Answer::Json(
                200,
                json!({"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": meta, "items": items}),
            )
        }
        Form::Table => {
            let trees: Vec<Value> = page.iter().map(|(_, s)| s.tree()).collect();
            let mut table = table::of(cluster, resource, trees.iter(), Include::of(ask)?);
            table["metadata"] = meta;
            Answer::Json(200, table)
        }
    })
}

fn joined(resource: &Resource, meta: &Value, page: &[(&Key, &Stored)]) -> Vec<u8> {
    let size: usize = page.iter().map(|(_, s)| s.bytes.len() + 1).sum();
    let mut out = Vec::with_capacity(size + 200);
    out.extend_from_slice(
        format!("{{\"kind\":\"{}List\",\"apiVersion\":\"{}\",\"metadata\":{meta},\"items\":[", resource.kind, resource.api_version())
            .as_bytes(),
    );
    for (at, (_, stored)) in page.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        if resource.custom {
            out.extend_from_slice(&whole(resource, stored));
        } else {
            out.extend_from_slice(&stored.bytes);
        }
    }
    out.extend_from_slice(b"]}");
    out
}

/// A version that has not been reached, or is none.
pub(super) fn check_version(cluster: &Cluster, ask: &Ask) -> Result<Option<u64>, Refusal> {
    let Some(text) = ask.query("resourceVersion") else { return Ok(None) };
    let Ok(version) = text.parse::<u64>() else {
        return Err(Refusal::bad_request(format!(
            "resourceVersion: Invalid value: {text:?}: strconv.ParseUint: parsing {text:?}: invalid syntax"
        )));
    };
    let current = cluster.store.version();
    if version > current {
        let mut refusal = Refusal::new(504, "Timeout", format!("Too large resource version: {version}, current: {current}"));
        refusal.details =
            json!({"causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}], "retryAfterSeconds": 1});
        return Err(refusal);
    }
    Ok(Some(version))
}

fn token(version: u64, last: &Key) -> String {
    hex::encode(format!("{version}/{}/{}", last.namespace, last.name))
}

type Place = (u64, Option<(String, String)>);

fn from_token(token: &str) -> Result<Place, Refusal> {
    let bad = || Refusal::bad_request("continue key is not valid: the token was not made by this server");
    let text = String::from_utf8(hex::decode(token).map_err(|_| bad())?).map_err(|_| bad())?;
    let mut parts = text.splitn(3, '/');
    match (parts.next().and_then(|v| v.parse().ok()), parts.next(), parts.next()) {
        (Some(version), Some(namespace), Some(name)) => Ok((version, Some((namespace.to_owned(), name.to_owned())))),
        _ => Err(bad()),
    }
}
