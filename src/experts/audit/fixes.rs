//! What would mend a finding, as operations: only where nothing has to be invented for it. A figure comes from metrics, with where it was measured.

use super::{
    capacity::{Usage, written},
    unit::Unit,
};
use crate::{
    experts::diagnose::{Finding, fix},
    facts::snapshot::{Ref, Snapshot, pod::Container, workload::Workload},
    ops::{Op, Patch, PatchType},
    terms::selector,
};
use serde_json::{Map, Value, json};

/// The label by which a node, and a pod that asks for one, is a Windows one.
const SYSTEM: &str = "kubernetes.io/os";

/// A strategic merge patch of an object.
fn patch(at: &Ref, body: &Value) -> Option<Op> {
    fix::on(&["patch"], at, &["--type=strategic", "-p", &body.to_string()])
}

/// A patch of the pods that something makes; none for what cannot be changed once it is there (a pod, a Job).
fn of_pods(u: &Unit<'_>, spec: Value) -> Option<Op> {
    if u.spec.node_selector.get(SYSTEM).is_some_and(|system| &**system == "windows") {
        return None;
    }
    let template = json!({"spec": {"template": {"spec": spec}}});
    match &*u.at.kind {
        "Deployment" | "StatefulSet" | "DaemonSet" => patch(&u.at, &template),
        "CronJob" => patch(&u.at, &json!({"spec": {"jobTemplate": template}})),
        _cannot_be_changed => None,
    }
}

/// The same of some of their containers; a container without a name cannot be told.
fn of_containers(u: &Unit<'_>, fields: impl Fn(&Container) -> Option<Value>) -> Option<Op> {
    let mut spec = Map::new();
    for (key, containers) in [("containers", &u.spec.containers), ("initContainers", &u.spec.init)] {
        let mut list = Vec::new();
        for c in containers {
            let Some(Value::Object(mut one)) = fields(c) else { continue };
            if c.name.is_empty() {
                return None;
            }
            one.insert("name".into(), json!(c.name));
            list.push(Value::Object(one));
        }
        if !list.is_empty() {
            spec.insert(key.into(), Value::Array(list));
        }
    }
    if spec.is_empty() { None } else { of_pods(u, Value::Object(spec)) }
}

/// Forbids escalation where nobody said anything of it and nothing else allows it.
pub(super) fn no_escalation(u: &Unit<'_>, open: impl Fn(&Container) -> bool) -> Option<Op> {
    of_containers(u, |c| open(c).then(|| json!({"securityContext": {"allowPrivilegeEscalation": false}})))
}

/// The runtime's own seccomp profile, which is what most clusters mean to run with.
pub(super) fn seccomp(u: &Unit<'_>) -> Option<Op> {
    of_pods(u, json!({"securityContext": {"seccompProfile": {"type": "RuntimeDefault"}}}))
}

/// Pulls each image that is not fixed by its digest. Who wrote `Never` has put the image on the nodes: it may be in no registry.
pub(super) fn pull_always(u: &Unit<'_>) -> Option<Op> {
    of_containers(u, |c| {
        (!c.image.contains("@sha256:") && !["Always", "Never"].contains(&&*c.pull)).then(|| json!({"imagePullPolicy": "Always"}))
    })
}

/// Takes the token away where it can do nothing: no binding gives rights to the account or to its groups.
pub(super) fn no_token(s: &Snapshot, u: &Unit<'_>, account: &str) -> Option<Op> {
    let namespace = &u.meta.namespace;
    let known = s.live && s.knows("RoleBinding", namespace) && s.knows("ClusterRoleBinding", "");
    let all = format!("system:serviceaccounts:{namespace}");
    let gives =
        s.bindings.iter().filter(|b| !b.meta.name().starts_with("system:")).flat_map(|b| b.subjects.iter().map(move |x| (b, x))).any(
            |(b, x)| {
                let place = if x.namespace.is_empty() { &b.meta.namespace } else { &x.namespace };
                match &*x.kind {
                    "ServiceAccount" => *x.name == *account && place == namespace,
                    "Group" => *x.name == *all || &*x.name == "system:serviceaccounts" || &*x.name == "system:authenticated",
                    "User" => *x.name == format!("system:serviceaccount:{namespace}:{account}"),
                    _nobody_of_ours => false,
                }
            },
        );
    if known && !gives { of_pods(u, json!({"automountServiceAccountToken": false})) } else { None }
}

