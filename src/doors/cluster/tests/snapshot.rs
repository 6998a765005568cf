//! Snapshots through a door that refuses, breaks and lies: what was not read is said, and never taken for what is not there.

use super::*;
use crate::experts::diagnose::{Diagnosis, diagnose};
use crate::facts::snapshot::Snapshot;

const NOW: &str = "2026-06-01T00:00:00Z";

fn list(items: &Value, next: &str) -> Response {
    ok(json!({"metadata": {"continue": next}, "items": items}))
}

/// A namespace: something that is well.
fn namespaces() -> Response {
    list(&json!([{"metadata": {"name": "dev"}, "status": {"phase": "Active"}}]), "")
}

/// A pod that wants a Secret which nothing says is there.
fn wanting() -> Value {
    json!([{"metadata": {"name": "web", "namespace": "dev"},
        "spec": {"containers": [{"name": "web", "envFrom": [{"secretRef": {"name": "db"}}]}]},
        "status": {"phase": "Pending", "containerStatuses": [{"name": "web", "state": {"waiting": {"reason": "CreateContainerConfigError"}}}]}}])
}

/// What a cluster looks like where `other` answers some of the requests, and the rest of it is well and nearly empty.
async fn seen(other: impl Fn(&Seen) -> Option<Response> + Clone + Send + Sync + 'static) -> (Snapshot, Diagnosis) {
    let (cluster, log) = fake(move |seen, _| {
        other(seen).unwrap_or_else(|| match seen.path.as_str() {
            "/api/v1/namespaces" => namespaces(),
            "/apis" => ok(json!({"kind": "APIGroupDiscoveryList", "items": []})),
            _ => list(&json!([]), ""),
        })
    });
    let s = cluster.snapshot(None, NOW.parse().unwrap()).await;
    assert!(log.lock().unwrap().iter().all(|s| s.method == Method::GET), "a snapshot only reads");
    let found = diagnose(&s, None);
    (s, found)
}

fn names(s: &Snapshot) -> Vec<&str> {
    s.pods.iter().map(|p| &*p.meta.name).collect()
}

fn speaks(found: &Diagnosis, word: &str) -> bool {
    found.not_checked.iter().any(|n| n.contains(word))
}

#[tokio::test]
async fn a_cluster_that_was_read_whole_is_healthy() {
    let (_, found) = seen(|_| None).await;
    assert_eq!((found.healthy, &found.not_checked), (Some(true), &Vec::new()));
}

#[tokio::test]
async fn kinds_that_may_not_be_listed_are_said_and_nothing_is_called_healthy() {
    let (s, found) = seen(|seen| {
        let refused = seen.path.ends_with("/secrets") || seen.path.ends_with("/nodes");
        match seen.path.as_str() {
            "/api/v1/pods" => Some(list(&wanting(), "")),
            _ => refused.then(|| status(403, "Forbidden", "you cannot list it")),
        }
    })
    .await;
    assert!(speaks(&found, "secrets: ") && speaks(&found, "nodes: "), "{:?}", found.not_checked);
    assert!(!s.knows("Secret", "dev") && s.knows("ConfigMap", "dev"));
    assert!(found.findings.iter().all(|f| f.rule.id != "secret-missing"), "what may not be seen is not missing: {:?}", found.findings);

    let (_, found) = seen(|seen| seen.path.ends_with("/secrets").then(|| status(403, "Forbidden", "no"))).await;
    assert_eq!((found.healthy, found.findings.len()), (None, 0));
}

#[tokio::test]
async fn who_may_not_list_pods_everywhere_sees_the_namespace_where_they_stand() {
    let (s, found) = seen(|seen| match seen.path.as_str() {
        "/api/v1/pods" => Some(status(403, "Forbidden", "not everywhere")),
        "/api/v1/namespaces/dev/pods" => {
            Some(list(&json!([{"metadata": {"name": "web", "namespace": "dev"}, "status": {"phase": "Succeeded"}}]), ""))
        }
        _ => None,
    })
    .await;
    assert_eq!(names(&s), ["web"]);
    assert!(speaks(&found, "only dev was looked at") && found.healthy.is_none(), "{found:?}");
}

#[tokio::test(start_paused = true)]
async fn one_kind_that_the_server_fails_at_leaves_the_others() {
    let (s, found) = seen(|seen| match seen.path.as_str() {
        "/api/v1/services" => Some(status(500, "InternalError", "etcd is away")),
        "/api/v1/pods" => Some(list(&json!([{"metadata": {"name": "web", "namespace": "dev"}, "status": {"phase": "Succeeded"}}]), "")),
        _ => None,
    })
    .await;
    assert_eq!(names(&s), ["web"]);
    assert!(speaks(&found, "services: ") && found.healthy.is_none(), "{found:?}");
    assert_eq!(found.not_checked.len(), 1, "{:?}", found.not_checked);
}

#[tokio::test(start_paused = true)]
async fn of_a_list_that_ends_half_way_the_first_pages_stay_and_it_is_not_whole() {
    let first = json!([{"metadata": {"name": "a", "namespace": "dev"}}]);
    let broken: [fn() -> Response; 3] = [
        || status(500, "InternalError", "gone in the middle"),
        || r#"{"metadata": {"continue": ""}, "items": [{"metadata": {"name": "b"#.into_response(),
        || "<html>a proxy speaks</html>".into_response(),
    ];
    for second in broken {
        let first = first.clone();
        let (s, found) = seen(move |seen| match seen.path.as_str() {
            "/api/v1/secrets" if seen.query.contains("continue=") => Some(second()),
            "/api/v1/secrets" if seen.query.contains("fieldSelector") => Some(list(&first, "more")),
            "/api/v1/pods" => Some(list(&wanting(), "")),
            _ => None,
        })
        .await;
        assert_eq!(s.secrets.len(), 1, "what came before stays");
        assert!(!s.knows("Secret", "dev"), "the rest may be there");
        assert!(found.healthy != Some(true) && !found.not_checked.is_empty(), "{found:?}");
        assert!(found.findings.iter().all(|f| f.rule.id != "secret-missing"), "{:?}", found.findings);
    }
}

#[tokio::test]
async fn items_of_another_type_are_said_and_the_others_read() {
    for wrong in [json!(5), json!("pod"), json!([1]), json!(null)] {
        let told = wrong.clone();
        let (s, found) = seen(move |seen| {
            let items = json!([wrong, {"metadata": {"name": "b", "namespace": "dev"}, "status": {"phase": "Succeeded"}}]);
            (seen.path == "/api/v1/pods").then(|| list(&items, ""))
        })
        .await;
        assert!(names(&s).contains(&"b"), "{told}: {:?}", names(&s));
        assert!(found.healthy.is_none() && speaks(&found, "Pod") && !s.knows("Pod", "dev"), "{told}: {found:?}");
    }
    // A field of a wrong type loses neither its object nor the others.
    let (s, _) = seen(|seen| {
        let items = json!([{"metadata": {"name": "a", "namespace": "dev", "labels": 7}, "status": {"phase": ["Running"]}}, {"metadata": {"name": "b"}}]);
        (seen.path == "/api/v1/pods").then(|| list(&items, ""))
    })
    .await;
    assert_eq!(s.pods.len(), 2);
    // What is no list at all.
    let (s, found) = seen(|seen| (seen.path == "/api/v1/pods").then(|| ok(json!({"items": "many"})))).await;
    assert!(!s.knows("Pod", "dev") && speaks(&found, "Pod") && found.healthy.is_none(), "{found:?}");
}
