//! How a call looks on the wire: method, address, headers, body.
//!
//! Field manager, validation and dry run: <https://kubernetes.io/docs/reference/using-api/api-concepts/>.

use super::{Sending, rejection};
use crate::{
    facts::{Rejection, RejectionSort},
    ops::{Action, Address, Call, Form, PatchKind, call::FIELD_MANAGER},
};
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

pub(super) const JSON: &str = "application/json";
const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
/// All groups with all their kinds; an older server gives the list of groups alone.
pub(super) const DISCOVERY: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";
/// Names, labels and owners only.
pub(super) const METADATA: &str = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json";
/// Logs are text; an error about them is a JSON Status.
const TEXT: &str = "application/json, */*";

/// What sending it may do to the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing, and it may be sent again.
    Read,
    /// Nothing: the server only says what it would do.
    Rehearsal,
    /// A change: sent once, whatever happens.
    Write,
}

/// One request, ready to be sent any number of times.
#[derive(Debug, Clone)]
pub(super) struct Outgoing {
    pub method: Method,
    /// Path and query.
    pub uri: String,
    pub accept: &'static str,
    /// Content type and body.
    pub body: Option<(&'static str, Vec<u8>)>,
    pub effect: Effect,
    /// Whether the answer may hold Secret values even where it does not say so.
    pub secret: bool,
    pub form: Form,
}

impl Outgoing {
    /// A read of a path that no kind stands for: `/version`, `/apis`.
    pub fn path(uri: impl Into<String>, accept: &'static str) -> Outgoing {
        Outgoing { method: Method::GET, uri: uri.into(), accept, body: None, effect: Effect::Read, secret: false, form: Form::Json }
    }

    /// One call, as a read, a rehearsal or a write.
    pub fn call(call: &Call, how: Sending<'_>) -> Result<Outgoing, Rejection> {
        if let Address::Local { .. } = call.at {
            return Err(rejection::own(RejectionSort::Invalid, "what stands on this machine is not asked of the server"));
        }
        let (effect, pin) = match (how, call.mutates()) {
            (Sending::Read, false) => (Effect::Read, None),
            (Sending::DryRun(pin), true) => (Effect::Rehearsal, pin),
            (Sending::Write(pin), true) => (Effect::Write, pin),
            (Sending::Read, true) => {
                return Err(rejection::own(RejectionSort::NotAllowed, "this call would change something and was asked for as a read"));
            }
            (Sending::DryRun(_) | Sending::Write(_), false) => {
                return Err(rejection::own(RejectionSort::NotAllowed, "this call only reads and was asked for as a change"));
            }
        };
        if call.action == Action::Talk {
            return Err(rejection::own(RejectionSort::NotAllowed, "a connection into a pod is no single request"));
        }
        if let Action::Program(_) | Action::Carried(_) = call.action {
            return Err(rejection::own(RejectionSort::NotAllowed, "what a program does is no request of ours"));
        }
        if call.form == Form::Rehearsal {
            return Err(rejection::own(RejectionSort::NotAllowed, "what is only rehearsed is asked for as a rehearsal"));
        }
        let mut query: Vec<(&str, &str)> = call.query.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        if effect != Effect::Read {
            // A call cannot say these for itself: they belong to how it is sent.
            query.retain(|(key, _)| !["dryRun", "fieldManager", "fieldValidation", "force"].contains(key));
        }
        let mut body = call.body(pin);
        let (method, content) = match &call.action {
            Action::Get | Action::List | Action::Talk | Action::Program(_) | Action::Carried(_) => (Method::GET, JSON),
            Action::Create(_) | Action::Evict { .. } => {
                if effect != Effect::Read {
                    query.extend([("fieldManager", FIELD_MANAGER), ("fieldValidation", "Strict")]);
                }
                (Method::POST, JSON)
            }
            Action::Replace(_) => {
                query.extend([("fieldManager", FIELD_MANAGER), ("fieldValidation", "Strict")]);
                (Method::PUT, JSON)
            }
            Action::Patch(kind, _) => {
                query.push(("fieldManager", FIELD_MANAGER));
                let content = match kind {
                    PatchKind::Json => "application/json-patch+json",
                    PatchKind::Merge => "application/merge-patch+json",
                    PatchKind::Strategic => "application/strategic-merge-patch+json",
                    PatchKind::Apply { force } => {
                        query.push(("fieldValidation", "Strict"));
                        if *force {
                            query.push(("force", "true"));
                        }
                        "application/apply-patch+yaml"
                    }
                };
                (Method::PATCH, content)
            }
            Action::Delete { .. } => {
                // A deletion with a body is read from the body alone: dryRun in the query would be a real deletion.
                if effect == Effect::Rehearsal {
                    body.get_or_insert_with(|| json!({"kind": "DeleteOptions", "apiVersion": "v1"}))["dryRun"] = json!(["All"]);
                }
                (Method::DELETE, JSON)
            }
        };
        if effect == Effect::Rehearsal {
            query.push(("dryRun", "All"));
        }
        let accept = match call.form {
            Form::Json | Form::Release | Form::Rehearsal => JSON,
            Form::Metadata => METADATA,
            Form::Table => TABLE,
            Form::Text | Form::Raw => TEXT,
            Form::Discovery => DISCOVERY,
        };
        let mut uri = address(&call.path(), &query);
        if let Address::Path { path } = &call.at
            && !path.query().is_empty()
        {
            uri.push(if uri.contains('?') { '&' } else { '?' });
            uri.push_str(path.query());
        }
        Ok(Outgoing {
            method,
            uri,
            accept,
            body: body.map(|b: Value| (content, b.to_string().into_bytes())),
            effect,
            secret: call.is_about("secrets", ""),
            form: call.form,
        })
    }

