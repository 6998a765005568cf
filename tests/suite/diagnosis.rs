//! The diagnosis of the built-in cluster's scenarios: the cause first, from whichever object one asks, alone and together.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on ends here")]
use crate::support::face::Person;
use aiops::{
    doors::cluster::{Cluster, Identity},
    drive,
    experts::diagnose::{self, Diagnosis, Severity},
    faces::args::{Form, Global},
    facts::snapshot::{Ref, Snapshot},
    ops::Namespace,
    session::Tell,
    simulator::{
        Settings,
        scenario::{self, Scenario},
    },
};
use serde_json::Value;

const NOON: &str = "2026-11-21T12:00:00Z";

/// Where the cause lies in what a program was written to want, so that the objects alone do not tell it: the object at which it shows comes first.
const SHOWN_ELSEWHERE: &[&str] = &["no-database-url", "limit-range-refusal", "preempted-by-priority"];

fn cluster(scenarios: &[Scenario]) -> Cluster {
    let now = NOON.parse().unwrap();
    let simulator = scenario::start(scenarios, Settings::still_at(now)).unwrap_or_else(|e| panic!("{e}"));
    Cluster::over(simulator.router(), identity())
}

fn identity() -> Identity {
    Identity {
        context: "demo".into(),
        server: "built-in".into(),
        user: "demo".into(),
        namespace: Namespace::new("default").unwrap(),
        cluster_uid: None,
    }
}

async fn snapshot(scenarios: &[Scenario]) -> Snapshot {
    drive::diagnose::snapshot(&cluster(scenarios), None, NOON.parse().unwrap()).await
}

fn expected(scenario: Scenario) -> Value {
    serde_saphyr::from_str(scenario.file("expected.yaml").unwrap()).unwrap()
}

/// `*` at the end stands for any text.
fn fits(pattern: &str, name: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == name, |head| name.starts_with(head))
}

/// Whether the finding at that place is about the object, or explains it.
fn about(found: &Diagnosis, place: usize, object: &str) -> bool {
    let (kind, name) = object.split(':').next().unwrap().split_once('/').unwrap();
    let Some(finding) = found.findings.get(place) else { return false };
    std::iter::once(&finding.subject).chain(&finding.explains).any(|r| &*r.kind == kind && fits(name, &r.name))
}

/// The object that is the cause, and all that it explains.
fn involved(cause: &Value) -> Vec<&str> {
    let explained = cause["explains"].as_array().into_iter().flatten().filter_map(Value::as_str);
    cause["object"].as_str().into_iter().chain(explained).filter(|o| o.contains('/')).collect()
}

fn told(found: &Diagnosis) -> String {
    found.findings.iter().map(|f| format!("\n  {:?} {}: {}", f.severity, f.rule.id, f.title)).collect()
}

#[tokio::test]
async fn each_scenario_has_its_cause_first_from_every_object() {
    let mut wrong = Vec::new();
    for scenario in Scenario::all() {
        let expected = expected(scenario);
        let cause = &expected["cause"];
        let s = snapshot(&[scenario]).await;
        let found = diagnose::diagnose(&s, None);
        assert!(found.not_checked.is_empty(), "{}: {:?}", scenario.name(), found.not_checked);
        let Some(object) = cause["object"].as_str() else {
            assert_eq!(found.healthy, Some(true), "{}:{}", scenario.name(), told(&found));
            continue;
        };
        let objects = involved(cause);
        let first =
            if SHOWN_ELSEWHERE.contains(&scenario.name()) { objects.iter().any(|o| about(&found, 0, o)) } else { about(&found, 0, object) };
        if !first {
            wrong.push(format!("{}: {object} is not what comes first:{}", scenario.name(), told(&found)));
            continue;
        }
        // The same root cause, whichever of its objects one asks about.
        let root = &found.findings[0];
        for asked in std::iter::once(&root.subject).chain(&root.explains).filter(|r| s.has(r)) {
            let again = diagnose::diagnose(&s, Some(asked));
            assert_eq!(
                again.findings.first().map(|f| f.rule.id),
                Some(root.rule.id),
                "{}: asked about {asked:?}:{}",
                scenario.name(),
                told(&again)
            );
        }
    }
}

