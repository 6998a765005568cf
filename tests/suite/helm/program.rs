//! Helm's changes, which the helm program carries out: what reaches it, what is shown before, what is there afterwards, the way back.

use super::{CHART, PASSWORD, helm};
use crate::support::face::{Heard, Person, real_kubeconfig};
use aiops::faces::args::Global;
use serde_json::{Value, json};
use std::{
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

/// A program that notes what it is given, and answers as helm does.
fn fake(home: &Path) -> (PathBuf, PathBuf) {
    let (program, log) = (home.join("fake-helm"), home.join("log"));
    let rendered = json!({
        "name": "shop", "version": 1, "info": {"status": "pending-install"}, "chart": {"metadata": {"name": "shop", "version": "0.1.0"}},
        "manifest": "---\napiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: a, image: 'a:1', securityContext: {privileged: true}}]}\n",
        "hooks": [{"name": "job", "kind": "Job", "path": "x", "events": ["pre-install"], "manifest": "apiVersion: batch/v1\nkind: Job\nmetadata: {name: before}\n"}],
    });
    std::fs::write(home.join("rendered"), rendered.to_string()).unwrap();
    let text = format!(
        "#!/bin/sh\nPATH=/bin:/usr/bin\n{{ for word in \"$@\"; do echo \"arg $word\"; done; env; [ -f \"$KUBECONFIG\" ] && echo \"mode $(stat -c %a \"$KUBECONFIG\")\"; }} >>{log}\n\
         case \"$1\" in pull) : >nginx-1.0.tgz;; version) printf v3.22.0;; pull) : >nginx-1.0.tgz;; lint) echo fine;; template) printf 'kind: Secret\\nmetadata: {{name: x}}\\nstringData: {{a: {PASSWORD}}}\\n';;\n\
         *) case \"$*\" in *--dry-run=server*) echo x >>{home}/seen; if [ -f {home}/moves ] && [ $(wc -l <{home}/seen) -gt 2 ]; then sed s/a:1/a:2/ {home}/rendered; else cat {home}/rendered; fi;; *) echo done;; esac;; esac\n",
        log = log.display(),
        home = home.display()
    );
    std::fs::write(&program, text).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    (program, log)
}

async fn on_served_with_fake() -> (Person, PathBuf) {
    let (person, _) = Person::on_served().await;
    let (program, log) = fake(person.home());
    let person = person.with_env("AIOPS_HELM", program.to_str().unwrap());
    let person = person.with_env("HELM_PLUGINS", "/evil").with_env("HELM_KUBECONTEXT", "other").with_env("LD_PRELOAD", "/evil.so");
    person.namespace("dev").await;
    (person, log)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_gets_typed_arguments_and_nothing_of_the_persons_environment() {
    let (person, log) = on_served_with_fake().await;
    let only_shown = person.says_with("dev", &[&format!("helm install shop {CHART} --dry-run")], typed("shop")).await;
    assert!(only_shown.code == 0 && only_shown.text.contains("pod/web"), "{}", only_shown.text);
    let said = std::fs::read_to_string(&log).unwrap();
    assert!(said.matches("arg --dry-run=server").count() == 2 && !said.contains("arg --wait"), "{said}");
    std::fs::remove_file(&log).unwrap();
    let heard =
        person.says_with("dev", &[&format!("helm install shop {CHART} --set a=--post-renderer=sh --set 'b=$(id)'")], typed("shop")).await;
    // It says that it is done, and no release is there: nobody is told that it was.
    assert_eq!(heard.code, 7, "{}", heard.text);
    assert!(even(&heard.text).contains("the release is as it was"), "{}", heard.text);
    for shown in
        ["pod/web", "job/before", "Helm rendered it against this cluster", "its hooks run", "Job/before (pre-install)", "privileged"]
    {
        assert!(even(&heard.text).contains(shown), "{shown}: {}", heard.text);
    }
    let said = std::fs::read_to_string(&log).unwrap();
    let words: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("arg ")).collect();
    assert!(words.contains(&"--set=a=--post-renderer=sh") && words.contains(&"--set=b=$(id)"), "{said}");
    assert!(!words.iter().any(|word| word.starts_with("--post-renderer") || word.starts_with("--kube") || word.contains("uid=")), "{said}");
    assert_eq!(words.iter().filter(|word| **word == "install").count(), words.iter().filter(|word| **word == "--").count());
    // Twice to show it, once to see that it is still so, once for good.
    assert_eq!(words.iter().filter(|word| **word == "--dry-run=server").count(), 3, "{said}");
    for gone in ["/evil", "HELM_KUBECONTEXT", "LD_PRELOAD", "AIOPS_HELM"] {
        assert!(!said.contains(gone), "{gone}: {said}");
    }
    assert!(
        said.contains("HELM_NO_PLUGINS=1") && said.contains("mode 600") && !said.contains(&std::env::var("HOME").unwrap_or("?".into())),
        "{said}"
    );
    // What renders to something else by then is not run.
    std::fs::write(person.home().join("moves"), "").unwrap();
    [person.home().join("seen"), log.clone()].iter().for_each(|file| std::fs::remove_file(file).unwrap());
    let heard = person.says_with("dev", &[&format!("helm install shop {CHART}")], typed("shop")).await;
    assert!(heard.code == 1 && even(&heard.text).contains("renders to something else by now: Pod/web"), "{}: {}", heard.code, heard.text);
    assert!(!std::fs::read_to_string(&log).unwrap().contains("arg --wait"));
    let left = std::fs::read_dir(person.world.state_dir.join("helm")).map(|dir| dir.count()).unwrap_or_default();
    assert_eq!(left, 0, "something of a run is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_named_and_what_could_be_a_flag_never_reaches_it() {
    let (person, log) = on_served_with_fake().await;
    let link = person.home().join("out");
    std::fs::create_dir_all(&link).unwrap();
    std::fs::write(link.join("Chart.yaml"), "name: x").unwrap();
    std::os::unix::fs::symlink("/etc/passwd", link.join("passwd")).unwrap();
    for (line, wanted) in [
        (format!("helm upgrade shop {CHART} --post-renderer sh"), "none is run from here"),
        (format!("helm upgrade shop {CHART} --kubeconfig /x"), "fixed when aiops starts"),
        (format!("helm upgrade shop {CHART} --set password=swordfish"), "looks secret"),
        (format!("helm upgrade shop {CHART} -f https://example.com/v.yaml"), "from files only"),
        (format!("helm upgrade shop {CHART} -f -"), "no file of values"),
        (format!("helm upgrade shop {CHART}"), "release shop in dev does not exist"),
        (format!("helm upgrade -- shop {CHART} --dry-run"), "not expected"),
        ("helm install shop -- --plugin".into(), "not expected"),
        ("helm install shop bitnami/nginx".into(), "--repo https://"),
        ("helm install shop ./nowhere".into(), "there is no chart"),
        ("helm install shop file:///etc".into(), "leads to no chart"),
        ("helm install shop https://joe:pw@example.com/x.tgz".into(), "no login"),
        ("helm install shop http://127.0.0.1:9/x.tgz".into(), "127.0.0.1"),
        (format!("helm install shop {}", link.display()), "leads out of the chart"),
        (format!("helm install shop {CHART} -n nowhere"), "--create-namespace"),
        ("helm install ../shop ./x".into(), "release name"),
        ("helm rollback shop -1".into(), "no revision"),
        ("helm rollback shop 1 --force".into(), "cannot be shown beforehand"),
        ("helm rollback shop 1".into(), "does not exist"),
        ("helm uninstall shop".into(), "does not exist"),
    ] {
        let heard = person.says_with("dev", &[&line], typed("shop")).await;
        assert!(heard.code != 0 && even(&heard.text).contains(wanted), "{line}: {}: {}", heard.code, heard.text);
    }
    let said = std::fs::read_to_string(&log).unwrap_or_default();
    let words: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("arg ")).collect();
    assert!(words.iter().all(|word| ["version", "--template={{.Version}}"].contains(word)), "{said}");
    // What renders a chart without a cluster shows no Secret either.
    for (line, shown) in [(format!("helm template {CHART}"), "<redacted"), (format!("helm lint {CHART}"), "fine")] {
        let heard = person.says("dev", &[&line]).await;
        assert!(heard.code == 0 && heard.text.contains(shown) && !heard.text.contains(PASSWORD), "{line}: {}", heard.text);
    }
    // What only helm can fetch is fetched by it, because a person named it.
    std::fs::remove_file(&log).unwrap();
    let heard = person.says("dev", &["helm template nginx --repo https://example.com/charts --version 1.0"]).await;
    assert_eq!(heard.code, 0, "{}", heard.text);
    let said = std::fs::read_to_string(&log).unwrap();
    for word in ["pull", "--destination=.", "--repo=https://example.com/charts", "--version=1.0", "--", "nginx", "./chart.tgz"] {
        assert!(said.contains(&format!("arg {word}\n")), "{word}: {said}");
    }
    let old = person.home().join("old");
    std::fs::write(&old, "#!/bin/sh\nprintf v3.9.0\n").unwrap();
    std::fs::set_permissions(&old, std::fs::Permissions::from_mode(0o755)).unwrap();
    let person = person.with_env("AIOPS_HELM", old.to_str().unwrap());
    let heard = person.says("dev", &[&format!("helm lint {CHART}")]).await;
    assert!(heard.text.contains("too old"), "{}", heard.text);
}

/// Without the ends of lines.
fn even(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn typed(name: &str) -> Global {
    Global { yes: true, confirm: Some(name.into()), ..Global::default() }
}

/// The chart in a folder of its own, changed.
fn chart(home: &Path, name: &str, change: impl Fn(&Path)) -> String {
    let folder = home.join(name);
    std::fs::create_dir_all(folder.join("templates")).unwrap();
    for file in ["Chart.yaml", "values.yaml", "templates/NOTES.txt", "templates/all.yaml", "templates/hook.yaml"] {
        std::fs::copy(Path::new(CHART).join(file), folder.join(file)).unwrap();
    }
    change(&folder);
    folder.display().to_string()
}

async fn install_upgrade_rollback_uninstall(person: &Person, namespace: &str) {
    let heard = async |line: &str| -> Heard {
        let heard = person.says_with(namespace, &[line], typed("shop")).await;
        assert!(!heard.text.contains(PASSWORD), "{line}: {}", heard.text);
        heard
    };
    let done = async |line: &str, shown: &[&str]| {
        let heard = heard(line).await;
        assert_eq!(heard.code, 0, "{line}: {}", heard.text);
        for shown in shown {
            assert!(even(&heard.text).contains(shown), "{line}: {shown:?} is not in {}", heard.text);
        }
    };
    let replicas = async || person.object("deployment", "shop-web", namespace).await.map(|web| web["spec"]["replicas"].clone());
    done(&format!("helm install shop {CHART}"), &["deployment/shop-web", "secret/shop-db", "release/shop", "revision 1 is deployed"]).await;
    assert_eq!(replicas().await, Some(json!(1)));
    let again = heard(&format!("helm install shop {CHART}")).await;
    assert!(again.code != 0 && even(&again.text).contains("is there already"), "{}", again.text);
    let values = person.file("values.yaml", "replicas: 3\npassword: another-hunter2\n");
    done(
        &format!("helm upgrade shop {CHART} -f {} --set colour=red", values.display()),
        &["spec.replicas", "1 → 3", "colour", "blue → red", "ConfigMap/shop-before (pre-upgrade)", "revision 2 is deployed"],
    )
    .await;
    assert_eq!(replicas().await, Some(json!(3)));
    assert!(!std::fs::read_to_string(person.journal()).unwrap().contains("another-hunter2"));
    // The way back from an upgrade is the revision before; the way back from that is the revision it came from.
    done("undo", &["roll release shop back to revision 1", "3 → 1", "revision 3 is deployed"]).await;
    assert_eq!(replicas().await, Some(json!(1)));
    done("helm rollback shop 2", &["1 → 3", "revision 4 is deployed"]).await;
    assert_eq!(replicas().await, Some(json!(3)));
    // What renders to something else each time is told, and the rest is what was shown.
    let random = chart(person.home(), "random", |folder| {
        let sum = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shop-sum}\ndata: {sum: {{ randAlphaNum 8 | quote }}, fixed: same}\n";
        std::fs::write(folder.join("templates/sum.yaml"), sum).unwrap();
    });
    done(&format!("helm upgrade shop {random}"), &["configmap/shop-sum", "<made anew each time>", "ConfigMap/shop-sum", "revision 5"])
        .await;
    // What does not come to hold is told as helm has it on record, and taken back.
    let broken = chart(person.home(), "broken", |folder| {
        let bad = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Not_A_Name}\n";
        std::fs::write(folder.join("templates/bad.yaml"), bad).unwrap();
    });
    let refused = heard(&format!("helm upgrade shop {broken}")).await;
    assert!(refused.code != 0 && even(&refused.text).contains("revision 6 is failed"), "{}", refused.text);
    // What somebody did by hand meanwhile is shown where it would be set back.
    let by_hand =
        person.says(namespace, &["kubectl scale deployment shop-web --replicas=5", "kubectl delete configmap shop-settings --now"]).await;
    assert_eq!(by_hand.code, 0, "{}", by_hand.text);
    done(
        "helm rollback shop 5",
        &["5 → 3", "changed by hand since", "Deployment/shop-web", "made again", "+ configmap/shop-settings", "revision 7 is deployed"],
    )
    .await;
    assert_eq!(replicas().await, Some(json!(3)));
    assert!(even(&heard(&format!("helm upgrade shop {broken}")).await.text).contains("revision 8 is failed"));
    let heard_of = heard("helm history shop -o json").await;
    let history: Value = serde_json::from_str(&heard_of.text).unwrap();
    assert_eq!(history.as_array().unwrap().iter().filter(|row| row["status"] == "deployed").count(), 1, "{history}");
    done("helm uninstall shop --keep-history", &["ends", "deployment/shop-web", "it is gone"]).await;
    assert_eq!(replicas().await, None);
    done("undo", &["roll release shop back to revision", "deployed"]).await;
    assert!(replicas().await.is_some());
    done("helm uninstall shop", &["it is gone"]).await;
    assert_eq!(replicas().await, None);
    let none = heard("undo").await;
    assert!(none.code != 0 && even(&none.text).contains("the release's history goes with it"), "{}", none.text);
    done(&format!("helm upgrade --install shop {CHART} --set replicas=2"), &["revision 1 is deployed"]).await;
    done("undo", &["uninstall release shop", "it is gone"]).await;
    // It was uninstalled with a typed name, as any release.
    let journal = std::fs::read_to_string(person.journal()).unwrap();
    assert!(!journal.contains(PASSWORD) && journal.contains("helm_uninstall"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_lives_and_comes_back_on_the_built_in_cluster() {
    let Some(helm) = helm("helm") else { return };
    let (person, _) = Person::on_served().await;
    let person = person.with_env("AIOPS_HELM", helm.to_str().unwrap());
    person.namespace("dev").await;
    install_upgrade_rollback_uninstall(&person, "dev").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_lives_and_comes_back_on_the_real_cluster() {
    let (Some(kubeconfig), Some(helm)) = (real_kubeconfig("helm"), helm("helm")) else { return };
    let person = Person::on_real(kubeconfig).await.with_env("AIOPS_HELM", helm.to_str().unwrap());
    let namespace = format!("helm-lives-{}", std::process::id());
    person.namespace(&namespace).await;
    install_upgrade_rollback_uninstall(&person, &namespace).await;
    let heard = person.says_with(&namespace, &[&format!("kubectl delete namespace {namespace}")], typed(&namespace)).await;
    assert_eq!(heard.code, 0, "{}", heard.text);
}

/// What a person changed since is not taken back over their head.
#[tokio::test(flavor = "multi_thread")]
async fn an_undo_stops_where_the_release_has_moved() {
    let Some(helm) = helm("helm") else { return };
    let (person, kubeconfig) = Person::on_served().await;
    let person = person.with_env("AIOPS_HELM", helm.to_str().unwrap());
    person.namespace("dev").await;
    for line in [format!("helm install shop {CHART}"), format!("helm upgrade shop {CHART} --set replicas=2")] {
        let heard = person.says_with("dev", &[&line], typed("shop")).await;
        assert_eq!(heard.code, 0, "{}", heard.text);
    }
    let home = tempfile::tempdir().unwrap();
    super::said(&helm, &kubeconfig, home.path(), &format!("upgrade shop {CHART} -n dev --set replicas=4"));
    let heard = person.says_with("dev", &["undo"], typed("shop")).await;
    assert!(
        heard.code != 0 && even(&heard.text).contains("release/shop in dev has been changed since: revision was left at 2 and is 3 now"),
        "{}",
        heard.text
    );
}

/// A release that is kept in ConfigMaps stays there, whatever the environment of the one who changes it says.
#[tokio::test(flavor = "multi_thread")]
async fn a_release_stays_in_what_keeps_it() {
    let Some(helm) = helm("helm") else { return };
    let (person, _) = Person::on_served().await;
    let first = person.another().with_env("AIOPS_HELM", helm.to_str().unwrap()).with_env("HELM_DRIVER", "configmap");
    let second = person.another().with_env("AIOPS_HELM", helm.to_str().unwrap());
    for (who, line) in [
        (&first, format!("helm install shop {CHART} --create-namespace")),
        (&second, format!("helm upgrade shop {CHART} --set replicas=2")),
        (&second, "helm rollback shop 1".to_string()),
    ] {
        let heard = who.says_with("fresh", &[&line], typed("shop")).await;
        assert_eq!(heard.code, 0, "{line}: {}", heard.text);
    }
    assert!(person.object("configmap", "sh.helm.release.v1.shop.v3", "fresh").await.is_some());
    assert!(person.object("secret", "sh.helm.release.v1.shop.v2", "fresh").await.is_none());
    let heard = second.says_with("fresh", &["helm uninstall shop"], typed("shop")).await;
    assert!(heard.code == 0 && person.object("configmap", "sh.helm.release.v1.shop.v1", "fresh").await.is_none(), "{}", heard.text);
}
