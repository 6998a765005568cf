//! Every operation can be said, in several styles, and said otherwise it never becomes another change.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

use super::tests::scope;
use crate::{
    facts::Facts,
    ops::{CATALOGUE, Impact, Op, Program, argv},
    road::plan::{Plan, Reading, Source},
};
use proptest::prelude::*;

const SAID: &str = include_str!("said.txt");

/// What is not said in words: a patch is a document, and stands on a line.
const UNSAID: &[&str] = &["patch", "each"];

struct Row {
    op: &'static str,
    sentence: &'static str,
    line: &'static str,
    /// Whether it is said with a namespace as well.
    placed: bool,
}

fn rows() -> Vec<Row> {
    let lines = SAID.lines().filter(|l| !l.starts_with('#') && !l.is_empty());
    lines
        .map(|l| {
            let mut parts = l.splitn(3, " | ");
            let (op, sentence, line) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
            Row { op, sentence, line: line.trim_end_matches(" @"), placed: line.ends_with(" @") }
        })
        .collect()
}

/// Names to fill in.
#[derive(Debug, Clone)]
struct Names {
    workload: &'static str,
    pod: &'static str,
    node: &'static str,
    image: &'static str,
    release: &'static str,
    number: u8,
    namespace: &'static str,
}

fn names() -> impl Strategy<Value = Names> {
    let of = |names: &'static [&'static str]| prop::sample::select(names);
    (
        of(&["web", "backend", "todo-api", "checkout", "frontend", "orders-db"]),
        of(&["web-7d9f-x2k", "api-0", "solo"]),
        of(&["worker-1", "node-3", "ip-10-0-0-1.ec2.internal"]),
        of(&["nginx:1.27", "ghcr.io/shop/api:2.1", "busybox:1.36"]),
        of(&["shop", "todo-app"]),
        2..9u8,
        of(&["dev", "prod", "todo-chatbot", "team-a"]),
    )
        .prop_map(|(workload, pod, node, image, release, number, namespace)| Names {
            workload,
            pod,
            node,
            image,
            release,
            number,
            namespace,
        })
}

impl Names {
    fn fill(&self, text: &str) -> String {
        let number = self.number.to_string();
        [("{w}", self.workload), ("{p}", self.pod), ("{k}", self.node), ("{i}", self.image), ("{r}", self.release), ("{n}", &number)]
            .into_iter()
            .fold(text.to_string(), |text, (hole, name)| text.replace(hole, name))
    }
}

/// The ways a sentence is put: plain, polite, as a question, as a wish, at the end of a mail.
const STYLES: &[&str] = &["{}", "please {}", "could you {}?", "I would like you to {}", "{}, please", "Hi, {}.", "I need you to {} now"];
/// The ways a namespace is said.
const PLACES: &[&str] = &["{} in namespace {ns}", "{} in the {ns} namespace", "{} -n {ns}", "in namespace {ns} {}"];

/// What a line of kubectl's or helm's comes to, where one stands in that namespace.
fn expected(line: &str, namespace: Option<&str>) -> Vec<String> {
    let words = argv::split(line).unwrap();
    let (first, rest) = words.split_first().unwrap();
    let program = Program::named(first).unwrap();
    let behind = rest.iter().position(|w| w == "--").unwrap_or(rest.len());
    let mut rest = rest.to_vec();
    rest.splice(behind..behind, namespace.map(|ns| format!("--namespace={ns}")));
    let op = Op::from_words(program, &rest).unwrap_or_else(|e| panic!("{line}: {e}"));
    lines(&Plan::new(line, Source::Line, vec![op], Vec::new(), &scope(false)).unwrap())
}

fn lines(plan: &Plan) -> Vec<String> {
    plan.ops().iter().map(Op::line).collect()
}

fn read(text: &str) -> Reading {
    super::super::read(text, &scope(false), &Facts::default())
}

/// What words come to, shortly.
fn outcome(text: &str) -> Result<Vec<String>, String> {
    match read(text) {
        Reading::Plan(plan) => Ok(lines(&plan)),
        other => Err(format!("{other:?}").chars().take(160).collect()),
    }
}

fn some_names() -> Names {
    Names { workload: "web", pod: "api-0", node: "worker-1", image: "nginx:1.27", release: "shop", number: 4, namespace: "dev" }
}

