//! Whole requests, without a cluster and with one.

use super::*;
use crate::{
    facts::Brief,
    ops::{Kind, Lookup, Name, Namespace},
};
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeMap;

pub(super) fn scope(cluster: bool) -> Scope {
    Scope { namespace: Namespace::new("default").unwrap(), last: None, everywhere: false, cluster }
}

/// What came of it, in one line.
fn said(reading: &Reading) -> String {
    match reading {
        Reading::Plan(plan) => plan.ops().iter().map(Op::line).collect::<Vec<_>>().join(" + "),
        Reading::Question(q) => format!("? {}", q.missing),
        Reading::Refused(_) => "refused".into(),
        Reading::Needs(_) => "needs".into(),
        Reading::Unknown => "unknown".into(),
        Reading::Aside(Aside::Undo(run)) => format!("undo {}", run.as_deref().unwrap_or("last")),
        Reading::Aside(Aside::Drop) => "drop".into(),
        Reading::Aside(Aside::Here(namespace)) => format!("here {namespace}"),
        Reading::Aside(Aside::Told(text)) => text.clone(),
        Reading::Aside(Aside::Help) => "help".into(),
        Reading::Aside(Aside::Audit { topic, .. }) => topic.told().into(),
        Reading::Aside(Aside::Account { asks, of, .. }) => asks.told(of.as_deref()),
        Reading::Aside(Aside::Investigate { subject, namespace }) => {
            let what = subject.as_ref().map_or("everything".to_string(), Target::slashed);
            format!("investigate {what} in {}", namespace.as_ref().map_or("all", |n| n.as_str()))
        }
    }
}
fn plan(text: &str) -> String {
    said(&super::super::read(text, &scope(false), &Facts::default()))
}

/// Answers the rows of a batch, for the scoring scripts: `AIOPS_BATCH_IN=… AIOPS_BATCH_OUT=… cargo test -- --ignored batch_by_hand`.
#[test]
#[ignore = "run by hand, with files named in the environment"]
fn batch_by_hand() {
    let (Ok(from), Ok(to)) = (std::env::var("AIOPS_BATCH_IN"), std::env::var("AIOPS_BATCH_OUT")) else { return };
    let typed = [
        "namespaces",
        "deployments",
        "statefulsets",
        "daemonsets",
        "replicasets",
        "jobs",
        "cronjobs",
        "pods/none",
        "persistentvolumeclaims",
        "persistentvolumes",
        "nodes",
        "customresourcedefinitions",
        "rolebindings",
        "clusterrolebindings",
    ];
    let verdict = |op: &Op| match op.verb().impact() {
        crate::ops::Impact::Reads => "allow",
        _ if op.entry().name == "delete" && op.verb().targets().iter().any(|t| typed.contains(&t.kind().info().plural)) => "confirm_typed",
        _ => "confirm",
    };
    let here = Namespace::new("default").unwrap();
    let input = std::fs::read_to_string(from).unwrap();
    let started = std::time::Instant::now();
    let out: Vec<String> = input.lines().map(|line| super::super::batch::answer(line, &here, &verdict)).collect();
    eprintln!("{} lines in {:?}", out.len(), started.elapsed());
    std::fs::write(to, out.join("\n") + "\n").unwrap();
}

/// Each row is a request and what comes of it without a cluster: the kubectl lines, or `? what is missing`.
const PLAIN: &str = include_str!("plain.txt");

#[test]
fn plain_requests_without_a_cluster() {
    holds(PLAIN);
}

/// The same, as people put it who did not know how it is read.
const PHRASINGS: &str = include_str!("phrasings.txt");

#[test]
fn requests_as_people_put_them() {
    holds(PHRASINGS);
}

