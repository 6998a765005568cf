//! Secrets where they do not belong: in ConfigMaps and in variables. Names are judged, values never kept.

use super::{table::checks, unit::Unit};
use crate::experts::diagnose::Finding;
use crate::facts::snapshot::{Ref, Snapshot};

checks! {
    CONFIG_MAP = "secret-in-config-map" Error 85 "A ConfigMap holds what looks like a secret: ConfigMaps are neither guarded nor encrypted as Secrets are." reads ["ConfigMap.data"] like "ConfigMap app holds what looks like a secret: db_password" same_as ["polaris/sensitiveConfigmapContent"];
    VARIABLE = "secret-in-variable" Error 85 "A variable with a secret's name has its value in the manifest." reads ["containers.env"] like "Deployment web has secrets in its manifest: container app" same_as ["polaris/sensitiveContainerEnvVar", "kube-linter/env-var-secret"];
    FROM_SECRET = "secret-read-from-variable" Info 80 "A Secret is handed over as a variable: it shows in dumps, logs and child processes; a file would not." reads ["containers.env.valueFrom.secretKeyRef"] like "Deployment web takes Secrets as variables: container app" same_as ["kube-linter/read-secret-from-env-var", "kube-linter/env-var-value-from"];
    TWICE = "duplicate-variable" Warning 95 "A variable is set twice; the last one holds, and apply loses one of them." reads ["containers.env.name"] like "Deployment web sets a variable twice: container app" same_as ["kube-linter/duplicate-env-var"];
}

/// Words of a name that stand for a secret, without separators.
const WORDS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "secret",
    "privatekey",
    "apikey",
    "accesskey",
    "authtoken",
    "accesstoken",
    "apitoken",
    "bearertoken",
    "credentials",
];
/// Names by which cloud providers' tools take credentials (documented by each of them).
const NAMES: &[&str] = &[
    "AWS_SECRET_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SESSION_TOKEN",
    "AZURE_BATCH_KEY",
    "AZURE_CLIENT_SECRET",
    "AZURE_STORAGE_KEY",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GCP_SERVICE_ACCOUNT_KEY",
    "OCI_CLI_KEY_CONTENT",
];
/// What follows a word and makes it a name for something else: where a secret lies, how long it holds.
const HARMLESS: &[&str] = &["name", "file", "path", "dir", "length", "policy", "enabled", "ttl", "expiry", "url", "ref", "key_id"];

/// Whether a key or variable is called as a secret is.
fn sensitive(name: &str) -> bool {
    if NAMES.iter().any(|known| name.eq_ignore_ascii_case(known)) {
        return true;
    }
    let lower = name.to_ascii_lowercase();
    if HARMLESS
        .iter()
        .any(|end| lower.ends_with(&format!("_{end}")) || lower.ends_with(&format!("-{end}")) || lower.ends_with(&format!(".{end}")))
    {
        return false;
    }
    let tight: String = lower.chars().filter(char::is_ascii_alphanumeric).collect();
    let cloud = ["aws", "azure", "gcp", "google", "oci"].iter().any(|c| lower.starts_with(&format!("{c}_"))) && lower.ends_with("_key");
    cloud || tight == "token" || lower.ends_with("_token") || WORDS.iter().any(|word| tight.contains(word))
}

pub(super) fn find(s: &Snapshot, units: &[Unit<'_>], out: &mut Vec<Finding>) {
    for map in &s.config_maps {
        let mut keys: Vec<&str> = map.data.0.iter().filter(|(k, size)| *size > 0 && sensitive(k)).map(|(k, _)| &**k).collect();
        keys.extend(map.data.1.iter().map(|k| &**k));
        keys.sort_unstable();
        keys.dedup();
        if !keys.is_empty() {
            let what = format!("holds what looks like a secret: {}", keys.join(", "));
            out.push(
                Finding::new(&CONFIG_MAP, Ref::of("ConfigMap", &map.meta), what).saw("data, by its keys and by the heads of private keys"),
            );
        }
    }
    for u in units {
        let named = |names: Vec<&str>, what: &str| (!names.is_empty()).then(|| format!("{what} {}", names.join(", ")));
        out.extend(u.each(&VARIABLE, "has secrets in its manifest", u.spec.all(), |c| {
            named(c.env.iter().filter(|v| v.value.set && sensitive(&v.name)).map(|v| &*v.name).collect(), "env.value of")
        }));
        out.extend(u.each(&FROM_SECRET, "takes Secrets as variables", u.spec.all(), |c| {
            named(c.env.iter().filter(|v| v.from.secret.is_some()).map(|v| &*v.name).collect(), "env.valueFrom.secretKeyRef of")
        }));
        out.extend(u.each(&TWICE, "sets a variable twice", u.spec.all(), |c| {
            let twice = |at: usize| c.env[..at].iter().any(|v| v.name == c.env[at].name && !v.name.is_empty());
            named((0..c.env.len()).filter(|at| twice(*at)).map(|at| &*c.env[at].name).collect(), "env has twice")
        }));
    }
}
