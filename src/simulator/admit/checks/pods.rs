//! Checks of pods and of what they are made from. Source: `pkg/apis/core/validation`.
use super::{Spot, labels, requirement, when};
use crate::simulator::{
    admit::{amounts, validate},
    json::{list, map_mut, text},
    refusal::Cause,
};
use crate::terms::quantity::Quantity;
use serde_json::Value;

const STANDARD: &[&str] = &["cpu", "memory", "ephemeral-storage"];
const HANDLERS: &[&str] = &["exec", "httpGet", "tcpSocket", "grpc", "sleep"];

/// Runs a check of this file; None: there is none of that name.
pub(super) fn run(check: &str, args: &str, spot: &Spot) -> Option<Vec<Cause>> {
    let value = spot.value;
    Some(match check {
        "pod-frozen" => pod_frozen(spot),
        "template-labels" => {
            let mut causes = labels(&value["metadata"]["labels"], &spot.inside("labels"));
            causes.extend(validate::annotations(&value["metadata"]["annotations"], &spot.inside("annotations")));
            causes
        }
        "envname" => when(
            !spot.word().chars().all(|c| (' '..='~').contains(&c) && c != '='),
            spot.invalid("a valid environment variable name must consist only of printable ASCII characters other than '='"),
        ),
        "mounted" => {
            let spec = spot.field.find("ontainers[").map_or("", |at| spot.field[..at].trim_end_matches(|c| c != '.').trim_end_matches('.'));
            let spec = spot.root.pointer(&format!("/{}", spec.replace('.', "/"))).unwrap_or(&Value::Null);
            let volumes = list(spec, "/volumes").iter().map(|v| text(v, "/name"));
            let claims = list(spot.root, "/spec/volumeClaimTemplates").iter().map(|c| text(c, "/metadata/name"));
            let known = volumes.chain(claims).any(|name| name == spot.word());
            when(!known, vec![Cause::told("FieldValueNotFound", spot.field, format!("Not found: {:?}", spot.word()))])
        }
        "resources" => resources(spot),
        "one-source" | "one-handler" => {
            let sources = check == "one-source";
            let given = value.as_object().into_iter().flatten().map(|(name, _)| name.as_str());
            let given: Vec<&str> = given.filter(|name| if sources { *name != "name" } else { HANDLERS.contains(name) }).collect();
            if given.is_empty() {
                return Some(when(!sources, spot.required("must specify a handler type")));
            }
            given[1..].iter().map(|source| Cause::forbidden(spot.inside(source), args)).collect()
        }
        "toleration" => {
            let (operator, given) = (text(value, "/operator"), text(value, "/value"));
            let at = spot.inside("operator");
            match operator {
                _ if operator != "Exists" && text(value, "/key").is_empty() => {
                    let why = "operator must be Exists when `key` is empty, which means \"match all values and all keys\"";
                    vec![Cause::invalid(at, &operator.into(), why)]
                }
                "Exists" if !given.is_empty() => vec![Cause::invalid(at, &given.into(), "value must be empty when `operator` is 'Exists'")],
                "" | "Equal" | "Exists" if value.get("tolerationSeconds").is_some() && text(value, "/effect") != "NoExecute" => {
                    let why = "effect must be 'NoExecute' when `tolerationSeconds` is set";
                    vec![Cause::invalid(spot.inside("effect"), &value["effect"], why)]
                }
                "" | "Equal" | "Exists" => Vec::new(),
                _ => vec![Cause::unsupported(at, &operator.into(), &["Equal", "Exists"])],
            }
        }
        "node-term" => requirement(value, spot.field, true),
        _ => return None,
    })
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
            match limits.get(&name) {
                Some(limit) if side == "requests" && amount > *limit => {
                    let why = format!("must be less than or equal to {name} limit of {limit}");
                    causes.push(Cause::invalid(spot.inside("requests"), &amount.to_string().into(), &why));
                }
                None if name.contains('/') => {
                    causes.push(Cause::required(spot.inside("limits"), "Limit must be set for non overcommitable resources"));
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
            return vec![Cause::forbidden(spot.inside(place), "pod updates may not add or remove containers")];
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
    let why = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";
    when(frozen(spot.was()) != frozen(spot.value), spot.forbidden(why))
}
