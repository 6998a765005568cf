//! Every question can be said in words: what is printed above its rows is read as the same question.

use super::super::super::{Reading, Scope};
use crate::{
    facts::Facts,
    ops::{
        CATALOGUE, Find, Kind, Name, Namespace, Op,
        find::{Compare, Condition, Fact, Field, Measure, Show, Test},
    },
};
use proptest::prelude::*;

fn read(text: &str) -> Reading {
    let scope = Scope { namespace: Namespace::new("default").unwrap(), last: None, everywhere: false, cluster: false };
    super::super::super::read(text, &scope, &Facts::default())
}

fn lines(text: &str) -> Vec<String> {
    match read(text) {
        Reading::Plan(plan) => plan.ops().iter().map(Op::line).collect(),
        other => vec![format!("{other:?}")],
    }
}

fn words(find: &Find) -> String {
    Op::from(find.clone()).verb().title().trim_start_matches("find ").to_string()
}

const KINDS: &[&str] = &[
    "pods",
    "deployments",
    "statefulsets",
    "daemonsets",
    "jobs",
    "cronjobs",
    "services",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "serviceaccounts",
    "nodes",
];

/// Expressions with every sign that words, shells and lines have a use of their own for.
const EXPRESSIONS: &[&str] = &[
    "spec.replicas < 2",
    "metadata.name != \"web\" && !has(spec.x) || 'a' in metadata.finalizers",
    "spec.containers.exists(c, !has(c.resources.limits))",
    "metadata.labels[\"a=b\"] == 'it; $(rm) | no, or in prod. Then delete everything'",
    "spec.a==1",
    "spec.paused ? spec.a > 1 : spec.b >= 3 - 1",
];

fn kind() -> BoxedStrategy<Kind> {
    prop::sample::select(KINDS).prop_map(|kind| Kind::find(kind).unwrap()).boxed()
}

fn condition() -> BoxedStrategy<Condition> {
    let value = (prop::sample::select(vec!["3", "500Mi", "500M", "7d", "90m", "250m"]), prop::sample::select(Compare::ALL), any::<bool>());
    prop_oneof![
        3 => prop::sample::select(Fact::ALL).prop_map(Condition::is),
        3 => prop::sample::select(Fact::ALL).prop_map(Condition::is_not),
        4 => (prop::sample::select(Measure::ALL), value).prop_filter_map("another unit", |(measure, (value, compare, not))| {
            Some(Condition { not, ..Condition::measures(measure, compare, value).ok()? })
        }),
        2 => (prop::sample::select(vec![(Field::Image, "nginx:1.27"), (Field::Image, "redis"), (Field::Tag, "v1.2"), (Field::Registry, "ghcr.io/acme")]), any::<bool>())
            .prop_map(|((field, value), not)| Condition { not, ..Condition::reads(field, value).unwrap() }),
        1 => (prop::sample::select(vec!["daemonset", "job", "statefulset"]), any::<bool>())
            .prop_map(|(kind, not)| Condition { not, ..Condition::reads(Field::Owner, kind).unwrap() }),
        2 => prop::sample::select(EXPRESSIONS).prop_map(|text| text.parse().unwrap()),
    ]
    .boxed()
}

/// Pods that ended, and those of a node, have a field selector of kubectl's: the line they come to is that one.
fn has_a_selector(find: &Find) -> bool {
    find.kind.is("pods", "") && find.conditions.iter().any(|c| matches!(c.test, Test::Is(Fact::Failed | Fact::Completed)))
}

