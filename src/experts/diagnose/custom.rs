//! Objects of any other kind: what their own controllers say of them, by the conventions of `status.conditions` (KEP-1623, kstatus).

use super::{
    finding::{Finding, Severity, rules},
    told,
};
use crate::experts::signals::words::cut;
use crate::facts::snapshot::{Ref, Snapshot, meta::Condition, other::Other};

rules! {
    FAILING = "resource-not-ready" Warning 85 Custom "A custom resource's own condition says that it is not ready or failed." reads ["status.conditions"] like "Certificate web is not ready: the secret does not exist (DoesNotExist)";
    PHASE = "resource-failed" Warning 82 Custom "A custom resource's phase or state says that it failed." reads ["status.phase", "status.state"] like "Backup nightly failed: phase Failed: disk full";
    POLICY = "admission-policy-binding-dangling" Warning 92 ControlPlane "A binding of an admission policy names a policy that is not there." reads ["ValidatingAdmissionPolicyBinding.spec.policyName", "ValidatingAdmissionPolicy"] like "ValidatingAdmissionPolicyBinding b names admission policy p, which does not exist or was not read";
    CLAIM = "resource-claim-unallocated" Warning 85 Supply "A ResourceClaim is not allocated: pods that want it cannot be scheduled." reads ["ResourceClaim.status.allocation"] like "ResourceClaim gpu is not allocated: dependent pods cannot be scheduled";
    NODE_CLAIM = "node-claim-failed" Error 90 Node "A machine that should become a node does not: it was not launched or did not register." reads ["NodeClaim.status.conditions", "Machine.status"] like "NodeClaim default-a does not become a node: it was not launched: insufficient capacity";
}

/// Condition types that say something good when they hold.
const GOOD: &[&str] = &[
    "Ready",
    "Available",
    "Healthy",
    "Synced",
    "Established",
    "NamesAccepted",
    "Accepted",
    "Programmed",
    "Reconciled",
    "Succeeded",
    "Valid",
    "Deployed",
    "Installed",
    "Initialized",
    "Launched",
    "Registered",
    "Serving",
    "Connected",
    "Active",
    "Resolved",
    "ResolvedRefs",
    "Provisioned",
    "Installed",
    "Bound",
    "InfrastructureReady",
    "ControlPlaneReady",
    "CatalogSourcesUnhealthy",
];
/// And those that say something bad.
const BAD: &[&str] = &[
    "Failed",
    "Degraded",
    "Stalled",
    "Error",
    "Failing",
    "Unhealthy",
    "Conflict",
    "ResolutionFailed",
    "CatalogSourcesUnhealthy",
    "BundleUnpackFailed",
    "ReconcileError",
    "ErrorOccurred",
    "Invalid",
    "NonStructuralSchema",
    "InstallPlanFailed",
];
/// Conditions that begin life as false or unknown and stay so while all is well.
const PATIENT: i64 = 300;

pub(super) fn find(s: &Snapshot, found: &mut Vec<Finding>) {
    for o in s.others.iter().filter(|o| !o.meta.going()) {
        let own = o.api.starts_with("gateway.networking.k8s.io/")
            || o.api.contains(".toolkit.fluxcd.io/")
            || (o.api.starts_with("argoproj.io/") && &*o.kind == "Application");
        if !own {
            found.extend(of_any(s, o));
        }
    }
}

/// The condition that tells most: what is bad and holds, then what should hold and does not, the one with words first.
fn telling(all: &[Condition]) -> Option<&Condition> {
    let bad = all.iter().find(|c| c.holds() && BAD.contains(&&*c.kind) && &*c.kind != "Installed");
    let failing = |c: &&Condition| c.fails() && GOOD.contains(&&*c.kind) && !BAD.contains(&&*c.kind);
    // `Ready` sums up; the others say why.
    let cause =
        all.iter().filter(failing).filter(|c| &*c.kind != "Ready").max_by_key(|c| (!c.message.is_empty(), std::cmp::Reverse(c.since)));
    bad.or(cause).or_else(|| all.iter().find(failing))
}

