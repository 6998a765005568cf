//! Pods that cannot even be created: quota, policy, webhooks, accounts, permissions.

use super::{
    finding::{Finding, Rule, rules},
    told,
};
use crate::experts::signals::{refusals, words::cut};
use crate::facts::snapshot::{Ref, Snapshot, event::Event, meta::Meta};

rules! {
    QUOTA = "quota-exceeded" Error 95 Supply "A ResourceQuota leaves no room for a pod." reads ["ReplicaSet.status.conditions", "events", "ResourceQuota"] like "Deployment web: pod creation is blocked by ResourceQuota compute: requested cpu=2, used cpu=4, limited to cpu=4";
    POLICY = "pod-security-rejected" Error 95 Supply "The namespace's Pod Security level forbids a pod." reads ["ReplicaSet.status.conditions", "events", "Namespace.metadata.labels"] like "Deployment web: pods are rejected by Pod Security: privileged containers are not allowed";
    ACCOUNT = "service-account-missing" Error 95 Supply "A pod names a ServiceAccount that does not exist." reads ["events", "Pod.spec.serviceAccountName", "ServiceAccount"] like "Deployment web: pods cannot be created: ServiceAccount api is missing (not found)";
    WEBHOOK = "admission-webhook-unavailable" Error 93 ControlPlane "An admission webhook does not answer, and the API server refuses what it would have judged." reads ["events", "ValidatingWebhookConfiguration", "Service", "EndpointSlice"] like "admission webhook validate.example.com is unavailable: its service has no endpoints; pod admission is blocked";
    WEBHOOK_TLS = "admission-webhook-certificate" Error 94 ControlPlane "An admission webhook's certificate is not trusted or has expired." reads ["events", "ValidatingWebhookConfiguration.webhooks.clientConfig.caBundle"] like "admission webhook validate.example.com cannot be called: its TLS certificate is signed by an unknown authority (caBundle mismatch)";
    WEBHOOK_PATCH = "mutating-webhook-conflict" Error 90 ControlPlane "A mutating webhook's patch cannot be applied." reads ["events"] like "Deployment web: a mutating webhook patch conflict blocked pod admission";
    DENIED = "admission-denied" Error 94 Supply "An admission webhook or policy engine denies a pod." reads ["events"] like "Deployment web: pod admission is denied by webhook validation.gatekeeper.sh: missing label owner";
    RBAC = "rbac-forbidden" Error 92 Supply "Somebody may not do what they try to do: RBAC denies it." reads ["events", "logs", "Role", "RoleBinding"] like "pod web-1: RBAC denies system:serviceaccount:shop:default to list pods (forbidden)";
    LIMIT_RANGE = "limit-range-violated" Error 94 Supply "A pod asks for more or less than a LimitRange allows." reads ["events", "LimitRange"] like "Deployment web: pods cannot be created: maximum memory usage per Container is 1Gi (LimitRange)";
    SIZE = "object-too-large" Error 92 Supply "An object is larger than etcd takes." reads ["events"] like "Deployment web: an object exceeds the etcd size limit (request entity too large)";
    OTHER = "pod-creation-failed" Error 82 Workload "A controller fails to create pods." reads ["ReplicaSet.status.conditions", "events"] like "ReplicaSet web-1: pod creation failed (ReplicaFailure, FailedCreate)";
    ADOPT = "replica-set-ownership-conflict" Error 90 Workload "Two controllers' selectors match the same pods, and they contend for ownership." reads ["ReplicaSet.spec.selector", "events"] like "ReplicaSet web-new conflicts: overlapping ownership, pod web-1 already has controller reference to ReplicaSet web-old";
    ADOPT_FAIL = "replica-set-adoption-failure" Error 88 Workload "A ReplicaSet cannot adopt an orphan pod that matches its selector." reads ["events"] like "ReplicaSet web-1 failed to adopt a matching orphan pod web-orphan";
    FLAPPING = "admission-webhook-intermittent" Warning 85 ControlPlane "An admission webhook fails at times: pods are created in between." reads ["events"] like "admission webhook mutate.example.com fails intermittently, which makes workload creation unstable";
}