/// A budget that lets one pod at a time be missing, for what runs more than one.
pub(super) fn budget(s: &Snapshot, u: &Unit<'_>, workload: &Workload) -> Option<Op> {
    let scaler = s
        .autoscalers
        .iter()
        .find(|a| a.meta.namespace == u.meta.namespace && a.spec.target.kind == u.at.kind && a.spec.target.name == u.at.name);
    let count = scaler.map_or(workload.spec.replicas, |a| a.spec.min).unwrap_or(1);
    let labels = &workload.spec.selector;
    if count < 2 || labels.labels.is_empty() || !labels.expressions.is_empty() {
        return None;
    }
    if s.has(&Ref::new("PodDisruptionBudget", &u.meta.namespace, &u.at.name)) {
        return None;
    }
    let wanted = labels.labels.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(",");
    wanted.parse::<selector::LabelSelector>().ok()?;
    let mut words = vec!["kubectl", "create", "poddisruptionbudget", &u.at.name, "--selector", &wanted, "--max-unavailable", "1"];
    if !u.meta.namespace.is_empty() {
        words.extend(["-n", &u.meta.namespace]);
    }
    fix::op(&words)
}

/// Lets pods that never became ready go when their node is emptied.
pub(super) fn evict_unhealthy(at: &Ref) -> Option<Op> {
    patch(at, &json!({"spec": {"unhealthyPodEvictionPolicy": "AlwaysAllow"}}))
}

/// Requests as much as was used at most, for containers that ask for none and have no limit either (which would stand in for it).
pub(super) fn request(u: &Unit<'_>, usage: &Usage, key: &str, open: impl Fn(&Container) -> bool) -> Option<Op> {
    of_containers(u, |c| {
        let used = usage.get(&(u.at.clone(), c.name.clone()))?;
        let nanos = if key == "cpu" { used.cpu } else { used.memory };
        (open(c) && nanos > 0 && !c.resources.limits.contains_key(key))
            .then(|| json!({"resources": {"requests": {key: written(key, nanos)}}}))
    })
}

/// The fixes of these findings in as few operations as it takes: what is patched in one object is one patch.
pub fn fixes<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Vec<Op> {
    let mut all: Vec<Op> = Vec::new();
    for op in findings.into_iter().flat_map(|f| &f.fix) {
        let same = |known: &&mut Op| match (known, op) {
            (Op::Patch(a), Op::Patch(b)) => a.target == b.target && a.how == PatchType::Strategic && b.how == PatchType::Strategic,
            (known, op) => **known == *op,
        };
        match (all.iter_mut().find(same), op) {
            (Some(Op::Patch(known)), Op::Patch(Patch { patch, .. })) => join(&mut known.patch, patch),
            (Some(_the_same), _) => {}
            (None, op) => all.push(op.clone()),
        }
    }
    all
}

