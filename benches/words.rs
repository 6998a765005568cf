//! What it costs to read a request in plain words: time and allocations, with ten thousand objects known.
//!
//!     cargo bench --bench words
//!
//! The bars: 0.2 ms for a request of twenty words, 5 ms for a text of a megabyte.
#![allow(clippy::unwrap_used, reason = "a bench that cannot go on ends here")]
use aiops::{
    facts::{Brief, Facts, Need},
    ops::{Kind, Lookup, Name, Namespace},
    road::plan::{
        Reading, Scope, read_thread,
        talk::{Heard, Talk},
    },
};
use std::collections::BTreeMap;

#[global_allocator]
static COUNTED: divan::AllocProfiler = divan::AllocProfiler::system();

/// Requests of twenty words each, by what has to be done for them.
const REQUESTS: &[(&str, &str)] = &[
    (
        "a change by name",
        "please scale the deployment called checkout-117 in the namespace of team-7 to exactly five replicas for the sale of today",
    ),
    (
        "a change by app label",
        "could you please restart the payments-3141 deployment in namespace team-1 now because it was slow all day long and not ready",
    ),
    ("a part of a name", "please show me the last 100 lines of the logs of the ledger-2718 pods in team-8 namespace with time stamps"),
    (
        "a name that nothing has",
        "show me the last twenty lines of the logs of the missing-thing workload in the namespace team-5 for me please",
    ),
    (
        "conditions",
        "which deployments in the namespace team-3 have no memory limit and were created more than 7 days ago and are not ready",
    ),
    (
        "several steps",
        "scale checkout-117 in team-7 to 3, then restart checkout-117 in team-7, then show the logs of checkout-117 in namespace team-7",
    ),
    (
        "misspelt words",
        "pleese shwo me the deploymnets and the servicse and the statefullsets of namepsace team-4 with thier lables sorted by naem today",
    ),
    ("no request", "the weather over the harbour was lovely when we walked home along the old pier and talked about boats and birds"),
];

const TEAMS: usize = 10;

/// Objects of a kind: ten thousand in all, over the kinds a bare name may mean.
fn names(kind: Kind, namespace: Option<&Namespace>) -> Vec<Brief> {
    let (of, many) = match kind.info().plural {
        "pods" => ("ledger", 5_000),
        "deployments" => ("checkout", 2_000),
        "services" => ("checkout", 1_500),
        "statefulsets" => ("payments-db", 500),
        "configmaps" | "secrets" => ("settings", 300),
        "jobs" | "cronjobs" | "daemonsets" => ("nightly", 130),
        "namespaces" => ("team", TEAMS),
        "nodes" => ("node", 50),
        _other_kinds => ("thing", 10),
    };
    let brief = |n: usize| Brief {
        name: Name::new(if kind.is("pods", "") { format!("{of}-{n}-7d4b9c6f55-x{n}") } else { format!("{of}-{n}") }).unwrap(),
        namespace: kind.namespaced().then(|| Namespace::new(format!("team-{}", n % TEAMS)).unwrap()),
        labels: BTreeMap::from([
            ("app".into(), format!("{}-{n}", if of == "checkout" { "payments" } else { of })),
            ("tier".into(), "web".into()),
        ]),
        owner: None,
    };
    (0..many).map(brief).filter(|b| namespace.is_none() || b.namespace.as_ref() == namespace || !kind.namespaced()).collect()
}

fn scope() -> Scope {
    Scope { namespace: Namespace::new("team-7").unwrap(), last: None, everywhere: false, cluster: true }
}

/// From words to what is understood, with what is known: the whole way that a request takes before the cluster is asked.
fn understood(text: &str, facts: &Facts) -> Reading {
    let scope = scope();
    match Talk::default().hear(text, &scope) {
        Heard::Request(thread) => read_thread(&thread, &scope, facts).0,
        Heard::Settled(reading) => reading,
        Heard::Asks(_, question) => Reading::Question(question),
    }
}

/// Everything that reading `text` asks for.
fn known(text: &str) -> Facts {
    let mut facts = Facts::default();
    while let Reading::Needs(needs) = understood(text, &facts) {
        for need in needs {
            match need {
                Need::Names(kind, namespace) => facts.add_names(kind, namespace.clone(), Lookup::Known(names(kind, namespace.as_ref()))),
                Need::Look(call) => facts.add_look(call, Lookup::Missing),
                Need::Kinds => facts.add_kinds(Lookup::NotChecked("403".into())),
                Need::Access(_) | Need::File(_) | Need::Contents(_) | Need::Edit(_) => unreachable!("words ask for none of these here"),
            }
        }
    }
    // What nobody needed is known all the same: every kind, in every namespace.
    for word in [
        "pods",
        "deployments",
        "services",
        "statefulsets",
        "configmaps",
        "secrets",
        "jobs",
        "cronjobs",
        "daemonsets",
        "namespaces",
        "nodes",
    ] {
        let kind = Kind::find(word).unwrap();
        facts.add_names(kind, None, Lookup::Known(names(kind, None)));
    }
    facts
}

#[divan::bench(args = REQUESTS.iter().map(|(what, _)| *what))]
fn twenty_words(bencher: divan::Bencher<'_, '_>, what: &str) {
    let text = REQUESTS.iter().find(|(one, _)| *one == what).unwrap().1;
    assert!((20..=23).contains(&text.split(' ').count()), "{what}: {}", text.split(' ').count());
    let facts = known(text);
    bencher.bench_local(|| understood(divan::black_box(text), &facts));
}

/// A megabyte: a request with a log behind it, one word, quotes, and a line.
#[divan::bench(args = ["a request and a log", "one word", "quotes", "a line", "brackets"])]
fn a_megabyte(bencher: divan::Bencher<'_, '_>, what: &str) {
    let text = match what {
        "a request and a log" => {
            format!("why does this happen: {}", "2026-11-21T12:00:00Z ERROR could not reach db-0.db:5432\n".repeat(18_000))
        }
        "one word" => "a".repeat(1_000_000),
        "quotes" => "'\"".repeat(500_000),
        "a line" => format!("kubectl get pods {}", "-l a=b ".repeat(140_000)),
        _brackets => "(".repeat(1_000_000),
    };
    let facts = Facts::default();
    bencher.bench_local(|| understood(divan::black_box(&text), &facts));
}

fn main() {
    for (what, text) in REQUESTS {
        // Tables are built once, and none of these may be an idle run.
        let reading = understood(text, &known(text));
        let came_to = match &reading {
            Reading::Plan(plan) => plan.ops().iter().map(aiops::ops::Op::line).collect::<Vec<_>>().join(" + "),
            other => format!("{other:?}").chars().take(120).collect(),
        };
        divan::black_box(&came_to);
        if std::env::args().any(|arg| arg == "--show") {
            std::io::Write::write_all(&mut std::io::stdout(), format!("{what}: {came_to}\n").as_bytes()).unwrap();
        }
    }
    divan::main();
}
