//! `kubectl certificate approve` and `deny`: the answer to requests for a certificate.
//!
//! Source: `kubectl/pkg/cmd/certificates/certificates.go`.

use crate::ops::{
    Argv, BadName, Call, CannotDo, Flag, Impact, Kind, Lookup, Misuse, Name, Namespace, Spec, Target, Verb, Wait, Way, look, verb::refuse,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Approves requests for a certificate: their signers issue it, and whoever asked can log in with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificateApprove {
    /// the CertificateSigningRequests
    pub requests: Vec<Name>,
}

/// Denies requests for a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificateDeny {
    /// the CertificateSigningRequests
    pub requests: Vec<Name>,
}

/// One of the two answers, as the condition has it.
struct Given {
    condition: &'static str,
    other: &'static str,
    reason: &'static str,
    message: &'static str,
}

const APPROVED: Given = Given {
    condition: "Approved",
    other: "Denied",
    reason: "AiopsApprove",
    message: "This CSR was approved with aiops certificate approve.",
};
const DENIED: Given =
    Given { condition: "Denied", other: "Approved", reason: "AiopsDeny", message: "This CSR was denied with aiops certificate deny." };

fn kind() -> Kind {
    Kind::built_in("certificatesigningrequests")
}

fn targets(requests: &[Name]) -> Result<Vec<Target>, BadName> {
    requests.iter().map(|name| Target::new(kind(), name.clone())).collect()
}

fn looks(requests: &[Name], seen: &[Lookup<Value>]) -> Vec<Call> {
    if seen.is_empty() { targets(requests).unwrap_or_default().iter().map(Call::get).collect() } else { Vec::new() }
}

fn calls(given: &Given, requests: &[Name], seen: &[Lookup<Value>], now: Timestamp) -> Result<Vec<Call>, CannotDo> {
    let targets = targets(requests).map_err(|e| CannotDo::new(e.to_string(), ""))?;
    if targets.is_empty() {
        return Err(CannotDo::new("which request? none is named", "kubectl get certificatesigningrequests lists them"));
    }
    let mut calls = Vec::with_capacity(targets.len());
    for (at, target) in targets.iter().enumerate() {
        let mut request = look::object(seen.get(at..).unwrap_or_default(), target)?.clone();
        if !request.is_object() {
            return Err(CannotDo::new(format!("{} could not be understood", target.slashed()), ""));
        }
        let has = |word: &str| look::list(&request, "/status/conditions").iter().any(|c| c["type"] == word);
        if has(given.other) {
            let sentence = format!("{} is {} already, and that cannot be changed", target.slashed(), given.other.to_lowercase());
            return Err(CannotDo::new(sentence, "whoever asked can make a new request"));
        }
        if !has(given.condition) {
            let now = now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
            let condition = json!({"type": given.condition, "status": "True", "reason": given.reason, "message": given.message,
                "lastUpdateTime": now});
            if !request["status"].is_object() {
                request["status"] = json!({});
            }
            match request["status"].get_mut("conditions").and_then(Value::as_array_mut) {
                Some(conditions) => conditions.push(condition),
                None => request["status"]["conditions"] = json!([condition]),
            }
        }
        // The state that it was read in is pinned when it is sent, like that of any other object.
        if let Some(metadata) = request.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.remove("resourceVersion");
            metadata.remove("managedFields");
        }
        let api_version = kind().api_version();
        request["apiVersion"] = json!(api_version);
        request["kind"] = json!(kind().info().kind);
        calls.push(Call::replace(target, request).on("approval"));
    }
    Ok(calls)
}

fn on_line(argv: &Argv) -> Result<Vec<Name>, Misuse> {
    refuse(
        argv,
        &[
            ("filename", "say the request's name: what is approved is what the cluster has"),
            ("kustomize", "say the request's name"),
            ("recursive", "say the request's name"),
            ("force", "an answer that was given already is not given anew"),
        ],
    )?;
    let mut requests = Vec::new();
    for word in &argv.places {
        let name = match word.split_once('/') {
            Some((said, name)) if crate::ops::verb::kind_named(said)? == kind() => name,
            Some((said, _)) => return Err(Misuse::Says(format!("kubectl {}: requests only, not {said}", argv.verb.join(" ")))),
            None => word,
        };
        requests.push(Target::new(kind(), Name::new(name)?)?.name().clone());
    }
    if requests.is_empty() {
        return Err(Misuse::Says(format!("kubectl {}: which request? its name is missing", argv.verb.join(" "))));
    }
    Ok(requests)
}

const FLAGS: &[Flag] =
    &[Flag::switch("force"), Flag::value("filename").short('f'), Flag::value("kustomize").short('k'), Flag::switch("recursive").short('R')];

