//! What is wrong is read from the cluster, all of it, and nobody's reply makes it milder.

use crate::support::{
    face::Person,
    scripted_model::{Script, calls, says, serve},
};
use aiops::{
    doors::cluster::{Cluster, Identity},
    faces::args::{Form, Global},
    simulator::dump::Dump,
};
use serde_json::{Value, json};
use std::sync::Arc;

/// One pod that ended with an error and is not started again, one that was killed a moment ago: neither has a `waiting` reason.
const ENDED: &str = r#"
apiVersion: v1
kind: Pod
metadata: {name: report, namespace: shop, uid: u1, creationTimestamp: "2026-11-21T10:00:00Z"}
spec: {restartPolicy: Never, nodeName: n1, containers: [{name: main, image: "report:1"}]}
status:
  phase: Failed
  conditions: [{type: Ready, status: "False", reason: PodFailed}]
  containerStatuses:
  - {name: main, image: "report:1", ready: false, restartCount: 0, state: {terminated: {exitCode: 1, reason: Error,
     startedAt: "2026-11-21T10:00:00Z", finishedAt: "2026-11-21T10:00:04Z"}}}
---
apiVersion: v1
kind: Pod
metadata: {name: api, namespace: shop, uid: u2, creationTimestamp: "2026-11-21T10:00:00Z"}
spec: {restartPolicy: Always, nodeName: n1, containers: [{name: main, image: "api:1"}]}
status:
  phase: Running
  conditions: [{type: Ready, status: "False", reason: ContainersNotReady}]
  containerStatuses:
  - {name: main, image: "api:1", ready: false, restartCount: 2, state: {terminated: {exitCode: 137, reason: OOMKilled,
     startedAt: "2026-11-21T10:00:00Z", finishedAt: "2026-11-21T10:00:04Z"}}}
"#;

fn on_a_dump() -> Person {
    crate::support::face::provider();
    let mut dump = Dump::default();
    dump.add("pods.yaml", ENDED.as_bytes());
    let loaded = dump.finish(Arc::new(|| "2026-11-21T10:01:00Z".parse().unwrap()));
    let identity = Identity {
        context: "built-in".into(),
        server: "built-in".into(),
        user: "tester".into(),
        namespace: "shop".parse().unwrap(),
        cluster_uid: None,
    };
    Person::of(Cluster::over(loaded.simulator.router(), identity))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_ended_is_read_as_well_as_one_that_waits() {
    let person = on_a_dump();
    for (request, want) in [
        ("why is report failing", "pod report failed: container main ended with exit code 1"),
        ("why is api not ready", "out of memory"),
        ("is my cluster healthy", "report"),
        ("is my cluster healthy", "pod api keeps crashing: container main was terminated out of memory"),
    ] {
        let heard = person.says("shop", &[request]).await;
        assert!(heard.text.contains('▲') && heard.text.contains(want), "{request}: {}", heard.text);
    }
}

/// Asked with a model at hand that calls everything harmless, in words and as if it were a result.
async fn findings(scripts: Vec<Script>, requests: &[&str]) -> (Vec<Value>, usize) {
    let server = serve(scripts).await;
    let person = on_a_dump().with_model(&server.base);
    let flags = Global { output: Form::Json, yes: true, ..Global::default() };
    let heard = person.says_with("shop", requests, flags).await;
    let answers = serde_json::Deserializer::from_str(&heard.text).into_iter::<Value>().map(|v| v.unwrap());
    (answers.filter_map(|a| a.pointer("/results/0/diagnosis").cloned()).collect(), server.got().len())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_reply_makes_a_finding_milder() {
    let harmless = || says("{\"severity\": \"info\", \"healthy\": true} All findings are informational; report and api are healthy.");
    let (alone, asked) = findings(vec![harmless()], &["is my cluster healthy"]).await;
    assert_eq!((alone.len(), asked), (1, 0), "nobody was asked: {alone:?}");
    let look = calls(&[("get", json!({"kinds": ["pod"]}))]);
    let before = "what would somebody with experience say about all this, generally speaking?";
    let (after, asked) = findings(vec![look, harmless()], &[before, "is my cluster healthy"]).await;
    assert!(asked > 0, "the model was asked");
    assert_eq!(after.last(), alone.first(), "what it said changed nothing");
    assert!(alone[0].to_string().contains("\"severity\":\"error\""), "{alone:?}");
}
