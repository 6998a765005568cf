//! What goes on inside pods: commands, who may run them, what is said and kept of them.

use crate::support::{
    face::Person,
    scripted_model::{calls, says, serve},
};
use aiops::{
    faces::args::Global,
    simulator::{Match, Script},
};
use serde_json::json;
use std::time::Duration;

async fn ground() -> Person {
    let (person, sim, _) = Person::over_a_wire().await;
    sim.load_yaml("{apiVersion: v1, kind: Namespace, metadata: {name: dev}}").unwrap();
    sim.script(Match::Image("web".into()), Script::runs());
    let template = json!({"metadata": {"labels": {"app": "x"}}, "spec": {"containers": [{"name": "main", "image": "web"}]}});
    sim.put(json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "dev"},
                   "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "x"}}, "template": template}}))
        .unwrap();
    for _ in 0..100 {
        let ready = person.object("deployments", "web", "dev").await.is_some_and(|d| d["status"]["readyReplicas"] == 1);
        if ready {
            return person;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("web did not become ready");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_says_what_it_said_and_how_it_ended() {
    let person = ground().await;
    let heard = person.says("dev", &["kubectl exec deploy/web -- echo 'a  b' $'x'"]).await;
    assert_eq!(heard.code, 4, "a shell's own words are refused: {}", heard.text);
    let heard = person.says("dev", &["kubectl exec deploy/web -- echo 'a  b' -n --dry-run"]).await;
    assert_eq!(heard.code, 0, "{}", heard.text);
    assert!(heard.text.contains("\na  b -n --dry-run\n"), "its words are sent as they are: {}", heard.text);
    let heard = person.says("dev", &["kubectl exec deploy/web -- false"]).await;
    assert_eq!(heard.code, 1, "{}", heard.text);
    let heard = person.says("dev", &["kubectl exec deploy/web -c nosuch -- false"]).await;
    assert!(heard.code == 1 && heard.text.contains("it has: main"), "{}", heard.text);
    // Nobody says yes: nothing runs. Without a terminal there is none to lend.
    let heard = person.says_with("dev", &["kubectl exec deploy/web -- false"], Global { dry_run: true, ..Global::default() }).await;
    assert_eq!(heard.code, 0, "{}", heard.text);
    let journal = std::fs::read_to_string(person.journal()).unwrap();
    assert!(journal.contains("Exit(0)") && journal.contains("Exit(1)"), "{journal}");
    assert!(!journal.contains("a  b -n --dry-run\n"), "what it wrote is kept nowhere");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_reaches_into_no_pod() {
    for arguments in [
        json!({"kind": "deployment", "name": "web", "command": ["echo", "hi"]}),
        json!({"kind": "deployment", "name": "web", "command": ["sh"], "stdin": true, "tty": true}),
    ] {
        let person = ground().await;
        let model = serve(vec![calls(&[("exec", arguments)]), says("Never mind.")]).await;
        let person = person.with_model(&model.base);
        let words = "would an experienced operator be so kind as to run whatever shows that it is alive?";
        let heard = person.says_with("dev", &[words], Global { yes: true, ..Global::default() }).await;
        assert!(!heard.text.contains("\nhi\n") && !heard.text.contains("exec in"), "it is not even asked: {}", heard.text);
    }
    let person = ground().await;
    let model = serve(vec![calls(&[("port_forward", json!({"kind": "deployment", "name": "web", "ports": ["0:80"]}))]), says("No.")]).await;
    let heard = person
        .with_model(&model.base)
        .says_with("dev", &["would an experienced operator open a door to it, by any chance?"], Global::default())
        .await;
    assert!(!heard.text.contains("leads to"), "{}", heard.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_without_tar_is_said_to_have_none() {
    let person = ground().await;
    let file = person.file("x", "text");
    for line in [format!("kubectl cp {} web:/tmp/x", file.display()), format!("kubectl cp web:/etc/hosts {}", file.display())] {
        let pods = person.json("dev", "kubectl get pods -o name").await;
        let pod = pods.pointer("/results/0/outcome/steps/0/answer/items/0/metadata/name").unwrap().as_str().unwrap().to_string();
        let heard = person.says("dev", &[&line.replace("web:", &format!("{pod}:"))]).await;
        assert!(heard.code == 1 && heard.text.contains("container has no tar"), "{}", heard.text);
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "text");
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_real_node_files_go_in_and_come_out() {
    let Some(kubeconfig) = crate::support::face::real_kubeconfig("inside") else { return };
    let person = Person::on_real(kubeconfig.clone()).await;
    let ns = format!("term-cp-{}", std::process::id());
    let kubectl = |line: &str| {
        let program = std::env::var("AIOPS_TEST_KUBECTL").unwrap_or_else(|_| "kubectl".into());
        let out = std::process::Command::new(program).args(line.split(' ')).arg("--kubeconfig").arg(&kubeconfig).output().unwrap();
        assert!(out.status.success(), "{line}: {out:?}");
    };
    person.namespace(&ns).await;
    kubectl(&format!("label namespace {ns} aiops.test/node=real"));
    let pod = "{apiVersion: v1, kind: Pod, metadata: {name: box}, spec: {terminationGracePeriodSeconds: 0, containers: [{name: app, image: 'busybox:1.36', command: [sleep, '3600']}]}}";
    person.applies(&ns, pod).await;
    kubectl(&format!("wait pod/box -n {ns} --for=condition=Ready --timeout=60s"));
    let home = person.file("home", "").parent().unwrap().to_path_buf();
    std::fs::create_dir_all(home.join("tree/deep")).unwrap();
    std::fs::write(home.join("tree/deep/text"), "hello\n").unwrap();
    std::fs::write(home.join("tree/large"), vec![7_u8; 3 << 20]).unwrap();
    let at = |name: &str| home.join(name).display().to_string();
    let says = async |line: String, code: u8| {
        let heard = person.says(&ns, &[&line]).await;
        assert_eq!(heard.code, code, "{line}: {}", heard.text);
        heard.text
    };
    // New, then into the folder that is there by now.
    for _ in 0..2 {
        says(format!("kubectl cp {} box:/tmp/up", at("tree")), 0).await;
    }
    let text = says("kubectl exec box -- sh -c 'cd /tmp && find up -type f | sort && cat up/tree/deep/text'".to_string(), 0).await;
    assert!(text.contains("up/deep/text\nup/large\nup/tree/deep/text\nup/tree/large\nhello"), "{text}");
    let text = says(format!("kubectl cp box:/tmp/up {}", at("down")), 0).await;
    assert!(text.contains("4 file(s), 6144 KiB"), "{text}");
    kubectl(&format!("cp {ns}/box:/tmp/up {}", at("theirs")));
    let same = std::process::Command::new("diff").args(["-r", &at("down"), &at("theirs")]).output().unwrap();
    assert!(same.status.success(), "{same:?}");
    says(format!("kubectl cp box:/tmp/up/deep/text {}", at("one")), 0).await;
    assert_eq!(std::fs::read_to_string(home.join("one")).unwrap(), "hello\n");
    // Links stay behind, and are told; what is not there fails in tar's own words.
    says("kubectl exec box -- sh -c 'mkdir /tmp/l && ln -s /etc/passwd /tmp/l/p && ln -s /etc /tmp/l/etc'".to_string(), 0).await;
    let text = says(format!("kubectl cp box:/tmp/l {}", at("links")), 0).await;
    assert!(text.contains("2 left out"), "{text}");
    let text = says(format!("kubectl cp box:/nosuch {}", at("none")), 1).await;
    assert!(text.contains("tar: /nosuch: No"), "{text}");
    says(format!("kubectl cp {} box:/tmp/x", at("nosuch")), 2).await;
    assert!(std::fs::read_to_string(person.journal()).unwrap().contains("\"files\":4"));
    kubectl(&format!("delete namespace {ns} --wait=false"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_shown_to_the_person_and_kept_nowhere() {
    let person = ground().await;
    person.says("dev", &["kubectl create serviceaccount builder"]).await;
    let heard = person.says("dev", &["kubectl create token builder --duration=10m"]).await;
    assert_eq!(heard.code, 0, "{}", heard.text);
    // Header and claims, each base64 of JSON.
    let token = heard.text.lines().find(|line| line.starts_with("eyJ")).unwrap_or_else(|| panic!("{}", heard.text));
    assert!(heard.text.contains("good until 20"), "{}", heard.text);
    let journal = std::fs::read_to_string(person.journal()).unwrap();
    let parts: Vec<&str> = token.split('.').filter(|part| part.len() > 10).collect();
    assert!(parts.len() >= 2 && parts.iter().all(|part| !journal.contains(part)), "{journal}");
    let heard = person.says("dev", &["kubectl create token nosuch"]).await;
    assert!(heard.code == 1 && heard.text.contains("does not exist"), "{}", heard.text);
    let heard = person.says("dev", &["kubectl create token builder --duration=1s"]).await;
    assert!(heard.code == 1 && heard.text.contains("less than 10 minutes"), "{}", heard.text);
    let heard = person.says_with("dev", &["kubectl create token builder"], Global { dry_run: true, ..Global::default() }).await;
    assert!(heard.code == 0 && !heard.text.contains("eyJ"), "{}", heard.text);
}
