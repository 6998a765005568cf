//! Bad input and bad surroundings, with the real program: one clear sentence, a hint, the right exit code, and nothing is lost.

mod interrupted;

use crate::support::program::{Ground, Said, documents, has_escapes, kubeconfig};
use serde_json::{Value, json};
use std::process::Stdio;

fn config() -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "default"}, "data": {"colour": "blue"}})
}

/// A Deployment that never becomes available, so that waiting for it never ends by itself.
fn stuck(ground: &Ground) {
    let never = aiops::simulator::Script::never_ready("no");
    ground.cluster.script(aiops::simulator::Match::Image("stuck:*".into()), never);
    ground.put(json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "stuck", "namespace": "default"},
        "spec": {"replicas": 1, "progressDeadlineSeconds": 6000, "selector": {"matchLabels": {"app": "stuck"}}, "template": {
            "metadata": {"labels": {"app": "stuck"}},
            "spec": {"containers": [{"name": "c", "image": "stuck:1", "readinessProbe": {"httpGet": {"path": "/", "port": 80}}}]}}}}));
}

/// Everything it said, with this exit code.
fn told(said: &Said, code: i32) -> String {
    assert_eq!(said.code, Some(code), "{said:?}");
    let all = format!("{}{}", said.out, said.err);
    assert!(!all.trim().is_empty(), "not a word");
    assert!(!has_escapes(&all), "{all:?}");
    all
}

#[test]
fn a_server_that_is_not_there() {
    let ground = Ground::new();
    // A port that was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    ground.write("kubeconfig", &kubeconfig(&free.to_string()));
    for request in ["kubectl get pods", "kubectl scale deployment/web --replicas=3", "undo"] {
        let all = told(&ground.says(&["--yes", "--request-timeout", "3s", request]), 1);
        if request != "undo" {
            assert!(all.contains("no connection to") && all.contains("kubectl cluster-info"), "{all}");
        }
    }
}

#[test]
fn kubeconfigs_that_are_missing_broken_or_say_nothing() {
    let ground = Ground::new();
    let broken = ground.write("broken", "clusters: [\n  - name: 'oops\ntoken: SECRET-TOKEN");
    let no_text = ground.home.path().join("binary");
    std::fs::write(&no_text, [0xff, 0xfe, 0x00]).unwrap();
    let empty = ground.write("empty", "");
    let folder = ground.home.path().to_path_buf();
    for (path, word) in [
        (ground.home.path().join("nowhere"), "does not exist"),
        (broken, "is broken"),
        (no_text, "is no text"),
        (empty, "no current context"),
        (folder, "cannot be read"),
    ] {
        let all = told(&ground.says(&["--kubeconfig", &path.display().to_string(), "kubectl get pods"]), 1);
        assert!(all.contains(word), "{all}");
        assert!(!all.contains("SECRET-TOKEN"), "{all}");
    }
    let said = ground.command(&["kubectl get pods"]).env_remove("KUBECONFIG").output().unwrap();
    let all = told(&said.into(), 1);
    assert!(all.contains("there is no kubeconfig") && all.contains("aiops demo"), "{all}");
    let all = told(&ground.says(&["--context", "here2", "kubectl get pods"]), 2);
    assert!(all.contains("there is no context \"here2\"") && all.contains("did you mean \"here\""), "{all}");
}

#[test]
fn a_namespace_that_is_not_there() {
    let ground = Ground::new();
    let all = told(&ground.says(&["-n", "nowhere", "kubectl get pods"]), 0);
    assert!(all.contains("no pods found"), "{all}");
    let file = ground.write("c.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}");
    let all = told(&ground.says(&["-n", "nowhere", "--yes", &format!("kubectl create -f {}", file.display())]), 1);
    assert!(all.contains("namespaces \"nowhere\" not found"), "the server's words: {all}");
    let all = told(&ground.says(&["-n", "Not_A_Name", "kubectl get pods"]), 2);
    assert!(all.contains("Not_A_Name"), "{all}");
}

#[test]
fn names_that_cannot_be() {
    let ground = Ground::new();
    for request in [
        "kubectl delete pod ../../secrets/a",
        "kubectl delete pod 'a b'",
        "kubectl scale deployment/-rf --replicas=1",
        "kubectl label pod/a 'x y=z'",
        "kubectl set image deployment/web web='nginx;ls'",
    ] {
        let said = ground.says(&["--yes", request]);
        assert!(matches!(said.code, Some(1 | 2 | 4 | 5)), "{request}: {said:?}");
        assert!(!has_escapes(&said.out));
    }
    assert!(ground.wire.writes().is_empty());
}

#[test]
fn empty_and_enormous_requests() {
    let ground = Ground::new();
    for request in ["", "   ", "\t"] {
        assert!(told(&ground.says(&[request]), 2).contains("empty"));
    }
    // One argument may be 128 KiB long at most: several make one request of a mebibyte.
    let words: Vec<String> = vec!["x".repeat(100_000); 10];
    let said = ground.says(&words.iter().map(String::as_str).collect::<Vec<_>>());
    let all = told(&said, 2);
    assert!(all.len() < 1000, "the request is not said back whole");
    let all = told(&ground.piped(&[], "y".repeat((1 << 20) + 1).as_bytes()), 2);
    assert!(all.contains("1 MiB"), "{all}");
    let all = told(&ground.piped(&[], "y".repeat(1 << 20).as_bytes()), 2);
    assert!(all.len() < 1000, "{}", all.len());
    told(&ground.piped(&[], b""), 2);
}