/// A refusal, by whom it hit.
struct Refused<'a> {
    at: Ref,
    message: &'a str,
    quote: String,
}

pub(super) fn find(s: &Snapshot, found: &mut Vec<Finding>) {
    for w in &s.workloads {
        let n = w.numbers();
        if n.made >= n.wanted && n.wanted > 0 && n.available >= n.wanted {
            continue;
        }
        let failure = w.status.conditions.iter().find(|c| &*c.kind == "ReplicaFailure" && c.holds());
        let event = s
            .event(&w.kind, &w.meta, &["FailedCreate"])
            .filter(|e| n.made < n.wanted && s.clock.within(e.last, 3_600) || failure.is_some_and(|c| c.message.is_empty()) && e.warning);
        let (message, quote) = match (failure, event) {
            (Some(c), _) if !c.message.is_empty() => (&*c.message, format!("status.conditions {}", c.quoted())),
            (_, Some(e)) => (&*e.message, told::event(e, &s.clock)),
            (Some(c), None) => ("", format!("status.conditions {}", c.quoted())),
            (None, None) => continue,
        };
        // A Deployment repeats what its ReplicaSet says.
        found.extend(judged(s, Refused { at: s.top(&w.kind, &w.meta), message, quote }, &w.meta));
    }
    for job in &s.jobs {
        if let Some(e) =
            s.event("Job", &job.meta, &["FailedCreate"]).filter(|_| job.status.active + job.status.succeeded + job.status.failed == 0)
        {
            found.extend(judged(
                s,
                Refused { at: s.top("Job", &job.meta), message: &e.message, quote: told::event(e, &s.clock) },
                &job.meta,
            ));
        }
    }
    // Pods that somebody wrote down before they were let in, and dumps that tell it of the pod.
    for pod in s.pods.iter().filter(|p| !p.ready() && !p.over()) {
        let events = s.events_of("Pod", &pod.meta);
        let refusal = |e: &&&Event| {
            let said = e.message.to_lowercase();
            e.warning
                && (["FailedCreate", "ExceededQuota", "FailedAdmission"].contains(&&*e.reason)
                    || said.contains("is forbidden:")
                    || said.contains("admission webhook"))
        };
        let created = events.iter().any(|e| &*e.reason == "SuccessfulCreate");
        if let Some(e) = events.iter().rfind(refusal)
            && pod.status.containers.iter().all(|c| c.state.running.is_none())
        {
            let mut all: Vec<Finding> =
                judged(s, Refused { at: told::pod(pod), message: &e.message, quote: told::event(e, &s.clock) }, &pod.meta)
                    .into_iter()
                    .collect();
            if created && let Some(f) = all.iter_mut().find(|f| f.rule.id.starts_with("admission-webhook")) {
                let name = refusals::between(&e.message, "webhook \"", "\"").unwrap_or("(unnamed)");
                let other = Finding::new(
                    &FLAPPING,
                    f.subject.clone(),
                    format!("is hit by intermittent failures of admission webhook {name}, which make workload creation unstable"),
                );
                *f = other
                    .saw(told::event(e, &s.clock))
                    .saw_all(told::events(s, "Pod", &pod.meta, &["SuccessfulCreate"]))
                    .by_hand("kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations");
            }
            found.extend(all);
        }
    }
}

