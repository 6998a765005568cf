use crate::ops::*;
use serde_json::{Value, json};

/// The description of an object, with what each further call is answered, by kind.
fn told(line: &str, object: Value, related: &[(&str, Lookup<Value>)]) -> String {
    let op = Op::from_line(line).unwrap();
    let calls = op.verb().calls(&[Lookup::Known(object.clone())], Default::default()).unwrap();
    let body = |call: usize| match call {
        0 => Lookup::Known(object.clone()),
        call => {
            let kind = calls[call].kind().unwrap().plural();
            related.iter().find(|(k, _)| *k == kind).map_or(Lookup::Known(json!({"items": []})), |(_, answer)| answer.clone())
        }
    };
    let replies: Vec<Reply> = (0..calls.len()).map(|call| Reply { call, body: body(call).map(|v| v.to_string().into_bytes()) }).collect();
    let answer = op.verb().answer(&calls, &replies, "2026-01-01T01:00:00Z".parse().unwrap()).unwrap();
    let Answer::Description(description) = answer else { panic!("{answer:?}") };
    let mut out = String::new();
    for block in description.blocks {
        match block {
            answer::Block::Fields { title, fields } => {
                out.push_str(&format!("[{title}]\n"));
                fields.iter().for_each(|(name, value)| out.push_str(&format!("{name}: {value}\n")));
            }
            answer::Block::Table { title, table } => {
                out.push_str(&format!("[{title}]\n"));
                table.rows.iter().for_each(|row| out.push_str(&format!("{}\n", row.join(" | "))));
            }
        }
    }
    out
}

fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
}

