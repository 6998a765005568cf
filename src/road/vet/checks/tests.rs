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
    let ends: Vec<_> = calls.iter().filter(|call| call.action.ends()).filter_map(Call::target).collect();
    let before = Some(before).filter(|object| !object.is_null());
    all(&Sight { call: &calls[0], before, after, facts: &read, ends: &ends }, &mut findings);
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
    all(&Sight { call: &calls[0], before: Some(&before), after: Some(&after), facts: &Facts::default(), ends: &[] }, &mut findings);
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

const QUOTAS: &str = "/api/v1/namespaces/dev/resourcequotas";

#[test]
fn quotas_have_room_or_have_not() {
    let mut asks = replicas(2);
    asks["spec"]["template"]["spec"] = json!({"containers": [{"name": "a", "resources": {"requests": {"cpu": "500m"}}}, {"name": "b", "resources": {"requests": {"cpu": "250m"}}}]});
    let mut more = asks.clone();
    more["spec"]["replicas"] = json!(6);
    let quota = |hard: Value, used: Value, spec: Value| {
        list_of(json!([{"metadata": {"name": "q"}, "spec": spec, "status": {"hard": hard, "used": used}}]))
    };
    let told = |quota: Value| findings("kubectl scale deployment/web --replicas=6", &asks, Some(&more), &[(QUOTAS, quota)]);
    let cpu = told(quota(json!({"requests.cpu": "4", "pods": "100"}), json!({"requests.cpu": "1500m", "pods": "2"}), json!({}))).reasons;
    assert_eq!(cpu[0].sentence, "resourcequota/q has room for 3 of the 4 pods that come with deployment/web: requests.cpu 1500m of 4 used");
    assert!(told(quota(json!({"pods": "6"}), json!({"pods": "2"}), json!({}))).reasons.is_empty());
    assert!(
        told(quota(json!({"requests.memory": "1Gi"}), json!({"requests.memory": "1Gi"}), json!({}))).reasons.is_empty(),
        "it asks for none"
    );
    let scoped = told(quota(json!({"pods": "2"}), json!({"pods": "2"}), json!({"scopes": ["BestEffort"]})));
    assert!(scoped.reasons.is_empty() && scoped.unchecked[0].contains("has room for 0 of the 4"), "{scoped:?}");
    // A new template needs room for the pods that come before the old ones go.
    let mut changed = asks.clone();
    changed["spec"]["template"]["spec"]["containers"][0]["image"] = json!("x:2");
    let line =
        "kubectl patch deployment/web -p '{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"a\",\"image\":\"x:2\"}]}}}}'";
    let told = said(line, &asks, Some(&changed), &[(QUOTAS, quota(json!({"pods": "2"}), json!({"pods": "2"}), json!({})))]);
    assert!(told[0].contains("has room for 0 of the 1 pods"), "{told:?}");
}

/// What is said of a new template of a workload that stands so.
fn of_a_new_template(kind: &str, spec: Value, answers: &[(&str, Value)]) -> Vec<String> {
    let mut before = replicas(2);
    json_patch::merge(&mut before, &spec);
    let mut after = before.clone();
    json_patch::merge(&mut after, &json!({"spec": {"template": {"metadata": {"annotations": {"a": "b"}}}}}));
    let line = format!(
        "kubectl patch {kind}/web --type=merge -p '{{\"spec\":{{\"template\":{{\"metadata\":{{\"annotations\":{{\"a\":\"b\"}}}}}}}}}}'"
    );
    said(&line, &before, Some(&after), answers)
}

