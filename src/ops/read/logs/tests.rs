use crate::ops::*;
use serde_json::{Value, json};

fn pod(name: &str, phase: &str, ready: bool, created: &str) -> Value {
    json!({"metadata": {"name": name, "creationTimestamp": created}, "spec": {"nodeName": "n", "containers": [{"name": "app"}, {"name": "side"}],
           "initContainers": [{"name": "init"}]},
           "status": {"phase": phase, "conditions": [{"type": "Ready", "status": if ready { "True" } else { "False" }, "lastTransitionTime": created}]}})
}
fn deployment() -> Lookup<Value> {
    Lookup::Known(json!({"spec": {"selector": {"matchLabels": {"app": "web"}}}}))
}
fn asked(line: &str, seen: &[Lookup<Value>]) -> Result<Vec<String>, CannotDo> {
    let calls = Op::from_line(line).unwrap().verb().calls(seen, Default::default())?;
    Ok(calls
        .iter()
        .map(|c| format!("{}?{}", c.name().unwrap(), c.query.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("&")))
        .collect())
}

#[test]
fn a_workload_is_read_by_its_best_pod() {
    let op = Op::from_line("kubectl logs deploy/web -n dev").unwrap();
    let next = op.verb().looks(&[deployment()]);
    assert_eq!(next[0].query, [("labelSelector".to_string(), "app=web".to_string())]);
    let pods = json!({"items": [pod("pending", "Pending", false, "2026-01-01T00:00:00Z"), pod("young", "Running", true, "2026-01-03T00:00:00Z"),
        pod("old", "Running", true, "2026-01-02T00:00:00Z"), pod("sick", "Running", false, "2026-01-01T00:00:00Z")]});
    let seen = [deployment(), Lookup::Known(pods)];
    assert_eq!(asked("kubectl logs deploy/web", &seen).unwrap(), ["old?container=app&tailLines=5001"]);
    assert_eq!(
        asked("kubectl logs deploy/web -c side --tail=20 --since=90s -p", &seen).unwrap(),
        ["old?container=side&previous=true&tailLines=20&sinceSeconds=90"]
    );
    assert_eq!(asked("kubectl logs deploy/web --all-containers", &seen).unwrap().len(), 3);
    assert!(asked("kubectl logs deploy/web -c none", &seen).unwrap_err().hint.contains("init, app, side"));
    let none = [deployment(), Lookup::Known(json!({"items": []}))];
    assert!(asked("kubectl logs deploy/web", &none).unwrap_err().sentence.contains("no pods"));
    assert!(asked("kubectl logs cronjob/c", &[Lookup::Known(json!({}))]).unwrap_err().sentence.contains("jobs"));
    assert!(asked("kubectl logs web", &[Lookup::Missing]).unwrap_err().missing.is_some());
}

#[test]
fn several_pods_are_told_apart() {
    let pods = || json!({"items": [pod("a", "Running", true, "2026-01-01T00:00:00Z"), pod("b", "Running", true, "2026-01-02T00:00:00Z")]});
    let seen = [Lookup::Known(pods())];
    let op = Op::from_line("kubectl logs -l app=web -n dev").unwrap();
    assert_eq!(op.verb().looks(&[])[0].query, [("labelSelector".to_string(), "app=web".to_string())]);
    assert_eq!(asked("kubectl logs -l app=web", &seen).unwrap(), ["a?container=app&tailLines=10", "b?container=app&tailLines=10"]);
    assert_eq!(asked("kubectl logs -l app=web --all-containers --tail=-1 --limit-bytes=9", &seen).unwrap().len(), 6);
    assert!(asked("kubectl logs -l app=web --max-log-requests=1", &seen).unwrap_err().hint.contains("=2"));
    assert!(asked("kubectl logs -l app=web", &[Lookup::Known(json!({"items": []}))]).unwrap_err().sentence.contains("app=web"));
    let both = asked("kubectl logs deploy/web --all-pods", &[deployment(), Lookup::Known(pods())]).unwrap();
    assert_eq!(both, ["a?container=app&tailLines=2501", "b?container=app&tailLines=2501"]);
    let calls = op.verb().calls(&seen, Default::default()).unwrap();
    let replies = [0, 1].map(|call| Reply { call, body: Lookup::Known(format!("line of {call}\n").into_bytes()) });
    let Answer::Log { lines, .. } = op.verb().answer(&calls, &replies, Default::default()).unwrap() else { panic!() };
    assert_eq!(lines[1], answer::LogLine { source: "b/app".into(), text: "line of 1".into() });
}

