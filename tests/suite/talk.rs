//! Dialogues: what a request means after another one, and what an answer makes of a question. Each is played at the one-shot face, on
//! the built-in cluster, and by the lines of `plan --batch`; the terminal's own test plays the same ones.

pub mod script;

use crate::support::face::Person;
use aiops::{
    faces::args::{Form, Global},
    ops::{Namespace, Op},
    road::plan::batch,
};
use proptest::prelude::*;
use script::{CLUSTER, Dialogue, dialogues, lines};
use serde_json::{Value, json};

/// What came of one turn, by what the one-shot face says in JSON.
fn came_of(document: &Value) -> String {
    if let Some(card) = document.get("preview") {
        let steps = card["steps"].as_array().unwrap().iter().map(|step| step["kubectl"].as_str().unwrap().to_string());
        return lines(steps, !card["assumed"].as_array().unwrap().is_empty());
    }
    let told = |result: &Value| -> Option<String> {
        if let Some(outcome) = result.get("outcome") {
            let ops = outcome["steps"].as_array()?.iter().map(|step| Op::from_json(step["op"].clone()).unwrap().line());
            return Some(lines(ops, false));
        }
        if let Some(question) = result.get("question") {
            return Some(format!("?{}", question["missing"].as_str()?));
        }
        let problem = result.pointer("/problem/sentence").and_then(Value::as_str);
        let undo =
            problem.is_some_and(|sentence| sentence.contains("undo") || sentence.contains("taken back") || sentence.contains("journal"));
        let plain = [
            ("refused", "refused"),
            ("not_understood", "unknown"),
            ("dropped", "dropped"),
            ("said", "told"),
            ("report", "why"),
            ("diagnosis", "why"),
        ];
        match plain.iter().find(|(key, _)| result.get(key).is_some()) {
            Some((_, word)) => Some((*word).to_string()),
            None if undo => Some("undo".into()),
            None if problem.is_some() => Some("trouble".into()),
            None if result.get("nothing_to_do").is_some() => Some("unchanged".into()),
            None => Some(match result.get("namespace").and_then(Value::as_str) {
                Some(namespace) => format!("here {namespace}"),
                None => result.to_string(),
            }),
        }
    };
    document["results"].as_array().unwrap().iter().find_map(told).unwrap_or_else(|| document.to_string())
}

async fn ground() -> Person {
    let (person, simulator, _) = Person::over_a_wire().await;
    for object in serde_json::from_str::<Vec<Value>>(CLUSTER).unwrap() {
        simulator.put(object).unwrap();
    }
    person
}

fn shows() -> Global {
    Global { dry_run: true, output: Form::Json, offline: true, ..Global::default() }
}

fn differs(dialogue: &Dialogue, n: usize, came: &str) -> String {
    let (said, want) = dialogue.turns[n];
    format!("line {}: {said:?}\n   want {want}\n   came {came}\n", dialogue.line + n)
}