fn titled(verb: &str, requests: &[Name]) -> String {
    let names: Vec<String> = requests.iter().map(|name| format!("{}/{name}", kind().word())).collect();
    format!("{verb} {}", names.join(", "))
}

impl Verb for CertificateApprove {
    fn impact(&self) -> Impact {
        Impact::Changes
    }
    fn place(&mut self, _namespace: &Namespace) {}
    fn targets(&self) -> Vec<Target> {
        targets(&self.requests).unwrap_or_default()
    }
    fn title(&self) -> String {
        titled("approve", &self.requests)
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        looks(&self.requests, seen)
    }
    fn calls(&self, seen: &[Lookup<Value>], now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        calls(&APPROVED, &self.requests, seen, now)
    }
    fn print(&self) -> Argv {
        self.requests.iter().fold(Argv::of(Self::VERB), Argv::place)
    }
    fn wait(&self) -> Wait {
        Wait::Nothing
    }
    fn inverse(&self, _images: &[crate::ops::Images<'_>]) -> Way {
        Way::None("what has been signed stays valid until it runs out")
    }
}

impl Spec for CertificateApprove {
    const NAME: &'static str = "certificate_approve";
    const VERB: &'static [&'static str] = &["certificate", "approve"];
    const ABOUT: &'static str = "Approve requests for a certificate (CertificateSigningRequest).";
    const EXAMPLE: &'static str = "kubectl certificate approve csr-sqgzp";
    const BACK: &'static str = "none: what has been signed stays valid until it runs out";
    const FLAGS: &'static [Flag] = FLAGS;
    const READS: bool = false;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        Ok(CertificateApprove { requests: on_line(argv)? })
    }
}

impl Verb for CertificateDeny {
    fn impact(&self) -> Impact {
        Impact::Changes
    }
    fn place(&mut self, _namespace: &Namespace) {}
    fn targets(&self) -> Vec<Target> {
        targets(&self.requests).unwrap_or_default()
    }
    fn title(&self) -> String {
        titled("deny", &self.requests)
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        looks(&self.requests, seen)
    }
    fn calls(&self, seen: &[Lookup<Value>], now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        calls(&DENIED, &self.requests, seen, now)
    }
    fn print(&self) -> Argv {
        self.requests.iter().fold(Argv::of(Self::VERB), Argv::place)
    }
    fn inverse(&self, _images: &[crate::ops::Images<'_>]) -> Way {
        Way::None("a denied request stays denied; a new one can be made")
    }
}

impl Spec for CertificateDeny {
    const NAME: &'static str = "certificate_deny";
    const VERB: &'static [&'static str] = &["certificate", "deny"];
    const ABOUT: &'static str = "Deny requests for a certificate (CertificateSigningRequest).";
    const EXAMPLE: &'static str = "kubectl certificate deny csr-sqgzp";
    const BACK: &'static str = "none: a denied request stays denied";
    const FLAGS: &'static [Flag] = FLAGS;
    const READS: bool = false;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        Ok(CertificateDeny { requests: on_line(argv)? })
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::*;
    use serde_json::{Value, json};

    fn calls(line: &str, object: Value) -> Result<Vec<Call>, CannotDo> {
        Op::from_line(line).unwrap().verb().calls(&[Lookup::Known(object)], Default::default())
    }

    #[test]
    fn the_answer_is_one_more_condition() {
        let request = |conditions: Value| json!({"metadata": {"name": "a", "uid": "u", "resourceVersion": "7"}, "spec": {"username": "joe"}, "status": {"conditions": conditions}});
        let call = calls("kubectl certificate approve a", request(json!([]))).unwrap().remove(0);
        assert_eq!(call.path(), "/apis/certificates.k8s.io/v1/certificatesigningrequests/a/approval");
        let body = call.body(None).unwrap();
        assert_eq!(body.pointer("/status/conditions/0/type").unwrap(), "Approved");
        assert_eq!(body.pointer("/spec/username").unwrap(), "joe");
        assert_eq!(body.pointer("/metadata/resourceVersion"), None);
        let denied = request(json!([{"type": "Denied", "status": "True"}]));
        assert!(calls("kubectl certificate approve csr/a", denied.clone()).unwrap_err().sentence.contains("denied already"));
        let again = calls("kubectl certificate deny a", denied).unwrap().remove(0).body(None).unwrap();
        assert_eq!(again.pointer("/status/conditions").and_then(Value::as_array).map(Vec::len), Some(1));
        for bad in ["approve", "approve pod/a", "deny -f x.yaml", "approve a --force", "sign a"] {
            assert!(Op::from_line(&format!("kubectl certificate {bad}")).is_err(), "{bad}");
        }
    }
}
