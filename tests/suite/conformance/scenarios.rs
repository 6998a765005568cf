//! Scenarios against kube's client, written once for both clusters.
use super::ground::Ground;
use futures::{StreamExt as _, TryStreamExt as _};
use k8s_openapi::api::{
    apps::v1::Deployment,
    core::v1::{ConfigMap, Pod},
};
use kube::{
    Api, ResourceExt as _,
    api::{DeleteParams, ListParams, Patch, PatchParams, PostParams, WatchEvent, WatchParams},
    runtime::{WatchStreamExt as _, watcher},
};
use serde_json::{Value, json};

/// Plays every scenario on a cluster of its own, or in a namespace of its own.
pub async fn all(ground: impl AsyncFn(&str) -> Ground) {
    pages(&ground("pages").await).await;
    watching(&ground("watching").await).await;
    a_rollout(&ground("rollout").await).await;
    a_lost_race(&ground("race").await).await;
    println!("4 scenarios played");
}

fn settings(name: &str) -> ConfigMap {
    serde_json::from_value(json!({"metadata": {"name": name, "labels": {"set": "a"}}, "data": {"colour": "blue"}})).unwrap()
}

/// A list in pages is one snapshot: what is made in between does not show.
async fn pages(ground: &Ground) {
    let api: Api<ConfigMap> = Api::namespaced(ground.client.clone(), &ground.ns);
    for n in 0..5 {
        api.create(&PostParams::default(), &settings(&format!("c{n}"))).await.unwrap();
    }
    let params = ListParams::default().labels("set=a").limit(2);
    let first = api.list(&params).await.unwrap();
    api.create(&PostParams::default(), &settings("c9")).await.unwrap();
    api.delete("c3", &DeleteParams::default()).await.unwrap();
    let second = api.list(&params.clone().continue_token(&first.metadata.continue_.unwrap())).await.unwrap();
    let third = api.list(&params.continue_token(&second.metadata.continue_.clone().unwrap())).await.unwrap();
    let names: Vec<String> = first.items.iter().chain(&second.items).chain(&third.items).map(|c| c.name_any()).collect();
    assert_eq!(names, ["c0", "c1", "c2", "c3", "c4"]);
    assert_eq!(third.metadata.continue_.unwrap_or_default(), "");
    ground.leave().await;
}

/// A watch from a list's version hears each change once, in order; kube's own watcher sees the same objects.
async fn watching(ground: &Ground) {
    let api: Api<ConfigMap> = Api::namespaced(ground.client.clone(), &ground.ns);
    let from = api.list(&ListParams::default()).await.unwrap().metadata.resource_version.unwrap();
    api.create(&PostParams::default(), &settings("w")).await.unwrap();
    api.patch("w", &PatchParams::default(), &Patch::Merge(json!({"data": {"colour": "red"}}))).await.unwrap();
    api.patch("w", &PatchParams::default(), &Patch::Merge(json!({"metadata": {"labels": {"set": "b"}}}))).await.unwrap();
    api.delete("w", &DeleteParams::default()).await.unwrap();
    let events = async |labels: &str, count: usize| {
        let stream = api.watch(&WatchParams::default().labels(labels), &from).await.unwrap();
        let seen: Vec<String> = stream.take(count).map_ok(|e| kind_of(&e).to_owned()).try_collect().await.unwrap();
        seen.join(" ")
    };
    assert_eq!(events("set", 4).await, "ADDED MODIFIED MODIFIED DELETED");
    assert_eq!(events("set=a", 3).await, "ADDED MODIFIED DELETED");
    assert_eq!(events("set=b", 2).await, "ADDED DELETED");
    api.create(&PostParams::default(), &settings("v")).await.unwrap();
    let stream = watcher(api.clone(), watcher::Config::default().labels("set=a")).applied_objects();
    let first = std::pin::pin!(stream).next().await.unwrap().unwrap();
    assert_eq!(first.name_any(), "v");
    ground.leave().await;
}

fn kind_of(event: &WatchEvent<ConfigMap>) -> &'static str {
    match event {
        WatchEvent::Added(_) => "ADDED",
        WatchEvent::Modified(_) => "MODIFIED",
        WatchEvent::Deleted(_) => "DELETED",
        WatchEvent::Bookmark(_) => "BOOKMARK",
        WatchEvent::Error(_) => "ERROR",
    }
}

/// A Deployment comes up, rolls over, and takes its pods with it.
async fn a_rollout(ground: &Ground) {
    let api: Api<Deployment> = Api::namespaced(ground.client.clone(), &ground.ns);
    let pods: Api<Pod> = Api::namespaced(ground.client.clone(), &ground.ns);
    let web: Deployment = serde_json::from_value(json!({
        "metadata": {"name": "web"},
        "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": {
            "metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "web", "image": "nginx:1.27"}], "terminationGracePeriodSeconds": 0}}},
    }))
    .unwrap();
    api.create(&PostParams::default(), &web).await.unwrap();
    let done = async |generation: i64| {
        let status = api.get("web").await.unwrap().status.unwrap_or_default();
        status.observed_generation >= Some(generation)
            && (status.updated_replicas, status.available_replicas, status.replicas) == (Some(2), Some(2), Some(2))
    };
    assert!(ground.until(async || done(1).await).await, "two pods become available");
    let image = json!({"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "nginx:1.28"}]}}}});
    api.patch("web", &PatchParams::default(), &Patch::Strategic(image)).await.unwrap();
    assert!(ground.until(async || done(2).await).await, "the new ones take over");
    assert_eq!(api.get("web").await.unwrap().annotations()["deployment.kubernetes.io/revision"], "2");
    api.delete("web", &DeleteParams::foreground()).await.unwrap();
    let gone = async || api.get_opt("web").await.unwrap().is_none() && pods.list(&ListParams::default()).await.unwrap().items.is_empty();
    assert!(ground.until(gone).await, "it takes its pods with it");
    ground.leave().await;
}

/// Of two who write from the same reading, the second is told so.
async fn a_lost_race(ground: &Ground) {
    let api: Api<ConfigMap> = Api::namespaced(ground.client.clone(), &ground.ns);
    let read = api.create(&PostParams::default(), &settings("r")).await.unwrap();
    let with = |colour: &str| {
        let mut object = read.clone();
        object.data.get_or_insert_default().insert("colour".into(), colour.into());
        object
    };
    api.replace("r", &PostParams::default(), &with("red")).await.unwrap();
    let lost = api.replace("r", &PostParams::default(), &with("green")).await.unwrap_err();
    let kube::Error::Api(status) = lost else { panic!("{lost}") };
    let said: Value = json!([status.code, status.reason]);
    assert_eq!(said, json!([409, "Conflict"]));
    assert_eq!(api.get("r").await.unwrap().data.unwrap()["colour"], "red");
    ground.leave().await;
}
