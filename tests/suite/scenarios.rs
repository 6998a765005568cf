//! Every scenario on its own and beside the others: it starts, and shows what its `expected.yaml` says it shows.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on ends here")]
use aiops::{
    simulator::{
        Settings, Simulator,
        scenario::{self, Scenario},
    },
    terms::kinds::{self, KindInfo},
};
use axum::body::Body;
use http::Request;
use http_body_util::BodyExt;
use serde_json::Value;
use std::{collections::BTreeSet, path::Path};
use tower::ServiceExt;

const NOON: &str = "2026-11-21T12:00:00Z";
const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

fn started(scenarios: &[Scenario]) -> Simulator {
    scenario::start(scenarios, Settings::still_at(NOON.parse().unwrap())).unwrap_or_else(|e| panic!("{e}"))
}

async fn get(sim: &Simulator, path: &str, accept: &str) -> String {
    let request = Request::get(path).header("accept", accept).body(Body::empty()).unwrap();
    let bytes = sim.router().oneshot(request).await.unwrap().into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

async fn json(sim: &Simulator, path: &str, accept: &str) -> Value {
    let text = get(sim, path, accept).await;
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}: {text}"))
}

fn expected(scenario: Scenario) -> Value {
    let text = scenario.file("expected.yaml").unwrap_or_else(|| panic!("{} has no expected.yaml", scenario.name()));
    serde_saphyr::from_str(text).unwrap_or_else(|e| panic!("{}: {e}", scenario.name()))
}

/// `*` stands for any text.
fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, rest)) => {
            text.strip_prefix(head).is_some_and(|t| (0..=t.len()).any(|at| t.is_char_boundary(at) && fits(rest, &t[at..])))
        }
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn place(word: &str, namespace: &str) -> (&'static KindInfo, String) {
    let kind = kinds::find(word).unwrap_or_else(|| panic!("{word} is no kind"));
    let root = if kind.group.is_empty() { "/api/v1".to_owned() } else { format!("/apis/{}", kind.api_version()) };
    let inside = if kind.namespaced { format!("/namespaces/{namespace}") } else { String::new() };
    (kind, format!("{root}{inside}/{}", kind.plural))
}

/// Rows of a table as maps from column to cell.
async fn rows(sim: &Simulator, word: &str, namespace: &str) -> Vec<Vec<(String, String)>> {
    let table = json(sim, &place(word, namespace).1, TABLE).await;
    let columns: Vec<String> =
        table["columnDefinitions"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap().to_uppercase()).collect();
    let row = |r: &Value| columns.iter().cloned().zip(r["cells"].as_array().unwrap().iter().map(plain)).collect();
    table["rows"].as_array().unwrap().iter().map(row).collect()
}

/// `status.conditions[Ready].reason`: fields by name, list elements by type, name or place.
fn at<'a>(object: &'a Value, path: &str) -> Option<&'a Value> {
    let steps = path.split(['.', '[']).map(|s| s.trim_end_matches(']'));
    steps.into_iter().try_fold(object, |at, step| match at {
        Value::Array(list) => match step.parse::<usize>() {
            Ok(n) => list.get(n),
            Err(_) => list.iter().find(|e| e["type"] == step || e["name"] == step),
        },
        other => other.get(step),
    })
}

/// Whether what one line of `shows` says is so; else what is there instead.
async fn shown(sim: &Simulator, namespace: &str, word: &str, want: &Value) -> Result<(), String> {
    match word.split_once('/') {
        Some(("log", pod)) => {
            let pods = rows(sim, "pods", namespace).await;
            let (pod, container) = pod.split_once(':').unwrap_or((pod, ""));
            let mut seen = Vec::new();
            for row in pods.iter().filter(|r| fits(pod, &r[0].1)) {
                for previous in [false, true] {
                    let path = format!("/api/v1/namespaces/{namespace}/pods/{}/log?previous={previous}&container={container}", row[0].1);
                    let path = path.trim_end_matches("&container=").to_owned();
                    seen.push(get(sim, &path, "*/*").await);
                }
            }
            let found = seen.iter().flat_map(|log| log.lines()).any(|line| fits(&plain(want), line));
            if found { Ok(()) } else { Err(format!("{seen:?}")) }
        }
        Some((kind, name)) => {
            let object = json(sim, &format!("{}/{name}", place(kind, namespace).1), "application/json").await;
            for (path, want) in want.as_object().unwrap() {
                let have = at(&object, path).map(plain).unwrap_or_default();
                if !fits(&plain(want), &have) {
                    return Err(format!("{path} is {have:?}: {object}"));
                }
            }
            Ok(())
        }
        None => {
            let rows = rows(sim, word, namespace).await;
            let cells = want.as_object().unwrap();
            let cell = |row: &[(String, String)], name: &str| row.iter().find(|(n, _)| n == name).map(|(_, cell)| cell.clone());
            let fitting = |row: &Vec<(String, String)>| {
                cells.iter().all(|(name, want)| cell(row, name).is_some_and(|cell| fits(&plain(want), &cell)))
            };
            if rows.iter().any(fitting) { Ok(()) } else { Err(format!("{rows:?}")) }
        }
    }
}

/// What a scenario should show on this cluster and does not.
async fn hidden(sim: &Simulator, scenario: Scenario) -> Vec<String> {
    let (expected, namespace) = (expected(scenario), scenario.namespace().unwrap());
    let mut missing = Vec::new();
    for line in expected["shows"].as_array().unwrap() {
        for (word, want) in line.as_object().unwrap() {
            if let Err(seen) = shown(sim, &namespace, word, want).await {
                missing.push(format!("{}: {word} {want}\n  instead {seen}", scenario.name()));
            }
        }
    }
    missing
}

