//! Going through a playbook: reads out, answers in, a report at the end.

use super::{
    Report, Severity,
    expr::{Expr, Scope},
    findings::{Findings, told},
    load::{Playbook, Step, What},
    trim,
};
use crate::{
    ops::{Answer, Impact, Namespace, Op, Target},
    problem::Problem,
};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

/// What a playbook is begun with.
#[derive(Debug, Clone, PartialEq)]
pub struct Inputs {
    /// The object it is about.
    pub subject: Option<Target>,
    /// The namespace it is about; none is everywhere.
    pub namespace: Option<Namespace>,
    /// What ages are counted from.
    pub now: Timestamp,
}

/// What a playbook wants next.
#[derive(Debug)]
pub enum Next {
    /// These reads; one answer each is given back by [`Runner::take`], in order.
    Reads(Vec<Op>),
    /// Nothing: this is what it found.
    Report(Report),
}

/// One read that is wanted.
#[derive(Debug, Clone)]
struct Read {
    step: usize,
    /// For which item, where the step reads for each.
    of: Option<Value>,
    op: Op,
}

/// A playbook under way.
#[derive(Debug)]
pub struct Runner {
    name: String,
    steps: Arc<Vec<Step>>,
    title: String,
    inputs: Inputs,
    values: BTreeMap<String, Value>,
    /// The step that comes next.
    at: usize,
    /// Wanted and not sent yet.
    wanted: VecDeque<Read>,
    /// Sent and not answered yet.
    sent: Vec<Read>,
    answers: Vec<Result<Answer, Problem>>,
    /// After a batch failed as one, reads go one by one, so that one that cannot be made takes no other with it.
    singly: bool,
    asked_twice: bool,
    findings: Findings,
    fine: Vec<String>,
    not_checked: Vec<String>,
    notes: Vec<String>,
    over: bool,
}