/// Whether each row of such a file comes to what it says.
pub(super) fn holds(rows: &str) {
    let wrong: Vec<String> = rows
        .lines()
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
        .filter_map(|line| {
            let (text, want) = line.split_once(" => ").unwrap_or((line, ""));
            let got = plan(text.trim());
            (got != want.trim()).then(|| format!("{text}\n   want {want}\n   got  {got}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// How many rows of such a file come to what they say, and how many there are.
pub(super) fn right(rows: &str) -> (usize, usize) {
    let rows = rows.lines().filter(|l| !l.is_empty() && !l.starts_with('#')).filter_map(|line| line.split_once(" => "));
    rows.fold((0, 0), |(right, all), (text, want)| (right + usize::from(plan(text.trim()) == want.trim()), all + 1))
}

/// Answers needs from these objects: `kind namespace name app`.
fn world(rows: &[(&str, &str, &str, &str)], denied: &[&str], text: &str, last: Option<Target>) -> Reading {
    let mut facts = Facts::default();
    let scope = Scope { last, ..scope(true) };
    for _ in 0..6 {
        let needs = match super::super::read(text, &scope, &facts) {
            Reading::Needs(needs) => needs,
            reading => return reading,
        };
        for need in needs {
            match need {
                Need::Names(kind, namespace) => {
                    let of = rows
                        .iter()
                        .filter(|(k, ns, ..)| Kind::find(k) == Some(kind) && namespace.as_ref().is_none_or(|n| n.as_str() == *ns));
                    let briefs = of.map(|(_, ns, name, app)| Brief {
                        name: Name::new(*name).unwrap(),
                        namespace: Namespace::new(*ns).ok().filter(|_| kind.namespaced()),
                        labels: if app.is_empty() { BTreeMap::new() } else { BTreeMap::from([("app".to_string(), (*app).to_string())]) },
                        owner: None,
                    });
                    let known = if denied.iter().any(|d| Kind::find(d) == Some(kind)) {
                        Lookup::NotChecked("403".into())
                    } else {
                        Lookup::Known(briefs.collect())
                    };
                    facts.add_names(kind, namespace, known);
                }
                Need::Look(call) => {
                    let object = json!({"spec": {"replicas": 4, "template": {"spec": {"containers": [{"name": "app", "image": "reg.io:5000/x/app:v1"}]}}}});
                    facts.add_look(call, Lookup::Known(object));
                }
                Need::Kinds => facts.add_kinds(Lookup::NotChecked("403".into())),
                Need::Access(_) | Need::File(_) | Need::Contents(_) | Need::Edit(_) => panic!("{need:?}"),
            }
        }
    }
    panic!("it never had enough");
}

const TODO: &[(&str, &str, &str, &str)] = &[
    ("deployment", "default", "todo-backend", "backend"),
    ("deployment", "default", "todo-frontend", "frontend"),
    ("deployment", "default", "web", "web"),
    ("statefulset", "default", "web-db", "web-db"),
    ("deployment", "prod", "api-a", "a"),
    ("deployment", "prod", "api-b", "b"),
    ("pod", "default", "todo-backend-7d4b-x1", "backend"),
    ("pod", "default", "todo-backend-7d4b-x2", "backend"),
    ("pod", "default", "solo", ""),
    ("service", "default", "backend-service", "backend"),
    ("service", "default", "web", "web"),
    ("namespace", "", "default", ""),
    ("namespace", "", "prod", ""),
    ("node", "", "worker-1", ""),
    ("node", "", "worker-2", ""),
];

#[test]
fn names_are_found_in_the_cluster() {
    for (text, want, assumed) in [
        ("scale web to 3", "kubectl scale deployment/web --replicas=3 -n default", 0),
        ("restart backend", "kubectl rollout restart deployment/todo-backend -n default", 1),
        ("restart the backend pods", "kubectl rollout restart deployment/todo-backend -n default", 1),
        ("logs of backend", "kubectl logs deployment/todo-backend -n default", 0),
        ("logs of the backend pod", "kubectl logs deployment/todo-backend -n default", 0),
        ("logs of solo", "kubectl logs solo -n default", 0),
        ("describe web", "kubectl describe deployment/web -n default", 0),
        ("describe backend-service", "kubectl describe service/backend-service -n default", 0),
        ("show backend pods", "kubectl get pod todo-backend-7d4b-x1 todo-backend-7d4b-x2 -n default", 0),
        ("pods prod", "kubectl get pods -n prod", 0),
        ("restart api in prod", "? which", 0),
        ("restart nothing-like-it", "? name", 0),
        ("delete web", "? which", 0),
        ("delete deployment web", "kubectl delete deployment/web -n default", 0),
        ("delete the backend deployment", "kubectl delete deployment/todo-backend -n default", 1),
        ("bump web to v2", "kubectl set image deployment/web '*=reg.io:5000/x/app:v2' -n default", 0),
        ("scale web by 2", "kubectl scale deployment/web --replicas=6 -n default", 1),
        ("scale web down by 1", "kubectl scale deployment/web --replicas=3 -n default", 1),
        ("double the replicas of web", "kubectl scale deployment/web --replicas=8 -n default", 1),
        ("cordon worker-1", "kubectl cordon worker-1", 0),
        ("cordon worker", "? which", 0),
        ("scale web-db to 2", "kubectl scale statefulset/web-db --replicas=2 -n default", 0),
    ] {
        let reading = world(TODO, &[], text, None);
        assert_eq!(said(&reading), want, "{text}: {reading:?}");
        if let Reading::Plan(plan) = &reading {
            assert_eq!(plan.assumed().len(), assumed, "{text}: {:?}", plan.assumed());
        }
    }
}

#[test]
fn choices_are_whole_requests() {
    let Reading::Question(q) = world(TODO, &[], "restart api in prod", None) else { panic!() };
    assert_eq!(q.choices, ["kubectl rollout restart deployment/api-a -n prod", "kubectl rollout restart deployment/api-b -n prod"]);
    let Reading::Question(q) = world(TODO, &[], "scale bakend to 2", None) else { panic!() };
    assert!(q.text.contains("todo-backend") && q.choices.iter().all(|c| c.ends_with("--replicas=2 -n default")), "{q:?}");
    let Reading::Question(q) = world(TODO, &[], "delete deployment", None) else { panic!() };
    assert_eq!(q.choices.len(), 3, "{q:?}");
}

#[test]
fn where_nobody_may_look_the_word_is_taken_as_it_was_said() {
    let denied = ["deployment", "statefulset", "daemonset"];
    assert_eq!(said(&world(&[], &denied, "restart backend", None)), "kubectl rollout restart deployment/backend -n default");
}

#[test]
fn it_is_what_was_last_talked_about() {
    let web = Target::new(Kind::find("deployment").unwrap(), Name::new("web").unwrap()).unwrap().in_namespace(Namespace::new("prod").ok());
    for (text, want) in [
        ("scale it to 2", "kubectl scale deployment/web --replicas=2 -n prod"),
        ("restart that deployment", "kubectl rollout restart deployment/web -n prod"),
        ("show its logs", "kubectl logs deployment/web -n prod"),
        ("describe it", "kubectl describe deployment/web -n prod"),
        ("restart that pod", "? name"),
    ] {
        assert_eq!(said(&world(TODO, &[], text, Some(web.clone()))), want, "{text}");
    }
}

/// Words that can make a change; a text with none of them never does.
const CHANGING: &str = "scale|scaling|rescale|resize|upscale|downscale|restart|bounce|recycle|roll|rolling|rollback|undo|revert|go|delete|deleting|remove|removing|destroy|erase|wipe|purge|get|kill|terminate|nuke|drop|clean|cleanup|tear|take|unlabel|strip|cordon|disable|stop|prevent|uncordon|enable|allow|resume|create|creating|apply|applying|set|update|updating|change|changing|modify|bump|upgrade|downgrade|make|put|switch|add|adjust|bring|turn|move|use|ensure|keep|increase|raise|grow|expand|decrease|reduce|lower|shrink|cut|mark|marking|label|labelling|labeling|overwrite|overwriting|replace|replacing|double|twice|half|halve|new|brand|give|want|need|kubectl|k|perform|do|even|tag|restarting";

fn any_words() -> impl Strategy<Value = String> {
    let words = "scale|restart|delete|show|get|the|pods|deployment|web|api|to|3|in|prod|namespace|all|and|then|logs|of|not|if|label|a=b|node|worker-1|image|nginx:1.2|it|why|is|healthy|events|describe|from|for|with|container|last|10|lines|previous|replicas|roll|back|undo|apply|x.yaml|create|everything|,|;|named|'web'|-n|by|double|status|rollout|history|revision|2|cordon|remove|my|as|unschedulable|mark|set|update|v2";
    let words: Vec<&'static str> = words.split('|').collect();
    prop::collection::vec(prop::sample::select(words), 0..9).prop_map(|w| w.join(" "))
}

proptest! {
    #[test]
    fn no_text_panics(text in any::<String>()) {
        let _ = plan(&text);
        let _ = explain(&text);
    }

    #[test]
    fn no_words_panic_and_no_change_comes_of_nothing(text in any_words()) {
        let reading = super::super::read(&text, &scope(false), &Facts::default());
        if let Reading::Plan(plan) = reading {
            let changes = plan.ops().iter().filter(|op| op.verb().impact() > crate::ops::Impact::Reads);
            for op in changes {
                let changing: Vec<&str> = CHANGING.split('|').collect();
                prop_assert!(text.split_whitespace().any(|w| changing.contains(&w)), "{}", text);
                for target in op.verb().targets() {
                    prop_assert!(text.split(|c: char| c.is_whitespace() || "'/,;".contains(c)).any(|w| w == target.name().as_str()), "{}: {}", text, target);
                }
            }
            // Negated or conditional texts never change anything.
            let held = !text.contains("-n") && text.split_whitespace().any(|w| ["not", "if", "everything"].contains(&w));
            prop_assert!(!held || plan.ops().iter().all(|op| op.verb().impact() == crate::ops::Impact::Reads), "{}", text);
        }
        let _ = world(TODO, &[], &text, None);
    }

    #[test]
    fn words_without_a_changing_verb_change_nothing(text in any_words()) {
        let changing: Vec<&str> = CHANGING.split('|').collect();
        let kept: Vec<&str> = text.split_whitespace().filter(|w| !changing.contains(w)).collect();
        if let Reading::Plan(plan) = super::super::read(&kept.join(" "), &scope(false), &Facts::default()) {
            prop_assert!(plan.ops().iter().all(|op| op.verb().impact() == crate::ops::Impact::Reads), "{}", kept.join(" "));
        }
    }
}

#[test]
fn long_texts_are_refused_and_odd_ones_survive() {
    let long = "pods ".repeat(200_000);
    let started = std::time::Instant::now();
    assert_eq!(plan(&long), "refused");
    assert_eq!(plan(&"'".repeat(3_999)), "unknown");
    assert_eq!(plan(&"(".repeat(3_999)), "unknown");
    let _ = plan(&"and ".repeat(999));
    let _ = plan(&"a, ".repeat(1_300));
    let _ = plan(&"can ".repeat(999));
    // Not a measure: what grows with the square would take minutes.
    assert!(started.elapsed().as_secs() < 60);
    for odd in ["", " ", "\u{0}", "\u{1b}[2J", "\u{200b}", "\u{202e}pods", "...", "???", "'", "\""] {
        assert!(["unknown", "refused"].contains(&plan(odd).as_str()), "{odd:?}: {}", plan(odd));
    }
}

/// Prints `text => outcome` for each line of a file: how `plain.txt` is written before it is read by eye.
#[test]
#[ignore = "run by hand, with files named in the environment"]
fn plain_by_hand() {
    let (Ok(from), Ok(to)) = (std::env::var("AIOPS_BATCH_IN"), std::env::var("AIOPS_BATCH_OUT")) else { return };
    let lines: Vec<String> = std::fs::read_to_string(from).unwrap().lines().map(|l| format!("{l} => {}", plan(l))).collect();
    std::fs::write(to, lines.join("\n") + "\n").unwrap();
}
