//! What names and labels may look like. Source: `k8s.io/apimachinery/pkg/util/validation`.
use crate::terms::selector::{LABEL_KEY as QUALIFIED, LABEL_VALUE as VALUE, is_label_word};

const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SERVICE: &str = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

/// The kinds of name there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameForm {
    Subdomain,
    Label,
    Service,
    /// RBAC and a few others: anything that can stand in a path.
    PathSegment,
}

/// The form of an object's name, by its resource.
pub(super) fn form(plural: &str) -> NameForm {
    match plural {
        "namespaces" => NameForm::Label,
        "services" => NameForm::Service,
        "roles" | "clusterroles" | "rolebindings" | "clusterrolebindings" => NameForm::PathSegment,
        _ => NameForm::Subdomain,
    }
}

fn is_label(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    !text.is_empty() && text.bytes().all(|b| fits(b) || b == b'-') && text.bytes().next().into_iter().chain(text.bytes().last()).all(fits)
}

/// What is wrong with a name, in the API server's words.
pub(super) fn problem(form: NameForm, name: &str) -> Option<String> {
    let too_long = |limit: usize| (name.len() > limit).then(|| format!("must be no more than {limit} characters"));
    match form {
        NameForm::Subdomain => too_long(253).or_else(|| (!name.split('.').all(is_label)).then(|| SUBDOMAIN.to_owned())),
        NameForm::Label => too_long(63).or_else(|| (!is_label(name)).then(|| LABEL.to_owned())),
        NameForm::Service => {
            too_long(63).or_else(|| (!is_label(name) || name.starts_with(|c: char| c.is_ascii_digit())).then(|| SERVICE.to_owned()))
        }
        NameForm::PathSegment => match name {
            "." | ".." => Some(format!("may not be '{name}'")),
            _ => name.chars().find(|c| "/%".contains(*c)).map(|c| format!("may not contain '{c}'")),
        },
    }
}

/// What is wrong with a label's or annotation's key.
pub(super) fn key_problem(key: &str) -> Option<String> {
    let (prefix, name) = key.rsplit_once('/').map_or((None, key), |(p, n)| (Some(p), n));
    if let Some(problem) = prefix.and_then(|p| problem(NameForm::Subdomain, p)) {
        return Some(format!("prefix part {problem}"));
    }
    match name {
        "" => Some(format!("name part must be non-empty, {QUALIFIED}")),
        _ if name.len() > 63 => Some("name part must be no more than 63 characters".to_owned()),
        _ => (!is_label_word(name)).then(|| QUALIFIED.to_owned()),
    }
}

/// What is wrong with a label's value.
pub(super) fn value_problem(value: &str) -> Option<String> {
    match value {
        _ if value.len() > 63 => Some("must be no more than 63 characters".to_owned()),
        _ => (!is_label_word(value)).then(|| VALUE.to_owned()),
    }
}