fn of_any(s: &Snapshot, o: &Other) -> Option<Finding> {
    let at = Ref::of(&o.kind, &o.meta);
    let st = &o.status;
    match &*o.kind {
        "ResourceClaim" if !st.allocation.0 => {
            let users: Vec<Ref> =
                s.pods_in(&o.meta.namespace).filter(|p| p.spec.claims.iter().any(|c| c.claim == o.meta.name)).map(told::pod).collect();
            // One that nobody wants waits for its first pod.
            let waits = !users.is_empty() || (!s.live && o.meta.created.0.is_some());
            return waits.then(|| {
                Finding::new(
                    &CLAIM,
                    at.clone(),
                    "is not allocated: dependent pods cannot be scheduled (no device satisfies this ResourceClaim yet)",
                )
                .saw("status.allocation is not set")
                .by_hand(told::describe(&at))
                .explains(users)
            });
        }
        "ValidatingAdmissionPolicyBinding" | "MutatingAdmissionPolicyBinding" => {
            let kind = o.kind.trim_end_matches("Binding");
            let policy = Ref::new(kind, "", &o.spec.policy);
            let alone = !s.live && !s.others.iter().any(|x| *x.kind == *kind);
            if s.has(&policy) || o.spec.policy.is_empty() || !(alone || s.knows(kind, "")) {
                return None;
            }
            let sure = if alone { "is not among what was dumped, so that it may not exist" } else { "does not exist" };
            return Some(
                Finding::new(
                    &POLICY,
                    at.clone(),
                    format!("(admission policy) names {kind} {}, which {sure}: nothing is enforced", o.spec.policy),
                )
                .confidence(if alone { 60 } else { 92 })
                .saw(format!("spec.policyName {}", o.spec.policy))
                .by_hand(told::get(&policy)),
            );
        }
        _ => {}
    }
    let machine = ["NodeClaim", "Machine", "NodePool"].contains(&&*o.kind);
    if let Some(c) = telling(&st.conditions) {
        let over = st.conditions.iter().any(|c| c.holds() && ["Complete", "Completed", "Succeeded", "Finished"].contains(&&*c.kind));
        if over || !s.clock.older(if c.since.0.is_some() { c.since } else { o.meta.created }, PATIENT) && !BAD.contains(&&*c.kind) {
            return None;
        }
        let why = if c.message.is_empty() { &c.reason } else { &c.message };
        let said = cut(why, 200);
        if machine {
            let state = if c.holds() { format!("{} holds", c.kind) } else { format!("it is not {}", c.kind.to_lowercase()) };
            return Some(
                Finding::new(&NODE_CLAIM, at.clone(), format!("does not become a node: {state}: {said} ({})", c.reason))
                    .saw(format!("status.conditions {}", c.quoted()))
                    .by_hand(told::describe(&at)),
            );
        }
        let state = if c.holds() { format!("is {}", c.kind.to_lowercase()) } else { format!("is not {}", c.kind.to_lowercase()) };
        let expected = st.conditions.iter().filter(|x| x.fails() && **x != *c).take(2).map(|x| format!("status.conditions {}", x.quoted()));
        return Some(
            Finding::new(&FAILING, at.clone(), format!("{state}: {said} ({})", c.reason))
                .saw(format!("status.conditions {}", c.quoted()))
                .saw_all(expected)
                .by_hand(told::describe(&at))
                .since(c.since.0),
        );
    }
    let state = [&*st.phase, &*st.state.word, &*st.health.word].into_iter().find(|w| !w.is_empty()).unwrap_or_default();
    let lower = state.to_lowercase();
    let failed = ["failed", "error", "degraded", "unhealthy", "failure", "invalid", "errored", "misscheduled"]
        .iter()
        .any(|w| lower == *w || lower.ends_with("failed"));
    failed.then(|| {
        let message =
            [&*st.message, &*st.reason, &*st.error.message, &*st.state.message].into_iter().find(|m| !m.is_empty()).unwrap_or_default();
        let why = if message.is_empty() { String::new() } else { format!(": {}", cut(message, 200)) };
        Finding::new(&PHASE, at.clone(), format!("failed: its status says {state}{why}"))
            .severity(Severity::Warning)
            .saw(format!("status: {state} {message}"))
            .by_hand(told::describe(&at))
    })
}