#[test]
fn what_is_no_text() {
    let ground = Ground::new();
    assert!(told(&ground.piped(&[], b"kubectl get pods\xff\xfe\n"), 2).contains("no text"));
    let script = aiops::simulator::Script::runs().saying(&["plain", "bin\u{0}ary\u{1b}[2J\u{7}\u{9b}31m\r\u{202e}end"]);
    ground.cluster.script(aiops::simulator::Match::Image("noisy:*".into()), script);
    ground.put(json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "noisy", "namespace": "default"}, "spec": {"containers": [{"name": "c", "image": "noisy:1"}]}}));
    ground.until("the pod has logged", |g| g.says(&["kubectl logs noisy"]).out.contains("plain"));
    for args in [["kubectl logs noisy", "-otext"], ["kubectl logs noisy", "-ojson"]] {
        let all = told(&ground.says(&args), 0);
        assert!(all.contains("end"), "the rest of the line is there: {all}");
    }
}

#[test]
fn nobody_is_there_to_answer() {
    let ground = Ground::new();
    ground.put(config());
    let all = told(&ground.says(&["kubectl delete configmap settings"]), 3);
    assert!(all.contains("no terminal") && all.contains("--yes"), "{all}");
    let all = told(&ground.says(&["--dry-run", "--yes", "kubectl delete configmap settings"]), 0);
    assert!(all.contains("nothing was changed"), "{all}");
    let all = told(&ground.says(&["--read-only", "--yes", "kubectl delete configmap settings"]), 4);
    assert!(all.contains("not allowed"), "{all}");
    // A yes that comes through the pipe is a request, not an answer.
    let said = ground.piped(&[], b"kubectl delete configmap settings\ny\n");
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(ground.wire.writes().is_empty());
    assert!(!ground.journal().exists() || !std::fs::read_to_string(ground.journal()).unwrap().contains("opened"));
}

#[test]
fn wrong_usage() {
    let ground = Ground::new();
    for args in [
        &["--frobnicate", "get pods"][..],
        &["-o", "xml", "get pods"],
        &["--request-timeout", "soon", "get pods"],
        &["journal", "burn"],
        &["demo", "--serve", "nowhere"],
    ] {
        let said = ground.says(args);
        assert_eq!(said.code, Some(2), "{args:?}: {said:?}");
        assert!(!said.err.is_empty() && !has_escapes(&said.err), "{args:?}: {said:?}");
    }
    assert!(told(&ground.says(&["journal", "show", "nothing"]), 1).contains("no run in the journal"));
    told(&ground.says(&["journal", "list"]), 0);
    told(&ground.says(&["journal", "verify"]), 0);
}

#[test]
fn json_is_one_document_a_request_also_when_it_fails() {
    let ground = Ground::new();
    ground.put(config());
    for (request, code) in [
        ("kubectl get configmap settings", 0),
        ("kubectl get configmap nothing", 1),
        ("kubectl delete configmap settings", 3),
        ("kubectl delete --all pods", 4),
        ("", 2),
    ] {
        let said = ground.says(&["-o", "json", request]);
        let told = documents(&said.out);
        assert_eq!(told.len(), 1, "{request}: {said:?}");
        assert_eq!(told[0]["exit"], said.code.unwrap(), "{request}: {said:?}");
        assert!(request.contains("--all") || said.code == Some(code), "{request}: {said:?}");
        assert!(!told[0]["results"].as_array().unwrap().is_empty(), "{told:?}");
    }
    let said = ground.says(&["-o", "json", "--kubeconfig", "/nowhere", "kubectl get pods"]);
    assert_eq!((documents(&said.out).len(), said.code), (1, Some(1)), "{said:?}");
    let said = ground.piped(&["-o", "json"], b"kubectl get pods\nkubectl get configmap nothing\nkubectl get nodes\n");
    let told = documents(&said.out);
    assert_eq!((told.len(), said.code), (3, Some(1)), "{said:?}");
    assert_eq!(told[2]["not_begun"], true);
}

#[test]
fn after_a_failure_the_rest_is_not_begun_and_that_is_told() {
    let ground = Ground::new();
    ground.put(config());
    let said = ground.piped(&["--yes"], b"kubectl get configmap nothing\nkubectl delete configmap settings\nkubectl get pods\n");
    let all = told(&said, 1);
    assert!(all.contains("2 request(s) after it were not begun"), "{all}");
    assert!(ground.wire.writes().is_empty());
}

#[test]
fn colours_are_for_terminals_only() {
    let ground = Ground::new();
    ground.put(config());
    for args in [["kubectl get configmaps"], ["kubectl get configmap nothing"]] {
        for colours in ["xterm-256color", "dumb"] {
            let said: Said = ground.command(&args).env("TERM", colours).env("CLICOLOR_FORCE", "1").output().unwrap().into();
            assert!(!has_escapes(&said.out) && !has_escapes(&said.err), "{said:?}");
        }
    }
}

#[test]
fn a_reader_that_goes_away_ends_no_change_half_way() {
    let ground = Ground::new();
    ground.put(config());
    // The reading end is closed before a word is written.
    let mut child =
        ground.command(&["--yes", "kubectl label configmap/settings a=b"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let said: Said = child.wait_with_output().unwrap().into();
    assert_eq!(said.code, Some(0), "{said:?}");
    let journal = std::fs::read_to_string(ground.journal()).unwrap();
    assert!(journal.contains(r#""record":"ended""#), "{journal}");
    let mut child = ground.command(&["kubectl get pods -A"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let said: Said = child.wait_with_output().unwrap().into();
    assert!(said.err.is_empty(), "{said:?}");
}
