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
