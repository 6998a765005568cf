//! An audit as SARIF 2.1.0: what code hosts and editors read. A rule for each check, a result for each finding; where the objects came from files, the file.
//!
//! Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0", sections 3.13 to 3.54.

use crate::{
    experts::{
        audit::Audit,
        diagnose::{Finding, Rule, Severity},
    },
    facts::snapshot::Ref,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// The schema that the document says it follows.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// `level` of 3.27.10.
fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// The whole document.
pub(super) fn sarif(found: &Audit, places: &BTreeMap<Ref, Box<str>>) -> Value {
    let rules: Vec<&'static Rule> = found.areas.iter().flat_map(|area| area.checks.iter().copied()).collect();
    let index = |rule: &Rule| rules.iter().position(|known| *known == rule);
    let results: Vec<Value> = found.found.findings.iter().map(|f| result(f, index(f.rule), places)).collect();
    let notes: Vec<Value> =
        found.found.not_checked.iter().map(|why| json!({"level": "warning", "message": {"text": format!("not checked: {why}")}})).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "aiops",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|rule| described(rule)).collect::<Vec<_>>(),
            }},
            "invocations": [{"executionSuccessful": true, "toolExecutionNotifications": notes}],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn described(rule: &Rule) -> Value {
    let help = if rule.example.is_empty() { rule.meaning.to_string() } else { format!("{} For example: {}", rule.meaning, rule.example) };
    let mut one = json!({
        "id": rule.id,
        "shortDescription": {"text": rule.meaning},
        "fullDescription": {"text": rule.meaning},
        "help": {"text": help},
        "defaultConfiguration": {"level": level(rule.severity)},
        "properties": {"reads": rule.reads, "confidence": rule.confidence},
    });
    if !rule.same_as.is_empty() {
        one["properties"]["tags"] = json!(rule.same_as);
    }
    one
}

fn result(finding: &Finding, index: Option<usize>, places: &BTreeMap<Ref, Box<str>>) -> Value {
    let at = &finding.subject;
    let text = match finding.evidence.as_slice() {
        [] => finding.title.clone(),
        evidence => format!("{} ({})", finding.title, evidence.join("; ")),
    };
    let whole = [&*at.namespace, &*at.kind, &*at.name].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/");
    let mut location = json!({"logicalLocations": [{"name": at.name, "fullyQualifiedName": whole, "kind": "resource"}]});
    if let Some(file) = places.get(at) {
        location["physicalLocation"] = json!({"artifactLocation": {"uri": reference(file)}});
    }
    let mut one = json!({
        "ruleId": finding.rule.id,
        "level": level(finding.severity),
        "message": {"text": text},
        "locations": [location],
        // The same finding of another day has the same one: its title may say what changed since.
        "partialFingerprints": {"aiopsFinding/v1": hex::encode(&Sha256::digest(format!("{}\n{whole}", finding.rule.id))[..16])},
    });
    if let Some(index) = index {
        one["ruleIndex"] = json!(index);
    }
    one
}

/// A path as a relative reference or a file URI (RFC 3986): what may not stand in one is written in percent.
fn reference(path: &str) -> String {
    let mut out = if path.starts_with('/') { "file://".to_string() } else { String::new() };
    for byte in path.trim_start_matches("./").bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => out.push(byte.into()),
            byte if byte.is_ascii_alphanumeric() => out.push(byte.into()),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        experts::audit::{self, Asked},
        facts::snapshot::Documents,
    };

    fn document() -> Value {
        let mut all = Documents::new("2026-06-01T00:00:00Z".parse().unwrap());
        let spec = json!({"hostPID": true, "containers": [{"name": "app", "image": "r.io/a:1"}]});
        all.take(
            "my pods.yaml",
            json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web\u{1b}", "namespace": "shop"}, "spec": spec}),
        );
        let mut snapshot = all.finish();
        snapshot.not_read.push(crate::facts::snapshot::NotRead { what: "secrets".into(), why: "forbidden".into() });
        sarif(&audit::audit(&snapshot, Asked::default()), &snapshot.places)
    }

    /// What the published schema asks of each of these objects: the properties that are required, and of which sort.
    #[test]
    fn it_has_what_the_schema_requires() {
        let all = document();
        assert_eq!((&all["version"], all["runs"].as_array().map(Vec::len)), (&json!("2.1.0"), Some(1)));
        let run = &all["runs"][0];
        let driver = &run["tool"]["driver"];
        assert!(driver["name"].is_string());
        let rules = driver["rules"].as_array().unwrap();
        let mut ids = std::collections::BTreeSet::new();
        for rule in rules {
            assert!(ids.insert(rule["id"].as_str().unwrap()), "{rule}");
            assert!(rule["shortDescription"]["text"].is_string() && rule["help"]["text"].is_string(), "{rule}");
            assert!(["none", "note", "warning", "error"].contains(&rule["defaultConfiguration"]["level"].as_str().unwrap()));
        }
        let results = run["results"].as_array().unwrap();
        assert!(!results.is_empty());
        for result in results {
            assert!(result["message"]["text"].is_string(), "{result}");
            assert!(["note", "warning", "error"].contains(&result["level"].as_str().unwrap()));
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(rules[index]["id"], result["ruleId"]);
            let at = &result["locations"][0];
            assert_eq!(at["physicalLocation"]["artifactLocation"]["uri"], "my%20pods.yaml");
            assert!(at["logicalLocations"][0]["fullyQualifiedName"].as_str().unwrap().starts_with("shop/Pod/web"));
        }
        let notes = &run["invocations"][0];
        assert_eq!(notes["executionSuccessful"], true);
        assert!(notes["toolExecutionNotifications"][0]["message"]["text"].as_str().unwrap().contains("forbidden"));
        assert_eq!(document(), all);
    }

    #[test]
    fn paths_become_references() {
        assert_eq!(reference("./k8s/a b.yaml"), "k8s/a%20b.yaml");
        assert_eq!(reference("/tmp/ä:1.yaml"), "file:///tmp/%C3%A4%3A1.yaml");
    }
}
