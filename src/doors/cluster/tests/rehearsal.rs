//! Rehearsals: what is read before, what is pinned, what happens on a race.

use super::*;
use crate::{
    facts::RejectionSort,
    ops::{Call, Lookup, PatchKind},
};

fn scale() -> Call {
    Call::patch(&target("deployment", "web"), PatchKind::Merge, json!({"spec": {"replicas": 3}})).on("scale")
}

#[tokio::test]
async fn a_rehearsal_is_pinned_to_the_object_that_was_read() {
    let (cluster, log) = fake(|seen, _| match (seen.method.as_str(), seen.path.ends_with("/scale")) {
        ("GET", false) => ok(object("41")),
        ("GET", true) => ok(json!({"kind": "Scale", "spec": {"replicas": 2}})),
        _ => ok(json!({"kind": "Scale", "spec": {"replicas": 3}})),
    });
    let run = cluster.dry_run(&[scale()]).await.remove(0);
    assert_eq!(run.before.known().unwrap()["kind"], "Deployment");
    assert_eq!(run.pin.as_ref().unwrap().resource_version, "41");
    assert_eq!(run.part.unwrap()["spec"]["replicas"], 2);
    assert_eq!(run.after.unwrap().unwrap()["spec"]["replicas"], 3);
    let log = log.lock().unwrap();
    assert_eq!(log.len(), 3);
    assert_eq!(log[2].body["metadata"], json!({"uid": "u-1", "resourceVersion": "41"}));
    assert!(log.iter().all(|s| !s.changes()));
}

#[tokio::test]
async fn a_creation_a_deletion_and_a_mere_read() {
    let (cluster, log) = fake(|seen, _| match seen.method.as_str() {
        "GET" if seen.path.ends_with("/fresh") => status(404, "NotFound", "not there"),
        "GET" => ok(object("41")),
        "POST" => ok(json!({"kind": "ConfigMap", "metadata": {"name": "fresh"}})),
        _ => ok(json!({"kind": "Status", "status": "Success"})),
    });
    let kind = Kind::find("configmap").unwrap();
    let create = Call::create(kind, Some(&Namespace::new("dev").unwrap()), json!({"kind": "ConfigMap", "metadata": {"name": "fresh"}}));
    let runs = cluster.dry_run(&[create, Call::delete(&target("deployment", "web"), None), Call::get(&target("pod", "web"))]).await;
    assert_eq!(runs[0].before, Lookup::Missing);
    assert_eq!((runs[0].pin.is_none(), runs[0].after.as_ref().unwrap().is_some()), (true, true));
    assert_eq!(runs[1].before.known(), Some(&object("41")));
    assert_eq!(runs[1].after, Ok(None));
    assert_eq!(runs[2].after.as_ref().unwrap_err().sort, RejectionSort::NotAllowed);
    assert!(log.lock().unwrap().iter().all(|s| !s.changes()));
}

#[tokio::test]
async fn a_race_is_read_again_three_times_and_no_more() {
    // The object moves between each reading and its rehearsal.
    let (cluster, log) = fake(|seen, n| match seen.method.as_str() {
        "GET" => ok(object(&n.to_string())),
        _ => status(409, "Conflict", "the object has been modified"),
    });
    let call = Call::patch(&target("deployment", "web"), PatchKind::Strategic, json!({"spec": {"paused": true}}));
    let run = cluster.dry_run(std::slice::from_ref(&call)).await.remove(0);
    assert_eq!(run.after.unwrap_err().sort, RejectionSort::Conflict);
    assert_eq!(log.lock().unwrap().len(), 8, "four readings, four rehearsals");

    // It moved once.
    let (cluster, log) = fake(|seen, n| match seen.method.as_str() {
        "GET" => ok(object(&n.to_string())),
        _ if n < 2 => status(409, "Conflict", "the object has been modified"),
        _ => ok(object("9")),
    });
    let run = cluster.dry_run(std::slice::from_ref(&call)).await.remove(0);
    assert_eq!((run.after.is_ok(), run.pin.unwrap().resource_version, log.lock().unwrap().len()), (true, "2".into(), 4));
}

#[tokio::test]
async fn another_managers_field_is_no_race() {
    let (cluster, log) = fake(|seen, _| match seen.method.as_str() {
        "GET" => ok(object("41")),
        _ => status(409, "Conflict", "Apply failed with 1 conflict: conflict with \"helm\": .spec.replicas"),
    });
    let call = Call::patch(&target("deployment", "web"), PatchKind::Apply { force: false }, object("41"));
    let run = cluster.dry_run(&[call]).await.remove(0);
    assert!(run.after.unwrap_err().message.contains("helm"));
    assert!(log.lock().unwrap().len() <= 4);
}

#[tokio::test]
async fn an_object_that_may_not_be_read_is_rehearsed_unpinned_and_says_so() {
    let (cluster, _) = fake(|seen, _| match seen.method.as_str() {
        "GET" => status(403, "Forbidden", "may not"),
        _ => ok(object("9")),
    });
    let run = cluster.dry_run(&[scale()]).await.remove(0);
    assert_eq!((run.before, run.pin, run.part), (Lookup::NotChecked("may not".into()), None, None));
}