#[test]
fn rollouts_that_do_not_move() {
    let told = |kind: &str, spec: Value| of_a_new_template(kind, spec, &[]);
    assert!(told("deployment", json!({})).is_empty());
    assert!(told("statefulset", json!({"spec": {"updateStrategy": {"type": "OnDelete"}}}))[0].contains("until somebody deletes it"));
    let ready = json!({"readyReplicas": 2});
    let parted =
        |from: u64| told("statefulset", json!({"status": ready, "spec": {"updateStrategy": {"rollingUpdate": {"partition": from}}}}));
    assert!(parted(2)[0].contains("holds back all 2"));
    assert!(parted(1)[0].contains("from number 1 on"));
    assert!(parted(0).is_empty());
    assert!(told("statefulset", json!({"status": {"readyReplicas": 1}}))[0].contains("1 of the 2 pods of statefulset/web are not ready"));
    let stuck = json!({"status": {"conditions": [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}]}});
    assert!(told("deployment", stuck)[0].contains("no progress"));
    let claim = json!({"spec": {"template": {"spec": {"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]}}}});
    let with = |mode: &str| {
        let path = "/api/v1/namespaces/dev/persistentvolumeclaims/data";
        of_a_new_template("deployment", claim.clone(), &[(path, json!({"spec": {"accessModes": [mode]}}))])
    };
    assert!(
        with("ReadWriteOncePod")[0]
            .starts_with("cannot-progress: deployment/web cannot roll: only one pod may hold persistentvolumeclaim/data")
    );
    assert!(with("ReadWriteOnce")[0].contains("on another node waits"));
    assert!(with("ReadWriteMany").is_empty());
    let port = json!({"spec": {"template": {"spec": {"containers": [{"name": "a", "ports": [{"hostPort": 80}]}]}}}});
    assert!(told("deployment", port.clone())[0].contains("hostPort"));
    let mut gives_way = port;
    gives_way["spec"]["strategy"] = json!({"rollingUpdate": {"maxUnavailable": 1}});
    assert!(told("deployment", gives_way).is_empty());
}

#[test]
fn an_image_that_is_not_pulled_has_to_be_there() {
    let mut before = replicas(1);
    before["spec"]["template"]["spec"] = json!({"containers": [{"name": "a", "image": "web:1", "imagePullPolicy": "Never"}]});
    let mut after = before.clone();
    after["spec"]["template"]["spec"]["containers"][0]["image"] = json!("web:2");
    let told = |has: &str| {
        let nodes = list_of(json!([{"status": {"images": [{"names": [has]}]}}]));
        said("kubectl set image deployment/web a=web:2", &before, Some(&after), &[("/api/v1/nodes", nodes)])
    };
    assert!(told("docker.io/library/web:1")[0].contains("no node says that it has web:2, and container a never pulls it"));
    assert!(told("docker.io/library/web:2").is_empty());
}

#[test]
fn the_last_ready_pod_of_its_kind() {
    let owned = |name: &str, ready: bool| {
        let mut pod = pod(name, ready);
        json_patch::merge(
            &mut pod,
            &json!({"metadata": {"namespace": "dev", "ownerReferences": [{"kind": "ReplicaSet", "name": "web-5d", "uid": "u", "controller": true}]}}),
        );
        pod
    };
    let delete =
        |line: &str, other: Value| said(line, &owned("web-1", true), None, &[(PODS, list_of(json!([owned("web-1", true), other])))]);
    let one = "kubectl delete pod web-1";
    assert_eq!(delete(one, owned("web-2", false)), ["last-ready: pod/web-1 is the last ready pod of replicaset/web-5d"]);
    assert!(delete(one, owned("web-2", true)).is_empty());
    assert_eq!(delete(one, pod("other", true)).len(), 1, "another's pod does not count");
    // Two that go together are each other's last.
    let op = Op::from_line("kubectl delete pod web-1 -n dev").unwrap();
    let call = &op.verb().calls(&[], Default::default()).unwrap()[0];
    let mut facts = Facts::default();
    for _ in 0..2 {
        for need in needs(std::slice::from_ref(call), &facts) {
            let Need::Look(look) = need else { panic!() };
            let all = list_of(json!([owned("web-1", true), owned("web-2", true)]));
            let answer = if look.name().is_some() { owned("web-1", true) } else { all };
            facts.add_look(look, Lookup::Known(answer));
        }
    }
    let ends = ["web-1", "web-2"]
        .map(|name| Target::new(Kind::built_in("pods"), name.parse().unwrap()).unwrap().in_namespace(call.namespace().cloned()));
    let mut findings = Findings::default();
    all(&Sight { call, before: Some(&owned("web-1", true)), after: None, facts: &facts, ends: &ends }, &mut findings);
    assert!(findings.reasons.iter().any(|r| r.id == "last-ready"), "{findings:?}");
}

#[test]
fn selectors_of_budgets_policies_and_new_workloads() {
    let pods = |more: Value| [(PODS, more)];
    let pod_of =
        |kind: &str, name: &str| json!({"metadata": {"name": "p", "ownerReferences": [{"kind": kind, "name": name, "controller": true}]}});
    let new = |object: Value, answer: &[(&str, Value)]| {
        let call = Call::create(
            Kind::of_object(text(&object, "/apiVersion"), text(&object, "/kind")).unwrap(),
            Some(&"dev".parse().unwrap()),
            object.clone(),
        );
        let mut facts = Facts::default();
        for need in needs(std::slice::from_ref(&call), &facts.clone()) {
            let Need::Look(look) = need else { panic!() };
            let value = answer.iter().find(|(path, _)| *path == look.path()).map_or(json!({"items": []}), |(_, v)| v.clone());
            facts.add_look(look, Lookup::Known(value));
        }
        let mut findings = Findings::default();
        all(&Sight { call: &call, before: None, after: Some(&object), facts: &facts, ends: &[] }, &mut findings);
        findings.reasons.into_iter().map(|r| r.sentence).collect::<Vec<_>>()
    };
    let selector = json!({"matchLabels": {"app": "web"}});
    let budget =
        json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "b"}, "spec": {"selector": selector}});
    assert!(new(budget.clone(), &[])[0].contains("no pod has app=web yet: poddisruptionbudget/b holds for nothing"));
    assert!(new(budget, &pods(list_of(json!([pod_of("StatefulSet", "db")])))).is_empty());
    let policy = json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "n"}, "spec": {"podSelector": selector}});
    assert_eq!(new(policy, &[]).len(), 1);
    let workload =
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {"selector": selector, "template": {}}});
    assert!(new(workload.clone(), &[]).is_empty());
    assert!(
        new(workload, &pods(list_of(json!([pod_of("StatefulSet", "db")]))))[0].contains("selects pods that others make: statefulset/db")
    );
}