    /// The same with more query parameters.
    pub fn with(&self, more: &[(&str, &str)]) -> Outgoing {
        let mut next = self.clone();
        for (key, value) in more {
            next.uri.push(if next.uri.contains('?') { '&' } else { '?' });
            next.uri.push_str(&format!("{}={}", encoded(key), encoded(value)));
        }
        next
    }

    /// How long its answer may take, given what the person set (`None`: no limit). Logs may take four times as long.
    pub fn patience(&self, set: Option<Duration>) -> Option<Duration> {
        set.map(|t| if self.form == Form::Text { t.saturating_mul(4) } else { t })
    }

    /// The request itself.
    pub fn request(&self) -> Result<http::Request<kube::client::Body>, Rejection> {
        let mut builder = http::Request::builder()
            .method(self.method.clone())
            .uri(&self.uri)
            .header(http::header::ACCEPT, self.accept)
            .header(http::header::USER_AGENT, concat!("aiops/", env!("CARGO_PKG_VERSION")));
        let mut bytes = Vec::new();
        if let Some((content, body)) = &self.body {
            builder = builder.header(http::header::CONTENT_TYPE, *content);
            bytes.clone_from(body);
        }
        builder
            .body(kube::client::Body::from(bytes))
            .map_err(|e| rejection::own(RejectionSort::Invalid, format!("this cannot be sent as a request: {e}")))
    }
}

fn address(path: &str, query: &[(&str, &str)]) -> String {
    // Names may hold ':' and '@' (RBAC); nothing else in a path needs escaping, but a name is data.
    let mut uri: String = path.split('/').map(encoded).collect::<Vec<_>>().join("/");
    for (i, (key, value)) in query.iter().enumerate() {
        uri.push(if i == 0 { '?' } else { '&' });
        uri.push_str(&format!("{}={}", encoded(key), encoded(value)));
    }
    uri
}

/// Percent-encoded but for RFC 3986's unreserved characters and `:`, which RBAC names hold.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
