//! What pods, controllers and nodes go through, recorded on the real cluster and played on the built-in one.
//!
//! A case is a few objects, the scripts that make the built-in kubelet do the same, and the moments at which a picture is taken: statuses and events,
//! with names, times and addresses made equal. `cargo test` plays every case on the built-in cluster and holds it against the recordings.
//! To record again: `AIOPS_RECORD=all` (or a file, or the beginning of a case's name) with `AIOPS_TEST_KUBECONFIG` of a cluster that has the real node.
mod picture;
mod play;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{collections::BTreeMap, path::PathBuf};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Where its pods go: the real node, or the fake ones.
    #[serde(default)]
    node: Node,
    objects: Vec<Value>,
    #[serde(default)]
    scripts: Vec<Value>,
    moments: Vec<Moment>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Node {
    #[default]
    Real,
    Fake,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Moment {
    /// The kind that is waited on; the first object of it in the case's namespace.
    #[serde(default = "pod")]
    of: String,
    /// JSON pointers and what must stand there; null: nothing.
    #[serde(default)]
    until: BTreeMap<String, Value>,
    /// An event of this reason must be there.
    #[serde(default)]
    event: String,
    /// Nothing of `of` may be left.
    #[serde(default)]
    gone: bool,
    /// Seconds to let pass after that.
    #[serde(default = "one")]
    rest: u64,
    /// The kinds whose statuses are in the picture.
    #[serde(default = "pods")]
    show: Vec<String>,
    /// Fields of these kinds beside the status, as pointers.
    #[serde(default)]
    fields: Vec<String>,
    /// False: no events in the picture.
    #[serde(default = "yes")]
    events: bool,
    /// What is done after the picture.
    #[serde(default)]
    then: Vec<Act>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Act {
    Create(Value),
    /// `Kind/name`.
    Delete(String),
    /// `Kind/name` or `Kind/name/subresource`, and a merge patch.
    Patch(String, Value),
    Evict(String),
}

fn pod() -> String {
    "Pod".to_owned()
}
fn one() -> u64 {
    1
}
fn pods() -> Vec<String> {
    vec![pod()]
}
fn yes() -> bool {
    true
}

/// What a case looked like at its moments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Picture {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    objects: BTreeMap<String, Value>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    events: Vec<Value>,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/suite/recordings")
}

/// The cases of each file, by name; the file's own name in front.
fn cases() -> Vec<(String, BTreeMap<String, Case>)> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder()).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "yaml"));
    files.sort();
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        let cases = serde_saphyr::from_str(&text).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        (path.file_stem().unwrap().to_string_lossy().into_owned(), cases)
    };
    files.into_iter().map(read).collect()
}

fn recorded(topic: &str) -> BTreeMap<String, Vec<Picture>> {
    let path = folder().join("recorded").join(format!("{topic}.json"));
    std::fs::read_to_string(path).ok().map(|text| serde_json::from_str(&text).unwrap()).unwrap_or_default()
}

/// Every case, played on the built-in cluster, looks as it was recorded.
#[tokio::test]
async fn the_built_in_cluster_looks_as_the_real_one_did() {
    let only = std::env::var("AIOPS_CASE").unwrap_or_default();
    let mut wrong = Vec::new();
    let mut played = 0;
    for (topic, cases) in cases() {
        let recorded = recorded(&topic);
        for (name, case) in cases.iter().filter(|(name, _)| name.starts_with(&only)) {
            let Some(expected) = recorded.get(name) else {
                wrong.push(format!("{topic}/{name}: never recorded"));
                continue;
            };
            played += 1;
            match play::play(&mut play::built_in(case).await, name, case).await {
                Ok(pictures) => wrong.extend(picture::differences(expected, &pictures).into_iter().map(|d| format!("{topic}/{name}: {d}"))),
                Err(why) => wrong.push(format!("{topic}/{name}: {why}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{} differences in {played} cases\n{}", wrong.len(), wrong.join("\n"));
}

/// Records the cases on the real cluster, when asked to.
#[tokio::test]
async fn record() {
    let Ok(only) = std::env::var("AIOPS_RECORD") else { return };
    for (topic, cases) in cases() {
        let chosen: BTreeMap<String, Case> =
            cases.into_iter().filter(|(name, _)| only == "all" || topic == only || name.starts_with(&only)).collect();
        if chosen.is_empty() {
            continue;
        }
        let plays = chosen.into_iter().map(|(name, case)| async move {
            let played = play::play(&mut play::real(&case).await, &name, &case).await;
            (name, played)
        });
        let mut all = recorded(&topic);
        for (name, played) in futures::future::join_all(plays).await {
            match played {
                Ok(pictures) => drop(all.insert(name, pictures)),
                Err(why) => println!("{name}: {why}"),
            }
        }
        let path = folder().join("recorded").join(format!("{topic}.json"));
        std::fs::write(path, serde_json::to_string_pretty(&all).unwrap() + "\n").unwrap();
    }
}

/// Writes down the real cluster's nodes, when asked to record everything.
#[tokio::test]
async fn record_nodes() {
    if std::env::var("AIOPS_RECORD").is_ok_and(|only| only == "all" || only == "nodes") {
        play::record_nodes().await;
    }
}
