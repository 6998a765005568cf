//! A request, as far as the answers look at it.
use crate::simulator::{rbac::Actor, refusal::Refusal};
use axum::body::Bytes;
use http::{Method, header, request::Parts};

/// A request whose body is there.
#[derive(Debug)]
pub(in crate::simulator) struct Ask {
    pub(super) method: Method,
    pub(super) path: String,
    query: Vec<(String, String)>,
    pub(super) accept: String,
    pub(super) content_type: String,
    /// Whom it speaks for, once that is known.
    pub(super) actor: Actor,
    /// A bearer token.
    pub(super) token: Option<String>,
    /// Whom it wants to be; empty: nobody else.
    pub(super) impersonated: String,
    pub(super) groups: Vec<String>,
    pub(super) body: Bytes,
}

/// In which form an object is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Whole,
    Table,
    Metadata,
}

impl Ask {
    pub(super) fn new(parts: &Parts, body: Bytes) -> Self {
        let header = |name: &str| parts.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        let groups: Vec<String> =
            parts.headers.get_all("impersonate-group").iter().filter_map(|v| v.to_str().ok()).map(str::to_owned).collect();
        let query = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&parts.uri).map(|q| q.0).unwrap_or_default();
        Ask {
            method: parts.method.clone(),
            path: percent_decoded(parts.uri.path()),
            query,
            accept: header(header::ACCEPT.as_str()),
            content_type: header(header::CONTENT_TYPE.as_str()),
            actor: Actor::new("system:anonymous", Vec::new()),
            token: header(header::AUTHORIZATION.as_str()).strip_prefix("Bearer ").map(str::to_owned),
            impersonated: header("impersonate-user"),
            groups,
            body,
        }
    }

    /// A query parameter that is there and not empty.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(k, v)| k == name && !v.is_empty()).map(|(_, v)| v.as_str())
    }

    /// A query parameter that means yes.
    pub(super) fn flag(&self, name: &str) -> bool {
        matches!(self.query(name), Some("true" | "1"))
    }

    /// A query parameter that is a number.
    pub(super) fn number(&self, name: &str) -> Result<Option<i64>, Refusal> {
        let parse =
            |text: &str| text.parse().map_err(|_| Refusal::bad_request(format!("strconv.ParseInt: parsing {text:?}: invalid syntax")));
        self.query(name).map(parse).transpose()
    }

    /// Whether nothing is to be stored.
    pub(super) fn dry(&self) -> Result<bool, Refusal> {
        match self.query("dryRun") {
            None => Ok(false),
            Some("All") => Ok(true),
            Some(other) => Err(Refusal::new(422, "Invalid", format!("dryRun: Unsupported value: {other:?}: supported values: \"All\""))),
        }
    }

    /// The first form in the Accept header that this server has.
    pub(super) fn form(&self) -> Form {
        let wanted = self.accept.split(',').map(str::trim).find_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let media = parts.next()?;
            if !matches!(media, "application/json" | "*/*" | "application/*") {
                return None;
            }
            let parameters: Vec<&str> = parts.collect();
            let form = parameters.iter().find_map(|p| p.strip_prefix("as="));
            match form {
                None => Some(Form::Whole),
                Some("Table") => Some(Form::Table),
                Some("PartialObjectMetadata" | "PartialObjectMetadataList") => Some(Form::Metadata),
                Some(_) => None,
            }
        });
        wanted.unwrap_or(Form::Whole)
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
