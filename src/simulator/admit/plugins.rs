//! Admission plugins in the API server's order: what completes an object before it is checked, and what may refuse it after.
//!
//! Source: `pkg/kubeapiserver/options/plugins.go`; each plugin's own rules from `plugin/pkg/admission`.
use super::{
    limits, pod_security, pods, quota,
    validate::TEMPLATES,
    webhooks::{self, Write},
};
use crate::simulator::{
    cluster::{Cluster, named},
    json::{default, list, list_mut, number, set, text, yes},
    rbac,
    refusal::Refusal,
    store::Key,
};
use crate::terms::path::scalar_text;
use serde_json::{Value, json};

/// Where a service account's token is mounted.
const TOKEN_PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// Completes a new object: limits, service account, priority, tolerations, default classes. Asks mutating webhooks.
///
/// # Errors
/// What it names is not there, or a webhook cannot be asked.
pub(super) fn complete(cluster: &mut Cluster, key: &Key, object: &mut Value) -> Result<(), Refusal> {
    if key.kind == cluster.kinds.pod {
        limits::fill(cluster, &key.namespace, object);
        let done = account(cluster, key, object).and_then(|()| priority(cluster, object));
        done.map_err(|why| Refusal::forbidden(&cluster.named(key), &why))?;
        tolerations(object);
        default(object, "/status/phase", "Pending");
        let quality = pods::quality(object);
        default(object, "/status/qosClass", quality);
    } else if key.kind == cluster.kinds.claim && object.pointer("/spec/storageClassName").is_none() {
        class(cluster, cluster.kinds.storage_class, "storageclass.kubernetes.io/is-default-class", object, "/spec/storageClassName");
    } else if cluster.registry.get(key.kind).kind == "Ingress" && object.pointer("/spec/ingressClassName").is_none() {
        class(cluster, cluster.kinds.ingress_class, "ingressclass.kubernetes.io/is-default-class", object, "/spec/ingressClassName");
    }
    webhooks::check(cluster, cluster.kinds.mutating, Write { operation: "CREATE", key, object, part: "" })
}

/// Judges a write that is valid in itself: limits, Pod Security, webhooks, quota. With `charge`, quotas count it from now on.
///
/// # Errors
/// The refusal of the first that objects.
pub(super) fn judge(cluster: &mut Cluster, write: &Write, old: Option<&Value>, charge: bool) -> Result<(), Refusal> {
    let plural = cluster.registry.get(write.key.kind).plural.clone();
    let namespace = &*write.key.namespace;
    let creates = write.operation == "CREATE";
    let forbidden = |cluster: &Cluster, why: &str| Refusal::forbidden(&named(cluster.registry.get(write.key.kind), &write.key.name), why);
    if write.operation != "DELETE"
        && is_access(cluster, write.key)
        && let Some(actor) = cluster.actor.as_ref().filter(|actor| !actor.is_master())
    {
        rbac::escalation(cluster, actor, write.key, write.object)?;
    }
    if plural == "services" && !list(write.object, "/spec/externalIPs").is_empty() && creates {
        cluster.warnings.push("spec.externalIPs is deprecated and may no longer be implemented in some clusters".to_owned());
    }
    // Source: `immortalNamespaces` of `plugin/pkg/admission/namespace/lifecycle`.
    let immortal = ["default", "kube-system", "kube-public"].contains(&&*write.key.name);
    if write.operation == "DELETE" && write.key.kind == cluster.kinds.namespace && immortal {
        return Err(forbidden(cluster, "this namespace may not be deleted"));
    }
    if creates && let Some(why) = limits::refusal(cluster, &plural, namespace, write.object) {
        return Err(forbidden(cluster, &why));
    }
    let template = TEMPLATES.iter().find(|(p, _)| *p == plural).and_then(|(_, at)| write.object.pointer(at));
    let judged = if plural == "pods" && creates { Some(write.object) } else { template.filter(|_| write.operation != "DELETE") };
    if let Some(pod) = judged {
        let verdict = pod_security::judge(cluster, namespace, pod, template.is_some());
        cluster.warnings.extend(verdict.warning);
        if let Some(why) = verdict.refusal {
            return Err(forbidden(cluster, &why));
        }
    }
    if !creates {
        webhooks::check(cluster, cluster.kinds.mutating, *write)?;
    }
    webhooks::check(cluster, cluster.kinds.validating, *write)?;
    if write.operation == "DELETE" || namespace.is_empty() || !write.part.is_empty() {
        return Ok(());
    }
    match quota::refusal(cluster, write.key, write.object, old, charge) {
        Some(why) => Err(forbidden(cluster, &why)),
        None => Ok(()),
    }
}

fn is_access(cluster: &Cluster, key: &Key) -> bool {
    let kinds = cluster.kinds;
    [kinds.role, kinds.cluster_role, kinds.role_binding, kinds.cluster_role_binding].contains(&key.kind)
}