fn judged(s: &Snapshot, r: Refused<'_>, meta: &Meta) -> Option<Finding> {
    let namespace = &*meta.namespace;
    let (class, cause) = refusals::of(r.message);
    let said = r.message.to_lowercase();
    let any = |words: &[&str]| words.iter().any(|w| said.contains(w));
    let webhook = refusals::between(r.message, "webhook \"", "\"").map(str::to_string);
    let (rule, what, after): (&'static Rule, String, Vec<Ref>) = if any(&["cannot adopt"]) {
        let pod = refusals::between(r.message, "Pod \"", "\"").unwrap_or_default();
        if any(&["already has controller"]) {
            (
                &ADOPT,
                format!(
                    "is in conflict: overlapping ReplicaSet ownership of pod {pod}: two selectors match the same pods ({})",
                    cut(r.message, 120)
                ),
                Vec::new(),
            )
        } else {
            (&ADOPT_FAIL, format!("failed to adopt the matching orphan pod {pod}: {}", cut(r.message, 160)), Vec::new())
        }
    } else if class == "quota" {
        let name = r
            .message
            .split_once("quota: ")
            .map(|(_, rest)| rest.split([',', ':']).next().unwrap_or(rest).trim().to_string())
            .unwrap_or_default();
        (
            &QUOTA,
            format!("cannot create pods: pod creation is blocked by ResourceQuota limits: {cause}"),
            vec![Ref::new("ResourceQuota", namespace, &name)],
        )
    } else if class == "account" || any(&["error looking up service account"]) {
        let name = refusals::between(r.message, "serviceaccount \"", "\"").unwrap_or_default();
        (&ACCOUNT, format!("cannot start: pods are not created due to the missing ServiceAccount {name} (it does not exist)"), Vec::new())
    } else if class == "policy"
        || any(&["podsecurity", "privileged containers are not allowed", "securitycontextconstraints", "unable to validate against any"])
    {
        let why = if class == "policy" { cause } else { cut(r.message, 160) };
        (&POLICY, format!("cannot create pods: they are rejected by Pod Security admission, because privileged or unsafe fields are not allowed: {why}").replace("because privileged or unsafe fields are not allowed: ", if any(&["privileged"]) { "privileged containers are not allowed: " } else { "" }), Vec::new())
    } else if any(&["failed calling webhook", "failed to call webhook"]) {
        let name = webhook.clone().unwrap_or_default();
        let backend = backend(s, &name);
        let (rule, why) = webhook_why(r.message);
        let service = refusals::between(r.message, "https://", "/").map(|h| format!(" at {h}")).unwrap_or_default();
        (rule, format!("is blocked: pod admission failed, admission webhook {name}{service} {why}"), backend)
    } else if class == "webhook" || any(&["denied the request", "denied by"]) {
        let name = webhook.clone().unwrap_or_default();
        let engine = if any(&["gatekeeper", "constraint"]) {
            " (OPA Gatekeeper constraint violation)"
        } else if any(&["kyverno"]) {
            " (Kyverno policy violation)"
        } else {
            ""
        };
        let why = r.message.split_once("denied the request: ").map_or(r.message, |(_, w)| w);
        (&DENIED, format!("is blocked: pod admission was denied by admission webhook {name}{engine}: {}", cut(why, 160)), Vec::new())
    } else if class == "priority" {
        (&super::scheduling::PRIORITY_CLASS, format!("cannot create pods: {cause}"), Vec::new())
    } else if any(&["maximum cpu", "maximum memory", "minimum cpu", "minimum memory", "per container is", "per pod is", "limitrange"]) {
        (&LIMIT_RANGE, format!("cannot create pods: a LimitRange forbids what they ask for: {}", cut(tail(r.message), 160)), Vec::new())
    } else if any(&["entity too large", "size exceeds", "size limit"]) {
        (&SIZE, format!("cannot be created: the Kubernetes object exceeds the etcd size limit: {}", cut(r.message, 140)), Vec::new())
    } else if any(&["cannot ", "forbidden"]) && any(&["user ", "serviceaccount:", "forbidden: user", "is forbidden"]) {
        let who =
            refusals::between(r.message, "User \"", "\"").or_else(|| refusals::between(r.message, "User '", "'")).unwrap_or("the account");
        let account = if who.contains("serviceaccount") {
            "ServiceAccount RBAC restrictions prevent the required access: "
        } else {
            "an RBAC authorization failure prevented pod creation: "
        };
        (&RBAC, format!("is denied: {account}{who} is forbidden: {}", cut(tail(r.message), 140)), Vec::new())
    } else {
        let why = if r.message.is_empty() { "condition ReplicaFailure".to_string() } else { cut(tail(r.message), 180) };
        (&OTHER, format!("cannot create pods: pod creation failed: {why}"), Vec::new())
    };
    let shared = match rule.id {
        "admission-webhook-unavailable" | "admission-webhook-certificate" => webhook.unwrap_or_default(),
        "quota-exceeded" => format!("{namespace}/{}", after.first().map_or("", |q| &q.name)),
        "service-account-missing" => format!("{namespace}/{}", cut(r.message, 80)),
        _ => format!("{:?}", r.at),
    };
    let mut finding = Finding::new(rule, r.at.clone(), what).saw(r.quote).one_for(shared).by_hand(told::describe(&r.at));
    if let Some(quota) = after.first().filter(|_| rule.id == QUOTA.id) {
        finding = finding.saw_all(used(s, quota)).by_hand(told::describe(quota)).explains([quota.clone()]);
    }
    let backends: Vec<Ref> = if rule.id == QUOTA.id { Vec::new() } else { after };
    Some(finding.after(backends))
}

