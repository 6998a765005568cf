//! Helm releases, Argo CD, Flux: what they say of what they roll out.

use super::{
    finding::{Finding, Severity, rules},
    told,
};
use crate::experts::signals::words::cut;
use crate::facts::snapshot::{Ref, Snapshot, meta::condition, other::Other};
use std::collections::BTreeMap;

rules! {
    HELM_FAILED = "helm-release-failed" Error 93 Workload "The newest revision of a Helm release failed." reads ["Secret (owner=helm labels)"] like "helm release shop failed: its revision 4 failed";
    HELM_LOCKED = "helm-release-pending" Warning 90 Workload "A Helm release is pending for long: an operation on it was cut off, and the next one is refused." reads ["Secret (owner=helm labels)"] like "helm release shop is locked: revision 4 is pending-upgrade";
    ARGO = "argocd-application-unhealthy" Error 90 Custom "An Argo CD Application is degraded, missing or cannot be synced." reads ["Application.status"] like "Application shop is Degraded (health), OutOfSync: sync failed: namespace not found";
    FLUX = "flux-not-ready" Error 92 Custom "A Flux object cannot be reconciled: its source, build or release failed." reads ["status.conditions"] like "Kustomization apps is not ready: kustomize build failed (BuildFailed)";
    SUSPENDED = "gitops-suspended" Warning 80 Custom "A GitOps object is suspended: nothing that changes in its source comes to the cluster." reads ["spec.suspend"] like "Kustomization apps is suspended: it is not reconciled";
}

/// Newer than this a pending release is at work.
const AT_WORK: i64 = 600;

pub(super) fn find(s: &Snapshot, found: &mut Vec<Finding>) {
    helm(s, found);
    for o in &s.others {
        if o.api.starts_with("argoproj.io/") && &*o.kind == "Application" {
            found.extend(argo(o));
        } else if o.api.contains(".toolkit.fluxcd.io/") {
            found.extend(flux(o));
        }
    }
}

/// Helm keeps each revision as a Secret (or ConfigMap) with its state as a label (`helm.sh/helm/pkg/storage/driver`).
fn helm(s: &Snapshot, found: &mut Vec<Finding>) {
    let mut newest: BTreeMap<(&str, &str), (i64, &crate::facts::snapshot::meta::Meta)> = BTreeMap::new();
    let metas = s.secrets.iter().map(|x| &x.meta);
    let maps = s.config_maps.iter().map(|x| &x.meta);
    for meta in metas.chain(maps).filter(|m| m.label("owner") == Some("helm")) {
        let (Some(name), Some(version)) = (meta.label("name"), meta.label("version").and_then(|v| v.parse::<i64>().ok())) else { continue };
        let entry = newest.entry((&meta.namespace, name)).or_insert((version, meta));
        if version > entry.0 {
            *entry = (version, meta);
        }
    }
    for ((namespace, name), (version, meta)) in newest {
        let at = Ref::new("Release", namespace, name);
        let status = meta.label("status").unwrap_or_default();
        let make = |rule, what: String| {
            Finding::new(rule, at.clone(), what)
                .saw(format!("Secret {}: label status={status}", meta.name))
                .by_hand(format!("helm history {name}{}", told::flag(namespace)))
        };
        if status == "failed" {
            found.push(make(&HELM_FAILED, format!("(helm) failed: its revision {version} failed")));
        } else if status.starts_with("pending-") && s.clock.older(meta.created, AT_WORK) {
            found.push(make(&HELM_LOCKED, format!("(helm) is locked: revision {version} is {status}, the next upgrade will be refused")));
        }
    }
}

fn argo(o: &Other) -> Option<Finding> {
    let at = Ref::of(&o.kind, &o.meta);
    let (health, sync, operation) = (&*o.status.health.word, &*o.status.sync.word, &o.status.operation);
    let failed = ["Failed", "Error"].contains(&&*operation.phase);
    let told_of: Vec<String> =
        o.status.conditions.iter().filter(|c| c.kind.ends_with("Error")).map(|c| format!("{}: {}", c.kind, c.message)).collect();
    let bad = ["Degraded", "Missing"].contains(&health) || failed || !told_of.is_empty();
    let doubtful = sync == "OutOfSync" || health == "Unknown" || sync == "Unknown";
    if !(bad || doubtful) {
        return None;
    }
    let why = told_of
        .first()
        .cloned()
        .or_else(|| failed.then(|| format!("sync operation failed: {}", operation.message)))
        .or_else(|| (!o.status.health.message.is_empty()).then(|| o.status.health.message.to_string()))
        .unwrap_or_default();
    let why = if why.is_empty() { String::new() } else { format!(": {}", cut(&why, 200)) };
    Some(
        Finding::new(&ARGO, at.clone(), format!("(Argo CD) is not in order, health {health}, sync {sync}{why}"))
            .severity(if bad { Severity::Error } else { Severity::Warning })
            .saw(format!("status.health {health}, status.sync {sync}, operation {}", operation.phase))
            .saw_all(told_of)
            .by_hand(told::describe(&at)),
    )
}

fn flux(o: &Other) -> Option<Finding> {
    let at = Ref::of(&o.kind, &o.meta);
    if o.spec.suspended {
        return Some(
            Finding::new(
                &SUSPENDED,
                at.clone(),
                "is suspended: it is not reconciled, and what changes in its source does not come to the cluster",
            )
            .saw("spec.suspend true")
            .by_hand(told::get(&at)),
        );
    }
    let ready = condition(&o.status.conditions, "Ready")?;
    let stalled = condition(&o.status.conditions, "Stalled").filter(|c| c.holds());
    if !(ready.fails() || stalled.is_some()) {
        return None;
    }
    let c = stalled.unwrap_or(ready);
    let source = Ref::new(
        &o.spec.source.kind,
        if o.spec.source.namespace.is_empty() { &o.meta.namespace } else { &o.spec.source.namespace },
        &o.spec.source.name,
    );
    let what = match &*o.kind {
        "HelmRelease" => "(helm release)",
        "Kustomization" => "(kustomize)",
        _ => "(GitOps source)",
    };
    let revision = if !o.status.last_attempted.is_empty() && o.status.last_attempted != o.status.last_applied {
        format!("status.lastAttemptedRevision {}, lastAppliedRevision {}", o.status.last_attempted, o.status.last_applied)
    } else {
        String::new()
    };
    Some(
        Finding::new(&FLUX, at.clone(), format!("{what} is not ready, it cannot be reconciled: {} ({})", cut(&c.message, 220), c.reason))
            .saw(format!("status.conditions {}", c.quoted()))
            .saw(revision)
            .by_hand(told::describe(&at))
            .since(c.since.0)
            .after([source]),
    )
}
