//! Keeping Secret values in: what leaves the door holds their sizes and keyed digests, never themselves.
//!
//! The digest is an HMAC under a key that lives as long as the process: equal values read equal, so that a diff shows that one
//! changed, and nobody can try guesses against what was written down.

use super::{rejection, wire::Outgoing};
use crate::{
    facts::{Rejection, RejectionSort},
    ops::Form,
};
use base64::Engine as _;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::sync::OnceLock;

const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
/// Begins every mention of the kind, also inside a quoted string (`\"Secret\"`).
const MENTION: &str = "\"Secret";

/// The body as it may leave. Only bodies that may hold a Secret are looked into.
pub(super) fn body(body: Vec<u8>, asked: &Outgoing) -> Result<Vec<u8>, Rejection> {
    if asked.form == Form::Release {
        return super::release::body(&body);
    }
    let mentions = || match std::str::from_utf8(&body) {
        Ok(text) => text.contains(MENTION),
        // No JSON either; if it is to be read all the same, it is to be read with care.
        Err(_) => true,
    };
    if !asked.secret && (asked.form == Form::Text || !mentions()) {
        return Ok(body);
    }
    // What a document that is text says of Secrets is about them, not them: `/metrics` counts them.
    if !asked.secret && asked.form == Form::Raw && !body.trim_ascii_start().starts_with(b"{") {
        return Ok(body);
    }
    let Ok(mut value) = serde_json::from_slice::<Value>(&body) else {
        return Err(rejection::own(RejectionSort::ServerTrouble, "the server's answer about a Secret is no JSON and is withheld"));
    };
    if asked.secret {
        of_secrets(&mut value);
    } else {
        redact(&mut value);
    }
    serde_json::to_vec(&value).map_err(|_| rejection::own(RejectionSort::ServerTrouble, "the server's answer about a Secret is withheld"))
}

/// One event of a watch as it may leave: its object is looked into as an answer of that address is.
pub(super) fn event(line: &[u8], asked: &Outgoing) -> serde_json::Result<Vec<u8>> {
    let mentions = std::str::from_utf8(line).map_or(true, |text| text.contains(MENTION));
    if !asked.secret && !mentions {
        return Ok(line.to_vec());
    }
    let mut event: Value = serde_json::from_slice(line)?;
    match event.get_mut("object") {
        Some(object) if asked.secret => of_secrets(object),
        Some(object) => redact(object),
        None => redact(&mut event),
    }
    serde_json::to_vec(&event)
}

/// An answer of the Secrets' own address: an object, a list (its items name no kind), a table.
fn of_secrets(value: &mut Value) {
    let kind = value.get("kind").and_then(Value::as_str).unwrap_or_default();
    let at = match kind {
        "Status" => At::Elsewhere,
        "Table" | "PartialObjectMetadataList" => At::BelowSecret,
        _ if value.get("items").is_some() => At::List,
        _ => At::Secret,
    };
    for row in value.get_mut("rows").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(metadata) = row.pointer_mut("/object/metadata").and_then(Value::as_object_mut) {
            metadata.remove("managedFields");
            if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
                annotations.remove(LAST_APPLIED);
            }
        }
    }
    walk(value, at);
}

/// Masks every Secret anywhere in `value`: kind `Secret`, items of a `SecretList`, and what `kubectl apply` keeps in an
/// annotation.
pub(super) fn redact(value: &mut Value) {
    walk(value, At::Elsewhere);
}

/// Where in an answer the walk is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Elsewhere,
    /// A Secret, whether or not it says so.
    Secret,
    /// A list of them.
    List,
    /// In a Secret's metadata.
    BelowSecret,
}

fn walk(value: &mut Value, at: At) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, at)),
        Value::Object(map) => {
            let at = match map.get("kind").and_then(Value::as_str) {
                Some("Secret") => At::Secret,
                Some("SecretList") => At::List,
                Some(_) | None => at,
            };
            let inside = if at == At::Secret || at == At::BelowSecret { At::BelowSecret } else { At::Elsewhere };
            for (key, inner) in map.iter_mut() {
                match (key.as_str(), &mut *inner) {
                    ("data", _) if at == At::Secret => mask(inner, true),
                    ("stringData", _) if at == At::Secret => mask(inner, false),
                    ("items", _) if at == At::List => walk(inner, At::Secret),
                    (LAST_APPLIED, Value::String(text)) => *text = applied(text, inside),
                    (_, Value::Array(_) | Value::Object(_)) => walk(inner, inside),
                    (_, Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {}
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The same for the JSON text of an annotation; text that is no JSON and speaks of a Secret is masked whole.
fn applied(text: &str, inside: At) -> String {
    let of_secret = inside == At::BelowSecret;
    match serde_json::from_str::<Value>(text) {
        Ok(mut inner @ Value::Object(_)) => {
            walk(&mut inner, if of_secret { At::Secret } else { At::Elsewhere });
            inner.to_string()
        }
        Ok(_) | Err(_) if of_secret || text.contains("Secret") => marker(text.as_bytes()),
        Ok(_) | Err(_) => text.to_string(),
    }
}

/// Masks the values of a Secret's `data` or `stringData`; whatever stands in their place is masked whole.
fn mask(field: &mut Value, encoded: bool) {
    match field {
        Value::Object(map) => map.values_mut().for_each(|v| mask_value(v, encoded)),
        other => mask_value(other, false),
    }
}

fn mask_value(value: &mut Value, encoded: bool) {
    let bytes = match value {
        Value::Null => return,
        Value::String(text) if encoded => {
            base64::engine::general_purpose::STANDARD.decode(text.as_bytes()).unwrap_or_else(|_| text.clone().into_bytes())
        }
        Value::String(text) => text.clone().into_bytes(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string().into_bytes(),
    };
    *value = Value::String(marker(&bytes));
}

/// `<redacted 24 bytes, 3f9a0c21b7d4…>`.
pub(super) fn marker(bytes: &[u8]) -> String {
    let digest = hex::encode(&keyed(bytes)[..6]);
    let unit = if bytes.len() == 1 { "byte" } else { "bytes" };
    format!("<redacted {} {unit}, {digest}…>", bytes.len())
}

/// HMAC-SHA256 (RFC 2104).
fn keyed(message: &[u8]) -> [u8; 32] {
    let key = key();
    let pad = |with: u8| {
        let mut block = [with; 64];
        block.iter_mut().zip(key).for_each(|(b, k)| *b ^= k);
        block
    };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().into()
}

fn key() -> &'static [u8; 32] {
    static KEY: OnceLock<[u8; 32]> = OnceLock::new();
    KEY.get_or_init(|| {
        let mut key = [0; 32];
        if rustls::crypto::ring::default_provider().secure_random.fill(&mut key).is_err() {
            // No randomness from the system: the standard library's own seeds, which it takes from there too, are what is left.
            use std::hash::{BuildHasher as _, RandomState};
            for chunk in key.chunks_mut(8) {
                chunk.copy_from_slice(&RandomState::new().hash_one(uuid::Uuid::now_v7()).to_le_bytes());
            }
        }
        key
    })
}
