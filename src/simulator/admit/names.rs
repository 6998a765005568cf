//! What names and labels may look like. Source: `k8s.io/apimachinery/pkg/util/validation`.
use crate::terms::selector::{LABEL_KEY as QUALIFIED, LABEL_VALUE as VALUE, is_label_word};

const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

const KEY: &str = "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
const CONFIG_KEY: &str = "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

/// The kinds of name there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameForm {
    Subdomain,
    Label,
    /// RBAC and a few others: anything that can stand in a path.
    PathSegment,
}

/// The form of an object's name, by its resource.
pub(super) fn form(plural: &str) -> NameForm {
    match plural {
        "namespaces" | "services" | "statefulsets" => NameForm::Label,
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
        NameForm::PathSegment => match name {
            "." | ".." => Some(format!("may not be '{name}'")),
            _ => name.chars().find(|c| "/%".contains(*c)).map(|c| format!("may not contain '{c}'")),
        },
    }
}

/// What is wrong with a qualified name: an annotation's key, a finalizer.
pub(super) fn key_problems(key: &str) -> Vec<String> {
    let (prefix, name) = match key.split_once('/') {
        Some((_, rest)) if rest.contains('/') => return vec![KEY.replace("a valid label key", "a qualified name")],
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, key),
    };
    let mut problems = Vec::new();
    match prefix {
        Some("") => problems.push("prefix part must be non-empty".to_owned()),
        Some(prefix) => problems.extend(problem(NameForm::Subdomain, prefix).map(|p| format!("prefix part {p}"))),
        None => {}
    }
    if name.is_empty() {
        problems.push("name part must be non-empty".to_owned());
    } else if name.len() > 63 {
        problems.push("name part must be no more than 63 bytes".to_owned());
    }
    // The selectors' rule holds the length too, which was told above.
    if name.is_empty() || name.len() <= 63 && !is_label_word(name) {
        problems.push(QUALIFIED.to_owned());
    }
    problems
}

/// What is wrong with a label's key.
pub(super) fn label_key_problems(key: &str) -> Vec<String> {
    if key.matches('/').count() > 1 { vec![KEY.to_owned()] } else { key_problems(key) }
}

/// What is wrong with a label's value.
pub(super) fn value_problem(value: &str) -> Option<String> {
    match value {
        _ if value.len() > 63 => Some("must be no more than 63 bytes".to_owned()),
        _ => (!is_label_word(value)).then(|| VALUE.to_owned()),
    }
}

/// What is wrong with a key of a ConfigMap or Secret.
pub(super) fn config_key_problem(key: &str) -> Option<String> {
    match key {
        "." => Some("must not be '.'".to_owned()),
        ".." => Some("must not be '..'".to_owned()),
        _ if key.len() > 253 => Some("must be no more than 253 characters".to_owned()),
        _ if key.is_empty() || !key.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c)) => Some(CONFIG_KEY.to_owned()),
        _ => key.starts_with("..").then(|| "must not start with '..'".to_owned()),
    }
}