#[tokio::test]
async fn two_scenarios_together_have_both_causes_before_all_else() {
    let all: Vec<Scenario> = Scenario::all().filter(|s| expected(*s)["cause"]["object"].is_string()).collect();
    let mut wrong = Vec::new();
    for (n, one) in all.iter().enumerate() {
        for other in &all[n + 1..] {
            let s = snapshot(&[*one, *other]).await;
            let found = diagnose::diagnose(&s, None);
            for scenario in [*one, *other] {
                let expected = expected(scenario);
                let objects = involved(&expected["cause"]);
                let first = (0..2).any(|place| objects.iter().any(|o| about(&found, place, o)));
                if !first {
                    wrong.push(format!("{} of {} and {}:{}", scenario.name(), one.name(), other.name(), told(&found)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} causes are not among the first two:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn a_namespace_alone_is_enough() {
    let scenario = Scenario::find("missing-secret-key").unwrap();
    let s = snapshot(&[scenario]).await;
    let namespace = scenario.namespace().unwrap();
    let found = diagnose::diagnose(&s, Some(&Ref::new("Namespace", "", &namespace)));
    assert_eq!(found.findings.first().map(|f| f.rule.id), Some("config-key-missing"), "{}", told(&found));
    assert!(found.findings.iter().all(|f| f.severity >= Severity::Info));
}

fn one_line(text: &str) -> String {
    text.replace(" \\\n", "\n").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The same causes in words as by `aiops diagnose`, in both forms; what would mend them is said and not done, even where every question is said yes to.
#[tokio::test(flavor = "multi_thread")]
async fn questions_in_words_are_answered_by_the_rules() {
    crate::support::face::provider();
    let mut fixes = 0;
    for (name, request, about) in [
        ("bad-rollout", "why is deployment checkout failing", Some(("Deployment", "checkout"))),
        ("cpu-too-large", "why is deployment cube not ready", Some(("Deployment", "cube"))),
        ("missing-secret-key", "what is wrong in HERE", Some(("Namespace", "HERE"))),
        ("stale-config", "what is wrong in HERE", Some(("Namespace", "HERE"))),
        ("cronjob-suspended", "what is wrong in HERE", Some(("Namespace", "HERE"))),
        ("todo-chatbot", "is my cluster healthy", None),
    ] {
        let scenario = Scenario::find(name).unwrap();
        let namespace = scenario.namespace().unwrap().to_string();
        let about = about.map(|(kind, name)| {
            let inside = if kind == "Namespace" { "" } else { &namespace };
            Ref::new(kind, inside, &name.replace("HERE", &namespace))
        });
        let found = diagnose::diagnose(&snapshot(&[scenario]).await, about.as_ref());
        let first = &found.findings[0];
        let person = Person::of(cluster(&[scenario]));
        let request = request.replace("HERE", &namespace);
        let deployment = about.filter(|r| &*r.kind == "Deployment");
        let before = match &deployment {
            Some(r) => person.object("deployment", &r.name, &namespace).await.map(|o| o["spec"].clone()),
            None => None,
        };
        let flags = || Global { yes: true, ..Global::default() };
        let heard = person.says_with(&namespace, &[&request], flags()).await;
        let text = one_line(&heard.text);
        assert_eq!(heard.code, 0, "{name}: {text}");
        let mark = if first.severity > Severity::Info { '▲' } else { '·' };
        assert!(text.starts_with(&format!("{mark} {}", one_line(&first.title))), "{name}: {}\n{}", first.title, heard.text);
        for op in &first.fix {
            fixes += 1;
            assert!(text.contains(&format!("fix {}", one_line(&op.line()))), "{name}: {}", heard.text);
        }
        let json = person.says_with(&namespace, &[&request], Global { output: Form::Json, ..flags() }).await;
        let json: Value = serde_json::from_str(&json.text).unwrap();
        assert_eq!(json.pointer("/results/0/diagnosis/findings/0/rule").and_then(Value::as_str), Some(first.rule.id), "{name}: {json}");
        if let Some(r) = &deployment {
            let after = person.object("deployment", &r.name, &namespace).await.map(|o| o["spec"].clone());
            assert!(before.is_some() && before == after, "{name}: nobody asked for the fix");
        }
    }
    assert!(fixes > 0, "a fix is among them");
}

/// What is well is said to be so; what was named and looks well to the rules is looked at by a playbook that fits the words.
#[tokio::test(flavor = "multi_thread")]
async fn where_the_rules_find_nothing_a_playbook_looks() {
    crate::support::face::provider();
    let scenario = Scenario::find("todo-healthy").unwrap();
    let namespace = scenario.namespace().unwrap().to_string();
    let person = Person::of(cluster(&[scenario]));
    let all = person.json(&namespace, "is my cluster healthy").await;
    assert_eq!(all.pointer("/results/0/diagnosis/healthy"), Some(&Value::Bool(true)), "{all}");
    let one = person.json(&namespace, "why is backend not ready").await;
    assert!(one.pointer("/results/0/report").is_some(), "{one}");
}

/// The built-in cluster with these scenarios, whose controllers go on at thirty times the speed.
fn living(scenarios: &[Scenario]) -> Person {
    let (began, base): (_, jiff::Timestamp) = (std::time::Instant::now(), NOON.parse().unwrap());
    let clock = move || base + jiff::SignedDuration::try_from(began.elapsed() * 30).unwrap();
    let simulator = scenario::start(scenarios, Settings::following(std::sync::Arc::new(clock))).unwrap_or_else(|e| panic!("{e}"));
    tokio::spawn({
        let simulator = simulator.clone();
        async move { simulator.run().await }
    });
    Person::of(Cluster::over(simulator.router(), identity()))
}

/// Has the first cause of a scenario mended, and its name if there was something to mend it.
async fn healed(scenario: Scenario) -> Option<&'static str> {
    let found = diagnose::diagnose(&snapshot(&[scenario]).await, None);
    let first = found.findings.first().filter(|f| !f.fix.is_empty() && f.severity > Severity::Info)?;
    let person = living(&[scenario]);
    let namespace = scenario.namespace().map_or_else(|_| "default".to_string(), |n| n.to_string());
    // Between two runs a container that crashes looks well for a moment.
    let mut told = Vec::new();
    for _ in 0..5 {
        told = person.agrees(&namespace, &["is my cluster healthy", "fix 1", "undo"]).await;
        if told[0]
            .iter()
            .any(|tell| matches!(tell, Tell::Diagnosis(_, found) if found.findings.first().is_some_and(|f| f.rule == first.rule)))
        {
            break;
        }
    }
    let mended = told[1].iter().find_map(|tell| if let Tell::Mended(_, mended) = tell { Some(mended) } else { None });
    let mended = mended.unwrap_or_else(|| panic!("{}: {:?}", scenario.name(), told[1]));
    assert!(mended.causes.iter().all(|(_, gone)| *gone), "{}: {mended:?}\n{:?}", scenario.name(), first.fix);
    assert!(told[2].iter().any(|tell| matches!(tell, Tell::Outcome(o) if o.changed)), "{}: {:?}", scenario.name(), told[2]);
    Some(scenario.name())
}

/// Whatever a rule proposes heals what it found: asked for in words, said yes to, and looked at again by the same rules.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_proposed_heals_what_was_found() {
    crate::support::face::provider();
    let healed = futures::future::join_all(Scenario::all().map(healed)).await;
    let healed: Vec<&str> = healed.into_iter().flatten().collect();
    println!("healed: {}", healed.join(", "));
    for name in ["bad-rollout", "todo-chatbot", "wrong-selector", "wrong-target-port", "oom-after-rollout", "cronjob-suspended"] {
        assert!(healed.contains(&name), "{name} has a fix: {healed:?}");
    }
}

/// "Fix it" means what was proposed last; it is asked about like any other change, and no flag answers it.
#[tokio::test(flavor = "multi_thread")]
async fn fix_it_is_a_question_of_its_own() {
    crate::support::face::provider();
    let scenario = Scenario::find("todo-chatbot").unwrap();
    let namespace = scenario.namespace().unwrap().to_string();
    // By flag nothing is mended, and what would be done is said.
    let person = living(&[scenario]);
    let flags = Global { yes: true, ..Global::default() };
    let heard = person.says_with(&namespace, &["why is worker not ready", "fix it"], flags).await;
    assert_eq!(heard.code, 3, "{}", heard.text);
    assert!(one_line(&heard.text).contains("set env deployment/worker"), "{}", heard.text);
    let env = |object: Value| object.pointer("/spec/template/spec/containers/0/env").map(Value::to_string).unwrap_or_default();
    assert!(!env(person.object("deployment", "worker", &namespace).await.unwrap()).contains("DATABASE_URL"));
    // A person's yes does it, and the answer says that it is gone.
    for turns in [&["why is worker not ready", "fix it"][..], &["fix worker"], &["why is worker not ready? fix it"]] {
        let person = living(&[scenario]);
        let told = person.agrees(&namespace, turns).await;
        let mended = told.iter().flatten().any(|tell| matches!(tell, Tell::Mended(_, m) if m.causes.iter().all(|(_, gone)| *gone)));
        assert!(mended, "{turns:?}: {told:?}");
        assert!(env(person.object("deployment", "worker", &namespace).await.unwrap()).contains("DATABASE_URL"), "{turns:?}");
    }
    // Where nothing was found out there is nothing to mend, and how it is mended is a question.
    for turns in [&["fix it"][..], &["how do i fix worker"], &["why is worker not ready", "get pods", "do it"]] {
        let person = living(&[scenario]);
        let told = person.agrees(&namespace, turns).await;
        assert!(!told.iter().flatten().any(|tell| matches!(tell, Tell::Outcome(o) if o.changed)), "{turns:?}: {told:?}");
    }
}
