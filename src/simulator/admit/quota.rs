//! ResourceQuota: what an object costs, whether the namespace can afford it, and what is used by now.
//!
//! Source: `apiserver/pkg/admission/plugin/resourcequota`, `pkg/quota/v1/evaluator/core`.
use super::amounts::{self, Amounts};
use crate::{
    simulator::{
        cluster::Cluster,
        json::{list, set, text},
        registry::Resource,
        store::Key,
    },
    terms::quantity::Quantity,
};
use serde_json::Value;

/// Kinds of the core group that a quota may also name plainly.
const PLAIN: &[&str] = &["configmaps", "persistentvolumeclaims", "pods", "replicationcontrollers", "resourcequotas", "secrets", "services"];
/// What every container must say once a quota counts it.
const MUST_SAY: &[&str] = &["cpu", "limits.cpu", "limits.memory", "memory", "requests.cpu", "requests.memory"];

/// What one object costs.
fn cost(resource: &Resource, object: &Value) -> Amounts {
    let (group, plural) = (resource.group.as_str(), resource.plural.as_str());
    let counted = if group.is_empty() { format!("count/{plural}") } else { format!("count/{plural}.{group}") };
    let mut cost = Amounts::from([(counted, Quantity::whole(1))]);
    if !group.is_empty() {
        return cost;
    }
    let over = matches!(text(object, "/status/phase"), "Succeeded" | "Failed");
    if PLAIN.contains(&plural) && !(plural == "pods" && over) {
        cost.insert(plural.to_owned(), Quantity::whole(1));
    }
    match plural {
        "pods" if !over => cost.extend(compute(&amounts::of_pod(object, "requests"), &amounts::of_pod(object, "limits"))),
        "services" => {
            let form = text(object, "/spec/type");
            let ports = i64::try_from(list(object, "/spec/ports").len()).unwrap_or(i64::MAX);
            let balanced = form == "LoadBalancer";
            cost.insert("services.loadbalancers".to_owned(), Quantity::whole(i64::from(balanced)));
            cost.insert("services.nodeports".to_owned(), Quantity::whole(if balanced || form == "NodePort" { ports } else { 0 }));
        }
        "persistentvolumeclaims" => {
            let (class, storage) = (text(object, "/spec/storageClassName"), amounts::at(object, "/spec/resources/requests"));
            let mut charge = |name: &str, amount| {
                cost.insert(name.to_owned(), amount);
                if !class.is_empty() {
                    cost.insert(format!("{class}.storageclass.storage.k8s.io/{name}"), amount);
                }
            };
            charge(plural, Quantity::whole(1));
            storage.get("storage").into_iter().for_each(|amount| charge("requests.storage", *amount));
        }
        _ => {}
    }
    cost
}

/// Requests and limits under the names quotas have for them: requests of cpu, memory and ephemeral storage also go by their plain names.
fn compute(requests: &Amounts, limits: &Amounts) -> Amounts {
    let mut named: Amounts = requests.iter().map(|(name, amount)| (format!("requests.{name}"), *amount)).collect();
    named.extend(requests.iter().filter(|(name, _)| !name.contains('/')).map(|(name, amount)| (name.clone(), *amount)));
    named.extend(limits.iter().map(|(name, amount)| (format!("limits.{name}"), *amount)));
    named
}

/// Whether a quota's scopes take in an object; only pods have scopes.
fn in_scope(quota: &Value, resource: &Resource, object: &Value) -> bool {
    let plain = list(quota, "/spec/scopes").iter().map(|s| (s.as_str().unwrap_or_default(), "Exists", &[][..]));
    let selected = list(quota, "/spec/scopeSelector/matchExpressions").iter();
    let selected = selected.map(|e| (text(e, "/scopeName"), text(e, "/operator"), list(e, "/values")));
    plain.chain(selected).all(|(scope, operator, values)| {
        let best_effort = || super::pods::quality(object) == "BestEffort";
        let priority = text(object, "/spec/priorityClassName");
        resource.plural == "pods"
            && match scope {
                "Terminating" => object.pointer("/spec/activeDeadlineSeconds").is_some(),
                "NotTerminating" => object.pointer("/spec/activeDeadlineSeconds").is_none(),
                "BestEffort" => best_effort(),
                "NotBestEffort" => !best_effort(),
                "PriorityClass" => match operator {
                    "In" => values.iter().any(|v| v == priority),
                    "NotIn" => !values.iter().any(|v| v == priority),
                    "DoesNotExist" => priority.is_empty(),
                    _ => !priority.is_empty(),
                },
                _ => false,
            }
    })
}