#[tokio::test]
async fn each_alone_shows_its_fault() {
    let mut missing = Vec::new();
    for scenario in Scenario::all() {
        missing.extend(hidden(&started(&[scenario]), scenario).await);
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// How long each takes to start: `cargo test --release --test all how_long -- --ignored --nocapture`.
#[test]
#[ignore = "prints figures"]
fn how_long_each_takes_to_start() {
    for scenario in Scenario::all() {
        let began = std::time::Instant::now();
        started(&[scenario]);
        println!("{:24} {:?}", scenario.name(), began.elapsed());
    }
}

#[tokio::test]
async fn all_together_show_every_fault() {
    let all: Vec<Scenario> = Scenario::all().collect();
    let sim = started(&all);
    let mut missing = Vec::new();
    for scenario in all {
        missing.extend(hidden(&sim, scenario).await);
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

async fn hidden_in_pairs(pairs: impl Iterator<Item = (Scenario, Scenario)>) {
    let mut missing = Vec::new();
    for (one, other) in pairs {
        let sim = started(&[one, other]);
        missing.extend(hidden(&sim, one).await);
        missing.extend(hidden(&sim, other).await);
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[tokio::test]
async fn two_together_show_both_faults() {
    let all: Vec<Scenario> = Scenario::all().collect();
    hidden_in_pairs(all.iter().copied().zip(all.iter().copied().cycle().skip(1))).await;
}

/// Some hundred pairs: `cargo test --test all every_pair -- --ignored`.
#[tokio::test]
#[ignore = "takes a minute; neighbours and all at once are in the test above"]
async fn every_pair_shows_both_faults() {
    let all: Vec<Scenario> = Scenario::all().collect();
    let after = |n: usize| all[n + 1..].iter().copied();
    hidden_in_pairs(all.iter().enumerate().flat_map(|(n, one)| after(n).map(|other| (*one, other)))).await;
}

/// A cause named in kebab-case, a sentence, the rest in their places.
#[test]
fn each_folder_is_whole() {
    let on_disk: BTreeSet<String> = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios"))
        .unwrap()
        .map(|e| e.unwrap())
        .filter(|e| e.path().is_dir())
        .map(|e| e.file_name().into_string().unwrap())
        .collect();
    let built_in: BTreeSet<String> = Scenario::all().map(|s| s.name().to_owned()).collect();
    assert_eq!(built_in, on_disk);
    assert!(built_in.len() >= 28, "{}", built_in.len());
    let mut namespaces = BTreeSet::new();
    for scenario in Scenario::all() {
        let name = scenario.name();
        assert!(namespaces.insert(scenario.namespace().unwrap()), "{name}: the namespace is another's");
        assert!(!scenario.about().unwrap().is_empty(), "{name}");
        let readme = scenario.file("README.md").unwrap_or_else(|| panic!("{name} has no README.md"));
        for part in ["**What the operator sees.**", "**What happened.**", "**How it is mended.**"] {
            assert!(readme.contains(part), "{name}: README.md lacks {part}");
        }
        let expected = expected(scenario);
        assert!(!expected["shows"].as_array().unwrap().is_empty(), "{name}");
        if expected["healthy"] == true {
            continue;
        }
        let cause = |field: &str| expected["cause"][field].as_str().unwrap_or_else(|| panic!("{name}: cause.{field}"));
        let (kind, object) = cause("object").split_once('/').unwrap();
        assert!(kind.starts_with(|c: char| c.is_ascii_uppercase()) && !object.is_empty(), "{name}");
        assert!(cause("id").split('-').all(|w| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())), "{name}");
        assert!(cause("says").ends_with('.'), "{name}");
        assert!(!expected["cause"]["explains"].as_array().unwrap().is_empty(), "{name}");
    }
}

/// Every object there is: kind, namespace, name.
async fn objects(sim: &Simulator) -> BTreeSet<(&'static str, String, String)> {
    let mut found = BTreeSet::new();
    for kind in kinds::KINDS.iter().filter(|k| k.usage == kinds::Usage::Stored) {
        let root = if kind.group.is_empty() { "/api/v1".to_owned() } else { format!("/apis/{}", kind.api_version()) };
        let list = json(sim, &format!("{root}/{}", kind.plural), "application/json").await;
        for object in list["items"].as_array().into_iter().flatten() {
            found.insert((kind.kind, plain(&object["metadata"]["namespace"]), plain(&object["metadata"]["name"])));
        }
    }
    found
}

#[tokio::test]
async fn a_scenario_keeps_to_its_namespace() {
    let ground = objects(&started(&[])).await;
    let mut wide = BTreeSet::new();
    for scenario in Scenario::all() {
        let own = scenario.namespace().unwrap();
        for (kind, namespace, name) in objects(&started(&[scenario])).await.difference(&ground) {
            // Events about nodes are in `default`, their leases in `kube-node-lease`; volumes are named by uids.
            let elsewhere = kind == &"Event" && namespace == "default"
                || kind == &"Lease" && namespace == "kube-node-lease"
                || kind == &"PersistentVolume";
            match namespace.as_str() {
                "null" if elsewhere => {}
                "null" => assert!(wide.insert((*kind, name.clone())), "{}: {kind} {name} is another's too", scenario.name()),
                other => assert!(elsewhere || other == own, "{}: {kind} {namespace}/{name}", scenario.name()),
            }
        }
    }
}
