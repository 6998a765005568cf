//! What stands around an object: who selects it, who leads to it, who uses it, what was made by it.

use super::{Block, Told, fields, table};
use crate::ops::{
    Kind, Target,
    look::{items, list, since, text},
};
use crate::terms::selector::LabelSelector;
use serde_json::Value;

/// What may select pods, or scale what has them.
const SELECTORS: &[&str] = &["services", "poddisruptionbudgets", "networkpolicies", "horizontalpodautoscalers"];
/// What operators make for their own kinds. Secrets are not among them: their list is nobody's business here.
const MADE: &[&str] = &["deployments", "statefulsets", "daemonsets", "jobs", "pods", "services", "configmaps", "persistentvolumeclaims"];

/// The kinds to list, in the object's namespace, to see what stands around it.
pub(in crate::ops) fn around(target: &Target) -> &'static [&'static str] {
    let kind = target.kind();
    if target.namespace().is_none() {
        &[]
    } else if kind.is("pods", "") || kind.rolls_out() || kind.is("replicasets", "apps") {
        SELECTORS
    } else if kind.is("services", "") {
        &["ingresses"]
    } else if kind.is("configmaps", "") || kind.is("secrets", "") || kind.is("serviceaccounts", "") {
        &["pods"]
    } else if kind.is_built_in() {
        &[]
    } else {
        MADE
    }
}

pub(super) fn blocks(told: &Told<'_>) -> Vec<Block> {
    let kind = told.target.kind();
    if told.target.namespace().is_none() {
        return Vec::new();
    }
    if around(told.target) == SELECTORS {
        selected(told)
    } else if kind.is("services", "") {
        one(told, "Routed by", "ingresses", &|ingress| leads_to(ingress, told.target.name().as_str()))
    } else if around(told.target) == ["pods"] {
        one(told, "Used by", "pods", &|pod| uses(pod, told.target))
    } else if kind.is_built_in() {
        Vec::new()
    } else {
        made(told)
    }
}

/// `service/web, service/web-headless`, by kind.
fn names(kind: Kind, objects: &[&Value]) -> String {
    let word = kind.word();
    objects.iter().map(|object| format!("{word}/{}", text(object, "/metadata/name"))).collect::<Vec<_>>().join(", ")
}

fn one(told: &Told<'_>, title: &'static str, word: &'static str, fits: &dyn Fn(&Value) -> bool) -> Vec<Block> {
    match told.listed(word) {
        Ok(all) => {
            let found: Vec<&Value> = all.iter().filter(|object| fits(object)).collect();
            if found.is_empty() { Vec::new() } else { vec![fields("", vec![(title, names(Kind::built_in(word), &found))])] }
        }
        Err(why) => vec![why],
    }
}

fn selected(told: &Told<'_>) -> Vec<Block> {
    let (kind, object) = (told.target.kind(), told.object);
    let labels = object.pointer(if kind.is("pods", "") { "/metadata/labels" } else { "/spec/template/metadata/labels" });
    let nothing = Value::Null;
    let labels = labels.unwrap_or(&nothing);
    let selects = |at: &str, empty_means_all: bool, one: &Value| {
        let Some(selector) = one.pointer(at) else { return empty_means_all };
        LabelSelector::from_json(selector).is_ok_and(|s| if s.is_empty() { empty_means_all } else { s.matches_json(labels) })
    };
    let scales = |scaler: &Value| {
        let about = &scaler["spec"]["scaleTargetRef"];
        text(about, "/kind") == kind.info().kind && text(about, "/name") == told.target.name().as_str()
    };
    let mut found = Vec::new();
    let mut rest = Vec::new();
    for word in SELECTORS {
        let fits: &dyn Fn(&Value) -> bool = match *word {
            "services" => &|one| selects("/spec/selector", false, one),
            // An empty selector means every pod of the namespace (`policy/v1`); one that is left out means none.
            "poddisruptionbudgets" => &|one| one.pointer("/spec/selector").is_some() && selects("/spec/selector", true, one),
            "networkpolicies" => &|one| selects("/spec/podSelector", true, one),
            _ => &scales,
        };
        match told.listed(word) {
            Ok(all) => {
                let fitting: Vec<&Value> = all.iter().filter(|one| fits(one)).collect();
                let title = match *word {
                    "services" => "Service",
                    "poddisruptionbudgets" => "Disruption budget",
                    "networkpolicies" => "Network policy",
                    _ => "Autoscaler",
                };
                found.push((title, names(Kind::built_in(word), &fitting)));
            }
            Err(why) => rest.push(why),
        }
    }
    if found.iter().any(|(_, names)| !names.is_empty()) {
        rest.insert(0, fields("Selected by", found));
    }
    rest
}

fn leads_to(ingress: &Value, service: &str) -> bool {
    let paths = list(ingress, "/spec/rules").iter().flat_map(|rule| list(rule, "/http/paths"));
    text(ingress, "/spec/defaultBackend/service/name") == service
        || paths.map(|path| text(path, "/backend/service/name")).any(|name| name == service)
}

/// Whether a pod reads a ConfigMap or Secret, or runs as a service account.
fn uses(pod: &Value, target: &Target) -> bool {
    let name = target.name().as_str();
    let spec = &pod["spec"];
    if target.kind().is("serviceaccounts", "") {
        return text(spec, "/serviceAccountName") == name;
    }
    let (volume, projected, variable, whole) = if target.kind().is("secrets", "") {
        ("/secret/secretName", "/secret/name", "/valueFrom/secretKeyRef/name", "/secretRef/name")
    } else {
        ("/configMap/name", "/configMap/name", "/valueFrom/configMapKeyRef/name", "/configMapRef/name")
    };
    let volumes = list(spec, "/volumes")
        .iter()
        .any(|one| text(one, volume) == name || list(one, "/projected/sources").iter().any(|source| text(source, projected) == name));
    let containers = ["/initContainers", "/containers"].into_iter().flat_map(|at| list(spec, at));
    let mut read = containers.flat_map(|c| {
        let variables = list(c, "/env").iter().map(|env| text(env, variable));
        variables.chain(list(c, "/envFrom").iter().map(|from| text(from, whole)))
    });
    let pulls = target.kind().is("secrets", "") && list(spec, "/imagePullSecrets").iter().any(|s| text(s, "/name") == name);
    volumes || pulls || read.any(|used| used == name)
}

/// What names the object as its owner.
fn made(told: &Told<'_>) -> Vec<Block> {
    let uid = text(told.object, "/metadata/uid");
    let owned = |one: &&Value| !uid.is_empty() && list(one, "/metadata/ownerReferences").iter().any(|owner| text(owner, "/uid") == uid);
    let mut rows = Vec::new();
    for (kind, seen) in told.related.iter().filter(|(kind, _)| MADE.iter().any(|word| *kind == Kind::built_in(word))) {
        for one in seen.known().map_or(&[][..], items).iter().filter(owned) {
            let age = since(text(one, "/metadata/creationTimestamp"), told.now);
            rows.push(vec![format!("{}/{}", kind.word(), text(one, "/metadata/name")), age]);
        }
    }
    table("Made by it", &["Object", "Age"], rows).into_iter().collect()
}
