//! Shown ≠ run: what is asked about is what is sent, the question is whole, and nothing in the cluster can rewrite it.

use super::{SHOP, Scene, config, confirm, deployment, yes};
use aiops::faces::args::{Form, Global};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// A body without what tells a rehearsal from the real thing, and without the pin.
fn bare(mut body: Value) -> Value {
    if let Some(map) = body.as_object_mut() {
        for key in ["dryRun", "preconditions"] {
            map.remove(key);
        }
        if let Some(metadata) = map.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.remove("uid");
            metadata.remove("resourceVersion");
        }
        if map.get("metadata").is_some_and(|m| m == &json!({})) {
            map.remove("metadata");
        }
    }
    body
}

fn query_without_dry_run(query: &str) -> String {
    query.split('&').filter(|p| *p != "dryRun=All").collect::<Vec<_>>().join("&")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_call_that_was_rehearsed_is_the_call_that_is_sent() {
    let scene = Scene::new().await;
    let manifest = scene.person.file("settings.yaml", &config("green").to_string());
    let apply = format!("kubectl apply --force-conflicts -f {}", manifest.display());
    for (request, flags) in [
        ("kubectl scale deployment/web --replicas=3", yes()),
        ("kubectl set image deployment/web web=nginx:1.28", yes()),
        ("kubectl rollout restart deployment/web", yes()),
        ("kubectl label deployment/web tier=front", yes()),
        ("kubectl create namespace other", yes()),
        (apply.as_str(), yes()),
        ("kubectl delete configmap settings", yes()),
        ("kubectl delete deployment web", confirm("web")),
    ] {
        scene.wire.forget();
        let heard = scene.says_with(request, flags).await;
        assert_eq!(heard.code, 0, "{request}: {}", heard.text);
        let seen: Vec<_> = scene.wire.seen().into_iter().filter(|s| s.mutates()).collect();
        // A status that moved meanwhile has the same call sent again, pinned to the new version.
        // What is taken by force is found out by a rehearsal without.
        let seen = &seen[usize::from(request.contains("--force-conflicts"))..];
        // An object that moved while it was rehearsed is rehearsed once more: the last one is what was shown.
        let (rehearsed, sent) = seen.split_at(seen.iter().position(|s| !s.rehearses()).unwrap_or(seen.len()));
        let rehearsed = rehearsed.last().unwrap_or_else(|| panic!("{request}: nothing was rehearsed: {seen:#?}"));
        assert!(!sent.is_empty() && sent.iter().all(|s| s.writes()), "{request}: {seen:#?}");
        for sent in sent {
            assert_eq!((&rehearsed.method, &rehearsed.path), (&sent.method, &sent.path), "{request}");
            assert_eq!(query_without_dry_run(&rehearsed.query), sent.query, "{request}");
            assert_eq!(bare(rehearsed.body.clone()), bare(sent.body.clone()), "{request}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_card_names_every_field_that_changes_and_no_other() {
    let scene = Scene::new().await;
    let before = scene.web().await;
    let flags = Global { yes: true, output: Form::Json, ..Global::default() };
    let heard = scene.says_with("kubectl set image deployment/web web=nginx:1.28", flags).await;
    let told: Value = serde_json::from_str(&heard.text).unwrap();
    let shown: Vec<&Value> = told["preview"]["steps"][0]["lines"].as_array().unwrap().iter().filter(|l| l["line"] == "differs").collect();
    assert_eq!(shown.len(), 1, "{told:#}");
    assert_eq!((&shown[0]["before"], &shown[0]["after"]), (&json!("nginx:1.27"), &json!("nginx:1.28")));
    let mut expected = before["spec"].clone();
    expected["template"]["spec"]["containers"][0]["image"] = json!("nginx:1.28");
    assert_eq!(scene.web().await["spec"], expected, "what was shown is all that changed");
}

/// A webhook that answers a creation with another image: what it makes of the request is what is shown, not the request.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_makes_of_a_new_object_is_what_is_shown() {
    let scene = Scene::new().await;
    let mut fresh = deployment(1, "nginx:1.27");
    fresh["metadata"]["name"] = json!("fresh");
    let file = scene.person.file("fresh.yaml", &fresh.to_string());
    scene.wire.next(
        |s| s.rehearses(),
        crate::support::wire::Act::Rewrite(|object| {
            object["spec"]["template"]["spec"]["containers"][0]["image"] = json!("evil.example/miner:1");
        }),
    );
    let heard = scene.shows(&format!("kubectl apply -f {}", file.display())).await;
    assert!(heard.text.contains("evil.example/miner:1"), "{}", heard.text);
}

/// The same for a sidecar that is added on the way: an element nobody mentioned is no default.
#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_is_added_on_the_way_is_shown() {
    let scene = Scene::new().await;
    let add: fn(&mut Value) = |object| {
        let containers = object["spec"]["template"]["spec"]["containers"].as_array_mut().unwrap();
        containers.push(json!({"name": "sidecar", "image": "evil.example/miner:1"}));
    };
    scene.wire.next(|s| s.rehearses(), crate::support::wire::Act::Rewrite(add));
    let heard = scene.shows("kubectl set image deployment/web web=nginx:1.28").await;
    assert!(heard.text.contains("evil.example/miner:1"), "{}", heard.text);

    let mut fresh = deployment(1, "nginx:1.27");
    fresh["metadata"]["name"] = json!("fresh");
    let file = scene.person.file("fresh.yaml", &fresh.to_string());
    scene.wire.next(|s| s.rehearses(), crate::support::wire::Act::Rewrite(add));
    let heard = scene.shows(&format!("kubectl apply -f {}", file.display())).await;
    assert!(heard.text.contains("evil.example/miner:1"), "{}", heard.text);
}

/// Everything that could move a cursor, hide text or turn its direction.
const MARKS: &[char] = &[
    '\u{1b}',
    '\u{7}',
    '\u{8}',
    '\r',
    '\u{7f}',
    '\u{9b}',
    '\u{85}',
    '\u{61c}',
    '\u{200b}',
    '\u{200e}',
    '\u{200f}',
    '\u{202a}',
    '\u{202b}',
    '\u{202c}',
    '\u{202d}',
    '\u{202e}',
    '\u{2066}',
    '\u{2067}',
    '\u{2068}',
    '\u{2069}',
    '\u{feff}',
    '\u{ad}',
    '\u{e0041}',
];

fn marked() -> String {
    MARKS.iter().fold(String::from("good"), |text, c| format!("{text}{c}[2Jx"))
}

#[tokio::test(flavor = "multi_thread")]
async fn no_text_of_the_cluster_rewrites_the_screen() {
    let scene = Scene::new().await;
    // An image or a value with such marks in it: a real server takes both in an annotation, an env value, a ConfigMap.
    let mut web = deployment(2, "nginx:1.27");
    web["metadata"]["annotations"] = json!({"note": marked()});
    web["spec"]["template"]["spec"]["containers"][0]["env"][0]["value"] = json!(marked());
    scene.cluster.put(web).unwrap();
    scene.cluster.put(config(&marked())).unwrap();
    scene
        .cluster
        .put(json!({"apiVersion": "v1", "kind": "Event", "metadata": {"name": "e", "namespace": SHOP}, "type": "Warning",
        "reason": "Bad", "message": marked(), "involvedObject": {"kind": "Deployment", "name": "web", "namespace": SHOP}}))
        .unwrap();
    let image = format!("nginx:{}", marked());
    let rewrite_image = |wire: &crate::support::wire::Wire| {
        wire.next(
            |s| s.rehearses(),
            crate::support::wire::Act::Rewrite(|object| {
                object["spec"]["template"]["spec"]["containers"][0]["image"] = json!(format!("nginx:{}", marked()));
            }),
        );
    };
    let manifest = scene.person.file("settings.yaml", &config(&format!("{}2", marked())).to_string());
    let apply = format!("kubectl apply --force-conflicts -f {}", manifest.display());
    for request in [
        "kubectl get configmap settings -o yaml",
        "kubectl get configmap settings -o json",
        "kubectl get deployments -o wide",
        "kubectl describe deployment web",
        "kubectl describe configmap settings",
        "kubectl events",
        "kubectl set image deployment/web web=nginx:1.28",
        apply.as_str(),
        "kubectl delete configmap settings",
    ] {
        for form in [Form::Text, Form::Json] {
            rewrite_image(&scene.wire);
            let heard = scene.says_with(request, Global { dry_run: true, output: form, ..Global::default() }).await;
            let found = heard.text.chars().find(|c| MARKS.contains(c));
            assert_eq!(found, None, "{request} ({form:?}) lets {found:?} through");
        }
    }
    assert!(aiops::ops::Image::new(image).is_err(), "and no such image can be set from here");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_of_the_server_cannot_rewrite_the_screen_either() {
    let scene = Scene::new().await;
    scene.wire.next(
        |s| s.rehearses(),
        crate::support::wire::Act::Answer(
            422,
            "{\"kind\":\"Status\",\"message\":\"bad \\u001b[2J\\u202e\\u009bx\",\"reason\":\"Invalid\"}",
        ),
    );
    let heard = scene.says("kubectl scale deployment/web --replicas=3").await;
    assert_eq!(heard.code, 1, "{}", heard.text);
    assert!(!heard.text.contains(['\u{1b}', '\u{202e}', '\u{9b}']), "{:?}", heard.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_never_cut() {
    let scene = Scene::new().await;
    let mut manifest = String::from("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: big}\ndata:\n");
    for n in 0..300 {
        writeln!(manifest, "  key-{n:03}: value-{n:03}-end").unwrap();
    }
    let file = scene.person.file("big.yaml", &manifest);
    let heard = scene.shows(&format!("kubectl apply -f {}", file.display())).await;
    for n in 0..300 {
        assert!(heard.text.contains(&format!("value-{n:03}-end")), "line {n} is missing");
    }
    // A single value of 20,000 characters, the last of them different: wrapped, and its end is there.
    let long = |end: &str| format!("{}{end}", "0123456789".repeat(2000));
    scene.cluster.put(config(&long("OLD-END"))).unwrap();
    let file = scene.person.file("long.yaml", &config(&long("NEW-END")).to_string());
    let heard = scene.shows(&format!("kubectl apply --force-conflicts -f {}", file.display())).await;
    let unbroken: String = heard.text.chars().filter(|c| !c.is_whitespace() && *c != '+' && *c != '-').collect();
    assert!(unbroken.contains(&long("NEWEND")) && unbroken.contains(&long("OLDEND")), "both ends of a long value are in the question");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_apply_over_an_existing_object_shows_what_it_takes_away() {
    let scene = Scene::new().await;
    let whole = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "mine"}, "data": {"kept": "1", "dropped": "2"}});
    scene.person.applies(SHOP, &whole.to_string()).await;
    let less = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "mine"}, "data": {"kept": "1"}});
    let file = scene.person.file("less.yaml", &less.to_string());
    let heard = scene.shows(&format!("kubectl apply -f {}", file.display())).await;
    assert!(heard.text.contains("data.dropped") && !heard.text.contains("data.kept"), "{}", heard.text);
    // What others have put there is kept, and not touched by a later apply.
    scene.somebody("configmap", "mine", |o| o["data"]["theirs"] = json!("3")).await;
    let heard = scene.says(&format!("kubectl apply -f {}", file.display())).await;
    assert_eq!(heard.code, 0, "{}", heard.text);
    let mine = scene.person.object("configmap", "mine", SHOP).await.unwrap();
    assert_eq!(mine["data"], json!({"kept": "1", "theirs": "3"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn creating_what_is_there_already_fails_before_the_question() {
    let scene = Scene::new().await;
    let file = scene.person.file("settings.yaml", &config("red").to_string());
    for request in ["kubectl create namespace shop".to_string(), format!("kubectl create -f {}", file.display())] {
        let heard = scene.says(&request).await;
        assert_eq!(heard.code, 1, "{request}: {}", heard.text);
        assert!(heard.text.contains("already exists"), "{}", heard.text);
    }
    assert!(scene.wire.writes().is_empty());
    assert_eq!(scene.person.object("configmap", "settings", SHOP).await.unwrap()["data"]["colour"], "blue");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_namespace_that_is_shown_is_the_one_that_is_used() {
    let scene = Scene::new().await;
    for (request, namespace) in
        [("kubectl scale deployment/web --replicas=3", SHOP), ("kubectl scale deployment/web --replicas=3 -n default", "default")]
    {
        scene.wire.forget();
        let heard = scene.says(request).await;
        let mutating: Vec<_> = scene.wire.seen().into_iter().filter(|s| s.mutates()).collect();
        assert!(mutating.iter().all(|s| s.path.contains(&format!("/namespaces/{namespace}/"))), "{mutating:#?}");
        if namespace == SHOP {
            assert!(heard.text.contains("namespace shop"), "{}", heard.text);
            assert_eq!(mutating.len(), 2);
        } else {
            assert_eq!(heard.code, 1, "there is no such deployment: {}", heard.text);
        }
    }
}
