//! What the API server refuses. Source: `pkg/apis/*/validation`.
use super::names::{self, NameForm};
use crate::{
    simulator::{
        json::{list, text},
        refusal::Cause,
        registry::Resource,
    },
    terms::{path::scalar_text, quantity::Quantity, selector::LabelSelector},
};
use serde_json::Value;

/// Fields that stay as they were made, by resource. A resource not here has none that matter to us.
const IMMUTABLE: &[(&str, &[&str])] = &[
    ("deployments", &["/spec/selector"]),
    ("replicasets", &["/spec/selector"]),
    ("daemonsets", &["/spec/selector"]),
    ("jobs", &["/spec/selector", "/spec/template", "/spec/completions"]),
    ("services", &["/spec/clusterIP"]),
    ("secrets", &["/type"]),
    ("rolebindings", &["/roleRef"]),
    ("clusterrolebindings", &["/roleRef"]),
    ("storageclasses", &["/provisioner", "/parameters", "/reclaimPolicy", "/volumeBindingMode"]),
];
/// Where a kind keeps its pod template.
const TEMPLATES: &[(&str, &str)] = &[
    ("deployments", "/spec/template"),
    ("replicasets", "/spec/template"),
    ("statefulsets", "/spec/template"),
    ("daemonsets", "/spec/template"),
    ("jobs", "/spec/template"),
    ("cronjobs", "/spec/jobTemplate/spec/template"),
];
/// Fields that must be whole numbers of zero or more.
const COUNTS: &[&str] = &[
    "/spec/replicas",
    "/spec/minReadySeconds",
    "/spec/revisionHistoryLimit",
    "/spec/parallelism",
    "/spec/completions",
    "/spec/backoffLimit",
];

/// All that is wrong with an object, or with turning `old` into it.
pub(super) fn check(resource: &Resource, object: &Value, old: Option<&Value>) -> Vec<Cause> {
    let mut causes = Vec::new();
    metadata(resource, object, old.is_none(), &mut causes);
    if resource.custom {
        causes.extend(resource.schema.iter().flat_map(|schema| super::custom::check(schema, object, old)));
        return causes;
    }
    for place in COUNTS {
        if let Some(value) = object.pointer(place).filter(|v| v.as_i64().is_none_or(|n| n < 0)) {
            causes.push(Cause::invalid(dotted(place), value, "must be greater than or equal to 0"));
        }
    }
    let plural = resource.plural.as_str();
    if let Some((_, place)) = TEMPLATES.iter().find(|(p, _)| *p == plural) {
        pod_spec(object.pointer(&format!("{place}/spec")).unwrap_or(&Value::Null), &dotted(&format!("{place}/spec")), &mut causes);
        let policy = text(object, &format!("{place}/spec/restartPolicy"));
        let (field, known): (_, &[&str]) =
            (dotted(&format!("{place}/spec/restartPolicy")), if plural.contains("job") { &["OnFailure", "Never"] } else { &["Always"] });
        if !known.contains(&policy) {
            causes.push(Cause::unsupported(field, &policy.into(), known));
        }
        if matches!(plural, "deployments" | "replicasets" | "statefulsets" | "daemonsets") {
            selector(object, &mut causes);
        }
    }
    match plural {
        "pods" => pod_spec(&object["spec"], "spec", &mut causes),
        "services" => service(object, &mut causes),
        "poddisruptionbudgets" if object.pointer("/spec/minAvailable").is_some() && object.pointer("/spec/maxUnavailable").is_some() => {
            causes.push(Cause::invalid("spec", &object["spec"], "minAvailable and maxUnavailable cannot be both set"));
        }
        "persistentvolumeclaims" if list(object, "/spec/accessModes").is_empty() => {
            causes.push(Cause::required("spec.accessModes", "at least 1 access mode is required"));
        }
        _ => {}
    }
    if let Some(old) = old {
        transitions(plural, object, old, &mut causes);
    }
    causes
}

fn dotted(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".")
}

