//! A request, as far as the answers look at it.
use super::protobuf;
use crate::simulator::{
    owners::Writer,
    rbac::Actor,
    refusal::{Cause, Named, Refusal},
};
use axum::body::Bytes;
use http::{HeaderValue, Method, header, request::Parts};
use serde_json::json;
use std::cell::RefCell;

/// A request whose body is there.
#[derive(Debug)]
pub(in crate::simulator) struct Ask {
    pub(super) method: Method,
    pub(super) path: String,
    query: Vec<(String, String)>,
    pub(super) accept: String,
    pub(super) content_type: String,
    /// Another protocol that is wanted, and in which forms.
    pub(super) upgrade: String,
    pub(super) protocols: String,
    agent: String,
    /// Whom it speaks for, once that is known.
    pub(super) actor: Actor,
    /// A bearer token.
    pub(super) token: Option<String>,
    /// Whom it wants to be; empty: nobody else.
    pub(super) impersonated: String,
    pub(super) groups: Vec<String>,
    pub(super) body: Bytes,
    warnings: RefCell<Vec<String>>,
}

/// In which form an object is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Whole,
    Table,
    Metadata,
    MetadataList,
}

/// What the API server writes; of these, this one writes JSON.
const MEDIA: &str = "application/json, application/yaml, application/vnd.kubernetes.protobuf";

impl Ask {
    pub(super) fn new(parts: &Parts, body: Bytes) -> Self {
        let header = |name: &str| parts.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        let groups: Vec<String> =
            parts.headers.get_all("impersonate-group").iter().filter_map(|v| v.to_str().ok()).map(str::to_owned).collect();
        let query = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&parts.uri).map(|q| q.0).unwrap_or_default();
        let content_type = header(header::CONTENT_TYPE.as_str());
        let json = if content_type.contains("protobuf") { protobuf::to_json(&body) } else { None };
        let (content_type, body) = json.map_or((content_type, body), |json| ("application/json".to_owned(), json.into()));
        Ask {
            method: parts.method.clone(),
            path: percent_decoded(parts.uri.path()),
            query,
            accept: header(header::ACCEPT.as_str()),
            content_type,
            upgrade: header(header::UPGRADE.as_str()),
            protocols: header(header::SEC_WEBSOCKET_PROTOCOL.as_str()),
            agent: header(header::USER_AGENT.as_str()),
            actor: Actor::new("system:anonymous", Vec::new()),
            token: header(header::AUTHORIZATION.as_str()).strip_prefix("Bearer ").map(str::to_owned),
            impersonated: header("impersonate-user"),
            groups,
            body,
            warnings: RefCell::default(),
        }
    }

    /// Tells the client something beside the answer.
    pub(super) fn warn(&self, what: &str) {
        self.warnings.borrow_mut().push(what.to_owned());
    }

    /// The headers that carry the warnings. Source: `warning.WithWarningRecorder`, RFC 2616 section 14.46.
    pub(super) fn warnings(&self) -> Vec<HeaderValue> {
        let text = |what: &String| format!("299 - {:?}", what.replace(|c: char| c.is_control(), " "));
        self.warnings.borrow().iter().filter_map(|what| HeaderValue::from_str(&text(what)).ok()).collect()
    }

    /// A query parameter that is there and not empty.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(k, v)| k == name && !v.is_empty()).map(|(_, v)| v.as_str())
    }

    /// Every value of a query parameter, in their order.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.query.iter().filter(move |(k, _)| k == name).map(|(_, v)| v.as_str())
    }

    /// A query parameter that means yes: there, and neither `false` nor `0`. Source: `Convert_Slice_string_To_bool` in `apimachinery/pkg/runtime`.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.query.iter().find(|(k, _)| k == name).is_some_and(|(_, v)| v != "0" && !v.eq_ignore_ascii_case("false"))
    }

    /// A query parameter that is a number.
    pub(super) fn number(&self, name: &str) -> Result<Option<i64>, Refusal> {
        let parse = |text: &str| {
            text.parse().map_err(|why: std::num::ParseIntError| {
                use std::num::IntErrorKind::{NegOverflow, PosOverflow};
                let why = if matches!(why.kind(), PosOverflow | NegOverflow) { "value out of range" } else { "invalid syntax" };
                Refusal::bad_request(format!("strconv.ParseInt: parsing {text:?}: {why}"))
            })
        };
        self.query(name).map(parse).transpose()
    }

    /// Who writes: `fieldManager`, or else the name the client gives itself. `kind` names the options in refusals.
    pub(super) fn writer(&self, kind: &str, part: &'static str) -> Result<Writer, Refusal> {
        // Source: `FieldManagerMaxLength`, `ValidateFieldManager`, `prefixFromUserAgent`.
        const LONGEST: usize = 128;
        let named = Named { group: "meta.k8s.io", plural: kind, kind, name: "" };
        let given = self.query("fieldManager").unwrap_or_default();
        if given.len() > LONGEST {
            let message = format!("Too long: may not be more than {LONGEST} bytes");
            return Err(Refusal::invalid(&named, &[Cause::told("FieldValueTooLong", "fieldManager", message)]));
        }
        if !given.is_empty() {
            return Ok(Writer::new(given, part));
        }
        let mut name: String = self.agent.split('/').next().unwrap_or_default().chars().filter(|c| !c.is_control()).collect();
        while name.len() > LONGEST {
            name.pop();
        }
        Ok(Writer::new(&name, part))
    }

    /// Whether nothing is to be stored.
    pub(super) fn dry(&self) -> Result<bool, Refusal> {
        match self.query("dryRun") {
            None => Ok(false),
            Some("All") => Ok(true),
            Some(other) => {
                let kind = match self.method {
                    Method::POST => "CreateOptions",
                    Method::PUT => "UpdateOptions",
                    _ => "PatchOptions",
                };
                Err(Refusal::bad_options(kind, &[Cause::unsupported("dryRun", &json!([other]), &["All"])]))
            }
        }
    }

    /// The first form in the Accept header that this server has. Source: `apiserver/pkg/endpoints/handlers/negotiation`.
    pub(super) fn form(&self) -> Result<Form, Refusal> {
        let mut known = self.accept.is_empty();
        for range in self.accept.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let media = parts.next().unwrap_or_default();
            known |= media == "*/*" || MEDIA.split(", ").any(|m| m == media);
            if !matches!(media, "" | "application/json" | "*/*") {
                continue;
            }
            let parameters: Vec<(&str, &str)> =
                parts.filter_map(|p| p.split_once('=')).filter(|(k, _)| matches!(*k, "as" | "v" | "g")).collect();
            let parameter = |name| parameters.iter().find(|(k, _)| *k == name).map_or("", |(_, v)| *v);
            match (parameter("as"), parameter("g"), parameter("v")) {
                ("", ..) => return Ok(Form::Whole),
                ("Table", "meta.k8s.io", "v1") => return Ok(Form::Table),
                ("PartialObjectMetadata", "meta.k8s.io", "v1") => return Ok(Form::Metadata),
                ("PartialObjectMetadataList", "meta.k8s.io", "v1") => return Ok(Form::MetadataList),
                _ => {}
            }
        }
        Err(if known {
            Refusal::not_acceptable(format!("only the following media types are accepted: {MEDIA}"))
        } else {
            let stream = "application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch";
            let message = format!("406: Not Acceptable\n\nAvailable representations: {MEDIA}, {stream}");
            Refusal { details: json!({}), ..Refusal::not_acceptable(message) }
        })
    }
}

fn percent_decoded(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let coded = (bytes[at] == b'%').then(|| path.get(at + 1..at + 3)).flatten().and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match coded {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