#[test]
fn every_operation_is_said() {
    let rows = rows();
    let unsaid: Vec<&str> =
        CATALOGUE.iter().map(|e| e.name).filter(|name| !UNSAID.contains(name) && !rows.iter().any(|row| row.op == *name)).collect();
    assert!(unsaid.is_empty(), "nobody says {unsaid:?}");
    for row in &rows {
        let parts = argv::split(&some_names().fill(row.line)).unwrap();
        let program = Program::named(&parts[0]).unwrap();
        assert_eq!(Op::from_words(program, &parts[1..]).unwrap().entry().name, row.op, "{}", row.line);
    }
}

#[test]
fn each_style_plans_back() {
    let names = some_names();
    let mut wrong = Vec::new();
    for row in rows() {
        let (sentence, line) = (names.fill(row.sentence), names.fill(row.line));
        for style in STYLES {
            // A question does not ask nicely.
            if asks(&sentence) && *style != "{}" && !style.starts_with("Hi") {
                continue;
            }
            let text = style.replace("{}", &sentence);
            let want = expected(&line, None);
            if outcome(&text).as_ref() != Ok(&want) {
                wrong.push(format!("{text}\n   want {want:?}\n   got  {:?}", outcome(&text)));
            }
        }
        for place in PLACES.iter().filter(|_| row.placed) {
            let text = place.replace("{}", &sentence).replace("{ns}", names.namespace);
            let want = expected(&line, Some(names.namespace));
            if outcome(&text).as_ref() != Ok(&want) {
                wrong.push(format!("{text}\n   want {want:?}\n   got  {:?}", outcome(&text)));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
}

/// Whether a sentence is a question by itself.
fn asks(sentence: &str) -> bool {
    let first = sentence.split(' ').next().unwrap_or_default();
    ["which", "what", "who", "how", "is", "can", "am"].contains(&first)
}

/// How a sentence gets noisy: case, quotes, filler, a letter swapped in a word of the trade.
fn noise() -> impl Strategy<Value = (bool, bool, bool, usize)> {
    (any::<bool>(), any::<bool>(), any::<bool>(), 0..6usize)
}

fn noisy(sentence: &str, (lower, filler, stop, swap): (bool, bool, bool, usize)) -> String {
    const TRADE: &[&str] =
        &["deployment", "namespace", "service", "replicas", "container", "restart", "delete", "configmap", "rollout", "scale"];
    let mut words: Vec<String> = sentence.split(' ').map(|w| w.trim_matches('"').to_string()).collect();
    if let Some(word) = words.iter_mut().filter(|w| TRADE.contains(&w.as_str())).nth(swap) {
        let mut bytes = word.clone().into_bytes();
        let middle = bytes.len() / 2;
        bytes.swap(middle, middle + 1);
        *word = String::from_utf8(bytes).unwrap();
    }
    let mut text = words.join(" ");
    if !lower {
        text = text.to_uppercase().chars().take(1).chain(text.chars().skip(1)).collect();
    }
    if filler {
        text = format!("just {text} now");
    }
    if stop {
        text.push('.');
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whoever_is_named_is_who_is_meant(names in names(), at in any::<prop::sample::Index>(), style in any::<prop::sample::Index>(), place in any::<prop::sample::Index>()) {
        let rows = rows();
        let row = at.get(&rows);
        let (sentence, line) = (names.fill(row.sentence), names.fill(row.line));
        let (text, namespace) = match place.index(PLACES.len() + 1) {
            n if row.placed && n < PLACES.len() => (PLACES[n].replace("{}", &sentence).replace("{ns}", names.namespace), Some(names.namespace)),
            _ if asks(&sentence) => (sentence, None),
            _ => (STYLES[style.index(STYLES.len())].replace("{}", &sentence), None),
        };
        prop_assert_eq!(outcome(&text), Ok(expected(&line, namespace)), "{}", text);
    }

    /// Noise makes of a read no change, and of a change no other one.
    #[test]
    fn noise_makes_no_other_change(names in names(), at in any::<prop::sample::Index>(), noise in noise()) {
        let rows = rows();
        let row = at.get(&rows);
        let text = noisy(&names.fill(row.sentence), noise);
        if let Reading::Plan(plan) = read(&text) {
            let want = expected(&names.fill(row.line), None);
            for op in plan.ops().iter().filter(|op| op.verb().impact() > Impact::Reads) {
                prop_assert!(want.contains(&op.line()), "{}: {} instead of {:?}", text, op.line(), want);
            }
        }
    }
}