fn quotas(cluster: &Cluster, namespace: &str) -> Vec<(Key, Value)> {
    let quotas = cluster.store.of_kind(cluster.kinds.quota, Some(namespace));
    quotas.map(|(key, stored)| (key.clone(), Value::clone(&cluster.store.tree(key, stored)))).collect()
}

/// Why a namespace's quotas do not allow an object to be as it is, or None. With `charge`, what it costs is put down as used at once.
pub(super) fn refusal(cluster: &mut Cluster, resource_of: &Key, object: &Value, old: Option<&Value>, charge: bool) -> Option<String> {
    let resource = cluster.registry.get(resource_of.kind);
    let mut charged = Vec::new();
    for (key, quota) in quotas(cluster, &resource_of.namespace) {
        if !in_scope(&quota, resource, object) {
            continue;
        }
        let (hard, used) = (amounts::at(&quota, "/status/hard"), amounts::at(&quota, "/status/used"));
        if let Some(unsaid) = unsaid(resource, object, &hard) {
            return Some(format!("failed quota: {}: must specify {unsaid}", key.name));
        }
        let before = old.filter(|old| in_scope(&quota, resource, old)).map(|old| cost(resource, old)).unwrap_or_default();
        let mut asked = Amounts::new();
        for (name, amount) in cost(resource, object).into_iter().filter(|(name, _)| hard.contains_key(name)) {
            let more = amount.minus(before.get(&name).copied().unwrap_or(Quantity::ZERO));
            if more > Quantity::ZERO {
                asked.insert(name, more);
            }
        }
        let mut total = used.clone();
        amounts::add(&mut total, &asked);
        let over: Vec<&String> = asked.keys().filter(|name| total[*name] > hard[*name]).collect();
        if !over.is_empty() {
            let only = |of: &Amounts| amounts::told(&of.iter().filter(|(n, _)| over.contains(n)).map(|(n, a)| (n.clone(), *a)).collect());
            let (asked, used, hard) = (only(&asked), only(&used), only(&hard));
            return Some(format!("exceeded quota: {}, requested: {asked}, used: {used}, limited: {hard}", key.name));
        }
        if !asked.is_empty() {
            charged.push((key, total));
        }
    }
    for (key, total) in charged.into_iter().filter(|_| charge) {
        cluster.modify(&key, |quota| set(quota, "/status/used", amounts::json(&total)));
    }
    None
}

/// Which amounts a quota counts that containers of a pod do not say, or None: `limits.cpu for: a,b`.
fn unsaid(resource: &Resource, pod: &Value, hard: &Amounts) -> Option<String> {
    if resource.plural != "pods" || pod.pointer("/spec/resources").is_some() {
        return None;
    }
    let containers: Vec<&Value> = ["/spec/containers", "/spec/initContainers"].iter().flat_map(|l| list(pod, l)).collect();
    let lacking = MUST_SAY.iter().filter(|name| hard.contains_key(**name)).filter_map(|name| {
        let silent = containers
            .iter()
            .filter(|c| !compute(&amounts::at(c, "/resources/requests"), &amounts::at(c, "/resources/limits")).contains_key(*name));
        let mut names: Vec<&str> = silent.map(|c| text(c, "/name")).collect();
        names.sort_unstable();
        names.dedup();
        (!names.is_empty()).then(|| format!("{name} for: {}", names.join(",")))
    });
    let lacking: Vec<String> = lacking.collect();
    (!lacking.is_empty()).then(|| lacking.join("; "))
}

/// Counts anew what a quota's namespace uses. Source: `pkg/controller/resourcequota`.
pub(in crate::simulator) fn recount(cluster: &mut Cluster, key: &Key) {
    let Some(quota) = cluster.get(key) else { return };
    let hard = amounts::at(&quota, "/spec/hard");
    let mut used: Amounts = hard.keys().map(|name| (name.clone(), Quantity::ZERO)).collect();
    for resource in cluster.registry.all().filter(|r| r.namespaced) {
        // A kind whose objects cost nothing that is counted need not be read.
        let counted = |name: &String| name.starts_with("count/") && name.contains(&resource.plural);
        let plain = resource.group.is_empty() && (PLAIN.contains(&resource.plural.as_str()));
        if !plain && !hard.keys().any(counted) {
            continue;
        }
        for (at, stored) in cluster.store.of_kind(resource.id, Some(&key.namespace)) {
            let object = cluster.store.tree(at, stored);
            if in_scope(&quota, resource, &object) {
                let cost = cost(resource, &object).into_iter().filter(|(name, _)| hard.contains_key(name)).collect();
                amounts::add(&mut used, &cost);
            }
        }
    }
    cluster.modify(key, |quota| {
        set(quota, "/status/hard", amounts::json(&hard));
        set(quota, "/status/used", amounts::json(&used));
    });
}