/// Lays one patch over another: fields are joined, lists of named things by their names.
fn join(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                match into.get_mut(key) {
                    Some(known) => join(known, value),
                    None => {
                        into.insert(key.clone(), value.clone());
                    }
                }
            }
        }
        (Value::Array(into), Value::Array(from)) => {
            for one in from {
                match into.iter_mut().find(|known| known.get("name").is_some() && known.get("name") == one.get("name")) {
                    Some(known) => join(known, one),
                    None => into.push(one.clone()),
                }
            }
        }
        (into, from) => *into = from.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        experts::audit::{Asked, audit},
        facts::snapshot::Documents,
    };

    fn found(replicas: i64, live: bool, more: &[Value]) -> Vec<Finding> {
        let mut all = Documents::new("2026-06-01T00:00:00Z".parse().unwrap());
        let spec = json!({"containers": [{"name": "app", "image": "r.io/a:1"}, {"name": "side", "image": "r.io/b:1"}]});
        let labels = json!({"app": "web"});
        let template = json!({"metadata": {"labels": labels}, "spec": spec});
        let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"},
            "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}});
        let owner = json!([{"kind": "ReplicaSet", "name": "web-a", "controller": true}]);
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-a-1", "namespace": "shop", "labels": {"pod-template-hash": "a"}, "ownerReferences": owner}, "spec": spec});
        let metrics = json!({"apiVersion": "metrics.k8s.io/v1beta1", "kind": "PodMetrics", "metadata": {"name": "web-a-1", "namespace": "shop"},
            "containers": [{"name": "app", "usage": {"cpu": "12345678n", "memory": "99Mi"}}]});
        let binding = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "b", "namespace": "shop"},
            "roleRef": {"kind": "Role", "name": "r"}, "subjects": [{"kind": "ServiceAccount", "name": "other", "namespace": "shop"}]});
        let everywhere = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "c"}, "roleRef": {"kind": "ClusterRole", "name": "view"}});
        for object in [deployment, pod, metrics, binding, everywhere].into_iter().chain(more.iter().cloned()) {
            all.take("test", object);
        }
        let mut s = all.finish();
        s.live = live;
        audit(&s, Asked::default()).found.findings
    }

    fn fix_of(all: &[Finding], id: &str) -> Vec<String> {
        all.iter().filter(|f| f.rule.id == id).flat_map(|f| &f.fix).map(Op::line).collect()
    }

    #[test]
    fn a_fix_sets_what_its_check_misses_and_nothing_else() {
        let all = found(2, true, &[]);
        let line = |id: &str| fix_of(&all, id).join("\n");
        assert!(
            line("privilege-escalation-not-forbidden").contains(r#"{"name":"app","securityContext":{"allowPrivilegeEscalation":false}}"#),
            "{}",
            line("privilege-escalation-not-forbidden")
        );
        assert!(line("seccomp-not-set").contains(r#""seccompProfile":{"type":"RuntimeDefault"}"#));
        assert!(line("pull-policy-not-always").contains(r#""imagePullPolicy":"Always""#));
        assert!(
            line("disruption-budget-missing").contains("--max-unavailable=1")
                && line("disruption-budget-missing").contains("--selector=app=web")
        );
        assert!(line("token-mounted").contains(r#""automountServiceAccountToken":false"#));
        // The figure is the measured one, rounded up, and only of the container that was measured.
        assert!(
            line("cpu-request-missing").contains(r#"[{"name":"app","resources":{"requests":{"cpu":"13m"}}}]"#),
            "{}",
            line("cpu-request-missing")
        );
        assert!(line("memory-request-missing").contains(r#""memory":"99Mi""#) && !line("memory-request-missing").contains("side"));
        for id in ["root-filesystem-writable", "run-as-root-allowed", "host-network", "liveness-probe-missing", "memory-limit-missing"] {
            assert_eq!(line(id), "", "{id}");
        }
    }

    #[test]
    fn an_image_that_is_never_pulled_stays_so() {
        let spec = json!({"containers": [{"name": "app", "image": "local:1", "imagePullPolicy": "Never"}]});
        let object = json!({"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "a", "namespace": "shop"}, "spec": {"template": {"spec": spec}}});
        let all = found(2, true, &[object]);
        let lines = fix_of(&all, "pull-policy-not-always");
        assert!(all.iter().any(|f| f.rule.id == "pull-policy-not-always" && &*f.subject.name == "a"));
        assert!(lines.len() == 1 && lines[0].contains("deployment/web"), "{lines:?}");
    }

    #[test]
    fn no_fix_where_it_would_break_something() {
        assert_eq!(fix_of(&found(1, true, &[]), "disruption-budget-missing"), Vec::<String>::new());
        // Of files nobody knows which bindings there are.
        assert_eq!(fix_of(&found(2, false, &[]), "token-mounted"), Vec::<String>::new());
        let binding = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "mine", "namespace": "shop"},
            "roleRef": {"kind": "Role", "name": "r"}, "subjects": [{"kind": "ServiceAccount", "name": "default"}]});
        assert_eq!(fix_of(&found(2, true, &[binding]), "token-mounted"), Vec::<String>::new());
    }

    #[test]
    fn what_is_patched_in_one_object_is_one_patch() {
        let all = found(3, true, &[]);
        let ops = fixes(&all);
        let patches: Vec<&Patch> = ops.iter().filter_map(|op| if let Op::Patch(patch) = op { Some(patch) } else { None }).collect();
        assert_eq!((patches.len(), ops.len()), (1, 2), "{ops:?}");
        let spec = &patches[0].patch["spec"]["template"]["spec"];
        assert_eq!(spec["containers"].as_array().unwrap().len(), 2);
        let app = spec["containers"].as_array().unwrap().iter().find(|c| c["name"] == "app").unwrap();
        assert_eq!((&app["imagePullPolicy"], &app["resources"]["requests"]["cpu"]), (&json!("Always"), &json!("13m")));
        assert_eq!(app["securityContext"]["allowPrivilegeEscalation"], false);
        assert_eq!(
            (&spec["securityContext"]["seccompProfile"]["type"], &spec["automountServiceAccountToken"]),
            (&json!("RuntimeDefault"), &json!(false))
        );
    }
}
