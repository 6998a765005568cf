//! get and list.
use super::{
    Answer, Ask, Target,
    request::Form,
    selection::Selection,
    table::{self, Include},
};
use crate::simulator::{
    cluster::Cluster,
    json::{set, text},
    refusal::Refusal,
    registry::Resource,
    store::{Key, Stored},
};
use base64::{DecodeError, Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// One object.
pub(super) fn get(cluster: &Cluster, ask: &Ask, key: &Key) -> Result<Answer, Refusal> {
    let resource = cluster.registry.get(key.kind);
    let stored = cluster.store.stored(key).ok_or_else(|| Refusal::not_found(&cluster.named(key)))?;
    asked_version(ask)?;
    if ask.form()? == Form::Whole {
        return Ok(Answer::Bytes(whole(resource, stored)));
    }
    Ok(Answer::Json(200, formed(cluster, ask, resource, &stored.tree())?.unwrap_or_default()))
}

/// An object in the form that is asked for; None where that is the object itself.
pub(super) fn formed(cluster: &Cluster, ask: &Ask, resource: &Resource, object: &Value) -> Result<Option<Value>, Refusal> {
    Ok(match ask.form()? {
        Form::Whole => None,
        Form::Metadata => Some(metadata(object)),
        Form::MetadataList => {
            let why = "you requested PartialObjectMetadataList, but the requested object is not a list";
            return Err(Refusal::not_acceptable(format!("{why} (*{})", go_type(resource))));
        }
        Form::Table => {
            let mut table = table::of(cluster, resource, std::iter::once(object), Include::of(ask)?);
            set(&mut table, "/metadata/resourceVersion", text(object, "/metadata/resourceVersion"));
            Some(table)
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
pub(super) fn metadata(object: &Value) -> Value {
    json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object["metadata"]})
}

/// What the API server's own program calls a kind; some of its messages do.
fn go_type(resource: &Resource) -> String {
    let package = resource.group.split('.').next().filter(|g| !g.is_empty()).unwrap_or("core");
    if resource.custom { "unstructured.Unstructured".to_owned() } else { format!("{package}.{}", resource.kind) }
}

/// The objects of a kind that are selected, in pages where that is asked for.
pub(super) fn list(cluster: &Cluster, ask: &Ask, target: &Target) -> Result<Answer, Refusal> {
    ask.number("timeoutSeconds")?;
    let selection = Selection::of(cluster, ask, target)?;
    let resource = cluster.registry.get(target.kind);
    let form = ask.form()?;
    let asked = list_version(cluster, ask)?;
    let after = ask.query("continue").map(|token| from_token(token, target)).transpose()?;
    let version = match (&after, asked) {
        (Some((version, ..)), _) => u64::try_from(*version).ok(),
        (None, Some(version)) if ask.query("resourceVersionMatch") == Some("Exact") => Some(version),
        (None, _) => None,
    };
    let version = version.unwrap_or_else(|| cluster.store.version());
    // Version zero means the cache, and what comes from the cache comes whole.
    let limit = ask.number("limit")?.filter(|_| asked != Some(0)).and_then(|n| usize::try_from(n).ok()).filter(|n| *n > 0);
    let there =
        cluster.store.of_kind_at(version, target.kind, target.namespace.as_deref()).ok_or_else(|| expired(target, after.as_ref()))?;
    let mut rest = there.into_iter().filter(|(key, stored)| {
        after.as_ref().is_none_or(|(_, ns, name)| (&*key.namespace, &*key.name) > (ns.as_str(), name.as_str()))
            && selection.holds(key, stored)
    });
    let page: Vec<(&Key, &Stored)> = rest.by_ref().take(limit.unwrap_or(usize::MAX)).collect();
    let left = rest.count();
    let mut meta = json!({"resourceVersion": version.to_string()});
    if resource.custom && form == Form::Whole {
        meta["continue"] = "".into();
    }
    if let (true, Some((last, _))) = (left > 0, page.last()) {
        meta["continue"] = token(version.cast_signed(), target, (&last.namespace, &last.name)).into();
        if ask.query("labelSelector").is_none() && ask.query("fieldSelector").is_none() {
            meta["remainingItemCount"] = left.into();
        }
    }
    Ok(match form {
        Form::Whole => Answer::Bytes(joined(resource, &meta, &page)),
        Form::Metadata => {
            return Err(Refusal::not_acceptable(format!(
                "you requested PartialObjectMetadata, but the requested object is a list (*{}List)",
                go_type(resource)
            )));
        }
        Form::MetadataList => {
            let items: Vec<Value> = page.iter().map(|(_, s)| metadata(&s.tree())).collect();
            Answer::Json(
                200,
                json!({"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": meta, "items": items}),
            )
        }
        Form::Table => {
            // One tree at a time: all of them are ten times their bytes.
            let mut table = table::of(cluster, resource, page.iter().map(|(_, s)| s.tree()), Include::of(ask)?);
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

/// The version a request asks for. Lists and single objects are told differently what is wrong with it, as the API server does.
pub(super) fn asked_version(ask: &Ask) -> Result<Option<u64>, Refusal> {
    let Some(text) = ask.query("resourceVersion") else { return Ok(None) };
    let unreadable =
        |_| Refusal::new(500, "", format!("resourceVersion: Invalid value: {text:?}: strconv.ParseUint: parsing {text:?}: invalid syntax"));
    text.parse().map(Some).map_err(unreadable)
}

fn list_version(cluster: &Cluster, ask: &Ask) -> Result<Option<u64>, Refusal> {
    let asked = asked_version(ask).map_err(|why| Refusal::bad_request(format!("invalid resource version: {}", why.message)))?;
    if asked.is_some_and(|v| v > 0) && ask.query("continue").is_some() {
        return Err(Refusal::bad_request("specifying resource version is not allowed when using continue"));
    }
    let current = cluster.store.version();
    if let Some(version) = asked.filter(|version| *version > current) {
        let mut refusal = Refusal::new(504, "Timeout", format!("Timeout: Too large resource version: {version}, current: {current}"));
        refusal.details =
            json!({"causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}], "retryAfterSeconds": 1});
        return Err(refusal);
    }
    Ok(asked)
}

/// Where the next page begins, in the API server's own form. Source: `apiserver/pkg/storage/continue.go`.
fn token(version: i64, target: &Target, last: (&str, &str)) -> String {
    let place = if target.namespace.is_some() { format!("/{}", last.1) } else { format!("/{}/{}", last.0, last.1) };
    URL_SAFE_NO_PAD.encode(json!({"v": "meta.k8s.io/v1", "rv": version, "start": format!("{place}\0")}).to_string())
}

/// The version a page is read at (negative: whatever there is), and the namespace and name that it follows.
type Place = (i64, String, String);

fn from_token(token: &str, target: &Target) -> Result<Place, Refusal> {
    let bad = |why: String| Refusal::bad_request(format!("invalid continue token: continue key is not valid: {why}"));
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|why| match why {
        DecodeError::InvalidByte(at, _) | DecodeError::InvalidLength(at) | DecodeError::InvalidLastSymbol(at, _) => {
            bad(format!("illegal base64 data at input byte {at}"))
        }
        DecodeError::InvalidPadding => bad(format!("illegal base64 data at input byte {}", token.len())),
    })?;
    let first = || char::from(bytes.first().copied().unwrap_or(b' '));
    let tree: Value =
        serde_json::from_slice(&bytes).map_err(|_| bad(format!("invalid character '{}' looking for beginning of value", first())))?;
    let start = text(&tree, "/start").trim_start_matches('/').trim_end_matches('\0');
    let (namespace, name) = match &target.namespace {
        Some(namespace) => (namespace.as_str(), start),
        None => start.split_once('/').unwrap_or(("", start)),
    };
    Ok((tree["rv"].as_i64().unwrap_or(-1), namespace.to_owned(), name.to_owned()))
}

/// A page of a list that is remembered no longer; the token in the answer goes on with what there is now.
fn expired(target: &Target, after: Option<&Place>) -> Refusal {
    let Some((_, namespace, name)) = after else {
        return Refusal::new(410, "Expired", "The resourceVersion for the provided list is too old.");
    };
    let mut refusal = Refusal::new(
        410,
        "Expired",
        "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, \
         or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an \
         inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.",
    );
    refusal.metadata = json!({"continue": token(-1, target, (namespace, name))});
    refusal
}
