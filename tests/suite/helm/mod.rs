//! Helm's releases: read from what Helm keeps in the cluster, on the built-in one with releases made here, on the real one with
//! those of Helm itself, held against its own answers.

use crate::support::face::{Person, real_kubeconfig};
use base64::Engine as _;
use serde_json::{Value, json};
mod program;

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

const CHART: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/helm/shop");
const PASSWORD: &str = "hunter2hunter2";

/// A revision of the release `shop` as Helm keeps it.
fn kept(revision: u32, status: &str, replicas: u32) -> String {
    let base64 = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
    let manifest = format!(
        "---\n# Source: shop/templates/all.yaml\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: shop-web}}\nspec: {{replicas: {replicas}}}\n\
         ---\n# Source: shop/templates/all.yaml\napiVersion: v1\nkind: Secret\nmetadata: {{name: shop-db}}\nstringData: {{password: {PASSWORD}}}\n"
    );
    let release = json!({
        "name": "shop", "version": revision, "namespace": "releases", "manifest": manifest, "config": {"replicas": replicas, "db": {"again": PASSWORD}},
        "info": {"status": status, "last_deployed": "2026-01-01T00:00:00Z", "description": "Upgrade complete", "notes": format!("It is {PASSWORD}.")},
        "chart": {"metadata": {"name": "shop", "version": "0.1.0", "appVersion": "1.27"}, "values": {"colour": "blue", "password": PASSWORD}},
        "hooks": [{"name": "before", "kind": "ConfigMap", "path": "shop/templates/hook.yaml", "events": ["pre-upgrade"],
            "manifest": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: before}\n"}],
    });
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(release.to_string().as_bytes()).unwrap();
    let text = base64(base64(&gzip.finish().unwrap()).as_bytes());
    format!(
        "---\napiVersion: v1\nkind: Secret\ntype: helm.sh/release.v1\nmetadata:\n  name: sh.helm.release.v1.shop.v{revision}\n  \
         labels: {{owner: helm, name: shop, status: {status}, version: '{revision}'}}\ndata: {{release: {text}}}\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn releases_are_read_without_any_program() {
    let person = Person::on_built_in().await.with_env("PATH", "/nowhere");
    person.namespace("releases").await;
    person.applies("releases", &[kept(1, "superseded", 1), kept(2, "deployed", 3)].concat()).await;
    for (line, wanted, not) in [
        ("helm list", &["shop", "deployed", "shop-0.1.0", "1.27"][..], "superseded"),
        ("helm ls -A -f '^sh'", &["shop", "releases"], "superseded"),
        ("helm list --filter other", &["no releases found"], "shop-"),
        ("helm list --failed", &["no releases found"], "shop-"),
        ("helm history shop", &["superseded", "deployed", "Upgrade complete"], "hunter2"),
        (
            "helm status shop",
            &["STATUS: deployed", "REVISION: 2", "Deployment/shop-web", "ConfigMap/before (pre-upgrade)", "It is <redacted"],
            "hunter2",
        ),
        ("helm status shop --revision 1", &["STATUS: superseded"], "hunter2"),
        ("helm get values shop", &["replicas: 3", "again: <redacted"], "colour"),
        ("helm get values shop --all", &["colour: blue", "password: <redacted"], "hunter2"),
        ("helm get values shop --revision=1 -ojson", &["\"replicas\": 1"], "hunter2"),
        ("helm get manifest shop", &["kind: Secret", "replicas: 3", "# Source:"], "hunter2"),
        ("helm get hooks shop", &["name: before"], "Deployment"),
        ("helm get notes shop", &["It is <redacted"], "hunter2"),
        ("helm diff revision shop 1 2", &["Deployment/shop-web", "spec.replicas", "1 → 3"], "Secret"),
        ("helm diff revision shop 2", &["nothing differs"], "spec.replicas"),
    ] {
        let heard = person.says("releases", &[line]).await;
        assert_eq!(heard.code, 0, "{line}: {}", heard.text);
        for wanted in wanted {
            assert!(heard.text.contains(wanted), "{line}: {wanted:?} is not in {}", heard.text);
        }
        assert!(!heard.text.contains(not) && !heard.text.contains(PASSWORD), "{line}: {}", heard.text);
    }
    for (line, wanted) in [
        ("helm status nothing", "release nothing in releases does not exist"),
        ("helm history nothing", "does not exist"),
        ("helm status shop --revision 9", "has no revision 9"),
        ("helm diff revision shop 1 9", "there are: 1, 2"),
        ("helm status shop --kube-context other", "fixed when aiops starts"),
        ("helm list --post-renderer sh", "not known for helm list"),
        ("helm status -A shop", "in one namespace"),
        ("helm status --help", "not known"),
        ("helm rollback shop 1", "helm diff revision shop 2 1 shows what it would change"),
        ("helm uninstall shop", "helm get manifest shop shows what would go"),
        ("helm upgrade shop ./x", "there is none on the PATH"),
        ("helm template ./x", "there is none on the PATH"),
        ("helm upgrade shop ./x --post-renderer sh", "none is run from here"),
        ("helm list | sh", "needs a shell"),
        ("helm plugin install https://example.com/x", "a plugin is a program"),
        ("helm diff revision shop 1 --post-renderer", "not known"),
        ("helm status ../x", "release name"),
        ("helm list -f '('", "regular expression"),
    ] {
        let heard = person.says("releases", &[line]).await;
        assert_ne!(heard.code, 0, "{line}: {}", heard.text);
        let even = heard.text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(even.contains(wanted), "{line}: {}", heard.text);
    }
    // What is on record holds no value either.
    let journal = std::fs::read_to_string(person.journal()).unwrap_or_default();
    assert!(!journal.contains(PASSWORD));
}

/// Helm itself, where the cluster's build has made one.
fn helm(test: &str) -> Option<PathBuf> {
    let found = std::env::var_os("AIOPS_TEST_HELM").filter(|path| !path.is_empty()).map(PathBuf::from);
    if found.is_none() {
        eprintln!("{test}: skipped: AIOPS_TEST_HELM names no helm (tests/cluster/up --print-helm prints one)");
    }
    found
}

/// What helm says, run by the test itself.
fn said(helm: &Path, kubeconfig: &Path, home: &Path, line: &str) -> String {
    let mut command = Command::new(helm);
    command.args(line.split(' ')).env("KUBECONFIG", kubeconfig);
    for name in ["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"] {
        command.env(name, home);
    }
    let out = command.output().unwrap();
    assert!(out.status.success(), "helm {line}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_are_what_helm_itself_says() {
    let (Some(kubeconfig), Some(helm)) = (real_kubeconfig("helm"), helm("helm")) else { return };
    let person = Person::on_real(kubeconfig.clone()).await;
    let home = tempfile::tempdir().unwrap();
    let namespace = format!("helm-{}", std::process::id());
    let theirs = |line: &str| said(&helm, &kubeconfig, home.path(), &format!("{line} -n {namespace}"));
    person.namespace(&namespace).await;
    theirs(&format!("install shop {CHART} --set colour=red"));
    theirs(&format!("upgrade shop {CHART} --set colour=red,replicas=2"));
    let ours = async |line: &str| {
        let heard = person.says(&namespace, &[line]).await;
        assert_eq!(heard.code, 0, "{line}: {}", heard.text);
        assert!(!heard.text.contains(PASSWORD), "{line}: {}", heard.text);
        heard.text
    };
    let value = |text: &str| -> Value { serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}")) };
    for line in ["list -o json", "history shop -o json", "get values shop -o json"] {
        let (mut a, mut b) = (value(&ours(&format!("helm {line}")).await), value(&theirs(line)));
        // The same moment, written differently.
        for list in [&mut a, &mut b] {
            list.as_array_mut().into_iter().flatten().for_each(|row| drop(row.as_object_mut().unwrap().remove("updated")));
        }
        assert_eq!(a, b, "{line}");
    }
    // Without the password they are the same.
    let (a, mut b) = (value(&ours("helm get values shop --all -o json").await), value(&theirs("get values shop --all -o json")));
    b["password"] = a["password"].clone();
    assert!(a["password"].as_str().unwrap().starts_with("<redacted"));
    assert_eq!(a, b);
    let bare = |text: &str| text.lines().filter(|l| !l.trim().is_empty()).map(str::to_string).collect::<Vec<_>>();
    assert_eq!(bare(&ours("helm get hooks shop").await), bare(&theirs("get hooks shop")));
    let (a, b) = (ours("helm get manifest shop").await, theirs("get manifest shop"));
    assert!(
        bare(&b).iter().filter(|line| !bare(&a).contains(line)).all(|line| line.contains("shop-db") || line.contains(PASSWORD)),
        "{a}\n{b}"
    );
    let difference = ours("helm diff revision shop 1 2").await;
    assert!(difference.contains("Deployment/shop-web") && difference.contains("1 → 2"), "{difference}");
    let flags = aiops::faces::args::Global { yes: true, confirm: Some(namespace.clone()), ..Default::default() };
    let heard = person.says_with(&namespace, &[&format!("kubectl delete namespace {namespace}")], flags).await;
    assert_eq!(heard.code, 0, "{}", heard.text);
}
