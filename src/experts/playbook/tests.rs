//! Tests over the whole room; a playbook's own cases stand in its YAML.

use super::*;
use crate::{
    ops::{Answer, Impact, ObjectForm, Op, answer::LogLine},
    problem::Problem,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn at(seconds: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_second(seconds).unwrap()
}

fn inputs(kind: &str, name: &str) -> Inputs {
    let subject = serde_json::from_value(json!({"kind": kind, "name": name, "namespace": "todo-chatbot"})).ok();
    Inputs { subject, namespace: crate::ops::Namespace::new("todo-chatbot").ok(), now: at(1_800_000_000) }
}

fn nowhere() -> Inputs {
    Inputs { subject: None, namespace: None, now: at(1_800_000_000) }
}

#[test]
fn the_built_in_ones_are_without_fault() {
    let faults = library::BUILT_IN
        .iter()
        .flat_map(|(file, text)| lint(text, file).into_iter().map(move |e| format!("{file}:{}:{}: {}", e.line, e.column, e.sentence)));
    let faults: Vec<String> = faults.collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!(Library::built_in().all().count(), library::BUILT_IN.len());
}

#[test]
fn words_find_their_playbook() {
    let library = Library::built_in();
    let begun = |words: &str, inputs: Inputs| library.begin(words, inputs).map(|r| r.name().to_string()).unwrap_or_default();
    for (words, kind, name) in [
        ("why is worker not ready", "deployment", "workload-not-ready"),
        ("why is worker down?", "deployment", "workload-not-ready"),
        ("why is worker pending", "pod", "workload-not-ready"),
        ("what is wrong with worker", "statefulset", "workload-not-ready"),
        ("What's wrong with worker?", "daemonset", "workload-not-ready"),
        ("is worker healthy", "deployment", "workload-not-ready"),
        ("why isn't worker starting", "deployment", "workload-not-ready"),
        ("worker is failing, why", "deployment", "workload-not-ready"),
        ("why is worker crashing", "deployment", "crash-loop"),
        ("why does worker keep restarting", "deployment", "crash-loop"),
        ("worker keeps crashing", "pod", "crash-loop"),
        ("why was worker OOMKilled", "pod", "crash-loop"),
        ("why does worker have no endpoints", "service", "service-without-endpoints"),
        ("worker is not reachable", "service", "service-without-endpoints"),
        ("worker gives 503", "service", "service-without-endpoints"),
    ] {
        assert_eq!(begun(words, inputs(kind, "worker")), name, "{words}");
    }
    let here = || Inputs { namespace: crate::ops::Namespace::new("todo-chatbot").ok(), ..nowhere() };
    for (words, inputs, name) in [
        ("is my cluster healthy", here(), "cluster-health"),
        ("is my cluster healthy?", nowhere(), "cluster-health"),
        ("cluster health", nowhere(), "cluster-health"),
        ("are all nodes ready", nowhere(), "cluster-health"),
        ("what is wrong with my cluster", here(), "cluster-health"),
        ("what is wrong in todo-chatbot", here(), "namespace-overview"),
        ("what is wrong in todo-chatbot", super::tests::inputs("namespace", "todo-chatbot"), "namespace-overview"),
        ("overview of todo-chatbot", here(), "namespace-overview"),
        ("what's failing", here(), "namespace-overview"),
        ("what is not running", here(), "namespace-overview"),
        ("what is broken", nowhere(), "cluster-health"),
    ] {
        assert_eq!(begun(words, inputs), name, "{words}");
    }
    for words in ["", "scale worker to 3", "hello there"] {
        assert_eq!(begun(words, here()), "", "{words}");
        assert_eq!(begun(words, inputs("deployment", "worker")), "", "{words}");
    }
    // The object's name says nothing about what is asked.
    assert_eq!(begun("why is crash not ready", inputs("deployment", "crash")), "workload-not-ready");
}

const GOOD: &str = "\
name: tiny
about: A small one.
matches: [tiny]
steps:
  - id: pods
    read: {op: get, kinds: [pod], output: json}
  - find:
      rule: some
      severity: error
      each: list(pods)
      when: it.metadata.name == 'a'
      title: \"pod ${it.metadata.name}\"
  - fine: [\"all well\"]
tests:
  - name: empty
    expect: {healthy: true, fine: [all well]}
";

#[test]
fn lint_tells_each_sort_of_fault_with_its_line() {
    assert_eq!(lint(GOOD, "good.yaml"), []);
    for (from, to, line, says) in [
        ("about: A", "abuot: A", 2, "abuot"),
        ("severity: error", "severity: awful", 9, "awful"),
        ("op: get,", "op: got,", 6, "there is no operation \"got\""),
        ("kinds: [pod]", "kins: [pod]", 6, "kins"),
        ("kinds: [pod]", "kinds: [pood]", 6, "pood"),
        ("read: {op: get, kinds: [pod], output: json}", "read: {op: scale, kind: pod, name: a, replicas: 1}", 6, "only reads"),
        ("each: list(pods)", "each: list(pods", 10, "no CEL expression"),
        ("each: list(pods)", "each: list(nodes)", 10, "nodes is no earlier step"),
        ("each: list(pods)", "each: lisst(pods)", 10, "no function lisst"),
        ("      each: list(pods)\n", "", 10, "it is no earlier step"),
        ("pod ${it.metadata.name}\"", "pod ${it.metadata.name\"", 12, "without its"),
        ("- id: pods\n", "- id: it\n", 5, "cannot be a step's id"),
        ("  - fine:", "  - id: pods\n    let: '1'\n  - fine:", 13, "two steps with the id pods"),
        ("    read: {op", "    let: '1'\n    read: {op", 5, "exactly one of"),
        ("  - fine: [\"all well\"]", "  - when: pods\n", 13, "exactly one of"),
        ("    expect: {healthy", "    given: {nope: []}\n    expect: {healthy", 15, "no such step"),
        ("healthy: true", "healthy: false", 0, "the test \"empty\" fails"),
    ] {
        let text = GOOD.replacen(from, to, 1);
        assert_ne!(text, GOOD, "{from}");
        let faults = lint(&text, "bad.yaml");
        assert!(faults.iter().any(|f| f.sentence.contains(says) && f.line == line), "{to}: {faults:?}");
    }
    let untested = GOOD.split("tests:").next().unwrap();
    assert!(lint(untested, "x").iter().any(|f| f.line == 1 && f.sentence.contains("no tests")));
}

#[test]
fn the_schema_names_what_the_reader_knows() {
    let schema = schema();
    for field in ["name", "about", "matches", "inputs", "steps", "tests"] {
        assert!(schema["properties"].get(field).is_some(), "{field}");
    }
    assert_eq!(schema["additionalProperties"], false);
}

/// Goes through with an answer for each read; what was asked comes back too.
fn walk(mut runner: Runner, mut answer: impl FnMut(&Op) -> Result<Answer, Problem>) -> (Report, Vec<Op>) {
    let mut asked = Vec::new();
    for _ in 0..200 {
        match runner.next() {
            Next::Report(report) => return (report, asked),
            Next::Reads(ops) => {
                for op in &ops {
                    runner.take(answer(op));
                }
                asked.extend(ops);
            }
        }
    }
    panic!("{} came to no end", runner.name());
}

fn begun(name: &str) -> Runner {
    let library = Library::built_in();
    let playbook = library.named(name).unwrap();
    let kind = playbook.subject.first().map(|k| k.word().into_owned());
    let inputs =
        kind.map_or_else(|| Inputs { namespace: crate::ops::Namespace::new("todo-chatbot").ok(), ..nowhere() }, |k| inputs(&k, "worker"));
    library.begin_named(name, "", inputs).unwrap()
}

const NAMES: [&str; 5] = ["workload-not-ready", "crash-loop", "service-without-endpoints", "namespace-overview", "cluster-health"];

#[test]
fn forbidden_to_look_is_unknown_and_never_healthy() {
    for name in NAMES {
        let (report, asked) = walk(begun(name), |_| Err(Problem::failed("forbidden")));
        assert_eq!((report.healthy, report.findings.len()), (None, 0), "{name}: {report:?}");
        assert!(!report.not_checked.is_empty() && report.fine.is_empty(), "{name}: {report:?}");
        assert!(report.not_checked.iter().all(|n| !n.contains("could not be judged")), "{name}: {report:?}");
        assert!(asked.iter().all(|op| op.verb().impact() == Impact::Reads), "{name}");
    }
}

#[test]
fn one_read_that_cannot_be_made_takes_no_other_with_it() {
    // A whole batch fails with one problem: each is asked for by itself.
    let mut runner = begun("cluster-health");
    let Next::Reads(all) = runner.next() else { panic!("no reads") };
    assert!(all.len() > 2);
    runner.take(Err(Problem::failed("the second of them is not known here")));
    let (report, asked) = walk(runner, |op| {
        if op.line().contains("persistentvolumeclaims") {
            Err(Problem::failed("not known here"))
        } else {
            Ok(Answer::Objects { output: ObjectForm::Json, items: Vec::new().into() })
        }
    });
    assert_eq!(asked.len(), all.len());
    assert_eq!(report.not_checked.len(), 1, "{report:?}");
}

#[test]
fn a_caller_that_never_answers_comes_to_an_end() {
    for name in NAMES {
        let mut runner = begun(name);
        assert!((0..400).any(|_| matches!(runner.next(), Next::Report(_))), "{name}");
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "metadata",
        "status",
        "spec",
        "name",
        "namespace",
        "labels",
        "containers",
        "containerStatuses",
        "state",
        "lastState",
        "waiting",
        "terminated",
        "running",
        "reason",
        "message",
        "exitCode",
        "conditions",
        "type",
        "selector",
        "ports",
        "targetPort",
        "phase",
        "Pending",
        "Running",
        "Ready",
        "CrashLoopBackOff",
        "Pod",
        "Deployment",
        "kind",
        "involvedObject",
        "0/1 nodes are available: 1 {",
        "\u{1b}[31mERROR",
        "",
        "2026-01-01T00:00:00Z",
        "replicas",
        "endpoints",
        "ownerReferences",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 60, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((word.clone().prop_map(String::from), inner), 0..8).prop_map(|f| Value::Object(f.into_iter().collect())),
        ]
    })
}

