//! The built-in cluster, held to the real one. Two layers, and kubectl:
//!
//! - `exchanges/TOPIC.yaml` are raw requests, sent in order to a namespace of the topic's own. What the real server answers is kept, with names, uids,
//!   times and the like made equal, in `recorded/TOPIC.json`; the built-in cluster's answers are held to that in every `cargo test`, and with
//!   `AIOPS_TEST_KUBECONFIG` the recordings are held to a real server. So a difference is seen without a cluster, and a recording cannot grow old.
//! - `scenarios.rs` is written once against kube's client and runs on both.
//! - `kubectl/*.yaml` are command lines for the real kubectl, run against both, a namespace for each file (needs `AIOPS_TEST_KUBECTL` too).
//!
//! `differences.toml` says what may differ, and why. An entry that no longer differs fails the test. To add exchanges: write them, then
//! `AIOPS_RECORD=TOPIC AIOPS_TEST_KUBECONFIG=… cargo test --test all conformance`. `AIOPS_TOPIC=TOPIC` runs one topic alone.
mod differences;
mod exchange;
mod ground;
mod kubectl;
mod normal;
mod patches;
mod scenarios;
mod structure;

use differences::{Difference, Differences};
use exchange::Topic;
use ground::Ground;
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/conformance")
}

fn recording(topic: &str) -> PathBuf {
    folder().join(format!("recorded/{topic}.json"))
}

fn recorded(topic: &str) -> Map<String, Value> {
    let text = std::fs::read_to_string(recording(topic)).unwrap_or_else(|_| "{}".to_owned());
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("recorded/{topic}.json: {e}"))
}

/// One exchange a line, so that a change of one reads as one.
fn record(topic: &str, answers: &Map<String, Value>) {
    let lines: Vec<String> = answers.iter().map(|(name, answer)| format!("{}: {answer}", Value::from(name.as_str()))).collect();
    std::fs::write(recording(topic), format!("{{\n{}\n}}\n", lines.join(",\n"))).unwrap();
}

/// How often a topic is played once more where the real server answered otherwise than recorded.
const PLAYS_AGAIN: u32 = 4;

/// What differs between answers and what was recorded.
fn compared(topic: &str, answers: &Map<String, Value>) -> Vec<Difference> {
    let known = recorded(topic);
    let mut found = Vec::new();
    for (name, answer) in answers {
        let exchange = format!("{topic}/{name}");
        match known.get(name) {
            Some(real) => differences::between(&exchange, "", answer, real, &mut found),
            None => found.push(Difference { exchange, path: "(never recorded)".to_owned(), ours: answer.clone(), theirs: Value::Null }),
        }
    }
    let gone = known.keys().filter(|name| !answers.contains_key(*name));
    found.extend(gone.map(|name| Difference {
        exchange: format!("{topic}/{name}"),
        path: "(recorded, and no longer asked)".to_owned(),
        ours: Value::Null,
        theirs: Value::Null,
    }));
    found
}

fn wanted(variable: &str, topic: &str) -> bool {
    std::env::var(variable).is_ok_and(|names| names == "all" || names.split(',').any(|n| n == topic))
}

fn topics() -> Vec<Topic> {
    let alone = std::env::var_os("AIOPS_TOPIC").is_some();
    exchange::topics(&folder().join("exchanges")).into_iter().filter(|t| !alone || wanted("AIOPS_TOPIC", &t.name)).collect()
}

#[tokio::test(start_paused = true)]
async fn the_built_in_cluster_answers_as_recorded() {
    let (mut found, mut count) = (Vec::new(), 0);
    for topic in topics() {
        let answers = topic.play(&Ground::built_in(&topic.name).await).await;
        count += answers.len();
        found.extend(compared(&topic.name, &answers));
    }
    let accepted = Differences::read(&folder().join("differences.toml"), |exchange| !exchange.starts_with("kubectl/"));
    let entries = accepted.len();
    let whole = std::env::var_os("AIOPS_TOPIC").is_none();
    let left = accepted.without(found, whole);
    assert!(left.is_empty(), "\n{}\nof {count} exchanges", differences::said(&left, "built-in", "real"));
    println!("{count} exchanges compared with the real server's; {entries} accepted differences");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_real_cluster_answers_as_recorded() {
    let Some(kubeconfig) = crate::support::face::real_kubeconfig("conformance") else { return };
    let (mut found, mut count) = (Vec::new(), 0);
    let play = async |topic: &Topic, place: String| {
        let ground = Ground::real(&kubeconfig, &place).await;
        let answers = topic.play(&ground).await;
        ground.leave().await;
        answers
    };
    let topics = topics();
    let plays = topics.iter().map(|topic| play(topic, topic.name.clone()));
    for (topic, answers) in topics.iter().zip(futures::future::join_all(plays).await) {
        count += answers.len();
        if wanted("AIOPS_RECORD", &topic.name) {
            record(&topic.name, &answers);
        }
        let mut differing = compared(&topic.name, &answers);
        // Some answers depend on how far a controller has come, or on the order of a Go map: what was recorded must come in one of the plays.
        for again in 1..=PLAYS_AGAIN {
            if differing.is_empty() {
                break;
            }
            let answers = play(topic, format!("{}-{again}", topic.name)).await;
            let now = compared(&topic.name, &answers);
            differing.retain(|one| now.iter().any(|other| other.exchange == one.exchange));
        }
        found.extend(differing);
    }
    assert!(
        found.is_empty(),
        "\n{}\nof {count} exchanges; to record anew: AIOPS_RECORD=TOPIC",
        differences::said(&found, "real now", "recorded")
    );
    println!("{count} recorded exchanges are still what the real server answers");
}

#[tokio::test(start_paused = true)]
async fn scenarios_on_the_built_in_cluster() {
    scenarios::all(Ground::built_in).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scenarios_on_the_real_cluster() {
    let Some(kubeconfig) = crate::support::face::real_kubeconfig("scenarios") else { return };
    scenarios::all(async |name: &str| Ground::real(&kubeconfig, name).await).await;
}