/// The service account of a new pod, and its token in each container. Source: `plugin/pkg/admission/serviceaccount`.
fn account(cluster: &mut Cluster, key: &Key, pod: &mut Value) -> Result<(), String> {
    if pod.pointer("/metadata/annotations/kubernetes.io~1config.mirror").is_some() {
        return Ok(());
    }
    let given = text(pod, "/spec/serviceAccountName").to_owned();
    let name = if given.is_empty() { "default".to_owned() } else { given };
    set(pod, "/spec/serviceAccountName", name.as_str());
    set(pod, "/spec/serviceAccount", name.as_str());
    let Some(account) = cluster.get(&Key::new(cluster.kinds.account, &key.namespace, &name)) else {
        return Err(format!("error looking up service account {}/{name}: serviceaccount {name:?} not found", key.namespace));
    };
    if let Some(secrets) = account.get("imagePullSecrets").filter(|_| list(pod, "/spec/imagePullSecrets").is_empty()) {
        set(pod, "/spec/imagePullSecrets", secrets.clone());
    }
    let asked = pod.pointer("/spec/automountServiceAccountToken").or_else(|| account.get("automountServiceAccountToken"));
    if asked == Some(&Value::Bool(false)) {
        return Ok(());
    }
    let has = list(pod, "/spec/volumes").iter().map(|v| text(v, "/name")).find(|n| n.starts_with("kube-api-access-"));
    let volume = has.map_or_else(|| format!("kube-api-access-{}", cluster.entropy.suffix()), str::to_owned);
    let mut mounted = false;
    for place in ["initContainers", "containers"] {
        for container in pod["spec"].get_mut(place).and_then(Value::as_array_mut).into_iter().flatten() {
            if list(container, "/volumeMounts").iter().all(|m| text(m, "/mountPath") != TOKEN_PATH) {
                list_mut(container, "/volumeMounts").push(json!({"name": volume, "readOnly": true, "mountPath": TOKEN_PATH}));
                mounted = true;
            }
        }
    }
    if mounted && list(pod, "/spec/volumes").iter().all(|v| text(v, "/name") != volume) {
        let sources = json!([
            {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
            {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
            {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}]}},
        ]);
        list_mut(pod, "/spec/volumes").push(json!({"name": volume, "projected": {"sources": sources, "defaultMode": 420}}));
    }
    Ok(())
}

/// The priority of a new pod, by its class or the default one. Source: `plugin/pkg/admission/priority`.
fn priority(cluster: &Cluster, pod: &mut Value) -> Result<(), String> {
    let given = text(pod, "/spec/priorityClassName").to_owned();
    let mut classes = cluster.store.of_kind(cluster.kinds.priority, None).map(|(key, stored)| (key, cluster.store.tree(key, stored)));
    let class = if given.is_empty() {
        classes.find(|(_, class)| yes(class, "/globalDefault"))
    } else {
        classes.find(|(key, _)| *key.name == *given)
    };
    let (value, policy) = match &class {
        Some((key, class)) => {
            set(pod, "/spec/priorityClassName", &*key.name);
            (number(class, "/value", 0), text(class, "/preemptionPolicy"))
        }
        None if given.is_empty() => (0, "PreemptLowerPriority"),
        None => return Err(format!("no PriorityClass with name {given} was found")),
    };
    for (field, called, computed) in
        [("priority", "integer value of priority", json!(value)), ("preemptionPolicy", "string value of PreemptionPolicy", json!(policy))]
    {
        if let Some(asked) = pod["spec"].get(field).filter(|asked| **asked != computed) {
            let plain = |value: &Value| scalar_text(value).unwrap_or_default();
            return Err(format!(
                "the {called} ({}) must not be provided in pod spec; priority admission controller computed {} from the given PriorityClass name",
                plain(asked),
                plain(&computed)
            ));
        }
    }
    let policy = policy.to_owned();
    set(pod, "/spec/priority", value);
    set(pod, "/spec/preemptionPolicy", policy);
    Ok(())
}

/// Five minutes on a node in trouble, unless the pod says otherwise. Source: `plugin/pkg/admission/defaulttolerationseconds`.
pub(super) fn tolerations(pod: &mut Value) {
    let tolerations = list_mut(pod, "/spec/tolerations");
    for condition in ["not-ready", "unreachable"] {
        let key = format!("node.kubernetes.io/{condition}");
        let fits = |t: &Value| [&*key, ""].contains(&text(t, "/key")) && ["NoExecute", ""].contains(&text(t, "/effect"));
        if !tolerations.iter().any(fits) {
            tolerations.push(json!({"effect": "NoExecute", "key": key, "operator": "Exists", "tolerationSeconds": 300}));
        }
    }
}

/// Writes the name of the class that is marked as the default one; of several the newest.
fn class(cluster: &Cluster, kind: crate::simulator::registry::KindId, mark: &str, object: &mut Value, place: &str) {
    let marked = |class: &Value| class.pointer("/metadata/annotations").is_some_and(|a| a[mark] == "true");
    let classes = cluster.store.of_kind(kind, None).map(|(key, stored)| (key, cluster.store.tree(key, stored)));
    let newest = classes.filter(|(_, class)| marked(class)).max_by_key(|(_, class)| text(class, "/metadata/creationTimestamp").to_owned());
    if let Some((key, _)) = newest {
        set(object, place, &*key.name);
    }
}
