//! What the server would not do, in every form it may say so: one sentence, a hint, an exit code, never a crash.

use super::{Scene, yes};
use crate::support::wire::{Act, Seen};
use aiops::{
    faces::args::{Form, Global},
    simulator::Deny,
};
use serde_json::Value;

fn deny(verbs: &[&str], resources: &[&str]) -> Deny {
    let owned = |list: &[&str]| list.iter().map(|s| (*s).to_string()).collect();
    Deny { verbs: owned(verbs), resources: owned(resources), ..Deny::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_is_not_allowed_is_refused_before_the_question() {
    let scene = Scene::new().await;
    scene.cluster.deny(deny(&["patch"], &["deployments/scale", "deployments"]));
    let heard = scene.says("kubectl scale deployment/web --replicas=3").await;
    assert_eq!(heard.code, 4, "{}", heard.text);
    assert!(heard.text.contains("you may not patch deployments/scale in namespace shop"), "{}", heard.text);
    assert!(heard.text.contains("kubectl auth can-i --list -n shop"), "{}", heard.text);
    assert!(scene.wire.seen().iter().all(|s| !s.mutates()), "not even a rehearsal");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_object_that_may_not_be_read_is_an_error_in_words() {
    let scene = Scene::new().await;
    scene.cluster.deny(deny(&["get"], &["configmaps"]));
    let heard = scene.says("kubectl get configmap settings").await;
    assert_ne!(heard.code, 0, "{}", heard.text);
    assert!(heard.text.contains("forbidden") || heard.text.contains("may not"), "{}", heard.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_that_may_not_be_read_are_not_taken_for_none() {
    let scene = Scene::new().await;
    scene.cluster.deny(deny(&["list"], &["pods"]));
    let heard = scene.says("kubectl get pods").await;
    assert_ne!(heard.code, 0, "{}", heard.text);
    assert!(!heard.text.contains("no pods found"), "{}", heard.text);
    assert!(heard.text.contains("cannot list resource \"pods\""), "{}", heard.text);
}

/// What may stand in place of an answer.
const TROUBLE: &[(u16, &str)] = &[
    (
        403,
        "{\"kind\":\"Status\",\"reason\":\"Forbidden\",\"message\":\"pods \\\"web\\\" is forbidden: exceeded quota: q, requested: cpu=1, used: cpu=2, limited: cpu=2\"}",
    ),
    (409, "{\"kind\":\"Status\",\"reason\":\"Conflict\",\"message\":\"somebody else was faster\"}"),
    (413, "too large"),
    (
        422,
        "{\"kind\":\"Status\",\"reason\":\"Invalid\",\"message\":\"spec.replicas: Invalid value\",\"details\":{\"causes\":[{\"field\":\"spec.replicas\",\"message\":\"must be less\"}]}}",
    ),
    (429, "{\"kind\":\"Status\",\"reason\":\"TooManyRequests\",\"message\":\"too many requests, please try again later\"}"),
    (500, "{\"kind\":\"Status\",\"reason\":\"InternalError\",\"message\":\"Internal error occurred: failed calling webhook\"}"),
    (500, ""),
    (501, "<html><body>nginx \u{1b}[2J</body></html>"),
    (503, "upstream connect error"),
    (302, ""),
    (200, "not json at all"),
    (200, ""),
    (200, "[]"),
    (200, "null"),
    (200, "{\"kind\":\"Deployment\",\"metadata\":\"oops\",\"spec\":[1,2,3]}"),
    (200, "{\"metadata\":{\"uid\":7,\"resourceVersion\":{}},\"spec\":{\"replicas\":\"many\"}}"),
];

#[tokio::test(flavor = "multi_thread")]
async fn whatever_answers_a_rehearsal_nothing_is_changed_and_it_is_told() {
    let scene = Scene::new().await;
    for (code, body) in TROUBLE {
        // A read or a rehearsal may be tried again: it is the same answer again.
        for _ in 0..4 {
            scene.wire.next(Seen::rehearses, Act::Answer(*code, body));
        }
        let flags = Global { dry_run: true, output: Form::Json, ..Global::default() };
        let heard = scene.says_with("kubectl scale deployment/web --replicas=3", flags).await;
        let told: Value = serde_json::from_str(&heard.text).unwrap_or_else(|e| panic!("{code} {body}: {e}: {}", heard.text));
        if *code != 200 {
            assert!([1, 4].contains(&heard.code), "{code} {body}: {}", heard.text);
            let problem = &told["results"][0]["problem"];
            assert!(!problem["sentence"].as_str().unwrap().is_empty(), "{told:#}");
            assert!(!problem["hints"].as_array().unwrap().is_empty(), "{code} {body}: no hint: {told:#}");
        }
        assert!(scene.wire.writes().is_empty(), "{code} {body}");
        scene.wire.drop_tricks();
    }
    assert_eq!(scene.replicas().await, Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_answers_a_write_it_is_told_once_and_recorded() {
    for (code, body) in TROUBLE.iter().filter(|(code, _)| *code >= 300 && *code != 409) {
        let scene = Scene::new().await;
        scene.wire.next_write(Act::Answer(*code, body));
        let told = scene.person.json(super::SHOP, "kubectl scale deployment/web --replicas=3").await;
        let outcome = &told["results"][0]["outcome"];
        assert_eq!(outcome["done"]["how"], "failed", "{code} {body}: {told:#}");
        assert!(!outcome["done"]["what"]["hints"].as_array().unwrap().is_empty(), "{code} {body}: no hint: {told:#}");
        assert_eq!(scene.wire.writes().len(), 1, "a write is sent once");
        let journal = std::fs::read_to_string(scene.person.journal()).unwrap();
        assert!(journal.contains("\"rejected\"") && journal.contains("\"ended\""), "{journal}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_cannot_be_read_is_read_back() {
    for body in ["not json at all", "", "[]", "<html>"] {
        let scene = Scene::new().await;
        scene.wire.next_write(Act::Garble(body));
        let heard = scene.says("kubectl label deployment/web tier=front").await;
        assert_eq!(heard.code, 0, "{body:?}: {}", heard.text);
        // The image afterwards is on record, so the way back is held against it.
        scene.somebody("deployment", "web", |o| o["metadata"]["labels"]["tier"] = serde_json::json!("back")).await;
        let heard = scene.says_with("undo", yes()).await;
        assert_eq!(heard.code, 4, "{body:?}: {}", heard.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_answers_a_read_it_is_told() {
    let scene = Scene::new().await;
    for (code, body) in TROUBLE {
        for _ in 0..6 {
            scene.wire.next(|s| s.path.ends_with("/configmaps") || s.path.ends_with("/configmaps/settings"), Act::Answer(*code, body));
        }
        for request in ["kubectl get configmaps", "kubectl get configmap settings -o yaml", "kubectl describe configmap settings"] {
            let heard = scene.says(request).await;
            assert!(heard.code <= 5, "{request} {code} {body}: {}", heard.text);
            assert!(!heard.text.contains("aiops itself failed"), "{request} {code} {body}: {}", heard.text);
            assert!(!heard.text.contains('\u{1b}'), "{request} {code} {body}");
        }
        scene.wire.drop_tricks();
    }
}