/// A pod that is nearly one, with any JSON in one place.
fn odd_pod() -> impl Strategy<Value = Value> {
    let paths = [
        "metadata",
        "spec",
        "status",
        "status.containerStatuses",
        "status.conditions",
        "spec.containers",
        "metadata.labels",
        "metadata.ownerReferences",
    ];
    (any_json(), prop::sample::select(paths.to_vec())).prop_map(|(odd, path)| {
        let mut pod = json!({"kind": "Pod", "metadata": {"name": "p", "namespace": "n", "labels": {"app": "w"}}, "spec": {"containers": [{"name": "c"}]},
            "status": {"phase": "Running", "conditions": [], "containerStatuses": [{"name": "c", "restartCount": 3, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]}});
        let pointer = format!("/{}", path.replace('.', "/"));
        if let Some(place) = pod.pointer_mut(&pointer) {
            *place = odd;
        }
        pod
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_loader_panic(text in "[ -~\\n]{0,200}") {
        let _ = lint(&text, "any.yaml");
    }

    #[test]
    fn no_change_to_a_good_text_makes_it_panic(place in 0..GOOD.len(), with in "[-:{}\\[\\]$'\"#&*!|> a\\n]{0,4}", cut in 0..8_usize) {
        let end = (place + cut).min(GOOD.len());
        let text = format!("{}{with}{}", &GOOD[..place], &GOOD[end..]);
        let _ = lint(&text, "any.yaml");
    }

    #[test]
    fn no_answer_makes_a_playbook_panic(items in prop::collection::vec(prop_oneof![any_json(), odd_pod()], 0..4), line in "\\PC{0,40}", which in 0..NAMES.len()) {
        let (report, asked) = walk(begun(NAMES[which]), |op| Ok(match op {
            Op::Logs(_) => Answer::Log { lines: vec![LogLine { source: String::new(), text: line.clone() }], truncated: false },
            _ => Answer::Objects { output: ObjectForm::Json, items: items.clone().into() },
        }));
        prop_assert!(asked.iter().all(|op| op.verb().impact() == Impact::Reads));
        for text in report.findings.iter().flat_map(|f| f.evidence.iter().chain([&f.title])) {
            prop_assert!(text.chars().count() <= 300);
        }
    }
}

#[test]
#[ignore = "a measurement, not a check: run it with --release"]
fn how_long_a_large_cluster_takes() {
    let pod = |i: usize| {
        json!({"kind": "Pod", "metadata": {"name": format!("w-{i}"), "namespace": format!("n{}", i % 50), "labels": {"app": format!("w{}", i % 200)}, "annotations": {"a": "b".repeat(500)}},
            "spec": {"nodeName": "n1", "containers": [{"name": "c", "image": "x"}]}, "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [{"name": "c", "ready": true, "restartCount": 0, "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}}]}})
    };
    let pods: Vec<Value> = (0..1_000).map(pod).collect();
    let since = std::time::Instant::now();
    let (report, _) = walk(begun("cluster-health"), |op| {
        let items = if op.line().contains("pods") { pods.clone() } else { Vec::new() };
        Ok(Answer::Objects { output: ObjectForm::Json, items: items.into() })
    });
    println!("1,000 pods: {:?}, healthy {:?}", since.elapsed(), report.healthy);
}
