//! What goes over the wire for each sort of call.

use super::*;
use crate::{
    doors::cluster::Sending,
    facts::RejectionSort,
    ops::{Call, Form, PatchKind},
};

fn every_write() -> Vec<Call> {
    let web = target("deployment", "web");
    let body = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}});
    vec![
        Call::create(web.kind(), web.namespace(), body.clone()),
        Call::patch(&web, PatchKind::Json, json!([{"op": "replace", "path": "/spec/replicas", "value": 3}])),
        Call::patch(&web, PatchKind::Merge, json!({"spec": {"replicas": 3}})).on("scale"),
        Call::patch(&web, PatchKind::Strategic, json!({"spec": {"paused": true}})),
        Call::patch(&web, PatchKind::Apply { force: false }, body.clone()),
        Call::patch(&web, PatchKind::Apply { force: true }, body),
        Call::delete(&web, None),
        Call::delete(&web, Some(0)),
        Call { action: crate::ops::Action::Create(json!({"kind": "Eviction"})), ..Call::get(&target("pod", "web-1")) }.on("eviction"),
    ]
}

#[tokio::test]
async fn each_write_carries_its_type_its_manager_and_its_pin() {
    let (cluster, log) = fake(|_, _| ok(object("42")));
    for call in every_write() {
        cluster.send(&call, Sending::Write(Some(&pin()))).await.unwrap();
    }
    let log = log.lock().unwrap();
    let told: Vec<(String, &str, &str)> = log.iter().map(|s| (s.line(), s.header("content-type"), s.query.as_str())).collect();
    let web = "/apis/apps/v1/namespaces/dev/deployments/web";
    assert_eq!(
        told,
        [
            ("POST /apis/apps/v1/namespaces/dev/deployments".into(), "application/json", "fieldManager=aiops&fieldValidation=Strict"),
            (format!("PATCH {web}"), "application/json-patch+json", "fieldManager=aiops"),
            (format!("PATCH {web}/scale"), "application/merge-patch+json", "fieldManager=aiops"),
            (format!("PATCH {web}"), "application/strategic-merge-patch+json", "fieldManager=aiops"),
            (format!("PATCH {web}"), "application/apply-patch+yaml", "fieldManager=aiops&fieldValidation=Strict"),
            (format!("PATCH {web}"), "application/apply-patch+yaml", "fieldManager=aiops&fieldValidation=Strict&force=true"),
            (format!("DELETE {web}"), "application/json", ""),
            (format!("DELETE {web}"), "application/json", ""),
            ("POST /api/v1/namespaces/dev/pods/web-1/eviction".into(), "application/json", "fieldManager=aiops&fieldValidation=Strict"),
        ]
    );
    assert_eq!(log[1].body[1], json!({"op": "replace", "path": "/metadata/resourceVersion", "value": "41"}));
    for patch in &log[2..6] {
        assert_eq!(patch.body["metadata"]["resourceVersion"], "41");
        assert_eq!(patch.body["metadata"]["uid"], "u-1");
    }
    for delete in &log[6..8] {
        assert_eq!(delete.body["preconditions"], json!({"uid": "u-1", "resourceVersion": "41"}));
        assert_eq!(delete.body["propagationPolicy"], "Background");
        assert_eq!(delete.body.get("dryRun"), None);
    }
    assert!(log.iter().all(|s| s.header("user-agent").starts_with("aiops/")), "every request says who sends it");
}

#[tokio::test]
async fn a_rehearsal_never_changes_anything() {
    let (cluster, log) = fake(|_, _| ok(object("42")));
    for call in every_write() {
        cluster.send(&call, Sending::DryRun(Some(&pin()))).await.unwrap();
        cluster.send(&call, Sending::DryRun(None)).await.unwrap();
        // Nor where a call tries to speak for itself.
        cluster.send(&call.with("dryRun", "").with("dryRun", "None"), Sending::DryRun(None)).await.unwrap();
    }
    for seen in log.lock().unwrap().iter() {
        assert!(!seen.changes(), "{seen:?}");
        assert_eq!(seen.query.matches("dryRun=").count(), 1, "{seen:?}");
    }
    // Apart from the dry run, what is rehearsed is what is sent.
    let rehearsed = log.lock().unwrap().clone();
    for (i, call) in every_write().iter().enumerate() {
        cluster.send(call, Sending::Write(Some(&pin()))).await.unwrap();
        let sent = log.lock().unwrap().last().unwrap().clone();
        let mut before = rehearsed[i * 3].clone();
        before.query = before.query.replace("&dryRun=All", "").replace("dryRun=All", "");
        if let Some(body) = before.body.as_object_mut().filter(|_| before.method == Method::DELETE) {
            body.remove("dryRun");
        }
        assert_eq!((before.line(), &before.query, &before.body), (sent.line(), &sent.query, &sent.body));
    }
}

#[tokio::test]
async fn a_read_is_no_write_and_a_write_no_read() {
    let (cluster, log) = fake(|_, _| ok(json!({})));
    let read = Call::get(&target("pod", "web"));
    let write = Call::delete(&target("pod", "web"), None);
    for refused in [
        cluster.send(&read, Sending::Write(None)).await,
        cluster.send(&read, Sending::DryRun(None)).await,
        cluster.send(&write, Sending::Read).await,
        cluster.pages(&read, |_| {}).await.map(|()| Vec::new()),
    ] {
        assert_eq!(refused.unwrap_err().sort, RejectionSort::NotAllowed);
    }
    assert_eq!(log.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn each_form_is_asked_for_and_queries_are_escaped() {
    let (cluster, log) = fake(|_, _| ok(json!({})));
    let pods = Call::list(Kind::find("pods").unwrap(), None).with("labelSelector", "app in (a, b),x!=\"&dryRun=All\"");
    cluster.send(&pods.clone().shaped(Form::Table), Sending::Read).await.unwrap();
    cluster.send(&Call::get(&target("pod", "web")).on("log").with("tailLines", "5").shaped(Form::Text), Sending::Read).await.unwrap();
    let odd = Target::new(Kind::find("clusterrole").unwrap(), Name::new("system:node@x").unwrap()).unwrap();
    cluster.send(&Call::get(&odd), Sending::Read).await.unwrap();
    let log = log.lock().unwrap();
    assert_eq!(log[0].header("accept"), "application/json;as=Table;v=v1;g=meta.k8s.io,application/json");
    assert_eq!(log[0].query, "labelSelector=app%20in%20%28a%2C%20b%29%2Cx%21%3D%22%26dryRun%3DAll%22");
    assert_eq!((log[1].path.as_str(), log[1].query.as_str()), ("/api/v1/namespaces/dev/pods/web/log", "tailLines=5"));
    assert_eq!(log[1].header("accept"), "application/json, */*");
    assert_eq!(log[2].path, "/apis/rbac.authorization.k8s.io/v1/clusterroles/system:node%40x");
}
