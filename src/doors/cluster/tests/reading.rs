//! Pages, parallel replies, gathering, discovery.

use super::*;
use crate::{
    doors::{self, cluster::pages::AT_ONCE},
    facts::{Need, RejectionSort, Review},
    ops::{Call, Form, Lookup},
};

fn pods() -> Call {
    Call::list(Kind::find("pods").unwrap(), Some(&Namespace::new("dev").unwrap()))
}

/// Three pages of one pod each; the second page is refused as too old once.
fn paged(seen: &Seen, expired: bool) -> Response {
    let page = |names: &[&str], next: &str| {
        let items: Vec<Value> = names.iter().map(|n| json!({"metadata": {"name": n}})).collect();
        ok(json!({"kind": "PodList", "metadata": {"continue": next}, "items": items}))
    };
    match seen.query.split('&').find_map(|p| p.strip_prefix("continue=")) {
        None => page(&["a"], "two"),
        Some("two") if expired => {
            let body =
                json!({"kind": "Status", "code": 410, "reason": "Expired", "message": "too old", "metadata": {"continue": "two-anew"}});
            (StatusCode::GONE, axum::Json(body)).into_response()
        }
        Some("two" | "two-anew") => page(&["b"], "three"),
        Some(_) => page(&["c"], ""),
    }
}