fn metadata(resource: &Resource, object: &Value, creating: bool, causes: &mut Vec<Cause>) {
    let name = text(object, "/metadata/name");
    if creating && let Some(problem) = names::problem(names::form(&resource.plural), name) {
        causes.push(Cause::invalid("metadata.name", &name.into(), &problem));
    }
    for (field, is_label) in [("labels", true), ("annotations", false)] {
        for (key, value) in object.pointer(&format!("/metadata/{field}")).and_then(Value::as_object).into_iter().flatten() {
            if let Some(problem) = names::key_problem(key) {
                causes.push(Cause::invalid(format!("metadata.{field}"), &key.clone().into(), &problem));
            }
            let value = value.as_str().unwrap_or_default();
            if let Some(problem) = names::value_problem(value).filter(|_| is_label) {
                causes.push(Cause::invalid(format!("metadata.{field}"), &value.into(), &problem));
            }
        }
    }
}

fn selector(object: &Value, causes: &mut Vec<Cause>) {
    let chosen = object.pointer("/spec/selector").filter(|s| !s.is_null());
    let Some(chosen) = chosen else {
        causes.push(Cause::required("spec.selector", ""));
        return;
    };
    match LabelSelector::from_json(chosen) {
        Ok(selector) if selector.is_empty() => {
            causes.push(Cause::invalid("spec.selector", chosen, "empty selector is invalid for deployment"))
        }
        Ok(selector) => {
            let labels = object.pointer("/spec/template/metadata/labels").unwrap_or(&Value::Null);
            if !selector.matches_json(labels) {
                causes.push(Cause::invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`"));
            }
        }
        Err(problem) => causes.push(Cause::invalid("spec.selector", chosen, &problem.0)),
    }
}

fn pod_spec(spec: &Value, field: &str, causes: &mut Vec<Cause>) {
    let volumes: Vec<&str> = list(spec, "/volumes").iter().map(|v| text(v, "/name")).collect();
    if list(spec, "/containers").is_empty() {
        causes.push(Cause::required(format!("{field}.containers"), ""));
    }
    let mut seen: Vec<&str> = Vec::new();
    for (list_name, containers) in [("initContainers", list(spec, "/initContainers")), ("containers", list(spec, "/containers"))] {
        for (at, container) in containers.iter().enumerate() {
            let field = format!("{field}.{list_name}[{at}]");
            let name = text(container, "/name");
            if name.is_empty() {
                causes.push(Cause::required(format!("{field}.name"), ""));
            } else if let Some(problem) = names::problem(NameForm::Label, name) {
                causes.push(Cause::invalid(format!("{field}.name"), &name.into(), &problem));
            } else if seen.contains(&name) {
                causes.push(Cause {
                    reason: "FieldValueDuplicate",
                    message: format!("Duplicate value: {name:?}"),
                    field: format!("{field}.name"),
                });
            }
            seen.push(name);
            self::container(container, &field, &volumes, causes);
        }
    }
}

fn container(container: &Value, field: &str, volumes: &[&str], causes: &mut Vec<Cause>) {
    let image = text(container, "/image");
    if image.is_empty() {
        causes.push(Cause::required(format!("{field}.image"), ""));
    } else if image.trim() != image {
        causes.push(Cause::invalid(format!("{field}.image"), &image.into(), "must not have leading or trailing whitespace"));
    }
    let policy = text(container, "/imagePullPolicy");
    if !["Always", "IfNotPresent", "Never"].contains(&policy) {
        causes.push(Cause::unsupported(format!("{field}.imagePullPolicy"), &policy.into(), &["Always", "IfNotPresent", "Never"]));
    }
    for (at, port) in list(container, "/ports").iter().enumerate() {
        match port.get("containerPort") {
            None => causes.push(Cause::required(format!("{field}.ports[{at}].containerPort"), "")),
            Some(number) => port_number(number, &format!("{field}.ports[{at}].containerPort"), causes),
        }
    }
    for (at, mount) in list(container, "/volumeMounts").iter().enumerate() {
        let name = text(mount, "/name");
        if !volumes.contains(&name) {
            let field = format!("{field}.volumeMounts[{at}].name");
            causes.push(Cause { reason: "FieldValueNotFound", message: format!("Not found: {name:?}"), field });
        }
    }
    for (at, variable) in list(container, "/env").iter().enumerate() {
        if text(variable, "/name").is_empty() {
            causes.push(Cause::required(format!("{field}.env[{at}].name"), ""));
        }
    }
    let amount = |side: &str, name: &str| {
        container.pointer(&format!("/resources/{side}/{name}")).and_then(scalar_text).and_then(|t| t.parse::<Quantity>().ok())
    };
    for side in ["limits", "requests"] {
        for (name, value) in container.pointer(&format!("/resources/{side}")).and_then(Value::as_object).into_iter().flatten() {
            let parsed = scalar_text(value).and_then(|t| t.parse::<Quantity>().ok());
            let field = format!("{field}.resources.{side}[{name}]");
            match parsed {
                None => causes.push(Cause::invalid(
                    field,
                    value,
                    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
                )),
                Some(q) if q < Quantity::ZERO => causes.push(Cause::invalid(field, value, "must be greater than or equal to 0")),
                Some(q) if side == "requests" && amount("limits", name).is_some_and(|limit| limit < q) => {
                    let limit = amount("limits", name).unwrap_or(Quantity::ZERO);
                    let field = field.replace(&format!("[{name}]"), "");
                    causes.push(Cause::invalid(
                        field,
                        &q.to_string().into(),
                        &format!("must be less than or equal to {name} limit of {limit}"),
                    ));
                }
                Some(_) => {}
            }
        }
    }
}

fn port_number(value: &Value, field: &str, causes: &mut Vec<Cause>) {
    if !value.as_i64().is_some_and(|n| (1..=65_535).contains(&n)) {
        causes.push(Cause::invalid(field, value, "must be between 1 and 65535, inclusive"));
    }
}

fn service(object: &Value, causes: &mut Vec<Cause>) {
    let ports = list(object, "/spec/ports");
    let form = text(object, "/spec/type");
    if !["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"].contains(&form) {
        causes.push(Cause::unsupported("spec.type", &form.into(), &["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]));
    }
    if ports.is_empty() && form != "ExternalName" && text(object, "/spec/clusterIP") != "None" {
        causes.push(Cause::required("spec.ports", ""));
    }
    for (at, port) in ports.iter().enumerate() {
        port_number(&port["port"], &format!("spec.ports[{at}].port"), causes);
        if ports.len() > 1 && text(port, "/name").is_empty() {
            causes.push(Cause::required(format!("spec.ports[{at}].name"), ""));
        }
    }
}

fn transitions(plural: &str, object: &Value, old: &Value, causes: &mut Vec<Cause>) {
    let fields = IMMUTABLE.iter().find(|(p, _)| *p == plural).map(|(_, f)| *f).unwrap_or_default();
    for place in fields {
        let (was, is) = (old.pointer(place), object.pointer(place));
        // A Service that becomes an ExternalName gives its address back.
        if was != is && !(plural == "services" && text(object, "/spec/type") == "ExternalName") {
            causes.push(Cause::invalid(dotted(place), is.unwrap_or(&Value::Null), "field is immutable"));
        }
    }
    if matches!(plural, "configmaps" | "secrets") && old["immutable"] == true {
        for field in ["data", "binaryData", "immutable"] {
            if old.get(field) != object.get(field) {
                causes.push(Cause {
                    reason: "FieldValueForbidden",
                    message: "Forbidden: field is immutable when `immutable` is set".to_owned(),
                    field: field.to_owned(),
                });
            }
        }
    }
    if plural == "statefulsets" {
        let frozen = |v: &Value| {
            let mut spec = v["spec"].as_object().cloned().unwrap_or_default();
            for free in [
                "replicas",
                "ordinals",
                "template",
                "updateStrategy",
                "revisionHistoryLimit",
                "persistentVolumeClaimRetentionPolicy",
                "minReadySeconds",
            ] {
                spec.remove(free);
            }
            spec
        };
        if frozen(old) != frozen(object) {
            let message = "Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
            causes.push(Cause { reason: "FieldValueForbidden", message: message.to_owned(), field: "spec".to_owned() });
        }
    }
    if plural == "pods" && !text(old, "/spec/nodeName").is_empty() && frozen_pod(old) != frozen_pod(object) {
        let message = "Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";
        causes.push(Cause { reason: "FieldValueForbidden", message: message.to_owned(), field: "spec".to_owned() });
    }
}

/// A pod's spec without what may be changed.
fn frozen_pod(pod: &Value) -> Value {
    let mut spec = pod["spec"].clone();
    let map = super::map_mut(&mut spec);
    for free in ["activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "ephemeralContainers"] {
        map.remove(free);
    }
    for list in ["containers", "initContainers"] {
        for container in map.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            super::map_mut(container).remove("image");
        }
    }
    spec
}
