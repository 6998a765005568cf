//! Answers that are not the asked-for object: Kubernetes' `Status`, with the real reasons, codes and forms of message.
//!
//! Source: `k8s.io/apimachinery/pkg/api/errors`.
use super::json::remove;
use serde_json::{Value, json};

/// A refused request.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// The HTTP code.
    pub code: u16,
    /// `NotFound`, `Conflict`, `Invalid`…; empty where the API server gives none.
    pub reason: &'static str,
    /// The sentence for a person.
    pub message: String,
    /// `details`, where the reason has some.
    pub details: Value,
    /// `metadata`: empty but for a list that is too old, which says where it goes on.
    pub(super) metadata: Value,
    /// Said as a line of text, not as a `Status`.
    pub(super) plain: bool,
}

/// What one field was refused for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cause {
    pub(super) reason: &'static str,
    pub(super) message: String,
    pub(super) field: String,
}

impl Cause {
    pub(super) fn required(field: impl Into<String>, note: &str) -> Self {
        let message = if note.is_empty() { "Required value".to_owned() } else { format!("Required value: {note}") };
        Cause { reason: "FieldValueRequired", message, field: field.into() }
    }

    pub(super) fn invalid(field: impl Into<String>, value: &Value, note: &str) -> Self {
        Cause { reason: "FieldValueInvalid", message: format!("Invalid value: {value}: {note}"), field: field.into() }
    }

    /// A value that is told in another form than JSON: the server's own types, in their order.
    pub(super) fn told(reason: &'static str, field: impl Into<String>, message: String) -> Self {
        Cause { reason, message, field: field.into() }
    }

    pub(super) fn forbidden(field: impl Into<String>, note: &str) -> Self {
        Cause { reason: "FieldValueForbidden", message: format!("Forbidden: {note}"), field: field.into() }
    }

    pub(super) fn unsupported(field: impl Into<String>, value: &Value, known: &[&str]) -> Self {
        let known = known.iter().map(|k| format!("{k:?}")).collect::<Vec<_>>().join(", ");
        Cause {
            reason: "FieldValueNotSupported",
            message: format!("Unsupported value: {value}: supported values: {known}"),
            field: field.into(),
        }
    }
}

/// How `details` names a resource.
pub(super) struct Named<'a> {
    pub(super) group: &'a str,
    pub(super) plural: &'a str,
    pub(super) kind: &'a str,
    pub(super) name: &'a str,
}

impl Named<'_> {
    fn group_resource(&self) -> String {
        if self.group.is_empty() { self.plural.to_owned() } else { format!("{}.{}", self.plural, self.group) }
    }

    fn details(&self) -> Value {
        let mut details = json!({"kind": self.plural});
        if !self.name.is_empty() {
            details["name"] = self.name.into();
        }
        if !self.group.is_empty() {
            details["group"] = self.group.into();
        }
        details
    }
}

impl Refusal {
    pub(super) fn new(code: u16, reason: &'static str, message: impl Into<String>) -> Self {
        Refusal { code, reason, message: message.into(), details: Value::Null, metadata: json!({}), plain: false }
    }

    pub(super) fn not_found(named: &Named) -> Self {
        let message = format!("{} {:?} not found", named.group_resource(), named.name);
        Refusal { details: named.details(), ..Refusal::new(404, "NotFound", message) }
    }

    /// A path outside of every API group: no `Status`, a line of text.
    pub(super) fn no_such_page() -> Self {
        Refusal::plain(404, "404 page not found\n")
    }

    /// What the store says when it has no room; the API server gives no reason.
    pub(super) fn of_the_store(words: &'static str) -> Self {
        Refusal::new(500, "", words)
    }

    /// An answer in bare words, from a part that writes no `Status`: the router, a kubelet.
    pub(super) fn plain(code: u16, words: impl Into<String>) -> Self {
        Refusal { plain: true, ..Refusal::new(code, "", words) }
    }

