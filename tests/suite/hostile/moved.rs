//! State that moves between the preview and the yes.

use super::{SHOP, Scene, config, confirm, deployment};
use crate::support::wire::{Act, Seen};
use serde_json::{Value, json};

/// How often the server was asked to carry something out, and how often it would not because of the pin.
fn writes(scene: &Scene) -> usize {
    scene.wire.writes().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_touched_value_that_moved_is_asked_about_again() {
    let scene = Scene::new().await;
    let cluster = scene.cluster.clone();
    scene.wire.before_next_write(move || {
        cluster.put(deployment(7, "nginx:1.27")).unwrap();
    });
    let heard = scene.says("kubectl scale deployment/web --replicas=3").await;
    assert!(heard.text.contains("has changed since"), "{}", heard.text);
    assert!(heard.text.contains("2 → 3"), "the first question: {}", heard.text);
    assert!(heard.text.contains("7 → 3"), "the second question shows what is there now: {}", heard.text);
    let sent = scene.wire.writes();
    // One that the pin stopped, one for the second yes; a status that moves meanwhile costs the second another try with a new pin.
    assert!(sent.len() >= 2, "{sent:#?}");
    assert!(sent.iter().all(|s| s.body["metadata"]["resourceVersion"].is_string()), "each is pinned: {sent:#?}");
    assert_ne!(sent[0].body["metadata"]["resourceVersion"], sent[1].body["metadata"]["resourceVersion"]);
    assert_eq!(scene.replicas().await, Some(3));
}

/// The flag says yes to what is shown; an object that never stands still is not chased for ever.
#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_moving_is_given_up() {
    let scene = Scene::new().await;
    for n in 10..40 {
        let cluster = scene.cluster.clone();
        scene.wire.before_next_write(move || {
            cluster.put(deployment(n, "nginx:1.27")).unwrap();
        });
    }
    let heard = scene.says("kubectl scale deployment/web --replicas=3").await;
    assert_eq!(heard.code, 1, "{}", heard.text);
    assert!(heard.text.contains("keeps changing"), "{}", heard.text);
    assert_ne!(scene.replicas().await, Some(3));
    assert!(writes(&scene) < 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn any_field_that_somebody_decided_counts() {
    // The change does not touch the image, but what was approved was this object with that image.
    let scene = Scene::new().await;
    let cluster = scene.cluster.clone();
    scene.wire.before_next_write(move || {
        cluster.put(deployment(2, "nginx:0.1-bad")).unwrap();
    });
    let heard = scene.says("kubectl scale deployment/web --replicas=3").await;
    assert!(heard.text.contains("has changed since"), "{}", heard.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn status_alone_is_pinned_anew_and_nobody_is_asked() {
    let scene = Scene::new().await;
    let cluster = scene.cluster.clone();
    cluster.set_controllers(false);
    let mut object = scene.web().await;
    scene.wire.before_next_write(move || {
        // A label of a controller's own kind of annotation and a new version: nothing that anybody decided.
        object["metadata"]["annotations"]["deployment.kubernetes.io/desired-replicas"] = json!("2");
        cluster.put(object).unwrap();
        cluster.set_controllers(true);
    });
    let heard = scene.says("kubectl scale deployment/web --replicas=3").await;
    assert_eq!(heard.code, 0, "{}", heard.text);
    assert!(!heard.text.contains("has changed since"), "{}", heard.text);
    let sent = scene.wire.writes();
    assert!(sent.len() >= 2, "{sent:#?}");
    let version = |n: usize| sent[n].body["metadata"]["resourceVersion"].clone();
    assert_ne!(version(0), version(1), "with a new pin");
    assert_eq!(sent[0].body["metadata"]["uid"], sent[1].body["metadata"]["uid"]);
    assert_eq!(scene.replicas().await, Some(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_is_gone_is_told_and_nothing_is_made() {
    let scene = Scene::new().await;
    scene.says_with("kubectl delete configmap settings", super::yes()).await;
    scene.cluster.put(config("blue")).unwrap();
    scene.wire.forget();
    // Deleted by somebody else between preview and yes.
    let server = scene.cluster.router();
    scene.wire.next_write(Act::First(Box::new(move || {
        delete(server, "/api/v1/namespaces/shop/configmaps/settings");
    })));
    let heard = scene.says("kubectl label configmap/settings a=b").await;
    assert_eq!(heard.code, 1, "{}", heard.text);
    assert!(heard.text.contains("configmap/settings in shop does not exist"), "{}", heard.text);
    assert!(scene.person.object("configmap", "settings", SHOP).await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_object_of_the_same_name_is_not_the_one_that_was_approved() {
    let scene = Scene::new().await;
    let (server, cluster) = (scene.cluster.router(), scene.cluster.clone());
    scene.wire.next_write(Act::First(Box::new(move || {
        delete(server, "/api/v1/namespaces/shop/configmaps/settings");
        cluster.put(config("blue")).unwrap();
    })));
    let heard = scene.says("kubectl delete configmap settings").await;
    assert!(heard.text.contains("has changed since"), "{}", heard.text);
    let sent = scene.wire.writes();
    assert_ne!(sent[0].body["preconditions"]["uid"], sent[1].body["preconditions"]["uid"], "the second is a yes of its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_to_be_made_and_is_there_now_is_not_overwritten() {
    // `apply` of a new object, and somebody else makes it in between: it must not be merged into theirs unseen.
    for verb in ["apply", "create"] {
        let scene = Scene::new().await;
        let mine = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "fresh"}, "data": {"mine": "1"}});
        let file = scene.person.file("fresh.yaml", &mine.to_string());
        let cluster = scene.cluster.clone();
        let somebody = move || {
            let theirs =
                json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "fresh", "namespace": SHOP}, "data": {"theirs": "2"}});
            cluster.put(theirs).unwrap();
        };
        if verb == "create" {
            scene.wire.before_next_write(somebody);
        } else {
            // An apply has no precondition "only if it is not there": the last look before it is sent is what guards it.
            let reads = |s: &Seen| s.method == "GET" && s.path.ends_with("/configmaps/fresh");
            for _ in ["who has set what", "what is rehearsed against"] {
                scene.wire.next(reads, Act::First(Box::new(|| {})));
            }
            scene.wire.next(reads, Act::First(Box::new(somebody)));
        }
        let heard = scene.says(&format!("kubectl {verb} -f {}", file.display())).await;
        assert!(heard.text.contains("has changed since"), "{verb}: {}", heard.text);
        let fresh = scene.person.object("configmap", "fresh", SHOP).await.unwrap();
        assert_eq!(fresh["data"]["theirs"], "2", "{verb}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_is_of_what_was_seen() {
    let scene = Scene::new().await;
    let cluster = scene.cluster.clone();
    scene.wire.before_next_write(move || {
        cluster.put(deployment(2, "nginx:1.29")).unwrap();
    });
    let heard = scene.says_with("kubectl delete deployment web", confirm("web")).await;
    assert!(heard.text.contains("has changed since"), "{}", heard.text);
    let pins: Vec<Value> = scene.wire.writes().iter().map(|s| s.body["preconditions"].clone()).collect();
    assert!(pins.iter().all(|p| p["uid"].is_string() && p["resourceVersion"].is_string()), "{pins:?}");
}

/// Somebody deletes an object behind our back. Called where nothing may be awaited.
fn delete(server: axum::Router, path: &str) {
    use tower::ServiceExt as _;
    let request = axum::http::Request::delete(path).body(axum::body::Body::empty()).unwrap();
    let done = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move { server.oneshot(request).await.unwrap().status() })
    });
    assert!(done.join().unwrap().is_success());
}
