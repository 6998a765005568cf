//! Reads that go on: what comes while one looks, what is said of it, how it ends.

use crate::support::{
    face::{Heard, Person},
    scripted_model::{calls, says, serve},
    wire::Act,
};
use aiops::{
    faces::args::{Form, Global},
    simulator::{Match, Script, Simulator},
};
use serde_json::{Value, json};
use std::time::Duration;

fn within(time: &str, output: Form) -> Global {
    Global { yes: true, output, request_timeout: Some(time.into()), ..Global::default() }
}

/// What came, piece by piece: the notes, and the cells or texts of what was read.
fn pieces(heard: &Heard) -> (Vec<String>, Vec<String>) {
    let (mut notes, mut parts) = (Vec::new(), Vec::new());
    for line in heard.text.lines() {
        let value: Value = serde_json::from_str(line).unwrap();
        let came = &value["came"];
        notes.extend(came["note"].as_str().map(str::to_string));
        for log in came["part"]["lines"].as_array().into_iter().flatten() {
            parts.push(log["text"].as_str().unwrap().to_string());
        }
        for row in came["part"]["tables"].as_array().into_iter().flatten().flat_map(|t| t["rows"].as_array().unwrap()) {
            parts.push(row.as_array().unwrap().iter().map(|c| c.as_str().unwrap()).collect::<Vec<_>>().join(" "));
        }
        for item in came["part"]["items"].as_array().into_iter().flatten() {
            parts.push(item.to_string());
        }
    }
    (notes, parts)
}

fn pod(name: &str, image: &str, policy: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "dev", "labels": {"app": "x"}},
           "spec": {"restartPolicy": policy, "containers": [{"name": "main", "image": image}]}})
}

/// A namespace and a node on which pods run.
async fn ground() -> (Person, Simulator, crate::support::wire::Wire) {
    let (person, sim, wire) = Person::over_a_wire().await;
    sim.load_yaml("{apiVersion: v1, kind: Namespace, metadata: {name: dev}}").unwrap();
    (person, sim, wire)
}

