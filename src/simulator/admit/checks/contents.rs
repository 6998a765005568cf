//! Checks of what other objects hold or allow: configuration, claims, roles, quotas, nodes, definitions. Source: `pkg/apis/*/validation`.
use super::{Spot, empty, when};
use crate::simulator::{
    admit::{amounts, names},
    json::{map_mut, text},
    refusal::Cause,
};
use crate::terms::{path::scalar_text, quantity::Quantity};
use serde_json::{Value, json};

/// Keys that a Secret of a type must have. Source: `ValidateSecret`.
const SECRETS: &[(&str, &[&str])] = &[
    ("kubernetes.io/tls", &["tls.crt", "tls.key"]),
    ("kubernetes.io/ssh-auth", &["ssh-privatekey"]),
    ("kubernetes.io/dockerconfigjson", &[".dockerconfigjson"]),
    ("kubernetes.io/dockercfg", &[".dockercfg"]),
    ("kubernetes.io/basic-auth", &["username", "password"]),
];
/// What a quota counts by a plain name, beside pods. Source: `standardQuotaResources`.
const COUNTED: &[&str] = &["services", "secrets", "configmaps", "resourcequotas", "persistentvolumeclaims", "replicationcontrollers"];
const MEASURED: &[&str] = &["cpu", "memory", "ephemeral-storage", "storage"];

/// Runs a check of this file; None: there is none of that name.
pub(super) fn run(check: &str, spot: &Spot) -> Option<Vec<Cause>> {
    let (value, root) = (spot.value, spot.root);
    Some(match check {
        "config-key" => {
            let twice = spot.field.starts_with("data[") && root.pointer("/binaryData").is_some_and(|b| b.get(spot.key()).is_some());
            let problem =
                names::config_key_problem(spot.key()).or_else(|| twice.then(|| "duplicate of key present in binaryData".to_owned()));
            problem.into_iter().map(|p| Cause::invalid(spot.field, &spot.key().into(), &p)).collect()
        }
        "kept-when-immutable" => {
            let old = spot.old.filter(|old| old["immutable"] == true);
            let changed = |field: &&str| old.is_some_and(|old| old.get(*field) != value.get(*field));
            let fields = ["immutable", "data", "binaryData"].into_iter().filter(changed);
            fields.map(|f| Cause::forbidden(f, "field is immutable when `immutable` is set")).collect()
        }
        "secret-data" => {
            let kind = text(value, "/type");
            let keys = SECRETS.iter().find(|(known, _)| *known == kind).map(|(_, keys)| *keys).unwrap_or_default();
            let missing: Vec<_> = keys.iter().filter(|key| value["data"].get(**key).is_none()).collect();
            // Of a name and a password one is enough.
            let enough = kind == "kubernetes.io/basic-auth" && missing.len() < keys.len();
            missing.into_iter().filter(|_| !enough).map(|key| Cause::required(format!("data[{key}]"), "")).collect()
        }
        "claim-size" => match amounts::at(value, "/resources/requests").get("storage") {
            None => vec![Cause::required(spot.inside("resources[storage]"), "")],
            Some(size) => {
                let cause = Cause::invalid(spot.inside("resources[storage]"), &size.to_string().into(), "must be greater than zero");
                when(*size <= Quantity::ZERO, vec![cause])
            }
        },
        "claim-frozen" => {
            let (was, bound) = (spot.was(), text(root, "/status/phase") == "Bound");
            let frozen = |spec: &Value| {
                let mut spec = spec.clone();
                // What was open may be filled in.
                for field in ["volumeName", "storageClassName"].into_iter().filter(|field| empty(&was[*field])) {
                    map_mut(&mut spec).remove(field);
                }
                if bound {
                    map_mut(&mut spec["resources"]).remove("requests");
                    map_mut(&mut spec).remove("volumeAttributesClassName");
                }
                spec
            };
            let why = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
            when(frozen(was) != frozen(value), spot.forbidden(why))
        }
        "role-kept" => {
            let given = json!({"APIGroup": value["apiGroup"], "Kind": value["kind"], "Name": value["name"]});
            when(spot.was() != value, vec![Cause::invalid(spot.field, &given, "cannot change roleRef")])
        }
        "pod-security" => {
            let known = ["privileged", "baseline", "restricted"];
            let mode = spot.key().strip_prefix("pod-security.kubernetes.io/").unwrap_or_default();
            let wrong = ["enforce", "warn", "audit"].contains(&mode) && !known.contains(&spot.word());
            when(wrong, spot.invalid(&format!("must be one of {}", known.join(", "))))
        }
        "taint" => {
            let (key, given, effect) = (text(value, "/key"), text(value, "/value"), text(value, "/effect"));
            let field = |name: &str| spot.field.replacen("spec", "metadata", 1) + "." + name;
            let known = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
            let keys = names::label_key_problems(key).into_iter().map(|p| Cause::invalid(field("key"), &key.into(), &p));
            let values = names::value_problem(given).map(|p| Cause::invalid(field("value"), &given.into(), &p));
            let effects = (!known.contains(&effect)).then(|| Cause::unsupported(field("effect"), &effect.into(), &known));
            keys.chain(values).chain(effects).collect()
        }
        "quota-name" => quota_name(spot),
        "crd-name" => {
            let name = value.pointer("/metadata/name").unwrap_or(&Value::Null);
            let wanted = format!("{}.{}", text(value, "/spec/names/plural"), text(value, "/spec/group"));
            let cause = Cause::invalid("metadata.name", name, "must be spec.names.plural+\".\"+spec.group");
            when(*name != *wanted, vec![cause])
        }
        _ => return None,
    })
}

/// One line of a quota. Source: `ValidateResourceQuotaSpec`.
fn quota_name(spot: &Spot) -> Vec<Cause> {
    let name = spot.key();
    let invalid = |value: &Value, why: &str| Cause::invalid(spot.field, value, why);
    let amount: Option<Quantity> = scalar_text(spot.value).and_then(|t| t.parse().ok());
    let mut causes: Vec<Cause> = names::key_problems(name).iter().map(|p| invalid(&name.into(), p)).collect();
    let standard = name.contains(['/', '.']) || name.contains("pods") || MEASURED.contains(&name) || COUNTED.contains(&name);
    if !standard {
        let why = "must be a standard resource type or fully qualified";
        causes.extend(causes.is_empty().then(|| invalid(&name.into(), why)));
        causes.push(invalid(&name.into(), "must be a standard resource for quota"));
    }
    let negative = amount.is_some_and(|a| a < Quantity::ZERO);
    causes.extend(negative.then(|| invalid(spot.value, "must be greater than or equal to 0")));
    let counts = name.starts_with("count/") || name == "pods" || COUNTED.contains(&name) || name.starts_with("services.");
    let broken = amount.filter(|a| counts && a.as_milli() % 1000 != 0);
    causes.extend(broken.map(|a| invalid(&a.to_string().into(), "must be an integer")));
    causes
}