    /// A path in an API group that leads nowhere.
    pub(super) fn no_such_path() -> Self {
        Refusal { details: json!({}), ..Refusal::new(404, "NotFound", "the server could not find the requested resource") }
    }

    pub(super) fn already_exists(named: &Named) -> Self {
        let message = format!("{} {:?} already exists", named.group_resource(), named.name);
        Refusal { details: named.details(), ..Refusal::new(409, "AlreadyExists", message) }
    }

    pub(super) fn conflict(named: &Named, why: &str) -> Self {
        let message = format!("Operation cannot be fulfilled on {} {:?}: {why}", named.group_resource(), named.name);
        Refusal { details: named.details(), ..Refusal::new(409, "Conflict", message) }
    }

    pub(super) fn modified(named: &Named) -> Self {
        Refusal::conflict(named, "the object has been modified; please apply your changes to the latest version and try again")
    }

    pub(super) fn forbidden(named: &Named, why: &str) -> Self {
        let subject = if named.name.is_empty() { named.group_resource() } else { format!("{} {:?}", named.group_resource(), named.name) };
        Refusal { details: named.details(), ..Refusal::new(403, "Forbidden", format!("{subject} is forbidden: {why}")) }
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Refusal::new(400, "BadRequest", message)
    }

    pub(super) fn invalid(named: &Named, causes: &[Cause]) -> Self {
        // What is wrong in the same words in the same place is said once, though there are as many causes.
        let mut said: Vec<String> = Vec::new();
        for cause in causes {
            let one = format!("{}: {}", cause.field, cause.message);
            if !said.contains(&one) {
                said.push(one);
            }
        }
        let said = if let [one] = &said[..] { one.clone() } else { format!("[{}]", said.join(", ")) };
        let kind = if named.group.is_empty() { named.kind.to_owned() } else { format!("{}.{}", named.kind, named.group) };
        let mut details = named.details();
        details["kind"] = named.kind.into();
        details["causes"] = causes.iter().map(|c| json!({"reason": c.reason, "message": c.message, "field": c.field})).collect();
        Refusal { details, ..Refusal::new(422, "Invalid", format!("{kind} {:?} is invalid: {said}", named.name)) }
    }

    /// Options of a request that cannot be (`ListOptions`, `DeleteOptions`…).
    pub(super) fn bad_options(kind: &'static str, causes: &[Cause]) -> Self {
        let mut refusal = Refusal::invalid(&Named { group: "meta.k8s.io", plural: "", kind, name: "" }, causes);
        remove(&mut refusal.details, "/name");
        refusal
    }

    pub(super) fn gone(asked: u64, oldest: u64) -> Self {
        Refusal::new(410, "Expired", format!("too old resource version: {asked} ({oldest})"))
    }

    pub(super) fn method_not_allowed() -> Self {
        Refusal {
            details: json!({}),
            ..Refusal::new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")
        }
    }

    pub(super) fn unsupported_media(known: &str) -> Self {
        let message = format!("the body of the request was in an unknown format - accepted media types include: {known}");
        Refusal::new(415, "UnsupportedMediaType", message)
    }

    pub(super) fn not_acceptable(message: String) -> Self {
        Refusal::new(406, "NotAcceptable", message)
    }

    /// A thing Kubernetes can do and this cluster cannot.
    pub(super) fn beyond_us(what: &str) -> Self {
        Refusal::new(501, "NotImplemented", format!("the built-in cluster does not do this: {what}"))
    }

    /// The `Status` object.
    pub fn status(&self) -> Value {
        let mut status =
            json!({"kind": "Status", "apiVersion": "v1", "metadata": self.metadata, "status": "Failure", "message": self.message});
        if !self.reason.is_empty() {
            status["reason"] = self.reason.into();
        }
        if !self.details.is_null() {
            status["details"] = self.details.clone();
        }
        status["code"] = self.code.into();
        status
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.reason, self.message)
    }
}

impl std::error::Error for Refusal {}