async fn until(person: &Person, pod: &str, phase: &str) {
    for _ in 0..100 {
        if person.object("pods", pod, "dev").await.is_some_and(|pod| pod["status"]["phase"] == phase) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{pod} did not become {phase}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_goes_on_over_a_restart_and_says_so() {
    let (person, sim, _) = ground().await;
    sim.script(Match::Image("crash".into()), Script::exits(15, 3).saying(&["begins", "fails"]));
    sim.put(pod("a", "crash", "Always")).unwrap();
    until(&person, "a", "Running").await;
    let heard = person.says_with("dev", &["kubectl logs -f a"], within("6s", Form::Json)).await;
    let (notes, lines) = pieces(&heard);
    assert!(lines.iter().filter(|l| *l == "begins").count() >= 2, "{lines:?} {notes:?}");
    assert!(notes.iter().any(|n| n.contains("was restarted") && n.contains("exit code 3")), "{notes:?}");
    assert!(notes.iter().any(|n| n.contains("its next run is awaited")), "{notes:?}");
    assert_eq!(heard.code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_ends_where_its_container_ends_for_good() {
    let (person, sim, _) = ground().await;
    sim.script(Match::Image("once".into()), Script::exits(20, 0).saying(&["works", "done"]));
    sim.put(pod("a", "once", "Never")).unwrap();
    until(&person, "a", "Running").await;
    let heard = person.says_with("dev", &["kubectl logs -f a"], within("60s", Form::Json)).await;
    let (notes, lines) = pieces(&heard);
    assert_eq!(lines, ["works", "done"]);
    assert!(notes.last().unwrap().contains("has ended: Completed, exit code 0"), "{notes:?}");
    let heard = person.says_with("dev", &["kubectl logs -f nobody"], within("60s", Form::Text)).await;
    assert_eq!(heard.code, 1, "{}", heard.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pod_that_takes_the_place_of_another_is_followed() {
    let (person, sim, _) = ground().await;
    sim.script(Match::Image("web".into()), Script::runs().saying(&["hello"]).ticking(3, "tick"));
    let template = json!({"metadata": {"labels": {"app": "x"}}, "spec": {"containers": [{"name": "main", "image": "web"}]}});
    sim.put(json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "dev"},
                   "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "x"}}, "template": template}}))
        .unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let other = person.another();
    let deletes = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(2)).await;
        other.says("dev", &["kubectl delete pods -l app=x --grace-period=1"]).await
    });
    let heard = person.says_with("dev", &["kubectl logs -f deploy/web"], within("12s", Form::Json)).await;
    assert_eq!(deletes.await.unwrap().code, 0);
    let (notes, lines) = pieces(&heard);
    assert!(notes.iter().any(|n| n.ends_with("is gone")), "{notes:?}");
    assert!(notes.iter().any(|n| n.contains("is followed from here on")), "{notes:?}");
    assert!(lines.iter().filter(|l| *l == "hello").count() == 2, "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_shows_what_is_there_and_what_comes() {
    let (person, sim, wire) = ground().await;
    sim.put(pod("first", "web", "Always")).unwrap();
    until(&person, "first", "Running").await;
    // The first watch breaks, a later one is told that it comes too late: both go on.
    let watches = |seen: &crate::support::wire::Seen| seen.query.contains("watch=true") && seen.path.ends_with("/pods");
    wire.next(watches, Act::LoseRequest);
    wire.next(watches, Act::Answer(410, r#"{"kind":"Status","status":"Failure","reason":"Expired","message":"too old","code":410}"#));
    let behind = sim.clone();
    let later = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(4)).await;
        behind.put(pod("second", "web", "Always")).unwrap();
    });
    let heard = person.says_with("dev", &["kubectl get pods -w"], within("10s", Form::Json)).await;
    later.await.unwrap();
    let (notes, rows) = pieces(&heard);
    assert!(rows.iter().any(|r| r.starts_with("first 1/1 Running")), "{rows:?}");
    let second: Vec<&String> = rows.iter().filter(|r| r.starts_with("second")).collect();
    assert!(second.iter().any(|r| r.contains("Pending")) && second.iter().any(|r| r.contains("1/1 Running")), "{rows:?}");
    assert!(notes.iter().any(|n| n.contains("trying again")) && notes.iter().any(|n| n.contains("listed anew")), "{notes:?}");
    assert_eq!(heard.code, 0);

    let heard = person.says_with("dev", &["kubectl get pod second --watch-only"], within("1s", Form::Text)).await;
    assert_eq!(heard.text, "");
    for line in ["kubectl get pods,services -w", "kubectl get pods a b -w"] {
        assert_eq!(person.says_with("dev", &[line], within("1s", Form::Text)).await.code, 1, "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_keeps_secret_values_in_and_hostile_text_harmless() {
    let (person, sim, _) = ground().await;
    let secret = |value: &str| json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "dev"}, "stringData": {"key": value}});
    sim.put(secret("first-value")).unwrap();
    let behind = sim.clone();
    let later = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let annotations = json!({"kubectl.kubernetes.io/last-applied-configuration":
            json!({"apiVersion": "v1", "kind": "Secret", "stringData": {"key": "applied-value"}}).to_string()});
        let mut other = secret("other-value");
        other["metadata"] = json!({"name": "t", "namespace": "dev", "annotations": annotations});
        behind.put(other).unwrap();
        let event = json!({"apiVersion": "v1", "kind": "Event", "metadata": {"name": "e", "namespace": "dev"}, "type": "Warning",
            "reason": "Evil", "message": "\u{1b}]0;owned\u{7}\u{1b}[2J", "involvedObject": {"kind": "Pod", "name": "a", "namespace": "dev"}});
        behind.put(event).unwrap();
    });
    let requests = ["kubectl get secrets -w -o yaml", "kubectl get secrets -w -o json", "kubectl get secrets -w", "kubectl events -w"];
    let mut all = String::new();
    let said = requests.map(|request| {
        let other = person.another();
        async move { other.says_with("dev", &[request], within("3s", Form::Text)).await }
    });
    for heard in futures::future::join_all(said).await {
        assert_eq!(heard.code, 0, "{}", heard.text);
        all.push_str(&heard.text);
    }
    later.await.unwrap();
    use base64::Engine as _;
    for value in ["first-value", "other-value", "applied-value"] {
        let encoded = base64::engine::general_purpose::STANDARD.encode(value);
        assert!(!all.contains(value) && !all.contains(&encoded), "{value}: {all}");
    }
    assert!(all.contains("Evil") && !all.contains('\u{1b}') && !all.contains('\u{7}'), "{all}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_model_follows_comes_to_an_end() {
    let (person, sim, _) = ground().await;
    sim.script(Match::Image("loud".into()), Script::runs().saying(&["loud"]).ticking(1, "tick"));
    sim.put(pod("a", "loud", "Always")).unwrap();
    until(&person, "a", "Running").await;
    let logs = json!({"kind": "pod", "name": "a", "follow": true});
    let model = serve(vec![calls(&[("logs", logs)]), says("It ticks.")]).await;
    let person = person.another().with_model(&model.base);
    let began = std::time::Instant::now();
    let heard = person.says_with("dev", &["what would an old hand make of the noise that a is making, honestly?"], Global::default()).await;
    assert_eq!(heard.code, 0, "{}", heard.text);
    assert!(heard.text.contains("It ticks."), "{}", heard.text);
    assert!(began.elapsed() < Duration::from_secs(40));
    let got = model.got();
    assert!(got.last().unwrap().body.to_string().contains("tick"), "what came is the model's answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn several_pods_are_followed_at_once_each_under_its_name() {
    let (person, sim, _) = ground().await;
    for name in ["a", "b", "c"] {
        sim.script(Match::Image(name.into()), Script::runs().saying(&[&format!("{name} begins")]).ticking(3, &format!("{name} ticks")));
        sim.put(pod(name, name, "Always")).unwrap();
    }
    sim.script(Match::Image("once".into()), Script::exits(20, 0).saying(&["once and no more"]));
    sim.put(pod("d", "once", "Never")).unwrap();
    for name in ["a", "b", "c", "d"] {
        until(&person, name, "Running").await;
    }
    let heard = person.says_with("dev", &["kubectl logs -f -l app=x --prefix"], within("6s", Form::Json)).await;
    assert_eq!(heard.code, 0, "{}", heard.text);
    let (notes, lines) = pieces(&heard);
    for name in ["a", "b", "c"] {
        assert!(lines.contains(&format!("{name} begins")), "{lines:?}");
        assert!(lines.iter().filter(|line| **line == format!("{name} ticks")).count() > 5, "{lines:?}");
    }
    // They go on beside each other, not one after the other.
    let first = |text: &str| lines.iter().position(|line| line == text).unwrap();
    let last = |text: &str| lines.iter().rposition(|line| line == text).unwrap();
    assert!(first("c ticks") < last("a ticks") && first("a ticks") < last("c ticks"), "{lines:?}");
    for source in ["a/main", "b/main", "d/main"] {
        assert!(heard.text.contains(&format!("\"source\":\"{source}\"")), "{source}: {}", heard.text);
    }
    // One that ends does not end the others.
    assert!(notes.iter().any(|note| note.contains("has ended: Completed")), "{notes:?}");
    let heard = person.says_with("dev", &["kubectl logs -f -l app=x --max-log-requests=2"], within("6s", Form::Text)).await;
    assert!(heard.code == 1 && heard.text.contains("--max-log-requests"), "{}", heard.text);
}