#[test]
fn a_pod_in_trouble() {
    let pod = json!({"metadata": {"name": "web-1", "uid": "p", "creationTimestamp": "2026-01-01T00:00:00Z",
            "ownerReferences": [{"controller": true, "kind": "ReplicaSet", "apiVersion": "apps/v1", "name": "web-7d", "uid": "r"}]},
        "spec": {"nodeName": "n1", "containers": [{"name": "app", "image": "x:1", "env": [{"name": "A", "value": "hidden"},
            {"name": "B", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]}]},
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "False", "lastTransitionTime": "2026-01-01T00:30:00Z"}],
            "containerStatuses": [{"name": "app", "ready": false, "restartCount": 6, "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                "lastState": {"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": "2026-01-01T00:55:00Z"}}}]}});
    let event = json!({"items": [{"type": "Warning", "reason": "BackOff", "message": "back-off", "count": 5,
        "firstTimestamp": "2026-01-01T00:50:00Z", "lastTimestamp": "2026-01-01T00:59:00Z"}]});
    let owner = json!({"metadata": {"ownerReferences": [{"controller": true, "kind": "Deployment", "name": "web"}]}});
    let text = told("kubectl describe po web-1 -n dev", pod, &[("events", Lookup::Known(event)), ("replicasets", Lookup::Known(owner))]);
    has(
        &text,
        &[
            "Controlled by: replicaset/web-7d of deployment/web",
            "Status: CrashLoopBackOff",
            "State: waiting: CrashLoopBackOff",
            "Last state: ended 5m ago: Error, exit code 1",
            "Restarts: 6",
            "Env: A, B ← secret/s:k",
            "Ready | False |  | 30m |",
            "60s (x5 over 10m) | Warning | BackOff",
        ],
    );
    assert!(!text.contains("hidden"));
}

#[test]
fn a_deployment_with_its_pods_and_one_that_may_not_be_read() {
    let deployment = json!({"metadata": {"name": "web", "uid": "u"}, "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "web"}},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}, "template": {"spec": {"containers": [{"name": "a", "image": "x:1"}]}}},
        "status": {"updatedReplicas": 2, "availableReplicas": 1}});
    let pod = json!({"metadata": {"name": "web-1"}, "spec": {"containers": [{}]}, "status": {"phase": "Pending"}});
    let pods = ("pods", Lookup::Known(json!({"items": [pod]})));
    let sets = ("replicasets", Lookup::NotChecked("forbidden".into()));
    let text = told("kubectl describe deployment/web", deployment, &[pods, sets]);
    has(&text, &["3 desired, 2 updated", "RollingUpdate (maxSurge 1)", "Image: x:1", "web-1 | 0/1 | Pending", "replicasets: forbidden"]);
}

#[test]
fn a_secret_by_key_and_size_only() {
    let secret = json!({"type": "Opaque", "data": {"KEY": "aGlkZGVu", "OTHER": "<redacted 24 bytes, 3f9a…>"}});
    let text = told("kubectl describe secret s", secret, &[]);
    has(&text, &["Type: Opaque", "KEY | 6 bytes", "OTHER | 24 bytes"]);
    assert!(!text.contains("aGlkZGVu") && !text.contains("hidden") && !text.contains("3f9a"), "{text}");
}

#[test]
fn services_nodes_ingresses_and_the_rest() {
    let service = json!({"spec": {"type": "ClusterIP", "clusterIPs": ["10.0.0.1"], "selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": "http"}]}});
    let slice = json!({"items": [{"ports": [{"port": 8000}], "endpoints": [{"addresses": ["10.1.0.5"], "conditions": {"ready": true}},
        {"addresses": ["10.1.0.6"], "conditions": {"ready": false}}]}]});
    let text = told("kubectl describe svc web", service.clone(), &[("endpointslices", Lookup::Known(slice))]);
    has(&text, &["Endpoints: 10.1.0.5:8000\n", "Not ready: 10.1.0.6:8000", "80 | http"]);
    has(&told("kubectl describe svc web", service, &[]), &["Endpoints: none: no ready pod"]);

    let node = json!({"spec": {"unschedulable": true, "taints": [{"key": "gpu", "effect": "NoSchedule"}]},
        "status": {"allocatable": {"cpu": "4", "pods": "110"}}});
    let pod = json!({"metadata": {"name": "a"}, "spec": {"containers": [{"resources": {"requests": {"cpu": "1"}}}]}, "status": {"phase": "Running"}});
    let text = told("kubectl describe node n1", node, &[("pods", Lookup::Known(json!({"items": [pod]})))]);
    has(&text, &["closed (cordoned)", "gpu:NoSchedule", "cpu | 4 | 1 (25%) | 0 (0%)", "pods | 110 | 1 (0%)"]);

    let ingress = json!({"spec": {"rules": [{"host": "todo.local", "http": {"paths": [{"path": "/", "pathType": "Prefix",
        "backend": {"service": {"name": "web", "port": {"number": 80}}}}]}}]}});
    has(&told("kubectl describe ing web", ingress, &[]), &["todo.local | / | Prefix | service/web:80"]);

    let other = json!({"spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}}, "status": {"currentHealthy": 2}});
    has(&told("kubectl describe pdb web", other, &[]), &["minAvailable: 1", "selector.matchLabels: 1 fields", "currentHealthy: 2"]);
}

#[test]
fn how_it_is_in_one_sentence() {
    let describe = |line: &str, object: Value, related: &[(&str, Lookup<Value>)], want: &str| {
        has(&told(line, object, related), &[&format!("In short: {want}\n")]);
    };
    let sick = json!({"items": [{"metadata": {"name": "web-1"}, "status": {"phase": "Pending",
        "containerStatuses": [{"state": {"waiting": {"reason": "ImagePullBackOff"}}}]}}]});
    let web = |available: u64| json!({"metadata": {"uid": "u"}, "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "web"}}}, "status": {"availableReplicas": available}});
    describe("kubectl describe deploy web -n dev", web(3), &[], "all 3 pods are available");
    let pods = [("pods", Lookup::Known(sick))];
    describe("kubectl describe deploy web -n dev", web(1), &pods, "1 of 3 pods are available; pod/web-1 is in ImagePullBackOff");
    let unscheduled =
        json!({"status": {"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", "message": "0/3 nodes"}]}});
    describe("kubectl describe po a -n dev", unscheduled, &[], "Pending: 0/3 nodes");
    let ending = json!({"metadata": {"deletionTimestamp": "2026-01-01T00:30:00Z", "finalizers": ["a.example/b"]}});
    describe("kubectl describe ns dev", ending, &[], "being deleted for 30m, held by a.example/b");
    let job = json!({"status": {"conditions": [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}]}});
    describe("kubectl describe job a -n dev", job, &[], "failed: BackoffLimitExceeded");
    let volume = json!({"status": {"phase": "Bound"}});
    describe("kubectl describe pv a", volume, &[], "Bound");
}

#[test]
fn what_stands_around_an_object() {
    let list = |items: Value| Lookup::Known(json!({ "items": items }));
    let pod = json!({"metadata": {"name": "web-1", "labels": {"app": "web"}}, "status": {"phase": "Running"}});
    let services = list(json!([{"metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}}},
        {"metadata": {"name": "db"}, "spec": {"selector": {"app": "db"}}}, {"metadata": {"name": "bare"}, "spec": {}}]));
    let policies = list(json!([{"metadata": {"name": "all"}, "spec": {"podSelector": {}}}]));
    let related = [("services", services), ("networkpolicies", policies), ("poddisruptionbudgets", Lookup::NotChecked("forbidden".into()))];
    let text = told("kubectl describe po web-1 -n dev", pod, &related);
    has(&text, &["[Selected by]\nService: service/web\nNetwork policy: networkpolicy/all\n", "poddisruptionbudgets: forbidden"]);
    let user = json!([{"metadata": {"name": "web-1"}, "spec": {"containers": [{"envFrom": [{"secretRef": {"name": "s"}}]}]}},
        {"metadata": {"name": "web-2"}, "spec": {"containers": [{"envFrom": [{"configMapRef": {"name": "s"}}]}]}}]);
    has(&told("kubectl describe secret s -n dev", json!({}), &[("pods", list(user))]), &["Used by: pod/web-1\n"]);
}

#[test]
fn several_objects_are_described_one_after_the_other() {
    let line = |text: &str| Op::from_line(text).map(|op| op.line()).unwrap_or_else(|e| format!("! {e}"));
    for (text, want) in [
        ("kubectl describe pods", "kubectl describe pods"),
        ("kubectl describe po -l app=web", "kubectl describe pods --selector=app=web"),
        ("kubectl describe -f web.yaml", "kubectl describe -f web.yaml"),
        ("kubectl describe po a b --show-events=false", "kubectl describe pod/a pod/b --show-events=false"),
        ("kubectl describe pod a", "kubectl describe pod/a"),
    ] {
        assert_eq!(line(text), want);
        let op = Op::from_line(text).unwrap();
        assert_eq!((op.verb().impact(), Op::from_line(&op.line()).unwrap()), (Impact::Reads, op));
    }
}
