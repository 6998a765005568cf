use super::*;
use crate::ops::Op;
use serde_json::json;

/// What the checks say of a line, with the reads they ask for answered by path; what stands in no answer is an empty list.
fn said(line: &str, before: &Value, after: Option<&Value>, answers: &[(&str, Value)]) -> Vec<String> {
    let findings = findings(line, before, after, answers);
    assert!(findings.unchecked.is_empty(), "{:?}", findings.unchecked);
    findings.reasons.into_iter().map(|r| format!("{}: {}", r.id, r.sentence)).collect()
}

fn findings(line: &str, before: &Value, after: Option<&Value>, answers: &[(&str, Value)]) -> Findings {
    let mut op = Op::from_line(line).unwrap_or_else(|e| panic!("{line}: {e}"));
    op.verb_mut().place(&"dev".parse().unwrap());
    let seen: Vec<_> = op.verb().looks(&[]).iter().map(|_| Lookup::Known(before.clone())).collect();
    let calls = op.verb().calls(&seen, Default::default()).unwrap();
    let mut facts = Facts::default();
    for _ in 0..4 {
        for need in needs(&calls, &facts) {
            let Need::Look(call) = need else { panic!("{need:?}") };
            let answer = answers.iter().find(|(path, _)| *path == call.path()).map(|(_, value)| value.clone());
            let own = (Some(call.path()) == calls[0].target().map(|t| Call::get(&t).path())).then(|| before.clone());
            facts.add_look(call, Lookup::Known(answer.or(own).unwrap_or_else(|| json!({"items": []}))));
        }
    }
    let mut findings = Findings::default();
    let read = read_for(&calls, &facts);
    all(&Sight { call: &calls[0], before: Some(before), after, facts: &read }, &mut findings);
    findings
}

const HPAS: &str = "/apis/autoscaling/v2/namespaces/dev/horizontalpodautoscalers";
const PDBS: &str = "/apis/policy/v1/namespaces/dev/poddisruptionbudgets";
const SERVICES: &str = "/api/v1/namespaces/dev/services";
const PODS: &str = "/api/v1/namespaces/dev/pods";
const ME: &str = "/apis/authentication.k8s.io/v1/selfsubjectreviews";

fn replicas(n: u64) -> Value {
    json!({"metadata": {"name": "web"}, "spec": {"replicas": n, "selector": {"matchLabels": {"app": "web"}}, "template": {"metadata": {"labels": {"app": "web"}}}}})
}

fn list_of(items: Value) -> Value {
    json!({"items": items})
}

