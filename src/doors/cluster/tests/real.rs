//! The same door on a real API server: `AIOPS_TEST_KUBECONFIG=… cargo test real_server -- --ignored`.

use super::*;
use crate::{
    doors::cluster::{Connect, Sending},
    facts::{Need, RejectionSort, Review},
    ops::{Call, Form, Lookup, PatchKind},
    world::World,
};

#[tokio::test]
#[ignore = "needs a real cluster: set AIOPS_TEST_KUBECONFIG"]
async fn a_real_server_answers_as_the_faked_one() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let Ok(path) = std::env::var("AIOPS_TEST_KUBECONFIG") else {
        eprintln!("skipped: AIOPS_TEST_KUBECONFIG names no kubeconfig");
        return;
    };
    let world = World::of_this_machine().unwrap();
    let connect = Connect { kubeconfig: Some(path.clone().into()), ..Connect::default() };
    let cluster = Cluster::connect(&connect, &world).await.unwrap();
    let stranger = tempfile::NamedTempFile::new().unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let text: String = text.lines().filter(|l| !l.contains("certificate-authority")).map(|l| format!("{l}\n")).collect();
    std::fs::write(stranger.path(), text).unwrap();
    let refused = Cluster::connect(&Connect { kubeconfig: Some(stranger.path().into()), ..Connect::default() }, &world).await.unwrap();
    let refused = refused.send(&Call::delete(&target("pod", "web"), None), Sending::Write(None)).await.unwrap_err();
    eprintln!("{refused:?}");
    assert_eq!(refused.sort, RejectionSort::Unreachable);
    eprintln!("{:?} {:?} {:?}", cluster.identity(), cluster.version().await, cluster.cluster_uid().await);
    assert!(matches!(cluster.cluster_uid().await, Lookup::Known(_)));
    eprintln!("discovered: {:?}", cluster.discover().await.unwrap());

    let name = format!("door-{}", std::process::id());
    let namespace = Target::new(Kind::find("namespace").unwrap(), Name::new(name.clone()).unwrap()).unwrap();
    let create = Call::create(namespace.kind(), None, json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}));
    let run = cluster.dry_run(std::slice::from_ref(&create)).await.remove(0);
    assert_eq!(run.before, Lookup::Missing);
    assert!(run.after.unwrap().is_some());
    assert_eq!(cluster.gather(&[Need::Look(Call::get(&namespace))]).await.object(&namespace), Lookup::Missing, "a rehearsal makes nothing");
    cluster.send(&create, Sending::Write(None)).await.unwrap();
    assert_eq!(cluster.send(&create, Sending::Write(None)).await.unwrap_err().sort, RejectionSort::AlreadyExists);

    let ns = Namespace::new(name.clone()).unwrap();
    let within =
        |kind: &str, name: &str| Target::new(Kind::find(kind).unwrap(), Name::new(name).unwrap()).unwrap().in_namespace(Some(ns.clone()));
    let web = within("deployment", "web");
    let body = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {"replicas": 0,
        "selector": {"matchLabels": {"app": "web"}}, "template": {"metadata": {"labels": {"app": "web"}},
        "spec": {"containers": [{"name": "c", "image": "x"}]}}}});
    let apply = Call::patch(&web, PatchKind::Apply { force: false }, body.clone());
    assert!(cluster.dry_run(std::slice::from_ref(&apply)).await[0].after.is_ok());
    cluster.send(&apply, Sending::Write(None)).await.unwrap();
    let mut wrong = body.clone();
    wrong["spec"]["replicsa"] = json!(1);
    let refused = cluster.send(&Call::patch(&web, PatchKind::Apply { force: false }, wrong), Sending::DryRun(None)).await.unwrap_err();
    assert_eq!(refused.sort, RejectionSort::Invalid, "{refused}");

    // Every patch and the deletion, rehearsed: nothing moves.
    let calls = [
        Call::patch(&web, PatchKind::Merge, json!({"spec": {"replicas": 1}})).on("scale"),
        Call::patch(&web, PatchKind::Strategic, json!({"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "y"}]}}}})),
        Call::patch(&web, PatchKind::Json, json!([{"op": "replace", "path": "/spec/replicas", "value": 1}])),
        Call::patch(&web, PatchKind::Merge, json!({"metadata": {"labels": {"a": "b"}}})),
        Call::delete(&web, None),
    ];
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let before = cluster.gather(&[Need::Look(Call::get(&web))]).await.object(&web);
    for run in cluster.dry_run(&calls).await {
        assert!(run.pin.is_some());
        run.after.unwrap();
    }
    let after = cluster.gather(&[Need::Look(Call::get(&web))]).await.object(&web);
    assert_eq!(before, after);

    // A field that another way of writing owns is a conflict with its owner named, and no race.
    cluster.send(&calls[3], Sending::Write(None)).await.unwrap();
    let mut other = body.clone();
    other["metadata"]["labels"] = json!({"a": "c"});
    let [conflict, forced] = [false, true].map(|force| Call::patch(&web, PatchKind::Apply { force }, other.clone()));
    let runs = cluster.dry_run(&[conflict.clone(), forced]).await;
    let refused = runs[0].after.as_ref().unwrap_err();
    assert_eq!(refused.sort, RejectionSort::Conflict);
    assert!(!refused.causes.is_empty(), "{refused:?}");
    assert!(runs[1].after.is_ok());
    let calls: Vec<Call> = calls.into_iter().chain([conflict, apply]).collect();

    // A pin that is out of date is refused, for each.
    let stale = Pin { resource_version: "1".into(), ..Pin::of(before.known().unwrap()).unwrap() };
    for call in &calls {
        let refused = cluster.send(call, Sending::Write(Some(&stale))).await.map(|_| call.clone()).unwrap_err();
        assert_eq!(refused.sort, RejectionSort::Conflict, "{refused}");
    }

    let secret = within("secret", "db");
    let body = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"}, "stringData": {"password": "swordfish-swordfish"}});
    let made = cluster.send(&Call::create(secret.kind(), Some(&ns), body), Sending::Write(None)).await.unwrap();
    assert!(!String::from_utf8_lossy(&made).contains("c3dvcmRmaXNo"));

    let review = Review { verb: "delete".into(), kind: web.kind(), subresource: String::new(), namespace: Some(ns.clone()), name: None };
    let table = Call::list(web.kind(), None).shaped(Form::Table);
    let facts = cluster
        .gather(&[
            Need::Names(web.kind(), Some(ns.clone())),
            Need::Access(review.clone()),
            Need::Look(table.clone()),
            Need::Names(secret.kind(), None),
        ])
        .await;
    assert_eq!(facts.may(&review), Lookup::Known(true));
    assert_eq!(facts.names(web.kind(), Some(&ns)).unwrap().known().unwrap()[0].name.as_str(), "web");
    assert!(!facts.look(&table).known().unwrap()["rows"].as_array().unwrap().is_empty());
    let log = within("pod", "nobody");
    assert_eq!(cluster.send(&Call::get(&log).on("log").shaped(Form::Text), Sending::Read).await.unwrap_err().sort, RejectionSort::NotFound);
    cluster.send(&Call::delete(&web, None), Sending::Write(None)).await.unwrap();
    cluster.send(&Call::delete(&namespace, None), Sending::Write(None)).await.unwrap();
}
