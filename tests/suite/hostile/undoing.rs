//! Undo is a change like any other: it destroys nothing that came later, and happens on the cluster it belongs to.

use super::{SHOP, Scene, confirm, yes};
use crate::support::face::Person;
use aiops::{
    faces::args::Global,
    road::{
        journal::Journal,
        undo::{self, Standing},
    },
};
use serde_json::{Value, json};

/// Yes to everything that a yes or this name answers.
fn both(name: &str) -> Global {
    Global { yes: true, ..confirm(name) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_namespace_in_which_something_was_put_since_stays() {
    let scene = Scene::new().await;
    assert_eq!(scene.says("kubectl create namespace fresh").await.code, 0);
    scene
        .cluster
        .put(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "precious", "namespace": "fresh"}, "data": {"a": "b"}}))
        .unwrap();
    scene.wire.forget();
    let heard = scene.says_with("undo", both("fresh")).await;
    assert_eq!(heard.code, 4, "{}", heard.text);
    assert!(heard.text.contains("configmap/precious"), "it names what is inside: {}", heard.text);
    assert!(scene.wire.writes().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_touched_field_that_moved_refuses_with_both_values() {
    let scene = Scene::new().await;
    scene.says("kubectl set image deployment/web web=nginx:1.28").await;
    scene.somebody("deployment", "web", |o| o["spec"]["template"]["spec"]["containers"][0]["image"] = json!("nginx:1.29")).await;
    let heard = scene.says("undo").await;
    assert_eq!(heard.code, 4, "{}", heard.text);
    assert!(heard.text.contains("nginx:1.28") && heard.text.contains("nginx:1.29"), "{}", heard.text);
    assert!(scene.wire.writes().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_changed_beside_it_is_left_alone() {
    let scene = Scene::new().await;
    scene.says("kubectl set image deployment/web web=nginx:1.28").await;
    scene.somebody("deployment", "web", |o| o["spec"]["replicas"] = json!(4)).await;
    let heard = scene.says("undo").await;
    assert_eq!(heard.code, 0, "{}", heard.text);
    let web = scene.web().await;
    assert_eq!(web.pointer("/spec/template/spec/containers/0/image"), Some(&json!("nginx:1.27")));
    assert_eq!(web.pointer("/spec/replicas"), Some(&json!(4)));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_cluster_of_the_same_name_is_another_cluster() {
    let scene = Scene::new().await;
    scene.says("kubectl scale deployment/web --replicas=3").await;
    let other = Scene::new().await;
    // The same context, the same server's address, another kube-system.
    other.wire.next(
        |s| s.path == "/api/v1/namespaces/kube-system",
        crate::support::wire::Act::Rewrite(|o: &mut Value| o["metadata"]["uid"] = json!("00000000-another")),
    );
    let mut person = Person::of(other.person.cluster.clone());
    person.world = scene.person.world.clone();
    let heard = person.says_with(SHOP, &["undo"], yes()).await;
    assert_eq!(heard.code, 4, "{}", heard.text);
    assert!(heard.text.contains("another cluster"), "{}", heard.text);
    assert!(other.wire.writes().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn undone_is_undone_once() {
    let scene = Scene::new().await;
    scene.says("kubectl scale deployment/web --replicas=3").await;
    assert_eq!(scene.says("undo").await.code, 0);
    assert_eq!(scene.replicas().await, Some(2));
    scene.wire.forget();
    let heard = scene.says("undo").await;
    assert_eq!(heard.code, 1, "{}", heard.text);
    assert!(heard.text.contains("nothing to undo"), "{}", heard.text);
    assert!(scene.wire.writes().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_undone_by_its_id_and_so_is_an_undo() {
    let scene = Scene::new().await;
    let first = scene.person.json(SHOP, "kubectl scale deployment/web --replicas=3").await;
    scene.says("kubectl label deployment/web a=b").await;
    let id = first["run"].as_str().unwrap();
    let undo = scene.person.json(SHOP, &format!("undo {id}")).await;
    assert_eq!(undo["exit"], 0, "{undo:#}");
    assert_eq!(scene.replicas().await, Some(2));
    assert_eq!(scene.web().await.pointer("/metadata/labels/a"), Some(&json!("b")), "the later run stays");
    // The undo is a run like any other: taking it back makes three again.
    let back = scene.person.json(SHOP, &format!("undo {}", undo["run"].as_str().unwrap())).await;
    assert_eq!(back["exit"], 0, "{back:#}");
    assert_eq!(scene.replicas().await, Some(3));
    let heard = scene.says("undo 01990000-0000-7000-8000-000000000000").await;
    assert_eq!(heard.code, 1, "{}", heard.text);
    let heard = scene.says("undo nobody-knows-this-run").await;
    assert_eq!(heard.code, 5, "a word that is no run's id may be a workload's name: it asks. {}", heard.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_or_a_refused_change_is_nothing_to_undo() {
    let scene = Scene::new().await;
    scene.says("kubectl get pods").await;
    scene.says("kubectl delete deployment web").await;
    scene.says("kubectl scale deployment/nothing --replicas=3").await;
    let heard = scene.says("undo").await;
    assert_eq!(heard.code, 1, "{}", heard.text);
    assert!(scene.wire.writes().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_made_anew_under_the_same_name_is_not_taken_back() {
    let scene = Scene::new().await;
    scene.says("kubectl label configmap/settings a=b").await;
    scene.says_with("kubectl delete configmap settings", yes()).await;
    scene.cluster.put(super::config("blue")).unwrap();
    let journal = std::fs::read_to_string(scene.person.journal()).unwrap();
    let first: Value = serde_json::from_str(journal.lines().find(|l| l.contains("opened") && l.contains("a=b")).unwrap()).unwrap();
    scene.wire.forget();
    let heard = scene.says(&format!("undo {}", first["body"]["run"].as_str().unwrap())).await;
    assert_eq!(heard.code, 4, "{}", heard.text);
    assert!(heard.text.contains("made anew"), "{}", heard.text);
    assert!(scene.wire.writes().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_undone_is_listed_with_its_way_back() {
    let scene = Scene::new().await;
    scene.says("kubectl get pods").await;
    scene.says("kubectl scale deployment/web --replicas=3").await;
    scene.says("kubectl rollout restart deployment/web").await;
    scene.says("kubectl scale deployment/nobody --replicas=3").await;
    scene.says_with("kubectl delete configmap settings", both("settings")).await;
    scene.says("undo").await;
    let runs = undo::list(&Journal::at(&scene.person.world).records().unwrap());
    let told: Vec<(&str, &Standing)> = runs.iter().map(|run| (run.words.as_str(), &run.standing)).collect();
    assert_eq!(told.len(), 4, "{told:#?}");
    assert!(told[0].0.starts_with("undo 01") && matches!(told[0].1, Standing::Open { .. }), "{told:#?}");
    assert!(told[1].0.starts_with("kubectl delete") && matches!(told[1].1, Standing::Undone { by } if *by == runs[0].run), "{told:#?}");
    assert!(matches!(told[2].1, Standing::None { .. }) || matches!(told[2].1, Standing::Open { .. }), "{told:#?}");
    let Standing::Open { lines } = told[3].1 else { panic!("{told:#?}") };
    assert_eq!(lines.as_slice(), ["kubectl scale deployment/web --replicas=2 -n shop"]);
}