#[test]
fn replicas_that_an_autoscaler_sets() {
    let hpa = list_of(
        json!([{"metadata": {"name": "h"}, "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "minReplicas": 2, "maxReplicas": 6}}]),
    );
    let scale = |n: u64, hpa: &Value| {
        said(&format!("kubectl scale deployment/web --replicas={n}"), &replicas(3), Some(&replicas(n)), &[(HPAS, hpa.clone())])
    };
    assert!(scale(9, &hpa)[0].contains("changes this back within a minute: it keeps 2 to 6"));
    assert!(scale(4, &hpa)[0].contains("between 2 and 6, and may"));
    assert!(scale(0, &hpa)[0].contains("switched off"));
    assert!(scale(3, &hpa).is_empty(), "nothing changes");
    let other = list_of(json!([{"spec": {"scaleTargetRef": {"kind": "StatefulSet", "name": "web"}}}]));
    assert!(scale(9, &other).is_empty());
}

#[test]
fn what_cannot_be_read_is_not_checked_and_never_yes() {
    let op = Op::from_line("kubectl scale deployment/web --replicas=4 -n dev").unwrap();
    let calls = op.verb().calls(&[], Default::default()).unwrap();
    let mut findings = Findings::default();
    let (before, after) = (replicas(3), replicas(4));
    all(&Sight { call: &calls[0], before: Some(&before), after: Some(&after), facts: &Facts::default() }, &mut findings);
    assert!(findings.reasons.is_empty());
    assert!(findings.unchecked[0].starts_with("whether an autoscaler sets its replicas: "), "{:?}", findings.unchecked);
}

#[test]
fn who_keeps_an_object() {
    let with = |metadata: Value| {
        let mut object = replicas(1);
        json_patch::merge(&mut object, &json!({ "metadata": metadata }));
        object
    };
    let label = |metadata: Value| {
        let object = with(metadata);
        said("kubectl label deployment/web a=b", &object, Some(&object), &[])
    };
    assert!(
        label(json!({"annotations": {"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:dev/web"}}))[0].contains("Argo CD (shop:apps")
    );
    assert!(label(json!({"labels": {"kustomize.toolkit.fluxcd.io/name": "apps"}}))[0].contains("Flux (kustomization apps)"));
    assert!(label(json!({"annotations": {"meta.helm.sh/release-name": "shop"}}))[0].contains("Helm (release shop) keeps deployment/web"));
    assert!(label(json!({"labels": {"app": "web"}})).is_empty());
    let operator =
        json!({"ownerReferences": [{"apiVersion": "db.example.com/v1", "kind": "Postgres", "name": "main", "controller": true}]});
    assert!(label(operator.clone())[0].contains("postgres/main owns deployment/web: its operator may put it back"));
    assert!(said("kubectl delete deployment web", &with(operator), None, &[])[0].contains("may make it anew"));
    let ours = with(json!({"ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "controller": true}]}));
    assert!(said("kubectl label replicaset/web a=b", &ours, Some(&ours), &[]).is_empty(), "a label stays");
    let mut scaled = ours.clone();
    scaled["spec"]["replicas"] = json!(5);
    assert!(said("kubectl scale replicaset/web --replicas=5", &ours, Some(&scaled), &[])[0].contains("change deployment/web instead"));
}

#[test]
fn a_paused_rollout_does_not_move() {
    let mut before = replicas(1);
    before["spec"]["paused"] = json!(true);
    let mut after = before.clone();
    after["spec"]["template"]["metadata"]["annotations"] = json!({"a": "b"});
    let line = "kubectl patch deployment/web -p '{\"spec\":{}}'";
    assert!(said(line, &before, Some(&after), &[])[0].starts_with("paused: the rollout of deployment/web is paused"));
    after["spec"]["paused"] = json!(false);
    assert!(said(line, &before, Some(&after), &[]).is_empty());
}

fn pod(name: &str, ready: bool) -> Value {
    let status = if ready { "True" } else { "False" };
    json!({"metadata": {"name": name, "labels": {"app": "web"}}, "status": {"conditions": [{"type": "Ready", "status": status}]}})
}

#[test]
fn the_last_endpoint_and_the_budget_of_a_pod() {
    let services = list_of(
        json!([{"metadata": {"name": "front"}, "spec": {"selector": {"app": "web"}}}, {"metadata": {"name": "other"}, "spec": {"selector": {"app": "db"}}}]),
    );
    let pods = |more: Value| list_of(json!([pod("web-1", true), more]));
    let delete = |pods: Value| said("kubectl delete pod web-1", &pod("web-1", true), None, &[(SERVICES, services.clone()), (PODS, pods)]);
    assert_eq!(
        delete(pods(pod("web-2", false))),
        ["last-endpoint: service/front loses its last ready endpoint: nothing answers there until there is another"]
    );
    assert!(delete(pods(pod("web-2", true))).is_empty());
    let to_zero = said(
        "kubectl scale deployment/web --replicas=0",
        &replicas(2),
        Some(&replicas(0)),
        &[(SERVICES, services), (PODS, pods(pod("web-2", true)))],
    );
    assert!(to_zero[0].contains("service/front loses its last"), "{to_zero:?}");
    let budget = list_of(
        json!([{"metadata": {"name": "kept"}, "spec": {"selector": {"matchLabels": {"app": "web"}}}, "status": {"disruptionsAllowed": 0}}]),
    );
    let told = said("kubectl delete pod web-1", &pod("web-1", true), None, &[(PDBS, budget)]);
    assert!(told[0].contains("poddisruptionbudget/kept allows no disruption now"), "{told:?}");
}

#[test]
fn what_is_being_deleted_says_so() {
    let mut object = replicas(1);
    object["metadata"]["deletionTimestamp"] = json!("2026-11-20T12:00:00Z");
    object["metadata"]["finalizers"] = json!(["example.com/hold"]);
    let told = said("kubectl label deployment/web a=b", &object, Some(&object), &[]);
    assert!(told[0].contains("since 2026-11-20T12:00:00Z; it waits for example.com/hold"));
    let place = json!({"metadata": {"name": "dev", "deletionTimestamp": "2026-11-20T12:00:00Z"}});
    let told = said("kubectl label deployment/web a=b", &replicas(1), Some(&replicas(1)), &[("/api/v1/namespaces/dev", place)]);
    assert!(told[0].contains("namespace/dev is being deleted"));
}

#[test]
fn ones_own_access_is_not_cut_off_silently() {
    let me = |groups: &[&str]| json!({"status": {"userInfo": {"username": "system:serviceaccount:dev:bot", "groups": groups}}});
    let binding = json!({"metadata": {"name": "ci"}, "roleRef": {"name": "edit"}, "subjects": [{"kind": "ServiceAccount", "namespace": "dev", "name": "bot"}]});
    let told = |groups: &[&str]| findings("kubectl delete rolebinding ci", &binding, None, &[(ME, me(groups))]).reasons;
    assert_eq!(told(&[])[0].verdict, Verdict::ConfirmTyped);
    assert!(told(&["system:masters"]).is_empty());
    let mut by_group = binding.clone();
    by_group["subjects"] = json!([{"kind": "Group", "name": "ops"}]);
    let told = said("kubectl label rolebinding/ci a=b", &by_group, Some(&by_group), &[(ME, me(&["ops"]))]);
    assert!(told.is_empty(), "it still binds: {told:?}");
    let mut without = by_group.clone();
    without["subjects"] = json!([]);
    let told = said("kubectl patch rolebinding/ci --type=merge -p '{\"subjects\":[]}'", &by_group, Some(&without), &[(ME, me(&["ops"]))]);
    assert!(told[0].contains("group ops"), "{told:?}");
    let account = json!({"metadata": {"name": "bot", "namespace": "dev"}});
    assert!(said("kubectl delete serviceaccount bot", &account, None, &[(ME, me(&[]))])[0].contains("you are logged in as"));
}

#[test]
fn what_a_service_selects() {
    let patch = "kubectl patch service/front --type=merge -p '{\"spec\":{\"selector\":{\"app\":\"web\"}}}'";
    let (old, new) = (json!({"spec": {"selector": {"app": "old"}}}), json!({"spec": {"selector": {"app": "web"}}}));
    let told = |pods: Value| said(patch, &old, Some(&new), &[(PODS, list_of(pods))]);
    assert!(told(json!([]))[0].contains("no pod has app=web yet"));
    let of = |kind: &str, name: &str| json!({"metadata": {"name": "p", "labels": {"pod-template-hash": "5d4"}, "ownerReferences": [{"kind": kind, "name": name, "controller": true}]}});
    assert!(told(json!([of("ReplicaSet", "web-5d4"), of("ReplicaSet", "web-5d4")])).is_empty());
    assert!(told(json!([of("ReplicaSet", "web-5d4"), of("StatefulSet", "db")]))[0].contains("2 workloads: deployment/web, statefulset/db"));
    assert!(said(patch, &new, Some(&new), &[]).is_empty(), "it selected them before");
}

#[test]
fn one_pod_of_a_workload_is_made_up_for_the_rehearsal() {
    let op = Op::from_line("kubectl scale deployment/web --replicas=4 -n dev").unwrap();
    let call = &op.verb().calls(&[], Default::default()).unwrap()[0];
    let mut facts = Facts::default();
    let mut object = replicas(3);
    object["spec"]["template"]["spec"] = json!({"containers": [{"name": "a"}]});
    facts.add_look(Call::get(&call.target().unwrap()), Lookup::Known(object.clone()));
    let made = probe(call, &facts).unwrap();
    assert_eq!(made.path(), PODS);
    assert_eq!(body(&made).unwrap()["metadata"], json!({"generateName": "web-", "labels": {"app": "web"}}));
    object["spec"]["replicas"] = json!(4);
    facts.add_look(Call::get(&call.target().unwrap()), Lookup::Known(object));
    assert!(probe(call, &facts).is_none(), "no pod more");
}
