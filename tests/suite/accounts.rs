//! What happened and what stands on what, on the built-in cluster: in words at both faces, by the commands, as text, JSON and Markdown.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on ends here")]
use crate::support::{face::Person, pty::Pty};
use aiops::{
    doors::cluster::{Cluster, Identity},
    ops::Namespace,
    simulator::{
        Settings,
        scenario::{self, Scenario},
    },
};
use serde_json::Value;
use std::process::Command;

const AIOPS: &str = env!("CARGO_BIN_EXE_aiops");

fn person(name: &str) -> (Person, String) {
    crate::support::face::provider();
    let scenario = Scenario::find(name).unwrap();
    let namespace = scenario.namespace().unwrap().to_string();
    let simulator = scenario::start(&[scenario], Settings::still_at(jiff::Timestamp::now())).unwrap();
    let identity = Identity {
        context: "demo".into(),
        server: "built-in".into(),
        user: "demo".into(),
        namespace: Namespace::new(namespace.clone()).unwrap(),
        cluster_uid: None,
    };
    (Person::of(Cluster::over(simulator.router(), identity)), namespace)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text with each of these in it, in that order.
fn in_order(text: &str, parts: &[&str]) {
    let text = one_line(text);
    let mut from = 0;
    for part in parts {
        from += text[from..].find(part).unwrap_or_else(|| panic!("{part:?} does not come then:\n{text}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timeline_names_the_bad_rollout_before_the_pods_that_fail() {
    let (person, namespace) = person("bad-rollout");
    let parts = [
        "Deployment checkout was made",
        "Deployment checkout was rolled out",
        "image checkout:2.3.1 → checkout:2.4.0",
        "Unhealthy",
        "ProgressDeadlineExceeded",
    ];
    for said in ["timeline of checkout", "what happened to deployment checkout in the last 2 days", "history of events of checkout"] {
        let heard = person.says(&namespace, &[said]).await;
        assert_eq!(heard.code, 0, "{said}: {}", heard.text);
        in_order(&heard.text, &parts);
    }
    let json = person.json(&namespace, "timeline of checkout").await;
    let moments = json.pointer("/results/0/timeline/moments").and_then(Value::as_array).unwrap_or_else(|| panic!("{json}"));
    let place = |what: &dyn Fn(&Value) -> bool| moments.iter().position(what).unwrap_or_else(|| panic!("{json}"));
    let rollout = place(&|m| m["sort"] == "rollout" && m["object"]["name"] == "checkout");
    assert!(rollout < place(&|m| m["warning"] == true && m["object"]["kind"] == "Pod"));
    // Only what was done, and only since then.
    let changes = person.says(&namespace, &["what changed in the last hour"]).await.text;
    assert!(changes.contains("was rolled out") && !changes.contains("Unhealthy") && !changes.contains("was made"), "{changes}");
    let none = person.says(&namespace, &["what changed in the last 5 minutes"]).await.text;
    assert!(one_line(&none).contains("nothing is known to have changed"), "{none}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finding_names_what_changed_before_it_began() {
    let (person, namespace) = person("oom-after-rollout");
    let json = person.json(&namespace, &format!("what is wrong in {namespace}")).await;
    let changed = json.pointer("/results/0/diagnosis/findings/0/changed/0").unwrap_or_else(|| panic!("{json}"));
    assert!(changed["what"].as_str().unwrap().contains("memory limit 512Mi → 96Mi"), "{changed}");
    assert!(changed["time"].is_string() && changed["object"]["kind"] == "Deployment", "{changed}");
    let text = person.says(&namespace, &[&format!("what is wrong in {namespace}")]).await.text;
    in_order(&text, &["keeps crashing", "changed", "before: Deployment indexer was rolled out", "explains", "fix"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_without_a_secret_names_the_pods_that_take_from_it() {
    let (person, namespace) = person("todo-chatbot");
    let heard = person.says(&namespace, &["what breaks if I delete secret todo-secrets"]).await;
    assert_eq!(heard.code, 0, "{}", heard.text);
    in_order(
        &heard.text,
        &["without Secret todo-secrets", "Deployment backend (2 pods): without it, runs on until it is restarted", "known by", "(envFrom)"],
    );
    assert!(person.object("secret", "todo-secrets", &namespace).await.is_some(), "it only looks");
    let json = person.json(&namespace, "what does backend depend on").await;
    let of = json.pointer("/results/0/dependencies/of").and_then(Value::as_array).unwrap();
    assert!(of.iter().any(|hop| hop["to"]["kind"] == "Secret" && hop["without"] == "restart" && hop["there"] == true), "{json}");
    let service = person.says(&namespace, &["what depends on backend"]).await.text;
    in_order(&service, &["on Deployment backend", "Service backend-service", "its traffic is lost"]);
    // What is not there, and on which nothing stands, is said not to be there.
    let gone = person.says(&namespace, &["what depends on service nothing-like-it"]).await;
    assert!(gone.code != 0 && gone.text.contains("there is no service/nothing-like-it"), "{}", gone.text);
}

/// A Secret that is missing is what pods wait for all the same.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_has_dependents_too() {
    let (person, namespace) = person("missing-pull-secret");
    let told = person.says(&namespace, &["what depends on secret vendor-registry"]).await.text;
    in_order(&told, &["Secret vendor-registry in vendor is not there", "Deployment scanner", "imagePullSecrets"]);
}

#[test]
fn the_commands_give_the_same_in_every_form() {
    let run = |args: &[&str]| {
        let out = Command::new(AIOPS).args(["demo", "--scenario", "bad-rollout"]).args(args).env("HOME", "/nonexistent").output().unwrap();
        (out.status.code(), String::from_utf8(out.stdout).unwrap(), String::from_utf8(out.stderr).unwrap())
    };
    let (code, text, errors) = run(&["--", "diagnose", "--timeline", "checkout", "--since", "1h"]);
    assert_eq!(code, Some(0), "{errors}");
    in_order(&text, &["timeline of Deployment checkout in shop since", "was rolled out", "Unhealthy"]);
    let (_, json, _) = run(&["-o", "json", "--", "diagnose", "--changes", "checkout"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert!(json["timeline"]["moments"].as_array().is_some_and(|all| all.iter().any(|m| m["sort"] == "rollout")), "{json}");
    let (_, markdown, _) = run(&["-o", "markdown", "--", "diagnose", "--depends", "deployment/checkout"]);
    assert!(markdown.starts_with("# Dependencies") && markdown.contains("- `Service checkout"), "{markdown}");
    for wrong in [
        &["--", "diagnose", "--depends"][..],
        &["--", "diagnose", "--timeline", "--since", "whenever"],
        &["--", "diagnose", "--since", "1h"],
    ] {
        assert_eq!(run(wrong).0, Some(2), "{wrong:?}");
    }
}

#[test]
fn the_terminal_shows_the_same() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = Pty::start(&format!("{AIOPS} demo --scenario bad-rollout; echo code=$?"), home.path(), &[], 120, 50);
    pty.wait_for("say what you want");
    pty.send("timeline of checkout\r");
    pty.wait_for("ProgressDeadlineExceeded");
    in_order(&pty.screen(), &["checkout was rolled out", "Unhealthy"]);
    pty.send("what breaks if i delete service checkout\r");
    pty.wait_for("without Service checkout");
    pty.send("\x04");
    pty.wait_for("code=0");
    pty.end();
}
