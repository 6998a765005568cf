//! Which names may exist: newtypes that hold Kubernetes' own rules, so that an illegal name cannot travel past the plan.
//!
//! Rules: <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/> and
//! `apimachinery/pkg/util/validation/validation.go`. No name may begin with `-`: wherever one reaches a program's arguments it
//! must not read as a flag.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a text is no legal name: the text as it was given, and the rule it breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is no {what}: {rule}")]
pub struct BadName {
    /// The text as it came in, shortened to 80 characters.
    pub given: String,
    /// What it should have been, in Kubernetes' words: `object name`, `namespace`, `label key`.
    pub what: &'static str,
    /// The rule it breaks.
    pub rule: &'static str,
}

impl BadName {
    pub(crate) fn new(given: &str, what: &'static str, rule: &'static str) -> Self {
        BadName { given: given.chars().take(80).collect(), what, rule }
    }
}

/// A DNS-1123 label: lower-case letters, digits and `-`, at most 63, beginning and ending with a letter or digit.
pub fn is_dns_label(text: &str) -> bool {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    text.len() <= 63
        && edge(text.chars().next())
        && edge(text.chars().next_back())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// A DNS-1123 subdomain: labels joined by dots, at most 253 characters.
pub fn is_dns_subdomain(text: &str) -> bool {
    let part = |p: &str| {
        let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        edge(p.chars().next()) && edge(p.chars().next_back()) && p.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    text.len() <= 253 && !text.is_empty() && text.split('.').all(part)
}

macro_rules! text_newtype {
    ($(#[$doc:meta])* $Type:ident, $example:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(try_from = "String", into = "String")]
        pub struct $Type(#[schemars(extend("examples" = [$example]))] String);

        impl $Type {
            /// Takes the text when it obeys the rule.
            ///
            /// # Errors
            /// [`BadName`] with the rule that is broken.
            pub fn new(text: impl Into<String>) -> Result<Self, BadName> {
                let text = text.into();
                let check: fn(&str) -> Result<(), BadName> = $check;
                check(&text)?;
                Ok($Type(text))
            }
            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl TryFrom<String> for $Type {
            type Error = BadName;
            fn try_from(text: String) -> Result<Self, BadName> {
                Self::new(text)
            }
        }
        impl std::str::FromStr for $Type {
            type Err = BadName;
            fn from_str(text: &str) -> Result<Self, BadName> {
                Self::new(text)
            }
        }
        impl From<$Type> for String {
            fn from(value: $Type) -> String {
                value.0
            }
        }
        impl AsRef<str> for $Type {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $Type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_newtype!(
    /// The name of an object. What every kind allows is a DNS-1123 subdomain; RBAC kinds allow more (`system:node`), so the
    /// newtype holds the wider rule and [`super::Target::new`] the kind's own.
    Name,
    "backend",
    |t| {
        if t.is_empty() {
            return Err(BadName::new(t, "object name", "it is empty"));
        }
        if t.len() > 253 {
            return Err(BadName::new(t, "object name", "it is longer than 253 characters"));
        }
        if !t.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return Err(BadName::new(t, "object name", "it must begin with a letter or a digit"));
        }
        if !t.chars().all(|c| c.is_ascii_alphanumeric() || "-._:@".contains(c)) {
            return Err(BadName::new(t, "object name", "only letters, digits, '-' and '.' may stand in it"));
        }
        Ok(())
    }
);

text_newtype!(
    /// The name of a Helm release: a DNS-1123 subdomain of at most 53 characters (`pkg/chartutil/validate_name.go` of Helm).
    ReleaseName,
    "shop",
    |t| if is_dns_subdomain(t) && t.len() <= 53 {
        Ok(())
    } else {
        Err(BadName::new(t, "release name", "lower-case letters, digits, '-' and '.', at most 53, beginning and ending with a letter or digit"))
    }
);

text_newtype!(
    /// The name of a namespace: a DNS-1123 label.
    Namespace,
    "todo-chatbot",
    |t| if is_dns_label(t) {
        Ok(())
    } else {
        Err(BadName::new(t, "namespace", "lower-case letters, digits and '-', at most 63, beginning and ending with a letter or digit"))
    }
);

text_newtype!(
    /// The name of a container: a DNS-1123 label.
    ContainerName,
    "backend",
    |t| if is_dns_label(t) {
        Ok(())
    } else {
        Err(BadName::new(t, "container name", "lower-case letters, digits and '-', at most 63, beginning and ending with a letter or digit"))
    }
);

text_newtype!(
    /// An image reference as it stands in a pod: `registry/repository:tag@digest`, checked for its alphabet only; whether it
    /// exists is for the node to find out.
    Image,
    "todo-backend:v2",
    |t| {
        if t.is_empty() || t.len() > 512 {
            return Err(BadName::new(t, "image", "it is empty or longer than 512 characters"));
        }
        if !t.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return Err(BadName::new(t, "image", "it must begin with a letter or a digit"));
        }
        if !t.chars().all(|c| c.is_ascii_alphanumeric() || "-._:/@+".contains(c)) {
            return Err(BadName::new(t, "image", "only letters, digits and -._:/@ may stand in it"));
        }
        let path_end = t.find('@').unwrap_or(t.len());
        let path = &t[..path_end];
        let repository = match path.rfind(':') {
            Some(colon) if !path[colon..].contains('/') => &path[..colon],
            _ => path,
        };
        let after_host = match repository.split_once('/') {
            Some((host, rest)) if host.contains('.') || host.contains(':') || host == "localhost" => rest,
            _ => repository,
        };
        if after_host.is_empty() || after_host.chars().any(|c| c.is_ascii_uppercase()) {
            return Err(BadName::new(t, "image", "the repository must be in lower case"));
        }
        Ok(())
    }
);

text_newtype!(
    /// A label key: an optional DNS prefix and `/`, then at most 63 letters, digits, `-`, `_`, `.`.
    LabelKey,
    "app.kubernetes.io/name",
    |t| {
        let (prefix, name) = match t.split_once('/') {
            Some((p, n)) => (Some(p), n),
            None => (None, t),
        };
        if prefix.is_some_and(|p| !is_dns_subdomain(p)) {
            return Err(BadName::new(t, "label key", "what stands before '/' must be a DNS name in lower case"));
        }
        if name.is_empty() || !is_label_text(name) {
            return Err(BadName::new(
                t,
                "label key",
                "at most 63 letters, digits, '-', '_' and '.', beginning and ending with a letter or digit",
            ));
        }
        Ok(())
    }
);

text_newtype!(
    /// A label value: empty, or at most 63 letters, digits, `-`, `_`, `.`.
    LabelValue,
    "backend",
    |t| if t.is_empty() || is_label_text(t) {
        Ok(())
    } else {
        Err(BadName::new(
            t,
            "label value",
            "at most 63 letters, digits, '-', '_' and '.', beginning and ending with a letter or digit",
        ))
    }
);

text_newtype!(
    /// The name of an object of most kinds: a DNS-1123 subdomain.
    DnsName,
    "backend",
    |t| if is_dns_subdomain(t) {
        Ok(())
    } else {
        Err(BadName::new(t, "object name", "lower-case letters, digits, '-' and '.', beginning and ending with a letter or digit"))
    }
);

text_newtype!(
    /// A key in the data of a ConfigMap or a Secret: `IsConfigMapKey` in `apimachinery/pkg/util/validation`.
    DataKey,
    "config.yaml",
    |t| {
        let legal = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        if t.is_empty() || t.len() > 253 || !t.chars().all(legal) || t == "." || t.starts_with("..") {
            return Err(BadName::new(t, "key", "at most 253 letters, digits, '-', '_' and '.', and it does not begin with '..'"));
        }
        Ok(())
    }
);

text_newtype!(
    /// A file or folder that a person named, as it can stand behind a flag that takes several between commas.
    FilePath,
    "config/app.conf",
    |t| {
        if t.is_empty() || t == "-" || t.starts_with('-') {
            return Err(BadName::new(t, "path", "there is no standard input inside a request: name a file"));
        }
        if t.contains("://") {
            return Err(BadName::new(t, "path", "nothing is fetched from an address"));
        }
        if t.contains(['=', ',', '"']) || t.chars().any(char::is_control) {
            return Err(BadName::new(t, "path", "no '=', ',' or quote may stand in it"));
        }
        Ok(())
    }
);

text_newtype!(
    /// The name of an environment variable, as kubectl takes it (`IsEnvVarName`), without a leading `-`.
    EnvName,
    "LOG_LEVEL",
    |t| {
        let legal = t.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '.')
            && t.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c))
            && t != "."
            && !t.starts_with("..");
        if legal { Ok(()) } else { Err(BadName::new(t, "environment variable", "letters, digits, '_', '-' and '.', beginning with no digit")) }
    }
);

text_newtype!(
    /// An amount of a resource as it was written: `250m`, `512Mi`.
    Quantity,
    "250m",
    |t| match t.parse::<crate::terms::quantity::Quantity>() {
        Ok(_) if !t.starts_with('-') => Ok(()),
        Ok(_) | Err(_) => Err(BadName::new(t, "amount of a resource", "a number with or without a unit: 250m, 2, 512Mi")),
    }
);

text_newtype!(
    /// How much of a resource a pod shall use: a share of its request (`80%`) or an amount (`500m`).
    MetricTarget,
    "80%",
    |t| {
        let legal = match t.strip_suffix('%') {
            Some(percent) => percent.chars().all(|c| c.is_ascii_digit()) && percent.parse::<i32>().is_ok(),
            None => Quantity::new(t).is_ok(),
        };
        if legal { Ok(()) } else { Err(BadName::new(t, "share or amount of a resource", "like 80% or 500m")) }
    }
);

fn is_label_text(text: &str) -> bool {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.len() <= 63
        && edge(text.chars().next())
        && edge(text.chars().next_back())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_that_kubernetes_takes_and_refuses() {
        for good in ["backend", "a", "web-7d4b9c", "10.0.0.1", "system:node"] {
            assert!(Name::new(good).is_ok(), "{good}");
        }
        for bad in ["", "-rf", "a b", "a/b", "a%2fb", "..", "\u{1b}[2J", "a\nb", "--all"] {
            assert!(Name::new(bad).is_err(), "{bad:?}");
        }
        assert!(Namespace::new("todo-chatbot").is_ok());
        for bad in ["Todo", "a.b", "-a", "a-", "kube_system", ""] {
            assert!(Namespace::new(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn images_keep_registries_ports_and_digests() {
        for good in ["nginx", "nginx:1.27", "127.0.0.1:5000/library/nginx:1.27", "ghcr.io/a/b@sha256:0123abcd", "Registry.io/x/y:V2"] {
            assert!(Image::new(good).is_ok(), "{good}");
        }
        for bad in ["", "Nginx", "a b", "-x", "$(id)", "nginx;ls", "reg.io/"] {
            assert!(Image::new(bad).is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn no_name_reads_as_a_flag_or_breaks_a_path(text in ".{0,80}") {
            if let Ok(name) = Name::new(text.clone()) {
                prop_assert!(!name.as_str().starts_with('-'));
                prop_assert!(!name.as_str().contains(['/', '%', '?', '#', ' ']));
                prop_assert!(!name.as_str().chars().any(char::is_control));
            }
            if let Ok(image) = Image::new(text) {
                prop_assert!(!image.as_str().starts_with('-'));
                prop_assert!(!image.as_str().chars().any(|c| c.is_control() || c.is_whitespace()));
            }
        }
    }
}