fn tail(message: &str) -> &str {
    message.trim_start_matches("Error creating: ").trim_start_matches("Error: ")
}

fn webhook_why(message: &str) -> (&'static Rule, String) {
    let said = message.to_lowercase();
    let any = |words: &[&str]| words.iter().any(|w| said.contains(w));
    if any(&["patch"]) && any(&["conflict", "failed to apply"]) {
        return (&WEBHOOK_PATCH, format!("(mutating webhook) returned a patch conflict: {}", cut(last(message), 120)));
    }
    if any(&["has expired", "not yet valid"]) {
        return (&WEBHOOK_TLS, "cannot be trusted: its TLS certificate has expired or is not yet valid".into());
    }
    if any(&["unknown authority", "x509", "certificate"]) {
        return (
            &WEBHOOK_TLS,
            format!("cannot be trusted: CA bundle mismatch, certificate verification failed: {}", cut(last(message), 100)),
        );
    }
    let why = if any(&["no such host"]) {
        "does not answer: DNS resolution of its service failed"
    } else if any(&["no endpoints", "connection refused"]) {
        "is unavailable: its service has no endpoints or refuses the connection"
    } else if any(&["deadline exceeded", "timeout", "timed out"]) {
        "is unavailable: it timed out"
    } else {
        "is unavailable: its backend failed"
    };
    let engine = ["gatekeeper", "kyverno", "opa"].iter().any(|w| said.contains(w));
    let why = if engine { format!("{why} (the policy engine is unavailable during admission evaluation)") } else { why.to_string() };
    (&WEBHOOK, format!("{why}: {}", cut(last(message), 110)))
}

fn last(message: &str) -> &str {
    message.rsplit_once("\": ").map_or(message, |(_, rest)| rest)
}

/// The Service behind a webhook.
fn backend(s: &Snapshot, name: &str) -> Vec<Ref> {
    let all = s.webhooks.iter().flat_map(|c| &c.webhooks).filter(|w| *w.name == *name);
    let services = all.filter_map(|w| w.client.service.as_ref()).map(|x| Ref::new("Service", &x.namespace, &x.name));
    let configured = s.webhooks.iter().filter(|c| c.webhooks.iter().any(|w| *w.name == *name)).map(|c| Ref::of(&c.kind, &c.meta));
    services.chain(configured).collect()
}

fn used(s: &Snapshot, quota: &Ref) -> Vec<String> {
    let quotas = s.quotas.iter().filter(|q| Ref::of("ResourceQuota", &q.meta) == *quota);
    quotas
        .map(|q| {
            let rows: Vec<String> =
                q.status.hard.iter().map(|(k, hard)| format!("{k} {}/{hard}", q.status.used.get(k).map_or("0", |u| u))).collect();
            format!("ResourceQuota {}: used {}", q.meta.name, rows.join(", "))
        })
        .collect()
}