#[tokio::test]
async fn a_list_is_read_page_by_page_and_survives_one_that_grew_too_old() {
    for expired in [false, true] {
        let (cluster, log) = fake(move |seen, _| paged(seen, expired));
        let facts = cluster.gather(&[Need::Look(pods())]).await;
        let Lookup::Known(list) = facts.look(&pods()) else { panic!() };
        let names: Vec<&str> = list["items"].as_array().unwrap().iter().map(|i| i["metadata"]["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["a", "b", "c"]);
        assert!(log.lock().unwrap().iter().all(|s| s.query.contains("limit=500")));
    }
}

#[tokio::test]
async fn without_a_way_on_a_list_starts_anew_once() {
    let (cluster, log) = fake(|_, n| match n % 2 {
        0 => ok(json!({"metadata": {"continue": "x"}, "items": [{"metadata": {"name": "a"}}]})),
        _ => status(410, "Expired", "too old"),
    });
    let mut pages = 0;
    assert_eq!(cluster.pages(&pods(), |_| pages += 1).await.unwrap_err().sort, RejectionSort::Gone);
    assert_eq!(pages, 1, "a page that was given is not given twice");
    log.lock().unwrap().clear();
    assert_eq!(cluster.replies(&[pods()]).await[0].body, Lookup::NotChecked("too old".into()));
    assert_eq!(log.lock().unwrap().len(), 4);
}

#[tokio::test]
async fn a_server_that_turns_in_circles_is_left() {
    let (cluster, _) = fake(|_, _| ok(json!({"metadata": {"continue": "again"}, "items": []})));
    assert_eq!(cluster.pages(&pods(), |_| {}).await.unwrap_err().sort, RejectionSort::ServerTrouble);
}

#[tokio::test]
async fn a_limit_of_the_calls_own_is_one_page() {
    let (cluster, log) = fake(|seen, _| paged(seen, false));
    let mut pages = 0;
    cluster.pages(&pods().with("limit", "1"), |_| pages += 1).await.unwrap();
    assert_eq!((pages, log.lock().unwrap()[0].query.as_str()), (1, "limit=1"));
}

#[tokio::test]
async fn replies_stand_in_the_order_of_the_calls() {
    let (cluster, _) = fake(|seen, _| if seen.path.ends_with("/pods") { paged(seen, false) } else { ok(json!({"path": seen.path})) });
    let calls: Vec<Call> = (0..40).map(|i| if i == 3 { pods() } else { Call::get(&target("service", &format!("s{i}"))) }).collect();
    let replies = cluster.replies(&calls).await;
    let order: Vec<usize> = replies.iter().map(|r| r.call).collect();
    let mut wanted: Vec<usize> = (0..40).collect();
    wanted.splice(3..4, [3, 3, 3]);
    assert_eq!(order, wanted);
    const { assert!(AT_ONCE < 40) };
}

#[tokio::test]
async fn replies_never_change_anything() {
    let (cluster, log) = fake(|_, _| ok(json!({})));
    let replies = cluster.replies(&[Call::delete(&target("pod", "web"), None)]).await;
    assert!(matches!(replies[0].body, Lookup::NotChecked(_)));
    assert!(log.lock().unwrap().is_empty());
}

#[tokio::test]
async fn names_access_objects_and_files_are_gathered_together() {
    let (cluster, log) = fake(|seen, _| match seen.path.as_str() {
        "/api/v1/namespaces/dev/pods" => ok(json!({"kind": "PartialObjectMetadataList", "items": [
            {"metadata": {"name": "web-1", "namespace": "dev", "labels": {"app": "web"},
                "ownerReferences": [{"kind": "X", "name": "no", "controller": false}, {"kind": "ReplicaSet", "name": "web-77", "controller": true}]}},
            {"metadata": {"name": "bad name\n"}}]})),
        "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews" => {
            let verb = seen.body.pointer("/spec/resourceAttributes/verb").unwrap();
            let answer = if verb == "delete" {
                json!({"allowed": false, "evaluationError": "webhook down"})
            } else {
                json!({"allowed": verb == "patch"})
            };
            ok(json!({"kind": "SelfSubjectAccessReview", "status": answer}))
        }
        _ => ok(object("7")),
    });
    let dev = Namespace::new("dev").unwrap();
    let kind = Kind::find("pods").unwrap();
    let review = |verb: &str| Review {
        verb: verb.into(),
        kind: Kind::find("deployment").unwrap(),
        subresource: "scale".into(),
        namespace: Some(dev.clone()),
        name: Some(Name::new("web").unwrap()),
    };
    let look = Call::get(&target("deployment", "web"));
    let needs = [
        Need::Look(look.clone()),
        Need::Look(look.clone()),
        Need::Names(kind, Some(dev.clone())),
        Need::Access(review("patch")),
        Need::Access(review("create")),
        Need::Access(review("delete")),
        Need::File("/no/such/file.yaml".into()),
    ];
    let facts = doors::gather(Some(&cluster), None, &needs, &nowhere()).await;
    assert_eq!(facts.look(&look).known().unwrap()["spec"]["replicas"], 2);
    let Some(Lookup::Known(briefs)) = facts.names(kind, Some(&dev)) else { panic!() };
    assert_eq!(briefs.len(), 1, "a name that no operation can carry is left out");
    assert_eq!(briefs[0].owner.as_deref(), Some("replicaset/web-77"));
    assert_eq!(briefs[0].labels["app"], "web");
    assert_eq!(facts.may(&review("patch")), Lookup::Known(true));
    assert_eq!(facts.may(&review("create")), Lookup::Known(false));
    assert_eq!(facts.may(&review("delete")), Lookup::NotChecked("webhook down".into()));
    assert_eq!(facts.file("/no/such/file.yaml"), Some(&Lookup::NotChecked("there is no file /no/such/file.yaml".into())));
    let log = log.lock().unwrap();
    assert_eq!(log.len(), 5, "what is asked for twice is asked once");
    let names = log.iter().find(|s| s.path.ends_with("/pods")).unwrap();
    assert!(names.header("accept").starts_with("application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"));
    let asked = log.iter().find(|s| s.path.ends_with("reviews")).unwrap();
    let attributes = &asked.body["spec"]["resourceAttributes"];
    assert_eq!(
        (&attributes["group"], &attributes["resource"], &attributes["subresource"]),
        (&json!("apps"), &json!("deployments"), &json!("scale"))
    );
    assert_eq!((&attributes["namespace"], &attributes["name"]), (&json!("dev"), &json!("web")));
    assert_eq!(asked.query, "");
}

/// A world in which nothing is piped in and no program is found.
fn nowhere() -> crate::world::World {
    crate::world::World::fixed(jiff::Timestamp::UNIX_EPOCH, "/nonexistent".into())
}

#[tokio::test]
async fn without_a_cluster_everything_is_unchecked() {
    let look = Call::get(&target("deployment", "web"));
    let facts = doors::gather(None, None, &[Need::Look(look.clone())], &nowhere()).await;
    assert_eq!(facts.look(&look), Lookup::NotChecked("there is no cluster to ask".into()));
}

#[tokio::test]
async fn a_table_keeps_columns_and_all_rows() {
    let (cluster, _) = fake(|seen, _| {
        let next = if seen.query.contains("continue") { "" } else { "x" };
        ok(json!({"kind": "Table", "metadata": {"continue": next}, "columnDefinitions": [{"name": "Name"}], "rows": [{"cells": ["a"]}]}))
    });
    let call = pods().shaped(Form::Table);
    let facts = cluster.gather(&[Need::Look(call.clone())]).await;
    assert_eq!(
        facts.look(&call).known().unwrap(),
        &json!({"columnDefinitions": [{"name": "Name"}], "rows": [{"cells": ["a"]}, {"cells": ["a"]}]})
    );
}

#[tokio::test]
async fn garbage_is_not_checked_and_the_clusters_uid_is_fetched_once() {
    let (cluster, _) = fake(|_, _| "no json".into_response());
    let look = Call::get(&target("deployment", "web"));
    assert!(matches!(cluster.gather(&[Need::Look(look.clone())]).await.look(&look), Lookup::NotChecked(_)));
    let (cluster, log) = fake(|_, _| ok(json!({"metadata": {"uid": "k-s"}, "gitVersion": "v1.36.0"})));
    for _ in 0..3 {
        assert_eq!(cluster.cluster_uid().await, Lookup::Known("k-s".into()));
    }
    assert_eq!(log.lock().unwrap().len(), 1);
    assert_eq!(log.lock().unwrap()[0].path, "/api/v1/namespaces/kube-system");
    assert_eq!(cluster.version().await, Lookup::Known("v1.36.0".into()));
}

#[tokio::test]
async fn kinds_are_discovered_whole_or_group_by_group() {
    let verbs = json!(["create", "delete", "get", "list", "patch", "update", "watch"]);
    let whole = verbs.clone();
    let (cluster, _) = fake(move |_, _| {
        ok(json!({"kind": "APIGroupDiscoveryList", "items": [
            {"metadata": {"name": "apps"}, "versions": [{"version": "v1", "resources": [{"resource": "deployments", "responseKind": {"kind": "Deployment"}, "scope": "Namespaced", "verbs": whole}]}]},
            {"metadata": {"name": "example.com"}, "versions": [
                {"version": "v2", "resources": [{"resource": "widgets", "responseKind": {"kind": "Widget"}, "scope": "Namespaced", "verbs": whole,
                    "shortNames": ["wd"], "subresources": [{"subresource": "status"}]}]},
                {"version": "v1", "resources": [{"resource": "widgets", "responseKind": {"kind": "Widget"}, "scope": "Namespaced", "verbs": whole}]}]}]}))
    });
    let kinds = cluster.discover().await.unwrap();
    assert_eq!(kinds.len(), 1);
    let info = kinds[0].info();
    assert_eq!(
        (info.plural, info.version, info.kind, info.short_names, info.subresources),
        ("widgets", "v2", "Widget", &["wd"][..], &["status"][..])
    );
    assert!(std::ptr::eq(info, cluster.discover().await.unwrap()[0].info()), "asking again keeps nothing twice");

    let (cluster, _) = fake(move |seen, _| match seen.path.as_str() {
        "/apis" => ok(json!({"kind": "APIGroupList", "groups": [
            {"name": "example.com", "preferredVersion": {"version": "v2"}}, {"name": "down.io", "preferredVersion": {"version": "v1"}}]})),
        "/apis/example.com/v2" => ok(json!({"resources": [
            {"name": "gadgets", "kind": "Gadget", "namespaced": false, "verbs": verbs}, {"name": "gadgets/scale", "kind": "Scale", "namespaced": false, "verbs": ["get"]}]})),
        _ => status(404, "NotFound", "no"),
    });
    let kinds = cluster.discover().await.unwrap();
    assert_eq!(kinds.iter().map(|k| (k.info().plural, k.info().subresources)).collect::<Vec<_>>(), [("gadgets", &["scale"][..])]);
}
