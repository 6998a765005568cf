//! Lines of kubectl's that change something, made up: each verb with its own grammar, values from proptest's strategies.

mod changes;
mod ground;
mod makes;

use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

/// One line and what it is about. `NAME` in a text is the object's name, `TWIN` the namespace of the side, `DIR` the folder of the files.
#[derive(Debug, Clone)]
pub struct Case {
    /// The operation, by its name in the catalogue.
    pub op: &'static str,
    /// What has to be typed where more than a yes is asked: the name of what is changed.
    pub typed: String,
    /// What is applied before, one after the other.
    pub first: Vec<String>,
    pub files: Vec<(String, String)>,
    pub line: String,
    /// What is compared: kind and name.
    pub looks: Vec<(&'static str, String)>,
    /// Whether it can be undone.
    pub back: bool,
    /// Whether kubectl is given the line that aiops prints for it.
    pub printed: bool,
}

/// A case before it has a name.
#[derive(Debug, Clone, Default)]
struct Made {
    op: &'static str,
    kind: &'static str,
    first: Vec<&'static str>,
    files: Vec<(&'static str, String)>,
    line: String,
    /// The name of what is changed, where it is another object.
    typed: &'static str,
    /// More than the one object: kind and name.
    looks: Vec<(&'static str, String)>,
    no_way_back: bool,
}

/// These have no namespace: the name tells the sides apart.
const WITHOUT_NAMESPACE: &[&str] =
    &["node", "clusterrole", "clusterrolebinding", "priorityclass", "namespace", "certificatesigningrequest"];

impl Made {
    fn case(self, n: usize) -> Case {
        let name = if WITHOUT_NAMESPACE.contains(&self.kind) { format!("TWIN-{n}") } else { format!("it-{n}") };
        let named = |text: &str| text.replace("NAME", &name);
        let mut looks = vec![(self.kind, name.clone())];
        looks.extend(self.looks.iter().map(|(kind, other)| (*kind, named(other))));
        Case {
            op: self.op,
            first: self.first.iter().map(|text| named(text)).collect(),
            files: self.files.iter().map(|(file, text)| (named(file), named(text))).collect(),
            line: named(&self.line).trim_end().to_string(),
            looks,
            back: !self.no_way_back,
            printed: n / 52 % 2 == 1,
            typed: named(if self.typed.is_empty() { "NAME" } else { self.typed }),
        }
    }
}

impl Case {
    /// A text of it as one side has it.
    pub fn on(text: &str, twin: &str, dir: &str) -> String {
        text.replace("TWIN", twin).replace("DIR", dir)
    }
    /// Whether an object of the kind would stand in the way of later cases, or outlive its namespace.
    pub fn cleared_away(kind: &str) -> bool {
        WITHOUT_NAMESPACE.contains(&kind) || kind == "resourcequota"
    }
}

/// Every verb that is compared this way.
fn lines() -> Vec<BoxedStrategy<Made>> {
    changes::lines().into_iter().chain(makes::lines()).collect()
}

/// So many cases, the same ones every time, each verb in turn.
pub fn cases(wanted: usize) -> Vec<Case> {
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let lines = lines();
    (0..wanted).map(|n| lines[n % lines.len()].new_tree(&mut runner).unwrap().current().case(n)).collect()
}

/// One of these words.
fn one_of(words: &'static [&'static str]) -> BoxedStrategy<&'static str> {
    proptest::sample::select(words).boxed()
}

/// A few of these, in order, joined by that.
fn some_of(words: &'static [&'static str], joint: &'static str) -> BoxedStrategy<String> {
    proptest::sample::subsequence(words, 1..=words.len()).prop_map(move |words| words.join(joint)).boxed()
}

/// One of these flags, or none.
fn maybe(flags: &'static [&'static str]) -> BoxedStrategy<String> {
    proptest::option::of(proptest::sample::select(flags)).prop_map(|flag| flag.map(|f| format!(" {f}")).unwrap_or_default()).boxed()
}
