//! What has to hold of objects, as a person writes it: the kinds it is asked of, and an expression that is false of what violates it.
//!
//! The variable is `object`, as in Kubernetes' ValidatingAdmissionPolicy, so that a rule can be taken over from one and into one.

use super::{Kind, expression::Expression};
use crate::terms::severity::Severity;
use serde::Deserialize;

/// Of so many bytes at most is what is said of a violation.
const LONGEST: usize = 300;

/// One rule over objects. Values of this type can be asked: the expression was read, and every field is one that can be shown.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub struct ObjectRule {
    id: String,
    kinds: Vec<String>,
    message: String,
    severity: Severity,
    expression: Expression,
}

/// The same as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: String,
    kinds: Vec<String>,
    message: String,
    #[serde(default)]
    severity: Option<Severity>,
    expression: Source,
}

/// An expression where it stands, so that what is wrong with it is told with its line.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Source(Expression);

impl TryFrom<String> for Source {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse().map(Source)
    }
}

impl TryFrom<Written> for ObjectRule {
    type Error = String;
    fn try_from(written: Written) -> Result<Self, String> {
        let Written { id, kinds, message, severity, expression: Source(expression) } = written;
        ObjectRule::new(id, kinds, message, severity.unwrap_or(Severity::Warning), expression)
    }
}

impl ObjectRule {
    /// A rule.
    ///
    /// # Errors
    /// A sentence: an id that is none, no kinds, no message.
    pub fn new(id: String, kinds: Vec<String>, message: String, severity: Severity, expression: Expression) -> Result<Self, String> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if id.is_empty() || id.len() > 60 || !id.chars().all(plain) {
            return Err(format!("{id:?} is no id: lower-case letters, digits and '-' were expected"));
        }
        let word = |kind: &String| !kind.is_empty() && kind.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c));
        if let Some(wrong) = kinds.iter().find(|kind| !word(kind)) {
            return Err(format!("{wrong:?} is no kind: deployments, or certificates.cert-manager.io"));
        }
        if kinds.is_empty() {
            return Err(format!("check {id}: kinds is empty: which objects does it look at?"));
        }
        let message: String = message.split_whitespace().collect::<Vec<_>>().join(" ");
        if message.is_empty() || message.len() > LONGEST || message.chars().any(char::is_control) {
            return Err(format!("check {id}: message is one sentence of at most {LONGEST} characters"));
        }
        Ok(ObjectRule { id, kinds, message, severity, expression })
    }

    /// Its stable name.
    pub fn id(&self) -> &str {
        &self.id
    }
    /// The kinds it is asked of, as they were written.
    pub fn kinds(&self) -> &[String] {
        &self.kinds
    }
    /// What is said of an object that violates it.
    pub fn message(&self) -> &str {
        &self.message
    }
    /// How bad that is.
    pub fn severity(&self) -> Severity {
        self.severity
    }
    /// What has to be true.
    pub fn expression(&self) -> &Expression {
        &self.expression
    }

    /// Whether it is asked of objects with these `apiVersion` and `kind` fields. Of what no cluster told of, the name alone counts.
    pub fn looks_at(&self, api_version: &str, kind: &str) -> bool {
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        self.kinds.iter().any(|word| match Kind::find(word) {
            Some(known) => known.info().kind == kind && known.info().group == group,
            None => {
                let (name, of) = word.split_once('.').map_or((word.as_str(), None), |(name, of)| (name, Some(of)));
                let (name, kind) = (name.to_ascii_lowercase(), kind.to_ascii_lowercase());
                of.is_none_or(|of| of == group) && (name == kind || name == format!("{kind}s") || name == format!("{kind}es"))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> Result<ObjectRule, String> {
        toml::from_str::<ObjectRule>(text).map_err(|e| e.message().to_string())
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        let good =
            "id = \"own-images\"\nkinds = [\"deploy\"]\nmessage = \"all images come from us\"\nexpression = \"object.spec.replicas > 1\"\n";
        let read = rule(good).unwrap();
        assert_eq!((read.id(), read.severity()), ("own-images", Severity::Warning));
        for (from, to, says) in [
            ("own-images", "Own Images", "no id"),
            ("[\"deploy\"]", "[]", "kinds is empty"),
            ("[\"deploy\"]", "[\"de ploy\"]", "no kind"),
            ("all images come from us", "  ", "one sentence"),
            ("object.spec.replicas > 1", "object.spec.replicas >", "no expression of CEL at character"),
            ("object.spec.replicas > 1", "self.spec.replicas > 1", "object is the whole of it"),
            ("object.spec.replicas > 1", "true", "says nothing"),
            ("message =", "severity = \"bad\"\nmessage =", "unknown variant"),
            ("message =", "secret = 1\nmessage =", "unknown field"),
        ] {
            let why = rule(&good.replace(from, to)).unwrap_err();
            assert!(why.contains(says), "{to}: {why}");
        }
    }

    #[test]
    fn kinds_are_told_apart_by_group() {
        let of = |words: &[&str]| {
            let words = words.iter().map(ToString::to_string).collect();
            ObjectRule::new("x".into(), words, "m".into(), Severity::Info, "object.kind == 'x'".parse().unwrap()).unwrap()
        };
        assert!(of(&["deploy"]).looks_at("apps/v1", "Deployment") && !of(&["deploy"]).looks_at("v1", "Pod"));
        assert!(of(&["svc"]).looks_at("v1", "Service") && !of(&["svc"]).looks_at("serving.knative.dev/v1", "Service"));
        assert!(of(&["certificates.cert-manager.io"]).looks_at("cert-manager.io/v1", "Certificate"));
        assert!(!of(&["certificates.cert-manager.io"]).looks_at("networking.internal.knative.dev/v1", "Certificate"));
    }
}
