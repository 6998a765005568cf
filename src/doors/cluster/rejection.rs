//! What a refusal means: HTTP status, `Status` body and transport errors as one [`Rejection`] in words.

use super::wire::Effect;
use crate::facts::{Rejection, RejectionSort};
use serde::Deserialize;
use std::{error::Error, time::Duration};

/// A rejection of ours, without causes.
pub(super) fn own(sort: RejectionSort, message: impl Into<String>) -> Rejection {
    Rejection { sort, message: message.into(), causes: Vec::new() }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Status {
    message: Option<String>,
    reason: Option<String>,
    details: Option<Details>,
}
#[derive(Deserialize, Default)]
#[serde(default)]
struct Details {
    causes: Option<Vec<Cause>>,
}
#[derive(Deserialize, Default)]
#[serde(default)]
struct Cause {
    field: Option<String>,
    message: Option<String>,
}

/// etcd's words for "I do not know whether it was written".
const UNDECIDED: &[&str] = &[
    "etcdserver: request timed out",
    "etcdserver: leader changed",
    "context deadline exceeded",
    "code = Unavailable",
    "code = DeadlineExceeded",
];

/// The rejection that an answer other than 2xx is. `secret`: the message may quote a Secret's values.
pub(super) fn of_answer(status: u16, body: &[u8], effect: Effect, secret: bool) -> Rejection {
    let told: Option<Status> = serde_json::from_slice(body).ok();
    let told = told.unwrap_or_else(|| Status { message: first_line(body), ..Status::default() });
    let mut message = told.message.filter(|m| !m.is_empty()).unwrap_or_else(|| format!("the server answered {status} without a word"));
    let mut causes: Vec<String> = told
        .details
        .and_then(|d| d.causes)
        .unwrap_or_default()
        .into_iter()
        .map(|c| match (c.field.unwrap_or_default(), c.message.unwrap_or_default()) {
            (field, message) if field.is_empty() => message,
            (field, message) => format!("{field}: {message}"),
        })
        .filter(|c| !c.is_empty())
        .collect();
    if secret {
        for text in std::iter::once(&mut message).chain(&mut causes) {
            unquoted(text);
        }
    }
    let sort = match status {
        401 => RejectionSort::Unauthorized,
        403 => RejectionSort::Forbidden,
        404 => RejectionSort::NotFound,
        405 | 406 | 415 => RejectionSort::NotAllowed,
        409 if told.reason.as_deref() == Some("AlreadyExists") => RejectionSort::AlreadyExists,
        409 => RejectionSort::Conflict,
        410 => RejectionSort::Gone,
        429 => RejectionSort::TooManyRequests,
        502 | 504 if effect == Effect::Write => RejectionSort::AnswerLost,
        500 if effect == Effect::Write && UNDECIDED.iter().any(|words| message.contains(words)) => RejectionSort::AnswerLost,
        408 | 504 => RejectionSort::TimedOut,
        // The server's own fault by its code, but the object's by its words: a field that the schema does not have.
        500 if message.starts_with("failed to create typed patch object") => RejectionSort::Invalid,
        400..=499 => RejectionSort::Invalid,
        _ => RejectionSort::ServerTrouble,
    };
    if sort == RejectionSort::Unauthorized {
        message = format!("the server does not accept the login ({message}); log in again, or check with: kubectl auth whoami");
    }
    Rejection { sort, message, causes }
}

/// What stands in place of something that did not fit into JSON: the first line of it, shortened, without control characters.
fn first_line(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(&body[..body.len().min(2000)]);
    let line = text.lines().map(str::trim).find(|l| !l.is_empty())?;
    let line: String = line.chars().filter(|c| !c.is_control()).take(200).collect();
    Some(format!("the server answered with something that is no Kubernetes status: {line}"))
}

/// Cuts away what the server quotes from the object itself.
fn unquoted(message: &mut String) {
    for marker in ["error found in #", "Invalid value:", "bigger context"] {
        if let Some(at) = message.find(marker) {
            message.truncate(at);
            message.push_str("(the rest quotes the Secret)");
        }
    }
}

/// The rejection of a request whose answer took longer than `patience`.
pub(super) fn too_slow(server: &str, patience: Duration, effect: Effect) -> Rejection {
    let seconds = patience.as_secs_f32();
    match effect {
        Effect::Write => own(
            RejectionSort::AnswerLost,
            format!("{server} did not answer within {seconds} s: the change was sent and may or may not have been made"),
        ),
        Effect::Read | Effect::Rehearsal => {
            own(RejectionSort::TimedOut, format!("{server} did not answer within {seconds} s; --request-timeout sets how long to wait"))
        }
    }
}

/// The rejection of a request that got no whole answer.
pub(super) fn of_error(server: &str, error: &(dyn Error + 'static), effect: Effect) -> Rejection {
    let told = Told::of(error);
    if let Some(tls) = told.tls {
        return own(RejectionSort::Unreachable, tls.words(server));
    }
    if told.auth {
        return own(RejectionSort::Unauthorized, format!("the credentials could not be renewed: {}", told.last));
    }
    if told.connecting {
        let why = if told.refused { "connection refused" } else { told.last.as_str() };
        return own(
            RejectionSort::Unreachable,
            format!("no connection to {server} ({why}); is the cluster running? Check with: kubectl cluster-info"),
        );
    }
    match effect {
        Effect::Write => own(
            RejectionSort::AnswerLost,
            format!("the connection to {server} broke after the change was sent ({}): it may or may not have been made", told.last),
        ),
        Effect::Read | Effect::Rehearsal => {
            own(RejectionSort::Unreachable, format!("the connection to {server} broke before an answer came ({})", told.last))
        }
    }
}

/// Whether a failed read is worth one more try at once: nothing was listening, or a kept connection had been closed.
pub(super) fn was_unreachable(rejection: &Rejection) -> bool {
    rejection.sort == RejectionSort::Unreachable
}

enum Tls {
    ServerExpired,
    ServerNotYet,
    UnknownAuthority,
    OtherName,
    ClientRefused(String),
    Other(String),
}

impl Tls {
    fn words(&self, server: &str) -> String {
        match self {
            Tls::ServerExpired => {
                format!("the certificate of {server} has expired; renew it (kubeadm certs renew), or check this machine's clock")
            }
            Tls::ServerNotYet => format!("the certificate of {server} is not valid yet; check this machine's clock"),
            Tls::UnknownAuthority => format!(
                "the certificate of {server} is signed by an authority that the kubeconfig does not know; certificate-authority-data may belong to an older cluster"
            ),
            Tls::OtherName => {
                format!("the certificate of {server} is made out to another name; tls-server-name in the kubeconfig can say which")
            }
            Tls::ClientRefused(why) => format!("{server} refuses the client certificate ({why}); fetch a new kubeconfig or renew it"),
            Tls::Other(why) => format!("no secure connection to {server}: {why}"),
        }
    }
}

/// What a chain of errors says.
struct Told {
    connecting: bool,
    refused: bool,
    auth: bool,
    tls: Option<Tls>,
    last: String,
}

impl Told {
    fn of(error: &(dyn Error + 'static)) -> Told {
        let mut told = Told { connecting: false, refused: false, auth: false, tls: None, last: String::new() };
        let mut next = Some(error);
        while let Some(error) = next {
            told.last = error.to_string();
            told.auth |= error.is::<kube::client::AuthError>();
            if let Some(e) = error.downcast_ref::<hyper_util::client::legacy::Error>() {
                told.connecting |= e.is_connect();
            }
            if let Some(e) = error.downcast_ref::<rustls::Error>() {
                told.tls = tls_of(e).or(told.tls);
            }
            next = match error.downcast_ref::<std::io::Error>() {
                Some(io) => {
                    told.refused |= io.kind() == std::io::ErrorKind::ConnectionRefused;
                    // `source` of a wrapping io::Error skips the error that it wraps.
                    io.get_ref().map(|inner| -> &(dyn Error + 'static) { inner })
                }
                None => error.source(),
            };
        }
        told
    }
}

/// `None` for TLS errors that may come after a request was worked on.
fn tls_of(error: &rustls::Error) -> Option<Tls> {
    use rustls::{AlertDescription as Alert, CertificateError as Bad};
    match error {
        rustls::Error::InvalidCertificate(bad) => Some(match bad {
            Bad::Expired | Bad::ExpiredContext { .. } => Tls::ServerExpired,
            Bad::NotValidYet | Bad::NotValidYetContext { .. } => Tls::ServerNotYet,
            Bad::UnknownIssuer | Bad::BadSignature => Tls::UnknownAuthority,
            Bad::NotValidForName | Bad::NotValidForNameContext { .. } => Tls::OtherName,
            other => Tls::Other(other.to_string()),
        }),
        rustls::Error::AlertReceived(
            alert @ (Alert::CertificateExpired
            | Alert::CertificateRequired
            | Alert::BadCertificate
            | Alert::CertificateRevoked
            | Alert::CertificateUnknown
            | Alert::UnknownCA
            | Alert::AccessDenied),
        ) => Some(Tls::ClientRefused(format!("{alert:?}"))),
        rustls::Error::InvalidMessage(_) => Some(Tls::Other("what answers there does not speak TLS".into())),
        _ => None,
    }
}
