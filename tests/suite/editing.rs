//! `kubectl edit` and `kubectl diff`: a script stands for the person's editor.

use crate::support::{
    face::{Heard, Person, real_kubeconfig},
    scripted_model::{calls, says, serve},
};
use aiops::faces::args::Global;
use serde_json::json;
use std::{os::unix::fs::PermissionsExt as _, process::Command, sync::Arc};

const WEB: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: 'nginx:1.27', env: [{name: A, value: '1'}, {name: B, value: '2'}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {run.sh: \"#!/bin/sh\\n# a comment\\necho\\n\", colour: blue}
---
apiVersion: v1
kind: Secret
metadata: {name: login}
stringData: {user: admin, password: hunter2}
";

/// A script that is given the file, with how often it was started before in `$n`.
fn edits_by(person: &mut Person, body: &str) -> std::path::PathBuf {
    let home = person.file("started", "").parent().unwrap().to_path_buf();
    let script = person.file(
        "editor.sh",
        &format!("#!/bin/sh\nn=$(wc -l < {0}/started)\necho x >> {0}/started\ncp \"$1\" {0}/seen\n{body}\n", home.display()),
    );
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut env = (*person.world.env).clone();
    env.insert("KUBE_EDITOR".into(), script.display().to_string());
    person.world.env = Arc::new(env);
    home
}

async fn ground() -> Person {
    let person = Person::on_built_in().await;
    person.namespace("dev").await;
    person.applies("dev", WEB).await;
    person
}

async fn edit(person: &mut Person, body: &str, said: &str) -> (Heard, String, usize) {
    let home = edits_by(person, body);
    let heard = person.says("dev", &[said]).await;
    let seen = std::fs::read_to_string(home.join("seen")).unwrap_or_default();
    let started = std::fs::read_to_string(home.join("started")).unwrap_or_default().lines().count();
    let _ = std::fs::remove_file(home.join("seen"));
    (heard, seen, started)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_edited_is_shown_asked_about_and_taken_back() {
    let mut person = ground().await;
    let (heard, seen, _) = edit(&mut person, "sed -i 's/nginx:1.27/nginx:1.28/' \"$1\"", "kubectl edit deploy/web").await;
    assert_eq!(heard.code, 0, "{}", heard.text);
    assert!(heard.text.contains("nginx:1.27 → nginx:1.28"), "{}", heard.text);
    assert!(seen.starts_with("# What you change") && seen.contains("image: nginx:1.27") && !seen.contains("managedFields"), "{seen}");
    let web = person.object("deployments", "web", "dev").await.unwrap();
    assert_eq!(web.pointer("/spec/template/spec/containers/0/image").unwrap(), "nginx:1.28");
    assert_eq!(web.pointer("/spec/template/spec/containers/0/env").unwrap().as_array().unwrap().len(), 2);
    let back = person.says("dev", &["undo"]).await;
    assert_eq!(back.code, 0, "{}", back.text);
    let web = person.object("deployments", "web", "dev").await.unwrap();
    assert_eq!(web.pointer("/spec/template/spec/containers/0/image").unwrap(), "nginx:1.27");
    // Text in a block keeps its own lines that begin with '#'.
    let (heard, ..) = edit(&mut person, "sed -i 's/blue/red/' \"$1\"", "kubectl edit cm settings -o json").await;
    assert_eq!(heard.code, 0, "{}", heard.text);
    let settings = person.object("configmaps", "settings", "dev").await.unwrap();
    assert_eq!(settings["data"], json!({"run.sh": "#!/bin/sh\n# a comment\necho\n", "colour": "red"}));
    let (heard, ..) = edit(&mut person, "sed -i 's/replicas: 0/replicas: 1/' \"$1\"", "kubectl edit deploy web --subresource=scale").await;
    assert_eq!(heard.code, 0, "{}", heard.text);
    assert_eq!(person.object("deployments", "web", "dev").await.unwrap()["spec"]["replicas"], 1);
    // Several, one after the other.
    let both = "sed -i 's/^  name: /  labels: {x: z}\\n  name: /' \"$1\"";
    let (heard, _, started) = edit(&mut person, both, "kubectl edit cm/settings secret/login").await;
    assert_eq!((heard.code, started), (0, 2), "{}", heard.text);
    assert_eq!(person.object("secrets", "login", "dev").await.unwrap()["metadata"]["labels"]["x"], "z");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_file_and_the_same_text_change_nothing() {
    let mut person = ground().await;
    for body in ["", ": > \"$1\"", "echo '# nothing' > \"$1\"", "sed -i 's/^  name: settings/  name:    settings/' \"$1\""] {
        let (heard, _, started) = edit(&mut person, body, "kubectl edit cm settings").await;
        assert_eq!((heard.code, started), (0, 1), "{body}: {}", heard.text);
        assert!(heard.text.contains("cancelled, nothing was changed"), "{}", heard.text);
    }
    let (heard, ..) = edit(&mut person, "exit 3", "kubectl edit cm settings").await;
    assert!(heard.code == 1 && heard.text.contains("ended with exit status: 3"), "{}", heard.text);
    let (heard, _, started) = edit(&mut person, "", "kubectl edit cm nosuch").await;
    assert!(heard.code == 1 && started == 0 && heard.text.contains("does not exist"), "{}", heard.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_taken_is_opened_again_with_the_reason() {
    let mut person = ground().await;
    // Broken YAML, then another object, then a value that the server refuses, then a good one.
    let body = "case $n in\n0) echo '  bad: [' >> \"$1\" ;;\n1) sed -i -e '/  bad: \\[/d' -e 's/^kind: Deployment/kind: StatefulSet/' \"$1\" ;;\n\
        2) sed -i -e 's/^kind: StatefulSet/kind: Deployment/' -e 's/replicas: 0/replicas: -1/' \"$1\" ;;\n3) sed -i 's/replicas: -1/replicas: 2/' \"$1\" ;;\nesac";
    let (heard, seen, started) = edit(&mut person, body, "kubectl edit deploy web").await;
    assert_eq!((heard.code, started), (0, 4), "{}", heard.text);
    assert!(
        seen.contains("# It was not taken:") && seen.contains("must be greater than or equal to 0") && !seen.contains("cannot be edited"),
        "{seen}"
    );
    assert_eq!(person.object("deployments", "web", "dev").await.unwrap()["spec"]["replicas"], 2);
    // Whoever leaves it as it is then has given up.
    let (heard, seen, started) = edit(&mut person, "test $n = 0 && echo 'x: [' >> \"$1\"; true", "kubectl edit deploy web").await;
    assert_eq!((heard.code, started), (0, 2), "{}", heard.text);
    assert!(seen.contains("is broken at line") && heard.text.contains("cancelled"), "{seen} {}", heard.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_value_of_a_secret_reaches_the_file_or_the_record() {
    let mut person = ground().await;
    let body = "case $n in\n0) sed -i 's/user: .*/user: c2VjcmV0/' \"$1\" ;;\n1) sed -i '/^  user: /d' \"$1\" ;;\nesac";
    let (heard, seen, started) = edit(&mut person, body, "kubectl edit secret login").await;
    assert_eq!((heard.code, started), (0, 2), "{}", heard.text);
    assert!(seen.contains("are not edited") && seen.contains("redacted") && !seen.contains("aHVudGVyMg"), "{seen}");
    let keys = person.object("secrets", "login", "dev").await.unwrap()["data"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys, ["password"]);
    let journal = std::fs::read_to_string(person.journal()).unwrap();
    assert!(!journal.contains("c2VjcmV0") && !journal.contains("hunter2"), "{journal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_person_who_may_change_something_gets_an_editor() {
    let mut person = ground().await;
    let home = edits_by(&mut person, "echo 'x: y' >> \"$1\"");
    let heard = person.says_with("dev", &["kubectl edit deploy/web"], Global { read_only: true, yes: true, ..Global::default() }).await;
    assert_eq!(heard.code, 4, "{}", heard.text);
    let model = serve(vec![calls(&[("edit", json!({"kind": "deployment", "name": "web"}))]), says("No.")]).await;
    let person = person.with_model(&model.base);
    let words = "would an experienced operator be so kind as to look after it in an editor?";
    person.says_with("dev", &[words], Global { yes: true, ..Global::default() }).await;
    assert_eq!(std::fs::read_to_string(home.join("started")).unwrap(), "", "no editor was started");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_diff_is_what_apply_would_change_and_nothing_is() {
    let person = ground().await;
    let later =
        WEB.replace("nginx:1.27", "nginx:1.28").replace("colour: blue", "colour: red").replace("password: hunter2", "password: other");
    let new = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: fresh}\ndata: {k: v}\n";
    let file = person.file("later.yaml", &format!("{later}---\n{new}"));
    let said = format!("kubectl diff -f {}", file.display());
    for flags in [Global::default(), Global { read_only: true, ..Global::default() }] {
        let heard = person.says_with("dev", &[&said], flags).await;
        assert_eq!(heard.code, 6, "{}", heard.text);
        for part in ["nginx:1.27 → nginx:1.28", "blue → red", "+ ConfigMap/fresh in dev", "Secret/login in dev"] {
            assert!(heard.text.contains(part), "{part}: {}", heard.text);
        }
        assert!(!heard.text.contains("hunter2") && !heard.text.contains("other"), "{}", heard.text);
    }
    assert_eq!(person.object("configmaps", "settings", "dev").await.unwrap()["data"]["colour"], "blue");
    assert!(person.object("configmaps", "fresh", "dev").await.is_none());
    let same = person.file("same.yaml", WEB);
    let heard = person.says("dev", &[&format!("kubectl diff -f {}", same.display())]).await;
    assert!(heard.code == 0 && heard.text.contains("nothing differs"), "{}", heard.text);
    let broken = person.file("broken.yaml", &WEB.replace("replicas: 0", "replicas: -1"));
    let heard = person.says("dev", &[&format!("kubectl diff -f {}", broken.display())]).await;
    assert!(heard.code == 1 && heard.text.contains("broken.yaml:6: spec.replicas: Invalid value: -1"), "{}", heard.text);
}

/// kubectl and aiops, each with the same script for an editor, in namespaces of their own.
#[tokio::test(flavor = "multi_thread")]
async fn on_the_real_cluster_kubectl_makes_the_same_of_it() {
    let Some(kubeconfig) = real_kubeconfig("editing") else { return };
    let mut person = Person::on_real(kubeconfig.clone()).await;
    let (ours, theirs) = (format!("term-edit-{}-a", std::process::id()), format!("term-edit-{}-k", std::process::id()));
    for ns in [&ours, &theirs] {
        person.namespace(ns).await;
        person.applies(ns, WEB).await;
    }
    for (body, kind, name) in [
        ("sed -i -e 's/nginx:1.27/nginx:1.28/' -e '/name: A/,+1d' \"$1\"", "deployment", "web"),
        ("sed -i -e 's/colour: blue/colour: red\\n  new: x/' -e '/app: web/d' \"$1\"", "configmap", "settings"),
        ("sed -i 's/^  name: web/  labels: {a: b}\\n  name: web/;/^  labels:$/,/app: web/d' \"$1\"", "deployment", "web"),
    ] {
        let home = edits_by(&mut person, body);
        let heard = person.says(&ours, &[&format!("kubectl edit {kind} {name}")]).await;
        assert_eq!(heard.code, 0, "{}", heard.text);
        let kubectl = std::env::var("AIOPS_TEST_KUBECTL").unwrap_or_else(|_| "kubectl".into());
        let out = Command::new(kubectl)
            .args(["edit", kind, name, "-n", &theirs, "--kubeconfig"])
            .arg(&kubeconfig)
            .env("KUBE_EDITOR", home.join("editor.sh"))
            .output()
            .unwrap();
        assert!(out.status.success(), "{out:?}");
        let bare = |object: serde_json::Value| json!([object["spec"], object["data"], object["metadata"]["labels"]]);
        let plural = format!("{kind}s");
        let (a, b) = (person.object(&plural, name, &ours).await.unwrap(), person.object(&plural, name, &theirs).await.unwrap());
        assert_eq!(bare(a), bare(b), "{body}");
    }
    for ns in [&ours, &theirs] {
        let flags = Global { yes: true, confirm: Some(ns.clone()), ..Global::default() };
        person.says_with("default", &[&format!("kubectl delete namespace {ns} --wait=false")], flags).await;
    }
}