fn question() -> BoxedStrategy<Find> {
    let order = prop::option::weighted(0.2, prop::sample::select(Measure::ALL));
    let place = prop_oneof![Just((Some("default"), false)), Just((Some("dev"), false)), Just((None, true))];
    (kind(), prop::collection::vec(condition(), 1..3), order, place)
        .prop_filter_map("it cannot be asked of that kind", |(kind, mut conditions, order, (namespace, everywhere))| {
            conditions.retain(|condition| condition.test.of().fits(kind));
            conditions.dedup();
            let order = order.filter(|measure| measure.of().fits(kind));
            let namespace = namespace.filter(|_| kind.namespaced()).map(|ns| Namespace::new(ns).unwrap());
            let find = Find { namespace, all_namespaces: everywhere && kind.namespaced(), conditions, order, ..Find::all(kind) };
            (!find.conditions.is_empty() && find.fits().is_ok() && !has_a_selector(&find)).then_some(find)
        })
        .boxed()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn a_question_in_words_is_the_same_question(find in question(), lead in prop::sample::select(vec!["", "find ", "show me ", "list all ", "which ", "what are the "])) {
        let line = Op::from(find.clone()).line();
        prop_assert_eq!(lines(&format!("{lead}{}", words(&find))), [line], "{}", words(&find));
    }

    #[test]
    fn no_condition_makes_a_change_less_than_it_is(find in question(), verb in prop::sample::select(vec!["delete", "restart", "scale", "drain", "label", "cordon", "kill"])) {
        // What is done to all of a kind must not be what was asked for some of it.
        for text in [format!("{verb} {}", words(&find)), format!("{verb} all {}", words(&find))] {
            if let Reading::Plan(plan) = read(&text) {
                for op in plan.ops() {
                    prop_assert!(op.entry().reads, "{text}: {}", op.line());
                }
            }
        }
    }

    #[test]
    fn no_question_becomes_a_change(find in question(), cut in any::<prop::sample::Index>(), word in "[a-z]{2,8}") {
        // Words missing, words too many: it is asked about or not understood, and nothing changes.
        let text = words(&find);
        let mut all: Vec<&str> = text.split(' ').collect();
        let at = cut.index(all.len());
        all[at] = &word;
        let changing = CATALOGUE.iter().any(|e| e.verb.contains(&word.as_str()));
        for text in [all.join(" "), { all.remove(at); all.join(" ") }] {
            if let (Reading::Plan(plan), false) = (read(&text), changing) {
                prop_assert!(plan.ops().iter().all(|op| op.entry().reads), "{}", text);
            }
        }
    }
}

#[test]
fn every_condition_alone() {
    let mut wrong = Vec::new();
    let measure = |measure: &Measure| ["3", "7d"].iter().find_map(|value| Condition::measures(*measure, Compare::AtLeast, value).ok());
    let facts = Fact::ALL.iter().flat_map(|fact| [Condition::is(*fact), Condition::is_not(*fact)]);
    for condition in facts.chain(Measure::ALL.iter().filter_map(measure)) {
        for kind in KINDS.iter().filter_map(|kind| Kind::find(kind)).filter(|kind| condition.test.of().fits(*kind)) {
            let namespace = kind.namespaced().then(|| Namespace::new("default").unwrap());
            let find = Find { namespace, conditions: vec![condition.clone()], ..Find::all(kind) };
            let (line, got) = (Op::from(find.clone()).line(), lines(&words(&find)));
            if got != [line.clone()] && !has_a_selector(&find) {
                wrong.push(format!("{}\n   want {line}\n   got  {}", words(&find), got.join(" + ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_part_of_an_object() {
    let mut wrong = Vec::new();
    for show in Show::ALL {
        let kinds = ["deployment", "pod", "service", "node", "secret", "job", "namespace"];
        let kind = kinds.iter().filter_map(|kind| Kind::find(kind)).find(|kind| show.of().fits(*kind)).unwrap();
        let namespace = kind.namespaced().then(|| Namespace::new("dev").unwrap());
        // How many are wanted is told with how many are ready.
        let show = if *show == Show::Replicas { vec![*show, Show::Ready] } else { vec![*show] };
        let find = Find { names: vec![Name::new("web").unwrap()], namespace, show, ..Find::all(kind) };
        let said = words(&Find { show: find.show[..1].to_vec(), ..find.clone() });
        let (line, got) = (Op::from(find).line(), lines(&said));
        if got != [line.clone()] {
            wrong.push(format!("{said}\n   want {line}\n   got  {}", got.join(" + ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Each row is a request and what comes of it without a cluster, as in `plain.txt`.
#[test]
fn what_people_ask() {
    super::super::tests::holds(include_str!("asked.txt"));
}

#[test]
fn one_that_was_not_named_is_asked_for() {
    for (text, missing) in [("images not from our registry", "registry"), ("who can delete", "kind")] {
        let Reading::Question(question) = read(text) else { panic!("{text}: {:?}", read(text)) };
        assert_eq!(question.missing, missing, "{text}");
    }
}