#[test]
fn the_annotation_names_the_default_container() {
    let mut web = pod("web", "Running", true, "2026-01-01T00:00:00Z");
    web["metadata"]["annotations"] = json!({"kubectl.kubernetes.io/default-container": "side"});
    assert_eq!(asked("kubectl logs web", &[Lookup::Known(web)]).unwrap(), ["web?container=side&tailLines=5001"]);
}

#[test]
fn the_end_is_kept_and_bytes_that_are_no_text_are_survived() {
    let op = Op::from_line("kubectl logs web -c app").unwrap();
    let calls = op.verb().calls(&[], Default::default()).unwrap();
    let read =
        |bytes: Vec<u8>| match op.verb().answer(&calls, &[Reply { call: 0, body: Lookup::Known(bytes) }], Default::default()).unwrap() {
            Answer::Log { lines, truncated } => (lines, truncated),
            other => panic!("{other:?}"),
        };
    let (lines, truncated) = read((0..6000).map(|n| format!("{n}\n")).collect::<String>().into_bytes());
    assert_eq!((lines.len(), lines[0].text.as_str(), truncated), (5000, "1000", true));
    let (lines, truncated) = read(b"a\xff\x00b\nc".to_vec());
    assert_eq!((lines.len(), lines[0].text.as_str(), truncated), (2, "a\u{fffd}\u{0}b", false));
    let (lines, truncated) = read(vec![b'x'; 5 << 20]);
    assert_eq!((lines.len(), lines[0].text.len(), truncated), (1, 2 << 20, true));
    let failed = op.verb().answer(&calls, &[Reply { call: 0, body: Lookup::NotChecked("waiting to start".into()) }], Default::default());
    assert!(failed.unwrap_err().sentence.contains("waiting to start"));
}

#[test]
fn the_forms_of_the_line() {
    assert_eq!(Op::from_line("kubectl logs web app").unwrap().line(), "kubectl logs web --container=app");
    assert_eq!(Op::from_line("k log sts/db --tail -1").unwrap().line(), "kubectl logs statefulset/db");
    for bad in [
        "kubectl logs",
        "kubectl logs -l app=x web",
        "kubectl logs web --all-pods",
        "kubectl logs web --since=1m --since-time=2026-01-01T00:00:00Z",
        "kubectl logs web --since-time=yesterday",
        "kubectl logs web --since=x",
        "kubectl logs a b c",
        "kubectl logs pods web c",
    ] {
        assert!(Op::from_line(bad).is_err(), "{bad}");
    }
}

#[test]
fn the_kubelets_word_that_a_log_is_gone_is_no_log() {
    let op = Op::from_line("kubectl logs web -c app --previous").unwrap();
    let calls = op.verb().calls(&[], Default::default()).unwrap();
    let said =
        |text: &str| op.verb().answer(&calls, &[Reply { call: 0, body: Lookup::Known(text.as_bytes().to_vec()) }], Default::default());
    let gone = said("unable to retrieve container logs for containerd://4dea31e9").unwrap_err();
    assert!(gone.sentence.contains("already removed") && gone.hint.contains("--previous"), "{gone:?}");
    assert!(said("unable to retrieve container logs for x\nFATAL: no").is_ok());
}

#[test]
fn a_pod_that_has_not_begun_is_waited_for() {
    let op = Op::from_line("kubectl logs web-1 --pod-running-timeout=20s -n dev").unwrap();
    let pod = |phase: &str| [Lookup::Known(json!({"metadata": {"name": "web-1"}, "status": {"phase": phase}}))];
    let lines = |phase| op.verb().expand(&pod(phase)).unwrap().unwrap().iter().map(Op::line).collect::<Vec<_>>();
    assert_eq!(lines("Running"), ["kubectl logs web-1 -n dev"]);
    assert_eq!(lines("Succeeded"), ["kubectl logs web-1 -n dev"]);
    let wait = "kubectl wait pod/web-1 --for='jsonpath={.status.phase}=Running' --timeout=20s -n dev";
    assert_eq!(lines("Pending"), [wait, "kubectl logs web-1 -n dev"]);
    assert!(op.verb().expand(&[Lookup::Missing]).is_err());
    assert!(Op::from_line("kubectl logs deploy/web --pod-running-timeout=20s").is_err());
    assert!(Op::from_line("kubectl logs web-1 --pod-running-timeout=soon").is_err());
}
