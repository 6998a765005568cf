//! Kustomizations: built by a program, then applied, created, shown, compared and deleted as manifests are. With a program that notes what it is
//! given, and with kubectl itself where there is one.

use crate::support::face::Person;
use aiops::faces::args::Global;
use serde_json::{Value, json};
use std::{
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

const PASSWORD: &str = "hunter2hunter2";

fn even(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

/// A base and an overlay with a prefix, labels, an image, generated data and patches.
fn overlay(home: &Path) -> PathBuf {
    write(
        home,
        &[
            ("base/kustomization.yaml", "resources: [web.yaml]\n"),
            (
                "base/web.yaml",
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 1\n  selector: {matchLabels: {app: web}}\n  \
                 template:\n    metadata: {labels: {app: web}}\n    spec:\n      containers:\n      - name: web\n        image: nginx:1.27\n        \
                 envFrom: [{configMapRef: {name: settings}}, {secretRef: {name: login}}]\n",
            ),
            (
                "overlays/dev/kustomization.yaml",
                "resources: [../../base]\nnamePrefix: dev-\nlabels: [{pairs: {stage: dev}}]\nimages: [{name: nginx, newTag: '1.28'}]\n\
                 configMapGenerator: [{name: settings, literals: [colour=blue], files: [motd.txt]}]\nsecretGenerator: [{name: login, envs: [login.env]}]\n\
                 patches:\n- path: replicas.yaml\n- patch: '[{\"op\": \"add\", \"path\": \"/metadata/annotations\", \"value\": {\"note\": \"patched\"}}]'\n  target: {kind: Deployment}\n",
            ),
            ("overlays/dev/motd.txt", "hello\n"),
            ("overlays/dev/login.env", &format!("password={PASSWORD}\n")),
            ("overlays/dev/replicas.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 2}\n"),
        ],
    );
    home.join("overlays/dev")
}

/// A program in the place of kubectl that answers with these documents, and notes each run.
fn fake(home: &Path, built: &str) -> (PathBuf, PathBuf) {
    let (program, log) = (home.join("fake-kubectl"), home.join("runs"));
    std::fs::write(home.join("built"), built).unwrap();
    let text = format!("#!/bin/sh\necho \"$*\" >>{}\n/bin/cat {}\n", log.display(), home.join("built").display());
    std::fs::write(&program, text).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    (program, log)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_built_goes_the_way_of_a_file() {
    let person = Person::on_built_in().await;
    let home = person.home().to_path_buf();
    write(&home, &[("k/kustomization.yaml", "resources: [a.yaml]\n"), ("k/a.yaml", "kind: ConfigMap\n")]);
    let built = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: v}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: hunter2hunter2}\n";
    let (program, log) = fake(&home, built);
    let person = person.with_env("AIOPS_KUBECTL", program.to_str().unwrap());
    person.namespace("dev").await;
    let folder = home.join("k");
    let folder = folder.display();
    let heard = person.says("dev", &[&format!("kubectl apply -k {folder}")]).await;
    assert_eq!(heard.code, 0, "{}", heard.text);
    assert!(even(&heard.text).contains(&format!("apply kustomization {folder}")), "{}", heard.text);
    assert!(heard.text.contains(&format!("--kustomize={folder}")), "{}", heard.text);
    assert!(!heard.text.contains(PASSWORD) && !heard.text.contains("aHVudGVyMmh1bnRlcjI="), "{}", heard.text);
    assert_eq!(person.object("configmap", "a", "dev").await.unwrap()["data"], json!({"k": "v"}));
    assert_eq!(std::fs::read_to_string(&log).unwrap(), format!("kustomize -- {folder}\n"));
    let heard = person.says("dev", &["undo"]).await;
    assert!(heard.code == 0 && person.object("configmap", "a", "dev").await.is_none(), "{}", heard.text);
    // It is built without any cluster, and shows no value.
    let heard = person.says("dev", &[&format!("kubectl kustomize {folder}")]).await;
    assert!(heard.code == 0 && heard.text.contains("kind: ConfigMap") && heard.text.contains("password:"), "{}", heard.text);
    assert!(!heard.text.contains(PASSWORD), "{}", heard.text);
    let journal = std::fs::read_to_string(person.journal()).unwrap();
    assert!(!journal.contains(PASSWORD) && journal.contains(&format!("kustomize://{folder}")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_be_fetched_or_run_reaches_no_program() {
    let person = Person::on_built_in().await;
    let home = person.home().to_path_buf();
    let (program, log) = fake(&home, "");
    let person = person.with_env("AIOPS_KUBECTL", program.to_str().unwrap());
    write(
        &home,
        &[
            ("far/kustomization.yaml", "resources: ['https://example.com/x.yaml']\n"),
            ("over/kustomization.yaml", "resources: [../far]\n"),
            ("chart/kustomization.yaml", "helmCharts: [{name: x, repo: 'https://example.com'}]\n"),
            ("run/kustomization.yaml", "transformers: [run.yaml]\n"),
            ("run/run.yaml", "kind: X\nmetadata: {name: x, annotations: {config.kubernetes.io/function: 'exec: {path: ./evil}'}}\n"),
            ("plain/x.yaml", "kind: ConfigMap\n"),
        ],
    );
    for (folder, wanted) in [
        ("far", "nothing is fetched"),
        ("over", "nothing is fetched"),
        ("chart", "rendered by helm"),
        ("run", "it would run a program"),
        ("plain", "there is no kustomization.yaml"),
        ("none", "there is no folder"),
    ] {
        for line in ["apply -k", "create -k", "replace -k", "delete -k", "get -k", "diff -k", "kustomize", "label a=b -k"] {
            let heard = person.says("default", &[&format!("kubectl {line} {}", home.join(folder).display())]).await;
            assert!(heard.code != 0 && even(&heard.text).contains(wanted), "{line} {folder}: {}", heard.text);
        }
    }
    for line in
        ["apply -k https://github.com/a/b?ref=v1", "apply -k x -f y", "kustomize --enable-helm .", "kustomize --load-restrictor=none ."]
    {
        assert_ne!(person.says("default", &[&format!("kubectl {line}")]).await.code, 0, "{line}");
    }
    assert!(!log.exists(), "the program was run");
    let without = Person::on_built_in().await.with_env("PATH", "/nowhere");
    let heard = without.says("default", &[&format!("kubectl kustomize {}", home.join("far").display())]).await;
    assert!(heard.code != 0 && even(&heard.text).contains("neither is on the PATH"), "{}", heard.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overlay_lives_and_goes_with_the_real_kubectl() {
    let Some(kubectl) = std::env::var("AIOPS_TEST_KUBECTL").ok().filter(|path| !path.is_empty()) else {
        eprintln!("skipped: AIOPS_TEST_KUBECTL names no kubectl");
        return;
    };
    let person = Person::on_built_in().await.with_env("AIOPS_KUBECTL", &kubectl);
    person.namespace("dev").await;
    let folder = overlay(person.home());
    let shown = folder.display();
    let done = async |line: &str| {
        let flags = Global { yes: true, confirm: Some("dev-web".into()), ..Global::default() };
        let heard = person.says_with("dev", &[line], flags).await;
        assert_eq!(heard.code, 0, "{line}: {}", heard.text);
        assert!(!heard.text.contains(PASSWORD), "{line}: {}", heard.text);
        heard.text
    };
    let built = done(&format!("kubectl kustomize {shown}")).await;
    for wanted in ["name: dev-web", "stage: dev", "nginx:1.28", "name: dev-settings-", "name: dev-login-", "note: patched", "motd.txt:"] {
        assert!(built.contains(wanted), "{wanted}: {built}");
    }
    done(&format!("kubectl apply -k {shown}")).await;
    let web = async || person.object("deployment", "dev-web", "dev").await;
    let made = web().await.unwrap();
    let part = |object: &Value, pointer: &str| object.pointer(pointer).cloned().unwrap_or_default();
    assert_eq!(part(&made, "/spec/replicas"), 2);
    assert_eq!(part(&made, "/spec/template/spec/containers/0/image"), "nginx:1.28");
    assert_eq!(part(&made, "/metadata/annotations/note"), "patched");
    assert_eq!(part(&made, "/metadata/labels/stage"), "dev");
    let settings = part(&made, "/spec/template/spec/containers/0/envFrom/0/configMapRef/name");
    let settings = settings.as_str().unwrap();
    assert_eq!(person.object("configmap", settings, "dev").await.unwrap()["data"], json!({"colour": "blue", "motd.txt": "hello\n"}));
    let listed = done(&format!("kubectl get -k {shown}")).await;
    assert!(listed.contains("dev-web") && listed.contains(settings), "{listed}");
    done("undo").await;
    assert!(web().await.is_none() && person.object("configmap", settings, "dev").await.is_none());
    done(&format!("kubectl apply -k {shown}")).await;
    // What would change is told, and is what applying again changes.
    std::fs::write(folder.join("replicas.yaml"), "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}\n")
        .unwrap();
    let differs = person.says("dev", &[&format!("kubectl diff -k {shown}")]).await;
    assert!(differs.text.contains("2 → 3"), "{}", differs.text);
    done(&format!("kubectl apply -k {shown}")).await;
    assert_eq!(part(&web().await.unwrap(), "/spec/replicas"), 3);
    done(&format!("kubectl delete -k {shown}")).await;
    assert!(web().await.is_none() && person.object("configmap", settings, "dev").await.is_none());
    // What cannot be built says kustomize's reason, without a value.
    write(&folder, &[("login.env", &format!("{PASSWORD} {PASSWORD}\n")), ("replicas.yaml", "kind: [\n")]);
    let heard = person.says("dev", &[&format!("kubectl apply -k {shown}")]).await;
    assert!(heard.code != 0 && even(&heard.text).contains("kustomize says of"), "{}", heard.text);
    assert!(!heard.text.contains(PASSWORD), "{}", heard.text);
}
