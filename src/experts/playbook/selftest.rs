//! A playbook's own cases: answers in, what it has to say.

use super::{
    Finding, Report,
    format::{ExpectFinding, TestDoc},
    library::Library,
    load::Playbook,
    runner::{Inputs, Next, Runner},
};
use crate::{
    ops::{Answer, ObjectForm, answer::LogLine},
    problem::Problem,
};
use serde_json::Value;

/// More rounds than any playbook has steps.
const ROUNDS: usize = 500;

/// What came out of one case.
#[derive(Debug, Clone, PartialEq)]
pub struct TestResult {
    /// Its name.
    pub name: String,
    /// What is not as it has to be; empty when it passed.
    pub wrong: Vec<String>,
    /// What the playbook said.
    pub report: Report,
}

/// Goes through every case of a playbook.
pub fn run_tests(playbook: &Playbook) -> Vec<TestResult> {
    playbook.tests.iter().map(|test| one(playbook, test)).collect()
}

fn one(playbook: &Playbook, test: &TestDoc) -> TestResult {
    let subject = test.subject.clone().map(|s| if s.namespace().is_none() { s.in_namespace(test.namespace.clone()) } else { s });
    let inputs = Inputs { subject, namespace: test.namespace.clone(), now: test.now.unwrap_or_default() };
    let mut wrong = Vec::new();
    if let Some(words) = &test.words {
        let fits = super::matching::score(playbook, words, &inputs).is_some();
        let other = Library::built_in().begin(words, inputs.clone());
        let taken = other.as_ref().map(Runner::name);
        if !fits {
            wrong.push(format!("{words:?} does not match it"));
        } else if taken.is_some_and(|name| name != playbook.name) && Library::built_in().named(&playbook.name).is_some() {
            wrong.push(format!("{words:?} is answered by {}", taken.unwrap_or_default()));
        }
    }
    let mut runner = Runner::new(playbook, test.words.as_deref().unwrap_or_default(), inputs);
    let mut report = None;
    for _ in 0..ROUNDS {
        match runner.next() {
            Next::Report(done) => {
                report = Some(done);
                break;
            }
            Next::Reads(_) => {
                let steps: Vec<String> = runner.sent_steps().map(str::to_string).collect();
                steps.iter().for_each(|id| runner.take(answer(test.given.get(id))));
            }
        }
    }
    let any_failed = test.given.values().any(|v| v.get("fails").is_some());
    if !any_failed {
        wrong.extend(runner.notes().iter().cloned());
    }
    let empty = Report { title: String::new(), findings: Vec::new(), healthy: None, fine: Vec::new(), not_checked: Vec::new() };
    let report = report.unwrap_or_else(|| {
        wrong.push("it came to no end".into());
        empty
    });
    compare(test, &report, &mut wrong);
    TestResult { name: test.name.clone(), wrong, report }
}

fn answer(given: Option<&Value>) -> Result<Answer, Problem> {
    let list = match given {
        None => &[],
        Some(Value::Object(map)) => {
            let sentence = map.get("fails").and_then(Value::as_str).unwrap_or("the test gives neither a list nor `fails`");
            return Err(Problem::failed(sentence));
        }
        Some(other) => super::signals::all(other),
    };
    if list.first().is_some_and(Value::is_string) {
        let lines = list.iter().filter_map(Value::as_str).map(|l| LogLine { source: String::new(), text: l.into() });
        return Ok(Answer::Log { lines: lines.collect(), truncated: false });
    }
    Ok(Answer::Objects { output: ObjectForm::Json, items: list.to_vec().into() })
}

fn compare(test: &TestDoc, report: &Report, wrong: &mut Vec<String>) {
    let expect = &test.expect;
    if report.healthy != expect.healthy {
        wrong.push(format!("healthy is {:?}, not {:?}", report.healthy, expect.healthy));
    }
    let got: Vec<(&str, &str)> = report.findings.iter().map(|f| (f.rule.as_str(), f.title.as_str())).collect();
    let wanted: Vec<(&str, &str)> = expect.findings.iter().map(|f| (f.rule.as_str(), f.title.as_str())).collect();
    if got != wanted {
        wrong.push(format!("found {got:?}, expected {wanted:?}"));
    } else {
        report.findings.iter().zip(&expect.findings).for_each(|(got, wanted)| finding(got, wanted, wrong));
    }
    for (parts, said, what) in [(&expect.fine, &report.fine, "fine"), (&expect.not_checked, &report.not_checked, "not checked")] {
        for part in parts.iter().filter(|p| !said.iter().any(|s| s.contains(*p))) {
            wrong.push(format!("{part:?} is not said to be {what}: {said:?}"));
        }
    }
    if expect.not_checked.is_empty() && !report.not_checked.is_empty() {
        wrong.push(format!("not checked: {:?}", report.not_checked));
    }
}

fn finding(got: &Finding, wanted: &ExpectFinding, wrong: &mut Vec<String>) {
    for part in wanted.evidence.iter().filter(|p| !got.evidence.iter().any(|e| e.contains(*p))) {
        wrong.push(format!("{}: {part:?} is not in its evidence {:?}", got.rule, got.evidence));
    }
    for line in wanted.by_hand.iter().filter(|l| !got.by_hand.contains(l)) {
        wrong.push(format!("{}: {line:?} is not among {:?}", got.rule, got.by_hand));
    }
    if let Some(fix) = &wanted.fix {
        let lines: Vec<String> = got.fix.iter().map(crate::ops::Op::line).collect();
        if lines != *fix {
            wrong.push(format!("{}: its fix is {lines:?}, not {fix:?}", got.rule));
        }
    }
}