#[tokio::test]
async fn every_dialogue_at_the_one_shot_face() {
    let person = ground().await;
    let mut wrong = String::new();
    for dialogue in dialogues() {
        let turns: Vec<&str> = dialogue.turns.iter().map(|(said, _)| *said).collect();
        let heard = person.talks("shop", &turns, shows()).await;
        for (n, text) in heard.iter().enumerate() {
            let document = serde_json::from_str(text).unwrap_or_else(|e| panic!("line {}: {e}: {text}", dialogue.line + n));
            let came = came_of(&document);
            if came != dialogue.turns[n].1 {
                wrong.push_str(&differs(&dialogue, n, &came));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn there_are_two_hundred_of_them_in_every_shape() {
    let all = dialogues();
    assert!(all.len() >= 200, "{}", all.len());
    let mut shapes: Vec<&str> = all.iter().map(|d| d.shape).collect();
    shapes.dedup();
    assert!(shapes.len() >= 10, "{shapes:?}");
    // A change that leans on what was said before spells that out.
    for dialogue in all.iter().filter(|d| !d.shape.contains("answers")) {
        let leans =
            |said: &str| said.starts_with("and ") && !said.contains("delete") && !said.contains("restart") || said.starts_with("no, ");
        for (said, came) in dialogue.turns.iter().filter(|(said, _)| leans(said)) {
            let changes = ["scale ", "rollout restart ", "delete ", "set ", "label "].iter().any(|verb| came.starts_with(verb));
            assert!(!changes || came.ends_with(" ~"), "line {}: {said}", dialogue.line);
        }
    }
}

/// One line of a batch.
fn planned(turns: &[&str]) -> Value {
    let (text, before) = turns.split_last().unwrap();
    let objects: Value = serde_json::from_str(CLUSTER).unwrap();
    let line = json!({"id": 1, "namespace": "shop", "text": text, "turns": before, "objects": objects}).to_string();
    let verdict = |_: &Op| "confirm";
    serde_json::from_str(&batch::answer(&line, &Namespace::new("shop").unwrap(), &verdict)).unwrap()
}

fn in_short(answer: &Value) -> String {
    let assumed = answer["assumed"].as_array().is_some_and(|a| !a.is_empty());
    match answer["outcome"].as_str().unwrap() {
        "plan" => lines(answer["operations"].as_array().unwrap().iter().map(|op| op["kubectl"].as_str().unwrap().to_string()), assumed),
        "question" => match answer["question"]["missing"].as_str().unwrap() {
            "run" => "undo".into(),
            missing => format!("?{missing}"),
        },
        "here" => format!("here {}", answer["reason"].as_str().unwrap().split(' ').nth(1).unwrap()),
        "answer" => "told".into(),
        other => other.to_string(),
    }
}

#[test]
fn the_same_by_the_turns_of_a_batch() {
    let mut wrong = String::new();
    // A batch has no kinds beside those of its objects, and no playbooks.
    for dialogue in dialogues().iter().filter(|d| !d.shape.ends_with("(on a cluster)")) {
        for n in 0..dialogue.turns.len() {
            if dialogue.turns[n].1 == "why" {
                continue;
            }
            let turns: Vec<&str> = dialogue.turns[..=n].iter().map(|(said, _)| *said).collect();
            let came = in_short(&planned(&turns));
            if came != dialogue.turns[n].1 {
                wrong.push_str(&differs(dialogue, n, &came));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// What only looks, and what can be said after it without a verb that changes something.
const READS: &[&str] = &[
    "show deployments",
    "describe backend",
    "show the logs of backend",
    "show pods in box",
    "why is backend failing",
    "kubectl get pods -n box",
    "show services",
    "rollout history of backend",
    "show events",
    "is there a pod",
    "kubectl logs deployment/backend --tail=5",
    "logs",
    "describe the deployment",
];
const AFTER: &[&str] = &[
    "again",
    "and frontend",
    "no, the frontend",
    "in staging too",
    "make it 5",
    "double it",
    "as yaml",
    "more",
    "why?",
    "and the logs?",
    "the second",
    "the other one",
    "2",
    "yes",
    "never mind",
    "back to what it was",
    "frontend instead",
    "not backend but frontend",
    "v2",
    "nginx:1.27",
    "tier=web",
    "to zero",
    "half",
    "and all of them",
    "same for worker",
    "do it",
    "do it again",
    "only the last 20 lines",
    "what about staging?",
    "5 replicas",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_follow_up_of_a_read_changes_anything(
        first in prop::sample::select(READS),
        after in prop::collection::vec(prop::sample::select(AFTER), 1..4),
    ) {
        let turns: Vec<&str> = std::iter::once(first).chain(after).collect();
        let answer = planned(&turns);
        let changed = answer["operations"].as_array().into_iter().flatten().any(|op| op["impact"] != "Reads");
        prop_assert!(!changed, "{turns:?}: {}", in_short(&answer));
    }

    #[test]
    fn any_two_requests_in_a_row_are_read(a in any::<prop::sample::Index>(), b in any::<prop::sample::Index>(), noise in ".{0,12}") {
        let all: Vec<&str> = dialogues().into_iter().flat_map(|d| d.turns).map(|(said, _)| said).collect();
        let (first, then) = (all[a.index(all.len())], all[b.index(all.len())]);
        let _ = planned(&[first, then]);
        let _ = planned(&[first, &format!("{then} {noise}"), then]);
        let _ = planned(&[first, &noise, then]);
    }

    #[test]
    fn a_yes_says_never_which(at in any::<prop::sample::Index>(), yes in prop::sample::select(vec!["yes", "y", "ok", "sure", "do it", "go ahead", "yes, do it"])) {
        let asks: Vec<Vec<&str>> = dialogues()
            .iter()
            .filter(|d| d.turns[0].1.starts_with('?'))
            .map(|d| vec![d.turns[0].0, yes])
            .collect();
        let answer = planned(&asks[at.index(asks.len())]);
        let changed = answer["operations"].as_array().into_iter().flatten().any(|op| op["impact"] != "Reads");
        prop_assert!(!changed, "{}", in_short(&answer));
    }
}

#[tokio::test]
async fn an_answer_goes_on_with_the_request_and_a_yes_carries_it_out() {
    let person = ground().await;
    let heard = person.says("shop", &["scale backend", "3"]).await;
    assert_eq!(heard.code, 0, "{}", heard.text);
    let backend = person.object("deployment", "backend", "shop").await.unwrap();
    assert_eq!(backend["spec"]["replicas"], 3);
    // What is no answer is not begun behind a question.
    let heard = person.says("shop", &["scale backend", "restart frontend"]).await;
    assert!(heard.code == 5 && heard.text.contains("not begun"), "{}", heard.text);
    let heard = person.says("shop", &["restart the deployment", "yes", "2"]).await;
    assert!(heard.code == 5 && heard.text.contains("1 kubectl rollout restart deployment/backend"), "{}", heard.text);
}

#[tokio::test]
async fn what_leans_on_earlier_words_is_not_taken_under_yes() {
    let person = ground().await;
    let heard = person.says("shop", &["describe frontend", "scale it to 5"]).await;
    assert_eq!(heard.code, 3, "{}", heard.text);
    assert!(heard.text.contains("deployment/frontend") && heard.text.contains("spoken of last"), "{}", heard.text);
    assert_eq!(person.object("deployment", "frontend", "shop").await.unwrap()["spec"]["replicas"], 2);
}

#[tokio::test]
async fn a_correction_of_a_change_is_another_change() {
    let person = ground().await;
    let heard = person.says("shop", &["scale backend to 5"]).await;
    assert_eq!(heard.code, 0, "{}", heard.text);
    let heard = person.talks("shop", &["scale backend to 6", "no, the frontend"], shows()).await;
    assert_eq!(came_of(&serde_json::from_str(&heard[1]).unwrap()), "scale deployment/frontend --replicas=6 ~");
    // Nothing was taken back by itself.
    assert_eq!(person.object("deployment", "backend", "shop").await.unwrap()["spec"]["replicas"], 5);
}

#[tokio::test]
async fn a_value_of_a_secret_is_not_said_again() {
    let person = ground().await;
    let first = "kubectl create secret generic db --from-literal=password=hunter2";
    for then in [
        "and in staging",
        "again",
        "do it in context prod",
        "and in nowhere",
        "as yaml",
        "no, the frontend",
        "kubernetes, whatever that is",
    ] {
        let heard = person.talks("shop", &[first, then], shows()).await;
        let (first, then) = (heard[0].replace(first, ""), heard[1].clone());
        assert!(!first.contains("hunter2") && !then.contains("hunter2"), "{then}");
        assert!(!then.contains("-n staging"), "it cannot be said again whole: {then}");
    }
}

#[test]
fn a_long_text_full_of_references_is_read_in_no_time() {
    let began = std::time::Instant::now();
    for text in [
        "them to them all of those in ",
        "web them the other one ",
        "not them but the second one, ",
        "and what about the last one ",
        "no, no, ",
    ] {
        let long: String = text.repeat(4000 / text.len());
        let _ = planned(&["show deployments", &long, "again"]);
    }
    // Not a measure: what grows with the square would take minutes.
    assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
}