impl Runner {
    /// Begins it.
    pub fn new(playbook: &Playbook, text: &str, inputs: Inputs) -> Runner {
        let subject = inputs.subject.as_ref().map_or(Value::Null, |s| {
            json!({"kind": s.kind().word(), "name": s.name().as_str(), "namespace": s.namespace().map(Namespace::as_str).unwrap_or_default()})
        });
        let namespace = inputs.namespace.as_ref().map(Namespace::as_str).unwrap_or_default();
        let values =
            BTreeMap::from([("subject".to_string(), subject), ("ns".to_string(), namespace.into()), ("found".to_string(), json!([]))]);
        let title: String = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect();
        Runner {
            title: if title.is_empty() { playbook.name.clone() } else { title },
            name: playbook.name.clone(),
            steps: Arc::clone(&playbook.steps),
            inputs,
            values,
            at: 0,
            wanted: VecDeque::new(),
            sent: Vec::new(),
            answers: Vec::new(),
            singly: false,
            asked_twice: false,
            findings: Findings::default(),
            fine: Vec::new(),
            not_checked: Vec::new(),
            notes: Vec::new(),
            over: false,
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Expressions that could not be evaluated, each with its line: what a playbook's author wants to see.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The ids of the steps whose reads were sent last, in order: for tests that answer by step.
    pub fn sent_steps(&self) -> impl Iterator<Item = &str> {
        self.sent.iter().filter_map(|read| self.steps.get(read.step)).map(|step| step.id.as_str())
    }

    /// Takes the answer to one read.
    pub fn take(&mut self, answer: Result<Answer, Problem>) {
        self.answers.push(answer);
    }

    /// What it wants next, once every answer is in.
    // Not an iterator: a report is not followed by nothing, it is the end.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Next {
        self.settle();
        let steps = Arc::clone(&self.steps);
        while self.wanted.is_empty() && !self.over {
            let Some(step) = steps.get(self.at) else { break };
            self.step(step);
            // Reads that follow and need nothing of those that are wanted go with them.
            while !self.wanted.is_empty() && self.joins(self.at) {
                let Some(step) = steps.get(self.at) else { break };
                self.step(step);
            }
        }
        if self.wanted.is_empty() {
            return Next::Report(self.report());
        }
        let batch = if self.singly { 1 } else { self.wanted.len() };
        self.sent = self.wanted.drain(..batch).collect();
        Next::Reads(self.sent.iter().map(|read| read.op.clone()).collect())
    }

    /// Gives the answers that came to the reads that were sent.
    fn settle(&mut self) {
        let answers = std::mem::take(&mut self.answers);
        let sent = std::mem::take(&mut self.sent);
        if sent.len() > 1 && answers.len() == 1 && answers[0].is_err() {
            self.singly = true;
            self.wanted.extend(sent);
            return;
        }
        let nothing = answers.is_empty() && !sent.is_empty();
        let give_up = nothing && self.asked_twice;
        self.asked_twice = nothing;
        let mut answers = answers.into_iter();
        let mut unanswered = VecDeque::new();
        for read in sent {
            match answers.next() {
                Some(answer) => self.answered(read, answer),
                None if give_up => self.answered(read, Err(Problem::failed("it gave no answer"))),
                None => unanswered.push_back(read),
            }
        }
        unanswered.extend(std::mem::take(&mut self.wanted));
        self.wanted = unanswered;
    }

    fn answered(&mut self, read: Read, answer: Result<Answer, Problem>) {
        let steps = Arc::clone(&self.steps);
        let Some(step) = steps.get(read.step) else { return };
        let What::Read { quiet, is_subject, .. } = &step.what else { return };
        let value = match answer {
            Ok(answer) => {
                let (value, left_out) = trim::value(answer);
                if left_out > 0 {
                    self.not_checked.push(format!("{}: {left_out} more were not looked at", read.op.verb().title()));
                }
                value
            }
            Err(problem) if *is_subject && missing(&problem) => {
                self.over = true;
                self.wanted.clear();
                self.not_there(&problem);
                Value::Null
            }
            Err(problem) => {
                if !quiet {
                    self.not_checked.push(super::findings::line(&format!("{}: {}", read.op.verb().title(), problem.sentence)));
                }
                Value::Null
            }
        };
        match read.of {
            None => {
                self.values.insert(step.id.clone(), value);
            }
            Some(of) => {
                let list = self.values.entry(step.id.clone()).or_insert_with(|| json!([]));
                if let Some(list) = list.as_array_mut() {
                    list.push(json!({"of": of, "answer": value}));
                }
            }
        }
    }

    fn not_there(&mut self, problem: &Problem) {
        let Some(subject) = self.inputs.subject.clone() else { return };
        let place = subject.namespace().map(|n| format!(" -n {n}")).unwrap_or_default();
        let by_hand = vec![format!("kubectl get {}{place}", subject.kind().plural())];
        self.findings
            .add(told("not-there", Severity::Error, Some(subject), problem.sentence.clone(), problem.hints.clone(), by_hand), None);
    }

    /// Whether the step reads without needing a value that is still to come.
    fn joins(&self, at: usize) -> bool {
        let Some(step) = self.steps.get(at) else { return false };
        if !matches!(step.what, What::Read { .. }) {
            return false;
        }
        let coming: Vec<&str> = self.wanted.iter().filter_map(|r| self.steps.get(r.step)).map(|s| s.id.as_str()).collect();
        step.exprs().iter().all(|e| e.names().is_ok_and(|n| !n.variables.iter().any(|v| coming.contains(&v.as_str()))))
    }

    fn step(&mut self, step: &Step) {
        let at = self.at;
        self.at += 1;
        if !self.holds(step.when.as_ref(), None, step) {
            // What was not read reads as an empty list, so that later steps need not ask whether it was.
            if matches!(step.what, What::Read { .. }) {
                self.values.insert(step.id.clone(), json!([]));
            } else if matches!(step.what, What::Let(_)) {
                self.values.insert(step.id.clone(), Value::Null);
            }
            return;
        }
        match &step.what {
            What::Let(expr) => {
                let value = self.asked(expr.eval(&self.scope(None)), expr, step).unwrap_or(Value::Null);
                self.values.insert(step.id.clone(), value);
            }
            What::Fine(lines) => {
                for line in lines {
                    let said = line.lines(&self.scope(None));
                    match said {
                        Ok(said) => self.fine.extend(said.iter().map(|l| super::findings::line(l))),
                        Err(why) => self.note(step.line, &step.id, &why),
                    }
                }
            }
            What::Find(find) => {
                let items = match &find.each {
                    Some(each) => self.asked(each.list(&self.scope(None)), each, step).unwrap_or_default().into_iter().map(Some).collect(),
                    None => vec![None],
                };
                for it in items {
                    let it = it.as_ref();
                    if !self.holds(find.when.as_ref(), it, step) {
                        continue;
                    }
                    let made = super::findings::make(find, &self.scope(it), self.inputs.subject.as_ref());
                    match made {
                        Ok((finding, fold)) => self.findings.add(finding, fold),
                        Err(why) => self.note(step.line, &find.rule, &why),
                    }
                }
                self.values.insert("found".into(), self.findings.rules());
            }
            What::Read { op, for_each, at_most, .. } => {
                let items = match for_each {
                    Some(each) => {
                        self.values.insert(step.id.clone(), json!([]));
                        let mut items = self.asked(each.list(&self.scope(None)), each, step).unwrap_or_default();
                        items.truncate(*at_most);
                        items.into_iter().map(Some).collect()
                    }
                    None => vec![None],
                };
                for of in items {
                    let filled = op
                        .fill(&self.scope(of.as_ref()))
                        .and_then(|json| Op::from_json(json).map_err(|e| format!("no such operation: {e}")));
                    match filled {
                        Ok(op) if op.verb().impact() > Impact::Reads => {
                            self.values.entry(step.id.clone()).or_insert(Value::Null);
                            self.note(
                                step.line,
                                &step.id,
                                &format!("a playbook only reads, and {} would change something", op.entry().name),
                            );
                        }
                        Ok(op) => self.wanted.push_back(Read { step: at, of, op }),
                        Err(why) => {
                            self.values.entry(step.id.clone()).or_insert(Value::Null);
                            self.note(step.line, &step.id, &why);
                        }
                    }
                }
            }
        }
    }

    fn scope<'a>(&'a self, it: Option<&'a Value>) -> Scope<'a> {
        Scope { values: &self.values, it, now: self.inputs.now }
    }

    /// Whether a condition holds; one that cannot be judged does not, and is noted.
    fn holds(&mut self, when: Option<&Expr>, it: Option<&Value>, step: &Step) -> bool {
        let Some(when) = when else { return true };
        let held = when.holds(&self.scope(it));
        self.asked(held, when, step).unwrap_or(false)
    }

    fn asked<T>(&mut self, result: Result<T, String>, expr: &Expr, step: &Step) -> Option<T> {
        let name = match &step.what {
            What::Find(find) => find.rule.clone(),
            What::Read { .. } | What::Let(_) | What::Fine(_) => step.id.clone(),
        };
        result.map_err(|why| self.note(expr.line, &name, &why)).ok()
    }

    /// What could not be judged is told: silence would read as "all is well".
    fn note(&mut self, line: u64, name: &str, why: &str) {
        self.notes.push(format!("line {line}: {name}: {why}"));
        let told = format!("{name} could not be judged: {why}");
        if !self.not_checked.contains(&told) {
            self.not_checked.push(told);
        }
    }

    fn report(&mut self) -> Report {
        self.over = true;
        let findings = std::mem::take(&mut self.findings).sorted();
        let healthy = match findings.first().map(|f| f.severity) {
            Some(Severity::Error) => Some(false),
            Some(Severity::Warning | Severity::Info) | None if self.not_checked.is_empty() => Some(true),
            Some(Severity::Warning | Severity::Info) | None => None,
        };
        Report {
            title: self.title.clone(),
            findings,
            healthy,
            fine: std::mem::take(&mut self.fine),
            not_checked: std::mem::take(&mut self.not_checked),
        }
    }
}

/// Whether a problem says that the object is not there, as every look at a missing object does.
fn missing(problem: &Problem) -> bool {
    problem.sentence.ends_with("does not exist")
}
