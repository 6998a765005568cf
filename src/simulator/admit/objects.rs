//! Checks that look at more than one field: of workloads, pods, configuration, storage, access.
use super::{
    amounts,
    checks::{Spot, empty, labels, requirement},
    names::{self, NameForm},
    network,
};
use crate::{
    simulator::{
        json::{list, map_mut, number, text},
        refusal::Cause,
    },
    terms::quantity::Quantity,
};
use serde_json::{Value, json};
use std::collections::HashSet;

/// Keys that a Secret of a type must have. Source: `ValidateSecret`.
const SECRETS: &[(&str, &[&str])] = &[
    ("kubernetes.io/tls", &["tls.crt", "tls.key"]),
    ("kubernetes.io/ssh-auth", &["ssh-privatekey"]),
    ("kubernetes.io/dockerconfigjson", &[".dockerconfigjson"]),
    ("kubernetes.io/dockercfg", &[".dockercfg"]),
];
const STANDARD: &[&str] = &["cpu", "memory", "ephemeral-storage"];

/// Runs a check of this file or of `network`; None: there is none of that name.
pub(super) fn run(check: &str, args: &str, spot: &Spot) -> Option<Vec<Cause>> {
    let (value, root) = (spot.value, spot.root);
    let inside = |field: &str| if spot.field.is_empty() { field.to_owned() } else { format!("{}.{field}", spot.field) };
    let when = |wrong: bool, causes: Vec<Cause>| if wrong { causes } else { Vec::new() };
    Some(match check {
        "strategy" | "strategy-word" => {
            let known: Vec<&str> = args.split(' ').collect();
            let given = format!("{{\"Type\":{},\"RollingUpdate\":null}}", value["type"]);
            let wrong = !value.is_null() && !known.contains(&text(value, "/type"));
            let (quotes, between) = if check == "strategy" { ("\"", ", ") } else { ("'", " or ") };
            let said = known.iter().map(|w| format!("{quotes}{w}{quotes}")).collect::<Vec<_>>().join(between);
            let cause = if check == "strategy" {
                Cause::told("FieldValueNotSupported", spot.field, format!("Unsupported value: {given}: supported values: {said}"))
            } else {
                Cause::told("FieldValueInvalid", spot.field, format!("Invalid value: {given}: must be {said}"))
            };
            when(wrong, vec![cause])
        }
        "some-move" => {
            let none = |field: &str| matches!(&value[field], Value::Number(n) if n.as_i64() == Some(0)) || value[field] == "0%";
            let why = "may not be 0 when `maxSurge` is 0";
            let unavailable = Cause::invalid(inside("maxUnavailable"), &value["maxUnavailable"], why);
            when(none("maxUnavailable") && none("maxSurge"), vec![unavailable])
        }
        "one-move" => {
            let none = |field: &str| matches!(&value[field], Value::Number(n) if n.as_i64() == Some(0)) || value[field] == "0%";
            match (none("maxUnavailable"), none("maxSurge")) {
                (true, true) => vec![Cause::required(inside("maxUnavailable"), "cannot be 0 when maxSurge is 0")],
                (false, false) => {
                    vec![Cause::invalid(inside("maxSurge"), &value["maxSurge"], "may not be set when maxUnavailable is non-zero")]
                }
                _ => Vec::new(),
            }
        }
        "deadline" => {
            let deadline = &value["progressDeadlineSeconds"];
            let late = deadline.as_i64().is_some_and(|d| d <= number(value, "/minReadySeconds", 0));
            let mut causes = Vec::new();
            if deadline.as_i64().is_some_and(|d| d < 0) {
                causes.push(Cause::invalid(inside("progressDeadlineSeconds"), deadline, "must be greater than or equal to 0"));
            }
            causes
                .extend(late.then(|| Cause::invalid(inside("progressDeadlineSeconds"), deadline, "must be greater than minReadySeconds")));
            causes
        }
        "own-selector" => {
            let own = [("batch.kubernetes.io/controller-uid", &root["metadata"]["uid"])];
            let labels = value["matchLabels"].as_object();
            let generated = labels.is_some_and(|l| l.len() == 1 && own.iter().all(|(k, v)| l.get(*k) == Some(v)));
            when(
                root.pointer("/spec/manualSelector") != Some(&Value::Bool(true)) && !generated,
                spot.invalid("`selector` not auto-generated"),
            )
        }
        "schedule" if spot.word().contains("TZ") => spot.invalid("cannot use TZ or CRON_TZ in schedule, use timeZone field instead"),
        "schedule" => schedule(spot.word()).err().into_iter().flat_map(|why| spot.invalid(&why)).collect(),
        "zone" => {
            let known = jiff::tz::db().is_definitively_empty() || jiff::tz::db().get(spot.word()).is_ok();
            when(!known, spot.invalid(&format!("unknown time zone {}", spot.word())))
        }
        "ends" => match spot.word() {
            "OnFailure" | "Never" => Vec::new(),
            "Always" => spot.required("valid values: \"OnFailure\", \"Never\""),
            _ => vec![Cause::unsupported(spot.field, value, &["OnFailure", "Never"])],
        },
        "trimmed" => when(spot.word().trim() != spot.word(), spot.invalid("must not have leading or trailing whitespace")),
        "pod-frozen" => pod_frozen(spot),
        "template-labels" => {
            let none = Value::Null;
            let mut causes = labels(value.pointer("/metadata/labels").unwrap_or(&none), &inside("labels"));
            let notes = value.pointer("/metadata/annotations").unwrap_or(&none);
            causes.extend(super::validate::annotations(notes, &inside("annotations")));
            causes
        }
        "envname" => when(
            !spot.word().chars().all(|c| (' '..='~').contains(&c) && c != '='),
            spot.invalid("a valid environment variable name must consist only of printable ASCII characters other than '='"),
        ),
        "env-source" => {
            let blank = |why: &str| vec![Cause::invalid(spot.field, &"".into(), why)];
            match value.as_object().map_or(0, serde_json::Map::len) {
                0 => blank("must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"),
                1 if !text(spot.holder, "/value").is_empty() => blank("may not be specified when `value` is not empty"),
                1 => Vec::new(),
                _ => blank("may not have more than one field specified at a time"),
            }
        }
        "env-from" => {
            let field = spot.field.rsplit_once('[').map_or(spot.field, |(list, _)| list);
            let blank = |why: &str| vec![Cause::invalid(field, &"".into(), why)];
            let sources: Vec<&str> = ["configMapRef", "secretRef"].into_iter().filter(|s| value.get(*s).is_some()).collect();
            match sources[..] {
                [] => blank("must specify one of: `configMapRef` or `secretRef`"),
                [source] => {
                    let (name, at) = (text(value, &format!("/{source}/name")), inside(&format!("{source}.name")));
                    match names::problem(NameForm::Subdomain, name) {
                        _ if name.is_empty() => vec![Cause::required(at, "")],
                        problem => problem.into_iter().map(|p| Cause::invalid(at.as_str(), &name.into(), &p)).collect(),
                    }
                }
                _ => blank("may not have more than one field specified at a time"),
            }
        }
        "downward" => {
            let plain = [
                "metadata.name",
                "metadata.namespace",
                "metadata.uid",
                "spec.nodeName",
                "spec.serviceAccountName",
                "status.hostIP",
                "status.hostIPs",
                "status.podIP",
                "status.podIPs",
            ];
            let keyed = ["metadata.labels['", "metadata.annotations['"].iter().any(|start| spot.word().starts_with(start));
            let why = format!("error converting fieldPath: field label not supported: {}", spot.word());
            when(!keyed && !plain.contains(&spot.word()), spot.invalid(&why))
        }
        "mounted" => {
            let spec = spot.field.find("ontainers[").map_or("", |at| spot.field[..at].trim_end_matches(|c| c != '.').trim_end_matches('.'));
            let spec = root.pointer(&format!("/{}", spec.replace('.', "/"))).unwrap_or(&Value::Null);
            let volumes = list(spec, "/volumes").iter().map(|v| text(v, "/name"));
            let claims = list(root, "/spec/volumeClaimTemplates").iter().map(|c| text(c, "/metadata/name"));
            let known = volumes.chain(claims).any(|name| name == spot.word());
            let message = format!("Not found: {:?}", spot.word());
            when(!known, vec![Cause { reason: "FieldValueNotFound", message, field: spot.field.to_owned() }])
        }
        "host-ports" => host_ports(spot),
        "resources" => resources(spot),
        "one-source" | "one-handler" => {
            let handlers = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"];
            let given = value.as_object().into_iter().flatten().map(|(name, _)| name.as_str());
            let sources: Vec<&str> =
                given.filter(|name| if check == "one-source" { *name != "name" } else { handlers.contains(name) }).collect();
            match sources[..] {
                [] if check == "one-handler" => spot.required("must specify a handler type"),
                [_, ref more @ ..] => {
                    let why = if args.is_empty() { "may not specify more than 1 handler type" } else { args };
                    more.iter().map(|source| Cause::forbidden(inside(source), why)).collect()
                }
                [] => Vec::new(),
            }
        }
        "toleration" => {
            let (operator, given) = (text(value, "/operator"), text(value, "/value"));
            let at = inside("operator");
            match operator {
                _ if operator != "Exists" && text(value, "/key").is_empty() => {
                    let why = "operator must be Exists when `key` is empty, which means \"match all values and all keys\"";
                    vec![Cause::invalid(at, &operator.into(), why)]
                }
                "Exists" if !given.is_empty() => vec![Cause::invalid(at, &given.into(), "value must be empty when `operator` is 'Exists'")],
                "" | "Equal" | "Exists" if value.get("tolerationSeconds").is_some() && text(value, "/effect") != "NoExecute" => {
                    vec![Cause::invalid(inside("effect"), &value["effect"], "effect must be 'NoExecute' when `tolerationSeconds` is set")]
                }
                "" | "Equal" | "Exists" => Vec::new(),
                _ => vec![Cause::unsupported(at, &operator.into(), &["Equal", "Exists"])],
            }
        }
        "node-term" => requirement(value, spot.field, true),
        "config-key" => {
            let key = spot.field.split_once('[').map_or("", |(_, key)| key.trim_end_matches(']'));
            let twice = spot.field.starts_with("data[") && root.pointer("/binaryData").is_some_and(|b| b.get(key).is_some());
            let problem = names::config_key_problem(key).or_else(|| twice.then(|| "duplicate of key present in binaryData".to_owned()));
            problem.into_iter().map(|p| Cause::invalid(spot.field, &key.into(), &p)).collect()
        }
        "kept-when-immutable" => {
            let old = spot.old.unwrap_or(&Value::Null);
            let why = "field is immutable when `immutable` is set";
            let fields =
                ["immutable", "data", "binaryData"].into_iter().filter(|f| old["immutable"] == true && old.get(*f) != value.get(*f));
            fields.map(|f| Cause::forbidden(f, why)).collect()
        }
        "secret-data" => {
            let (kind, has) = (text(value, "/type"), |key: &str| value["data"].get(key).is_some());
            let missing = |key: &&&str| Cause::required(format!("data[{key}]"), "");
            let name = value.pointer("/metadata/annotations").and_then(|a| a["kubernetes.io/service-account.name"].as_str());
            match kind {
                "kubernetes.io/basic-auth" if !has("username") && !has("password") => {
                    [&"username", &"password"].iter().map(missing).collect()
                }
                "kubernetes.io/service-account-token" if name.is_none_or(str::is_empty) => {
                    vec![Cause::required("metadata.annotations[kubernetes.io/service-account.name]", "")]
                }
                _ => {
                    let keys = SECRETS.iter().find(|(k, _)| *k == kind).map(|(_, keys)| *keys).unwrap_or_default();
                    keys.iter().filter(|key| !has(key)).map(|key| missing(&key)).collect()
                }
            }
        }
        "claim-size" => match amounts::at(value, "/resources/requests").get("storage") {
            None => vec![Cause::required(inside("resources[storage]"), "")],
            Some(size) => {
                let why = "must be greater than zero";
                when(*size <= Quantity::ZERO, vec![Cause::invalid(inside("resources[storage]"), &size.to_string().into(), why)])
            }
        },
        "claim-frozen" => {
            let (was, bound) = (spot.was(), text(root, "/status/phase") == "Bound");
            let frozen = |spec: &Value| {
                let mut spec = spec.clone();
                for field in ["volumeName", "storageClassName"] {
                    // What was open may be filled in.
                    if empty(&was[field]) {
                        map_mut(&mut spec).remove(field);
                    }
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
        "volume-frozen" => {
            let plain = [
                "accessModes",
                "capacity",
                "claimRef",
                "mountOptions",
                "nodeAffinity",
                "persistentVolumeReclaimPolicy",
                "storageClassName",
                "volumeAttributesClassName",
                "volumeMode",
            ];
            let source = |spec: &Value| {
                let fields = spec.as_object().into_iter().flatten().filter(|(name, _)| !plain.contains(&name.as_str()));
                fields.map(|(name, value)| (name.clone(), value.clone())).collect::<Vec<_>>()
            };
            if spot.old.is_none() {
                return Some(match &source(value)[..] {
                    [] => spot.required("must specify a volume type"),
                    [_, more @ ..] => {
                        more.iter().map(|(name, _)| Cause::forbidden(inside(name), "may not specify more than 1 volume type")).collect()
                    }
                });
            }
            let place = inside("persistentvolumesource");
            let moved = Cause::forbidden(place.as_str(), &format!("{place} is immutable after creation"));
            let mode = Cause::invalid("volumeMode", &value["volumeMode"], "field is immutable");
            let was = spot.was();
            let moved = (source(was) != source(value)).then_some(moved);
            moved.into_iter().chain((was["volumeMode"] != value["volumeMode"]).then_some(mode)).collect()
        }
        "api-group" => {
            let core = matches!(text(spot.holder, "/kind"), "ReplicationController" | "Pod" | "Service");
            when(
                !core && !spot.word().contains('/'),
                vec![Cause::invalid(spot.field, &spot.word().into(), "apiVersion must specify API group")],
            )
        }
        "autoscale-range" => {
            let (least, most) = (number(value, "/minReplicas", 1), number(value, "/maxReplicas", 0));
            let why = "must be greater than or equal to `minReplicas`";
            when(most >= 1 && most < least, vec![Cause::invalid(inside("maxReplicas"), &most.into(), why)])
        }
        "metric-target" if !value.is_null() => {
            let (share, amount) = (&value["averageUtilization"], &value["averageValue"]);
            match (share.as_i64(), amount.is_null()) {
                (Some(share), _) if share < 1 => {
                    vec![Cause::invalid(inside("averageUtilization"), &share.into(), "must be greater than 0")]
                }
                (None, true) => {
                    vec![Cause::required(inside("averageUtilization"), "must set either a target raw value or a target utilization")]
                }
                (Some(_), false) => {
                    vec![Cause::forbidden(inside("averageValue"), "may not set both a target raw value and a target utilization")]
                }
                _ => Vec::new(),
            }
        }
        "metric-target" => Vec::new(),
        "one-bound" => {
            let spec = &value["spec"];
            let given = format!(
                "{{\"MinAvailable\":{},\"Selector\":{},\"MaxUnavailable\":{},\"UnhealthyPodEvictionPolicy\":{}}}",
                spec["minAvailable"], spec["selector"], spec["maxUnavailable"], spec["unhealthyPodEvictionPolicy"],
            );
            let both = !spec["minAvailable"].is_null() && !spec["maxUnavailable"].is_null();
            let message = format!("Invalid value: {given}: minAvailable and maxUnavailable cannot be both set");
            when(both, vec![Cause::told("FieldValueInvalid", "spec", message)])
        }
        "role-rule" => role_rule(spot, args == "namespaced"),
        "role-kept" => {
            let given = json!({"APIGroup": value["apiGroup"], "Kind": value["kind"], "Name": value["name"]});
            when(spot.was() != value, vec![Cause::invalid(spot.field, &given, "cannot change roleRef")])
        }
        "not-system" => {
            let known = matches!(spot.word(), "system-cluster-critical" | "system-node-critical");
            let why = format!(
                "priority class names with 'system-' prefix are reserved for system use only. error: {} is not a known system priority class",
                spot.word()
            );
            when(spot.word().starts_with("system-") && !known, spot.forbidden(&why))
        }
        "priority-value" => {
            let system = text(root, "/metadata/name").starts_with("system-");
            let high = value.as_i64().is_some_and(|n| n > 1_000_000_000);
            when(high && !system, spot.forbidden("maximum allowed value of a user defined priority is 1000000000"))
        }
        "pod-security" => {
            let labels = value.as_object().into_iter().flatten();
            let modes = labels.filter_map(|(key, level)| Some((key, level, key.strip_prefix("pod-security.kubernetes.io/")?)));
            let wrong = modes.filter(|(_, level, mode)| {
                let level = level.as_str().unwrap_or_default();
                ["enforce", "warn", "audit"].contains(mode) && !["privileged", "baseline", "restricted"].contains(&level)
            });
            let why = "must be one of privileged, baseline, restricted";
            wrong.map(|(key, level, _)| Cause::invalid(format!("metadata.labels[{key}]"), level, why)).collect()
        }
        "taint" => {
            let (key, effect) = (text(value, "/key"), text(value, "/effect"));
            let field = |name: &str| spot.field.replacen("spec", "metadata", 1) + "." + name;
            let mut causes: Vec<Cause> =
                names::label_key_problems(key).iter().map(|p| Cause::invalid(field("key"), &key.into(), p)).collect();
            let given = text(value, "/value");
            causes.extend(names::value_problem(given).map(|p| Cause::invalid(field("value"), &given.into(), &p)));
            let known = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
            causes.extend((!known.contains(&effect)).then(|| Cause::unsupported(field("effect"), &effect.into(), &known)));
            causes
        }
        "quota-name" => {
            let name = spot.field.split_once('[').map_or("", |(_, name)| name.trim_end_matches(']'));
            let amount: Option<Quantity> = crate::terms::path::scalar_text(value).and_then(|t| t.parse().ok());
            let negative = amount.is_some_and(|a| a < Quantity::ZERO);
            let mut causes: Vec<Cause> = names::key_problems(name).iter().map(|p| Cause::invalid(spot.field, &name.into(), p)).collect();
            let standard =
                name.contains('/') || name.contains('.') || name.contains("pods") || STANDARD.contains(&name) || name == "storage";
            let plain = ["services", "secrets", "configmaps", "resourcequotas", "persistentvolumeclaims", "replicationcontrollers"];
            if !standard && !plain.contains(&name) {
                let why = "must be a standard resource type or fully qualified";
                causes.extend(causes.is_empty().then(|| Cause::invalid(spot.field, &name.into(), why)));
                causes.push(Cause::invalid(spot.field, &name.into(), "must be a standard resource for quota"));
            }
            causes.extend(negative.then(|| Cause::invalid(spot.field, value, "must be greater than or equal to 0")));
            let counts = name.starts_with("count/") || name == "pods" || plain.contains(&name) || name.starts_with("services.");
            let broken = amount.filter(|a| counts && a.as_milli() % 1000 != 0);
            causes.extend(broken.map(|a| Cause::invalid(spot.field, &a.to_string().into(), "must be an integer")));
            causes
        }
        "limit-order" => limit_order(spot),
        "crd-name" => {
            let (plural, group) = (text(value, "/spec/names/plural"), text(value, "/spec/group"));
            let name = value.pointer("/metadata/name").unwrap_or(&Value::Null);
            let wrong = name.as_str() != Some(&format!("{plural}.{group}"));
            when(wrong, vec![Cause::invalid("metadata.name", name, "must be spec.names.plural+\".\"+spec.group")])
        }
        "webhook-name" => {
            let segments = spot.word().split('.').count();
            when(segments < 3, spot.invalid("should be a domain with at least three segments separated by dots"))
        }
        "webhook-time" => {
            let wrong = value.as_i64().is_some_and(|n| !(1..=30).contains(&n));
            when(wrong, spot.invalid("the timeout value must be between 1 and 30 seconds"))
        }
        "webhook-client" => {
            let count = ["url", "service"].iter().filter(|f| value.get(**f).is_some()).count();
            when(count != 1, spot.required("exactly one of url or service is required"))
        }
        _ => return network::run(check, spot),
    })
}

/// Ports on the node: the same one twice, or not the container's own under `hostNetwork`.
fn host_ports(spot: &Spot) -> Vec<Cause> {
    let (mut causes, mut seen) = (Vec::new(), HashSet::new());
    let on_host = spot.value["hostNetwork"] == true;
    for (at, container) in list(spot.value, "/containers").iter().enumerate() {
        for (place, port) in list(container, "/ports").iter().enumerate() {
            let (host, field) = (number(port, "/hostPort", 0), format!("{}.containers[{at}].ports[{place}].hostPort", spot.field));
            let whole = format!("{}/{}/{host}", text(port, "/protocol"), text(port, "/hostIP"));
            if host != 0 && !seen.insert(whole.clone()) {
                causes.push(Cause { reason: "FieldValueDuplicate", message: format!("Duplicate value: {whole:?}"), field });
            } else if on_host && host != number(port, "/containerPort", 0) {
                causes.push(Cause::invalid(field, &host.into(), "must match `containerPort` when `hostNetwork` is true"));
            }
        }
    }
    causes
}

/// Requests and limits of a container. Source: `ValidateContainerResourceRequirements`.
fn resources(spot: &Spot) -> Vec<Cause> {
    let mut causes = Vec::new();
    let limits = amounts::at(spot.value, "/limits");
    for side in ["limits", "requests"] {
        for (name, amount) in amounts::at(spot.value, &format!("/{side}")) {
            let field = format!("{}.{side}[{name}]", spot.field);
            if !name.contains('/') && !STANDARD.contains(&name.as_str()) && !name.starts_with("hugepages-") {
                for why in ["must be a standard resource type or fully qualified", "must be a standard resource for containers"] {
                    causes.push(Cause::invalid(field.as_str(), &name.clone().into(), why));
                }
            }
            if amount < Quantity::ZERO {
                causes.push(Cause::invalid(field, &amount.to_string().into(), "must be greater than or equal to 0"));
            }
            if side == "limits" {
                continue;
            }
            let field = format!("{}.requests", spot.field);
            match limits.get(&name) {
                Some(limit) if amount > *limit => {
                    let why = format!("must be less than or equal to {name} limit of {limit}");
                    causes.push(Cause::invalid(field, &amount.to_string().into(), &why));
                }
                None if name.contains('/') => {
                    causes.push(Cause::required(format!("{}.limits", spot.field), "Limit must be set for non overcommitable resources"));
                }
                Some(_) | None => {}
            }
        }
    }
    causes
}

/// What of a pod may not change. The real server shows the difference below this sentence.
fn pod_frozen(spot: &Spot) -> Vec<Cause> {
    for place in ["containers", "initContainers"] {
        let count = |spec: &Value| list(spec, &format!("/{place}")).len();
        if count(spot.was()) != count(spot.value) {
            let why = "pod updates may not add or remove containers";
            return vec![Cause::forbidden(format!("{}.{place}", spot.field), why)];
        }
    }
    let frozen = |spec: &Value| {
        let mut spec = spec.clone();
        let map = map_mut(&mut spec);
        for free in ["activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "ephemeralContainers"] {
            map.remove(free);
        }
        for place in ["containers", "initContainers"] {
            for container in map.get_mut(place).and_then(Value::as_array_mut).into_iter().flatten() {
                map_mut(container).remove("image");
            }
        }
        spec
    };
    if frozen(spot.was()) == frozen(spot.value) {
        return Vec::new();
    }
    spot.forbidden("pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)")
}

/// Source: `ValidatePolicyRule` in `pkg/apis/rbac/validation`.
fn role_rule(spot: &Spot, namespaced: bool) -> Vec<Cause> {
    let rule = spot.value;
    let has = |field: &str| !list(rule, &format!("/{field}")).is_empty();
    let at = |field: &str| format!("{}.{field}", spot.field);
    let mut causes = Vec::new();
    if !has("verbs") {
        causes.push(Cause::required(at("verbs"), "verbs must contain at least one value"));
    }
    if has("nonResourceURLs") {
        let urls = &rule["nonResourceURLs"];
        if namespaced {
            causes.push(Cause::invalid(at("nonResourceURLs"), urls, "namespaced rules cannot apply to non-resource URLs"));
        }
        if has("apiGroups") || has("resources") || has("resourceNames") {
            let why = "rules cannot apply to both regular resources and non-resource URLs";
            causes.push(Cause::invalid(at("nonResourceURLs"), urls, why));
        }
        return causes;
    }
    for (field, what) in [("apiGroups", "api group"), ("resources", "resource")] {
        if !has(field) {
            causes.push(Cause::required(at(field), &format!("resource rules must supply at least one {what}")));
        }
    }
    causes
}

/// The amounts of one limit against each other. Source: `ValidateLimitRange`.
fn limit_order(spot: &Spot) -> Vec<Cause> {
    let kind = text(spot.value, "/type");
    let side = |name: &str| amounts::at(spot.value, &format!("/{name}"));
    let mut causes = Vec::new();
    if kind == "Pod" {
        for field in ["default", "defaultRequest"] {
            if !side(field).is_empty() {
                causes.push(Cause::forbidden(format!("{}.{field}", spot.field), "may not be specified when `type` is 'Pod'"));
            }
        }
        return causes;
    }
    // What must not be more than what; which of the two fields is blamed, and whether the lesser or the greater value is shown.
    let pairs = [
        ("min", "max", "min value", "max value", "min", true),
        ("min", "defaultRequest", "min value", "default request value", "defaultRequest", false),
        ("defaultRequest", "max", "default request value", "max value", "defaultRequest", true),
        ("defaultRequest", "default", "default request value", "default limit value", "defaultRequest", true),
        ("min", "default", "min value", "default value", "default", true),
        ("default", "max", "default value", "max value", "default", false),
    ];
    for (less, more, called, than, blamed, lesser) in pairs {
        let most = side(more);
        for (name, amount) in side(less) {
            if let Some(limit) = most.get(&name).filter(|limit| amount > **limit) {
                let why = format!("{called} {amount} is greater than {than} {limit}");
                let shown = if lesser { &amount } else { limit };
                causes.push(Cause::invalid(format!("{}.{blamed}[{name}]", spot.field), &shown.to_string().into(), &why));
            }
        }
    }
    causes
}

/// Whether a cron line can be read, or what is wrong with it. Source: `robfig/cron` v3, its standard parser.
fn schedule(line: &str) -> Result<(), String> {
    const MONTHS: &[&str] = &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    const DAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
    const NAMED: &[&str] = &["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];
    if line.starts_with('@') {
        let known = NAMED.contains(&line) || line.starts_with("@every ");
        return if known { Ok(()) } else { Err(format!("unrecognized descriptor: {line}")) };
    }
    let fields: Vec<&str> = line.split_whitespace().collect();
    if fields.len() != 5 {
        return Err(format!("expected exactly 5 fields, found {}: [{}]", fields.len(), fields.join(" ")));
    }
    let bounds: [(i64, i64, &[&str]); 5] = [(0, 59, &[]), (0, 23, &[]), (1, 31, &[]), (1, 12, MONTHS), (0, 6, DAYS)];
    for (field, (least, most, words)) in fields.iter().zip(bounds) {
        for range in field.split(',') {
            cron_range(range, least, most, words)?;
        }
    }
    Ok(())
}

fn cron_range(range: &str, least: i64, most: i64, words: &[&str]) -> Result<(), String> {
    let number = |text: &str| -> Result<i64, String> {
        if let Some(at) = words.iter().position(|w| text.eq_ignore_ascii_case(w)) {
            return Ok(i64::try_from(at).unwrap_or(0) + least);
        }
        let parsed: i64 =
            text.parse().map_err(|_| format!("failed to parse int from {text}: strconv.Atoi: parsing {text:?}: invalid syntax"))?;
        if parsed < 0 { Err(format!("negative number ({parsed}) not allowed: {text}")) } else { Ok(parsed) }
    };
    let (span, step) = range.split_once('/').map_or((range, None), |(span, step)| (span, Some(step)));
    let (start, end) = match span.split_once('-') {
        _ if span == "*" || span == "?" => (least, most),
        Some((from, to)) if !from.is_empty() => (number(from)?, number(to)?),
        _ => {
            let one = number(span)?;
            (one, if step.is_some() { most } else { one })
        }
    };
    let step = step.map_or(Ok(1), number)?;
    if start < least {
        return Err(format!("beginning of range ({start}) below minimum ({least}): {range}"));
    }
    if end > most {
        return Err(format!("end of range ({end}) above maximum ({most}): {range}"));
    }
    if start > end {
        return Err(format!("beginning of range ({start}) beyond end of range ({end}): {range}"));
    }
    if step == 0 { Err(format!("step of range should be a positive number: {range}")) } else { Ok(()) }
}
