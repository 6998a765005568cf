//! A write whose answer never came: what was done is found out by looking, and where looking does not tell, that is said.

use super::{Scene, config, yes};
use crate::support::wire::Act;
use serde_json::json;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn done_and_read_back_is_done() {
    for request in [
        "kubectl scale deployment/web --replicas=3",
        "kubectl label deployment/web a=b",
        "kubectl create namespace fresh",
        "kubectl delete configmap settings",
    ] {
        let scene = Scene::new().await;
        scene.wire.next_write(Act::LoseAnswer);
        let heard = scene.says_with(request, yes()).await;
        assert_eq!(heard.code, 0, "{request}: {}", heard.text);
        assert_eq!(scene.wire.writes().len(), 1, "{request}: sent once");
        let heard = scene.says_with("undo", super::confirm("fresh")).await;
        assert!([0, 3].contains(&heard.code), "the way back from {request} is known: {}", heard.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn not_done_and_read_back_is_a_failure_that_changed_nothing() {
    for request in ["kubectl scale deployment/web --replicas=3", "kubectl delete configmap settings"] {
        let scene = Scene::new().await;
        scene.wire.next_write(Act::LoseRequest);
        let heard = scene.says_with(request, yes()).await;
        assert_eq!(heard.code, 1, "{request}: {}", heard.text);
        assert!(heard.text.contains("the change was not made"), "{}", heard.text);
        assert!(!heard.text.contains("aiops undo"), "there is nothing to undo: {}", heard.text);
        assert_eq!(scene.wire.writes().len(), 1, "{request}: it is not sent again by itself");
    }
}

/// A request may still be under way when its connection is gone.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_carried_out_a_moment_later_is_not_told_as_not_made() {
    let scene = Scene::new().await;
    scene.wire.next_write(Act::CarryOutLater(Duration::from_millis(600)));
    let heard = scene.says("kubectl scale deployment/web --replicas=3").await;
    assert_eq!(scene.replicas().await, Some(3));
    assert_eq!(heard.code, 0, "{}", heard.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_can_tell_is_unknown_and_says_so() {
    let scene = Scene::new().await;
    let cluster = scene.cluster.clone();
    // It did not arrive, and somebody else changed the very object meanwhile: neither as it was nor as it was to be.
    scene.wire.next_write(Act::LoseRequest);
    scene.wire.next(|s| s.method == "GET" && s.path.ends_with("configmaps/settings"), Act::First(Box::new(|| {})));
    let reads = |s: &crate::support::wire::Seen| s.method == "GET" && s.path.ends_with("configmaps/settings");
    scene.wire.next(reads, Act::First(Box::new(|| {})));
    scene.wire.next(reads, Act::First(Box::new(move || drop(cluster.put(config("red")).unwrap()))));
    let heard = scene.says("kubectl label configmap/settings tier=front").await;
    assert_eq!(heard.code, 7, "{}", heard.text);
    assert!(heard.text.contains("reading back did not settle"), "{}", heard.text);
    assert!(heard.text.contains("look at the object"), "{}", heard.text);
    let journal = std::fs::read_to_string(scene.person.journal()).unwrap();
    assert!(journal.contains(r#""how":"unknown""#) && journal.contains(r#""came":"unknown""#), "{journal}");
    // And a run of which nobody knows is not undone as if it had been done.
    let run = run_of(&journal);
    let heard = scene.says_with(&format!("undo {run}"), yes()).await;
    assert_eq!(heard.code, 4, "{}", heard.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_back_that_is_not_possible_is_unknown() {
    let scene = Scene::new().await;
    scene.wire.next_write(Act::LoseAnswer);
    let reads = |s: &crate::support::wire::Seen| s.method == "GET" && s.path.ends_with("configmaps/settings");
    for _ in 0..2 {
        scene.wire.next(reads, Act::First(Box::new(|| {})));
    }
    for _ in 0..20 {
        scene.wire.next(reads, Act::Answer(403, "{\"kind\":\"Status\",\"reason\":\"Forbidden\",\"message\":\"no\"}"));
    }
    let heard = scene.says("kubectl label configmap/settings tier=front").await;
    assert_eq!(heard.code, 7, "{}", heard.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_steps_after_it_are_not_begun() {
    let scene = Scene::new().await;
    let two = format!(
        "{}\n---\n{}",
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}),
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "b"}})
    );
    let file = scene.person.file("two.yaml", &two);
    scene.wire.next_write(Act::LoseRequest);
    let heard = scene.says(&format!("kubectl create -f {}", file.display())).await;
    assert_eq!(heard.code, 1, "{}", heard.text);
    assert_eq!(scene.wire.writes().len(), 1);
    assert!(scene.person.object("configmap", "b", super::SHOP).await.is_none());
}

fn run_of(journal: &str) -> String {
    let last = journal.lines().rfind(|l| l.contains(r#""record":"opened""#)).unwrap();
    let link: serde_json::Value = serde_json::from_str(last).unwrap();
    link["body"]["run"].as_str().unwrap().to_string()
}
